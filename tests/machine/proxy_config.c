/* Configuration space; see proxy_config.h. Offsets: PCI 3.0 chapter 6, PCIe 4.0 section 7.5. */
#include "proxy_config.h"

#include <string.h>

#define COMMAND 0x04
#define COMMAND_MEMORY 2
#define COMMAND_MASTER 4
#define STATUS_CAPABILITIES 0x10
#define BAR 0x10

/* Power management at 0x40 and PCI Express at 0x70, where the UltraScale+ block has them. */
#define PM 0x40
#define EXPRESS 0x70
#define EXPRESS_CONTROL (EXPRESS + 0x08)
#define CONTROL_FLR 0x8000

static void put(uint8_t *bytes, unsigned at, uint32_t value, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		bytes[at + i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get(const uint8_t *bytes, unsigned at, unsigned n)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < n; i++)
		value |= (uint32_t)bytes[at + i] << (8 * i);
	return value;
}

/* An endpoint of version 2 that can be reset, takes 256 bytes a packet, and whose link runs at
 * 8 GT/s over 16 lanes. The link is invented: nothing here is a link. */
static void express(struct proxy_config *c)
{
	put(c->byte, EXPRESS, 0x00020010, 4);
	put(c->byte, EXPRESS + 0x04, 0x10008001, 4);
	put(c->byte, EXPRESS_CONTROL, 0x2810, 2);
	put(c->writable, EXPRESS_CONTROL, 0x7fff, 2);
	put(c->byte, EXPRESS + 0x0c, 0x00000103, 4);
	put(c->writable, EXPRESS + 0x10, 0x00c3, 2);
	put(c->byte, EXPRESS + 0x12, 0x0103, 2);
	put(c->byte, EXPRESS + 0x2c, 0x0000000e, 4);
	put(c->byte, EXPRESS + 0x30, 0x0003, 2);
}

void proxy_config_reset(struct proxy_config *c)
{
	const struct proxy_config_ids *ids = &c->ids;

	memset(c->byte, 0, sizeof(c->byte));
	memset(c->writable, 0, sizeof(c->writable));
	c->flr = false;
	put(c->byte, 0x00, ids->vendor, 2);
	put(c->byte, 0x02, ids->device, 2);
	put(c->writable, COMMAND, 0x0546, 2);
	put(c->byte, 0x06, STATUS_CAPABILITIES, 2);
	put(c->byte, 0x08, ids->class_code << 8 | ids->revision, 4);
	put(c->writable, 0x0c, 0xff, 1);
	for (unsigned i = 0; i < PROXY_BARS; i++) {
		if (ids->bars[i].bytes == 0)
			continue;
		put(c->byte, BAR + 4 * i, ids->bars[i].prefetchable ? 8 : 0, 4);
		put(c->writable, BAR + 4 * i, ~(ids->bars[i].bytes - 1), 4);
	}
	put(c->byte, 0x2c, ids->subsystem_vendor, 2);
	put(c->byte, 0x2e, ids->subsystem, 2);
	put(c->byte, 0x34, PM, 1);
	put(c->writable, 0x3c, 0xff, 1);
	put(c->byte, 0x3d, 1, 1);
	put(c->byte, PM, 0x00030001 | EXPRESS << 8, 4);
	put(c->byte, PM + 4, 0x0008, 2);
	express(c);
}

void proxy_config_init(struct proxy_config *config, const struct proxy_config_ids *ids)
{
	config->ids = *ids;
	proxy_config_reset(config);
}

uint32_t proxy_config_read(const struct proxy_config *config, uint64_t address, unsigned size)
{
	if (address > PROXY_CONFIG_BYTES - size)
		return UINT32_MAX;
	return get(config->byte, (unsigned)address, size);
}

void proxy_config_write(struct proxy_config *config, uint64_t address, uint32_t value,
			unsigned size)
{
	if (address > PROXY_CONFIG_BYTES - size)
		return;
	for (unsigned i = 0; i < size; i++) {
		unsigned at = (unsigned)address + i;
		uint8_t byte = (uint8_t)(value >> (8 * i)), mask = config->writable[at];

		config->byte[at] = (uint8_t)((config->byte[at] & ~mask) | (byte & mask));
		if (at == EXPRESS_CONTROL + 1 && byte & CONTROL_FLR >> 8)
			config->flr = true;
	}
}

bool proxy_config_bus_master(const struct proxy_config *config)
{
	return config->byte[COMMAND] & COMMAND_MASTER;
}

int proxy_config_bar(const struct proxy_config *config, uint64_t address, size_t len,
		     uint64_t *offset)
{
	if (!(config->byte[COMMAND] & COMMAND_MEMORY))
		return -1;
	for (unsigned i = 0; i < PROXY_BARS; i++) {
		uint32_t bytes = config->ids.bars[i].bytes;
		uint64_t base = get(config->byte, BAR + 4 * i, 4) & ~UINT64_C(15);

		if (bytes == 0 || address < base || address - base >= bytes ||
		    len > bytes - (address - base))
			continue;
		*offset = address - base;
		return (int)i;
	}
	return -1;
}
