// The status line: when it is due, and what it says.
//
// Due when the session opens, when credit or state changed and the last line is 64 cycles old, and when it is STATUS_CYCLES old.
// The word shows the cycle in which the writer takes it.
`default_nettype none
`include "fb_layout.vh"

module fb_status (
  input  wire         clk_i,
  input  wire         rst_i,
  input  wire         open_i,
  input  wire [24:0]  cycles_i,
  input  wire         acted_i,        // credit changes
  input  wire [63:0]  next_seq_i,
  input  wire [3:0]   state_i,
  input  wire [31:0]  nonce_i,
  input  wire [63:0]  produced_i,
  input  wire [30:0]  gaps_i,
  output reg          due_o,
  input  wire         taken_i,
  output wire [479:0] word_o          // with generation, without check word
);
  localparam [24:0] APART = 25'd62;   // due_o and the packet take two cycles

  reg [63:0] heartbeat_q;
  reg [31:0] generation_q;
  reg [24:0] age_q;
  reg [3:0]  state_q;
  reg        changed_q;
  wire [63:0] slots = {32'd0, 32'd`FB_WINDOW_SLOTS};

  function [479:0] line;
    input [63:0] next_seq, heartbeat, produced;
    input [31:0] nonce, generation;
    input [30:0] gaps;
    input [3:0]  state;
    begin
      line = 480'd0;
      line[`FB_REC_KIND]             = `FB_KIND_STATUS;
      line[`FB_REC_STATUS_CREDIT]    = next_seq + slots;
      line[`FB_REC_STATUS_HEARTBEAT] = heartbeat;
      line[`FB_REC_STATUS_STATE]     = {28'd0, state};
      line[`FB_REC_STATUS_SESSION]   = nonce;
      line[`FB_REC_STATUS_PRODUCED]  = produced;
      line[`FB_REC_STATUS_GAPS]      = {1'b0, gaps};
      line[`FB_REC_GENERATION]       = generation;
    end
  endfunction
  assign word_o = line(next_seq_i, heartbeat_q, produced_i, nonce_i, generation_q, gaps_i, state_i);

  always @(posedge clk_i) begin
    heartbeat_q <= heartbeat_q + 64'd1;
    state_q     <= state_i;
    if (taken_i) begin
      generation_q <= generation_q + 32'd1;
      age_q        <= 25'd0;
      due_o        <= 1'b0;
      changed_q    <= acted_i || state_q != state_i;
    end else begin
      if (!(&age_q)) age_q <= age_q + 25'd1;
      if (acted_i || state_q != state_i) changed_q <= 1'b1;
      if ((changed_q && age_q >= APART) || age_q >= cycles_i) due_o <= 1'b1;
    end
    if (rst_i || !open_i) begin
      due_o        <= 1'b1;
      changed_q    <= 1'b0;
      age_q        <= 25'd0;
      generation_q <= 32'd1;
    end
    if (rst_i) heartbeat_q <= 64'd0;
  end
endmodule

`default_nettype wire
