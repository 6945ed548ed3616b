#!/usr/bin/env bash
# A small demo ends well, and whatever it says can be pasted does what is said of it.
# shellcheck disable=SC1091,SC2154
source "$(dirname "$0")/kit.bash"

[[ -e ${FIREBREAK_CORE_DIR:-build}/libfbcore2.so ]] || { echo "skipped: build/libfbcore2.so is not built"; exit 77; }
OUT=$dir/demo ACCOUNTS=2500 MINUTES=10 FUND=2500 BACKSTOP=12500 LANES=2 works tools/demo.sh
cp "$dir/stdout" "$dir/told"
tail -n 1 "$dir/told" | grep -q '^PASS: ' || bad "the demo does not end with PASS"
for story in 'was liquidated' 'was deleveraged, though nothing was wrong with it' 'was passed over'; do
	[[ $(grep -c "^Account [0-9]* $story\.\$" "$dir/told") == 1 ]] || bad "nobody $story"
done

# Its commands stand alone on lines that are indented by four.
sed -n 's/^    //p' "$dir/told" >"$dir/commands"
commands=$(grep -c '^[^ ]' "$dir/commands")
((commands == 7)) || bad "expected 7 commands, found $commands"
works bash -e "$dir/commands"
(($(grep -c '^explained  account' "$dir/stdout") == 3)) || bad "expected 3 explanations"
grep -q 'in the published chain$' "$dir/stdout" || bad "the evidence was not verified"

# The picture is there, and shows what happened.
picture=$(sed -n 's/^picture: //p' "$dir/told")
[[ -s $picture ]] || bad "no picture at '$picture'"
for title in Marks 'Breaches, liquidations and ADL' 'Insurance fund'; do
	grep -q ">$title<" "$dir/demo/run.svg" || bad "the picture has no panel '$title'"
done

# What the core spent its cycles on adds up to all there were since its reset, which took four.
python3 - "$dir/demo/summary.json" <<'PYTHON' || bad "the core's counters do not sum to its cycles"
import json, sys
s = json.load(open(sys.argv[1]))
spent = {k: int(v) for k, v in s.items() if k.startswith("cycles_")}
assert len(spent) == 6 and sum(spent.values()) == int(s["engine_cycles"]) - 4, (spent, s["engine_cycles"])
assert min(spent[k] for k in ("cycles_issue", "cycles_drain", "cycles_rank", "cycles_audit")) > 0, spent
PYTHON

# The rule that was changed has the effect that is told.
python3 - "$dir/demo/summary.json" "$dir/demo-again/summary.json" <<'PYTHON' || bad "the changed rule does not do what is said"
import json, sys
def number(s, key):
    return float(s[key])
before, after = (json.load(open(path)) for path in sys.argv[1:])
assert number(after, "fund_equity_e8") > number(before, "fund_equity_e8"), (before, after)
assert number(after, "adl_notional_e8") > number(before, "adl_notional_e8"), (before, after)
PYTHON
finish
