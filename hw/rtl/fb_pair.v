// What leaves the core: a word on offer, two places behind it, and two level changes that wait there leave as one word.
//
// A word that finds the output free goes straight to it, and an offered word stays as it is until it is taken: so nothing is
// delayed, and where the receiver takes a word a cycle, none is ever paired. Where it takes one every second cycle (512 bits of
// PCIe: two beats a record), changes wait in a_q and b_q, in the order in which they came, and the output keeps up with one
// change a cycle. Digest and count are made before this (fb_collector): they know nothing of pairs.
//
// Two fit in a word if both are LEVEL, equity fits 64 bits, 0 <= MM < 2^80, no row is bad and the account is not damaged. Between
// the LEVELs of two batches lies a BATCH_END, so neighbours are of one batch. The packing: LEVEL_PAIR in layout.toml.
//
// | cycle | what                                                                            |
// |-------|---------------------------------------------------------------------------------|
// | 0     | a word comes; the output is free or taken: it, or the oldest that wait, go there |
// | 1     | rec_o                                                                           |
`default_nettype none
`include "fb_layout.vh"

module fb_pair (
  input  wire         clk_i,
  input  wire         rst_i,
  input  wire         valid_i,
  output wire         ready_o,
  input  wire [447:0] word_i,
  input  wire [447:0] change_i,     // word_i where it may be a level change, else of another kind: known earlier than word_i
  output wire         rec_valid_o,
  input  wire         rec_ready_i,
  output wire [447:0] rec_o
);
  reg         out_valid_q, a_valid_q, b_valid_q;    // b_q is in use only behind a_q
  reg [447:0] out_q, a_q, b_q;
  reg         a_fits_q, b_fits_q;                   // as the first or second of a pair
  wire        go   = !out_valid_q || rec_ready_i;
  wire        take = valid_i && ready_o;
  assign ready_o     = go || !b_valid_q;
  assign rec_valid_o = out_valid_q;
  assign rec_o       = out_q;

  // ---- what fits: found out as the word comes, because `both` goes to every bit of two registers ----
  wire [71:0] equity = change_i[`FB_REC_LEVEL_EQUITY];
  wire [95:0] mm     = change_i[`FB_REC_LEVEL_MM];
  wire [23:0] bad    = {change_i[`FB_REC_LEVEL_BAD_ROWS], change_i[`FB_REC_LEVEL_DAMAGED]};
  wire fits   = change_i[`FB_REC_KIND] == `FB_KIND_LEVEL && (&equity[71:63] || ~|equity[71:63]) && ~|mm[95:80] && ~|bad;
  wire both   = a_valid_q && b_valid_q && a_fits_q && b_fits_q;

  // ---- the two as one ----
  wire [71:0] equity_a = a_q[`FB_REC_LEVEL_EQUITY],       equity_b = b_q[`FB_REC_LEVEL_EQUITY];
  wire [95:0] mm_a     = a_q[`FB_REC_LEVEL_MM],           mm_b     = b_q[`FB_REC_LEVEL_MM];
  wire [7:0]  level_a  = a_q[`FB_REC_LEVEL],              level_b  = b_q[`FB_REC_LEVEL];
  wire [7:0]  before_a = a_q[`FB_REC_LEVEL_BEFORE],       before_b = b_q[`FB_REC_LEVEL_BEFORE];
  wire [7:0]  class_a  = a_q[`FB_REC_LEVEL_CLASS_ID],     class_b  = b_q[`FB_REC_LEVEL_CLASS_ID];
  wire unused = ^{level_a[7:4], level_b[7:4], before_a[7:4], before_b[7:4], class_a[7:4], class_b[7:4], equity_a[71:64],
                  equity_b[71:64], mm_a[95:80], mm_b[95:80], change_i, equity, mm};
  reg [447:0] pair;
  always @* begin
    pair = 448'd0;
    pair[`FB_REC_SEQ]               = a_q[`FB_REC_SEQ];
    pair[`FB_REC_KIND]              = `FB_KIND_LEVEL_PAIR;
    pair[`FB_REC_FLAGS]             = {level_b[3:0], before_b[3:0]};
    pair[`FB_REC_LEVEL]             = {class_a[3:0], level_a[3:0]};
    pair[`FB_REC_LEVEL_BEFORE]      = {class_b[3:0], before_a[3:0]};
    pair[`FB_REC_ACCOUNT]           = a_q[`FB_REC_ACCOUNT];
    pair[`FB_REC_LEVEL_PAIR_SECOND] = b_q[`FB_REC_ACCOUNT];
    pair[`FB_REC_LEVEL_PAIR_EQUITY_LSB +: 128] = {equity_b[63:0], equity_a[63:0]};
    pair[`FB_REC_LEVEL_PAIR_MM_LO_LSB +: 128]  = {mm_b[63:0], mm_a[63:0]};
    pair[`FB_REC_LEVEL_PAIR_MM_HI_LSB +: 32]   = {mm_b[79:64], mm_a[79:64]};
  end

  // ---- places ----
  always @(posedge clk_i) begin
    if (go) begin
      out_valid_q <= a_valid_q || valid_i;
      out_q       <= both ? pair : a_valid_q ? a_q : word_i;
      if (a_valid_q) begin
        a_valid_q <= take || (b_valid_q && !both);
        a_q       <= b_valid_q && !both ? b_q : word_i;
        a_fits_q  <= b_valid_q && !both ? b_fits_q : fits;
        b_valid_q <= take && b_valid_q && !both;
        b_q       <= word_i;
        b_fits_q  <= fits;
      end
    end else if (take) begin
      if (a_valid_q) {b_fits_q, b_q} <= {fits, word_i};
      else {a_fits_q, a_q} <= {fits, word_i};
      a_valid_q <= 1'b1;
      b_valid_q <= a_valid_q;
    end
    if (rst_i) {out_valid_q, a_valid_q, b_valid_q} <= 3'd0;
  end
endmodule

`default_nettype wire
