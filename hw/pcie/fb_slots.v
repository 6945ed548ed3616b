// The command window: 256 slots of 64 bytes, and for each byte whether it has been written since its slot was emptied.
//
// The bytes lie in 16 banks of block RAM with byte enables, so that 64 bytes that begin at any dword are written in one
// cycle. A byte of slot s is there when its mark differs from the color of the slot. The writer sets marks, the reader
// changes the color of a whole slot and so empties it: each has its own memory, and both may work on one slot in the same
// cycle. A byte that is written in the very cycle in which its whole slot is emptied goes with it.
//
// In the cycle of read_i slot_i is looked up: whole_o says at once whether all its bytes are there, word_o follows a cycle later.
// Both know the writes of all cycles before.
`default_nettype none

module fb_slots (
  input  wire         clk_i,
  input  wire         write_i,
  input  wire [7:0]   row_i,
  input  wire [15:0]  next_i,        // banks that belong to the row after
  input  wire [511:0] data_i,
  input  wire [63:0]  be_i,
  input  wire         clear_i,       // empty a slot that may hold parts; not while write_i
  input  wire [7:0]   clear_slot_i,
  input  wire         read_i,        // else word_o stays
  input  wire [7:0]   slot_i,
  output wire         whole_o,
  output wire         color_o,
  output wire [511:0] word_o,
  input  wire         empty_i,       // empty a slot that is whole
  input  wire [7:0]   empty_slot_i,
  input  wire         empty_color_i  // what its color was
);
  wire [7:0] after = row_i + 8'd1;

  reg  color [0:255];
  assign color_o = color[slot_i];
  wire color_row = color[row_i], color_after = color[after];
  always @(posedge clk_i)
    if (clear_i) color[clear_slot_i] <= 1'b0;
    else if (empty_i) color[empty_slot_i] <= !empty_color_i;

  wire [63:0] marks;
  assign whole_o = color_o ? ~|marks : &marks;

  genvar k, b;
  generate
    for (k = 0; k < 16; k = k + 1) begin : g_bank
      wire [7:0] row = next_i[k] ? after : row_i;
      wire [7:0] address = clear_i ? clear_slot_i : row;
      wire       mark = clear_i ? 1'b0 : !(next_i[k] ? color_after : color_row);
      reg [31:0] mem [0:255];
      reg [31:0] word_q;
      assign word_o[k * 32 +: 32] = word_q;
      always @(posedge clk_i) begin
        if (write_i && be_i[k * 4])     mem[row][7:0]   <= data_i[k * 32 +: 8];
        if (write_i && be_i[k * 4 + 1]) mem[row][15:8]  <= data_i[k * 32 + 8 +: 8];
        if (write_i && be_i[k * 4 + 2]) mem[row][23:16] <= data_i[k * 32 + 16 +: 8];
        if (write_i && be_i[k * 4 + 3]) mem[row][31:24] <= data_i[k * 32 + 24 +: 8];
        if (read_i) word_q <= mem[slot_i];
      end
      for (b = 0; b < 4; b = b + 1) begin : g_byte
        reg marked [0:255];
        assign marks[k * 4 + b] = marked[slot_i];
        always @(posedge clk_i) if (clear_i || (write_i && be_i[k * 4 + b])) marked[address] <= mark;
      end
    end
  endgenerate
endmodule

`default_nettype wire
