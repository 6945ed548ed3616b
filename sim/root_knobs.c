/* See root_knobs.h. */
#include "root_knobs.h"

#include <string.h>

/* With less credit no status line could ever go; at 100 percent nothing would ever move. */
#define CREDITS_LEAST 5
#define DELAY_MOST 1000000

#define KNOB(name, least, most) \
	{ #name, offsetof(struct fb_root_faults, name), false, least, most }
#define CYCLE(name) { #name, offsetof(struct fb_root_faults, name), true, 1, UINT64_MAX }

const struct fb_root_knob fb_root_knobs[] = {
	KNOB(split, 1, 100),
	KNOB(merge, 1, 100),
	KNOB(reorder, 1, 100),
	KNOB(repeat, 1, 100),
	KNOB(lose, 1, 100),
	KNOB(flip, 1, 100),
	KNOB(cq_pause, 1, 99),
	KNOB(stall, 1, 99),
	KNOB(credits, CREDITS_LEAST, 255),
	KNOB(starve, 1, 99),
	KNOB(delay_cycles, 1, DELAY_MOST),
	KNOB(torn, 1, 100),
	KNOB(stale, 1, 100),
	CYCLE(drop_at),
	CYCLE(master_off_at),
	CYCLE(flr_at),
	CYCLE(mute_at),
	{ 0 },
};

uint64_t fb_root_knob_get(const struct fb_root_faults *faults, const struct fb_root_knob *knob)
{
	const char *at = (const char *)faults + knob->offset;
	uint64_t wide;
	uint32_t narrow;
	memcpy(&narrow, at, sizeof(narrow));
	if (!knob->wide)
		return narrow;
	memcpy(&wide, at, sizeof(wide));
	return wide;
}

void fb_root_knob_set(struct fb_root_faults *faults, const struct fb_root_knob *knob,
		      uint64_t value)
{
	uint32_t narrow = (uint32_t)value;
	memcpy((char *)faults + knob->offset, knob->wide ? (void *)&value : (void *)&narrow,
	       knob->wide ? sizeof(value) : sizeof(narrow));
}

bool fb_root_knob_fits(const struct fb_root_knob *knob, uint64_t value)
{
	return value == 0 || (value >= knob->least && value <= knob->most);
}

const struct fb_root_knob *fb_root_knob_wrong(const struct fb_root_faults *faults)
{
	for (const struct fb_root_knob *knob = fb_root_knobs; knob->name; knob++)
		if (!fb_root_knob_fits(knob, fb_root_knob_get(faults, knob)))
			return knob;
	return NULL;
}
