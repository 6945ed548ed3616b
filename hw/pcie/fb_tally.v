// Counters of 48 bits, lowest first; one_i says which counts in this cycle.
`default_nettype none

module fb_tally #(
  parameter COUNTERS = 6
) (
  input  wire                   clk_i,
  input  wire                   rst_i,
  input  wire [COUNTERS-1:0]    one_i,
  output wire [COUNTERS*48-1:0] counters_o
);
  genvar k;
  generate
    for (k = 0; k < COUNTERS; k = k + 1) begin : g_counter
      reg [47:0] count_q;
      always @(posedge clk_i)
        if (rst_i) count_q <= 48'd0;
        else if (one_i[k]) count_q <= count_q + 48'd1;
      assign counters_o[k * 48 +: 48] = count_q;
    end
  endgenerate
endmodule

`default_nettype wire
