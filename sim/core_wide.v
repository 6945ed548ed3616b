// fb_core with 256 lanes in groups of 8 and small memories, as the top of a simulation in which a group is verilated once
// (core_wide.vlt): the command line cannot give parameters to such a top.
`default_nettype none

module core_wide (
  input  wire         clk_i,
  input  wire         rst_i,
  input  wire         cmd_valid_i,
  output wire         cmd_ready_o,
  input  wire [511:0] cmd_i,
  output wire         rec_valid_o,
  input  wire         rec_ready_i,
  output wire [511:0] rec_o,
  output wire [287:0] counters_o
);
  fb_core #(.LANES(256), .GROUP(8), .ROW_BITS(10), .SLOT_BITS(8), .RANK(1)) u_core (
    .clk_i(clk_i), .rst_i(rst_i), .cmd_valid_i(cmd_valid_i), .cmd_ready_o(cmd_ready_o), .cmd_i(cmd_i),
    .rec_valid_o(rec_valid_o), .rec_ready_i(rec_ready_i), .rec_o(rec_o), .counters_o(counters_o));
endmodule

`default_nettype wire
