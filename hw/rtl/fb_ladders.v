// Ladder memory of a group: a whole ladder in one read, floors one cycle before rates and deductions.
//
// One narrow RAM a tier, so that a tier can be written by itself. Writing tier 0 starts a ladder anew: the floors of the other
// tiers become "never reached". The sequencer has waited for the group to be idle before it writes.
`default_nettype none
`include "fb_layout.vh"

module fb_ladders (
  input  wire              clk_i,
  input  wire              we_i,
  input  wire [7:0]        wladder_i,
  input  wire [3:0]        wtier_i,
  input  wire [60:0]       wfloor_i,
  input  wire [23:0]       wrate_i,
  input  wire [84:0]       wdeduction_i,
  input  wire              floors_re_i,
  input  wire [7:0]        floors_addr_i,
  output wire [15*62-1:0]  floors_o,      // the cycle after floors_re_i
  input  wire              tiers_re_i,
  input  wire [7:0]        tiers_addr_i,
  output wire [16*128-1:0] tiers_o        // the cycle after tiers_re_i
);
  genvar k;
  generate
    for (k = 1; k < 16; k = k + 1) begin : g_floor
      wire mine = wtier_i == k;
      fb_ram #(.WIDTH(62), .DEPTH(`FB_LADDERS), .ADDR_BITS(8)) u_ram (
        .clk_i(clk_i), .we_i(we_i && (mine || wtier_i == 4'd0)), .waddr_i(wladder_i), .wdata_i({!mine, wfloor_i}),
        .re_i(floors_re_i), .raddr_i(floors_addr_i), .rdata_o(floors_o[(k - 1) * 62 +: 62]));
    end
    for (k = 0; k < 16; k = k + 1) begin : g_tier
      fb_ram #(.WIDTH(109), .DEPTH(`FB_LADDERS), .ADDR_BITS(8)) u_ram (
        .clk_i(clk_i), .we_i(we_i && wtier_i == k), .waddr_i(wladder_i), .wdata_i({wrate_i, wdeduction_i}),
        .re_i(tiers_re_i), .raddr_i(tiers_addr_i), .rdata_o(tiers_o[k * 128 +: 109]));
      assign tiers_o[k * 128 + 109 +: 19] = 19'd0;
    end
  endgenerate
endmodule

`default_nettype wire
