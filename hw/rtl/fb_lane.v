// One lane: rows, accounts, judge, and the queue of accounts whose level may have changed.
//
// During a batch every account that is written is compared with the thresholds next to its level (a "spot" judgement). If the
// level may differ, the account is queued once (its pending bit). At the end of the batch the queue is drained: each account is
// judged again on its final state against all six thresholds in three passes, and reported if its level differs. The last row of
// a batch is judged in full on the spot (solo), which takes the queue off the path of a one-row batch.
//
// | stage | what                                                                                  |
// |-------|---------------------------------------------------------------------------------------|
// | 4-12  | fb_rows                                                                               |
// | 12-14 | fb_accounts; the drain enters at 12 through the same forwarding                       |
// | 15-17 | fb_judge                                                                              |
// | 18    | spot: queue if the level may differ; third pass: level decided, record into the FIFO  |
// | 19    | first record can leave                                                                |
//
// The clearing walk goes through the same stages: rows are emptied at 6, worths at 12, accounts as if they were removed, pending
// bits at 18.
`default_nettype none
`include "fb_layout.vh"
`include "fb_item.vh"

module fb_lane #(
  parameter ROW_BITS = 12,
  parameter SLOT_BITS = 12
) (
  input  wire                 clk_i,
  input  wire                 rst_i,
  input  wire [15:0]          lane_i,        // its number: a constant, and no parameter, so that all lanes are one module
  // rows: see fb_rows
  input  wire                 re4_i,
  input  wire [ROW_BITS-1:0]  row4_i,
  input  wire                 v5_i,
  input  wire [3:0]           kind5_i,       // of the item that is item6_i in the next cycle
  input  wire [15:0]          lane5_i,
  input  wire                 v6_i,
  input  wire [`IT_BITS-1:0]  item6_i,
  input  wire [ROW_BITS-1:0]  row6_i,
  input  wire [ROW_BITS-1:0]  row10_i,
  input  wire                 again11_i,
  input  wire                 again2_11_i,
  input  wire [ROW_BITS-1:0]  row12_i,
  input  wire [15*62-1:0]     floors8_i,
  input  wire [16*128-1:0]    tiers9_i,
  // accounts
  input  wire                 v12_i,
  input  wire [`IT_LOW-1:0]   item12_i,
  input  wire                 last12_i,      // last row of a batch: judge on the spot
  input  wire                 passed12_i,    // the audit wants the change
  input  wire [SLOT_BITS-5:0] window_i,      // slots of the audit: those with these high bits
  input  wire                 open_i,        // forget its sums
  input  wire [`IT_LOW-1:0]   item13_i,
  input  wire                 drain_i,       // no more rows come in this batch
  output wire                 drained_o,     // everything judged, everything reported
  input  wire                 clear_i,       // stage 4: clearing walk, which goes through the stages like a row
  input  wire                 twe_i,
  input  wire [6:0]           twaddr_i,
  input  wire                 twdefined_i,
  input  wire [25:0]          twup_i,
  input  wire [25:0]          twdown_i,
  input  wire [15:0]          strict_i,
  // level changes
  output wire                 rec_valid_o,
  input  wire                 rec_ready_i,
  output wire [`LR_BITS-1:0]  rec_o,
  // for the state hash and snapshot: the account and row last read
  output wire [`AS_BITS-1:0]  state_o,
  output wire [166:0]         row_o,
  output wire                 row_valid_o,
  // for the rank: the row of the account in state_o, from stage 14 until the next ranked stripe
  output wire [`RR_BITS-1:0]  rank_row_o,
  // funding pass
  input  wire                 fund_clear_i,
  output wire signed [79:0]   fund_sum_o,
  output wire [31:0]          fund_rows_o,
  // faults
  output wire                 fault_valid_o,
  output wire [55:0]          fault_o,       // {lost, kind, address}
  input  wire                 fault_taken_i,
  // audit: what the item before found; sums over rows that were computed anew
  output wire                 mismatch_o,
  input  wire                 mismatch_taken_i,
  output wire [`AF_BITS-1:0]  finding_o,
  output wire                 known_wrong_o,
  input  wire                 known_taken_i,
  output wire                 probe_bad_o,   // thresholds failed their parity
  output wire [6:0]           probe_at_o
);

  // ---- rows, stages 4 to 12 ----
  wire                 row_parity12, touch12, to_coll12, damage12, broken12;
  wire [SLOT_BITS-1:0] row_slot12;
  wire signed [63:0]   equity12, gain12;
  wire signed [87:0]   mm12;
  wire [1:0]           bad12;
  wire [31:0]          row_position;
  wire [23:0]          row_addend;
  wire [47:0]          row_qty;
  wire [61:0]          row_entry;
  wire                 row_no_rank, rank12;
  wire [`RR_BITS-1:1]  rank_row;
  wire                 mine5 = lane5_i == lane_i;
  reg  [18:5]          clear_q;
  always @(posedge clk_i) clear_q <= rst_i ? 14'd0 : {clear_q[17:5], clear_i};
  fb_rows #(.ROW_BITS(ROW_BITS), .SLOT_BITS(SLOT_BITS)) u_rows (
    .clk_i(clk_i), .re4_i(re4_i), .row4_i(row4_i), .v5_i(v5_i), .kind5_i(kind5_i), .mine5_i(mine5), .v6_i(v6_i),
    .item6_i(item6_i), .row6_i(row6_i), .clear6_i(clear_q[6]), .clear11_i(clear_q[11]), .clear12_i(clear_q[12]),
    .floors8_i(floors8_i), .tiers9_i(tiers9_i),
    .row10_i(row10_i), .again11_i(again11_i), .again2_11_i(again2_11_i), .row12_i(row12_i), .parity12_o(row_parity12),
    .touch12_o(touch12), .slot12_o(row_slot12), .equity12_o(equity12), .gain12_o(gain12), .to_coll12_o(to_coll12),
    .mm12_o(mm12), .bad12_o(bad12), .damage12_o(damage12),
    .broken12_o(broken12), .row_valid_o(row_valid_o), .row_position_o(row_position),
    .row_addend_o(row_addend), .row_qty_o(row_qty), .row_entry_o(row_entry), .row_no_rank_o(row_no_rank),
    .rank12_o(rank12), .rank_row_o(rank_row));
  assign row_o = {row_no_rank, row_entry, row_qty, row_addend, row_position};

  // ---- stage 12: a row, a command, or the drain ----
  // What the kind of item means is known when it comes, and travels beside the row.
  reg [12:6] direct_q, account_q, given_q;   // for this lane; ACCOUNT; collateral is given
  reg [12:6] of_item_q;                      // the item names the slot, not the row
  reg [12:6] close_q, known_q, audit_q, rank_q, hash_q;
  always @(posedge clk_i) begin
    direct_q  <= {direct_q[11:6], mine5 && (kind5_i == `IK_ROW || kind5_i == `IK_ACCOUNT || kind5_i == `IK_COLLATERAL)};
    account_q <= {account_q[11:6], mine5 && kind5_i == `IK_ACCOUNT};
    given_q   <= {given_q[11:7], given_q[6] || (direct_q[6] && item6_i[`IT_FILL]),
                  mine5 && (kind5_i == `IK_ACCOUNT || kind5_i == `IK_COLLATERAL)};
    of_item_q <= {of_item_q[11:7], of_item_q[6] || direct_q[6], kind5_i == `IK_HASH_ACCOUNTS || kind5_i == `IK_SNAPSHOT
                                                              || kind5_i == `IK_CLOSE || kind5_i == `IK_CLEAR};
    close_q   <= {close_q[11:6], kind5_i == `IK_CLOSE};
    known_q   <= {known_q[11:6], kind5_i == `IK_KNOWN};
    audit_q   <= {audit_q[11:6], kind5_i == `IK_AUDIT};
    rank_q    <= {rank_q[11:6], kind5_i == `IK_RANK};
    hash_q    <= {hash_q[11:6], kind5_i == `IK_HASH_ROWS};
  end
  wire       direct12 = v12_i && direct_q[12];
  wire       close12  = v12_i && close_q[12];
  wire       known12  = v12_i && known_q[12];
  wire       audit12  = v12_i && audit_q[12];     // goes to the window only: the account's stage is free for the drain
  wire       slot12_v = v12_i && (of_item_q[12] || (touch12 && !audit_q[12] && !known_q[12]));
  wire       as_is12  = inject || rank_q[12];     // the account is looked at, not changed
  wire       solo12   = last12_i && slot12_v;

  wire                 head_valid;
  wire [SLOT_BITS-1:0] head_slot;
  reg  [1:0]           pass_q;        // next pass to inject; 0: none under way
  reg  [SLOT_BITS-1:0] inject_slot_q;
  reg                  inject_solo_q;
  wire                 room;
  wire start  = drain_i && pass_q == 2'd0 && head_valid && room;
  wire inject = start || pass_q != 2'd0;
  wire [1:0]           which12 = {inject, inject ? pass_q != 2'd0 : of_item_q[12]};
  wire [SLOT_BITS-1:0] item_slot12 = item12_i[`IT_SLOT_LSB +: SLOT_BITS];
  wire [SLOT_BITS-1:0] slot12 = which12[1] ? (which12[0] ? inject_slot_q : head_slot) : which12[0] ? item_slot12 : row_slot12;
  always @(posedge clk_i)
    if (rst_i) pass_q <= 2'd0;
    else begin
      if (solo12 || start) begin
        pass_q        <= 2'd1;
        inject_slot_q <= slot12;
        inject_solo_q <= solo12;
      end else if (pass_q != 2'd0)
        pass_q <= pass_q == 2'd2 ? 2'd0 : pass_q + 2'd1;
    end

  wire unused_bits = ^{item12_i, mm17[95]};

  // ---- audit ----
  wire [SLOT_BITS-1:0] row12 = direct_q[12] ? item_slot12 : row_slot12;
  fb_inspect #(.SLOT_BITS(SLOT_BITS)) u_inspect (
    .clk_i(clk_i), .rst_i(rst_i), .clear_i(clear_q[5]), .open_i(open_i), .window_i(window_i), .v12_i(v12_i),
    .add12_i(touch12 && (audit12 || passed12_i)), .close12_i(close12), .known12_i(known12), .row12_i(row12),
    .close_slot12_i(item12_i[`IT_SLOT_LSB +: 4]), .equity12_i(equity12), .mm12_i(mm12), .bad12_i(bad12), .item13_i(item13_i),
    .state14_i(state14), .rows_equity14_i(rows_equity14), .rows_mm14_i(rows_mm14), .mismatch_o(mismatch_o),
    .mismatch_taken_i(mismatch_taken_i),
    .finding_o(finding_o), .known_wrong_o(known_wrong_o), .known_taken_i(known_taken_i));

  // ---- stage 13: the account ----
  // The change of collateral: of a fill or deposit, or what an ACCOUNT puts in its place, or funding.
  wire account12 = v12_i && account_q[12] && !inject;
  wire given12   = v12_i && given_q[12] && !inject;
  wire paid12    = !as_is12 && to_coll12;
  reg                v_q13, inject_q13, update_q13, solo_q13, stir_q13, paid_q13, damage_q13, broken_q13;
  reg [2:0]          pass_q13;
  reg signed [63:0]  equity_q13;
  reg signed [71:0]  coll_q13;
  reg signed [87:0]  mm_q13;
  reg [1:0]          bad_q13;
  always @(posedge clk_i) begin
    v_q13 <= !rst_i && (slot12_v || inject);
    if (slot12_v || inject) begin
      inject_q13 <= inject;
      update_q13 <= !inject && (direct12 || clear_q[12] || (touch12 && !rank_q[12] && !hash_q[12]));
      solo_q13   <= inject ? inject_solo_q && pass_q != 2'd0 : solo12;
      pass_q13   <= inject ? {1'b0, pass_q} : solo12 ? 3'd0 : 3'd4;
      stir_q13   <= direct12 && !inject && !account_q[12];
      paid_q13   <= paid12;
      {damage_q13, broken_q13} <= as_is12 ? 2'b00 : {damage12, broken12};
      equity_q13 <= as_is12 || to_coll12 ? 64'sd0 : equity12;
      coll_q13   <= given12 ? {{10{item12_i[`IT_DELTA_SIGN]}}, item12_i[`IT_DELTA]} : paid12 ? {{8{gain12[63]}}, gain12} : 72'sd0;
      mm_q13     <= as_is12 ? 88'sd0 : mm12;
      bad_q13    <= as_is12 ? 2'd0 : bad12;
    end
  end
  // The rank takes lane after lane: what it looks at stands here meanwhile.
  reg                rank_q13, rank_valid_q13;
  reg [`RR_BITS-1:0] rank_row_q14;
  always @(posedge clk_i) begin
    rank_q13       <= v12_i && rank_q[12];
    rank_valid_q13 <= rank12;
    if (rank_q13) rank_row_q14 <= {rank_row, rank_valid_q13};
  end
  assign rank_row_o = rank_row_q14;

  wire [`AS_BITS-1:0]  state14;
  wire [71:0]          rows_equity14;
  wire [95:0]          rows_mm14;
  wire [SLOT_BITS-1:0] slot15;
  wire [`AS_FACTS-1:0] facts15;
  wire [4:0]           before15;
  wire [53:0]          threshold15;
  wire                 fault15, parity15;
  wire                 level_we18;
  wire [SLOT_BITS-1:0] slot18;
  wire [3:0]           level18;
  fb_accounts #(.SLOT_BITS(SLOT_BITS)) u_accounts (
    .clk_i(clk_i), .v12_i(slot12_v || inject), .slot12_i(slot12), .account12_i(account12), .clear12_i(clear_q[12]),
    .probe12_i(close12 && item12_i[`IT_PROBE]), .item12_i(item12_i), .v13_i(v_q13),
    .update13_i(update_q13), .stir13_i(stir_q13), .item13_i(item13_i), .equity13_i(equity_q13), .mm13_i(mm_q13),
    .bad13_i(bad_q13), .coll13_i(coll_q13), .damage13_i(damage_q13), .broken13_i(broken_q13),
    .pass13_i(pass_q13),
    .level_we_i(level_we18), .level_slot_i(slot18), .level_i(level18),
    .twe_i(twe_i), .twaddr_i(twaddr_i), .twdefined_i(twdefined_i),
    .twup_i(twup_i), .twdown_i(twdown_i), .state14_o(state14), .rows_equity14_o(rows_equity14), .rows_mm14_o(rows_mm14),
    .slot15_o(slot15), .facts15_o(facts15), .before15_o(before15), .fault15_o(fault15), .threshold15_o(threshold15),
    .parity15_o(parity15), .probe_bad_o(probe_bad_o), .probe_at_o(probe_at_o));
  assign state_o = state14;

  // ---- stages 15 to 18: the judge ----
  reg [18:14] v_q, solo_q;
  reg [2:0] pass_q14, pass_q15, pass_q16, pass_q17, pass_q18;
  reg [SLOT_BITS-1:0] slot_q16, slot_q17, slot_q18;
  reg [`AS_FACTS-1:0] facts_q16, facts_q17, facts_q18;
  reg [4:0] before_q16, before_q17, before_q18;  // {unknown, level}
  reg [2:0] sign_q16, sign_q17, sign_q18;        // {fault, equity < 0, MM <= 0}
  reg [1:0] defined_q16, defined_q17;

  wire signed [71:0] equity15 = facts15[`AS_EQUITY];
  wire signed [95:0] mm15     = facts15[`AS_MM];
  wire [95:0]        mm17     = facts_q17[`AS_MM];
  wire [1:0]         hit18;
  fb_judge u_judge (
    .clk_i(clk_i), .en_i(v_q[17:15]), .equity_i(equity15[70:0]), .threshold_i({threshold15[52:27], threshold15[25:0]}),
    .defined_i(defined_q17), .mm_i(mm17[94:0]), .strict_i(strict_q17), .crossed_o(hit18));

  reg strict_q17;
  reg under_way_q;      // v_q13 or a bit of v_q
  always @(posedge clk_i) begin
    under_way_q <= !rst_i && (slot12_v || inject || v_q13 || |v_q[17:14]);
    // The state hash and the snapshot read accounts but do not judge them.
    v_q <= rst_i ? 5'd0 : {v_q[17:14], v_q13 && (update_q13 || inject_q13) && !clear_q[13]};
    solo_q <= {solo_q[17:14], solo_q13};
    {pass_q18, pass_q17, pass_q16, pass_q15, pass_q14} <= {pass_q17, pass_q16, pass_q15, pass_q14, pass_q13};
    {slot_q18, slot_q17, slot_q16}          <= {slot_q17, slot_q16, slot15};
    {facts_q18, facts_q17, facts_q16}       <= {facts_q17, facts_q16, facts15};
    {before_q18, before_q17, before_q16}    <= {before_q17, before_q16, before15};
    {sign_q18, sign_q17, sign_q16}          <= {sign_q17, sign_q16, fault15, equity15[71], mm15[95] || mm15 == 96'sd0};
    {defined_q17, defined_q16}              <= {defined_q16, threshold15[53], threshold15[26]};
    strict_q17 <= strict_i[facts_q16[`AS_CLASS]];
  end

  // ---- stage 18: decide ----
  wire [3:0] before18  = before_q18[3:0];
  wire       unknown18 = before_q18[4];
  wire       ordinary18 = before18 < `FB_LEVEL_BANKRUPT;
  // Where a sign decides, whether the level differs is known a stage earlier; where a threshold does, for each of the two.
  reg by_sign_q18, sign_differs_q18, is_high_q18, is_low_q18, spot_q18, final_q18;
  always @(posedge clk_i) begin
    spot_q18         <= !rst_i && v_q[17] && pass_q17[2];
    final_q18        <= !rst_i && v_q[17] && pass_q17 == 3'd2;
    by_sign_q18      <= |sign_q17;
    sign_differs_q18 <= sign_q17[2] ? before_q17[3:0] != `FB_LEVEL_FAULT : sign_q17[1] ? before_q17[3:0] != `FB_LEVEL_BANKRUPT
                      : before_q17[3:0] != `FB_LEVEL_CALM;
    is_high_q18      <= before_q17[3:0] == {1'b0, ^pass_q17[1:0], !pass_q17[0], 1'b0};
    is_low_q18       <= before_q17[3:0] == {1'b0, pass_q17[1:0], 1'b1};
  end
  wire differ18 = unknown18
               || (by_sign_q18 ? sign_differs_q18
                 : !ordinary18 || (hit18[0] && before18 != 4'd6) || (!hit18[1] && before18 != 4'd0));
  reg [3:0] highest_q;   // of the passes so far
  // 2 pass + 2, or 2 pass + 1
  wire [3:0] highest18 = hit18[1] ? {1'b0, ^pass_q18[1:0], !pass_q18[0], 1'b0} : hit18[0] ? {1'b0, pass_q18[1:0], 1'b1}
                       : pass_q18[1:0] == 2'd0 ? 4'd0 : highest_q;
  always @(posedge clk_i) if (v_q[18] && !pass_q18[2]) highest_q <= highest18;
  assign level18 = sign_q18[2] ? `FB_LEVEL_FAULT : sign_q18[1] ? `FB_LEVEL_BANKRUPT : sign_q18[0] ? `FB_LEVEL_CALM : highest18;
  assign slot18  = slot_q18;

  // Pending: queued and not yet judged. Read a stage ahead; what stage 18 writes meanwhile is forwarded.
  wire pending_ram18;
  reg  again_q18, was_q18;
  wire pending18 = again_q18 ? was_q18 : pending_ram18;
  wire queue18   = spot_q18 && differ18 && !pending18;
  wire settle18  = final_q18 && !(solo_q[18] && pending18);   // a pending account is left to the drain
  // Only the third pass comes here, so below its thresholds lies what the passes before have found.
  wire moved18   = by_sign_q18 ? sign_differs_q18 : hit18[1] ? !is_high_q18 : hit18[0] ? !is_low_q18 : highest_q != before18;
  wire calm18    = by_sign_q18 ? sign_q18[2:1] == 2'd0 : hit18 == 2'd0 && highest_q == 4'd0;
  wire report18  = settle18 && (moved18 || (unknown18 && !calm18));
  assign level_we18 = settle18;
  fb_ram #(.WIDTH(1), .DEPTH(1 << SLOT_BITS), .ADDR_BITS(SLOT_BITS), .OLD(0)) u_pending (
    .clk_i(clk_i), .we_i(queue18 || settle18 || clear_q[18]), .waddr_i(slot_q18), .wdata_i(queue18),
    .re_i(1'b1), .raddr_i(slot_q17), .rdata_o(pending_ram18));
  always @(posedge clk_i) begin
    again_q18 <= (queue18 || settle18) && slot_q17 == slot_q18;
    was_q18   <= queue18;
  end

  // ---- the queue, one entry an account at most ----
  reg [SLOT_BITS:0]   queued_q;
  reg                 waits_q;      // queued_q != 0
  reg [SLOT_BITS-1:0] put_q, get_q;
  reg                 head_valid_q;
  wire                fetch = waits_q && !head_valid_q;
  fb_ram #(.WIDTH(SLOT_BITS), .DEPTH(1 << SLOT_BITS), .ADDR_BITS(SLOT_BITS), .OLD(0)) u_queue (
    .clk_i(clk_i), .we_i(queue18), .waddr_i(put_q), .wdata_i(slot_q18), .re_i(fetch), .raddr_i(get_q), .rdata_o(head_slot));
  assign head_valid = head_valid_q;
  always @(posedge clk_i)
    if (rst_i || clear_q[5]) begin  // RESET may drop a batch whose accounts are queued
      queued_q     <= 0;
      waits_q      <= 1'b0;
      put_q        <= 0;
      get_q        <= 0;
      head_valid_q <= 1'b0;
    end else begin
      if (queue18 != fetch) begin
        queued_q <= queued_q + {{SLOT_BITS{!queue18}}, 1'b1};
        waits_q  <= queue18 || queued_q[SLOT_BITS:1] != 0;
      end
      if (queue18) put_q <= put_q + 1'b1;
      if (fetch)   get_q <= get_q + 1'b1;
      if (fetch)      head_valid_q <= 1'b1;
      else if (start) head_valid_q <= 1'b0;
    end

  // ---- records: a FIFO of four, never overrun because an entry enters the judge only with room for its record ----
  reg [`LR_BITS-1:0] fifo [0:3];
  reg [1:0]   fput_q, fget_q;
  reg [3:0]   count_q, used_q;   // waiting; waiting or to be judged. Bit k: more than k
  wire        take = rec_valid_o && rec_ready_i;
  wire        begun  = start || solo12;
  wire        calm   = final_q18 && !report18;
  assign room        = !used_q[3];
  assign rec_valid_o = count_q[0];
  assign rec_o       = fifo[fget_q];
  always @(posedge clk_i) begin
    if (report18) fifo[fput_q] <= {before18, level18, facts_q18};
    if (rst_i) begin
      fput_q   <= 2'd0;
      fget_q   <= 2'd0;
      count_q  <= 4'd0;
      used_q   <= 4'd0;
    end else begin
      if (report18) fput_q <= fput_q + 2'd1;
      if (take)     fget_q <= fget_q + 2'd1;
      if (report18 != take) count_q <= report18 ? {count_q[2:0], 1'b1} : {1'b0, count_q[3:1]};
      case ({begun, take, calm})
        3'b100: used_q <= {used_q[2:0], 1'b1};
        3'b010, 3'b001, 3'b111: used_q <= {1'b0, used_q[3:1]};
        3'b011: used_q <= {2'b00, used_q[3:2]};
        default: ;
      endcase
    end
  end
  assign drained_o = drain_i && !head_valid_q && !waits_q && !used_q[0] && !under_way_q;

  // ---- funding sums ----
  reg signed [79:0] fund_sum_q;
  reg [31:0]        fund_rows_q;
  always @(posedge clk_i)
    if (rst_i || fund_clear_i) begin
      fund_sum_q  <= 80'sd0;
      fund_rows_q <= 32'd0;
    end else if (v_q13 && paid_q13) begin
      fund_sum_q  <= {{8{coll_q13[71]}}, coll_q13} + fund_sum_q;
      fund_rows_q <= fund_rows_q + 32'd1;
    end
  assign fund_sum_o  = fund_sum_q;
  assign fund_rows_o = fund_rows_q;

  // ---- faults: the first is kept until taken, the rest are counted; the word that waits already is not another ----
  reg        fault_q, both_q, at_account_q;
  reg [15:0] address_q;
  reg        fault_valid_q, fault_account_q;
  reg [15:0] fault_address_q;
  reg [31:0] lost_q;
  wire       again = at_account_q == fault_account_q && address_q == fault_address_q;
  wire [1:0] more  = {both_q && !again, both_q ^ !again};
  always @(posedge clk_i) begin
    fault_q      <= !rst_i && (row_parity12 || parity15);
    both_q       <= row_parity12 && parity15;
    at_account_q <= !row_parity12;
    address_q    <= row_parity12 ? {{(16 - ROW_BITS){1'b0}}, row12_i} : {{(16 - SLOT_BITS){1'b0}}, slot15};
    if (rst_i) begin
      fault_valid_q <= 1'b0;
      lost_q        <= 32'd0;
    end else begin
      if (fault_q && (!fault_valid_q || fault_taken_i)) begin
        fault_valid_q   <= 1'b1;
        fault_account_q <= at_account_q;
        fault_address_q <= address_q;
        lost_q          <= {31'd0, both_q};
      end else if (fault_taken_i) fault_valid_q <= 1'b0;
      else if (fault_q && !(&lost_q[31:1])) lost_q <= lost_q + {30'd0, more};
    end
  end
  assign fault_valid_o = fault_valid_q;
  assign fault_o = {lost_q, fault_account_q ? `FB_FAULT_ACCOUNT_PARITY : `FB_FAULT_ROW_PARITY, fault_address_q};
endmodule

`default_nettype wire
