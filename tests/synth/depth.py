#!/usr/bin/env python3
"""The depth tool on netlists that were drawn by hand, whose depth anybody can count.

usage: depth.py      prints what differs, and fails when something does
"""
import json
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from synth import depth, netlist  # noqa: E402 # pylint: disable=wrong-import-position

wrong = 0


def want(what, expected, found):
    global wrong
    if expected != found:
        wrong += 1
        print(f"depth: {what}: {found}, not {expected}")


class Drawing:
    """A module in yosys' JSON, drawn cell by cell; wires are numbers, and named ones get their name."""

    def __init__(self):
        self.cells, self.names, self.ports = {}, {}, {}

    def add(self, kind, parameters=None, **pins):
        pins = {p: w if isinstance(w, list) else [w] for p, w in pins.items()}
        self.cells[f"{kind}_{len(self.cells)}"] = {"type": kind, "parameters": parameters or {}, "connections": pins,
                                                 "attributes": {"src": "hand.v:1.1-2.2"}}

    def register(self, name, d, q, **pins):
        self.add("FDRE", D=d, Q=q, **pins)
        self.names[name] = {"bits": [q], "hide_name": 0}

    def luts(self, wires):
        """A LUT between each two."""
        for a, b in zip(wires, wires[1:]):
            self.add("LUT6", I0=a, I1="0", O=b)

    def port(self, name, direction, *wires):
        self.ports[name] = {"direction": direction, "bits": list(wires)}
        self.names[name] = {"bits": list(wires), "hide_name": 0}

    def module(self):
        return {"ports": self.ports, "cells": self.cells, "netnames": self.names}


def link(top, **boxes):
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for name, drawing in {"top": top, **boxes}.items():
            paths[name] = pathlib.Path(folder, name + ".json")
            paths[name].write_text(json.dumps({"modules": {name: drawing.module()}}), encoding="utf-8")
        return netlist.link(paths.pop("top"), "top", paths)


def longest(net):
    """(levels, chains, start, end) of the deepest path, and of that with most chains."""
    graph = depth.Graph(net)
    return tuple(depth.paths(graph)[0]), tuple(depth.paths(graph, lambda c: (c[1], c[0]))[0])


def chain_of_luts():
    d = Drawing()
    d.register("a_q1", 99, 1)
    d.luts([1, 2, 3, 4, 5])
    d.register("b_q2", 5, 6, CE=3)
    d.luts([6, 99])
    net = link(d)
    want("four LUTs", (4, 0, "a_q1", "b_q2"), longest(net)[0])
    found = {(p.start, p.end): p.levels for p in depth.paths(depth.Graph(net))}
    want("all paths", {("a_q1", "b_q2"): 4, ("a_q1", "b_q2 (CE)"): 2, ("b_q2", "a_q1"): 1}, found)
    want("stages", {1: (1, 0), 2: (4, 0)}, depth.stages(depth.paths(depth.Graph(net))))


def carry(length):
    """LUT, a chain of `length` CARRY4, LUT; the way in is the lowest bit, the way out the highest."""
    d = Drawing()
    d.register("a_q", "0", 1)
    d.luts([1, 2])
    before = "0"
    for i in range(length):
        out = [100 * (i + 1) + k for k in range(4)]
        d.add("CARRY4", CI=before, CYINIT="0", DI=["0"] * 4, S=[2 if i == 0 else "0", "0", "0", "0"], CO=out,
              O=[w + 50 for w in out])
        before = out[3]
    d.luts([before, 3])
    d.register("b_q", 3, 4)
    net = link(d)
    want(f"a chain of {length}", (2, 1, "a_q", "b_q"), longest(net)[0])
    want(f"CARRY8 of {length} CARRY4", -(-length // 2), netlist.count(net)["CARRY8"])


def two_chains():
    """Fewer levels and more chains on one way than on the other: each is the answer to its question."""
    d = Drawing()
    d.register("a_q", "0", 1)
    for s, out in ((1, 10), (10, 20)):
        d.add("CARRY4", CI="0", CYINIT="0", DI=["0"] * 4, S=[s, "0", "0", "0"], CO=[out + 1, out + 2, out + 3, out + 4],
              O=[out, out + 5, out + 6, out + 7])
    d.register("b_q", 20, 30)
    d.luts([1, 40, 41, 42])
    d.register("c_q", 42, 43)
    want("levels and chains", ((3, 0, "a_q", "c_q"), (0, 2, "a_q", "b_q")), longest(link(d)))
    # Below the bit at which a chain is entered nothing comes out.
    d = Drawing()
    d.register("a_q", "0", 1)
    d.add("CARRY4", CI="0", CYINIT="0", DI=["0"] * 4, S=["0", "0", 1, "0"], CO=[2, 3, 4, 5], O=[6, 7, 8, 9])
    d.register("b_q", 7, 10)
    want("a lower bit", [], depth.paths(depth.Graph(link(d))))


def memories():
    d = Drawing()
    d.register("a_q", "0", 1)
    d.luts([1, 2])
    d.add("RAM64M8", ADDRA=[2] * 6, ADDRH=["0"] * 6, DIA="0", DOA=3, WCLK="0", WE="0")
    d.luts([3, 4])
    d.register("b_q", 4, 5)
    want("through LUT RAM", (3, 0, "a_q", "b_q"), longest(link(d))[0])
    d = Drawing()
    d.register("a_q", "0", 1)
    d.luts([1, 2])
    d.add("RAMB36E2", ADDRARDADDR=[2], DOUTADOUT=[3])
    d.luts([3, 4, 5])
    d.register("b_q", 5, 6)
    want("a block RAM parts a path", (2, 0, "RAMB36E2_2", "b_q"), longest(link(d))[0])


def tiles():
    for registers, levels in (({"MREG": "1"}, 1), ({"AREG": "1", "BREG": "0"}, 1), ({}, 3)):
        d = Drawing()
        d.register("a_q", "0", 1)
        d.luts([1, 2])
        d.add("DSP48E2", parameters={k: v.rjust(32, "0") for k, v in registers.items()}, A=[2], P=[3])
        d.luts([3, 4])
        d.register("b_q", 4, 5)
        want(f"a tile with {registers}", levels, longest(link(d))[0][0])


def boxes():
    """One LUT before, two inside and one behind; one wire goes straight through."""
    inner = Drawing()
    inner.port("x", "input", 1)
    inner.port("y", "output", 3, 1)
    inner.luts([1, 2, 3])
    top = Drawing()
    top.register("a_q", "0", 1)
    top.luts([1, 2])
    top.add("box", x=2, y=[3, 4])
    top.luts([3, 5])
    top.register("b_q", 5, 6)
    top.register("c_q", 4, 7)
    found = {(p.start, p.end): p.levels for p in depth.paths(depth.Graph(link(top, box=inner)))}
    want("through a box", {("a_q", "b_q"): 4, ("a_q", "c_q"): 1}, found)


def loop():
    d = Drawing()
    d.luts([1, 2, 1])
    d.register("a_q", 2, 3)
    try:
        depth.paths(depth.Graph(link(d)))
        want("a loop", "an error", "none")
    except SystemExit as error:
        want("a loop", True, "a loop through" in str(error))


def unknown():
    d = Drawing()
    d.add("LATCH", D=1, Q=2)
    try:
        depth.Graph(link(d))
        want("an unknown cell", "an error", "none")
    except SystemExit as error:
        want("an unknown cell", True, "what is a LATCH" in str(error))


chain_of_luts()
for blocks in (1, 2, 5):
    carry(blocks)
two_chains()
memories()
tiles()
boxes()
loop()
unknown()
sys.exit(wrong > 0)
