/* Configuration space of the device: 256 bytes, which bits of them can be written, and where the
 * BARs are. QEMU's proxy is a conventional PCI device, so there is no extended space. */
#ifndef FIREBREAK_PROXY_CONFIG_H
#define FIREBREAK_PROXY_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROXY_CONFIG_BYTES 256
#define PROXY_BARS 6

struct proxy_bar {
	uint32_t bytes;                 /* a power of two; 0: absent */
	bool prefetchable;
};

struct proxy_config_ids {
	uint16_t vendor, device, subsystem_vendor, subsystem;
	uint32_t class_code;
	uint8_t revision;
	struct proxy_bar bars[PROXY_BARS];      /* 32 bits each: the proxy knows no others */
};

struct proxy_config {
	struct proxy_config_ids ids;
	uint8_t byte[PROXY_CONFIG_BYTES], writable[PROXY_CONFIG_BYTES];
	bool flr;                       /* asked for since this was last cleared */
};

void proxy_config_init(struct proxy_config *config, const struct proxy_config_ids *ids);
/* Back to what it is after power-on. */
void proxy_config_reset(struct proxy_config *config);
/* All ones outside of the 256 bytes. */
uint32_t proxy_config_read(const struct proxy_config *config, uint64_t address, unsigned size);
void proxy_config_write(struct proxy_config *config, uint64_t address, uint32_t value,
			unsigned size);
bool proxy_config_bus_master(const struct proxy_config *config);
/* Which BAR len bytes at a bus address belong to, and where in it; -1: none, or decoding is off. */
int proxy_config_bar(const struct proxy_config *config, uint64_t address, size_t len,
		     uint64_t *offset);

#endif
