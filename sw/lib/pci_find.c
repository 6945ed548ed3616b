/* The one file that knows libpci, which is GPL-2.0-or-later: `make LIBPCI=0` builds pci_none.c in
 * its place. */
#include <errno.h>
#include <pci/pci.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <firebreak/layout.h>

#include "pci_args.h"
#include "pci_kernel.h"

/* libpci ends the program on an error; here it comes back. */
struct escape {
	jmp_buf out;
	char text[256];
};
static _Thread_local struct escape *escape;

__attribute__((noreturn, format(printf, 1, 2)))
static void on_error(char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(escape->text, sizeof(escape->text), format, args);
	va_end(args);
	longjmp(escape->out, 1);
}

__attribute__((format(printf, 1, 2)))
static void on_warning(char *format, ...)
{
	(void)format;
}

static struct fb_card_bar bar_of(const struct pci_dev *d, int i)
{
	struct fb_card_bar bar = { .base = d->base_addr[i] & PCI_ADDR_MEM_MASK,
				   .bytes = d->size[i],
				   .prefetchable =
					   d->base_addr[i] & PCI_BASE_ADDRESS_MEM_PREFETCH };
	/* An I/O BAR is no window of ours, and an upper half that is all ones is a dead read. */
	if (d->base_addr[i] & PCI_BASE_ADDRESS_SPACE_IO)
		bar.base = 0;
	return bar;
}

static uint32_t payload_bytes(uint32_t code)
{
	return code <= 5 ? 128u << code : 0;
}

static void link_of(struct pci_dev *d, unsigned at, struct fb_pci_card *card)
{
	uint32_t can = pci_read_long(d, (int)(at + PCI_EXP_LNKCAP));
	uint32_t is = pci_read_word(d, (int)(at + PCI_EXP_LNKSTA));
	uint32_t device = pci_read_long(d, (int)(at + PCI_EXP_DEVCAP));
	uint32_t control = pci_read_word(d, (int)(at + PCI_EXP_DEVCTL));
	if (can == UINT32_MAX || device == UINT32_MAX)
		return; /* the link is down */
	card->capable = true;
	card->link_speed_most = can & PCI_EXP_LNKCAP_SPEED;
	card->link_width_most = (can & PCI_EXP_LNKCAP_WIDTH) >> 4;
	card->link_speed = is & PCI_EXP_LNKSTA_SPEED;
	card->link_width = (is & PCI_EXP_LNKSTA_WIDTH) >> 4;
	card->payload_bytes_most = payload_bytes(device & PCI_EXP_DEVCAP_PAYLOAD);
	card->payload_bytes = payload_bytes((control & PCI_EXP_DEVCTL_PAYLOAD) >> 5);
	card->relaxed_ordering = control & PCI_EXP_DEVCTL_RELAXED;
}

/* The port above: the bridge whose secondary bus is that of the card. */
static uint32_t port_payload(struct pci_access *access, const struct pci_dev *card)
{
	for (struct pci_dev *d = access->devices; d; d = d->next) {
		if (d->domain != card->domain ||
		    (pci_read_byte(d, PCI_HEADER_TYPE) & 0x7f) != PCI_HEADER_TYPE_BRIDGE ||
		    pci_read_byte(d, PCI_SECONDARY_BUS) != card->bus)
			continue;
		struct pci_cap *cap = pci_find_cap(d, PCI_CAP_ID_EXP, PCI_CAP_NORMAL);
		if (!cap)
			continue;
		uint32_t control = pci_read_word(d, (int)(cap->addr + PCI_EXP_DEVCTL));
		return payload_bytes((control & PCI_EXP_DEVCTL_PAYLOAD) >> 5);
	}
	return 0;
}

static void fill(const struct fb_cards_source *source, struct pci_dev *d, struct fb_pci_card *card)
{
	struct fb_bdf bdf = { (uint32_t)d->domain, d->bus, d->dev, d->func };
	u8 beyond[4];
	*card = (struct fb_pci_card){ .vendor = d->vendor_id,
				      .device = d->device_id,
				      .class_code = d->device_class,
				      .numa_node = -1,
				      .iommu_group = -1,
				      .errors_correctable = -1,
				      .errors_nonfatal = -1,
				      .errors_fatal = -1 };
	fb_bdf_print(&bdf, card->bdf);
	pci_fill_info(d, PCI_FILL_IDENT | PCI_FILL_BASES | PCI_FILL_SIZES | PCI_FILL_CLASS |
				 PCI_FILL_CAPS);
	card->bar0 = bar_of(d, 0);
	card->bar2 = bar_of(d, 2);
	card->command = pci_read_word(d, PCI_COMMAND);
	card->whole = pci_read_block(d, 64, beyond, sizeof(beyond));
	struct pci_cap *cap = pci_find_cap(d, PCI_CAP_ID_EXP, PCI_CAP_NORMAL);
	if (cap)
		link_of(d, cap->addr, card);
	card->port_payload_bytes = port_payload(d->access, d);
	if (!source->dump) {
		struct fb_os os;
		fb_os_linux(&os);
		os.root = source->root;
		fb_pci_kernel(&os, card);
	}
}

/* Insertion: libpci gives devices in the order in which the kernel found them. */
static void keep(const struct fb_pci_card *card, struct fb_pci_card *out, size_t room, size_t found)
{
	size_t i = found < room ? found : room;
	for (; i > 0 && strcmp(out[i - 1].bdf, card->bdf) > 0; i--)
		if (i < room)
			out[i] = out[i - 1];
	if (i < room)
		out[i] = *card;
}

static void collect(struct pci_access *access, const struct fb_cards_source *source,
		    const struct fb_bdf *at, struct fb_pci_card *out, size_t room, size_t *found)
{
	pci_init(access);
	pci_scan_bus(access);
	for (struct pci_dev *d = access->devices; d; d = d->next) {
		struct fb_pci_card card;
		pci_fill_info(d, PCI_FILL_IDENT | PCI_FILL_CLASS);
		bool wanted = at ? at->domain == (uint32_t)d->domain && at->bus == d->bus &&
					   at->device == d->dev && at->function == d->func
				 : d->vendor_id == FB_PCI_VENDOR && d->device_id == FB_PCI_DEVICE;
		if (!wanted)
			continue;
		fill(source, d, &card);
		keep(&card, out, room, *found);
		++*found;
	}
}

static int prepare(struct pci_access *access, const struct fb_cards_source *source, char *path,
		   size_t size)
{
	access->error = on_error;
	access->warning = on_warning;
	access->debug = on_warning;
	if (source->dump) {
		access->method = PCI_ACCESS_DUMP;
		snprintf(path, size, "%s", source->dump);
		return pci_set_param(access, (char *)(uintptr_t) "dump.name", path);
	}
	access->method = PCI_ACCESS_SYS_BUS_PCI;
	snprintf(path, size, "%s/sys/bus/pci", source->root);
	return pci_set_param(access, (char *)(uintptr_t) "sysfs.path", path);
}

int fb_cards_find(const struct fb_cards_source *source, const char *at, struct fb_pci_card *out,
		  size_t room, size_t *found, struct fb_error *error)
{
	struct fb_bdf bdf;
	struct escape here;
	char path[512];
	*found = 0;
	if (at && !fb_bdf_parse(at, &bdf))
		return fb_error_set(error, -EINVAL, "not the address of a PCI device: '%s'", at);
	struct pci_access *access = pci_alloc();
	escape = &here;
	if (setjmp(here.out)) {
		fb_error_set(error, -EIO, "libpci: %s", here.text);
		*found = 0;
		/* A file that libpci had open at that moment stays open. */
		if (!setjmp(here.out))
			pci_cleanup(access);
		return -EIO;
	}
	if (prepare(access, source, path, sizeof(path)))
		return fb_error_set(error, -EIO, "libpci has no way to read %s", path);
	collect(access, source, at ? &bdf : NULL, out, room, found);
	pci_cleanup(access);
	return 0;
}
