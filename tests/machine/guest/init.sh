#!/bin/busybox sh
# shellcheck shell=dash disable=SC3043
#
# The first process of the guest: mounts, runs /PHASE.sh of the kernel's command line (phase=NAME), and ends the machine. What a
# phase prints goes to the serial line. "= PASS" and "= FAIL" begin a result; DONE is printed only when the phase came to its
# end.
/bin/busybox --install -s /bin
export PATH=/bin FIREBREAK_RULES=/share/rules
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mount -t tmpfs -o size=60% none /tmp
echo 1 >/proc/sys/kernel/printk
echo # the firmware leaves half a line
cd /tmp || exit

# argument NAME: the value of NAME= on the command line.
argument() { tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p"; }

# result WHAT COMMAND...: runs it and says how it ended.
result() {
	local what=$1
	shift
	if "$@"; then echo "= PASS $what"; else echo "= FAIL $what: status $?"; fi
}

# device VENDOR ID: the address of a PCI device, such as 0000:01:00.0
device() {
	for d in /sys/bus/pci/devices/*; do
		if [ "$(cat "$d/vendor") $(cat "$d/device")" = "$1 $2" ]; then echo "${d##*/}"; fi
	done
}

# decode BDF: lets the device decode memory and be bus master, as a driver would.
decode() { printf '\006' | dd of="/sys/bus/pci/devices/$1/config" bs=1 seek=4 conv=notrunc 2>/dev/null; }

# hashes: of what a run in /tmp/run left. They are compared outside.
hashes() {
	for file in /tmp/run/*.csv /tmp/run/*.bin; do
		echo "HASH $(sha256sum "$file" | cut -c 1-64) ${file##*/}"
	done
	grep -E '"(records_digest|hash_[a-z]*|orders|records|commands|marks|accounts)"' /tmp/run/summary.json | sed 's/^/JSON/'
}

phase=$(argument phase)
# shellcheck disable=SC1090
. "/$phase.sh"
echo "DONE $phase"
poweroff -f
