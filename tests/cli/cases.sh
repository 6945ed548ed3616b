#!/usr/bin/env bash
# Worked examples of venues: those in tests/data/cases must all pass, a wrong number must be found and named, and what is no
# file of examples is refused with its place. The collection beside the project, if it is there, must have no failure and at
# least 150 passed.
# shellcheck disable=SC1091,SC2154
source "$(dirname "$0")/kit.bash"

for file in tests/data/cases/*.jsonl; do
	works "$firebreak" cases "$file" || continue
	grep -Eq '^[1-9][0-9]* passed, 0 failed, 0 skipped$' "$dir/stdout" || bad "$file: $(tail -n 1 "$dir/stdout")"
done

# A wrong number: status 1, and what was expected, found and how it was computed.
sed 's/"mm": 4,/"mm": 5,/' tests/data/cases/queues.jsonl >"$dir/wrong.jsonl"
if "$firebreak" cases "$dir/wrong.jsonl" >"$dir/stdout"; then
	bad "a wrong number passed"
fi
grep -Eq 'wrong.jsonl:[0-9]+:[0-9]+: FLOX .*: mm: expected 5, found 4$' "$dir/stdout" || bad "the wrong number is not named"
grep -Eq '^    mm = q \* mark \* mmr' "$dir/stdout" || bad "its formula is not shown"
grep -Eq ', 1 failed, 0 skipped$' "$dir/stdout" || bad "expected one failure, found $(tail -n 1 "$dir/stdout")"

# The same where no rule reads an input: still a failure, which says so.
sed 's/"mm": 4,/"mm": 5,/; s/"inputs": {/"inputs": {"zeta": 7, /' tests/data/cases/queues.jsonl >"$dir/unread.jsonl"
if "$firebreak" cases "$dir/unread.jsonl" >"$dir/stdout"; then
	bad "a wrong number passed because of an input that no rule reads"
fi
grep -Fq 'no rule reads the input zeta' "$dir/stdout" || bad "the input that no rule reads is not named"

# What no rule gives is skipped, not passed.
echo '{"venue": "X", "kind": "other", "inputs": {"a": 1}, "expected": {"b": 1}}' >"$dir/unknown.jsonl"
works "$firebreak" cases "$dir/unknown.jsonl"
grep -Eq '^0 passed, 0 failed, 1 skipped$' "$dir/stdout" || bad "an example without a rule: $(tail -n 1 "$dir/stdout")"
grep -Eq 'skipped: X: other: .*: b$' "$dir/stdout" || bad "the reason does not name what is missing"

# --json: every line an object, the last one with the counts.
works "$firebreak" cases tests/data/cases/queues.jsonl --json
python3 - "$dir/stdout" <<'P' || bad "--json: not objects with the counts at the end"
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
passed = sum(line["outcome"] == "passed" for line in lines[:-1])
assert lines[-1] == {"passed": passed, "failed": 0, "skipped": 0} and passed > 10
assert all(finding["formula"] for line in lines[:-1] for finding in line["findings"])
P

# Not of the form: the place, what was expected and found.
echo '{"venue": "X", "kind": 7, "inputs": {}, "expected": {"b": 1}}' >"$dir/bad.jsonl"
fails 1 'bad.jsonl:1:24: expected words for "kind", found .7.' "$firebreak" cases "$dir/bad.jsonl"
printf '\n{"venue": "X", "kind": "mm", "inputs": [], "expected": {"b": 1}}\n' >"$dir/bad.jsonl"
fails 1 'bad.jsonl:2:40: expected an object as "inputs"' "$firebreak" cases "$dir/bad.jsonl"
echo '{"venue": "X", "kind": "mm", "inputs": {"a": 1' >"$dir/bad.jsonl"
fails 1 'bad.jsonl:1:4[67]: expected a comma or }' "$firebreak" cases "$dir/bad.jsonl"
fails 1 'cannot|No such' "$firebreak" cases "$dir/none.jsonl"
fails 2 'expected an argument' "$firebreak" cases

collection=${FIREBREAK_DATA:-../shared/data}/../cases/venue_cases.jsonl
if [[ -r $collection ]]; then
	works "$firebreak" cases "$collection" || grep expected "$dir/stdout"
	read -r passed _ failed _ <<<"$(tail -n 1 "$dir/stdout")"
	[[ $failed == 0 && $passed -ge 150 ]] || bad "the collection: $(tail -n 1 "$dir/stdout")"
else
	echo "the collection of examples is not there (set FIREBREAK_DATA): only the project's own were run"
fi
finish
