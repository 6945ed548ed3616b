// The logarithm of the rank: L(x), log2 x in 2^-16, made of integers (contract, section 6). Four cycles, an operand a cycle.
//
// The leading one is found in two steps: which sixteen bits hold it, then which of these. What lies below it is the mantissa. In
// 0 both steps find nothing and say 0, so that L(0) = L(1) comes out by itself.
//
// | cycle | what                                                            | width  |
// |-------|-----------------------------------------------------------------|--------|
// | 0     | highest group of 16 bits that is not 0, taken with 17 bits more | 33, 3  |
// | 1     | leading one within the group, mantissa below it                 | 17, 7  |
// | 2     | segment of the mantissa: base, slope                            | 22, 16 |
// | 3     | {exponent, base} + slope x place in the segment: one tile       | 39     |
// | 4     | l_o                                                             | 23     |
`default_nettype none

module fb_log2 #(
  parameter WIDTH = 96   // of the operand, at most 96
) (
  input  wire             clk_i,
  input  wire [3:0]       en_i,   // valid in cycle 0, 1, 2, 3
  input  wire [WIDTH-1:0] x_i,    // cycle 0
  output wire [22:0]      l_o     // cycle 4
);
`include "fb_log2.vh"

  generate
    if (WIDTH > 96) begin : g_check
      fb_parameter_error operand_is_too_wide ();
    end
  endgenerate

  // ---- cycle 0: the group ----
  wire [112:0] wide;              // operand in 96 bits, and zeros below it
  assign wide[16:0] = 17'd0;
  assign wide[17 +: WIDTH] = x_i;
  generate
    if (WIDTH < 96) begin : g_pad
      assign wide[112:17 + WIDTH] = {(96 - WIDTH){1'b0}};
    end
  endgenerate
  wire [5:1] any = {|wide[112:97], |wide[96:81], |wide[80:65], |wide[64:49], |wide[48:33]};
  wire [2:0] group = any[5] ? 3'd5 : any[4] ? 3'd4 : any[3] ? 3'd3 : any[2] ? 3'd2 : any[1] ? 3'd1 : 3'd0;

  // ---- cycle 1: the bit ----
  reg  [32:0] window_q1;
  reg  [2:0]  group_q1;
  wire [15:0] sixteen = window_q1[32:17];
  wire [3:1]  fours   = {|sixteen[15:12], |sixteen[11:8], |sixteen[7:4]};
  wire        b3   = fours[3] || fours[2];
  wire        b2   = b3 ? fours[3] : fours[1];
  wire [3:1]  four = sixteen[{b3, b2, 2'd1} +: 3];
  wire        b1   = four[3] || four[2];
  wire        b0   = b1 ? four[3] : four[1];
  // The shift by fours goes on while the last two bits are being found.
  wire [19:0] near = window_q1[{2'd0, b3, b2, 2'd0} +: 20];

  // ---- cycles 2 and 3: the chord ----
  reg  [16:0] mantissa_q2;
  reg  [6:0]  exponent_q2, exponent_q3;
  reg  [38:0] segment_q3;         // {always 0, base, slope}
  reg  [9:0]  place_q3;
  wire [38:0] sum = {exponent_q3, segment_q3[37:16], 10'd0} + {13'd0, {10'd0, segment_q3[15:0]} * {16'd0, place_q3}};
  wire        unused_bits = ^{segment_q3[38], sum[15:0]};
  reg  [22:0] l_q4;

  always @(posedge clk_i) begin
    if (en_i[0]) begin
      window_q1 <= wide[{group, 4'd0} +: 33];
      group_q1  <= group;
    end
    if (en_i[1]) begin
      mantissa_q2 <= near[{3'd0, b1, b0} +: 17];
      exponent_q2 <= {group_q1, b3, b2, b1, b0};
    end
    if (en_i[2]) begin
      segment_q3  <= fb_log2_segment(mantissa_q2[16:10]);
      place_q3    <= mantissa_q2[9:0];
      exponent_q3 <= exponent_q2;
    end
    if (en_i[3]) l_q4 <= sum[38:16];
  end
  assign l_o = l_q4;
endmodule

`default_nettype wire
