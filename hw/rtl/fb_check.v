// Command check: what can be told from the word and the tables alone (contract.md, section 2, steps 2 to 8).
//
// In the cycle of en_i each kind of fault is looked for by itself; in the next the first of them, in the order of the contract,
// is the reason. What depends on placement comes in with the command (place_reject) and is applied last.
`default_nettype none
`include "fb_layout.vh"
`include "fb_item.vh"

module fb_check #(
  parameter RANK = 1                             // 0: built without rank and audit
) (
  input  wire         clk_i,
  input  wire         en_i,                      // a command is being checked
  input  wire [511:0] cmd_i,
  input  wire [`IS_BITS-1:0] is_i,               // its opcode
  input  wire         batch_open_i,
  input  wire [`FB_MARKS_PER_WORD-1:0] defined_i,   // the symbols of the marks are; the first is that of SYMBOL, FUNDING, RANK
  input  wire         row_defined_i,             // that of the row is
  input  wire [4:0]   ladder_tiers_i,            // written so far, of the ladder the command names
  input  wire [60:0]  ladder_floor_i,            // of its last tier
  input  wire [2:0]   class_pairs_i,             // written so far, of the class the command names
  input  wire [25:0]  class_up_i,                // of its last pair
  output wire         refused_o,                 // the cycle after en_i
  output reg  [7:0]   reason_o
);
  wire [7:0]  flags = cmd_i[`FB_CMD_FLAGS];
  wire [7:0]  count = cmd_i[`FB_CMD_COUNT];
  wire [7:0]  place = cmd_i[`FB_CMD_PLACE_REJECT];
  wire        more  = flags[`FB_FLAG_MORE];
  wire        unused = ^{is_i, flags, cmd_i, qty, entry, fill_delta, delta, addend, collateral};

  // ---- ranges: a field narrower than its container must be the extension of its low bits ----
  wire [63:0] qty   = cmd_i[`FB_CMD_POSITION_QTY_RAW];
  wire [63:0] entry = cmd_i[`FB_CMD_POSITION_ENTRY_RAW];
  wire [63:0] fill_delta = cmd_i[`FB_CMD_FILL_DELTA_RAW];
  wire [63:0] delta = cmd_i[`FB_CMD_COLLATERAL_DELTA_RAW];
  wire [127:0] addend = cmd_i[`FB_CMD_ACCOUNT_ADDEND_RAW];
  wire [127:0] deduction = cmd_i[`FB_CMD_LADDER_DEDUCTION_RAW];
  wire [63:0] rate  = cmd_i[24 * 8 +: 64];       // FUNDING: signed, magnitude below 2^52
  wire qty_ok    = &qty[63:47] || ~|qty[63:47];
  wire entry_ok  = &entry[63:61] || ~|entry[63:61];
  wire fill_ok   = &fill_delta[63:61] || ~|fill_delta[63:61];
  wire delta_ok  = &delta[63:61] || ~|delta[63:61];
  wire addend_ok = &addend[127:87] || ~|addend[127:87];
  wire rate_ok   = (&rate[63:52] && |rate[51:0]) || ~|rate[63:52];
  wire row_symbol_ok = ~|cmd_i[20 * 8 + 10 +: 6];
  wire symbol_ok = ~|cmd_i[16 * 8 + 10 +: 6];    // SYMBOL, FUNDING
  wire row_addend_ok = ~|cmd_i[40 * 8 + 24 +: 8];
  wire u_ok = ~|cmd_i[24 * 8 + 52 +: 12] && |cmd_i[24 * 8 +: 52];
  wire ladder_ok = is_i[`IS_LADDER] ? ~|cmd_i[16 * 8 + 8 +: 8] : ~|cmd_i[18 * 8 + 8 +: 8];

  // ---- marks ----
  reg [`FB_MARKS_PER_WORD-1:0] mark_wrong, mark_undefined;
  integer i;
  always @*
    for (i = 0; i < `FB_MARKS_PER_WORD; i = i + 1) begin
      mark_wrong[i]     = is_i[`IS_MARKS] && i < {24'd0, count}
                       && (|cmd_i[128 + i * 64 + 10 +: 2] || ~|cmd_i[128 + i * 64 + 12 +: 52]);
      mark_undefined[i] = is_i[`IS_MARKS] && i < {24'd0, count} && !defined_i[i];
    end

  // ---- class ----
  wire [7:0] first = cmd_i[`FB_CMD_CLASS_FIRST];
  wire       class_ok = ~|cmd_i[16 * 8 + 4 +: 4] && ~|cmd_i[18 * 8 + 1 +: 7] && {1'b0, first} + {1'b0, count} <= 9'd6;
  reg        pairs_in_range, pairs_in_order;
  reg [25:0] last_up;
  integer k;
  always @* begin
    pairs_in_range = 1'b1;
    pairs_in_order = first == 8'd0 || first == {5'd0, class_pairs_i};
    last_up = first == 8'd0 ? 26'd0 : class_up_i;
    for (k = 0; k < `FB_PAIRS_PER_WORD; k = k + 1) if (en_i && k < {24'd0, count}) begin
      if (|cmd_i[192 + k * 32 + 26 +: 6] || |cmd_i[288 + k * 32 + 26 +: 6]) pairs_in_range = 1'b0;
      if (cmd_i[288 + k * 32 +: 26] > cmd_i[192 + k * 32 +: 26] || cmd_i[192 + k * 32 +: 26] < last_up) pairs_in_order = 1'b0;
      last_up = cmd_i[192 + k * 32 +: 26];
    end
  end

  // ---- account ----
  wire remove = flags[`FB_FLAG_REMOVE];
  wire [63:0] collateral = cmd_i[`FB_CMD_ACCOUNT_COLLATERAL_RAW];
  wire account_ok = (&collateral[63:61] || ~|collateral[63:61]) && addend_ok && ~|cmd_i[40 * 8 + 4 +: 4]
                 && ~|cmd_i[41 * 8 + 2 +: 6] && ~|cmd_i[43 * 8 + 1 +: 7]
                 && (!flags[`FB_FLAG_SET_LEVEL] || cmd_i[42 * 8 +: 8] <= 8'd8);

  // ---- ladder ----
  wire [7:0]  tier  = cmd_i[`FB_CMD_LADDER_TIER];
  wire [60:0] floor = cmd_i[`FB_CMD_LADDER_FLOOR];
  wire tier_ok = ladder_ok && ~|tier[7:4] && ~|cmd_i[20 * 8 + 24 +: 8] && ~|cmd_i[24 * 8 + 61 +: 3] && ~|deduction[127:85];
  wire first_tier = tier == 8'd0;                // its floor and deduction are 0; the others come in turn, with rising floors
  wire [2:0] tier_out_of_order = {first_tier && (floor != 61'd0 || |deduction[84:0]),
                                  !first_tier && tier != {3'd0, ladder_tiers_i}, !first_tier && floor <= ladder_floor_i};

  // ---- rank ----
  function nibble_ok;                            // -2..2
    input [3:0] n;
    nibble_ok = n <= 4'd2 || n >= 4'd14;
  endfunction
  reg coefficients_ok;
  integer c;
  always @* begin
    coefficients_ok = 1'b1;
    for (c = 0; c < `FB_RANK_OPERANDS; c = c + 1)
      if (en_i && !(nibble_ok(cmd_i[192 + c * 4 +: 4]) && nibble_ok(cmd_i[224 + c * 4 +: 4]))) coefficients_ok = 1'b0;
  end
  wire [7:0] exclude = cmd_i[21 * 8 +: 8];
  wire rank_ok = symbol_ok && ~|cmd_i[18 * 8 + 1 +: 7] && ~|cmd_i[19 * 8 + 1 +: 7] && ~|cmd_i[20 * 8 + 5 +: 3]
              && exclude >= 8'd1 && exclude <= 8'd8 && ~|cmd_i[22 * 8 + 3 +: 5] && coefficients_ok && ~|cmd_i[220 +: 4]
              && ~|cmd_i[252 +: 4] && ~|cmd_i[286 +: 2] && ~|cmd_i[48 * 8 + 61 +: 3];

  // ---- what is wrong ----
  // Bits of one reason stand apart until the next cycle: there, all of them together are two levels of LUTs, as few are.
  localparam MARKS = `FB_MARKS_PER_WORD, RANGES = MARKS + 9, SYMBOLS = MARKS + 2;
  wire is_row   = is_i[`IS_POSITION] || is_i[`IS_FILL];
  wire is_audit = is_i[`IS_RANK] || is_i[`IS_AUDIT];
  wire is_alone = is_audit || is_i[`IS_HASH] || is_i[`IS_SNAPSHOT] || is_i[`IS_FENCE];
  wire row_ok   = row_symbol_ok && qty_ok && entry_ok && (is_i[`IS_FILL] ? fill_ok : row_addend_ok);
  wire placed   = is_row || is_i[`IS_ACCOUNT] || is_i[`IS_COLLATERAL] || is_i[`IS_CLASS] || is_i[`IS_LADDER];
  reg               opcode_q, unsupported_q, in_batch_q, count_q, misplaced_q;
  reg [RANGES-1:0]  range_q;
  reg [SYMBOLS-1:0] symbol_q;
  reg [1:0]         class_q;
  reg [3:0]         ladder_q;
  reg [7:0]         place_q;
  always @(posedge clk_i)
    if (en_i) begin
      opcode_q      <= ~|is_i;
      unsupported_q <= RANK == 0 && is_audit;
      in_batch_q    <= is_alone && (batch_open_i || more);
      count_q       <= (is_i[`IS_MARKS] && (count == 8'd0 || count > 8'd5))
                    || (is_i[`IS_CLASS] && (count == 8'd0 || count > 8'd3));
      range_q       <= {mark_wrong,
                        is_row && !row_ok, is_i[`IS_ACCOUNT] && !remove && !account_ok, is_i[`IS_COLLATERAL] && !delta_ok,
                        is_i[`IS_CLASS] && !(class_ok && pairs_in_range), is_i[`IS_SYMBOL] && !(symbol_ok && ladder_ok && u_ok),
                        is_i[`IS_LADDER] && !tier_ok, is_i[`IS_FUNDING] && !(symbol_ok && rate_ok), is_i[`IS_RANK] && !rank_ok,
                        is_i[`IS_AUDIT] && |cmd_i[16 * 8 + 1 +: 7]};
      symbol_q      <= {mark_undefined, is_row && !row_defined_i, (is_i[`IS_FUNDING] || is_i[`IS_RANK]) && !defined_i[0]};
      class_q       <= {is_i[`IS_ACCOUNT] && !remove && class_pairs_i == 3'd0, is_i[`IS_CLASS] && !pairs_in_order};
      ladder_q      <= {is_i[`IS_SYMBOL] && ladder_tiers_i == 5'd0, {3{is_i[`IS_LADDER]}} & tier_out_of_order};
      place_q       <= place;
      misplaced_q   <= placed && place != `FB_REJECT_NONE;
    end
  assign refused_o = |{opcode_q, unsupported_q, in_batch_q, count_q, range_q, symbol_q, class_q, ladder_q, misplaced_q};
  always @*
    if (opcode_q)           reason_o = `FB_REJECT_OPCODE;
    else if (unsupported_q) reason_o = `FB_REJECT_UNSUPPORTED;
    else if (in_batch_q)    reason_o = `FB_REJECT_IN_BATCH;
    else if (count_q)       reason_o = `FB_REJECT_COUNT;
    else if (|range_q)      reason_o = `FB_REJECT_RANGE;
    else if (|symbol_q)     reason_o = `FB_REJECT_SYMBOL;
    else if (|class_q)      reason_o = `FB_REJECT_CLASS;
    else if (|ladder_q)     reason_o = `FB_REJECT_LADDER;
    else                    reason_o = place_q;
endmodule

`default_nettype wire
