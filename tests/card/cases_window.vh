// Cases of commands: pieces, check words, gaps, kill switch. Included in card_tb.

  reg [511:0] words [0:255];
  integer     piece_seq [0:1023], piece_from [0:1023], piece_dwords [0:1023];
  integer     pieces;

  task put_piece;           // dwords of a command
    input [63:0]  seq;
    input integer from, dwords;
    integer i, byte_at;
    begin
      for (i = 0; i < dwords; i = i + 1) pay[i] = words[seq[7:0]][(from + i) * 32 +: 32];
      if (dwords == 1 && below(2)) begin          // by bytes, the last first
        byte_at = below(3);
        request(4'd1, 3'd2, {48'd0, seq[7:0], 6'd0} + from * 4, 1, 1, 4'he << byte_at, 4'h0, 8'd0);
        request(4'd1, 3'd2, {48'd0, seq[7:0], 6'd0} + from * 4, 1, 1, ~(4'he << byte_at), 4'h0, 8'd0);
      end else write_pay(3'd2, {48'd0, seq[7:0], 6'd0} + from * 4, dwords);
    end
  endtask

  // Commands first..first+n-1, one record each, in pieces and in any order; some pieces twice.
  task scatter;
    input [63:0]  first;
    input integer n, largest;
    integer k, at, size, other, swap, end_at;
    reg [63:0] seq;
    begin
      pieces = 0;
      for (k = 0; k < n; k = k + 1) begin
        seq = first + k;
        words[seq[7:0]] = command(seq, 1);
        at = 0;
        while (at < 16) begin
          size = 1 + below(largest);
          if (at + size > 16) size = 16 - at;
          piece_seq[pieces] = k;
          piece_from[pieces] = at;
          piece_dwords[pieces] = size;
          pieces = pieces + 1;
          if (below(16) == 0) begin
            piece_seq[pieces] = k;
            piece_from[pieces] = at;
            piece_dwords[pieces] = size;
            pieces = pieces + 1;
          end
          at = at + size;
        end
      end
      for (k = pieces - 1; k > 0; k = k - 1) begin
        other = below(k + 1);
        swap = piece_seq[k];
        piece_seq[k] = piece_seq[other];
        piece_seq[other] = swap;
        swap = piece_from[k];
        piece_from[k] = piece_from[other];
        piece_from[other] = swap;
        swap = piece_dwords[k];
        piece_dwords[k] = piece_dwords[other];
        piece_dwords[other] = swap;
      end
      for (k = 0; k < pieces; k = k + 1) put_piece(first + piece_seq[k], piece_from[k], piece_dwords[k]);
    end
  endtask

  task take_all;            // what the host has found
    begin
      host;
      write32({52'd0, `FB_REG_CONSUMED}, produced[31:0]);
    end
  endtask

  task scattered;
    integer k, n, largest;
    reg [63:0] at;
    begin
      begin_case("scattered");
      reset;
      open_session(32'habcd, 64'hffff_fff0, 6);
      at = 64'hffff_fff0;
      for (k = 0; k < 24; k = k + 1) begin
        pause = k % 3 * 25;
        stall = k % 4 * 20;
        n = 1 + below(20);
        largest = 1 + below(16);
        scatter(at, n, largest);
        at = at + n;
        drain;
        idle(150);
        take_all;
      end
      stall = 0;
      drain;
      idle(200);
      host;
      if (records_seen != at - 64'hffff_fff0) fault("records");
      if (gaps_seen != 0) fault("gap");
      expect64({52'd0, `FB_REG_NEXT_SEQ}, at);
      // One write that covers three slots and a half; the other half first.
      while (at[7:0] > 8'd250) begin
        put(at, 1);
        at = at + 1;
      end
      drain;
      idle(100);
      take_all;
      for (k = 0; k < 4; k = k + 1) words[at[7:0] + k] = command(at + k, 1);
      put_piece(at + 3, 8, 8);
      for (k = 0; k < 56; k = k + 1) pay[k] = words[at[7:0] + k / 16][k % 16 * 32 +: 32];
      write_pay(3'd2, {48'd0, at[7:0], 6'd0}, 56);
      drain;
      idle(200);
      host;
      if (records_seen != at + 4 - 64'hffff_fff0) fault("records of a long write");
    end
  endtask

  task wrong_words;
    reg [511:0] word;
    reg [63:0] at;
    integer k;
    begin
      begin_case("wrong words");
      reset;
      open_session(32'h5, 64'd7, 6);
      // A wrong check word waits, and the right bytes repair it.
      for (k = 0; k < 8; k = k + 1) begin
        at = 7 + k;
        word = command(at, 1);
        word[k * 60 + 1] = !word[k * 60 + 1];
        put_word(at, word);
        drain;
        idle(40);
        host;
        if (records_seen != k) fault("a wrong check word acts");
        words[at[7:0]] = command(at, 1);
        put_piece(at, k * 60 / 32, 1);
        drain;
        idle(40);
        host;
        if (records_seen != k + 1) fault("a repaired command does not act");
      end
      expect32({52'd0, `FB_REG_STALE}, 32'd0);
      // Of another session; of another sequence, with the right nonce: thrown away, and the slot is free.
      nonce = 32'h4;
      word = command(64'd15, 1);
      nonce = 32'h5;
      put_word(64'd15, word);
      drain;
      idle(20);
      expect32({52'd0, `FB_REG_STALE}, 32'd1);
      put_word(64'd15, command(64'd15 + 256, 1));
      put_word(64'd16, command(64'd16, 1));
      drain;
      idle(20);
      expect32({52'd0, `FB_REG_STALE}, 32'd2);
      put_word(64'd15, command(64'd15, 1));
      drain;
      idle(60);
      host;
      if (records_seen != 10) fault("after stale words");
      // Old words everywhere: each is thrown away when its turn comes, and never takes new pieces with it.
      for (k = 0; k < 40; k = k + 1) put_word(64'd17 + k, command(64'd17 + k - 256, 1));
      for (k = 0; k < 40; k = k + 1) put_word(64'd17 + k, command(64'd17 + k, 1));
      drain;
      idle(200);
      host;
      if (records_seen != 50) fault("new words over old ones");
      if (gaps_seen != 0) fault("gap");
    end
  endtask

  // A stale word in the slot of NEXT_SEQ, and the right one arrives at every distance from the moment it is thrown away.
  task stale_races;
    integer k;
    begin
      begin_case("stale races");
      reset;
      open_session(32'h5, 64'd0, 6);
      for (k = 0; k < 24; k = k + 1) begin
        put_word(k, command(64'd1000, 1));
        if (k < 12) idle(k);
        put_word(k, command(k, 1));
        drain;
        idle(60);
        take_all;
        if (records_seen != k + 1) fault("lost to a stale word");
      end
      if (gaps_seen != 0) fault("gap");
    end
  endtask

  task throughput;
    integer k, first_taken, last_taken, taken, from, gap_most, before, rq_gap;
    begin
      begin_case("throughput");
      reset;
      open_session(32'h9, 64'd0, 8);
      from = log_size;
      for (k = 0; k < 200; k = k + 1) put(k, 1);
      taken = 0;
      gap_most = 0;
      before = 0;
      while (taken < 200 && cycles < 1000000) begin
        cycle;
        if (u_card.acted) begin
          if (taken > 0 && cycles - before > gap_most) gap_most = cycles - before;
          before = cycles;
          taken = taken + 1;
        end
      end
      if (gap_most != (DATA_W == 512 ? 2 : 3)) fault("a command every 2 cycles (3 with 256 bits)");
      drain;
      idle(100);
      rq_gap = 0;
      for (k = from + 1; k < log_size; k = k + 1)
        if (log_address[k] !== status_line && log_address[k - 1] !== status_line && log_cycle[k] - log_cycle[k - 1] > rq_gap)
          rq_gap = log_cycle[k] - log_cycle[k - 1];
      if (rq_gap > (DATA_W == 512 ? 2 : 3)) fault("a record every 2 cycles (3 with 256 bits)");
      host;
      if (records_seen != 200) fault("records");
      // Many records of one command: the writer alone.
      from = log_size;
      put(64'd200, 40);
      drain;
      idle(200);
      for (k = from + 2; k < log_size; k = k + 1)
        if (log_address[k] !== status_line && log_address[k - 1] !== status_line
            && log_cycle[k] - log_cycle[k - 1] != (DATA_W == 512 ? 2 : 3)) fault("records back to back");
      host;
      if (records_seen != 240) fault("records of one command");
    end
  endtask

  task gap_cycles;
    input integer n;
    write32({52'd0, `FB_REG_GAP_CYCLES}, n);
  endtask

  task gaps;
    integer k, stage, total;
    reg [511:0] word;
    reg [63:0] at;
    begin
      begin_case("gaps");
      reset;
      open_session(32'h21, 64'd0, 10);
      gap_cycles(300);
      idle(2000);
      host;
      if (gaps_seen != 0) fault("gap although nothing came");
      total = 0;
      at = 0;
      // At every stage: nothing of it but the next; some pieces; all but one byte; whole with a wrong check word; a far one.
      for (stage = 0; stage < 5; stage = stage + 1) begin
        words[at[7:0]] = command(at, 1);
        words[at[7:0] + 1] = command(at + 1, 1);
        if (stage == 1) put_piece(at, 0, 15);
        if (stage == 2) begin
          for (k = 0; k < 16; k = k + 1) pay[k] = words[at[7:0]][k * 32 +: 32];
          request(4'd1, 3'd2, {48'd0, at[7:0], 6'd0}, 16, 16, 4'he, 4'hf, 8'd0);
        end
        if (stage == 3) begin
          word = command(at, 1);
          word[200] = !word[200];
          put_word(at, word);
        end
        if (stage == 4) put(at + 120, 1);
        if (stage != 1) put(at + 1, 1);
        drain;
        host;
        if (gaps_seen != total) fault("gap too early");
        idle(250);
        host;
        if (gaps_seen != total) fault("gap too early");
        idle(80);
        host;
        total = total + 1;
        if (gaps_seen != total || last_gap !== at) fault("no gap");
        idle(330);
        host;
        total = total + 1;
        if (gaps_seen != total || last_gap !== at) fault("no second gap");
        put_word(at, command(at, 1));
        drain;
        idle(60);
        at = at + 1;
        if (stage == 1) put(at, 1);
        drain;
        idle(60);
        take_all;
        at = at + 1;
        if (records_seen != at) fault("after the gap");
      end
      // What lies far ahead keeps the window from being idle until its turn comes.
      for (k = at; k < 128; k = k + 1) if (k != 124) put(k, 1);
      drain;
      idle(400);
      host;
      if (gaps_seen != total + 1) fault("gap of a far slot");
      gap_cycles(2000);
      at = 124;
      put(at, 1);
      drain;
      idle(150);
      take_all;
      total = gaps_seen;
      expect64({52'd0, `FB_REG_NEXT_SEQ}, 64'd129);
      // Late repetitions of what has acted are no gap.
      gap_cycles(100);
      put(64'd127, 1);
      put(64'd120, 1);
      drain;
      idle(1000);
      host;
      if (gaps_seen != total) fault("gap after a repetition");
      // All of the window is on its way, the last one is lost.
      for (k = 129; k < 385; k = k + 1) if (k != 380) put(k, 1);
      drain;
      idle(400);
      host;
      if (gaps_seen == total || last_gap !== 64'd380) fault("gap at the end of the window");
      write32({52'd0, `FB_REG_GAP_CYCLES}, 32'd16384);
      drain;
      idle(40);
      host;
      expect32({52'd0, `FB_REG_GAPS}, gaps_seen);
    end
  endtask

  // Time without room in the core, or with the kill switch on, does not count.
  task gap_time;
    integer k;
    begin
      begin_case("gap time");
      reset;
      open_session(32'h21, 64'd0, 10);
      gap_cycles(300);
      put(64'd1, 1);
      drain;
      u_card.u_core.stall = 1'b1;
      idle(1000);
      u_card.u_core.stall = 1'b0;
      write32({52'd0, `FB_REG_KILL}, 32'd1);
      idle(1000);
      host;
      if (gaps_seen != 0) fault("gap while the time stands still");
      if (last_status[`FB_REC_STATUS_STATE] !== {28'd0, `FB_CARD_KILLED}) fault("state in the status line");
      write32({52'd0, `FB_REG_KILL}, 32'd0);
      idle(320);
      host;
      if (gaps_seen != 1) fault("no gap");
      // All pieces are there before the core has room; then it takes what is before the hole, and nothing comes any more.
      put(64'd0, 1);
      drain;
      idle(60);
      u_card.u_core.stall = 1'b1;
      for (k = 2; k < 12; k = k + 1) if (k != 7) put(k, 1);
      drain;
      idle(50);
      u_card.u_core.stall = 1'b0;
      idle(400);
      host;
      if (gaps_seen != 2 || last_gap !== 64'd7) fault("no gap behind commands that acted");
    end
  endtask

  task kill_switch;
    integer k;
    begin
      begin_case("kill switch");
      reset;
      open_session(32'h31, 64'd0, 6);
      for (k = 0; k < 10; k = k + 1) put(k, 2);
      drain;
      idle(10);
      write32({52'd0, `FB_REG_KILL}, 32'd1);
      for (k = 10; k < 20; k = k + 1) put(k, 2);
      drain;
      idle(200);
      host;
      if (records_seen != 20) fault("records of what was taken go on");
      expect32({52'd0, `FB_REG_STATE}, {28'd0, `FB_CARD_KILLED});
      expect64({52'd0, `FB_REG_NEXT_SEQ}, 64'd10);
      write32({52'd0, `FB_REG_KILL}, 32'd0);
      drain;
      idle(200);
      host;
      if (records_seen != 40) fault("what waited acts");
      take_all;
      // Switched at any moment of a stream, nothing is lost or comes twice.
      for (k = 20; k < 60; k = k + 1) begin
        put(k, 1);
        write32({52'd0, `FB_REG_KILL}, k & 1);
        idle(below(6));
      end
      write32({52'd0, `FB_REG_KILL}, 32'd0);
      drain;
      idle(300);
      take_all;
      if (records_seen != 80) fault("switched in a stream");
      // While the core does not take the word that is offered.
      u_card.u_core.stall = 1'b1;
      put(64'd60, 1);
      drain;
      write32({52'd0, `FB_REG_KILL}, 32'd1);
      drain;
      u_card.u_core.stall = 1'b0;
      idle(100);
      expect64({52'd0, `FB_REG_NEXT_SEQ}, 64'd60);
      write32({52'd0, `FB_REG_KILL}, 32'd0);
      drain;
      idle(60);
      host;
      if (records_seen != 81) fault("offered word");
    end
  endtask
