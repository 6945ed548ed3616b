#!/usr/bin/env python3
"""Compares an engine with a third implementation of the contract, in exact fractions.

usage: oracle.py [--seeds N] [--seed S] [--commands N] [--wordpipe PATH] [--uri URI] [--write FILE]

Each seed is a random stream (stream.py) that is fed to this machine (machine.py, judge.py) and, through wordpipe, to the engine.
The records of each batch are compared as a set, all bytes that the hash covers; sequence faults are compared in order. A seed
that fails prints where, and the command that repeats it. --write keeps the stream of the one seed as raw commands.
Ends with `N passed, N failed`; exit code 0 when none failed. Needs Python 3.11 and nothing else.
"""
import argparse
import pathlib
import re
import subprocess
import sys
from collections import Counter

sys.dont_write_bytecode = True          # build outputs lie under build/ only

from machine import Machine
from stream import Stream
from words import Layout

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Beyond this many seeds every reject and most level changes must have occurred, or the streams have become blunt.
SEEDS_FOR_COVERAGE = 100
UNLIMITED = 1 << 40
# One seed in three meets an engine that is soon full.
SMALL, LARGE = "model:accounts=9,rows=25", "model:accounts=60,rows=700"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=200, help="seeds 1..N (default 200)")
    parser.add_argument("--seed", type=int, help="this seed only")
    parser.add_argument("--commands", type=int, default=600, help="commands in a stream (default 600)")
    parser.add_argument("--wordpipe", default=str(ROOT / "build/tests/wordpipe"))
    parser.add_argument("--uri", help="engine; accounts= and rows= in it are its capacity (default: model:, small or large)")
    parser.add_argument("--write", metavar="FILE", help="keep the commands of --seed")
    return parser.parse_args()


def capacity(uri, name):
    match = re.search(rf"\b{name}=(\d+)", uri)
    return int(match[1]) if match else UNLIMITED


def engine_says(layout, wordpipe, uri, words):
    """The engine's batches and sequence faults, in the form of machine.py."""
    run = subprocess.run([wordpipe, uri], input=b"".join(words), stdout=subprocess.PIPE, timeout=300, check=False)
    if run.returncode:
        raise SystemExit(f"{wordpipe} {uri}: exit code {run.returncode}")
    batches, faults, open_batch = [], [], []
    end, fault = layout.records["BATCH_END"].number, layout.records["FAULT"]
    for at in range(0, len(run.stdout), 64):
        record = run.stdout[at:at + 56] + bytes(8)  # the rest belongs to the transport
        if record[8] == end:
            batches.append((open_batch, record))
            open_batch = []
        elif record[8] == fault.number:
            fields = fault.unpack(record)
            if fields["fault"] == layout.enum["FAULT"]["SEQUENCE"]:
                faults.append((fields["expected_seq"], fields["found_seq"]))
        elif record[8] not in layout.service:
            open_batch.append(record)
    if open_batch:
        batches.append((open_batch, b""))
    return batches, faults


def difference(layout, ours, theirs):
    """What differs, in lines for people; empty when nothing does."""
    for n, ((our_set, our_end), (their_set, their_end)) in enumerate(zip(ours.batches, theirs[0])):
        if our_end == their_end and Counter(our_set) == Counter(their_set):
            continue
        lines = [f"batch {n} differs"]
        for who, a, b in (("oracle", our_set, their_set), ("engine", their_set, our_set)):
            lines += [f"  {who} alone: {layout.show_record(r)}" for r in (Counter(a) - Counter(b)).elements()]
        lines += [f"  oracle ends: {layout.show_record(our_end)}", f"  engine ends: {layout.show_record(their_end)}"
                  if their_end else "  engine does not end it"]
        return lines
    if len(ours.batches) != len(theirs[0]):
        return [f"oracle has {len(ours.batches)} batches, engine {len(theirs[0])}"]
    if ours.faults != theirs[1]:
        return [f"sequence faults (expected, found): oracle {ours.faults}, engine {theirs[1]}"]
    return []


def run_seed(layout, args, seed, seen):
    uri = args.uri or (LARGE if seed % 3 else SMALL)
    machine = Machine(layout, capacity(uri, "accounts"), capacity(uri, "rows"))
    stream = Stream(seed, layout, machine, args.commands)
    seen.update(machine.seen)
    if args.write:
        pathlib.Path(args.write).write_bytes(b"".join(stream.words))
    lines = difference(layout, machine, engine_says(layout, args.wordpipe, uri, stream.words))
    if lines:
        print(f"seed {seed}: FAILED", *lines, sep="\n  ")
        print(f"  repeat: python3 tests/oracle/oracle.py --seed {seed} --commands {args.commands} "
              f"--wordpipe {args.wordpipe} --uri {uri}")
    return not lines


def not_reached(layout, seen):
    wanted = {f"reject {reason}" for reason in layout.enum["REJECT"] if reason not in ("NONE", "UNSUPPORTED")}
    wanted |= {name for name in layout.commands if name != "RESET"}
    wanted |= {"rank class 1", "rank class 2", "rank class 3", "in range", "cut by from", "cut by cursor", "at from",
               "at cursor's key", "last bucket", "bucket between", "hash of some", "excluded twice"}
    wanted |= {"excluded: " + why for why in ("no rank", "role", "held", "equity", "level")}
    wanted |= {"sequence fault", "reset", "reset in a batch", "funding damage", "collateral wraps", "account full"}
    wanted |= {f"level {a} -> {b}" for a in range(9) for b in range(9) if a != b or a}
    return sorted(what for what in wanted if not seen[what])


def main():
    args = arguments()
    if not pathlib.Path(args.wordpipe).is_file():
        raise SystemExit(f"{args.wordpipe} is not there; build it with: make build/tests/wordpipe")
    layout, seen = Layout(), Counter()
    seeds = [args.seed] if args.seed is not None else range(1, args.seeds + 1)
    failed = sum(not run_seed(layout, args, seed, seen) for seed in seeds)
    if len(seeds) >= SEEDS_FOR_COVERAGE:
        for what in not_reached(layout, seen):
            print(f"no stream reached: {what}")
            failed += 1
    nominees = seen["in range"]
    changes = sum(n for what, n in seen.items() if what.startswith("level"))
    refused = sum(n for what, n in seen.items() if what.startswith("reject"))
    print(f"{len(seeds)} streams: {changes} level records, {refused} rejects, {nominees} rows ranked")
    print(f"{len(seeds) - min(failed, len(seeds))} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
