// Hash of a word, three cycles, one word a cycle: CRC-64/XZ of 56 bytes, then two rounds of shift, xor and add.
//
// The CRC is a flat parity tree a bit (fb_hash.vh). The mix is not linear, so that a sum of hashes is not fooled by fields
// exchanged between records. The tag travels with the word.
//
// | cycle | what                    |
// |-------|-------------------------|
// | 0     | the word is kept        |
// | 1     | parity trees            |
// | 2     | x ^= x >> 32; x += x << 21; x ^= x >> 29; x += x << 37; x ^= x >> 32 |
// | 3     | hash_o                  |
`default_nettype none

module fb_digest (
  input  wire         clk_i,
  input  wire         rst_i,
  input  wire         valid_i,
  input  wire [1:0]   tag_i,
  input  wire [447:0] word_i,
  output wire         busy_o,    // words in cycle 1 or 2
  output wire         valid_o,
  output wire [1:0]   tag_o,
  output wire [63:0]  hash_o
);
  `include "fb_hash.vh"

  reg        v_q1, v_q2, v_q3;
  reg [1:0]  tag_q1, tag_q2, tag_q3;
  reg [447:0] word_q1;
  reg [63:0] crc_q2, hash_q3;
  wire [63:0] a2 = crc_q2 ^ (crc_q2 >> 32);
  wire [63:0] b2 = a2 + (a2 << 21);
  wire [63:0] c2 = b2 ^ (b2 >> 29);
  wire [63:0] d2 = c2 + (c2 << 37);
  always @(posedge clk_i) begin
    if (rst_i) {v_q1, v_q2, v_q3} <= 3'd0;
    else {v_q1, v_q2, v_q3} <= {valid_i, v_q1, v_q2};
    if (valid_i) {tag_q1, word_q1} <= {tag_i, word_i};
    if (v_q1)    {tag_q2, crc_q2}  <= {tag_q1, fb_crc64(word_q1)};
    if (v_q2)    {tag_q3, hash_q3} <= {tag_q2, d2 ^ (d2 >> 32)};
  end
  assign busy_o  = v_q1 || v_q2;
  assign valid_o = v_q3;
  assign tag_o   = tag_q3;
  assign hash_o  = hash_q3;
endmodule

`default_nettype wire
