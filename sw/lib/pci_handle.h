/* An opened card, by sysfs or VFIO: its configuration space, its BARs, and addresses under which it
 * sees host memory. Between pci_port.c and the two ways there. */
#ifndef FIREBREAK_PCI_HANDLE_H
#define FIREBREAK_PCI_HANDLE_H

#include <firebreak/cards.h>

#include "pci_memory.h"
#include "vfio.h"

struct fb_pci_handle;

struct fb_pci_handle_ops {
	const char *name; /* as access= has it */
	int (*config_read)(struct fb_pci_handle *handle, uint32_t offset, uint16_t *value);
	int (*config_write)(struct fb_pci_handle *handle, uint32_t offset, uint16_t value);
	/* bar 0 or 2; combining: the write-combining mapping of bar 2. */
	int (*map)(struct fb_pci_handle *handle, int bar, size_t bytes, bool combining, void **out,
		   struct fb_error *error);
	/* Fills the bus addresses of memory. */
	int (*reach)(struct fb_pci_handle *handle, struct fb_pci_memory *memory,
		     struct fb_error *error);
	void (*close)(struct fb_pci_handle *handle);
};

struct fb_pci_handle {
	const struct fb_pci_handle_ops *ops;
	struct fb_os *os;
	char bdf[24];
	bool combining;               /* there is a write-combining mapping of BAR2 */
	int resource0, config;        /* sysfs */
	struct fb_vfio vfio;
	uint64_t config_offset;
};

/* Both leave nothing open on an error. */
int fb_pci_sysfs_open(struct fb_os *os, const struct fb_pci_card *card, struct fb_pci_handle *out,
		      struct fb_error *error);
int fb_pci_vfio_open(struct fb_os *os, const struct fb_pci_card *card, struct fb_pci_handle *out,
		     struct fb_error *error);

#endif
