// Simple dual-port RAM: one synchronous write port, one synchronous read port.
//
// The read port has an enable and holds its output while it is low. A read at the edge of a write to the same address gives
// the old word where OLD is 1; whoever needs the new one forwards it. Where OLD is 0 nobody looks at that word, and it may be
// anything: ECP5's block RAM does not say what is read then, and a RAM that is to give the old word there is held back by a
// cycle with registers and choices as wide as its words. Simulation turns an odd number of bits round then, so that whoever looks
// at the word or at its parity is seen. No reset: contents are cleared by a walk (fb_group, IK_CLEAR).
`default_nettype none

module fb_ram #(
  parameter WIDTH = 8,
  parameter DEPTH = 16,
  parameter ADDR_BITS = 4,
  parameter OLD = 1
) (
  input  wire                 clk_i,
  input  wire                 we_i,
  input  wire [ADDR_BITS-1:0] waddr_i,
  input  wire [WIDTH-1:0]     wdata_i,
  input  wire                 re_i,
  input  wire [ADDR_BITS-1:0] raddr_i,
  output reg  [WIDTH-1:0]     rdata_o
);
`ifdef SYNTHESIS
  (* no_rw_check = OLD == 0 *)  // a simulator may want attributes to be numbers
`endif
  reg [WIDTH-1:0] mem [0:DEPTH-1];
`ifndef SYNTHESIS
  localparam [WIDTH-1:0] ODD = {WIDTH{1'b1}} >> (WIDTH % 2 == 0 ? 1 : 0);
`endif

  always @(posedge clk_i) begin
    if (we_i) mem[waddr_i] <= wdata_i;
`ifdef SYNTHESIS
    if (re_i) rdata_o <= mem[raddr_i];
`else
    if (re_i) rdata_o <= OLD == 0 && we_i && waddr_i == raddr_i ? mem[raddr_i] ^ ODD : mem[raddr_i];
`endif
  end

  generate
    if (DEPTH > (1 << ADDR_BITS)) begin : g_check
      fb_parameter_error depth_does_not_fit_address ();
    end
  endgenerate
endmodule

`default_nettype wire
