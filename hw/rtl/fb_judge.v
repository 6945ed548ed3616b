// Threshold comparison of an account, two thresholds at a time, three cycles.
//
// crossed <=> MM >= equity x T, or MM > equity x T where the class is strict. Both sides are exact integers in 1e-15. The product
// is five 17 x 26 tiles a threshold. Only meaningful for equity >= 0 and MM > 0; the caller decides the other cases by sign.
//
// | cycle | what                               | width |
// |-------|------------------------------------|-------|
// | 0     | 2 x five partial products          | 43    |
// | 1     | 2 x sum                            | 97    |
// | 2     | 2 x comparison with MM             |       |
// | 3     | crossed_o                          | 2     |
`default_nettype none

module fb_judge (
  input  wire         clk_i,
  input  wire [2:0]   en_i,        // valid in cycle 0, 1, 2
  input  wire [70:0]  equity_i,    // cycle 0, magnitude bits of a non-negative equity
  input  wire [51:0]  threshold_i, // cycle 0: {b, a}
  input  wire [1:0]   defined_i,   // cycle 2: {b, a}; what is not defined is not crossed
  input  wire [94:0]  mm_i,        // cycle 2
  input  wire         strict_i,    // cycle 2
  output wire [1:0]   crossed_o    // cycle 3: {b, a}
);
  genvar c;
  generate
    for (c = 0; c < 2; c = c + 1) begin : g_threshold
      wire [25:0] t = threshold_i[c * 26 +: 26];
      reg [42:0] p0_q, p1_q, p2_q, p3_q;
      reg [28:0] p4_q;
      reg [96:0] product_q;
      reg        crossed_q;
      // They begin 17 bits apart; two that do not overlap are one operand: two carry chains on a path.
      wire [79:0] outer = {3'd0, p3_q, 8'd0, p0_q[42:17]} + {p4_q, 8'd0, p1_q};    // from bit 17
      wire [62:0] upper = outer[79:17] + {20'd0, p2_q};                            // from bit 34
      always @(posedge clk_i) begin
        if (en_i[0]) begin
          p0_q <= {26'd0, equity_i[16:0]}  * {17'd0, t};
          p1_q <= {26'd0, equity_i[33:17]} * {17'd0, t};
          p2_q <= {26'd0, equity_i[50:34]} * {17'd0, t};
          p3_q <= {26'd0, equity_i[67:51]} * {17'd0, t};
          p4_q <= {26'd0, equity_i[70:68]} * {3'd0, t};
        end
        if (en_i[1]) product_q <= {upper, outer[16:0], p0_q[16:0]};
        if (en_i[2])
          crossed_q <= defined_i[c] && {2'b00, mm_i, 1'b0} >= {product_q, strict_i};   // strict: half a unit more
      end
      assign crossed_o[c] = crossed_q;
    end
  endgenerate
endmodule

`default_nettype wire
