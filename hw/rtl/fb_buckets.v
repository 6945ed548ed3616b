// Buckets to records: sends the numbers 0..255 down the chain of histograms, takes the sums at its end, and makes a RANK_HIST
// word of every three that are not all empty. A word that is not taken yet halts the chain.
`default_nettype none
`include "fb_layout.vh"

module fb_buckets (
  input  wire         clk_i,
  input  wire         rst_i,
  input  wire         start_i,
  output wire         done_o,        // the last word has been taken
  // chain
  output wire         step_o,
  output wire         v_o,
  output wire [7:0]   bucket_o,
  input  wire         v_i,
  input  wire [7:0]   bucket_i,
  input  wire [31:0]  rows_i,
  input  wire [63:0]  lots_i,
  // record: bytes 16 to 55
  output wire         word_valid_o,
  output wire [447:0] word_o,
  input  wire         word_ready_i
);
  reg         send_q, last_q, word_q;
  reg  [7:0]  next_q;
  reg  [1:0]  place_q;               // bucket modulo 3
  reg  [7:0]  first_q;
  reg         some_q;                // a bucket of this word, so far, is not empty
  reg  [95:0] rows_q;
  reg  [191:0] lots_q;
  wire        take = step_o && v_i;
  wire [95:0]  rows = {place_q == 2'd2 ? rows_i : 32'd0, place_q == 2'd1 ? rows_i : place_q == 2'd0 ? 32'd0 : rows_q[63:32],
                       place_q == 2'd0 ? rows_i : rows_q[31:0]};
  wire [191:0] lots = {place_q == 2'd2 ? lots_i : 64'd0, place_q == 2'd1 ? lots_i : place_q == 2'd0 ? 64'd0 : lots_q[127:64],
                       place_q == 2'd0 ? lots_i : lots_q[63:0]};
  wire        some = |rows_i || (place_q != 2'd0 && some_q);
  wire        full = place_q == 2'd2 || &bucket_i;

  assign step_o       = !word_q || word_ready_i;
  assign v_o          = send_q;
  assign bucket_o     = next_q;
  assign word_valid_o = word_q;
  assign done_o       = last_q && step_o;
  always @(posedge clk_i) begin
    if (rst_i) begin
      send_q <= 1'b0;
      last_q <= 1'b0;
      word_q <= 1'b0;
    end else if (start_i) send_q <= 1'b1;
    else if (step_o) begin
      if (&next_q) send_q <= 1'b0;
      last_q <= take && &bucket_i;
      word_q <= take && full && some;
    end
    if (start_i) begin
      next_q  <= 8'd0;
      place_q <= 2'd0;
    end else begin
      if (send_q && step_o) next_q <= next_q + 8'd1;
      if (take) place_q <= full ? 2'd0 : place_q + 2'd1;
    end
    if (take) begin
      if (place_q == 2'd0) first_q <= bucket_i;
      some_q <= some;
      rows_q <= rows;
      lots_q <= lots;
    end
  end

  reg [447:0] word;
  always @* begin
    word = 448'd0;
    word[`FB_REC_KIND]            = `FB_KIND_RANK_HIST;
    word[`FB_REC_RANK_HIST_FIRST] = {8'd0, first_q};
    word[`FB_REC_RANK_HIST_ROWS_LSB +: 96]  = rows_q;
    word[`FB_REC_RANK_HIST_QTY_LSB +: 192] = lots_q;
  end
  assign word_o = word;
endmodule

`default_nettype wire
