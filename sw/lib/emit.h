/* How one 64-byte line is stored to a slot of the command window.
 *
 * The card takes a line in pieces of any size and in any order (card.md, section 3), so every
 * emitter is right on every mapping; they differ in how many packets a line becomes. One packet:
 * movdir64b on any mapping, full lines on a write-combining one. Uncached: one for each store, 50
 * to 300 ns apart. A line may stay in the processor until flush(). */
#ifndef FIREBREAK_EMIT_H
#define FIREBREAK_EMIT_H

#include <stdbool.h>
#include <stddef.h>

#include <firebreak/error.h>
#include <firebreak/layout.h>

enum fb_emit { FB_EMIT_AUTO, FB_EMIT_MOVDIR64B, FB_EMIT_AVX512, FB_EMIT_WC, FB_EMIT_UC, FB_EMITS };
extern const char *const fb_emit_names[FB_EMITS];

struct fb_emitter {
	const char *name;
	enum fb_emit kind;
	bool combines; /* wants a write-combining mapping; else it does without */
	bool (*here)(void); /* this processor can */
	/* slot is aligned to 64 bytes */
	void (*line)(volatile void *slot, const union fb_command *line);
	void (*flush)(void);
};

/* All there are, best first. */
extern const struct fb_emitter fb_emitters[];
extern const size_t fb_emitters_n;

/* The best that this processor can and, unless wanted names one, that the mapping is made for.
 * combining: there is a write-combining mapping. NULL with -ENOTSUP in error. */
const struct fb_emitter *fb_emitter_choose(enum fb_emit wanted, bool combining,
					   struct fb_error *error);

#endif
