// Firebreak core: commands in, records out, both 64-byte words with valid/ready. It knows no PCIe. See hw/contract/contract.md.
//
// LANES account-affine lanes in groups of GROUP; each lane holds 2^ROW_BITS rows and 2^SLOT_BITS accounts.
//
// Stages of a command of one mark. Number n: cycles after the one in which the command word was taken.
//
// | stage | module        | what                                                            |
// |-------|---------------|-----------------------------------------------------------------|
// | 0-2   | fb_sequencer  | word taken, checked, work item built                            |
// | 3-5   | fb_walker     | FIFO, head of the symbol's chain, stripe address                |
// | 4-12  | fb_rows       | row, notional, tier, margin; the difference to what it was      |
// | 12-15 | fb_accounts   | account read, changed, written; equity and MM, thresholds       |
// | 15-20 | fb_judge, fb_lane | three passes over six thresholds, level decided             |
// | 21    | fb_lane       | record FIFO                                                     |
// | 22    | fb_group      | port of the group                                               |
// | 23    | fb_pair       | rec_valid_o                                                     |
//
// Published cycles, asserted by tests/cosim/cycles.c, from the cycle in which the last command word is taken. S: stripes of the
// marked symbols in the fullest group; R: level changes, BATCH_END counted with them; P: accounts queued in the fullest lane.
// Where a word is taken in every cycle each change is one; else two that wait share a word (fb_pair).
//   first record of a batch of one mark, one row a lane        23
//   BATCH_END of a batch without records                       S + 24
//   BATCH_END of a storm, three lanes or more                  S + R + 23
//   BATCH_END of any batch of marks                            at most S + max(R, 3 P) + 25
//   the same, W words, one taken every N cycles                at most S + max(R, N W, 3 P) + 29, W at most R / 2 + 4
//   RANK, histogram and selection together                     at most 2 S max(8, GROUP) + 600 + R
`default_nettype none
`include "fb_layout.vh"
`include "fb_item.vh"

module fb_core #(
  parameter LANES = 8,
  parameter GROUP = 4,
  parameter ROW_BITS = 13,
  parameter SLOT_BITS = 12,
  parameter RANK = 1          // 0: without rank and audit, which are then refused
) (
  input  wire         clk_i,
  input  wire         rst_i,
  input  wire         cmd_valid_i,
  output wire         cmd_ready_o,
  input  wire [511:0] cmd_i,
  output wire         rec_valid_o,
  input  wire         rec_ready_i,
  output wire [511:0] rec_o,
  output wire [287:0] counters_o   // see fb_counters
);
  localparam GROUPS = LANES / GROUP;
  localparam GROUP_SHIFT = GROUP == 1 ? 0 : $clog2(GROUP);
  generate
    if (LANES != GROUPS * GROUP || GROUP > 64 || GROUPS > 256 || ROW_BITS > 16 || SLOT_BITS > 16 || ROW_BITS < 10) begin : g_check
      fb_parameter_error lanes_must_be_groups_times_group_and_sizes_in_range ();
    end
  endgenerate

  wire                  item_valid;
  wire [`IT_BITS-1:0]   item;
  wire [GROUPS-1:0]     ready, done, word_valid, word_ready;
  wire [GROUPS*2-1:0]   word_tag;
  wire [GROUPS*512-1:0] word;
  wire [GROUPS*128-1:0] funds;
  wire                  ladder_we, twe, twdefined;
  wire [8:0]            ladder;
  wire [3:0]            tier;
  wire [60:0]           tier_floor;
  wire [23:0]           tier_rate;
  wire [84:0]           tier_deduction;
  wire [6:0]            twaddr;
  wire [25:0]           twup, twdown;
  wire [15:0]           strict;
  wire [63:0]           seq;
  wire                  own_valid, own_ready, batch_end, batch_end_done, drop, settled;
  wire [1:0]            own_tag;
  wire [447:0]          own_word;
  wire [31:0]           commands, rejects, accounts, rows, symbols;
  wire [511:0]          query;
  wire                  audit_clear, audit_set, audit_mode, audit_valid, audit_open, audit_taken, audit_work;
  wire                  audit_defined, audit_near;
  wire [3:0]            audit_kind;
  wire [9:0]            audit_symbol;
  wire [15:0]           audit_slot;
  wire [2:0]            audit_vector;
  wire [9:0]            row_symbol;
  wire                  past;
  wire [GROUPS-1:0]     audit_busy;
  wire [1:0]            doing;
  wire                  buckets_start, buckets_done, buckets_valid, buckets_ready, step;
  wire [447:0]          buckets_word;
  // chain of histograms: link g leads into group g, the last into fb_buckets
  wire [GROUPS:0]       link_v;
  wire [GROUPS*8+7:0]   link_bucket;
  wire [GROUPS*32+31:0] link_rows;
  wire [GROUPS*64+63:0] link_lots;
  wire [63:0]           accounts_hash, rows_hash, symbols_hash;

  fb_sequencer #(.GROUPS(GROUPS), .RANK(RANK)) u_sequencer (
    .clk_i(clk_i), .rst_i(rst_i), .cmd_valid_i(cmd_valid_i), .cmd_ready_o(cmd_ready_o), .cmd_i(cmd_i),
    .item_valid_o(item_valid), .item_o(item), .ready_i(ready), .done_i(done), .funds_i(funds),
    .audit_clear_o(audit_clear), .audit_set_o(audit_set), .audit_mode_o(audit_mode), .audit_defined_o(audit_defined),
    .audit_near_o(audit_near),
    .audit_valid_i(audit_valid), .audit_kind_i(audit_kind), .audit_symbol_i(audit_symbol), .audit_open_i(audit_open),
    .audit_slot_i(audit_slot), .audit_vector_i(audit_vector), .row_symbol_o(row_symbol), .past_i(past),
    .audit_taken_o(audit_taken), .doing_o(doing),
    .query_o(query), .buckets_start_o(buckets_start), .buckets_done_i(buckets_done), .buckets_valid_i(buckets_valid),
    .buckets_word_i(buckets_word), .buckets_ready_o(buckets_ready),
    .ladder_we_o(ladder_we), .ladder_o(ladder), .tier_o(tier), .floor_o(tier_floor), .rate_o(tier_rate),
    .deduction_o(tier_deduction), .twe_o(twe), .twaddr_o(twaddr), .twdefined_o(twdefined), .twup_o(twup), .twdown_o(twdown),
    .strict_o(strict), .seq_o(seq), .own_valid_o(own_valid), .own_tag_o(own_tag), .own_o(own_word), .own_ready_i(own_ready),
    .end_o(batch_end), .end_commands_o(commands), .end_rejects_o(rejects), .end_done_i(batch_end_done), .drop_o(drop),
    .settled_i(settled), .accounts_hash_i(accounts_hash), .rows_hash_i(rows_hash), .symbols_hash_i(symbols_hash),
    .accounts_i(accounts), .rows_i(rows), .symbols_i(symbols));

  // An item for one account goes to the group of its lane. If it also ends the batch, the other groups get its end only.
  wire [3:0] kind   = item[`IT_KIND];
  wire       single = kind == `IK_ROW || kind == `IK_ACCOUNT || kind == `IK_COLLATERAL;
  genvar g;
  generate
    for (g = 0; g < GROUPS; g = g + 1) begin : g_group
      localparam [31:0] ME = g, FIRST = g * GROUP;
      wire [15:0] its_group = item[`IT_LANE] >> GROUP_SHIFT;
      wire        mine = !single || its_group == ME[15:0];
      wire [95:0] fund_sum;
      wire [31:0]        fund_rows;
      fb_group #(.GROUP(GROUP), .ROW_BITS(ROW_BITS), .SLOT_BITS(SLOT_BITS), .RANK(RANK)) u_group (
        .clk_i(clk_i), .rst_i(rst_i), .first_lane_i(FIRST[15:0]),
        .item_valid_i(item_valid && (mine || item[`IT_DRAIN])), .item_i(item), .nop_i(!mine),
        .query_i(query),
        .ready_o(ready[g]), .done_o(done[g]),
        .ladder_we_i(ladder_we), .ladder_i(ladder), .tier_i(tier), .floor_i(tier_floor), .rate_i(tier_rate),
        .deduction_i(tier_deduction), .twe_i(twe), .twaddr_i(twaddr), .twdefined_i(twdefined), .twup_i(twup),
        .twdown_i(twdown), .strict_i(strict),
        .out_valid_o(word_valid[g]), .out_tag_o(word_tag[g * 2 +: 2]), .out_o(word[g * 512 +: 448]),
        .out_ready_i(word_ready[g]), .fund_sum_o(fund_sum), .fund_rows_o(fund_rows),
        .audit_busy_o(audit_busy[g]), .step_i(step), .v_chain_i(link_v[g]), .bucket_i(link_bucket[g * 8 +: 8]),
        .rows_i(link_rows[g * 32 +: 32]), .lots_i(link_lots[g * 64 +: 64]), .v_chain_o(link_v[g + 1]),
        .bucket_o(link_bucket[g * 8 + 8 +: 8]),
        .rows_o(link_rows[g * 32 + 32 +: 32]), .lots_o(link_lots[g * 64 + 64 +: 64]));
      assign word[g * 512 + 448 +: 64] = 64'd0;
      assign funds[g * 128 +: 128] = {fund_rows, fund_sum};
    end
  endgenerate

  generate
    if (RANK != 0) begin : g_audit
      fb_audit u_audit (
        .clk_i(clk_i), .rst_i(rst_i), .clear_i(audit_clear), .set_i(audit_set), .mode_i(audit_mode),
        .defined_i(audit_defined), .near_i(audit_near),
        .account_i(item_valid && kind == `IK_ACCOUNT), .account_slot_i(item[`IT_SLOT]), .valid_o(audit_valid),
        .kind_o(audit_kind), .symbol_o(audit_symbol), .open_o(audit_open), .slot_o(audit_slot), .vector_o(audit_vector),
        .row_symbol_i(row_symbol), .past_o(past),
        .taken_i(audit_taken), .busy_i(|audit_busy), .work_o(audit_work));
    end else begin : g_no_audit
      wire unused_audit = ^{row_symbol, audit_clear, audit_set, audit_mode, audit_defined, audit_near, audit_taken, audit_busy};
      assign {audit_valid, audit_kind, audit_symbol, audit_open, audit_slot, audit_vector, audit_work, past} = 0;
    end
  endgenerate
  fb_counters u_counters (
    .clk_i(clk_i), .rst_i(rst_i), .doing_i(doing), .audit_i(audit_work), .stalled_i(rec_valid_o && !rec_ready_i),
    .counters_o(counters_o));

  assign link_rows[31:0] = 32'd0;
  assign link_lots[63:0] = 64'd0;
  fb_buckets u_buckets (
    .clk_i(clk_i), .rst_i(rst_i), .start_i(buckets_start), .done_o(buckets_done), .step_o(step), .v_o(link_v[0]),
    .bucket_o(link_bucket[7:0]), .v_i(link_v[GROUPS]), .bucket_i(link_bucket[GROUPS*8 +: 8]), .rows_i(link_rows[GROUPS*32 +: 32]),
    .lots_i(link_lots[GROUPS*64 +: 64]), .word_valid_o(buckets_valid), .word_o(buckets_word), .word_ready_i(buckets_ready));

  fb_collector #(.GROUPS(GROUPS)) u_collector (
    .clk_i(clk_i), .rst_i(rst_i), .seq_i(seq), .valid_i(word_valid), .tag_i(word_tag), .word_i(word), .ready_o(word_ready),
    .own_valid_i(own_valid), .own_tag_i(own_tag), .own_i(own_word), .own_ready_o(own_ready),
    .end_i(batch_end), .end_commands_i(commands), .end_rejects_i(rejects), .end_done_o(batch_end_done), .drop_i(drop),
    .settled_o(settled), .accounts_hash_o(accounts_hash), .rows_hash_o(rows_hash), .symbols_hash_o(symbols_hash),
    .accounts_o(accounts), .rows_o(rows), .symbols_o(symbols),
    .rec_valid_o(rec_valid_o), .rec_ready_i(rec_ready_i), .rec_o(rec_o));
endmodule

`default_nettype wire
