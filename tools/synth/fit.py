"""How many lanes fit on a device: from the reports and hw/synth/devices.txt, with room for routing.

Counted are the core, as many groups as needed, their lanes, and the endpoint as hw/README.md has it. At most LIMITS of a device
may be used, so that a router has room; nobody has routed this, and no more than MOST lanes are claimed.
"""
from synth import parts, report

LIMITS = {"LUT": 0.60, "FF": 0.60, "DSP48E2": 0.70, "RAMB36": 0.75, "URAM": 0.85}
MOST = 192
ENDPOINT = {"LUT": 15300 + 8 * 343, "FF": 5340, "RAMB36": 8}      # the table in hw/README.md, 512 bits


def sites(r):
    """What the cells of a report take up: LUT RAM and shift registers are LUTs, a cell of LUT RAM eight."""
    c = r["cells"]
    return {"LUT": c.get("LUT", 0) + 8 * c.get("LUTRAM", 0) + c.get("SRL", 0), "FF": c.get("FF", 0),
            "DSP48E2": c.get("DSP48E2", 0), "RAMB36": c.get("RAMB36", 0) + c.get("RAMB18", 0) / 2, "URAM": c.get("URAM", 0)}


def devices():
    for line in (parts.ROOT / "hw" / "synth" / "devices.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            card, device, *numbers = (field.strip() for field in line.split("|"))
            yield card, device, dict(zip(LIMITS, map(int, numbers)))


def fit(device, lane, group, core):
    """(lanes, the resource that ends it, {resource: share used})."""
    best = 0, "", {}
    for groups in range(1, MOST // parts.GROUP + 2):
        need = {k: core[k] + ENDPOINT.get(k, 0) + groups * (group[k] + parts.GROUP * lane[k]) for k in LIMITS}
        over = [k for k in LIMITS if need[k] > device[k] * LIMITS[k]]
        if over:
            return best[0], max(over, key=lambda k: need[k] / device[k] / LIMITS[k]), best[2]
        if groups * parts.GROUP > MOST:
            return best[0], "the claim", best[2]
        best = groups * parts.GROUP, "", {k: need[k] / device[k] for k in LIMITS}
    return best


def table():
    lane, group, core = (report.load(name) for name in ("lane", "group", "core"))
    rows, slots = (1 << lane["parameters"][k] for k in ("ROW_BITS", "SLOT_BITS"))
    for card, name, device in devices():
        lanes, limit, used = fit(device, sites(lane), sites(group), sites(core))
        yield card, name, lanes, lanes * rows, lanes * slots, limit, used
