/* Arguments of `pci:` (pci_port.h), and the address of a PCI function in its spellings. */
#ifndef FIREBREAK_PCI_ARGS_H
#define FIREBREAK_PCI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/error.h>

#include "emit.h"

struct fb_bdf {
	uint32_t domain;
	uint8_t bus, device, function;
};

enum fb_pci_access { FB_ACCESS_AUTO, FB_ACCESS_SYSFS, FB_ACCESS_VFIO };
enum fb_pci_dma { FB_DMA_AUTO, FB_DMA_IOVA, FB_DMA_PAGEMAP };

struct fb_pci_args {
	bool any; /* no address: the only card there is */
	struct fb_bdf bdf;
	enum fb_pci_access access;
	enum fb_emit emit;
	enum fb_pci_dma dma;
	uint32_t ring_bits;
};

#define FB_BDF_ROOM 24
#define FB_PCI_RING_BITS 14 /* 1 MiB: with the status line inside one 2 MiB page */

/* 01:00.0, 0000:01:00.0, 1:0.0, 01:00, or a path that goes through such a folder. */
bool fb_bdf_parse(const char *text, struct fb_bdf *out);
/* As sysfs spells it: 0000:01:00.0 */
void fb_bdf_print(const struct fb_bdf *bdf, char out[FB_BDF_ROOM]);

/* "BDF,key=value,..."; 0 or -EINVAL. */
int fb_pci_args_parse(const char *text, struct fb_pci_args *out, struct fb_error *error);
/* Canonical form, with "pci:" and the address given. */
void fb_pci_args_print(const struct fb_pci_args *args, const char *bdf, char *out, size_t size);

#endif
