#!/bin/sh
# fb_weave alone under Icarus Verilog. HW names a folder with rtl/ and contract/ to test in place of hw.
set -eu
cd "$(dirname "$0")/../.."
hw=${HW:-hw}
dir=${DIR:-build/icarus/weave}

command -v iverilog >/dev/null || { echo 'weave: iverilog is not installed, skipped'; exit 77; }
mkdir -p "$dir"
iverilog -g2005 -Wall -o "$dir/tb.vvp" -I"$hw/rtl" -I"$hw/contract" -s weave_tb tests/icarus/weave_tb.v "$hw/rtl/fb_weave.v"
vvp -N "$dir/tb.vvp" | tee "$dir/tb.log"
[ "$(grep -c ': .* bits, 0 wrong$' "$dir/tb.log")" = 4 ]
