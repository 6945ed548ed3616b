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
  output wire                 idle_o,
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
  reg                fifo_nop [0:SLIP-1];
  reg [1:0] put_q, get_q;
  reg [2:0] count_q;
  wire                from_fifo = count_q != 3'd0;
  wire                f_valid   = from_fifo || item_valid_i;
  wire [9:0]          f_symbol  = from_fifo ? fifo_symbol[get_q] : item_i[`IT_SYMBOL];
  wire                f_take;
  wire                push = item_valid_i && !(f_take && !from_fifo);
  wire                pop  = f_take && from_fifo;
  // One item may be on its way when this is read and one more may be sent on it.
  assign ready_o = count_q <= 3'd2;
  always @(posedge clk_i) begin
    if (push) begin
      fifo[put_q]        <= item_i;
      fifo_symbol[put_q] <= item_i[`IT_SYMBOL];
      fifo_nop[put_q]    <= nop_i;
    end
    if (rst_i) begin
      put_q   <= 2'd0;
      get_q   <= 2'd0;
      count_q <= 3'd0;
    end else begin
      if (push) put_q <= put_q + 2'd1;
      if (pop)  get_q <= get_q + 2'd1;
      count_q <= count_q + {2'd0, push} - {2'd0, pop};
    end
  end

  // ---- stage 4: head, chain ----
  reg                  h_valid_q;
  reg [`IT_BITS-1:0]   h_item_q;
  reg                  h_nop_q;
  wire [ROW_BITS+1:0]  head;          // {parity, not empty, stripe}
  reg                  w_valid_q;     // walking: the issue before belongs to an item that may have a next stripe
  reg [3:0]            w_kind_q;
  reg [9:0]            w_symbol_q;
  wire [ROW_BITS+1:0]  next;          // {parity, last, stripe}, of the address issued the cycle before
  reg [1:0]            hold_q;        // a put writes the row RAM two cycles after its issue; nothing is read in between
  reg                  unlink_q;
  reg                  scan_q;        // walking slots or addresses by counter
  reg [COUNT_BITS-1:0] counter_q;
  reg [SLOT_BITS:0]    slots_used_q;  // scans end at the highest slot ever used
  reg                  wait_q;        // a slow issue is being dealt with

  wire [3:0] h_kind  = h_nop_q ? `IK_NOP : h_item_q[`IT_KIND];
  wire h_chain = h_kind == `IK_WALK || h_kind == `IK_UNLOAD || h_kind == `IK_LOAD || h_kind == `IK_FUND
              || h_kind == `IK_HASH_ROWS || h_kind == `IK_RANK;
  wire h_scan  = h_kind == `IK_HASH_ACCOUNTS || h_kind == `IK_SNAPSHOT;
  wire h_clear = h_kind == `IK_CLEAR;
  wire h_put   = h_kind == `IK_ROW;
  wire h_known = h_kind == `IK_KNOWN;
  wire h_audit = h_kind == `IK_AUDIT;

  wire w_slow  = w_kind_q == `IK_HASH_ROWS || w_kind_q == `IK_HASH_ACCOUNTS || w_kind_q == `IK_SNAPSHOT;
  // A link that fails its parity ends the chain: what it says might lead in circles.
  wire next_last = next[ROW_BITS] || ^next;
  wire head_here = head[ROW_BITS] && !(^head);
  wire w_more  = w_valid_q && !(scan_q ? scan_last : next_last);
  wire [COUNT_BITS-1:0] last_address = {COUNT_BITS{1'b1}};
  wire [COUNT_BITS+1:0] counter_after = {2'b00, counter_q} + 1'b1;
  wire scan_last = w_kind_q == `IK_CLEAR ? counter_q == last_address
                                       : counter_after >= {{(COUNT_BITS + 1 - SLOT_BITS){1'b0}}, slots_used_q};

  wire blocked  = hold_q != 2'd0 || (wait_q && !slow_done_i) || (w_valid_q && w_kind_q == `IK_RANK && !rank_go_i);
  wire go_on    = w_more && !blocked;
  wire go_first = h_valid_q && !w_more && !blocked;
  // The audit takes the slots that nobody wants. It never goes between the two passes of a rebinding: there a row that is not yet
  // summed has its old value taken out and would be summed with it.
  wire go_audit = audit_on_q && !audit_last && !w_more && !h_valid_q && !blocked && rank_idle_i && !rebind_q;
  wire issue    = go_on || (go_first && !h_audit) || go_audit;
  wire h_scans  = h_scan || h_clear;
  wire [COUNT_BITS-1:0] counter = go_on ? counter_q + 1'b1 : {COUNT_BITS{1'b0}};
  wire scanning = go_on ? scan_q : go_first && h_scans;

  // A new head must not be read while a link is changed: hold_q covers the cycles after the issue.
  assign f_take = f_valid && (!h_valid_q || go_first) && hold_q == 2'd0 && !(go_first && h_put);

  // A chain that is empty, and any item without rows, is issued once with no row.
  wire [ROW_BITS-1:0] first_row = h_put || h_known ? h_item_q[`IT_STRIPE_LSB +: ROW_BITS] : head[ROW_BITS-1:0];
  assign row4_o = scanning ? counter[ROW_BITS-1:0] : go_on ? next[ROW_BITS-1:0] : go_audit ? audit_row : first_row;
  wire first_reads = h_put || h_known || (h_chain && head_here);
  assign re4_o  = !scanning && (go_on || go_audit || (go_first && first_reads));
  assign slot4_o = counter[SLOT_BITS-1:0];
  assign clear_o = go_on ? w_kind_q == `IK_CLEAR : go_first && h_clear;

  reg       alone_q5;
  always @(posedge clk_i) begin
    if (rst_i) begin
      h_valid_q    <= 1'b0;
      w_valid_q    <= 1'b0;
      hold_q       <= 2'd0;
      unlink_q     <= 1'b0;
      wait_q       <= 1'b0;
      slots_used_q <= 0;
      v_q5_o       <= 1'b0;
    end else begin
      if (f_take) h_valid_q <= 1'b1;
      else if (go_first) h_valid_q <= 1'b0;
      if (go_first) w_valid_q <= h_scans || (h_chain && head_here);
      else if (!w_more && !blocked) w_valid_q <= 1'b0;
      hold_q <= go_first && h_put ? 2'd2 : hold_q == 2'd0 ? 2'd0 : hold_q - 2'd1;
      unlink_q <= go_first && h_put && h_item_q[`IT_UNLINK];
      if (go_on || go_first) wait_q <= go_on ? w_slow : h_scan || h_kind == `IK_HASH_ROWS;
      else if (slow_done_i) wait_q <= 1'b0;
      v_q5_o <= issue;
      if (go_first && h_kind == `IK_ACCOUNT && {1'b0, h_item_q[`IT_SLOT_LSB +: SLOT_BITS]} >= slots_used_q)
        slots_used_q <= {1'b0, h_item_q[`IT_SLOT_LSB +: SLOT_BITS]} + 1'b1;
      else if (clear_o) slots_used_q <= 0;
    end
    if (f_take) begin
      h_item_q <= from_fifo ? fifo[get_q] : item_i;
      h_nop_q  <= from_fifo ? fifo_nop[get_q] : nop_i;
    end
    if (go_first) begin
      w_kind_q     <= h_kind;
      w_symbol_q <= h_item_q[`IT_SYMBOL];
      scan_q   <= h_scans;
    end
    if (issue) begin
      counter_q  <= counter;
      if (go_first) begin
        item_q5_o <= h_item_q;
        item_q5_o[`IT_KIND] <= h_kind;
      end else if (go_audit) begin
        item_q5_o[15:0]       <= {12'd0, `IK_AUDIT};
        item_q5_o[`IT_LADDER] <= audit_ladder_q;
        item_q5_o[`IT_U]      <= audit_u_q;
        item_q5_o[`IT_KNOWN]  <= 1'b0;
      end
      row_q5_o   <= row4_o;
      read_q5_o  <= re4_o;
      alone_q5 <= !go_on && !go_audit && !h_scans && !(h_chain && head_here);
      if (scanning) item_q5_o[`IT_SLOT] <= {{(16 - SLOT_BITS){1'b0}}, counter[SLOT_BITS-1:0]};
    end
  end
  assign end5_o = alone_q5 || (scan_q ? scan_last : next_last);
  assign idle_o = !h_valid_q && !w_valid_q && count_q == 3'd0 && !item_valid_i && hold_q == 2'd0;

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
  wire                take_audit = go_first && h_audit;
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
    .clk_i(clk_i), .we_i(go_audit || link || clear_o), .waddr_i(row4_o), .wdata_i(!clear_o && (link ? link_passed : phase_q)),
    .re_i(re4_o), .raddr_i(row4_o), .rdata_o(bit5));
  always @(posedge clk_i) if (issue) {link_q5, link_passed_q5, window_q5} <= {link, link_passed, window_q};
  assign passed5_o = window_q5 && (link_q5 ? link_passed_q5 : bit5) == phase_q;

  // Links are read whenever a chain is walked; they are checked then.
  reg head_read_q, next_read_q;
  reg [9:0] link_symbol_q;
  always @(posedge clk_i) begin
    head_read_q <= !rst_i && ((go_first && h_chain) || take_audit || link || unlink) && ^head;
    next_read_q <= !rst_i && re4_o && !(go_first && ((h_put && !unlink) || h_known));
    if (issue || take_audit) link_symbol_q <= go_audit ? audit_symbol_q : go_on ? w_symbol_q : h_item_q[`IT_SYMBOL];
  end
  assign chain_fault_o  = head_read_q || (next_read_q && ^next);
  assign chain_symbol_o = link_symbol_q;

  // ---- tables ----
  // Link: next[stripe] = head, head = stripe. Unlink: head = next[head], one cycle after next[head] was read.
  wire link   = go_first && h_put && h_item_q[`IT_LINK];
  wire unlink = go_first && h_put && h_item_q[`IT_UNLINK];
  wire [ROW_BITS:0] popped  = {!next[ROW_BITS], next[ROW_BITS-1:0]};
  wire [ROW_BITS:0] head_in = clear_o ? {(ROW_BITS + 1){1'b0}} : unlink_q ? popped : {1'b1, row4_o};
  wire [ROW_BITS:0] next_in = {!head[ROW_BITS], head[ROW_BITS-1:0]};
  fb_ram #(.WIDTH(ROW_BITS + 2), .DEPTH(1 << SYMBOL_BITS), .ADDR_BITS(SYMBOL_BITS)) u_head (
    .clk_i(clk_i), .we_i(link || unlink_q || clear_o),
    .waddr_i(clear_o ? counter[SYMBOL_BITS-1:0] : unlink_q ? w_symbol_q : h_item_q[`IT_SYMBOL]),
    .wdata_i({^head_in, head_in}),
    .re_i(f_take), .raddr_i(f_symbol), .rdata_o(head));
  fb_ram #(.WIDTH(ROW_BITS + 2), .DEPTH(1 << ROW_BITS), .ADDR_BITS(ROW_BITS)) u_next (
    .clk_i(clk_i), .we_i(link), .waddr_i(row4_o), .wdata_i({^next_in, next_in}),
    .re_i(re4_o), .raddr_i(unlink ? head[ROW_BITS-1:0] : row4_o), .rdata_o(next));
endmodule

`default_nettype wire
