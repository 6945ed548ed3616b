#!/usr/bin/env python3
"""Writes the page of `make bench`: DIR/index.html, one file that needs nothing else, for a person to read.

usage: page.py DIR      reads DIR/bench.json (firebreak bench --json --plot DIR), its pictures, DIR/peers/*.json (run.py)

What is missing is named on the page. Exit status 1: there is no whole bench.json, or engines differ in it; the page then says so
at the top. Peers that were not run, or skipped, are no failure.
"""
import base64
import html
import json
import math
import pathlib
import sys

import sheets

HERE = pathlib.Path(__file__).resolve().parent
# What was asked of `cpu:` on one core at 221,000 rows: workload, share, what, limit in ns, by the row or not.
TARGETS = [("quiet", None, "quiet tick", 100, False), ("all", None, "all symbols in one batch, a row", 1.5, True),
           ("burst", 5, "burst, 5 % breach", 5e6, False), ("rank-count", None, "rank, top 256", 120e3, False),
           ("fills", None, "upkeep of a fill", 300, False)]
PICTURES = [("percentiles.svg", "Latency by percentile"), ("rows.svg", "Cost against rows"),
            ("share.svg", "Cost against the share that breaches"),
            ("crossover.svg", "cpu: against the card (the card's times are modelled)")]
PERCENTILES = ["p50", "p90", "p99", "p99_9", "p99_99", "max"]


def esc(x):
    return html.escape(str(x))


def table(head, rows, text=()):
    """Cells are HTML already; columns in `text` are set left."""
    def line(tag, cells):
        return "<tr>" + "".join(f"<{tag}{' class=text' if i in text else ''}>{c}</{tag}>" for i, c in enumerate(cells)) + "</tr>"
    body = "".join(line("td", row) for row in rows)
    return f"<div class=wide><table><thead>{line('th', head)}</thead><tbody>{body}</tbody></table></div>"


def note(text):
    return f"<p class=note>{esc(text)}</p>"


# ---- firebreak bench ----

def read_bench(path):
    """The report, and None or what is wrong with it."""
    try:
        bench = json.loads(path.read_text())
    except FileNotFoundError:
        return None, "bench.json is missing: `firebreak bench` was not run, or failed. Nothing below is from it."
    except (OSError, ValueError) as why:
        return None, f"bench.json cannot be read: {why}"
    if not isinstance(bench, dict) or bench.get("schema") != 1 or bench.get("complete") is not True:
        return None, "bench.json is not a whole report of schema 1."
    differ = sorted({r["workload"] for r in bench["results"] if not r["equal"]})
    return bench, f"ENGINES DIFFER in: {', '.join(differ)}. No time below counts." if differ else None


def facts(bench):
    h = bench["header"]
    m, clock = h["machine"], h["clock"]
    load = " before, ".join(f"{x:.2f}" for x in h["load"]) + " after"
    pairs = [("version", h.get("version", "not said")), ("started", h["started"]), ("processor", m["cpu"]), ("cores", m["cores"]),
             ("kernel", m["kernel"]), ("memory", f"{m['memory_mib']} MiB"),
             ("virtual machine", "yes" if m.get("hypervisor") else "no"),
             ("pinned to", "nothing" if h["pinned"] is None else f"core {h['pinned']}"), ("load", load),
             ("compiler", h["compiler"]), ("options", h["options"]),
             ("clock", f"{clock['source']}, {clock['hz'] / 1e6:,.0f} MHz, {clock['cost_ns']:.1f} ns a reading"),
             ("took", f"{h['seconds']:.0f} s, seed {h['seed']}"), ("engines", ", ".join(e["given"] for e in bench["engines"]))]
    out = "<dl class=facts>" + "".join(f"<div><dt>{esc(k)}</dt><dd>{esc(v)}</dd></div>" for k, v in pairs) + "</dl>"
    if h.get("loaded"):
        out += note(f"The machine was busy ({h.get('loaded_why', 'load')}): best times tell more than medians here.")
    return out


def stage_of(result, name):
    return next((s for s in result["stages"] if s["stage"] == name), None)


def targets(bench):
    engine = [i for i, e in enumerate(bench["engines"]) if e["name"] == "cpu"]
    rows = []
    for workload, share, what, limit, by_row in TARGETS:
        fit = [r for r in bench["results"] if r["workload"] == workload and r["engine"] in engine and r["rows"] == 221000
               and (share is None or abs(r["share_percent"] - share) < 0.5)]
        stage = stage_of(fit[0], "engine") if fit else None
        if not stage:
            rows.append([esc(what), time(limit), "<span class=bad>not measured</span>", "", "", ""])
            continue
        per = fit[0]["rows_concerned"] if by_row else 1
        p50, least = stage["p50"] and stage["p50"] / per, stage["min"] / per
        word = ("<span class=good>reached</span>" if p50 and p50 <= limit else
                "<span class=good>reached at best</span>" if least <= limit else
                f"<span class=bad>{(p50 or least) / limit:.1f} x over</span>")
        rows.append([esc(what), time(limit), time(p50) if p50 else "too few", time(least), word, f"{stage['samples']:,}"])
    return table(["221,000 rows, one core", "asked", "median", "best", "", "samples"], rows)


def time(ns):
    return esc(sheets.time_text(ns))


def value(stage, name):
    x = stage.get(name)
    return "-" if x is None else f"{x:,.0f} cycles" if stage["unit"] == "cycles" else time(x)


def results(bench):
    """Host time and simulated cycles stand apart."""
    out = []
    for kind, title in (("host", "Host time"), ("card", "A card"), ("simulated", "Simulated: cycles, and host time around them")):
        rows = []
        for r in bench["results"]:
            if bench["engines"][r["engine"]]["time"] != kind:
                continue
            paced = r.get("rate") and r.get("reached")
            rate = f"{r['rate']:,.0f}/s, reached {r['reached']:,.0f}/s" if paced else "one after another"
            name = f"<b>{esc(r['workload'])}</b><small>{esc(r['what'])}; {r['rows']:,} rows, {esc(r['uri'])}; {rate}</small>"
            for s in r["stages"]:
                rows.append([name, esc(s["stage"].replace("_", " ")), f"{s['samples']:,}"]
                            + [value(s, p) for p in PERCENTILES])
                name = ""
            if r.get("modelled"):
                m = r["modelled"]
                between = f"{time(m['low_ns'])} .. {time(m['high_ns'])}"
                samples = f"{m['samples']:,}" if "samples" in m else ""
                rows.append(["", "end to end, <b>modelled</b>", samples, between] + [""] * 5)
        if rows:
            head = ["workload", "stage", "samples"] + [p.replace("_", ".") for p in PERCENTILES]
            out.append(f"<h3>{title}</h3>" + table(head, rows, text=(1,)))
    link = bench["link"]
    out.append(f"<p class=soft>Modelled: cycles at {link['clock_hz'] / 1e6:.0f} MHz, a link of {link['low_ns']} ns "
               f"({esc(link['low_source'])}) to {link['high_ns']} ns ({esc(link['high_source'])}), and the host's part as "
               "measured.</p>")
    return "".join(out)


def pictures(folder, bench):
    out = []
    for name, caption in PICTURES:
        if name not in bench["pictures"]:
            out.append(f"<p class=soft>{esc(caption)}: not measured in this run.</p>")
            continue
        try:
            data = base64.b64encode((folder / name).read_bytes()).decode()
        except OSError as why:
            out.append(note(f"{name}: {why.strerror}"))
            continue
        out.append(f"<figure><img alt='{esc(caption)}' src='data:image/svg+xml;base64,{data}'>"
                   f"<figcaption>{esc(caption)}</figcaption></figure>")
    return "".join(out)


# ---- peers ----

ALL_STEPS = sheets.STEPS + [("venue", name, what) for name, what in sheets.OTHER.items()]


def peer_cell(sheet, step, own):
    if not step:
        return ""
    out = time(step["best_ns"])
    if own and sheet["peer"] != "cpu":
        out += f" <b class={'bad' if step['best_ns'] < own['best_ns'] else 'good'}>{ratio(step, own)}</b>"
    right = "exact" if not step["wrong"] else f"{step['wrong']} differ, {step['at_margin']} by rounding"
    return out + f"<small>median {time(step['median_ns'])}; {right}</small>"


def bar(sheet, step, own, share):
    """One line: the peer, its best time and how many times that of cpu: it is."""
    text = f"<b>{time(step['best_ns'])}</b>"
    if own and sheet["peer"] != "cpu":
        text += f" <span class={'bad' if step['best_ns'] < own['best_ns'] else 'good'}>{ratio(step, own)}</span>"
    if step["wrong"]:
        text += f" <span class=bad>{step['wrong']} wrong</span>"
    kind = " own" if sheet["peer"] == "cpu" else ""
    return f"<span>{esc(sheet['title'])}</span><span class='track{kind}'><i style='--w:{share:.1f}%'></i>{text}</span>"


def ratio(step, own):
    return esc(sheets.ratio_text(step["best_ns"], own["best_ns"]))


def bars(found):
    """Best times, on one logarithmic scale for the whole page."""
    steps = [(what, [(sheet, sheets.step_of(sheet, book, step)) for sheet in found]) for book, step, what in ALL_STEPS]
    steps = [(what, [(sheet, s) for sheet, s in row if s]) for what, row in steps]
    every = [s["best_ns"] for _, row in steps for _, s in row]
    low, high = math.log10(min(every) / 1.5), math.log10(max(every))
    out = []
    for what, row in steps:
        own = next((s for sheet, s in row if sheet["peer"] == "cpu"), None)
        out += [f"<h3>{esc(what)}</h3><div class=bars>"] if row else []
        for sheet, s in sorted(row, key=lambda item: item[1]["best_ns"]):
            out.append(bar(sheet, s, own, 60 * (math.log10(s["best_ns"]) - low) / (high - low or 1)))
        out += ["</div>"] if row else []
    return "".join(out)


def numbers(ran, own):
    """Every best and median, one table a book: a peer that does not have the book has no column."""
    out = []
    for title, books in (("Cross margin", ("venue", "doomed")), ("Isolated margin", ("isolated",))):
        here = [sheet for sheet in ran if any(s["book"] in books for s in sheet["steps"])]
        rows = []
        for book, step, what in ALL_STEPS:
            cells = [sheets.step_of(sheet, book, step) for sheet in here]
            if book in books and any(cells):
                mine = own and sheets.step_of(own, book, step)
                rows.append([esc(what)] + [peer_cell(sheet, cell, mine) for sheet, cell in zip(here, cells)])
        if rows:
            out.append(table([title] + [esc(sheet["title"]) for sheet in here], rows))
    return "".join(out)


def peers(folder):
    found, notes = sheets.read_all(folder / "peers")
    out = [note(text) for text in notes]
    ran = [sheet for sheet in found if sheet["steps"]]
    own = next((sheet for sheet in ran if sheet["peer"] == "cpu"), None)
    if not own:
        out.append(note("Without a run of cpu: on the peers' book there are no ratios."))
    if ran:
        out += [bars(ran), "<details><summary>Best and median of each, as tables</summary>", numbers(ran, own), "</details>"]
    out.append("<h3>What each is, and leaves out</h3>")
    out.append("<dl class=peers>")
    for sheet in found:
        state = (f" <span class=bad>skipped: {esc(sheet['skipped'])}</span>" if sheet["skipped"] else
                 f" <span class=bad>failed: {esc(sheet['failed'])}</span>" if sheet["failed"] else "")
        versions = "; ".join([f"{k} {v}" for k, v in sheet["versions"].items()] + ["threads: " + sheet["threads"]])
        out.append(f"<dt>{esc(sheet['title'])}{state}</dt><dd>{esc(sheet['what'])}. <span class=soft>{esc(versions)}; "
                   f"load {sheet['machine'].get('load', 0):.1f}</span></dd>")
        if sheet["leaves_out"]:
            out.append(f"<dd class=soft>Leaves out: {esc('; '.join(sheet['leaves_out']))}.</dd>")
    return "".join(out) + "</dl>"


PEERS_TEXT = """<p>The same generated book and the same batches, each peer's answer held against the exact one. Times are the best
of many, bars on one logarithmic scale; a ratio is the peer's time by that of <code>cpu:</code>. Green: the peer takes longer.
Red: it is faster; what it leaves out is written below. A batch of one symbol concerns 42,000 rows, one of all symbols 221,000,
unless the run had another size.</p>"""
STAGES_TEXT = """<h2>Every stage</h2><p>Stages up to <i>order out</i> count from the planned time of arrival, so waiting counts.
Simulated cycles are no host time, and an end-to-end time with a card in it is modelled.</p>"""
REPRODUCE = """<pre>make bench                                       all of this page
make bench-peers ONLY='loop numpy' SECONDS=2     some peers, longer
python3 tests/bench/peers/page.py build/bench    the page again, from what was measured
python3 tests/bench/peers/readme.py              the table of the README</pre>"""


def page(folder):
    """The page, and whether it shows a whole run."""
    bench, fault = read_bench(folder / "bench.json")
    parts = ["<h1>Firebreak: what was measured</h1>", note(fault) if fault else ""]
    sections = [lambda: facts(bench), lambda: "<h2>Asked and reached</h2>" + targets(bench),
                lambda: "<h2>Plots</h2>" + pictures(folder, bench), None, lambda: STAGES_TEXT + results(bench)]
    for section in sections:
        try:
            if section is None:  # needs no bench.json
                parts.append("<h2>Peers</h2>" + PEERS_TEXT + peers(folder))
            elif bench:
                parts.append(section())
        except (KeyError, TypeError, IndexError) as why:
            fault = f"A file is not as its schema says: {why!r}; a section is missing."
            parts.insert(1, note(fault))
    parts += ["<h2>Again</h2>", REPRODUCE]
    css = (HERE / "page.css").read_text()
    head = ("<meta charset=utf-8><meta name=viewport content='width=device-width, initial-scale=1'>"
            "<title>Firebreak bench</title>")
    return f"<!doctype html><html lang=en><head>{head}<style>{css}</style></head><body>{''.join(parts)}</body></html>\n", fault


def main():
    if len(sys.argv) != 2 or not pathlib.Path(sys.argv[1]).is_dir():
        raise SystemExit(__doc__.split("\n\n")[1])
    folder = pathlib.Path(sys.argv[1])
    text, fault = page(folder)
    new = folder / "index.html.new"
    new.write_text(text, encoding="utf-8")
    new.rename(folder / "index.html")
    print(f"page: {folder}/index.html" + (f"\npage: {fault}" if fault else ""))
    return 1 if fault else 0


if __name__ == "__main__":
    raise SystemExit(main())
