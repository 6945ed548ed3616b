#!/usr/bin/env python3
"""Plants faults in the core (hw/rtl/*.v), the model (sw/lib/model*.c) and the endpoint (hw/pcie/*.v), one at a time, and sees
that the tests catch them.

Two sources of faults: tests/mutants/hand.toml, faults that an engineer would make, all of which must be caught; and, but not for
the endpoint, faults that a fixed list of operators makes at places drawn with a fixed seed, of which at least 95 % must be
caught. What is not caught must be explained in tests/mutants/survivors.txt. See tests/mutants/README.md.

Results are kept in build/mutants/results-*.tsv, one file for each state of the sources, so that a run can be interrupted.
"""
import argparse
import collections
import concurrent.futures
import difflib
import functools
import hashlib
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "mutants"
TESTS = ROOT / "build" / "tests"
LIBRARY = ROOT / "build" / "libfirebreak.a"
COSIM = pathlib.Path(os.environ.get("COSIM", ROOT / "build" / "tests" / "cosim"))
SEED = 20251010
PLACE = {"rtl": "hw/rtl/", "model": "sw/lib/", "card": "hw/pcie/"}
RTL_SHARE = 0.7              # of the generated mutants
CAUGHT_AT_LEAST = 0.95
SKIPPED = 77
CFLAGS = "-std=c11 -D_GNU_SOURCE -O1 -fPIC -Isw/include -w".split()

# `line` is where it stands, `nth` which of the equal ones in the file; the key does not depend on the line.
Mutant = collections.namedtuple("Mutant", "name file line before after why hand nth", defaults=(0,))


def key(m):
    text = f"{m.file}\0{m.before.strip()}\0{m.after.strip()}\0{m.nth}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


# --- where a fault can be planted ------------------------------------------------------------------------------------------

# (name, pattern, replacements); each group 1 of a match is replaced by each replacement in turn.
COMMON = [
    ("relation", re.compile(r"(?<![<>=!])(>=)(?!=)"), [">"]),
    ("relation", re.compile(r"(?<![<>\-=])(>)(?![>=])"), [">="]),
    ("relation", re.compile(r"(?<![<])(<)(?![<=])"), ["<="]),
    ("equality", re.compile(r"(==)"), ["!="]),
    ("equality", re.compile(r"(!=)"), ["=="]),
    ("logic", re.compile(r"(&&)"), ["||"]),
    ("logic", re.compile(r"(\|\|)"), ["&&"]),
    ("bits", re.compile(r"(?<=[\w\])}] )(&)(?= [\w~({!])"), ["|"]),
    ("bits", re.compile(r"(?<=[\w\])}] )(\|)(?= [\w~({!])"), ["&"]),
    ("bits", re.compile(r"(?<=[\w\])}] )(\^)(?= [\w~({])"), ["|"]),
    ("sum", re.compile(r"(?<=[\w\])}] )(\+)(?= [\w~({$])"), ["-"]),
    ("sum", re.compile(r"(?<=[\w\])}] )(-)(?= [\w~({$])"), ["+"]),
    ("invert", re.compile(r"(?<![\w=!])([~!])(?=[\w(])"), [""]),
    ("select", re.compile(r"(\? [^?:;,]+ : [^?:;,)}]+)"), ["swap"]),
    ("branch", re.compile(r"\bif \(([^()]+(?:\([^()]*\)[^()]*)*)\)"), ["1", "0"]),
]
VERILOG = [
    ("constant", re.compile(r"(?<![\w'])(\d+'[dhb][0-9a-fA-F_]+)"), ["+1", "-1"]),
    ("slice", re.compile(r"(?<=\w\[)(\d+)(?=:\d+\])"), ["+1", "-1"]),
    ("slice", re.compile(r"(?<=:)(\d+)(?=\])"), ["+1", "-1"]),
    ("drop", re.compile(r"^\s*(?:\w+\s*:\s*)?(?:if \([^;]*\)\s*|else\s+)?(\w+(?:\[[^\]]*\])? <= [^;]+;)\s*$"), [";"]),
]
C = [
    ("constant", re.compile(r"(?<![\w.'\[])(\d+)(?![\w.\]])"), ["+1", "-1"]),
    ("boolean", re.compile(r"\b(true)\b"), ["false"]),
    ("boolean", re.compile(r"\b(false)\b"), ["true"]),
    ("relation", re.compile(r"(?<!<)(<=)"), ["<"]),
    ("drop", re.compile(r"^\s*([a-z][\w>.\[\]-]* (?:[+^|&-]|<<)?= [^;]+;)\s*$"), [";"]),
    ("drop", re.compile(r"^\s*([a-z][\w>.\[\]-]*(?:\+\+|--);)\s*$"), [";"]),
]
SKIP_V = re.compile(r"^\s*(`|module|endmodule|input|output|inout|parameter|genvar|generate|endgenerate|for\b|\.|initial|integer)")
SKIP_C = re.compile(r"^\s*(#|assert|_Static_assert|static const|enum|struct \w+ \{|for \()")
DECLARATION = re.compile(r"^\s*(wire|reg|localparam)\b[^=]*")


def code_lines(text, verilog):
    """(line number, code) with comments and strings blanked, so that columns stay."""
    blank = lambda m: re.sub(r"[^\n]", " ", m.group(0))
    text = re.sub(r"/\*.*?\*/", blank, text, flags=re.S)
    text = re.sub(r"//[^\n]*", blank, text)
    text = re.sub(r'"(?:\\.|[^"\\])*"', blank, text)
    skip = SKIP_V if verilog else SKIP_C
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not skip.match(line):
            yield number, line


def step_number(text, step):
    """A literal plus or minus one, in its own base and width; None where it does not fit."""
    m = re.fullmatch(r"(\d+)'([dhb])([0-9a-fA-F_]+)", text)
    if not m:
        value = int(text) + step
        return str(value) if value >= 0 else None
    width, base = int(m.group(1)), {"d": 10, "h": 16, "b": 2}[m.group(2)]
    value = (int(m.group(3).replace("_", ""), base) + step) % (1 << width)
    digits = {10: f"{value}", 16: f"{value:x}", 2: f"{value:b}"}[base]
    return f"{width}'{m.group(2)}{digits}"


def replacement(found, how):
    if how in ("+1", "-1"):
        return step_number(found, int(how))
    if how == "swap":
        first, second = found[2:].split(" : ", 1)
        return f"? {second.strip()} : {first.strip()}"
    return how


def comparison(line, at):
    """Verilog: `<=` is an assignment unless it lies inside parentheses or right of an `=`."""
    head = line[:at]
    return head.count("(") > head.count(")") or re.search(r"[^<>=!]=[^=]", head) is not None


def sites(path):
    verilog = path.suffix == ".v"
    text = path.read_text()
    lines = text.split("\n")
    name = str(path.relative_to(ROOT))
    for number, code in code_lines(text, verilog):
        declared = DECLARATION.match(code) if verilog else None
        start = declared.end() if declared else 0
        rules = COMMON + (VERILOG if verilog else C)
        if verilog:
            rules = rules + [("relation", re.compile(r"(?<!<)(<=)"), ["<"])]
        for rule, pattern, hows in rules:
            for m in pattern.finditer(code, start):
                if verilog and m.group(1) == "<=" and not comparison(code, m.start(1)):
                    continue
                for how in hows:
                    new = replacement(m.group(1), how)
                    if new is None:
                        continue
                    line = lines[number - 1]
                    after = line[:m.start(1)] + new + line[m.end(1):]
                    yield Mutant(f"{rule}:{m.group(1)[:24]}->{new[:24]}", name, number, line, after, rule, False)


def generated(kind):
    """All of them, in an order that is random but hardly changes when the sources do: sorted by a hash of their keys."""
    files = sorted((ROOT / "hw/rtl").glob("*.v")) if kind == "rtl" else sorted((ROOT / "sw/lib").glob("model*.c"))
    seen, made = collections.Counter(), []
    for m in (m for f in files for m in sites(f)):
        text = (m.file, m.before.strip(), m.after.strip())
        made.append(m._replace(nth=seen[text]))
        seen[text] += 1
    return sorted(made, key=lambda m: hashlib.sha256(f"{SEED} {key(m)}".encode()).digest())


def hand_planted(kind):
    with open(ROOT / "tests/mutants/hand.toml", "rb") as f:
        entries = tomllib.load(f)["mutant"]
    for e in entries:
        if e["file"].startswith(PLACE[kind]):
            text = (ROOT / e["file"]).read_text()
            if text.count(e["find"]) != 1:
                sys.exit(f"tests/mutants/hand.toml: {e['file']}: {text.count(e['find'])} places for {e['find']!r}, expected 1")
            number = text[:text.index(e["find"])].count("\n") + 1
            yield Mutant(e["why"], e["file"], number, e["find"], e["replace"], e["why"], True)


# --- building and running one mutant ---------------------------------------------------------------------------------------

def run(command, timeout, cwd=ROOT, env=None):
    """(status, output); status None after the timeout."""
    process = subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               errors="replace", start_new_session=True)
    try:
        output, _ = process.communicate(timeout=timeout)
        return process.returncode, output
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        output, _ = process.communicate()
        return None, output


def mutated(m):
    text = (ROOT / m.file).read_text()
    if m.hand:
        return text.replace(m.before, m.after, 1)
    lines = text.split("\n")
    lines[m.line - 1] = m.after
    return "\n".join(lines)


def build_model(work, m):
    """(library or None, output). Only the mutated file is compiled; the others were compiled once."""
    objects = work.parent / "model-objects"
    source = work / pathlib.Path(m.file).name if m else None
    if m:
        source.write_text(mutated(m))
        status, output = run(["gcc", *CFLAGS, "-Isw/lib", "-c", str(source), "-o", str(work / "mutant.o")], 60)
        if status != 0:
            return None, output
    else:
        (work / "mutant.o").unlink(missing_ok=True)
    parts = [str(o) for o in sorted(objects.glob("*.o")) if not m or o.stem != source.stem]
    target = work / "model.so"
    parts += [str(work / "mutant.o")] if m else []
    # A source that MODEL lacks is an error here, not a plugin that cannot be loaded later.
    status, output = run(["gcc", "-shared", "-Wl,-Bsymbolic", "-Wl,--no-undefined", "-o", str(target), *parts], 60)
    return (target if status == 0 else None), output


# What the model needs from the library, apart from itself.
MODEL = ["error.c", "crc64.c", "hash.c", "log2.c"]


def prepare_model(folder):
    objects, units = folder / "model-objects", folder / "unit-objects"
    objects.mkdir(parents=True, exist_ok=True)
    units.mkdir(parents=True, exist_ok=True)
    for c in (ROOT / "tests/unit").glob("test_model_*.c"):
        status, output = run(["gcc", *CFLAGS, "-c", str(c), "-o", str(units / (c.stem + ".o"))], 60)
        if status != 0:
            sys.exit(output)
    for c in [*sorted((ROOT / "sw/lib").glob("model*.c")), *(ROOT / "sw/lib" / c for c in MODEL)]:
        status, output = run(["gcc", *CFLAGS, "-c", str(c), "-o", str(objects / (c.stem + ".o"))], 60)
        if status != 0:
            sys.exit(output)


@functools.lru_cache
def libraries():
    """What the Makefile links programs with.."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"}
    return subprocess.run(["make", "-s", "ldlibs"], cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout.split()


def unit_tests(work):
    """(how the model's unit tests, linked with the mutant, caught it, or None; output). They reach what a stream cannot, such
    as arguments and capacities."""
    check = subprocess.run(["pkg-config", "--libs", "check"], capture_output=True, text=True, check=True).stdout.split()
    check += libraries()
    for test in sorted((work.parent / "unit-objects").glob("*.o")):
        program = work / test.stem
        mutant = [str(work / "mutant.o")] if (work / "mutant.o").exists() else []
        status, output = run(["gcc", "-o", str(program), str(test), *mutant, str(LIBRARY), *check], 60)
        if status == 0:
            status, output = run([str(program)], 60)
        if status != 0:
            return "unit test", output
    return None, ""


# (library, lanes, lanes in a group, address bits of rows and of accounts, with a test port). The streams run on four lanes
# in groups of two with small memories, under the name of the two-lane library: small, yet with arbitration inside and between
# groups.
STREAM_CORE = ("libfbcore2.so", 4, 2, 11, 9, False)
PARITY_CORE = ("libfbcore8-poke.so", 8, 4, 13, 12, True)


def verilate(work, core):
    """(directory of the library or None, output). ccache makes what a mutant leaves alone cheap."""
    library, lanes, group, row_bits, slot_bits, poke = core
    files = (ROOT / "hw/rtl/core.f").read_text().split()
    obj = "obj-" + library
    command = ["verilator", "--cc", "--exe", "-O3", "--x-assign", "fast", "--x-initial", "fast", "-Wno-lint", "-Wno-style",
               "-Wno-fatal", "--top-module", "fb_core", "--prefix", "Vfb_core", "-Ihw/rtl", "-Ihw/contract", "--Mdir", obj,
               "-o", "../" + library, "--output-split", "8000", *(["hw/rtl/poke.vlt", "-CFLAGS", "-DFB_POKE"] if poke else []),
               f"-GLANES={lanes}", f"-GGROUP={group}", f"-GROW_BITS={row_bits}", f"-GSLOT_BITS={slot_bits}",
               "-CFLAGS", f"-fPIC -fvisibility=hidden -DFB_LANES={lanes} -DFB_GROUP={group} -DFB_ROW_BITS={row_bits} "
               f"-DFB_SLOT_BITS={slot_bits} -I{ROOT}/sim -I{ROOT}/sw/include",
               "-LDFLAGS", f"-shared -Wl,--version-script={OUT}/core.map", *files, str(ROOT / "sim/core_shim.cpp")]
    status, output = run(command, 120, cwd=work)
    if status != 0:
        return None, output
    env = dict(os.environ, MAKEFLAGS="", CCACHE_NOHASHDIR="1")
    compiler = "clang++" if shutil.which("clang++") else "g++"   # clang takes less than half the time
    tools = [f"CXX={compiler}", f"LINK={compiler}", "OBJCACHE=" + ("ccache" if shutil.which("ccache") else "")]
    make = ["make", "-s", "-C", obj, "-f", "Vfb_core.mk", "OPT_FAST=-O1", "OPT_SLOW=-O0", *tools]
    status, output = run(make, 300, cwd=work, env=env)
    return (work if status == 0 else None), output


def build_rtl(work, m):
    for part in ("hw/rtl", "hw/contract"):
        shutil.copytree(ROOT / part, work / part, dirs_exist_ok=True)
    if m:
        (work / m.file).write_text(mutated(m))
    return verilate(work, STREAM_CORE)


def build_card(work, m):
    """The benches and proofs of the endpoint take its sources."""
    for part in ("hw/rtl", "hw/pcie", "hw/formal", "hw/contract"):
        shutil.copytree(ROOT / part, work / part, dirs_exist_ok=True)
    if m:
        (work / m.file).write_text(mutated(m))
    return work, ""


# From quick to thorough; the first that fails catches the mutant.
CORE = ["--engine", "core:lanes=2,place=random"]
EIGHT = ["--engine", "core:lanes=8,poke=1,place=random"]
RTL_STAGES = [
    ("stream", ["run", *CORE, "--seeds", "1..4", "--commands", "1500", "--rows-target", "120"], 60),
    ("stream", ["run", *CORE, "--seeds", "5..24", "--commands", "3000"], 120),
    ("pair", [], 60),
    ("weave", [], 60),
    ("idle", ["--seeds", "1..8"], 120),
    ("score", ["1", "300"], 120),
    ("histogram", [], 60),
    ("recompute", ["recompute", *CORE], 60),
    ("hedge", ["hedge", *CORE], 60),
    ("cycles", ["cycles", "--lanes", "2"], 60),
    ("storm", ["storm", *CORE], 60),
    ("full", ["full", *CORE], 60),
    ("limits", ["limits", *CORE], 60),
    ("stalled", ["full", "--engine", "core:lanes=2,place=random,stall=90"], 120),
    ("eight lanes", ["run", *EIGHT, "--seeds", "1..6", "--commands", "2000"], 120),
    ("parity", [], 120),
    ("audit", [], 300),
    ("audit races", [], 300),
    ("audit faults", [], 300),
    ("counters", [], 120),
    ("icarus", [], 120),
]
# Unit tests of the core with a test port: they spoil its memories, and see what the audit says.
UNIT = {"parity": TESTS / "test_parity", "audit": TESTS / "test_audit", "audit races": TESTS / "test_audit_races",
        "audit faults": TESTS / "test_audit_faults", "counters": TESTS / "test_counters"}
SECOND_CORE = "eight lanes"  # from this stage on the library of PARITY_CORE is needed
# Benches of some modules alone.
ALONE = {"score": ("hw/rtl/fb_score.v", "hw/rtl/fb_log2.v"), "histogram": ("hw/rtl/fb_histogram.v",),
         "pair": ("hw/rtl/fb_pair.v",), "weave": ("hw/rtl/fb_weave.v",)}
CARD_STAGES = [
    ("card", ["512", "+stop"], 400),
    ("proofs", [], 400),
    ("card", ["256", "+stop"], 400),
    ("card", ["core"], 200),
]
MODEL_STAGES = [
    ("stream", ["run", "--seeds", "1..20", "--commands", "3000"], 30),
    ("stream", ["run", "--seeds", "21..120", "--commands", "4000"], 60),
    ("full", ["full"], 60),
    ("limits", ["limits"], 60),
]


def stage(name, arguments, work):
    """(command, environment) of a stage."""
    env = dict(os.environ, FIREBREAK_CORE_DIR=str(work))
    script = dict(os.environ, COSIM=str(COSIM), HW=str(work / "hw"), DIR=str(work / name))
    if name == "idle":
        return ["tests/mutants/idle.sh", *arguments], dict(script, CORE=str(work / STREAM_CORE[0]))
    if name in ALONE:
        return [f"tests/icarus/{name}.sh", *arguments], script
    if name == "card":
        return ["tests/card/run.sh", *arguments], script
    if name == "proofs":
        return ["tests/formal/run.sh"], dict(script, QUICK="1")
    if name == "icarus":
        # Only the placement of the stream comes from a library: that of the core as it is.
        return ["tests/icarus/run.sh", "3", "600", "100"], script
    if name in UNIT:
        return [str(UNIT[name])], env
    return [str(COSIM), *arguments, "--no-wave", "--quiet"], env


def outcome(status):
    """What an exit status says about a mutant, as a suffix to the name of the stage; None where it passed."""
    if status is None:
        return ", timeout"
    if status < 0 or status >= 128:
        return ", crash"
    return None if status in (0, SKIPPED) else ""


def verdict(kind, work, m, quick=False):
    """(how the mutant was caught, "survived", or None where it does not compile; what the failing stage or the compiler printed).
    Quick: by one core only."""
    target, output = {"model": build_model, "rtl": build_rtl, "card": build_card}[kind](work, m)
    if not target:
        return None, output
    if kind == "model":
        stages = [(n, a + ["--engine", f"plugin:{target}"], t) for n, a, t in MODEL_STAGES]
    else:
        stages = CARD_STAGES if kind == "card" else RTL_STAGES
    for name, arguments, timeout in stages:
        if name == SECOND_CORE and quick:
            break
        if name == SECOND_CORE:
            target, output = verilate(work, PARITY_CORE)
            if not target:
                return None, output
        if name in ALONE and m and m.file not in ALONE[name]:
            continue
        command, env = stage(name, arguments, work)
        status, output = run(command, timeout, env=env)
        if outcome(status) is not None:
            return name + outcome(status), " ".join(command) + "\n" + output
    how, output = unit_tests(work) if kind == "model" else (None, "")
    return how or "survived", output


# --- the run -------------------------------------------------------------------------------------------------------------

class Results:
    """Verdicts of one state of sources and tests."""

    def __init__(self, kind):
        own = {"rtl": ["hw/rtl/*", "sim/*", "tests/unit/test_parity.c", "tests/unit/*audit*", "tests/unit/test_counters.c",
                       "tests/icarus/*", "tests/mutants/idle.*"],
               "model": ["sw/lib/model*", "tests/unit/*model*"],
               "card": ["hw/rtl/*", "hw/pcie/*", "hw/formal/*", "hw/formal/abstract/*", "tests/card/*", "tests/formal/*"]}
        pattern = [*own[kind], "tests/cosim/*", "hw/contract/*.vh", "tools/mutate.py"]
        state = hashlib.sha256()
        for f in sorted(f for p in pattern for f in ROOT.glob(p) if f.is_file()):
            state.update(f.read_bytes())
        self.path = OUT / f"results-{kind}-{state.hexdigest()[:12]}.tsv"
        self.lock = threading.Lock()
        self.verdict = {}
        if self.path.exists():
            self.verdict = dict(line.split("\t", 2)[:2] for line in self.path.read_text().splitlines())

    def put(self, m, verdict):
        with self.lock:
            self.verdict[key(m)] = verdict
            with open(self.path, "a") as f:
                f.write(f"{key(m)}\t{verdict}\t{m.file}:{m.line}\t{m.name}\n")


def check_clean(kind, works, quick):
    """The tests must pass on the sources as they are, else everything would count as caught."""
    clean, output = verdict(kind, works.queue[0], None, quick)
    if clean != "survived":
        print("\n".join(output.splitlines()[-40:]), flush=True)
        sys.exit(f"mutate: the {kind} without any fault does not pass: {clean or 'it does not build'}")


def run_batch(kind, mutants, wanted, results, works, jobs):
    """The first `wanted` mutants that compile, with their verdicts; order does not depend on the number of jobs."""
    started, done = time.time(), []

    def one(m):
        if key(m) not in results.verdict:
            work = works.get()
            try:
                results.put(m, str(verdict(kind, work, m)[0]))
            finally:
                works.put(work)
        return m, results.verdict[key(m)]

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        at = 0
        while len(done) < wanted and at < len(mutants):
            part = mutants[at:at + max(jobs, wanted - len(done))]
            at += len(part)
            for m, how in pool.map(one, part):
                if how == "None" and m.hand:
                    sys.exit(f"mutate: hand-planted fault does not compile: {m.file}:{m.line}: {m.name}")
                if how != "None":
                    done.append((m, how))
                    seconds = time.time() - started
                    print(f"{kind} {len(done)}/{wanted} {seconds:.0f} s {m.file}:{m.line} {m.name}: {how}", flush=True)
    return done[:wanted]


def explained():
    """Keys of tests/mutants/survivors.txt, and which of them are equivalent to the original."""
    path = ROOT / "tests/mutants/survivors.txt"
    lines = [line.split(None, 2) for line in path.read_text().splitlines() if re.match(r"[0-9a-f]{12} ", line)]
    return {line[0]: line[1] == "equivalent" for line in lines}


def show(m):
    before, after = (ROOT / m.file).read_text().splitlines(), mutated(m).splitlines()
    print("\n".join(difflib.unified_diff(before, after, m.file, m.file, lineterm="", n=2)))


def summary(done):
    known = explained()
    hand = [how for m, how in done if m.hand]
    made = [how for m, how in done if not m.hand]
    alive = [m for m, how in done if how == "survived"]
    table = collections.Counter((m.why if not m.hand else "hand", how != "survived") for m, how in done)
    print(f"\n{'operator':12} {'caught':>7} {'alive':>6}")
    for operator in sorted({o for o, _ in table}):
        print(f"{operator:12} {table[operator, True]:7} {table[operator, False]:6}")
    for m in alive:
        note = "NOT EXPLAINED" if key(m) not in known else "equivalent" if known[key(m)] else "known"
        print(f"alive, {note}: {key(m)} {m.file}:{m.line} {m.name}")
    equivalent = sum(known.get(key(m), False) for m in alive)
    caught = len(made) - made.count("survived")
    share = caught / (len(made) - equivalent) if made else 1.0
    good = "survived" not in hand and share >= CAUGHT_AT_LEAST and all(key(m) in known for m in alive)
    print(f"mutants: {len(hand) - hand.count('survived')} of {len(hand)} hand-planted; {caught} of {len(made)} generated, "
          f"{equivalent} equivalent, so {100 * share:.1f} % of those that can be: {'PASS' if good else 'FAIL'}")
    return good


def plant(arguments, kinds, folder):
    """All mutants of these kinds with their verdicts. The folder is this run's own: two runs do not meet."""
    works, done = queue.Queue(), []
    for i in range(arguments.jobs):
        (folder / f"{i}").mkdir()
        works.put(folder / f"{i}")
    for kind in kinds:
        if kind == "model":
            prepare_model(folder)
        results = Results(kind)
        missing = [] if arguments.smoke is not None else [t for t in UNIT.values() if not t.exists()]
        if kind == "rtl" and missing:
            sys.exit(f"mutate: {missing[0].relative_to(ROOT)} is not built")
        check_clean(kind, works, arguments.smoke is not None)
        hand = list(hand_planted(kind))
        if arguments.smoke is not None:
            hand = hand[:arguments.smoke]
        if not arguments.no_hand:
            done += run_batch(kind, hand, len(hand), results, works, arguments.jobs)
        if arguments.smoke is None and kind != "card":
            share = RTL_SHARE if kind == "rtl" else 1 - RTL_SHARE
            done += run_batch(kind, generated(kind), round(arguments.generated * share), results, works, arguments.jobs)
    return done


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["rtl", "model", "card"], help="plant faults in one of the three")
    parser.add_argument("--generated", type=int, default=200, help="number of generated mutants (200)")
    parser.add_argument("--no-hand", action="store_true", help="leave out the hand-planted ones")
    parser.add_argument("--smoke", type=int, metavar="N", help="only the first N hand-planted ones of each kind")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--show", metavar="KEY", help="print a mutant as a diff, and stop")
    arguments = parser.parse_args()
    # The benches of the endpoint take minutes: not in a smoke run.
    kinds = [arguments.only] if arguments.only else ["model", "rtl"] if arguments.smoke is not None else ["model", "rtl", "card"]
    if arguments.show:
        planted = [m for k in kinds for m in [*hand_planted(k), *(generated(k) if k != "card" else [])]]
        for m in [m for m in planted if key(m) == arguments.show]:
            show(m)
        return 0
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "core.map").write_text("{ global: fb_core_ops; local: *; };\n")
    with tempfile.TemporaryDirectory(prefix="work-", dir=OUT) as folder:
        return 0 if summary(plant(arguments, kinds, pathlib.Path(folder))) else 1


if __name__ == "__main__":
    sys.exit(main())
