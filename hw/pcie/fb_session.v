// The session: one use of the card by one host process, named by a nonce.
//
// | state   | what                                                                                             |
// |---------|--------------------------------------------------------------------------------------------------|
// | CLOSED  | no packet begins on RQ, no command acts, writes to the window are thrown away                    |
// | OPENING | start_o in its first cycle; the window is emptied, slot by slot; the packet under way ends       |
// | OPEN    | running, or killed                                                                               |
//
// Function reset and the loss of bus mastering close it at once, whatever else happens. A function reset is done when RQ
// and CC have ended their packets; flr_done_o then stays until the hard block takes back flr_i.
`default_nettype none
`include "fb_layout.vh"

module fb_session (
  input  wire        clk_i,
  input  wire        rst_i,
  input  wire        bus_master_i,
  input  wire        flr_i,
  output reg         flr_done_o,
  input  wire        set_i,            // SESSION is written
  input  wire [31:0] nonce_i,
  input  wire        kill_i,
  input  wire        rq_quiet_i,       // no packet under way
  input  wire        cc_quiet_i,
  output reg  [31:0] nonce_o,
  output wire        start_o,
  output wire        clear_o,          // empty clear_slot_o of the window
  output wire [7:0]  clear_slot_o,
  output wire        open_o,
  output wire        running_o,
  output wire [3:0]  state_o
);
  localparam [1:0] CLOSED = 2'd0, OPENING = 2'd1, OPEN = 2'd2;
  localparam [3:0] FLR_CYCLES = 4'd8;     // until what is in the pipeline of CQ is gone

  reg [1:0] state_q;
  reg [8:0] slot_q;                       // next to be emptied; 256: all are
  reg       first_q;
  reg [3:0] flr_q;
  wire      valid  = |nonce_i && !(&nonce_i);
  wire      change = set_i && nonce_i != nonce_o && (valid || |nonce_o);

  assign start_o      = state_q == OPENING && first_q;
  assign clear_o      = state_q == OPENING && !slot_q[8];
  assign clear_slot_o = slot_q[7:0];
  assign open_o       = state_q == OPEN;
  assign running_o    = state_q == OPEN && !kill_i;
  assign state_o      = state_q == CLOSED ? `FB_CARD_CLOSED : state_q == OPENING ? `FB_CARD_OPENING
                      : kill_i ? `FB_CARD_KILLED : `FB_CARD_RUNNING;

  always @(posedge clk_i) begin
    first_q <= 1'b0;
    if (state_q == OPENING && !slot_q[8]) slot_q <= slot_q + 9'd1;
    if (state_q == OPENING && slot_q[8] && rq_quiet_i) state_q <= OPEN;
    if (change) begin
      state_q <= valid ? OPENING : CLOSED;
      nonce_o <= valid ? nonce_i : 32'd0;
      slot_q  <= 9'd0;
      first_q <= 1'b1;
    end
    if (rst_i || flr_i || !bus_master_i) begin
      state_q <= CLOSED;
      nonce_o <= 32'd0;
    end

    if (rst_i || !flr_i) flr_q <= FLR_CYCLES;
    else if (|flr_q) flr_q <= flr_q - 4'd1;
    flr_done_o <= !rst_i && flr_i && ~|flr_q && (flr_done_o || (rq_quiet_i && cc_quiet_i));
  end
endmodule

`default_nettype wire
