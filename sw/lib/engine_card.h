/* Engines over a card, whatever leads to it: `sim:`, `pci:`, and ports that tests bring. */
#ifndef FIREBREAK_ENGINE_CARD_H
#define FIREBREAK_ENGINE_CARD_H

#include <firebreak/engine.h>

#include "card.h"
#include "core_args.h"

typedef int (*fb_card_port_open)(const char *args, struct fb_card_port **out,
				 struct fb_error *error);

#define FB_CARD_ARGS 256 /* longest text of arguments */

/* The driver's own arguments, taken out of a text of "a,b=c,...": place=load|random (load),
 * patience=N (1). seed=N is read here, for place=random, and left in. */
struct fb_card_args {
	struct fb_core_args core;
	unsigned patience;
	char port[FB_CARD_ARGS]; /* what is left, for the port */
};
/* name: scheme of the URI, for errors. 0; -EINVAL. */
int fb_card_args_parse(const char *name, const char *text, struct fb_card_args *out,
		       struct fb_error *error);

/* Opens a port with what is left of the arguments, a card over it, and an engine over that. */
int fb_card_engine_open(const char *name, fb_card_port_open open_port, const char *args,
			struct fb_engine **out, struct fb_error *error);
/* An engine over a card that is open; its patience is for the URI. The card belongs to it from here
 * on, also if this fails. name must outlive it. */
int fb_card_engine_over(const char *name, struct fb_card_driver *card,
			const struct fb_card_args *args, struct fb_engine **out,
			struct fb_error *error);
/* The driver of an engine that one of these opened. */
struct fb_card_driver *fb_card_engine_driver(struct fb_engine *engine);

#endif
