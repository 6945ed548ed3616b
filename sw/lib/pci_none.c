/* In place of pci_find.c when Firebreak is built without libpci (`make LIBPCI=0`). */
#include <errno.h>

#include <firebreak/cards.h>

int fb_cards_find(const struct fb_cards_source *source, const char *at, struct fb_pci_card *out,
		  size_t room, size_t *found, struct fb_error *error)
{
	(void)source;
	(void)at;
	(void)out;
	(void)room;
	*found = 0;
	return fb_error_set(error, -ENOTSUP,
			    "this firebreak was built without libpci and finds no cards: apt-get "
			    "install libpci-dev && make LIBPCI=1 all");
}
