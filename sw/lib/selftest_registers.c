/* The registers that a host may set: each holds what is written, keeps it when it is written again,
 * and disturbs no other. See selftest_internal.h. */
#include <inttypes.h>
#include <string.h>

#include "selftest_internal.h"

/* Values that are legal while there is no session. FIRST_SEQ and CONSUMED keep their highest bit at
 * 0. */
static const struct {
	const char *name;
	uint32_t offset, value[3];
} settings[] = {
	{ "RING_BASE", FB_REG_RING_BASE, { 0x5a5a5000, 0xa5a5a000, 0xfffff000 } },
	{ "RING_BASE, high", FB_REG_RING_BASE + 4, { 0x00012345, 0x5a5a5a5a, 0x25a5a5a5 } },
	{ "RING_BITS", FB_REG_RING_BITS, { FB_RING_BITS_MOST, FB_RING_BITS_LEAST, 11 } },
	{ "STATUS_BASE", FB_REG_STATUS_BASE, { 0x5a5a5a40, 0xa5a5a580, 0xffffffc0 } },
	{ "STATUS_BASE, high", FB_REG_STATUS_BASE + 4, { 0x00054321, 0x5a5a5a5a, 0x25a5a5a5 } },
	{ "FIRST_SEQ", FB_REG_FIRST_SEQ, { 0x5a5a5a5a, 0xa5a5a5a5, 1 } },
	{ "FIRST_SEQ, high", FB_REG_FIRST_SEQ + 4, { 0x5a5a5a5a, 0x25a5a5a5, 0x7ffffffe } },
	{ "CONSUMED", FB_REG_CONSUMED, { 0x5a5a5a5a, 0x25a5a5a5, 0x7ffffffe } },
	{ "GAP_CYCLES", FB_REG_GAP_CYCLES, { 64, 1u << 24, 5000 } },
	{ "STATUS_CYCLES", FB_REG_STATUS_CYCLES, { 256, 1u << 24, 70000 } },
	{ "KILL", FB_REG_KILL, { 1, 0, 1 } },
};
#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

static bool read_all(struct fb_card_port *port, uint32_t *out)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (port->ops->read32(port, settings[i].offset, &out[i]))
			return false;
	return true;
}

/* All hold what they should; the first that does not is named. */
static bool compare(struct fb_selftest *test, struct fb_card_port *port, const uint32_t *expected)
{
	uint32_t found[SETTINGS];
	if (!read_all(port, found))
		return selftest_say(test, "registers", false, "reads fail: %s",
				    port->ops->why(port));
	for (size_t i = 0; i < SETTINGS; i++)
		if (found[i] != expected[i])
			return selftest_say(test, "registers", false,
					    "%s holds %08" PRIx32 ", expected %08" PRIx32,
					    settings[i].name, found[i], expected[i]);
	return true;
}

/* One register after the other, so that a write that lands elsewhere shows. */
static bool write_round(struct fb_selftest *test, struct fb_card_port *port, unsigned round,
			uint32_t *expected)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		expected[i] = settings[i].value[round];
		for (unsigned again = 0; again < 2; again++)
			if (port->ops->write32(port, settings[i].offset, expected[i]))
				return selftest_say(test, "registers", false, "writes fail: %s",
						    port->ops->why(port));
		if (!compare(test, port, expected))
			return false;
	}
	return true;
}

bool selftest_registers(struct fb_selftest *test, struct fb_card_port *port)
{
	uint32_t before[SETTINGS], expected[SETTINGS];
	bool good = port->ops->write32(port, FB_REG_SESSION, 0) == 0 && read_all(port, before);
	if (!good)
		return selftest_say(test, "registers", false, "they cannot be read: %s",
				    port->ops->why(port));
	memcpy(expected, before, sizeof(before));
	for (unsigned round = 0; round < 3 && good; round++)
		good = write_round(test, port, round, expected);
	for (size_t i = 0; i < SETTINGS; i++)
		port->ops->write32(port, settings[i].offset, before[i]);
	return good && compare(test, port, before) &&
	       selftest_say(test, "registers", true, "%zu written, read back, and restored",
			    SETTINGS);
}
