#!/usr/bin/env bash
# firebreak doctor on recorded configuration spaces, on a recorded machine and on this one; exit status 0, 1 or 2.
# shellcheck disable=SC1091,SC2154
source "$(dirname "$0")/kit.bash"

data=$(dirname "$0")/../data/lspci
if "$firebreak" doctor --lspci "$data/healthy.txt" | grep -q 'built without libpci'; then
	echo "built without libpci"
	exit 77
fi

# examine STATUS PATTERN FILE [OPTION...]
examine() {
	local expected=$1 pattern=$2 file=$3 status
	shift 3
	"$firebreak" doctor --lspci "$data/$file" "$@" >"$dir/stdout" 2>"$dir/stderr"
	status=$?
	[[ $status -eq $expected ]] || bad "$file: exit status $status, not $expected"
	grep -Eq -- "$pattern" "$dir/stdout" || bad "$file: no '$pattern' in: $(cat "$dir/stdout")"
}

examine 0 '^9 passed, 0 warnings, 0 failed$' healthy.txt
examine 1 '^WARN  link width +x8; wanted: x16$' half-width.txt
examine 1 '^WARN  link speed +2.5 GT/s; wanted: 8 GT/s$' half-width.txt
examine 1 '^PASS  ordering +relaxed ordering on, off while a port is open$' half-width.txt
examine 1 'setpci -s 0000:01:00.0 COMMAND=0:4' master-left-on.txt
examine 2 '^FAIL  BAR0 +not assigned' unassigned.txt
examine 2 'echo 1 >/sys/bus/pci/rescan' unassigned.txt
examine 2 '^FAIL  card +none;' wrong-device.txt
examine 2 '^FAIL  card +0000:01:00.0, 10ee:9038' wrong-device.txt --engine pci:01:00.0
examine 2 '^FAIL  card +0000:01:00.0, ffff:ffff' link-down.txt --engine pci:01:00.0

# The same list as JSON.
examine 1 '"verdict": "WARN"' half-width.txt --json
python3 - "$dir/stdout" <<'PYTHON' || bad "doctor --json is not as it should be"
import json, sys
found = json.load(open(sys.argv[1]))
checks = {c["check"]: c for c in found["checks"]}
sys.exit(checks["link width"]["measured"] != "x8" or checks["card"]["verdict"] != "PASS" or len(checks) != 9)
PYTHON

# This machine, whatever it is, and nobody in particular looking at it.
"$firebreak" doctor >"$dir/stdout"
[[ $? -le 2 ]] || bad "doctor did not end"
grep -Eq '^[0-9]+ passed, [0-9]+ warnings, [0-9]+ failed$' "$dir/stdout" || bad "doctor counts nothing"
grep -q '  kernel  ' "$dir/stdout" || bad "doctor does not look at the host"

# A recorded machine, with nothing recorded.
mkdir -p "$dir/machine/sys/bus/pci/devices"
"$firebreak" doctor --root "$dir/machine" >"$dir/stdout"
grep -q '^WARN  kernel  *unknown' "$dir/stdout" || bad "doctor --root looks elsewhere"

# The engine is there, and says what is wrong with what it is asked for.
run=("$firebreak" run --rules binance-usdm --marks "gen:crash,seed=1,minutes=1" --accounts "gen:20,seed=1" --out "$dir/o")
fails 1 'no device at ffff:ff:1f.7.*firebreak doctor' "${run[@]}" --engine pci:ffff:ff:1f.7
fails 1 "expected pci:BDF.*found 'access=uio'" "${run[@]}" --engine pci:auto,access=uio

fails 2 "found 'model:'" "$firebreak" doctor --engine model:
fails 2 "found 'ring=3'" "$firebreak" doctor --engine pci:auto,ring=3
finish
