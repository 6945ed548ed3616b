// Walker of a group: takes work items in order and issues one row address a cycle, for all lanes of the group in lockstep.
//
// The rows of a symbol lie in a chain of stripes (a stripe is one row address in every lane of the group). head[symbol] names the
// first, next[stripe] the following one and whether there is none. Reading next[] at the address just issued gives one stripe a
// cycle; the head of the following item is fetched meanwhile, so symbols follow each other without a gap.
//
// | stage | what                                                                            |
// |-------|---------------------------------------------------------------------------------|
// | 3     | item arrives; the FIFO of `SLIP` items is passed by when empty; head is read      |
// | 4     | head known: the first stripe is issued, next[] is read                           |
// | 5     | the issue with its item; end5_o: it was the last stripe of its item              |
//
// What an item is gets decoded when it comes to the head (h_..._q), what a walk still has before it when its stripe is issued
// (chain_q, slots_left_q), and whether the next issue must wait in the cycle before it (blocked_q): from next[] to its own
// address are three levels of logic.
//
// Groups share nothing, so a group with fewer rows of a symbol goes on to the next: it may be up to SLIP items ahead of the
// slowest.
`default_nettype none
`include "fb_item.vh"

module fb_walker #(
  parameter ROW_BITS = 12,
  parameter SLOT_BITS = 12,
  parameter SYMBOL_BITS = 10
) (
  input  wire                 clk_i,
  input  wire                 rst_i,
  input  wire                 item_valid_i,   // never held back: ready_o promises room one cycle ahead
  input  wire [`IT_BITS-1:0]  item_i,
  input  wire                 nop_i,          // the item is for another group: only its end counts here
  output wire                 ready_o,
  input  wire                 slow_done_i,    // the issue before (state hash, snapshot, clear) has been dealt with
  input  wire                 rank_go_i,      // the next stripe of a rank may be issued
  input  wire                 rank_idle_i,    // no rank has rows under way: they must not be overtaken by those of the audit
  // stage 4
  output wire                 re4_o,
  output wire [ROW_BITS-1:0]  row4_o,
  // stage 5
  output reg                  v_q5_o,
  output wire                 end5_o,
  output reg  [`IT_BITS-1:0]  item_q5_o,      // slot is the scan counter for scans of all slots
  output reg  [ROW_BITS-1:0]  row_q5_o,
  output reg                  read_q5_o,      // a row word was read for this issue
  output wire                 passed5_o,      // the audit has summed this stripe: it wants the change
  output wire                 clear_o,        // clearing walk: row4_o and slot4_o are the addresses
  output wire [SLOT_BITS-1:0] slot4_o,
  // audit
  output wire                 audit_open_o,   // a window begins: its first slot
  output wire [15:0]          audit_slot_o,
  output wire                 audit_end_o,    // the symbol's last stripe has been issued
  output wire                 chain_fault_o,  // a link failed its parity
  output wire [9:0]           chain_symbol_o
);
  localparam SLIP = 4;
  localparam COUNT_BITS = ROW_BITS > SLOT_BITS ? (ROW_BITS > SYMBOL_BITS ? ROW_BITS : SYMBOL_BITS)
                                               : (SLOT_BITS > SYMBOL_BITS ? SLOT_BITS : SYMBOL_BITS);

  // ---- stage 3: FIFO, passed by when empty ----
  reg [`IT_BITS-1:0] fifo [0:SLIP-1];
  reg [9:0]          fifo_symbol [0:SLIP-1];   // again, so that the address of head[] does not wait for the whole item
  reg [1:0]      put_q, get_q;
  reg [SLIP-1:0] fill_q;                       // as many ones as items, from the lowest
  wire                from_fifo = fill_q[0];
  wire                f_valid   = from_fifo || item_valid_i;
  wire [9:0]          f_symbol  = from_fifo ? fifo_symbol[get_q] : item_i[`IT_SYMBOL];
  wire [`IT_BITS-1:0] f_item    = from_fifo ? fifo[get_q] : {item_i[`IT_BITS-1:4], kind_in};
  wire [3:0]          kind_in   = nop_i ? `IK_NOP : item_i[`IT_KIND];
  wire                f_take;
  wire                push = item_valid_i && (from_fifo || !f_take);
  wire                pop  = f_take && from_fifo;
  // One item may be on its way when this is read and one more may be sent on it.
  assign ready_o = !fill_q[2];
  always @(posedge clk_i) begin
    if (push) begin
      fifo[put_q]        <= {item_i[`IT_BITS-1:4], kind_in};
      fifo_symbol[put_q] <= item_i[`IT_SYMBOL];
    end
    if (rst_i) begin
      put_q  <= 2'd0;
      get_q  <= 2'd0;
      fill_q <= {SLIP{1'b0}};
    end else begin
      if (push) put_q <= put_q + 2'd1;
      if (pop)  get_q <= get_q + 2'd1;
      if (push && !pop)      fill_q <= {fill_q[SLIP-2:0], 1'b1};
      else if (pop && !push) fill_q <= {1'b0, fill_q[SLIP-1:1]};
    end
  end

  // ---- stage 4: head, chain ----
  reg                  h_valid_q;
  reg [`IT_BITS-1:0]   h_item_q;
  reg                  h_chain_q, h_slots_q, h_clear_q, h_put_q, h_link_q, h_unlink_q, h_known_q, h_audit_q, h_slow_q, h_rank_q;
  wire [ROW_BITS+1:0]  head;          // {parity, not empty, stripe}
  reg                  chain_q;       // the issue before belongs to a chain that may go on
  reg                  slots_left_q;  // it belongs to a walk by counter that goes on
  reg                  w_slow_q, w_rank_q, w_clear_q;
  reg [9:0]            w_symbol_q;
  wire [ROW_BITS+1:0]  next;          // {parity, last, stripe}, of the address issued the cycle before
  reg                  blocked_q;     // nothing is issued in this cycle: for one of the three that follow
  reg [1:0]            hold_q;        // a put writes the row RAM two cycles after its issue; nothing is read in between
  reg                  slow_q;        // a slow issue is being dealt with
  reg                  pace_q;        // a rank waits for room
  reg                  unlink_q;
  reg                  scan_q;        // walking slots or addresses by counter
  reg [COUNT_BITS-1:0] ahead_q;       // the next of them
  reg [SLOT_BITS:0]    slots_used_q;  // scans end at the highest slot ever used

  wire [3:0] f_kind = f_item[`IT_KIND];
  wire f_slots = f_kind == `IK_HASH_ACCOUNTS || f_kind == `IK_SNAPSHOT;
  wire h_scans = h_slots_q || h_clear_q;
  wire [3:0] h_kind = h_item_q[`IT_KIND];

  // A link that fails its parity ends the chain: what it says might lead in circles.
  wire next_last = next[ROW_BITS] || ^next;
  wire head_here = head[ROW_BITS] && !(^head);
  wire w_more    = (chain_q && !next_last) || slots_left_q;
  wire go_on     = w_more && !blocked_q;
  wire go_first  = h_valid_q && !blocked_q && !w_more;
  // The audit takes the slots that nobody wants. It never goes between the two passes of a rebinding: there a row that is not yet
  // summed has its old value taken out and would be summed with it.
  wire may_audit = audit_on_q && !h_valid_q && !blocked_q && rank_idle_i && !rank_q5 && !rebind_q;
  wire go_audit  = may_audit && !audit_last && !w_more;
  wire issue     = go_on || (go_first && !h_audit_q) || go_audit;
  wire go_walk   = go_first && h_chain_q && head_here;

  // The address of whatever is issued; nobody looks at it when nothing is.
  wire [COUNT_BITS-1:0] counter = w_more ? ahead_q : {COUNT_BITS{1'b0}};
  wire                  stands  = h_put_q || h_known_q;     // its stripe is named
  wire [ROW_BITS-1:0]   stripe  = h_item_q[`IT_STRIPE_LSB +: ROW_BITS];
  wire [ROW_BITS-1:0] on_row    = slots_left_q ? ahead_q[ROW_BITS-1:0] : next[ROW_BITS-1:0];
  wire [ROW_BITS-1:0] first_row = !h_valid_q ? audit_row : stands ? stripe : h_scans ? {ROW_BITS{1'b0}} : head[ROW_BITS-1:0];
  assign row4_o  = w_more ? on_row : first_row;
  assign re4_o   = (go_on && !slots_left_q) || go_audit || (go_first && (stands || (h_chain_q && head_here)));
  assign slot4_o = counter[SLOT_BITS-1:0];
  wire scanning  = (slots_left_q && !blocked_q) || (go_first && h_scans);
  wire clearing  = slots_left_q || (h_valid_q && h_clear_q);   // where clear_o may be
  wire last_slot = {2'b00, ahead_q} + 1'b1 >= {{(COUNT_BITS + 1 - SLOT_BITS){1'b0}}, slots_used_q};
  assign clear_o = (slots_left_q && w_clear_q && !blocked_q) || (go_first && h_clear_q);

  // A new head must not be read while a link is changed: hold_q covers the cycles after the issue.
  assign f_take = f_valid && hold_q == 2'd0 && (!h_valid_q || (go_first && !h_put_q));

  // A slow issue is blocked until slow_done_i, a rank's until rank_go_i, which knows of an issue two cycles after it.
  wire put_now  = go_first && h_put_q;
  wire slow_now = go_on ? w_slow_q : go_first && h_slow_q;
  wire rank_now = go_on ? w_rank_q : go_walk && h_rank_q;
  wire slow_on  = slow_q && !slow_done_i;
  wire pace_on  = pace_q && !(rank_go_i && !rank_q5);

  // A chain that is empty, and any item without rows, is issued once with no row.
  reg  alone_q5, rank_q5;
  always @(posedge clk_i) begin
    if (rst_i) begin
      h_valid_q    <= 1'b0;
      chain_q      <= 1'b0;
      slots_left_q <= 1'b0;
      blocked_q    <= 1'b0;
      hold_q       <= 2'd0;
      slow_q       <= 1'b0;
      pace_q       <= 1'b0;
      unlink_q     <= 1'b0;
      slots_used_q <= 0;
      v_q5_o       <= 1'b0;
      rank_q5      <= 1'b0;
    end else begin
      if (f_take) h_valid_q <= 1'b1;
      else if (go_first) h_valid_q <= 1'b0;
      if (go_first) chain_q <= h_chain_q && head_here;
      else if (!blocked_q && next_last) chain_q <= 1'b0;
      // Of all slots 0 is the first; the last address is all ones.
      if (go_first) slots_left_q <= h_clear_q || (h_slots_q && |slots_used_q[SLOT_BITS:1]);
      else if (go_on) slots_left_q <= slots_left_q && !(w_clear_q ? &ahead_q : last_slot);
      blocked_q <= put_now || slow_now || rank_now || hold_q[1] || slow_on || pace_on;
      hold_q    <= {put_now, hold_q[1]};
      slow_q    <= slow_now || slow_on;
      pace_q    <= rank_now || pace_on;
      unlink_q  <= go_first && h_unlink_q;
      v_q5_o    <= issue;
      rank_q5   <= rank_now || (go_first && h_rank_q);
      if (go_first && h_kind == `IK_ACCOUNT && {1'b0, h_item_q[`IT_SLOT_LSB +: SLOT_BITS]} >= slots_used_q)
        slots_used_q <= {1'b0, h_item_q[`IT_SLOT_LSB +: SLOT_BITS]} + 1'b1;
      else if (clear_o) slots_used_q <= 0;
    end
    if (f_take) begin
      h_item_q   <= f_item;
      h_chain_q  <= f_kind == `IK_WALK || f_kind == `IK_UNLOAD || f_kind == `IK_LOAD || f_kind == `IK_FUND
                 || f_kind == `IK_HASH_ROWS || f_kind == `IK_RANK;
      h_slots_q  <= f_slots;
      h_clear_q  <= f_kind == `IK_CLEAR;
      h_put_q    <= f_kind == `IK_ROW;
      h_link_q   <= f_kind == `IK_ROW && f_item[`IT_LINK];
      h_unlink_q <= f_kind == `IK_ROW && f_item[`IT_UNLINK];
      h_known_q  <= f_kind == `IK_KNOWN;
      h_audit_q  <= f_kind == `IK_AUDIT;
      h_slow_q   <= f_slots || f_kind == `IK_HASH_ROWS;
      h_rank_q   <= f_kind == `IK_RANK;
    end
    if (go_first) begin
      w_symbol_q <= h_item_q[`IT_SYMBOL];
      w_slow_q   <= h_slow_q;
      w_rank_q   <= h_rank_q;
      w_clear_q  <= h_clear_q;
      scan_q     <= h_scans;
    end
    if (go_first || go_on) ahead_q <= counter + 1'b1;
    if (go_first) item_q5_o <= h_item_q;
    if (go_audit) begin
      item_q5_o[15:0]       <= {12'd0, `IK_AUDIT};
      item_q5_o[`IT_LADDER] <= audit_ladder_q;
      item_q5_o[`IT_U]      <= audit_u_q;
      item_q5_o[`IT_KNOWN]  <= 1'b0;
    end
    if (scanning) item_q5_o[`IT_SLOT] <= {{(16 - SLOT_BITS){1'b0}}, counter[SLOT_BITS-1:0]};
    if (issue) begin
      row_q5_o  <= row4_o;
      read_q5_o <= re4_o;
      alone_q5  <= h_valid_q && !w_more && !h_scans && !(h_chain_q && head_here);
    end
  end
  assign end5_o = alone_q5 || (scan_q ? !slots_left_q : next_last);

  // ---- audit ----
  // A stripe is passed when its bit equals the window's phase; the phase turns with each window, so that no walk is needed to
  // forget. When a window ends all stripes in chains must have that bit. So a stripe that joins a chain counts as passed, unless
  // the audit is still to come to its symbol.
  reg                 audit_on_q;     // audit_row_q, or what is being read at it, is next
  reg                 fetch_q;        // the stripe before was issued in the last cycle: next tells where to go
  reg [ROW_BITS-1:0]  audit_row_q, dropped_q;
  reg                 window_q, phase_q, rebind_q;
  reg [9:0]           audit_symbol_q;
  reg [7:0]           audit_ladder_q;
  reg [51:0]          audit_u_q;
  wire                audit_last = fetch_q && next_last;
  wire [ROW_BITS-1:0] audit_row  = fetch_q ? next[ROW_BITS-1:0] : audit_row_q;
  wire                take_audit = go_first && h_audit_q;
  wire                mine = window_q && h_item_q[`IT_SYMBOL] == audit_symbol_q;
  wire                drops = unlink_q && audit_on_q && audit_row_q == dropped_q;
  always @(posedge clk_i) begin
    if (rst_i || clear_o) begin
      audit_on_q <= 1'b0;
      fetch_q    <= 1'b0;
      window_q   <= 1'b0;
      phase_q    <= 1'b0;
      rebind_q   <= 1'b0;
    end else begin
      fetch_q <= go_audit;
      if (take_audit) audit_on_q <= head_here;
      else if (audit_last || (drops && next_last)) audit_on_q <= 1'b0;
      if (take_audit && h_item_q[`IT_OPEN]) phase_q <= !phase_q;
      if (take_audit) window_q <= 1'b1;
      if (go_first && h_kind == `IK_UNLOAD) rebind_q <= 1'b1;
      else if (go_first && h_kind == `IK_LOAD) rebind_q <= 1'b0;
    end
    if (take_audit) begin
      audit_row_q    <= head[ROW_BITS-1:0];
      audit_symbol_q <= h_item_q[`IT_SYMBOL];
      audit_u_q      <= h_item_q[`IT_U];
      audit_ladder_q <= h_item_q[`IT_LADDER];
    end else begin
      if (fetch_q || drops) audit_row_q <= next[ROW_BITS-1:0];
      // A mark or a rebinding that comes between two stripes: the rest is valued as it says.
      if (go_first && mine && (h_kind == `IK_WALK || h_kind == `IK_LOAD)) begin
        audit_u_q      <= h_item_q[`IT_U];
        audit_ladder_q <= h_item_q[`IT_LADDER];
      end
    end
    dropped_q <= head[ROW_BITS-1:0];
  end
  assign audit_open_o = take_audit && h_item_q[`IT_OPEN];
  assign audit_slot_o = h_item_q[`IT_SLOT];
  reg audit_was_q, taken_q;
  always @(posedge clk_i) begin
    audit_was_q <= !rst_i && audit_on_q;
    taken_q     <= !rst_i && take_audit;
  end
  assign audit_end_o = (audit_was_q || taken_q) && !audit_on_q;

  wire link_passed = !window_q || h_item_q[`IT_PAST] ? phase_q : !phase_q;
  reg  link_q5, link_passed_q5, window_q5;
  wire bit5;
  fb_ram #(.WIDTH(1), .DEPTH(1 << ROW_BITS), .ADDR_BITS(ROW_BITS)) u_passed (
    .clk_i(clk_i), .we_i(go_audit || link || clear_o), .waddr_i(row4_o),
    .wdata_i(!clearing && (h_valid_q ? link_passed : phase_q)),
    .re_i(re4_o), .raddr_i(row4_o), .rdata_o(bit5));
  always @(posedge clk_i) if (issue) {link_q5, link_passed_q5, window_q5} <= {link, link_passed, window_q};
  assign passed5_o = window_q5 && (link_q5 ? link_passed_q5 : bit5) == phase_q;

  // Links are read whenever a chain is walked; they are checked then.
  reg head_read_q, next_read_q;
  reg [9:0] link_symbol_q;
  always @(posedge clk_i) begin
    head_read_q <= !rst_i && go_first && (h_chain_q || h_audit_q || h_link_q || h_unlink_q) && ^head;
    next_read_q <= !rst_i && ((go_on && !slots_left_q) || go_audit || go_walk || (go_first && h_unlink_q));
    if (issue || take_audit) link_symbol_q <= w_more ? w_symbol_q : h_valid_q ? h_item_q[`IT_SYMBOL] : audit_symbol_q;
  end
  assign chain_fault_o  = head_read_q || (next_read_q && ^next);
  assign chain_symbol_o = link_symbol_q;

  // ---- tables ----
  // Link: next[stripe] = head, head = stripe. Unlink: head = next[head], one cycle after next[head] was read.
  wire link = go_first && h_link_q;
  wire [ROW_BITS:0] popped  = {!next[ROW_BITS], next[ROW_BITS-1:0]};
  wire [ROW_BITS:0] head_in = unlink_q ? popped : clearing ? {(ROW_BITS + 1){1'b0}} : {1'b1, stripe};
  wire [ROW_BITS:0] next_in = {!head[ROW_BITS], head[ROW_BITS-1:0]};
  wire [SYMBOL_BITS-1:0] clear_symbol = slots_left_q ? ahead_q[SYMBOL_BITS-1:0] : {SYMBOL_BITS{1'b0}};
  fb_ram #(.WIDTH(ROW_BITS + 2), .DEPTH(1 << SYMBOL_BITS), .ADDR_BITS(SYMBOL_BITS)) u_head (
    .clk_i(clk_i), .we_i(link || unlink_q || clear_o),
    .waddr_i(unlink_q ? w_symbol_q : clearing ? clear_symbol : h_item_q[`IT_SYMBOL]),
    .wdata_i({^head_in, head_in}),
    .re_i(f_take), .raddr_i(f_symbol), .rdata_o(head));
  fb_ram #(.WIDTH(ROW_BITS + 2), .DEPTH(1 << ROW_BITS), .ADDR_BITS(ROW_BITS)) u_next (
    .clk_i(clk_i), .we_i(link), .waddr_i(stripe), .wdata_i({^next_in, next_in}),
    .re_i(re4_o), .raddr_i(!w_more && h_valid_q && h_unlink_q ? head[ROW_BITS-1:0] : row4_o), .rdata_o(next));
endmodule

`default_nettype wire
