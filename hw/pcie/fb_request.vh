// A request that wants a completion, on its way from fb_cq through fb_requests to fb_completer. Widths and places.
`ifndef FB_REQUEST_VH
`define FB_REQUEST_VH

`define RE_BITS      75
`define RE_ADDRESS   13:0    // dword in the BAR
`define RE_DWORDS    24:14
`define RE_FIRST_BE  28:25
`define RE_LAST_BE   32:29
`define RE_TAG       40:33
`define RE_REQUESTER 56:41
`define RE_FUNCTION  64:57
`define RE_TC        67:65
`define RE_ATTR      70:68
`define RE_WINDOW    71      // BAR2
`define RE_REFUSED   72      // answered with unsupported request
`define RE_READ      73      // a memory read, so that the byte count is that of its bytes
`define RE_LOCKED    74

`endif
