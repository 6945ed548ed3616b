// Threshold table of a lane: {parity, defined, T} by class, index and direction, two asynchronous reads (LUT RAM).
//
// Port a and b each hold a copy, because they look up different entries in the same cycle. Index 0 and 7 are read but never used.
// Every entry carries parity, and is given with it.
`default_nettype none

module fb_thresholds (
  input  wire        clk_i,
  input  wire        we_i,        // writes up and down of one index
  input  wire [6:0]  waddr_i,     // {class, index}
  input  wire        wdefined_i,
  input  wire [25:0] wup_i,
  input  wire [25:0] wdown_i,
  input  wire [6:0]  a_addr_i,
  input  wire        a_down_i,
  output wire [27:0] a_o,
  input  wire [6:0]  b_addr_i,
  input  wire        b_down_i,
  output wire [27:0] b_o
);
  reg [27:0] up_a [0:127];
  reg [27:0] down_a [0:127];
  reg [27:0] up_b [0:127];
  reg [27:0] down_b [0:127];
  wire [27:0] up   = {^{wdefined_i, wup_i}, wdefined_i, wup_i};
  wire [27:0] down = {^{wdefined_i, wdown_i}, wdefined_i, wdown_i};
  always @(posedge clk_i)
    if (we_i) begin
      up_a[waddr_i]   <= up;
      up_b[waddr_i]   <= up;
      down_a[waddr_i] <= down;
      down_b[waddr_i] <= down;
    end
  assign a_o = a_down_i ? down_a[a_addr_i] : up_a[a_addr_i];
  assign b_o = b_down_i ? down_b[b_addr_i] : up_b[b_addr_i];
endmodule

`default_nettype wire
