// Completer completions: answers requests in order, one dword every two cycles.
//
// A read is answered in completions that end at 128-byte boundaries. A request that is not a memory read of ours gets one
// completion without data, status unsupported request. Once begun, a completion is sent to its end, also when the function
// is reset; the rest of its request is then forgotten.
//
// A completion is gathered before its first beat is offered: the hard block nullifies a packet in which tvalid falls.
//
// | state | what                                                                  |
// |-------|-----------------------------------------------------------------------|
// | IDLE  | next request                                                          |
// | HEAD  | the three dwords of the descriptor                                    |
// | ASK   | address of a dword at the registers                                   |
// | FILL  | its value into its beat; then the next dword                          |
// | SEND  | the beats, one behind the other; then the next completion, or request |
`default_nettype none
`include "fb_layout.vh"
`include "fb_request.vh"

module fb_completer #(
  parameter DATA_W = 512,
  parameter USER_W = 81
) (
  input  wire                 clk_i,
  input  wire                 rst_i,
  input  wire                 forget_i,
  input  wire                 request_i,
  input  wire [`RE_BITS-1:0]  entry_i,
  output wire                 pop_o,
  output wire                 idle_o,
  output wire                 refused_o,    // a request is answered with an error
  output wire                 read_o,       // address_o is that of a register; its value is there in the cycle after
  output wire [13:0]          address_o,
  input  wire [31:0]          value_i,
  output wire [DATA_W-1:0]    tdata_o,
  output wire [DATA_W/32-1:0] tkeep_o,
  output wire                 tlast_o,
  output wire [USER_W-1:0]    tuser_o,
  output wire                 tvalid_o,
  input  wire                 tready_i
);
  localparam LANES = DATA_W / 32;
  localparam [2:0] IDLE = 3'd0, HEAD = 3'd1, ASK = 3'd2, FILL = 3'd3, SEND = 3'd4;

  reg [2:0]          state_q;
  reg [`RE_BITS-1:0] request_q;
  reg [13:0]         address_q;     // next dword
  reg [10:0]         left_q;        // dwords of the request still to send
  reg [12:0]         bytes_q;       // bytes of the request still to send, those of this completion included
  reg [5:0]          chunk_q;       // dwords of this completion still to send
  reg                opening_q;     // first completion of the request
  reg                forget_q;
  reg [2:0]          beat_q;        // where the next dword goes
  reg [3:0]          lane_q;
  reg [2:0]          sent_q;        // beats taken of this completion

  // ---- sizes ----
  wire       refused = request_q[`RE_REFUSED];
  wire [3:0] first_be = entry_i[`RE_FIRST_BE];
  wire [3:0] last_be  = entry_i[`RE_DWORDS] == 11'd1 ? first_be : entry_i[`RE_LAST_BE];
  wire       unused_request = ^{request_q, last_be};
  wire [1:0] lead = first_be[0] ? 2'd0 : first_be[1] ? 2'd1 : first_be[2] ? 2'd2 : first_be[3] ? 2'd3 : 2'd0;
  wire [1:0] trail = last_be[3] ? 2'd0 : last_be[2] ? 2'd1 : last_be[1] ? 2'd2 : 2'd3;
  wire [10:0] dwords = |entry_i[`RE_DWORDS] ? entry_i[`RE_DWORDS] : 11'd1;
  // A read of no bytes counts as one: without enabled bytes, `lead` is 0 and `trail` 3.
  wire [12:0] bytes  = {dwords, 2'd0} - {11'd0, lead} - {11'd0, trail};
  reg  [1:0]  offset_q;
  wire [5:0]  to_boundary = 6'd32 - {1'b0, address_q[4:0]};
  wire [5:0]  chunk = {5'd0, left_q} > {10'd0, to_boundary} ? to_boundary : left_q[5:0];

  // ---- descriptor ----
  wire        is_read = request_q[`RE_READ];
  wire [6:0]  lower = is_read ? {address_q[4:0], opening_q ? offset_q : 2'd0} : 7'd0;
  wire [12:0] count = is_read ? bytes_q : 13'd4;
  wire [31:0] word0 = {2'd0, request_q[`RE_LOCKED], count, 6'd0, 2'd0, 1'b0, lower};
  wire [31:0] word1 = {request_q[`RE_REQUESTER], 2'd0, refused ? 3'd1 : 3'd0, refused ? 11'd0 : {5'd0, chunk}};
  wire [31:0] word2 = {1'b0, request_q[`RE_ATTR], request_q[`RE_TC], 1'b0, 8'd0, request_q[`RE_FUNCTION], request_q[`RE_TAG]};

  wire [2:0] last_beat = lane_q == 4'd0 ? beat_q - 3'd1 : beat_q;
  wire ended = sent_q == last_beat;       // this completion
  wire finished = ~|left_q;
  assign pop_o     = state_q == IDLE && request_i && !forget_i;
  assign idle_o    = state_q == IDLE;
  assign refused_o = state_q == HEAD && refused;
  assign read_o    = state_q == ASK && !request_q[`RE_WINDOW];
  assign address_o = address_q;
  assign tvalid_o  = state_q == SEND;
  assign tlast_o   = ended;

  // In the last beat lanes below lane_q are filled; lane_q is 0 when all are.
  wire [15:0] below = lane_q == 4'd0 || !ended ? 16'hffff : (16'd1 << lane_q) - 16'd1;
  wire        unused_below = ^below;
  assign tkeep_o = below[LANES-1:0];
  generate
    if (DATA_W == 512) begin : g_user
      assign tuser_o = {69'd0, ended ? lane_q - 4'd1 : 4'd0, 1'b0, ended, 4'd0, 1'b0, ~|sent_q};
    end else begin : g_user
      assign tuser_o = {USER_W{1'b0}};
    end
  endgenerate

  wire [3:0]  next_lane = lane_q + 4'd1;
  wire [3:0]  wrapped = DATA_W == 256 && next_lane == 4'd8 ? 4'd0 : next_lane;
  wire [31:0] value = request_q[`RE_WINDOW] ? `FB_WINDOW_PATTERN : value_i;

  // ---- the beats, a bank for each lane ----
  wire [95:0] head = {word2, word1, word0};
  genvar k;
  generate
    for (k = 0; k < LANES; k = k + 1) begin : g_lane
      localparam [3:0] ME = k;
      reg [31:0] bank [0:7];
      assign tdata_o[k * 32 +: 32] = bank[sent_q];
      if (k < 3) begin : g_head
        always @(posedge clk_i)
          if (state_q == HEAD) bank[0] <= head[k * 32 +: 32];
          else if (state_q == FILL && lane_q == ME) bank[beat_q] <= value;
      end else begin : g_rest
        always @(posedge clk_i) if (state_q == FILL && lane_q == ME) bank[beat_q] <= value;
      end
    end
  endgenerate

  always @(posedge clk_i) begin
    if (state_q == IDLE) forget_q <= 1'b0;
    else if (forget_i) forget_q <= 1'b1;
    case (state_q)
      IDLE: begin
        request_q <= entry_i;
        address_q <= entry_i[`RE_ADDRESS];
        left_q    <= entry_i[`RE_REFUSED] ? 11'd0 : dwords;
        bytes_q   <= bytes;
        offset_q  <= lead;
        opening_q <= 1'b1;
        if (pop_o) state_q <= HEAD;
      end
      HEAD: begin
        beat_q    <= 3'd0;
        lane_q    <= 4'd3;
        sent_q    <= 3'd0;
        chunk_q   <= refused ? 6'd0 : chunk;
        left_q    <= refused ? 11'd0 : left_q - {5'd0, chunk};
        bytes_q   <= bytes_q - {5'd0, chunk, 2'd0} + {11'd0, opening_q ? offset_q : 2'd0};
        opening_q <= 1'b0;
        state_q   <= refused ? SEND : ASK;
      end
      ASK: state_q <= FILL;
      FILL: begin
        lane_q    <= wrapped;
        if (wrapped == 4'd0) beat_q <= beat_q + 3'd1;
        address_q <= address_q + 14'd1;
        chunk_q   <= chunk_q - 6'd1;
        state_q   <= chunk_q == 6'd1 ? SEND : ASK;
      end
      SEND: if (tready_i) begin
        sent_q <= sent_q + 3'd1;
        if (ended) state_q <= finished || forget_q || forget_i ? IDLE : HEAD;
      end
      default: state_q <= IDLE;
    endcase
    if (rst_i) begin
      state_q  <= IDLE;
      forget_q <= 1'b0;
    end
  end
endmodule

`default_nettype wire
