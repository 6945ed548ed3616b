// Icarus bench: drives fb_core with the words of commands.hex, stalls both streams at random, and writes every record
// that is taken to records.hex. `cosim dump` makes the input, `cosim compare` judges the output; run.sh does all three.
//
// What this adds to the Verilated core: a second simulator, and four-state logic: a bit that nobody ever wrote is x. It looks at
// what says that something is wrong as well, because an `if` takes x for no. Now and then the core is given time for its audit.
`default_nettype none
`include "fb_item.vh"

module tb;
  parameter LANES = 2;
  parameter GROUP = 1;
  parameter ROW_BITS = 10;
  parameter SLOT_BITS = 10;
  localparam WORDS_MAX = 65536;
  localparam QUIET_MAX = 200000;   // cycles without a word in or out: the core hangs
  localparam IDLE = 32;            // words in 256 that come late, by up to 255 cycles

  reg          clk, rst, cmd_valid, rec_ready;
  wire         cmd_ready, rec_valid;
  wire [511:0] rec;
  reg  [511:0] command [0:WORDS_MAX-1];
  reg  [511:0] cmd;
  reg  [63:0]  random;
  integer      at, words, batches, ends, quiet, stall, file, cycles, pause, items;
  reg [1023:0] directory, path;

  fb_core #(.LANES(LANES), .GROUP(GROUP), .ROW_BITS(ROW_BITS), .SLOT_BITS(SLOT_BITS)) u_core (
    .clk_i(clk), .rst_i(rst), .cmd_valid_i(cmd_valid), .cmd_ready_o(cmd_ready), .cmd_i(cmd),
    .rec_valid_o(rec_valid), .rec_ready_i(rec_ready), .rec_o(rec));

  // Faults of rows, accounts and shared tables, and findings of the audit.
  localparam GROUPS = LANES / GROUP;
  wire [GROUPS*3-1:0] wrong_in_group;
  wire [LANES*4-1:0]  wrong_in_lane;
  genvar g, k;
  generate
    for (g = 0; g < GROUPS; g = g + 1) begin : g_group
      // A hash of rows reads ladder 0, which may never have been written; the memory of an FPGA starts as zeros.
      wire hashed = u_core.g_group[g].u_group.item_q10[`IT_KIND] == `IK_HASH_ROWS;
      assign wrong_in_group[g * 3 +: 3] = {u_core.g_group[g].u_group.ladder_fault && !hashed,
                                           u_core.g_group[g].u_group.chain_fault, u_core.g_group[g].u_group.found};
      for (k = 0; k < GROUP; k = k + 1) begin : g_lane
        assign wrong_in_lane[(g * GROUP + k) * 4 +: 4] = {
          u_core.g_group[g].u_group.g_lane[k].u_lane.fault_q, u_core.g_group[g].u_group.g_lane[k].u_lane.probe_bad_o,
          u_core.g_group[g].u_group.g_lane[k].u_lane.mismatch_o, u_core.g_group[g].u_group.g_lane[k].u_lane.known_wrong_o};
      end
    end
  endgenerate

  // Drives inputs after the falling edge, samples outputs before the rising one.
  task cycle;
    begin
      #1;
      quiet = quiet + 1;
      if (cmd_valid && cmd_ready === 1'b1) begin
        at = at + 1;
        quiet = 0;
      end
      if (!rst && ^{rec_valid, cmd_ready} === 1'bx) begin
        $display("tb: rec_valid_o or cmd_ready_o is unknown in cycle %0d", cycles);
        $finish;
      end
      if (cycles > 16 && ^{wrong_in_group, wrong_in_lane} === 1'bx) begin
        $display("tb: unknown whether something is wrong in cycle %0d: groups %b, lanes %b", cycles, wrong_in_group,
                 wrong_in_lane);
        $finish;
      end
      if (!rst && rec_ready && rec_valid) begin
        if (^rec[447:0] === 1'bx) begin
          $display("tb: unknown bits in a record in cycle %0d: %h", cycles, rec);
          $finish;
        end
        $fdisplay(file, "%h", rec);
        if (rec[71:64] == 8'h02)
          ends = ends + 1;
        quiet = 0;
      end
      if (!rst && u_core.audit_taken === 1'b1)
        items = items + 1;
      clk = 1'b1;
      #1;
      clk = 1'b0;
      cycles = cycles + 1;
      random = {random[62:0], random[63] ^ random[62] ^ random[60] ^ random[59]};
    end
  endtask

  initial begin
    if (!$value$plusargs("dir=%s", directory) || !$value$plusargs("words=%d", words) ||
        !$value$plusargs("batches=%d", batches) || !$value$plusargs("stall=%d", stall)) begin
      $display("tb: expected +dir= +words= +batches= +stall=");
      $finish;
    end
    $sformat(path, "%0s/commands.hex", directory);
    $readmemh(path, command, 0, words - 1);
    $sformat(path, "%0s/records.hex", directory);
    file = $fopen(path, "w");
    random = 64'h123456789abcdef1;
    at = 0;
    ends = 0;
    quiet = 0;
    cycles = 0;
    pause = 0;
    items = 0;
    clk = 1'b0;
    rst = 1'b1;
    cmd_valid = 1'b0;
    cmd = 512'd0;
    rec_ready = 1'b0;
    cycle;
    cycle;
    rst = 1'b0;
    while ((at < words || ends < batches) && quiet < QUIET_MAX) begin
      // Once offered, a word stays until it is taken; bytes of a withdrawn word may be anything.
      if (at < words && (!cmd_valid || cmd != command[at])) begin
        if (pause > 0)
          pause = pause - 1;
        else if (random[23:16] < IDLE)
          pause = random[31:24];
        cmd_valid = pause == 0 && random[7:0] % 100 >= stall;
        cmd = cmd_valid ? command[at] : {8{random}};
      end else if (at >= words)
        cmd_valid = 1'b0;
      rec_ready = random[15:8] % 100 >= stall;
      cycle;
    end
    $fclose(file);
    $display("tb: %0d of %0d words taken, %0d of %0d batches ended, %0d items of the audit, %0d cycles", at, words, ends,
             batches, items, cycles);
    $finish;
  end
endmodule

`default_nettype wire
