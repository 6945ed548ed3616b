#!/usr/bin/env bash
# explain tells what happened to an account, the same as text and as JSON; verify accepts the evidence it gives and nothing that
# was changed in it; mistakes are named.
# shellcheck disable=SC1091,SC2154
source "$(dirname "$0")/kit.bash"

works "$firebreak" run --engine model: --rules demo --marks "gen:crash,seed=5,minutes=8" --accounts "gen:1500,seed=5" \
	--market "wild,seed=5" --fund 200 --backstop 1000 --out "$dir/a"
log=$dir/a/firebreak.log
noticed() { awk -F, -v kind="$1" '$3 == kind { print $4 }' "$dir/a/notices.csv" | sort -u; }
noticed liquidated >"$dir/liquidated"
noticed deleveraged >"$dir/deleveraged"
liquidated=$(head -n 1 "$dir/liquidated")
deleveraged=$(comm -13 "$dir/liquidated" "$dir/deleveraged" | head -n 1)
[[ -n $liquidated && -n $deleveraged ]] || bad "nobody was liquidated, or nobody deleveraged"

# The chain is the same after a replay, and never ends in the middle of a round.
works "$firebreak" replay "$log" --engine model: --out "$dir/b"
same "$dir/a/rounds.csv" "$dir/b/rounds.csv"
links=$(($(wc -l <"$dir/a/rounds.csv") - 1))
((links >= 10)) || bad "only $links links: nothing is proven"

# Text and JSON are the same facts: every number of the text is in the JSON, and the story is short.
for account in "$liquidated" "$deleveraged"; do
	works "$firebreak" explain "$log" "$account"
	cp "$dir/stdout" "$dir/text"
	works "$firebreak" explain "$log" "$account" --json
	cp "$dir/stdout" "$dir/json"
	python3 - "$dir/text" "$dir/json" "$dir/a" "$account" <<'PYTHON' || bad "explain $account: text, JSON and the run differ"
import csv, json, re, sys
text, out, account = open(sys.argv[1]).read(), sys.argv[3], sys.argv[4]
def members(pairs):
    assert len(dict(pairs)) == len(pairs), "a key comes twice"
    return dict(pairs)
facts = json.load(open(sys.argv[2]), object_pairs_hook=members)
values = set()
def walk(x):
    for y in x.values() if isinstance(x, dict) else x if isinstance(x, list) else ():
        walk(y)
    if not isinstance(x, (dict, list)):
        values.add(str(x))
walk(facts)
for exact in re.findall(r"\((-?\d+[./]\d+)\)", text):
    assert exact in values, exact
assert text.count("crossed ") == json.dumps(facts).count('"crossed"')
# Terms add up, exactly.
from decimal import Decimal as D
for event in facts["events"]:
    if "account" in event:
        a = {k: D(v) for k, v in event["account"].items()}
        assert a["collateral"] + a["profit"] == a["equity"]
    if "positions" in event:
        for p in event["positions"]:
            m = {k: D(v) for k, v in p["mm"].items() if k != "unit"}
            assert m["notional"] == abs(p["position"]["lots"]) * int(m["unit_value"]) // 65536 / D(10**8)
            assert m["notional"] * m["rate"] - m["deduction"] == m["mm"]
            assert D(p["profit"]["value"]) - D(p["profit"]["entry"]) == D(p["profit"]["profit"])
        mm = sum(D(p["mm"]["mm"]) for p in event["positions"])
        assert mm == D(event["ratio"]["mm"])
        # How near it is, from the same terms; with one position, equity is 0 at its bankruptcy price.
        if event["positions"]:
            from fractions import Fraction as F
            risk, equity, shown = event["risk"], F(event["ratio"]["equity"]), event["exposure"]
            if equity > 0:
                assert F(risk["margin_ratio"]) == F(mm) / equity
                assert F(risk["effective_leverage"]) == sum(F(p["mm"]["notional"]) for p in event["positions"]) / equity
            assert F(shown["long"]) - F(shown["short"]) == F(shown["net"])
            assert F(shown["net"]) == sum(F(p["position"]["value"]) for p in event["positions"])
            prices = event["prices"][0]["prices"]
            if len(event["positions"]) == 1 and prices["bankruptcy_price"]:
                value = F(event["positions"][0]["position"]["value"])
                there = value * F(prices["bankruptcy_price"]) / F(prices["mark"])
                assert abs(there - value + equity) < F(1, 10**7), (there, value, equity)
        above, below = event["ratio"]["ratio"].split("/")
        assert D(above) / D(10**15) == mm and (D(below) == 0 or D(below) / D(10**15) == D(event["ratio"]["equity"]))
# Its orders, and those that used it, are those of the run.
rows = [r for r in csv.DictReader(open(out + "/orders.csv")) if r["account"] == account and r["again"] == "0"]
told = [s["id"] for e in facts["events"] for s in e["steps"] if s["kind"] == "order" and "refused" not in s]
# What it was asked to pay for others' losses is an order of theirs: told by its value.
asked = [round(D(x["value"]) * 10**8) for e in facts["events"] for x in e["steps"] if x["kind"] == "asked"]
shares = [r for r in rows if r["verb"] == "fund_move" and r["order_id"] not in told]
assert sorted(asked) == sorted(int(r["value_e8"]) for r in shares), (asked, shares)
assert sorted(told) == sorted(r["order_id"] for r in rows if r not in shares), (told, rows)
used = [n for n in csv.DictReader(open(out + "/notices.csv")) if n["account"] == account and n["notice"] == "deleveraged"]
moved = sum(e["leaf"]["moved"] for e in facts["evidence"])
assert moved == sum(abs(int(n["qty_lots"])) for n in used)
assert {int(n["rank"]) for n in used} <= {e["leaf"]["rank"] for e in facts["evidence"]}
PYTHON
	works "$firebreak" explain "$log" "$account" --story
	lines=$(wc -l <"$dir/stdout")
	((lines >= 4 && lines <= 6)) || bad "a story of $lines lines"
done
works "$firebreak" explain "$log" "$liquidated" --story
grep -q "^Account $liquidated was liquidated" "$dir/stdout" || bad "the story is not that of a liquidation"
works "$firebreak" explain "$log" "$deleveraged" --story
grep -q "^Account $deleveraged was deleveraged" "$dir/stdout" || bad "the story is not that of a deleveraging"

# At one sequence: the state when the holder was taken is that of the record.
seq=$(awk -F, -v a="$liquidated" '$3 == "LEVEL" && $4 == a && $5 >= 4 { print $1; exit }' "$dir/a/records.csv")
equity=$(awk -F, -v a="$liquidated" -v s="$seq" '$1 == s && $4 == a { print $7 }' "$dir/a/records.csv")
works "$firebreak" explain "$log" "$liquidated@$seq" --json
python3 - "$dir/stdout" "$equity" <<'PYTHON' || bad "the state at a sequence is not that of the record"
import json, sys
from decimal import Decimal
events = json.load(open(sys.argv[1]))["events"]
sys.exit(len(events) != 1 or Decimal(events[0]["account"]["equity"]) * 10**8 != int(sys.argv[2]))
PYTHON

# Evidence: what is given out names nobody else, holds, and no value of it can be another.
works "$firebreak" explain "$log" "$deleveraged" --evidence
cp "$dir/stdout" "$dir/evidence"
works "$firebreak" verify "$dir/evidence"
works "$firebreak" verify "$dir/evidence" --rounds "$dir/a/rounds.csv"
grep -q 'in the published chain' "$dir/stdout" || bad "nothing is said of the chain"
works "$firebreak" verify "$dir/json" --rounds "$dir/a/rounds.csv"
python3 - "$dir/evidence" "$dir" "$firebreak" <<'PYTHON' || bad "a change of the evidence was not noticed"
import copy, json, subprocess, sys
facts = json.load(open(sys.argv[1]))
taken = [e for e in facts["evidence"] if e["leaf"]["asked"] > 0][0]
path, bad = sys.argv[2] + "/changed", []
def places(x, at=()):
    if isinstance(x, (dict, list)):
        for key in x if isinstance(x, dict) else range(len(x)):
            yield from places(x[key], at + (key,))
    else:
        yield at
def others(v):
    if isinstance(v, int):
        return [v + 1, v - 1] if v else [1]
    if len(v) == 64:
        return [v[:-1] + ("0" if v[-1] != "0" else "1")]
    return [v[:-1] + ("1" if v[-1] != "1" else "2") if v[-1].isdigit() else v + "x"]
n = 0
for at in places(taken):
    x = changed = copy.deepcopy(taken)
    for key in at[:-1]:
        x = x[key]
    for x[at[-1]] in others(x[at[-1]]):
        json.dump({"evidence": [changed]}, open(path, "w"))
        done = subprocess.run([sys.argv[3], "verify", path], capture_output=True, text=True)
        n += 1
        if done.returncode != 1 or not done.stderr:
            bad.append((at, done))
print(n, "changes,", len(bad), "not noticed", bad[:3])
sys.exit(bool(bad) or n < 50)
PYTHON
# Left out: a part of an object.
python3 - "$dir/evidence" "$dir/less" <<'PYTHON'
import json, sys
facts = json.load(open(sys.argv[1]))
del facts["evidence"][0]["opening"]["nonce"]
json.dump(facts, open(sys.argv[2], "w"))
PYTHON
fails 1 'less:.*expected "nonce"' "$firebreak" verify "$dir/less"

# A venue that lies about what broke a tie, with hashes made to fit: three shorts of one loss to share, two of them alike.
printf '%s\n' account,1,,user,cross,1000 position,11,1,BTCUSDT,0.1,100000 account,2,,user,cross,100000 \
	position,12,2,BTCUSDT,-0.05,100000 account,3,,user,cross,100000 position,13,3,BTCUSDT,-0.05,100000 \
	account,4,,user,cross,200000 position,14,4,BTCUSDT,-0.05,100000 >"$dir/ties.csv"
printf '%s\n' time_us,symbol,price 1000000,BTCUSDT,100000 2000000,BTCUSDT,90300 3000000,BTCUSDT,90300 >"$dir/ties-marks.csv"
works "$firebreak" run --engine model: --rules binance-usdm --marks "$dir/ties-marks.csv" --accounts "$dir/ties.csv" \
	--step-ms 1000 --out "$dir/t"
works "$firebreak" explain "$dir/t/firebreak.log" 3 --evidence
cp "$dir/stdout" "$dir/tie"
works "$firebreak" verify "$dir/tie" --rounds "$dir/t/rounds.csv"
python3 - "$dir/tie" "$dir/lie" "$firebreak" <<'PYTHON' || bad "a lie about a tie was not noticed"
import copy, hashlib, json, subprocess, sys
NAMES = ["being the best of all", "another group than the rank before it", "a worse score than the rank before it",
    "a tie with the rank before it, which has more notional", "a tie with the rank before it, which has the lower account number",
    "a tie with the rank before it, which has the lower position number"]
one = json.load(open(sys.argv[1]))["evidence"][0]
sha = lambda *parts: hashlib.sha256(b"".join(parts)).digest()
n = lambda x, size: int(x).to_bytes(size, "little", signed=size == 16)
e8 = lambda x: n(round(float(x) * 10**8), 16)
leaves = lambda e: sorted([e["leaf"], *e["neighbours"]], key=lambda l: l["rank"])
def leaf(l):
    return sha(b"\0", n(l["rank"], 4), n(l["group"], 1), n(l["score_e9"], 8), n(l["behind"], 1), n(l["decision"], 1),
        n(l["asked"], 8), n(l["moved"], 8), bytes.fromhex(l["commitment"]))
def seal(e):
    a, b, c = map(leaf, leaves(e))
    ab, k = sha(b"\1", a, b), e["link"]
    root = sha(b"\1", ab, c)
    e["path"] = [a.hex(), c.hex()]
    for l, path in zip(e["neighbours"], ([b, c], [ab])):
        l["path"] = [h.hex() for h in path]
    k["root"], k["chain"] = root.hex(), sha(b"\2", bytes.fromhex(k["before"]), n(k["number"], 8), n(k["round"], 8),
        n(k["sequence"], 8), n(k["time_us"], 8), k["symbol"].encode().ljust(32, b"\0"), n(k["side"], 1), n(k["needs"], 4),
        n(k["ranked"], 4), n(k["depth"], 4), n(k["need_lots"], 8), n(k["own_lots"], 8), n(k["asked"], 8), n(k["moved"], 8),
        e8(k["need_value"]), e8(k["moved_value"]), n(k["unit_value"], 8), e8(k["fund_before"]), e8(k["fund_after"]),
        k["order"].encode().ljust(192, b"\0"), n(k["ranked_lots"], 8), n(k["shared_lots"], 8), root).hex()
    return e
def says(e):
    json.dump({"evidence": [e]}, open(sys.argv[2], "w"))
    return subprocess.run([sys.argv[3], "verify", sys.argv[2]], capture_output=True, text=True)
assert [l["behind"] for l in leaves(one)] == [0, 4, 2], leaves(one)
assert one["leaf"]["rank"] == 1 and seal(copy.deepcopy(one)) == one
for rank, truth in enumerate([0, 4, 2]):
    for lie in range(6):
        e = copy.deepcopy(one)
        leaves(e)[rank].update(behind=lie, behind_name=NAMES[lie])
        done = says(seal(e))
        # Of a tie the holder is told how it was broken, and must believe it; the same of scores that are cut alike.
        believed = lie == truth or (rank == 1 and lie in (2, 3, 4, 5))
        assert (done.returncode == 0) == believed, (rank, lie, done)
        assert believed or "placed" in done.stderr, done
PYTHON

# A published chain that was changed, cut short at its beginning, or is another run's.
sed '3s/,short,\|,long,/,sideways,/' "$dir/a/rounds.csv" >"$dir/rounds.csv"
fails 1 'rounds.csv:3:' "$firebreak" verify "$dir/evidence" --rounds "$dir/rounds.csv"
awk -F, -v OFS=, 'NR == 4 { $9 = $9 + 1 } { print }' "$dir/a/rounds.csv" >"$dir/rounds.csv"
fails 1 'rounds.csv:4: does not hold' "$firebreak" verify "$dir/evidence" --rounds "$dir/rounds.csv"
sed 2d "$dir/a/rounds.csv" >"$dir/rounds.csv"
fails 1 'rounds.csv:2: does not hold' "$firebreak" verify "$dir/evidence" --rounds "$dir/rounds.csv"
# The links as the header file describes them, written apart from the program; and one that is right but for the link before it.
python3 - "$dir/a/rounds.csv" "$dir/rounds.csv" <<'PYTHON' || bad "a link is not what the header says"
import csv, hashlib, sys
rows = list(csv.DictReader(open(sys.argv[1])))
def link(r):
    n = lambda key, size: int(r[key]).to_bytes(size, "little", signed=size == 16)
    return hashlib.sha256(b"\x02" + bytes.fromhex(r["before"]) + n("link", 8) + n("round", 8) + n("sequence", 8) +
        n("time_us", 8) + r["symbol"].encode().ljust(32, b"\0") + bytes([r["side"] == "short"]) + n("needs", 4) +
        n("ranked", 4) + n("depth", 4) + n("need_lots", 8) + n("own_lots", 8) + n("asked_lots", 8) + n("moved_lots", 8) +
        n("need_value_e8", 16) + n("moved_value_e8", 16) + n("unit_value", 8) + n("fund_before_e8", 16) +
        n("fund_after_e8", 16) + r["order"].encode().ljust(192, b"\0") + n("ranked_lots", 8) + n("shared_lots", 8) +
        bytes.fromhex(r["root"])).hexdigest()
before = "00" * 32
for r in rows:
    assert r["before"] == before and r["chain"] == link(r), r["link"]
    before = r["chain"]
rows[2]["before"] = "00" * 32
rows[2]["chain"] = link(rows[2])
with open(sys.argv[2], "w", newline="") as f:
    out = csv.DictWriter(f, rows[0].keys(), lineterminator="\n")
    out.writeheader()
    out.writerows(rows[:3])
PYTHON
fails 1 'rounds.csv:4: does not hold' "$firebreak" verify "$dir/evidence" --rounds "$dir/rounds.csv"
head -n 1 "$dir/a/rounds.csv" >"$dir/rounds.csv"
fails 1 'not in the published chain' "$firebreak" verify "$dir/evidence" --rounds "$dir/rounds.csv"
fails 1 'the columns of rounds.csv' "$firebreak" verify "$dir/evidence" --rounds "$dir/a/orders.csv"
fails 1 'expected a list "evidence"' "$firebreak" verify "$dir/a/summary.json"
fails 1 'No such file' "$firebreak" verify "$dir/nothing"

# Mistakes.
fails 1 'expected an account of this log, found 7;' "$firebreak" explain "$log" 7
fails 1 'expected a sequence .*found 999999999' "$firebreak" explain "$log" "$liquidated@999999999"
fails 1 'not a log' "$firebreak" explain "$dir/a/orders.csv" "$liquidated"
fails 1 'No such file' "$firebreak" explain "$dir/nothing" "$liquidated"
head -c 400000 "$log" >"$dir/torn.log"
fails 1 'torn' "$firebreak" explain "$dir/torn.log" "$liquidated"
fails 2 "found 'abc'" "$firebreak" explain "$log" abc
fails 2 "found '12@'" "$firebreak" explain "$log" 12@
fails 2 "found '4294967296'" "$firebreak" explain "$log" 4294967296
fails 2 'expected one of' "$firebreak" explain "$log" 12 --json --story
fails 2 'expected an argument' "$firebreak" explain "$log"
finish
