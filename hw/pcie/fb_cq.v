// Completer requests: what the host writes and asks for, one beat a cycle, never waiting.
//
// Writes leave as up to 16 dwords a cycle, each in its bank: dword d of the BAR belongs to bank d mod 16 of row d / 16. A
// beat whose first dword lies in bank b fills banks b.. of row_o and the banks below b of the row after it (next_o).
// Whoever keeps a 64-byte row in 16 banks takes a beat in one cycle, wherever it begins. Requests that want a completion
// leave when their packet has ended.
//
// | stage | what                                                                       |
// |-------|----------------------------------------------------------------------------|
// | 0     | the beat is on the port and taken                                          |
// | 1     | descriptor, address of the first dword, rotation                           |
// | 2     | write_o, request_o                                                         |
//
// bad_o comes with the last beat: the hard block has found the packet damaged, or the function was reset while it came. Who
// can act on a part of a packet (registers) waits for the end; the command window has its check word.
//
// Not looked at: the address type, traffic class and function of writes, parity, and poison, which CQ does not show.
`default_nettype none
`include "fb_request.vh"

module fb_cq #(
  parameter DATA_W = 512,
  parameter USER_W = 183
) (
  input  wire                 clk_i,
  input  wire                 rst_i,
  input  wire                 flr_i,       // function reset under way
  input  wire [DATA_W-1:0]    tdata_i,
  input  wire                 tlast_i,
  input  wire [USER_W-1:0]    tuser_i,
  input  wire                 taken_i,     // valid and ready
  output reg                  write_o,     // a beat of a memory write to BAR0 or BAR2
  output reg                  window_o,    // BAR2
  output reg  [9:0]           row_o,
  output reg  [15:0]          next_o,      // banks that belong to the row after row_o
  output reg  [511:0]         data_o,
  output reg  [63:0]          be_o,
  output reg                  last_o,
  output reg                  bad_o,       // with last_o: the packet does not count
  output reg                  request_o,
  output reg  [`RE_BITS-1:0]  entry_o,
  output reg                  dropped_o    // a packet was dropped
);
  localparam LANES = DATA_W / 32;
  localparam LAST_BE = DATA_W == 512 ? 8 : 4;       // where tuser holds what; the fields of the first packet of a beat
  localparam BYTES = DATA_W == 512 ? 16 : 8;
  localparam DISCONTINUE = DATA_W == 512 ? 96 : 41;

  // ---- stage 1: the beat in a register ----
  reg                  beat_q, last_q, broken_q;
  reg [DATA_W-1:0]     data_q;
  reg [DATA_W/8-1:0]   be_q;
  reg [7:0]            edges_q;    // last_be, first_be
  wire                 unused = ^tuser_i;

  always @(posedge clk_i) begin
    beat_q <= taken_i && !rst_i;
    if (taken_i) begin
      data_q   <= tdata_i;
      last_q   <= tlast_i;
      be_q     <= tuser_i[BYTES +: DATA_W/8];
      edges_q  <= {tuser_i[LAST_BE +: 4], tuser_i[3:0]};
      broken_q <= tuser_i[DISCONTINUE];
    end
  end

  // ---- the packet: descriptor of its first beat, kept for the others ----
  reg         inside_q, spoilt_q;    // a packet has begun; the function was reset since then
  reg [127:0] head_q;
  reg [7:0]   head_edges_q;
  reg [13:0]  base_q;                // dword of the BAR in lane 0 of the next beat
  wire         first = !inside_q;
  wire [127:0] head  = first ? data_q[127:0] : head_q;
  wire [7:0]   edges = first ? edges_q : head_edges_q;
  wire [3:0]   kind  = head[78:75];
  wire [2:0]   bar   = head[114:112];
  wire         ours  = bar == 3'd0 || bar == 3'd2;
  wire         is_read    = kind == 4'd0;
  wire         is_locked  = kind == 4'd7;
  wire         is_write   = kind == 4'd1;
  wire         is_message = kind[3:2] == 2'b11;     // posted; everything else but a write wants a completion
  wire         spoilt = flr_i || (inside_q && spoilt_q);
  wire [13:0]  base   = first ? head[15:2] - 14'd4 : base_q;
  wire [3:0]   turn   = base[3:0];
  wire         unused_head = ^head;

  // Lanes that do not exist, and the descriptor, write nothing.
  wire [511:0] wide_data;
  wire [63:0]  wide_be;
  generate
    if (DATA_W == 512) begin : g_wide
      assign wide_data = data_q;
      assign wide_be   = {be_q[63:16], first ? 16'd0 : be_q[15:0]};
    end else begin : g_narrow
      assign wide_data = {256'd0, data_q};
      assign wide_be   = {32'd0, be_q[31:16], first ? 16'd0 : be_q[15:0]};
    end
  endgenerate
  wire [1023:0] twice_data = {wide_data, wide_data};
  wire [127:0]  twice_be   = {wide_be, wide_be};
  wire [4:0]    from       = 5'd16 - {1'b0, turn};

  always @(posedge clk_i) begin
    if (beat_q) begin
      head_q       <= head;
      head_edges_q <= edges;
      base_q       <= base + LANES[13:0];
      spoilt_q     <= spoilt;
    end else if (flr_i) spoilt_q <= 1'b1;
    if (rst_i) inside_q <= 1'b0;
    else if (beat_q) inside_q <= !last_q;

    write_o   <= beat_q && is_write && ours && !spoilt && !rst_i;
    window_o  <= bar == 3'd2;
    row_o     <= base[13:4];
    next_o    <= (16'd1 << turn) - 16'd1;
    data_o    <= twice_data[{from, 5'd0} +: 512];
    be_o      <= twice_be[{from, 2'd0} +: 64];
    last_o    <= last_q;
    bad_o     <= broken_q;
    request_o <= beat_q && last_q && !is_write && !is_message && !broken_q && !spoilt && !rst_i;
    dropped_o <= beat_q && last_q && !spoilt && !rst_i && (is_message || broken_q || (is_write && !ours));
    entry_o[`RE_ADDRESS]   <= head[15:2];
    entry_o[`RE_DWORDS]    <= head[74:64];
    entry_o[`RE_FIRST_BE]  <= edges[3:0];
    entry_o[`RE_LAST_BE]   <= edges[7:4];
    entry_o[`RE_TAG]       <= head[103:96];
    entry_o[`RE_REQUESTER] <= head[95:80];
    entry_o[`RE_FUNCTION]  <= head[111:104];
    entry_o[`RE_TC]        <= head[123:121];
    entry_o[`RE_ATTR]      <= head[126:124];
    entry_o[`RE_WINDOW]    <= bar == 3'd2;
    entry_o[`RE_REFUSED]   <= !is_read || !ours;
    entry_o[`RE_READ]      <= is_read || is_locked;
    entry_o[`RE_LOCKED]    <= is_locked;
  end

  generate
    if (DATA_W != 512 && DATA_W != 256) begin : g_check
      fb_parameter_error data_width_is_512_or_256 ();
    end
  endgenerate
endmodule

`default_nettype wire
