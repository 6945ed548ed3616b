#!/usr/bin/env bash
# Input that is wrong: the message names file, line and column, what was expected and what was found; the exit status is 1; and
# nothing is applied, so there is no output directory at all.
# shellcheck disable=SC1091,SC2154
source "$(dirname "$0")/kit.bash"

accounts=$dir/accounts.csv marks=$dir/marks.csv rules=$dir/my.rules brackets=$dir/brackets.csv

reset() {
	printf 'account,1,,user,cross,1000\nposition,11,1,BTCUSDT,0.5,100000\n' >"$accounts"
	printf 'time_us,symbol,price\n1000000,BTCUSDT,100000\n2000000,BTCUSDT,99999.5\n' >"$marks"
	sed 's|ladders/|'"$PWD"'/sw/rules/ladders/|' sw/rules/binance-usdm.rules >"$rules"
	printf 'symbol,floor,rate,deduction\nBTCUSDT,0,0.004,\nBTCUSDT,50000,0.005,\n' >"$brackets"
}

run=("$firebreak" run --engine model: --rules "$rules" --accounts "$accounts" --brackets "$brackets" --out "$dir/out")

# wrong PATTERN: this input must fail so.
wrong() {
	fails 1 "$1" "${run[@]}" --marks "$marks"
	[[ -e $dir/out ]] && { bad "an output directory was made in spite of: $1"; rm -rf "$dir/out"; }
	reset
}

reset
works "${run[@]}" --marks "$marks" # or everything below would prove nothing
rm -rf "$dir/out"

# marks
printf '3000000,BTCUSDT\n' >>"$marks"
wrong 'marks.csv:4:[0-9]+: expected .*found '
printf '3000000,BTCUSDT,12x\n' >>"$marks"
wrong "marks.csv:4:17: expected .*found .?12x.?(;|$)"
printf '3000000,NOSUCH,1\n' >>"$marks"
wrong "marks.csv:4:9: expected .*found .?NOSUCH.?(;|$)"
printf '3000000,BTCUSDT,0\n' >>"$marks"
wrong "marks.csv:4:17: expected .*found .?0.?(;|$)"
printf '3000000,BTCUSDT,-5\n' >>"$marks"
wrong "marks.csv:4:17: expected .*found .?-5.?(;|$)"
printf '1500000,BTCUSDT,100000\n' >>"$marks"
wrong "marks.csv:4:1: expected .*found .?1500000.?(;|$)"
printf '3000000,BTCUSDT,100000000000\n' >>"$marks"
wrong 'marks.csv:4:17: expected a price from .*found .?100000000000'
: >"$marks"
wrong 'marks.csv'
rm "$marks"
wrong 'marks.csv: .*No such file'

# accounts
printf 'account,1,,user,cross,5\n' >>"$accounts"
wrong "accounts.csv:3:9: expected .*found .?1.?(;|$)"
printf 'position,12,1,NOSUCH,1,1\n' >>"$accounts"
wrong "accounts.csv:3:15: expected .*found .?NOSUCH.?(;|$)"
printf 'position,12,1,BTCUSDT,99999999999999,1\n' >>"$accounts"
wrong "accounts.csv:3:23: expected .*found .?99999999999999.?(;|$)"
printf 'position,12,1,BTCUSDT,0.00001,1\n' >>"$accounts"
wrong "accounts.csv:3:23: expected .*found .?0[.]00001.?(;|$)"
printf 'position,12,9,BTCUSDT,1,1\n' >>"$accounts"
wrong "accounts.csv:3:13: expected .*found .?9.?(;|$)"
printf 'position,12,1,ETHUSDT,1,4000\n' >>"$accounts"
wrong 'expected marks for every symbol held, found none'
printf 'account,4294967290,,user,cross,5\n' >>"$accounts"
wrong 'accounts.csv:3:9: expected'
printf 'account,2,,user,cross' >>"$accounts"
wrong 'accounts.csv:3:[0-9]+: expected'

# rules and brackets
printf '[venue]\ncolour = red\n' >"$rules"
wrong 'my.rules:2:1: expected a key .*found .?colour'
sed -i 's/^liquidation = 100 %/liquidation = 10x %/' "$rules"
wrong 'my.rules:[0-9]+:[0-9]+: expected'
printf 'symbol,floor,rate,deduction\nBTCUSDT,50000,0.005,\n' >"$brackets"
wrong 'brackets.csv:2:[0-9]+: expected'
printf 'BTCUSDT,40000,0.01,\n' >>"$brackets"
wrong 'brackets.csv:4:[0-9]+: expected'
cat >"$brackets" <<'JSON'
{"BTC/USDT:USDT": [{"minNotional": 0, "maxNotional": 50000, "maintenanceMarginRate": 0.004},
  {"minNotional": 60000, "maxNotional": 70000, "maintenanceMarginRate": 0.005}]}
JSON
wrong 'brackets.csv:2:[0-9]+: expected .*50000.*found .?60000'
rm "$brackets"
wrong 'brackets.csv: .*No such file'
chmod 000 "$rules"
if [[ ! -r $rules ]]; then wrong 'my.rules: .*Permission denied'; fi
rm -f "$rules"
mkdir "$rules"
fails 1 'my.rules' "${run[@]}" --marks "$marks"
rmdir "$rules"
reset

# engines and generators
fails 1 "engine 'warp': no such engine; known engines are model:" "$firebreak" run --engine warp: --rules binance-usdm \
	--marks "$marks" --accounts "$accounts" --out "$dir/out"
fails 1 "engine 'model': expected NAME:ARGUMENTS" "$firebreak" run --engine model --rules binance-usdm \
	--marks "$marks" --accounts "$accounts" --out "$dir/out"
fails 1 'expected gen:crash' "$firebreak" run --engine model: --rules binance-usdm --marks gen:boom --accounts gen:9,seed=1 \
	--out "$dir/out"
fails 1 'gen:' "$firebreak" run --engine model: --rules binance-usdm --marks gen:crash,seed=1 --accounts gen:x --out "$dir/out"
fails 1 'found none' "${run[@]}" --marks "$marks" --from 2030-01-01T00:00Z
[[ -e $dir/out ]] && bad "an output directory was made"
finish
