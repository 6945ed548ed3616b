// Proof of fb_session: what others rely on.
`default_nettype none

module formal_session (input wire clk_i);
  // Inside of the module under proof: flattening joins wires of these names.
  (* hierconn *) wire [8:0] \u_session.slot_q ;
  (* anyseq *) reg        rst, master, flr, set, kill, rq_quiet, cc_quiet;
  (* anyseq *) reg [31:0] nonce_new;
  wire        flr_done, start, clear, open, running;
  wire [31:0] nonce;
  wire [7:0]  clear_slot;
  wire [3:0]  state;
  reg         past_q = 1'b0;
  reg         closed_q, open_q, done_q, flr_q, set_q;
  reg [31:0]  nonce_q;
  reg [1:0]   since_start_q;
  reg [8:0]   cleared_q;        // slots emptied since start

  fb_session u_session (.clk_i(clk_i), .rst_i(rst), .bus_master_i(master), .flr_i(flr), .flr_done_o(flr_done), .set_i(set),
    .nonce_i(nonce_new), .kill_i(kill), .rq_quiet_i(rq_quiet), .cc_quiet_i(cc_quiet), .nonce_o(nonce), .start_o(start),
    .clear_o(clear), .clear_slot_o(clear_slot), .open_o(open), .running_o(running), .state_o(state));

  always @(posedge clk_i) begin
    past_q        <= 1'b1;
    closed_q      <= rst || flr || !master;
    {open_q, done_q, flr_q, set_q, nonce_q} <= {open, flr_done, flr, set && nonce_new != nonce, nonce};
    since_start_q <= start ? 2'd0 : since_start_q == 2'd3 ? 2'd3 : since_start_q + 2'd1;
    cleared_q     <= start ? {8'd0, clear} : cleared_q + {8'd0, clear};
    if (!past_q) assume (rst);
    else begin
      assert (state >= 4'd1 && state <= 4'd4);
      // Function reset and loss of bus mastering close at once.
      if (closed_q) assert (!open && nonce == 32'd0);
      if (open || state == 4'd2) assert (nonce != 32'd0 && nonce != 32'hffffffff);
      if (!open && state != 4'd2) assert (nonce == 32'd0);
      // The nonce of an open session does not change.
      if (open_q && open) assert (nonce == nonce_q);
      if (open_q && set_q) assert (!open);
      // The window is empty when a session opens, and settings and counters have been taken over some time ago.
      if (start) assert (clear && clear_slot == 8'd0);
      if (start) assert (!open);
      if (!start && state == 4'd2) assert (cleared_q == u_session.slot_q && {1'b0, clear_slot} + 9'd0 == {1'b0, cleared_q[7:0]});
      if (state == 4'd2 && u_session.slot_q > 9'd3) assert (since_start_q == 2'd3);
      if (state == 4'd2 && !start && u_session.slot_q <= 9'd3) assert ({7'd0, since_start_q} + 9'd1 == u_session.slot_q);
      if (state == 4'd2) assert (start == (u_session.slot_q == 9'd0));
      if (state == 4'd2) assert (u_session.slot_q <= 9'd256);
      if (open) assert (since_start_q == 2'd3);
      if (open && !open_q) assert (cleared_q == 9'd256);
      // A function reset is done only while it is asked for, and stays done.
      if (flr_done) assert (flr_q);
      if (done_q && flr_q && !rst) assert (flr_done || closed_q);
      assert (running == (open && !kill));
      cover (open && !open_q);
      cover (flr_done);
    end
  end
endmodule

`default_nettype wire
