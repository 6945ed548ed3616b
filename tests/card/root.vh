// The hard block and the host behind it, for the benches of the endpoint: tasks that put packets on CQ, and checks of every
// beat on CC and RQ. Included in a bench module that has DATA_W and an instance u_card with the wires below.
//
// Knobs: pause (per cent of cycles without a CQ beat), stall (per cent in which RQ or CC is not ready), ph, pd (posted credits).
// What is wrong is counted in `faults` and printed.

  localparam LANES32 = DATA_W / 32;
  localparam CQ_USER = DATA_W == 512 ? 183 : 88, CC_USER = DATA_W == 512 ? 81 : 33, RQ_USER = DATA_W == 512 ? 137 : 62;
  localparam QUEUE = 8192;

  reg                clk, rst, flr, master, msix_enable, msix_mask;
  reg  [DATA_W-1:0]  cq_data;
  reg  [LANES32-1:0] cq_keep;
  reg                cq_last, cq_valid, cq_taken;
  reg  [CQ_USER-1:0] cq_user;
  wire               cq_ready;
  wire [1:0]         np_req;
  wire [DATA_W-1:0]  cc_data, rq_data;
  wire [LANES32-1:0] cc_keep, rq_keep;
  wire               cc_last, cc_valid, rq_last, rq_valid;
  wire [CC_USER-1:0] cc_user;
  wire [RQ_USER-1:0] rq_user;
  reg                cc_ready, rq_ready;
  wire [2:0]         fc_sel;
  wire [3:0]         flr_done;
  integer            ph, pd;

  fb_card #(.LANES(LANES), .GROUP(GROUP), .ROW_BITS(10), .SLOT_BITS(10), .DATA_W(DATA_W), .GIT_HASH(64'h0123456789abcdef),
            .BUILD_DATE(32'd20000)) u_card (
    .user_clk_i(clk), .user_reset_i(rst), .s_axis_cq_tdata_i(cq_data), .s_axis_cq_tkeep_i(cq_keep),
    .s_axis_cq_tlast_i(cq_last), .s_axis_cq_tuser_i(cq_user), .s_axis_cq_tvalid_i(cq_valid), .s_axis_cq_tready_o(cq_ready),
    .pcie_cq_np_req_o(np_req), .m_axis_cc_tdata_o(cc_data), .m_axis_cc_tkeep_o(cc_keep), .m_axis_cc_tlast_o(cc_last),
    .m_axis_cc_tuser_o(cc_user), .m_axis_cc_tvalid_o(cc_valid), .m_axis_cc_tready_i(cc_ready), .m_axis_rq_tdata_o(rq_data),
    .m_axis_rq_tkeep_o(rq_keep), .m_axis_rq_tlast_o(rq_last), .m_axis_rq_tuser_o(rq_user), .m_axis_rq_tvalid_o(rq_valid),
    .m_axis_rq_tready_i(rq_ready), .cfg_fc_sel_o(fc_sel), .cfg_fc_ph_i(ph[7:0]), .cfg_fc_pd_i(pd[11:0]),
    .cfg_function_status_i({13'd0, master, 2'd3}), .cfg_max_payload_i(2'd0), .cfg_interrupt_msix_enable_i({3'd0, msix_enable}),
    .cfg_interrupt_msix_mask_i({3'd0, msix_mask}), .cfg_flr_in_process_i({3'd0, flr}), .cfg_flr_done_o(flr_done));

  integer faults, cycles, pause, stall, np_credit;
  reg [63:0] random;
  reg [639:0] test_name;

  task fault;
    input [639:0] text;
    begin
      faults = faults + 1;
      if (faults < 20) $display("FAULT cycle %0d, %0s: %0s", cycles, test_name, text);
      if ($test$plusargs("stop")) $finish;
    end
  endtask

  task begin_case;
    input [639:0] name;
    begin
      if ($test$plusargs("verbose")) $display("%0s: from cycle %0d", name, cycles);
      test_name = name;
    end
  endtask

  function integer below;    // a number below limit
    input integer limit;
    begin
      random = random ^ (random << 13);
      random = random ^ (random >> 7);
      random = random ^ (random << 17);
      below = random[62:32] % limit;
    end
  endfunction

  // CRC-32C bit by bit: written apart from the trees of fb_crc32c.
  function [31:0] crc;
    input [479:0] bytes;
    integer i;
    begin
      crc = 32'hffffffff;
      for (i = 0; i < 480; i = i + 1) crc = (crc >> 1) ^ (crc[0] ^ bytes[i] ? 32'h82f63b78 : 32'd0);
      crc = ~crc;
    end
  endfunction

  // ---- CQ ----
  reg [DATA_W-1:0]  q_data [0:QUEUE-1];
  reg [LANES32-1:0] q_keep [0:QUEUE-1];
  reg [CQ_USER-1:0] q_user [0:QUEUE-1];
  reg               q_last [0:QUEUE-1];
  integer q_head, q_tail, first_beat_cycle;
  reg [31:0] pay [0:1023];
  reg        discontinue, may_wait;

  // A request of any kind with `carried` dwords of pay behind its descriptor.
  task request;
    input [3:0]   kind;
    input [2:0]   bar;
    input [63:0]  address;
    input integer dwords, carried;
    input [3:0]   first_be, last_be;
    input [7:0]   tag;
    reg [127:0] head;
    integer at, lane, total;
    begin
      head = {1'b0, 3'd0, 3'd0, 6'd14, bar, 8'd0, tag, 16'hbeef, 1'b0, kind, dwords[10:0], address[63:2], 2'd0};
      total = carried + 4;
      for (at = 0; at < total; at = at + LANES32) begin
        q_data[q_tail % QUEUE] = {DATA_W / 32{32'hdeadbeef}};
        q_keep[q_tail % QUEUE] = 0;
        q_user[q_tail % QUEUE] = 0;
        for (lane = 0; lane < LANES32 && at + lane < total; lane = lane + 1) begin
          q_data[q_tail % QUEUE][lane * 32 +: 32] = at + lane < 4 ? head[(at + lane) * 32 +: 32] : pay[at + lane - 4];
          q_keep[q_tail % QUEUE][lane] = 1'b1;
          if (at + lane >= 4)
            q_user[q_tail % QUEUE][(DATA_W == 512 ? 16 : 8) + lane * 4 +: 4] =
              at + lane == 4 ? first_be : at + lane == total - 1 ? last_be : 4'hf;
        end
        if (at == 0) begin
          q_user[q_tail % QUEUE][3:0] = first_be;
          q_user[q_tail % QUEUE][(DATA_W == 512 ? 8 : 4) +: 4] = last_be;
          q_user[q_tail % QUEUE][DATA_W == 512 ? 80 : 40] = 1'b1;
        end
        q_last[q_tail % QUEUE] = at + LANES32 >= total;
        // As PG213 says: with the last beat.
        if (at + LANES32 >= total) q_user[q_tail % QUEUE][DATA_W == 512 ? 96 : 41] = discontinue;
        q_tail = q_tail + 1;
      end
    end
  endtask

  task write_pay;            // dwords of pay, all bytes
    input [2:0]   bar;
    input [63:0]  address;
    input integer dwords;
    request(4'd1, bar, address, dwords, dwords, 4'hf, dwords == 1 ? 4'h0 : 4'hf, 8'd0);
  endtask

  task write32;
    input [63:0] address;
    input [31:0] value;
    begin
      pay[0] = value;
      write_pay(3'd0, address, 1);
    end
  endtask

  task write64;
    input [63:0] address;
    input [63:0] value;
    begin
      pay[0] = value[31:0];
      pay[1] = value[63:32];
      write_pay(3'd0, address, 2);
    end
  endtask

  // ---- CC ----
  reg [31:0] got [0:1023];
  integer    got_dwords, got_done, got_bytes_left, got_status, cc_at, cc_length, cc_packets;
  reg [95:0] cc_head;
  reg [2:0]  want_bar;
  reg [63:0] want_address;
  integer    want_dwords;
  reg        cc_inside;
  reg        cc_valid_before, cc_ready_before, cc_last_before;
  reg [DATA_W-1:0] cc_data_before;
  integer    cc_lane;
  reg        cc_loose;        // many requests at once: only their order is looked at
  reg [7:0]  cc_tag;

  task cc_beat;
    integer keep_count;
    begin
      keep_count = 0;
      for (cc_lane = 0; cc_lane < LANES32; cc_lane = cc_lane + 1) if (cc_keep[cc_lane]) begin
        if (keep_count != cc_lane) fault("CC: hole in tkeep");
        keep_count = keep_count + 1;
      end
      if (DATA_W == 512) begin
        if (cc_user[0] !== !cc_inside || cc_user[6] !== cc_last || |cc_user[5:1] || cc_user[7]) fault("CC: sop or eop");
        if (cc_last && cc_user[11:8] !== keep_count - 1) fault("CC: eop pointer");
        if (|cc_user[80:12]) fault("CC: tuser");
      end else if (|cc_user) fault("CC: tuser");
      if (!cc_last && keep_count != LANES32) fault("CC: short beat in the middle");
      for (cc_lane = 0; cc_lane < keep_count; cc_lane = cc_lane + 1) begin
        if (cc_at < 3) cc_head[cc_at * 32 +: 32] = cc_data[cc_lane * 32 +: 32];
        else begin
          got[got_dwords] = cc_data[cc_lane * 32 +: 32];
          got_dwords = got_dwords + 1;
        end
        cc_at = cc_at + 1;
      end
      cc_inside = !cc_last;
      if (cc_last) cc_end;
    end
  endtask

  task cc_end;
    integer length;
    begin
      length = cc_head[42:32];
      if (cc_at != 3 + length) fault("CC: length");
      if (length > 32) fault("CC: more than 128 bytes");
      got_status = cc_head[45:43];
      if (cc_head[63:48] !== 16'hbeef) fault("CC: requester");
      if (cc_loose) begin
        if (cc_head[71:64] !== cc_tag) fault("CC: order of the tags");
        if (want_bar == 3'd2 && length == 1 && got[got_dwords - 1] !== `FB_WINDOW_PATTERN) fault("CC: pattern");
        cc_tag = cc_tag + 8'd1;
        got_dwords = 0;
      end else if (got_status == 0) begin
        if (cc_head[71:64] !== 8'd5) fault("CC: tag");
        if (cc_head[28:16] !== got_bytes_left) fault("CC: byte count");
        if (want_address[6:2] + length > 32) fault("CC: crosses a boundary");
        if (cc_head[6:2] !== want_address[6:2]) fault("CC: lower address");
        got_bytes_left = got_bytes_left - (length * 4 - cc_head[1:0]);
        want_address = {want_address[63:2] + length, 2'd0};
        want_dwords = want_dwords - length;
        if (want_dwords < 0) fault("CC: too much");
        if (want_dwords == 0) got_done = 1;
      end else begin
        if (length != 0) fault("CC: data in a refusal");
        got_done = 1;
      end
      cc_at = 0;
      cc_packets = cc_packets + 1;
    end
  endtask

  // ---- RQ ----
  localparam LOG = 65536;
  reg [63:0]  log_address [0:LOG-1];
  reg [511:0] log_word [0:LOG-1];
  integer     log_cycle [0:LOG-1];
  integer     log_size, rq_at, rq_begin, messages;
  reg [63:0]  message_address;
  reg [31:0]  message_data;
  reg [127:0] rq_head;
  reg [511:0] rq_word;
  reg         rq_inside, rq_valid_before, rq_ready_before, rq_last_before;
  reg [DATA_W-1:0] rq_data_before;
  reg [RQ_USER-1:0] rq_user_before;
  integer     rq_lane;
  reg         open_before;

  task rq_beat;
    integer keep_count;
    begin
      keep_count = 0;
      for (rq_lane = 0; rq_lane < LANES32; rq_lane = rq_lane + 1) if (rq_keep[rq_lane]) begin
        if (keep_count != rq_lane) fault("RQ: hole in tkeep");
        keep_count = keep_count + 1;
      end
      if (!rq_last && keep_count != LANES32) fault("RQ: short beat in the middle");
      if (DATA_W == 512) begin
        if (rq_user[20] !== !rq_inside || rq_user[26] !== rq_last || |rq_user[25:21] || rq_user[27]) fault("RQ: sop or eop");
        if (rq_last && rq_user[31:28] !== keep_count - 1) fault("RQ: eop pointer");
        if (|rq_user[136:32] || |rq_user[19:12] || |rq_user[7:4]) fault("RQ: tuser");
      end
      for (rq_lane = 0; rq_lane < keep_count; rq_lane = rq_lane + 1) begin
        if (rq_at < 4) rq_head[rq_at * 32 +: 32] = rq_data[rq_lane * 32 +: 32];
        else if (rq_at < 20) rq_word[(rq_at - 4) * 32 +: 32] = rq_data[rq_lane * 32 +: 32];
        rq_at = rq_at + 1;
      end
      if (!rq_inside) begin
        if (rq_user[3:0] !== 4'hf) fault("RQ: first byte enables");
        if (rq_user[(DATA_W == 512 ? 8 : 4) +: 4] !== (rq_data[74:64] == 1 ? 4'h0 : 4'hf)) fault("RQ: last byte enables");
      end
      rq_inside = !rq_last;
      if (rq_last) rq_end;
    end
  endtask

  task rq_end;
    begin
      if (rq_head[95:75] !== 21'd1 || |rq_head[127:96]) fault("RQ: not a plain memory write");
      if (rq_head[74:64] === 11'd1) begin
        if (rq_at != 5) fault("RQ: length of a message");
        messages = messages + 1;
        message_address = rq_head[63:0];
        message_data = rq_word[31:0];
      end else begin
        if (rq_head[74:64] !== 11'd16 || rq_at != 20) fault("RQ: length");
        if (|rq_head[5:0]) fault("RQ: not aligned");
        log_address[log_size % LOG] = rq_head[63:0];
        log_word[log_size % LOG] = rq_word;
        log_cycle[log_size % LOG] = rq_begin;
        log_size = log_size + 1;
      end
      rq_at = 0;
    end
  endtask

  // ---- one cycle: inputs after the falling edge, outputs looked at before the rising one ----
  task cycle;
    begin
      cc_ready = below(100) >= stall;
      rq_ready = below(100) >= stall;
      if (!cq_valid && q_head != q_tail && below(100) >= pause) begin
        cq_valid = 1'b1;
        cq_data  = q_data[q_head % QUEUE];
        cq_keep  = q_keep[q_head % QUEUE];
        cq_user  = q_user[q_head % QUEUE];
        cq_last  = q_last[q_head % QUEUE];
        q_head   = q_head + 1;
      end
      #1;
      if (cq_ready !== 1'b1 && !may_wait) fault("CQ waits");
      if (^{cc_valid, rq_valid, np_req, flr_done} === 1'bx) fault("unknown outputs");
      if (np_req[0]) np_credit = np_credit < 32 ? np_credit + 1 : 32;
      if (np_req[1]) fault("np_req");
      if (cc_valid_before && !cc_ready_before && (!cc_valid || cc_data !== cc_data_before || cc_last !== cc_last_before))
        fault("CC: changed while it waits");
      if (rq_valid_before && !rq_ready_before && (!rq_valid || rq_data !== rq_data_before || rq_last !== rq_last_before
          || rq_user !== rq_user_before)) fault("RQ: changed while it waits");
      if (rq_inside && !rq_valid && rq_valid_before && rq_ready_before) fault("RQ: pause inside a packet");
      if (cc_inside && !cc_valid && cc_valid_before && cc_ready_before) fault("CC: pause inside a packet");
      if (cc_valid && ^cc_data === 1'bx && cc_last === 1'bx) fault("CC: unknown");
      if (rq_valid && !rq_inside && !(rq_valid_before && !rq_ready_before)) begin
        rq_begin = cycles;
        // A record of 2 or 3 beats, then the next: never one that began after the session was closed.
        if (!open_before) fault("RQ: a packet without a session");
      end
      open_before = u_card.open;
      if (cc_valid && cc_ready) cc_beat;
      if (rq_valid && rq_ready) rq_beat;
      cc_valid_before = cc_valid;
      cc_ready_before = cc_ready;
      cc_data_before  = cc_data;
      cc_last_before  = cc_last;
      rq_valid_before = rq_valid;
      rq_ready_before = rq_ready;
      rq_data_before  = rq_data;
      rq_last_before  = rq_last;
      rq_user_before  = rq_user;
      if (cq_valid && cq_ready === 1'b1) begin
        if (cq_user[DATA_W == 512 ? 80 : 40]) first_beat_cycle = cycles;
        cq_taken = 1'b1;
      end else cq_taken = 1'b0;
      #4 clk = 1'b1;
      #5 clk = 1'b0;
      if (cq_taken) cq_valid = 1'b0;
      cycles = cycles + 1;
    end
  endtask

  task idle;
    input integer n;
    repeat (n) cycle;
  endtask

  task drain;               // until CQ is empty and what it brought has arrived
    begin
      while (q_head != q_tail || cq_valid) cycle;
      idle(4);
    end
  endtask

  task ask;                 // read of dwords with byte enables; the result is in got, got_status
    input [2:0]   bar;
    input [63:0]  address;
    input integer dwords;
    input [3:0]   first_be, last_be;
    integer waited, lead, trail;
    begin
      while (np_credit == 0) cycle;
      np_credit = np_credit - 1;
      got_dwords = 0;
      got_done = 0;
      want_address = address;
      want_dwords = dwords;
      lead = first_be[0] || first_be == 0 ? 0 : first_be[1] ? 1 : first_be[2] ? 2 : 3;
      if (dwords == 1) trail = first_be[3] ? 0 : first_be[2] ? 1 : first_be[1] ? 2 : 3;
      else trail = last_be[3] ? 0 : last_be[2] ? 1 : last_be[1] ? 2 : 3;
      got_bytes_left = dwords * 4 - lead - trail;
      request(4'd0, bar, address, dwords, 0, first_be, last_be, 8'd5);
      waited = 0;
      while (!got_done && waited < 20000) begin
        cycle;
        waited = waited + 1;
      end
      if (!got_done) fault("no completion");
    end
  endtask

  task refuse;              // a non-posted request that is not a memory read; its answer in cc_head, got_status
    input [3:0]   kind;
    input [2:0]   bar;
    input [63:0]  address;
    input integer dwords, carried;
    integer waited;
    begin
      while (np_credit == 0) cycle;
      np_credit = np_credit - 1;
      {got_dwords, got_done} = 0;
      request(kind, bar, address, dwords, carried, 4'hf, dwords == 1 ? 4'h0 : 4'hf, 8'd5);
      waited = 0;
      while (!got_done && waited < 1000) begin
        cycle;
        waited = waited + 1;
      end
      if (!got_done || got_status != 1 || got_dwords != 0) fault("not refused");
    end
  endtask

  task read32;
    input [63:0] address;
    ask(3'd0, address, 1, 4'hf, 4'h0);
  endtask

  task expect32;
    input [63:0] address;
    input [31:0] value;
    begin
      read32(address);
      if (got[0] !== value) begin
        fault("register");
        $display("  %h: %h instead of %h", address, got[0], value);
      end
    end
  endtask

  task expect64;
    input [63:0] address;
    input [63:0] value;
    begin
      ask(3'd0, address, 2, 4'hf, 4'hf);
      if ({got[1], got[0]} !== value) begin
        fault("register");
        $display("  %h: %h%h instead of %h", address, got[1], got[0], value);
      end
    end
  endtask

  // ---- commands ----
  reg [31:0] nonce;
  function [511:0] command;
    input [63:0] seq;
    input [7:0]  count;     // records that the stub of the core answers
    reg [511:0] word;
    begin
      word = 512'd0;
      word[`FB_CMD_SEQ]   = seq;
      word[`FB_CMD_OP]    = `FB_OP_MARKS;
      word[`FB_CMD_COUNT] = count;
      word[383:128]       = {4{seq * 64'h9e3779b97f4a7c15}};
      word[`FB_CMD_NONCE] = nonce;
      word[`FB_CMD_CHECK] = crc(word[479:0]);
      command = word;
    end
  endfunction

  task put_word;            // a whole slot in one write
    input [63:0]  seq;
    input [511:0] word;
    integer i;
    begin
      for (i = 0; i < 16; i = i + 1) pay[i] = word[i * 32 +: 32];
      write_pay(3'd2, {50'h1234567890, seq[7:0], 6'd0}, 16);
    end
  endtask

  task put;
    input [63:0] seq;
    input [7:0]  count;
    put_word(seq, command(seq, count));
  endtask

  // ---- what the host finds: ring and status line, checked as they come ----
  reg [63:0] ring, status_line;
  reg [63:0] ring_size, produced, statuses, gaps_seen, credit_seen, last_gap;
  reg [511:0] last_status;
  integer    log_seen;
  reg [63:0] next_record_seq;   // of LEVEL records, when in_order
  reg        in_order;
  integer    records_seen, record_index;
  task host;                // looks at all packets that have come
    reg [511:0] word;
    begin
      while (log_seen < log_size) begin
        word = log_word[log_seen % LOG];
        if (word[`FB_REC_CHECK] !== (crc(word[479:0]) ^ nonce)) fault("check word");
        if (log_address[log_seen % LOG] === status_line) begin
          statuses = statuses + 1;
          last_status = word;
          credit_seen = word[`FB_REC_STATUS_CREDIT];
          if (word[`FB_REC_KIND] !== `FB_KIND_STATUS || word[`FB_REC_GENERATION] !== statuses[31:0]) fault("status line");
          if (word[`FB_REC_STATUS_PRODUCED] !== produced) fault("status line: produced");
          if (word[`FB_REC_STATUS_SESSION] !== nonce) fault("status line: session");
        end else begin
          if (log_address[log_seen % LOG] !== ring + (produced % ring_size) * 64) fault("address of a record");
          if (word[`FB_REC_GENERATION] !== produced[31:0] + 32'd1) fault("generation");
          produced = produced + 1;
          if (word[`FB_REC_KIND] === `FB_KIND_FAULT) begin
            gaps_seen = gaps_seen + 1;
            last_gap = word[`FB_REC_FAULT_EXPECTED_SEQ];
            if (word[`FB_REC_FAULT_FAULT] !== `FB_FAULT_GAP) fault("kind of fault");
          end else begin
            records_seen = records_seen + 1;
            if (word[`FB_REC_SEQ] !== next_record_seq) record_index = 0;
            if (in_order && next_record_seq !== ~64'd0
                && (word[`FB_REC_SEQ] !== next_record_seq && word[`FB_REC_SEQ] !== next_record_seq + 1))
              fault("sequence of a record");
            if (word[`FB_REC_ACCOUNT] !== record_index) fault("record lost or repeated");
            record_index = record_index + 1;
            next_record_seq = word[`FB_REC_SEQ];
          end
        end
        log_seen = log_seen + 1;
      end
    end
  endtask

  task forget_host;         // a new session
    begin
      produced = 0;
      statuses = 0;
      gaps_seen = 0;
      log_seen = log_size;
    end
  endtask

  task open_session;
    input [31:0]  new_nonce;
    input [63:0]  first;
    input integer bits;
    begin
      write64({52'd0, `FB_REG_RING_BASE}, ring);
      write32({52'd0, `FB_REG_RING_BITS}, bits);
      write64({52'd0, `FB_REG_STATUS_BASE}, status_line);
      write64({52'd0, `FB_REG_FIRST_SEQ}, first);
      drain;
      while (rq_valid) cycle;
      host;
      nonce = new_nonce;
      forget_host;
      write32({52'd0, `FB_REG_SESSION}, new_nonce);
      ring_size = 64'd1 << bits;
      drain;
      idle(300);
      host;
    end
  endtask

  task reset;
    begin
      rst = 1'b1;
      flr = 1'b0;
      master = 1'b1;
      msix_enable = 1'b0;
      msix_mask = 1'b0;
      pause = 0;
      stall = 0;
      ph = 255;
      pd = 4095;
      cq_valid = 1'b0;
      {q_head, q_tail} = 0;
      discontinue = 1'b0;
      rq_valid_before = 1'b0;
      cc_valid_before = 1'b0;
      {rq_inside, cc_inside} = 0;
      {rq_at, cc_at} = 0;
      cc_loose = 1'b0;
      open_before = 1'b0;
      may_wait = 1'b0;
      np_credit = 0;
      repeat (5) begin
        #5 clk = 1'b1;
        #5 clk = 1'b0;
      end
      rst = 1'b0;
      log_size = 0;
      messages = 0;
      forget_host;
      records_seen = 0;
      record_index = 0;
      next_record_seq = ~64'd0;
      in_order = 1'b1;
      idle(20);
    end
  endtask

  initial begin
    clk = 1'b0;
    faults = 0;
    cycles = 0;
    cc_packets = 0;
    random = 64'h853c49e6748fea9b;
    ring = 64'h0000_0123_4567_8000;
    status_line = 64'h0000_0123_4000_0040;
    cq_data = 0;
    cq_keep = 0;
    cq_user = 0;
    cq_last = 0;
    cc_ready = 0;
    rq_ready = 0;
  end
