// Parity of a wide word, in steps of six bits: one LUT each, three levels for 216 bits.
`default_nettype none

module fb_parity #(
  parameter WIDTH = 64
) (
  input  wire [WIDTH-1:0] word_i,
  output wire             parity_o
);
  wire [215:0] bits = {{(216 - WIDTH){1'b0}}, word_i};
  wire [35:0]  six;
  wire [5:0]   more;
  genvar k;
  generate
    for (k = 0; k < 36; k = k + 1) begin : g_six
      assign six[k] = ^bits[6 * k +: 6];
    end
    for (k = 0; k < 6; k = k + 1) begin : g_more
      assign more[k] = ^six[6 * k +: 6];
    end
    if (WIDTH > 215) begin : g_error
      fb_parameter_error too_wide ();
    end
  endgenerate
  assign parity_o = ^more;
endmodule

`default_nettype wire
