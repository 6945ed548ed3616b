// Rows of a lane: row RAM, valuation, and what a row adds to its account.
//
// What a row adds to its account's sums (its worth: value - entry, margin, bad) is kept in a RAM of its own, so a row is valued
// once a pass: the account gets the new worth less the one kept, and the new one is kept. A position put or fill is the same
// pass with the new row; a pass with no row behind it (removal, the first pass of a rebinding) keeps a worth of 0. Quantity is
// stored as sign and magnitude, which saves a negation in front of the multiplier and makes longs and shorts of equal size cancel
// exactly. Numbers in names are stages, counted from the command word (fb_core.v).
//
// | stage | what                                                              |
// |-------|-------------------------------------------------------------------|
// | 4     | row RAM is read                                                   |
// | 5     | row word, parity                                                  |
// | 6     | partial products of the notional; a put writes the new row        |
// | 7     | notional                                                          |
// | 8     | range, tier index; value - entry                                  |
// | 9     | rate, deduction                                                   |
// | 10    | partial products of the margin; worth RAM is read                 |
// | 11    | margin; worth word, parity                                        |
// | 12    | difference to the account; the new worth is written               |
//
// A write lands at the end of stage 12, so a read sees the worth of every row three or more slots ahead; the two slots between
// are forwarded.
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
  input  wire [3:0]           kind5_i,
  input  wire                 mine5_i,
  input  wire                 v6_i,
  input  wire [`IT_BITS-1:0]  item6_i,
  input  wire [ROW_BITS-1:0]  row6_i,
  // clearing walk: an empty row is written at stage 6, a worth of 0 at stage 12
  input  wire                 clear6_i,
  input  wire                 clear11_i,
  input  wire                 clear12_i,
  // ladder of the group
  input  wire [15*62-1:0]     floors8_i,
  input  wire [16*128-1:0]    tiers9_i,
  // stages 10 to 12: the address of the row, and whether one or two slots ahead had the same
  input  wire [ROW_BITS-1:0]  row10_i,
  input  wire                 again11_i,
  input  wire                 again2_11_i,
  input  wire [ROW_BITS-1:0]  row12_i,
  // stage 12: fault, of either word
  output wire                 parity12_o,
  // stage 12: what the account gets
  output wire                 touch12_o,
  output wire [SLOT_BITS-1:0] slot12_o,      // slot of the row, for walks
  output wire signed [63:0]   equity12_o,
  output wire signed [63:0]   gain12_o,      // funding: the amount
  output wire                 to_coll12_o,   // funding: the collateral moves instead
  output wire signed [87:0]   mm12_o,
  output wire [1:0]           bad12_o,       // signed: -1, 0, 1
  output wire                 damage12_o,    // funding out of range
  output wire                 broken12_o,    // a put replaced a row that failed its parity: the sums keep its old worth
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
  fb_ram #(.WIDTH(WORD), .DEPTH(1 << ROW_BITS), .ADDR_BITS(ROW_BITS), .OLD(0)) u_rows (
    .clk_i(clk_i), .we_i(we6), .waddr_i(row6_i), .wdata_i({new_odd6, new6}),
    .re_i(re4_i), .raddr_i(row4_i), .rdata_o(word5));
  reg parity_q6;
  wire odd5, new_odd6;
  fb_parity #(.WIDTH(WORD)) u_parity_read (.word_i(word5), .parity_o(odd5));
  fb_parity #(.WIDTH(WORD - 1)) u_parity_new (.word_i(new6), .parity_o(new_odd6));
  always @(posedge clk_i)
    if (v5_i) begin
      word_q6   <= word5;
      parity_q6 <= odd5;
    end

  // stage 6: the row as it is, or as it will be
  wire        unused_bits = ^{item6_i, word_q6[WORD-1]};
  wire        old_valid   = word_q6[0] && !parity_q6;
  wire        old_no_rank = word_q6[1];
  wire        old_sign    = word_q6[2];
  wire [47:0] old_mag     = word_q6[3 +: 48];
  wire [61:0] old_entry   = word_q6[51 +: 62];
  wire [23:0] old_addend  = word_q6[113 +: 24];
  wire [31:0] old_position = word_q6[137 +: 32];
  wire [SLOT_BITS-1:0] old_slot = word_q6[169 +: SLOT_BITS];

  // What the kind of item means is known when it comes.
  reg        put_q6, known_q6, chain_q6, fund_q6, hash_q6, audit_q6;
  reg        sees_q6;      // a kind that looks at the value of the row
  reg        checked_q6;   // a kind that reads it
  always @(posedge clk_i) begin
    put_q6     <= kind5_i == `IK_ROW && mine5_i;
    known_q6   <= kind5_i == `IK_KNOWN;      // a row that comes with the item
    fund_q6    <= kind5_i == `IK_FUND;
    audit_q6   <= kind5_i == `IK_AUDIT;
    hash_q6    <= kind5_i == `IK_HASH_ROWS;
    chain_q6   <= kind5_i == `IK_WALK || kind5_i == `IK_UNLOAD || kind5_i == `IK_LOAD;
    sees_q6    <= kind5_i == `IK_WALK || kind5_i == `IK_LOAD || kind5_i == `IK_FUND || kind5_i == `IK_RANK
               || kind5_i == `IK_AUDIT;
    checked_q6 <= kind5_i != `IK_KNOWN && (kind5_i != `IK_ROW || mine5_i);
  end
  wire       keep6  = item6_i[`IT_FILL] && old_valid;
  wire       fill6  = item6_i[`IT_FILL];
  wire [23:0] new_addend = keep6 ? old_addend : fill6 ? 24'd0 : item6_i[`IT_ROW_ADDEND];
  wire        new_no_rank = keep6 ? old_no_rank : !fill6 && item6_i[`IT_NO_RANK];
  wire        new_valid  = !item6_i[`IT_REMOVE] && !clear6_i;
  assign we6  = (v6_i && put_q6) || clear6_i;
  // Of a row that goes, what else it was stays: nobody looks at it.
  assign new6 = {item6_i[`IT_SLOT_LSB +: SLOT_BITS], item6_i[`IT_POSITION], new_addend, item6_i[`IT_ENTRY],
                 item6_i[`IT_MAG], item6_i[`IT_SIGN], new_no_rank, new_valid};

  wire renew6  = v6_i && (put_q6 || (chain_q6 && old_valid));
  wire before6 = renew6 && old_valid;
  wire on6     = v6_i && (known_q6 || (put_q6 ? new_valid : old_valid && sees_q6));
  wire touch6  = renew6 || on6 || (v6_i && hash_q6 && old_valid);
  wire parity6 = v6_i && parity_q6 && checked_q6;

  wire        given6 = put_q6 || known_q6;
  wire [47:0] mag6   = given6 ? item6_i[`IT_MAG] : old_mag;

  reg                 on_q7, on_q8, on_q9, on_q10, on_q11;
  reg                 touch_q7, touch_q8, touch_q9, touch_q10, touch_q11, touch_q12;
  reg                 fund_q7, fund_q8, fund_q9, fund_q10, fund_q11, fund_q12;
  reg                 sign_q7, sign_q8;
  reg [61:0]          entry_q7, entry_q8;
  reg [23:0]          addend_q7, addend_q8, addend_q9;
  reg [12:7]          broken_q, parity_q, keep_q, put_q;
  reg [11:7]          before_q, audit_q;
  reg [SLOT_BITS-1:0] slot_q7, slot_q8, slot_q9, slot_q10, slot_q11, slot_q12;

  reg                 counts_q9, counts_q10, counts_q11, counts_q12;   // its margin counts

  wire [60:0] notional8;
  wire        bad8;
  fb_notional u_notional (.clk_i(clk_i), .en0_i(on6), .en1_i(on_q7), .mag_i(mag6), .u_i(item6_i[`IT_U]), .notional_o(notional8),
                          .bad_o(bad8));
  wire signed [86:0] margin12;
  fb_margin u_margin (.clk_i(clk_i), .en_i({on_q11, on_q10, on_q9, on_q8}), .none_i((touch_q11 && !counts_q11) || clear11_i),
                      .notional_i(notional8), .floors_i(floors8_i), .addend_i(addend_q9), .tiers_i(tiers9_i),
                      .margin_o(margin12));

  // stage 8: value - entry; a row that is off or out of range is worth nothing
  wire signed [62:0] value8 = sign_q8 ? -$signed({2'd0, notional8}) : $signed({2'd0, notional8});
  wire signed [62:0] entry8 = $signed({entry_q8[61], entry_q8});
  reg signed [62:0] gain_q9, gain_q10, gain_q11, gain_q12;
  reg               bad_q9, bad_q10, bad_q11, bad_q12;

  always @(posedge clk_i) begin
    {on_q11, on_q10, on_q9, on_q8, on_q7} <= {on_q10, on_q9, on_q8, on_q7, on6};
    {touch_q12, touch_q11, touch_q10, touch_q9, touch_q8, touch_q7} <=
      {touch_q11, touch_q10, touch_q9, touch_q8, touch_q7, touch6};
    {fund_q12, fund_q11, fund_q10, fund_q9, fund_q8, fund_q7} <= {fund_q11, fund_q10, fund_q9, fund_q8, fund_q7, fund_q6};
    broken_q <= {broken_q[11:7], v6_i && put_q6 && parity_q6};
    parity_q <= {parity_q[11:7], parity6};
    keep_q   <= {keep_q[11:7], renew6};
    before_q <= {before_q[10:7], before6};
    audit_q  <= {audit_q[10:7], v6_i && audit_q6 && old_valid};
    put_q    <= {put_q[11:7], v6_i && put_q6};
    if (v6_i) begin
      // Funding is paid by longs at a positive rate: the amount has the sign of -(quantity x rate).
      sign_q7 <= fund_q6 ? !(old_sign ^ item6_i[`IT_SIGN]) : given6 ? item6_i[`IT_SIGN] : old_sign;
      entry_q7 <= fund_q6 ? 62'd0 : given6 ? item6_i[`IT_ENTRY] : old_entry;
      addend_q7 <= known_q6 ? item6_i[`IT_ROW_ADDEND] : put_q6 ? new_addend : old_addend;
      slot_q7 <= old_slot;
    end
    {sign_q8, entry_q8, addend_q8} <= {sign_q7, entry_q7, addend_q7};
    gain_q9   <= on_q8 && !bad8 ? value8 - entry8 : 63'sd0;
    bad_q9    <= on_q8 && bad8;
    counts_q9 <= on_q8 && !bad8 && !fund_q8;
    addend_q9 <= addend_q8;
    {gain_q12, gain_q11, gain_q10} <= {gain_q11, gain_q10, gain_q9};
    {bad_q12, bad_q11, bad_q10}    <= {bad_q11, bad_q10, bad_q9};
    {counts_q12, counts_q11, counts_q10} <= {counts_q11, counts_q10, counts_q9};
    {slot_q12, slot_q11, slot_q10, slot_q9, slot_q8} <= {slot_q11, slot_q10, slot_q9, slot_q8, slot_q7};
  end

  // stage 11: the worth kept. A word that fails its parity is left as it is, and its row is skipped like a row that fails.
  localparam WORTH = 1 + 87 + 63;                   // bad, margin, gain
  localparam [1:0] RAM = 2'd0, AHEAD = 2'd1, AHEAD_2 = 2'd2, NONE = 2'd3;
  wire [WORTH:0]   word11;                          // parity first
  wire [WORTH-1:0] worth12 = {bad_q12, margin12, gain_q12};
  reg  [WORTH-1:0] word_q12, worth_q13, worth_q14;
  reg              failed_q12, used_q12, skips_q12, kept_q13;
  reg  [1:0]       from_q12;
  wire             failed12 = failed_q12 && used_q12;
  wire             skip12   = failed_q12 && skips_q12;
  wire             keep12   = keep_q[12] && !skip12;
  wire             odd11, gain_odd11, margin_odd12;
  reg              gain_odd_q12;                    // of gain and bad, which stand still before they are written
  fb_parity #(.WIDTH(WORTH + 1)) u_parity_kept (.word_i(word11), .parity_o(odd11));
  fb_parity #(.WIDTH(64)) u_parity_gain (.word_i({bad_q11, gain_q11}), .parity_o(gain_odd11));
  fb_parity #(.WIDTH(87)) u_parity_margin (.word_i(margin12), .parity_o(margin_odd12));
  fb_ram #(.WIDTH(WORTH + 1), .DEPTH(1 << ROW_BITS), .ADDR_BITS(ROW_BITS), .OLD(0)) u_worth (
    .clk_i(clk_i), .we_i(keep12 || clear12_i), .waddr_i(row12_i), .wdata_i({gain_odd_q12 ^ margin_odd12, worth12}),
    .re_i(touch_q10), .raddr_i(row10_i), .rdata_o(word11));
  wire             changing11 = again2_11_i && kept_q13;   // the RAM was written when it was read
  wire             from_ram11 = before_q[11] && !(again11_i && keep12) && !changing11;
  always @(posedge clk_i) begin
    word_q12   <= word11[WORTH-1:0];
    failed_q12 <= odd11;
    gain_odd_q12 <= gain_odd11;
    from_q12   <= !before_q[11] ? NONE : again11_i && keep12 ? AHEAD : changing11 ? AHEAD_2 : RAM;
    used_q12   <= from_ram11 || (audit_q[11] && !changing11);
    skips_q12  <= from_ram11 && !put_q[11];
    kept_q13   <= keep12;
    worth_q13  <= worth12;
    worth_q14  <= worth_q13;
  end

  // stage 12: the difference
  wire [WORTH-1:0] was12 = from_q12 == RAM ? word_q12 : from_q12 == AHEAD ? worth_q13 : from_q12 == AHEAD_2 ? worth_q14
                         : {WORTH{1'b0}};
  wire signed [62:0] was_gain   = was12[62:0];
  wire signed [86:0] was_margin = was12[63 +: 87];
  wire signed [63:0] more_gain   = $signed({gain_q12[62], gain_q12}) - $signed({was_gain[62], was_gain});
  wire signed [87:0] more_margin = $signed({margin12[86], margin12}) - $signed({was_margin[86], was_margin});
  wire [1:0]         more_bad    = {1'b0, bad_q12 && !fund_q12} - {1'b0, was12[WORTH-1]};
  assign touch12_o   = touch_q12 && !skip12;
  assign slot12_o    = slot_q12;
  assign equity12_o  = touch12_o ? more_gain : 64'sd0;
  assign gain12_o    = {gain_q12[62], gain_q12};
  assign to_coll12_o = touch_q12 && fund_q12;
  assign mm12_o      = touch12_o ? more_margin : 88'sd0;
  assign bad12_o     = touch12_o ? more_bad : 2'd0;
  assign damage12_o  = touch_q12 && fund_q12 && bad_q12;
  assign broken12_o  = broken_q[12] || (failed12 && put_q[12]);
  assign parity12_o  = parity_q[12] || failed12;

  // Ranked stripes come eight cycles apart at least, so the word and its notional still stand where they were.
  assign rank12_o   = touch_q12 && counts_q12 && !old_no_rank;
  assign rank_row_o = {margin12[86], margin12, notional8, old_position, old_entry, old_mag, old_sign};

  assign row_valid_o    = old_valid;
  assign row_position_o = old_position;
  assign row_addend_o   = old_addend;
  assign row_qty_o      = old_sign ? 48'd0 - old_mag : old_mag;
  assign row_entry_o    = old_entry;
  assign row_no_rank_o  = old_no_rank;
endmodule

`default_nettype wire
