"""A mapped netlist as yosys writes it, with the parts that were boxes put back in.

Wires become numbers that are unique over all parts; a constant is '0', '1' or 'x'. What a box drives is an alias of what drives
it inside.
"""
import collections
import json
import re

Cell = collections.namedtuple("Cell", "name type parameters pins line")   # pins: {port: [wire]}; line of the source


class Netlist:
    def __init__(self):
        self.cells = []
        self.names = {}          # wire -> name of its public net, with the bit
        self.inputs, self.outputs = [], []
        self.alias = {}
        self.wires = 0

    def real(self, wire):
        while wire in self.alias:
            wire = self.alias[wire]
        return wire

    def resolve(self):
        for cell in self.cells:
            for bits in cell.pins.values():
                bits[:] = [self.real(b) for b in bits]
        self.outputs = [self.real(b) for b in self.outputs]
        for wire, name in list(self.names.items()):
            self.names.setdefault(self.real(wire), name)


def read(path, top):
    modules = json.loads(path.read_text(encoding="utf-8"))["modules"]
    return modules[top]


def plain(name):
    """A cell's name without the numbers that yosys counts up, so that two runs give the same."""
    return re.sub(r"\$.*", "", name.replace("\\", "").removeprefix("$flatten")).strip(".")


def line(cell):
    """Where the cell comes from, as fb_lane.v:17."""
    found = re.search(r"(fb_\w+\.v:\d+)", cell.get("attributes", {}).get("src", ""))
    return found.group(1) if found else "?"


def expand(module, boxes, netlist, prefix, ports):
    """Adds the module's cells. `ports` says which wire each port bit is outside, None at the top."""
    wire_of = {}

    def wire(bit):
        if isinstance(bit, str):
            return bit
        if bit not in wire_of:
            netlist.wires += 1
            wire_of[bit] = netlist.wires
        return wire_of[bit]

    outside = []
    for name, port in module["ports"].items():
        if ports is None:
            ends = netlist.inputs if port["direction"] == "input" else netlist.outputs
            ends += [wire(b) for b in port["bits"]]
        elif port["direction"] == "input":
            for inner, outer in zip(port["bits"], ports.get(name, [])):
                if not isinstance(inner, str):
                    wire_of[inner] = outer
        else:
            outside += zip(port["bits"], ports.get(name, []))
    for inner, outer in outside:
        if not isinstance(outer, str) and wire(inner) != outer:
            netlist.alias[outer] = wire(inner)
    for name, net in module["netnames"].items():
        if not net["hide_name"]:
            name_bits(netlist, prefix + name, [wire(b) for b in net["bits"]])
    for name, cell in module["cells"].items():
        pins = {p: [wire(b) for b in bits] for p, bits in cell["connections"].items()}
        box = next((m for top, m in boxes.items() if cell["type"] == top or f"\\{top}\\" in cell["type"] + "\\"), None)
        if box:
            expand(box, boxes, netlist, f"{prefix}{plain(name)}.", pins)
        elif not cell["type"].startswith("$"):
            netlist.cells.append(Cell(prefix + name, cell["type"], cell.get("parameters", {}), pins, line(cell)))


def name_bits(netlist, name, wires):
    """A wire bears the name of a register, else the shortest."""
    def rank(text):
        return not re.search(r"_q\w{0,2}(\[\d+\])?$", text), len(text), text

    for i, wire in enumerate(wires):
        full = name if len(wires) == 1 else f"{name}[{i}]"
        old = netlist.names.get(wire)
        if old is None or rank(full) < rank(old):
            netlist.names[wire] = full


def link(path, top, boxes):
    """The netlist at `path` with its boxes, {module: path}, put in."""
    netlist = Netlist()
    expand(read(path, top), {name: read(p, name) for name, p in boxes.items()}, netlist, "", None)
    netlist.resolve()
    return netlist


def count(netlist):
    """Cells by what they are. Two CARRY4 of one chain are one CARRY8."""
    kinds = collections.Counter()
    by_type = collections.Counter(c.type for c in netlist.cells)
    for kind, number in by_type.items():
        if kind.startswith("LUT") or kind == "INV":
            kinds["LUT"] += number
        elif kind.startswith("FD"):
            kinds["FF"] += number
        elif kind.startswith("RAM") and not kind.startswith("RAMB"):
            kinds["LUTRAM"] += number
        elif kind.startswith("SRL"):
            kinds["SRL"] += number
        elif kind.startswith("MUXF"):
            kinds["MUXF"] += number
        elif kind.startswith("RAMB"):
            kinds[kind[:6]] += number
        elif kind.startswith("URAM"):
            kinds["URAM"] += number
        elif kind != "CARRY4" and "fb_" not in kind:
            kinds[kind] += number
    kinds["CARRY8"] += sum(-(-n // 2) for n in chains(netlist))
    return {k: kinds[k] for k in sorted(kinds)}


def chains(netlist):
    """Lengths of the carry chains, in CARRY4."""
    carries = [c for c in netlist.cells if c.type == "CARRY4"]
    below = {c.pins["CO"][3]: c for c in carries if len(c.pins["CO"]) == 4}
    after = {id(below[c.pins["CI"][0]]): c for c in carries if c.pins.get("CI", ["0"])[0] in below}
    follows = {id(c) for c in after.values()}
    lengths = []
    for cell in carries:
        if id(cell) in follows:
            continue
        length = 1
        while id(cell) in after:
            cell = after[id(cell)]
            length += 1
        lengths.append(length)
    return lengths
