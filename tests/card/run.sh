#!/bin/sh
# Benches of the PCIe endpoint under Icarus: usage: tests/card/run.sh 512|256|core|storm [+verbose] [+stop] [+only=CASE].
# 512, 256: every case of card_tb.v, with a stub for the core, at that width of the bus; core: the published cycles with 16 lanes;
# storm: everybody breaches at once, with 8 lanes, at both widths.
# HW names a folder with pcie/, rtl/ and contract/ to test in place of hw.
set -eu
cd "$(dirname "$0")/../.."
what=$1
shift
hw=${HW:-hw}
dir=${DIR:-build/card_tb}

command -v iverilog >/dev/null || { echo 'card: iverilog is not installed, skipped'; exit 77; }
mkdir -p "$dir"
# shellcheck disable=SC2046 # the file lists are meant to be split
if [ "$what" = storm ]; then
	: >"$dir/storm.log"
	for bits in 512 256; do
		# shellcheck disable=SC2046
		iverilog -g2005 -o "$dir/storm$bits.vvp" -Itests/card -I"$hw/pcie" -I"$hw/rtl" -I"$hw/contract" -s storm_tb \
			-Pstorm_tb.DATA_W=$bits tests/card/storm_tb.v \
			$(sed "s|^|$hw/pcie/|" "$hw/pcie/card.f") $(sed "s|^|$hw/rtl/|" "$hw/rtl/core.f")
		vvp -N "$dir/storm$bits.vvp" "$@" >>"$dir/storm.log"
	done
	cat "$dir/storm.log"
	[ "$(grep -c '_tb: ok' "$dir/storm.log")" = 2 ]
	exit
fi
# shellcheck disable=SC2046
case $what in
core) iverilog -g2005 -o "$dir/$what.vvp" -Itests/card -I"$hw/pcie" -I"$hw/rtl" -I"$hw/contract" -s core_tb \
	tests/card/core_tb.v $(sed "s|^|$hw/pcie/|" "$hw/pcie/card.f") $(sed "s|^|$hw/rtl/|" "$hw/rtl/core.f") ;;
*) iverilog -g2005 -o "$dir/$what.vvp" -Itests/card -I"$hw/pcie" -I"$hw/contract" -s card_tb -Pcard_tb.DATA_W="$what" \
	tests/card/card_tb.v tests/card/core_stub.v $(sed "s|^|$hw/pcie/|" "$hw/pcie/card.f") ;;
esac
vvp -N "$dir/$what.vvp" "$@" >"$dir/$what.log"
cat "$dir/$what.log"
grep -q '_tb: ok' "$dir/$what.log"
