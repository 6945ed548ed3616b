// Proof: CQ never waits. The hard block hands over a non-posted request only on credit, of which it counts at most 32; the
// request is at fb_requests two cycles later. Nothing is assumed about how it starts (any count), about CC (nothing may
// ever be taken), or about function resets.
`default_nettype none
`include "fb_request.vh"

module formal_requests (input wire clk_i);
  // Inside of the module under proof: flattening joins wires of these names.
  (* hierconn *) wire [6:0] \u_requests.count_q ;
  (* hierconn *) wire [5:0] \u_requests.head_q ;
  (* hierconn *) wire [5:0] \u_requests.tail_q ;
  (* anyseq *) reg rst, forget, deliver, pop;
  (* anyconst *) reg [5:0] count_at_first;
  (* anyseq *) reg [`RE_BITS-1:0] entry;
  reg        past_q = 1'b0;
  reg [5:0]  credit_q;          // the hard block's count
  reg [1:0]  flight_q;          // delivered, in fb_cq
  wire       valid, np_req, full;
  wire [`RE_BITS-1:0] out;
  wire       go = deliver && |credit_q && !full;

  fb_requests u_requests (.clk_i(clk_i), .rst_i(rst), .forget_i(forget), .push_i(flight_q[1] && !rst), .entry_i(entry),
                          .pop_i(pop && valid && !forget), .valid_o(valid), .entry_o(out), .np_req_o(np_req), .full_o(full));

  wire [6:0] sum = u_requests.count_q + {1'b0, credit_q} + {6'd0, flight_q[0]} + {6'd0, flight_q[1]};
  wire [6:0] more = {1'b0, credit_q} + {6'd0, np_req} - {6'd0, go};
  always @(posedge clk_i) begin
    past_q   <= 1'b1;
    credit_q <= more > 7'd32 ? 6'd32 : more[5:0];
    flight_q <= rst ? 2'd0 : {flight_q[0], go};
    if (!past_q) begin
      assume (rst && credit_q == count_at_first && count_at_first <= 6'd32 && flight_q == 2'd0);
    end else begin
      assert (credit_q <= 6'd32);
      assert (!full);
      assert (u_requests.count_q <= 7'd64);
      // What holds it together: the count can grow only while there is room for all of it.
      assert (sum <= 7'd60);
      assert (!np_req || u_requests.count_q <= 7'd23);
      assert (u_requests.tail_q == u_requests.head_q + u_requests.count_q[5:0]);
      cover (credit_q == 6'd32 && u_requests.count_q == 7'd20);
    end
  end
endmodule

`default_nettype wire
