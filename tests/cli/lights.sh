#!/usr/bin/env bash
# A pack with lights and alerts publishes them, the same in a replay; explain tells the holder; evidence of every order holds.
# shellcheck disable=SC1091,SC2154
source "$(dirname "$0")/kit.bash"

pack() { # NAME, then lines of [adl]
	printf '[venue]\nbase = binance-usdm\nname = %s\n[adl]\n' "$1" >"$dir/$1.rules"
	printf '%s\n' "${@:2}" >>"$dir/$1.rules"
}

# BitMEX's indicator: of 100 lots 10, 20, 30, 10, 10 and 20 stand in this order, so 10, 30, 60, 70, 80 and 100 %. All are
# short from 100,000 with less profit for their equity from one to the next; the long side is one account.
pack lit 'score = bitmex' 'lights = lots' 'lights_every = 10 s' 'alerts_every = 10 s' 'alert_depth = 50 %'
for line in 9:1:900000 1:-0.1:2000 2:-0.2:10000 3:-0.3:30000 4:-0.1:20000 5:-0.1:40000 6:-0.2:900000; do
	IFS=: read -r id lots money <<<"$line"
	printf '%s\n' "account,$id,,user,cross,$money" "position,1$id,$id,BTCUSDT,$lots,100000"
done >"$dir/six.csv"
printf '%s\n' time_us,symbol,price 1000000,BTCUSDT,99000 5000000,BTCUSDT,99000 12000000,BTCUSDT,101000 23000000,BTCUSDT,101000 \
	>"$dir/marks.csv"
works "$firebreak" run --engine model: --rules "$dir/lit.rules" --marks "$dir/marks.csv" --accounts "$dir/six.csv" \
	--out "$dir/a" --sweep-every 1
lights() { awk -F, -v t="$1" '$2 == t { printf "%s:%s ", $4, $7 }' "$dir/a/lights.csv"; }
[[ $(lights 1000000) == "19:1 11:5 12:4 13:3 14:2 15:2 16:1 " ]] || bad "lights: $(cat "$dir/a/lights.csv")"
grep -q ',BTCUSDT,warning,normal,' "$dir/a/alerts.csv" || bad "no alert: $(cat "$dir/a/alerts.csv")"
works "$firebreak" replay "$dir/a/firebreak.log" --engine model: --out "$dir/b"
same "$dir/a/lights.csv" "$dir/b/lights.csv"
same "$dir/a/alerts.csv" "$dir/b/alerts.csv"
works "$firebreak" explain "$dir/a/firebreak.log" 1
grep -q 'light  position 11, BTCUSDT, from 0, to 5, of 5, rank 0, among 6' "$dir/stdout" || bad "explain: $(cat "$dir/stdout")"
works "$firebreak" lights "$dir/a/firebreak.log" --account 3 --bars 4 --accounts
[[ $(wc -l <"$dir/stdout") == 2 ]] || bad "lights of one account: $(cat "$dir/stdout")"
fails 1 'expected an account of this log, found 77' "$firebreak" lights "$dir/a/firebreak.log" --account 77

# A crash under each kind of order and share: everything holds, and the card repeats what it can.
while read -r name lines; do
	IFS=';' read -ra adl <<<"$lines"
	pack "$name" "${adl[@]}"
	works "$firebreak" run --engine model: --rules "$dir/$name.rules" --marks "gen:crash,seed=5,minutes=8" \
		--accounts "gen:600,seed=5" --market "wild,seed=5" --fund 200 --backstop 1000 --out "$dir/$name"
	grep -q '^GOOD' "$dir/stdout" || bad "$name: $(tail -n 3 "$dir/stdout")"
	account=$(awk -F, '$3 == "deleveraged" { print $4 }' "$dir/$name/notices.csv" | sort | uniq -c | sort -rn |
		awk 'NR == 1 { print $2 }')
	[[ -n $account ]] || bad "$name: nobody was deleveraged"
	works "$firebreak" explain "$dir/$name/firebreak.log" "$account" --evidence
	cp "$dir/stdout" "$dir/$name.evidence"
	works "$firebreak" verify "$dir/$name.evidence" --rounds "$dir/$name/rounds.csv"
	works "$firebreak" replay "$dir/$name/firebreak.log" --engine model: --out "$dir/$name.again"
	same "$dir/$name/rounds.csv" "$dir/$name.again/rounds.csv"
	same "$dir/$name/orders.csv" "$dir/$name.again/orders.csv"
	# A lie about the order is found out.
	sed 's/"order": "[a-z0-9-]*/"order": "flox-position-size/' "$dir/$name.evidence" >"$dir/lie"
	fails 1 'does not hold' "$firebreak" verify "$dir/lie"
done <<'PACKS'
bitmex score = bitmex;leverage = position;cancel_orders = contract;fee = 0.05 %
hyper score = hyperliquid;price = previous
dydx score = random;overlap = yes;most = 20
ethereal score = lexicographic;cap = bankruptcy;price = mark;siblings = average
lighter score = extended;price = between;hedges = keep;spread = 0.1 %
drift share = open_interest;price = mark
gate score = bitget;rerank = yes;cancel_orders = account;positions = summed
factors score = okx;size_factor = 10 %;size_unit = 1000;tier_factor = 50 %
PACKS
finish
