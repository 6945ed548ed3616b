// Stands in for the command window in the proof of fb_intake: any slot may be whole at any time and hold any word.
`default_nettype none

module fb_slots (
  input  wire         clk_i,
  input  wire         write_i,
  input  wire [7:0]   row_i,
  input  wire [15:0]  next_i,
  input  wire [511:0] data_i,
  input  wire [63:0]  be_i,
  input  wire         clear_i,
  input  wire [7:0]   clear_slot_i,
  input  wire         read_i,
  input  wire [7:0]   slot_i,
  output wire         whole_o,
  output wire         color_o,
  output wire [511:0] word_o,
  input  wire         empty_i,
  input  wire [7:0]   empty_slot_i,
  input  wire         empty_color_i
);
  (* anyseq *) reg         whole, color;
  (* anyseq *) reg [511:0] word;
  reg [511:0] word_q;
  assign whole_o = whole;
  assign color_o = color;
  assign word_o  = word_q;
  always @(posedge clk_i) if (read_i) word_q <= word;
endmodule

`default_nettype wire
