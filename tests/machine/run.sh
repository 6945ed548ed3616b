#!/usr/bin/env bash
# A whole machine: Debian's QEMU (emulating the processor) boots a Debian kernel, with the card's process behind it.
#
# usage: run.sh PHASE...
#
#   vfio   the protocol with a trivial device, and VFIO in the guest against QEMU's edu device
#   card   firebreak against the Verilated card: info, doctor, bad inputs, a crash equal to that of model
#
# A line PASS or FAIL for each thing seen, with what the machine said in build/machine/PHASE.log. Exit status 77, with a text,
# when the emulator or a kernel is missing.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
out=build/machine
machine=build/tests/machine
failures=0 passes=0

pass() { echo "PASS $*"; passes=$((passes + 1)); }
fail() { echo "FAIL $*"; failures=$((failures + 1)); }

command -v qemu-system-x86_64 >/dev/null || {
	echo "machine: qemu-system-x86_64 is not installed; cure: make setup; skipped"
	exit 77
}
[[ -x $machine ]] || { echo "$machine is missing: run make test-build"; exit 1; }
[[ $# -gt 0 ]] || { sed -n '4,7s/^# *//p' "$0" >&2; exit 2; }
tests/machine/image.sh || exit

# boot PHASE SECONDS KERNEL-ARGUMENTS -- [MACHINE-OPTION...] -- [QEMU-OPTION...]: runs a phase and counts what it says.
boot() {
	local phase=$1 seconds=$2 append=$3 log=$out/$1.log status began=$SECONDS options=()
	shift 4
	while [[ $1 != -- ]]; do options+=("$1"); shift; done
	shift
	"$machine" --seconds "$seconds" "${options[@]}" -- qemu-system-x86_64 -accel tcg -cpu max -smp 1 -m 768 \
		-object memory-backend-memfd,id=ram,size=768M,share=on -machine q35,memory-backend=ram \
		-nographic -nodefaults -no-reboot -serial stdio -kernel "$out/vmlinuz" -initrd "$out/initramfs" \
		-append "console=ttyS0 quiet panic=-1 mitigations=off clocksource=hpet no_timer_check phase=$phase $append" \
		-device pcie-root-port,id=card_slot,x-speed=8,x-width=16 "$@" >"$log" 2>&1
	status=$?
	while read -r line; do
		case $line in
		PASS*) pass "${line#PASS }" ;;
		*) fail "${line#FAIL }" ;;
		esac
	done < <(sed -n 's/^ *[0-9.]* guest| = \(PASS\|FAIL\)/\1/p' "$log")
	if [[ $status -ne 0 ]]; then
		fail "$phase: the machine ended with status $status after $((SECONDS - began)) s; the end of $log:"
		tail -n 15 "$log" | sed 's/^/     | /'
	elif ! grep -q "guest| DONE $phase" "$log"; then
		fail "$phase: the guest did not come to its end; see $log"
	else
		pass "$phase: the machine ran to its end, $((SECONDS - began)) s"
	fi
}

vfio() {
	boot vfio 100 "intel_iommu=on hugepages=8" -- --device fake -- -device intel-iommu,intremap=on,caching-mode=on \
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
	if [[ $equal -eq 15 ]]; then
		pass "$1: orders, events, records and hashes are those of model: 6 files, 9 numbers"
	else
		fail "$1: expected 15 files and numbers equal to those of model, found $equal"
	fi
}

card() {
	model
	local words=${job[*]}
	boot card 240 "hugepages=16 job=${words// /+}" -- --device card -- -device x-pci-proxy-dev,bus=card_slot,fd=3
	same card
}

for phase; do
	case $phase in
	vfio | card) "$phase" ;;
	*) echo "run.sh: no such phase: $phase" >&2; exit 2 ;;
	esac
done
echo "$passes passed, $failures failed, kernel $(cat "$out/kernel.version")"
[[ $failures -eq 0 && $passes -gt 0 ]]
