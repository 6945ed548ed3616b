/* See vfio.h. */
#include "vfio_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pci_kernel.h"

#define GIB4 (UINT64_C(1) << 32)
#define ALIGN (UINT64_C(2) << 20)
#define PATH_ROOM 192

int fb_vfio_denied(struct fb_error *error, int err, const char *path, const char *bdf)
{
	if (err == -EACCES || err == -EPERM)
		return fb_error_set(error, -EACCES,
				    "%s: no permission to open %s; run as root, or as root: chown "
				    "$USER %s",
				    bdf, path, path);
	if (err == -EBUSY)
		return fb_error_set(error, -EBUSY,
				    "%s is busy: another process holds %s; fuser -v %s names it",
				    bdf, path, path);
	if (err == -ENOENT)
		return fb_error_set(error, -ENODEV,
				    "%s: %s does not exist; bind the card: modprobe vfio-pci; echo "
				    "vfio-pci >/sys/bus/pci/devices/%s/driver_override; echo %s "
				    ">/sys/bus/pci/drivers_probe",
				    bdf, path, bdf, bdf);
	return fb_error_set(error, err, "%s: %s: %s", bdf, path, strerror(-err));
}

/* ---- the group in a container ---- */

static int open_container(struct fb_vfio *v, const char *bdf, struct fb_error *error)
{
	struct fb_os *os = v->os;
	v->container = os->open(os, "/dev/vfio/vfio", O_RDWR);
	if (v->container < 0)
		return fb_vfio_denied(error, v->container, "/dev/vfio/vfio", bdf);
	int version = os->ioctl(os, v->container, VFIO_GET_API_VERSION, NULL);
	if (version != VFIO_API_VERSION)
		return fb_error_set(error, -ENOTSUP, "VFIO: expected version %d, found %d",
				    VFIO_API_VERSION, version);
	if (os->ioctl(os, v->container, VFIO_CHECK_EXTENSION, (void *)VFIO_TYPE1v2_IOMMU) != 1)
		return fb_error_set(error, -ENOTSUP,
				    "VFIO has no IOMMU of type 1; as root: modprobe "
				    "vfio_iommu_type1");
	return 0;
}

static int open_group(struct fb_vfio *v, const char *bdf, struct fb_error *error)
{
	struct fb_os *os = v->os;
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char path[PATH_ROOM], number[32], group[64];
	fb_pci_file(bdf, "iommu_group", path, sizeof(path));
	if (fb_os_link(os, path, number, sizeof(number)))
		return fb_error_set(error, -ENOTSUP,
				    "%s is behind no IOMMU: switch VT-d or AMD-Vi on in the "
				    "firmware and boot with intel_iommu=on (AMD: it is on); "
				    "without one only access=sysfs,dma=pagemap is left",
				    bdf);
	snprintf(group, sizeof(group), "/dev/vfio/%s", number);
	v->group = os->open(os, group, O_RDWR);
	if (v->group < 0)
		return fb_vfio_denied(error, v->group, group, bdf);
	int err = os->ioctl(os, v->group, VFIO_GROUP_GET_STATUS, &status);
	if (err < 0)
		return fb_error_set(error, err, "%s: state of IOMMU group %s: %s", bdf, number,
				    strerror(-err));
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return fb_error_set(error, -EBUSY,
				    "%s shares IOMMU group %s with devices that other drivers "
				    "have; bind all of them to vfio-pci: ls "
				    "/sys/kernel/iommu_groups/%s/devices",
				    bdf, number, number);
	return 0;
}

/* The ranges stand somewhere behind the structure, in a chain of capabilities; what the kernel
 * writes is not trusted to be in order. */
static void read_ranges(struct fb_vfio *v, const uint8_t *bytes, size_t size, uint32_t at)
{
	struct vfio_iommu_type1_info_cap_iova_range cap;
	for (int hops = 0; at && hops < 64; hops++) {
		if (at > size || size - at < sizeof(cap))
			return;
		memcpy(&cap, bytes + at, sizeof(cap));
		if (cap.header.id == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE)
			break;
		at = cap.header.next;
	}
	if (!at || cap.header.id != VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE)
		return;
	size_t n = (size - at - sizeof(cap)) / sizeof(struct vfio_iova_range);
	n = cap.nr_iovas < n ? cap.nr_iovas : n;
	for (size_t i = 0; i < n && i < FB_VFIO_RANGES; i++) {
		struct vfio_iova_range r;
		memcpy(&r, bytes + at + sizeof(cap) + i * sizeof(r), sizeof(r));
		v->range[v->ranges++] = (struct fb_vfio_range){ r.start, r.end };
	}
}

static void learn_ranges(struct fb_vfio *v)
{
	union {
		struct vfio_iommu_type1_info info;
		uint8_t bytes[4096];
	} room;
	memset(&room, 0, sizeof(room));
	room.info.argsz = sizeof(room);
	if (v->os->ioctl(v->os, v->container, VFIO_IOMMU_GET_INFO, &room) == 0 &&
	    (room.info.flags & VFIO_IOMMU_INFO_CAPS) && room.info.argsz <= sizeof(room))
		read_ranges(v, room.bytes, room.info.argsz, room.info.cap_offset);
}

static int group_open(struct fb_vfio *v, const char *bdf, struct fb_error *error)
{
	struct fb_os *os = v->os;
	/* The group first: a card behind no IOMMU is a better reason than a missing module. */
	int err = open_group(v, bdf, error);
	if (!err)
		err = open_container(v, bdf, error);
	if (err)
		return err;
	err = os->ioctl(os, v->group, VFIO_GROUP_SET_CONTAINER, &v->container);
	if (err >= 0)
		err = os->ioctl(os, v->container, VFIO_SET_IOMMU, (void *)VFIO_TYPE1v2_IOMMU);
	if (err < 0)
		return fb_error_set(error, err, "%s: its IOMMU group cannot be set up: %s", bdf,
				    strerror(-err));
	v->device = os->ioctl(os, v->group, VFIO_GROUP_GET_DEVICE_FD, (void *)(uintptr_t)bdf);
	if (v->device < 0)
		return fb_error_set(error, v->device,
				    "%s: VFIO does not give the device: %s; dmesg | grep vfio says "
				    "more",
				    bdf, strerror(-v->device));
	learn_ranges(v);
	return 0;
}

/* ---- what both interfaces share ---- */

int fb_vfio_open(struct fb_os *os, const char *bdf, struct fb_vfio *out, struct fb_error *error)
{
	*out = (struct fb_vfio){ .os = os, .device = -1, .container = -1, .group = -1 };
	int err = fb_vfio_cdev_open(out, bdf, error);
	if (err == -ENOENT) {
		fb_vfio_close(out);
		err = group_open(out, bdf, error);
	}
	if (err)
		fb_vfio_close(out);
	return err;
}

void fb_vfio_close(struct fb_vfio *v)
{
	int *const fds[] = { &v->device, &v->group, &v->container };
	for (size_t i = 0; i < 3; i++) {
		if (*fds[i] >= 0)
			v->os->close(v->os, *fds[i]);
		*fds[i] = -1;
	}
}

int fb_vfio_region(const struct fb_vfio *v, uint32_t index, struct fb_vfio_region *out)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = index };
	int err = v->os->ioctl(v->os, v->device, VFIO_DEVICE_GET_REGION_INFO, &info);
	if (err < 0)
		return err;
	*out = (struct fb_vfio_region){ info.size, info.offset,
					info.flags & VFIO_REGION_INFO_FLAG_MMAP };
	return 0;
}

/* First fit in a range, from `from`. */
static bool fits(const struct fb_vfio_range *r, uint64_t from, uint64_t bytes, uint64_t *iova)
{
	uint64_t first = r->first > from ? r->first : from;
	if (first > UINT64_MAX - ALIGN)
		return false;
	*iova = (first + ALIGN - 1) / ALIGN * ALIGN;
	return *iova >= first && *iova <= r->last && r->last - *iova >= bytes - 1;
}

int fb_vfio_find(const struct fb_vfio *v, uint64_t bytes, uint64_t *iova)
{
	*iova = GIB4;
	if (v->ranges == 0)
		return 0;
	for (size_t i = 0; i < v->ranges; i++)
		if (fits(&v->range[i], GIB4, bytes, iova))
			return 0;
	/* Below 4 GiB; address 0 looks like a mistake and stays free. */
	for (size_t i = 0; i < v->ranges; i++)
		if (fits(&v->range[i], ALIGN, bytes, iova))
			return 0;
	return -ENOSPC;
}

int fb_vfio_map(const struct fb_vfio *v, void *memory, size_t bytes, uint64_t iova)
{
	struct vfio_iommu_type1_dma_map map = { .argsz = sizeof(map),
						.flags = VFIO_DMA_MAP_FLAG_READ |
							 VFIO_DMA_MAP_FLAG_WRITE,
						.vaddr = (uintptr_t)memory,
						.iova = iova,
						.size = bytes };
	if (v->cdev)
		return fb_vfio_cdev_map(v, memory, bytes, iova);
	int err = v->os->ioctl(v->os, v->container, VFIO_IOMMU_MAP_DMA, &map);
	return err < 0 ? err : 0;
}

int fb_vfio_unmap(const struct fb_vfio *v, size_t bytes, uint64_t iova)
{
	struct vfio_iommu_type1_dma_unmap unmap = { .argsz = sizeof(unmap),
						    .iova = iova,
						    .size = bytes };
	if (v->cdev)
		return fb_vfio_cdev_unmap(v, bytes, iova);
	int err = v->os->ioctl(v->os, v->container, VFIO_IOMMU_UNMAP_DMA, &unmap);
	return err < 0 ? err : 0;
}

int fb_vfio_interrupt(const struct fb_vfio *v, uint32_t index, uint32_t vector, int eventfd)
{
	union {
		struct vfio_irq_set set;
		uint8_t bytes[sizeof(struct vfio_irq_set) + sizeof(int32_t)];
	} room;
	int32_t fd = eventfd;
	memset(&room, 0, sizeof(room));
	room.set.argsz = sizeof(room.bytes);
	room.set.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
	room.set.index = index;
	room.set.start = vector;
	room.set.count = 1;
	memcpy(room.bytes + sizeof(struct vfio_irq_set), &fd, sizeof(fd));
	int err = v->os->ioctl(v->os, v->device, VFIO_DEVICE_SET_IRQS, &room);
	return err < 0 ? err : 0;
}
