// From the window to the core: the slot of the next sequence is looked at in every cycle, and acts when it is whole and right.
//
// | stage | what                                                                                   |
// |-------|----------------------------------------------------------------------------------------|
// | 0     | slot of read_q: whole?                                                                 |
// | 1     | its word at the RAM: difference of the check words, of nonce and sequence              |
// | 2     | offered to the core; or thrown away; or, with a wrong check word, read again           |
//
// Stage 0 runs ahead: behind a whole slot it looks at the next one, so a command can act in every cycle. When a word does
// not act, everything behind it is dropped and reading begins again at NEXT_SEQ.
//
// A word of another session or sequence is thrown away only when it has been read once more with nothing in front of it, and
// nothing was written to its slot since: else pieces of the command that is waited for would go with it.
`default_nettype none
`include "fb_layout.vh"

module fb_intake (
  input  wire         clk_i,
  input  wire         rst_i,
  input  wire         start_i,       // a session opens with sequence first_seq_i
  input  wire [63:0]  first_seq_i,
  input  wire         open_i,
  input  wire         running_i,     // open, and the kill switch is off
  input  wire [31:0]  nonce_i,
  // window
  input  wire         write_i,
  input  wire [7:0]   row_i,
  input  wire [15:0]  next_i,
  input  wire [511:0] data_i,
  input  wire [63:0]  be_i,
  input  wire         clear_i,
  input  wire [7:0]   clear_slot_i,
  // core
  output wire         cmd_valid_o,
  input  wire         cmd_ready_i,
  output wire [511:0] cmd_o,
  output wire         acted_o,       // a command is taken in this cycle
  output reg  [63:0]  next_seq_o,
  output reg  [30:0]  stale_o
);
`include "fb_crc32c.vh"
  // ---- stage 0 ----
  reg  [63:0]  read_q;
  wire         whole, color;
  wire [511:0] word;
  wire         advance1, advance2;   // the stage takes from the one before it
  wire         again;                // drop everything, read NEXT_SEQ again
  wire         discard;
  reg          valid1_q, color1_q;
  reg  [63:0]  seq1_q;
  reg          valid2_q, color2_q, other2_q;
  reg          sure_q, touched_q;    // NEXT_SEQ is read again; something was written to its slot since then
  reg  [31:0]  wrong2_q;
  reg  [511:0] word2_q;
  wire [7:0]   slot = next_seq_o[7:0];

  fb_slots u_slots (
    .clk_i(clk_i), .write_i(write_i && open_i), .row_i(row_i), .next_i(next_i), .data_i(data_i), .be_i(be_i), .clear_i(clear_i),
    .clear_slot_i(clear_slot_i), .read_i(advance1), .slot_i(read_q[7:0]), .whole_o(whole), .color_o(color), .word_o(word),
    .empty_i(acted_o || discard), .empty_slot_i(slot), .empty_color_i(color2_q));

  // ---- stage 2 ----
  wire good = ~|wrong2_q;
  wire fits = valid2_q && good && !other2_q;
  wire [7:0] row_after = row_i + 8'd1;
  // Banks of the write that hold bytes, of either row.
  wire [15:0] banks;
  genvar k;
  generate
    for (k = 0; k < 16; k = k + 1) begin : g_bank
      assign banks[k] = |be_i[k * 4 +: 4];
    end
  endgenerate
  wire touch = write_i && open_i && ((row_i == slot && |(banks & ~next_i)) || (row_after == slot && |(banks & next_i)));

  assign cmd_valid_o = fits && running_i;
  assign cmd_o       = word2_q;
  assign acted_o     = cmd_valid_o && cmd_ready_i;
  assign discard     = valid2_q && good && other2_q && sure_q && !touched_q && !touch && running_i;
  assign again       = valid2_q && !fits && running_i;
  assign advance2    = !valid2_q || acted_o || again;
  assign advance1    = !valid1_q || advance2;

  wire [63:0] next_seq = next_seq_o + 64'd1;
  always @(posedge clk_i) begin
    if (advance1) begin
      valid1_q <= whole;
      color1_q <= color;
      seq1_q   <= read_q;
      if (whole && open_i) read_q <= read_q + 64'd1;
    end
    if (advance2) begin
      valid2_q <= valid1_q;
      word2_q  <= word;
      color2_q <= color1_q;
      wrong2_q <= fb_crc32c(word[479:0]) ^ word[`FB_CMD_CHECK];
      other2_q <= word[`FB_CMD_NONCE] != nonce_i || word[`FB_CMD_SEQ] != seq1_q;
    end
    touched_q <= !again && (touched_q || touch);
    if (acted_o) begin
      next_seq_o <= next_seq;
      sure_q     <= 1'b0;
    end
    if (again) begin
      valid1_q <= 1'b0;
      valid2_q <= 1'b0;
      read_q   <= next_seq_o;
      sure_q   <= 1'b1;
    end
    if (discard && !(&stale_o)) stale_o <= stale_o + 31'd1;
    if (start_i) begin
      next_seq_o <= first_seq_i;
      read_q     <= first_seq_i;
    end
    if (rst_i || !open_i) begin
      valid1_q <= 1'b0;
      valid2_q <= 1'b0;
      sure_q   <= 1'b0;
    end
    if (rst_i) begin
      next_seq_o <= 64'd0;
      stale_o    <= 31'd0;
    end
  end
endmodule

`default_nettype wire
