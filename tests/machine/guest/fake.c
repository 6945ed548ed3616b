/* In the guest: the trivial device of proxy_fake.c, reached without a driver. Checks that writes
 * and reads of its registers arrive, and that what it writes to memory does.
 *
 * usage: guest_fake BDF      such as 0000:01:00.0 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define WORDS 512

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static volatile uint32_t *map_bar0(const char *bdf)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource0", bdf);
	int fd = open(path, O_RDWR | O_SYNC);
	if (fd < 0)
		die(path);
	void *at = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		die("mmap of BAR0");
	close(fd);
	return at;
}

static uint64_t bus_address(const volatile void *at)
{
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY);
	off_t offset = (off_t)((uintptr_t)at / 4096 * 8);

	if (fd < 0 || pread(fd, &entry, 8, offset) != 8 || !(entry >> 63))
		die("pagemap");
	close(fd);
	return (entry & ((UINT64_C(1) << 55) - 1)) * 4096;
}

static int expect(const char *what, uint64_t expected, uint64_t found)
{
	if (expected == found)
		return 0;
	printf("%s: expected %#" PRIx64 ", found %#" PRIx64 "\n", what, expected, found);
	return 1;
}

int main(int argc, char **argv)
{
	int bad = 0;

	if (argc != 2)
		return 2;
	volatile uint32_t *bar = map_bar0(argv[1]);
	volatile uint64_t *memory = mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (memory == MAP_FAILED)
		die("a huge page");
	memset((void *)(uintptr_t)memory, 0xee, 2 << 20);
	bad |= expect("identity", 0x454b4146, bar[0]);
	bar[1] = 0x12345678;
	bad |= expect("complement", 0xedcba987, bar[1]);
	bad |= expect("a register that is not there", UINT32_MAX, bar[100]);

	uint64_t address = bus_address(memory);
	bar[2] = (uint32_t)address;
	bar[3] = (uint32_t)(address >> 32);
	bar[4] = WORDS;
	bad |= expect("words written", WORDS, bar[6]);
	bad |= expect("words lost", 0, bar[7]);
	for (uint64_t i = 0; i < WORDS; i++)
		bad |= expect("word in memory", i, memory[i]);
	bad |= expect("word behind them", UINT64_C(0xeeeeeeeeeeeeeeee), memory[WORDS]);

	bar[3] = 0x7fffffff;                    /* no memory there */
	bar[4] = 1;
	bad |= expect("words lost", 1, bar[7]);
	return bad;
}
