// Collector: words of all groups and of the sequencer become the record stream, their hashes the digest and the state hash.
//
// Groups are served round robin. State items are hashed and dropped. A record waits in fb_pair until it is taken; nothing is lost
// when the output stalls. There two level changes that wait become one word, after hash and count: both are those of the changes.
// The end of a batch is built here, because the digest is: end_i is raised once all groups are done.
//
// | cycle | what                                                                     |
// |-------|--------------------------------------------------------------------------|
// | 0     | a word is chosen; if a record, it goes to fb_pair                        |
// | 1     | rec_o                                                                    |
// | 1-3   | hash; the sum is complete in cycle 3, when BATCH_END may follow          |
`default_nettype none
`include "fb_layout.vh"

module fb_collector #(
  parameter GROUPS = 2
) (
  input  wire                  clk_i,
  input  wire                  rst_i,
  input  wire [63:0]           seq_i,        // of the batch's last command
  input  wire [GROUPS-1:0]     valid_i,
  input  wire [GROUPS*2-1:0]   tag_i,
  input  wire [GROUPS*512-1:0] word_i,
  output wire [GROUPS-1:0]     ready_o,
  input  wire                  own_valid_i,  // from the sequencer: reject, fault, fence, funding, hash, symbol items
  input  wire [1:0]            own_tag_i,    // 0 decision record, 1 symbol item, 3 service record
  input  wire [447:0]          own_i,
  output wire                  own_ready_o,
  input  wire                  end_i,        // close the batch: held until end_done_o
  input  wire [31:0]           end_commands_i,
  input  wire [31:0]           end_rejects_i,
  output wire                  end_done_o,
  input  wire                  drop_i,       // forget the sums: reset, or the state hash has been read
  output wire                  settled_o,    // every word of the groups is in the sums
  output wire [63:0]           accounts_hash_o,
  output wire [63:0]           rows_hash_o,
  output wire [63:0]           symbols_hash_o,
  output wire [31:0]           accounts_o,
  output wire [31:0]           rows_o,
  output wire [31:0]           symbols_o,
  output wire                  rec_valid_o,
  input  wire                  rec_ready_i,
  output wire [511:0]          rec_o
);
  // ---- choose: groups in turn, the sequencer before them (its words are few) ----
  // A group is granted when none that comes before it has a word: those from the turn on come before the others.
  reg  [GROUPS-1:0] turn_q, grant;   // turn: ones from the group whose turn it is
  reg  [GROUPS-1:0] after;           // groups behind the one that is granted
  reg  [447:0]      group_word;      // zero when there is none
  reg  [1:0]        group_tag;
  integer           i, j;
  always @* begin
    after      = {GROUPS{1'b0}};
    group_word = 448'd0;
    group_tag  = 2'd0;
    for (i = 0; i < GROUPS; i = i + 1) begin
      grant[i] = valid_i[i];
      for (j = 0; j < GROUPS; j = j + 1) if (valid_i[j] && (j < i ? turn_q[j] || !turn_q[i] : turn_q[j] && !turn_q[i]))
        grant[i] = 1'b0;
      for (j = i + 1; j < GROUPS; j = j + 1) after[j] = after[j] || grant[i];
      group_word = group_word | (word_i[i * 512 +: 448] & {448{grant[i]}});
      group_tag  = group_tag | (tag_i[i * 2 +: 2] & {2{grant[i]}});
    end
  end
  wire room;
  wire picked = |valid_i;
  wire own    = own_valid_i && room;
  wire group  = picked && !own_valid_i && room;
  assign own_ready_o = own;
  assign ready_o     = grant & {GROUPS{!own_valid_i && room}};

  wire [1:0]   tag    = own_valid_i ? own_tag_i : group_tag;
  wire         record = tag == 2'd0 || tag == 2'd3;
  // State items have no sequence; every record of a group answers the batch's last command, and its bytes of it are zero.
  wire         add_seq    = group_tag == 2'd0 || group_tag == 2'd3;
  wire [447:0] others     = group_word | {384'd0, seq_i & {64{add_seq}}} | (end_word & {448{end_i && !picked}});
  wire [447:0] word       = own_valid_i ? own_i : others;

  // ---- hash ----
  wire        hash_busy, hash_valid;
  wire [1:0]  hash_tag;
  wire [63:0] hash;
  // Inside the digest symbol items travel as tag 3, so that tags 1 and 2 are left for accounts and rows.
  wire [1:0]  digest_tag = own_valid_i && own_tag_i == 2'd1 ? 2'd3 : tag;
  wire        service = tag == 2'd3;
  fb_digest u_digest (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i((own || group) && !service), .tag_i(digest_tag), .word_i(word),
    .busy_o(hash_busy), .valid_o(hash_valid), .tag_o(hash_tag), .hash_o(hash));

  reg [63:0] digest_q, accounts_hash_q, rows_hash_q, symbols_hash_q;
  reg [31:0] count_q, accounts_q, rows_q, symbols_q;
  wire [63:0] digest_now = digest_q + (hash_valid && hash_tag == 2'd0 ? hash : 64'd0);
  wire [31:0] count_now  = count_q + {31'd0, hash_valid && hash_tag == 2'd0};
  wire close     = end_i && !own_valid_i && !picked && !hash_busy;
  wire end_batch = close && room;

  always @(posedge clk_i) begin
    if (rst_i || drop_i || end_batch) begin
      digest_q <= 64'd0;
      count_q  <= 32'd0;
    end else begin
      digest_q <= digest_now;
      count_q  <= count_now;
    end
    if (rst_i || drop_i) begin
      accounts_hash_q <= 64'd0;
      rows_hash_q     <= 64'd0;
      symbols_hash_q  <= 64'd0;
      accounts_q      <= 32'd0;
      rows_q          <= 32'd0;
      symbols_q       <= 32'd0;
    end else if (hash_valid)
      case (hash_tag)
        2'd1: begin
          accounts_hash_q <= accounts_hash_q + hash;
          accounts_q      <= accounts_q + 32'd1;
        end
        2'd2: begin
          rows_hash_q <= rows_hash_q + hash;
          rows_q      <= rows_q + 32'd1;
        end
        2'd3: begin
          symbols_hash_q <= symbols_hash_q + hash;
          symbols_q      <= symbols_q + 32'd1;
        end
        default: ;
      endcase
  end

  // ---- output ----
  reg [447:0] end_word;
  always @* begin
    end_word = 448'd0;
    end_word[`FB_REC_KIND]               = `FB_KIND_BATCH_END;
    end_word[`FB_REC_BATCH_END_COUNT]    = count_now;
    end_word[`FB_REC_BATCH_END_REJECTS]  = end_rejects_i;
    end_word[`FB_REC_BATCH_END_COMMANDS] = end_commands_i;
    end_word[`FB_REC_BATCH_END_DIGEST]   = digest_now;
  end
  always @(posedge clk_i)
    if (rst_i) turn_q <= {GROUPS{1'b0}};
    else if (group) turn_q <= after;
  assign rec_o[511:448] = 64'd0;
  // Only a group says what is a level change, so that whether it fits a pair need not wait for the end of the batch.
  reg [447:0] change;
  always @* begin
    change = group_word;
    if (own_valid_i) change[`FB_REC_KIND] = 8'd0;
  end
  fb_pair u_pair (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i(close || ((own_valid_i || picked) && record)), .ready_o(room),
    .word_i(word), .change_i(change), .rec_valid_o(rec_valid_o), .rec_ready_i(rec_ready_i), .rec_o(rec_o[447:0]));
  assign end_done_o  = end_batch;
  assign settled_o   = !hash_busy && !hash_valid && !picked;
  assign accounts_hash_o = accounts_hash_q;
  assign rows_hash_o     = rows_hash_q;
  assign symbols_hash_o  = symbols_hash_q;
  assign accounts_o      = accounts_q;
  assign rows_o          = rows_q;
  assign symbols_o       = symbols_q;
endmodule

`default_nettype wire
