#!/usr/bin/env python3
"""Runs other engines on the book of sw/lib/workload.h, each held against the exact answer, and leaves one JSON file for each.

usage: run.py [--seconds S] [--rows N] [--no-install] DIR [PEER...]     PEER: a name of PEERS below; all unless given

Needs build/tests/export and build/peers/*. Python's peers run in a virtual environment, Java's with what Maven fetches, both
below build/peers and made when they are missing; a peer that cannot be had is skipped, and its file says why. Exit status 1: an
answer was wrong beyond the margin (write.h), or a program failed; a skipped peer is no failure. The files, all of one form:

  { "peers": 1, "peer", "title", "what", "versions": {name: version}, "leaves_out": [text], "skipped": null or why,
    "failed": null or what, "machine": {...}, "threads": text, "steps": [ { "book", "step", "rows", "samples", "best_ns",
    "median_ns", "wrong", "at_margin" } ], "complete": true }

best_ns and median_ns are of one batch, ranking, fill, order or report; rows is how many rows it concerns; wrong counts the
accounts or places that differ from the exact answer, at_margin those of them within the rounding of doubles.
"""
import argparse
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
HERE = ROOT / "tests/bench/peers"
BUILD = ROOT / "build/peers"
PYPI = {"numpy": "2.4.6", "duckdb": "1.5.6"}
MAVEN = {"exchange-core": "0.5.3"}
JAVA_ROWS = 20000
BOOKS = ("venue", "isolated", "doomed")
EXACT = "exact integers: it computes in doubles"
JUMPS = "ladders with jumps"
STORED = "judging a fill: it is stored, and judged at the next mark"
NO_LEVELS = "levels with hysteresis, records, state hash, replay: it only lists the accounts in breach"

# name: (title, what it is, what the comparison leaves out, books, how it is made)
PEERS = {
    "cpu": ("Firebreak cpu:", "our engine in software: exact, every level; from a command to the last of its records", [],
            BOOKS, "export"),
    "loop": ("plain loop, cross margin", "accounts as structs in double, all walked at every mark, a ladder walk a position, a "
             "full sort to rank: the way of published engines (FLOX)",
             [EXACT, NO_LEVELS, STORED, "what the published engine does besides, at more cost: closing positions, fund, "
              "deleveraging; a batch is one walk here, one a mark there"], ("venue", "doomed"), "c++"),
    "loop-isolated": ("plain loop, isolated margin", "structs in double with a margin each, all walked at every mark",
                      [EXACT, NO_LEVELS, "cross margin: every position stands alone"], ("isolated",), "c++"),
    "index": ("trigger index", "bands around the last judgement, heaps of their edges for each symbol, exact recheck (after "
              "perp-risk-engine), ours",
              [NO_LEVELS, "equity and MM of accounts inside their band, which nobody can ask for; further thresholds, each of "
               "which would need bands of its own"], BOOKS, "c++"),
    "columns": ("columns in C++", "rows as columns of doubles, all revalued, what -O3 -march=native makes of it, ours",
                [EXACT, NO_LEVELS, STORED, JUMPS], BOOKS, "c++"),
    "numpy": ("numpy", "the same columns as vector operations", [EXACT, NO_LEVELS, JUMPS, "fills"], BOOKS, "python"),
    "duckdb": ("DuckDB", "tables and one SQL query a batch, one thread", [EXACT, NO_LEVELS, JUMPS, "fills"], ("venue", "doomed"),
               "python"),
    "exchange-core": ("exchange-core", "Java: matching with a margin check before each order",
                      ["liquidation: it has none, nobody in breach is found", "tiers: a fixed margin a lot",
                       f"the book beyond its first {JAVA_ROWS:,} positions",
                       "its own conditions: it is made for a core to each of five stages; with fewer they wait for each other"],
                      ("venue",), "java"),
}
# Chronicle, which exchange-core writes with, reaches into these.
JAVA_OPENS = ([f"--add-opens=java.base/{p}=ALL-UNNAMED" for p in
               ("java.lang", "java.lang.reflect", "java.nio", "java.util", "sun.nio.ch")]
              + [f"--add-exports=java.base/{p}=ALL-UNNAMED" for p in ("jdk.internal.ref", "jdk.internal.misc", "sun.nio.ch")])


class Skip(Exception):
    pass


def output(*command, **options):
    """Last lines of what failed become the reason."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, **options)
    if done.returncode:
        lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        last = lines[-1].strip()[:200] if lines else f"exit status {done.returncode}"
        raise Skip(f"{pathlib.Path(command[0]).name}: {last}")
    return done.stdout


def python_peers(install):
    """The interpreter of the virtual environment, made when it is missing or has other versions."""
    python, mark = BUILD / "venv/bin/python", BUILD / "venv/versions"
    wanted = " ".join(f"{name}=={version}" for name, version in PYPI.items())
    if mark.exists() and mark.read_text() == wanted:
        return python
    if not install:
        raise Skip("no virtual environment with " + wanted)
    shutil.rmtree(BUILD / "venv", ignore_errors=True)
    output(sys.executable, "-m", "venv", str(BUILD / "venv"))
    output(str(python), "-m", "pip", "install", "-q", "--only-binary=:all:", *wanted.split(), timeout=180)
    mark.write_text(wanted)
    return python


def java_peers(install):
    jars = BUILD / "java"
    for tool, package in (("java", "openjdk-17-jdk-headless"), ("javac", "openjdk-17-jdk-headless"), ("mvn", "maven")):
        if not shutil.which(tool):
            raise Skip(f"no {tool}: apt-get install {package}")
    if not list(jars.glob("exchange-core-*.jar")):
        if not install:
            raise Skip("exchange-core was not fetched")
        output("mvn", "-B", "-q", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies", f"-DoutputDirectory={jars}",
               timeout=180)
    return jars


def version_of(*command):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    except OSError:
        return "unknown"
    return done.stdout.splitlines()[0] if done.stdout else "unknown"


def how(name, made, book, files, options):
    """Command, and versions of what it stands on."""
    seconds = str(options.seconds)
    if made == "c++":
        program = {"loop": ["loop", "cross"], "loop-isolated": ["loop", "isolated"]}.get(name, [name])
        return [str(BUILD / program[0]), *program[1:], files, book, seconds], {
            "compiler": version_of("g++", "--version"), "options": "-O3 -march=native"}
    if made == "python":
        python = python_peers(options.install)
        return ([str(python), str(HERE / f"columns_{name}.py"), files, book, seconds],
                {"python": platform.python_version()} | {k: v for k, v in PYPI.items() if k in ("numpy", name)})
    jars = java_peers(options.install)
    return (["java", *JAVA_OPENS, "-cp", f"{jars}/*", str(HERE / "Exchange.java"), files, book, seconds, str(JAVA_ROWS)],
            MAVEN | {"java": version_of("java", "-version")})


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        cpu = next((line.split(":")[1].strip() for line in f if line.startswith("model name")), "unknown")
    return {"cpu": cpu, "cores": os.cpu_count(), "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
            "load": os.getloadavg()[0]}


def pin(made):
    """One core for what has one thread; all for Java, whose engine has five."""
    cores = os.sched_getaffinity(0)
    return None if made == "java" else lambda: os.sched_setaffinity(0, {max(cores)})


def lines_of(command, made, limit):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, timeout=limit,
                          preexec_fn=pin(made))
    steps = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode and not any(step["wrong"] > step["at_margin"] for step in steps):
        last = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise RuntimeError(last[-1][:200])
    return steps


def verdict(steps):
    """None, or which answers are wrong beyond the margin."""
    bad = [f"{s['book']}/{s['step']}: {s['wrong']} wrong, {s['at_margin']} of them at the margin" for s in steps
           if s["wrong"] > s["at_margin"]]
    return "; ".join(bad) or None


def run_peer(name, files, options):
    title, what, leaves_out, books, made = PEERS[name]
    sheet = {"peers": 1, "peer": name, "title": title, "what": what, "versions": {}, "leaves_out": leaves_out, "skipped": None,
             "failed": None, "machine": machine(), "threads": "all cores" if made == "java" else "one", "steps": []}
    try:
        if made == "export":
            command = [str(ROOT / "build/tests/export"), "--rows", str(options.rows), "--seconds", str(options.seconds), files]
            sheet["steps"] = lines_of(command, made, 300)
        else:
            for book in books:
                command, sheet["versions"] = how(name, made, book, files, options)
                sheet["steps"] += lines_of(command, made, 120)
        sheet["failed"] = verdict(sheet["steps"])
    except Skip as why:
        sheet["skipped"] = str(why)
    except subprocess.TimeoutExpired as why:
        sheet["failed"] = f"no end after {why.timeout:.0f} s"
    except (RuntimeError, OSError) as why:
        sheet["failed"] = str(why)
    return sheet | {"complete": True}


def tell(sheet, spent):
    state = f"SKIP  {sheet['skipped']}" if sheet["skipped"] else f"FAIL  {sheet['failed']}" if sheet["failed"] else "ok"
    print(f"{sheet['peer']:<14} {spent:5.1f} s  {state}", flush=True)
    for s in sheet["steps"]:
        print(f"    {s['book'] + '/' + s['step']:<18} best {s['best_ns']:>14,.1f} ns  median {s['median_ns']:>14,.1f} ns  "
              f"{s['best_ns'] / s['rows']:>10,.2f} ns a row  wrong {s['wrong']} ({s['at_margin']} at the margin)")


def whole_number(text):
    value = int(text)
    if not 100 <= value <= 4000000:
        raise argparse.ArgumentTypeError(f"{text} is not from 100 to 4000000")
    return value


def main():
    parser = argparse.ArgumentParser(description="other engines on the same book", usage=__doc__.splitlines()[2][7:])
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--rows", type=whole_number, default=221000)
    parser.add_argument("--no-install", dest="install", action="store_false")
    parser.add_argument("dir", type=pathlib.Path)
    parser.add_argument("peer", nargs="*")
    options = parser.parse_args()
    unknown = sorted(set(options.peer) - set(PEERS))
    if unknown:
        parser.error(f"no peer {unknown[0]}; there are: {' '.join(PEERS)}")
    if options.dir.exists() and not options.dir.is_dir():
        parser.error(f"{options.dir} is not a folder")
    options.dir.mkdir(parents=True, exist_ok=True)
    files, failed = str(BUILD / f"book-{options.rows}"), False
    BUILD.mkdir(parents=True, exist_ok=True)
    # The files of the book come from our engine's run, so that one always comes first.
    for name in ["cpu"] + [p for p in options.peer or PEERS if p != "cpu"]:
        began = time.monotonic()
        target = options.dir / f"{name}.json"
        target.unlink(missing_ok=True)
        sheet = run_peer(name, files, options)
        tell(sheet, time.monotonic() - began)
        target.with_suffix(".new").write_text(json.dumps(sheet, indent=1) + "\n")
        target.with_suffix(".new").rename(target)
        failed = failed or bool(sheet["failed"])
        if name == "cpu" and failed:
            break
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
