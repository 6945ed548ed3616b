// Cases of the bus: registers, completions, requests that are refused, interrupts. Included in card_tb.

  task registers;
    integer k, dword;
    begin
      begin_case("registers");
      reset;
      // Settings in one packet, with neighbours that do not exist.
      for (k = 0; k < 16; k = k + 1) pay[k] = 32'h01010101 * k;
      pay[8] = 32'd0;
      write_pay(3'd0, {52'd0, `FB_REG_RING_BASE}, 16);
      expect64({52'd0, `FB_REG_RING_BASE}, 64'h0101010100000000);
      expect32({52'd0, `FB_REG_RING_BITS}, 32'd20);
      expect32({52'd0, `FB_REG_CONSUMED}, 32'h03030303);
      expect64({52'd0, `FB_REG_STATUS_BASE}, 64'h0505050504040400);
      expect64({52'd0, `FB_REG_FIRST_SEQ}, 64'h0707070706060606);
      expect32({52'd0, `FB_REG_KILL}, 32'd1);
      expect32({52'd0, `FB_REG_WAKE}, 32'h0a0a0a0a);
      expect32({52'd0, `FB_REG_GAP_CYCLES}, 32'd16777216);
      expect32({52'd0, `FB_REG_STATUS_CYCLES}, 32'd16777216);
      write32({52'd0, `FB_REG_RING_BITS}, 32'd1);
      write32({52'd0, `FB_REG_GAP_CYCLES}, 32'd1);
      write32({52'd0, `FB_REG_STATUS_CYCLES}, 32'd1);
      write32({52'd0, `FB_REG_KILL}, 32'hfffffffe);
      expect32({52'd0, `FB_REG_RING_BITS}, 32'd6);
      expect32({52'd0, `FB_REG_GAP_CYCLES}, 32'd64);
      expect32({52'd0, `FB_REG_STATUS_CYCLES}, 32'd256);
      expect32({52'd0, `FB_REG_KILL}, 32'd0);
      // Bytes.
      pay[0] = 32'haabbccdd;
      request(4'd1, 3'd0, {52'd0, `FB_REG_CONSUMED}, 1, 1, 4'b0100, 4'd0, 8'd0);
      expect32({52'd0, `FB_REG_CONSUMED}, 32'h03bb0303);
      request(4'd1, 3'd0, {52'd0, `FB_REG_CONSUMED}, 1, 1, 4'b0000, 4'd0, 8'd0);
      expect32({52'd0, `FB_REG_CONSUMED}, 32'h03bb0303);
      // A damaged packet changes nothing, also when it has several beats.
      discontinue = 1'b1;
      for (k = 0; k < 32; k = k + 1) pay[k] = 32'h77777777;
      write32({52'd0, `FB_REG_CONSUMED}, 32'd5);
      write_pay(3'd0, {52'd0, `FB_REG_RING_BASE} - 64, 28);
      discontinue = 1'b0;
      expect32({52'd0, `FB_REG_CONSUMED}, 32'h03bb0303);
      expect32({52'd0, `FB_REG_UNSUPPORTED}, 32'd2);
      // Long writes from any dword: only what lies there changes.
      for (dword = 1; dword < 60; dword = dword + 7) begin
        write64({52'd0, `FB_REG_FIRST_SEQ}, 64'd0);
        for (k = 0; k < 80; k = k + 1) pay[k] = 32'd0;
        pay[dword] = 32'h12345678;
        write_pay(3'd0, {52'd0, `FB_REG_FIRST_SEQ} - dword * 4, dword + 1);
        expect64({52'd0, `FB_REG_FIRST_SEQ}, 64'h12345678);
      end
      // The MSI-X table and its pending bits.
      pay[0] = 32'hfee01007;
      pay[1] = 32'd9;
      pay[2] = 32'hffffffff;
      pay[3] = 32'hfffffffe;
      expect32(`FB_MSIX_TABLE + 12, 32'd1);
      pay[0] = 32'hfee01007;
      write_pay(3'd0, `FB_MSIX_TABLE, 4);
      expect64(`FB_MSIX_TABLE, 64'h9fee01004);
      expect64(`FB_MSIX_TABLE + 8, 64'hffffffff);
      expect32(`FB_MSIX_PBA, 32'd0);
    end
  endtask

  // All ones written to everything: nothing of ours reads as all ones, what is read only keeps its value.
  task all_ones;
    integer k, page, wide;
    begin
      begin_case("all ones");
      reset;
      for (page = 0; page < 65536; page = page + 4096) begin
        for (k = 0; k < 1024; k = k + 1) pay[k] = 32'hffffffff;
        if (page != `FB_MSIX_TABLE) write_pay(3'd0, page, 1024);
      end
      drain;
      for (page = 0; page < 65536; page = page + 32768 + 4096) begin
        ask(3'd0, page, 1024, 4'hf, 4'hf);
        if (got_dwords != 1024) fault("dwords");
        for (k = 0; k < 1024; k = k + 1) begin
          wide = k >> 1 << 1;        // NEXT_SEQ, PRODUCED, FIRST_SEQ, bases and counters are 64 bits wide
          if (got[k] === 32'hffffffff && got[k ^ 1] === 32'hffffffff) fault("a register holds all ones");
          if (got[k] === 32'hffffffff && !(k * 4 == `FB_REG_RING_BASE + 4 || k * 4 == `FB_REG_STATUS_BASE + 4
              || k * 4 == `FB_REG_FIRST_SEQ)) begin
            fault("a register holds all ones");
            $display("  %h", k * 4);
          end
        end
      end
      expect64({52'd0, `FB_REG_MAGIC}, `FB_MAGIC);
      expect32({52'd0, `FB_REG_SESSION}, 32'd0);
      expect32({52'd0, `FB_REG_STATE}, {28'd0, `FB_CARD_CLOSED});
    end
  endtask

  task reads;
    integer k, n, from, fbe, lbe, bar;
    begin
      begin_case("reads");
      reset;
      pause = 20;
      stall = 30;
      for (k = 0; k < 60; k = k + 1) begin
        n = k < 4 ? 1024 : 1 + below(k < 20 ? 70 : 20);
        from = k < 4 ? 0 : below(256);
        fbe = n == 1 ? below(16) : (4'hf << below(4)) & 15;
        lbe = n == 1 ? 0 : 4'hf >> below(4);
        bar = k % 3 == 0 ? 0 : 2;
        ask(bar, 64'h4000 * 5 + from * 4, n, fbe[3:0], lbe[3:0]);
        if (got_dwords != n) fault("dwords of a read");
        for (n = 0; n < got_dwords; n = n + 1) if (bar == 2 && got[n] !== `FB_WINDOW_PATTERN) fault("pattern");
      end
      stall = 0;
      ask(3'd0, 64'd0, 1, 4'h0, 4'h0);
      if (got_dwords != 1) fault("read of no bytes");
      ask(3'd2, 64'd0, 1, 4'h0, 4'h0);
    end
  endtask

  // Halves of a counter belong together.
  task halves;
    reg [31:0] low;
    begin
      begin_case("halves");
      reset;
      force u_card.next_seq = 64'h1_fffffffe;
      read32({52'd0, `FB_REG_NEXT_SEQ});
      low = got[0];
      force u_card.next_seq = 64'h2_00000000;
      read32({52'd0, `FB_REG_NEXT_SEQ} + 4);
      if ({got[0], low} !== 64'h1_fffffffe) fault("halves");
      read32({52'd0, `FB_REG_NEXT_SEQ} + 4);
      if (got[0] !== 32'd2) fault("high half alone");
      release u_card.next_seq;
    end
  endtask

  task refused;
    integer k;
    reg [31:0] before;
    begin
      begin_case("refused");
      reset;
      stall = 20;
      for (k = 0; k < 8; k = k + 1) pay[k] = k;
      refuse(4'd2, 3'd1, 64'h100, 1, 0);           // I/O read
      if (cc_head[28:16] !== 13'd4 || cc_head[6:0] !== 7'd0) fault("I/O: byte count");
      refuse(4'd3, 3'd1, 64'h100, 1, 1);           // I/O write
      refuse(4'd4, 3'd0, 64'h100, 1, 1);           // fetch and add
      refuse(4'd5, 3'd0, 64'h100, 2, 2);           // swap
      refuse(4'd6, 3'd2, 64'h100, 8, 8);           // compare and swap
      refuse(4'd7, 3'd0, 64'h104, 3, 0);           // locked read
      if (cc_head[29] !== 1'b1 || cc_head[28:16] !== 13'd12 || cc_head[6:0] !== 7'h4) fault("locked read");
      refuse(4'd0, 3'd6, 64'h100, 2, 0);           // memory read of the expansion ROM
      if (cc_head[28:16] !== 13'd8 || cc_head[29] !== 1'b0) fault("other BAR");
      // Posted: dropped, and the card goes on.
      request(4'd12, 3'd0, 64'd0, 0, 0, 4'd0, 4'd0, 8'd0);
      request(4'd13, 3'd0, 64'd0, 8, 8, 4'hf, 4'hf, 8'd0);
      write_pay(3'd4, 64'h10c, 1);
      write_pay(3'd4, 64'h10c, 16);
      drain;
      expect32({52'd0, `FB_REG_UNSUPPORTED}, 32'd11);
      expect32({52'd0, `FB_REG_CONSUMED}, 32'd0);
    end
  endtask

  // Reads as fast as credit allows, while CC is slow: all answered, in order, and CQ never waits.
  task many_reads;
    integer sent, waited;
    begin
      begin_case("many reads");
      reset;
      stall = 80;
      cc_loose = 1'b1;
      cc_tag = 8'd0;
      cc_packets = 0;
      want_bar = 3'd2;
      got_dwords = 0;
      sent = 0;
      waited = 0;
      while (cc_packets < 200 && waited < 60000) begin
        if (np_credit > 0 && sent < 200 && q_head == q_tail) begin
          request(4'd0, 3'd2, 64'h80, 1, 0, 4'hf, 4'h0, sent);
          np_credit = np_credit - 1;
          sent = sent + 1;
        end
        cycle;
        waited = waited + 1;
      end
      if (cc_packets != 200) fault("reads lost");
      // A block that does not count: CQ is held then, and still nothing is lost.
      may_wait = 1'b1;
      cc_packets = 0;
      for (sent = 0; sent < 200; sent = sent + 1) request(4'd0, 3'd2, 64'h80, 1, 0, 4'hf, 4'h0, 8'd200 + sent);
      waited = 0;
      while (cc_packets < 200 && waited < 60000) begin
        cycle;
        waited = waited + 1;
      end
      if (cc_packets != 200) fault("reads lost without credit");
    end
  endtask

  task interrupts;
    begin
      begin_case("interrupts");
      reset;
      open_session(32'h77, 64'd0, 6);
      pay[0] = 32'hfee00000;
      pay[1] = 32'd1;
      pay[2] = 32'h4021;
      pay[3] = 32'd0;
      write_pay(3'd0, `FB_MSIX_TABLE, 4);
      write32({52'd0, `FB_REG_WAKE}, 32'd1);
      put(64'd0, 1);
      drain;
      idle(60);
      if (messages != 0) fault("message although MSI-X is disabled");
      expect32({52'd0, `FB_REG_WAKE}, 32'd1);
      msix_enable = 1'b1;
      idle(20);
      if (messages != 1 || message_address !== 64'h1fee00000 || message_data !== 32'h4021) fault("message");
      expect32({52'd0, `FB_REG_WAKE}, 32'd0);
      write32({52'd0, `FB_REG_CONSUMED}, 32'd0);        // another packet does not write the bytes of an earlier one again
      expect32({52'd0, `FB_REG_WAKE}, 32'd0);
      put(64'd1, 1);
      drain;
      idle(60);
      if (messages != 1) fault("message although not armed");
      write32({52'd0, `FB_REG_WAKE}, 32'd1 + 2 * 2);      // two taken: waits for the third
      drain;
      idle(60);
      if (messages != 1) fault("message without a record");
      put(64'd2, 1);
      drain;
      idle(60);
      if (messages != 2) fault("second message");
      // Masked by the vector, then by the function.
      write32(`FB_MSIX_TABLE + 12, 32'd1);
      write32({52'd0, `FB_REG_WAKE}, 32'd1);
      drain;
      idle(20);
      if (messages != 2) fault("message although masked");
      expect32(`FB_MSIX_PBA, 32'd1);
      msix_mask = 1'b1;
      write32(`FB_MSIX_TABLE + 12, 32'd0);
      drain;
      idle(20);
      if (messages != 2) fault("message although the function is masked");
      ph = 4;                                       // the reserve is not for messages
      idle(20);
      msix_mask = 1'b0;
      idle(20);
      if (messages != 2) fault("message from the reserve");
      ph = 5;
      idle(30);
      if (messages != 3) fault("message after the mask");
      expect32(`FB_MSIX_PBA, 32'd0);
      // Opening a session forgets it.
      write32({52'd0, `FB_REG_WAKE}, 32'd1 + 2 * 3);
      drain;
      host;
      open_session(32'h78, 64'd3, 6);
      expect32({52'd0, `FB_REG_WAKE}, 32'd6);
      if (messages != 3) fault("message of the session before");
    end
  endtask
