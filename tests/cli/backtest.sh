#!/usr/bin/env bash
# firebreak backtest: several rules over one crash. What comes out agrees with a run of its own and with the run's files; the
# same seed gives the same table; what is wrong with a setting is said before anything runs.
# shellcheck disable=SC1091,SC2154
source "$(dirname "$0")/kit.bash"

crash=(--marks "gen:crash,seed=4,minutes=5" --accounts "gen:800,seed=4" --market "calm,seed=4" --fund 500)
backtest=("$firebreak" backtest)

works "${backtest[@]}" binance-usdm binance-usdm:waterfall.tries=1,fees.liquidation=1% "${crash[@]}" --out "$dir/a"
cat "$dir/stdout"
for file in backtest.txt backtest.json backtest.svg 01-binance-usdm/firebreak.log 02-binance-usdm/changes.rules; do
	[[ -s $dir/a/$file ]] || bad "no $file"
done
same "$dir/stdout" "$dir/a/backtest.txt"
python3 -m json.tool "$dir/a/backtest.json" >/dev/null || bad "no JSON"
python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$dir/a/backtest.svg" || bad "no SVG"

# metric DIR VARIANT KEY
metric() {
	python3 -c 'import json, sys
print(json.load(open(sys.argv[1] + "/backtest.json"))["variants"][int(sys.argv[2])][sys.argv[3]])' "$@"
}

# --- against the files of the run ------------------------------------------------------------------------------------------

works "$firebreak" run --engine model: --rules binance-usdm --rank-check 0 "${crash[@]}" --out "$dir/run"
same "$dir/run/firebreak.log" "$dir/a/01-binance-usdm/firebreak.log"
cmp -s "$dir/a/01-binance-usdm/firebreak.log" "$dir/a/02-binance-usdm/firebreak.log" && bad "settings changed nothing"
[[ $(metric "$dir/a" 0 liquidated) -ge 100 ]] || bad "only $(metric "$dir/a" 0 liquidated) liquidated: nothing is proven"
[[ $(metric "$dir/a" 0 pairs) -ge 100 ]] || bad "only $(metric "$dir/a" 0 pairs) pairs: nothing is proven"
deleveraged=$(awk -F, '$3 == "deleveraged" && !seen[$4]++ { n++ } END { print n + 0 }' "$dir/run/notices.csv")
[[ $(metric "$dir/a" 0 deleveraged) == "$deleveraged" ]] ||
	bad "$(metric "$dir/a" 0 deleveraged) accounts deleveraged, and notices to $deleveraged"
pairs=$(awk -F, '$3 == "deleveraged" { n++ } END { print n + 0 }' "$dir/run/notices.csv")
[[ $(metric "$dir/a" 0 pairs) == "$pairs" ]] || bad "$(metric "$dir/a" 0 pairs) pairs, and $pairs notices"
for key in liquidations:liquidated bankrupt:bankrupt notional_closed_e8:closed_e8; do
	[[ $(metric "$dir/a" 0 "${key#*:}") == "$(sed -n 's/^  "'"${key%:*}"'": "\{0,1\}\([^",]*\)"\{0,1\},$/\1/p' \
		"$dir/run/summary.json")" ]] || bad "${key#*:} is not that of the run"
done
python3 - "$dir" <<'E2' || bad "the fund used is not that of the run"
import json, sys
from decimal import Decimal
run = json.load(open(sys.argv[1] + "/run/summary.json"))
first = json.load(open(sys.argv[1] + "/a/backtest.json"))["variants"][0]
assert Decimal(first["fund_used_e8"]) == Decimal(run["fund_start_e8"]) - Decimal(run["fund_equity_min_e8"])
assert Decimal(first["needed_e8"]) > 0 and Decimal(first["haircut_e9"]) > 0
assert 0 < Decimal(first["gini_e9"]) < 1 and 0 < Decimal(first["spiral_e7"]) < 1
E2

# --- by hand -----------------------------------------------------------------------------------------------------------------

# Account 1 is long one coin from 100,000 with 15,000: at 80,000 it owes 5,000, and its bankruptcy price is 85,000. There is no
# fund; 2 and 3 are short 0.6 and 0.4 with 30,000 and 10,000, and have 42,000 and 18,000. They close at 85,000: 3,000 and 2,000
# given, haircuts 1/14 and 1/9. 3 was hedged by as many ETH. At 70,000 they would have had 15,000 more: 10,000 above what was
# needed. 5 has less profit for its equity and is left alone until 6, long a half from 85,000 with 7,000, owes 500 at 70,000: 5
# gives them, and has 110,000 by then. 7 has 500,500 and is never asked. 5,500 / 670,500 of each would have done.
printf '%s\n' account,1,,user,cross,15000 account,2,,user,cross,30000 account,3,,user,cross,10000 account,4,,user,cross,1000000 \
	account,5,,user,cross,90000 account,6,,user,cross,7000 \
	position,11,1,BTCUSDT,1,100000 position,21,2,BTCUSDT,-0.6,100000 position,31,3,BTCUSDT,-0.4,100000 \
	position,32,3,ETHUSDT,8,4000 position,41,4,ETHUSDT,-8,4000 position,51,5,BTCUSDT,-1,90000 \
	position,61,6,BTCUSDT,0.5,85000 account,7,,user,cross,500000 position,71,7,BTCUSDT,-0.1,85000 >"$dir/accounts.csv"
{
	echo time_us,symbol,price
	for price in 1000:100000 1010:80000 1020:70000 1030:70000; do
		echo "${price%:*}000000,BTCUSDT,${price#*:}"
		echo "${price%:*}000000,ETHUSDT,4000"
	done
} >"$dir/marks.csv"
# With this seed none of them has working orders.
works "${backtest[@]}" binance-usdm:waterfall.takers=none --market "calm,seed=2" --marks "$dir/marks.csv" \
	--accounts "$dir/accounts.csv" --fund 0 --out "$dir/hand"
for pair in liquidated=2 bankrupt=2 bankrupt_loss_e8=5500.00000000 fund_used_e8=0.00000000 not_paid_e8=0.00000000 deleveraged=3 \
	closed_e8=115000.00000000 adl_e8=115000.00000000 needed_e8=5500.00000000 overshoot_e8=10000.00000000 pairs=3 \
	haircut_e9=0.111111111 gini_e9=0.534805247 regret_e9=0.102908278 hedges_broken=1 spiral_e7=0.0000000; do
	found=$(metric "$dir/hand" 0 "${pair%=*}")
	[[ $found == "${pair#*=}" ]] || bad "$pair by hand, found $found"
done

# The same with the loss shared. At 80,000 profits are 12,000, 8,000, 10,000 and 500: of 10,000 lots that is 3,934, 2,623, 3,279
# and 164. By contracts, 0.6, 0.4, 1 and 0.1: 2,857, 1,905, 4,762 and 476. Nobody's haircut is larger than in the queue.
works "${backtest[@]}" binance-usdm research-{wealth,contracts,equity,capped,risk,risk-tail,descent,fixed-point,min-max} \
	--set waterfall.takers=none --market "calm,seed=2" --marks "$dir/marks.csv" --accounts "$dir/accounts.csv" --fund 0 \
	--out "$dir/shared"
lots() { awk -F, '$4 == "adl_pair" && $5 == 1 { print $7 ":" $10 }' "$dir/shared/$1/orders.csv" | sort | paste -sd' '; }
[[ $(lots 02-research-wealth) == "2:3934 3:2623 5:3279 7:164" ]] || bad "by wealth: $(lots 02-research-wealth)"
[[ $(lots 03-research-contracts) == "2:2857 3:1905 5:4762 7:476" ]] || bad "by contracts: $(lots 03-research-contracts)"
python3 - "$dir/shared" <<'E3' || bad "shared losses are not what they should be"
import json, sys
from decimal import Decimal
rows = json.load(open(sys.argv[1] + "/backtest.json"))["variants"]
haircut = {row["variant"]: Decimal(row["haircut_e9"]) for row in rows}
assert len(rows) == 10 and all(row["good"] and Decimal(row["needed_e8"]) == 5500 for row in rows)
assert all(haircut[name] <= haircut["binance-usdm"] for name in haircut)
# Two rounds of whole lots: as good as the best but for a lot or two.
assert haircut["research-min-max"] < min(haircut[n] for n in haircut if n[-3:] not in ("max", "ity")) + Decimal("0.00001")
E3

# --- the same again, on another engine, and settings in either place ----------------------------------------------------------

works "${backtest[@]}" binance-usdm:waterfall.tries=1 "${crash[@]}" --set fees.liquidation=1% --out "$dir/b" --json
same "$dir/a/02-binance-usdm/firebreak.log" "$dir/b/01-binance-usdm/firebreak.log"
if [[ -e build/libfbcore8.so ]]; then
	works "${backtest[@]}" binance-usdm binance-usdm:waterfall.tries=1,fees.liquidation=1% "${crash[@]}" \
		--engine core:lanes=8 --out "$dir/c"
	same "$dir/a/backtest.json" "$dir/c/backtest.json"
	same "$dir/a/backtest.svg" "$dir/c/backtest.svg"
else
	works "${backtest[@]}" binance-usdm binance-usdm:waterfall.tries=1,fees.liquidation=1% "${crash[@]}" --out "$dir/c"
	same "$dir/a/backtest.json" "$dir/c/backtest.json"
fi
# What a variant changed is a pack with a base.
{
	printf '[venue]\nbase = binance-usdm\nname = binance-usdm\n'
	cat "$dir/a/02-binance-usdm/changes.rules"
} >"$dir/own.rules"
works "${backtest[@]}" "$dir/own.rules" "${crash[@]}" --out "$dir/d"
[[ $(metric "$dir/a" 1 records_digest) == "$(metric "$dir/d" 0 records_digest)" ]] || bad "changes are not a pack with a base"
works "${backtest[@]}" "$dir/own.rules:waterfall.tries=3,fees.liquidation=1.25%" "${crash[@]}" --out "$dir/e"

# --- what is wrong -------------------------------------------------------------------------------------------------------------

wrong() { # PATTERN VARIANT [--set ...]
	local pattern=$1
	shift
	fails 1 "$pattern" "${backtest[@]}" binance-usdm "$@" "${crash[@]}" --out "$dir/wrong"
	[[ ! -e $dir/wrong ]] || bad "something was left behind: $*"
}
wrong 'binance-usdm:waterfall.trees=1: .*changes.rules:3:1: expected' binance-usdm:waterfall.trees=1
wrong 'changes.rules:3:9: expected .*found "many"' binance-usdm:waterfall.tries=many
wrong 'changes.rules:2:1: expected \[venue\]' binance-usdm:waterfal.tries=1
wrong 'expected section.key=value' binance-usdm:tries=1
wrong 'expected section.key=value' binance-usdm:waterfall.tries
wrong 'expected section.key=value' --set waterfall.tries=
wrong 'no-such-pack' no-such-pack
fails 2 'expected an argument' "${backtest[@]}" "${crash[@]}" --out "$dir/wrong"
fails 2 'come in a row' "${backtest[@]}" binance-usdm --json demo "${crash[@]}" --out "$dir/wrong"
fails 1 'gen:' "${backtest[@]}" binance-usdm --marks gen:nothing --accounts gen:10,seed=1 --out "$dir/wrong"
finish
