/* What the doctor looks at on a card: its link, and whether and how it can be opened. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include <firebreak/layout.h>

#include "doctor_internal.h"
#include "pci_kernel.h"
#include "vfio.h"

#define PATH_ROOM 192
#define MEMORY 0x2 /* of the command register */
#define MASTER 0x4

static const char unseen[] = "only root sees it: sudo firebreak doctor";

/* ---- the link ---- */

/* Why the capability is not there. */
static void not_capable(struct fb_check *check, const struct fb_pci_card *card)
{
	fb_check_measured(check, card->whole ? "no PCI Express capability" : "unknown");
	fb_check_cure(check, FB_WARN, "%s",
		      card->whole ? "an emulated device has none; a card without one has lost its "
				    "link: lspci -vv"
				  : unseen);
}

static void link_width(struct fb_doctor *d, const struct fb_pci_card *card)
{
	struct fb_check *check = fb_doctor_check(d, "link width");
	fb_check_wanted(check, "all lanes of the card");
	if (card->link_width_most == 0) {
		not_capable(check, card);
		return;
	}
	fb_check_measured(check, "x%u", card->link_width);
	fb_check_wanted(check, "x%u", card->link_width_most);
	if (card->link_width == 0)
		fb_check_cure(check, FB_FAIL,
			      "the link is down: reseat or program the card; as root: echo 1 "
			      ">/sys/bus/pci/devices/%s/remove; echo 1 >/sys/bus/pci/rescan",
			      card->bdf);
	else if (card->link_width < card->link_width_most)
		fb_check_cure(check, FB_WARN,
			      "reseat the card; see that the slot has x%u wired and shares no "
			      "lanes (dmidecode -t slot; the board's manual)",
			      card->link_width_most);
}

static void link_speed(struct fb_doctor *d, const struct fb_pci_card *card)
{
	struct fb_check *check = fb_doctor_check(d, "link speed");
	fb_check_wanted(check, "the speed of the card");
	if (card->link_speed_most == 0) {
		not_capable(check, card);
		return;
	}
	fb_check_measured(check, "%s", fb_card_speed(card->link_speed));
	fb_check_wanted(check, "%s", fb_card_speed(card->link_speed_most));
	if (card->link_speed < card->link_speed_most)
		fb_check_cure(check, FB_WARN,
			      "the slot's speed in the firmware's set-up, then a cold boot: after "
			      "a warm one slots stay slow");
}

/* A port above that sends packets larger than the card takes loses them. */
static void payload(struct fb_doctor *d, const struct fb_pci_card *card)
{
	struct fb_check *check = fb_doctor_check(d, "payload size");
	fb_check_wanted(check, "the same on both ends of the link; 128 bytes will do");
	if (!card->capable) {
		not_capable(check, card);
		return;
	}
	fb_check_measured(check, "card %u bytes, up to %u; port %u", card->payload_bytes,
			  card->payload_bytes_most, card->port_payload_bytes);
	if (card->port_payload_bytes == 0)
		fb_check_measured(check, "card %u bytes, up to %u; port unknown",
				  card->payload_bytes, card->payload_bytes_most);
	else if (card->port_payload_bytes != card->payload_bytes)
		fb_check_cure(check, FB_FAIL, "boot with pci=pcie_bus_safe");
}

static void ordering(struct fb_doctor *d, const struct fb_pci_card *card)
{
	struct fb_check *check = fb_doctor_check(d, "ordering");
	fb_check_wanted(check, "relaxed ordering off: records must not overtake each other");
	if (!card->capable) {
		not_capable(check, card);
		return;
	}
	/* On is what every card is born with, and a port switches it off. */
	fb_check_measured(check, "relaxed ordering %s",
			  !card->relaxed_ordering  ? "off"
			  : card->command & MASTER ? "on"
						   : "on, off while a port is open");
	if (card->relaxed_ordering && card->command & MASTER)
		fb_check_cure(check, FB_WARN, "as root: setpci -s %s CAP_EXP+8.w=0:10", card->bdf);
}

static void errors(struct fb_doctor *d, const struct fb_pci_card *card)
{
	struct fb_check *check = fb_doctor_check(d, "bus errors");
	fb_check_wanted(check, "none");
	if (card->errors_correctable < 0 && card->errors_nonfatal < 0 && card->errors_fatal < 0) {
		fb_check_measured(check, "not counted by this kernel");
		return;
	}
	fb_check_measured(check,
			  "%" PRId64 " correctable, %" PRId64 " non-fatal, %" PRId64 " fatal",
			  card->errors_correctable, card->errors_nonfatal, card->errors_fatal);
	if (card->errors_correctable > 0 || card->errors_nonfatal > 0 || card->errors_fatal > 0)
		fb_check_cure(check, FB_WARN,
			      "which they are: grep -v ' 0$' /sys/bus/pci/devices/%s/aer_dev_*; "
			      "receiver errors: reseat the card, another slot or cable",
			      card->bdf);
}

void fb_doctor_link(struct fb_doctor *d, const struct fb_pci_card *card)
{
	link_width(d, card);
	link_speed(d, card);
	payload(d, card);
	ordering(d, card);
	errors(d, card);
}

/* ---- the way in ---- */

static bool by_vfio(const struct fb_pci_card *card)
{
	return strncmp(card->driver, "vfio-pci", 8) == 0;
}

static void driver(struct fb_doctor *d, const struct fb_pci_card *card,
		   const struct fb_pci_args *args)
{
	struct fb_check *check = fb_doctor_check(d, "driver");
	bool iommu = card->iommu_group >= 0;
	bool sysfs = args->access == FB_ACCESS_SYSFS;
	fb_check_measured(check, "%s", *card->driver ? card->driver : "none");
	fb_check_wanted(check, sysfs	  ? "none, for access=sysfs"
			       : iommu	  ? "vfio-pci"
					  : "none, or vfio-pci behind an IOMMU");
	if (*card->driver && (sysfs || !by_vfio(card)))
		fb_check_cure(check, FB_FAIL,
			      "as root: echo %s >/sys/bus/pci/devices/%s/driver/unbind", card->bdf,
			      card->bdf);
	else if (!*card->driver && iommu && !sysfs)
		fb_check_cure(check, FB_WARN,
			      "as root: modprobe vfio-pci; echo vfio-pci "
			      ">/sys/bus/pci/devices/%s/driver_override; echo %s "
			      ">/sys/bus/pci/drivers_probe",
			      card->bdf, card->bdf);
}

/* Does another process hold the lock of a card that no driver has? */
static bool in_use(const struct fb_os *os, const struct fb_pci_card *card)
{
	struct fb_os look = *os;
	char path[PATH_ROOM];
	fb_pci_file(card->bdf, "resource0", path, sizeof(path));
	int fd = look.open(&look, path, O_RDONLY);
	if (fd < 0)
		return false;
	bool held = look.lock(&look, fd) == -EWOULDBLOCK;
	look.close(&look, fd);
	return held;
}

static void command(struct fb_doctor *d, const struct fb_os *os, const struct fb_pci_card *card)
{
	struct fb_check *check = fb_doctor_check(d, "command register");
	bool held = !*card->driver && in_use(os, card);
	fb_check_wanted(check, "an answer; bus mastering only while a port is open");
	if (card->command == UINT16_MAX) {
		fb_check_measured(check, "all ones");
		fb_check_cure(check, FB_FAIL,
			      "the card does not answer; as root: echo 1 "
			      ">/sys/bus/pci/devices/%s/remove; echo 1 >/sys/bus/pci/rescan",
			      card->bdf);
		return;
	}
	fb_check_measured(check, "%04x: memory %s, bus mastering %s%s", card->command,
			  card->command & MEMORY ? "on" : "off",
			  card->command & MASTER ? "on" : "off", held ? ", in use" : "");
	if (card->command & MASTER && !*card->driver && !held)
		fb_check_cure(check, FB_WARN,
			      "left on by a process that was killed: the card may write to memory; "
			      "as root: setpci -s %s COMMAND=0:4",
			      card->bdf);
}

static void bar(struct fb_doctor *d, const char *name, const struct fb_pci_card *card,
		const struct fb_card_bar *b, uint64_t bytes)
{
	struct fb_check *check = fb_doctor_check(d, name);
	fb_check_wanted(check, "%" PRIu64 " bytes", bytes);
	fb_check_measured(check, "%" PRIu64 " bytes at %" PRIx64, b->bytes, b->base);
	if (b->base == 0) {
		fb_check_measured(check, "not assigned");
		fb_check_cure(check, FB_FAIL,
			      "as root: echo 1 >/sys/bus/pci/devices/%s/remove; echo 1 "
			      ">/sys/bus/pci/rescan; if that does not help boot with pci=realloc",
			      card->bdf);
	} else if (b->bytes == 0) {
		fb_check_measured(check, "at %" PRIx64 ", size not recorded", b->base);
	} else if (b->bytes < bytes) {
		fb_check_cure(check, FB_FAIL,
			      "another design is on it; program it, then as root: echo 1 "
			      ">/sys/bus/pci/devices/%s/remove; echo 1 >/sys/bus/pci/rescan",
			      card->bdf);
	}
}

static void stores(struct fb_doctor *d, const struct fb_os *os, const struct fb_pci_card *card)
{
	struct fb_check *check = fb_doctor_check(d, "command stores");
	char path[PATH_ROOM];
	bool direct = fb_doctor_flag(os, "movdir64b");
	fb_check_wanted(check, "one packet a command");
	fb_pci_file(card->bdf, "resource2_wc", path, sizeof(path));
	if (direct)
		fb_check_measured(check, "movdir64b");
	else if (!by_vfio(card) && fb_os_exists(os, path))
		fb_check_measured(check, "write-combining mapping, %s",
				  fb_doctor_flag(os, "avx512f") ? "avx512"
				  : fb_doctor_flag(os, "avx")	? "avx"
								: "sse2");
	else
		fb_check_measured(check, "uncached, 8 packets a command");
	if (!direct && by_vfio(card))
		fb_check_cure(check, FB_WARN,
			      "vfio-pci maps uncached and this processor has no movdir64b; "
			      "access=sysfs has a write-combining mapping, without an IOMMU");
	else if (!direct && !fb_os_exists(os, path))
		fb_check_cure(check, FB_WARN,
			      "%s", card->bar2.prefetchable
				      ? "the kernel makes no resource2_wc: boot without nopat"
				      : "BAR2 is not prefetchable: another design is on the card");
}

/* Other devices of the group that are no bridges. */
static int neighbours(const struct fb_os *os, const struct fb_pci_card *card)
{
	char path[PATH_ROOM], full[512], file[512], class_text[32];
	int n = 0;
	snprintf(path, sizeof(path), "/sys/kernel/iommu_groups/%d/devices", card->iommu_group);
	if (fb_os_path(os, full, sizeof(full), path))
		return 0;
	DIR *folder = opendir(full);
	for (struct dirent *e; folder && (e = readdir(folder));) {
		struct fb_bdf bdf;
		if (!fb_bdf_parse(e->d_name, &bdf) || strcmp(e->d_name, card->bdf) == 0)
			continue;
		snprintf(file, sizeof(file), "/sys/bus/pci/devices/%s/class", e->d_name);
		n += fb_os_line(os, file, class_text, sizeof(class_text)) ||
		     strncmp(class_text, "0x0604", 6) != 0;
	}
	if (folder)
		closedir(folder);
	return n;
}

static void iommu(struct fb_doctor *d, const struct fb_os *os, const struct fb_pci_card *card)
{
	struct fb_check *check = fb_doctor_check(d, "IOMMU");
	fb_check_wanted(check, "a group of its own");
	if (card->iommu_group < 0) {
		fb_check_measured(check, "none");
		fb_check_cure(check, FB_WARN,
			      "switch VT-d or AMD-Vi on in the firmware and boot with "
			      "intel_iommu=on; without one the card can write everywhere and needs "
			      "access=sysfs,dma=pagemap");
		return;
	}
	int others = neighbours(os, card);
	fb_check_measured(check, "group %d, %s, %d other devices", card->iommu_group,
			  *card->iommu_type ? card->iommu_type : "type unknown", others);
	if (others)
		fb_check_cure(check, FB_WARN,
			      "all of them must be bound to vfio-pci, or the card put "
			      "into another slot: ls /sys/kernel/iommu_groups/%d/devices",
			      card->iommu_group);
}

static void permission(struct fb_doctor *d, const struct fb_os *os,
		       const struct fb_pci_card *card)
{
	struct fb_check *check = fb_doctor_check(d, "permission");
	char path[PATH_ROOM];
	if (!by_vfio(card))
		fb_pci_file(card->bdf, "resource0", path, sizeof(path));
	else if (fb_vfio_cdev_file(os, card->bdf, path, sizeof(path)))
		snprintf(path, sizeof(path), "/dev/vfio/%d", card->iommu_group);
	int err = fb_os_may_write(os, path);
	fb_check_wanted(check, "to read and write %s", path);
	fb_check_measured(check, "%s", err ? strerror(-err) : "given");
	if (err && by_vfio(card))
		fb_check_cure(check, FB_FAIL, "as root: chown $USER %s", path);
	else if (err)
		fb_check_cure(check, FB_FAIL,
			      "run firebreak as root, or bind the card to vfio-pci");
}

void fb_doctor_space(struct fb_doctor *d, const struct fb_os *os, const struct fb_pci_card *card)
{
	command(d, os, card);
	bar(d, "BAR0", card, &card->bar0, FB_BAR0_BYTES);
	bar(d, "BAR2", card, &card->bar2, (uint64_t)FB_WINDOW_SLOTS * FB_WORD_BYTES);
}

void fb_doctor_access(struct fb_doctor *d, const struct fb_os *os, const struct fb_pci_card *card,
		      const struct fb_pci_args *args)
{
	driver(d, card, args);
	stores(d, os, card);
	iommu(d, os, card);
	permission(d, os, card);
}
