/* See pci_config.h. */
#include "pci_config.h"

#include <errno.h>

#define COMMAND 0x04 /* registers of configuration space */
#define STATUS 0x06
#define LIST 0x34
#define MEMORY 0x2 /* bits of the command register */
#define MASTER 0x4
#define HAS_LIST 0x10 /* of the status register */
#define EXPRESS 0x10  /* number of the PCIe capability */
#define CONTROL 8     /* its device control register */
#define RELAXED 0x10  /* bit of that */

static int get(struct fb_pci_config *c, uint32_t at, uint16_t *value)
{
	return c->handle->ops->config_read(c->handle, at, value);
}

static int put(struct fb_pci_config *c, uint32_t at, uint16_t value)
{
	return c->handle->ops->config_write(c->handle, at, value);
}

/* What a register holds now, or if that cannot be told what it held. */
static uint16_t now(struct fb_pci_config *c, uint32_t at, uint16_t found)
{
	uint16_t value;
	return get(c, at, &value) || value == UINT16_MAX ? found : value;
}

/* The list of capabilities is the card's: it may be damaged and lead in a circle. */
static uint32_t find_control(struct fb_pci_config *c)
{
	uint16_t status, next, word;
	if (get(c, STATUS, &status) || !(status & HAS_LIST) || get(c, LIST, &next))
		return 0;
	for (int hops = 0; hops < 48; hops++) {
		uint32_t at = next & 0xfc;
		if (at < 0x40 || get(c, at, &word) || word == UINT16_MAX)
			return 0;
		if ((word & 0xff) == EXPRESS)
			return at <= 0xf0 ? at + CONTROL : 0;
		next = word >> 8;
	}
	return 0;
}

/* Our card never asks for relaxed ordering; with this off nothing between could be let pass in its
 * name either. Not worth failing for: where it cannot be written the card's word stands. */
static void order(struct fb_pci_config *c)
{
	c->control_at = find_control(c);
	if (c->control_at && (get(c, c->control_at, &c->control) || c->control == UINT16_MAX))
		c->control_at = 0;
	if (c->control_at && c->control & RELAXED)
		put(c, c->control_at, (uint16_t)(c->control & ~RELAXED));
}

static int set_command(struct fb_pci_config *c, uint16_t value, struct fb_error *error)
{
	const char *bdf = c->handle->bdf;
	uint16_t is = 0;
	int err = put(c, COMMAND, value);
	if (!err)
		err = get(c, COMMAND, &is);
	if (!err && (is & (MEMORY | MASTER)) == (value & (MEMORY | MASTER)))
		return 0;
	return fb_error_set(error, err ? err : -EIO,
			    "%s: its command register takes no writing: wrote %04x, found %04x; "
			    "lspci -s %s -vv shows the state, a reset helps: echo 1 "
			    ">/sys/bus/pci/devices/%s/reset",
			    bdf, value, is, bdf, bdf);
}

int fb_pci_config_begin(struct fb_pci_config *c, struct fb_pci_handle *handle,
			struct fb_error *error)
{
	*c = (struct fb_pci_config){ .handle = handle };
	int err = get(c, COMMAND, &c->command);
	if (err || c->command == UINT16_MAX) {
		c->handle = NULL;
		return fb_error_set(error, -ENODEV,
				    "%s does not answer: its link is down or it was removed; echo "
				    "1 >/sys/bus/pci/devices/%s/remove; echo 1 "
				    ">/sys/bus/pci/rescan",
				    handle->bdf, handle->bdf);
	}
	err = set_command(c, (uint16_t)((c->command | MEMORY) & ~MASTER), error);
	if (!err)
		order(c);
	return err;
}

int fb_pci_config_master(struct fb_pci_config *c, struct fb_error *error)
{
	return set_command(c, (uint16_t)(c->command | MEMORY | MASTER), error);
}

void fb_pci_config_stop(struct fb_pci_config *c)
{
	if (!c->handle)
		return;
	put(c, COMMAND, (uint16_t)(now(c, COMMAND, c->command) & ~MASTER));
	now(c, COMMAND, 0);
}

void fb_pci_config_restore(struct fb_pci_config *c)
{
	uint16_t ours = MEMORY | MASTER;
	if (!c->handle)
		return;
	if (c->control_at && c->control & RELAXED)
		put(c, c->control_at, now(c, c->control_at, c->control) | RELAXED);
	put(c, COMMAND, (uint16_t)((now(c, COMMAND, c->command) & ~ours) | (c->command & ours)));
	c->handle = NULL;
}
