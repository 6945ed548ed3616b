// Histogram of a group: rows and lots per bucket of keys (contract.md, section 6), and its link in the chain that sums groups.
//
// Filling, one row a cycle; the next row may go to the same bucket, so the word just written is forwarded:
//
// | cycle | what                                             | width |
// |-------|--------------------------------------------------|-------|
// | 0     | key - from                                       | 30    |
// | 1     | shifted by zoom, kept to 255                     | 8     |
// | 2     | bucket is read                                   |       |
// | 3     | row and lots added, lots stop at all ones; written | 32, 64 |
//
// Reading: a bucket number comes from the group before with the sums so far; two steps later it leaves with this group's added,
// and the bucket is empty again. step_i halts the whole chain while a record waits.
`default_nettype none
`include "fb_layout.vh"

module fb_histogram (
  input  wire        clk_i,
  input  wire        rst_i,
  input  wire        clear_i,        // clearing walk: empties bucket clear_bucket_i
  input  wire [7:0]  clear_bucket_i,
  // filling
  input  wire        v_i,
  input  wire [29:0] key_i,
  input  wire [29:0] from_i,
  input  wire [4:0]  zoom_i,
  input  wire [47:0] mag_i,
  output wire        busy_o,
  // chain
  input  wire        step_i,
  input  wire        v_chain_i,
  input  wire [7:0]  bucket_i,
  input  wire [31:0] rows_i,
  input  wire [63:0] lots_i,
  output reg         v_chain_o,
  output reg  [7:0]  bucket_o,
  output reg  [31:0] rows_o,
  output reg  [63:0] lots_o
);
  function [63:0] sum;               // stops at all ones
    input [63:0] a;
    input [63:0] b;
    reg   [64:0] wide;
    begin
      wide = {1'b0, a} + {1'b0, b};
      sum  = wide[63:0] | {64{wide[64]}};
    end
  endfunction

  reg         v_q1, v_q2, v_q3;
  reg  [29:0] over_q1;
  reg  [47:0] mag_q1, mag_q2, mag_q3;
  reg  [7:0]  bucket_q2, bucket_q3;
  wire [29:0] shifted = over_q1 >> zoom_i;
  wire        beyond  = |(over_q1 & (30'h3fffff00 << zoom_i));   // as |shifted[29:8], and not as deep
  wire        unused_shifted = ^shifted[29:8];

  // The chain reads in its first step and writes zero in its second; it never runs while rows come in.
  reg         v_qa;
  reg  [7:0]  bucket_qa;
  reg  [31:0] rows_qa;
  reg  [63:0] lots_qa;
  wire        read_chain = step_i && v_chain_i;
  wire        write_chain = step_i && v_qa;

  reg         written_q;             // the word of bucket_q3 the cycle before
  reg  [7:0]  written_bucket_q;
  reg  [95:0] written_word_q;
  wire [95:0] word_ram;
  wire [95:0] word3 = written_q && written_bucket_q == bucket_q3 ? written_word_q : word_ram;
  wire [95:0] next3 = {word3[95:64] + 32'd1, sum(word3[63:0], {16'd0, mag_q3})};
  fb_ram #(.WIDTH(96), .DEPTH(`FB_RANK_BUCKETS), .ADDR_BITS(8)) u_buckets (
    .clk_i(clk_i), .we_i(v_q3 || write_chain || clear_i),
    .waddr_i(clear_i ? clear_bucket_i : v_q3 ? bucket_q3 : bucket_qa),
    .wdata_i(v_q3 && !clear_i ? next3 : 96'd0),
    .re_i(v_q2 || read_chain), .raddr_i(v_q2 ? bucket_q2 : bucket_i), .rdata_o(word_ram));

  always @(posedge clk_i) begin
    {v_q3, v_q2, v_q1} <= rst_i ? 3'd0 : {v_q2, v_q1, v_i};
    if (v_i) begin
      over_q1 <= key_i - from_i;
      mag_q1  <= mag_i;
    end
    if (v_q1) begin
      bucket_q2 <= shifted[7:0] | {8{beyond}};
      mag_q2    <= mag_q1;
    end
    if (v_q2) begin
      bucket_q3 <= bucket_q2;
      mag_q3    <= mag_q2;
    end
    written_q <= v_q3;
    if (v_q3) begin
      written_bucket_q <= bucket_q3;
      written_word_q   <= next3;
    end
  end
  assign busy_o = v_q1 || v_q2 || v_q3;

  always @(posedge clk_i) begin
    if (rst_i) begin
      v_qa      <= 1'b0;
      v_chain_o <= 1'b0;
    end else if (step_i) begin
      v_qa      <= v_chain_i;
      v_chain_o <= v_qa;
    end
    if (step_i) begin
      bucket_qa <= bucket_i;
      rows_qa   <= rows_i;
      lots_qa   <= lots_i;
      bucket_o  <= bucket_qa;
      rows_o    <= rows_qa + word_ram[95:64];
      lots_o    <= sum(lots_qa, word_ram[63:0]);
    end
  end
endmodule

`default_nettype wire
