#!/usr/bin/env bash
# firebreak bench: reports that are whole, states that agree, and what it says to bad input. Times are not looked at.
# shellcheck disable=SC1091,SC2154
source "$(dirname "$0")/kit.bash"

# Every workload on three engines, one of them simulated; counts in the report are those asked for.
engines=(cpu: model:)
[[ -e build/libfbcore2.so ]] && engines+=(core:lanes=2)
works "$firebreak" bench quiet symbol all burst burst:share=20 storm funding fills fills-marks rank-count rank-lots \
	all:rows=2000 --engine "${engines[@]}" --rows 1000 --samples 40 --json --plot "$dir/plot" && cp "$dir/stdout" "$dir/json"
python3 - "$dir" "${#engines[@]}" <<'END' || bad "the report is not what was asked for"
import json, os, sys
folder, engines = sys.argv[1], int(sys.argv[2])
text = open(folder + "/json").read()
report = json.loads(text)
assert report == json.load(open(folder + "/plot/bench.json"))
assert list(report)[-1] == "complete" and report["complete"] is True
assert len(report["engines"]) == engines and len(report["results"]) == 12 * engines
states = {}
for r in report["results"]:
    key = r["workload"], r["rows"], r["share_percent"]
    assert r["equal"] and states.setdefault(key, r["state"]) == r["state"], key
    assert r["samples"] == 40 and r["accounts"] > 0, r
    simulated = report["engines"][r["engine"]]["time"] == "simulated"
    names = [s["stage"] for s in r["stages"]]
    assert ("card_last" in names) == simulated and ("record_seen" in names) != simulated, names
    assert (r["modelled"] is not None) == simulated
    assert not simulated or 0 < r["modelled"]["samples"] <= r["samples"]
    for s in r["stages"]:
        assert s["samples"] == 40 and (s["unit"] == "cycles") == s["stage"].startswith("card"), s
        assert s["p90"] is None and s["p50"] is not None and s["min"] <= s["p50"] <= s["max"], s
        lines = open(folder + "/plot/" + s["hgrm"]).read().split("\n")
        assert lines[0].split() == ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"], lines[0]
        assert "Total count    =           40]" in lines[-3] and lines[-2].startswith("#[Buckets"), lines
        assert lines[-5].split()[1:] == ["1.000000000000", "40"], lines[-5]
burst = [r for r in report["results"] if r["workload"] == "burst"]
assert all(r["breaching"] > 0 and r["orders"] > 0 for r in burst)
assert burst[engines]["breaching"] > 2 * burst[0]["breaching"]
storm = [r for r in report["results"] if r["workload"] == "storm"]
assert all(r["breaching"] == r["accounts"] for r in storm)
for name in report["pictures"]:
    assert os.path.getsize(folder + "/plot/" + name) > 1000, name
assert "percentiles.svg" in report["pictures"] and "rows.svg" in report["pictures"]
END
[[ -z $(find "$dir/plot" -name '*.part') ]] || bad "files under their first names are left"
grep -q '^complete$' "$dir/plot/bench.txt" || bad "bench.txt does not end"
for svg in "$dir"/plot/*.svg; do
	python3 -c 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])' "$svg" || bad "$svg is no XML"
done

# The text says the size in each line, and what is too few.
works "$firebreak" bench quiet --rows 1000 --samples 30 --seed 7
for line in '^quiet  rows 1000  accounts' '^complete$' '^  record_seen +planned +ns +30 +[0-9]+ +- +- +- +- +[0-9]+$'; do
	grep -Eq "$line" "$dir/stdout" || bad "no line like '$line'"
done

# A simulated engine gets a size of its own, and the others run it too.
if [[ ${#engines[@]} == 3 ]]; then
	works "$firebreak" bench quiet --engine cpu: core:lanes=2 --samples 2
	[[ $(grep -c '^quiet  rows 221000 .*engine cpu:' "$dir/stdout") == 1 ]] || bad "cpu: has no full size"
	[[ $(grep -c '^quiet  rows 4000 ' "$dir/stdout") == 2 ]] || bad "engines have no common size"
	grep -q 'modelled, not measured: .* cycles at 250 MHz' "$dir/stdout" || bad "nothing is modelled"
	[[ $(grep 'card_last' "$dir/stdout") == *cycles* ]] || bad "the core's time is not in cycles"
fi

# none STATUS PATTERN ARGUMENTS...: an error, and nothing printed.
none() {
	local status=$1 pattern=$2
	shift 2
	fails "$status" "$pattern" "$firebreak" bench "$@"
	[[ -s $dir/stdout ]] && bad "a report was printed: bench $*"
}
none 2 "workload 'quite': no such workload; known ones are quiet symbol" quite
none 2 "workload 'all:share=5': expected rows=" all:share=5
none 2 "workload 'all:rows=9m': expected rows=1000..4m" all:rows=9m
none 2 "no such engine; known engines are model: cpu:" quiet --engine gpu:
none 2 'expected NAME:ARGUMENTS' quiet --engine cpu
none 2 'given twice' quiet --engine cpu: cpu:
none 2 'libfbcore3.so is not built; run: make' quiet --engine core:lanes=3
none 2 'expected isa=' quiet --engine cpu:isa=sse9
none 2 'expected room for .* found .* choose fewer with --rows' quiet --engine cpu:accounts=10,rows=10
none 2 'a whole number from 1000' quiet --rows 10
none 2 'unknown option' quiet --fast
# Instructions that this processor does not have.
if ! grep -qw avx512f /proc/cpuinfo; then
	"$firebreak" bench quiet --engine cpu:isa=avx512 >"$dir/stdout" 2>"$dir/stderr" && bad "avx512 where there is none"
	grep -q 'isa=' "$dir/stderr" || bad "what is missing is not said"
fi
none 1 "expected at most [0-9]+ ns, the histogram's range; found" all --rows 4000 --samples 50 --range-us 1
(
	failures=0
	ulimit -v 3000000
	none 1 'MiB for 4000000 positions, found [0-9]+ MiB by the limit on address space.*--rows' all:rows=4m --samples 2
	exit "$failures"
) || bad "too little memory was not said"
touch "$dir/file"
none 1 "--plot '.*': expected a folder that can be written" quiet --rows 1000 --samples 2 --plot "$dir/file"
none 1 "--plot '.*': expected a folder that can be written" quiet --rows 1000 --samples 2 --plot "$dir/not/there"

# A report of before stays as it is when a later one fails.
cp "$dir/plot/bench.json" "$dir/before"
none 1 'histogram' all --rows 4000 --samples 50 --range-us 1 --plot "$dir/plot"
same "$dir/plot/bench.json" "$dir/before"
[[ -z $(find "$dir/plot" -name '*.part') ]] || bad "parts are left"

finish
