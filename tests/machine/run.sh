#!/usr/bin/env bash
# A whole machine: Debian's QEMU (emulating the processor) boots a Debian kernel, with the card's process behind it.
#
# usage: run.sh PHASE...
#
#   vfio   the protocol with a trivial device, and VFIO in the guest against QEMU's edu device
#   card   firebreak against the Verilated card: info, doctor, selftest, bad inputs, a crash equal to that of model
#   kill   the same crash, and the card's process is killed in its middle: model goes on
#
# A line PASS or FAIL for each thing seen, with what the machine said in build/machine/PHASE.log. Exit status 77, with a text,
# when the emulator or a kernel is missing.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
out=build/machine
machine=${MACHINE:-build/tests/machine}
failures=0 passes=0

pass() { echo "PASS $*"; passes=$((passes + 1)); }
fail() { echo "FAIL $*"; failures=$((failures + 1)); }

command -v qemu-system-x86_64 >/dev/null || {
	echo "machine: qemu-system-x86_64 is not installed; cure: make setup; skipped"
	exit 77
}
[[ -x $machine ]] || { echo "$machine is missing: run make test-build"; exit 1; }
[[ $# -gt 0 ]] || { sed -n '4,8s/^# *//p' "$0" >&2; exit 2; }
tests/machine/image.sh || exit

# boot PHASE SECONDS RESULTS KERNEL-ARGUMENTS -- [MACHINE-OPTION...] -- [QEMU-OPTION...]: runs a phase and counts what it says.
# RESULTS is how many there must be: one that never came is no success.
boot() {
	local phase=$1 seconds=$2 results=$3 append=$4 log=$out/$1.log status began=$SECONDS found=0 options=()
	shift 5
	while [[ $1 != -- ]]; do options+=("$1"); shift; done
	shift
	"$machine" --seconds "$seconds" "${options[@]}" -- qemu-system-x86_64 -accel tcg -cpu max -smp 1 -m 768 \
		-object memory-backend-memfd,id=ram,size=768M,share=on -machine q35,memory-backend=ram \
		-nographic -nodefaults -no-reboot -serial stdio -kernel "$out/vmlinuz" -initrd "$out/initramfs" \
		-append "console=ttyS0 quiet panic=-1 mitigations=off clocksource=hpet no_timer_check phase=$phase $append" \
		-device pcie-root-port,id=card_slot,x-speed=8,x-width=16 "$@" >"$log" 2>&1
	status=$?
	while read -r line; do
		found=$((found + 1))
		case $line in
		PASS*) pass "${line#PASS }" ;;
		*) fail "${line#FAIL }" ;;
		esac
	done < <(sed -n 's/^ *[0-9.]* guest| = \(PASS\|FAIL\)/\1/p' "$log")
	# QEMU 7.2 failed at its own end once in some twenty runs: what counts is that the guest had come to its own.
	if [[ $status -eq 3 ]] && grep -q "guest| DONE $phase" "$log" && grep -q 'guest| .*Power down' "$log"; then
		echo "note $phase: $(grep 'machine: the emulator ended' "$log"), after the guest had powered down"
		status=0
	fi
	if [[ $status -ne 0 ]]; then
		fail "$phase: the machine ended with status $status after $((SECONDS - began)) s; the end of $log:"
		tail -n 15 "$log" | sed 's/^/     | /'
	elif ! grep -q "guest| DONE $phase" "$log"; then
		fail "$phase: the guest did not come to its end; see $log"
	elif [[ $found -ne $results ]]; then
		fail "$phase: expected $results results, found $found; see $log"
	else
		pass "$phase: the machine ran to its end, $((SECONDS - began)) s"
	fi
}

vfio() {
	boot vfio 100 22 "intel_iommu=on hugepages=8" -- --device fake -- -device intel-iommu,intremap=on,caching-mode=on \
		-device edu,dma_mask=0xffffffffffffffff -device x-pci-proxy-dev,bus=card_slot,fd=3
}

# What the guest has to do, and what `model` does with it out here.
# shellcheck disable=SC2054
job=(--rules binance-usdm --marks gen:crash,seed=1,minutes=2 --accounts gen:5000,seed=1,symbols=2)

model() {
	[[ -n ${model_done:-} ]] && return
	model_done=yes
	rm -rf "$out/model"
	FIREBREAK_RULES=sw/rules timeout 120 build/firebreak run --engine model: "${job[@]}" --out "$out/model" \
		>"$out/model.log" 2>&1 ||
		fail "model: the same job outside of the machine; see $out/model.log"
}

# same PHASE: what the guest's run left is equal to what the model's did.
same() {
	local line file sum equal=0
	while read -r sum file; do
		if [[ $sum == "$(sha256sum <"$out/model/$file" | cut -c 1-64)" ]]; then
			equal=$((equal + 1))
		else
			fail "$1: $file differs from that of model"
		fi
	done < <(sed -n 's/^ *[0-9.]* guest| HASH //p' "$out/$1.log")
	while read -r line; do
		if grep -qF -- "$line" "$out/model/summary.json"; then
			equal=$((equal + 1))
		else
			fail "$1: model does not say $line"
		fi
	done < <(sed -n 's/^ *[0-9.]* guest| JSON *//p' "$out/$1.log")
	if [[ $equal -eq 16 ]]; then
		pass "$1: orders, events, records and hashes are those of model: 7 files, 9 numbers"
	else
		fail "$1: expected 16 files and numbers equal to those of model, found $equal"
	fi
}

card() {
	model
	local words=${job[*]}
	boot card 420 15 "hugepages=16 job=${words// /+}" -- --device card -- -device x-pci-proxy-dev,bus=card_slot,fd=3
	same card
}

kill_card() {
	model
	local words=${job[*]}
	boot kill 300 3 "hugepages=16 patience=1000 job=${words// /+}" -- --device card --kill-after 22000 -- \
		-device x-pci-proxy-dev,bus=card_slot,fd=3
	same kill
	seen_within 4000
}

# The driver gives up on a silent status line after 2 ms times patience, which is 2 s here; then it closes the card, and the
# emulator complains that it cannot pass that on. The rest is for a busy machine.
seen_within() { # MILLISECONDS
	local killed gone
	killed=$(sed -n 's/^ *\([0-9]*\)[.]\([0-9]*\) card| card: killed/\1\2/p' "$out/kill.log" | head -n 1)
	gone=$(sed -n 's/^ *\([0-9]*\)[.]\([0-9]*\) qemu| .*perform PCI config.*/\1\2/p' "$out/kill.log" | head -n 1)
	if [[ -z $killed || -z $gone ]]; then
		fail "kill: when the card died, or when that was seen, is not in $out/kill.log"
	elif ((10#$gone - 10#$killed > $1)); then
		fail "kill: seen after $((10#$gone - 10#$killed)) ms, expected $1 at most"
	else
		pass "kill: seen after $((10#$gone - 10#$killed)) ms, $1 allowed"
	fi
}

for phase; do
	case $phase in
	vfio | card) "$phase" ;;
	kill) kill_card ;;
	*) echo "run.sh: no such phase: $phase" >&2; exit 2 ;;
	esac
done
echo "$passes passed, $failures failed, kernel $(cat "$out/kernel.version")"
[[ $failures -eq 0 && $passes -gt 0 ]]
