// A group: one walker, one ladder memory and GROUP lanes in lockstep; a port for what they report.
//
// The item of each issue travels beside the lanes' pipeline (stages 5 to 13); tokens travel to stage 17 and tell when an item is
// over. done_o is raised when an item with SYNC or DRAIN is finished and all that it reports has left the group; it falls with
// the next item.
//
// Slow work (state hash, snapshot, faults, sums of funding) goes one lane a cycle and holds the walker meanwhile. What it and the
// rank look at of a lane is taken over one cycle before it is judged (seen_..._q). Only level changes are in a hurry: all other
// words wait in aside_q until no lane has one. That of the audit's findings comes last (fb_findings).
`default_nettype none
`include "fb_layout.vh"
`include "fb_item.vh"

module fb_group #(
  parameter GROUP = 4,
  parameter ROW_BITS = 12,
  parameter SLOT_BITS = 12,
  parameter SYMBOL_BITS = 10,
  parameter RANK = 1
) (
  input  wire                clk_i,
  input  wire                rst_i,
  input  wire [15:0]         first_lane_i,  // a constant, see fb_lane
  input  wire                item_valid_i,
  input  wire [`IT_BITS-1:0] item_i,
  input  wire                nop_i,
  input  wire [511:0]        query_i,      // the command that reads the state: stable until done
  output wire                ready_o,
  output wire                done_o,
  // tables, written while the groups are idle
  input  wire                ladder_we_i,
  input  wire [8:0]          ladder_i,
  input  wire [3:0]          tier_i,
  input  wire [60:0]         floor_i,
  input  wire [23:0]         rate_i,
  input  wire [84:0]         deduction_i,
  input  wire                twe_i,
  input  wire [6:0]          twaddr_i,
  input  wire                twdefined_i,
  input  wire [25:0]         twup_i,
  input  wire [25:0]         twdown_i,
  input  wire [15:0]         strict_i,
  // words out. tag 0: decision record, 1: account item, 2: row item, 3: service record
  output wire                out_valid_o,
  output wire [1:0]          out_tag_o,
  output wire [447:0]        out_o,
  input  wire                out_ready_i,
  // funding
  output wire [95:0]         fund_sum_o,
  output wire [31:0]         fund_rows_o,
  output wire                audit_busy_o,
  // chain of histograms
  input  wire                step_i,
  input  wire                v_chain_i,
  input  wire [7:0]          bucket_i,
  input  wire [31:0]         rows_i,
  input  wire [63:0]         lots_i,
  output wire                v_chain_o,
  output wire [7:0]          bucket_o,
  output wire [31:0]         rows_o,
  output wire [63:0]         lots_o
);
  `include "fb_words.vh"

  // Buses that are indexed have a power of two of ways, so that an index is a plain select.
  localparam LANE_BITS = GROUP <= 2 ? 1 : $clog2(GROUP);
  localparam WAYS = 1 << LANE_BITS;

  // ---- stages 3 to 5 ----
  wire                 re4, v5, read5, end5, clear4;
  wire [ROW_BITS-1:0]  row4, row5;
  wire [SLOT_BITS-1:0] slot4;
  wire [`IT_BITS-1:0]  item5;
  wire                 rank_go, rank_idle, passed5, audit_open, audit_end, chain_fault;
  wire [15:0]          audit_slot;
  wire [9:0]           chain_symbol;
  reg                  slow_done_q, rank_idle_q;
  fb_walker #(.ROW_BITS(ROW_BITS), .SLOT_BITS(SLOT_BITS), .SYMBOL_BITS(SYMBOL_BITS)) u_walker (
    .clk_i(clk_i), .rst_i(rst_i), .item_valid_i(item_valid_i), .item_i(item_i), .nop_i(nop_i), .ready_o(ready_o),
    .slow_done_i(slow_done_q), .rank_go_i(rank_go), .rank_idle_i(rank_idle_q), .passed5_o(passed5),
    .audit_open_o(audit_open), .audit_slot_o(audit_slot), .audit_end_o(audit_end), .chain_fault_o(chain_fault),
    .chain_symbol_o(chain_symbol),
    .re4_o(re4), .row4_o(row4), .v_q5_o(v5), .end5_o(end5), .item_q5_o(item5), .row_q5_o(row5), .read_q5_o(read5),
    .clear_o(clear4), .slot4_o(slot4));
  wire unused_slot = ^{audit_slot, slot4};

  // ---- items and tokens beside the pipeline ----
  reg [`IT_BITS-1:0] item_q6;
  reg [`IT_LOW-1:0]  item_q7, item_q8, item_q9, item_q10, item_q11, item_q12, item_q13;
  reg [ROW_BITS-1:0] row_q6, row_q7, row_q8, row_q9, row_q10, row_q11, row_q12;
  reg                again_q11, again2_q11;   // one or two slots ahead had the same row
  reg [12:6]         v_q;
  reg [17:6]         sync_q;
  reg [12:6]         drain_q;
  reg [14:6]         slow_q, slow_end_q, read_q, rank_q;
  reg [12:6]         passed_q;
  reg [17:6]         look_q;         // an item of the audit whose findings are to be looked at
  reg [3:0]          sync_kind_q;    // of the item with SYNC: there is one at a time
  wire [3:0] kind5 = item5[`IT_KIND];
  wire       slow5 = v5 && (kind5 == `IK_HASH_ROWS || kind5 == `IK_HASH_ACCOUNTS || kind5 == `IK_SNAPSHOT);
  wire       sync5 = v5 && end5 && item5[`IT_SYNC] && !slow5;
  wire       slow_end5 = slow5 && end5;
  wire       rank5 = v5 && kind5 == `IK_RANK;
  wire       look5 = v5 && (kind5 == `IK_CLOSE || kind5 == `IK_KNOWN);
  wire       changes5 = kind5 == `IK_WALK || kind5 == `IK_UNLOAD || kind5 == `IK_LOAD || kind5 == `IK_ROW;
  wire       drain5 = v5 && end5 && item5[`IT_DRAIN];
  always @(posedge clk_i) begin
    if (rst_i) begin
      v_q     <= 7'd0;
      sync_q  <= 12'd0;
      drain_q <= 7'd0;
      slow_q  <= 9'd0;
      read_q  <= 9'd0;
      rank_q  <= 9'd0;
      look_q  <= 12'd0;
    end else begin
      v_q     <= {v_q[11:6], v5};
      sync_q  <= {sync_q[16:6], sync5};
      drain_q <= {drain_q[11:6], drain5};
      slow_q  <= {slow_q[13:6], slow5};
      read_q  <= {read_q[13:6], v5 && read5};
      rank_q  <= {rank_q[13:6], rank5};
      look_q  <= {look_q[16:6], look5};
    end
    passed_q <= {passed_q[11:6], passed5 && changes5};
    if (slow5 || sync5) sync_kind_q <= kind5;
    slow_end_q <= {slow_end_q[13:6], slow_end5};
    if (v5) begin
      item_q6 <= item5;
      row_q6  <= row5;
    end
    {row_q12, row_q11, row_q10, row_q9, row_q8, row_q7} <= {row_q11, row_q10, row_q9, row_q8, row_q7, row_q6};
    again_q11  <= row_q10 == row_q11;
    again2_q11 <= row_q10 == row_q12;
    if (v_q[6]) item_q7[`IT_SINGLE_LSB-1:0] <= item_q6[`IT_SINGLE_LSB-1:0];
    if (v_q[6] && single(item_q6[`IT_KIND])) item_q7[`IT_LOW-1:`IT_SINGLE_LSB] <= item_q6[`IT_LOW-1:`IT_SINGLE_LSB];
    if (v_q[7]) item_q8[`IT_SINGLE_LSB-1:0] <= item_q7[`IT_SINGLE_LSB-1:0];
    if (v_q[7] && single(item_q7[`IT_KIND])) item_q8[`IT_LOW-1:`IT_SINGLE_LSB] <= item_q7[`IT_LOW-1:`IT_SINGLE_LSB];
    if (v_q[8]) item_q9[`IT_SINGLE_LSB-1:0] <= item_q8[`IT_SINGLE_LSB-1:0];
    if (v_q[8] && single(item_q8[`IT_KIND])) item_q9[`IT_LOW-1:`IT_SINGLE_LSB] <= item_q8[`IT_LOW-1:`IT_SINGLE_LSB];
    if (v_q[9]) item_q10[`IT_SINGLE_LSB-1:0] <= item_q9[`IT_SINGLE_LSB-1:0];
    if (v_q[9] && single(item_q9[`IT_KIND])) item_q10[`IT_LOW-1:`IT_SINGLE_LSB] <= item_q9[`IT_LOW-1:`IT_SINGLE_LSB];
    if (v_q[10]) item_q11[`IT_SINGLE_LSB-1:0] <= item_q10[`IT_SINGLE_LSB-1:0];
    if (v_q[10] && single(item_q10[`IT_KIND])) item_q11[`IT_LOW-1:`IT_SINGLE_LSB] <= item_q10[`IT_LOW-1:`IT_SINGLE_LSB];
    if (v_q[11]) item_q12[`IT_SINGLE_LSB-1:0] <= item_q11[`IT_SINGLE_LSB-1:0];
    if (v_q[11] && single(item_q11[`IT_KIND])) item_q12[`IT_LOW-1:`IT_SINGLE_LSB] <= item_q11[`IT_LOW-1:`IT_SINGLE_LSB];
    if (v_q[12]) item_q13[`IT_SINGLE_LSB-1:0] <= item_q12[`IT_SINGLE_LSB-1:0];
    if (v_q[12] && single(item_q12[`IT_KIND])) item_q13[`IT_LOW-1:`IT_SINGLE_LSB] <= item_q12[`IT_LOW-1:`IT_SINGLE_LSB];
  end

  function single;
    input [3:0] kind;
    single = kind == `IK_ROW || kind == `IK_ACCOUNT || kind == `IK_COLLATERAL || kind == `IK_KNOWN;
  endfunction

  // ---- tables: written a cycle later, because what is written is chosen from the command and goes to every lane. An item that
  // is sent meanwhile looks at them four cycles later at the earliest. ----
  reg        ladder_we_q, twe_q, twdefined_q;
  reg [8:0]  ladder_q;
  reg [3:0]  tier_q;
  reg [60:0] floor_q;
  reg [23:0] rate_q;
  reg [84:0] deduction_q;
  reg [6:0]  twaddr_q;
  reg [25:0] twup_q, twdown_q;
  always @(posedge clk_i) begin
    {ladder_we_q, twe_q} <= rst_i ? 2'd0 : {ladder_we_i, twe_i};
    {ladder_q, tier_q, floor_q, rate_q, deduction_q} <= {ladder_i, tier_i, floor_i, rate_i, deduction_i};
    {twaddr_q, twdefined_q, twup_q, twdown_q} <= {twaddr_i, twdefined_i, twup_i, twdown_i};
  end
  wire [15*62-1:0]  floors8;
  wire [16*128-1:0] tiers9;
  wire              ladder_fault;
  wire [8:0]        ladder_at;
  fb_ladders u_ladders (
    .clk_i(clk_i), .we_i(ladder_we_q), .wladder_i(ladder_q), .wtier_i(tier_q), .wfloor_i(floor_q), .wrate_i(rate_q),
    .wdeduction_i(deduction_q), .floors_re_i(v_q[7]),
    .floors_addr_i({item_q7[`IT_KNOWN], item_q7[`IT_LADDER]}), .floors_o(floors8),
    .tiers_re_i(v_q[8]), .tiers_addr_i({item_q8[`IT_KNOWN], item_q8[`IT_LADDER]}), .tiers_o(tiers9),
    .check_i(read_q[7]), .fault_o(ladder_fault), .fault_ladder_o(ladder_at));

  // ---- lanes ----
  reg                      draining_q;
  wire [GROUP-1:0]         drained, rec_valid;
  wire [WAYS-1:0]          fault_valid, row_valid;
  wire [WAYS*512-1:0]      rank_rows;
  wire [WAYS-1:0]          mismatch, known_wrong;
  wire [GROUP-1:0]         fault_taken, mismatch_taken, known_taken, probe_bad;
  wire [WAYS*256-1:0]      findings;
  wire [GROUP*8-1:0]       probe_at;
  // A window opens in order with the rows: they meet its slots at stage 12 and its sums at 13.
  reg  [SLOT_BITS-5:0]     window_q, opened_q;
  reg  [13:5]              open_q;
  always @(posedge clk_i) begin
    open_q <= rst_i ? 9'd0 : {open_q[12:5], audit_open};
    if (audit_open) opened_q <= audit_slot[SLOT_BITS-1:4];
    if (open_q[11]) window_q <= opened_q;
  end
  wire [WAYS*256-1:0]     recs, rows;
  wire [WAYS*512-1:0]     states;
  wire [WAYS*64-1:0]      faults;
  wire [WAYS*128-1:0]     funds;
  wire [GROUP-1:0]         rec_ready;
  wire                     fund_clear;
  genvar g;
  generate
    for (g = 0; g < GROUP; g = g + 1) begin : g_lane
      localparam [31:0] WIDE = g;
      fb_lane #(.ROW_BITS(ROW_BITS), .SLOT_BITS(SLOT_BITS)) u_lane (
        .clk_i(clk_i), .rst_i(rst_i), .lane_i(first_lane_i + WIDE[15:0]), .re4_i(re4), .row4_i(row4), .v5_i(v5 && read5),
        .kind5_i(kind5), .lane5_i(item5[`IT_LANE]), .v6_i(read_q[6]), .item6_i(item_q6),
        .row6_i(row_q6), .row10_i(row_q10), .again11_i(again_q11), .again2_11_i(again2_q11), .row12_i(row_q12),
        .floors8_i(floors8), .tiers9_i(tiers9), .v12_i(v_q[12]), .item12_i(item_q12),
        .last12_i(drain_q[12]), .passed12_i(passed_q[12]), .window_i(window_q), .open_i(open_q[13]),
        .item13_i(item_q13), .drain_i(draining_q), .drained_o(drained[g]),
        .clear_i(clear4), .twe_i(twe_q), .twaddr_i(twaddr_q), .twdefined_i(twdefined_q), .twup_i(twup_q),
        .twdown_i(twdown_q), .strict_i(strict_i), .rec_valid_o(rec_valid[g]), .rec_ready_i(rec_ready[g]),
        .rec_o(recs[g * 256 +: `LR_BITS]), .state_o(states[g * 512 +: `AS_BITS]), .row_o(rows[g * 256 +: 167]),
        .row_valid_o(row_valid[g]), .rank_row_o(rank_rows[g * 512 +: `RR_BITS]),
        .fund_clear_i(fund_clear), .fund_sum_o(funds[g * 128 +: 80]),
        .fund_rows_o(funds[g * 128 + 80 +: 32]), .fault_valid_o(fault_valid[g]), .fault_o(faults[g * 64 +: 56]),
        .fault_taken_i(fault_taken[g]), .mismatch_o(mismatch[g]), .mismatch_taken_i(mismatch_taken[g]),
        .finding_o(findings[g * 256 +: `AF_BITS]), .known_wrong_o(known_wrong[g]), .known_taken_i(known_taken[g]),
        .probe_bad_o(probe_bad[g]), .probe_at_o(probe_at[g * 8 +: 7]));
      assign findings[g * 256 + `AF_BITS +: 256 - `AF_BITS] = 0;
      assign probe_at[g * 8 + 7] = 1'b0;
      assign recs[g * 256 + `LR_BITS +: 256 - `LR_BITS] = 0;
      assign rows[g * 256 + 167 +: 89] = 89'd0;
      assign states[g * 512 + `AS_BITS +: 512 - `AS_BITS] = 0;
      assign faults[g * 64 + 56 +: 8] = 8'd0;
      assign funds[g * 128 + 112 +: 16] = 16'd0;
      assign rank_rows[g * 512 + `RR_BITS +: 512 - `RR_BITS] = 0;
    end
    if (GROUP == 1) begin : g_single
      assign fault_valid[1] = 1'b0;
      assign row_valid[1]   = 1'b0;
      assign mismatch[1]    = 1'b0;
      assign known_wrong[1] = 1'b0;
      assign findings[256 +: 256] = 256'd0;
      assign recs[256 +: 256] = 256'd0;
      assign rows[256 +: 256] = 256'd0;
      assign states[512 +: 512] = 512'd0;
      assign rank_rows[512 +: 512] = 512'd0;
      assign faults[64 +: 64] = 64'd0;
      assign funds[128 +: 128] = 128'd0;
    end else if (WAYS != GROUP) begin : g_check
      fb_parameter_error group_must_be_a_power_of_two ();
    end
  endgenerate

  // ---- level changes: round robin, so that no lane is left with a tail of its own ----
  // A lane is granted when none that comes before it has a change: those from the turn on come before the others.
  reg  [GROUP-1:0] turn_q, grant;   // turn: ones from the lane whose turn it is
  reg  [GROUP-1:0] after;           // lanes behind the one that is granted
  reg  [255:0]     rec_wide;
  integer          at, by;
  always @* begin
    after    = {GROUP{1'b0}};
    rec_wide = 256'd0;
    for (at = 0; at < GROUP; at = at + 1) begin
      grant[at] = rec_valid[at];
      for (by = 0; by < GROUP; by = by + 1)
        if (rec_valid[by] && (by < at ? turn_q[by] || !turn_q[at] : turn_q[by] && !turn_q[at])) grant[at] = 1'b0;
      for (by = at + 1; by < GROUP; by = by + 1) after[by] = after[by] || grant[at];
      rec_wide = rec_wide | (recs[at * 256 +: 256] & {256{grant[at]}});
    end
  end

  // ---- slow work ----
  localparam [2:0] S_IDLE = 3'd0,   // nothing to do
                   S_SCAN = 3'd1,   // state items or snapshot entries, lane by lane
                   S_SUM = 3'd2,    // funding sums, lane by lane
                   S_FAULT = 3'd3,  // fault records, lane by lane
                   S_RANK = 3'd4,   // until the rank has said all
                   S_DONE = 3'd5;   // raise done once the output is empty
  reg [2:0] step_q;
  reg [LANE_BITS-1:0] lane_q;
  reg [3:0] slow_kind_q;
  reg       scan_end_q, scan_read_q, done_q;
  reg signed [95:0] fund_sum_q;
  reg [31:0]        fund_rows_q;
  localparam [31:0] LAST_WIDE = GROUP - 1;
  localparam [LANE_BITS-1:0] LAST_LANE = LAST_WIDE[LANE_BITS-1:0];
  wire last_lane = lane_q == LAST_LANE;

  // Words on their way: one on offer, one behind it so that nothing here waits for out_ready_i, one that may wait longer.
  reg          out_valid_q, spare_valid_q, aside_valid_q;
  reg  [1:0]   out_tag_q, spare_tag_q, aside_tag_q;
  reg  [447:0] out_q, spare_q, aside_q;
  wire         take_rec   = step_q == S_IDLE && !spare_valid_q && |rec_valid;
  wire         take_aside = aside_valid_q && !spare_valid_q && !(step_q == S_IDLE && |rec_valid);
  wire         room       = !aside_valid_q || take_aside;   // for one that may wait

  // ---- what a lane shows ----
  // The rank looks at lanes only while nothing slow does.
  wire                 scan_rank;
  wire [LANE_BITS-1:0] rank_lane;
  wire [LANE_BITS-1:0] look = scan_rank ? rank_lane : lane_q;
  wire [511:0] state_wide = states[{look, 9'd0} +: 512];
  wire [511:0] rank_wide  = rank_rows[{rank_lane, 9'd0} +: 512];
  wire [255:0] row_wide   = rows[{lane_q, 8'd0} +: 256];
  wire [63:0]  fault_wide = faults[{lane_q, 6'd0} +: 64];
  wire [127:0] fund_wide  = funds[{lane_q, 7'd0} +: 128];
  wire unused_wide = ^{rank_wide[511:`RR_BITS], state_wide[511:`AS_BITS], row_wide[255:167], rec_wide[255:`LR_BITS],
                       fault_wide[63:56], fund_wide[127:112]};
  reg                seen_q, seen_row_valid_q;      // of a scan; those of a rank are counted by it
  reg [`AS_BITS-1:0] seen_state_q;
  reg [`RR_BITS-1:0] seen_rank_q;
  reg [166:0]        seen_row_q;
  // What is not asked for waits for room like what is: whether it is decides nothing about the next lane.
  wire               see = step_q == S_SCAN && (!seen_q || room);
  always @(posedge clk_i) begin
    seen_q      <= !rst_i && (see || (seen_q && !room));
    slow_done_q <= see && last_lane;
    rank_idle_q <= rank_idle;
    if (see || scan_rank) seen_state_q <= state_wide[`AS_BITS-1:0];
    if (scan_rank) seen_rank_q <= rank_wide[`RR_BITS-1:0];
    if (see) begin
      seen_row_q       <= row_wide[166:0];
      seen_row_valid_q <= scan_read_q && row_valid[lane_q];
    end
  end

  // A hash may be of a range of accounts.
  wire [31:0] span    = query_i[`FB_CMD_HASH_SPAN];
  wire        in_span = span == 32'd0 || seen_state_q[`AS_ID] - query_i[`FB_CMD_HASH_FIRST] < span;
  wire scan_account = seen_state_q[`AS_VALID] && ((slow_kind_q == `IK_HASH_ACCOUNTS && in_span)
                                                || (slow_kind_q == `IK_SNAPSHOT && seen_state_q[`AS_LEVEL] != `FB_LEVEL_CALM));
  wire scan_row  = slow_kind_q == `IK_HASH_ROWS && seen_row_valid_q && in_span;
  wire scan_word = scan_account || scan_row;
  wire [15:0] fault_lane = first_lane_i + {{(16 - LANE_BITS){1'b0}}, lane_q};

  generate
    for (g = 0; g < GROUP; g = g + 1) begin : g_taken
      localparam [31:0] WIDE = g;
      localparam [LANE_BITS-1:0] ME = WIDE[LANE_BITS-1:0];
      assign fault_taken[g] = (step_q == S_FAULT && lane_q == ME && room && fault_valid[g]) || found_fault[g];
      assign rec_ready[g]   = step_q == S_IDLE && !spare_valid_q && grant[g];
    end
  endgenerate
  assign fund_clear = step_q == S_SUM && last_lane;

  // ---- audit ----
  wire [3:0] item_kind = item_i[`IT_KIND];
  wire       may_find  = step_q == S_IDLE && room && !seen_q && !nominee_valid;
  wire       found;
  wire [447:0] found_word;
  wire [GROUP-1:0] found_fault;
  fb_findings #(.GROUP(GROUP), .LANE_BITS(LANE_BITS)) u_findings (
    .clk_i(clk_i), .rst_i(rst_i), .first_lane_i(first_lane_i), .clear_i(clear4),
    .item_i(item_valid_i && (item_kind == `IK_AUDIT || item_kind == `IK_CLOSE || item_kind == `IK_KNOWN)), .walked_i(audit_end),
    .look_i(look_q[17]), .busy_o(audit_busy_o), .fault_valid_i(fault_valid), .fault_i(faults), .fault_taken_o(found_fault),
    .mismatch_i(mismatch), .mismatch_taken_o(mismatch_taken), .finding_i(findings), .known_wrong_i(known_wrong),
    .known_taken_o(known_taken), .probe_bad_i(probe_bad), .probe_at_i(probe_at), .ladder_fault_i(ladder_fault),
    .ladder_i(ladder_at), .chain_fault_i(chain_fault), .chain_symbol_i(chain_symbol), .room_i(may_find), .found_o(found),
    .word_o(found_word));

  // ---- rank ----
  wire                nominee_valid;
  wire [`NO_BITS-1:0] nominee;
  wire                take_nominee = (step_q == S_IDLE || step_q == S_RANK) && room && !seen_q && nominee_valid;
  generate
    if (RANK != 0) begin : g_rank
      fb_rank #(.GROUP(GROUP), .LANE_BITS(LANE_BITS)) u_rank (
        .clk_i(clk_i), .rst_i(rst_i), .query_i(query_i), .issue5_i(rank5), .go_o(rank_go), .v14_i(rank_q[14]),
        .scan_o(scan_rank), .lane_o(rank_lane), .state_i(seen_state_q), .row_i(seen_rank_q),
        .valid_o(nominee_valid), .nominee_o(nominee), .ready_i(take_nominee), .idle_o(rank_idle),
        .clear_i(clear4), .clear_bucket_i(slot4[7:0]), .step_i(step_i), .v_chain_i(v_chain_i), .bucket_i(bucket_i),
        .rows_i(rows_i), .lots_i(lots_i), .v_chain_o(v_chain_o), .bucket_o(bucket_o), .rows_o(rows_o), .lots_o(lots_o));
    end else begin : g_no_rank
      wire unused_rank = ^{rank_q[14], step_i, query_i, seen_rank_q, take_nominee};
      assign {scan_rank, rank_lane, nominee_valid, nominee} = 0;
      assign {rank_go, rank_idle} = 2'b11;
      assign {v_chain_o, bucket_o, rows_o, lots_o} = {v_chain_i, bucket_i, rows_i, lots_i};
    end
  endgenerate

  always @(posedge clk_i) begin
    if (rst_i) begin
      step_q     <= S_IDLE;
      done_q     <= 1'b0;
      draining_q <= 1'b0;
    end else begin
      if (item_valid_i) done_q <= 1'b0;
      if (drain_q[12]) draining_q <= 1'b1;
      case (step_q)
        S_IDLE: begin
          lane_q <= {LANE_BITS{1'b0}};
          if (slow_q[14]) step_q <= S_SCAN;
          else if (sync_q[17]) step_q <= sync_kind_q == `IK_FUND ? S_SUM : sync_kind_q == `IK_RANK ? S_RANK : S_DONE;
          else if (&drained) step_q <= |fault_valid ? S_FAULT : S_DONE;
        end
        S_SCAN:
          if (see) begin
            lane_q <= lane_q + 1'b1;
            if (last_lane) step_q <= scan_end_q ? S_DONE : S_IDLE;
          end
        S_SUM: begin
          lane_q <= lane_q + 1'b1;
          if (last_lane) step_q <= S_DONE;
        end
        S_RANK:
          if (rank_idle && !take_nominee) step_q <= S_DONE;
        S_FAULT:
          if (!fault_valid[lane_q] || room) begin
            lane_q <= lane_q + 1'b1;
            if (last_lane) step_q <= S_DONE;
          end
        S_DONE: begin
          draining_q <= 1'b0;
          if (!seen_q && !aside_valid_q && !spare_valid_q && (!out_valid_q || out_ready_i)) begin
            done_q <= 1'b1;
            step_q <= S_IDLE;
          end
        end
        default: step_q <= S_IDLE;
      endcase
    end
    if (slow_q[14]) begin
      slow_kind_q <= sync_kind_q;
      scan_end_q  <= slow_end_q[14];
      scan_read_q <= read_q[14];
    end
    if (step_q == S_SUM) begin
      fund_sum_q  <= (lane_q == {LANE_BITS{1'b0}} ? 96'sd0 : fund_sum_q) + $signed({{16{fund_wide[79]}}, fund_wide[79:0]});
      fund_rows_q <= (lane_q == {LANE_BITS{1'b0}} ? 32'd0 : fund_rows_q) + fund_wide[111:80];
    end
  end

  // ---- words that may wait ----
  wire faulty  = step_q == S_FAULT && fault_valid[lane_q];
  wire some_aside = room && (seen_q || faulty || take_nominee || found);
  wire put_aside  = some_aside && (!seen_q || scan_word);
  always @(posedge clk_i) begin
    aside_valid_q <= !rst_i && (put_aside || (aside_valid_q && !take_aside));
    if (some_aside) begin          // where nothing is put nobody looks at it
      if (seen_q) begin
        aside_q <= slow_kind_q == `IK_HASH_ROWS ? fb_row_item(seen_state_q[`AS_ID], seen_row_q, item_q13[`IT_SYMBOL])
                 : slow_kind_q == `IK_SNAPSHOT ? fb_snapshot_word(seen_state_q[`AS_LEVEL], seen_state_q[`AS_FACTS-1:0])
                 : fb_account_item(seen_state_q);
        aside_tag_q <= slow_kind_q == `IK_HASH_ROWS ? 2'd2 : slow_kind_q == `IK_SNAPSHOT ? 2'd0 : 2'd1;
      end else begin
        aside_q     <= step_q == S_FAULT ? fb_fault_word(fault_lane, fault_wide[55:0])
                     : nominee_valid ? fb_nominee_word(nominee) : found_word;
        aside_tag_q <= step_q != S_FAULT && nominee_valid ? 2'd0 : 2'd3;
      end
    end
  end

  // ---- the port ----
  wire         put  = take_rec || take_aside;
  wire [447:0] word = take_rec ? fb_level_word(rec_wide[`LR_BITS-1:0]) : aside_q;
  wire [1:0]   tag  = take_rec ? 2'd0 : aside_tag_q;
  always @(posedge clk_i) begin
    if (!out_valid_q || out_ready_i) begin
      out_valid_q          <= spare_valid_q || put;
      spare_valid_q        <= 1'b0;
      {out_tag_q, out_q}   <= spare_valid_q ? {spare_tag_q, spare_q} : {tag, word};
    end else if (put) spare_valid_q <= 1'b1;
    if (put) {spare_tag_q, spare_q} <= {tag, word};
    if (take_rec) turn_q <= after;
    if (rst_i) begin
      {out_valid_q, spare_valid_q} <= 2'd0;
      turn_q                       <= {GROUP{1'b0}};
    end
  end

  assign done_o      = done_q;
  assign out_valid_o = out_valid_q;
  assign out_tag_o   = out_tag_q;
  assign out_o       = out_q;
  assign fund_sum_o  = fund_sum_q;
  assign fund_rows_o = fund_rows_q;
endmodule

`default_nettype wire
