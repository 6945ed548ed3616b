// Stands in for fb_core in the benches of the endpoint: takes a command whenever it may, and answers with `count` records
// that name its sequence, after 22 cycles, one less than the real core. The bench stalls it through `stall`.
`default_nettype none
`include "fb_layout.vh"

module fb_core #(
  parameter LANES = 8,
  parameter GROUP = 4,
  parameter ROW_BITS = 13,
  parameter SLOT_BITS = 12,
  parameter RANK = 1
) (
  input  wire         clk_i,
  input  wire         rst_i,
  input  wire         cmd_valid_i,
  output wire         cmd_ready_o,
  input  wire [511:0] cmd_i,
  output reg          rec_valid_o,
  input  wire         rec_ready_i,
  output wire [511:0] rec_o,
  output wire [287:0] counters_o
);
  localparam DELAY = 21;
  reg         stall;
  reg [71:0]  queue [0:1023];       // {count, sequence}
  reg [63:0]  due [0:1023];
  integer     head, tail, cycle, index;
  reg [511:0] rec_q;

  initial stall = 1'b0;
  assign cmd_ready_o = !stall && tail - head < 64;
  assign rec_o = rec_q;
  assign counters_o = {48'd6, 48'd5, 48'd4, 48'd3, 48'd2, 48'd1};

  always @(posedge clk_i) begin
    cycle <= cycle + 1;
    if (cmd_valid_i && cmd_ready_o) begin
      queue[tail % 1024] <= {cmd_i[`FB_CMD_COUNT], cmd_i[`FB_CMD_SEQ]};
      due[tail % 1024]   <= cycle + DELAY;
      tail <= tail + 1;
    end
    if (rec_ready_i) rec_valid_o <= 1'b0;
    if ((rec_ready_i || !rec_valid_o) && head != tail && cycle >= due[head % 1024]) begin
      if (queue[head % 1024][71:64] != 8'd0) begin
        rec_valid_o <= 1'b1;
        rec_q <= 512'd0;
        rec_q[`FB_REC_SEQ]     <= queue[head % 1024][63:0];
        rec_q[`FB_REC_KIND]    <= `FB_KIND_LEVEL;
        rec_q[`FB_REC_ACCOUNT] <= index;
      end
      if (index + 1 >= queue[head % 1024][71:64]) begin
        index <= 0;
        head  <= head + 1;
      end else index <= index + 1;
    end
    if (rst_i) begin
      cycle <= 0;
      head  <= 0;
      tail  <= 0;
      index <= 0;
      rec_valid_o <= 1'b0;
    end
  end
endmodule

`default_nettype wire
