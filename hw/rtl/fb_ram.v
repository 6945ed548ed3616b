// Simple dual-port RAM: one synchronous write port, one synchronous read port.
//
// The read port has an enable and holds its output while it is low. A read at the edge of a write to the same address gives
// the old word; whoever needs the new one forwards it. No reset: contents are cleared by a walk (fb_group, IK_CLEAR).
`default_nettype none

module fb_ram #(
  parameter WIDTH = 8,
  parameter DEPTH = 16,
  parameter ADDR_BITS = 4
) (
  input  wire                 clk_i,
  input  wire                 we_i,
  input  wire [ADDR_BITS-1:0] waddr_i,
  input  wire [WIDTH-1:0]     wdata_i,
  input  wire                 re_i,
  input  wire [ADDR_BITS-1:0] raddr_i,
  output reg  [WIDTH-1:0]     rdata_o
);
  reg [WIDTH-1:0] mem [0:DEPTH-1];

  always @(posedge clk_i) begin
    if (we_i) mem[waddr_i] <= wdata_i;
    if (re_i) rdata_o <= mem[raddr_i];
  end

  generate
    if (DEPTH > (1 << ADDR_BITS)) begin : g_check
      fb_parameter_error depth_does_not_fit_address ();
    end
  endgenerate
endmodule

`default_nettype wire
