/* See pci_port.h. Opening takes one thing after the other and gives it back in reverse order; the
 * one function that gives back serves errors, closing, and every state between. */
#include "pci_port.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "guard.h"
#include "pci_args.h"
#include "pci_config.h"
#include "pci_port_on.h"

#define BAR2_BYTES ((size_t)FB_WINDOW_SLOTS * FB_WORD_BYTES)

struct pci_port {
	struct fb_card_port port; /* first: the port is what callers hold */
	struct fb_os running, *os;
	struct fb_pci_handle handle;
	bool opened;            /* handle is */
	struct fb_pci_memory memory;
	struct fb_pci_config config;
	volatile uint32_t *bar0;
	volatile uint8_t *bar2;
	struct fb_guard *guard0, *guard2;
	const struct fb_emitter *emitter;
	char bdf[24], why[256];
};

static struct pci_port *of(struct fb_card_port *port)
{
	return (struct pci_port *)(void *)port;
}

/* ---- while it is open ---- */

static int gone(const struct pci_port *p)
{
	return fb_guard_tripped(p->guard0) || fb_guard_tripped(p->guard2) ? -ENODEV : 0;
}

static int port_read32(struct fb_card_port *port, uint32_t offset, uint32_t *value)
{
	struct pci_port *p = of(port);
	assert(offset % 4 == 0 && offset < FB_BAR0_BYTES);
	*value = p->bar0[offset / 4];
	return gone(p);
}

static int port_write32(struct fb_card_port *port, uint32_t offset, uint32_t value)
{
	struct pci_port *p = of(port);
	assert(offset % 4 == 0 && offset < FB_BAR0_BYTES);
	p->bar0[offset / 4] = value;
	return gone(p);
}

static int port_emit(struct fb_card_port *port, uint32_t slot, const union fb_command *line)
{
	struct pci_port *p = of(port);
	assert(slot < FB_WINDOW_SLOTS);
	p->emitter->line(p->bar2 + (size_t)slot * FB_WORD_BYTES, line);
	return gone(p);
}

static void port_flush(struct fb_card_port *port)
{
	of(port)->emitter->flush();
}

static int port_relax(struct fb_card_port *port)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#endif
	return gone(of(port));
}

static uint64_t port_now_ns(struct fb_card_port *port)
{
	struct timespec t;
	(void)port;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static const char *port_why(const struct fb_card_port *port)
{
	const struct pci_port *p = (const struct pci_port *)(const void *)port;
	return gone(p) ? p->why : "";
}

/* ---- the end ---- */

static void give_back(struct pci_port *p)
{
	fb_pci_config_stop(&p->config);
	fb_guard_remove(p->guard2);
	fb_guard_remove(p->guard0);
	if (p->bar2)
		p->os->unmap(p->os, (void *)(uintptr_t)p->bar2, BAR2_BYTES);
	if (p->bar0)
		p->os->unmap(p->os, (void *)(uintptr_t)p->bar0, FB_BAR0_BYTES);
	fb_pci_memory_put(p->os, &p->memory);
	fb_pci_config_restore(&p->config);
	if (p->opened)
		p->handle.ops->close(&p->handle);
	free(p);
}

static void port_close(struct fb_card_port *port)
{
	give_back(of(port));
}

static const struct fb_card_port_ops port_ops = { port_read32, port_write32, port_emit,
						  port_flush,  port_relax,   port_now_ns,
						  port_why,    port_close };

/* ---- the beginning ---- */

static int several(const struct fb_pci_card *cards, size_t found, struct fb_error *error)
{
	char list[256] = "";
	for (size_t i = 0, at = 0; i < found && i < FB_CARDS_MAX && at < sizeof(list); i++)
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", i ? ", " : "",
				       cards[i].bdf);
	return fb_error_set(error, -EINVAL, "%zu cards: %s; name one of them: pci:%s", found, list,
			    cards[0].bdf);
}

static int check_bar(const struct fb_pci_card *card, const struct fb_card_bar *bar, int number,
		     size_t bytes, struct fb_error *error)
{
	if (bar->base == 0)
		return fb_error_set(error, -ENODEV,
				    "%s: BAR%d has no address; as root: echo 1 "
				    ">/sys/bus/pci/devices/%s/remove; echo 1 >/sys/bus/pci/rescan; "
				    "if that does not help boot with pci=realloc",
				    card->bdf, number, card->bdf);
	if (bar->bytes < bytes)
		return fb_error_set(error, -ENODEV,
				    "%s: BAR%d has %llu bytes, a card has %zu: another design is "
				    "on it; program it, then echo 1 "
				    ">/sys/bus/pci/devices/%s/remove; echo 1 >/sys/bus/pci/rescan",
				    card->bdf, number, (unsigned long long)bar->bytes, bytes,
				    card->bdf);
	return 0;
}

static int check_card(const struct fb_pci_card *card, struct fb_error *error)
{
	if (card->vendor != FB_PCI_VENDOR || card->device != FB_PCI_DEVICE)
		return fb_error_set(error, -ENODEV,
				    "%s is %04x:%04x, class %04x, not a Firebreak card "
				    "(%04x:%04x); `firebreak info` lists the cards",
				    card->bdf, card->vendor, card->device, card->class_code,
				    FB_PCI_VENDOR, FB_PCI_DEVICE);
	int err = check_bar(card, &card->bar0, 0, FB_BAR0_BYTES, error);
	return err ? err : check_bar(card, &card->bar2, 2, BAR2_BYTES, error);
}

static int find(struct fb_os *os, const struct fb_pci_args *args, struct fb_pci_card *card,
		struct fb_error *error)
{
	struct fb_cards_source source = { .root = os->root };
	struct fb_pci_card cards[FB_CARDS_MAX];
	char at[FB_BDF_ROOM];
	size_t found;
	fb_bdf_print(&args->bdf, at);
	int err = fb_cards_find(&source, args->any ? NULL : at, cards, FB_CARDS_MAX, &found, error);
	if (err)
		return err;
	if (found == 0)
		return fb_error_set(error, -ENODEV,
				    "no %s%s (%04x:%04x) on this machine; after a card was "
				    "programmed, as root: echo 1 >/sys/bus/pci/rescan; `firebreak "
				    "doctor` looks further",
				    args->any ? "Firebreak card" : "device at ",
				    args->any ? "" : at, FB_PCI_VENDOR, FB_PCI_DEVICE);
	if (found > 1)
		return several(cards, found, error);
	*card = cards[0];
	return check_card(card, error);
}

/* Which way, and which addresses: refused before anything is touched. */
static int decide(struct fb_pci_args *args, const struct fb_pci_card *card, struct fb_error *error)
{
	if (args->access == FB_ACCESS_AUTO)
		args->access = strncmp(card->driver, "vfio-pci", 8) == 0 ? FB_ACCESS_VFIO
									 : FB_ACCESS_SYSFS;
	bool vfio = args->access == FB_ACCESS_VFIO;
	if (vfio && args->dma == FB_DMA_PAGEMAP)
		return fb_error_set(error, -EINVAL,
				    "dma=pagemap goes with access=sysfs; through vfio the card "
				    "sees what is mapped for it: dma=iova");
	if (!vfio && args->dma != FB_DMA_PAGEMAP && !*card->driver)
		return fb_error_set(error, -ENOTSUP,
				    "%s has no driver, so nothing translates its addresses: bind "
				    "it to vfio-pci (modprobe vfio-pci; echo vfio-pci "
				    ">/sys/bus/pci/devices/%s/driver_override; echo %s "
				    ">/sys/bus/pci/drivers_probe), or, at your own risk, take "
				    "dma=pagemap",
				    card->bdf, card->bdf, card->bdf);
	args->dma = vfio ? FB_DMA_IOVA : FB_DMA_PAGEMAP;
	return 0;
}

static int take_memory(struct pci_port *p, const struct fb_pci_args *args, struct fb_error *error)
{
	int err = fb_pci_memory_get(p->os, args->ring_bits, args->dma == FB_DMA_PAGEMAP, &p->memory,
				    error);
	if (!err)
		err = p->handle.ops->reach(&p->handle, &p->memory, error);
	if (err)
		return err;
	p->port.ring = p->memory.base;
	p->port.status = (void *)((char *)p->memory.base + p->memory.ring_bytes);
	p->port.ring_bus = p->memory.ring_bus;
	p->port.status_bus = p->memory.status_bus;
	p->port.ring_bits = args->ring_bits;
	return 0;
}

static int map_bars(struct pci_port *p, struct fb_error *error)
{
	struct fb_pci_handle *h = &p->handle;
	void *bar = NULL;
	int err = h->ops->map(h, 0, FB_BAR0_BYTES, false, &bar, error);
	if (err)
		return err;
	p->bar0 = bar;
	err = h->ops->map(h, 2, BAR2_BYTES, p->emitter->combines, &bar, error);
	if (err)
		return err;
	p->bar2 = bar;
	err = fb_guard_add((void *)(uintptr_t)p->bar0, FB_BAR0_BYTES, &p->guard0);
	if (!err)
		err = fb_guard_add((void *)(uintptr_t)p->bar2, BAR2_BYTES, &p->guard2);
	return err ? fb_error_set(error, err, "more than %d BARs are open in this process",
				  FB_GUARDS)
		   : 0;
}

static int start(struct pci_port *p, struct fb_error *error)
{
	int err = fb_pci_config_begin(&p->config, &p->handle, error);
	if (!err)
		err = map_bars(p, error);
	return err ? err : fb_pci_config_master(&p->config, error);
}

static int open_all(struct pci_port *p, struct fb_pci_args *args, struct fb_error *error)
{
	struct fb_pci_card card;
	int err = find(p->os, args, &card, error);
	if (!err)
		err = decide(args, &card, error);
	if (err)
		return err;
	snprintf(p->bdf, sizeof(p->bdf), "%s", card.bdf);
	snprintf(p->why, sizeof(p->why),
		 "%s vanished: the kernel took its memory away (SIGBUS); dmesg | tail says why; as "
		 "root: echo 1 >/sys/bus/pci/rescan",
		 card.bdf);
	err = (args->access == FB_ACCESS_VFIO ? fb_pci_vfio_open : fb_pci_sysfs_open)(
		p->os, &card, &p->handle, error);
	p->opened = !err;
	if (err)
		return err;
	p->emitter = fb_emitter_choose(args->emit, p->handle.combining, error);
	if (!p->emitter)
		return -ENOTSUP;
	err = take_memory(p, args, error);
	return err ? err : start(p, error);
}

static uint32_t nonce(void)
{
	uint32_t value = 0;
	while (value == 0 || value == UINT32_MAX)
		if (getrandom(&value, sizeof(value), 0) != sizeof(value))
			value = (uint32_t)port_now_ns(NULL);
	return value;
}

int fb_pci_port_open_on(struct fb_os *os, const char *text, struct fb_card_port **out,
			struct fb_error *error)
{
	struct fb_pci_args args;
	int err = fb_pci_args_parse(text, &args, error);
	if (err)
		return err;
	struct pci_port *p = calloc(1, sizeof(*p));
	if (!p)
		return fb_error_set(error, -ENOMEM, "pci: no memory");
	fb_os_linux(&p->running);
	p->os = os ? os : &p->running;
	err = open_all(p, &args, error);
	if (err) {
		give_back(p);
		return err;
	}
	p->port.ops = &port_ops;
	p->port.nonce = nonce();
	fb_pci_args_print(&args, p->bdf, p->port.path, sizeof(p->port.path));
	snprintf(p->port.emitter, sizeof(p->port.emitter), "%s", p->emitter->name);
	*out = &p->port;
	return 0;
}

int fb_pci_port_open(const char *args, struct fb_card_port **out, struct fb_error *error)
{
	return fb_pci_port_open_on(NULL, args, out, error);
}
