#!/usr/bin/env python3
"""Prints the README's table of peers from what run.py left, as Markdown.

usage: readme.py [DIR]      build/bench/peers unless given
"""
import pathlib
import sys

import sheets

COLUMNS = ("loop", "loop-isolated", "index", "columns", "numpy", "duckdb", "exchange-core")


def cell(sheet, book, step, own):
    s = sheet and sheets.step_of(sheet, book, step)
    if not s or sheet["failed"]:
        return ""
    wrong = f", {s['wrong']} wrong" if s["wrong"] else ""
    return f"{sheets.time_text(s['best_ns'])} ({sheets.ratio_text(s['best_ns'], own['best_ns'])}{wrong})"


def table(found):
    by_name = {sheet["peer"]: sheet for sheet in found}
    if "cpu" not in by_name:
        raise SystemExit("readme: no sheet of cpu to compare with: run `make bench-peers`")
    columns = [name for name in COLUMNS if name in by_name and not by_name[name]["skipped"]]
    names = [name.replace("-isolated", ", isolated") for name in columns]
    lines = ["| best of many | `cpu:` | " + " | ".join(names) + " |", "|---" * (len(columns) + 2) + "|"]
    for book, step, what in sheets.STEPS:
        own = sheets.step_of(by_name["cpu"], book, step)
        if own:
            cells = [cell(by_name[name], book, step, own) for name in columns]
            lines.append(f"| {what} | {sheets.time_text(own['best_ns'])} | " + " | ".join(cells) + " |")
    return lines


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/bench/peers")
    found, notes = sheets.read_all(folder)
    print("\n".join(table(found)))
    for sheet in found:
        if sheet["skipped"]:
            notes.append(f"{sheet['peer']}: {sheet['skipped']}")
        if sheet["failed"]:
            notes.append(f"{sheet['peer']}: {sheet['failed']}")
    for note in notes:
        print(f"readme: {note}", file=sys.stderr)


if __name__ == "__main__":
    main()
