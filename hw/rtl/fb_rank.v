// Rank of a group: takes the lanes' rows of a stripe one after another through one score pipeline, and keeps what it finds.
//
// A RANK item walks a chain like a mark, but a stripe is issued only every INTERVAL cycles: the larger of 8 and GROUP. So the
// rows of all lanes stand still at stage 14 while their turn comes, one a cycle. A histogram counts the hits; a selection puts
// them into a FIFO. The FIFO cannot overflow: a stripe is issued only with room for all its rows and for those under way.
//
// | stage     | what                                                        |
// |-----------|-------------------------------------------------------------|
// | 14 + lane | that lane is looked at                                      |
// | + 1       | its row and account enter the score pipeline                |
// | + score   | fb_score: key, hit                                          |
// | + 1       | histogram, or FIFO                                          |
`default_nettype none
`include "fb_layout.vh"
`include "fb_item.vh"

module fb_rank #(
  parameter GROUP = 4,
  parameter LANE_BITS = 2
) (
  input  wire                 clk_i,
  input  wire                 rst_i,
  input  wire [511:0]         query_i,       // the RANK command, stable during the pass
  // walker
  input  wire                 issue5_i,      // a stripe of the item was issued
  output wire                 go_o,          // the next one may be, in two cycles
  // stage 14
  input  wire                 v14_i,
  output wire                 scan_o,        // lane_o is looked at in this cycle; state_i and row_i are its in the next
  output wire [LANE_BITS-1:0] lane_o,
  input  wire [`AS_BITS-1:0]  state_i,
  input  wire [`RR_BITS-1:0]  row_i,
  // nominees
  output wire                 valid_o,
  output wire [`NO_BITS-1:0]  nominee_o,
  input  wire                 ready_i,
  output wire                 idle_o,        // nothing under way, nothing kept
  // histogram
  input  wire                 clear_i,
  input  wire [7:0]           clear_bucket_i,
  input  wire                 step_i,
  input  wire                 v_chain_i,
  input  wire [7:0]           bucket_i,
  input  wire [31:0]          rows_i,
  input  wire [63:0]          lots_i,
  output wire                 v_chain_o,
  output wire [7:0]           bucket_o,
  output wire [31:0]          rows_o,
  output wire [63:0]          lots_o
);
  localparam INTERVAL = GROUP > 8 ? GROUP : 8;
  // Rows under way: from issue to the FIFO are less than 32 + GROUP cycles, so five stripes of 8 or three of more.
  localparam DEPTH_BITS = GROUP > 8 ? $clog2(GROUP) + 2 : 6;
  localparam [31:0] GROUP_WIDE = GROUP;
  localparam [31:0] DEPTH_WIDE = 1 << DEPTH_BITS;
  localparam [DEPTH_BITS:0] STRIPE = GROUP_WIDE[DEPTH_BITS:0];
  localparam [DEPTH_BITS:0] DEPTH  = DEPTH_WIDE[DEPTH_BITS:0];
  localparam [31:0] PACE_WIDE = INTERVAL - 4;   // issue5_i comes a cycle late, go_o is kept, and the walker keeps it once more
  localparam [31:0] LAST_WIDE = GROUP - 1;
  localparam [LANE_BITS-1:0] LAST = LAST_WIDE[LANE_BITS-1:0];
  wire select = query_i[`FB_CMD_RANK_MODE];
  wire unused = ^query_i;

  // ---- pace and room ----
  reg  [6:0]          pace_q;
  reg                 go_q;
  reg  [DEPTH_BITS:0] used_q;        // rows under way or kept
  wire                leave, hit, put, pop;
  assign go_o   = go_q;
  assign idle_o = used_q == 0 && !issue5_i && !filling;
  always @(posedge clk_i)
    if (rst_i) begin
      pace_q <= 7'd0;
      go_q   <= 1'b0;
      used_q <= 0;
    end else begin
      go_q   <= pace_q == 7'd0 && !issue5_i && used_q <= DEPTH - STRIPE;
      pace_q <= issue5_i ? PACE_WIDE[6:0] : pace_q == 7'd0 ? 7'd0 : pace_q - 7'd1;
      used_q <= used_q + (issue5_i ? STRIPE : {(DEPTH_BITS + 1){1'b0}}) - {{DEPTH_BITS{1'b0}}, leave && !put}
                - {{DEPTH_BITS{1'b0}}, pop};
    end

  // ---- the lanes in turn ----
  reg                  scan_q, seen_q;
  reg  [LANE_BITS-1:0] lane_q;
  assign scan_o = v14_i || scan_q;
  assign lane_o = v14_i ? {LANE_BITS{1'b0}} : lane_q;
  always @(posedge clk_i) seen_q <= !rst_i && scan_o;
  always @(posedge clk_i)
    if (rst_i) scan_q <= 1'b0;
    else if (scan_o) begin
      scan_q <= lane_o != LAST;
      lane_q <= lane_o + 1'b1;
    end

  // ---- score ----
  wire [29:0] key;
  wire [31:0] account, position;
  wire        sign;
  wire [47:0] mag;
  wire [61:0] entry;
  wire signed [71:0] equity;
  fb_score u_score (
    .clk_i(clk_i), .rst_i(rst_i), .side_i(query_i[`FB_CMD_RANK_SIDE]), .class_mask_i(query_i[`FB_CMD_RANK_CLASS_MASK]),
    .exclude_level_i(query_i[`FB_CMD_RANK_EXCLUDE_LEVEL]), .profit_c_i(query_i[`FB_CMD_RANK_PROFIT_C]),
    .loss_c_i(query_i[`FB_CMD_RANK_LOSS_C]), .from_i(query_i[`FB_CMD_RANK_FROM]),
    .cursor_key_i(query_i[`FB_CMD_RANK_CURSOR_KEY]), .cursor_account_i(query_i[`FB_CMD_RANK_CURSOR_ACCOUNT]),
    .floor_i(query_i[`FB_CMD_RANK_FLOOR]),
    .v_i(seen_q), .valid_i(row_i[`RR_VALID]), .sign_i(row_i[`RR_SIGN]), .mag_i(row_i[`RR_MAG]), .entry_i(row_i[`RR_ENTRY]),
    .position_i(row_i[`RR_POSITION]), .notional_i(row_i[`RR_NOTIONAL]), .margin_i(row_i[`RR_MARGIN]), .state_i(state_i),
    .v_o(leave), .hit_o(hit), .key_o(key), .account_o(account), .position_o(position), .sign_o(sign), .mag_o(mag),
    .entry_o(entry), .equity_o(equity));

  // ---- histogram ----
  wire filling;
  fb_histogram u_histogram (
    .clk_i(clk_i), .rst_i(rst_i), .clear_i(clear_i), .clear_bucket_i(clear_bucket_i), .v_i(leave && hit && !select), .key_i(key),
    .from_i(query_i[`FB_CMD_RANK_FROM]), .zoom_i(query_i[`FB_CMD_RANK_ZOOM]), .mag_i(mag), .busy_o(filling),
    .step_i(step_i), .v_chain_i(v_chain_i), .bucket_i(bucket_i), .rows_i(rows_i), .lots_i(lots_i),
    .v_chain_o(v_chain_o), .bucket_o(bucket_o), .rows_o(rows_o), .lots_o(lots_o));

  // ---- nominees ----
  reg  [`NO_BITS-1:0]   fifo [0:(1 << DEPTH_BITS) - 1];
  reg  [DEPTH_BITS-1:0] put_q, get_q;
  reg  [DEPTH_BITS:0]   count_q;
  assign put     = leave && hit && select;
  assign pop     = valid_o && ready_i;
  assign valid_o = count_q != 0;
  assign nominee_o = fifo[get_q];
  always @(posedge clk_i) begin
    if (put) fifo[put_q] <= {account, position, key, sign, mag, entry, equity};
    if (rst_i) begin
      put_q   <= 0;
      get_q   <= 0;
      count_q <= 0;
    end else begin
      if (put) put_q <= put_q + 1'b1;
      if (pop) get_q <= get_q + 1'b1;
      count_q <= count_q + {{DEPTH_BITS{1'b0}}, put} - {{DEPTH_BITS{1'b0}}, pop};
    end
  end
endmodule

`default_nettype wire
