// Accounts of a lane: read, add, write, one account a cycle, with forwarding; and what the judge needs to know.
//
// An account is three words. What rows, fills and deposits change: collateral, and the sums over its rows without collateral and
// addend; so ACCOUNT replaces and nothing is subtracted. What only ACCOUNT writes (fixed): addend, id, class, role. The level,
// which the judge writes back later than the sums.
//
// | stage | what                                                                                      |
// |-------|-------------------------------------------------------------------------------------------|
// | 12    | sums and level are read; ACCOUNT writes the fixed word                                    |
// | 13    | the newest sums are chosen (RAM, or one of the two writes under way) and changed; the fixed word is read |
// | 14    | sums are written; equity = collateral + rows, MM = addend + rows; thresholds are looked up |
// | 15    | facts15_o and threshold15_o go to the judge                                               |
//
// A write of sums lands at the end of stage 14, so a read sees every account written three or more slots ahead; the two slots
// between are forwarded. A fixed word is written before its account reads it, and never forwarded. An empty slot holds zeros.
//
// The sums over rows carry one parity: the audit compares them with the rows, which finds what a parity does not. Nothing else in
// the card knows collateral and the fixed word a second time, so they carry fb_weave's check bits: any two that flip are found.
`default_nettype none
`include "fb_layout.vh"
`include "fb_item.vh"

module fb_accounts #(
  parameter SLOT_BITS = 12
) (
  input  wire                 clk_i,
  // stage 12
  input  wire                 v12_i,
  input  wire [SLOT_BITS-1:0] slot12_i,
  input  wire                 account12_i,   // ACCOUNT command
  input  wire                 clear12_i,     // clearing walk: as if the account were removed, whatever was there
  input  wire                 probe12_i,     // audit: look up the thresholds the item names
  input  wire [`IT_LOW-1:0]   item12_i,
  // stage 13: what happens to the account
  input  wire                 v13_i,
  input  wire                 update13_i,    // write it back
  input  wire                 stir13_i,      // FILL, POSITION, COLLATERAL: the level becomes unknown
  input  wire [`IT_LOW-1:0]   item13_i,
  input  wire signed [63:0]   equity13_i,    // change of the sums over rows
  input  wire signed [87:0]   mm13_i,
  input  wire [1:0]           bad13_i,
  input  wire signed [71:0]   coll13_i,      // change of collateral; ACCOUNT: the new one
  input  wire                 damage13_i,
  input  wire                 broken13_i,
  input  wire [2:0]           pass13_i,      // 0..2 judges thresholds 1-2, 3-4, 5-6; 4: neighbours of the level
  // level written back by the judge
  input  wire                 level_we_i,
  input  wire [SLOT_BITS-1:0] level_slot_i,
  input  wire [3:0]           level_i,
  // threshold table writes
  input  wire                 twe_i,
  input  wire [6:0]           twaddr_i,
  input  wire                 twdefined_i,
  input  wire [25:0]          twup_i,
  input  wire [25:0]          twdown_i,
  // stage 14
  output wire [`AS_BITS-1:0]  state14_o,
  output wire signed [71:0]   rows_equity14_o, // sums over rows
  output wire signed [95:0]   rows_mm14_o,
  // stage 15
  output wire [SLOT_BITS-1:0] slot15_o,
  output wire [`AS_FACTS-1:0] facts15_o,
  output wire [4:0]           before15_o,    // {unknown, level}
  output wire                 fault15_o,     // damaged, bad rows, or collateral out of range
  output wire [53:0]          threshold15_o, // {b defined, b, a defined, a}
  output wire                 parity15_o,    // a word read failed its parity
  // stage 16
  output reg                  probe_bad_o,   // the thresholds probed failed theirs
  output reg  [6:0]           probe_at_o     // {class, index}: one of the two
);
  // ---- the words ----
  localparam MM = 0, EQUITY = 96, BAD = 168, COLL = 177, DAMAGED = 249, BROKEN = 250, SUMS = 251;
  localparam ADDEND = 0, ID = 88, CLASS = 120, ROLE = 124, HELD = 126, VALID = 127, FIXED = 128;
  localparam WOVEN = SUMS - COLL, SUMS_CHECKS = 12, FIXED_CHECKS = 14;
  wire [SUMS_CHECKS+SUMS:0]       sums13;   // check bits of {broken, damaged, collateral}, parity of the sums over rows
  wire [5:0]                      level13;  // parity, unknown, level
  wire [FIXED_CHECKS+FIXED-1:0]   fixed14;  // check bits first
  reg  [SLOT_BITS-1:0] slot_q13, slot_q14, slot_q15;
  reg                  write_q14, read_q14;
  reg  [2:0]           failed_q14;   // a word read at 13 failed its parity, or a part of its check bits
  reg                  counts_q14;   // it is a fault
  reg                  breaks_q14;   // and breaks the account: until the next one comes
  reg  [SUMS-1:0]      sums_q14, sums_q15;
  reg  [4:0]           level_q14, level_q15;

  wire [SLOT_BITS-1:0] item_slot12 = item12_i[`IT_SLOT_LSB +: SLOT_BITS];
  wire [FIXED-1:0]     given12 = {1'b1, item12_i[`IT_HELD], item12_i[`IT_ROLE], item12_i[`IT_CLASS], item12_i[`IT_ACCOUNT],
                                  item12_i[`IT_ADDEND]};
  wire                 empty12 = item12_i[`IT_REMOVE] || clear12_i;
  wire [FIXED_CHECKS-1:0] given_check12, fixed_check14;
  fb_weave #(.WIDTH(FIXED), .ROW_CHECKS(FIXED_CHECKS - 6)) u_given (.word_i(given12), .check_o(given_check12));
  fb_weave #(.WIDTH(FIXED), .ROW_CHECKS(FIXED_CHECKS - 6)) u_read (.word_i(fixed14[FIXED-1:0]), .check_o(fixed_check14));
  fb_ram #(.WIDTH(FIXED_CHECKS + FIXED), .DEPTH(1 << SLOT_BITS), .ADDR_BITS(SLOT_BITS)) u_fixed (
    .clk_i(clk_i), .we_i(account12_i || clear12_i), .waddr_i(item_slot12),
    .wdata_i(empty12 ? {(FIXED_CHECKS + FIXED){1'b0}} : {given_check12, given12}),
    .re_i(v13_i), .raddr_i(slot_q13), .rdata_o(fixed14));

  // A memory fault leaves sums that nothing can mend but removing the account with its positions. A fixed word that fails is
  // whole again when ACCOUNT has written it.
  wire break14   = breaks_q14 && |failed_q14;
  wire broken14  = sums_q14[BROKEN] || break14;
  wire damaged14 = sums_q14[DAMAGED] || break14;
  wire [SUMS-1:0] sums14 = {broken14, damaged14, sums_q14[DAMAGED-1:0]};
  wire [SUMS_CHECKS-1:0] sums_check14, sums_check13;
  fb_weave #(.WIDTH(WOVEN), .ROW_CHECKS(SUMS_CHECKS - 6)) u_written (.word_i(sums14[COLL +: WOVEN]), .check_o(sums_check14));
  fb_weave #(.WIDTH(WOVEN), .ROW_CHECKS(SUMS_CHECKS - 6)) u_found (.word_i(sums13[COLL +: WOVEN]), .check_o(sums_check13));
  wire                   parity14, sums_odd13;
  fb_parity #(.WIDTH(COLL)) u_parity_written (.word_i(sums14[COLL-1:0]), .parity_o(parity14));
  fb_parity #(.WIDTH(COLL + 1)) u_parity_found (.word_i({sums13[SUMS], sums13[COLL-1:0]}), .parity_o(sums_odd13));
  fb_ram #(.WIDTH(SUMS_CHECKS + 1 + SUMS), .DEPTH(1 << SLOT_BITS), .ADDR_BITS(SLOT_BITS), .OLD(0)) u_main (
    .clk_i(clk_i), .we_i(write_q14), .waddr_i(slot_q14), .wdata_i({sums_check14, parity14, sums14}),
    .re_i(v12_i), .raddr_i(slot12_i), .rdata_o(sums13));

  // In a batch the sums' write sets level and unknown; at its end the judge does. The two never meet: the last row has been
  // written before the first judgement of the drain ends.
  wire [4:0] level_word = level_we_i ? {1'b0, level_i} : level_q14;
  fb_ram #(.WIDTH(6), .DEPTH(1 << SLOT_BITS), .ADDR_BITS(SLOT_BITS), .OLD(0)) u_level (
    .clk_i(clk_i), .we_i(write_q14 || level_we_i), .waddr_i(level_we_i ? level_slot_i : slot_q14),
    .wdata_i({^level_word, level_word}),
    .re_i(v12_i), .raddr_i(slot12_i), .rdata_o(level13));

  // ---- stage 13: the newest sums, and the change ----
  localparam [1:0] RAM = 2'd0, AHEAD = 2'd1, AHEAD_2 = 2'd2, NONE = 2'd3;
  // Slots are compared three bits at a time, and the answers put together in the next stage: this one has the choice of a slot.
  wire [17:0] wide12 = {{(18 - SLOT_BITS){1'b0}}, slot12_i};
  wire [17:0] wide13 = {{(18 - SLOT_BITS){1'b0}}, slot_q13}, wide14 = {{(18 - SLOT_BITS){1'b0}}, slot_q14};
  reg  [5:0]  same1_q13, same2_q13;
  reg         ahead1_q13, ahead2_q13;      // there is a write under way one slot ahead, two
  wire        hit1 = ahead1_q13 && &same1_q13;
  wire        hit2 = ahead2_q13 && &same2_q13;
  wire [1:0]  from = hit1 ? AHEAD : hit2 ? AHEAD_2 : RAM;
  wire [1:0]  coll_from = account_q13 ? NONE : from;     // an ACCOUNT takes no old collateral
  reg         account_q13, clear_q13, remove_q13, set_q13, probe_q13, told_q13;
  wire [SUMS-1:0] now  = from == AHEAD ? sums14 : from == AHEAD_2 ? sums_q15 : sums13[SUMS-1:0];
  wire [4:0] now_level = from == AHEAD ? level_q14 : from == AHEAD_2 ? level_q15 : level13[4:0];
  wire [71:0] coll_now = coll_from == AHEAD ? sums_q14[COLL +: 72] : coll_from == AHEAD_2 ? sums_q15[COLL +: 72]
                       : coll_from == RAM ? sums13[COLL +: 72] : 72'd0;
  wire [SUMS_CHECKS-1:0] apart13 = sums13[SUMS+1 +: SUMS_CHECKS] ^ sums_check13;
  wire       broken   = now[BROKEN] || broken13_i;
  wire [3:0] told_level = item13_i[`IT_LEVEL];
  wire [3:0] level    = set_q13 ? told_level : now_level[3:0];
  wire       unused_bits = ^{item12_i, item13_i};

  // Which thresholds the judge compares. base: 6 for bankrupt, 0 for fault. The neighbours of a level go to either port: so the
  // audit looks up every entry at both. Written out as tables, because sums and comparisons would become carry chains.
  wire [2:0] of_level = told_q13 ? told_level[2:0] : now_level[2:0];      // fault, 8, counts like calm
  wire [2:0] pass  = probe_q13 ? {1'b0, item13_i[`IT_PASS]} : pass13_i;
  wire       swap  = probe_q13 && item13_i[`IT_FILL];
  wire [2:0] odd   = {pass[1:0], 1'b1};
  wire [2:0] even  = {^pass[1:0], !pass[0], 1'b0};                        // odd + 1
  wire [2:0] l     = of_level;
  wire [2:0] base  = {l[2:1], l[0] && !(&l[2:1])};
  wire [2:0] above = {l[2] || &l[1:0], l[1] ^ l[0] || &l, !l[0] || &l};   // base + 1
  wire [7:0] least = {1'b0, &l[2:1], l[2] && |l[1:0], l[2], l[2] || &l[1:0], |l[2:1], |l, 1'b1};   // bit k: base >= k
  wire [2:0] ka    = pass[2] ? above : swap ? even : odd;
  wire [2:0] kb    = pass[2] ? base : swap ? odd : even;

  integer    k;
  reg        probe_q14, probe_q15, a_down_q14, b_down_q14;
  reg  [3:0] probe_class_q14;
  reg  [2:0] ka_q14, kb_q14;
  always @(posedge clk_i) begin
    if (v12_i) begin
      slot_q13      <= slot12_i;
      ahead1_q13    <= v13_i && update13_i;
      ahead2_q13    <= write_q14;
      for (k = 0; k < 6; k = k + 1) begin
        same1_q13[k] <= wide13[3 * k +: 3] == wide12[3 * k +: 3];
        same2_q13[k] <= wide14[3 * k +: 3] == wide12[3 * k +: 3];
      end
      account_q13   <= account12_i;
      clear_q13     <= clear12_i;
      remove_q13    <= clear12_i || (account12_i && item12_i[`IT_REMOVE]);
      set_q13       <= account12_i && item12_i[`IT_SET_LEVEL];
    end
    probe_q13  <= probe12_i;
    told_q13   <= probe12_i || (account12_i && item12_i[`IT_SET_LEVEL]);
    write_q14  <= v13_i && update13_i;
    counts_q14 <= v13_i && from == RAM && !clear_q13;
    read_q14   <= v13_i;
    if (v13_i) begin
      // What changes comes first: it needs no multiplexer for the carry.
      sums_q14[EQUITY +: 72] <= {{8{equity13_i[63]}}, equity13_i} + now[EQUITY +: 72];
      sums_q14[MM +: 96]     <= {{8{mm13_i[87]}}, mm13_i} + now[MM +: 96];
      sums_q14[COLL +: 72]   <= coll13_i + coll_now;
      sums_q14[BAD +: 9]     <= {{7{bad13_i[1]}}, bad13_i} + now[BAD +: 9];
      sums_q14[DAMAGED]      <= (now[DAMAGED] && !account_q13) || damage13_i || broken;
      sums_q14[BROKEN]       <= broken;
      level_q14              <= {account_q13 ? !set_q13 : now_level[4] || stir13_i, level};
      failed_q14             <= {sums_odd13 || ^level13, |apart13[11:6], |apart13[5:0]};
      breaks_q14             <= from == RAM && !remove_q13;
      slot_q14               <= slot_q13;
      {ka_q14, a_down_q14}   <= {ka, !pass[2] && least[swap ? even : odd]};    // above its level an account is judged by `up`
      {kb_q14, b_down_q14}   <= {kb, pass[2] || least[swap ? odd : even]};
      if (remove_q13) begin
        sums_q14  <= {SUMS{1'b0}};
        level_q14 <= 5'd0;
      end
    end
    if (write_q14) begin
      sums_q15  <= sums14;
      level_q15 <= level_q14;
    end
    probe_q14       <= probe_q13;
    probe_class_q14 <= item13_i[`IT_CLASS];
  end

  // ---- stage 14 ----
  wire [3:0]  class14  = probe_q14 ? probe_class_q14 : fixed14[CLASS +: 4];
  wire [71:0] equity14 = sums_q14[EQUITY +: 72] + sums_q14[COLL +: 72];
  wire [95:0] mm14     = sums_q14[MM +: 96] + {{8{fixed14[ADDEND + 87]}}, fixed14[ADDEND +: 88]};
  wire [71:0] coll14   = sums_q14[COLL +: 72];
  assign state14_o = {level_q14, broken14, coll14, fixed14[ADDEND +: 88], fixed14[VALID], damaged14, fixed14[HELD],
                      fixed14[ROLE +: 2], fixed14[CLASS +: 4], sums_q14[BAD +: 9], equity14, fixed14[ID +: 32], mm14};
  assign rows_equity14_o = sums_q14[EQUITY +: 72];
  assign rows_mm14_o     = sums_q14[MM +: 96];

  wire [27:0] a14, b14;
  fb_thresholds u_thresholds (
    .clk_i(clk_i), .we_i(twe_i), .waddr_i(twaddr_i), .wdefined_i(twdefined_i), .wup_i(twup_i), .wdown_i(twdown_i),
    .a_addr_i({class14, ka_q14}), .a_down_i(a_down_q14), .a_o(a14),
    .b_addr_i({class14, kb_q14}), .b_down_i(b_down_q14), .b_o(b14));

  // ---- stage 15 ----
  reg [27:0]          a_q15, b_q15;
  reg [`AS_FACTS-1:0] facts_q15;
  reg [4:0]           before_q15;
  reg                 fault_q15, fixed_bad_q15, parity_q15;
  reg [3:0]           probe_class_q15;
  reg [2:0]           ka_q15, kb_q15;
  always @(posedge clk_i) begin
    {a_q15, b_q15} <= {a14, b14};
    facts_q15      <= state14_o[`AS_FACTS-1:0];
    before_q15     <= level_q14;
    fault_q15      <= damaged14 || sums_q14[BAD +: 9] != 9'd0 || !(&coll14[71:61] || ~|coll14[71:61]);
    fixed_bad_q15  <= read_q14 && fixed14[FIXED +: FIXED_CHECKS] != fixed_check14;
    parity_q15     <= counts_q14 && |failed_q14;
    slot_q15       <= slot_q14;
    probe_q15      <= probe_q14;
    {probe_class_q15, ka_q15, kb_q15} <= {probe_class_q14, ka_q14, kb_q14};
    probe_bad_o <= probe_q15 && (^a_q15 || ^b_q15);
    probe_at_o  <= {probe_class_q15, ^b_q15 ? kb_q15 : ka_q15};
  end
  assign slot15_o      = slot_q15;
  assign facts15_o     = {facts_q15[`AS_FACTS-1:`AS_DAMAGED+1], facts_q15[`AS_DAMAGED] || fixed_bad_q15,
                          facts_q15[`AS_DAMAGED-1:0]};
  assign before15_o    = before_q15;
  assign fault15_o     = fault_q15 || fixed_bad_q15;
  assign threshold15_o = {b_q15[26:0], a_q15[26:0]};
  assign parity15_o    = parity_q15 || fixed_bad_q15;
endmodule

`default_nettype wire
