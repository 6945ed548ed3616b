// Words that leave a group, laid out as the contract says: level changes, snapshot entries, state items.
//
// Functions, not wires: a simulator then builds a word only when one leaves. The sequence is put in by the collector, so its
// bytes are zero here.

// Of two groups, Verilator takes the functions of the second for those of the first once more.
// verilator lint_off VARHIDDEN
function [447:0] fb_level_word;
  input [`LR_BITS-1:0] rec;
  reg [95:0] mm;
  reg [71:0] equity;
  reg        unused;
  begin
    unused = ^rec;
    mm     = rec[`AS_MM];
    equity = rec[`AS_EQUITY];
    fb_level_word = 448'd0;
    fb_level_word[`FB_REC_KIND]             = `FB_KIND_LEVEL;
    fb_level_word[`FB_REC_LEVEL]            = {4'd0, rec[`LR_LEVEL]};
    fb_level_word[`FB_REC_LEVEL_BEFORE]     = {4'd0, rec[`LR_BEFORE]};
    fb_level_word[`FB_REC_ACCOUNT]          = rec[`AS_ID];
    fb_level_word[`FB_REC_LEVEL_EQUITY_RAW] = {{56{equity[71]}}, equity};
    fb_level_word[`FB_REC_LEVEL_MM_RAW]     = {{32{mm[95]}}, mm};
    fb_level_word[`FB_REC_LEVEL_BAD_ROWS]   = {7'd0, rec[`AS_BAD]};
    fb_level_word[`FB_REC_LEVEL_CLASS_ID]   = {4'd0, rec[`AS_CLASS]};
    fb_level_word[`FB_REC_LEVEL_DAMAGED]    = {7'd0, rec[`AS_DAMAGED]};
  end
endfunction

// The fields of a snapshot entry lie where those of a level change do.
function [447:0] fb_snapshot_word;
  input [3:0]           level;
  input [`AS_FACTS-1:0] facts;
  begin
    fb_snapshot_word = fb_level_word({4'd0, level, facts});
    fb_snapshot_word[`FB_REC_KIND] = `FB_KIND_SNAPSHOT;
  end
endfunction

function [447:0] fb_account_item;
  input [`AS_BITS-1:0] state;
  reg [71:0] equity, coll;
  reg [95:0] mm;
  reg [87:0] addend;
  reg        unused;
  begin
    unused = ^state;
    equity = state[`AS_EQUITY];
    coll   = state[`AS_COLL];
    mm     = state[`AS_MM];
    addend = state[`AS_ADDEND];
    fb_account_item = 448'd0;
    fb_account_item[`FB_ITEM_ACCOUNT_KIND]          = `FB_ITEM_ACCOUNT;
    fb_account_item[`FB_ITEM_ACCOUNT_LEVEL]         = {4'd0, state[`AS_LEVEL]};
    fb_account_item[`FB_ITEM_ACCOUNT_FLAGS]         = {3'd0, state[`AS_ROLE], state[`AS_HELD],
                                                       state[`AS_DAMAGED], state[`AS_UNKNOWN]};
    fb_account_item[`FB_ITEM_ACCOUNT_CLASS_ID]      = {4'd0, state[`AS_CLASS]};
    fb_account_item[`FB_ITEM_ACCOUNT_ACCOUNT]       = state[`AS_ID];
    fb_account_item[`FB_ITEM_ACCOUNT_EQUITY_LO]     = equity[63:0];
    fb_account_item[`FB_ITEM_ACCOUNT_EQUITY_HI]     = equity[71:64];
    fb_account_item[`FB_ITEM_ACCOUNT_MM_LO]         = mm[63:0];
    fb_account_item[`FB_ITEM_ACCOUNT_MM_HI]         = mm[95:64];
    fb_account_item[`FB_ITEM_ACCOUNT_COLLATERAL_LO] = coll[63:0];
    fb_account_item[`FB_ITEM_ACCOUNT_COLLATERAL_HI] = coll[71:64];
    fb_account_item[`FB_ITEM_ACCOUNT_ADDEND_LO]     = addend[63:0];
    fb_account_item[`FB_ITEM_ACCOUNT_ADDEND_HI]     = addend[87:64];
    fb_account_item[`FB_ITEM_ACCOUNT_BAD_ROWS]      = {7'd0, state[`AS_BAD]};
  end
endfunction

function [447:0] fb_row_item;
  input [31:0]  account;
  input [166:0] row;       // {no_rank, entry, qty, addend, position}
  input [9:0]   symbol;
  begin
    fb_row_item = 448'd0;
    fb_row_item[`FB_ITEM_ROW_KIND]      = `FB_ITEM_ROW;
    fb_row_item[`FB_ITEM_ROW_ROW_FLAGS] = {7'd0, row[166]};
    fb_row_item[`FB_ITEM_ROW_SYMBOL]    = {6'd0, symbol};
    fb_row_item[`FB_ITEM_ROW_ACCOUNT]   = account;
    fb_row_item[`FB_ITEM_ROW_POSITION]  = row[31:0];
    fb_row_item[`FB_ITEM_ROW_ADDEND]    = row[55:32];
    fb_row_item[`FB_ITEM_ROW_QTY_RAW]   = {{16{row[103]}}, row[103:56]};
    fb_row_item[`FB_ITEM_ROW_ENTRY_RAW] = {{2{row[165]}}, row[165:104]};
  end
endfunction

function [447:0] fb_nominee_word;
  input [`NO_BITS-1:0] nominee;
  reg [47:0] qty;
  reg [61:0] entry;
  reg [71:0] equity;
  begin
    qty    = nominee[`NO_SIGN] ? 48'd0 - nominee[`NO_MAG] : nominee[`NO_MAG];
    entry  = nominee[`NO_ENTRY];
    equity = nominee[`NO_EQUITY];
    fb_nominee_word = 448'd0;
    fb_nominee_word[`FB_REC_KIND]               = `FB_KIND_NOMINEE;
    fb_nominee_word[`FB_REC_ACCOUNT]            = nominee[`NO_ACCOUNT];
    fb_nominee_word[`FB_REC_NOMINEE_POSITION]   = nominee[`NO_POSITION];
    fb_nominee_word[`FB_REC_NOMINEE_KEY]        = nominee[`NO_KEY];
    fb_nominee_word[`FB_REC_NOMINEE_QTY_RAW]    = {{16{qty[47]}}, qty};
    fb_nominee_word[`FB_REC_NOMINEE_ENTRY_RAW]  = {{2{entry[61]}}, entry};
    fb_nominee_word[`FB_REC_NOMINEE_EQUITY_RAW] = {{56{equity[71]}}, equity};
  end
endfunction

// An account whose sums differ from its rows, or a lane that computed a known row wrongly.
function [447:0] fb_finding_word;
  input [15:0]         lane;
  input [`AF_BITS-1:0] finding;
  input                known;
  reg [95:0] mm;
  reg [71:0] equity;
  begin
    mm     = finding[`AF_MM];
    equity = finding[`AF_EQUITY];
    fb_finding_word = 448'd0;
    fb_finding_word[`FB_REC_KIND]          = `FB_KIND_AUDIT;
    fb_finding_word[`FB_REC_AUDIT_FINDING] = {4'd0, known ? `FB_AUDIT_KNOWN_ANSWER : `FB_AUDIT_MISMATCH};
    fb_finding_word[`FB_REC_AUDIT_LANE]    = lane;
    if (!known) begin
      fb_finding_word[`FB_REC_ACCOUNT]          = finding[`AF_ID];
      fb_finding_word[`FB_REC_AUDIT_EQUITY_RAW] = {{56{equity[71]}}, equity};
      fb_finding_word[`FB_REC_AUDIT_MM_RAW]     = {{32{mm[95]}}, mm};
      fb_finding_word[`FB_REC_AUDIT_BAD_ROWS]   = {7'd0, finding[`AF_BAD]};
    end
  end
endfunction

function [447:0] fb_table_word;
  input [3:0]  which;
  input [31:0] address;
  begin
    fb_table_word = 448'd0;
    fb_table_word[`FB_REC_KIND]          = `FB_KIND_FAULT;
    fb_table_word[`FB_REC_FAULT_FAULT]   = `FB_FAULT_TABLE_PARITY;
    fb_table_word[`FB_REC_FAULT_TABLE]   = {4'd0, which};
    fb_table_word[`FB_REC_FAULT_ADDRESS] = address;
  end
endfunction

function [447:0] fb_fault_word;
  input [15:0] lane;
  input [55:0] fault;      // {lost, kind, address}: see fb_lane
  begin
    fb_fault_word = 448'd0;
    fb_fault_word[`FB_REC_KIND]          = `FB_KIND_FAULT;
    fb_fault_word[`FB_REC_FAULT_FAULT]   = fault[23:16];
    fb_fault_word[`FB_REC_FAULT_LANE]    = lane;
    fb_fault_word[`FB_REC_FAULT_ADDRESS] = {16'd0, fault[15:0]};
    fb_fault_word[`FB_REC_FAULT_LOST]    = fault[55:24];
  end
endfunction
// verilator lint_on VARHIDDEN
