#!/usr/bin/env bash
# Other engines on the same book (tests/bench/peers), at a small size: the files of the book and their answers are the same from
# two engines, every peer that needs nothing installed gives the exact answers, a peer with a fault is found out, what cannot be
# had is skipped by name; and the page names what is missing. Times are not looked at.
# shellcheck disable=SC1091,SC2154
source "$(dirname "$0")/kit.bash"

bench=tests/bench/peers
export PYTHONDONTWRITEBYTECODE=1

# --- the book -----------------------------------------------------------------------------------------------------------------

works build/tests/export --rows 4000 --seconds 0 "$dir/cpu"
works build/tests/export --engine model: --rows 4000 --seconds 0 "$dir/model"
diff -r "$dir/cpu" "$dir/model" >/dev/null || bad "cpu: and model: gave different books or answers"
for answer in venue/burst venue/walk venue/fill venue/rank isolated/burst doomed/storm; do
	[[ -s $dir/cpu/$answer.answer ]] || bad "nobody is in the answer of $answer: nothing is proven"
done
fails 2 'usage: export' build/tests/export
fails 2 'is not a number' build/tests/export --rows 7 "$dir/no"
fails 1 'No such file' build/tests/export --rows 4000 "$dir/no/such/folder"

# --- the peers ----------------------------------------------------------------------------------------------------------------

run=(python3 "$bench/run.py" --no-install --rows 4000 --seconds 0)
works "${run[@]}" "$dir/peers" loop loop-isolated index columns
[[ $(grep -c ' ok$' "$dir/stdout") == 5 ]] || bad "not five peers are right: $(grep -v '^ ' "$dir/stdout")"
grep -q 'venue/fill .*wrong 0 ' "$dir/stdout" || bad "no fills"
python3 - "$dir/peers" <<'PY' || bad "the sheets are not what they should be"
import json, pathlib, sys
sheets = {p.stem: json.loads(p.read_text()) for p in pathlib.Path(sys.argv[1]).glob("*.json")}
assert set(sheets) == {"cpu", "loop", "loop-isolated", "index", "columns"}
steps = {(s["book"], s["step"]): s for s in sheets["columns"]["steps"]}
assert len(steps) == 12 and all(s["best_ns"] > 0 and s["samples"] >= 6 for s in steps.values())
assert {(s["book"], s["step"]) for s in sheets["cpu"]["steps"]} == set(steps)
assert sheets["loop"]["leaves_out"] and sheets["loop"]["versions"]["compiler"] != "unknown"
PY
fails 2 'no peer nobody' "${run[@]}" "$dir/peers" nobody
# Without Maven nothing is left out silently.
python=$(python3 -c 'import sys; print(sys.executable)')
works env PATH="$dir" "$python" "$bench/run.py" --no-install --rows 4000 --seconds 0 "$dir/skipped" exchange-core
grep -q '^exchange-core .*SKIP .*no java: apt-get install' "$dir/stdout" || bad "no word of why exchange-core was skipped"

# --- faults planted -------------------------------------------------------------------------------------------------------------

# plant NAME SED [BOOK]: the peer with a line changed must be found out.
plant() {
	local program=${1%%:*} kind=()
	sed "$2" "$bench/$program.cpp" >"$dir/$program.cpp"
	cmp -s "$bench/$program.cpp" "$dir/$program.cpp" && { bad "the fault '$2' is not in $program"; return; }
	g++ -std=c++17 -O1 -I"$bench" -o "$dir/faulty" "$dir/$program.cpp" || { bad "it does not compile: $2"; return; }
	[[ $program == loop ]] && kind=(cross)
	"$dir/faulty" "${kind[@]}" "$dir/cpu" venue 0 >"$dir/faults" 2>&1
	[[ $? -eq 1 ]] || bad "a fault was not seen: $program, $2"
	grep -q '"wrong": [1-9]' "$dir/faults" || bad "no wrong answer in what $program said"
}
plant loop 's/equity += value - p.entry/equity += value + p.entry/'
plant index 's/gross \* (t + rate)/gross * (t + rate) * 0.3/'
# An answer with somebody in it who is not in breach.
cp -r "$dir/cpu" "$dir/spoilt"
printf '\0\0\0\0' >>"$dir/spoilt/venue/quiet.answer"
build/peers/columns "$dir/spoilt" venue 0 >"$dir/faults" && bad "a wrong answer was taken"
grep -q '"quiet".*"wrong": 1, "at_margin": 0' "$dir/faults" || bad "the one difference was not counted"

# --- the page -------------------------------------------------------------------------------------------------------------------

page() { python3 "$bench/page.py" "$dir/page"; }
mkdir "$dir/page"
cp -r "$dir/peers" "$dir/page/peers"
page >"$dir/stdout" && bad "a page without bench.json passes for whole"
grep -q 'bench.json is missing' "$dir/page/index.html" || bad "the page does not say that bench.json is missing"
grep -q 'numpy: not run' "$dir/page/index.html" || bad "the page does not say which peers are missing"

# report FILE CHANGE: a tiny report as schema 1 has it, with something changed (Python, on `r`).
report() {
	python3 - "$1" "$2" <<'PY'
import json, sys
stage = {"stage": "engine", "from": "emitted", "unit": "ns", "samples": 4096, "min": 60, "mean": 90, "p50": 80, "p90": 99,
         "p99": 120, "p99_9": 400, "p99_99": None, "max": 900, "hgrm": None}
result = {"workload": "quiet", "what": "one <mark>", "engine": 0, "uri": "cpu:", "rows": 221000, "accounts": 1, "symbols": 1,
          "share_percent": 0, "rows_concerned": 42189, "commands": 1, "records": 1, "orders": 0, "loop": "open", "rate": 1000,
          "reached": 999, "samples": 4096, "state": "0.0.0", "equal": True, "stages": [stage], "modelled": None}
r = {"bench": "firebreak", "schema": 1, "results": [result], "pictures": ["rows.svg"], "complete": True,
     "header": {"version": "0.1.0", "started": "2026-01-01T00:00:00Z", "seed": 1, "seconds": 1, "compiler": "gcc", "options": "",
                "machine": {"cpu": "X", "cores": 2, "kernel": "L", "memory_mib": 1, "hypervisor": True}, "pinned": None,
                "clock": {"source": "tsc", "hz": 1000000000, "cost_ns": 9}, "load": [0, 0], "loaded": True,
                "loaded_why": "of a build"},
     "link": {"low_ns": 466, "low_source": "a", "high_ns": 643, "high_source": "b", "clock_hz": 250000000},
     "engines": [{"given": "cpu:", "uri": "cpu:", "name": "cpu", "time": "host"}]}
exec(sys.argv[2])
json.dump(r, open(sys.argv[1], "w"))
PY
}
# says PATTERN STATUS CHANGE: what the page of such a report says, and how the program ends.
says() {
	report "$dir/page/bench.json" "$3"
	page >"$dir/stdout" 2>&1
	[[ $? -eq $2 ]] || bad "the page ended otherwise than with $2: $3"
	grep -q -- "$1" "$dir/page/index.html" || bad "the page does not say '$1': $3"
}
echo '<svg xmlns="http://www.w3.org/2000/svg"/>' >"$dir/page/rows.svg"
says 'ENGINES DIFFER in: quiet' 1 'result["equal"] = False'
says 'not a whole report' 1 'del r["complete"]'
says 'not as its schema says' 1 'del r["header"]["clock"]'
grep -q 'class=bars' "$dir/page/index.html" || bad "a broken header took the peers off the page"
says 'quiet tick</td><td>100 ns</td><td><span class=bad>not measured' 0 'r["engines"][0]["name"] = "model"'
says 'too few</td><td>60.0 ns</td><td><span class=good>reached at best' 0 'stage["p50"] = None'
says '1.5 x over' 0 'stage["p50"] = 150; stage["min"] = 149'
says 'share that breaches: not measured in this run' 0 ''
says 'reached</span>' 0 ''
grep -q 'busy (of a build)' "$dir/page/index.html" || bad "the page does not say that the machine was busy"
grep -q 'one &lt;mark&gt;' "$dir/page/index.html" || bad "text went into the page as markup"
rm "$dir/page/peers/cpu.json"
echo '{' >"$dir/page/peers/loop.json"
says 'Without a run of cpu:' 0 ''
grep -q 'loop.json: ' "$dir/page/index.html" || bad "the page does not say that a sheet is broken"
python3 - "$dir/page/index.html" <<'PY' || bad "the page is not well formed, or needs the network"
import html.parser, sys
VOID = {"meta", "img", "br"}
class Checker(html.parser.HTMLParser):
    stack = []
    def handle_starttag(self, tag, attrs):
        assert all(v.startswith("data:") for k, v in attrs if k in ("src", "href")), attrs
        self.stack += [] if tag in VOID else [tag]
    def handle_endtag(self, tag):
        assert self.stack.pop() == tag, tag
checker = Checker()
checker.feed(open(sys.argv[1], encoding="utf-8").read())
assert not checker.stack
PY

works python3 "$bench/readme.py" "$dir/peers"
grep -q '^| 5 % of the accounts breach, or recover | .* x' "$dir/stdout" || bad "no ratios for the README"
fails 1 'no sheet of cpu' python3 "$bench/readme.py" "$dir/page/peers"
finish
