// The endpoint with a stub for the core. One task per case; run.sh runs all at both widths, +only=CASE one.
`default_nettype none
`include "fb_layout.vh"

module card_tb;
  parameter DATA_W = 512;
  localparam LANES = 8, GROUP = 4;
  `include "root.vh"
  `include "cases_bus.vh"
  `include "cases_window.vh"
  `include "cases_session.vh"

  task identity;
    begin
      begin_case("identity");
      reset;
      expect64({52'd0, `FB_REG_MAGIC}, `FB_MAGIC);
      expect32({52'd0, `FB_REG_VERSION}, 32'd1);
      expect32({52'd0, `FB_REG_LAYOUT_HASH}, `FB_LAYOUT_HASH);
      expect32({52'd0, `FB_REG_LANES}, 32'd8);
      expect32({52'd0, `FB_REG_SLOTS}, 32'd256);
      expect64({52'd0, `FB_REG_GIT_HASH}, 64'h0123456789abcdef);
      expect32({52'd0, `FB_REG_STATE}, {28'd0, `FB_CARD_CLOSED});
    end
  endtask

  task commands;
    integer k;
    begin
      begin_case("commands");
      reset;
      open_session(32'h1111, 64'd1000, 6);
      if (statuses != 1 || credit_seen !== 64'd1256) fault("first status line");
      for (k = 0; k < 40; k = k + 1) put(1000 + k, 1);
      drain;
      idle(400);
      host;
      if (records_seen != 40) fault("records");
      if (credit_seen !== 64'd1296) fault("credit");
      expect64({52'd0, `FB_REG_NEXT_SEQ}, 64'd1040);
      expect64({52'd0, `FB_REG_PRODUCED}, 64'd40);
    end
  endtask

  reg [639:0] only;
  reg         all;

  initial begin
    #1;
    only = 0;
    all = !$value$plusargs("only=%s", only);
    if (all || only == "identity") identity;
    if (all || only == "registers") registers;
    if (all || only == "all_ones") all_ones;
    if (all || only == "halves") halves;
    if (all || only == "reads") reads;
    if (all || only == "refused") refused;
    if (all || only == "many_reads") many_reads;
    if (all || only == "interrupts") interrupts;
    if (all || only == "commands") commands;
    if (all || only == "scattered") scattered;
    if (all || only == "wrong_words") wrong_words;
    if (all || only == "stale_races") stale_races;
    if (all || only == "throughput") throughput;
    if (all || only == "gaps") gaps;
    if (all || only == "gap_time") gap_time;
    if (all || only == "kill_switch") kill_switch;
    if (all || only == "sessions") sessions;
    if (all || only == "all_full") all_full;
    if (all || only == "starvation") starvation;
    if (all || only == "late_credit") late_credit;
    if (all || only == "status_lines") status_lines;
    if (all || only == "cuts") cuts;
    if (all || only == "flr_inside_write") flr_inside_write;
    if (all || only == "card_reset") card_reset;
    if (all || only == "counters") counters;
    if (all || only == "soak") soak(60);
    if (faults == 0) $display("card_tb: ok, %0d cycles, %0d bits", cycles, DATA_W);
    else $display("card_tb: %0d faults, %0d cycles", faults, cycles);
    $finish;
  end
endmodule

`default_nettype wire
