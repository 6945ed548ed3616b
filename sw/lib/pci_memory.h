/* Host memory that the card writes: the record ring, and the status line on a page behind it. */
#ifndef FIREBREAK_PCI_MEMORY_H
#define FIREBREAK_PCI_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include <firebreak/error.h>

#include "os.h"

struct fb_pci_memory {
	void *base;
	size_t bytes;       /* what was mapped */
	size_t ring_bytes;  /* the status line follows */
	bool huge;
	uint64_t ring_bus, status_bus; /* filled by fb_pci_memory_physical, or by who maps it */
};

/* Huge pages if the system has free ones; else, unless one piece is needed, normal pages. Touched
 * and locked. contiguous: for physical addresses; then -ENOMEM without a huge page, or -EINVAL when
 * the ring does not fit one. 2^6 records need none, if the kernel promises not to move locked
 * pages. */
int fb_pci_memory_get(struct fb_os *os, uint32_t ring_bits, bool contiguous,
		      struct fb_pci_memory *out, struct fb_error *error);
/* Physical addresses from /proc/self/pagemap. -EACCES without CAP_SYS_ADMIN. */
int fb_pci_memory_physical(struct fb_os *os, struct fb_pci_memory *memory, struct fb_error *error);
/* Also after an error of the other two. */
void fb_pci_memory_put(struct fb_os *os, struct fb_pci_memory *memory);

#endif
