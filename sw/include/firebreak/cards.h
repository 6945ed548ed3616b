/* Firebreak cards in this machine, as configuration space and the kernel tell. Nothing is opened or
 * changed by looking. Without root the kernel shows 64 bytes of configuration space: then what
 * stands in a capability is unknown, which is 0 or -1 below. */
#ifndef FIREBREAK_CARDS_H
#define FIREBREAK_CARDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/error.h>

#define FB_CARDS_MAX 16

struct fb_card_bar {
	uint64_t base, bytes; /* base 0: not assigned; bytes 0: unknown (a recorded dump) */
	bool prefetchable;
};

struct fb_pci_card {
	char bdf[24];
	uint16_t vendor, device, class_code;
	struct fb_card_bar bar0, bar2;
	uint16_t command;             /* command register */
	bool whole;                   /* more than the first 64 bytes could be read */
	bool capable;                 /* there is a PCIe capability */
	uint32_t link_width, link_width_most;
	uint32_t link_speed, link_speed_most;  /* generation: 1 is 2.5 GT/s, 2 5, 3 8, 4 16, 5 32 */
	uint32_t payload_bytes, payload_bytes_most;
	uint32_t port_payload_bytes;  /* of the port above it; 0: unknown */
	bool relaxed_ordering;
	int numa_node, iommu_group;   /* -1: none */
	char iommu_type[16];          /* "identity": it does not translate; "" unknown */
	char driver[32];              /* "" none */
	int64_t errors_correctable, errors_nonfatal, errors_fatal; /* AER; -1: not counted */
};

/* Where to look. */
struct fb_cards_source {
	const char *root; /* "" : this machine; else a folder with recorded sys, proc and dev */
	const char *dump; /* not NULL: output of lspci -xxxx instead, which knows no kernel */
};

/* The cards of our number in the order of their addresses; *found may exceed room. at: not our
 * cards but the device of that address, whatever it is. 0; -ENOTSUP: built without libpci; -EIO
 * what libpci said. */
int fb_cards_find(const struct fb_cards_source *source, const char *at, struct fb_pci_card *out,
		  size_t room, size_t *found, struct fb_error *error);

/* "16 GT/s" of a generation, "unknown" of 0. */
const char *fb_card_speed(uint32_t generation);

#endif
