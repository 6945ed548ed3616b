// Gap: the command of NEXT_SEQ is late although the host has sent it, or later ones.
//
// ahead_q is how far the window is known to be used: 1 + the distance from NEXT_SEQ to the farthest slot in which a piece
// has arrived. A piece more than half a window beyond that is taken for a repetition of an old one, and proves nothing.
// While ahead_q is not 0, the core has room and the kill switch is off, time runs; it starts again when a command acts.
// When it is up, a fault waits for the writer, and time stands still until it has been written. The slot keeps what it has:
// what the host sends again takes the place of it.
`default_nettype none
`include "fb_layout.vh"

module fb_gap (
  input  wire         clk_i,
  input  wire         rst_i,
  input  wire         start_i,
  input  wire         open_i,
  input  wire         running_i,
  input  wire [24:0]  cycles_i,
  input  wire         write_i,       // to the window
  input  wire [7:0]   row_i,
  input  wire [15:0]  next_i,
  input  wire [63:0]  be_i,
  input  wire         room_i,        // the core takes a command
  input  wire         acted_i,
  input  wire [63:0]  next_seq_i,
  output reg          fault_o,       // a record is wanted, with this sequence
  output reg  [63:0]  fault_seq_o,
  input  wire         taken_i,
  output reg  [30:0]  gaps_o
);
  reg [15:0] low, high;              // banks of row_i, and of the row after it, that get bytes
  integer    k;
  always @* begin
    for (k = 0; k < 16; k = k + 1) begin
      low[k]  = |be_i[k * 4 +: 4] && !next_i[k];
      high[k] = |be_i[k * 4 +: 4] && next_i[k];
    end
  end

  reg        piece_q;
  reg [7:0]  row_q;
  reg [8:0]  ahead_q;
  reg [24:0] time_q;
  wire [7:0] distance = row_q - next_seq_i[7:0];
  wire       counts   = piece_q && {2'd0, distance} < {1'b0, ahead_q} + 10'd128;
  wire [8:0] reach    = {1'b0, distance} + 9'd1;
  wire [8:0] ahead    = counts && reach > ahead_q ? reach : ahead_q;
  wire       up       = time_q >= cycles_i && !fault_o && !acted_i && running_i;

  always @(posedge clk_i) begin
    piece_q <= write_i && open_i && |{low, high};
    row_q   <= |high ? row_i + 8'd1 : row_i;
    ahead_q <= acted_i && |ahead ? ahead - 9'd1 : ahead;
    if (acted_i || up) time_q <= 25'd0;
    else if (running_i && room_i && |ahead_q && !fault_o) time_q <= time_q + 25'd1;
    if (taken_i) fault_o <= 1'b0;
    if (up) begin
      fault_o     <= 1'b1;
      fault_seq_o <= next_seq_i;
      if (!(&gaps_o)) gaps_o <= gaps_o + 31'd1;
    end
    if (rst_i || !open_i) begin
      piece_q <= 1'b0;
      ahead_q <= 9'd0;
      time_q  <= 25'd0;
      fault_o <= 1'b0;
    end
    if (rst_i || start_i) gaps_o <= 31'd0;
  end
endmodule

`default_nettype wire
