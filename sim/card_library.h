/* Opens build/libfbcardN.so, the Verilated card. */
#ifndef FIREBREAK_CARD_LIBRARY_H
#define FIREBREAK_CARD_LIBRARY_H

#include <firebreak/error.h>

#include "../sw/lib/library.h"
#include "card_shim.h"

struct fb_card_library {
	struct fb_library library;
	const struct fb_card_model_ops *ops;
};

/* variant: "" or "-trace" (writes waveforms). Errors and places as in sw/lib/library.h. */
int fb_card_library_open(struct fb_card_library *library, uint32_t lanes, const char *variant,
			 struct fb_error *error);
void fb_card_library_close(struct fb_card_library *library);

#endif
