/* A card through the files that the kernel shows of a device without a driver: see pci_handle.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "pci_handle.h"
#include "pci_kernel.h"

#define PATH_ROOM 192

static int open_file(struct fb_os *os, const char *bdf, const char *name, struct fb_error *error)
{
	char path[PATH_ROOM];
	fb_pci_file(bdf, name, path, sizeof(path));
	int fd = os->open(os, path, O_RDWR);
	if (fd == -EACCES || fd == -EPERM)
		return fb_error_set(error, -EACCES,
				    "no permission to open %s: run as root, or bind the card to "
				    "vfio-pci and chown its file in /dev/vfio",
				    path);
	if (fd == -ENOENT)
		return fb_error_set(error, -ENODEV,
				    "%s does not exist: the BAR is not assigned; as root: echo 1 "
				    ">/sys/bus/pci/devices/%s/remove; echo 1 >/sys/bus/pci/rescan",
				    path, bdf);
	if (fd < 0)
		return fb_error_set(error, fd, "%s: %s", path, strerror(-fd));
	return fd;
}

static int sysfs_config_read(struct fb_pci_handle *h, uint32_t offset, uint16_t *value)
{
	return h->os->read_at(h->os, h->config, value, sizeof(*value), offset);
}

static int sysfs_config_write(struct fb_pci_handle *h, uint32_t offset, uint16_t value)
{
	return h->os->write_at(h->os, h->config, &value, sizeof(value), offset);
}

static int sysfs_map(struct fb_pci_handle *h, int bar, size_t bytes, bool combining, void **out,
		     struct fb_error *error)
{
	int fd = bar == 0   ? h->resource0
		 : combining ? open_file(h->os, h->bdf, "resource2_wc", error)
			     : open_file(h->os, h->bdf, "resource2", error);
	if (fd < 0)
		return fd;
	int err = h->os->map(h->os, fd, bytes, MAP_SHARED, 0, out);
	if (bar != 0)
		h->os->close(h->os, fd); /* the mapping stays */
	if (err == -EPERM)
		return fb_error_set(error, -EACCES,
				    "%s: the kernel refuses to map a BAR: it is locked down "
				    "(Secure Boot; cat /sys/kernel/security/lockdown); bind the "
				    "card to vfio-pci instead",
				    h->bdf);
	if (err)
		return fb_error_set(error, err, "%s: BAR%d cannot be mapped: %s", h->bdf, bar,
				    strerror(-err));
	return 0;
}

static int sysfs_reach(struct fb_pci_handle *h, struct fb_pci_memory *memory,
		       struct fb_error *error)
{
	return fb_pci_memory_physical(h->os, memory, error);
}

static void sysfs_close(struct fb_pci_handle *h)
{
	if (h->config >= 0)
		h->os->close(h->os, h->config);
	if (h->resource0 >= 0)
		h->os->close(h->os, h->resource0); /* the lock ends here */
	h->config = h->resource0 = -1;
}

static const struct fb_pci_handle_ops sysfs_ops = {
	"sysfs", sysfs_config_read, sysfs_config_write, sysfs_map, sysfs_reach, sysfs_close
};

static int refuse(const struct fb_pci_card *card, struct fb_error *error)
{
	if (strncmp(card->driver, "vfio-pci", 8) == 0)
		return fb_error_set(error, -EBUSY,
				    "%s is bound to %s: take access=vfio, or unbind it as root: "
				    "echo %s >/sys/bus/pci/devices/%s/driver/unbind",
				    card->bdf, card->driver, card->bdf, card->bdf);
	if (*card->driver)
		return fb_error_set(error, -EBUSY,
				    "%s is in use by the kernel driver %s; unbind it as root: echo "
				    "%s >/sys/bus/pci/devices/%s/driver/unbind",
				    card->bdf, card->driver, card->bdf, card->bdf);
	if (card->iommu_group >= 0 && *card->iommu_type &&
	    strcmp(card->iommu_type, "identity") != 0)
		return fb_error_set(error, -ENOTSUP,
				    "%s is behind an IOMMU that translates (%s), physical "
				    "addresses mean nothing to it: bind it to vfio-pci and take "
				    "access=vfio, or boot with iommu=pt",
				    card->bdf, card->iommu_type);
	return 0;
}

int fb_pci_sysfs_open(struct fb_os *os, const struct fb_pci_card *card, struct fb_pci_handle *out,
		      struct fb_error *error)
{
	char path[PATH_ROOM];
	*out = (struct fb_pci_handle){ .ops = &sysfs_ops, .os = os, .resource0 = -1, .config = -1 };
	snprintf(out->bdf, sizeof(out->bdf), "%s", card->bdf);
	int err = refuse(card, error);
	if (err)
		return err;
	out->resource0 = open_file(os, card->bdf, "resource0", error);
	if (out->resource0 < 0)
		return out->resource0;
	err = os->lock(os, out->resource0);
	if (err)
		fb_error_set(error, err == -EWOULDBLOCK ? -EBUSY : err,
			     "%s is busy: another process has it; fuser -v "
			     "/sys/bus/pci/devices/%s/resource0 names it",
			     card->bdf, card->bdf);
	if (!err) {
		out->config = open_file(os, card->bdf, "config", error);
		err = out->config < 0 ? out->config : 0;
	}
	if (err) {
		sysfs_close(out);
		return err == -EWOULDBLOCK ? -EBUSY : err;
	}
	fb_pci_file(card->bdf, "resource2_wc", path, sizeof(path));
	out->combining = fb_os_may_write(os, path) == 0;
	return 0;
}
