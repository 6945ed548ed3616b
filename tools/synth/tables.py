"""The tables of hw/synth/README.md that come from reports. They stand between <!-- synth NAME --> and <!-- end -->."""
import re

from synth import fit, parts, report

README = report.FOLDER / "README.md"
STALE = ", from sources that have changed since"
MISSING = "Sources have changed since a part was mapped: `make synth`."
COLUMNS = ("LUT", "FF", "CARRY8", "DSP48E2", "RAMB18", "RAMB36", "URAM", "LUTRAM")


def lines(head, rows):
    rows = [[str(c) for c in row] for row in rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in [list(head), ["---"] * len(head), *rows])


def number(n):
    return f"{n:,}" if isinstance(n, int) else f"{n:,.2f}"


def mapped(name):
    """The part's report, if it has been mapped from the sources as they are now."""
    if not report.path_of(name).exists():
        return None
    r = report.load(name)
    return r if r["sources"] == parts.digest(parts.PARTS[name]) else None


def parts_table():
    rows = []
    for name in parts.PARTS:
        if report.path_of(name).exists():
            r = report.load(name)
            rows.append([f"`{name}`: {r['what']}" + ("" if mapped(name) else STALE), number(r["logic_cells"])]
                        + [number(r["cells"].get(k, 0)) for k in COLUMNS] + [f"{r['depth']['levels']} / {r['depth']['chains']}"])
    return lines(("part", "logic cells", *COLUMNS, "levels / chains"), rows)


def share_table():
    """What the rank costs a lane: an eighth of the group's rank, and what the lane itself keeps for it."""
    def get(r, key):
        return r["logic_cells"] if key == "logic cells" else r["cells"].get(key, 0)

    keys = ("logic cells", "LUT", "FF", "DSP48E2", "RAMB18", "LUTRAM")
    rank = report.load("rank")
    rows = [["eighth of `fb_rank`", *(number(get(rank, k) / parts.GROUP) for k in keys)]]
    if all(map(mapped, ("lane", "lane_plain", "group"))):
        lane, plain, group = map(report.load, ("lane", "lane_plain", "group"))
        rows += [
            ["own for the rank: a row that stands still", *(number(get(lane, k) - get(plain, k)) for k in keys)],
            ["own, without rank", *(number(get(plain, k)) for k in keys)],
            ["eighth of the group without `fb_rank`", *(number((get(group, k) - get(rank, k)) / parts.GROUP) for k in keys)]]
    return lines(("a lane's", *keys), rows)


def fit_table():
    if not all(map(mapped, ("lane", "group", "core"))):
        return MISSING
    rows = []
    for card, name, lanes, rows_, slots, limit, used in fit.table():
        rows.append([card, name, lanes, number(rows_), number(slots), limit]
                    + [f"{100 * used[k]:.0f} %" if used else "" for k in fit.LIMITS])
    return lines(("card", "device", "lanes", "rows", "accounts", "ends at", *fit.LIMITS), rows)


def depth_table():
    """The ten deepest paths of all parts."""
    found = [(p["levels"], p["chains"], name, f"`{p['from']}`", f"`{p['to']}`")
             for name in parts.PARTS if name != "lane_plain" and report.path_of(name).exists()
             for p in report.load(name)["depth"]["deepest"]]
    found.sort(key=lambda row: (-row[0], -row[1], row[2:]))
    return lines(("LUT levels", "carry chains", "part", "from", "to"), found[:report.DEEPEST])


TABLES = {"parts": parts_table, "share": share_table, "fit": fit_table, "depth": depth_table}


def renewed(text):
    """The README with its tables as the reports say."""
    for name, make in TABLES.items():
        text = re.sub(rf"(<!-- synth {name} -->\n).*?(<!-- end -->)", lambda m, t=make: m[1] + t() + "\n" + m[2],
                      text, flags=re.S)
    return text


def write():
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")
