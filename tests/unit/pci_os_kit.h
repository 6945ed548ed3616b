/* A system that counts what is open, fails at the call it is told to, and plays the kernel's part
 * of huge pages, the page map and VFIO. Everything else is the recorded tree of pci_kit.h. */
#ifndef PCI_OS_KIT_H
#define PCI_OS_KIT_H

#include <linux/vfio.h>
#include <sys/mman.h>

#include "../../sw/lib/os.h"
#include "../../sw/lib/vfio_internal.h"
#include "pci_kit.h"

#define FAKE_FILES 64
#define FAKE_BAR0 UINT64_C(0)
#define FAKE_BAR2 UINT64_C(0x100000)
#define FAKE_CONFIG UINT64_C(0x200000)
#define FAKE_FRAME UINT64_C(0x4000000) /* first frame number of the page map */

enum fake_file { FILE_NONE, FILE_PLAIN, FILE_PAGEMAP, FILE_CONTAINER, FILE_GROUP, FILE_DEVICE };

struct fake_vfio {
	bool viable, type1;
	bool contained, iommu, bound, attached; /* what was set up so far */
	uint64_t bar0_bytes, bar2_bytes;
	bool mappable, busy, narrow; /* narrow: addresses below 4 GiB only */
	int map_error;
	void *memory;
	uint64_t iova, length; /* what is mapped for the device */
	uint32_t irq_index, irq_vector;
	int irq_fd;
};

struct fake_os {
	struct fb_os os; /* first */
	struct fb_os real;
	int calls, fail_at, fail_with;
	int maps;
	enum fake_file file[FAKE_FILES];
	int huge_pages;
	bool frames_hidden;
	size_t pinned;
	/* in order: '-' bus mastering written off, '+' on, 'o' relaxed ordering off, 'r' on, 'B' a
	 * BAR mapped, 'M' memory mapped, 'u' anything unmapped, 'c' a file closed */
	char story[128];
	size_t told;
	struct fake_vfio vfio;
};

static inline struct fake_os *fake_of(struct fb_os *os)
{
	return (struct fake_os *)(void *)os;
}

static inline void fake_tell(struct fake_os *f, char what)
{
	if (f->told + 1 < sizeof(f->story))
		f->story[f->told++] = what;
}

static inline int fake_step(struct fake_os *f)
{
	return f->calls++ == f->fail_at ? f->fail_with : 0;
}

static inline int fake_files(const struct fake_os *f)
{
	int n = 0;
	for (int i = 0; i < FAKE_FILES; i++)
		n += f->file[i] != FILE_NONE;
	return n;
}

static inline int fake_keep(struct fake_os *f, int fd, enum fake_file kind)
{
	ck_assert_int_lt(fd, FAKE_FILES);
	if (fd >= 0)
		f->file[fd] = kind;
	return fd;
}

static inline int fake_open(struct fb_os *os, const char *path, int flags)
{
	struct fake_os *f = fake_of(os);
	enum fake_file kind = FILE_PLAIN;
	int err = fake_step(f);
	if (err)
		return err;
	if (strcmp(path, "/proc/self/pagemap") == 0)
		kind = FILE_PAGEMAP;
	else if (strcmp(path, "/dev/vfio/vfio") == 0 || strcmp(path, "/dev/iommu") == 0)
		kind = FILE_CONTAINER;
	else if (strncmp(path, "/dev/vfio/devices/", 18) == 0)
		kind = FILE_DEVICE;
	else if (strncmp(path, "/dev/vfio/", 10) == 0)
		kind = FILE_GROUP;
	if (kind == FILE_GROUP && f->vfio.busy)
		return -EBUSY;
	return fake_keep(f, f->real.open(&f->real, path, flags), kind);
}

static inline int fake_close(struct fb_os *os, int fd)
{
	struct fake_os *f = fake_of(os);
	ck_assert(fd >= 0 && fd < FAKE_FILES && f->file[fd] != FILE_NONE);
	/* What was set up ends with it. */
	if (f->file[fd] == FILE_CONTAINER) {
		f->vfio.contained = f->vfio.iommu = f->vfio.bound = f->vfio.attached = false;
		f->vfio.length = 0;
	}
	f->file[fd] = FILE_NONE;
	fake_tell(f, 'c');
	return f->real.close(&f->real, fd);
}

static inline int fake_read_at(struct fb_os *os, int fd, void *out, size_t length, uint64_t offset)
{
	struct fake_os *f = fake_of(os);
	int err = fake_step(f);
	if (err)
		return err;
	if (f->file[fd] != FILE_PAGEMAP)
		return f->real.read_at(&f->real, fd, out, length, offset);
	uint64_t entry = UINT64_C(1) << 63;
	if (!f->frames_hidden)
		entry |= (FAKE_FRAME + offset / 8) & ((UINT64_C(1) << 55) - 1);
	ck_assert_uint_eq(length, 8);
	memcpy(out, &entry, 8);
	return 0;
}

static inline int fake_write_at(struct fb_os *os, int fd, const void *bytes, size_t length,
				uint64_t offset)
{
	struct fake_os *f = fake_of(os);
	uint16_t value;
	int err = fake_step(f);
	if (err)
		return err;
	ck_assert_uint_eq(length, 2);
	memcpy(&value, bytes, 2);
	if (offset % CONFIG_BYTES == 0x78) {
		fake_tell(f, value & 0x10 ? 'r' : 'o');
	} else {
		ck_assert_uint_eq(offset % CONFIG_BYTES, 4);
		fake_tell(f, value & 4 ? '+' : '-');
	}
	return f->real.write_at(&f->real, fd, bytes, length, offset);
}

static inline int fake_map(struct fb_os *os, int fd, size_t length, int flags, uint64_t offset,
			   void **out)
{
	struct fake_os *f = fake_of(os);
	int err = fake_step(f);
	if (err)
		return err;
	if (flags & MAP_HUGETLB) {
		ck_assert_uint_eq(length % (2 << 20), 0);
		if ((size_t)f->huge_pages * (2 << 20) < length)
			return -ENOMEM;
		flags &= (1 << MAP_HUGE_SHIFT) - 1 - MAP_HUGETLB;
	}
	err = f->real.map(&f->real, fd, length, flags, offset, out);
	f->maps += !err;
	if (!err)
		fake_tell(f, fd < 0 ? 'M' : 'B');
	return err;
}

static inline int fake_unmap(struct fb_os *os, void *memory, size_t length)
{
	struct fake_os *f = fake_of(os);
	f->maps--;
	fake_tell(f, 'u');
	return f->real.unmap(&f->real, memory, length);
}

static inline int fake_lock(struct fb_os *os, int fd)
{
	struct fake_os *f = fake_of(os);
	int err = fake_step(f);
	return err ? err : f->real.lock(&f->real, fd);
}

static inline int fake_pin(struct fb_os *os, void *memory, size_t length)
{
	struct fake_os *f = fake_of(os);
	int err = fake_step(f);
	(void)memory;
	if (!err)
		f->pinned = length;
	return err;
}

/* ---- the kernel's VFIO, with its rules of what comes before what ---- */

static inline int fake_region(struct fake_os *f, struct vfio_region_info *info)
{
	ck_assert_uint_eq(info->argsz, sizeof(*info));
	info->flags = f->vfio.mappable ? VFIO_REGION_INFO_FLAG_MMAP : 0;
	switch (info->index) {
	case 0:
		info->offset = FAKE_BAR0;
		info->size = f->vfio.bar0_bytes;
		return 0;
	case 2:
		info->offset = FAKE_BAR2;
		info->size = f->vfio.bar2_bytes;
		return 0;
	case VFIO_PCI_CONFIG_REGION_INDEX:
		info->offset = FAKE_CONFIG;
		info->size = CONFIG_BYTES;
		return 0;
	default: return -EINVAL;
	}
}

/* As on x86: the window of interrupt messages is no place for memory. */
static inline void fake_ranges(const struct fake_os *f, uint64_t pair[4])
{
	pair[0] = 0;
	pair[1] = 0xfedfffff;
	pair[2] = 0xfef00000;
	pair[3] = f->vfio.narrow ? 0xffffffff : (UINT64_C(1) << 47) - 1;
}

static inline int fake_iommu_info(const struct fake_os *f, struct vfio_iommu_type1_info *info)
{
	struct vfio_iommu_type1_info_cap_iova_range cap = { .nr_iovas = 2 };
	struct vfio_info_cap_header other = { .id = VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL };
	uint8_t *bytes = (uint8_t *)(void *)info;
	uint64_t pair[4];
	ck_assert_uint_ge(info->argsz, 128);
	other.next = 48;
	cap.header.id = VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE;
	fake_ranges(f, pair);
	memcpy(bytes + 24, &other, sizeof(other));
	memcpy(bytes + 48, &cap, sizeof(cap));
	memcpy(bytes + 48 + sizeof(cap), pair, sizeof(pair));
	info->argsz = 48 + sizeof(cap) + sizeof(pair);
	info->flags = VFIO_IOMMU_INFO_CAPS;
	info->cap_offset = 24;
	return 0;
}

static inline int fake_map_dma(struct fake_os *f, uint64_t memory, uint64_t length, uint64_t iova)
{
	uint64_t pair[4];
	fake_ranges(f, pair);
	if (f->vfio.map_error)
		return f->vfio.map_error;
	if (f->vfio.length || iova % 4096 || length % 4096)
		return -EINVAL;
	if (!(iova + length - 1 <= pair[1]) && !(iova >= pair[2] && iova + length - 1 <= pair[3]))
		return -EINVAL;
	f->vfio.memory = (void *)(uintptr_t)memory;
	f->vfio.length = length;
	f->vfio.iova = iova;
	return 0;
}

static inline int fake_unmap_dma(struct fake_os *f, uint64_t length, uint64_t iova)
{
	if (iova != f->vfio.iova || length != f->vfio.length)
		return -EINVAL;
	f->vfio.length = 0;
	return 0;
}

static inline int fake_of_container(struct fake_os *f, unsigned long request, void *argument)
{
	struct fake_vfio *v = &f->vfio;
	switch (request) {
	case VFIO_GET_API_VERSION: return VFIO_API_VERSION;
	case VFIO_CHECK_EXTENSION: return argument == (void *)VFIO_TYPE1v2_IOMMU && v->type1;
	case VFIO_SET_IOMMU: v->iommu = v->contained; return v->contained ? 0 : -ENODEV;
	case VFIO_IOMMU_GET_INFO: return v->iommu ? fake_iommu_info(f, argument) : -ENODEV;
	case VFIO_IOMMU_MAP_DMA: {
		struct vfio_iommu_type1_dma_map *m = argument;
		ck_assert_uint_eq(m->flags, VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE);
		return v->iommu ? fake_map_dma(f, m->vaddr, m->size, m->iova) : -ENODEV;
	}
	case VFIO_IOMMU_UNMAP_DMA: {
		struct vfio_iommu_type1_dma_unmap *m = argument;
		return fake_unmap_dma(f, m->size, m->iova);
	}
	case FB_IOMMU_IOAS_ALLOC: ((struct fb_iommu_alloc *)argument)->space = 77; return 0;
	case FB_IOMMU_IOAS_IOVA_RANGES: {
		struct fb_iommu_ranges *r = argument;
		ck_assert_uint_eq(r->space, 77);
		fake_ranges(f, (uint64_t *)(uintptr_t)r->array);
		r->n = 2;
		return 0;
	}
	case FB_IOMMU_IOAS_MAP: {
		struct fb_iommu_map *m = argument;
		ck_assert_uint_eq(m->bytes, 40);
		ck_assert_uint_eq(m->flags, 7);
		ck_assert_uint_eq(m->space, 77);
		return v->attached ? fake_map_dma(f, m->memory, m->length, m->iova) : -ENODEV;
	}
	case FB_IOMMU_IOAS_UNMAP: {
		struct fb_iommu_unmap *m = argument;
		return fake_unmap_dma(f, m->length, m->iova);
	}
	default: return -ENOTTY;
	}
}

static inline int fake_of_group(struct fake_os *f, unsigned long request, void *argument)
{
	struct fake_vfio *v = &f->vfio;
	switch (request) {
	case VFIO_GROUP_GET_STATUS:
		((struct vfio_group_status *)argument)->flags =
			v->viable ? VFIO_GROUP_FLAGS_VIABLE : 0;
		return 0;
	case VFIO_GROUP_SET_CONTAINER:
		if (f->file[*(int *)argument] != FILE_CONTAINER || !v->viable)
			return -EPERM;
		v->contained = true;
		return 0;
	case VFIO_GROUP_GET_DEVICE_FD:
		if (!v->iommu || strcmp(argument, "0000:01:00.0") != 0)
			return -EINVAL;
		return fake_keep(f, f->real.open(&f->real, "/dev/vfio/devices/vfio0", O_RDWR),
				 FILE_DEVICE);
	default: return -ENOTTY;
	}
}

static inline int fake_of_device(struct fake_os *f, unsigned long request, void *argument)
{
	struct fake_vfio *v = &f->vfio;
	switch (request) {
	case VFIO_DEVICE_GET_REGION_INFO: return fake_region(f, argument);
	case VFIO_DEVICE_SET_IRQS: {
		struct vfio_irq_set *set = argument;
		ck_assert_uint_eq(set->argsz, sizeof(*set) + 4);
		v->irq_index = set->index;
		v->irq_vector = set->start;
		memcpy(&v->irq_fd, set->data, 4);
		return 0;
	}
	case FB_VFIO_BIND_IOMMUFD: {
		struct fb_vfio_bind *bind = argument;
		ck_assert_uint_eq(bind->bytes, 16);
		if (v->busy)
			return -EBUSY;
		v->bound = f->file[bind->iommufd] == FILE_CONTAINER;
		return v->bound ? 0 : -EBADF;
	}
	case FB_VFIO_ATTACH_IOMMUFD_PT: {
		struct fb_vfio_attach *attach = argument;
		ck_assert_uint_eq(attach->bytes, 12);
		v->attached = v->bound && attach->space == 77;
		return v->attached ? 0 : -EINVAL;
	}
	default: return -ENOTTY;
	}
}

static inline int fake_ioctl(struct fb_os *os, int fd, unsigned long request, void *argument)
{
	struct fake_os *f = fake_of(os);
	int err = fake_step(f);
	if (err)
		return err;
	switch (f->file[fd]) {
	case FILE_CONTAINER: return fake_of_container(f, request, argument);
	case FILE_GROUP: return fake_of_group(f, request, argument);
	case FILE_DEVICE: return fake_of_device(f, request, argument);
	default: return -ENOTTY;
	}
}

static inline void fake_init(struct fake_os *f)
{
	memset(f, 0, sizeof(*f));
	fb_os_linux(&f->real);
	f->real.root = kit_root;
	f->os = (struct fb_os){ kit_root,   fake_open,	fake_close, fake_read_at, fake_write_at,
				fake_ioctl, fake_map,	fake_unmap, fake_lock,	  fake_pin };
	f->fail_at = -1;
	f->fail_with = -EIO;
	f->huge_pages = 4;
	f->vfio.viable = f->vfio.type1 = f->vfio.mappable = true;
	f->vfio.bar0_bytes = FB_BAR0_BYTES;
	f->vfio.bar2_bytes = FB_WINDOW_SLOTS * 64;
	kit_line("/proc/self/pagemap", "");
}

/* Nothing is left. */
static inline void fake_empty(const struct fake_os *f)
{
	ck_assert_int_eq(fake_files(f), 0);
	ck_assert_int_eq(f->maps, 0);
}

#endif
