/* The port to a card in a machine: what `pci:` opens. card_port.h is what comes out.
 *
 *   pci:BDF[,access=auto|sysfs|vfio][,emit=auto|movdir64b|avx512|wc|uc][,dma=auto|iova|pagemap]
 *       [,ring=BITS]
 *
 * BDF is 0000:01:00.0, 01:00.0, 1:0.0, 01:00, a path below /sys/bus/pci/devices, or auto, which is
 * also what an empty text means: the only card of the machine.
 *
 * access  vfio: the device is bound to vfio-pci and the card writes through the IOMMU. sysfs: no
 *         driver is bound, and whoever calls may write the resource files. auto: what the bound
 *         driver says.
 * emit    how lines are stored to the command window. auto: movdir64b if the processor has it, else
 *         full lines to a write-combining mapping, else 8 bytes at a time, uncached.
 * dma     iova: addresses given by the IOMMU, only with vfio. pagemap: physical addresses from
 *         /proc/self/pagemap, never chosen by itself: nothing but the card's own correctness then
 *         stands between it and all memory. Needs root.
 * ring    log2 of its records; 14 if not said. With pagemap at most 14, in one 2 MiB page; ring=6
 *         does without a huge page if vm.compact_unevictable_allowed is 0.
 *
 * While a port is open its device decodes memory, is bus master and has relaxed ordering off;
 * closing it, and every error on the way to opening it, leaves these registers as they were found.
 * A card that vanishes ends in -ENODEV from the port, not in SIGBUS (guard.h). */
#ifndef FIREBREAK_PCI_PORT_H
#define FIREBREAK_PCI_PORT_H

#include "card_port.h"

/* args: what follows "pci:". 0, or -errno with a text that names the cause and its cure: -EINVAL
 * malformed, -ENODEV no card or not a card of ours, -EBUSY another process has it, or a driver,
 * -EACCES no permission, -ENOMEM no huge page or no locked memory, -ENOTSUP no IOMMU, no such
 * emitter here, or built without libpci. */
int fb_pci_port_open(const char *args, struct fb_card_port **out, struct fb_error *error);

#endif
