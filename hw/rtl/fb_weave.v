// Check bits of a word that find any two bits that flip, and any odd number, among the word's and their own.
//
// The word lies in rows of six bits. A check bit for each column is its parity; the parity of each row goes into two of the other
// ROW_CHECKS check bits, a pair that no other row has. So a bit of the word changes three check bits and a check bit one: an odd
// number of them never leaves all as they were, nor do two, because no two bits have both the column and the pair. A row is one
// LUT, a check bit of rows another, a column of 36 bits seven.
`default_nettype none

module fb_weave #(
  parameter WIDTH = 74,
  parameter ROW_CHECKS = 6
) (
  input  wire [WIDTH-1:0]      word_i,
  output wire [ROW_CHECKS+5:0] check_o     // {of rows, of columns}
);
  localparam ROWS = (WIDTH + 5) / 6;
  wire [215:0]     bits = {{(216 - WIDTH){1'b0}}, word_i};
  wire [ROWS-1:0]  parity;
  wire [35:0]      sums;                   // of six rows each, bit by bit
  genvar r, k;
  generate
    for (r = 0; r < ROWS; r = r + 1) begin : g_row
      assign parity[r] = ^bits[6 * r +: 6];
    end
    for (k = 0; k < 6; k = k + 1) begin : g_six
      assign sums[6 * k +: 6] = bits[36 * k +: 6] ^ bits[36 * k + 6 +: 6] ^ bits[36 * k + 12 +: 6]
                              ^ bits[36 * k + 18 +: 6] ^ bits[36 * k + 24 +: 6] ^ bits[36 * k + 30 +: 6];
    end
    for (k = 0; k < ROW_CHECKS; k = k + 1) begin : g_check
      assign check_o[6 + k] = ^(parity & members(k));
    end
    if (ROWS > 36 || ROWS > ROW_CHECKS * (ROW_CHECKS - 1) / 2) begin : g_error
      fb_parameter_error more_rows_than_pairs ();
    end
  endgenerate
  assign check_o[5:0] = sums[5:0] ^ sums[11:6] ^ sums[17:12] ^ sums[23:18] ^ sums[29:24] ^ sums[35:30];

  // The rows that go into a check bit. Pairs by distance: neighbours first, and so on, so that all check bits get as many.
  function [ROWS-1:0] members;
    input integer check;
    integer i;
    for (i = 0; i < ROWS; i = i + 1)
      members[i] = i % ROW_CHECKS == check || (i % ROW_CHECKS + 1 + i / ROW_CHECKS) % ROW_CHECKS == check;
  endfunction
endmodule

`default_nettype wire
