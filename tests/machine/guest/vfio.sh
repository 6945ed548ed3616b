# shellcheck shell=sh disable=SC1091
# The trivial device, and VFIO against QEMU's edu device behind an emulated IOMMU. Read by init.sh.

. /fake.sh

for module in irqbypass vfio vfio_virqfd vfio_iommu_type1 vfio-pci-core vfio-pci; do
	if [ -e "/modules/$module.ko" ]; then insmod "/modules/$module.ko"; fi
done
edu=$(device 0x1234 0x11e8)
result "vfio: the edu device is found" test -n "$edu"
echo vfio-pci >"/sys/bus/pci/devices/$edu/driver_override"
echo "$edu" >/sys/bus/pci/drivers_probe
result "vfio: bound" test -e "/sys/bus/pci/drivers/vfio-pci/$edu"
result "vfio: all of it" guest_vfio_edu "$edu"
