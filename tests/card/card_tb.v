// The endpoint with a stub for the core. One task per case; run.sh runs all at both widths.
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

  initial begin
    #1;
    identity;
    registers;
    all_ones;
    halves;
    reads;
    refused;
    many_reads;
    interrupts;
    commands;
    scattered;
    wrong_words;
    stale_races;
    throughput;
    gaps;
    gap_time;
    kill_switch;
    sessions;
    all_full;
    starvation;
    late_credit;
    status_lines;
    cuts;
    flr_inside_write;
    card_reset;
    counters;
    soak(60);
    if (faults == 0) $display("card_tb: ok, %0d cycles, %0d bits", cycles, DATA_W);
    else $display("card_tb: %0d faults, %0d cycles", faults, cycles);
    $finish;
  end
endmodule

`default_nettype wire
