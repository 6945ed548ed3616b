// Posted credit: may another packet begin?
//
// The hard block tells what it has left, some cycles late; what began within the last LATE cycles is subtracted once more.
// That is never too much, and if a block is later than that, it holds RQ itself. Status lines and messages leave a reserve
// for records.
`default_nettype none

module fb_posted #(
  parameter LATE = 16
) (
  input  wire        clk_i,
  input  wire        rst_i,
  input  wire [7:0]  headers_i,
  input  wire [11:0] data_i,          // 16 bytes each
  input  wire        launch_i,        // a packet begins
  output reg         record_o,
  output reg         other_o
);
  localparam [8:0]  RESERVE_HEADERS = 9'd4;
  localparam [12:0] RESERVE_DATA = 13'd16;

  reg [LATE-1:0] launched_q;
  reg [4:0]      recent_q;
  wire [8:0]     headers = {4'd0, recent_q} + 9'd1;            // with the one that asks
  wire [12:0]    data    = {6'd0, recent_q, 2'd0} + 13'd4;

  always @(posedge clk_i) begin
    launched_q <= {launched_q[LATE-2:0], launch_i};
    recent_q   <= recent_q + {4'd0, launch_i} - {4'd0, launched_q[LATE-1]};
    record_o   <= {1'b0, headers_i} >= headers && {1'b0, data_i} >= data;
    other_o    <= {1'b0, headers_i} >= headers + RESERVE_HEADERS && {1'b0, data_i} >= data + RESERVE_DATA;
    if (rst_i) begin
      launched_q <= {LATE{1'b0}};
      recent_q   <= 5'd0;
      record_o   <= 1'b0;
      other_o    <= 1'b0;
    end
  end

  generate
    if (LATE > 31 || LATE < 2) begin : g_check
      fb_parameter_error late_is_2_to_31 ();
    end
  endgenerate
endmodule

`default_nettype wire
