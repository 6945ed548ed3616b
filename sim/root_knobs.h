/* The knobs of struct fb_root_faults by name. */
#ifndef FIREBREAK_ROOT_KNOBS_H
#define FIREBREAK_ROOT_KNOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "root.h"

struct fb_root_knob {
	const char *name;
	size_t offset;
	bool wide;              /* a u64; else a u32 */
	uint32_t least;         /* unless it is 0, off */
	uint64_t most;
};

/* Ends with a name of NULL. `seed` is not among them. */
extern const struct fb_root_knob fb_root_knobs[];

uint64_t fb_root_knob_get(const struct fb_root_faults *faults, const struct fb_root_knob *knob);
void fb_root_knob_set(struct fb_root_faults *faults, const struct fb_root_knob *knob,
		      uint64_t value);
bool fb_root_knob_fits(const struct fb_root_knob *knob, uint64_t value);
/* The first that is out of range, or NULL. */
const struct fb_root_knob *fb_root_knob_wrong(const struct fb_root_faults *faults);

#endif
