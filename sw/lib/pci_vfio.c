/* A card through VFIO: see pci_handle.h and vfio.h. */
#include <errno.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "pci_handle.h"

static int vfio_config_read(struct fb_pci_handle *h, uint32_t offset, uint16_t *value)
{
	return h->os->read_at(h->os, h->vfio.device, value, sizeof(*value),
			      h->config_offset + offset);
}

static int vfio_config_write(struct fb_pci_handle *h, uint32_t offset, uint16_t value)
{
	return h->os->write_at(h->os, h->vfio.device, &value, sizeof(value),
			       h->config_offset + offset);
}

static int vfio_map(struct fb_pci_handle *h, int bar, size_t bytes, bool combining, void **out,
		    struct fb_error *error)
{
	struct fb_vfio_region region;
	(void)combining; /* the kernel maps uncached */
	int err = fb_vfio_region(&h->vfio, (uint32_t)(VFIO_PCI_BAR0_REGION_INDEX + bar), &region);
	if (!err && (!region.mappable || region.bytes < bytes))
		return fb_error_set(error, -ENODEV,
				    "%s: BAR%d has %llu bytes that VFIO can map, a card has %zu; "
				    "it may need another bitstream, and after it: echo 1 "
				    ">/sys/bus/pci/devices/%s/remove; echo 1 >/sys/bus/pci/rescan",
				    h->bdf, bar,
				    region.mappable ? (unsigned long long)region.bytes : 0ull,
				    bytes, h->bdf);
	if (!err)
		err = h->os->map(h->os, h->vfio.device, bytes, MAP_SHARED, region.offset, out);
	if (err)
		return fb_error_set(error, err, "%s: BAR%d cannot be mapped: %s", h->bdf, bar,
				    strerror(-err));
	return 0;
}

/* Ends with the address space: nothing is to be undone. */
static int vfio_reach(struct fb_pci_handle *h, struct fb_pci_memory *memory, struct fb_error *error)
{
	uint64_t iova;
	int err = fb_vfio_find(&h->vfio, memory->bytes, &iova);
	if (err)
		return fb_error_set(error, err,
				    "%s: its IOMMU has no range of %zu bytes for the ring; take a "
				    "smaller ring=",
				    h->bdf, memory->bytes);
	err = fb_vfio_map(&h->vfio, memory->base, memory->bytes, iova);
	if (err == -ENOMEM || err == -EPERM)
		return fb_error_set(error, -ENOMEM,
				    "%s: %zu KiB for the ring cannot be pinned; raise the limit of "
				    "locked memory: ulimit -l unlimited, or LimitMEMLOCK=infinity "
				    "in the unit",
				    h->bdf, memory->bytes >> 10);
	if (err)
		return fb_error_set(error, err, "%s: the ring cannot be mapped for the card: %s",
				    h->bdf, strerror(-err));
	memory->ring_bus = iova;
	memory->status_bus = iova + memory->ring_bytes;
	return 0;
}

static void vfio_close(struct fb_pci_handle *h)
{
	fb_vfio_close(&h->vfio);
}

static const struct fb_pci_handle_ops vfio_ops = { "vfio",   vfio_config_read, vfio_config_write,
						   vfio_map, vfio_reach,       vfio_close };

static int refuse(const struct fb_pci_card *card, struct fb_error *error)
{
	char unbind[128] = "";
	if (*card->driver)
		snprintf(unbind, sizeof(unbind), "echo %s >/sys/bus/pci/devices/%s/driver/unbind; ",
			 card->bdf, card->bdf);
	return fb_error_set(error, *card->driver ? -EBUSY : -ENODEV,
			    "%s %s%s, access=vfio needs vfio-pci; as root: modprobe vfio-pci; "
			    "%secho vfio-pci >/sys/bus/pci/devices/%s/driver_override; echo %s "
			    ">/sys/bus/pci/drivers_probe",
			    card->bdf, *card->driver ? "is bound to " : "is bound to no driver",
			    card->driver, unbind, card->bdf, card->bdf);
}

int fb_pci_vfio_open(struct fb_os *os, const struct fb_pci_card *card, struct fb_pci_handle *out,
		     struct fb_error *error)
{
	struct fb_vfio_region config;
	*out = (struct fb_pci_handle){ .ops = &vfio_ops, .os = os, .resource0 = -1, .config = -1 };
	snprintf(out->bdf, sizeof(out->bdf), "%s", card->bdf);
	if (strncmp(card->driver, "vfio-pci", 8) != 0)
		return refuse(card, error);
	int err = fb_vfio_open(os, card->bdf, &out->vfio, error);
	if (err)
		return err;
	err = fb_vfio_region(&out->vfio, VFIO_PCI_CONFIG_REGION_INDEX, &config);
	if (err) {
		fb_vfio_close(&out->vfio);
		return fb_error_set(error, err, "%s: VFIO shows no configuration space: %s",
				    card->bdf, strerror(-err));
	}
	out->config_offset = config.offset;
	return 0;
}
