// A place for one word, so that ready_o is a register: costs no cycle while the receiver takes what comes.
`default_nettype none

module fb_skid #(
  parameter WIDTH = 8
) (
  input  wire             clk_i,
  input  wire             rst_i,
  input  wire             valid_i,
  output wire             ready_o,
  input  wire [WIDTH-1:0] word_i,
  output wire             valid_o,
  input  wire             ready_i,
  output wire [WIDTH-1:0] word_o
);
  reg             full_q;
  reg [WIDTH-1:0] word_q;
  assign ready_o = !full_q;
  assign valid_o = full_q || valid_i;
  assign word_o  = full_q ? word_q : word_i;

  always @(posedge clk_i) begin
    if (!full_q) word_q <= word_i;
    if (rst_i) full_q <= 1'b0;
    else full_q <= valid_o && !ready_i;
  end
endmodule

`default_nettype wire
