#!/bin/sh
# fb_histogram alone under Icarus Verilog, filled until its sums stop.
# HW names a folder with rtl/ and contract/ to test in place of hw.
set -eu
cd "$(dirname "$0")/../.."
hw=${HW:-hw}
dir=${DIR:-build/icarus/histogram}

command -v iverilog >/dev/null || { echo 'histogram: iverilog is not installed, skipped'; exit 77; }
mkdir -p "$dir"
iverilog -g2005 -Wall -o "$dir/tb.vvp" -I"$hw/rtl" -I"$hw/contract" -s histogram_tb tests/icarus/histogram_tb.v \
	"$hw/rtl/fb_histogram.v" "$hw/rtl/fb_ram.v"
vvp "$dir/tb.vvp" | tee "$dir/tb.log"
grep -q ' 512 buckets read, [1-9][0-9]* of them full, 0 wrong$' "$dir/tb.log"
