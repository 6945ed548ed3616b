#!/usr/bin/env bash
# A card is lost in the middle of a run: the run goes on, its records, orders and log are those of a run on `model`, and its log
# can be replayed. The card is the Verilated one behind the simulated link.
# shellcheck disable=SC1091,SC2154
source "$(dirname "$0")/kit.bash"

[[ -e build/libfbcard2.so ]] || { echo "build/libfbcard2.so is missing: run make build/libfbcard2.so"; exit 1; }

run=(--rules binance-usdm --marks "gen:crash,seed=3,minutes=4" --accounts "gen:60,seed=2")
works "$firebreak" run --engine model: "${run[@]}" --ahead 3 --out "$dir/model"
liquidated=$(awk -F, '$4 == "hold"' "$dir/model/orders.csv" | wc -l)
((liquidated >= 10)) || bad "only $liquidated liquidations: nothing is proven"

field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1/summary.json" "$2"; }

equal_to_model() { # DIR
	local file
	for file in firebreak.log records.bin orders.csv events.csv notices.csv; do same "$dir/model/$file" "$1/$file"; done
	for file in hash_accounts hash_rows hash_symbols records_digest; do
		[[ $(field "$dir/model" $file) == "$(field "$1" $file)" ]] || bad "$1: another $file"
	done
}

# Nothing happens.
works "$firebreak" run --engine sim:lanes=2 "${run[@]}" --ahead 3 --out "$dir/sound"
equal_to_model "$dir/sound"
[[ $(field "$dir/sound" failovers) == 0 ]] || bad "a sound card was replaced"
cycles=$(field "$dir/sound" engine_cycles)

# The link goes down while accounts are loaded and in the crash; the card writes to nowhere, is reset, loses its bus.
fates=("drop_at=$((cycles / 3)):gone" "drop_at=$((cycles / 2)):gone"
	"mute_at=$((cycles / 2)):do not arrive" "flr_at=$((cycles / 3)):closed behind our back"
	"master_off_at=$((cycles * 2 / 3)):closed behind our back")
for fate in "${fates[@]}"; do
	works "$firebreak" run --engine "sim:lanes=2,${fate%%:*}" "${run[@]}" --ahead 3 --out "$dir/lost" || continue
	[[ $(field "$dir/lost" failovers) == 1 ]] || bad "$fate: nothing happened"
	field "$dir/lost" failover_why | grep -q "${fate#*:}" || bad "$fate: $(field "$dir/lost" failover_why)"
	equal_to_model "$dir/lost"
done
works "$firebreak" replay "$dir/lost/firebreak.log" --engine model:
grep -q IDENTICAL "$dir/stdout" || bad "not identical"

# Another card takes over; and no one may.
lost="sim:lanes=2,drop_at=$((cycles / 2))"
works "$firebreak" run --engine "$lost" --standby sim:lanes=2,split=30 "${run[@]}" --ahead 3 --out "$dir/lost"
equal_to_model "$dir/lost"
fails 1 'the card is gone' "$firebreak" run --engine "$lost" --standby none "${run[@]}" --out "$dir/none"
[[ -e $dir/none/INCOMPLETE ]] || bad "a run that stopped looks whole"

# The self-test.
works "$firebreak" selftest --engine sim:lanes=2
"$firebreak" selftest --engine "sim:lanes=2,drop_at=30000" >"$dir/stdout" && bad "a self-test without a card passed"
grep -q 'FAIL .*the card is gone' "$dir/stdout" || bad "the self-test does not say that the card is gone"
works "$firebreak" info --engine sim:lanes=2
grep -q 'layout hash' "$dir/stdout" || bad "info does not show the card"

finish
