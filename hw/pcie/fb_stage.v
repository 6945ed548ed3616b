// Writes to BAR0, gathered until their packet ends: registers change at once and only by whole, undamaged packets.
//
// Everything that can be written lies in two rows of 64 bytes: the registers from RING_BASE, and the MSI-X table. set_o comes in
// the cycle of the packet's last beat, together with all dwords and byte enables of the packet for those rows.
`default_nettype none
`include "fb_layout.vh"

module fb_stage (
  input  wire         clk_i,
  input  wire         rst_i,
  input  wire         write_i,        // a beat of fb_cq to BAR0, and its parts
  input  wire [9:0]   row_i,
  input  wire [15:0]  next_i,
  input  wire [511:0] data_i,
  input  wire [63:0]  be_i,
  input  wire         last_i,
  input  wire         bad_i,
  output wire         set_o,
  output wire [51:0]  control_be_o,   // 13 dwords from RING_BASE
  output wire [415:0] control_o,
  output wire [15:0]  table_be_o,     // 4 dwords from MSIX_TABLE
  output wire [127:0] table_o
);
  localparam [11:0] CONTROL_BYTE = `FB_REG_RING_BASE;
  localparam [31:0] TABLE_BYTE = `FB_MSIX_TABLE;
  localparam [9:0] CONTROL = {4'd0, CONTROL_BYTE[11:6]};
  localparam [9:0] TABLE = TABLE_BYTE[15:6];
  wire       unused = ^{data_i, be_i};
  wire [9:0] after = row_i + 10'd1;

  assign set_o = write_i && last_i && !bad_i;

  genvar k, b;
  generate
    for (k = 0; k < 17; k = k + 1) begin : g_dword
      localparam BANK = k < 13 ? k : k - 13;
      localparam [9:0] ROW = k < 13 ? CONTROL : TABLE;
      wire       here = write_i && (next_i[BANK] ? after : row_i) == ROW;
      reg [3:0]  held_be_q;
      reg [31:0] held_q;
      wire [3:0] new_be = here ? be_i[BANK * 4 +: 4] : 4'd0;
      wire [3:0] be = held_be_q | new_be;
      wire [31:0] value;
      for (b = 0; b < 4; b = b + 1) begin : g_byte
        assign value[b * 8 +: 8] = new_be[b] ? data_i[BANK * 32 + b * 8 +: 8] : held_q[b * 8 +: 8];
      end
      always @(posedge clk_i) begin
        held_q <= value;
        if (rst_i || (write_i && last_i)) held_be_q <= 4'd0;
        else held_be_q <= be;
      end
      if (k < 13) begin : g_control
        assign control_be_o[k * 4 +: 4] = be;
        assign control_o[k * 32 +: 32]  = value;
      end else begin : g_table
        assign table_be_o[(k - 13) * 4 +: 4] = be;
        assign table_o[(k - 13) * 32 +: 32]  = value;
      end
    end
  endgenerate

  generate
    if (`FB_REG_STATUS_CYCLES - `FB_REG_RING_BASE != 48 || CONTROL_BYTE[5:0] != 0) begin : g_check
      fb_parameter_error writable_registers_fill_the_first_13_dwords_of_one_row ();
    end
  endgenerate
endmodule

`default_nettype wire
