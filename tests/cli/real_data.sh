#!/usr/bin/env bash
# Real marks of 2025-10-10, 21:00 to 21:40 UTC, real leverage brackets, 20,000 made-up accounts, five seeds: an engine and the
# model give the same records, orders and hashes, at least 100 accounts are liquidated, and value is conserved. The engine is the
# Verilated core for CORE_SEEDS, for the others cpu:, because the core takes two to nine minutes a seed. Marks: BTC from the
# venue's mark klines (one a minute), AAVE, ATOM and BCH derived from perpetual and spot trades. SEEDS, ACCOUNTS and STEP_MS
# change the size.
# shellcheck disable=SC1091,SC2154
source "$(dirname "$0")/kit.bash"

data=${FIREBREAK_DATA:-../shared/data}
marks=("$data/marks/BTCUSD_PERP-1m-2025-10-10.zip")
for coin in AAVE ATOM BCH; do
	marks+=("$data/trades/binance-delivery_trades_2025-10-10_${coin}USD_PERP.csv.gz"
		"$data/spot/coinbase_trades_2025-10-10_$coin-USD.csv.gz")
done
brackets=$data/tiers/binance_leverage_tiers_2025-06.json.xz
for file in "${marks[@]}" "$brackets"; do
	[[ -r $file ]] || { echo "skipped: $file is not there (set FIREBREAK_DATA)"; exit 77; }
done
seeds=${SEEDS:-1 2 3 4 5} core_seeds=${CORE_SEEDS-1}
[[ -z $core_seeds || -e build/libfbcore16.so ]] || { echo "skipped: build/libfbcore16.so is not built (make cores)"; exit 77; }
xz -dc "$brackets" >"$dir/brackets.json" || { echo "skipped: xz cannot read $brackets"; exit 77; }

value() { sed -n 's/^  "'"$2"'": "\{0,1\}\([^",]*\)"\{0,1\},$/\1/p' "$1/summary.json"; }

run() {
	nice "$firebreak" run --rules binance-usdm --brackets "$dir/brackets.json" --marks "${marks[@]}" \
		--from 2025-10-10T21:00:00Z --to 2025-10-10T21:40:00Z --step-ms "${STEP_MS:-1000}" "$@"
}

for seed in $seeds; do
	accounts=gen:${ACCOUNTS:-20000},seed=$seed
	[[ " $core_seeds " == *" $seed "* ]] && name=core || name=cpu
	[[ $name == core ]] && engine=core:lanes=16 || engine="cpu:"
	works run --engine "$engine" --accounts "$accounts" --out "$dir/$name" || continue
	works run --engine model: --accounts "$accounts" --out "$dir/model" || continue
	for file in records.bin orders.csv firebreak.log; do
		same "$dir/$name/$file" "$dir/model/$file"
	done
	for key in records_digest hash_accounts hash_rows hash_symbols liquidations fund_equity_e8; do
		[[ $(value "$dir/$name" $key) == "$(value "$dir/model" $key)" ]] || bad "seed $seed: $key differs"
	done
	for engine in "$name" model; do
		[[ $(value "$dir/$engine" conserved) == true ]] || bad "seed $seed: $engine: value is not conserved"
		[[ $(value "$dir/$engine" sweep_differences) == 0 ]] || bad "seed $seed: $engine: state is not the book's"
	done
	liquidations=$(value "$dir/$name" liquidations)
	((liquidations >= 100)) || bad "seed $seed: only $liquidations liquidations"
	echo "seed $seed: $liquidations liquidated, $(value "$dir/$name" bankrupt) bankrupt," \
		"$(value "$dir/$name" records) records," \
		"$(($(value "$dir/$name" host_ms) / 1000)) s $name, $(($(value "$dir/model" host_ms) / 1000)) s model"
done
finish
