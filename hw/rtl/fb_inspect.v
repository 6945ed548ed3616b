// Audit of a lane: fresh sums over rows for a window of 16 slots, and the comparison with what the accounts say (contract.md,
// section 7).
//
// | stage | what                                                                                   |
// |-------|----------------------------------------------------------------------------------------|
// | 12    | a row of the audit, or the change of one it has passed; or an account to be closed      |
// | 13    | the window's sums get the row's part; a known row is compared with what must come out   |
// | 14    | close: the fresh sums are kept; the account arrives, and is compared                   |
// | 15    | what is wrong is kept                                                                  |
//
// A finding stays until taken, with the fresh sums of the last account closed: the group sees to it before the next item comes.
`default_nettype none
`include "fb_item.vh"

module fb_inspect #(
  parameter SLOT_BITS = 12
) (
  input  wire                 clk_i,
  input  wire                 rst_i,
  input  wire                 clear_i,
  input  wire                 open_i,            // a new window begins: forget the sums
  input  wire [SLOT_BITS-5:0] window_i,          // high bits of its slots
  // stage 12
  input  wire                 v12_i,
  input  wire                 add12_i,           // row12_i is a row to be summed, if its slot is in the window
  input  wire                 close12_i,
  input  wire                 known12_i,
  input  wire [SLOT_BITS-1:0] row12_i,
  input  wire [3:0]           close_slot12_i,
  input  wire signed [63:0]   equity12_i,
  input  wire signed [87:0]   mm12_i,
  input  wire [1:0]           bad12_i,
  // stages 13 and 14
  input  wire [`IT_LOW-1:0]   item13_i,
  input  wire [`AS_BITS-1:0]  state14_i,
  input  wire [71:0]          rows_equity14_i, // the account's sums over rows
  input  wire [95:0]          rows_mm14_i,
  // findings
  output wire                 mismatch_o,
  input  wire                 mismatch_taken_i,
  output wire [`AF_BITS-1:0]  finding_o,
  output wire                 known_wrong_o,
  input  wire                 known_taken_i
);
  // ---- stage 13: the window ----
  reg               add_q13, known_q13, known_q14, close_q13, close_q14, close_q15;
  reg  [14:0]       known_bad_q14;       // where it differs
  reg  [3:0]        place_q13;
  reg signed [63:0] equity_q13;
  reg signed [87:0] mm_q13;
  reg  [1:0]        bad_q13;
  wire signed [71:0] sum_equity;
  wire signed [95:0] sum_mm;
  wire [8:0]         sum_bad;
  fb_window u_window (
    .clk_i(clk_i), .clear_i(open_i), .add_i(add_q13), .index_i(place_q13), .equity_i(equity_q13), .mm_i(mm_q13), .bad_i(bad_q13),
    .equity_o(sum_equity), .mm_o(sum_mm), .bad_o(sum_bad));
  always @(posedge clk_i) begin
    add_q13   <= !rst_i && v12_i && add12_i && row12_i[SLOT_BITS-1:4] == window_i;
    known_q13 <= !rst_i && known12_i;
    known_q14 <= !rst_i && known_q13;
    known_bad_q14 <= {bad_q13 != 2'd0, apart({16'd0, known}, {16'd0, mm_q13, equity_q13})};
    {close_q15, close_q14, close_q13} <= rst_i ? 3'd0 : {close_q14, close_q13, close12_i};
    if (v12_i) begin
      place_q13  <= close12_i ? close_slot12_i : row12_i[3:0];
      equity_q13 <= equity12_i;
      mm_q13     <= mm12_i;
      bad_q13    <= bad12_i;
    end
  end
  wire [151:0] known = {item13_i[`IT_ADDEND], {2{item13_i[`IT_DELTA_SIGN]}}, item13_i[`IT_DELTA]};
  wire unused_bits = ^{item13_i, state14_i};

  // ---- stages 14 and 15: the account ----
  reg  [71:0] fresh_equity_q14;
  reg  [95:0] fresh_mm_q14;
  reg  [8:0]  fresh_bad_q14;
  reg  [31:0] id_q15;
  reg  [14:0] differs_q15;
  reg         judged_q15, mismatch_q, known_wrong_q;
  always @(posedge clk_i) begin
    if (close_q13) {fresh_bad_q14, fresh_mm_q14, fresh_equity_q14} <= {sum_bad, sum_mm, sum_equity};
    if (close_q14) begin
      differs_q15    <= {state14_i[`AS_BAD] != fresh_bad_q14,
                         apart({rows_mm14_i, rows_equity14_i}, {fresh_mm_q14, fresh_equity_q14})};
      id_q15         <= state14_i[`AS_ID];
      judged_q15     <= state14_i[`AS_VALID] && !state14_i[`AS_BROKEN];
    end
    if (rst_i || clear_i) begin
      mismatch_q    <= 1'b0;
      known_wrong_q <= 1'b0;
    end else begin
      if (close_q15 && judged_q15 && |differs_q15) mismatch_q <= 1'b1;
      else if (mismatch_taken_i) mismatch_q <= 1'b0;
      if (known_q14 && |known_bad_q14) known_wrong_q <= 1'b1;
      else if (known_taken_i) known_wrong_q <= 1'b0;
    end
  end
  // Where two words differ, twelve bits at a time; the next stage puts the answers together.
  function [13:0] apart;
    input [167:0] one, other;
    integer i;
    for (i = 0; i < 14; i = i + 1) apart[i] = one[12 * i +: 12] != other[12 * i +: 12];
  endfunction

  assign mismatch_o    = mismatch_q;
  assign finding_o     = {id_q15, fresh_bad_q14, fresh_mm_q14, fresh_equity_q14};
  assign known_wrong_o = known_wrong_q;
endmodule

`default_nettype wire
