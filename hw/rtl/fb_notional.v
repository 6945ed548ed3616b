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

  // l0 and l2 do not overlap once l2 is shifted by 34 past bit 43: the sum needs two rows fewer.
  wire [99:0] sum = {57'd0, l0_q} + {40'd0, l1_q, 17'd0} + {26'd0, l2_q, 34'd0}
                  + {31'd0, h0_q, 26'd0} + {14'd0, h1_q, 43'd0} + {h2_q, 60'd0};
  wire unused_fraction = |sum[15:0];

  reg [60:0] notional_q;
  reg        bad_q;
  always @(posedge clk_i)
    if (en1_i) begin
      notional_q <= sum[76:16];
      bad_q      <= |sum[99:77];
    end
  assign notional_o = notional_q;
  assign bad_o      = bad_q;
endmodule

`default_nettype wire
