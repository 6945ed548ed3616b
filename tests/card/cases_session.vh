// Cases of sessions and of the way to the host: ring, credit, status line, resets. Included in card_tb.

  task sessions;
    integer k;
    reg [63:0] old_ring;
    begin
      begin_case("sessions");
      reset;
      put(64'd0, 1);                                  // no session: thrown away
      write32({52'd0, `FB_REG_SESSION}, 32'hffffffff);
      expect32({52'd0, `FB_REG_SESSION}, 32'd0);
      expect32({52'd0, `FB_REG_STATE}, {28'd0, `FB_CARD_CLOSED});
      open_session(32'h100, 64'd0, 6);
      expect32({52'd0, `FB_REG_SESSION}, 32'h100);
      expect32({52'd0, `FB_REG_STATE}, {28'd0, `FB_CARD_RUNNING});
      expect64({52'd0, `FB_REG_NEXT_SEQ}, 64'd0);
      for (k = 0; k < 5; k = k + 1) put(k, 1);
      drain;
      idle(80);
      host;
      // The same nonce again changes nothing; settings only matter when a session opens.
      write32({52'd0, `FB_REG_SESSION}, 32'h100);
      write64({52'd0, `FB_REG_RING_BASE}, 64'h5000);
      write64({52'd0, `FB_REG_STATUS_BASE}, 64'h9000);
      write32({52'd0, `FB_REG_RING_BITS}, 32'd9);
      write64({52'd0, `FB_REG_FIRST_SEQ}, 64'd999);
      put(64'd5, 1);
      drain;
      idle(80);
      host;
      if (records_seen != 6) fault("records");
      // Half a command is forgotten with its session, and so is its nonce; NEXT_SEQ can still be read.
      words[6] = command(64'd6, 1);
      put_piece(64'd6, 0, 8);
      write32({52'd0, `FB_REG_SESSION}, 32'd0);
      expect32({52'd0, `FB_REG_STATE}, {28'd0, `FB_CARD_CLOSED});
      expect64({52'd0, `FB_REG_NEXT_SEQ}, 64'd6);
      expect64({52'd0, `FB_REG_PRODUCED}, 64'd6);
      put(64'd6, 1);
      drain;
      host;
      open_session(32'h101, 64'd6, 6);
      expect64({52'd0, `FB_REG_PRODUCED}, 64'd0);
      put_piece(64'd6, 8, 8);
      drain;
      idle(50);
      expect64({52'd0, `FB_REG_NEXT_SEQ}, 64'd6);
      put(64'd6, 1);
      drain;
      idle(80);
      host;
      if (records_seen != 7) fault("records of the second session");
      // Straight into the next one, and what the core still had goes there.
      put(64'd7, 5);
      drain;
      write32({52'd0, `FB_REG_SESSION}, 32'd0);
      drain;
      while (rq_valid) cycle;
      idle(200);
      host;
      records_seen = 0;
      in_order = 1'b0;
      open_session(32'h102, 64'd8, 6);
      put(64'd8, 1);
      drain;
      idle(100);
      host;
      if (records_seen < 2) fault("records that waited");
      expect64({52'd0, `FB_REG_NEXT_SEQ}, 64'd9);
      // Without bus mastering none opens.
      master = 1'b0;
      idle(5);
      expect32({52'd0, `FB_REG_SESSION}, 32'd0);
      write32({52'd0, `FB_REG_SESSION}, 32'h103);
      expect32({52'd0, `FB_REG_SESSION}, 32'd0);
      expect32({52'd0, `FB_REG_STATE}, {28'd0, `FB_CARD_CLOSED});
      master = 1'b1;
      // Opening takes at most 512 cycles.
      write32({52'd0, `FB_REG_SESSION}, 32'h104);
      expect32({52'd0, `FB_REG_STATE}, {28'd0, `FB_CARD_OPENING});
      idle(480);
      expect32({52'd0, `FB_REG_STATE}, {28'd0, `FB_CARD_RUNNING});
    end
  endtask

  // Everything full: ring, window, core. The host sleeps. Then it wakes up, and all drains.
  task all_full;
    integer k;
    begin
      begin_case("all full");
      reset;
      open_session(32'h200, 64'd0, 6);
      for (k = 0; k < 256; k = k + 1) put(k, 2);
      drain;
      idle(2000);
      host;
      if (produced != 64) fault("ring filled to the last place, and not beyond");
      if (u_card.next_seq == 64'd256) fault("the core should be full");
      expect64({52'd0, `FB_REG_MAGIC}, `FB_MAGIC);
      while (records_seen < 512 && cycles < 2000000) begin
        take_all;
        drain;
        idle(40);
        host;
      end
      for (k = 256; k < 300; k = k + 1) put(k, 1);
      drain;
      for (k = 0; k < 20; k = k + 1) begin
        take_all;
        idle(50);
      end
      host;
      if (records_seen != 556) fault("records after the sleep");
      if (gaps_seen != 0) fault("gap");
      expect64({52'd0, `FB_REG_NEXT_SEQ}, 64'd300);
      // A host that claims to have taken what does not exist gets nothing.
      write32({52'd0, `FB_REG_CONSUMED}, produced[31:0] + 32'd1);
      put(64'd300, 1);
      drain;
      idle(100);
      host;
      if (records_seen != 556) fault("CONSUMED beyond PRODUCED");
    end
  endtask

  task starvation;
    integer k;
    reg [63:0] before;
    begin
      begin_case("starvation");
      reset;
      open_session(32'h300, 64'd0, 8);
      ph = 0;
      for (k = 0; k < 40; k = k + 1) put(k, 1);
      drain;
      idle(200);
      host;
      if (records_seen != 0) fault("record without a header credit");
      before = statuses;
      ph = 4;
      pd = 3;
      idle(100);
      host;
      if (records_seen != 0) fault("record without data credit");
      pd = 19;
      ph = 255;
      idle(400);
      host;
      if (records_seen != 40) fault("records from the reserve");
      if (statuses != before) fault("status line from the reserve of data");
      pd = 4095;
      ph = 4;
      write32({52'd0, `FB_REG_STATUS_CYCLES}, 32'd256);
      idle(600);
      host;
      if (statuses != before) fault("status line from the reserve of headers");
      ph = 5;
      pd = 20;
      idle(100);
      host;
      if (statuses == before) fault("status line");
    end
  endtask

  // Credit that falls LATE cycles after a packet has left: what was given is never exceeded, and the reserve is kept.
  integer credit_free, credit_shown [0:15], credit_low, credit_at;
  task credit_cycle;        // `credit_free` headers are left, and the card sees it 12 cycles later
    integer began_now;
    begin
      ph = credit_shown[credit_at % 12];
      began_now = rq_begin;
      cycle;
      if (rq_begin != began_now) begin
        credit_free = credit_free - 1;
        if (credit_free < 0) fault("more packets than credit");
        if (rq_data_before[63:0] === status_line && credit_free < 4) fault("status line from the reserve");
      end
      credit_shown[credit_at % 12] = credit_free;
      credit_at = credit_at + 1;
    end
  endtask

  task late_credit;
    integer k, waited;
    begin
      begin_case("late credit");
      reset;
      open_session(32'h301, 64'd0, 10);
      for (k = 0; k < 16; k = k + 1) credit_shown[k] = 0;
      credit_free = 0;
      credit_at = 0;
      ph = 0;
      for (k = 0; k < 250; k = k + 1) put(k, 1);
      waited = 0;
      while (records_seen < 250 && waited < 8000) begin
        credit_cycle;
        if (below(30) == 0) credit_free = credit_free + below(12);
        if (credit_free > 60) credit_free = 60;
        host;
        waited = waited + 1;
      end
      if (records_seen != 250) fault("records");
    end
  endtask

  task status_lines;
    integer k, before, from, between;
    begin
      begin_case("status lines");
      reset;
      open_session(32'h400, 64'd0, 10);
      write32({52'd0, `FB_REG_STATUS_CYCLES}, 32'd1000);
      idle(1100);
      host;
      before = statuses;
      idle(3001);
      host;
      if (statuses != before + 3) fault("line at the latest every STATUS_CYCLES");
      // At most every 64 cycles.
      from = log_size;
      for (k = 0; k < 60; k = k + 1) begin
        put(k, 0);
        idle(7);
      end
      idle(100);
      before = -1000;
      for (k = from; k < log_size; k = k + 1) begin
        if (log_cycle[k] - before < 64) fault("lines too close");
        if (k > from + 1 && log_cycle[k] - before > 70) fault("line late");
        before = log_cycle[k];
      end
      host;
      if (credit_seen !== 64'd316) fault("credit");
      // After at most 32 records, however many wait: due every 256 cycles here.
      write32({52'd0, `FB_REG_STATUS_CYCLES}, 32'd256);
      from = log_size;
      for (k = 60; k < 64; k = k + 1) put(k, 100);
      drain;
      idle(1500);
      between = 0;
      for (k = from; k < log_size; k = k + 1)
        if (log_address[k] === status_line) between = 0;
        else begin
          between = between + 1;
          if (between > 32 + 128) fault("line late behind records");
        end
      host;
      if (records_seen != 400) fault("records");
      if (last_status[`FB_REC_STATUS_HEARTBEAT] === 64'd0) fault("heartbeat");
    end
  endtask

  // Ends of a session in every cycle of a stream of packets, in all ways, RQ slow or not: root.vh sees that the packet ends
  // and that none follows; here that the next session begins well and nothing is lost in the core.
  task cut;
    input integer way, phase, slow;
    integer waited, packets;
    begin
      reset;
      in_order = 1'b0;
      open_session(32'h500 + phase, 64'd0, 6);
      write32({52'd0, `FB_REG_GAP_CYCLES}, 32'd16384);
      put(64'd0, 30);
      if (way == 2) write32({52'd0, `FB_REG_SESSION}, 32'd0);
      stall = slow;
      while (!u_card.rec_valid && q_head != q_tail) cycle;
      ask_now(way == 0 ? 200 : 45);
      idle(phase);
      case (way)
        0: flr = 1'b1;
        1: master = 1'b0;
        2: write32({52'd0, `FB_REG_SESSION}, 32'd0);
        3: write32({52'd0, `FB_REG_SESSION}, 32'h700);
        default: ;
      endcase
      waited = 0;
      while (way == 0 && !flr_done[0] && waited < 2000) begin
        cycle;
        waited = waited + 1;
      end
      if (way == 0) begin
        if (!flr_done[0]) fault("function reset does not end");
        if (rq_valid || cc_valid || rq_inside || cc_inside) fault("a packet after the function reset");
        packets = cc_packets;
        idle(3);
        if (!flr_done[0]) fault("flr_done does not stay");
        flr = 1'b0;
        idle(2);
        if (flr_done[0]) fault("flr_done without a reset");
      end
      idle(200);
      if (way == 0 && (cc_packets != packets || cc_inside)) fault("a completion after the function reset");
      waited = 0;
      while (way != 0 && !got_done && waited < 3000) begin
        cycle;
        waited = waited + 1;
      end
      if (way == 1) master = 1'b1;
      if (rq_inside || cc_inside) fault("a packet that does not end");
      stall = 0;
      host;
      if (way != 3) begin
        q_head = q_tail;
        got_done = 1;
        idle(300);
        open_session(32'h600, 64'd1, 6);
        idle(100);
        host;
        put(64'd1, 1);
        drain;
        idle(100);
        host;
        if (next_record_seq !== 64'd1) fault("the next session");
        expect64({52'd0, `FB_REG_NEXT_SEQ}, 64'd2);
      end
    end
  endtask

  task ask_now;             // a read, not waited for
    input integer dwords;
    begin
      got_dwords = 0;
      got_done = 0;
      want_address = 64'd0;
      want_dwords = dwords;
      got_bytes_left = dwords * 4;
      request(4'd0, 3'd0, 64'd0, dwords, 0, 4'hf, 4'hf, 8'd5);
    end
  endtask

  task cuts;
    integer way, phase;
    begin
      begin_case("cuts");
      for (way = 0; way < 4; way = way + 1) if (way != 2)
        for (phase = 0; phase < 26; phase = phase + 1) cut(way, phase, phase & 1 ? 60 : 0);
      for (phase = 0; phase < 6; phase = phase + 1) cut(2, phase * 3, phase & 1 ? 60 : 0);
    end
  endtask

  // The function is reset while a write to registers comes in: nothing of it counts, and the registers are as after reset.
  task flr_inside_write;
    integer k, phase;
    begin
      begin_case("flr inside a write");
      for (phase = 0; phase < 8; phase = phase + 1) begin
        reset;
        write32({52'd0, `FB_REG_GAP_CYCLES}, 32'd5000);
        write32({52'd0, `FB_REG_KILL}, 32'd1);
        drain;
        pause = 50;
        for (k = 0; k < 64; k = k + 1) pay[k] = 32'd100;
        write_pay(3'd0, {52'd0, `FB_REG_RING_BASE} - 48 * 4, 61);
        idle(phase);
        flr = 1'b1;
        while (!flr_done[0]) cycle;
        flr = 1'b0;
        drain;
        if (phase < 4) begin
          expect32({52'd0, `FB_REG_GAP_CYCLES}, 32'd16384);
          expect32({52'd0, `FB_REG_KILL}, 32'd0);
          expect32({52'd0, `FB_REG_CONSUMED}, 32'd0);
        end
        write32({52'd0, `FB_REG_CONSUMED}, 32'd3);
        expect32({52'd0, `FB_REG_CONSUMED}, 32'd3);
      end
    end
  endtask

  // The card's reset, in the middle of packets.
  task card_reset;
    integer phase;
    begin
      begin_case("card reset");
      for (phase = 0; phase < 12; phase = phase + 1) begin
        reset;
        open_session(32'h800, 64'd0, 6);
        put(64'd0, 20);
        idle(24 + phase);
        reset;
        expect32({52'd0, `FB_REG_STATE}, {28'd0, `FB_CARD_CLOSED});
        open_session(32'h801, 64'd9, 6);
        put(64'd9, 1);
        drain;
        idle(60);
        host;
        if (records_seen != 1) fault("after the reset");
      end
    end
  endtask

  // The sum of the writer's counters is the time; each counts in its place.
  reg [63:0] count [0:5];
  task counters_now;
    integer k;
    begin
      ask(3'd0, {52'd0, `FB_REG_WRITER_IDLE}, 12, 4'hf, 4'hf);
      for (k = 0; k < 6; k = k + 1) count[k] = {got[k * 2 + 1], got[k * 2]};
    end
  endtask

  task counters;
    integer k, last_cycles;
    reg [63:0] earlier [0:5];
    begin
      begin_case("counters");
      reset;
      put(64'd0, 1);
      open_session(32'h900, 64'd0, 6);
      for (k = 0; k < 100; k = k + 1) put(k, 1);      // ring full
      drain;
      idle(300);
      counters_now;
      if (count[4] < 200) fault("WRITER_RING");
      if (count[1] < 64 * (DATA_W == 512 ? 2 : 3)) fault("WRITER_SENT");
      ph = 0;
      take_all;
      drain;
      idle(300);
      counters_now;
      if (count[3] < 250) fault("WRITER_POSTED");
      stall = 50;
      ph = 255;
      idle(300);
      counters_now;
      if (count[2] < 20 || count[2] > 400) fault("WRITER_BUSY");
      stall = 0;
      write32({52'd0, `FB_REG_SESSION}, 32'd0);
      drain;
      counters_now;
      for (k = 0; k < 6; k = k + 1) earlier[k] = count[k];
      // The counters, read as one block in one completion, stand for consecutive moments.
      idle(500);
      counters_now;
      if (count[5] != earlier[5]) fault("WRITER_CLOSED without a record");
      if (count[0] - earlier[0] < 500) fault("WRITER_IDLE");
      ask(3'd0, {52'd0, `FB_REG_CORE_IDLE}, 12, 4'hf, 4'hf);
      for (k = 0; k < 6; k = k + 1) if ({got[k * 2 + 1], got[k * 2]} !== k + 1) fault("core counters");
    end
  endtask

  // Everything at once, from a seed: pieces, pauses, stalls, credit, a lazy host, lost commands.
  task soak;
    input integer rounds;
    integer round, n, k, waited;
    reg [63:0] at, lost;
    begin
      begin_case("soak");
      reset;
      open_session(32'h5eed, 64'd100, 6);
      write32({52'd0, `FB_REG_GAP_CYCLES}, 32'd400);
      at = 100;
      for (round = 0; round < rounds; round = round + 1) begin
        pause = below(3) * 30;
        stall = below(4) * 25;
        ph = below(3) == 0 ? 5 + below(3) : 255;
        n = 1 + below(24);
        while (at + n > credit_seen) begin
          idle(20);
          take_all;
        end
        lost = below(4) == 0 ? at + below(n) : ~64'd0;
        for (k = 0; k < n; k = k + 1) if (at + k != lost) begin
          if (below(2)) scatter(at + k, 1, 8);
          else put(at + k, 1);
        end
        at = at + n;
        drain;
        if (below(2)) take_all;
        waited = 0;
        while (lost !== ~64'd0 && waited < 20000) begin
          idle(50);
          take_all;
          waited = waited + 1;
          if (last_gap === lost) begin
            put(lost, 1);
            lost = ~64'd0;
          end else if (u_card.next_seq == at - 1 && lost == at - 1 && n == 1) begin
            put(lost, 1);
            lost = ~64'd0;
          end else if (lost == at - 1 && u_card.next_seq == lost && u_card.u_gap.ahead_q == 0) begin
            put(lost, 1);                  // nothing behind it: only the host's own deadline can tell
            lost = ~64'd0;
          end
        end
      end
      waited = 0;
      while (records_seen != at - 100 && waited < 2000) begin
        idle(20);
        take_all;
        waited = waited + 1;
      end
      if (records_seen != at - 100) fault("records");
      expect64({52'd0, `FB_REG_NEXT_SEQ}, at);
    end
  endtask
