// Icarus bench of fb_histogram: what no stream reaches, because 2^64 lots take 2^17 rows of one group.
//
// Rows of the largest size go to a few buckets, one a cycle and with gaps, often to the same bucket twice; an array beside the
// module keeps the sums in 80 bits. Then the chain is read twice, with halts: the sums, stopped at all ones, and after that
// nothing.
`default_nettype none

module histogram_tb;
  localparam ROWS = 200000;
  localparam [29:0] FROM = 30'd1000;
  localparam [63:0] LINK_LOTS = 64'hfffffffffff00000;   // of the group before, for every second bucket

  reg         clk, rst, clear, v, step, v_chain;
  reg  [7:0]  clear_bucket, bucket;
  reg  [29:0] key;
  reg  [4:0]  zoom;
  reg  [47:0] mag;
  reg  [31:0] rows;
  reg  [63:0] lots;
  wire        busy, v_out;
  wire [7:0]  bucket_out;
  wire [31:0] rows_out;
  wire [63:0] lots_out;
  fb_histogram u_histogram (
    .clk_i(clk), .rst_i(rst), .clear_i(clear), .clear_bucket_i(clear_bucket), .v_i(v), .key_i(key), .from_i(FROM), .zoom_i(zoom),
    .mag_i(mag), .busy_o(busy), .step_i(step), .v_chain_i(v_chain), .bucket_i(bucket), .rows_i(rows), .lots_i(lots),
    .v_chain_o(v_out), .bucket_o(bucket_out), .rows_o(rows_out), .lots_o(lots_out));

  reg [79:0] expect_lots [0:255];
  reg [31:0] expect_rows [0:255];
  reg [63:0] random;
  integer    i, wrong, full, seen, pass, at;

  task tick;
    begin
      #1 clk = 1'b1;
      #1 clk = 1'b0;
      random = {random[62:0], random[63] ^ random[62] ^ random[60] ^ random[59]};
    end
  endtask

  // One row: mostly into the bucket of the row before or one of three others, sometimes far beyond the last.
  task put;
    reg [7:0] to;
    begin
      to = random[3:0] == 4'd0 ? 8'd255 : random[1:0] == 2'd0 ? {6'd0, random[5:4]} : at[7:0];
      at = {24'd0, to};
      key = FROM + ({22'd0, to} << zoom) + (random[6] ? (30'd1 << zoom) - 30'd1 : 30'd0);
      if (to == 8'd255 && random[7])
        key = FROM + (30'd1 << (10 + random[10:8]));   // bucket 256 and beyond, with zoom 2
      mag = random[63:61] == 3'd0 ? {random[47:0]} : 48'hffffffffffff;
      expect_rows[to] = expect_rows[to] + 32'd1;
      expect_lots[to] = expect_lots[to] + {32'd0, mag};
      v = 1'b1;
      tick;
      v = 1'b0;
      if (random[11:9] == 3'd0)
        tick;
    end
  endtask

  function [63:0] stop;
    input [79:0] sum;
    stop = |sum[79:64] ? 64'hffffffffffffffff : sum[63:0];
  endfunction

  // What leaves the chain now is of bucket_out.
  task look;
    reg [63:0] link, sum;
    begin
      link = bucket_out[0] ? LINK_LOTS : 64'd0;
      sum = stop({16'd0, link} + {16'd0, stop(expect_lots[bucket_out])});
      if (rows_out !== expect_rows[bucket_out] + {31'd0, bucket_out[0]} || lots_out !== sum) begin
        $display("histogram: pass %0d, bucket %0d: %0d rows, %h lots, expected %0d, %h", pass, bucket_out, rows_out, lots_out,
                 expect_rows[bucket_out] + {31'd0, bucket_out[0]}, sum);
        wrong = wrong + 1;
      end
      full = full + (pass == 0 && &lots_out ? 1 : 0);
      seen = seen + 1;
    end
  endtask

  initial begin
    {clk, clear, v, step, v_chain, zoom, at, wrong, full, seen} = 0;
    {key, mag, bucket, rows, lots} = 0;
    random = 64'h123456789abcdef1;
    zoom = 5'd2;
    rst = 1'b1;
    tick;
    tick;
    rst = 1'b0;
    clear = 1'b1;
    for (i = 0; i < 256; i = i + 1) begin
      clear_bucket = i[7:0];
      expect_lots[i] = 80'd0;
      expect_rows[i] = 32'd0;
      tick;
    end
    clear = 1'b0;
    for (i = 0; i < ROWS; i = i + 1)
      put;
    while (busy)
      tick;
    for (pass = 0; pass < 2; pass = pass + 1) begin
      i = 0;
      while (i < 256 + 2) begin
        step = random[0];
        v_chain = i < 256;
        bucket = i[7:0];
        rows = {31'd0, i[0]};
        lots = i[0] ? LINK_LOTS : 64'd0;
        #1;
        if (step && v_out)
          look;
        if (step)
          i = i + 1;
        tick;
      end
      for (i = 0; i < 256; i = i + 1) begin
        expect_lots[i] = 80'd0;
        expect_rows[i] = 32'd0;
      end
    end
    $display("histogram: %0d rows, %0d buckets read, %0d of them full, %0d wrong", ROWS, seen, full, wrong);
    $finish;
  end
endmodule

`default_nettype wire
