// Commands of the benches with the real core: one is begun, filled in by field, and sent with number, nonce and check word.
// Included after root.vh.
reg [63:0]  seq;
reg [511:0] cmd;

task begin_command;
  input [7:0]  op;
  input [31:0] account;
  input        more;
  begin
    cmd = 512'd0;
    cmd[`FB_CMD_OP] = op;
    cmd[`FB_CMD_ACCOUNT] = account;
    cmd[`FB_CMD_FLAGS] = {7'd0, more};
  end
endtask

// Waits while the command window is nearly full.
task send;
  begin
    cmd[`FB_CMD_SEQ]   = seq;
    cmd[`FB_CMD_NONCE] = nonce;
    cmd[`FB_CMD_CHECK] = crc(cmd[479:0]);
    while (seq >= u_card.next_seq + 64'd200) cycle;
    put_word(seq, cmd);
    seq = seq + 1;
  end
endtask

// What accounts need: MM of 100e-7, a class that is liquidated at 90 %, and symbol 0 at 100. The batch stays open.
task rules;
  begin
    begin_command(`FB_OP_RESET, 32'd0, 1'b0);
    send;
    begin_command(`FB_OP_LADDER, 32'd0, 1'b1);
    cmd[`FB_CMD_LADDER_RATE] = 24'd100;
    send;
    begin_command(`FB_OP_CLASS, 32'd0, 1'b1);
    cmd[`FB_CMD_COUNT] = 8'd1;
    cmd[`FB_CMD_CLASS_UP_LSB +: 32] = 32'd9000000;
    cmd[`FB_CMD_CLASS_DOWN_LSB +: 32] = 32'd9000000;
    send;
    begin_command(`FB_OP_SYMBOL, 32'd0, 1'b1);
    cmd[`FB_CMD_SYMBOL_U] = 52'd100 << 16;
    send;
  end
endtask

task mark;
  input [51:0] u;
  begin
    begin_command(`FB_OP_MARKS, 32'd0, 1'b0);
    cmd[`FB_CMD_COUNT] = 8'd1;
    cmd[`FB_CMD_MARKS_MARK_LSB +: 64] = {u, 12'd0};
    send;
  end
endtask
