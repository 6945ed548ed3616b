/* In the guest: QEMU's `edu` device through the VFIO code of the driver (sw/lib/vfio.h), behind an
 * emulated IOMMU. Maps memory, lets the device read it and write it, takes its interrupt through an
 * eventfd, and sees that the device reaches nothing that is not mapped.
 *
 * usage: guest_vfio_edu BDF      bound to vfio-pci
 *
 * edu (QEMU's docs/specs/edu): 1 MiB of registers; a buffer of 4096 bytes at 0x40000 of the
 * device's own addresses, which its DMA engine copies from or to bus addresses. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "../../../sw/lib/vfio.h"

#define HUGE_BYTES (UINT64_C(2) << 20)
#define BUFFER 0x40000
/* QEMU 7.2 refuses to fill all of the buffer. */
#define CHUNK 2048
#define DEADLINE_MS 5000

enum {
	IDENTITY = 0x00, COMPLEMENT = 0x04, IRQ_STATUS = 0x24, IRQ_RAISE = 0x60, IRQ_CLEAR = 0x64,
	DMA_FROM = 0x80, DMA_TO = 0x88, DMA_BYTES = 0x90, DMA_COMMAND = 0x98,
	DMA_RUN = 1, DMA_WRITE = 2, DMA_IRQ = 4, DMA_IRQ_STATUS = 0x100
};

struct edu {
	struct fb_os os;
	struct fb_vfio vfio;
	volatile uint8_t *bar;
	uint8_t *memory;
	int event;
	int bad;
};

static void check(struct edu *e, int good, const char *what)
{
	printf("= %s vfio: %s\n", good ? "PASS" : "FAIL", what);
	e->bad += !good;
}

static uint32_t get(struct edu *e, uint32_t at) { return *(volatile uint32_t *)(e->bar + at); }

static void put(struct edu *e, uint32_t at, uint32_t v) { *(volatile uint32_t *)(e->bar + at) = v; }

static void put64(struct edu *e, uint32_t at, uint64_t v)
{
	*(volatile uint64_t *)(e->bar + at) = v;
}

/* The device waits 100 ms before it copies. */
static int dma(struct edu *e, uint64_t from, uint64_t to, uint32_t flags)
{
	put64(e, DMA_FROM, from);
	put64(e, DMA_TO, to);
	put64(e, DMA_BYTES, CHUNK);
	put64(e, DMA_COMMAND, DMA_RUN | flags);
	for (int ms = 0; ms < DEADLINE_MS; ms += 10) {
		if (!(get(e, DMA_COMMAND) & DMA_RUN))
			return 0;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	return -ETIMEDOUT;
}

/* How often the interrupt came since the last call; waits for the first. */
static uint64_t interrupts(struct edu *e, int wait_ms)
{
	struct pollfd p = { .fd = e->event, .events = POLLIN };
	uint64_t n = 0;

	if (poll(&p, 1, wait_ms) != 1 || read(e->event, &n, sizeof(n)) != sizeof(n))
		return 0;
	return n;
}

static int map_bar(struct edu *e)
{
	struct fb_vfio_region region;
	void *at;
	int err = fb_vfio_region(&e->vfio, VFIO_PCI_BAR0_REGION_INDEX, &region);

	if (err)
		return err;
	if (!region.mappable || region.bytes < 1 << 20)
		return -ENXIO;
	err = e->os.map(&e->os, e->vfio.device, 1 << 20, MAP_SHARED, region.offset, &at);
	e->bar = at;
	return err;
}

/* VFIO leaves bus mastering off. */
static int master_on(struct edu *e)
{
	struct fb_vfio_region region;
	uint16_t command = 0;
	int err = fb_vfio_region(&e->vfio, VFIO_PCI_CONFIG_REGION_INDEX, &region);

	if (!err)
		err = e->os.read_at(&e->os, e->vfio.device, &command, 2, region.offset + 4);
	command |= 6;
	return err ? err : e->os.write_at(&e->os, e->vfio.device, &command, 2, region.offset + 4);
}

static void copies(struct edu *e, uint64_t iova)
{
	uint8_t *from = e->memory, *to = e->memory + HUGE_BYTES - CHUNK;

	for (int i = 0; i < CHUNK; i++)
		from[i] = (uint8_t)(i * 7 + i / 256);
	check(e, !dma(e, iova, BUFFER, 0), "the device read memory");
	check(e, !dma(e, BUFFER, iova + HUGE_BYTES - CHUNK, DMA_WRITE), "the device wrote memory");
	check(e, memcmp(from, to, CHUNK) == 0, "what it wrote is what it read");
	check(e, to[-1] == 0, "and nothing in front of it");
}

static void interrupt(struct edu *e, uint64_t iova)
{
	check(e, !fb_vfio_interrupt(&e->vfio, VFIO_PCI_MSI_IRQ_INDEX, 0, e->event),
	      "an eventfd on its interrupt");
	check(e, interrupts(e, 50) == 0, "no interrupt before one is asked for");
	put(e, IRQ_RAISE, 0x5a);
	check(e, interrupts(e, DEADLINE_MS) == 1, "one when it is");
	check(e, get(e, IRQ_STATUS) == 0x5a, "with its status");
	put(e, IRQ_CLEAR, 0x5a);
	check(e, !dma(e, BUFFER, iova, DMA_WRITE | DMA_IRQ) && interrupts(e, DEADLINE_MS) == 1 &&
			 get(e, IRQ_STATUS) == DMA_IRQ_STATUS,
	      "one at the end of a copy");
	put(e, IRQ_CLEAR, DMA_IRQ_STATUS);
	check(e, !fb_vfio_interrupt(&e->vfio, VFIO_PCI_MSI_IRQ_INDEX, 0, -1), "the eventfd away");
	put(e, IRQ_RAISE, 1);
	check(e, interrupts(e, 50) == 0, "no interrupt any more");
}

/* Without this the IOMMU might as well not be there. */
static void fence(struct edu *e, uint64_t iova)
{
	check(e, !fb_vfio_unmap(&e->vfio, HUGE_BYTES, iova), "memory unmapped");
	memset(e->memory, 0x33, HUGE_BYTES);
	dma(e, BUFFER, iova, DMA_WRITE);
	int same = 1;
	for (uint64_t i = 0; i < HUGE_BYTES; i++)
		same &= e->memory[i] == 0x33;
	check(e, same, "the device does not reach it any more");
	check(e, !fb_vfio_map(&e->vfio, e->memory, HUGE_BYTES, iova) &&
			 !dma(e, BUFFER, iova, DMA_WRITE) && e->memory[1] != 0x33,
	      "mapped again it does");
}

static int start(struct edu *e, const char *bdf, uint64_t *iova)
{
	struct fb_error error = { "" };
	int err;

	fb_os_linux(&e->os);
	err = fb_vfio_open(&e->os, bdf, &e->vfio, &error);
	if (err) {
		printf("= FAIL vfio: %s\n", error.text);
		return err;
	}
	e->memory = mmap(NULL, HUGE_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	e->event = eventfd(0, EFD_CLOEXEC);
	if (e->memory == MAP_FAILED || e->event < 0)
		err = -errno;
	if (!err)
		err = map_bar(e);
	if (!err)
		err = master_on(e);
	if (!err)
		err = fb_vfio_find(&e->vfio, HUGE_BYTES, iova);
	if (!err)
		err = fb_vfio_map(&e->vfio, e->memory, HUGE_BYTES, *iova);
	if (err)
		printf("= FAIL vfio: set up: %s\n", strerror(-err));
	return err;
}

int main(int argc, char **argv)
{
	static struct edu e;
	uint64_t iova;

	if (argc != 2)
		return 2;
	if (start(&e, argv[1], &iova))
		return 1;
	printf("%s: %s, memory at %#" PRIx64 "\n", argv[1],
	       e.vfio.cdev ? "iommufd" : "group", iova);
	check(&e, get(&e, IDENTITY) == 0x010000ed, "identity");
	put(&e, COMPLEMENT, 0x12345678);
	check(&e, get(&e, COMPLEMENT) == 0xedcba987, "a register written and read");
	copies(&e, iova);
	interrupt(&e, iova);
	fence(&e, iova);
	fb_vfio_close(&e.vfio);
	return e.bad > 0;
}
