// Interrupt: the MSI-X table of one vector, its pending bit, and WAKE.
//
// Armed, MSI-X enabled and another number of records produced than WAKE says: the message is wanted, or pending while
// vector or function is masked; then WAKE is no longer armed. While MSI-X is disabled it stays armed.
`default_nettype none

module fb_wake (
  input  wire         clk_i,
  input  wire         rst_i,            // also function reset
  input  wire         enable_i,
  input  wire         mask_i,           // of the function
  // from fb_stage
  input  wire         set_i,
  input  wire [15:0]  table_be_i,
  input  wire [127:0] table_i,
  input  wire         wake_set_i,
  input  wire [31:0]  wake_new_i,
  output wire [31:0]  wake_o,
  output wire [127:0] table_o,
  output reg          pending_o,
  input  wire         open_i,
  input  wire         start_i,
  input  wire [29:0]  produced_i,
  output wire         send_o,
  output wire [63:0]  address_o,
  output wire [31:0]  data_o,
  input  wire         sent_i
);
  reg [63:2] address_q;
  reg [31:0] data_q;
  reg        masked_q;
  reg        armed_q;
  reg [29:0] taken_q;

  assign address_o = {address_q, 2'd0};
  assign data_o    = data_q;
  assign table_o   = {31'd0, masked_q, data_q, address_q, 2'd0};
  assign wake_o    = {1'b0, taken_q, armed_q};
  assign send_o    = pending_o && enable_i && !mask_i && !masked_q && open_i;

  // pending_o also holds a message that is not masked for the cycles until the writer takes it.
  wire       fire = armed_q && open_i && enable_i && produced_i != taken_q;
  wire       unused = wake_new_i[31];
  integer    k;
  always @(posedge clk_i) begin
    if (set_i) begin
      for (k = 0; k < 12; k = k + 1)
        if (table_be_i[k]) begin
          if (k >= 8) data_q[(k - 8) * 8 +: 8] <= table_i[k * 8 +: 8];
          else if (k != 0) address_q[k * 8 +: 8] <= table_i[k * 8 +: 8];
          else address_q[7:2] <= table_i[7:2];
        end
      if (table_be_i[12]) masked_q <= table_i[96];
    end
    if (sent_i) pending_o <= 1'b0;
    if (fire) begin
      pending_o <= 1'b1;
      armed_q   <= 1'b0;
    end
    if (wake_set_i) begin
      armed_q <= wake_new_i[0];
      taken_q <= wake_new_i[30:1];
    end
    if (start_i) begin
      armed_q   <= 1'b0;
      pending_o <= 1'b0;
    end
    if (rst_i) begin
      armed_q   <= 1'b0;
      taken_q   <= 30'd0;
      pending_o <= 1'b0;
      masked_q  <= 1'b1;
      address_q <= 62'd0;
      data_q    <= 32'd0;
    end
  end
endmodule

`default_nettype wire
