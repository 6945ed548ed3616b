// Stands in for the check word in proofs that are not about it: some function of the word that depends on its last dword.
function [31:0] fb_crc32c;
  input [479:0] w;
  fb_crc32c = w[479:448] ^ {w[30:0], 1'b1};
endfunction
