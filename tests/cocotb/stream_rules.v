// Rules of a stream out of the card. Bit 0: what is offered stays until it is taken. 1: a packet that has begun is offered
// without a pause, for the block nullifies it else. 2: tkeep is full but in the last beat and without holes. 3: the tuser
// bits that mark the packet's ends agree with its beats.
`default_nettype none

module stream_rules #(
  parameter DATA_W = 512,
  parameter USER_W = 81,
  parameter SOP = 0,         // bits of tuser; where there are none (256 bits) MARKS is 0
  parameter EOP = 0,
  parameter EOP_PTR = 0,
  parameter MARKS = 1
) (
  input  wire                 clk,
  input  wire                 rst,
  input  wire [DATA_W-1:0]    tdata,
  input  wire [DATA_W/32-1:0] tkeep,
  input  wire                 tlast,
  input  wire [USER_W-1:0]    tuser,
  input  wire                 tvalid,
  input  wire                 tready,
  output reg  [3:0]           broken
);
  localparam LANES = DATA_W / 32;
  reg                 begun, waiting;
  reg [DATA_W-1:0]    data_was;
  reg [LANES-1:0]     keep_was;
  reg                 last_was;
  reg [USER_W-1:0]    user_was;
  wire [LANES-1:0]    next_keep = tkeep + {{LANES-1{1'b0}}, 1'b1};
  wire                ragged = |(tkeep & next_keep) || !tkeep[0] || (!tlast && !(&tkeep));
  wire [3:0]          end_at = tuser[EOP_PTR +: 4];
  wire                wrong_end = tlast && (32'd1 << end_at) != ({{32-LANES{1'b0}}, tkeep} + 32'd1) >> 1;
  wire                wrong_marks = MARKS != 0 && (tuser[SOP] != !begun || tuser[EOP] != tlast || wrong_end);

  always @(posedge clk) begin
    data_was <= tdata;
    keep_was <= tkeep;
    last_was <= tlast;
    user_was <= tuser;
    if (rst) begin
      begun  <= 1'b0;
      waiting <= 1'b0;
      broken  <= 4'd0;
    end else begin
      waiting <= tvalid && !tready;
      if (tvalid && tready) begun <= !tlast;
      if (waiting && (!tvalid || {data_was, keep_was, last_was, user_was} != {tdata, tkeep, tlast, tuser})) broken[0] <= 1'b1;
      if (begun && !tvalid) broken[1] <= 1'b1;
      if (tvalid && ragged) broken[2] <= 1'b1;
      if (tvalid && wrong_marks) broken[3] <= 1'b1;
    end
  end
endmodule

`default_nettype wire
