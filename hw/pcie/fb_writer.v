// What goes to the host: records into the ring, status lines, messages; one packet at a time, the next right behind it.
//
// Choice, in a cycle in which fb_packet is ready and the session is open:
//   1. a message, if the credit leaves the reserve      (at most one for each write of WAKE)
//   2. a status line that is due, if the credit leaves the reserve, and no record can go or 32 have gone since it fell due
//   3. a record, if the ring has room and there is credit: a GAP fault first, then what the core has
//
// room_q and the credits are registers. They know of every packet that began two cycles ago or earlier; a record takes two
// beats, and after a message a cycle is left out (just_q), so they always know of all.
// The six counters: sent, busy: a beat is there and taken, or not; closed, ring, posted: none is there, and a record waits
// for session, ring or credit; idle: the rest.
`default_nettype none
`include "fb_layout.vh"

module fb_writer (
  input  wire         clk_i,
  input  wire         rst_i,
  // session
  input  wire         open_i,
  input  wire         start_i,
  input  wire [63:0]  ring_base_i,
  input  wire [4:0]   ring_bits_i,
  input  wire [63:0]  status_base_i,
  input  wire [31:0]  consumed_i,
  // records of the core
  input  wire         record_i,
  output wire         record_taken_o,
  input  wire [447:0] record_word_i,
  // gap fault
  input  wire         gap_i,
  output wire         gap_taken_o,
  input  wire [63:0]  gap_seq_i,
  // status line
  input  wire         status_i,
  output wire         status_taken_o,
  input  wire [479:0] status_word_i,
  // interrupt
  input  wire         message_i,
  output wire         message_taken_o,
  input  wire [63:0]  message_address_i,
  input  wire [31:0]  message_data_i,
  // credit
  input  wire         credit_record_i,
  input  wire         credit_other_i,
  // packet
  input  wire         ready_i,
  input  wire         beat_i,           // a beat is on RQ
  input  wire         beat_taken_i,
  output wire         launch_o,
  output wire [63:0]  address_o,
  output wire [479:0] word_o,
  output reg  [63:0]  produced_o,
  output wire [287:0] counters_o
);
  localparam [5:0] STREAK = 6'd32;

  // ---- settings of this session ----
  reg [63:12] base_q;
  reg [63:6]  status_base_q;
  reg [20:0]  size_q;                   // records in the ring
  reg [63:6]  address_q;                // of the next record
  reg         room_q, just_q;
  reg [5:0]   streak_q;
  wire [31:0] unread = produced_o[31:0] - consumed_i;
  wire [20:0] last   = size_q - 21'd1;
  wire        wrap   = (produced_o[20:0] & last) == last;
  wire        unused = ^{ring_base_i[11:0], status_base_i[5:0]};

  // ---- choice ----
  wire can     = ready_i && open_i && !just_q;
  wire waits   = record_i || gap_i;
  wire record  = waits && room_q && credit_record_i;
  wire message = message_i && credit_other_i;
  wire status  = status_i && credit_other_i && (!record || streak_q == STREAK);
  assign message_taken_o = can && message;
  assign status_taken_o  = can && !message && status;
  wire   record_go       = can && !message && !status && record;
  assign gap_taken_o     = record_go && gap_i;
  assign record_taken_o  = record_go && !gap_i;
  assign launch_o        = message_taken_o || status_taken_o || record_go;

  // ---- what is sent ----
  wire [31:0]  generation = produced_o[31:0] + 32'd1;
  function [447:0] gap_word;
    input [63:0] seq;
    begin
      gap_word = 448'd0;
      gap_word[`FB_REC_KIND]               = `FB_KIND_FAULT;
      gap_word[`FB_REC_FAULT_FAULT]        = `FB_FAULT_GAP;
      gap_word[`FB_REC_FAULT_EXPECTED_SEQ] = seq;
    end
  endfunction
  wire [479:0] record_word = {generation, gap_i ? gap_word(gap_seq_i) : record_word_i};
  assign word_o    = message ? {448'd0, message_data_i} : status ? status_word_i : record_word;
  assign address_o = message ? message_address_i : {status ? status_base_q : address_q, 6'd0};

  always @(posedge clk_i) begin
    just_q <= launch_o;
    room_q <= unread < {11'd0, size_q};
    if (record_go) begin
      produced_o <= produced_o + 64'd1;
      address_q  <= wrap ? {base_q, 6'd0} : address_q + 58'd1;
    end
    if (!status_i || status_taken_o) streak_q <= 6'd0;
    else if (record_go && streak_q != STREAK) streak_q <= streak_q + 6'd1;
    if (start_i) begin
      base_q        <= ring_base_i[63:12];
      status_base_q <= status_base_i[63:6];
      address_q     <= ring_base_i[63:6];
      size_q        <= 21'd1 << ring_bits_i;
      produced_o    <= 64'd0;
    end
    if (rst_i) begin
      produced_o <= 64'd0;
      room_q     <= 1'b0;
      just_q     <= 1'b0;
      streak_q   <= 6'd0;
    end
  end

  // ---- where the cycles go ----
  wire sent   = beat_i && beat_taken_i;
  wire busy   = beat_i && !beat_taken_i;
  wire held   = !beat_i && waits && !launch_o;
  wire closed = held && !open_i;
  wire full   = held && open_i && !room_q;
  wire poor   = held && open_i && room_q && !credit_record_i;
  fb_tally #(.COUNTERS(6)) u_tally (
    .clk_i(clk_i), .rst_i(rst_i), .one_i({closed, full, poor, busy, sent, !(sent || busy || closed || full || poor)}),
    .counters_o(counters_o));
endmodule

`default_nettype wire
