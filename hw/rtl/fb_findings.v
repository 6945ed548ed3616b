// Findings of a group's audit, as records: after each of its items the lanes are looked at one after another, then the shared
// tables.
//
// Of a lane come a memory fault, a mismatch, a known row computed wrongly, one word each; of the tables the first word that
// failed its parity. room_i says that a word may leave in this cycle; busy_o is high from an item until all has left.
`default_nettype none
`include "fb_layout.vh"
`include "fb_item.vh"

module fb_findings #(
  parameter GROUP = 4,
  parameter LANE_BITS = 2
) (
  input  wire                           clk_i,
  input  wire                           rst_i,
  input  wire [15:0]                    first_lane_i,
  input  wire                           clear_i,
  // the item under way
  input  wire                           item_i,          // it comes
  input  wire                           walked_i,        // its last row has been issued
  input  wire                           look_i,          // it is over: look at the lanes
  output wire                           busy_o,
  // lanes
  input  wire [(1<<LANE_BITS)-1:0]      fault_valid_i,
  input  wire [(1<<LANE_BITS)*64-1:0]   fault_i,
  output wire [GROUP-1:0]               fault_taken_o,
  input  wire [(1<<LANE_BITS)-1:0]      mismatch_i,
  output wire [GROUP-1:0]               mismatch_taken_o,
  input  wire [(1<<LANE_BITS)*256-1:0]  finding_i,
  input  wire [(1<<LANE_BITS)-1:0]      known_wrong_i,
  output wire [GROUP-1:0]               known_taken_o,
  input  wire [GROUP-1:0]               probe_bad_i,
  input  wire [GROUP*8-1:0]             probe_at_i,
  // shared tables
  input  wire                           ladder_fault_i,
  input  wire [8:0]                     ladder_i,
  input  wire                           chain_fault_i,
  input  wire [9:0]                     chain_symbol_i,
  // out
  input  wire                           room_i,
  output wire                           found_o,
  output wire [447:0]                   word_o
);
  `include "fb_words.vh"
  localparam [31:0] LAST_WIDE = GROUP - 1;
  localparam [LANE_BITS-1:0] LAST = LAST_WIDE[LANE_BITS-1:0];

  reg                  look_q, busy_q, table_valid_q;
  reg  [LANE_BITS-1:0] lane_q;
  reg  [3:0]           table_q;
  reg  [31:0]          table_at_q;
  wire fault = fault_valid_i[lane_q], mismatch = mismatch_i[lane_q], known = known_wrong_i[lane_q];
  wire here  = fault || mismatch || known;
  wire go    = look_q && room_i;
  wire last  = lane_q == LAST;
  wire of_table = go && !here && last && table_valid_q;
  wire over     = go && !here && last && !table_valid_q;

  // The threshold that some lane found wrong; it does not matter which one speaks.
  integer p;
  reg [6:0] probe;
  always @* begin
    probe = 7'd0;
    for (p = 0; p < GROUP; p = p + 1) if (probe_bad_i[p]) probe = probe_at_i[p * 8 +: 7];
  end
  wire table_fault = ladder_fault_i || chain_fault_i || |probe_bad_i;

  always @(posedge clk_i) begin
    if (rst_i || clear_i) begin
      look_q        <= 1'b0;
      busy_q        <= 1'b0;
      table_valid_q <= 1'b0;
    end else begin
      if (item_i) busy_q <= 1'b1;
      else if (walked_i || over) busy_q <= 1'b0;
      if (look_i) look_q <= 1'b1;
      else if (over) look_q <= 1'b0;
      if (table_fault) table_valid_q <= 1'b1;
      else if (of_table) table_valid_q <= 1'b0;
    end
    if (look_i) lane_q <= {LANE_BITS{1'b0}};
    else if (go && !here && !last) lane_q <= lane_q + 1'b1;
    if (!table_valid_q && table_fault) begin
      table_q    <= ladder_fault_i ? `FB_TABLE_LADDER : chain_fault_i ? `FB_TABLE_CHAIN : `FB_TABLE_THRESHOLD;
      table_at_q <= ladder_fault_i ? {23'd0, ladder_i} : chain_fault_i ? {22'd0, chain_symbol_i} : {25'd0, probe};
    end
  end
  assign busy_o = busy_q;

  genvar g;
  generate
    for (g = 0; g < GROUP; g = g + 1) begin : g_taken
      localparam [31:0] WIDE = g;
      localparam [LANE_BITS-1:0] ME = WIDE[LANE_BITS-1:0];
      wire mine = go && lane_q == ME;
      assign fault_taken_o[g]    = mine && fault;
      assign mismatch_taken_o[g] = mine && !fault && mismatch;
      assign known_taken_o[g]    = mine && !fault && !mismatch && known;
    end
  endgenerate

  wire [255:0] finding_wide = finding_i[{lane_q, 8'd0} +: 256];
  wire [63:0]  fault_wide   = fault_i[{lane_q, 6'd0} +: 64];
  wire [15:0]  lane         = first_lane_i + {{(16 - LANE_BITS){1'b0}}, lane_q};
  wire unused_bits = ^{finding_wide[255:`AF_BITS], fault_wide[63:56]};
  assign found_o = (go && here) || of_table;
  assign word_o  = of_table ? fb_table_word(table_q, table_at_q) : fault ? fb_fault_word(lane, fault_wide[55:0])
                 : fb_finding_word(lane, finding_wide[`AF_BITS-1:0], !mismatch);
endmodule

`default_nettype wire
