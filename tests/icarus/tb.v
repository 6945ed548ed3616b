// Icarus bench: drives fb_core with the words of commands.hex, stalls both streams at random, and writes every record
// that is taken to records.hex. `cosim dump` makes the input, `cosim compare` judges the output; run.sh does all three.
//
// What this adds to the Verilated core: a second simulator, and four-state logic: a bit that nobody ever wrote is x.
`default_nettype none

module tb;
  parameter LANES = 2;
  parameter GROUP = 1;
  parameter ROW_BITS = 10;
  parameter SLOT_BITS = 10;
  localparam WORDS_MAX = 65536;
  localparam QUIET_MAX = 200000;   // cycles without a word in or out: the core hangs

  reg          clk, rst, cmd_valid, rec_ready;
  wire         cmd_ready, rec_valid;
  wire [511:0] rec;
  reg  [511:0] command [0:WORDS_MAX-1];
  reg  [511:0] cmd;
  reg  [63:0]  random;
  integer      at, words, batches, ends, quiet, stall, file, cycles;
  reg [1023:0] directory, path;

  fb_core #(.LANES(LANES), .GROUP(GROUP), .ROW_BITS(ROW_BITS), .SLOT_BITS(SLOT_BITS)) u_core (
    .clk_i(clk), .rst_i(rst), .cmd_valid_i(cmd_valid), .cmd_ready_o(cmd_ready), .cmd_i(cmd),
    .rec_valid_o(rec_valid), .rec_ready_i(rec_ready), .rec_o(rec));

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
        cmd_valid = random[7:0] % 100 >= stall;
        cmd = cmd_valid ? command[at] : {8{random}};
      end else if (at >= words)
        cmd_valid = 1'b0;
      rec_ready = random[15:8] % 100 >= stall;
      cycle;
    end
    $fclose(file);
    $display("tb: %0d of %0d words taken, %0d of %0d batches ended, %0d cycles", at, words, ends, batches, cycles);
    $finish;
  end
endmodule

`default_nettype wire
