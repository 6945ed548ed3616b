// Sequencer: takes commands in order, checks them, turns them into work items, and closes batches.
//
// | stage | what                                                        |
// |-------|-------------------------------------------------------------|
// | 0     | a command word is taken                                     |
// | 1     | CHECK: ranges, tables; the symbol of the first mark is read   |
// | 2     | DECIDE: refused or not; work item built; the new unit value is written. ISSUE is the same for the items that follow |
// | 3     | item_o at the groups                                        |
//
// The next batch is not started before BATCH_END of this one: records of a batch are a closed set. Tables beside the lanes
// (ladders, thresholds) are written only while all groups are idle, because an earlier command of the same batch may still use
// them.
`default_nettype none
`include "fb_layout.vh"
`include "fb_item.vh"

module fb_sequencer #(
  parameter GROUPS = 2,
  parameter RANK = 1
) (
  input  wire                 clk_i,
  input  wire                 rst_i,
  input  wire                 cmd_valid_i,
  output wire                 cmd_ready_o,
  input  wire [511:0]         cmd_i,
  // groups
  output reg                  item_valid_o,
  output reg  [`IT_BITS-1:0]  item_o,
  input  wire [GROUPS-1:0]    ready_i,
  input  wire [GROUPS-1:0]    done_i,
  input  wire [GROUPS*128-1:0] funds_i,       // {rows, sum}
  output wire [511:0]         query_o,         // the command under way
  // audit: see fb_audit. Its requests are served when no command waits.
  output wire                 audit_clear_o,
  output wire                 audit_set_o,
  output wire                 audit_mode_o,
  output wire                 audit_defined_o,
  output wire                 audit_near_o,
  input  wire                 audit_valid_i,
  input  wire [3:0]           audit_kind_i,
  input  wire [9:0]           audit_symbol_i,
  input  wire                 audit_open_i,
  input  wire [15:0]          audit_slot_i,
  input  wire [2:0]           audit_vector_i,
  output wire [9:0]           row_symbol_o,
  input  wire                 past_i,
  output wire                 audit_taken_o,
  output wire [1:0]           doing_o,         // see fb_counters
  // histograms: see fb_buckets
  output wire                 buckets_start_o,
  input  wire                 buckets_done_i,
  input  wire                 buckets_valid_i,
  input  wire [447:0]         buckets_word_i,
  output wire                 buckets_ready_o,
  output wire                 ladder_we_o,
  output wire [8:0]           ladder_o,        // 256: that of the known rows, written at reset
  output wire [3:0]           tier_o,
  output wire [60:0]          floor_o,
  output wire [23:0]          rate_o,
  output wire [84:0]          deduction_o,
  output wire                 twe_o,
  output wire [6:0]           twaddr_o,
  output wire                 twdefined_o,
  output wire [25:0]          twup_o,
  output wire [25:0]          twdown_o,
  output wire [15:0]          strict_o,
  // collector
  output wire [63:0]          seq_o,
  output wire                 own_valid_o,
  output wire [1:0]           own_tag_o,
  output wire [447:0]         own_o,
  input  wire                 own_ready_i,
  output wire                 end_o,
  output wire [31:0]          end_commands_o,
  output wire [31:0]          end_rejects_o,
  input  wire                 end_done_i,
  output wire                 drop_o,
  input  wire                 settled_i,
  input  wire [63:0]          accounts_hash_i,
  input  wire [63:0]          rows_hash_i,
  input  wire [63:0]          symbols_hash_i,
  input  wire [31:0]          accounts_i,
  input  wire [31:0]          rows_i,
  input  wire [31:0]          symbols_i
);
  localparam [4:0] CLEAR = 5'd0,        // send the clearing walk
                   CLEAR_WAIT = 5'd1,   // until all memories are empty
                   IDLE = 5'd2,         // wait for a command
                   CHECK = 5'd3,        // look for what is wrong with the command in cmd_q
                   DECIDE = 5'd25,      // accept, refuse or ignore it; send its first item
                   ISSUE = 5'd4,        // send its other items
                   REFUSE = 5'd5,       // emit REJECT
                   IGNORE = 5'd6,       // emit FAULT: wrong sequence
                   CLOSE = 5'd7,        // send an empty last item
                   WAIT = 5'd8,         // until all groups are done; then after_q
                   END = 5'd9,          // emit BATCH_END
                   FUND_SUM = 5'd10,    // add the groups' sums
                   FUND_OUT = 5'd11,    // emit FUNDING
                   QUIET = 5'd12,       // send an empty item to learn when the groups are idle
                   CONFIG = 5'd13,      // write ladder or thresholds
                   HASH_SYMBOL = 5'd14, // emit the item of symbol index_q, walk its rows
                   HASH_ROWS = 5'd15,
                   HASH_ACCOUNTS = 5'd16,
                   HASH_OUT = 5'd17,    // emit HASH
                   FENCE_OUT = 5'd18,   // emit FENCE
                   NEXT_SYMBOL = 5'd19, // read the next symbol, and whether it is defined
                   SYMBOL_HERE = 5'd26, // it is, or the one after it is next
                   HIST = 5'd20,        // start the sum of the groups' histograms
                   HIST_OUT = 5'd21,    // emit RANK_HIST
                   AUDIT_READ = 5'd22,  // read the symbol that the audit asks for
                   AUDIT_SEND = 5'd23,  // send its item
                   AUDIT_OUT = 5'd24;   // emit AUDIT (ROTATION), or FAULT for the symbol's word
  reg [26:0]  state_q, after_q;      // a bit for each state, so that recognising one takes no logic
  function [26:0] at;
    input [4:0] state;
    at = 27'd1 << state;
  endfunction
  reg [511:0] cmd_q;
  reg [63:0]  next_seq_q;
  reg [31:0]  commands_q, rejects_q;
  reg         batch_q;                 // a batch is open
  reg         command_clear_q;         // the clearing walk was asked for by RESET
  reg [9:0]   index_q;
  reg [1:0]   guard_q;                 // done is stale for two cycles after an item was sent
  reg signed [95:0] fund_sum_q;
  reg [31:0]  fund_rows_q;

  reg  [`IS_BITS-1:0] is_q;            // what the command in cmd_q is
  wire [7:0] flags = cmd_q[`FB_CMD_FLAGS];
  wire       more  = flags[`FB_FLAG_MORE];
  wire       idle_groups = guard_q == 2'd0 && &done_i;
  wire       can_send = &ready_i;

  // ---- tables and check ----
  wire        seq_ok = cmd_q[`FB_CMD_SEQ] == next_seq_q;
  wire [7:0]  reason;
  reg  [7:0]  reason_q;
  wire        refused;
  reg         seq_ok_q;
  reg  [7:0]  last_mark_q;
  reg         new_q, sends_q;          // in DECIDE, unless refused: the command is accepted; and sends items
  wire [4:0]  ladder_tiers;
  wire [60:0] ladder_floor;
  wire [2:0]  class_pairs;
  wire [25:0] class_up;
  wire [`FB_MARKS_PER_WORD-1:0] defined;
  wire        row_defined, index_defined;
  reg         index_here_q;            // index_defined, a cycle later
  `include "fb_known.vh"
  wire        take = cmd_valid_i && cmd_ready_o;
  wire [`IS_BITS-1:0] is = fb_is(cmd_i[`FB_CMD_OP]);   // what the command that comes is
  wire [7:0]  next_ladder = is[`IS_LADDER] ? cmd_i[16 * 8 +: 8] : cmd_i[18 * 8 +: 8];
  wire [3:0]  class_id = is_q[`IS_CLASS] ? cmd_q[`FB_CMD_CLASS_CLASS_ID] : cmd_q[`FB_CMD_ACCOUNT_CLASS_ID];
  wire [7:0]  first = cmd_q[`FB_CMD_CLASS_FIRST];
  wire [7:0]  count = cmd_q[`FB_CMD_COUNT];
  wire [7:0]  pairs_after = first + count;
  wire [1:0]  last_pair = count[1:0] - 2'd1;
  wire [51:0] symbol_u;
  wire [7:0]  symbol_ladder;
  wire        symbol_re;
  reg  [9:0]  symbol_raddr;
  wire        symbol_we;
  wire [9:0]  symbol_waddr;
  wire [51:0] symbol_wu;
  wire        config_last;
  wire        clearing = state_q[CLEAR_WAIT];
  wire        unused_bits = ^{pairs_after[7:3], flags[7:3], mark[11:10], mark_after[63:10]};

  fb_tables u_tables (
    .clk_i(clk_i), .clear_i(clearing), .clear_index_i(index_q[7:0]),
    .ladder_we_i(ladder_we_o && !clearing), .ladder_i(ladder_o[7:0]), .ladder_tiers_i({1'b0, tier_o} + 5'd1),
    .ladder_floor_i(floor_o), .ladder_re_i(take), .ladder_raddr_i(next_ladder),
    .ladder_tiers_o(ladder_tiers), .ladder_floor_o(ladder_floor),
    .class_we_i(state_q[CONFIG] && is_q[`IS_CLASS] && config_last), .class_i(class_id), .class_pairs_i(pairs_after[2:0]),
    .class_up_i(cmd_q[{4'd6 + {2'd0, last_pair}, 5'd0} +: 26]), .class_strict_i(cmd_q[18 * 8]),
    .class_pairs_o(class_pairs), .class_up_o(class_up), .strict_o(strict_o),
    .symbol_we_i(symbol_we), .symbol_waddr_i(symbol_waddr), .symbol_u_i(symbol_wu),
    .symbol_ladder_i(is_q[`IS_SYMBOL] ? cmd_q[18 * 8 +: 8] : symbol_ladder),
    .symbol_re_i(symbol_re), .symbol_raddr_i(symbol_raddr), .symbol_u_o(symbol_u), .symbol_ladder_o(symbol_ladder),
    .symbol_bad_o(symbol_bad), .written_o(written), .define_i(symbol_we && is_q[`IS_SYMBOL]),
    .symbol_i({cmd_q[384 +: 10], cmd_q[320 +: 10], cmd_q[256 +: 10], cmd_q[192 +: 10], cmd_q[128 +: 10]}), .defined_o(defined),
    .row_symbol_i(cmd_q[20 * 8 +: 10]), .row_defined_o(row_defined), .index_i(index_q), .index_defined_o(index_defined),
    .audit_symbol_i(audit_symbol_i), .audit_defined_o(audit_defined_o), .audit_near_o(audit_near_o));
  wire        symbol_bad;
  wire [15:0] written;
  wire unused_word = ^buckets_word_i[63:0];
  fb_check #(.RANK(RANK)) u_check (
    .clk_i(clk_i), .en_i(state_q[CHECK]), .cmd_i(cmd_q), .is_i(is_q), .batch_open_i(batch_q), .defined_i(defined),
    .row_defined_i(row_defined),
    .ladder_tiers_i(ladder_tiers), .ladder_floor_i(ladder_floor),
    .class_pairs_i(class_pairs), .class_up_i(class_up), .refused_o(refused), .reason_o(reason));
  wire accept = state_q[DECIDE] && new_q && !refused;

  // ---- items ----
  wire is_marks  = is_q[`IS_MARKS];
  wire is_row    = is_q[`IS_POSITION] || is_q[`IS_FILL];
  wire is_symbol = is_q[`IS_SYMBOL];
  wire is_fund   = is_q[`IS_FUNDING];
  wire is_rank   = is_q[`IS_RANK];
  wire alone     = is_rank || is_q[`IS_SNAPSHOT];   // of those that are issued
  wire has_items = is_marks || is_row || is_symbol || is_fund || alone || is_q[`IS_ACCOUNT] || is_q[`IS_COLLATERAL];
  wire [2:0]  step = index_q[2:0];
  wire [63:0] mark = cmd_q[{3'd2 + step, 6'd0} +: 64];
  wire [63:0] mark_after = cmd_q[{3'd3 + step, 6'd0} +: 64];
  wire        last_step = is_marks ? {5'd0, step} == last_mark_q : is_symbol ? step == 3'd1 : 1'b1;
  wire [47:0] qty  = cmd_q[`FB_CMD_POSITION_QTY];
  wire [52:0] rate = cmd_q[`FB_CMD_FUNDING_RATE];
  wire [52:0] rate_magnitude = rate[52] ? 53'd0 - rate : rate;
  wire unused_rate = rate_magnitude[52];
  wire row_removed = qty == 48'd0 && cmd_q[`FB_CMD_POSITION_ENTRY] == 62'd0;

  // ---- audit ----
  wire [336:0] known = fb_known_row(audit_vector_i);
  assign row_symbol_o = cmd_q[20 * 8 +: 10];
  reg  [7:0]   probe_q;            // {swap, down, class, pass}: all thresholds in turn, at both ports
  reg          told_q;             // the fault of this symbol's word has been reported
  reg          owed_q;             // it is to be reported before the next command
  reg          audit_proves_q;     // the symbol that is being read is defined, and its word has not been told to fail
  assign audit_clear_o = state_q[CLEAR];
  assign audit_set_o   = accept && is_q[`IS_AUDIT];
  assign audit_mode_o  = cmd_q[`FB_CMD_AUDIT_MODE];
  wire audit_fault = audit_proves_q && symbol_bad;
  assign audit_taken_o = (state_q[AUDIT_SEND] && can_send && !audit_fault)
                      || (state_q[AUDIT_OUT] && !own_valid_q && audit_kind_i == `IK_NOP);

  wire issued  = (state_q[ISSUE] || (state_q[DECIDE] && sends_q && !refused)) && can_send;
  wire builds  = state_q[DECIDE] || state_q[ISSUE];
  wire sends   = state_q[CLOSE] || state_q[QUIET] || clear_now || state_q[HASH_ROWS] || state_q[HASH_ACCOUNTS]
              || (state_q[AUDIT_SEND] && !audit_fault);
  wire sending = issued || (sends && can_send);
  reg [`IT_BITS-1:0] item;
  always @* begin
    item = {`IT_BITS{1'b0}};
    if (builds) begin
      item[`IT_U]        = is_marks ? mark[63:12] : is_symbol ? cmd_q[`FB_CMD_SYMBOL_U]
                       : is_fund ? rate_magnitude[51:0] : symbol_u;
      item[`IT_LADDER]   = is_symbol && step == 3'd1 ? cmd_q[18 * 8 +: 8] : symbol_ladder;
      item[`IT_SYMBOL]   = is_marks ? mark[9:0] : is_row ? cmd_q[20 * 8 +: 10] : cmd_q[16 * 8 +: 10];
      item[`IT_LANE]     = cmd_q[`FB_CMD_PLACE_LANE];
      item[`IT_SLOT]     = cmd_q[`FB_CMD_PLACE_SLOT];
      item[`IT_STRIPE]   = cmd_q[`FB_CMD_PLACE_ROW];
      item[`IT_LINK]     = cmd_q[54 * 8 + `FB_PLACE_LINK];
      item[`IT_PAST]     = is_row && past_i;
      item[`IT_UNLINK]   = cmd_q[54 * 8 + `FB_PLACE_UNLINK];
      item[`IT_FILL]     = is_q[`IS_FILL];
      item[`IT_REMOVE]   = is_row ? row_removed : flags[`FB_FLAG_REMOVE];
      item[`IT_SIGN]     = is_fund ? rate[52] : qty[47];
      item[`IT_NO_RANK]  = cmd_q[22 * 8 + `FB_ROW_NO_RANK];
      item[`IT_HELD]     = cmd_q[43 * 8];
      item[`IT_SET_LEVEL] = flags[`FB_FLAG_SET_LEVEL];
      item[`IT_ROLE]     = cmd_q[`FB_CMD_ACCOUNT_ROLE];
      item[`IT_LEVEL]    = cmd_q[`FB_CMD_ACCOUNT_LEVEL];
      item[`IT_CLASS]    = cmd_q[`FB_CMD_ACCOUNT_CLASS_ID];
      item[`IT_MAG]      = qty[47] ? 48'd0 - qty : qty;
      item[`IT_ENTRY]    = cmd_q[`FB_CMD_POSITION_ENTRY];
      item[`IT_ROW_ADDEND] = cmd_q[`FB_CMD_POSITION_ADDEND];
      item[`IT_POSITION] = cmd_q[`FB_CMD_POSITION_POSITION];
      item[`IT_ACCOUNT]  = cmd_q[`FB_CMD_ACCOUNT];
      // ACCOUNT: the same bytes
      item[`IT_DELTA]    = is_q[`IS_FILL] ? cmd_q[`FB_CMD_FILL_DELTA] : cmd_q[`FB_CMD_COLLATERAL_DELTA];
      item[`IT_ADDEND]   = cmd_q[`FB_CMD_ACCOUNT_ADDEND];
    end
    (* parallel_case *) case (1'b1)
      state_q[DECIDE], state_q[ISSUE]: begin
        item[`IT_KIND] = is_marks ? `IK_WALK : is_row ? `IK_ROW : is_symbol ? (step == 3'd0 ? `IK_UNLOAD : `IK_LOAD)
                       : is_fund ? `IK_FUND : is_q[`IS_ACCOUNT] ? `IK_ACCOUNT : is_q[`IS_COLLATERAL] ? `IK_COLLATERAL
                       : is_rank ? `IK_RANK : `IK_SNAPSHOT;
        item[`IT_SYNC]  = is_fund || alone;
        item[`IT_DRAIN] = last_step && !more && !is_fund && !alone;
      end
      state_q[CLEAR]: begin
        item[`IT_KIND] = `IK_CLEAR;
        item[`IT_SYNC] = 1'b1;
      end
      state_q[HASH_ROWS]: begin
        item[`IT_KIND]   = `IK_HASH_ROWS;
        item[`IT_SYMBOL] = index_q;
        item[`IT_SYNC]   = 1'b1;
      end
      state_q[HASH_ACCOUNTS]: begin
        item[`IT_KIND] = `IK_HASH_ACCOUNTS;
        item[`IT_SYNC] = 1'b1;
      end
      state_q[AUDIT_SEND]: begin
        item[`IT_KIND]   = audit_kind_i;
        item[`IT_SYMBOL] = audit_symbol_i;
        item[`IT_OPEN]   = audit_open_i;
        item[`IT_SLOT]   = audit_slot_i;
        item[`IT_U]      = symbol_u;
        item[`IT_LADDER] = symbol_ladder;
        item[`IT_PROBE]  = written[probe_q[5:2]] && probe_q[1:0] != 2'd3;
        item[`IT_CLASS]  = probe_q[5:2];
        item[`IT_PASS]   = probe_q[1:0];
        item[`IT_LEVEL]  = probe_q[6] ? 4'd6 : 4'd0;
        item[`IT_FILL]   = probe_q[7];
        if (audit_kind_i == `IK_KNOWN) begin
          item[`IT_KNOWN]  = 1'b1;
          item[`IT_LADDER] = 8'd0;
          {item[`IT_SIGN], item[`IT_MAG], item[`IT_ENTRY], item[`IT_ROW_ADDEND], item[`IT_U], item[`IT_DELTA],
           item[`IT_ADDEND]} = known;
        end
      end
      default: begin
        item[`IT_SYNC]  = state_q[QUIET];
        item[`IT_DRAIN] = state_q[CLOSE];
      end
    endcase
  end

  // ---- symbol table ----
  assign symbol_re    = state_q[CHECK] || (issued && is_marks) || state_q[NEXT_SYMBOL] || state_q[AUDIT_READ];
  assign symbol_we    = issued && (is_marks || (is_symbol && last_step));
  assign symbol_waddr = is_marks ? mark[9:0] : cmd_q[16 * 8 +: 10];
  assign symbol_wu    = is_marks ? mark[63:12] : cmd_q[`FB_CMD_SYMBOL_U];
  always @* begin
    symbol_raddr = is_row ? cmd_q[20 * 8 +: 10] : cmd_q[16 * 8 +: 10];
    if (builds) symbol_raddr = mark_after[9:0];
    if (state_q[NEXT_SYMBOL]) symbol_raddr = index_q;
    if (state_q[AUDIT_READ]) symbol_raddr = audit_symbol_i;
  end

  // ---- table writes beside the lanes ----
  // Thresholds: six steps, one index each; those outside first..first+count-1 are forgotten when first is 0 and kept otherwise.
  wire [2:0] index    = index_q[2:0];
  wire       in_range = {5'd0, index} >= first && {5'd0, index} < pairs_after;
  wire [1:0] entry    = index[1:0] - first[1:0];
  assign config_last  = is_q[`IS_LADDER] || index == 3'd5;
  // The ladder of the known rows is written when all is cleared, and no known row that the audit sent before reads it any more.
  wire [169:0] known_tier = fb_known_tier(index_q[3:0]);
  wire         known_we   = clearing && &index_q[9:4];
  assign ladder_we_o  = (state_q[CONFIG] && is_q[`IS_LADDER]) || known_we;
  assign ladder_o     = clearing ? 9'd256 : {1'b0, cmd_q[16 * 8 +: 8]};
  assign tier_o       = clearing ? index_q[3:0] : cmd_q[18 * 8 +: 4];
  assign floor_o      = clearing ? known_tier[169:109] : cmd_q[`FB_CMD_LADDER_FLOOR];
  assign rate_o       = clearing ? known_tier[108:85] : cmd_q[`FB_CMD_LADDER_RATE];
  assign deduction_o  = clearing ? known_tier[84:0] : cmd_q[`FB_CMD_LADDER_DEDUCTION];
  assign twe_o        = state_q[CONFIG] && is_q[`IS_CLASS] && (in_range || first == 8'd0);
  assign twaddr_o     = {class_id, index[2] ^ &index[1:0], ^index[1:0], ~index[0]};   // index + 1, without a carry chain
  assign twdefined_o  = in_range;
  assign twup_o       = cmd_q[{4'd6 + {2'd0, entry}, 5'd0} +: 26];
  assign twdown_o     = cmd_q[{4'd9 + {2'd0, entry}, 5'd0} +: 26];

  // ---- own words ----
  reg [447:0] own;
  always @* begin
    own = 448'd0;
    own[`FB_REC_SEQ] = cmd_q[`FB_CMD_SEQ];
    (* parallel_case *) case (1'b1)
      state_q[REFUSE]: begin
        own[`FB_REC_KIND]          = `FB_KIND_REJECT;
        own[`FB_REC_REJECT_REASON] = reason_q;
        own[`FB_REC_REJECT_OP]     = cmd_q[`FB_CMD_OP];
      end
      state_q[IGNORE]: begin
        own[`FB_REC_KIND]               = `FB_KIND_FAULT;
        own[`FB_REC_FAULT_FAULT]        = `FB_FAULT_SEQUENCE;
        own[`FB_REC_FAULT_EXPECTED_SEQ] = next_seq_q;
        own[`FB_REC_FAULT_FOUND_SEQ]    = cmd_q[`FB_CMD_SEQ];
      end
      state_q[FUND_OUT]: begin
        own[`FB_REC_KIND]            = `FB_KIND_FUNDING;
        own[`FB_REC_FUNDING_SUM_RAW] = {{32{fund_sum_q[95]}}, fund_sum_q};
        own[`FB_REC_FUNDING_ROWS]    = fund_rows_q;
        own[`FB_REC_FUNDING_SYMBOL]  = cmd_q[`FB_CMD_FUNDING_SYMBOL];
      end
      state_q[FENCE_OUT]: begin
        own[`FB_REC_KIND]         = `FB_KIND_FENCE;
        own[`FB_REC_FENCE_COOKIE] = cmd_q[`FB_CMD_FENCE_COOKIE];
      end
      state_q[HASH_SYMBOL]: begin
        own = 448'd0;
        own[`FB_ITEM_SYMBOL_KIND]   = `FB_ITEM_SYMBOL;
        own[`FB_ITEM_SYMBOL_SYMBOL] = {6'd0, index_q};
        own[`FB_ITEM_SYMBOL_LADDER] = {8'd0, symbol_ladder};
        own[`FB_ITEM_SYMBOL_U]      = symbol_u;
      end
      state_q[HIST_OUT]: own[447:64] = buckets_word_i[447:64];
      state_q[AUDIT_OUT]:
        if (audit_kind_i == `IK_AUDIT) begin
          own[`FB_REC_KIND]          = `FB_KIND_FAULT;
          own[`FB_REC_FAULT_FAULT]   = `FB_FAULT_TABLE_PARITY;
          own[`FB_REC_FAULT_TABLE]   = {4'd0, `FB_TABLE_SYMBOL};
          own[`FB_REC_FAULT_ADDRESS] = {22'd0, audit_symbol_i};
        end else begin
          own[`FB_REC_KIND]          = `FB_KIND_AUDIT;
          own[`FB_REC_AUDIT_FINDING] = {4'd0, `FB_AUDIT_ROTATION};
        end
      default: begin
        own[`FB_REC_KIND]               = `FB_KIND_HASH;
        own[`FB_REC_HASH_ACCOUNTS_HASH] = accounts_hash_i;
        own[`FB_REC_HASH_ROWS_HASH]     = rows_hash_i;
        own[`FB_REC_HASH_SYMBOLS_HASH]  = symbols_hash_i;
        own[`FB_REC_HASH_ACCOUNTS]      = accounts_i;
        own[`FB_REC_HASH_ROWS]          = rows_i;
        own[`FB_REC_HASH_SYMBOLS]       = symbols_i;
      end
    endcase
  end
  // A word waits in own_q until the collector takes it; what comes after it in this batch, BATCH_END too, waits there for it.
  reg         own_valid_q;
  reg [1:0]   own_tag_q;
  reg [447:0] own_q;
  assign own_o       = own_q;
  assign own_tag_o   = own_tag_q;
  assign own_valid_o = own_valid_q;
  wire [1:0] own_tag = state_q[HASH_SYMBOL] ? 2'd1 : state_q[IGNORE] || state_q[AUDIT_OUT] ? 2'd3 : 2'd0;
  wire own_put  = !own_valid_q && own_here;
  wire own_here = state_q[REFUSE] || state_q[IGNORE] || state_q[FUND_OUT] || state_q[FENCE_OUT]
                    || state_q[HASH_SYMBOL] || (state_q[HASH_OUT] && settled_i)
                    || (state_q[HIST_OUT] && buckets_valid_i) || state_q[AUDIT_OUT];
  // What this cycle is spent on. Between commands: idle, unless the audit has work (fb_counters).
  wire waits = state_q[IDLE] || state_q[AUDIT_READ] || state_q[AUDIT_SEND] || state_q[AUDIT_OUT];
  assign doing_o = waits ? 2'd0 : is_rank && !state_q[CHECK] ? 2'd3 : state_q[WAIT] || state_q[END] ? 2'd2 : 2'd1;
  assign buckets_start_o = state_q[HIST];
  assign buckets_ready_o = state_q[HIST_OUT] && !own_valid_q;
  assign query_o        = cmd_q;
  assign seq_o          = cmd_q[`FB_CMD_SEQ];
  assign end_o          = state_q[END];
  assign end_commands_o = commands_q;
  assign end_rejects_o  = rejects_q;
  assign drop_o         = state_q[CLEAR] || (state_q[DECIDE] && is_q[`IS_HASH] && !batch_q);
  assign cmd_ready_o    = (state_q[IDLE] && !owed_q) || state_q[AUDIT_SEND] || (issued && last_step && more && !is_fund);

  localparam GROUP_BITS = GROUPS <= 2 ? 1 : $clog2(GROUPS);
  localparam [31:0] LAST_WIDE = GROUPS - 1;
  localparam [9:0]  LAST_GROUP = LAST_WIDE[9:0];
  localparam WAYS = 1 << GROUP_BITS;
  wire [WAYS*128-1:0] funds_padded;
  generate
    assign funds_padded[GROUPS*128-1:0] = funds_i;
    if (WAYS != GROUPS) begin : g_pad
      assign funds_padded[WAYS*128-1:GROUPS*128] = 0;
    end
  endgenerate
  wire [127:0] fund = funds_padded[{index_q[GROUP_BITS-1:0], 7'd0} +: 128];

  // What a command is.
  function [`IS_BITS-1:0] fb_is;
    input [7:0] op;
    begin
      fb_is = {`IS_BITS{1'b0}};
      case (op)
        `FB_OP_MARKS:      fb_is[`IS_MARKS]      = 1'b1;
        `FB_OP_POSITION:   fb_is[`IS_POSITION]   = 1'b1;
        `FB_OP_FILL:       fb_is[`IS_FILL]       = 1'b1;
        `FB_OP_ACCOUNT:    fb_is[`IS_ACCOUNT]    = 1'b1;
        `FB_OP_COLLATERAL: fb_is[`IS_COLLATERAL] = 1'b1;
        `FB_OP_CLASS:      fb_is[`IS_CLASS]      = 1'b1;
        `FB_OP_SYMBOL:     fb_is[`IS_SYMBOL]     = 1'b1;
        `FB_OP_LADDER:     fb_is[`IS_LADDER]     = 1'b1;
        `FB_OP_FUNDING:    fb_is[`IS_FUNDING]    = 1'b1;
        `FB_OP_RANK:       fb_is[`IS_RANK]       = 1'b1;
        `FB_OP_AUDIT:      fb_is[`IS_AUDIT]      = 1'b1;
        `FB_OP_HASH:       fb_is[`IS_HASH]       = 1'b1;
        `FB_OP_SNAPSHOT:   fb_is[`IS_SNAPSHOT]   = 1'b1;
        `FB_OP_FENCE:      fb_is[`IS_FENCE]      = 1'b1;
        `FB_OP_RESET:      fb_is[`IS_RESET]      = 1'b1;
        default: ;
      endcase
    end
  endfunction

  // ---- control ----
  // RESET waits until the batch that it drops has said what it had begun to say.
  wire       clear_now   = state_q[CLEAR] && !own_valid_q && settled_i;
  wire [26:0] after_issue = !more || is_fund ? at(WAIT) : cmd_valid_i ? at(CHECK) : at(IDLE);
  always @(posedge clk_i) begin
    if (rst_i) begin
      state_q         <= at(CLEAR);
      next_seq_q      <= 64'd1;
      commands_q      <= 32'd0;
      rejects_q       <= 32'd0;
      batch_q         <= 1'b0;
      command_clear_q <= 1'b0;
      item_valid_o    <= 1'b0;
      guard_q         <= 2'd0;
    end else begin
      item_valid_o <= sending;
      guard_q      <= sending ? 2'd2 : guard_q == 2'd0 ? 2'd0 : guard_q - 2'd1;
      (* parallel_case *) case (1'b1)
        state_q[CLEAR]: if (clear_now && can_send) begin
          state_q <= at(CLEAR_WAIT);
          batch_q <= 1'b0;
        end
        state_q[CLEAR_WAIT]: if (&index_q) state_q <= command_clear_q ? at(END) : at(IDLE);
        state_q[IDLE]:
          if (owed_q) state_q <= at(AUDIT_OUT);
          else if (cmd_valid_i) state_q <= at(CHECK);
          else if (audit_valid_i) state_q <= audit_kind_i == `IK_NOP ? at(AUDIT_OUT) : at(AUDIT_READ);
        state_q[CHECK]: state_q <= at(DECIDE);
        state_q[DECIDE]:
          if (is_q[`IS_RESET]) begin
            state_q         <= at(CLEAR);
            command_clear_q <= 1'b1;
            next_seq_q      <= cmd_q[`FB_CMD_SEQ] + 64'd1;
            commands_q      <= 32'd1;
            rejects_q       <= 32'd0;
          end else if (!seq_ok_q) state_q <= at(IGNORE);
          else begin
            next_seq_q <= next_seq_q + 64'd1;
            commands_q <= commands_q + 32'd1;
            batch_q    <= more || batch_q;
            if (refused) begin
              rejects_q <= rejects_q + 32'd1;
              state_q   <= at(REFUSE);
            end else if (!sends_q)
              state_q <= is_q[`IS_FENCE] ? at(FENCE_OUT) : is_q[`IS_AUDIT] ? at(END)
                       : is_q[`IS_HASH] ? at(NEXT_SYMBOL) : at(QUIET);
            else state_q <= issued && last_step ? after_issue : at(ISSUE);
          end
        state_q[ISSUE]:  if (issued && last_step) state_q <= after_issue;
        state_q[REFUSE]: if (own_put) state_q <= more ? at(IDLE) : at(CLOSE);
        state_q[IGNORE]: if (own_put) state_q <= at(IDLE);
        state_q[CLOSE]: if (can_send) begin
          after_q <= at(END);
          state_q <= at(WAIT);
        end
        state_q[QUIET]: if (can_send) begin
          after_q <= at(CONFIG);
          state_q <= at(WAIT);
        end
        state_q[WAIT]: if (idle_groups) state_q <= after_q;
        state_q[CONFIG]: if (config_last) state_q <= more ? at(IDLE) : at(CLOSE);
        state_q[FUND_SUM]: if (index_q == LAST_GROUP) state_q <= at(FUND_OUT);
        state_q[FUND_OUT]: if (own_put) state_q <= more ? at(IDLE) : at(CLOSE);
        state_q[NEXT_SYMBOL]: state_q <= at(SYMBOL_HERE);
        state_q[SYMBOL_HERE]: state_q <= index_here_q ? at(HASH_SYMBOL) : &index_q ? at(HASH_ACCOUNTS) : at(NEXT_SYMBOL);
        state_q[HASH_SYMBOL]: if (own_put) state_q <= at(HASH_ROWS);
        state_q[HASH_ROWS]: if (can_send) begin
          after_q <= &index_q ? at(HASH_ACCOUNTS) : at(NEXT_SYMBOL);
          state_q <= at(WAIT);
        end
        state_q[HASH_ACCOUNTS]: if (can_send) begin
          after_q <= at(HASH_OUT);
          state_q <= at(WAIT);
        end
        state_q[HASH_OUT]: if (own_put) state_q <= at(END);
        state_q[FENCE_OUT]: if (own_put) state_q <= at(END);
        state_q[AUDIT_READ]: state_q <= at(AUDIT_SEND);
        // A command is taken meanwhile: what the audit has to say of the symbol waits until that is through.
        state_q[AUDIT_SEND]:
          if (cmd_valid_i) state_q <= at(CHECK);
          else if (audit_fault) state_q <= at(AUDIT_OUT);
          else if (can_send) state_q <= at(IDLE);
        state_q[AUDIT_OUT]: if (own_put) state_q <= at(IDLE);
        state_q[HIST]: state_q <= at(HIST_OUT);
        state_q[HIST_OUT]: if (buckets_done_i) state_q <= at(END);
        state_q[END]: if (end_done_i) begin
          state_q    <= at(IDLE);
          batch_q    <= 1'b0;
          commands_q <= 32'd0;
          rejects_q  <= 32'd0;
        end
        default: state_q <= at(IDLE);
      endcase
    end

    told_q <= !rst_i && !state_q[CLEAR] && ((state_q[AUDIT_OUT] && audit_kind_i == `IK_AUDIT) || (told_q && !audit_taken_o));
    owed_q <= !rst_i && !state_q[CLEAR]
           && ((state_q[AUDIT_SEND] && audit_fault && cmd_valid_i) || (owed_q && !state_q[AUDIT_OUT]));
    if (rst_i) probe_q <= 8'd0;
    else if (audit_taken_o && audit_kind_i == `IK_CLOSE) probe_q <= probe_q + 8'd1;
    if (take) begin
      cmd_q <= cmd_i;
      is_q  <= is;
    end
    index_here_q <= index_defined;
    if (state_q[AUDIT_READ]) audit_proves_q <= audit_kind_i == `IK_AUDIT && audit_defined_o && !told_q;
    if (state_q[CHECK]) begin
      seq_ok_q <= seq_ok;
      new_q    <= seq_ok && !is_q[`IS_RESET];
      sends_q  <= seq_ok && has_items;
      last_mark_q <= count - 8'd1;
    end
    if (state_q[DECIDE]) begin
      reason_q <= reason;
      after_q  <= is_fund ? at(FUND_SUM) : is_rank && cmd_q[`FB_CMD_RANK_MODE] == 1'b0 ? at(HIST) : at(END);
    end
    if (builds || sends) item_o <= item;   // where none is sent nobody looks at it
    if (own_put) {own_tag_q, own_q} <= {own_tag, own};
    own_valid_q <= !rst_i && (own_put || (own_valid_q && !own_ready_i));

    // One counter: marks, symbols of the state hash, groups of the funding sum, thresholds, clearing (known tiers from 1,008).
    (* parallel_case *) case (1'b1)
      state_q[DECIDE], state_q[ISSUE]: if (issued) index_q <= last_step ? 10'd0 : index_q + 10'd1;
      state_q[CLEAR_WAIT]: if (idle_groups || index_q != 10'd1007) index_q <= index_q + 10'd1;
      state_q[FUND_SUM], state_q[CONFIG]: index_q <= index_q + 10'd1;
      state_q[SYMBOL_HERE]: if (!index_here_q) index_q <= &index_q ? index_q : index_q + 10'd1;
      state_q[WAIT]: if (idle_groups && after_q[NEXT_SYMBOL]) index_q <= index_q + 10'd1;
      state_q[NEXT_SYMBOL], state_q[HASH_SYMBOL], state_q[HASH_ROWS]: ;
      default: index_q <= 10'd0;
    endcase
    if (state_q[FUND_SUM]) begin
      fund_sum_q  <= (index_q == 10'd0 ? 96'sd0 : fund_sum_q) + $signed(fund[95:0]);
      fund_rows_q <= (index_q == 10'd0 ? 32'd0 : fund_rows_q) + fund[127:96];
    end
  end
endmodule

`default_nettype wire
