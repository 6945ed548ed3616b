/* See pci_memory.h. */
#include "pci_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include <firebreak/layout.h>

#define PAGE 4096u
#define HUGE_PAGE (2u << 20)
#define HUGE_SHIFT (21 << MAP_HUGE_SHIFT) /* asks for pages of 2^21 bytes */

static size_t round_up(size_t bytes, size_t to)
{
	return (bytes + to - 1) / to * to;
}

static int no_huge_page(struct fb_os *os, struct fb_error *error)
{
	char free_pages[32];
	int err = fb_os_line(os, "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages",
			     free_pages, sizeof(free_pages));
	return fb_error_set(error, -ENOMEM,
			    "no huge page for the record ring: dma=pagemap needs one free 2 MiB "
			    "page, found %s; as root: sysctl vm.nr_hugepages=4; or take ring=%d, "
			    "which does without",
			    err ? "none" : free_pages, FB_RING_BITS_LEAST);
}

/* Compaction moves locked pages too, unless it is told not to; the card would go on writing where
 * the page was. */
static int check_moving(struct fb_os *os, struct fb_error *error)
{
	char allowed[16];
	if (fb_os_line(os, "/proc/sys/vm/compact_unevictable_allowed", allowed, sizeof(allowed)) ||
	    strcmp(allowed, "0") == 0)
		return 0;
	return fb_error_set(error, -ENOMEM,
			    "dma=pagemap in a normal page, which the kernel may move while "
			    "the card writes to it; as root: sysctl "
			    "vm.compact_unevictable_allowed=0, or sysctl vm.nr_hugepages=4 for a "
			    "huge page, which stays");
}

static int get(struct fb_os *os, size_t bytes, int flags, struct fb_pci_memory *out)
{
	out->bytes = bytes;
	return os->map(os, -1, bytes, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE | flags, 0,
		       &out->base);
}

int fb_pci_memory_get(struct fb_os *os, uint32_t ring_bits, bool contiguous,
		      struct fb_pci_memory *out, struct fb_error *error)
{
	memset(out, 0, sizeof(*out));
	out->ring_bytes = (size_t)64 << ring_bits;
	size_t bytes = out->ring_bytes + PAGE;
	bool one_page = out->ring_bytes <= PAGE;
	if (contiguous && bytes > HUGE_PAGE)
		return fb_error_set(error, -EINVAL,
				    "dma=pagemap: a ring of 2^%u records is more than one 2 MiB "
				    "page; ring=14 is the largest that fits",
				    ring_bits);
	int err = get(os, round_up(bytes, HUGE_PAGE), MAP_HUGETLB | HUGE_SHIFT, out);
	out->huge = !err;
	if (err && contiguous && !one_page)
		return no_huge_page(os, error);
	if (err && contiguous && check_moving(os, error))
		return -ENOMEM;
	if (err)
		err = get(os, bytes, 0, out);
	if (err)
		return fb_error_set(error, err, "no memory for the record ring, %zu bytes: %s",
				    bytes, strerror(-err));
	err = os->pin(os, out->base, out->bytes);
	if (err)
		return fb_error_set(error, err,
				    "%zu KiB for the record ring cannot be locked: %s; raise the "
				    "limit: ulimit -l unlimited, or LimitMEMLOCK=infinity in the "
				    "unit",
				    out->bytes >> 10, strerror(-err));
	return 0;
}

/* One entry of the page map: bit 63 present, bits 54..0 the frame, 0 to who may not see it. */
static int physical(struct fb_os *os, int fd, const void *at, uint64_t *out)
{
	uint64_t entry = 0, address = (uintptr_t)at;
	int err = os->read_at(os, fd, &entry, sizeof(entry), address / PAGE * sizeof(entry));
	if (err)
		return err;
	uint64_t frame = entry & ((UINT64_C(1) << 55) - 1);
	if (!(entry >> 63) || frame == 0)
		return -EACCES;
	*out = frame * PAGE;
	return 0;
}

static int look_up(struct fb_os *os, struct fb_pci_memory *memory)
{
	const char *base = memory->base;
	int fd = os->open(os, "/proc/self/pagemap", O_RDONLY);
	if (fd < 0)
		return fd;
	int err = physical(os, fd, base, &memory->ring_bus);
	if (!err)
		err = physical(os, fd, base + memory->ring_bytes, &memory->status_bus);
	os->close(os, fd);
	/* A huge page is one piece; if it were not, nothing may be written to it. */
	if (!err && memory->huge && memory->status_bus != memory->ring_bus + memory->ring_bytes)
		err = -EFAULT;
	return err;
}

int fb_pci_memory_physical(struct fb_os *os, struct fb_pci_memory *memory, struct fb_error *error)
{
	int err = look_up(os, memory);
	if (err)
		return fb_error_set(error, err,
				    "dma=pagemap: /proc/self/pagemap does not tell physical "
				    "addresses (%s); run as root, or better bind the card to "
				    "vfio-pci and take dma=iova",
				    strerror(-err));
	return 0;
}

void fb_pci_memory_put(struct fb_os *os, struct fb_pci_memory *memory)
{
	if (memory->base)
		os->unmap(os, memory->base, memory->bytes);
	memory->base = NULL;
}
