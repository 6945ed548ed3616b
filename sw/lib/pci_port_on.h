/* pci_port.h on another system than the running one: for tests. */
#ifndef FIREBREAK_PCI_PORT_ON_H
#define FIREBREAK_PCI_PORT_ON_H

#include "os.h"
#include "pci_port.h"

/* os must outlive the port. */
int fb_pci_port_open_on(struct fb_os *os, const char *args, struct fb_card_port **out,
			struct fb_error *error);

#endif
