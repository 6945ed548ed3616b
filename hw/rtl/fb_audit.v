// Audit: takes the lanes' accounts 16 slots at a time and compares their sums with their rows, for ever (contract.md, section 7).
//
// It asks the sequencer for one item at a time; the sequencer sends it when no command waits, in order with all commands, and the
// groups work on it whenever their issue slot is free. For a window of slots:
//
//   1. IK_AUDIT for each symbol: the groups walk its rows and sum what belongs to the window. Later changes of rows already
//      walked are added as they happen (fb_walker: passed).
//   2. IK_CLOSE for each of the 16 slots: the account is read and compared.
//   3. IK_KNOWN: one of the known rows goes through every lane.
//
// After the last window a ROTATION record, at most one in 2^16 cycles.
`default_nettype none
`include "fb_layout.vh"
`include "fb_item.vh"

module fb_audit (
  input  wire                    clk_i,
  input  wire                    rst_i,
  input  wire                    clear_i,       // RESET: the audit is off
  input  wire                    set_i,         // AUDIT was taken
  input  wire                    mode_i,
  input  wire                    defined_i,     // symbol_o is
  input  wire                    near_i,        // one of the 16 symbols around it is
  input  wire                    account_i,     // an ACCOUNT item was sent, with slot account_slot_i
  input  wire [15:0]             account_slot_i,
  // to the sequencer: one request at a time, held until taken
  output wire                    valid_o,
  output wire [3:0]              kind_o,        // IK_NOP: no item, a ROTATION record
  output wire [9:0]              symbol_o,
  output wire                    open_o,        // first item of a window
  output wire [15:0]             slot_o,
  output wire [2:0]              vector_o,
  input  wire [9:0]              row_symbol_i,  // of a row that is put now:
  output wire                    past_o,        // the walks of this window that come no longer include this symbol
  input  wire                    taken_i,
  input  wire                    busy_i,        // a group still works on it
  output wire                    work_o         // an item is under way or waits
);
  localparam [1:0] SYMBOLS = 2'd0, CLOSE = 2'd1, KNOWN = 2'd2, ROTATED = 2'd3;
  reg         on_q, asked_q;                    // asked: sent, not done
  reg  [1:0]  guard_q;                          // busy_i is stale for two cycles after a request was taken
  reg  [1:0]  step_q;
  reg  [9:0]  symbol_q;
  reg         looked_q, defined_q, near_q;      // the last two are of symbol_q
  reg  [11:0] window_q;
  reg  [3:0]  place_q;
  reg  [2:0]  vector_q;
  reg  [16:0] slots_used_q;
  reg  [16:0] since_q;                          // cycles since the last ROTATION record; bit 16: enough

  wire idle = !asked_q;
  wire done = asked_q && guard_q == 2'd0 && !busy_i;
  // Symbol 0 opens the window whether it is defined or not.
  wire exists = symbol_q == 10'd0 || defined_q;
  wire here = step_q != SYMBOLS || (looked_q && exists);
  wire [16:0] slots_done = {1'b0, window_q, 4'd0} + 17'd16;
  wire rotated = slots_done >= slots_used_q;

  assign work_o   = asked_q || valid_o;
  assign valid_o  = on_q && idle && here && (step_q != ROTATED || since_q[16]);
  assign kind_o   = step_q == SYMBOLS ? `IK_AUDIT : step_q == CLOSE ? `IK_CLOSE : step_q == KNOWN ? `IK_KNOWN : `IK_NOP;
  assign symbol_o = symbol_q;
  assign open_o   = step_q == SYMBOLS && symbol_q == 10'd0;
  assign slot_o   = {window_q, place_q};
  assign vector_o = vector_q;

  // Between windows all are past.
  assign past_o = step_q != SYMBOLS || (symbol_q == 10'd0 && !asked_q) || row_symbol_i < symbol_q
               || (row_symbol_i == symbol_q && asked_q);

  wire pass_by = on_q && idle && step_q == SYMBOLS && looked_q && !exists;
  wire next    = pass_by || (done && step_q == SYMBOLS);
  always @(posedge clk_i) begin
    looked_q  <= !(rst_i || clear_i || next);
    defined_q <= defined_i;
    near_q    <= near_i;
  end
  wire silent  = on_q && idle && step_q == ROTATED && !since_q[16];
  always @(posedge clk_i)
    if (rst_i || clear_i) begin
      on_q         <= 1'b0;
      asked_q      <= 1'b0;
      step_q       <= SYMBOLS;
      symbol_q     <= 10'd0;
      window_q     <= 12'd0;
      place_q      <= 4'd0;
      vector_q     <= 3'd0;
      slots_used_q <= 17'd0;
      since_q      <= 17'd0;
      guard_q      <= 2'd0;
    end else begin
      if (set_i) on_q <= mode_i;
      if (account_i && {1'b0, account_slot_i} >= slots_used_q) slots_used_q <= {1'b0, account_slot_i} + 17'd1;
      since_q <= taken_i && step_q == ROTATED ? 17'd0 : since_q[16] ? since_q : since_q + 17'd1;
      guard_q <= taken_i ? 2'd3 : guard_q == 2'd0 ? 2'd0 : guard_q - 2'd1;
      if (taken_i) asked_q <= 1'b1;
      else if (done) asked_q <= 1'b0;
      if (pass_by && !near_q && !(&symbol_q[9:4])) symbol_q <= {symbol_q[9:4] + 6'd1, 4'd0};
      else if (next) begin
        symbol_q <= symbol_q + 10'd1;
        if (&symbol_q) step_q <= CLOSE;
      end
      if (done && step_q == CLOSE) begin
        place_q <= place_q + 4'd1;
        if (&place_q) step_q <= KNOWN;
      end
      if (done && step_q == KNOWN) begin
        vector_q <= vector_q + 3'd1;
        window_q <= rotated ? 12'd0 : window_q + 12'd1;
        step_q   <= rotated ? ROTATED : SYMBOLS;
      end
      if (silent || (done && step_q == ROTATED)) step_q <= SYMBOLS;
    end
endmodule

`default_nettype wire
