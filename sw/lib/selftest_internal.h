/* What the files of the self-test share. See <firebreak/selftest.h>. */
#ifndef SELFTEST_INTERNAL_H
#define SELFTEST_INTERNAL_H

#include <firebreak/engine.h>
#include <firebreak/selftest.h>

#include "engine_card.h"

/* The step passed, or not; returns that. */
__attribute__((format(printf, 4, 5)))
bool selftest_say(struct fb_selftest *test, const char *name, bool passed, const char *format, ...);

/* selftest_registers.c: needs a port without a session. Settings are left as they were. */
bool selftest_registers(struct fb_selftest *test, struct fb_card_port *port);

/* selftest_words.c: the engine is as after opening; its sequence goes on at *seq. */
bool selftest_words(struct fb_selftest *test, struct fb_engine *engine, uint64_t seed,
		    uint64_t *seq);
/* n times: 0, or -1 with the step said. */
bool selftest_fences(struct fb_selftest *test, struct fb_engine *engine, unsigned n, uint64_t *seq);

/* A card whose port is opened by this function; args as in its URI. For tests. */
void fb_selftest_card(const char *name, fb_card_port_open open_port, const char *args,
		      uint64_t seed, struct fb_selftest *out);

#endif
