// Score of a row (contract, section 6): its sign class, its key, and whether the row is in range. A row a cycle, never stalled, 8
// cycles. Every v_i comes out as a v_o; hit_o says whether the row is one of the answer, and only then do the other outputs mean
// anything: a row that takes no part stops at the first register, and the rest of the pipeline does not move for it.
//
// Precondition, which the check of the command sees to: coefficients are -2..2. Then |score| < 2^27, and all sums are exact.
//
// | cycle | what                                                                   | width  |
// |-------|------------------------------------------------------------------------|--------|
// | 0     | PnL and its negative, the right one taken; operands below 1 are 0      | 62..95 |
// |       | account excluded, row of the other side; facts go to the shelf         | 247    |
// | 1     | class; 1 to 4: seven logarithms                                        | 23     |
// | 4     | coefficients of the class                                              | 7 x 3  |
// | 5     | coefficient x logarithm, two and two added                             | 26     |
// | 6     | score                                                                  | 28     |
// | 7     | key against class_mask, from and cursor; facts from the shelf          | 64     |
// | 8     | outputs                                                                |        |
`default_nettype none
`include "fb_layout.vh"
`include "fb_item.vh"

module fb_score (
  input  wire                clk_i,
  input  wire                rst_i,
  // the command, stable during the pass
  input  wire                side_i,
  input  wire [2:0]          class_mask_i,
  input  wire [3:0]          exclude_level_i,
  input  wire [27:0]         profit_c_i,
  input  wire [27:0]         loss_c_i,
  input  wire [29:0]         from_i,
  input  wire [31:0]         cursor_key_i,
  input  wire [31:0]         cursor_account_i,
  input  wire [60:0]         floor_i,
  // cycle 0: a row
  input  wire                v_i,         // a slot
  input  wire                valid_i,     // with a row that may be ranked: not bad, no NO_RANK, parities good
  input  wire                sign_i,
  input  wire [47:0]         mag_i,
  input  wire [61:0]         entry_i,     // signed
  input  wire [31:0]         position_i,
  input  wire [60:0]         notional_i,
  input  wire signed [87:0]  margin_i,
  input  wire [`AS_BITS-1:0] state_i,
  // cycle 8
  output wire                v_o,
  output wire                hit_o,       // never without v_o
  output wire [29:0]         key_o,
  output wire [31:0]         account_o,
  output wire [31:0]         position_o,
  output wire                sign_o,
  output wire [47:0]         mag_o,
  output wire [61:0]         entry_o,
  output wire signed [71:0]  equity_o
);
  localparam LATENCY = 8;
  localparam FACTS = 32 + 32 + 1 + 48 + 62 + 72;

  // ---- cycle 0: takes part or not ----
  wire [71:0] equity = state_i[`AS_EQUITY];
  wire        ranked = state_i[`AS_VALID] && state_i[`AS_ROLE] == `FB_ROLE_USER && !state_i[`AS_HELD] && !state_i[`AS_DAMAGED]
                       && !state_i[`AS_BROKEN] && !equity[71] && |equity[70:0] && state_i[`AS_LEVEL] < exclude_level_i;
  wire        live   = v_i && valid_i && ranked && sign_i == side_i && |mag_i;
  wire        unused_state = ^{state_i[`AS_BAD], state_i[`AS_CLASS], state_i[`AS_ADDEND], state_i[`AS_UNKNOWN]};

  reg  [LATENCY:1]   v_q;
  reg  [LATENCY-1:1] live_q;
  always @(posedge clk_i)
    if (rst_i) begin
      v_q    <= {LATENCY{1'b0}};
      live_q <= {(LATENCY - 1){1'b0}};
    end else begin
      v_q    <= {v_q[LATENCY-1:1], v_i};
      live_q <= {live_q[LATENCY-2:1], live};
    end

  // ---- cycle 0: operands ----
  // gain is the PnL of a long and the negated PnL of a short, drop its negative. drop has 2 to add for a short, 1 for a long: one
  // bit more than an adder has a place for, so its operands go through half adders, which leave a place.
  wire [62:0] entry    = {entry_i[61], entry_i};
  wire [62:0] notional = {2'b00, notional_i};
  wire [62:0] gain     = notional + (entry ^ {63{!sign_i}}) + {62'd0, !sign_i};
  wire [62:0] drop_a   = entry ^ {63{sign_i}};
  wire [62:0] drop_b   = ~notional;
  wire [61:0] drop     = (drop_a[61:0] ^ drop_b[61:0]) + {drop_a[60:0] & drop_b[60:0], sign_i} + 62'd1;
  wire [61:0] entry_abs = (entry_i ^ {62{entry_i[61]}}) + {61'd0, entry_i[61]};
  wire        unused_drop = ^{drop_a[62], drop_b[62]};

  wire [95:0] mm       = state_i[`AS_MM];
  wire [71:0] coll     = state_i[`AS_COLL];
  wire        use_floor = coll[71] || coll[70:0] < {10'd0, floor_i};

  reg  [61:0] pnl_q1, entry_q1;
  reg  [60:0] notional_q1;
  reg  [70:0] equity_q1, coll_q1;
  reg  [94:0] mm_q1;
  reg  [86:0] margin_q1;
  reg         up_q1;              // PnL is above 0, unless it is 0
  always @(posedge clk_i)
    if (v_i) begin
      pnl_q1      <= gain[62] ? drop : gain[61:0];
      up_q1       <= gain[62] == sign_i;
      entry_q1    <= entry_abs;
      notional_q1 <= notional_i;
      equity_q1   <= equity[70:0];
      mm_q1       <= mm[94:0] & {95{!mm[95]}};
      margin_q1   <= margin_i[86:0] & {87{!margin_i[87]}};
      coll_q1     <= use_floor ? {10'd0, floor_i} : coll[70:0];
    end

  // ---- the shelf: facts of eight rows, laid down in cycle 0 and taken up in cycle 7; the place is the time modulo 8 ----
  reg  [FACTS-1:0] shelf [0:LATENCY-1];
  reg  [2:0]       time_q;
  wire [2:0]       ago7 = time_q + 3'd1;
  always @(posedge clk_i) begin
    if (rst_i) time_q <= 3'd0;
    else       time_q <= ago7;
    if (v_i) shelf[time_q] <= {state_i[`AS_ID], position_i, sign_i, mag_i, entry_i, equity};
  end

  // ---- cycles 1 to 4: logarithms; in their order, the lowest is operand 0 ----
  wire [7*23-1:0] l;
  fb_log2 #(.WIDTH(62)) u_log2_pnl      (.clk_i(clk_i), .en_i(live_q[4:1]), .x_i(pnl_q1),      .l_o(l[0 * 23 +: 23]));
  fb_log2 #(.WIDTH(62)) u_log2_entry    (.clk_i(clk_i), .en_i(live_q[4:1]), .x_i(entry_q1),    .l_o(l[1 * 23 +: 23]));
  fb_log2 #(.WIDTH(61)) u_log2_notional (.clk_i(clk_i), .en_i(live_q[4:1]), .x_i(notional_q1), .l_o(l[2 * 23 +: 23]));
  fb_log2 #(.WIDTH(71)) u_log2_equity   (.clk_i(clk_i), .en_i(live_q[4:1]), .x_i(equity_q1),   .l_o(l[3 * 23 +: 23]));
  fb_log2 #(.WIDTH(95)) u_log2_mm       (.clk_i(clk_i), .en_i(live_q[4:1]), .x_i(mm_q1),       .l_o(l[4 * 23 +: 23]));
  fb_log2 #(.WIDTH(87)) u_log2_margin   (.clk_i(clk_i), .en_i(live_q[4:1]), .x_i(margin_q1),   .l_o(l[5 * 23 +: 23]));
  fb_log2 #(.WIDTH(71)) u_log2_coll     (.clk_i(clk_i), .en_i(live_q[4:1]), .x_i(coll_q1),     .l_o(l[6 * 23 +: 23]));

  // ---- cycles 1 to 4: class, and its coefficients; in class ZERO 1 for the notional ----
  localparam [3:0]  LOSS = `FB_SIGN_LOSS;
  localparam [3:0]  ZERO = `FB_SIGN_ZERO;
  localparam [3:0]  PROFIT = `FB_SIGN_PROFIT;
  localparam [27:0] ZERO_C = 28'h0000100;
  reg  [1:0]  class_q2, class_q3, class_q4, class_q5, class_q6, class_q7;
  reg  [27:0] c_q5;
  reg  [2:0]  negatives_q5;
  wire [27:0] c4 = class_q4 == PROFIT[1:0] ? profit_c_i : class_q4 == LOSS[1:0] ? loss_c_i : ZERO_C;
  always @(posedge clk_i) begin
    if (live_q[1]) class_q2 <= pnl_q1 == 62'd0 ? ZERO[1:0] : up_q1 ? PROFIT[1:0] : LOSS[1:0];
    if (live_q[2]) class_q3 <= class_q2;
    if (live_q[3]) class_q4 <= class_q3;
    if (live_q[4]) begin
      class_q5     <= class_q4;
      c_q5         <= c4;
      negatives_q5 <= {2'd0, c4[3]} + {2'd0, c4[7]} + {2'd0, c4[11]} + {2'd0, c4[15]} + {2'd0, c4[19]} + {2'd0, c4[23]}
                      + {2'd0, c4[27]};
    end
  end

  // ---- cycles 5 and 6: the sum. A negative term is inverted here; the ones that this lacks come in together as an eighth ----
  wire [8*26-1:0] term;
  genvar i;
  generate
    for (i = 0; i < 7; i = i + 1) begin : g_term
      wire [22:0] li = l[i * 23 +: 23];
      wire [3:0]  c  = c_q5[i * 4 +: 4];
      wire        unused_c = c[2];
      wire [23:0] size = c[0] ? {1'b0, li} : c[1] ? {li, 1'b0} : 24'd0;
      assign term[i * 26 +: 26] = {2'b00, size} ^ {26{c[3]}};
    end
  endgenerate
  assign term[7 * 26 +: 26] = {23'd0, negatives_q5};

  reg  [25:0] sum0_q6, sum1_q6, sum2_q6, sum3_q6;
  wire [26:0] half0 = {sum0_q6[25], sum0_q6} + {sum1_q6[25], sum1_q6};
  wire [26:0] half1 = {sum2_q6[25], sum2_q6} + {sum3_q6[25], sum3_q6};
  reg  [27:0] score_q7;
  always @(posedge clk_i) begin
    if (live_q[5]) begin
      sum0_q6  <= term[0 * 26 +: 26] + term[1 * 26 +: 26];
      sum1_q6  <= term[2 * 26 +: 26] + term[3 * 26 +: 26];
      sum2_q6  <= term[4 * 26 +: 26] + term[5 * 26 +: 26];
      sum3_q6  <= term[6 * 26 +: 26] + term[7 * 26 +: 26];
      class_q6 <= class_q5;
    end
    if (live_q[6]) begin
      score_q7 <= {half0[26], half0} + {half1[26], half1};
      class_q7 <= class_q6;
    end
  end

  // ---- cycle 7: in range or not. The cursor comes before the row: one comparison of {key, account}, accounts upside down ----
  wire [29:0]      key7     = {class_q7, !score_q7[27], score_q7[26:0]};
  wire [FACTS-1:0] facts7   = shelf[ago7];
  wire [31:0]      account7 = facts7[FACTS-1 -: 32];
  wire [3:0]       mask7    = {class_mask_i, 1'b0};   // bit class
  wire             wanted7  = mask7[class_q7];
  wire             after7   = {2'b00, key7, ~account7} < {cursor_key_i, ~cursor_account_i};
  reg              hit_q8;
  reg  [29:0]      key_q8;
  reg  [FACTS-1:0] facts_q8;
  always @(posedge clk_i) begin
    hit_q8 <= !rst_i && live_q[7] && wanted7 && key7 >= from_i && after7;
    if (live_q[7]) begin
      key_q8   <= key7;
      facts_q8 <= facts7;
    end
  end

  assign v_o   = v_q[LATENCY];
  assign hit_o = hit_q8;
  assign key_o = key_q8;
  assign {account_o, position_o, sign_o, mag_o, entry_o, equity_o} = facts_q8;
endmodule

`default_nettype wire
