#!/bin/sh
# fb_score and fb_log2 under Icarus Verilog against the contract's formulas: usage: tests/icarus/score.sh [SEED [ROWS]].
# HW names a folder with rtl/ and contract/ to test in place of hw.
set -eu
cd "$(dirname "$0")/../.."
seed=${1:-1}
rows=${2:-8000}
hw=${HW:-hw}
dir=${DIR:-build/icarus/score}

command -v iverilog >/dev/null || { echo 'score: iverilog is not installed, skipped'; exit 77; }
mkdir -p "$dir"
python3 tests/icarus/score_vectors.py "$dir" "$seed" "$rows"
iverilog -g2005 -Wall -o "$dir/score_tb.vvp" -I"$hw/rtl" -I"$hw/contract" -s score_tb tests/icarus/score_tb.v \
	"$hw/rtl/fb_score.v" "$hw/rtl/fb_log2.v"
vvp "$dir/score_tb.vvp" "+dir=$dir" "+lines=$(cat "$dir/count.txt")" | tee "$dir/score.log"
grep -q ' vectors, 0 wrong$' "$dir/score.log"
