#!/usr/bin/env python3
"""Plants bugs in the waterfall, one at a time, and sees that the governor stops them.

The bugs stand in tests/mutants/waterfall.txt. Each is built in a folder of its own under build/ (the tree is never touched): only
the changed file is compiled, and the soak is linked with the library's other objects as they are. Then seeds run until the bug is
found:

  expect = "governor REASON"   the governor refuses at least one order for this reason
  expect = "audit"             the governor lets it pass, and the run itself, its replay or the auditor of its log finds it

Linked in as well is tests/mutants/witness.c. It tells what the governor refused, caps included, and ends the run if the venue is
ever given an order that did not pass: what is refused did not leave. (It cannot: decided_order in sw/lib/run_host.c returns
before log and venue. The witness sees it again for each bug.) It also lowers the cap on orders, so that a loop without end meets
it soon. The waterfall without any bug must get through the same seeds, with no refusal but those of the kill switch.

Prints a line for each bug, then `N caught, N survived`. Exit status 1 if one is not found as expected.
"""
import argparse
import collections
import concurrent.futures
import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIST = ROOT / "tests/mutants/waterfall.txt"
WITNESS = ROOT / "tests/mutants/witness.c"
BUILD = ROOT / "build"
LIBRARY = BUILD / "libfirebreak.a"
SOAK = sorted((ROOT / "tests/soak").glob("*.c"))
CC = ["gcc", *"-std=c11 -D_GNU_SOURCE -O1 -g -w -Isw/include -iquote sw/lib".split()]
WRAP = "-Wl," + ",".join("--wrap=" + f for f in ("fb_governor_open", "fb_governor_check", "fb_market_send", "mkdtemp"))
SEEDS = [(1, 6), (7, 30), (31, 80), (81, 240)]   # the next part only if nothing was found in those before
SECONDS = 40                                     # for a mutant; no end in this time counts as found by the run
REASONS = "breach held sign size counter money id price cap unknown".split()
EXPECTED = ["audit", *("governor " + r for r in REASONS)]

Mutant = collections.namedtuple("Mutant", "name file find replace expect")
# refused: reason -> the witness's words; found: what the run says, if it fails otherwise
Seen = collections.namedtuple("Seen", "refused found left")


def read_list():
    """The bugs. Each must be plantable: its text stands exactly once in its file."""
    with open(LIST, "rb") as f:
        mutants = [Mutant(**entry) for entry in tomllib.load(f)["mutant"]]
    for name, n in collections.Counter(m.name for m in mutants).items():
        if n > 1:
            sys.exit(f"{LIST.name}: {n} entries are called {name!r}")
    for m in mutants:
        path = ROOT / "sw/lib" / m.file
        places = path.read_text().count(m.find) if path.is_file() else 0
        if places != 1:
            sys.exit(f"{LIST.name}: {m.name}: {places} places in sw/lib/{m.file} for {m.find!r}, expected 1")
        if m.expect not in EXPECTED:
            sys.exit(f"{LIST.name}: {m.name}: expects {m.expect!r}, which is none of {EXPECTED}")
    return mutants


def run(command, seconds, env=None):
    """(status, output); status None after the time."""
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               errors="replace", start_new_session=True)
    try:
        output, _ = process.communicate(timeout=seconds)
        return process.returncode, output
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        return None, process.communicate()[0]


def must(command):
    status, output = run(command, 120)
    if status != 0:
        sys.exit(f"mutate_host: {' '.join(map(str, command))}\n{output}")


def prepare(folder):
    """What all share: the library as it is, and the soak's objects with the witness."""
    newest = max(p.stat().st_mtime for p in [*(ROOT / "sw").rglob("*.[ch]"), *(ROOT / "tests/soak").glob("*.[ch]")])
    objects = [BUILD / "obj/tests/soak" / (c.stem + ".o") for c in SOAK]
    built = [LIBRARY, *objects]
    if not all(p.is_file() for p in built) or (BUILD / "tests/soak").stat().st_mtime < newest:
        must(["make", "-s", "build/tests/soak"])
    shutil.copy(LIBRARY, folder / "library.a")
    must([*CC, "-c", str(WITNESS), "-o", str(folder / "witness.o")])
    for o in objects:
        shutil.copy(o, folder)


@functools.lru_cache
def libraries():
    """What the Makefile links programs with."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"}
    return subprocess.run(["make", "-s", "ldlibs"], cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout.split()


def build(folder, work, m):
    """The soak with this bug; without one if m is None."""
    shutil.copy(folder / "library.a", work / "library.a")
    if m:
        source = work / m.file
        source.write_text((ROOT / "sw/lib" / m.file).read_text().replace(m.find, m.replace, 1))
        must([*CC, "-c", str(source), "-o", str(source.with_suffix(".o"))])
        must(["ar", "r", str(work / "library.a"), str(source.with_suffix(".o"))])
    must(["gcc", "-o", str(work / "soak"), *map(str, sorted(folder.glob("*.o"))), str(work / "library.a"), WRAP, *libraries()])


def soak(work, seeds, seconds):
    status, output = run([str(work / "soak"), "--seeds", f"{seeds[0]}..{seeds[1]}"], seconds)
    refused, found, left = {}, None, None
    for line in output.splitlines():
        if words := re.match(r"refused (\w+) (\w+ account \d+)", line):
            refused.setdefault(words[1], words[2])
        elif line.startswith("left "):
            left = line
        elif line.startswith("directory "):
            shutil.rmtree(line.split(" ", 1)[1], ignore_errors=True)   # there only after a crash
        elif re.match(r"seed \d+: (?!the governor refused orders)", line) or "Assertion" in line:
            found = found or line
    if status is None:
        found = found or f"no end within {SECONDS} s"
    elif status < 0 or status >= 128:
        found = found or f"crash, status {status}"
    return Seen(refused, found, left)


def judge(m, seen):
    """(caught, words); caught None: more seeds may tell."""
    reason = m.expect.removeprefix("governor ")
    unwanted = {r: what for r, what in seen.refused.items() if r != "kill"}
    if seen.left:
        return False, f"AN ORDER LEFT: {seen.left}"
    if reason in seen.refused:
        return True, f"governor {reason}: {seen.refused[reason]}"
    if m.expect == "audit" and seen.found and not unwanted:
        return True, seen.found
    others = [f"governor {r}: {what}" for r, what in unwanted.items()] + ([seen.found] if seen.found else [])
    if m.expect == "audit" and unwanted:
        return False, "; ".join(others)
    return None, "; ".join(others) or "nobody noticed"


def try_one(folder, m):
    work = pathlib.Path(tempfile.mkdtemp(prefix="mutant-", dir=folder))
    build(folder, work, m)
    words, until = [], time.monotonic() + SECONDS
    for seeds in SEEDS:
        caught, said = judge(m, soak(work, seeds, max(1, until - time.monotonic())))
        if caught is not None:
            break
        words += [said] if said not in words else []
        if time.monotonic() >= until:
            break
    shutil.rmtree(work)
    return m, bool(caught), f"{said} (seeds {seeds[0]}..{seeds[1]})" if caught is not None else "; ".join(words)


def check_clean(folder):
    """Without a bug nothing is refused or found, else everything would count as caught."""
    work = folder / "clean"
    work.mkdir()
    build(folder, work, None)
    seen = soak(work, (SEEDS[0][0], SEEDS[-1][1]), 120)
    if seen.left or seen.found or set(seen.refused) - {"kill"}:
        sys.exit(f"mutate_host: the waterfall without any bug does not pass: {seen}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="NAME", help="plant this one")
    parser.add_argument("--list", action="store_true", help="print the names and what is expected, and stop")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    mutants = [m for m in read_list() if arguments.only in (None, m.name)]
    if not mutants:
        sys.exit(f"mutate_host: {LIST.name} has no {arguments.only!r}")
    if arguments.list:
        for m in mutants:
            print(f"{m.expect:18} {m.name}")
        return 0
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="mutants-host-", dir=BUILD) as name:
        folder = pathlib.Path(name)
        prepare(folder)
        check_clean(folder)
        caught = 0
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            for m, good, how in pool.map(lambda m: try_one(folder, m), mutants):
                caught += good
                print(f"caught    {m.name}: {how}" if good else f"SURVIVED  {m.name}: expected {m.expect}; {how}", flush=True)
    print(f"{caught} caught, {len(mutants) - caught} survived")
    return 0 if caught == len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
