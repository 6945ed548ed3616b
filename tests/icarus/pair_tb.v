// Icarus bench of fb_pair: what streams reach too seldom, sums at the edge of what fits beside a change that waits.
//
// A queue beside the module says in every cycle what must be on the output: the oldest two that wait as one word if both fit, by
// the bits of hw/contract/tables.md and comparisons of numbers; else the oldest; else at once what comes. So a word is neither
// late, lost, twice nor changed while it is on offer, no pair is made that should not be, and none is missed.
`default_nettype none

module pair_tb;
  localparam CYCLES = 60000;
  reg          clk, rst, valid, rec_ready, taken;
  reg  [447:0] word;
  wire         ready, rec_valid;
  wire [447:0] rec;
  fb_pair u_pair (.clk_i(clk), .rst_i(rst), .valid_i(valid), .ready_o(ready), .word_i(word), .change_i(word),
                  .rec_valid_o(rec_valid), .rec_ready_i(rec_ready), .rec_o(rec));

  reg          out_v;
  reg  [447:0] out, q0, q1;
  integer      n, seed, cycle, pairs, alone, wrong, pace;
  reg  [63:0]  seq;

  function fits;
    input [447:0] w;
    reg signed [72:0] equity;
    reg signed [96:0] mm;
    begin
      equity = {w[199], w[199:128]};
      mm     = {w[351], w[351:256]};
      fits = w[71:64] == 8'h01 && equity >= -(73'sd1 << 63) && equity < (73'sd1 << 63) && mm >= 97'sd0
             && mm < (97'sd1 << 80) && w[399:384] == 16'd0 && w[415:408] == 8'd0;
    end
  endfunction

  function [447:0] packed2;
    input [447:0] a, b;
    packed2 = {b[127:96], b[335:320], a[335:320], b[319:256], a[319:256], b[191:128], a[191:128],
               a[127:96], b[403:400], a[91:88], a[403:400], a[83:80], b[83:80], b[91:88], 8'h0d, a[63:0]};
  endfunction

  function [63:0] draw;
    input dummy;
    draw = {$random(seed), $random(seed)};
  endfunction

  // Mostly changes that fit; the edges of both sums from both sides.
  task make_word;
    reg [71:0] equity;
    reg [95:0] mm;
    reg [63:0] r, s;
    begin
      r = draw(0);
      s = draw(0);
      case (r[3:0])
        4'd0: equity = 72'h007fffffffffffffff;
        4'd1: equity = 72'h008000000000000000;
        4'd2: equity = 72'hff8000000000000000;
        4'd3: equity = 72'hff7fffffffffffffff;
        4'd4: equity = {r[15:8], s};
        4'd5: equity = 72'd1 << r[14:8] % 72;
        default: equity = {{8{s[63]}}, s};
      endcase
      s = draw(0);
      case (r[19:16])
        4'd0: mm = 96'h0000ffffffffffffffffffff;
        4'd1: mm = 96'h000100000000000000000000;
        4'd2: mm = {96{1'b1}};
        4'd3: mm = {r[63:32], s};
        4'd4: mm = 96'd1 << r[30:24] % 96;
        default: mm = {16'd0, r[47:32], s};
      endcase
      s = draw(0);
      word = 448'd0;
      word[63:0]    = seq;
      word[71:64]   = 8'h01;
      word[83:80]   = s[3:0] % 9;
      word[91:88]   = s[7:4] % 9;
      word[127:96]  = s[63:32];
      word[255:128] = {{56{equity[71]}}, equity};
      word[383:256] = {{32{mm[95]}}, mm};
      word[403:400] = s[11:8];
      if (s[15:12] == 4'd0)
        word[392:384] = 9'd1 << s[19:16] % 9;
      if (s[23:20] == 4'd0)
        word[408] = 1'b1;
      if (s[27:24] == 4'd0)
        word[71:64] = s[29:28] == 2'd0 ? 8'h08 : s[29:28] == 2'd1 ? 8'h0b : s[29:28] == 2'd2 ? 8'h04 : 8'h02;
      if (word[71:64] == 8'h02)
        seq = seq + 64'd1;
    end
  endtask

  task look;
    begin
      if (rec_valid !== out_v || (out_v && rec !== out) || ready !== (!out_v || rec_ready || n < 2)) begin
        if (wrong < 3)
          $display("pair: cycle %0d: valid %b ready %b word %h, expected valid %b, %0d wait, word %h", cycle, rec_valid, ready,
                   rec, out_v, n, out);
        wrong = wrong + 1;
      end
    end
  endtask

  // What the edge does to the queue.
  task step;
    reg take;
    begin
      take = valid && (!out_v || rec_ready || n < 2);
      taken = 1'b0;
      if (!out_v || rec_ready) begin
        out_v = n > 0 || take;
        if (n == 2 && fits(q0) && fits(q1)) begin
          out = packed2(q0, q1);
          n = 0;
          pairs = pairs + 1;
        end else if (n > 0) begin
          out = q0;
          q0 = q1;
          n = n - 1;
          alone = alone + 1;
        end else if (take) begin
          out = word;
          take = 1'b0;
          taken = 1'b1;
          alone = alone + 1;
        end
      end
      if (take) begin
        if (n == 0) q0 = word;
        else q1 = word;
        n = n + 1;
        taken = 1'b1;
      end
    end
  endtask

  initial begin
    clk = 1'b0;
    rst = 1'b1;
    valid = 1'b0;
    rec_ready = 1'b0;
    word = 448'd0;
    seq = 64'd1;
    seed = 7;
    n = 0;
    out_v = 1'b0;
    {pairs, alone, wrong, pace} = 0;
    #1 clk = 1'b1;
    #1 clk = 1'b0;
    rst = 1'b0;
    for (cycle = 0; cycle < CYCLES; cycle = cycle + 1) begin
      if (cycle % 512 == 0)
        pace = cycle / 512 % 5;
      // Once offered, a word stays until it is taken.
      if (!valid && (pace != 4 || $random(seed) % 3 == 0)) begin
        make_word;
        valid = 1'b1;
      end
      rec_ready = pace == 0 || (pace < 3 ? cycle % (pace + 1) == 0 : $random(seed) % 4 == 0);
      #1 look;
      clk = 1'b1;
      #1 step;
      if (taken)
        valid = 1'b0;
      clk = 1'b0;
    end
    $display("pair: %0d cycles, %0d pairs, %0d words alone, %0d wrong", cycle, pairs, alone, wrong);
    $finish;
  end
endmodule

`default_nettype wire
