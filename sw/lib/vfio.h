/* A PCI device through VFIO: its regions, memory that it may reach, its interrupts.
 *
 * Two interfaces of the kernel lead there: a device file of its own with iommufd (Linux 6.6 and
 * CONFIG_VFIO_DEVICE_CDEV), which is taken where it exists, and the group in a container.
 *
 * The memory map is one address space of the device; nothing that is not mapped can be reached by
 * it. All of it ends with close, also when the process is killed: the kernel then resets the
 * device. */
#ifndef FIREBREAK_VFIO_H
#define FIREBREAK_VFIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/error.h>

#include "os.h"

#define FB_VFIO_RANGES 32

struct fb_vfio_range {
	uint64_t first, last;
};

struct fb_vfio {
	struct fb_os *os;
	int device, container, group; /* container: of a group, or the iommufd; -1: none */
	bool cdev;
	uint32_t space; /* of the iommufd */
	struct fb_vfio_range range[FB_VFIO_RANGES];
	size_t ranges; /* what may be mapped; 0: the kernel does not say */
};

struct fb_vfio_region {
	uint64_t bytes, offset;
	bool mappable;
};

/* bdf as sysfs spells it. -ENOTSUP: no IOMMU; -EACCES; -EBUSY: another process, or the group is not
 * viable; -ENODEV. Whatever the outcome, what was opened is either in *out or closed. */
int fb_vfio_open(struct fb_os *os, const char *bdf, struct fb_vfio *out, struct fb_error *error);
void fb_vfio_close(struct fb_vfio *vfio);

/* The device's own file in /dev/vfio/devices, if it has one and there is an iommufd; -ENOENT. */
int fb_vfio_cdev_file(const struct fb_os *os, const char *bdf, char *out, size_t size);

/* index: VFIO_PCI_*_REGION_INDEX */
int fb_vfio_region(const struct fb_vfio *vfio, uint32_t index, struct fb_vfio_region *out);
/* An address for `bytes` that every IOMMU takes: aligned to 2 MiB, above 4 GiB if there is room
 * there. -ENOSPC. */
int fb_vfio_find(const struct fb_vfio *vfio, uint64_t bytes, uint64_t *iova);
int fb_vfio_map(const struct fb_vfio *vfio, void *memory, size_t bytes, uint64_t iova);
int fb_vfio_unmap(const struct fb_vfio *vfio, size_t bytes, uint64_t iova);
/* Vector `vector` of interrupt `index` (VFIO_PCI_*_IRQ_INDEX) adds one to an eventfd; -1: no more.
 */
int fb_vfio_interrupt(const struct fb_vfio *vfio, uint32_t index, uint32_t vector, int eventfd);

#endif
