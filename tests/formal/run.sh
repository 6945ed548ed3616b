#!/usr/bin/env bash
# Proves the handshakes of the endpoint with yosys-smtbmc and z3: hw/formal/*.v say what. Each property holds for the first
# cycles after a reset, and by k-induction ever after; each cover statement says that the proof is not about nothing.
#
# usage: run.sh [PROOF...]     HW names a folder with pcie/, formal/ and contract/ to prove in place of hw; QUICK=1: no covers
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
hw=${HW:-hw}
dir=${DIR:-build/formal}
for tool in yosys yosys-smtbmc z3; do
	command -v "$tool" >/dev/null || { echo "formal: $tool is not installed, skipped"; exit 77; }
done
mkdir -p "$dir"
smt=(timeout 120 yosys-smtbmc --noprogress --unroll -s z3)

writer="pcie/fb_skid.v pcie/fb_writer.v pcie/fb_posted.v pcie/fb_packet.v pcie/fb_tally.v"
# name | top | parameter | cycles of the base case | of the induction | of the covers, 0: none | files
proofs=(
	"writer    | formal_writer    |            | 4 | 1 | 14 | formal/writer.v $writer"
	"requests  | formal_requests  |            | 6 | 2 | 40 | formal/requests.v pcie/fb_requests.v"
	"session   | formal_session   |            | 6 | 3 | 0  | formal/session.v pcie/fb_session.v"
	"intake    | formal_intake    |            | 5 | 3 | 10 | formal/intake.v formal/abstract/fb_slots.v pcie/fb_intake.v"
	"completer | formal_completer | DATA_W 256 | 4 | 2 | 0  | formal/completer.v pcie/fb_completer.v"
)

prove() {
	local name top parameter base induction covers files field file paths=() log
	IFS='|' read -r name top parameter base induction covers files <<<"$1"
	for field in name top parameter base induction covers; do read -r "${field?}" <<<"${!field}"; done
	for file in $files; do paths+=("$hw/$file"); done
	log=$dir/$name.log
	yosys -q -p "read_verilog -formal -I$hw/formal/abstract -I$hw/pcie -I$hw/contract ${paths[*]};
		hierarchy -top $top ${parameter:+-chparam $parameter}; prep -top $top -flatten;
		async2sync; opt_expr; opt_clean; dffunmap;
		write_smt2 -wires $dir/$name.smt2" >"$log" 2>&1 || { cat "$log"; return 1; }
	"${smt[@]}" -t "$base" "$dir/$name.smt2" >>"$log" 2>&1 ||
		{ echo "formal: $name: base case fails"; tail -20 "$log"; return 1; }
	"${smt[@]}" -i -t "$induction" --dump-vcd "$dir/$name.vcd" "$dir/$name.smt2" >>"$log" 2>&1 ||
		{ echo "formal: $name: induction fails"; tail -20 "$log"; return 1; }
	if [[ $covers != 0 && -z ${QUICK:-} ]]; then
		"${smt[@]}" -c -t "$covers" "$dir/$name.smt2" >>"$log" 2>&1 ||
			{ echo "formal: $name: cover fails"; tail -20 "$log"; return 1; }
	fi
	echo "formal: $name: proven"
}

# The longest runs beside the others.
first=
status=0
for proof in "${proofs[@]}"; do
	read -r name _ <<<"$proof"
	[[ $# -eq 0 || " $* " == *" $name "* ]] || continue
	if [[ -z $first ]]; then
		prove "$proof" &
		first=$!
	else
		prove "$proof" || status=1
	fi
done
wait "$first" || status=1
exit "$status"
