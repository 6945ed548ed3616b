// Proof of fb_completer: a beat that is offered stays until it is taken; a completion that has begun ends, with exactly the
// dwords that its descriptor says, whatever happens to the function; none crosses a 128-byte boundary.
`default_nettype none
`include "fb_request.vh"

module formal_completer #(
  parameter DATA_W = 512,
  parameter USER_W = DATA_W == 512 ? 81 : 33
) (input wire clk_i);
  // Inside of the module under proof: flattening joins wires of these names.
  (* hierconn *) wire [2:0] \u_completer.state_q ;
  (* hierconn *) wire [3:0] \u_completer.lane_q ;
  (* hierconn *) wire [2:0] \u_completer.beat_q ;
  (* hierconn *) wire [2:0] \u_completer.sent_q ;
  (* hierconn *) wire [10:0] \u_completer.left_q ;
  (* hierconn *) wire [5:0] \u_completer.chunk_q ;
  (* hierconn *) wire [5:0] \u_completer.chunk ;
  (* hierconn *) wire \u_completer.refused ;
  (* hierconn *) wire [13:0] \u_completer.address_q ;
  (* hierconn *) wire \u_completer.forget_q ;
  localparam LANES = DATA_W / 32;
  (* anyseq *) reg                rst, forget, request, tready;
  (* anyseq *) reg [`RE_BITS-1:0] entry;
  (* anyseq *) reg [31:0]         value;
  wire                 pop, idle, refused, read, tlast, tvalid;
  wire [13:0]          address;
  wire [DATA_W-1:0]    tdata;
  wire [LANES-1:0]     tkeep;
  wire [USER_W-1:0]    tuser;
  reg                  past_q = 1'b0, held_q, tlast_q, inside_q;
  reg [DATA_W-1:0]     tdata_q;
  reg [LANES-1:0]      tkeep_q;
  reg [USER_W-1:0]     tuser_q;
  reg [6:0]            sent_q;      // dwords of this completion taken
  reg [6:0]            length_q;    // of this completion, from its descriptor
  reg [5:0]            to_boundary_q;

  fb_completer #(.DATA_W(DATA_W), .USER_W(USER_W)) u_completer (
    .clk_i(clk_i), .rst_i(rst), .forget_i(forget), .request_i(request), .entry_i(entry), .pop_o(pop), .idle_o(idle),
    .refused_o(refused), .read_o(read), .address_o(address), .value_i(value), .tdata_o(tdata), .tkeep_o(tkeep),
    .tlast_o(tlast), .tuser_o(tuser), .tvalid_o(tvalid), .tready_i(tready));

  localparam [2:0] IDLE = 3'd0, HEAD = 3'd1, ASK = 3'd2, FILL = 3'd3, SEND = 3'd4;
  wire [2:0] state = u_completer.state_q;
  wire [4:0] lane  = {1'b0, u_completer.lane_q};
  wire [2:0] beat  = u_completer.beat_q;
  wire [6:0] gathered = beat * LANES[6:0] + {2'd0, lane};      // dwords, those of the descriptor included
  wire [5:0] chunk = u_completer.chunk_q;
  integer    k;
  reg [4:0]  kept;
  always @* begin
    kept = 5'd0;
    for (k = 0; k < LANES; k = k + 1) kept = kept + {4'd0, tkeep[k]};
  end

  always @(posedge clk_i) begin
    past_q <= 1'b1;
    {held_q, tlast_q, tdata_q, tkeep_q, tuser_q} <= {tvalid && !tready && !rst, tlast, tdata, tkeep, tuser};
    if (state == HEAD) begin
      length_q      <= u_completer.refused ? 7'd3 : {1'b0, u_completer.chunk} + 7'd3;
      to_boundary_q <= 6'd32 - {1'b0, u_completer.address_q[4:0]};
      sent_q        <= 7'd0;
      inside_q      <= 1'b0;
    end
    if (tvalid && tready) begin
      sent_q   <= sent_q + {2'd0, kept};
      inside_q <= !tlast;
    end
    if (rst) inside_q <= 1'b0;
    if (!past_q) assume (rst);
    else begin
      assume (!rst);
      if (request) assume (entry[`RE_DWORDS] <= 11'd1024);
      if (held_q) assert (tvalid && tlast == tlast_q && tdata == tdata_q && tkeep == tkeep_q && tuser == tuser_q);
      assert (state <= SEND);
      if (idle || state == HEAD) assert (!tvalid);
      // The hard block nullifies a packet in which tvalid falls.
      if (inside_q) assert (tvalid);
      if (state == HEAD) assert (u_completer.refused || u_completer.left_q != 11'd0);
      if (state == ASK || state == FILL || state == SEND) begin
        // In the descriptor stands what will be sent, no more than goes up to the boundary.
        assert (gathered + {1'b0, chunk} == length_q);
        assert (length_q >= 7'd3 && length_q <= 7'd35 && length_q - 7'd3 <= {1'b0, to_boundary_q});
        assert (lane < LANES && (beat != 3'd0 || lane >= 5'd3));
        assert ((state == SEND) == (chunk == 6'd0));
        assert (inside_q == (u_completer.sent_q != 3'd0));
        assert (sent_q == u_completer.sent_q * LANES[6:0] && sent_q < length_q);
        if (state != SEND) assert (!inside_q);
        if (sent_q == 7'd0) assert (tdata[42:32] + 11'd3 == {4'd0, length_q});
        if (state == SEND) begin
          assert (tlast == (sent_q + {2'd0, kept} == length_q));
          assert (tlast ? kept != 5'd0 : &tkeep);
        end
      end
      if (inside_q) assert (state == SEND);
    end
  end
endmodule

`default_nettype wire
