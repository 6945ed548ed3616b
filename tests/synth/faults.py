#!/usr/bin/env python3
"""Plants what must not be in a small module, and sees that the flow, the report and the comparison of reports say so.

usage: faults.py     needs the tools of `make synth-tools`, which it installs when they are missing

One module is as it should be; one has an asynchronous read, a multiplier wider than a tile, one too small for a tile, and a path
that is deeper; one has a latch. The good module is mapped twice: reports must be equal, byte for byte.
"""
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from synth import flow, parts, report  # noqa: E402 # pylint: disable=wrong-import-position

GOOD = {
    "read": "always @(posedge clk_i) word_q <= mem[a_i[9:0]];",
    "product": "product_q <= {17'd0, x_q} * {26'd0, y_q};",
    "small": "small_q <= 4'd0;",
    "deep": "deep_q <= x_q[0] ^ x_q[1];",
    "latch": "assign held = x_q[0];",
}
BAD = GOOD | {
    "read": "always @* word_q = mem[a_i[9:0]];",
    "product": "product_q <= {16'd0, x_q, 1'b1} * {26'd0, y_q};",
    "small": "small_q <= ({2'd0, x_q[1:0]} * {2'd0, y_q[1:0]}) ^ ({2'd0, x_q[3:2]} * {2'd0, y_q[3:2]});",
    "deep": "deep_q <= " + "".join(f"((x_q[{i}] ? y_q[{i % 17}] : z_q[{i}]) ^ " for i in range(26)) + "x_q[3]" + ")" * 26
            + " && z_q < 26'd77;",
}
LATCH = GOOD | {"latch": "reg l; always @* if (x_q[0]) l = x_q[1];\n  assign held = l;"}
wrong = 0


def source(pieces):
    return f"""`default_nettype none
module planted (input wire clk_i, input wire we_i, input wire [25:0] a_i, input wire [35:0] d_i, output wire [126:0] o_o);
  reg [35:0] mem [0:1023];
  reg [35:0] word_q;
  reg [25:0] x_q, z_q;
  reg [16:0] y_q;
  reg [42:0] product_q;
  reg [3:0]  small_q;
  reg        deep_q;
  wire       held;
  {pieces["read"]}
  {pieces["latch"]}
  always @(posedge clk_i) begin
    if (we_i) mem[a_i[19:10]] <= d_i;
    x_q <= a_i;
    y_q <= d_i[16:0];
    z_q <= x_q;
    {pieces["product"]}
    {pieces["small"]}
    {pieces["deep"]}
  end
  assign o_o = {{16'd0, z_q, word_q, product_q, small_q, deep_q, held}};
endmodule
"""


def mapped(name, pieces):
    folder = flow.BUILD / "faults" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "planted.v").write_text(source(pieces), encoding="utf-8")
    part = parts.Part("planted", "planted", {})
    flow.synthesize(part, folder, files=[folder / "planted.v"])
    return report.make(part, folder)


def want(what, text, found):
    """One of the sentences found says `text`."""
    global wrong
    if not any(text in sentence for sentence in found):
        wrong += 1
        print(f"faults: {what} is not found; what is said: {found}")


def main():
    global wrong
    wanted = {"mem": "block"}
    good = mapped("good", GOOD)
    if report.faults(good, wanted) or report.growth(good, good):
        wrong += 1
        print("faults: the good module is not thought good:", report.faults(good, wanted))
    if json.dumps(good) != json.dumps(mapped("again", GOOD)):
        wrong += 1
        print("faults: the same module has two reports")
    want("a memory nobody spoke of", "nothing of it", report.faults(good, {}))
    want("a memory that is gone", "is not there", report.faults(good, wanted | {"gone": "block"}))

    bad = mapped("bad", BAD)
    found = report.faults(bad, wanted) + report.growth(good, bad)
    want("a memory with an asynchronous read", "memory mem became lut", found)
    want("a multiplier wider than a tile", "27 x 17 bits is wider than a tile", found)
    want("a multiplier in LUTs", "multipliers became", found)
    want("a deep path", "LUT levels: ", found)
    want("more logic", "logic cells: ", found)
    try:
        mapped("latch", LATCH)
        want("a latch", "Latch", [])
    except SystemExit as error:
        want("a latch", "atch", [str(error)])


main()
sys.exit(wrong > 0)
