#!/usr/bin/env bash
# The command line: help works, mistakes exit with 2 and say what was expected, and results go where scripts look for them.
# shellcheck disable=SC1091,SC2154
source "$(dirname "$0")/kit.bash"

works "$firebreak" help
grep -q 'run ' "$dir/stdout" || bad "help does not list run"
for command in run replay explain verify rules info doctor; do
	works "$firebreak" "$command" --help
	grep -q "usage: firebreak $command" "$dir/stdout" || bad "$command --help has no usage"
done
works "$firebreak" info
grep -Eq 'layout hash [0-9a-f]{8}' "$dir/stdout" || bad "info shows no layout hash"
grep -q 'model:' "$dir/stdout" || bad "info does not list the model"
works "$firebreak" info --json
python3 -m json.tool "$dir/stdout" >/dev/null || bad "info --json is not JSON"

run=("$firebreak" run --engine model: --rules binance-usdm --marks "gen:crash,seed=1,minutes=1" --accounts "gen:20,seed=1")
fails 2 'usage' "$firebreak"
fails 2 "unknown command 'fly'" "$firebreak" fly
fails 2 'unknown option: --wings' "${run[@]}" --out "$dir/o" --wings
fails 2 'needs a value: --out' "${run[@]}" --out
fails 2 'required option is missing: out' "${run[@]}"
fails 2 'unexpected argument: extra' "$firebreak" info extra
fails 2 'unexpected argument: gate' "$firebreak" rules okx gate
fails 2 'takes no value' "${run[@]}" --out "$dir/o" --json=yes
fails 2 "ahead: expected a whole number from 0 to 15, found '16'" "${run[@]}" --out "$dir/o" --ahead 16
fails 2 "step-ms: expected .*found '-5'" "${run[@]}" --out "$dir/o" --step-ms -5
fails 2 "from: expected a time such as .*found 'noon'" "${run[@]}" --out "$dir/o" --from noon
fails 2 "fund: expected an amount.*found '1.123456789'" "${run[@]}" --out "$dir/o" --fund 1.123456789
fails 2 'expected an argument' "$firebreak" replay --engine model:
[[ -e $dir/o ]] && bad "a mistake of usage made a directory"

works "${run[@]}" --out "$dir/o" --json
python3 - "$dir/stdout" "$dir/o/summary.json" <<'PYTHON' || bad "the summary on standard output is not that of the directory"
import json, sys
shown, kept = (json.load(open(name)) for name in sys.argv[1:])
sys.exit(shown != kept or not kept["good"] or kept["mark_batches"] != 60)
PYTHON
for file in orders.csv events.csv notices.csv records.bin records.csv firebreak.log summary.txt summary.json run.svg; do
	[[ -s $dir/o/$file ]] || bad "$file is missing or empty"
done
[[ -e $dir/o/INCOMPLETE ]] && bad "INCOMPLETE is still there"
if command -v rsvg-convert >/dev/null; then
	[[ -s $dir/o/run.png ]] || bad "run.png is missing"
fi
python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' "$dir/o/run.svg" || bad "run.svg is not XML"
PATH=/nonexistent works "$firebreak" replay "$dir/o/firebreak.log" --engine model: --out "$dir/p"
grep -q 'rsvg-convert is not installed' "$dir/stderr" || bad "nothing is said about the missing picture"
to_full_disk() { "$firebreak" info >/dev/full; }
fails 1 'cannot write to standard output' to_full_disk
finish
