#!/bin/sh
# Cosimulation of a core that has time for its audit: usage: tests/mutants/idle.sh [ARGUMENTS of cosim run].
# Needs build/tests/cosim. CORE is the core to test (build/libfbcore2.so), DIR where the library in front of it is built.
set -eu
cd "$(dirname "$0")/../.."
core=${CORE:-build/libfbcore2.so}
dir=${DIR:-build/idle}
cosim=${COSIM:-build/tests/cosim}

mkdir -p "$dir"
"${CC:-gcc}" -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Wconversion -Wshadow -Werror -Isw/include -fPIC -shared \
	-o "$dir/libfbcore2.so" tests/mutants/idle.c -ldl
[ $# -gt 0 ] || set -- --seeds 1..20
case $core in /*) ;; *) core=$PWD/$core ;; esac
FIREBREAK_CORE_DIR=$dir FB_IDLE_CORE=$core "$cosim" run --quiet --no-wave --engine core:lanes=2,place=random "$@" \
	2>"$dir/idle.log" || { status=$?; grep -v ' rotations$' "$dir/idle.log" || true; exit $status; }
# One line for each core that was opened.
awk '/ rotations$/ { cycles += $2; rotations += $5 }
	END { printf "idle: %d cycles, %d rotations of the audit\n", cycles, rotations; exit rotations == 0 }' "$dir/idle.log"
