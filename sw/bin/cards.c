/* The cards of this machine, for `firebreak info`. */
#include <stdio.h>

#include <firebreak/cards.h>

#include "command.h"

static void print_json(const struct fb_pci_card *c, bool last)
{
	printf("    {\"uri\": \"pci:%s\", \"driver\": \"%s\", \"link_width\": %u, "
	       "\"link_width_most\": %u, \"link_speed\": \"%s\", \"link_speed_most\": \"%s\", "
	       "\"numa_node\": %d, \"iommu_group\": %d}%s\n",
	       c->bdf, c->driver, c->link_width, c->link_width_most, fb_card_speed(c->link_speed),
	       fb_card_speed(c->link_speed_most), c->numa_node, c->iommu_group, last ? "" : ",");
}

static void print_text(const struct fb_pci_card *c)
{
	printf("  pci:%-14s x%u of x%u, %s of %s, driver %s, ", c->bdf, c->link_width,
	       c->link_width_most, fb_card_speed(c->link_speed), fb_card_speed(c->link_speed_most),
	       *c->driver ? c->driver : "none");
	if (c->iommu_group >= 0)
		printf("IOMMU group %d", c->iommu_group);
	else
		printf("no IOMMU");
	if (c->numa_node >= 0)
		printf(", node %d", c->numa_node);
	printf("\n");
}

void print_cards(bool json)
{
	static struct fb_pci_card cards[FB_CARDS_MAX];
	struct fb_cards_source source = { .root = "" };
	struct fb_error error = { .text = "" };
	size_t found = 0;
	int err = fb_cards_find(&source, NULL, cards, FB_CARDS_MAX, &found, &error);
	printf(json ? "  \"cards\": [\n" : "cards\n");
	if (!json && err)
		printf("  not looked for: %s\n", error.text);
	else if (!json && found == 0)
		printf("  none; firebreak doctor says what to look at\n");
	for (size_t i = 0; i < found && i < FB_CARDS_MAX; i++) {
		if (json)
			print_json(&cards[i], i + 1 == found || i + 1 == FB_CARDS_MAX);
		else
			print_text(&cards[i]);
	}
	if (json)
		printf("  ]\n");
}
