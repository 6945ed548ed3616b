// Icarus bench of fb_weave: what its check bits find, for every pair of bits.
//
// The module is linear, which random words show; so what one bit changes says what several do. Two bits, of the word or of the
// check bits, must never change the same, and every bit must change an odd number.
`default_nettype none

module weave_case #(
  parameter WIDTH = 74,
  parameter ROW_CHECKS = 6
) (
  input wire start_i
);
  localparam CHECKS = ROW_CHECKS + 6, ALL = WIDTH + CHECKS;
  reg  [WIDTH-1:0]  word, other;
  wire [CHECKS-1:0] check;
  reg  [CHECKS-1:0] first, second, change [0:ALL-1];
  integer i, j, wrong, seed;
  fb_weave #(.WIDTH(WIDTH), .ROW_CHECKS(ROW_CHECKS)) u_weave (.word_i(word), .check_o(check));

  task draw;
    output [WIDTH-1:0] w;
    for (j = 0; j < WIDTH; j = j + 1) w[j] = $random(seed);
  endtask

  always @(posedge start_i) begin
    wrong = 0;
    seed = 1;
    for (i = 0; i < 1000; i = i + 1) begin
      draw(word);
      draw(other);
      #1 first = check;
      word = word ^ other;
      #1 second = check;
      word = other;
      #1 if (check !== (first ^ second)) wrong = wrong + 1;
    end
    for (i = 0; i < ALL; i = i + 1) begin
      word = 0;
      if (i < WIDTH) word[i] = 1'b1;
      #1 change[i] = check;
      if (i >= WIDTH) change[i] = 1 << (i - WIDTH);
    end
    for (i = 0; i < ALL; i = i + 1) begin
      if (^change[i] !== 1'b1) wrong = wrong + 1;
      for (j = 0; j < i; j = j + 1) if (change[i] === change[j]) wrong = wrong + 1;
    end
    $display("weave: %0d and %0d bits, %0d wrong", WIDTH, CHECKS, wrong);
  end
endmodule

module weave_tb;
  reg start;
  weave_case #(.WIDTH(74), .ROW_CHECKS(6)) u_sums (.start_i(start));
  weave_case #(.WIDTH(128), .ROW_CHECKS(8)) u_fixed (.start_i(start));
  weave_case #(.WIDTH(5), .ROW_CHECKS(3)) u_least (.start_i(start));
  weave_case #(.WIDTH(168), .ROW_CHECKS(8)) u_most (.start_i(start));
  initial begin
    start = 1'b0;
    #1 start = 1'b1;
  end
endmodule

`default_nettype wire
