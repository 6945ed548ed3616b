#!/usr/bin/env bash
# firebreak policies: on a folder of two made-up waves whose figures are known, with faults planted in it; on made-up accounts;
# and, where the published tables and the real accounts are, on those.
# shellcheck disable=SC1091,SC2154
source "$(dirname "$0")/kit.bash"

# --- a folder of two waves -------------------------------------------------------------------------------------------------

# paper DIR: 100 and 8 were needed of caps of 400 and 50; the venue took 150 and 2.
paper() {
	mkdir -p "$1"
	local names=(prod pr pnl_pr eq_pr vector contract_pr fixed_point_ilp_integer) head=wave,budget_needed name
	local first=1,100 second=2,8
	local budgets1=(150 100 100 100 90 95 101) budgets2=(2 8 8 8 8 8.5 9)
	local over1=(50 0 0 0 -10 -5 1) over2=(-6 0 0 0 0 0.5 1)
	for i in "${!names[@]}"; do
		name=${names[i]}
		head+=,budget_$name,overshoot_$name,ptsr_$name,rd_nse_$name,pmr_$name
		# PTSR 1.5: 1.5 / 2.5, and 1.5 x deficit / largest loss
		first+=,${budgets1[i]},${over1[i]},1.5,0.6,3
		second+=,${budgets2[i]},${over2[i]},,,
	done
	head+=,total_cap,max_pct_pr,theta_needed_capped,deficit_usd,max_loss_usd
	printf '%s\n' "$head" "$first,400,0.25,0.5,200,100" "$second,50,0.1,1,4,4" >"$1/policy_per_wave_metrics.csv"
	printf '%s\n' wave,coin,gap_usd_x_qty,qty_contracts,gap_per_contract_usd 1,A,60,3,20 1,B,40,2.5,16 2,A,8,1,8 \
		>"$1/two_pass_wave_coin_gap_per_contract_h0.csv"
	printf '%s\n' wave,deficit_usd 1,200 2,4 >"$1/bad_debt_loser_waves.csv"
	printf '%s\n' wave,budget_prod_usd,budget_needed_usd 1,150,100 2,2,8 >"$1/two_pass_equity_delta_by_wave_h0.csv"
	printf '%s\n' wave,budget_prod_usd,budget_needed_usd 1,160,100 2,3,8 >"$1/two_pass_equity_delta_by_wave_h5000.csv"
	printf '%s\n' eval_horizon_ms,total_deficit_usd,total_H_prod_usd,total_overshoot_prod_minus_needed_usd 0,204,152,44 \
		500,204,1,1 1000,204,1,1 2000,204,1,1 5000,204,163,55 >"$1/eval_horizon_sweep_gap_ms=5000.csv"
	printf '%s\n' coin,deficit_usd,budget_queue_usd A,5,7 B,0,3 A,4,1 >"$1/per_shock_metrics_queue.csv"
	printf '%s\n' total_overshoot,total_residual 5,3 >"$1/summary_totals.csv"
}

paper "$dir/paper"
works "$firebreak" policies --paper "$dir/paper"
grep -q ', 0 differ$' <(tail -n 1 "$dir/stdout") || bad "the made-up waves differ: $(tail -n 1 "$dir/stdout")"
grep -q '^ *all *108.000000000 *108.000000000 *0.000000000  equal$' "$dir/stdout" || bad "108 were needed"
grep -Eq '^ *2 +0.160000000000000 +0.100000000000000 .*within$' "$dir/stdout" || bad "no haircut within its bound"
works "$firebreak" policies --paper "$dir/paper" --json
python3 -m json.tool "$dir/stdout" >/dev/null || bad "no JSON"

# changed FILE FROM TO: with this in place of that the exit status is 1.
changed() {
	rm -rf "$dir/changed"
	cp -r "$dir/paper" "$dir/changed"
	sed -i "s/$2/$3/" "$dir/changed/$1"
	cmp -s "$dir/paper/$1" "$dir/changed/$1" && bad "$1 has no $2"
	"$firebreak" policies --paper "$dir/changed" >"$dir/stdout" 2>&1
	[[ $? -eq 1 ]] || bad "$1 with $3 for $2 was not noticed"
}
changed two_pass_wave_coin_gap_per_contract_h0.csv 40,2.5 40.000001,2.5
changed policy_per_wave_metrics.csv 1,100,150,50 1,100,150,51
changed policy_per_wave_metrics.csv 0.6,3 0.6,3.1
changed policy_per_wave_metrics.csv 0.6,3 0.61,3
changed policy_per_wave_metrics.csv 400,0.25,0.5 400,0.2500001,0.5
changed policy_per_wave_metrics.csv 0.25,0.5 0.25,0.51
changed policy_per_wave_metrics.csv 95,-5 137,37
changed bad_debt_loser_waves.csv 2,4 2,5
changed two_pass_equity_delta_by_wave_h5000.csv 1,160 1,161
changed summary_totals.csv 5,3 5,3.01
changed per_shock_metrics_queue.csv B,0,3 B,0,2

changed policy_per_wave_metrics.csv total_cap all_caps
grep -q 'a column named total_cap' "$dir/stdout" || bad "a missing column is not named"
changed bad_debt_loser_waves.csv 2,4 2,four
grep -q 'bad_debt_loser_waves.csv:3:3: expected a number, found "four"' "$dir/stdout" || bad "a bad number is not named"
rm "$dir/changed/summary_totals.csv"
fails 1 'summary_totals.csv|four' "$firebreak" policies --paper "$dir/changed"
fails 1 'policy_per_wave_metrics.csv' "$firebreak" policies --paper "$dir/none"
fails 2 'expected --paper DIR or --accounts FILE' "$firebreak" policies

# --- accounts --------------------------------------------------------------------------------------------------------------

# value POLICY KEY
value() {
	python3 -c 'import json, sys
for row in json.load(open(sys.argv[1]))["accounts"]["policies"]:
    if row["policy"] == sys.argv[2]:
        print(row[sys.argv[3]])' "$dir/stdout" "$1" "$2"
}
{
	echo user,adl_notional,closed_pnl,account_value_realtime
	for i in {1..200}; do
		echo "0x$i,$((i * 37 % 1000)).25,$((i * 53 % 700 - 50)).000000001,$((i * 91 % 900 + 1))"
	done
} >"$dir/accounts.csv"
works "$firebreak" policies --accounts "$dir/accounts.csv" --budget 5000 --deficit 20000 --largest-loss 9000 --json
for policy in queue wealth equity open_interest "risk, linear" descent min_max; do
	[[ $(value "$policy" taken) == 5000.00000000 ]] || bad "$policy took $(value "$policy" taken)"
done
[[ $(value min_max regret) == 0.000000000 ]] || bad "min_max regrets"
shuf --random-source=<(yes) "$dir/accounts.csv" | grep -v user >"$dir/rest"
cp "$dir/stdout" "$dir/first"
{ head -n 1 "$dir/accounts.csv"; cat "$dir/rest"; } >"$dir/mixed.csv"
works "$firebreak" policies --accounts "$dir/mixed.csv" --budget 5000 --deficit 20000 --largest-loss 9000 --json
same "$dir/first" "$dir/stdout"
fails 1 'a column named user' "$firebreak" policies --accounts "$dir/paper/summary_totals.csv"

# --- the published tables and the real accounts ------------------------------------------------------------------------------

data=${FIREBREAK_DATA:-../shared/data}
if [[ -r $data/paper/policy_per_wave_metrics.csv ]]; then
	works "$firebreak" policies --paper "$data/paper"
	tail -n 2 "$dir/stdout"
	# Sixteen waves; totals to the cent.
	for total in 15079669.60900 60108335.32814 45028665.71913 13286647.577 12059548.961 15171856.596 653552663.51469; do
		grep -q "^ *all .*[ -]$total" "$dir/stdout" || bad "no total of $total"
	done
	grep -q ', 0 differ$' "$dir/stdout" || bad "published figures differ"
else
	echo "left out: the published tables are not in $data/paper (set FIREBREAK_DATA)"
fi
if xz -dc "$data/adl/adl_by_user_REALTIME.csv.xz" >"$dir/real.csv" 2>/dev/null; then
	works "$firebreak" policies --accounts "$dir/real.csv"
	cat "$dir/stdout"
	works "$firebreak" policies --accounts "$dir/real.csv" --json
	[[ $(grep -c '"taken": "15079669.61000000"' "$dir/stdout") -ge 11 ]] || bad "a policy missed its budget"
	grep -q '"accounts": 19337' "$dir/stdout" || bad "not 19,337 accounts"
else
	echo "left out: the real accounts are not in $data/adl, or there is no xz"
fi
finish
