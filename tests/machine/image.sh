#!/usr/bin/env bash
# Makes what the machine boots: build/machine/vmlinuz and build/machine/initramfs.
#
# usage: image.sh
#
# The kernel is Debian's: that of KERNEL=FOLDER (with boot/ and lib/modules/), or one taken before, or one installed here,
# or the package of the cloud kernel, fetched by apt and unpacked below build/, so that no system is changed. The initramfs
# holds busybox, the programs built here and the libraries they need, the rule packs, and tests/machine/guest/*.sh.
# Exit status 77, with a text, when there is no kernel.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=build/machine
mkdir -p "$out"
# Two phases may start at once.
exec 9>"$out/lock"
flock 9

# kernel_of FOLDER: its newest kernel that has the modules.
kernel_of() {
	local image version
	for image in $(printf '%s\n' "$1"/boot/vmlinuz-*-amd64 | sort -rV); do
		version=${image##*/vmlinuz-}
		[[ -r $image && -e $1/lib/modules/$version/kernel/drivers/vfio/pci/vfio-pci.ko ]] || continue
		echo "$image"
		return 0
	done
	return 1
}

fetch() {
	local name
	name=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null |
		sed -n 's/.*Depends: \(linux-image-[0-9]\)/\1/p' | head -n 1)
	[[ -n $name ]] || return 1
	rm -rf "$out/fetch"
	mkdir -p "$out/fetch"
	(cd "$out/fetch" && timeout 120 apt-get -q -o Acquire::Retries=2 download "$name") >"$out/fetch.log" 2>&1 || return 1
	dpkg-deb -x "$out/fetch"/*.deb "$out/kernel"
	rm -rf "$out/fetch"
}

find_kernel() {
	if [[ -n ${KERNEL:-} ]]; then kernel_of "$KERNEL"; return; fi
	kernel_of "$out/kernel" || kernel_of "" || { fetch && kernel_of "$out/kernel"; }
}

# add FILE [NAME]: a program with the libraries it is linked to.
add() {
	local library
	install -D "$1" "$root/bin/${2:-$(basename "$1")}"
	for library in $(ldd "$1" 2>/dev/null | grep -o '/[^ ]*'); do
		[[ -e $root$library ]] || install -D "$library" "$root$library"
	done
}

add_modules() { # VERSION FOLDER
	local name file
	mkdir -p "$root/modules"
	for name in irqbypass vfio vfio_virqfd vfio_iommu_type1 vfio-pci-core vfio-pci uio uio_pci_generic; do
		file=$(find "$2/lib/modules/$1" -name "$name.ko" | head -n 1)
		if [[ -n $file ]]; then cp "$file" "$root/modules/"; fi
	done
}

kernel=$(find_kernel) || {
	echo "machine: no Debian kernel here, and apt could not fetch linux-image-cloud-amd64; cure: apt-get update; skipped"
	exit 77
}
for tool in busybox cpio; do
	command -v "$tool" >/dev/null || { echo "machine: $tool is not installed; cure: make setup; skipped"; exit 77; }
done
root=$out/root
rm -rf "$root"
mkdir -p "$root"/{bin,proc,sys,dev,tmp,etc,share}
add "$(command -v busybox)"
for program in build/firebreak build/tests/guest_*; do add "$program"; done
cp -r sw/rules "$root/share/rules"
cp tests/machine/guest/*.sh "$root/"
install tests/machine/guest/init.sh "$root/init"
add_modules "${kernel##*/vmlinuz-}" "${kernel%/boot/*}"
cp "$kernel" "$out/vmlinuz.new"
(cd "$root" && find . | cpio --quiet -o -H newc) | gzip -1 >"$out/initramfs.new"
mv "$out/vmlinuz.new" "$out/vmlinuz"
mv "$out/initramfs.new" "$out/initramfs"
echo "${kernel##*/vmlinuz-}" >"$out/kernel.version"
