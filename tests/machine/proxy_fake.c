/* The trivial device that proves the way: an identity, a register that gives back the complement of
 * what was written, and a write to guest memory.
 *
 *   BAR0  0x00  "FAKE"            0x04  complement of what was last written here
 *         0x08  bus address (64)  0x10  write: so many 8-byte words, counting up from there
 *         0x18  writes to guest memory that succeeded; failed ones in the upper half */
#include "proxy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 4096

struct fake {
	struct proxy_device device;
	struct proxy_memory *memory;
	uint64_t address;
	uint32_t complement, good, bad;
	bool master;
};

static int fake_read(struct proxy_device *device, int bar, uint64_t offset, void *bytes, size_t len)
{
	struct fake *f = (struct fake *)device;
	uint32_t value;

	if (bar != 0 || len != 4)
		return -EINVAL;
	switch (offset) {
	case 0x00: value = 0x454b4146; break;
	case 0x04: value = f->complement; break;
	case 0x18: value = f->good; break;
	case 0x1c: value = f->bad; break;
	default: return -EINVAL;
	}
	memcpy(bytes, &value, 4);
	return 0;
}

static void write_memory(struct fake *f, uint64_t words)
{
	for (uint64_t i = 0; i < words && i < WORDS_MAX; i++) {
		if (f->master && !proxy_memory_write(f->memory, f->address + 8 * i, &i, 8))
			f->good++;
		else
			f->bad++;
	}
}

static int fake_write(struct proxy_device *device, int bar, uint64_t offset, const void *bytes,
		      size_t len)
{
	struct fake *f = (struct fake *)device;
	uint64_t value = 0;

	memcpy(&value, bytes, len);
	if (bar == 0 && offset == 0x04 && len == 4)
		f->complement = (uint32_t)~value;
	else if (bar == 0 && offset == 0x08 && len == 4)
		f->address = (f->address & ~(uint64_t)UINT32_MAX) | value;
	else if (bar == 0 && offset == 0x0c && len == 4)
		f->address = (f->address & UINT32_MAX) | value << 32;
	else if (bar == 0 && offset == 0x10)
		write_memory(f, value);
	return 0;
}

static int fake_step(struct proxy_device *device, bool busy)
{
	(void)device, (void)busy;
	return 0;
}

static void fake_bus_master(struct proxy_device *device, bool on)
{
	((struct fake *)device)->master = on;
}

static int fake_reset(struct proxy_device *device)
{
	struct fake *f = (struct fake *)device;

	f->address = f->complement = f->good = f->bad = 0;
	return 0;
}

static const char *fake_why(const struct proxy_device *device)
{
	(void)device;
	return "";
}

static uint64_t fake_cycles(const struct proxy_device *device)
{
	(void)device;
	return 0;
}

static void fake_close(struct proxy_device *device) { free(device); }

static const struct proxy_device_ops fake_ops = {
	.read = fake_read,
	.write = fake_write,
	.step = fake_step,
	.bus_master = fake_bus_master,
	.reset = fake_reset,
	.why = fake_why,
	.cycles = fake_cycles,
	.close = fake_close,
};

int proxy_fake_open(struct proxy_memory *memory, struct proxy_device **out, struct fb_error *error)
{
	struct fake *f = calloc(1, sizeof(*f));

	if (!f)
		return fb_error_set(error, -ENOMEM, "fake: no memory");
	f->device.ops = &fake_ops;
	/* 1234 is the number that emulators use among themselves. */
	f->device.ids = (struct proxy_config_ids){
		.vendor = 0x1234, .device = 0xfa4e, .class_code = 0xff0000,
		.bars = { [0] = { .bytes = 65536 },
			  [2] = { .bytes = 16384, .prefetchable = true } },
	};
	f->memory = memory;
	*out = &f->device;
	return 0;
}
