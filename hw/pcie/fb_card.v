// Firebreak card: the core behind the user interface of the UltraScale+ PCIE4 block. Specification: hw/contract/card.md.
//
// One clock, 250 MHz nominal. Dword-aligned, no straddling. DATA_W 512 (Gen3 x16, Gen4 x8) or 256 (Gen3 x8). The card reads
// nothing from the host, so there is no RC port: tie its ready to 1.
//
//   CQ --> fb_cq --+--> fb_stage --> fb_registers, fb_wake       settings; WAKE and the MSI-X table
//                  |                   |    fb_session           who may act, from when
//                  +--> fb_intake (fb_slots, fb_gap) --> core    command window
//                  +--> fb_requests --> fb_completer --> CC      reads
//   core --> fb_skid --> fb_writer --> fb_packet --> RQ          records; fb_status, fb_posted
//
// Cycles of a command of one mark with 512 bits, from the cycle 0 in which the first of its two beats is taken, asserted by
// tests/card/core_tb.v:
//
// | cycle | module      | what                                                        |
// |-------|-------------|-------------------------------------------------------------|
// | 0-1   | fb_cq       | both beats taken                                            |
// | 1-2   | fb_cq       | rotated to the banks                                        |
// | 2-3   | fb_slots    | written                                                     |
// | 4     | fb_intake   | the slot is whole, its word is read                         |
// | 5     | fb_intake   | check word, nonce, sequence                                 |
// | 6     | fb_intake   | the core takes it                                           |
// | 29    | fb_core     | its record (see fb_core), taken by the writer               |
// | 30    | fb_packet   | first beat of the record on RQ; check word is computed      |
// | 31    | fb_packet   | second beat                                                 |
`default_nettype none
`include "fb_request.vh"

module fb_card #(
  parameter LANES = 8,
  parameter GROUP = 4,
  parameter ROW_BITS = 13,
  parameter SLOT_BITS = 12,
  parameter RANK = 1,
  parameter DATA_W = 512,
  parameter CLOCK_HZ = 250000000,
  parameter [63:0] GIT_HASH = 64'd0,     // first 8 bytes of the commit
  parameter [31:0] BUILD_DATE = 32'd0,   // days since 1970-01-01
  // widths of tuser; not to be set
  parameter CQ_USER_W = DATA_W == 512 ? 183 : 88,
  parameter CC_USER_W = DATA_W == 512 ? 81 : 33,
  parameter RQ_USER_W = DATA_W == 512 ? 137 : 62
) (
  input  wire                 user_clk_i,
  input  wire                 user_reset_i,
  input  wire [DATA_W-1:0]    s_axis_cq_tdata_i,
  input  wire [DATA_W/32-1:0] s_axis_cq_tkeep_i,
  input  wire                 s_axis_cq_tlast_i,
  input  wire [CQ_USER_W-1:0] s_axis_cq_tuser_i,
  input  wire                 s_axis_cq_tvalid_i,
  output wire                 s_axis_cq_tready_o,
  output wire [1:0]           pcie_cq_np_req_o,
  output wire [DATA_W-1:0]    m_axis_cc_tdata_o,
  output wire [DATA_W/32-1:0] m_axis_cc_tkeep_o,
  output wire                 m_axis_cc_tlast_o,
  output wire [CC_USER_W-1:0] m_axis_cc_tuser_o,
  output wire                 m_axis_cc_tvalid_o,
  input  wire                 m_axis_cc_tready_i,
  output wire [DATA_W-1:0]    m_axis_rq_tdata_o,
  output wire [DATA_W/32-1:0] m_axis_rq_tkeep_o,
  output wire                 m_axis_rq_tlast_o,
  output wire [RQ_USER_W-1:0] m_axis_rq_tuser_o,
  output wire                 m_axis_rq_tvalid_o,
  input  wire                 m_axis_rq_tready_i,
  output wire [2:0]           cfg_fc_sel_o,
  input  wire [7:0]           cfg_fc_ph_i,
  input  wire [11:0]          cfg_fc_pd_i,
  input  wire [15:0]          cfg_function_status_i,      // bit 2: bus master
  input  wire [1:0]           cfg_max_payload_i,          // not looked at: 128 bytes are always allowed
  input  wire [3:0]           cfg_interrupt_msix_enable_i,
  input  wire [3:0]           cfg_interrupt_msix_mask_i,
  input  wire [3:0]           cfg_flr_in_process_i,
  output wire [3:0]           cfg_flr_done_o
);
  wire clk = user_clk_i;
  wire rst = user_reset_i;
  wire flr = cfg_flr_in_process_i[0];
  wire unused = ^{s_axis_cq_tkeep_i, cfg_function_status_i, cfg_max_payload_i, cfg_interrupt_msix_enable_i,
                  cfg_interrupt_msix_mask_i, cfg_flr_in_process_i};
  assign cfg_fc_sel_o = 3'b100;      // transmit credits available
  reg  core_rst_q;
  always @(posedge clk) core_rst_q <= rst;

  // ---- completer: what the host writes and asks for ----
  wire                write, window, last, bad, request, dropped, refused, full;
  wire [9:0]          row;
  wire [15:0]         next;
  wire [511:0]        data;
  wire [63:0]         be;
  wire [`RE_BITS-1:0] request_in, request_out;
  wire                request_valid, request_pop, cc_quiet, read;
  wire [13:0]         address;
  wire [31:0]         value;
  assign s_axis_cq_tready_o = !full;
  assign pcie_cq_np_req_o[1] = 1'b0;

  fb_cq #(.DATA_W(DATA_W), .USER_W(CQ_USER_W)) u_cq (
    .clk_i(clk), .rst_i(rst), .flr_i(flr), .tdata_i(s_axis_cq_tdata_i), .tlast_i(s_axis_cq_tlast_i),
    .tuser_i(s_axis_cq_tuser_i), .taken_i(s_axis_cq_tvalid_i && s_axis_cq_tready_o),
    .write_o(write), .window_o(window), .row_o(row), .next_o(next), .data_o(data), .be_o(be), .last_o(last), .bad_o(bad),
    .request_o(request), .entry_o(request_in), .dropped_o(dropped));

  fb_requests u_requests (
    .clk_i(clk), .rst_i(rst), .forget_i(flr), .push_i(request), .entry_i(request_in), .pop_i(request_pop),
    .valid_o(request_valid), .entry_o(request_out), .np_req_o(pcie_cq_np_req_o[0]), .full_o(full));

  fb_completer #(.DATA_W(DATA_W), .USER_W(CC_USER_W)) u_completer (
    .clk_i(clk), .rst_i(rst), .forget_i(flr), .request_i(request_valid), .entry_i(request_out), .pop_o(request_pop),
    .idle_o(cc_quiet), .refused_o(refused), .read_o(read), .address_o(address), .value_i(value),
    .tdata_o(m_axis_cc_tdata_o), .tkeep_o(m_axis_cc_tkeep_o), .tlast_o(m_axis_cc_tlast_o), .tuser_o(m_axis_cc_tuser_o),
    .tvalid_o(m_axis_cc_tvalid_o), .tready_i(m_axis_cc_tready_i));

  reg [30:0] unsupported_q;
  always @(posedge clk)
    if (rst) unsupported_q <= 31'd0;
    else if (unsupported_q[30:1] != 30'h3fffffff) unsupported_q <= unsupported_q + {30'd0, refused} + {30'd0, dropped};
    else if (refused || dropped) unsupported_q[0] <= 1'b1;

  // ---- registers ----
  wire         set;
  wire [51:0]  control_be;
  wire [415:0] control;
  wire [15:0]  table_be;
  wire [127:0] table_new, table_now;
  wire [63:0]  ring_base, status_base, first_seq, next_seq, produced;
  wire [4:0]   ring_bits;
  wire [31:0]  consumed, session_new, wake_new, wake, nonce;
  wire         session_set, wake_set, kill, pending, start, clear, open, running, rq_quiet;
  wire [24:0]  gap_cycles, status_cycles;
  wire [7:0]   clear_slot;
  wire [3:0]   state;
  wire [30:0]  gaps, stale;
  wire [287:0] core_counters, writer_counters;

  fb_stage u_stage (
    .clk_i(clk), .rst_i(rst || flr), .write_i(write && !window), .row_i(row), .next_i(next), .data_i(data), .be_i(be),
    .last_i(last), .bad_i(bad), .set_o(set), .control_be_o(control_be), .control_o(control), .table_be_o(table_be),
    .table_o(table_new));

  fb_registers #(.LANES(LANES), .GROUP(GROUP), .ROW_BITS(ROW_BITS), .SLOT_BITS(SLOT_BITS), .RANK(RANK), .CLOCK_HZ(CLOCK_HZ),
                 .GIT_HASH(GIT_HASH), .BUILD_DATE(BUILD_DATE)) u_registers (
    .clk_i(clk), .rst_i(rst || flr), .set_i(set), .be_i(control_be), .data_i(control), .ring_base_o(ring_base),
    .ring_bits_o(ring_bits), .consumed_o(consumed), .status_base_o(status_base), .first_seq_o(first_seq),
    .session_set_o(session_set), .session_new_o(session_new), .kill_o(kill), .wake_set_o(wake_set), .wake_new_o(wake_new),
    .gap_cycles_o(gap_cycles), .status_cycles_o(status_cycles), .start_i(start), .session_i(nonce), .wake_i(wake),
    .next_seq_i(next_seq), .produced_i(produced), .state_i(state), .gaps_i(gaps), .stale_i(stale),
    .unsupported_i(unsupported_q), .core_i(core_counters), .writer_i(writer_counters), .table_i(table_now),
    .pending_i(pending), .read_i(read), .address_i(address), .value_o(value));

  wire flr_done;
  assign cfg_flr_done_o = {3'd0, flr_done};
  fb_session u_session (
    .clk_i(clk), .rst_i(rst), .bus_master_i(cfg_function_status_i[2]), .flr_i(flr), .flr_done_o(flr_done),
    .set_i(session_set), .nonce_i(session_new), .kill_i(kill), .rq_quiet_i(rq_quiet), .cc_quiet_i(cc_quiet),
    .nonce_o(nonce), .start_o(start), .clear_o(clear), .clear_slot_o(clear_slot), .open_o(open), .running_o(running),
    .state_o(state));

  // ---- commands ----
  wire         cmd_valid, cmd_ready, acted, gap, gap_taken;
  wire [511:0] cmd;
  wire [63:0]  gap_seq;
  fb_intake u_intake (
    .clk_i(clk), .rst_i(rst), .start_i(start), .first_seq_i(first_seq), .open_i(open), .running_i(running), .nonce_i(nonce),
    .write_i(write && window), .row_i(row[7:0]), .next_i(next), .data_i(data), .be_i(be), .clear_i(clear),
    .clear_slot_i(clear_slot), .cmd_valid_o(cmd_valid), .cmd_ready_i(cmd_ready), .cmd_o(cmd), .acted_o(acted),
    .next_seq_o(next_seq), .stale_o(stale));
  fb_gap u_gap (
    .clk_i(clk), .rst_i(rst), .start_i(start), .open_i(open), .running_i(running), .cycles_i(gap_cycles),
    .write_i(write && window), .row_i(row[7:0]), .next_i(next), .be_i(be), .room_i(cmd_ready), .acted_i(acted),
    .next_seq_i(next_seq), .fault_o(gap), .fault_seq_o(gap_seq), .taken_i(gap_taken), .gaps_o(gaps));

  // ---- core ----
  wire         rec_valid, rec_ready, record, record_taken;
  wire [511:0] rec;
  wire [447:0] record_word;
  wire         unused_rec = ^rec[511:448];
  fb_core #(.LANES(LANES), .GROUP(GROUP), .ROW_BITS(ROW_BITS), .SLOT_BITS(SLOT_BITS), .RANK(RANK)) u_core (
    .clk_i(clk), .rst_i(core_rst_q), .cmd_valid_i(cmd_valid), .cmd_ready_o(cmd_ready), .cmd_i(cmd), .rec_valid_o(rec_valid),
    .rec_ready_i(rec_ready), .rec_o(rec), .counters_o(core_counters));
  fb_skid #(.WIDTH(448)) u_skid (
    .clk_i(clk), .rst_i(rst), .valid_i(rec_valid && !core_rst_q), .ready_o(rec_ready), .word_i(rec[447:0]),
    .valid_o(record), .ready_i(record_taken), .word_o(record_word));

  // ---- requester: what goes to the host ----
  wire         due, status_taken, message, message_taken, credit_record, credit_other, packet_ready, launch;
  wire [479:0] status_word, word;
  wire [63:0]  message_address, packet_address;
  wire [31:0]  message_data;
  fb_status u_status (
    .clk_i(clk), .rst_i(rst), .open_i(open), .cycles_i(status_cycles), .acted_i(acted), .next_seq_i(next_seq),
    .state_i(state), .nonce_i(nonce), .produced_i(produced), .gaps_i(gaps), .due_o(due), .taken_i(status_taken),
    .word_o(status_word));
  fb_wake u_wake (
    .clk_i(clk), .rst_i(rst || flr), .enable_i(cfg_interrupt_msix_enable_i[0]), .mask_i(cfg_interrupt_msix_mask_i[0]),
    .set_i(set), .table_be_i(table_be), .table_i(table_new), .wake_set_i(wake_set), .wake_new_i(wake_new), .wake_o(wake),
    .table_o(table_now), .pending_o(pending), .open_i(open), .start_i(start), .produced_i(produced[29:0]), .send_o(message),
    .address_o(message_address), .data_o(message_data), .sent_i(message_taken));
  fb_posted u_posted (
    .clk_i(clk), .rst_i(rst), .headers_i(cfg_fc_ph_i), .data_i(cfg_fc_pd_i), .launch_i(launch), .record_o(credit_record),
    .other_o(credit_other));
  fb_writer u_writer (
    .clk_i(clk), .rst_i(rst), .open_i(open), .start_i(start), .ring_base_i(ring_base), .ring_bits_i(ring_bits),
    .status_base_i(status_base), .consumed_i(consumed), .record_i(record), .record_taken_o(record_taken),
    .record_word_i(record_word), .gap_i(gap), .gap_taken_o(gap_taken), .gap_seq_i(gap_seq), .status_i(due),
    .status_taken_o(status_taken), .status_word_i(status_word), .message_i(message), .message_taken_o(message_taken),
    .message_address_i(message_address), .message_data_i(message_data), .credit_record_i(credit_record),
    .credit_other_i(credit_other), .ready_i(packet_ready), .beat_i(m_axis_rq_tvalid_o), .beat_taken_i(m_axis_rq_tready_i),
    .launch_o(launch), .address_o(packet_address), .word_o(word), .produced_o(produced), .counters_o(writer_counters));
  fb_packet #(.DATA_W(DATA_W), .USER_W(RQ_USER_W)) u_packet (
    .clk_i(clk), .rst_i(rst), .ready_o(packet_ready), .quiet_o(rq_quiet), .start_i(launch), .message_i(message_taken),
    .address_i(packet_address), .word_i(word), .nonce_i(nonce), .tdata_o(m_axis_rq_tdata_o), .tkeep_o(m_axis_rq_tkeep_o),
    .tlast_o(m_axis_rq_tlast_o), .tuser_o(m_axis_rq_tuser_o), .tvalid_o(m_axis_rq_tvalid_o), .tready_i(m_axis_rq_tready_i));
endmodule

`default_nettype wire
