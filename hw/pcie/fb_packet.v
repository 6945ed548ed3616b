// One packet on RQ: a posted write of 64 bytes with its check word, or a message of one dword.
//
// start_i is given in a cycle of ready_o; the first beat is on the bus in the cycle after. The check word, of bytes 0..59
// and the nonce of the session in which the packet began, is computed while the first beat is there and put in behind it.
// Once begun, nothing but the card's reset ends a packet early.
`default_nettype none

module fb_packet #(
  parameter DATA_W = 512,
  parameter USER_W = 137
) (
  input  wire                 clk_i,
  input  wire                 rst_i,
  output wire                 ready_o,     // last beat taken, or none there
  output wire                 quiet_o,
  input  wire                 start_i,
  input  wire                 message_i,   // one dword, the first of word_i
  input  wire [63:0]          address_i,
  input  wire [479:0]         word_i,
  input  wire [31:0]          nonce_i,
  output wire [DATA_W-1:0]    tdata_o,
  output wire [DATA_W/32-1:0] tkeep_o,
  output wire                 tlast_o,
  output wire [USER_W-1:0]    tuser_o,
  output wire                 tvalid_o,
  input  wire                 tready_i
);
`include "fb_crc32c.vh"
  localparam LANES = DATA_W / 32;
  localparam [1:0] MORE = DATA_W == 512 ? 2'd1 : 2'd2;     // beats of a record after the first
  localparam [LANES-1:0] FOUR = 15, FIVE = 31;

  reg [639:0] packet_q;      // what is still to send; the nonce stands where the check word goes
  reg         valid_q, first_q, message_q;
  reg [1:0]   more_q;        // beats after this one
  wire        last  = ~|more_q;
  // Of use behind the first beat; behind later ones it lands where nothing is sent.
  wire [31:0] check = fb_crc32c(packet_q[607:128]) ^ packet_q[639:608];
  wire [127:0] head = {32'd0, 16'd0, 1'b0, 4'd1, message_i ? 11'd1 : 11'd16, address_i};

  assign ready_o  = !valid_q || (last && tready_i);
  assign quiet_o  = !valid_q;
  assign tvalid_o = valid_q;
  assign tdata_o  = packet_q[DATA_W-1:0];
  assign tlast_o  = last;
  assign tkeep_o  = !last ? {LANES{1'b1}} : message_q ? FIVE : FOUR;
  wire [3:0] last_be = message_q ? 4'd0 : 4'hf;
  generate
    if (DATA_W == 512) begin : g_user
      assign tuser_o = {105'd0, !last ? 4'd0 : message_q ? 4'd4 : 4'd3, 1'b0, last, 5'd0, first_q, 8'd0, last_be, 4'd0, 4'hf};
    end else begin : g_user
      wire unused_first = first_q;
      assign tuser_o = {54'd0, last_be, 4'hf};
    end
  endgenerate

  always @(posedge clk_i) begin
    if (valid_q && tready_i) begin
      packet_q <= {{DATA_W{1'b0}}, check, packet_q[607:DATA_W]};
      first_q  <= 1'b0;
      more_q   <= more_q - 2'd1;
      if (last) valid_q <= 1'b0;
    end
    if (start_i) begin
      packet_q  <= {nonce_i, word_i, head};
      valid_q   <= 1'b1;
      first_q   <= 1'b1;
      message_q <= message_i;
      more_q    <= message_i ? 2'd0 : MORE;
    end
    if (rst_i) valid_q <= 1'b0;
  end
endmodule

`default_nettype wire
