// Icarus bench of fb_score and fb_log2: drives the vectors of score_vectors.py and compares every output in every cycle.
//
// A line of vectors.hex is a command, bit 708 set, or a row with what is expected of it:
//   command: {side, class mask, exclude level, profit_c, loss_c, from, cursor key, cursor account, floor}
//   row:     {hit, key, valid, sign, magnitude, entry, position, notional, margin, account state}
// A command waits until the rows before it have left. Between rows there are random gaps in which all other inputs are unknown:
// a register that listens to them shows as x.
//
// fb_log2 alone: all 2^17 mantissas with a leading one below bit 17 and at the very top, some at every other exponent. The
// operand is put together from exponent and mantissa, so that nothing here looks for a leading one.
`default_nettype none
`include "fb_item.vh"

module score_tb;
  localparam LATENCY = 8;
  localparam LOG2_LATENCY = 4;
  localparam LINES_MAX = 1 << 20;
  localparam SHOWN_MAX = 10;

  reg          clk, rst;
  reg  [63:0]  random;
  integer      wrong, vectors, cycles;
  reg [1023:0] directory, path;

  function [63:0] shuffle; // xorshift
    input [63:0] x;
    reg   [63:0] y;
    begin
      y = x ^ (x << 13);
      y = y ^ (y >> 7);
      shuffle = y ^ (y << 17);
    end
  endfunction

  // ---- fb_score ----
  reg  [708:0] line [0:LINES_MAX-1];
  reg  [708:0] command, row;
  reg          v, valid;
  integer      lines, at;
  wire         v_out, hit, sign;
  wire [29:0]  key;
  wire [31:0]  account, position;
  wire [47:0]  mag;
  wire [61:0]  entry;
  wire [71:0]  equity;
  fb_score u_score (
    .clk_i(clk), .rst_i(rst), .side_i(command[218]), .class_mask_i(command[217:215]), .exclude_level_i(command[214:211]),
    .profit_c_i(command[210:183]), .loss_c_i(command[182:155]), .from_i(command[154:125]), .cursor_key_i(command[124:93]),
    .cursor_account_i(command[92:61]), .floor_i(command[60:0]),
    .v_i(v), .valid_i(row[676]), .sign_i(row[675]), .mag_i(row[674:627]), .entry_i(row[626:565]), .position_i(row[564:533]),
    .notional_i(row[532:472]), .margin_i(row[471:384]), .state_i(row[383:0]),
    .v_o(v_out), .hit_o(hit), .key_o(key), .account_o(account), .position_o(position), .sign_o(sign), .mag_o(mag),
    .entry_o(entry), .equity_o(equity));

  // The slots under way, the newest at 0.
  reg  [LATENCY:0] slot_v;
  reg  [708:0]     slot [0:LATENCY];
  integer          k;
  wire [708:0]     old = slot[LATENCY];

  task wrong_row;
    input [8*10-1:0] what;
    begin
      wrong = wrong + 1;
      if (wrong <= SHOWN_MAX) begin
        $display("score: cycle %0d: %0s", cycles, what);
        $display("  command %h\n  row     %h", command, old);
        $display("  got     v %b hit %b key %h account %h position %h sign %b mag %h entry %h equity %h", v_out, hit, key,
                 account, position, sign, mag, entry, equity);
      end
    end
  endtask

  // Inputs change after the falling edge; outputs are looked at before the rising one.
  task cycle;
    begin
      for (k = LATENCY; k > 0; k = k - 1) begin
        slot_v[k] = slot_v[k - 1];
        slot[k] = slot[k - 1];
      end
      slot_v[0] = v;
      slot[0] = row;
      #1;
      if (v_out !== slot_v[LATENCY]) wrong_row("v_o");
      else if (hit !== (slot_v[LATENCY] && old[707])) wrong_row("hit_o");
      else if (hit && {key, account, position, sign, mag, entry, equity}
               !== {old[706:677], old[96 +: 32], old[564:533], old[675], old[674:627], old[626:565], old[128 +: 72]})
        wrong_row("facts");
      clk = 1'b1;
      #1;
      clk = 1'b0;
      cycles = cycles + 1;
      random = shuffle(random);
    end
  endtask

  task gap;
    input integer length;
    integer n;
    begin
      v = 1'b0;
      row = {709{1'bx}};
      for (n = 0; n < length; n = n + 1) cycle;
    end
  endtask

  task test_score;
    begin
      for (at = 0; at < lines; at = at + 1)
        if (line[at][708] === 1'b1) begin
          gap(LATENCY);
          command = line[at];
        end else if (line[at][708] === 1'b0) begin
          if (random[2:0] == 3'd0) gap({29'd0, random[5:3]} + 1);
          v = 1'b1;
          row = line[at];
          vectors = vectors + 1;
          cycle;
        end else begin
          wrong = wrong + 1;
          $display("score: line %0d is unknown", at);
        end
      gap(LATENCY);
      // A reset drops what is under way.
      v = 1'b1;
      for (at = lines - LATENCY; at < lines; at = at + 1) begin
        row = line[at];
        cycle;
      end
      rst = 1'b1;
      cycle;
      rst = 1'b0;
      slot_v = 0;
      gap(LATENCY);
    end
  endtask

  // ---- fb_log2 ----
  reg  [16:0] fraction [0:(1 << 17) - 1];
  reg  [95:0] x;
  reg  [3:0]  log2_en;
  reg  [22:0] l_expected [0:LOG2_LATENCY];
  reg  [4:0]  log2_v;
  wire [22:0] l;
  fb_log2 u_log2 (.clk_i(clk), .en_i(log2_en), .x_i(x), .l_o(l));

  // One operand; once in eight times a cycle without one follows.
  task log2_cycle;
    input        new;
    input [95:0] operand;
    input [22:0] expected;
    integer      j;
    begin
      for (j = LOG2_LATENCY; j > 0; j = j - 1) l_expected[j] = l_expected[j - 1];
      l_expected[0] = expected;
      log2_v = {log2_v[3:0], new};
      log2_en = log2_v[3:0];
      x = operand;
      #1;
      if (log2_v[LOG2_LATENCY] && l !== l_expected[LOG2_LATENCY]) begin
        wrong = wrong + 1;
        if (wrong <= SHOWN_MAX) $display("score: logarithm: got %h, expected %h", l, l_expected[LOG2_LATENCY]);
      end
      clk = 1'b1;
      #1;
      clk = 1'b0;
      random = shuffle(random);
    end
  endtask

  task log2_of;
    input [6:0]  e;
    input [16:0] m;  // has zeros where there are no bits below the leading one
    reg   [95:0] below;
    begin
      below = e <= 17 ? 96'd0 : {random[31:0], random} & ((96'd1 << (e - 17)) - 96'd1);
      if (m[3:0] == 4'd15) below = 96'd0;
      log2_cycle(1'b1, below | (e <= 17 ? {78'd0, 1'b1, m} >> (17 - e) : {78'd0, 1'b1, m} << (e - 17)),
                 {e, 16'd0} + {6'd0, fraction[m]});
      vectors = vectors + 1;
      if (random[34:32] == 3'd0) log2_cycle(1'b0, {96{1'bx}}, 23'd0);
    end
  endtask

  task test_log2;
    integer e, m;
    begin
      for (e = 0; e < 96; e = e + 1)
        for (m = 0; m < 1 << 17; m = e == 16 || e == 95 ? m + 1 : m + 1 + {24'd0, random[7:0]} * 4)
          if (e >= 17) log2_of(e[6:0], m[16:0]);
          else log2_of(e[6:0], m[16:0] & ~((17'd1 << (17 - e)) - 17'd1));
      log2_cycle(1'b1, 96'd0, {6'd0, fraction[0]});
      vectors = vectors + 1;
      for (m = 0; m < LOG2_LATENCY; m = m + 1) log2_cycle(1'b0, 96'd0, 23'd0);
    end
  endtask

  initial begin
    if (!$value$plusargs("dir=%s", directory) || !$value$plusargs("lines=%d", lines) || lines > LINES_MAX) begin
      $display("score: expected +dir= and +lines=, at most %0d", LINES_MAX);
      $finish;
    end
    $sformat(path, "%0s/vectors.hex", directory);
    $readmemh(path, line, 0, lines - 1);
    $sformat(path, "%0s/fractions.hex", directory);
    $readmemh(path, fraction);
    random = 64'h123456789abcdef1;
    wrong = 0;
    vectors = 0;
    cycles = 0;
    slot_v = 0;
    log2_v = 5'd0;
    log2_en = 4'd0;
    clk = 1'b0;
    rst = 1'b1;
    command = 709'd0;
    v = 1'b0;
    row = {709{1'bx}};
    for (k = 0; k < 2; k = k + 1) begin // the first edges: outputs are still unknown
      #1 clk = 1'b1;
      #1 clk = 1'b0;
    end
    rst = 1'b0;
    test_score;
    test_log2;
    $display("score: %0d vectors, %0d wrong", vectors, wrong);
    $finish;
  end
endmodule

`default_nettype wire
