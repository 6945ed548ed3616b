// Window of a lane's audit: fresh sums over rows for 16 neighbouring account slots (contract.md, section 7).
//
// clear_i empties all entries at once; add_i adds one row's part to an entry; the outputs show the entry index_i at any time. The
// memory is read in the cycle in which it is written (LUT RAM), so that rows of one account may follow each other.
`default_nettype none

module fb_window (
  input  wire               clk_i,
  input  wire               clear_i,
  input  wire               add_i,
  input  wire [3:0]         index_i,
  input  wire signed [63:0] equity_i,
  input  wire signed [87:0] mm_i,
  input  wire [1:0]         bad_i,      // signed: -1, 0, 1
  output wire signed [71:0] equity_o,
  output wire signed [95:0] mm_o,
  output wire [8:0]         bad_o
);
  reg  [176:0] sums [0:15];
  reg  [15:0]  used_q;                  // entries that hold anything
  wire [176:0] now = used_q[index_i] ? sums[index_i] : 177'd0;
  assign {bad_o, mm_o, equity_o} = now;
  // The row's part comes first: the carry then takes it, not what was read.
  wire signed [71:0] equity = {{8{equity_i[63]}}, equity_i} + equity_o;
  wire signed [95:0] mm     = {{8{mm_i[87]}}, mm_i} + mm_o;
  wire [8:0]         bad    = {{7{bad_i[1]}}, bad_i} + bad_o;

  always @(posedge clk_i) begin
    if (clear_i) used_q <= 16'd0;
    else if (add_i) used_q[index_i] <= 1'b1;
    if (add_i) sums[index_i] <= {bad, mm, equity};
  end
endmodule

`default_nettype wire
