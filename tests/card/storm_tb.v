// The endpoint with the real core in a storm: all accounts of a symbol breach at one mark, at either width of the bus. Every
// account must be told once with its own equity, two in nearly every word, in no more cycles than hw/README.md says.
`default_nettype none
`include "fb_layout.vh"

module storm_tb;
  parameter DATA_W = 512;
  parameter LANES = 8;
  parameter CHANGES = 96;
  localparam GROUP = 8;
  localparam BEATS = DATA_W == 512 ? 2 : 3;         // of a record, and of a command
  localparam STRIPES = (CHANGES + LANES - 1) / LANES;
  localparam REST = 38;    // the way through card and core, the first words, which leave alone, and status lines
  `include "root.vh"
  `include "commands.vh"

  // Account i: lane i mod LANES, long 1,000 lots of symbol 0 at 100, bankrupt at 90, by more or less.
  task book;
    integer i;
    begin
      rules;
      for (i = 0; i < CHANGES; i = i + 1) begin
        begin_command(`FB_OP_ACCOUNT, i, 1'b1);
        cmd[`FB_CMD_ACCOUNT_COLLATERAL] = 5000 - i % 4000;
        cmd[`FB_CMD_PLACE_LANE] = i % LANES;
        cmd[`FB_CMD_PLACE_SLOT] = i / LANES;
        send;
        begin_command(`FB_OP_POSITION, i, i + 1 < CHANGES);
        cmd[`FB_CMD_POSITION_POSITION] = i;
        cmd[`FB_CMD_POSITION_QTY] = 48'd1000;
        cmd[`FB_CMD_POSITION_ENTRY] = 62'd100000;
        cmd[`FB_CMD_PLACE_LANE] = i % LANES;
        cmd[`FB_CMD_PLACE_SLOT] = i / LANES;
        cmd[`FB_CMD_PLACE_ROW] = i / LANES;
        cmd[`FB_CMD_PLACE_FLAGS] = i % GROUP == 0 ? 8'd1 << `FB_PLACE_LINK : 8'd0;
        send;
      end
    end
  endtask

  reg [CHANGES-1:0] told;
  integer pairs, words, changes, end_at;
  task change;
    input [31:0] account;
    input [63:0] equity;
    input [3:0]  level;
    begin
      changes = changes + 1;
      if (account >= CHANGES || told[account] !== 1'b0) fault("an account that is not there, or told twice");
      else told[account] = 1'b1;
      if (equity !== -64'd5000 - account % 4000 || level !== `FB_LEVEL_BANKRUPT) fault("equity or level of a change");
    end
  endtask

  // The records of the mark, from `first` of the log on.
  task look;
    input integer first;
    integer k;
    reg [511:0] w;
    begin
      {pairs, words, changes} = 0;
      told = 0;
      end_at = -1;
      for (k = first; k < log_size; k = k + 1) if (log_address[k] !== status_line) begin
        w = log_word[k];
        words = words + 1;
        if (w[`FB_REC_SEQ] !== seq - 64'd1) fault("sequence");
        if (w[`FB_REC_KIND] === `FB_KIND_LEVEL_PAIR) begin
          pairs = pairs + 1;
          change(w[127:96], w[191:128], w[83:80]);
          change(w[`FB_REC_LEVEL_PAIR_SECOND], w[255:192], w[79:76]);
        end else if (w[`FB_REC_KIND] === `FB_KIND_LEVEL) change(w[127:96], w[191:128], w[83:80]);
        else begin
          end_at = log_cycle[k] + BEATS - 1;
          if (w[`FB_REC_KIND] !== `FB_KIND_BATCH_END || w[`FB_REC_BATCH_END_COUNT] !== changes) fault("end of the batch");
        end
      end
      if (changes != CHANGES) fault("not everybody was told");
    end
  endtask

  integer first, from, took, most;
  initial begin
    #1;
    test_name = "storm";
    reset;
    idle(1100);
    seq = 64'd1;
    in_order = 1'b0;
    open_session(32'hcafe, seq, 15);
    book;
    while (log_size == 0 || log_word[log_size - 1][`FB_REC_SEQ] !== seq - 64'd1) cycle;   // its BATCH_END
    idle(100);
    first = log_size;
    mark(52'd90 << 16);
    drain;
    from = first_beat_cycle + BEATS - 1;
    idle(STRIPES + BEATS * CHANGES + 200);
    look(first);
    took = end_at - from;
    most = STRIPES + (CHANGES > BEATS * words ? CHANGES : BEATS * words) + REST;
    $display("  %0d bits, %0d lanes, %0d changes in %0d words, %0d pairs: last beat %0d cycles after the command's, at most %0d",
             DATA_W, LANES, changes, words, pairs, took, most);
    if (took > most) fault("too slow");
    if (words > CHANGES / 2 + 6) fault("too many words");
    if (faults == 0) $display("storm_tb: ok");
    else $display("storm_tb: %0d faults", faults);
    $finish;
  end
endmodule

`default_nettype wire
