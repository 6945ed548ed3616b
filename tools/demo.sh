#!/usr/bin/env bash
# The whole of Firebreak in a few minutes: 20,000 made-up accounts go through a made-up flash crash on the Verilated core, with
# the oracle beside it, on a simulated venue that answers late, in parts and sometimes not at all; then everything is run
# again from the log with the oracle alone. Results stay in build/demo.
# Ends with a table, three stories with the commands that explain them in full, the path of the picture, a rule to change, and one
# line that starts with PASS or FAIL.
#
# SEED, ACCOUNTS, MINUTES, STEP_MS, FUND, BACKSTOP, LANES and OUT may be set in the environment.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2

firebreak=build/firebreak out=${OUT:-build/demo}
fund=${FUND:-20000} backstop=${BACKSTOP:-100000}
engine=core:lanes=${LANES:-16}
failed=()

[[ -x $firebreak ]] || { echo "FAIL: $firebreak is missing; run make"; exit 1; }
[[ ! -e $out || -e $out/firebreak.log ]] || { echo "FAIL: $out is there, and is not of a demo"; exit 1; }
rm -rf "$out"
mkdir -p "$(dirname "$out")"

echo "Playing a crash: ${ACCOUNTS:-20000} accounts, engine $engine, checked by model:"
FIREBREAK_RULES=sw/rules nice "$firebreak" run --engine "$engine" --check model: --rules demo \
	--marks "gen:crash,seed=${SEED:-1},minutes=${MINUTES:-30}" --step-ms "${STEP_MS:-3000}" \
	--accounts "gen:${ACCOUNTS:-20000},seed=${SEED:-1}" --market "wild,seed=${SEED:-1}" \
	--fund "$fund" --backstop "$backstop" --out "$out" >"$out.txt" || failed+=("the run failed")
[[ -s $out/summary.json ]] || { cat "$out.txt"; echo "FAIL: no summary: the run did not end"; exit 1; }

# Three accounts whose stories are told: one that went down the whole waterfall, one that was used for such accounts, and one that
# traded all the time and was told nothing.
liquidated=$(awk -F, '$4 == "reduce" { r[$5] = 1 } $4 == "takeover" { t[$5] = 1 }
	$4 == "adl_pair" && r[$5] && t[$5] && $5 < 4294967280 { print $5; exit }' "$out/orders.csv")
[[ -n $liquidated ]] || liquidated=$(awk -F, '$3 == "liquidated" { print $4; exit }' "$out/notices.csv")
deleveraged=$(awk -F, '$3 == "liquidated" { gone[$4] = 1 } $3 == "deleveraged" && !first[$4] { first[$4] = NR }
	END { for (a in first) if (!(a in gone)) print first[a], a }' "$out/notices.csv" | sort -n | awk 'NR == 1 { print $2 }')
passed=$(awk -F, 'FNR == NR { told[$4] = 1; next } $4 == "user_fill" && !($5 in told) { print $5; exit }' "$out/notices.csv" \
	"$out/events.csv")

echo "Running it again from $out/firebreak.log alone, with the model and odd delays, and once for each of three stories"
told=()
for account in $liquidated $deleveraged $passed; do
	nice "$firebreak" explain "$out/firebreak.log" "$account" --story >"$out/story-$account.txt" 2>&1 &
	told+=($!)
done
nice "$firebreak" replay "$out/firebreak.log" --engine model: --delay-seed 7 --out "$out/replay" >"$out-replay.txt" ||
	failed+=("the replay diverged")
for file in orders.csv notices.csv records.bin rounds.csv; do
	cmp -s "$out/$file" "$out/replay/$file" || failed+=("$file is not the same after the replay")
done

value() { sed -n 's/^  "'"$1"'": "\{0,1\}\([^",]*\)"\{0,1\},$/\1/p' "$out/summary.json"; }
whole() { value "$1" | cut -d. -f1; }

[[ $(value conserved) == true ]] || failed+=("value is not conserved")
[[ $(value check_differences) == 0 && $(value check_batches) -gt 0 ]] || failed+=("core and model differ")
[[ $(value differences) == 0 && $(value records_verified) -gt 0 ]] || failed+=("records and book differ")
[[ $(value sweep_differences) == 0 && $(value sweeps) -gt 0 ]] || failed+=("state hash and book differ")
# Every stage of the waterfall was gone through by somebody.
stages=(warnings calls cuts liquidations reductions backstop_takeovers takeovers pairs last_resorts spreads unwinds
	released closed)
for stage in "${stages[@]}"; do
	[[ $(value "$stage") -ge 1 ]] || failed+=("no account went through the stage '$stage'")
done
[[ $(value refused) == 0 && $(value violations) == 0 ]] || failed+=("the governor or the host refused something")
[[ $(value liquidations) -ge 100 ]] || failed+=("fewer than 100 liquidations")
[[ $(value symbols) -ge 12 && $(value accounts) -ge ${ACCOUNTS:-20000} ]] || failed+=("smaller than promised")

row() { printf '  %-46s %24s\n' "$1" "$2"; }
echo
row 'accounts / positions' "$(value accounts) / $(value positions)"
row 'symbols' "$(value symbols)"
row 'marks in batches' "$(value marks) in $(value mark_batches)"
row 'commands to the core' "$(value commands)"
row 'records, every one equal to model and book' "$(value records)"
row 'state hash compared with the book, times' "$(value sweeps)"
row 'warnings / margin calls' "$(value warnings) / $(value calls)"
row 'reductions before liquidation' "$(value cuts)"
row 'accounts liquidated / bankrupt by then' "$(value liquidations) / $(value bankrupt)"
row 'reductions in liquidation' "$(value reductions)"
row 'takeovers by backstop / by fund' "$(value backstop_takeovers) / $(($(value takeovers) - $(value backstop_takeovers)))"
row 'counterparties deleveraged, in rounds' "$(value pairs) in $(value adl_rounds)"
row 'takeovers at the mark, payments of a loss' "$(value last_resorts), $(value spreads)"
row 'accounts released / closed' "$(value released) / $(value closed)"
row 'orders / sent again / rejected' "$(value orders) / $(value resent) / $(value rejects)"
row 'fund before / lowest / after' "$(whole fund_start_e8) / $(whole fund_equity_min_e8) / $(whole fund_equity_e8)"
row 'loss not paid yet' "$(whole uncovered_loss_e8)"
row 'positions revalued by the core' "$(value engine_revaluations)"
row 'simulated clock cycles' "$(value engine_cycles)"
row 'of them idle / commands / closing batches' "$(value cycles_idle) / $(value cycles_issue) / $(value cycles_drain)"
row 'rankings / audit / stalled by the output' "$(value cycles_rank) / $(value cycles_audit) / $(value cycles_stalled)"
row 'seconds for the run' "$(($(value host_ms) / 1000))"
echo
((${#told[@]} == 3)) || echo "In this run nobody was to be found for one of the three stories."
for i in "${!told[@]}"; do
	wait "${told[i]}" || failed+=("an account could not be explained")
done
for account in $liquidated $deleveraged $passed; do
	cat "$out/story-$account.txt"
	echo "    $firebreak explain $out/firebreak.log $account"
	if [[ $account == "$deleveraged" ]]; then
		echo "  What its holder can check without the log:"
		echo "    $firebreak explain $out/firebreak.log $account --evidence >$out/evidence.json"
		echo "    $firebreak verify $out/evidence.json --rounds $out/rounds.csv"
	fi
	echo
done
picture=$out/run.png
[[ -s $picture ]] || picture=$out/run.svg
echo "picture: $(realpath "$picture")"
cat <<TEXT

Change a rule, run again: fund and backstop may hold no more than they are worth.
    mkdir -p $out-rules && cp -r sw/rules/. $out-rules && sed -i 's/_cap = .*/_cap = 100 %/' $out-rules/demo.rules
    FIREBREAK_RULES=$out-rules $firebreak run --engine model: --rules demo --out $out-again --fund $fund --backstop $backstop \\
      --marks gen:crash,seed=${SEED:-1},minutes=${MINUTES:-30} --step-ms ${STEP_MS:-3000} \\
      --accounts gen:${ACCOUNTS:-20000},seed=${SEED:-1} --market wild,seed=${SEED:-1}
  Then houses lose less, and more is closed by deleveraging. Above, the fund ended with $(whole fund_equity_e8), deleveraging
  closed $(whole adl_notional_e8), and others were asked for $(value spreads) payments of losses: see $out-again/summary.txt.

TEXT
if ((${#failed[@]} > 0)); then
	(IFS=';' && echo "FAIL: ${failed[*]}")
	exit 1
fi
echo "PASS: core and model agree on every record, value is conserved, the replay gives the same bytes"
