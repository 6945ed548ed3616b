#!/usr/bin/env bash
# Makes the virtual environment of the cocotb tests in build/cocotb/venv, from requirements.txt, unless it is there already.
# Needs the package index once; prints nothing when there is nothing to do.
set -euo pipefail
cd "$(dirname "$0")/../.."

list=tests/cocotb/requirements.txt
venv=build/cocotb/venv
log=build/cocotb/venv.log

mkdir -p build/cocotb
exec 9>build/cocotb/venv.lock
flock 9
cmp -s "$list" "$venv/installed.txt" && exit 0
rm -rf "$venv"
give_up() {
	tail -n 5 "$log"
	echo "cocotb: $1; all output is in $log"
	exit 1
} >&2
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'cocotb: Python 3.11 is needed' >&2; exit 1; }
python3 -m venv "$venv" >"$log" 2>&1 || give_up 'no virtual environment: is python3-venv installed?'
"$venv/bin/pip" install --no-deps --disable-pip-version-check --only-binary :all: -r "$list" >>"$log" 2>&1 ||
	give_up "the package index cannot be reached, or lacks what $list names"
"$venv/bin/python" -c 'import cocotbext.pcie.xilinx.us' >>"$log" 2>&1 || give_up 'the packages do not work together'
cp "$list" "$venv/installed.txt"
