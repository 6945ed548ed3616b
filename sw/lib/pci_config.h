/* What a port changes in its card's configuration space while it is open, and gives back: memory
 * decoding, bus mastering, and relaxed ordering, which is off meanwhile. */
#ifndef FIREBREAK_PCI_CONFIG_H
#define FIREBREAK_PCI_CONFIG_H

#include "pci_handle.h"

struct fb_pci_config {
	struct fb_pci_handle *handle;  /* NULL: nothing was changed */
	uint16_t command, control;     /* the registers as found */
	uint32_t control_at;           /* device control of the PCIe capability; 0: there is none */
};

/* Memory decoding on, bus mastering off, so that a session which a killed process left behind is
 * closed and writes nothing to the new ring or where the old one was. -ENODEV: no answer. */
int fb_pci_config_begin(struct fb_pci_config *config, struct fb_pci_handle *handle,
			struct fb_error *error);
/* Bus mastering on: when all is ready. */
int fb_pci_config_master(struct fb_pci_config *config, struct fb_error *error);
/* Bus mastering off: the card stops writing before its memory goes. It closes its session
 * (card.md, section 2), and the read behind the write does not return before the card has it. */
void fb_pci_config_stop(struct fb_pci_config *config);
/* As it was found: only when the memory is gone. */
void fb_pci_config_restore(struct fb_pci_config *config);

#endif
