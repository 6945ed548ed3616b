// Rows of a lane: row RAM, valuation before and after, and what a row adds to its account.
//
// Every row passes two channels, before and after the change; the account gets the difference. A position put or fill is the same
// pass with the old and the new row. Quantity is stored as sign and magnitude, which saves a negation in front of the multiplier
// and makes longs and shorts of equal size cancel exactly. Numbers in names are stages, counted from the command word
// (fb_core.v).
//
// | stage | what                                                              |
// |-------|-------------------------------------------------------------------|
// | 4     | row RAM is read                                                   |
// | 5     | row word, parity                                                  |
// | 6     | partial products of both notionals; a put writes the new row      |
// | 7     | notionals                                                         |
// | 8     | range, tier index; value - entry                                  |
// | 9     | rate, deduction                                                   |
// | 10    | partial products of both margins; difference of value             |
// | 11    | margins                                                           |
// | 12    | difference of margin; to the account                              |
`default_nettype none
`include "fb_item.vh"

module fb_rows #(
  parameter ROW_BITS = 12,
  parameter SLOT_BITS = 12
) (
  input  wire                 clk_i,
  // stage 4
  input  wire                 re4_i,
  input  wire [ROW_BITS-1:0]  row4_i,
  // stage 5 and 6: the item, and whether a put is for this lane
  input  wire                 v5_i,
  input  wire                 v6_i,
  input  wire [`IT_BITS-1:0]  item6_i,
  input  wire                 mine6_i,
  input  wire [ROW_BITS-1:0]  row6_i,
  input  wire                 clear_i,       // write an empty row at row4_i
  // ladder of the group
  input  wire [15*62-1:0]     floors8_i,
  input  wire [16*128-1:0]    tiers9_i,
  // stage 6: fault
  output wire                 parity6_o,
  // stage 12: what the account gets
  output wire                 touch12_o,
  output wire [SLOT_BITS-1:0] slot12_o,      // slot of the row, for walks
  output wire signed [71:0]   equity12_o,
  output wire                 to_coll12_o,   // funding: the collateral moves as well
  output wire signed [95:0]   mm12_o,
  output wire [1:0]           bad12_o,       // signed: -1, 0, 1
  output wire                 damage12_o,    // funding out of range
  output wire                 broken12_o,    // a put replaced a row that failed its parity: the sums keep its old value
  // the row last read, for the state hash: held while nothing is issued
  output wire                 row_valid_o,
  output wire [31:0]          row_position_o,
  output wire [23:0]          row_addend_o,
  output wire [47:0]          row_qty_o,
  output wire [61:0]          row_entry_o,
  output wire                 row_no_rank_o,
  // rank: whether the row takes part, stage 12; the row and what it is worth, stages 12 and 13
  output wire                 rank12_o,
  output wire [`RR_BITS-1:1]  rank_row_o
);
  localparam WORD = 1 + SLOT_BITS + 32 + 24 + 62 + 48 + 1 + 1 + 1;  // parity first

  // stage 4, 5: the row
  wire [WORD-1:0] word5;
  reg  [WORD-1:0] word_q6;
  wire            we6;
  wire [WORD-2:0] new6;
  fb_ram #(.WIDTH(WORD), .DEPTH(1 << ROW_BITS), .ADDR_BITS(ROW_BITS)) u_rows (
    .clk_i(clk_i), .we_i(we6 || clear_i), .waddr_i(clear_i ? row4_i : row6_i), .wdata_i(clear_i ? {WORD{1'b0}} : {^new6, new6}),
    .re_i(re4_i), .raddr_i(row4_i), .rdata_o(word5));
  reg parity_q6;
  always @(posedge clk_i)
    if (v5_i) begin
      word_q6   <= word5;
      parity_q6 <= ^word5;
    end

  // stage 6: before and after
  wire        unused_bits = ^{item6_i, word_q6[WORD-1]};
  wire        old_valid   = word_q6[0] && !parity_q6;
  wire        old_no_rank = word_q6[1];
  wire        old_sign    = word_q6[2];
  wire [47:0] old_mag     = word_q6[3 +: 48];
  wire [61:0] old_entry   = word_q6[51 +: 62];
  wire [23:0] old_addend  = word_q6[113 +: 24];
  wire [31:0] old_position = word_q6[137 +: 32];
  wire [SLOT_BITS-1:0] old_slot = word_q6[169 +: SLOT_BITS];

  wire [3:0] kind6  = item6_i[`IT_KIND];
  wire       put6   = kind6 == `IK_ROW && mine6_i;
  wire       keep6  = item6_i[`IT_FILL] && old_valid;
  wire       fill6  = item6_i[`IT_FILL];
  wire [23:0] new_addend = keep6 ? old_addend : fill6 ? 24'd0 : item6_i[`IT_ROW_ADDEND];
  wire        new_no_rank = keep6 ? old_no_rank : !fill6 && item6_i[`IT_NO_RANK];
  wire        new_valid  = !item6_i[`IT_REMOVE];
  assign we6  = v6_i && put6;
  assign new6 = new_valid ? {item6_i[`IT_SLOT_LSB +: SLOT_BITS], item6_i[`IT_POSITION], new_addend, item6_i[`IT_ENTRY],
                             item6_i[`IT_MAG], item6_i[`IT_SIGN], new_no_rank, 1'b1} : {(WORD - 1){1'b0}};

  wire fund6   = kind6 == `IK_FUND;
  wire walk6   = kind6 == `IK_WALK;
  wire rank6   = kind6 == `IK_RANK;
  wire audit6  = kind6 == `IK_AUDIT;
  wire known6  = v6_i && kind6 == `IK_KNOWN;     // a row that comes with the item, before and after; before its entry is 0
  wire before6 = known6 || (v6_i && old_valid && (walk6 || kind6 == `IK_UNLOAD || put6));
  wire after6  = known6 || (v6_i && (put6 ? new_valid : old_valid && (walk6 || kind6 == `IK_LOAD || fund6 || rank6 || audit6)));
  wire hash6   = v6_i && kind6 == `IK_HASH_ROWS && old_valid;
  assign parity6_o = v6_i && parity_q6 && (walk6 || kind6 == `IK_UNLOAD || kind6 == `IK_LOAD
                                           || fund6 || put6 || rank6 || audit6 || kind6 == `IK_HASH_ROWS);

  wire        given6      = put6 || known6;
  wire [47:0] before_mag  = known6 ? item6_i[`IT_MAG] : old_mag;
  wire [47:0] after_mag   = given6 ? item6_i[`IT_MAG] : old_mag;
  wire        after_sign  = given6 ? item6_i[`IT_SIGN] : old_sign;
  wire [61:0] after_entry = given6 ? item6_i[`IT_ENTRY] : old_entry;
  wire [23:0] after_addend = known6 ? item6_i[`IT_ROW_ADDEND] : put6 ? new_addend : old_addend;

  reg                 before_q7, before_q8, before_q9, before_q10, before_q11;
  reg                 after_q7, after_q8, after_q9, after_q10, after_q11;
  reg                 touch_q7, touch_q8, touch_q9, touch_q10, touch_q11, touch_q12;
  reg                 fund_q7, fund_q8, fund_q9, fund_q10, fund_q11, fund_q12;
  reg                 bsign_q7, bsign_q8, asign_q7, asign_q8;
  reg [61:0]          bentry_q7, bentry_q8, aentry_q7, aentry_q8;
  reg [23:0]          baddend_q7, baddend_q8, baddend_q9, aaddend_q7, aaddend_q8, aaddend_q9;
  reg [12:7]          broken_q;
  reg [SLOT_BITS-1:0] slot_q7, slot_q8, slot_q9, slot_q10, slot_q11, slot_q12;

  wire [60:0] bnotional8, anotional8;
  wire        bbad8, abad8;
  fb_notional u_before (.clk_i(clk_i), .en0_i(before6), .en1_i(before_q7), .mag_i(before_mag), .u_i(item6_i[`IT_U_OLD]),
                        .notional_o(bnotional8), .bad_o(bbad8));
  fb_notional u_after (.clk_i(clk_i), .en0_i(after6), .en1_i(after_q7), .mag_i(after_mag), .u_i(item6_i[`IT_U_NEW]),
                       .notional_o(anotional8), .bad_o(abad8));
  wire signed [87:0] bmargin12, amargin12;
  fb_margin u_before_margin (.clk_i(clk_i), .en_i({before_q11, before_q10, before_q9, before_q8}), .notional_i(bnotional8),
                             .floors_i(floors8_i), .addend_i(baddend_q9), .tiers_i(tiers9_i), .margin_o(bmargin12));
  fb_margin u_after_margin (.clk_i(clk_i), .en_i({after_q11, after_q10, after_q9, after_q8}), .notional_i(anotional8),
                            .floors_i(floors8_i), .addend_i(aaddend_q9), .tiers_i(tiers9_i), .margin_o(amargin12));

  // stage 8: value - entry of each channel; a channel that is off or out of range adds nothing
  wire signed [63:0] bvalue8 = bsign_q8 ? -$signed({3'd0, bnotional8}) : $signed({3'd0, bnotional8});
  wire signed [63:0] avalue8 = asign_q8 ? -$signed({3'd0, anotional8}) : $signed({3'd0, anotional8});
  wire signed [63:0] bentry8 = $signed({{2{bentry_q8[61]}}, bentry_q8});
  wire signed [63:0] aentry8 = $signed({{2{aentry_q8[61]}}, aentry_q8});
  reg signed [63:0] bgain_q9, again_q9;
  reg signed [64:0] equity_q10, equity_q11, equity_q12;
  reg               bbad_q9, abad_q9;
  reg               bon_q9, bon_q10, bon_q11, bon_q12, aon_q9, aon_q10, aon_q11, aon_q12;
  reg [1:0]         bad_q10, bad_q11, bad_q12;
  reg               damage_q10, damage_q11, damage_q12;

  always @(posedge clk_i) begin
    {before_q11, before_q10, before_q9, before_q8, before_q7} <= {before_q10, before_q9, before_q8, before_q7, before6};
    {after_q11, after_q10, after_q9, after_q8, after_q7}      <= {after_q10, after_q9, after_q8, after_q7, after6};
    {touch_q12, touch_q11, touch_q10, touch_q9, touch_q8, touch_q7} <=
      {touch_q11, touch_q10, touch_q9, touch_q8, touch_q7, before6 || after6 || hash6};
    {fund_q12, fund_q11, fund_q10, fund_q9, fund_q8, fund_q7} <= {fund_q11, fund_q10, fund_q9, fund_q8, fund_q7, fund6};
    broken_q <= {broken_q[11:7], v6_i && put6 && parity_q6};
    if (v6_i) begin
      bsign_q7 <= known6 ? item6_i[`IT_SIGN] : old_sign;
      // Funding is paid by longs at a positive rate: the amount has the sign of -(quantity x rate).
      asign_q7 <= fund6 ? !(old_sign ^ item6_i[`IT_SIGN]) : after_sign;
      bentry_q7 <= known6 ? 62'd0 : old_entry;
      aentry_q7 <= fund6 ? 62'd0 : after_entry;
      baddend_q7 <= known6 ? item6_i[`IT_ROW_ADDEND] : old_addend;
      aaddend_q7 <= after_addend;
      slot_q7 <= old_slot;
    end
    if (touch_q7) begin
      {bsign_q8, asign_q8, bentry_q8, aentry_q8, baddend_q8, aaddend_q8} <=
        {bsign_q7, asign_q7, bentry_q7, aentry_q7, baddend_q7, aaddend_q7};
    end
    if (touch_q8) begin
      bgain_q9 <= before_q8 && !bbad8 ? bvalue8 - bentry8 : 64'sd0;
      again_q9 <= after_q8 && !abad8 ? avalue8 - aentry8 : 64'sd0;
      {bbad_q9, abad_q9} <= {before_q8 && bbad8, after_q8 && abad8};
      {bon_q9, aon_q9}   <= {before_q8 && !bbad8, after_q8 && !abad8 && !fund_q8};
      {baddend_q9, aaddend_q9} <= {baddend_q8, aaddend_q8};
    end
    if (touch_q9) begin
      equity_q10 <= $signed({again_q9[63], again_q9}) - $signed({bgain_q9[63], bgain_q9});
      bad_q10    <= fund_q9 ? 2'd0 : {1'b0, abad_q9} - {1'b0, bbad_q9};
      damage_q10 <= fund_q9 && abad_q9;
    end
    {slot_q12, slot_q11, slot_q10, slot_q9, slot_q8} <= {slot_q11, slot_q10, slot_q9, slot_q8, slot_q7};
    {equity_q12, equity_q11} <= {equity_q11, equity_q10};
    {bad_q12, bad_q11, damage_q12, damage_q11} <= {bad_q11, bad_q10, damage_q11, damage_q10};
    {bon_q12, bon_q11, bon_q10, aon_q12, aon_q11, aon_q10} <= {bon_q11, bon_q10, bon_q9, aon_q11, aon_q10, aon_q9};
  end

  // A put may touch nothing (the removal of a damaged row) and still reach the account: then it adds zeros.
  wire signed [95:0] bmm12 = bon_q12 ? {{8{bmargin12[87]}}, bmargin12} : 96'sd0;
  wire signed [95:0] amm12 = aon_q12 ? {{8{amargin12[87]}}, amargin12} : 96'sd0;
  assign touch12_o   = touch_q12;
  assign slot12_o    = slot_q12;
  assign equity12_o  = touch_q12 ? {{7{equity_q12[64]}}, equity_q12} : 72'sd0;
  assign to_coll12_o = touch_q12 && fund_q12;
  assign mm12_o      = touch_q12 ? amm12 - bmm12 : 96'sd0;
  assign bad12_o     = touch_q12 ? bad_q12 : 2'd0;
  assign damage12_o  = touch_q12 && damage_q12;
  assign broken12_o  = broken_q[12];

  // Ranked stripes come eight cycles apart at least, so the word and its notional still stand where they were.
  assign rank12_o   = touch_q12 && aon_q12 && !old_no_rank;
  assign rank_row_o = {amargin12, anotional8, old_position, old_entry, old_mag, old_sign};

  assign row_valid_o    = old_valid;
  assign row_position_o = old_position;
  assign row_addend_o   = old_addend;
  assign row_qty_o      = old_sign ? 48'd0 - old_mag : old_mag;
  assign row_entry_o    = old_entry;
  assign row_no_rank_o  = old_no_rank;
endmodule

`default_nettype wire
