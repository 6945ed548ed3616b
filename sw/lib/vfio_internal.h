/* Between vfio.c and vfio_cdev.c, and what younger kernels than the headers of this system know:
 * numbers and layouts of linux/iommufd.h (6.2) and linux/vfio.h (6.6). */
#ifndef FIREBREAK_VFIO_INTERNAL_H
#define FIREBREAK_VFIO_INTERNAL_H

#include <linux/vfio.h>

#include "vfio.h"

#define FB_VFIO_BIND_IOMMUFD _IO(VFIO_TYPE, VFIO_BASE + 18)
#define FB_VFIO_ATTACH_IOMMUFD_PT _IO(VFIO_TYPE, VFIO_BASE + 19)
#define FB_IOMMU_IOAS_ALLOC _IO(';', 0x81)
#define FB_IOMMU_IOAS_IOVA_RANGES _IO(';', 0x84)
#define FB_IOMMU_IOAS_MAP _IO(';', 0x85)
#define FB_IOMMU_IOAS_UNMAP _IO(';', 0x86)

struct fb_vfio_bind {
	uint32_t bytes, flags;
	int32_t iommufd;
	uint32_t device_id;
};

struct fb_vfio_attach {
	uint32_t bytes, flags, space;
};

struct fb_iommu_alloc {
	uint32_t bytes, flags, space;
};

struct fb_iommu_ranges {
	uint32_t bytes, space, n, reserved;
	uint64_t array, alignment;
};

enum { FB_IOMMU_FIXED = 1, FB_IOMMU_WRITE = 2, FB_IOMMU_READ = 4 };

struct fb_iommu_map {
	uint32_t bytes, flags, space, reserved;
	uint64_t memory, length, iova;
};

struct fb_iommu_unmap {
	uint32_t bytes, space;
	uint64_t iova, length;
};

/* -ENOENT: this kernel or this device has no such file; the group will do. */
int fb_vfio_cdev_open(struct fb_vfio *vfio, const char *bdf, struct fb_error *error);
int fb_vfio_cdev_map(const struct fb_vfio *vfio, void *memory, size_t bytes, uint64_t iova);
int fb_vfio_cdev_unmap(const struct fb_vfio *vfio, size_t bytes, uint64_t iova);
/* What opening a device file said, in words. */
int fb_vfio_denied(struct fb_error *error, int err, const char *path, const char *bdf);

#endif
