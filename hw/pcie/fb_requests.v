// Requests that wait for the completer, and the credit for more of them.
//
// The hard block counts the cycles in which np_req is high, up to 32, and hands over one non-posted request for each. It is
// high only while there is a place for every request that the count can still bring: 32, and those in the pipeline, below
// full_o. So the buffer cannot overflow, whatever the count was when it began, after any reset, and CQ never has to wait
// for it. If a hard block breaks that rule all the same, full_o holds CQ until there is room again, and nothing is lost.
`default_nettype none
`include "fb_request.vh"

module fb_requests (
  input  wire                clk_i,
  input  wire                rst_i,
  input  wire                forget_i,
  input  wire                push_i,
  input  wire [`RE_BITS-1:0] entry_i,
  input  wire                pop_i,
  output wire                valid_o,
  output wire [`RE_BITS-1:0] entry_o,
  output reg                 np_req_o,
  output reg                 full_o
);
  localparam [6:0] DEPTH = 64;
  localparam [6:0] CREDITS = 32;    // most that the hard block counts
  localparam [6:0] FLIGHT = 4;      // beats taken but not yet here, and the register of full_o

  reg [`RE_BITS-1:0] mem [0:63];
  reg [5:0]          head_q, tail_q;
  reg [6:0]          count_q;
  wire [6:0]         count = count_q + {6'd0, push_i} - {6'd0, pop_i};

  assign valid_o = |count_q;
  assign entry_o = mem[head_q];

  always @(posedge clk_i) begin
    if (push_i) mem[tail_q] <= entry_i;
    if (rst_i || forget_i) begin
      head_q  <= 6'd0;
      tail_q  <= 6'd0;
      count_q <= 7'd0;
    end else begin
      if (pop_i) head_q <= head_q + 6'd1;
      if (push_i) tail_q <= tail_q + 6'd1;
      count_q <= count;
    end
    np_req_o <= !rst_i && count + CREDITS + FLIGHT + FLIGHT < DEPTH;
    full_o   <= !rst_i && count + FLIGHT > DEPTH;
  end
endmodule

`default_nettype wire
