// The endpoint with the real core: the cycles that the header of fb_card.v publishes, exactly.
`default_nettype none
`include "fb_layout.vh"

module core_tb;
  parameter DATA_W = 512;
  parameter LANES = 16;
  localparam GROUP = 8;
  `include "root.vh"
  `include "commands.vh"

  integer first;

  // An account in lane 3, long 1,000 lots of symbol 0, bankrupt at a value below 95.
  task book;
    begin
      rules;
      begin_command(`FB_OP_ACCOUNT, 32'd77, 1'b1);
      cmd[`FB_CMD_ACCOUNT_COLLATERAL] = 62'd5000;
      cmd[`FB_CMD_PLACE_LANE] = 16'd3;
      send;
      begin_command(`FB_OP_POSITION, 32'd77, 1'b0);
      cmd[`FB_CMD_POSITION_QTY] = 48'd1000;
      cmd[`FB_CMD_POSITION_ENTRY] = 62'd100000;
      cmd[`FB_CMD_PLACE_LANE] = 16'd3;
      cmd[`FB_CMD_PLACE_FLAGS] = 8'd1 << `FB_PLACE_LINK;
      send;
    end
  endtask

  // When each stage is passed for the first time since the first beat; ~0: not yet.
  integer began, at_write, at_whole, at_taken, at_record, at_rq;
  task watch;
    integer k;
    begin
      began = -1;
      {at_write, at_whole, at_taken, at_record, at_rq} = {160{1'b1}};
      for (k = 0; k < 80; k = k + 1) begin
        if (cq_valid === 1'b0 && q_head != q_tail && began < 0) began = cycles;   // offered, and taken, in this cycle
        if (began >= 0) begin
          if (u_card.write && at_write < 0) at_write = cycles - began;
          if (u_card.u_intake.whole && u_card.open && at_whole < 0) at_whole = cycles - began;
          if (u_card.acted && at_taken < 0) at_taken = cycles - began;
          if (u_card.rec_valid && at_record < 0) at_record = cycles - began;
          if (rq_valid && rq_user[20] && at_rq < 0 && rq_data[63:0] != status_line) at_rq = cycles - began;
        end
        cycle;
      end
    end
  endtask

  task equals;
    input [255:0] what;
    input integer found, expected;
    begin
      $display("  %0s: cycle %0d", what, found);
      if (found != expected) begin
        fault("cycle");
        $display("    instead of %0d", expected);
      end
    end
  endtask

  initial begin
    #1;
    test_name = "cycles";
    reset;
    idle(1100);
    seq = 64'd500;
    in_order = 1'b0;
    open_session(32'hcafe, seq, 6);
    book;
    drain;
    idle(2000);
    log_seen = log_size;
    first = log_size;
    mark(52'd90 << 16);
    watch;
    equals("first beat at the window", at_write, 2);
    equals("slot whole", at_whole, 4);
    equals("taken by the core", at_taken, 6);
    equals("record of the core", at_record, 29);
    equals("first beat on RQ", at_rq, 30);
    while (log_address[first % LOG] === status_line) first = first + 1;
    if (log_word[first % LOG][`FB_REC_KIND] !== `FB_KIND_LEVEL || log_word[first % LOG][`FB_REC_ACCOUNT] !== 32'd77
        || log_word[first % LOG][`FB_REC_LEVEL] !== {4'd0, `FB_LEVEL_BANKRUPT}) begin
      fault("record of the mark");
      $display("  %h", log_word[first % LOG]);
    end
    if (faults == 0) $display("core_tb: ok, %0d lanes", LANES);
    else $display("core_tb: %0d faults", faults);
    $finish;
  end
endmodule

`default_nettype wire
