/* What the kernel, and not configuration space, knows of a card. */
#ifndef FIREBREAK_PCI_KERNEL_H
#define FIREBREAK_PCI_KERNEL_H

#include <firebreak/cards.h>

#include "os.h"

/* Fills driver, NUMA node, IOMMU group, error counters, and what of the link the capability did not
 * tell. */
void fb_pci_kernel(const struct fb_os *os, struct fb_pci_card *card);
/* "/sys/bus/pci/devices/BDF/file" into out. */
void fb_pci_file(const char *bdf, const char *file, char *out, size_t size);

#endif
