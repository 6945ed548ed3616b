/* Recorded machines: a folder with sys, proc and dev as a kernel with a card shows them, made by
 * the test itself, and the text of lspci -xxxx for libpci's dump method. */
#ifndef PCI_KIT_H
#define PCI_KIT_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <firebreak/cards.h>
#include <firebreak/layout.h>

#define CONFIG_BYTES 4096

struct kit_card {
	const char *bdf;
	uint16_t vendor, device, command;
	uint64_t bar0, bar2; /* addresses; 0: not assigned */
	uint64_t bar0_bytes, bar2_bytes;
	uint32_t width, width_most, speed, speed_most;
	uint32_t payload; /* code: 0 is 128 bytes */
	bool relaxed, combining;
	const char *driver; /* NULL: none */
	int group;          /* -1: none */
	const char *group_type;
	int numa;
};

static char kit_root[64];

static inline struct kit_card kit_healthy(void)
{
	return (struct kit_card){ .bdf = "0000:01:00.0",
				  .vendor = FB_PCI_VENDOR,
				  .device = FB_PCI_DEVICE,
				  .command = 0x0002,
				  .bar0 = 0xf7000000,
				  .bar2 = UINT64_C(0x380000000000),
				  .bar0_bytes = FB_BAR0_BYTES,
				  .bar2_bytes = FB_WINDOW_SLOTS * 64,
				  .width = 16,
				  .width_most = 16,
				  .speed = 3,
				  .speed_most = 3,
				  .payload = 1,
				  .combining = true,
				  .group = -1 };
}

/* 77, which skips a test, if this build has no libpci. */
static inline int kit_needs_libpci(void)
{
	struct fb_cards_source source = { .root = "" };
	struct fb_error error = { .text = "" };
	size_t found;
	if (fb_cards_find(&source, NULL, NULL, 0, &found, &error) != -ENOTSUP)
		return 0;
	printf("%s\n", error.text);
	return 77;
}

/* ---- the tree ---- */

static inline int kit_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void kit_open(const char *name)
{
	snprintf(kit_root, sizeof(kit_root), "%s/fb_%s.XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", name);
	ck_assert_ptr_nonnull(mkdtemp(kit_root));
	ck_assert_int_eq(chmod(kit_root, 0755), 0);
}

static inline void kit_close(void)
{
	nftw(kit_root, kit_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* The folders above a path. */
static inline void kit_folders(const char *path)
{
	char part[512];
	snprintf(part, sizeof(part), "%s", path);
	for (char *c = part + strlen(kit_root) + 1; *c; c++)
		if (*c == '/') {
			*c = '\0';
			mkdir(part, 0755);
			*c = '/';
		}
}

__attribute__((format(printf, 1, 2)))
static inline char *kit_path(const char *format, ...)
{
	static char path[512];
	va_list args;
	int n = snprintf(path, sizeof(path), "%s", kit_root);
	va_start(args, format);
	vsnprintf(path + n, sizeof(path) - (size_t)n, format, args);
	va_end(args);
	kit_folders(path);
	return path;
}

static inline void kit_write(const char *path, const void *bytes, size_t length, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	ck_assert_int_eq(write(fd, bytes, length), (ssize_t)length);
	close(fd);
	ck_assert_int_eq(chmod(path, mode), 0);
}

/* A file of one line. */
static inline void kit_line(const char *file, const char *text)
{
	char line[512];
	int n = snprintf(line, sizeof(line), "%s\n", text);
	kit_write(kit_path("%s", file), line, (size_t)n, 0644);
}

static inline void kit_link(const char *file, const char *target)
{
	char *path = kit_path("%s", file);
	unlink(path);
	ck_assert_int_eq(symlink(target, path), 0);
}

static inline void kit_sparse(const char *path, uint64_t bytes, mode_t mode)
{
	kit_write(path, "", 0, mode);
	ck_assert_int_eq(truncate(path, (off_t)bytes), 0);
}

/* ---- configuration space ---- */

static inline void kit_put(uint8_t *config, size_t at, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		config[at + i] = (uint8_t)(value >> 8 * i);
}

static inline void kit_config(const struct kit_card *c, uint8_t config[CONFIG_BYTES])
{
	memset(config, 0, CONFIG_BYTES);
	kit_put(config, 0x00, c->vendor, 2);
	kit_put(config, 0x02, c->device, 2);
	kit_put(config, 0x04, c->command, 2);
	kit_put(config, 0x06, 0x0010, 2); /* there is a list of capabilities */
	kit_put(config, 0x08, FB_PCI_CLASS << 8, 4);
	kit_put(config, 0x10, c->bar0, 4);
	kit_put(config, 0x18, c->bar2 ? c->bar2 | 0xc : 0xc, 8); /* 64 bits, prefetchable */
	config[0x34] = 0x70;
	kit_put(config, 0x70, 0x0010, 2); /* PCI Express, the last one */
	kit_put(config, 0x72, 0x0002, 2);
	kit_put(config, 0x74, 0x10008000u | 3, 4);		       /* up to 1024 bytes, FLR */
	kit_put(config, 0x78, c->payload << 5 | (c->relaxed ? 0x10 : 0), 2);
	kit_put(config, 0x7c, c->width_most << 4 | c->speed_most, 4);
	kit_put(config, 0x82, c->width << 4 | c->speed, 2);
}

/* The port above bus `bus`. */
static inline void kit_bridge(uint8_t bus, uint32_t payload, uint8_t config[CONFIG_BYTES])
{
	memset(config, 0, CONFIG_BYTES);
	kit_put(config, 0x00, 0x8086, 2);
	kit_put(config, 0x02, 0x1901, 2);
	kit_put(config, 0x04, 0x0007, 2);
	kit_put(config, 0x06, 0x0010, 2);
	kit_put(config, 0x08, 0x060400u << 8, 4);
	config[0x0e] = 1;
	config[0x19] = bus;
	config[0x1a] = bus;
	config[0x34] = 0x70;
	kit_put(config, 0x70, 0x0010, 2);
	kit_put(config, 0x72, 0x0042, 2);
	kit_put(config, 0x74, 0x8001, 4);
	kit_put(config, 0x78, payload << 5, 2);
}

/* As lspci -xxxx prints it; appended. */
static inline void kit_dump(const char *path, const char *bdf, const char *name,
			    const uint8_t *config, size_t bytes)
{
	FILE *f = fopen(path, "a");
	ck_assert_ptr_nonnull(f);
	fprintf(f, "%s %s\n", bdf, name);
	for (size_t i = 0; i < bytes; i++)
		if (i % 16 == 0)
			fprintf(f, "%02zx: %02x", i, config[i]);
		else
			fprintf(f, " %02x%s", config[i], i % 16 == 15 ? "\n" : "");
	fprintf(f, "\n");
	fclose(f);
}

/* ---- a card in sysfs ---- */

static inline void kit_resources(const struct kit_card *c)
{
	char text[1024];
	uint64_t last0 = c->bar0 ? c->bar0 + c->bar0_bytes - 1 : 0;
	uint64_t last2 = c->bar2 ? c->bar2 + c->bar2_bytes - 1 : 0;
	int n = snprintf(text, sizeof(text),
			 "0x%016llx 0x%016llx 0x%016x\n0x%016x 0x%016x 0x%016x\n"
			 "0x%016llx 0x%016llx 0x%016x\n",
			 (unsigned long long)c->bar0, (unsigned long long)last0,
			 c->bar0 ? 0x40200 : 0, 0, 0, 0, (unsigned long long)c->bar2,
			 (unsigned long long)last2, c->bar2 ? 0x14220c : 0);
	for (int i = 3; i < 7; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "0x%016x 0x%016x 0x%016x\n", 0, 0,
			      0);
	kit_write(kit_path("/sys/bus/pci/devices/%s/resource", c->bdf), text, (size_t)n, 0644);
	if (c->bar0)
		kit_sparse(kit_path("/sys/bus/pci/devices/%s/resource0", c->bdf), c->bar0_bytes,
			   0600);
	if (c->bar2)
		kit_sparse(kit_path("/sys/bus/pci/devices/%s/resource2", c->bdf), c->bar2_bytes,
			   0600);
	if (c->bar2 && c->combining)
		kit_sparse(kit_path("/sys/bus/pci/devices/%s/resource2_wc", c->bdf), c->bar2_bytes,
			   0600);
}

static inline void kit_device_line(const struct kit_card *c, const char *name, const char *text)
{
	char file[160];
	snprintf(file, sizeof(file), "/sys/bus/pci/devices/%s/%s", c->bdf, name);
	kit_line(file, text);
}

static inline void kit_card(const struct kit_card *c)
{
	uint8_t config[CONFIG_BYTES];
	char text[160], file[160];
	kit_config(c, config);
	kit_write(kit_path("/sys/bus/pci/devices/%s/config", c->bdf), config, sizeof(config), 0644);
	snprintf(text, sizeof(text), "0x%04x", c->vendor);
	kit_device_line(c, "vendor", text);
	snprintf(text, sizeof(text), "0x%04x", c->device);
	kit_device_line(c, "device", text);
	snprintf(text, sizeof(text), "0x%06x", FB_PCI_CLASS);
	kit_device_line(c, "class", text);
	kit_device_line(c, "irq", "0");
	snprintf(text, sizeof(text), "%d", c->numa);
	kit_device_line(c, "numa_node", text);
	kit_resources(c);
	if (c->driver) {
		snprintf(text, sizeof(text), "../../../bus/pci/drivers/%s", c->driver);
		snprintf(file, sizeof(file), "/sys/bus/pci/devices/%s/driver", c->bdf);
		kit_link(file, text);
	}
	if (c->group >= 0) {
		snprintf(text, sizeof(text), "../../../../kernel/iommu_groups/%d", c->group);
		snprintf(file, sizeof(file), "/sys/bus/pci/devices/%s/iommu_group", c->bdf);
		kit_link(file, text);
		snprintf(file, sizeof(file), "/sys/kernel/iommu_groups/%d/type", c->group);
		kit_line(file, c->group_type ? c->group_type : "DMA");
	}
}

/* 16 bits of configuration space as they are now. */
static inline uint16_t kit_register(const struct kit_card *c, uint32_t at)
{
	uint8_t b[2];
	int fd = open(kit_path("/sys/bus/pci/devices/%s/config", c->bdf), O_RDONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pread(fd, b, 2, (off_t)at), 2);
	close(fd);
	return (uint16_t)(b[0] | b[1] << 8);
}

static inline uint16_t kit_command(const struct kit_card *c)
{
	return kit_register(c, 0x04);
}

#endif
