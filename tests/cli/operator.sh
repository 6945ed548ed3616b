#!/usr/bin/env bash
# What an operator does during a run: kill, freeze and settle at a time, in the log, the same in a replay.
# shellcheck disable=SC1091,SC2154
source "$(dirname "$0")/kit.bash"

run() { # NAME RULES ACT...
	local name=$1 rules=$2
	shift 2
	works "$firebreak" run --rules "$rules" --marks gen:crash,seed=5,minutes=4 --accounts gen:300,seed=5,symbols=3 \
		--market still,seed=5 --out "$dir/$name" ${1:+--operator "$@"} &&
		works "$firebreak" replay "$dir/$name/firebreak.log" --engine model:
}
# Orders of these verbs, of one symbol if named, in a span of seconds after 20:51.
count() { # NAME VERBS [SYMBOL] FROM TO
	awk -F, -v verbs="^($2)$" -v symbol="$3" -v from="$4" -v to="$5" '
		$4 ~ verbs && (symbol == "" || $9 == symbol) && $2 >= "2025-10-10T20:" from && $2 < "2025-10-10T20:" to { n++ }
		END { print n + 0 }' "$dir/$1/orders.csv"
}
closing='reduce|takeover|adl_pair'

run plain binance-usdm
busy=$(count plain "$closing" '' 51:00 53:00)
((busy > 20)) || bad "only $busy orders in two minutes of the crash"
eth=$(count plain "$closing" ETHUSDT 51:00 53:00)
((eth > 0)) || bad "nothing of ETHUSDT is closed"

# Nothing leaves while the kill switch is on; then it does.
run killed binance-usdm kill@2025-10-10T20:51:00Z allow@2025-10-10T20:53:00Z
[[ $(count killed '.*' '' 51:00 53:00) == 0 ]] || bad "orders left in spite of the kill switch"
(($(count killed "$closing" '' 53:00 59:00) > 0)) || bad "no orders left after the kill switch"

# The symbol alone waits.
run frozen binance-usdm thaw:ETHUSDT@2025-10-10T20:53:00Z freeze:ETH-USD@2025-10-10T20:51:00Z
[[ $(count frozen "$closing" ETHUSDT 51:00 53:00) == 0 ]] || bad "a frozen symbol is closed"
(($(count frozen "$closing" '' 51:00 53:00) > 0)) || bad "the others wait, too"
(($(count frozen "$closing" ETHUSDT 53:00 59:00) > 0)) || bad "nothing follows when it is thawed"

# Settled at its mark: one order of it, and none of the symbol later.
run settled dydx settle:ETH-USD@2025-10-10T20:51:30Z
(($(count settled settle '' 51:30 51:40) > 0)) || bad "no order to settle"
[[ $(count settled "$closing" ETH-USD 51:40 59:00) == 0 ]] || bad "a settled symbol is still closed"

refused() { # PATTERN ACT
	fails 1 "operator '[^']*': expected $1" "$firebreak" run --rules binance-usdm --marks gen:crash,seed=5,minutes=1 \
		--accounts gen:9,seed=5 --out "$dir/no" --operator "$2"
	[[ -e $dir/no ]] && bad "$2: something was made"
}
refused '@TIME' freeze:ETHUSDT
refused '@TIME' kill@noon
refused 'kill, allow' halt@2025-10-10T20:51:00Z
refused 'a symbol: freeze' freeze@2025-10-10T20:51:00Z
refused 'a symbol of the rules' thaw:GOLD@2025-10-10T20:51:00Z
refused 'an account: block' block@2025-10-10T20:51:00Z
refused "an account's id in digits" block:x@2025-10-10T20:51:00Z
refused 'nothing between' kill:3@2025-10-10T20:51:00Z
# What the pack does not have is said when it is due.
fails 1 'settle of one where the pack has settlement' "$firebreak" run --rules binance-usdm --marks gen:crash,seed=5,minutes=1 \
	--accounts gen:9,seed=5 --out "$dir/no" --operator settle:ETHUSDT@2025-10-10T20:50:10Z

finish
