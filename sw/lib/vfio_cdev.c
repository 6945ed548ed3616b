/* VFIO by the device's own file and an iommufd: see vfio.h. */
#include "vfio_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "pci_kernel.h"

#define PATH_ROOM 192

/* /sys/bus/pci/devices/BDF/vfio-dev/vfio0 names /dev/vfio/devices/vfio0. */
static int name_file(const struct fb_os *os, const char *bdf, char *out, size_t size)
{
	char path[PATH_ROOM], full[2 * PATH_ROOM];
	int err = -ENOENT;
	fb_pci_file(bdf, "vfio-dev", path, sizeof(path));
	if (fb_os_path(os, full, sizeof(full), path))
		return -ENOENT;
	DIR *folder = opendir(full);
	for (struct dirent *e; folder && err && (e = readdir(folder));)
		if (strncmp(e->d_name, "vfio", 4) == 0)
			err = (size_t)snprintf(out, size, "/dev/vfio/devices/%s", e->d_name) < size
				      ? 0
				      : -ENOENT;
	if (folder)
		closedir(folder);
	return err;
}

int fb_vfio_cdev_file(const struct fb_os *os, const char *bdf, char *out, size_t size)
{
	if (name_file(os, bdf, out, size) || !fb_os_exists(os, "/dev/iommu"))
		return -ENOENT;
	return fb_os_exists(os, out) ? 0 : -ENOENT;
}

static void learn_ranges(struct fb_vfio *v)
{
	struct fb_iommu_ranges ask = { .bytes = sizeof(ask),
				       .space = v->space,
				       .n = FB_VFIO_RANGES,
				       .array = (uintptr_t)v->range };
	if (v->os->ioctl(v->os, v->container, FB_IOMMU_IOAS_IOVA_RANGES, &ask) >= 0)
		v->ranges = ask.n < FB_VFIO_RANGES ? ask.n : FB_VFIO_RANGES;
}

int fb_vfio_cdev_open(struct fb_vfio *v, const char *bdf, struct fb_error *error)
{
	struct fb_os *os = v->os;
	char file[64];
	if (fb_vfio_cdev_file(os, bdf, file, sizeof(file)))
		return -ENOENT;
	v->cdev = true;
	v->container = os->open(os, "/dev/iommu", O_RDWR);
	if (v->container < 0)
		return fb_vfio_denied(error, v->container, "/dev/iommu", bdf);
	v->device = os->open(os, file, O_RDWR);
	if (v->device < 0)
		return fb_vfio_denied(error, v->device, file, bdf);
	struct fb_vfio_bind bind = { .bytes = sizeof(bind), .iommufd = v->container };
	int err = os->ioctl(os, v->device, FB_VFIO_BIND_IOMMUFD, &bind);
	if (err < 0)
		return fb_vfio_denied(error, err, file, bdf);
	struct fb_iommu_alloc alloc = { .bytes = sizeof(alloc) };
	err = os->ioctl(os, v->container, FB_IOMMU_IOAS_ALLOC, &alloc);
	struct fb_vfio_attach attach = { .bytes = sizeof(attach), .space = alloc.space };
	if (err >= 0)
		err = os->ioctl(os, v->device, FB_VFIO_ATTACH_IOMMUFD_PT, &attach);
	if (err < 0)
		return fb_error_set(error, err, "%s: no address space from /dev/iommu: %s", bdf,
				    strerror(-err));
	v->space = alloc.space;
	learn_ranges(v);
	return 0;
}

int fb_vfio_cdev_map(const struct fb_vfio *v, void *memory, size_t bytes, uint64_t iova)
{
	struct fb_iommu_map map = { .bytes = sizeof(map),
				    .flags = FB_IOMMU_FIXED | FB_IOMMU_WRITE | FB_IOMMU_READ,
				    .space = v->space,
				    .memory = (uintptr_t)memory,
				    .length = bytes,
				    .iova = iova };
	int err = v->os->ioctl(v->os, v->container, FB_IOMMU_IOAS_MAP, &map);
	return err < 0 ? err : 0;
}

int fb_vfio_cdev_unmap(const struct fb_vfio *v, size_t bytes, uint64_t iova)
{
	struct fb_iommu_unmap unmap = { .bytes = sizeof(unmap),
					.space = v->space,
					.iova = iova,
					.length = bytes };
	int err = v->os->ioctl(v->os, v->container, FB_IOMMU_IOAS_UNMAP, &unmap);
	return err < 0 ? err : 0;
}
