// Small tables of the sequencer: what has been written of each ladder and class, which symbols exist, their unit value and
// ladder.
//
// Ladders and classes keep only what the order checks need (count and last entry); their contents live beside the lanes.
`default_nettype none
`include "fb_layout.vh"

module fb_tables (
  input  wire        clk_i,
  input  wire        clear_i,        // forget: walks clear_index_i over all ladders, drops the rest at once
  input  wire [7:0]  clear_index_i,
  // ladders
  input  wire        ladder_we_i,
  input  wire [7:0]  ladder_i,
  input  wire        ladder_re_i,
  input  wire [7:0]  ladder_raddr_i,
  input  wire [4:0]  ladder_tiers_i,
  input  wire [60:0] ladder_floor_i,
  output wire [4:0]  ladder_tiers_o, // the cycle after ladder_re_i
  output wire [60:0] ladder_floor_o,
  // classes
  input  wire        class_we_i,
  input  wire [3:0]  class_i,
  input  wire [2:0]  class_pairs_i,
  input  wire [25:0] class_up_i,
  input  wire        class_strict_i,
  output wire [2:0]  class_pairs_o,
  output wire [25:0] class_up_o,
  output wire [15:0] strict_o,
  // symbols
  input  wire        symbol_we_i,
  input  wire [9:0]  symbol_waddr_i,
  input  wire [51:0] symbol_u_i,
  input  wire [7:0]  symbol_ladder_i,
  input  wire        symbol_re_i,
  input  wire [9:0]  symbol_raddr_i,
  output wire [51:0] symbol_u_o,     // the cycle after symbol_re_i
  output wire [7:0]  symbol_ladder_o,
  output wire        symbol_bad_o,   // the word failed its parity
  output wire [15:0] written_o,      // classes
  // which symbols exist
  input  wire        define_i,       // symbol_i[9:0] does from now on
  input  wire [`FB_MARKS_PER_WORD*10-1:0] symbol_i,
  output wire [`FB_MARKS_PER_WORD-1:0] defined_o,
  input  wire [9:0]  row_symbol_i,
  output wire        row_defined_o,
  input  wire [9:0]  index_i,
  output wire        index_defined_o,
  input  wire [9:0]  audit_symbol_i,
  output wire        audit_defined_o,
  output wire        audit_near_o    // one of the 16 symbols with the same high bits exists
);
  // Read as a command comes in, written while it is carried out.
  fb_ram #(.WIDTH(66), .DEPTH(`FB_LADDERS), .ADDR_BITS(8), .OLD(0)) u_ladders (
    .clk_i(clk_i), .we_i(clear_i || ladder_we_i), .waddr_i(clear_i ? clear_index_i : ladder_i),
    .wdata_i(clear_i ? 66'd0 : {ladder_tiers_i, ladder_floor_i}),
    .re_i(ladder_re_i), .raddr_i(ladder_raddr_i), .rdata_o({ladder_tiers_o, ladder_floor_o}));

  reg [28:0] classes [0:`FB_CLASSES-1];
  reg [15:0] strict_q, written_q;
  wire [28:0] class_word = classes[class_i];
  always @(posedge clk_i) begin
    if (class_we_i) classes[class_i] <= {class_pairs_i, class_up_i};
    if (clear_i) written_q <= 16'd0;
    else if (class_we_i) begin
      written_q[class_i] <= 1'b1;
      strict_q[class_i]  <= class_strict_i;
    end
  end
  assign class_pairs_o = written_q[class_i] ? class_word[28:26] : 3'd0;
  assign class_up_o    = class_word[25:0];
  assign strict_o      = strict_q;
  assign written_o     = written_q;

  // A bit for each symbol, in words of 16: of one of 32 the choice of the bit would be a level of LUTs more.
  reg [15:0] defined [0:`FB_SYMBOLS / 16 - 1];
  always @(posedge clk_i)
    if (clear_i) defined[clear_index_i[5:0]] <= 16'd0;
    else if (define_i) defined[symbol_i[9:4]] <= word[0] | 16'd1 << symbol_i[3:0];
  wire [15:0] word [0:`FB_MARKS_PER_WORD-1];
  genvar g;
  generate
    for (g = 0; g < `FB_MARKS_PER_WORD; g = g + 1) begin : g_defined
      assign word[g]      = defined[symbol_i[g * 10 + 4 +: 6]];
      assign defined_o[g] = word[g][symbol_i[g * 10 +: 4]];
    end
  endgenerate
  wire [15:0] row_word   = defined[row_symbol_i[9:4]];
  wire [15:0] index_word = defined[index_i[9:4]];
  wire [15:0] audit_word = defined[audit_symbol_i[9:4]];
  assign row_defined_o   = row_word[row_symbol_i[3:0]];
  assign index_defined_o = index_word[index_i[3:0]];
  assign audit_defined_o = audit_word[audit_symbol_i[3:0]];
  assign audit_near_o    = |audit_word;

  wire symbol_parity;
  assign symbol_bad_o = symbol_parity ^ ^{symbol_ladder_o, symbol_u_o};
  fb_ram #(.WIDTH(61), .DEPTH(`FB_SYMBOLS), .ADDR_BITS(10)) u_symbols (
    .clk_i(clk_i), .we_i(symbol_we_i), .waddr_i(symbol_waddr_i),
    .wdata_i({^{symbol_ladder_i, symbol_u_i}, symbol_ladder_i, symbol_u_i}),
    .re_i(symbol_re_i), .raddr_i(symbol_raddr_i), .rdata_o({symbol_parity, symbol_ladder_o, symbol_u_o}));
endmodule

`default_nettype wire
