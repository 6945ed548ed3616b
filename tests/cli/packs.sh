#!/usr/bin/env bash
# Every rule pack through a crash: accounts are liquidated, value is conserved, a replay is the same byte for byte; some of them
# on the Verilated core, which must leave the same log as the model.
# shellcheck disable=SC1091,SC2154
source "$(dirname "$0")/kit.bash"

# run_pack NAME ENGINE OUT; without a picture, which takes most of the time of a run as short as this
run_pack() {
	works env PATH=/nonexistent "$firebreak" run --engine "$2" --rules "$1" --marks gen:crash,seed=7,minutes=12 \
		--accounts gen:150,seed=7 --market calm,seed=7 --out "$3"
}

works "$firebreak" rules
mapfile -t packs < <(sed -n 's/^\([a-z0-9-]*\)  *>.*/\1/p' "$dir/stdout")
((${#packs[@]} >= 22)) || bad "expected 22 packs or more, found ${#packs[@]}"
grep -q 'firebreak rules NAME' "$dir/stdout" || bad "the list does not say what to do next"

for pack in "${packs[@]}"; do
	works "$firebreak" rules "$pack"
	for section in venue thresholds waterfall fees ladders symbol; do
		grep -q "^\[$section" "$dir/stdout" || bad "rules $pack shows no [$section]"
	done
	run_pack "$pack" model: "$dir/$pack" || continue
	works "$firebreak" rules "$pack" --json
	cp "$dir/stdout" "$dir/$pack/pack.json"
	works env PATH=/nonexistent "$firebreak" replay "$dir/$pack/firebreak.log" --engine model: --out "$dir/again"
	for file in orders.csv events.csv notices.csv records.bin rounds.csv; do
		same "$dir/$pack/$file" "$dir/again/$file"
	done
	rm -rf "$dir/again"
done

python3 - "$dir" "${packs[@]}" <<'PYTHON' || bad "a run is not good, or a pack is not shown as it is"
import json, sys
folder, packs, wrong = sys.argv[1], sys.argv[2:], 0


def by_the_hour(funding):
    return funding["schedule"] == "continuous" or (funding["schedule"], funding["interval"]) == ("instants", "1 h")


for name in packs:
    pack, run = (json.load(open(f"{folder}/{name}/{file}.json")) for file in ("pack", "summary"))
    for what, holds in (
        ("it has another name", pack["venue"]["name"] == name),
        ("it has no symbol", pack["symbol"] and all(s["ladder"] in pack["ladders"] for s in pack["symbol"])),
        ("its run is not good", run["good"]),
        ("nobody was liquidated", run["liquidations"] > 0),
        ("no position was reduced or taken over", run["reductions"] + run["takeovers"] + run["pairs"] > 0),
        # The crash runs from 20:50 to 21:02.
        ("funding by the hour was not paid", run["fundings"] > 0 or not by_the_hour(pack["funding"])),
    ):
        if not holds:
            print(f"{name}: {what}")
            wrong += 1
sys.exit(wrong > 0)
PYTHON

if [[ -e build/libfbcore2.so ]]; then
	for pack in okx hyperliquid bitmex deribit; do
		run_pack "$pack" core:lanes=2 "$dir/core" || continue
		same "$dir/$pack/firebreak.log" "$dir/core/firebreak.log"
		same "$dir/$pack/orders.csv" "$dir/core/orders.csv"
		rm -rf "$dir/core"
	done
fi

# Every ladder is a pack's, or found by the worked examples under its name, and says where it is from; every pack is in the tables
# of venues.md.
for ladder in sw/rules/ladders/*.csv; do
	name=$(basename "$ladder" .csv)
	grep -q "ladders/$name.csv$" sw/rules/*.rules || grep -q "$name" sw/lib/cases*.c ||
		bad "$ladder is nobody's"
	[[ $(head -n 1 "$ladder") == '# '* ]] || bad "$ladder does not say what it is"
done
for venue in BitMEX Binance Bybit OKX Deribit Kraken Bitget Gate Hyperliquid 'dYdX v4' Drift Paradex Lighter \
	Extended Aster Aevo 'GMX v2' Ethereal Bluefin; do
	(($(grep -c "^| .*$venue.* | " sw/rules/venues.md) >= 4)) || bad "venues.md has not four tables with $venue"
done

# A coin as collateral: with it the account stands through the crash, without it it does not.
coin='position,12,1,XBT,0.1,,0'
printf '%s\n' 'account,1,,user,cross,1000' 'position,11,1,PF_XBTUSD,0.5,117000' "$coin" 'account,2,,user,cross,80000' \
	'position,21,2,PF_XBTUSD,-0.5,117000' >"$dir/with.csv"
grep -v "$coin" "$dir/with.csv" >"$dir/without.csv"
for account in with without; do
	works env PATH=/nonexistent "$firebreak" run --engine model: --rules kraken --marks gen:crash,seed=1,minutes=6 \
		--accounts "$dir/$account.csv" --out "$dir/$account"
	"$firebreak" explain "$dir/$account/firebreak.log" 1 --story >"$dir/$account.txt"
done
grep -q 'nothing happened' "$dir/with.txt" || bad "an account was liquidated in spite of its coin"
grep -q 'liquidat' "$dir/without.txt" || bad "an account without its coin was not liquidated"

# A pack with a mistake: the list names it and goes on; its place is said.
mkdir "$dir/own"
cp -r sw/rules/ladders sw/rules/okx.rules sw/rules/gate.rules "$dir/own/"
sed -i 's/^breach = >=/breach = =</' "$dir/own/okx.rules"
FIREBREAK_RULES=$dir/own fails 1 'okx.rules:[0-9]+:10: expected >= or >, found "=<"' "$firebreak" rules
grep -q '^okx  *cannot be loaded' "$dir/stdout" || bad "the list does not mark the bad pack"
grep -q '^gate  *>= ' "$dir/stdout" || bad "the list stops at the bad pack"
FIREBREAK_RULES=$dir/own fails 1 'okx.rules:[0-9]+:10: expected' "$firebreak" rules okx
FIREBREAK_RULES=$dir/own fails 1 'okx.rules:[0-9]+:10: expected' "$firebreak" rules "$dir/own/okx.rules" --json
FIREBREAK_RULES=$dir/own works "$firebreak" rules gate
fails 1 'rules "nowhere": expected a pack' "$firebreak" rules nowhere
finish
