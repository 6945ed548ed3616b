/* See pci_kernel.h. */
#include "pci_kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_ROOM 192

void fb_pci_file(const char *bdf, const char *file, char *out, size_t size)
{
	snprintf(out, size, "/sys/bus/pci/devices/%s/%s", bdf, file);
}

const char *fb_card_speed(uint32_t generation)
{
	static const char *const names[] = { "unknown", "2.5 GT/s", "5 GT/s", "8 GT/s",
					     "16 GT/s", "32 GT/s",  "64 GT/s" };
	return names[generation < sizeof(names) / sizeof(names[0]) ? generation : 0];
}

/* The kernel writes "16.0 GT/s PCIe" or, before 5.8, "16 GT/s". */
static uint32_t generation_of(const char *text)
{
	static const double gts[] = { 2.5, 5, 8, 16, 32, 64 };
	double speed = strtod(text, NULL);
	for (uint32_t i = 0; i < sizeof(gts) / sizeof(gts[0]); i++)
		if (speed >= gts[i] - 0.25 && speed <= gts[i] + 0.25)
			return i + 1;
	return 0;
}

static bool line(const struct fb_os *os, const char *bdf, const char *file, char *out, size_t size)
{
	char path[PATH_ROOM];
	fb_pci_file(bdf, file, path, sizeof(path));
	return fb_os_line(os, path, out, size) == 0;
}

static void link_state(const struct fb_os *os, struct fb_pci_card *card)
{
	char text[64];
	if (line(os, card->bdf, "current_link_width", text, sizeof(text)))
		card->link_width = (uint32_t)strtoul(text, NULL, 10);
	if (line(os, card->bdf, "max_link_width", text, sizeof(text)))
		card->link_width_most = (uint32_t)strtoul(text, NULL, 10);
	if (line(os, card->bdf, "current_link_speed", text, sizeof(text)))
		card->link_speed = generation_of(text);
	if (line(os, card->bdf, "max_link_speed", text, sizeof(text)))
		card->link_speed_most = generation_of(text);
	/* The kernel shows 255 lanes of a link that is down. */
	if (card->link_width == 255)
		card->link_width = 0;
}

/* The last line of aer_dev_* is the sum: "TOTAL_ERR_COR 3". */
static int64_t errors(const struct fb_os *os, const char *bdf, const char *file)
{
	char path[PATH_ROOM], text[2048];
	fb_pci_file(bdf, file, path, sizeof(path));
	if (fb_os_text(os, path, text, sizeof(text)) < 0)
		return -1;
	const char *total = strstr(text, "TOTAL_ERR_");
	total = total ? strchr(total, ' ') : NULL;
	return total ? strtoll(total, NULL, 10) : -1;
}

static void group(const struct fb_os *os, struct fb_pci_card *card)
{
	char path[PATH_ROOM], text[64], *end;
	card->iommu_group = -1;
	fb_pci_file(card->bdf, "iommu_group", path, sizeof(path));
	if (fb_os_link(os, path, text, sizeof(text)))
		return;
	long number = strtol(text, &end, 10);
	if (end == text || *end || number < 0 || number > INT32_MAX)
		return;
	card->iommu_group = (int)number;
	if (!line(os, card->bdf, "iommu_group/type", card->iommu_type, sizeof(card->iommu_type)))
		card->iommu_type[0] = '\0';
}

void fb_pci_kernel(const struct fb_os *os, struct fb_pci_card *card)
{
	char path[PATH_ROOM], text[64];
	fb_pci_file(card->bdf, "driver", path, sizeof(path));
	if (fb_os_link(os, path, card->driver, sizeof(card->driver)))
		card->driver[0] = '\0';
	card->numa_node = -1;
	if (line(os, card->bdf, "numa_node", text, sizeof(text)))
		card->numa_node = (int)strtol(text, NULL, 10);
	if (card->link_width_most == 0)
		link_state(os, card);
	group(os, card);
	card->errors_correctable = errors(os, card->bdf, "aer_dev_correctable");
	card->errors_nonfatal = errors(os, card->bdf, "aer_dev_nonfatal");
	card->errors_fatal = errors(os, card->bdf, "aer_dev_fatal");
}
