#!/bin/sh
# The core under Icarus Verilog against `model`: usage: tests/icarus/run.sh [SEED [COMMANDS [ROWS]]].
# Needs build/tests/cosim and build/libfbcore2.so. HW names a folder with rtl/ and contract/ to test in place of hw.
set -eu
cd "$(dirname "$0")/../.."
seed=${1:-3}
commands=${2:-2000}
rows=${3:-250}
hw=${HW:-hw}
dir=${DIR:-build/icarus}
cosim=${COSIM:-build/tests/cosim}

command -v iverilog >/dev/null || { echo 'icarus: iverilog is not installed, skipped'; exit 77; }
mkdir -p "$dir"
rm -f "$dir/records.hex"
"$cosim" dump "$dir" --seed "$seed" --commands "$commands" --rows-target "$rows"
# shellcheck disable=SC2046 # the file list is meant to be split
iverilog -g2005 -Wall -o "$dir/tb.vvp" -I"$hw/rtl" -I"$hw/contract" -s tb tests/icarus/tb.v \
	$(sed "s|^|$hw/rtl/|" "$hw/rtl/core.f")
vvp "$dir/tb.vvp" "+dir=$dir" "+words=$(wc -l <"$dir/commands.hex")" "+batches=$(cat "$dir/batches.txt")" +stall=30
"$cosim" compare "$dir"
