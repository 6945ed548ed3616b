#!/usr/bin/env bash
# The card against an independent model of the UltraScale+ PCIe block and a root complex (cocotbext-pcie).
#
# usage: run.sh [--bits 512|256] [--seed N] [--wave] [CASES]
#
# CASES is a regular expression on the names of the cases; without it all run that the width has. HW names a folder with rtl/,
# pcie/ and contract/ to test in place of hw, DIR where to build. Needs build/tests/cosim, build/tests/wordpipe and
# build/libfbcore2.so. Exit code 1: a case failed.
set -euo pipefail
cd "$(dirname "$0")/../.."

bits=512 seed=1 cases='' trace=()
while (($#)); do
	case $1 in
	--bits) bits=$2; shift ;;
	--seed) seed=$2; shift ;;
	--wave) trace=(--trace) ;;
	-*) sed -n '4s/^# //p' "$0" >&2; exit 2 ;;
	*) cases=$1 ;;
	esac
	shift
done
root=$PWD
hw=${HW:-hw}
dir=${DIR:-build/cocotb}/$bits${trace:+-wave}
venv=build/cocotb/venv
# Lanes, group, log2 of rows and accounts of a lane: what `cosim dump` places for.
geometry=(-GLANES=2 -GGROUP=1 -GROW_BITS=10 -GSLOT_BITS=8 -GDATA_W="$bits")
tests/cocotb/venv.sh
python=$root/$venv/bin/python
site=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
mkdir -p "$dir"

files() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$1"; }

build() {
	local main=$site/cocotb/share/lib/verilator/verilator.cpp libs=$site/cocotb/libs
	# shellcheck disable=SC2046 # the file lists are meant to be split
	VERILATOR_ROOT=$site/verilator perl "$site/verilator/bin/verilator" --cc --exe --vpi -O3 -Wall -Wno-fatal \
		"${trace[@]}" --x-assign unique --x-initial 0 --top-module card_tb --prefix Vtop --Mdir "$dir/obj" -o sim \
		-I"$hw/rtl" -I"$hw/pcie" -I"$hw/contract" "${geometry[@]}" \
		-LDFLAGS "-Wl,-rpath,$libs -L$libs -lcocotbvpi_verilator" \
		tests/cocotb/card_tb.vlt tests/cocotb/{card_tb,stream_rules}.v \
		$(files "$hw/pcie/card.f" | sed "s|^|$hw/pcie/|") $(files "$hw/rtl/core.f" | sed "s|^|$hw/rtl/|") "$main" &&
		make -s -C "$dir/obj" -f Vtop.mk CFG_CXXFLAGS_PCH_I=-include OPT_FAST="${OPT:--O2}" PYTHON3="$python" \
			OBJCACHE="$(command -v ccache || true)"
}
build >"$dir/build.log" 2>&1 || {
	grep -E 'Error|error' "$dir/build.log" | head
	echo "cocotb: the card cannot be built: $dir/build.log"
	exit 1
}

[[ -e $dir/stream/records.bin ]] || {
	mkdir -p "$dir/stream"
	build/tests/cosim dump "$dir/stream" --seed "$seed" --commands 10100 --rows-target 120
	PYTHONPATH=tests/cocotb:tests/oracle PYTHONDONTWRITEBYTECODE=1 "$python" tests/cocotb/stream.py "$dir/stream"
}
modules=$(cd tests/cocotb && echo test_*.py | sed 's/\.py//g; s/ /,/g')
rm -f "$dir/results.xml"
# Without it the simulator looks for libpython3.11.so, a name that only Debian's development package has.
libpython=$("$python" -m find_libpython)
env LIBPYTHON_LOC="$libpython" COCOTB_TEST_MODULES="$modules" \
	COCOTB_TOPLEVEL=card_tb TOPLEVEL_LANG=verilog COCOTB_TEST_FILTER="$cases" \
	COCOTB_RANDOM_SEED="$seed" COCOTB_RESULTS_FILE="$root/$dir/results.xml" COCOTB_TRUST_INERTIAL_WRITES=1 \
	COCOTB_LOG_LEVEL="${COCOTB_LOG_LEVEL:-INFO}" COCOTB_ANSI_OUTPUT=0 PYTHONDONTWRITEBYTECODE=1 \
	PYTHONWARNINGS=ignore \
	PYTHONPATH="$root/tests/cocotb:$root/tests/oracle" PYGPI_PYTHON_BIN="$python" GPI_LOG_LEVEL=WARNING \
	FB_BITS="$bits" FB_STREAM="$root/$dir/stream" \
	"$dir/obj/sim" "${trace[@]}" \
	${trace:+--trace-file "$dir/card.vcd"} 2>"$dir/stderr.txt" || tail -n 20 "$dir/stderr.txt"
"$python" tests/cocotb/verdict.py "$dir/results.xml" "$bits" "${cases:-all}"
