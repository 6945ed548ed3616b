/* The Verilated card as a device of the machine: what the guest does to its BARs becomes requests
 * on the root complex (sim/root.h), and what it writes lands in the guest's memory. */
#include "proxy.h"

#include <errno.h>
#include <stdlib.h>

#include <firebreak/layout.h>

#include "../../sim/root.h"

#define WINDOW_BYTES (FB_WINDOW_SLOTS * 64)
/* Cycles between two looks at the socket: some hundred microseconds of simulation, or a few
 * milliseconds. */
#define BUSY_CYCLES 64
#define IDLE_CYCLES 512

struct card {
	struct proxy_device device;
	struct fb_root *root;
};

static int card_read(struct proxy_device *device, int bar, uint64_t offset, void *bytes, size_t len)
{
	return fb_root_read(((struct card *)device)->root, bar, offset, bytes, len);
}

static int card_write(struct proxy_device *device, int bar, uint64_t offset, const void *bytes,
		      size_t len)
{
	return fb_root_write(((struct card *)device)->root, bar, offset, bytes, len);
}

static int card_step(struct proxy_device *device, bool busy)
{
	return fb_root_step(((struct card *)device)->root, busy ? BUSY_CYCLES : IDLE_CYCLES);
}

static void card_bus_master(struct proxy_device *device, bool on)
{
	fb_root_bus_master(((struct card *)device)->root, on);
}

static int card_reset(struct proxy_device *device)
{
	return fb_root_flr(((struct card *)device)->root);
}

static const char *card_why(const struct proxy_device *device)
{
	return fb_root_why(((const struct card *)device)->root);
}

static uint64_t card_cycles(const struct proxy_device *device)
{
	return fb_root_cycles(((const struct card *)device)->root);
}

static void card_close(struct proxy_device *device)
{
	fb_root_close(((struct card *)device)->root);
	free(device);
}

static const struct proxy_device_ops card_ops = {
	.read = card_read,
	.write = card_write,
	.step = card_step,
	.bus_master = card_bus_master,
	.reset = card_reset,
	.why = card_why,
	.cycles = card_cycles,
	.close = card_close,
};

/* A write to where no memory is was the guest's wish: a machine drops it, and so does this one. */
static int memory_write(void *context, uint64_t address, const void *bytes, size_t len)
{
	proxy_memory_write(context, address, bytes, len);
	return 0;
}

int proxy_card_open(struct proxy_memory *memory, uint32_t lanes, const char *wave_path,
		    struct proxy_device **out, struct fb_error *error)
{
	static const struct fb_root_faults none;
	struct fb_root_memory host = { .context = memory, .write = memory_write };
	struct card *c = calloc(1, sizeof(*c));

	if (!c)
		return fb_error_set(error, -ENOMEM, "card: no memory");
	c->device.ops = &card_ops;
	c->device.ids = (struct proxy_config_ids){
		.vendor = FB_PCI_VENDOR,
		.device = FB_PCI_DEVICE,
		.subsystem_vendor = FB_PCI_VENDOR,
		.subsystem = FB_PCI_DEVICE,
		.class_code = FB_PCI_CLASS,
		.bars = { [0] = { .bytes = FB_BAR0_BYTES },
			  [2] = { .bytes = WINDOW_BYTES, .prefetchable = true } },
	};
	int err = fb_root_open(lanes, wave_path, &none, &host, &c->root, error);
	if (err) {
		free(c);
		return err;
	}
	/* Off until the guest switches it on. */
	fb_root_bus_master(c->root, false);
	*out = &c->device;
	return 0;
}
