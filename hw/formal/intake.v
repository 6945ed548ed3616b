// Proof of fb_intake, with a window that may hold anything: only a whole word with the session's nonce, a good check word
// and exactly the next sequence acts; NEXT_SEQ counts what acts and nothing else; a word that is offered stays until it is
// taken; nothing acts while the session is closed or the kill switch is on.
`default_nettype none
`include "fb_layout.vh"

module formal_intake (input wire clk_i);
  // Inside of the module under proof: flattening joins wires of these names.
  (* hierconn *) wire \u_intake.valid1_q ;
  (* hierconn *) wire \u_intake.valid2_q ;
  (* hierconn *) wire \u_intake.discard ;
  (* hierconn *) wire [63:0] \u_intake.read_q ;
  (* hierconn *) wire [63:0] \u_intake.seq1_q ;
  (* hierconn *) wire [31:0] \u_intake.wrong2_q ;
  (* hierconn *) wire [511:0] \u_intake.word2_q ;
  (* hierconn *) wire \u_intake.other2_q ;
  `include "fb_crc32c.vh"
  (* anyseq *) reg         rst, start, open, kill, write, clear, ready;
  (* anyseq *) reg [63:0]  first, be;
  (* anyseq *) reg [31:0]  nonce;
  (* anyseq *) reg [7:0]   row, clear_slot;
  (* anyseq *) reg [15:0]  next;
  (* anyseq *) reg [511:0] data;
  wire         cmd_valid, acted;
  wire [511:0] cmd;
  wire [63:0]  next_seq;
  wire [30:0]  stale;
  reg          past_q = 1'b0, begun_q = 1'b0, fresh_q, offered_q, acted_q, open_q, start_q, discard_q;
  reg [511:0]  cmd_q;
  reg [63:0]   next_seq_q;
  reg [31:0]   nonce_q;
  reg [30:0]   stale_q;
  wire         v1 = u_intake.valid1_q, v2 = u_intake.valid2_q;

  fb_intake u_intake (.clk_i(clk_i), .rst_i(rst), .start_i(start), .first_seq_i(first), .open_i(open), .running_i(open && !kill),
    .nonce_i(nonce), .write_i(write), .row_i(row), .next_i(next), .data_i(data), .be_i(be), .clear_i(clear),
    .clear_slot_i(clear_slot), .cmd_valid_o(cmd_valid), .cmd_ready_i(ready), .cmd_o(cmd), .acted_o(acted),
    .next_seq_o(next_seq), .stale_o(stale));

  always @(posedge clk_i) begin
    past_q <= 1'b1;
    {offered_q, acted_q, open_q, start_q, discard_q} <= {cmd_valid && !ready, acted, open, start, u_intake.discard};
    {cmd_q, next_seq_q, nonce_q, stale_q} <= {cmd, next_seq, nonce, stale};
    begun_q <= past_q;
    fresh_q <= start || (fresh_q && !open);          // a session has been started, and not yet opened
    if (!past_q) assume (rst && !open);
    else if (!begun_q) assume (!rst && start && !open);
    else begin
      assume (!rst);
      // fb_session: proven there.
      assume (!start || !open);
      if (start_q) assume (!open);
      if (open && !open_q) assume (fresh_q);
      if (open && open_q) assume (nonce == nonce_q);
      assert (acted == (cmd_valid && ready));
      if (cmd_valid) begin
        assert (open && !kill);
        assert (cmd[`FB_CMD_NONCE] == nonce && cmd[`FB_CMD_SEQ] == next_seq);
        assert (cmd[`FB_CMD_CHECK] == fb_crc32c(cmd[479:0]));
      end
      if (offered_q && open && !kill) assert (cmd_valid && cmd == cmd_q);
      if (!start_q) assert (next_seq == next_seq_q + {63'd0, acted_q});
      assert (stale == stale_q || (stale == stale_q + 31'd1 && discard_q));
      assert (!(u_intake.discard && acted));
      // What holds it together.
      if (open && open_q) assert (u_intake.read_q == next_seq + {63'd0, v1} + {63'd0, v2});
      if (!open_q) assert (!v1 && !v2);
      if (fresh_q) assert (!open_q && u_intake.read_q == next_seq);
      if (v1) assert (u_intake.seq1_q == next_seq + {63'd0, v2});
      if (v2) begin
        assert (u_intake.wrong2_q == (fb_crc32c(u_intake.word2_q[479:0]) ^ u_intake.word2_q[`FB_CMD_CHECK]));
        assert (u_intake.other2_q == (u_intake.word2_q[`FB_CMD_NONCE] != nonce_q || u_intake.word2_q[`FB_CMD_SEQ] != next_seq));
      end
      cover (acted && acted_q);
      cover (u_intake.discard);
    end
  end
endmodule

`default_nettype wire
