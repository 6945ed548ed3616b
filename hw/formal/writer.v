// Proof of the way from the core to RQ: fb_skid, fb_writer, fb_posted, fb_packet.
//
// - No record is lost, repeated or changed between the core and the packets: the word with any number n that the core gives is
//   the word of packet n, whatever comes between (resets of the function and sessions included: they close open_i at any time).
// - A packet that has begun ends; once valid, a beat stays until it is taken; a record has all its beats, a message one.
// - With an honest host the ring never overflows.
// - With a hard block that shows its credit up to LATE cycles late, no packet begins without credit, and status lines and
//   messages leave the reserve.
`default_nettype none

module formal_writer #(
  parameter DATA_W = 512,
  parameter USER_W = DATA_W == 512 ? 137 : 62
) (input wire clk_i);
  // Inside of the module under proof: flattening joins wires of these names.
  (* hierconn *) wire \u_skid.full_q ;
  (* hierconn *) wire [447:0] \u_skid.word_q ;
  (* hierconn *) wire [1:0] \u_packet.more_q ;
  (* hierconn *) wire \u_packet.message_q ;
  (* hierconn *) wire \u_packet.first_q ;
  (* hierconn *) wire [20:0] \u_writer.size_q ;
  (* hierconn *) wire \u_writer.room_q ;
  (* hierconn *) wire \u_writer.just_q ;
  (* hierconn *) wire [4:0] \u_posted.recent_q ;
  (* hierconn *) wire [15:0] \u_posted.launched_q ;
  localparam BEATS = DATA_W == 512 ? 2 : 3;
  (* anyseq *) reg         rst, open, start, core_valid, gap, status, message, tready, read_some;
  (* anyseq *) reg [447:0] core_word;
  (* anyseq *) reg [63:0]  ring_base, status_base, gap_seq, message_address;
  (* anyseq *) reg [479:0] status_word;
  (* anyseq *) reg [4:0]   ring_bits;
  (* anyseq *) reg [31:0]  read_to, nonce, message_data;
  (* anyseq *) reg [7:0]   headers, headers_back;
  (* anyseq *) reg [11:0]  data, data_back;
  (* anyconst *) reg [31:0] number;        // of a record
  reg past_q = 1'b0;

  wire         core_ready, record, record_taken, gap_taken, status_taken, message_taken, launch, ready, quiet;
  wire         credit_record, credit_other;
  wire [447:0] record_word;
  wire [479:0] word;
  wire [63:0]  address, produced;
  wire [DATA_W-1:0]    tdata;
  wire [DATA_W/32-1:0] tkeep;
  wire [USER_W-1:0]    tuser;
  wire         tlast, tvalid;
  reg  [31:0]  consumed_q;

  fb_skid #(.WIDTH(448)) u_skid (.clk_i(clk_i), .rst_i(rst), .valid_i(core_valid), .ready_o(core_ready), .word_i(core_word),
                                 .valid_o(record), .ready_i(record_taken), .word_o(record_word));
  fb_writer u_writer (
    .clk_i(clk_i), .rst_i(rst), .open_i(open), .start_i(start), .ring_base_i(ring_base), .ring_bits_i(ring_bits),
    .status_base_i(status_base), .consumed_i(consumed_q), .record_i(record), .record_taken_o(record_taken),
    .record_word_i(record_word), .gap_i(gap), .gap_taken_o(gap_taken), .gap_seq_i(gap_seq), .status_i(status),
    .status_taken_o(status_taken), .status_word_i(status_word), .message_i(message), .message_taken_o(message_taken),
    .message_address_i(message_address), .message_data_i(message_data), .credit_record_i(credit_record),
    .credit_other_i(credit_other), .ready_i(ready), .beat_i(tvalid), .beat_taken_i(tready), .launch_o(launch),
    .address_o(address), .word_o(word), .produced_o(produced));
  fb_posted u_posted (.clk_i(clk_i), .rst_i(rst), .headers_i(headers), .data_i(data), .launch_i(launch),
                      .record_o(credit_record), .other_o(credit_other));
  fb_packet #(.DATA_W(DATA_W), .USER_W(USER_W)) u_packet (
    .clk_i(clk_i), .rst_i(rst), .ready_o(ready), .quiet_o(quiet), .start_i(launch), .message_i(message_taken),
    .address_i(address), .word_i(word), .nonce_i(nonce), .tdata_o(tdata), .tkeep_o(tkeep), .tlast_o(tlast), .tuser_o(tuser),
    .tvalid_o(tvalid), .tready_i(tready));

  // ---- no record lost, repeated, changed ----
  reg [31:0]  given_q, sent_q;             // records the core gave; records that became packets
  reg [447:0] watched_q;                   // the one with `number`
  wire        give = core_valid && core_ready;
  always @(posedge clk_i) begin
    if (rst) {given_q, sent_q} <= 64'd0;
    else begin
      given_q <= given_q + {31'd0, give};
      sent_q  <= sent_q + {31'd0, record_taken};
    end
    if (give && given_q == number) watched_q <= core_word;
  end
  always @* begin
    if (past_q) begin
      assert (given_q - sent_q == {31'd0, u_skid.full_q});
      if (u_skid.full_q && sent_q == number) assert (watched_q == u_skid.word_q);
      if (record_taken && !rst) begin
        assert (record && launch && !gap_taken && !status_taken && !message_taken);
        if (sent_q == number) assert (word[447:0] == (give && given_q == number ? core_word : watched_q));
        assert (word[479:448] == produced[31:0] + 32'd1);
      end
      assert (launch == (record_taken || gap_taken || status_taken || message_taken));
    end
  end

  // ---- packets ----
  reg [1:0]            beats_q;            // of the packet on RQ that have been taken
  reg                  message_q, held_q, tlast_q;
  reg [DATA_W-1:0]     tdata_q;
  reg [DATA_W/32-1:0]  tkeep_q;
  reg [USER_W-1:0]     tuser_q;
  reg [31:0]           launched_q, ended_q;
  wire [1:0]           last_beat = message_q ? 2'd0 : BEATS[1:0] - 2'd1;
  always @(posedge clk_i) begin
    {held_q, tlast_q, tdata_q, tkeep_q, tuser_q} <= {tvalid && !tready && !rst, tlast, tdata, tkeep, tuser};
    if (launch) message_q <= message_taken;
    beats_q <= rst || (tvalid && tready && tlast) ? 2'd0 : beats_q + {1'b0, tvalid && tready};
    launched_q <= rst ? 32'd0 : launched_q + {31'd0, launch};
    ended_q    <= rst ? 32'd0 : ended_q + {31'd0, tvalid && tready && tlast};
  end
  always @* begin
    if (past_q) begin
      if (held_q) assert (tvalid && tlast == tlast_q && tdata == tdata_q && tkeep == tkeep_q && tuser == tuser_q);
      assert (launched_q - ended_q == {31'd0, tvalid});
      if (tvalid) begin
        assert (tlast == (beats_q == last_beat));
        assert (beats_q <= last_beat);
        assert (u_packet.more_q == last_beat - beats_q && u_packet.message_q == message_q);
        assert (u_packet.first_q == (beats_q == 2'd0));
      end else assert (beats_q == 2'd0);
      if (launch && !rst) assert (!tvalid || (tlast && tready));
      if (!open) assert (!launch);
    end
  end

  // ---- ring: the host takes what is there, and says so ----
  wire [31:0] unread = produced[31:0] - consumed_q;
  reg  [1:0]  since_start_q;
  always @(posedge clk_i) begin
    if (rst || start) consumed_q <= 32'd0;
    else if (read_some) consumed_q <= read_to;
    since_start_q <= start ? 2'd0 : since_start_q == 2'd3 ? 2'd3 : since_start_q + 2'd1;
  end
  always @* begin
    assume (!read_some || produced[31:0] - read_to <= unread);
    // fb_session: proven there.
    assume (!start || !open);
    if (start || since_start_q != 2'd3) assume (!open);
    assume (ring_bits >= 5'd6 && ring_bits <= 5'd20);
    if (past_q) begin
      assert (u_writer.size_q >= 21'd64 && u_writer.size_q <= 21'd1048576);
      assert (unread <= {11'd0, u_writer.size_q});
      if (u_writer.room_q) assert (unread < {11'd0, u_writer.size_q} + {31'd0, u_writer.just_q});
    end
  end

  // ---- credit: what is really left; the block shows what was left up to LATE cycles ago ----
  reg [8:0]  left_q;
  reg [12:0] left_data_q;
  wire [8:0] just = {8'd0, u_writer.just_q};
  wire       other = status_taken || message_taken;
  always @(posedge clk_i) begin
    left_q      <= left_q + {1'b0, headers_back} - {8'd0, launch};
    left_data_q <= left_data_q + {1'b0, data_back} - (launch ? 13'd4 : 13'd0);
  end
  always @* begin
    assume ({1'b0, left_q} + {2'b0, headers_back} <= 10'd255);
    assume ({1'b0, left_data_q} + {2'b0, data_back} <= 14'd4095);
    assume ({1'b0, headers} <= left_q + {4'd0, u_posted.recent_q});
    assume ({1'b0, data} <= left_data_q + {6'd0, u_posted.recent_q, 2'd0});
    if (past_q) begin
      assert (u_posted.recent_q == ones(u_posted.launched_q));
      assert (u_writer.just_q == u_posted.launched_q[0]);
      // With what began a cycle ago, of which they do not know yet.
      if (credit_record) assert (left_q + just >= 9'd1 && left_data_q + {2'd0, just, 2'd0} >= 13'd4);
      if (credit_other) assert (left_q + just >= 9'd5 && left_data_q + {2'd0, just, 2'd0} >= 13'd20);
      if (launch && !rst) assert (left_q >= 9'd1 && left_data_q >= 13'd4);
      if (other && !rst) assert (left_q >= 9'd5 && left_data_q >= 13'd20);
    end
  end

  function [4:0] ones;
    input [15:0] bits;
    integer      k;
    begin
      ones = 5'd0;
      for (k = 0; k < 16; k = k + 1) ones = ones + {4'd0, bits[k]};
    end
  endfunction

  always @(posedge clk_i) begin
    past_q <= 1'b1;
  end
  always @* begin
    if (!past_q) assume (rst && start && !open && !core_valid);
    else assume (!rst);
    cover (past_q && sent_q == 32'd2 && status_taken);
    cover (past_q && message_taken && ended_q == 32'd2);
  end
endmodule

`default_nettype wire
