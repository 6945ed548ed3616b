// Words that leave a group: level changes, snapshot entries and state items, laid out as the contract says.
//
// One lane at a time. The sequence is put in by the collector, so its bytes are zero here.
`default_nettype none
`include "fb_layout.vh"
`include "fb_item.vh"

module fb_words (
  input  wire [223:0]        rec_i,      // {2, level before, level, damaged, class, bad, id, mm, equity}: see fb_lane
  output reg  [447:0]        level_o,
  input  wire [`AS_BITS-1:0] state_i,
  input  wire [199:0]        row_i,      // {33, no_rank, entry, qty, addend, position}
  input  wire [9:0]          symbol_i,
  output reg  [447:0]        snapshot_o,
  output reg  [447:0]        account_item_o,
  output reg  [447:0]        row_item_o
);
  always @* begin
    level_o = 448'd0;
    level_o[`FB_REC_KIND]           = `FB_KIND_LEVEL;
    level_o[`FB_REC_LEVEL]          = {4'd0, rec_i[217:214]};
    level_o[`FB_REC_LEVEL_BEFORE]   = {4'd0, rec_i[221:218]};
    level_o[`FB_REC_ACCOUNT]        = rec_i[199:168];
    level_o[`FB_REC_LEVEL_EQUITY_RAW] = {{56{rec_i[71]}}, rec_i[71:0]};
    level_o[`FB_REC_LEVEL_MM_RAW]   = {{32{rec_i[167]}}, rec_i[167:72]};
    level_o[`FB_REC_LEVEL_BAD_ROWS] = {7'd0, rec_i[208:200]};
    level_o[`FB_REC_LEVEL_CLASS_ID] = {4'd0, rec_i[212:209]};
    level_o[`FB_REC_LEVEL_DAMAGED]  = {7'd0, rec_i[213]};
  end

  wire [71:0] equity = state_i[`AS_EQUITY];
  wire [95:0] mm     = state_i[`AS_MM];
  wire [71:0] coll   = state_i[`AS_COLL];
  wire [87:0] addend = state_i[`AS_ADDEND];
  always @* begin
    snapshot_o = 448'd0;
    snapshot_o[`FB_REC_KIND]              = `FB_KIND_SNAPSHOT;
    snapshot_o[`FB_REC_LEVEL]             = {4'd0, state_i[`AS_LEVEL]};
    snapshot_o[`FB_REC_ACCOUNT]           = state_i[`AS_ID];
    snapshot_o[`FB_REC_SNAPSHOT_EQUITY_RAW] = {{56{equity[71]}}, equity};
    snapshot_o[`FB_REC_SNAPSHOT_MM_RAW]   = {{32{mm[95]}}, mm};
    snapshot_o[`FB_REC_SNAPSHOT_BAD_ROWS] = {7'd0, state_i[`AS_BAD]};
    snapshot_o[`FB_REC_SNAPSHOT_CLASS_ID] = {4'd0, state_i[`AS_CLASS]};
    snapshot_o[`FB_REC_SNAPSHOT_DAMAGED]  = {7'd0, state_i[`AS_DAMAGED]};

    account_item_o = 448'd0;
    account_item_o[`FB_ITEM_ACCOUNT_KIND]          = `FB_ITEM_ACCOUNT;
    account_item_o[`FB_ITEM_ACCOUNT_LEVEL]         = {4'd0, state_i[`AS_LEVEL]};
    account_item_o[`FB_ITEM_ACCOUNT_FLAGS]         = {3'd0, state_i[`AS_ROLE], state_i[`AS_HELD], state_i[`AS_DAMAGED],
                                                      state_i[`AS_UNKNOWN]};
    account_item_o[`FB_ITEM_ACCOUNT_CLASS_ID]      = {4'd0, state_i[`AS_CLASS]};
    account_item_o[`FB_ITEM_ACCOUNT_ACCOUNT]       = state_i[`AS_ID];
    account_item_o[`FB_ITEM_ACCOUNT_EQUITY_LO]     = equity[63:0];
    account_item_o[`FB_ITEM_ACCOUNT_EQUITY_HI]     = equity[71:64];
    account_item_o[`FB_ITEM_ACCOUNT_MM_LO]         = mm[63:0];
    account_item_o[`FB_ITEM_ACCOUNT_MM_HI]         = mm[95:64];
    account_item_o[`FB_ITEM_ACCOUNT_COLLATERAL_LO] = coll[63:0];
    account_item_o[`FB_ITEM_ACCOUNT_COLLATERAL_HI] = coll[71:64];
    account_item_o[`FB_ITEM_ACCOUNT_ADDEND_LO]     = addend[63:0];
    account_item_o[`FB_ITEM_ACCOUNT_ADDEND_HI]     = addend[87:64];
    account_item_o[`FB_ITEM_ACCOUNT_BAD_ROWS]      = {7'd0, state_i[`AS_BAD]};

    row_item_o = 448'd0;
    row_item_o[`FB_ITEM_ROW_KIND]      = `FB_ITEM_ROW;
    row_item_o[`FB_ITEM_ROW_ROW_FLAGS] = {7'd0, row_i[166]};
    row_item_o[`FB_ITEM_ROW_SYMBOL]    = {6'd0, symbol_i};
    row_item_o[`FB_ITEM_ROW_ACCOUNT]   = state_i[`AS_ID];
    row_item_o[`FB_ITEM_ROW_POSITION]  = row_i[31:0];
    row_item_o[`FB_ITEM_ROW_ADDEND]    = row_i[55:32];
    row_item_o[`FB_ITEM_ROW_QTY_RAW]   = {{16{row_i[103]}}, row_i[103:56]};
    row_item_o[`FB_ITEM_ROW_ENTRY_RAW] = {{2{row_i[165]}}, row_i[165:104]};
  end
  wire unused = ^{rec_i[223:222], row_i[199:167], state_i[`AS_VALID]};
endmodule

`default_nettype wire
