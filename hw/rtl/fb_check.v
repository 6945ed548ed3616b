// Command check: what can be told from the word and the tables alone (contract.md, section 2, steps 2 to 8). Combinational.
//
// The first check that fails decides, so the chain below follows the order of the contract. What depends on placement comes in
// with the command (place_reject) and is applied last.
`default_nettype none
`include "fb_layout.vh"

module fb_check #(
  parameter RANK = 1                             // 0: built without rank and audit
) (
  input  wire         en_i,                      // a command is being checked; else reason_o is NONE
  input  wire [511:0] cmd_i,
  input  wire         batch_open_i,
  input  wire [`FB_SYMBOLS-1:0] defined_i,       // symbols
  input  wire [4:0]   ladder_tiers_i,            // written so far, of the ladder the command names
  input  wire [60:0]  ladder_floor_i,            // of its last tier
  input  wire [2:0]   class_pairs_i,             // written so far, of the class the command names
  input  wire [25:0]  class_up_i,                // of its last pair
  output reg  [7:0]   reason_o                   // FB_REJECT_NONE: accepted
);
  wire [7:0]  op    = cmd_i[`FB_CMD_OP];
  wire [7:0]  flags = cmd_i[`FB_CMD_FLAGS];
  wire [7:0]  count = cmd_i[`FB_CMD_COUNT];
  wire [7:0]  place = cmd_i[`FB_CMD_PLACE_REJECT];
  wire        more  = flags[`FB_FLAG_MORE];
  wire        unused = ^{flags, cmd_i, qty, entry, fill_delta, delta, addend, collateral};

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
  wire [9:0] row_symbol = cmd_i[20 * 8 +: 10];
  wire [9:0] symbol     = cmd_i[16 * 8 +: 10];
  wire row_addend_ok = ~|cmd_i[40 * 8 + 24 +: 8];
  wire u_ok = ~|cmd_i[24 * 8 + 52 +: 12] && |cmd_i[24 * 8 +: 52];
  wire ladder_ok = op == `FB_OP_LADDER ? ~|cmd_i[16 * 8 + 8 +: 8] : ~|cmd_i[18 * 8 + 8 +: 8];

  // ---- marks ----
  reg  marks_ok, marks_defined;
  integer i;
  always @* begin
    marks_ok = 1'b1;
    marks_defined = 1'b1;
    for (i = 0; i < `FB_MARKS_PER_WORD; i = i + 1) if (en_i && i < {24'd0, count}) begin
      if (|cmd_i[128 + i * 64 + 10 +: 2] || ~|cmd_i[128 + i * 64 + 12 +: 52]) marks_ok = 1'b0;
      if (!defined_i[cmd_i[128 + i * 64 +: 10]]) marks_defined = 1'b0;
    end
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
  wire tier_in_order = tier == 8'd0 ? floor == 61'd0 && ~|deduction[84:0]
                                    : tier == {3'd0, ladder_tiers_i} && floor > ladder_floor_i;

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

  always @* begin
    reason_o = `FB_REJECT_NONE;
    if (en_i) case (op)
      `FB_OP_MARKS:
        if (count == 8'd0 || count > 8'd5) reason_o = `FB_REJECT_COUNT;
        else if (!marks_ok) reason_o = `FB_REJECT_RANGE;
        else if (!marks_defined) reason_o = `FB_REJECT_SYMBOL;
      `FB_OP_POSITION, `FB_OP_FILL:
        if (!(row_symbol_ok && qty_ok && entry_ok && (op == `FB_OP_FILL ? fill_ok : row_addend_ok))) reason_o = `FB_REJECT_RANGE;
        else if (!defined_i[row_symbol]) reason_o = `FB_REJECT_SYMBOL;
        else reason_o = place;
      `FB_OP_ACCOUNT:
        if (!remove && !account_ok) reason_o = `FB_REJECT_RANGE;
        else if (!remove && class_pairs_i == 3'd0) reason_o = `FB_REJECT_CLASS;
        else reason_o = place;
      `FB_OP_COLLATERAL: reason_o = delta_ok ? place : `FB_REJECT_RANGE;
      `FB_OP_CLASS:
        if (count == 8'd0 || count > 8'd3) reason_o = `FB_REJECT_COUNT;
        else if (!class_ok || !pairs_in_range) reason_o = `FB_REJECT_RANGE;
        else if (!pairs_in_order) reason_o = `FB_REJECT_CLASS;
        else reason_o = place;
      `FB_OP_SYMBOL:
        if (!(symbol_ok && ladder_ok && u_ok)) reason_o = `FB_REJECT_RANGE;
        else if (ladder_tiers_i == 5'd0) reason_o = `FB_REJECT_LADDER;
      `FB_OP_LADDER:
        if (!tier_ok) reason_o = `FB_REJECT_RANGE;
        else if (!tier_in_order) reason_o = `FB_REJECT_LADDER;
        else reason_o = place;
      `FB_OP_FUNDING:
        if (!(symbol_ok && rate_ok)) reason_o = `FB_REJECT_RANGE;
        else if (!defined_i[symbol]) reason_o = `FB_REJECT_SYMBOL;
      `FB_OP_RANK, `FB_OP_AUDIT:
        if (RANK == 0) reason_o = `FB_REJECT_UNSUPPORTED;
        else if (batch_open_i || more) reason_o = `FB_REJECT_IN_BATCH;
        else if (op == `FB_OP_AUDIT ? |cmd_i[16 * 8 + 1 +: 7] : !rank_ok) reason_o = `FB_REJECT_RANGE;
        else if (op == `FB_OP_RANK && !defined_i[symbol]) reason_o = `FB_REJECT_SYMBOL;
      `FB_OP_HASH, `FB_OP_SNAPSHOT, `FB_OP_FENCE: if (batch_open_i || more) reason_o = `FB_REJECT_IN_BATCH;
      `FB_OP_RESET: ;
      default: reason_o = `FB_REJECT_OPCODE;
    endcase
  end
endmodule

`default_nettype wire
