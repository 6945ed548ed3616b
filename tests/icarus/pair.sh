#!/bin/sh
# fb_pair alone under Icarus Verilog, against a queue. HW names a folder with rtl/ and contract/ to test in place of hw.
set -eu
cd "$(dirname "$0")/../.."
hw=${HW:-hw}
dir=${DIR:-build/icarus/pair}

command -v iverilog >/dev/null || { echo 'pair: iverilog is not installed, skipped'; exit 77; }
mkdir -p "$dir"
iverilog -g2005 -Wall -o "$dir/tb.vvp" -I"$hw/rtl" -I"$hw/contract" -s pair_tb tests/icarus/pair_tb.v "$hw/rtl/fb_pair.v"
vvp -N "$dir/tb.vvp" | tee "$dir/tb.log"
grep -q ' cycles, [1-9][0-9]* pairs, [1-9][0-9]* words alone, 0 wrong$' "$dir/tb.log"
