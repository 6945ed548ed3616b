#!/usr/bin/env bash
# Everything that can be found wrong without running the product. Each check prints its name and nothing else when it is
# content; the rest still runs when one fails.
#
# usage: lint.sh [CHECK...]     the names are those of the functions below: lint.sh verilator tidy
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2

: "${CFLAGS:=-std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Wconversion -Wshadow -Werror -Isw/include}"
read -ra cflags <<<"$CFLAGS"
top=fb_core
# Lanes and lanes per group: what is built every day, and groups of 16. As one design 256 lanes take minutes and
# 3 GB: they are built in groups with the same warnings (build/libfbcore256.so).
geometries=(1:1 2:1 8:4 16:8 32:16)

sources() { find sw sim tests -name "$1" -not -path '*/.*' 2>/dev/null | sort; }
# The endpoint, as lanes:lanes in a group:bits of its bus.
cards=(1:1:512 8:4:512 16:8:512 8:4:256)

file_list() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' -e "s|^|$1/|" "$1/$2"; }
rtl_files() { file_list hw/rtl core.f; }
card_files() { file_list hw/pcie card.f; }

# quiet COMMAND...: a tool that prints anything, even with status 0, has found something.
quiet() {
	local output status
	output=$("$@" 2>&1)
	status=$?
	[[ -n $output ]] && echo "$output"
	[[ $status -eq 0 && -z $output ]]
}

compile_all() { # COMPILER
	local compiler=$1
	# Vectors that are wider than native are never passed to a function (cpu_vector.h).
	local wide='/cpu_kernel(_wide)?\.c$' flags=("${cflags[@]}" -Isim -fsyntax-only)
	sources '*.c' | grep -Ev "$wide" | xargs -r -P "$(nproc)" -n 8 "$compiler" "${flags[@]}" &&
		sources '*.c' | grep -E "$wide" | xargs -r "$compiler" "${flags[@]}" -Wno-psabi
}

gcc() { compile_all "$(type -P gcc)"; }
clang() { compile_all "$(type -P clang)"; }

# Every header compiles alone, and twice.
headers() {
	local header status=0
	for header in $(sources '*.h'); do
		printf '#include "%s"\n#include "%s"\n' "$PWD/$header" "$PWD/$header" |
			command gcc "${cflags[@]}" -Isim -I"$(dirname "$header")" -fsyntax-only -x c - || status=1
	done
	for header in sw/include/firebreak/*.h; do
		command g++ -std=c++17 -Wall -Isw/include -fsyntax-only -x c++ "$header" || status=1
	done
	return "$status"
}

layout() { python3 tools/layout.py --check && python3 tools/log2.py --check && python3 tools/known.py --check; }

verilator() {
	local geometry lanes group width status=0
	for geometry in "${geometries[@]}"; do
		# shellcheck disable=SC2046
		command verilator --lint-only -Wall --top-module "$top" -Ihw/rtl -Ihw/contract \
			-GLANES="${geometry%:*}" -GGROUP="${geometry#*:}" $(rtl_files) ||
			{ echo "with ${geometry%:*} lanes"; status=1; }
	done
	for geometry in "${cards[@]}"; do
		IFS=: read -r lanes group width <<<"$geometry"
		# shellcheck disable=SC2046
		command verilator --lint-only -Wall --top-module fb_card -Ihw/pcie -Ihw/rtl -Ihw/contract \
			-GLANES="$lanes" -GGROUP="$group" -GDATA_W="$width" $(card_files) $(rtl_files) ||
			{ echo "the card with $lanes lanes, $width bits"; status=1; }
	done
	return "$status"
}

iverilog() {
	local geometry lanes group width status=0
	for geometry in 1:1 8:4; do
		# shellcheck disable=SC2046
		quiet "$(type -P iverilog)" -Wall -g2005 -Ihw/rtl -Ihw/contract -t null -s "$top" \
			-P"$top.LANES=${geometry%:*}" -P"$top.GROUP=${geometry#*:}" $(rtl_files) || status=1
	done
	for geometry in 1:1:512 8:4:256; do
		IFS=: read -r lanes group width <<<"$geometry"
		# shellcheck disable=SC2046
		quiet "$(type -P iverilog)" -Wall -g2005 -Ihw/pcie -Ihw/rtl -Ihw/contract -t null \
			-s fb_card -Pfb_card.LANES="$lanes" -Pfb_card.GROUP="$group" -Pfb_card.DATA_W="$width" \
			$(card_files) $(rtl_files) || status=1
	done
	return "$status"
}

yosys() {
	quiet "$(type -P yosys)" -q -e . -p "read_verilog -Ihw/rtl -Ihw/contract $(rtl_files | tr '\n' ' ');
		hierarchy -check -top $top -chparam LANES 2 -chparam GROUP 1; proc; check -assert" || return
	# The core has been looked at: here it is a box.
	quiet "$(type -P yosys)" -q -e . -p "read_verilog -Ihw/pcie -Ihw/contract $(card_files | tr '\n' ' ');
		read_verilog -lib -Ihw/rtl -Ihw/contract hw/rtl/fb_core.v;
		hierarchy -check -top fb_card; proc; check -assert; select -assert-none t:\$_DLATCH_ t:\$dlatch"
}

scripts() { find .ci tools tests -type f \( -name '*.sh' -o -path '.ci/run' \) -print0 | xargs -0 shellcheck; }

synth() { quiet python3 tests/synth/depth.py; }

table() { tools/waterfall_doc.sh --check; }

tidy() { quiet python3 tools/tidy.py; }

checks=(layout table synth tidy scripts gcc clang headers verilator iverilog yosys)
failed=()
for check in "${@:-${checks[@]}}"; do
	began=$SECONDS
	if output=$("$check" 2>&1); then
		printf 'ok   %3d s  %s\n' $((SECONDS - began)) "$check"
	else
		printf 'FAIL %3d s  %s\n%s\n' $((SECONDS - began)) "$check" "$output"
		failed+=("$check")
	fi
done
[[ ${#failed[@]} -eq 0 ]] || { echo "lint: ${failed[*]}"; exit 1; }
