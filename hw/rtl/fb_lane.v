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
// | 14-16 | fb_judge                                                                              |
// | 17    | spot: queue if the level may differ; third pass: level decided, record into the FIFO  |
// | 18    | first record can leave                                                                |
`default_nettype none
`include "fb_layout.vh"
`include "fb_item.vh"

module fb_lane #(
  parameter LANE = 0,
  parameter ROW_BITS = 12,
  parameter SLOT_BITS = 12
) (
  input  wire                 clk_i,
  input  wire                 rst_i,
  // rows: see fb_rows
  input  wire                 re4_i,
  input  wire [ROW_BITS-1:0]  row4_i,
  input  wire                 v5_i,
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
  input  wire                 clear_i,
  input  wire [SLOT_BITS-1:0] clear_slot_i,
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
  // audit: what the item before found; sums that were recomputed
  output wire                 mismatch_o,
  input  wire                 mismatch_taken_i,
  output wire [`AF_BITS-1:0]  finding_o,
  output wire                 known_wrong_o,
  input  wire                 known_taken_i,
  output wire                 probe_bad_o,   // thresholds failed their parity
  output wire [6:0]           probe_at_o
);
  localparam [31:0] LANE_WIDE = LANE;
  localparam [15:0] ME = LANE_WIDE[15:0];

  // ---- rows, stages 4 to 12 ----
  wire                 row_parity12, touch12, to_coll12, damage12, broken12;
  wire [SLOT_BITS-1:0] row_slot12;
  wire signed [71:0]   equity12;
  wire signed [95:0]   mm12;
  wire [1:0]           bad12;
  wire [31:0]          row_position;
  wire [23:0]          row_addend;
  wire [47:0]          row_qty;
  wire [61:0]          row_entry;
  wire                 row_no_rank, rank12;
  wire [`RR_BITS-1:1]  rank_row;
  fb_rows #(.ROW_BITS(ROW_BITS), .SLOT_BITS(SLOT_BITS)) u_rows (
    .clk_i(clk_i), .re4_i(re4_i), .row4_i(row4_i), .v5_i(v5_i), .v6_i(v6_i), .item6_i(item6_i),
    .mine6_i(item6_i[`IT_LANE] == ME), .row6_i(row6_i), .clear_i(clear_i), .floors8_i(floors8_i), .tiers9_i(tiers9_i),
    .row10_i(row10_i), .again11_i(again11_i), .again2_11_i(again2_11_i), .row12_i(row12_i), .parity12_o(row_parity12),
    .touch12_o(touch12), .slot12_o(row_slot12), .equity12_o(equity12), .to_coll12_o(to_coll12),
    .mm12_o(mm12), .bad12_o(bad12), .damage12_o(damage12),
    .broken12_o(broken12), .row_valid_o(row_valid_o), .row_position_o(row_position),
    .row_addend_o(row_addend), .row_qty_o(row_qty), .row_entry_o(row_entry), .row_no_rank_o(row_no_rank),
    .rank12_o(rank12), .rank_row_o(rank_row));
  assign row_o = {row_no_rank, row_entry, row_qty, row_addend, row_position};

  // ---- stage 12: a row, a command, or the drain ----
  wire [3:0] kind12   = item12_i[`IT_KIND];
  wire       direct12 = v12_i && item12_i[`IT_LANE] == ME
                        && (kind12 == `IK_ROW || kind12 == `IK_ACCOUNT || kind12 == `IK_COLLATERAL);
  wire       scan12   = v12_i && (kind12 == `IK_HASH_ACCOUNTS || kind12 == `IK_SNAPSHOT);
  wire       close12  = v12_i && kind12 == `IK_CLOSE;
  wire       known12  = v12_i && kind12 == `IK_KNOWN;
  wire       audit12  = v12_i && kind12 == `IK_AUDIT;    // goes to the window only: the account's stage is free for the drain
  wire       slot12_v = direct12 || scan12 || close12 || (v12_i && touch12 && !audit12 && !known12);
  wire       as_is12  = inject || kind12 == `IK_RANK;   // the account is looked at, not changed
  wire       solo12   = last12_i && slot12_v && !scan12 && kind12 != `IK_HASH_ROWS;

  wire                 head_valid;
  wire [SLOT_BITS-1:0] head_slot;
  reg  [1:0]           pass_q;        // next pass to inject; 0: none under way
  reg  [SLOT_BITS-1:0] inject_slot_q;
  reg                  inject_solo_q;
  wire                 room;
  wire start  = drain_i && pass_q == 2'd0 && head_valid && room;
  wire inject = start || pass_q != 2'd0;
  wire [SLOT_BITS-1:0] slot12 = pass_q != 2'd0 ? inject_slot_q : start ? head_slot
                              : direct12 || scan12 || close12 ? item12_i[`IT_SLOT_LSB +: SLOT_BITS] : row_slot12;
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

  wire unused_bits = ^{item12_i, coll14[60:0], mm16[95]};

  // ---- stage 13: the account ----
  // ---- audit ----
  wire [SLOT_BITS-1:0] row12 = direct12 ? item12_i[`IT_SLOT_LSB +: SLOT_BITS] : row_slot12;
  fb_inspect #(.SLOT_BITS(SLOT_BITS)) u_inspect (
    .clk_i(clk_i), .rst_i(rst_i), .clear_i(clear_i), .open_i(open_i), .window_i(window_i), .v12_i(v12_i),
    .add12_i(touch12 && (audit12 || passed12_i)), .close12_i(close12), .known12_i(known12), .row12_i(row12),
    .close_slot12_i(item12_i[`IT_SLOT_LSB +: 4]), .equity12_i(equity12), .mm12_i(mm12), .bad12_i(bad12), .item13_i(item13_i),
    .state14_i(state14), .close13_o(close13), .mismatch_o(mismatch_o), .mismatch_taken_i(mismatch_taken_i),
    .finding_o(finding_o), .known_wrong_o(known_wrong_o), .known_taken_i(known_taken_i));
  wire close13;

  reg                v_q13, inject_q13, direct_q13, touch_q13, solo_q13, to_coll_q13, damage_q13, broken_q13;
  reg [2:0]          pass_q13;
  reg signed [71:0]  equity_q13;
  reg signed [95:0]  mm_q13;
  reg [1:0]          bad_q13;
  always @(posedge clk_i) begin
    v_q13 <= !rst_i && (slot12_v || inject);
    if (slot12_v || inject) begin
      inject_q13 <= inject;
      direct_q13 <= direct12;
      touch_q13  <= touch12 && !as_is12 && kind12 != `IK_HASH_ROWS;
      solo_q13   <= inject ? inject_solo_q && pass_q != 2'd0 : solo12;
      pass_q13   <= inject ? {1'b0, pass_q} : solo12 ? 3'd0 : 3'd4;
      {to_coll_q13, damage_q13, broken_q13} <= as_is12 ? 3'b000 : {to_coll12, damage12, broken12};
      equity_q13 <= as_is12 ? 72'sd0 : equity12;
      mm_q13     <= as_is12 ? 96'sd0 : mm12;
      bad_q13    <= as_is12 ? 2'd0 : bad12;
    end
  end
  // The rank takes lane after lane: what it looks at stands here meanwhile.
  reg                rank_q13, rank_valid_q13;
  reg [`RR_BITS-1:0] rank_row_q14;
  always @(posedge clk_i) begin
    rank_q13       <= v12_i && kind12 == `IK_RANK;
    rank_valid_q13 <= rank12;
    if (rank_q13) rank_row_q14 <= {rank_row, rank_valid_q13};
  end
  assign rank_row_o = rank_row_q14;

  wire [3:0] kind13 = item13_i[`IT_KIND];
  wire       update13 = direct_q13 || touch_q13;
  wire signed [71:0] delta13 = direct_q13 && (kind13 == `IK_COLLATERAL || (kind13 == `IK_ROW && item13_i[`IT_FILL]))
                             ? {{10{item13_i[`IT_DELTA_SIGN]}}, item13_i[`IT_DELTA]} : 72'sd0;
  // A fill moves equity by its change of value and by its change of collateral.
  wire signed [71:0] change13 = equity_q13 + delta13;

  wire [`AS_BITS-1:0]  state14;
  wire [SLOT_BITS-1:0] slot14;
  wire [53:0]          threshold14;
  wire                 parity14;
  wire                 level_we17;
  wire [SLOT_BITS-1:0] slot17;
  wire [3:0]           level17;
  fb_accounts #(.SLOT_BITS(SLOT_BITS)) u_accounts (
    .clk_i(clk_i), .v12_i(slot12_v || inject), .slot12_i(slot12), .v13_i(v_q13), .update13_i(update13 && !inject_q13),
    .account13_i(direct_q13 && !inject_q13 && kind13 == `IK_ACCOUNT),
    .stir13_i(direct_q13 && !inject_q13 && kind13 != `IK_ACCOUNT), .fund13_i(to_coll_q13),
    .item13_i(item13_i), .equity13_i(change13), .delta13_i(delta13), .mm13_i(mm_q13), .bad13_i(bad_q13),
    .damage13_i(damage_q13), .broken13_i(broken_q13),
    .pass13_i(pass_q13), .probe13_i(close13 && item13_i[`IT_PROBE]),
    .level_we_i(level_we17), .level_slot_i(slot17), .level_i(level17),
    .clear_i(clear_i), .clear_slot_i(clear_slot_i), .twe_i(twe_i), .twaddr_i(twaddr_i), .twdefined_i(twdefined_i),
    .twup_i(twup_i), .twdown_i(twdown_i), .state14_o(state14), .slot14_o(slot14),
    .threshold14_o(threshold14), .parity14_o(parity14),
    .probe_bad14_o(probe_bad_o), .probe_at14_o(probe_at_o));
  assign state_o = state14;

  // ---- stages 14 to 17: the judge ----
  reg v_q14, v_q15, v_q16, v_q17;
  reg solo_q14, solo_q15, solo_q16, solo_q17;
  reg [2:0] pass_q14, pass_q15, pass_q16, pass_q17;
  reg [SLOT_BITS-1:0] slot_q15, slot_q16, slot_q17;
  reg [`AS_FACTS-1:0] facts_q15, facts_q16, facts_q17;
  reg [4:0] before_q15, before_q16, before_q17;  // {unknown, level}
  reg [2:0] sign_q15, sign_q16, sign_q17;        // {fault, equity < 0, MM <= 0}
  reg [1:0] defined_q15, defined_q16, defined_q17;

  wire signed [71:0] equity14 = state14[`AS_EQUITY];
  wire signed [95:0] mm14     = state14[`AS_MM];
  wire [71:0] coll14   = state14[`AS_COLL];
  wire fault14 = state14[`AS_DAMAGED] || state14[`AS_BAD] != 9'd0 || !(&coll14[71:61] || ~|coll14[71:61]);
  wire [1:0] crossed17;
  wire [95:0] mm16 = facts_q16[`AS_MM];
  fb_judge u_judge (
    .clk_i(clk_i), .en_i({v_q16, v_q15, v_q14}), .equity_i(equity14[70:0]), .threshold_i({threshold14[52:27], threshold14[25:0]}),
    .mm_i(mm16[94:0]), .strict_i(strict_i[facts_q16[`AS_CLASS]]), .crossed_o(crossed17));

  always @(posedge clk_i) begin
    // The state hash and the snapshot read accounts but do not judge them.
    v_q14 <= !rst_i && v_q13 && (update13 || inject_q13);
    {v_q17, v_q16, v_q15} <= rst_i ? 3'd0 : {v_q16, v_q15, v_q14};
    {solo_q17, solo_q16, solo_q15, solo_q14} <= {solo_q16, solo_q15, solo_q14, solo_q13};
    {pass_q17, pass_q16, pass_q15, pass_q14} <= {pass_q16, pass_q15, pass_q14, pass_q13};
    if (v_q14) begin
      slot_q15  <= slot14;
      facts_q15 <= state14[`AS_FACTS-1:0];
      before_q15 <= state14[`AS_BITS-1:`AS_MAIN];
      sign_q15  <= {fault14, equity14[71], mm14[95] || mm14 == 96'sd0};
      defined_q15 <= {threshold14[53], threshold14[26]};
    end
    if (v_q15) begin
      facts_q16 <= facts_q15;
      {slot_q16, before_q16, sign_q16, defined_q16} <= {slot_q15, before_q15, sign_q15, defined_q15};
    end
    if (v_q16) begin
      facts_q17 <= facts_q16;
      {slot_q17, before_q17, sign_q17, defined_q17} <= {slot_q16, before_q16, sign_q16, defined_q16};
    end
  end

  // ---- stage 17: decide ----
  wire [3:0] before17  = before_q17[3:0];
  wire       unknown17 = before_q17[4];
  wire [1:0] hit17     = crossed17 & defined_q17;
  wire       spot17    = v_q17 && pass_q17[2];
  wire       final17   = v_q17 && pass_q17 == 3'd2;
  wire       ordinary17 = before17 < `FB_LEVEL_BANKRUPT;
  wire differ17 = unknown17
               || (sign_q17[2] ? before17 != `FB_LEVEL_FAULT
                 : sign_q17[1] ? before17 != `FB_LEVEL_BANKRUPT
                 : sign_q17[0] ? before17 != `FB_LEVEL_CALM
                 : !ordinary17 || (hit17[0] && before17 != 4'd6) || (!hit17[1] && before17 != 4'd0));
  reg [3:0] highest_q;   // of the passes so far
  wire [3:0] highest17 = hit17[1] ? {1'b0, pass_q17[1:0], 1'b0} + 4'd2 : hit17[0] ? {1'b0, pass_q17[1:0], 1'b0} + 4'd1
                       : pass_q17[1:0] == 2'd0 ? 4'd0 : highest_q;
  always @(posedge clk_i) if (v_q17 && !pass_q17[2]) highest_q <= highest17;
  assign level17 = sign_q17[2] ? `FB_LEVEL_FAULT : sign_q17[1] ? `FB_LEVEL_BANKRUPT : sign_q17[0] ? `FB_LEVEL_CALM : highest17;
  assign slot17  = slot_q17;

  reg  pending [0:(1 << SLOT_BITS) - 1];
  wire pending17 = pending[slot_q17];
  wire queue17   = spot17 && differ17 && !pending17;
  wire settle17  = final17 && !(solo_q17 && pending17);   // a pending account is left to the drain
  wire report17  = settle17 && (level17 != before17 || (unknown17 && level17 != `FB_LEVEL_CALM));
  assign level_we17 = settle17;
  always @(posedge clk_i)
    if (clear_i) pending[clear_slot_i] <= 1'b0;
    else if (queue17 || settle17) pending[slot_q17] <= queue17;

  // ---- the queue, one entry an account at most ----
  reg [SLOT_BITS:0]   queued_q;
  reg [SLOT_BITS-1:0] put_q, get_q;
  reg                 head_valid_q;
  wire                fetch = queued_q != 0 && !head_valid_q;
  fb_ram #(.WIDTH(SLOT_BITS), .DEPTH(1 << SLOT_BITS), .ADDR_BITS(SLOT_BITS)) u_queue (
    .clk_i(clk_i), .we_i(queue17), .waddr_i(put_q), .wdata_i(slot_q17), .re_i(fetch), .raddr_i(get_q), .rdata_o(head_slot));
  assign head_valid = head_valid_q;
  always @(posedge clk_i)
    if (rst_i || clear_i) begin  // RESET may drop a batch whose accounts are queued
      queued_q     <= 0;
      put_q        <= 0;
      get_q        <= 0;
      head_valid_q <= 1'b0;
    end else begin
      queued_q <= queued_q + {{SLOT_BITS{1'b0}}, queue17} - {{SLOT_BITS{1'b0}}, fetch};
      if (queue17) put_q <= put_q + 1'b1;
      if (fetch)   get_q <= get_q + 1'b1;
      if (fetch)      head_valid_q <= 1'b1;
      else if (start) head_valid_q <= 1'b0;
    end

  // ---- records: a FIFO of four, never overrun because an entry enters the judge only with room for its record ----
  reg [`LR_BITS-1:0] fifo [0:3];
  reg [1:0]   fput_q, fget_q;
  reg [2:0]   count_q, flying_q;
  wire        take = rec_valid_o && rec_ready_i;
  assign room        = count_q + flying_q < 3'd4;
  assign rec_valid_o = count_q != 3'd0;
  assign rec_o       = fifo[fget_q];
  always @(posedge clk_i) begin
    if (report17) fifo[fput_q] <= {before17, level17, facts_q17};
    if (rst_i) begin
      fput_q   <= 2'd0;
      fget_q   <= 2'd0;
      count_q  <= 3'd0;
      flying_q <= 3'd0;
    end else begin
      if (report17) fput_q <= fput_q + 2'd1;
      if (take)     fget_q <= fget_q + 2'd1;
      count_q  <= count_q + {2'd0, report17} - {2'd0, take};
      flying_q <= flying_q + {2'd0, start || solo12} - {2'd0, final17};
    end
  end
  assign drained_o = drain_i && !head_valid_q && queued_q == 0 && flying_q == 3'd0 && count_q == 3'd0
                     && !(v_q13 || v_q14 || v_q15 || v_q16 || v_q17);

  // ---- funding sums ----
  reg signed [79:0] fund_sum_q;
  reg [31:0]        fund_rows_q;
  always @(posedge clk_i)
    if (rst_i || fund_clear_i) begin
      fund_sum_q  <= 80'sd0;
      fund_rows_q <= 32'd0;
    end else if (v_q13 && to_coll_q13 && !inject_q13) begin
      fund_sum_q  <= fund_sum_q + {{8{equity_q13[71]}}, equity_q13};
      fund_rows_q <= fund_rows_q + 32'd1;
    end
  assign fund_sum_o  = fund_sum_q;
  assign fund_rows_o = fund_rows_q;

  // ---- faults: the first is kept until taken, the rest are counted ----
  reg        fault_valid_q, fault_account_q;
  reg [15:0] fault_address_q;
  reg [31:0] lost_q;
  wire       fault = row_parity12 || parity14;
  wire [15:0] address = row_parity12 ? {{(16 - ROW_BITS){1'b0}}, row12_i} : {{(16 - SLOT_BITS){1'b0}}, slot14};
  always @(posedge clk_i)
    if (rst_i) begin
      fault_valid_q <= 1'b0;
      lost_q        <= 32'd0;
    end else begin
      if (fault && (!fault_valid_q || fault_taken_i)) begin
        fault_valid_q   <= 1'b1;
        fault_account_q <= !row_parity12;
        fault_address_q <= address;
        lost_q          <= 32'd0;
      end else if (fault_taken_i) fault_valid_q <= 1'b0;
      else if (fault && !(&lost_q)) lost_q <= lost_q + 32'd1;
    end
  assign fault_valid_o = fault_valid_q;
  assign fault_o = {lost_q, fault_account_q ? `FB_FAULT_ACCOUNT_PARITY : `FB_FAULT_ROW_PARITY, fault_address_q};
endmodule

`default_nettype wire
