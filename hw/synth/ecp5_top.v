// The core behind a few pins, so that it can be placed on a device with fewer pins than the core has wires: commands come in and
// records go out one bit a cycle. Only to see what the core's logic does on an FPGA; nothing is meant to be plugged in.
//
// A command is shifted in over din_i and offered when go_i is high; a record is taken when the shift register is empty, and
// shifted out over dout_o. The registers at the core's edge are the first and last of every path, as in the endpoint.
`default_nettype none

module ecp5_top #(
  parameter LANES = 1,
  parameter GROUP = 1,
  parameter RANK = 0
) (
  input  wire clk_i,
  input  wire rst_i,
  input  wire din_i,
  input  wire shift_i,
  input  wire go_i,
  output wire ready_o,
  output wire dout_o,
  output wire full_o
);
  reg          rst_q, valid_q, full_q;
  reg  [511:0] cmd_q, rec_q;
  reg  [8:0]   left_q;
  reg          count_q;
  wire         ready, rec_valid;
  wire [511:0] rec;
  wire [287:0] counters;
  always @(posedge clk_i) begin
    rst_q   <= rst_i;
    if (shift_i && !valid_q) cmd_q <= {cmd_q[510:0], din_i};
    valid_q <= !rst_q && (go_i || (valid_q && !ready));
    count_q <= ^counters;
    if (rst_q) full_q <= 1'b0;
    else if (!full_q) full_q <= rec_valid;
    else if (left_q == 9'd0) full_q <= 1'b0;
    left_q <= full_q ? left_q - 9'd1 : 9'd511;
    rec_q  <= full_q ? {rec_q[510:0], count_q} : rec;
  end
  fb_core #(.LANES(LANES), .GROUP(GROUP), .RANK(RANK), .ROW_BITS(10), .SLOT_BITS(9)) u_core (
    .clk_i(clk_i), .rst_i(rst_q), .cmd_valid_i(valid_q), .cmd_ready_o(ready), .cmd_i(cmd_q), .rec_valid_o(rec_valid),
    .rec_ready_i(!full_q), .rec_o(rec), .counters_o(counters));
  assign ready_o = ready && !valid_q;
  assign dout_o  = rec_q[511];
  assign full_o  = full_q;
endmodule

`default_nettype wire
