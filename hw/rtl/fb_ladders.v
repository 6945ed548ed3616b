// Ladder memory of a group: a whole ladder in one read, floors one cycle before rates and deductions.
//
// One narrow RAM a tier, so that a tier can be written by itself. Writing tier 0 starts a ladder anew: the floors of the other
// tiers become "never reached". The sequencer has waited for the group to be idle before it writes. Ladder 256 is that of the
// known rows. Every word carries parity; fault_o tells when one that counts fails it.
`default_nettype none
`include "fb_layout.vh"

module fb_ladders (
  input  wire              clk_i,
  input  wire              we_i,
  input  wire [8:0]        wladder_i,
  input  wire [3:0]        wtier_i,
  input  wire [60:0]       wfloor_i,
  input  wire [23:0]       wrate_i,
  input  wire [84:0]       wdeduction_i,
  input  wire              floors_re_i,
  input  wire [8:0]        floors_addr_i,
  output wire [15*62-1:0]  floors_o,      // the cycle after floors_re_i
  input  wire              tiers_re_i,
  input  wire [8:0]        tiers_addr_i,
  output wire [16*128-1:0] tiers_o,       // the cycle after tiers_re_i
  input  wire              check_i,       // with floors_re_i: this ladder is written, look at its parity
  output reg               fault_o,       // three cycles later
  output reg  [8:0]        fault_ladder_o
);
  wire [15:0] floor_bad, tier_bad, reached;
  genvar k;
  generate
    for (k = 1; k < 16; k = k + 1) begin : g_floor
      wire mine = wtier_i == k;
      wire parity;
      fb_ram #(.WIDTH(63), .DEPTH(2 * `FB_LADDERS), .ADDR_BITS(9), .OLD(0)) u_ram (
        .clk_i(clk_i), .we_i(we_i && (mine || wtier_i == 4'd0)), .waddr_i(wladder_i),
        .wdata_i({^{!mine, wfloor_i}, !mine, wfloor_i}), .re_i(floors_re_i), .raddr_i(floors_addr_i),
        .rdata_o({parity, floors_o[(k - 1) * 62 +: 62]}));
      assign floor_bad[k] = parity ^ ^floors_o[(k - 1) * 62 +: 62];
      assign reached[k]   = !floors_o[(k - 1) * 62 + 61];
    end
    for (k = 0; k < 16; k = k + 1) begin : g_tier
      wire parity;
      fb_ram #(.WIDTH(110), .DEPTH(2 * `FB_LADDERS), .ADDR_BITS(9), .OLD(0)) u_ram (
        .clk_i(clk_i), .we_i(we_i && wtier_i == k), .waddr_i(wladder_i),
        .wdata_i({^{wrate_i, wdeduction_i}, wrate_i, wdeduction_i}), .re_i(tiers_re_i), .raddr_i(tiers_addr_i),
        .rdata_o({parity, tiers_o[k * 128 +: 109]}));
      assign tier_bad[k] = parity ^ ^tiers_o[k * 128 +: 109];
      assign tiers_o[k * 128 + 109 +: 19] = 19'd0;
    end
  endgenerate

  // A tier that is never reached may never have been written. Floors stand a cycle before their tiers.
  assign floor_bad[0] = 1'b0;
  assign reached[0]   = 1'b1;
  reg        check_q8, check_q9, floor_bad_q9;
  reg [15:0] reached_q9;
  reg [8:0]  ladder_q8, ladder_q9;
  always @(posedge clk_i) begin
    check_q8 <= check_i && floors_re_i;
    check_q9 <= check_q8;
    if (check_i) ladder_q8 <= floors_addr_i;
    if (check_q8) begin
      floor_bad_q9 <= |floor_bad;
      reached_q9   <= reached;
      ladder_q9    <= ladder_q8;
    end
    fault_o        <= check_q9 && (floor_bad_q9 || |(tier_bad & reached_q9));
    fault_ladder_o <= ladder_q9;
  end
endmodule

`default_nettype wire
