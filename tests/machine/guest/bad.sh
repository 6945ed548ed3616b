# shellcheck shell=dash disable=SC3043,SC2154
# What a user can have wrong: each must be an error that names the cause and the cure, and leave card and machine as they
# were. Read by card.sh; card is the address of the card.

# state: what an attempt must not change.
state() {
	local d=/sys/bus/pci/devices/$card
	od -An -tx1 "$d/config"
	readlink "$d/driver"
	grep ^HugePages /proc/meminfo
	ls -d /tmp/nothing 2>/dev/null
}

# refused NAME PATTERN URI [USER]: firebreak does not start, says PATTERN, and nothing has changed.
refused() {
	local before after status=0 command
	before=$(state)
	command="firebreak run --engine $3 --rules binance-usdm --marks gen:crash,seed=1,minutes=1 \
		--accounts gen:10,seed=1 --out /tmp/nothing"
	if [ -n "$4" ]; then su -s /bin/sh "$4" -c "$command"; else sh -c "$command"; fi >/tmp/said 2>&1 || status=$?
	after=$(state)
	sed 's/^/  /' /tmp/said
	if [ "$status" != 1 ]; then
		echo "= FAIL $1: status $status"
	elif ! grep -Eq -- "$2" /tmp/said; then
		echo "= FAIL $1: expected a text like $2"
	elif [ "$before" != "$after" ]; then
		echo "= FAIL $1: something was changed"
		echo "$before" >/tmp/before
		echo "$after" | diff /tmp/before -
	else
		echo "= PASS $1"
	fi
}

good=pci:auto,dma=pagemap

refused "bad: no IOMMU, and nothing said about it" "dma=pagemap" pci:auto
refused "bad: VFIO without an IOMMU" "IOMMU|vfio-pci" pci:auto,access=vfio
refused "bad: not a card" "not a Firebreak card" pci:0000:00:1f.2,dma=pagemap
refused "bad: no such device" "no .*(card|device)" pci:0000:05:00.0,dma=pagemap

echo "nobody:x:65534:65534::/:/bin/sh" >/etc/passwd
refused "bad: no permission" "permission.*root|root.*permission" "$good" nobody

pages=$(cat /proc/sys/vm/nr_hugepages)
echo 0 >/proc/sys/vm/nr_hugepages
refused "bad: no huge pages" "no huge page.*nr_hugepages" "$good"
echo "$pages" >/proc/sys/vm/nr_hugepages

insmod /modules/uio.ko
insmod /modules/uio_pci_generic.ko
echo uio_pci_generic >"/sys/bus/pci/devices/$card/driver_override"
echo "$card" >/sys/bus/pci/drivers_probe
result "bad: a driver is bound" test -e "/sys/bus/pci/drivers/uio_pci_generic/$card"
refused "bad: bound to another driver" "uio_pci_generic.*unbind" "$good"
echo "$card" >"/sys/bus/pci/devices/$card/driver/unbind"
echo >"/sys/bus/pci/devices/$card/driver_override"
