// What the core spends its cycles on: six counters, of which exactly one counts in every cycle; they sum to the cycles since
// reset.
//
// | counter | cycles in which                                                          |
// |---------|--------------------------------------------------------------------------|
// | idle    | nothing is done                                                          |
// | issue   | a command is checked or its rows are walked                              |
// | drain   | a batch is closed: groups finish, judge and report                       |
// | rank    | a rank is under way                                                      |
// | audit   | no command is under way, and the audit works                             |
// | stalled | a record waits for room at the output, whatever else goes on             |
`default_nettype none

module fb_counters (
  input  wire         clk_i,
  input  wire         rst_i,
  input  wire [1:0]   doing_i,      // 0 nothing, 1 issue, 2 drain, 3 rank
  input  wire         audit_i,      // the audit has an item under way
  input  wire         stalled_i,
  output wire [287:0] counters_o    // 48 bits each: idle lowest, stalled highest
);
  wire [5:0] one = stalled_i ? 6'b100000 : doing_i == 2'd3 ? 6'b001000 : doing_i == 2'd2 ? 6'b000100
                 : doing_i == 2'd1 ? 6'b000010 : audit_i ? 6'b010000 : 6'b000001;
  genvar k;
  generate
    for (k = 0; k < 6; k = k + 1) begin : g_counter
      reg [47:0] count_q;
      always @(posedge clk_i)
        if (rst_i) count_q <= 48'd0;
        else if (one[k]) count_q <= count_q + 48'd1;
      assign counters_o[k * 48 +: 48] = count_q;
    end
  endgenerate
endmodule

`default_nettype wire
