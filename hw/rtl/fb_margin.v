// Maintenance margin of a row: notional x (rate(tier) + addend) - deduction(tier), four cycles, exact.
//
// Sixteen tiers are compared at once: floors rise strictly (the sequencer sees to it), so the comparison bits are a thermometer,
// of which the index of the tier is the code. A ladder word is shared by the lanes of a group, which walk in lockstep.
//
// | cycle | what                                             | width |
// |-------|--------------------------------------------------|-------|
// | 0     | fifteen comparisons with the floors, tier index  | 4     |
// | 1     | rate and deduction selected, addend added        | 25, 85 |
// | 2     | four partial products, 17 x 25                   | 42    |
// | 3     | their sum less the deduction                     | 87    |
// | 4     | margin_o                                         | 87    |
`default_nettype none

module fb_margin (
  input  wire               clk_i,
  input  wire [3:0]         en_i,        // valid in cycle 0, 1, 2, 3
  input  wire               none_i,      // cycle 3: there is none, margin_o becomes 0
  input  wire [60:0]        notional_i,  // cycle 0
  input  wire [15*62-1:0]   floors_i,    // cycle 0: {never reached, floor} of tiers 15..1
  input  wire [23:0]        addend_i,    // cycle 1
  input  wire [16*128-1:0]  tiers_i,     // cycle 1: {19 spare, rate, deduction} of tiers 15..0
  output wire signed [86:0] margin_o     // cycle 4
);
  wire [15:0] ge;
  assign ge[0] = 1'b1;
  genvar k;
  generate
    for (k = 1; k < 16; k = k + 1) begin : g_floor
      // Written as a subtraction: one bit of carry chain and of LUTs each, where >= takes a third more.
      wire [62:0] above = {2'b10, notional_i} - {1'b0, floors_i[(k - 1) * 62 +: 62]};
      wire        unused_above = ^above[61:0];
      assign ge[k] = above[62];
    end
  endgenerate
  wire unused_ge0 = ge[0];

  // Not as a tree of multiplexers: out of that would become a search, one subtraction after another.
  wire [14:0] top = ge[14:0] & ~ge[15:1];                // the highest floor reached, unless it is the fifteenth
  wire       t3 = ge[8];
  wire       t2 = ge[12] || (ge[4] && !ge[8]);
  wire       t1 = ge[14] || (ge[10] && !ge[12]) || (ge[6] && !ge[8]) || (ge[2] && !ge[4]);
  wire       t0 = ge[15] || top[1] || top[3] || top[5] || top[7] || top[9] || top[11] || top[13];
  wire       unused_top = ^{top[14], top[12], top[10], top[8], top[6], top[4], top[2], top[0]};

  reg [3:0]  tier_q1;
  reg [60:0] notional_q1, notional_q2;
  reg [24:0] rate_q2;
  reg [84:0] deduction_q2, deduction_q3;
  reg [41:0] p0_q3, p1_q3, p2_q3;
  reg [34:0] p3_q3;
  reg signed [86:0] margin_q4;

  wire [127:0] tier = tiers_i[{tier_q1, 7'd0} +: 128];
  wire         unused_tier = |tier[127:109];
  // The products begin 17 bits apart; two that do not overlap are one operand: two carry chains on a path.
  wire [86:0]  outer = {1'b0, p3_q3, 9'd0, p0_q3} - {2'd0, deduction_q3};
  wire [42:0]  inner = {17'd0, p1_q3[41:17]} + {1'b0, p2_q3};       // from bit 34

  always @(posedge clk_i) begin
    if (en_i[0]) begin
      tier_q1     <= {t3, t2, t1, t0};
      notional_q1 <= notional_i;
    end
    if (en_i[1]) begin
      rate_q2      <= {1'b0, tier[108:85]} + {1'b0, addend_i};
      deduction_q2 <= tier[84:0];
      notional_q2  <= notional_q1;
    end
    if (en_i[2]) begin
      p0_q3 <= {25'd0, notional_q2[16:0]} * {17'd0, rate_q2};
      p1_q3 <= {25'd0, notional_q2[33:17]} * {17'd0, rate_q2};
      p2_q3 <= {25'd0, notional_q2[50:34]} * {17'd0, rate_q2};
      p3_q3 <= {25'd0, notional_q2[60:51]} * {10'd0, rate_q2};
      deduction_q3 <= deduction_q2;
    end
    if (none_i) margin_q4 <= 87'sd0;
    else if (en_i[3]) margin_q4 <= {10'd0, inner, p1_q3[16:0], 17'd0} + outer;
  end
  assign margin_o = margin_q4;
endmodule

`default_nettype wire
