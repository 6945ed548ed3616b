// Accounts of a lane: read, add, write, one account a cycle, with forwarding; and what the judge needs to know.
//
// | stage | what                                                                                       |
// |-------|--------------------------------------------------------------------------------------------|
// | 12    | account RAM and level RAM are read                                                         |
// | 13    | the newest state is chosen (RAM, or one of the two writes under way), changed, thresholds looked up |
// | 14    | the new state is written; state14_o goes to the judge                                      |
//
// A write lands at the end of stage 14, so a read sees every account written three or more slots ahead; the two slots between are
// forwarded. The level lives in a RAM of its own, because the judge writes it back later than the sums.
`default_nettype none
`include "fb_layout.vh"
`include "fb_item.vh"

module fb_accounts #(
  parameter SLOT_BITS = 12
) (
  input  wire                 clk_i,
  // stage 12
  input  wire                 v12_i,
  input  wire [SLOT_BITS-1:0] slot12_i,
  // stage 13: what happens to the account
  input  wire                 v13_i,
  input  wire                 update13_i,    // write it back
  input  wire                 account13_i,   // ACCOUNT command
  input  wire                 stir13_i,      // FILL, POSITION, COLLATERAL: the level becomes unknown
  input  wire                 fund13_i,      // funding: the change of equity is one of collateral
  input  wire [`IT_LOW-1:0]   item13_i,
  input  wire signed [71:0]   equity13_i,
  input  wire signed [71:0]   delta13_i,     // change of collateral by command
  input  wire signed [95:0]   mm13_i,
  input  wire [1:0]           bad13_i,
  input  wire                 damage13_i,
  input  wire                 broken13_i,
  input  wire [2:0]           pass13_i,      // 0..2 judges thresholds 1-2, 3-4, 5-6; 4: neighbours of the level
  input  wire                 probe13_i,     // audit: look up the thresholds the item names
  // level written back by the judge
  input  wire                 level_we_i,
  input  wire [SLOT_BITS-1:0] level_slot_i,
  input  wire [3:0]           level_i,
  // clearing walk
  input  wire                 clear_i,
  input  wire [SLOT_BITS-1:0] clear_slot_i,
  // threshold table writes
  input  wire                 twe_i,
  input  wire [6:0]           twaddr_i,
  input  wire                 twdefined_i,
  input  wire [25:0]          twup_i,
  input  wire [25:0]          twdown_i,
  // stage 14
  output wire [`AS_BITS-1:0]  state14_o,
  output wire [SLOT_BITS-1:0] slot14_o,
  output wire [53:0]          threshold14_o, // {b defined, b, a defined, a}
  output wire                 parity14_o,    // the word read failed its parity
  output reg                  probe_bad14_o, // the thresholds probed failed theirs
  output wire [6:0]           probe_at14_o   // {class, index}: one of the two
);
  wire [`AS_MAIN:0] main13;   // parity first
  wire [5:0]        level13;  // parity, unknown, level
  reg  [SLOT_BITS-1:0] slot_q13, slot_q14, slot_q15;
  reg                  write_q14, write_q15, parity_q14;
  reg  [`AS_BITS-1:0]  state_q14, state_q15;
  reg  [53:0]          threshold_q14;
  reg  [6:0]           probe_q14;

  fb_ram #(.WIDTH(`AS_MAIN + 1), .DEPTH(1 << SLOT_BITS), .ADDR_BITS(SLOT_BITS)) u_main (
    .clk_i(clk_i), .we_i(write_q14 || clear_i), .waddr_i(clear_i ? clear_slot_i : slot_q14),
    .wdata_i(clear_i ? {(`AS_MAIN + 1){1'b0}} : {^state_q14[`AS_MAIN-1:0], state_q14[`AS_MAIN-1:0]}),
    .re_i(v12_i), .raddr_i(slot12_i), .rdata_o(main13));

  // In a batch the sums' write sets level and unknown; at its end the judge does. The two never meet: the last row has been
  // written before the first judgement of the drain ends.
  wire [4:0] level_word = level_we_i ? {1'b0, level_i} : state_q14[`AS_BITS-1:`AS_MAIN];
  fb_ram #(.WIDTH(6), .DEPTH(1 << SLOT_BITS), .ADDR_BITS(SLOT_BITS)) u_level (
    .clk_i(clk_i), .we_i(write_q14 || level_we_i || clear_i),
    .waddr_i(clear_i ? clear_slot_i : level_we_i ? level_slot_i : slot_q14),
    .wdata_i(clear_i ? 6'd0 : {^level_word, level_word}),
    .re_i(v12_i), .raddr_i(slot12_i), .rdata_o(level13));

  // stage 13: the newest state
  wire hit14 = write_q14 && slot_q14 == slot_q13;
  wire hit15 = write_q15 && slot_q15 == slot_q13;
  wire parity13 = v13_i && !hit14 && !hit15 && (^main13 || ^level13);
  wire [`AS_BITS-1:0] now = hit14 ? state_q14 : hit15 ? state_q15 : {level13[4:0], main13[`AS_MAIN-1:0]};

  // stage 13: the change
  wire               unused_bits = ^item13_i;
  wire               fresh   = !now[`AS_VALID];
  wire               remove  = account13_i && item13_i[`IT_REMOVE];
  wire signed [71:0] coll    = now[`AS_COLL];
  wire signed [87:0] addend  = now[`AS_ADDEND];
  wire signed [71:0] put_coll = {{10{item13_i[`IT_DELTA_SIGN]}}, item13_i[`IT_DELTA]};
  wire signed [87:0] put_addend = item13_i[`IT_ADDEND];
  wire signed [71:0] equity_base = fresh ? 72'sd0 : now[`AS_EQUITY];
  wire signed [95:0] mm_base     = fresh ? 96'sd0 : now[`AS_MM];
  wire signed [71:0] coll_base   = fresh ? 72'sd0 : coll;
  wire signed [87:0] addend_base = fresh ? 88'sd0 : addend;
  wire signed [95:0] addend_wide = {{8{addend_base[87]}}, addend_base};

  reg [`AS_BITS-1:0] next;
  always @* begin
    next = now;
    // A memory fault leaves sums that nothing can mend but removing the account with its positions.
    next[`AS_BROKEN] = (now[`AS_BROKEN] && !fresh) || broken13_i || parity13;
    if (account13_i) begin
      next[`AS_EQUITY]  = equity_base - coll_base + put_coll;
      next[`AS_MM]      = mm_base - addend_wide + {{8{put_addend[87]}}, put_addend};
      next[`AS_COLL]    = put_coll;
      next[`AS_ADDEND]  = put_addend;
      next[`AS_ID]      = item13_i[`IT_ACCOUNT];
      next[`AS_BAD]     = fresh ? 9'd0 : now[`AS_BAD];
      next[`AS_CLASS]   = item13_i[`IT_CLASS];
      next[`AS_ROLE]    = item13_i[`IT_ROLE];
      next[`AS_HELD]    = item13_i[`IT_HELD];
      next[`AS_DAMAGED] = next[`AS_BROKEN];
      next[`AS_VALID]   = 1'b1;
      next[`AS_LEVEL]   = item13_i[`IT_SET_LEVEL] ? item13_i[`IT_LEVEL] : fresh ? 4'd0 : now[`AS_LEVEL];
      next[`AS_UNKNOWN] = !item13_i[`IT_SET_LEVEL];
    end else begin
      next[`AS_EQUITY]  = now[`AS_EQUITY] + equity13_i;
      next[`AS_MM]      = now[`AS_MM] + mm13_i;
      next[`AS_COLL]    = coll + (fund13_i ? equity13_i : delta13_i);
      next[`AS_BAD]     = now[`AS_BAD] + {{7{bad13_i[1]}}, bad13_i};
      next[`AS_DAMAGED] = now[`AS_DAMAGED] || damage13_i || next[`AS_BROKEN];
      next[`AS_UNKNOWN] = now[`AS_UNKNOWN] || stir13_i;
    end
    if (remove) next = {`AS_BITS{1'b0}};
  end

  // stage 13: which thresholds the judge compares. base: 6 for bankrupt, 0 for fault.
  wire [3:0] level = probe13_i ? item13_i[`IT_LEVEL] : next[`AS_LEVEL];
  wire [3:0] judged = probe13_i ? item13_i[`IT_CLASS] : next[`AS_CLASS];
  wire [2:0] pass  = probe13_i ? {1'b0, item13_i[`IT_PASS]} : pass13_i;
  wire [2:0] base  = level == `FB_LEVEL_FAULT ? 3'd0 : level == `FB_LEVEL_BANKRUPT ? 3'd6 : level[2:0];
  // The neighbours of a level go to either port: so the audit looks up every entry at both.
  wire       swap = probe13_i && item13_i[`IT_FILL];
  wire [2:0] ka = pass[2] ? base + 3'd1 : {pass[1:0], 1'b0} + (swap ? 3'd2 : 3'd1);
  wire [2:0] kb = pass[2] ? base        : {pass[1:0], 1'b0} + (swap ? 3'd1 : 3'd2);
  wire       a_bad, b_bad;
  wire [53:0] threshold13;
  fb_thresholds u_thresholds (
    .clk_i(clk_i), .we_i(twe_i), .waddr_i(twaddr_i), .wdefined_i(twdefined_i), .wup_i(twup_i), .wdown_i(twdown_i),
    .a_addr_i({judged, ka}), .a_down_i(ka <= base), .a_o(threshold13[26:0]),
    .b_addr_i({judged, kb}), .b_down_i(kb <= base), .b_o(threshold13[53:27]),
    .a_bad_o(a_bad), .b_bad_o(b_bad));

  always @(posedge clk_i) begin
    if (v12_i) slot_q13 <= slot12_i;
    write_q14 <= v13_i && update13_i;
    write_q15 <= write_q14;
    parity_q14 <= parity13;
    probe_bad14_o <= probe13_i && (a_bad || b_bad);
    if (probe13_i) probe_q14 <= {judged, b_bad ? kb : ka};
    if (v13_i) begin
      state_q14     <= next;
      slot_q14      <= slot_q13;
      threshold_q14 <= threshold13;
    end
    if (write_q14) begin
      state_q15 <= state_q14;
      slot_q15  <= slot_q14;
    end
  end
  assign state14_o     = state_q14;
  assign slot14_o      = slot_q14;
  assign threshold14_o = threshold_q14;
  assign parity14_o    = parity_q14;
  assign probe_at14_o  = probe_q14;
endmodule

`default_nettype wire
