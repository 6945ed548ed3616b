// Notional of a row: floor(magnitude x u / 2^16), two cycles, exact.
//
// The product 48 x 52 bits is six 17 x 26 unsigned tiles, each one 27x18 signed DSP; inferred `*` would take half as much again.
//
// | cycle | what                                   | width |
// |-------|----------------------------------------|-------|
// | 0     | six partial products                   | 43    |
// | 1     | their sum, fraction dropped            | 84    |
// | 2     | notional_o, bad_o: 2^61 or more        | 61    |
`default_nettype none
`include "fb_layout.vh"

module fb_notional (
  input  wire        clk_i,
  input  wire        en0_i,   // operands are valid in this cycle
  input  wire        en1_i,   // the same, one cycle later
  input  wire [47:0] mag_i,
  input  wire [51:0] u_i,
  output wire [60:0] notional_o,
  output wire        bad_o
);
  wire [25:0] ul = u_i[25:0];
  wire [25:0] uh = u_i[51:26];
  wire [16:0] m0 = mag_i[16:0];
  wire [16:0] m1 = mag_i[33:17];
  wire [13:0] m2 = mag_i[47:34];

  reg [42:0] l0_q, l1_q, h0_q, h1_q;
  reg [39:0] l2_q, h2_q;
  always @(posedge clk_i)
    if (en0_i) begin
      l0_q <= {26'd0, m0} * {17'd0, ul};
      l1_q <= {26'd0, m1} * {17'd0, ul};
      l2_q <= {26'd0, m2} * {14'd0, ul};
      h0_q <= {26'd0, m0} * {17'd0, uh};
      h1_q <= {26'd0, m1} * {17'd0, uh};
      h2_q <= {26'd0, m2} * {14'd0, uh};
    end

  // They begin at bits 0, 17 and 34, those of the high half 26 further up. Two that do not overlap are one operand, so that there
  // are two sums side by side, and theirs: two carry chains on a path. Nothing is added below bit 17, nor beyond bit 99.
  wire [82:0] outer = {14'd0, h1_q, l0_q[42:17]} + {h2_q, l1_q};        // from bit 17
  wire [48:0] inner = {1'b0, l2_q, 8'd0} + {6'd0, h0_q};                // from bit 26
  wire [73:0] upper = outer[82:9] + {25'd0, inner};
  wire [83:0] product = {upper, outer[8:0], l0_q[16]};
  wire unused_bits = ^l0_q[15:0];

  reg [60:0] notional_q;
  reg [22:0] beyond_q;
  always @(posedge clk_i)
    if (en1_i) begin
      notional_q <= product[60:0];
      beyond_q   <= product[83:61];
    end
  assign notional_o = notional_q;
  assign bad_o      = |beyond_q;
endmodule

`default_nettype wire
