"""How deep the logic between registers is: levels of LUTs, and carry chains apart.

A LUT is one level, and so are reading LUT RAM and a shift register's tap. Entering a carry chain counts one chain, however long
it is; going on within it, and wide multiplexers beside the LUTs, count nothing. A DSP tile or RAM that has a register on the way
ends a path, one without would be part of it. Of all paths to a register the one with most levels is kept, among equals that with
most chains.
"""
import collections
import re

from synth.netlist import plain

ARCS_DSP = {"A": ("AREG", "MREG", "PREG"), "B": ("BREG", "MREG", "PREG"), "C": ("CREG", "PREG"), "D": ("DREG", "MREG", "PREG")}
NO_PATH = re.compile(r"(FD|RAMB|URAM|BUFG|GND|VCC)")

Path = collections.namedtuple("Path", "levels chains start end")


def number(text):
    """A parameter as yosys writes it: a string of bits, or a number."""
    return int(text, 2) if re.fullmatch(r"[01]+", str(text)) else 0


def label(cell, netlist):
    """The name that the source gave: of a memory its own, of a tile or shift register that of what it drives."""
    outputs = [w for port in ("Q", "P", "O") for w in cell.pins.get(port, [])]
    driven = next((netlist.names[w] for w in outputs if w in netlist.names), "")
    return driven or plain(cell.name) or f"{cell.type} of {cell.line}"


class Graph:
    """Arcs from wire to wire, each with its cost (levels, chains); where paths start and end."""

    def __init__(self, netlist):
        self.netlist = netlist
        self.into = collections.defaultdict(list)     # wire -> [(from wire, levels, chains)]
        self.starts = {}                              # wire -> (name, levels at the start)
        self.ends = []                                # (wire, name)
        self.carried = {b for c in netlist.cells if c.type.startswith("CARRY") for b in c.pins.get("CO", [])}
        for wire in netlist.inputs:
            self.starts[wire] = "port " + netlist.names.get(wire, "?"), 0
        for wire in netlist.outputs:
            self.end(wire, "port " + netlist.names.get(wire, "?"))
        for cell in netlist.cells:
            self.add(cell)

    def end(self, wire, name):
        if not isinstance(wire, str):
            self.ends.append((wire, name))

    def arc(self, source, target, levels, chains):
        if not isinstance(source, str) and not isinstance(target, str):
            self.into[target].append((source, levels, chains))

    def add(self, cell):
        kind, pins = cell.type, cell.pins
        if kind.startswith("LUT") or kind.startswith("MUXF") or kind == "INV":
            for port, bits in pins.items():
                if port != "O":
                    for bit in bits:
                        self.arc(bit, pins["O"][0], 0 if kind.startswith("MUXF") else 1, 0)
        elif kind.startswith("CARRY"):
            self.carry(pins)
        elif kind.startswith("FD"):
            name = self.netlist.names.get(pins["Q"][0], f"unnamed register of {cell.line}".removesuffix(" of ?"))
            self.starts[pins["Q"][0]] = name, 0
            for port in ("D", "CE", "R", "S", "CLR", "PRE"):
                if port in pins:
                    self.end(pins[port][0], name if port == "D" else f"{name} ({port})")
        elif kind.startswith("DSP48E2"):
            self.tile(cell)
        elif kind.startswith("SRL") or (kind.startswith("RAM") and not kind.startswith("RAMB")):
            self.lutram(cell)
        elif "fb_" in kind:
            self.box(cell)
        elif NO_PATH.match(kind):
            self.block(cell, lambda port: True)
        else:
            raise SystemExit(f"synth: depth: what is a {kind}?")

    def carry(self, pins):
        width = len(pins["S"])
        for port in ("CI", "CYINIT", "CI_TOP"):
            source = pins.get(port, ["0"])[0]
            chains = 0 if source in self.carried else 1
            for target in pins["O"] + pins["CO"]:
                self.arc(source, target, 0, chains)
        for i in range(width):
            for source in (pins["S"][i], pins["DI"][i]):
                for target in pins["O"][i:] + pins["CO"][i:]:
                    self.arc(source, target, 0, 1)

    def block(self, cell, registered):
        name = label(cell, self.netlist)
        for port, bits in cell.pins.items():
            if port.startswith(("DOUT", "DO", "P", "CAS_OUT", "CASDOUT", "PCOUT", "O", "Q")) and registered(port):
                for bit in bits:
                    if not isinstance(bit, str):
                        self.starts[bit] = name, 0
            else:
                for bit in bits:
                    self.end(bit, name)

    def box(self, cell):
        """A part that is not put in: paths end and begin at its ports, whose names say which way they go."""
        for port, bits in cell.pins.items():
            name = f"{plain(cell.name)}.{port}"
            for bit in bits:
                if not port.endswith("_o"):
                    self.end(bit, name)
                elif not isinstance(bit, str):
                    self.starts[bit] = name, 0

    def tile(self, cell):
        """A tile without a register on the way from an operand to P is a level of its own, and is said to be one."""
        self.block(cell, lambda port: port == "P")
        for port, registers in ARCS_DSP.items():
            if not any(number(cell.parameters.get(r, "0")) for r in registers):
                for source in cell.pins.get(port, []):
                    for target in cell.pins.get("P", []):
                        self.arc(source, target, 1, 1)

    def lutram(self, cell):
        name, pins = label(cell, self.netlist), cell.pins
        addresses = {"Q": "A", "DPO": "DPRA", "SPO": "A", "O": "A", "Q31": "-"}
        for port, bits in pins.items():
            if port in addresses or re.fullmatch(r"DO[A-H]?", port):
                read = addresses.get(port, "ADDR" + port[2:])
                sources = [b for p, w in pins.items() if re.fullmatch(read + r"\d?", p) for b in w]
                for bit in bits:
                    if not isinstance(bit, str):
                        self.starts[bit] = name, 1
                    for source in sources:
                        self.arc(source, bit, 1, 0)
            elif not port.endswith("CLK") and not re.fullmatch(r"(ADDR[A-G]|DPRA|A)\d?", port):
                for bit in bits:
                    self.end(bit, name)


def arrivals(graph, weigh):
    """wire -> (cost, start): the worst, by `weigh`, of all ways to the wire. Loops are an error."""
    best, state = {}, {}
    for root, _ in graph.ends:
        stack = [root]
        while stack:
            wire = stack[-1]
            if wire in best:
                stack.pop()
                continue
            sources = graph.into.get(wire, ())
            missing = [s for s, _, _ in sources if s not in best]
            if missing:
                if state.get(wire):
                    raise SystemExit(f"synth: depth: a loop through {graph.netlist.names.get(wire, wire)}")
                state[wire] = True
                stack += missing
                continue
            start = graph.starts.get(wire)
            ways = [((start[1], 0), start[0])] if start else []
            for source, levels, chains in sources:
                (l, c), name = best[source]
                if name:
                    ways.append(((l + levels, c + chains), name))
            best[wire] = max(ways, key=lambda w: (weigh(w[0]), w[1])) if ways else ((0, 0), "")
            stack.pop()
    return best


def bus(name):
    """A register without the number of its bit."""
    return re.sub(r"\[\d+\](?= \(|$)", "", name)


def paths(graph, weigh=lambda cost: cost):
    """One path for each pair of registers: the worst. Sorted, the deepest first."""
    best = arrivals(graph, weigh)
    worst = {}
    for wire, name in graph.ends:
        cost, start = best[wire]
        if start:
            key = bus(start), bus(name)
            if key not in worst or weigh(cost) > weigh(worst[key]):
                worst[key] = cost
    found = [Path(*cost, *key) for key, cost in worst.items()]
    return sorted(found, key=lambda p: (tuple(-n for n in weigh((p.levels, p.chains))), p.end, p.start))


def stage(name):
    """The number at the end of a register's name, as the stage tables have it."""
    found = re.search(r"_q(\d+)(?:\[|$| )", name)
    return int(found.group(1)) if found else None


def stages(found):
    """stage -> [most levels, most chains], None for registers without a number."""
    table = {}
    for path in found:
        key = stage(path.end)
        levels, chains = table.get(key, (0, 0))
        table[key] = max(levels, path.levels), max(chains, path.chains)
    return dict(sorted(table.items(), key=lambda kv: (kv[0] is None, kv[0] or 0)))
