// The card as the model of the PCIe block wants to see it: the same pins under the block's own names. Nothing is delayed. Added
// is what that model does not look at: rules of AXI and of the block for the two streams out of the card. The first that is
// broken shows in broken, one bit for each, until reset.
`default_nettype none

module card_tb #(
  parameter LANES = 2,
  parameter GROUP = 1,
  parameter ROW_BITS = 10,
  parameter SLOT_BITS = 8,
  parameter DATA_W = 512,
  parameter CQ_USER_W = DATA_W == 512 ? 183 : 88,
  parameter CC_USER_W = DATA_W == 512 ? 81 : 33,
  parameter RQ_USER_W = DATA_W == 512 ? 137 : 62
) (
  input  wire                 user_clk,
  input  wire                 user_reset,
  input  wire [DATA_W-1:0]    s_axis_cq_tdata,
  input  wire [DATA_W/32-1:0] s_axis_cq_tkeep,
  input  wire                 s_axis_cq_tlast,
  input  wire [CQ_USER_W-1:0] s_axis_cq_tuser,
  input  wire                 s_axis_cq_tvalid,
  output wire                 s_axis_cq_tready,
  output wire [DATA_W-1:0]    m_axis_cc_tdata,
  output wire [DATA_W/32-1:0] m_axis_cc_tkeep,
  output wire                 m_axis_cc_tlast,
  output wire [CC_USER_W-1:0] m_axis_cc_tuser,
  output wire                 m_axis_cc_tvalid,
  input  wire                 m_axis_cc_tready,
  output wire [DATA_W-1:0]    m_axis_rq_tdata,
  output wire [DATA_W/32-1:0] m_axis_rq_tkeep,
  output wire                 m_axis_rq_tlast,
  output wire [RQ_USER_W-1:0] m_axis_rq_tuser,
  output wire                 m_axis_rq_tvalid,
  input  wire                 m_axis_rq_tready,
  output wire [1:0]           pcie_cq_np_req,
  input  wire [7:0]           cfg_fc_ph,
  input  wire [11:0]          cfg_fc_pd,
  output wire [2:0]           cfg_fc_sel,
  input  wire [15:0]          cfg_function_status,
  input  wire [1:0]           cfg_max_payload,
  input  wire [3:0]           cfg_interrupt_msix_enable,
  input  wire [3:0]           cfg_interrupt_msix_mask,
  input  wire [3:0]           cfg_flr_in_process,
  output wire [3:0]           cfg_flr_done,
  output wire [7:0]           broken               // rules, CC in the high half
);
  localparam WIDE = DATA_W == 512 ? 1 : 0;
  stream_rules #(.DATA_W(DATA_W), .USER_W(CC_USER_W), .SOP(0), .EOP(6), .EOP_PTR(8), .MARKS(WIDE)) u_cc_rules (
    .clk(user_clk), .rst(user_reset), .tdata(m_axis_cc_tdata), .tkeep(m_axis_cc_tkeep), .tlast(m_axis_cc_tlast),
    .tuser(m_axis_cc_tuser), .tvalid(m_axis_cc_tvalid), .tready(m_axis_cc_tready), .broken(broken[7:4]));
  stream_rules #(.DATA_W(DATA_W), .USER_W(RQ_USER_W), .SOP(20), .EOP(26), .EOP_PTR(28), .MARKS(WIDE)) u_rq_rules (
    .clk(user_clk), .rst(user_reset), .tdata(m_axis_rq_tdata), .tkeep(m_axis_rq_tkeep), .tlast(m_axis_rq_tlast),
    .tuser(m_axis_rq_tuser), .tvalid(m_axis_rq_tvalid), .tready(m_axis_rq_tready), .broken(broken[3:0]));

  fb_card #(.LANES(LANES), .GROUP(GROUP), .ROW_BITS(ROW_BITS), .SLOT_BITS(SLOT_BITS), .DATA_W(DATA_W)) u_card (
    .user_clk_i(user_clk), .user_reset_i(user_reset),
    .s_axis_cq_tdata_i(s_axis_cq_tdata), .s_axis_cq_tkeep_i(s_axis_cq_tkeep), .s_axis_cq_tlast_i(s_axis_cq_tlast),
    .s_axis_cq_tuser_i(s_axis_cq_tuser), .s_axis_cq_tvalid_i(s_axis_cq_tvalid), .s_axis_cq_tready_o(s_axis_cq_tready),
    .m_axis_cc_tdata_o(m_axis_cc_tdata), .m_axis_cc_tkeep_o(m_axis_cc_tkeep), .m_axis_cc_tlast_o(m_axis_cc_tlast),
    .m_axis_cc_tuser_o(m_axis_cc_tuser), .m_axis_cc_tvalid_o(m_axis_cc_tvalid), .m_axis_cc_tready_i(m_axis_cc_tready),
    .m_axis_rq_tdata_o(m_axis_rq_tdata), .m_axis_rq_tkeep_o(m_axis_rq_tkeep), .m_axis_rq_tlast_o(m_axis_rq_tlast),
    .m_axis_rq_tuser_o(m_axis_rq_tuser), .m_axis_rq_tvalid_o(m_axis_rq_tvalid), .m_axis_rq_tready_i(m_axis_rq_tready),
    .pcie_cq_np_req_o(pcie_cq_np_req), .cfg_fc_ph_i(cfg_fc_ph), .cfg_fc_pd_i(cfg_fc_pd), .cfg_fc_sel_o(cfg_fc_sel),
    .cfg_function_status_i(cfg_function_status), .cfg_max_payload_i(cfg_max_payload),
    .cfg_interrupt_msix_enable_i(cfg_interrupt_msix_enable), .cfg_interrupt_msix_mask_i(cfg_interrupt_msix_mask),
    .cfg_flr_in_process_i(cfg_flr_in_process), .cfg_flr_done_o(cfg_flr_done));
endmodule

`default_nettype wire
