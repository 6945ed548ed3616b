"""The parts of the core that are mapped, and the sources each is made of.

A part is mapped with everything below it, except for its boxes: modules that are parts themselves, mapped once and put back into
the netlist by netlist.py. So a lane is mapped once, however many there are.
"""
import collections
import hashlib
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
RTL = ROOT / "hw" / "rtl"
FOLDERS = (RTL, ROOT / "hw" / "contract")
GROUP, LANES = 8, 16

# `cut` names outputs that nobody looks at, so that what only they need goes away.
Part = collections.namedtuple("Part", "name top parameters boxes cut what", defaults=((), (), ""))

PARTS = {p.name: p for p in (
    Part("lane", "fb_lane", {"ROW_BITS": 12, "SLOT_BITS": 12}, what="a lane: 4,096 rows, 4,096 accounts"),
    Part("lane_plain", "fb_lane", {"ROW_BITS": 12, "SLOT_BITS": 12}, cut=("rank_row_o",),
         what="the same without what it keeps for the rank"),
    Part("rank", "fb_rank", {"GROUP": GROUP, "LANE_BITS": 3}, what="the rank of a group of 8"),
    Part("group", "fb_group", {"GROUP": GROUP, "RANK": 1}, boxes=("lane",), what="a group of 8 with its rank, without its lanes"),
    Part("core", "fb_core", {"LANES": LANES, "GROUP": GROUP, "ROW_BITS": 12, "SLOT_BITS": 12}, boxes=("group",),
         what="the core of 16 lanes, without its two groups"),
)}


def find(name):
    for folder in FOLDERS:
        if (folder / name).exists():
            return folder / name
    return None


def strip(text):
    """Verilog without comments and with single spaces: what a tool sees of it."""
    return re.sub(r"\s+", " ", re.sub(r"//[^\n]*|/\*.*?\*/", " ", text, flags=re.S)).strip()


def sources(part):
    """The files below the part's top, sorted by name; of a box none."""
    boxes = {PARTS[b].top for b in part.boxes}
    todo, seen = [part.top + ".v"], set()
    while todo:
        name = todo.pop()
        path = find(name)
        if path is None or path in seen or name[:-2] in boxes:
            continue
        seen.add(path)
        text = strip(path.read_text(encoding="utf-8"))
        todo += re.findall(r'`include "([^"]+)"', text)
        todo += [word + ".v" for word in set(re.findall(r"\bfb_\w+\b", text))]
    return sorted(seen)


def seen(paths):
    """path -> its text as far as these files use it: of the constants of a header only those that are named."""
    texts = {path: re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8")) for path in paths}
    values = dict(re.findall(r"^`define +(\w+)\b(.*)$", "\n".join(texts.values()), flags=re.M))
    code = {path: re.sub(r"^`define.*$", "", text, flags=re.M) for path, text in texts.items()}
    used, todo = set(), re.findall(r"`(\w+)", "\n".join(code.values()))
    while todo:
        name = todo.pop()
        if name in values and name not in used:
            used.add(name)
            todo += re.findall(r"`(\w+)", values[name])
    constants = " ".join(f"{name}={strip(values[name])}" for name in sorted(used))
    return {path.name: strip(text) for path, text in code.items()} | {"`": constants}


def digest(part):
    """Changes when what yosys sees of the part's sources does: not with comments, nor constants that nobody uses."""
    h = hashlib.sha256(repr(part[:-1]).encode())
    for name, text in sorted(seen(sources(part)).items()):
        h.update(name.encode() + b"\0" + text.encode() + b"\0")
    return h.hexdigest()
