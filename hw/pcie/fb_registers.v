// BAR0: identity, what the host sets, what it may read. hw/contract/tables.md lists the registers, hw/contract/card.md says what
// they do.
//
// A register is written by a whole packet at once (fb_stage) and clamped to its range. Reads are answered in the cycle
// after. The high half of a 64-bit value that counts is kept when its low half is read, so that the two halves belong
// together. No register can hold all ones: what the host may set freely has a bit that reads 0 (RING_BASE, STATUS_BASE: the
// lowest; CONSUMED, WAKE, FIRST_SEQ: the highest), the rest is clamped or counts to 2^31-1 at most.
`default_nettype none
`include "fb_layout.vh"

module fb_registers #(
  parameter LANES = 8,
  parameter GROUP = 4,
  parameter ROW_BITS = 13,
  parameter SLOT_BITS = 12,
  parameter RANK = 1,
  parameter CLOCK_HZ = 250000000,
  parameter [63:0] GIT_HASH = 64'd0,
  parameter [31:0] BUILD_DATE = 32'd0
) (
  input  wire         clk_i,
  input  wire         rst_i,           // also function reset
  // from fb_stage
  input  wire         set_i,
  input  wire [51:0]  be_i,
  input  wire [415:0] data_i,
  // settings
  output wire [63:0]  ring_base_o,
  output wire [4:0]   ring_bits_o,
  output reg  [31:0]  consumed_o,
  output wire [63:0]  status_base_o,
  output wire [63:0]  first_seq_o,
  output wire         session_set_o,   // SESSION is written in this cycle
  output wire [31:0]  session_new_o,
  output reg          kill_o,
  output wire         wake_set_o,      // WAKE is written in this cycle
  output wire [31:0]  wake_new_o,
  output wire [24:0]  gap_cycles_o,
  output wire [24:0]  status_cycles_o,
  // state of others
  input  wire         start_i,         // a session opens
  input  wire [31:0]  session_i,
  input  wire [31:0]  wake_i,
  input  wire [63:0]  next_seq_i,
  input  wire [63:0]  produced_i,
  input  wire [3:0]   state_i,
  input  wire [30:0]  gaps_i,
  input  wire [30:0]  stale_i,
  input  wire [30:0]  unsupported_i,
  input  wire [287:0] core_i,          // six counters each
  input  wire [287:0] writer_i,
  input  wire [127:0] table_i,         // MSI-X
  input  wire         pending_i,
  // a read
  input  wire         read_i,
  input  wire [13:0]  address_i,       // dword
  output reg  [31:0]  value_o
);
  localparam [31:0] LEAST_BITS = `FB_RING_BITS_LEAST, MOST_BITS = `FB_RING_BITS_MOST;
  localparam [31:0] GAP_LEAST = 32'd64, GAP_RESET = 32'd16384, STATUS_LEAST = 32'd256, STATUS_RESET = 32'd65536;
  localparam [31:0] CYCLES_MOST = 32'd16777216;

  function [31:0] merge;
    input [31:0] old, now;
    input [3:0]  be;
    integer      k;
    for (k = 0; k < 4; k = k + 1) merge[k * 8 +: 8] = be[k] ? now[k * 8 +: 8] : old[k * 8 +: 8];
  endfunction

  function [31:0] clamp;
    input [31:0] value, least, most;
    clamp = value < least ? least : value > most ? most : value;
  endfunction

  // ---- settings: dword k of the row of RING_BASE ----
  reg [63:12]  ring_base_q;
  reg [63:6]   status_base_q;
  reg [62:0]   first_seq_q;
  reg [4:0]    ring_bits_q;
  reg [24:0]   gap_cycles_q, status_cycles_q;
  assign ring_base_o     = {ring_base_q, 12'd0};
  assign status_base_o   = {status_base_q, 6'd0};
  assign first_seq_o     = {1'b0, first_seq_q};
  assign ring_bits_o     = ring_bits_q;
  assign gap_cycles_o    = gap_cycles_q;
  assign status_cycles_o = status_cycles_q;

  wire [63:0] ring_base = {merge(ring_base_o[63:32], data_i[63:32], be_i[7:4]),
                           merge(ring_base_o[31:0], data_i[31:0], be_i[3:0])};
  wire [31:0] ring_bits = clamp(merge({27'd0, ring_bits_q}, data_i[95:64], be_i[11:8]), LEAST_BITS, MOST_BITS);
  wire [63:0] status_base = {merge(status_base_o[63:32], data_i[191:160], be_i[23:20]),
                             merge(status_base_o[31:0], data_i[159:128], be_i[19:16])};
  wire [63:0] first_seq = {merge(first_seq_o[63:32], data_i[255:224], be_i[31:28]),
                           merge(first_seq_o[31:0], data_i[223:192], be_i[27:24])};
  wire [31:0] kill = merge({31'd0, kill_o}, data_i[319:288], be_i[39:36]);
  wire [31:0] gap_cycles = clamp(merge({7'd0, gap_cycles_q}, data_i[383:352], be_i[47:44]), GAP_LEAST, CYCLES_MOST);
  wire [31:0] status_cycles = clamp(merge({7'd0, status_cycles_q}, data_i[415:384], be_i[51:48]), STATUS_LEAST, CYCLES_MOST);
  wire        unused = ^{ring_base, ring_bits, status_base, first_seq, kill, gap_cycles, status_cycles};
  assign session_set_o = set_i && |be_i[35:32];
  assign session_new_o = merge(session_i, data_i[287:256], be_i[35:32]);
  assign wake_set_o    = set_i && |be_i[43:40];
  assign wake_new_o    = merge(wake_i, data_i[351:320], be_i[43:40]);

  always @(posedge clk_i)
    if (rst_i) begin
      ring_base_q     <= 52'd0;
      ring_bits_q     <= LEAST_BITS[4:0];
      consumed_o      <= 32'd0;
      status_base_q   <= 58'd0;
      first_seq_q     <= 63'd0;
      kill_o          <= 1'b0;
      gap_cycles_q    <= GAP_RESET[24:0];
      status_cycles_q <= STATUS_RESET[24:0];
    end else begin
      if (set_i) begin
        ring_base_q     <= ring_base[63:12];
        ring_bits_q     <= ring_bits[4:0];
        consumed_o      <= merge(consumed_o, data_i[127:96], be_i[15:12]);
        status_base_q   <= status_base[63:6];
        first_seq_q     <= first_seq[62:0];
        kill_o          <= kill[0];
        gap_cycles_q    <= gap_cycles[24:0];
        status_cycles_q <= status_cycles[24:0];
      end
      if (start_i) consumed_o <= 32'd0;
    end

  // ---- reads, two dwords at a time ----
  reg  [63:0] pair;
  wire [11:0] byte_address = {address_i[9:1], 3'd0};
  wire        page0 = ~|address_i[13:10];
  wire        in_table = {16'd0, address_i[13:2], 4'd0} == `FB_MSIX_TABLE;
  wire        in_pending = {16'd0, address_i[13:1], 3'd0} == `FB_MSIX_PBA;
  wire        counts = page0 && (byte_address == `FB_REG_NEXT_SEQ || byte_address == `FB_REG_PRODUCED
                              || byte_address[11:7] == 5'd4);
  localparam [31:0] ROWS = 1 << ROW_BITS, ACCOUNTS = 1 << SLOT_BITS, LANES32 = LANES, GROUP32 = GROUP, CLOCK32 = CLOCK_HZ;
  localparam [31:0] ABILITIES = RANK != 0 ? 32'd3 : 32'd2;

  always @* begin
    pair = 64'd0;
    if (in_table) pair = address_i[1] ? table_i[127:64] : table_i[63:0];
    else if (in_pending) pair = {63'd0, pending_i};
    else if (page0)
      case (byte_address)
        `FB_REG_MAGIC:             pair = `FB_MAGIC;
        `FB_REG_VERSION:           pair = {`FB_LAYOUT_HASH, 32'd1};
        `FB_REG_LANES:             pair = {ROWS, LANES32};
        `FB_REG_ACCOUNTS_PER_LANE: pair = {CLOCK32, ACCOUNTS};
        `FB_REG_GIT_HASH:          pair = GIT_HASH;
        `FB_REG_BUILD_DATE:        pair = {32'd0, BUILD_DATE};
        `FB_REG_GROUP:             pair = {32'd`FB_WINDOW_SLOTS, GROUP32};
        `FB_REG_CAPABILITIES:      pair = {32'd0, ABILITIES};
        `FB_REG_RING_BASE:         pair = ring_base_o;
        `FB_REG_RING_BITS:         pair = {1'b0, consumed_o[30:0], 27'd0, ring_bits_q};
        `FB_REG_STATUS_BASE:       pair = status_base_o;
        `FB_REG_FIRST_SEQ:         pair = first_seq_o;
        `FB_REG_SESSION:           pair = {31'd0, kill_o, session_i};
        `FB_REG_WAKE:              pair = {7'd0, gap_cycles_q, wake_i};
        `FB_REG_STATUS_CYCLES:     pair = {39'd0, status_cycles_q};
        `FB_REG_NEXT_SEQ:          pair = next_seq_i;
        `FB_REG_PRODUCED:          pair = produced_i;
        `FB_REG_STATE:             pair = {1'b0, gaps_i, 28'd0, state_i};
        `FB_REG_STALE:             pair = {1'b0, unsupported_i, 1'b0, stale_i};
        `FB_REG_CORE_IDLE:         pair = {16'd0, core_i[0 +: 48]};
        `FB_REG_CORE_ISSUE:        pair = {16'd0, core_i[48 +: 48]};
        `FB_REG_CORE_DRAIN:        pair = {16'd0, core_i[96 +: 48]};
        `FB_REG_CORE_RANK:         pair = {16'd0, core_i[144 +: 48]};
        `FB_REG_CORE_AUDIT:        pair = {16'd0, core_i[192 +: 48]};
        `FB_REG_CORE_STALLED:      pair = {16'd0, core_i[240 +: 48]};
        `FB_REG_WRITER_IDLE:       pair = {16'd0, writer_i[0 +: 48]};
        `FB_REG_WRITER_SENT:       pair = {16'd0, writer_i[48 +: 48]};
        `FB_REG_WRITER_BUSY:       pair = {16'd0, writer_i[96 +: 48]};
        `FB_REG_WRITER_POSTED:     pair = {16'd0, writer_i[144 +: 48]};
        `FB_REG_WRITER_RING:       pair = {16'd0, writer_i[192 +: 48]};
        `FB_REG_WRITER_CLOSED:     pair = {16'd0, writer_i[240 +: 48]};
        default:                   pair = 64'd0;
      endcase
  end

  reg [31:0] high_q;
  reg        kept_q;     // high_q belongs to the value whose low half was read last
  reg [8:0]  kept_at_q;
  always @(posedge clk_i)
    if (rst_i) kept_q <= 1'b0;
    else if (read_i) begin
      value_o   <= !address_i[0] ? pair[31:0] : counts && kept_q && kept_at_q == address_i[9:1] ? high_q : pair[63:32];
      kept_q    <= counts && !address_i[0];
      kept_at_q <= address_i[9:1];
      high_q    <= pair[63:32];
    end

  generate
    if (&GIT_HASH || &BUILD_DATE || &CLOCK32) begin : g_check
      fb_parameter_error no_register_holds_all_ones ();
    end
  endgenerate
endmodule

`default_nettype wire
