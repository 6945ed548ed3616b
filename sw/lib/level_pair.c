/* See level_pair.h. */
#include "level_pair.h"

#include <stdbool.h>

static unsigned high4(uint8_t byte)
{
	return byte >> 4;
}

static unsigned low4(uint8_t byte)
{
	return byte & 15;
}

/* A LEVEL record says that something changed, or that an unknown account is not calm. */
static bool is_change(unsigned level, unsigned before)
{
	return level <= FB_LEVEL_FAULT && before <= FB_LEVEL_FAULT && (level || before);
}

static union fb_record change(const struct fb_rec_level_pair *pair, unsigned i, uint32_t account)
{
	bool first = i == 0;
	uint8_t level = (uint8_t)(first ? low4(pair->level) : high4(pair->flags));
	uint8_t before = (uint8_t)low4(first ? pair->level_before : pair->flags);
	uint8_t class_id = (uint8_t)high4(first ? pair->level : pair->level_before);
	int64_t equity = pair->equity[i];
	return (union fb_record){ .level = { .seq = pair->seq,
					     .kind = FB_REC_LEVEL,
					     .level = level,
					     .level_before = before,
					     .account = account,
					     .equity = { (uint64_t)equity, equity < 0 ? -1 : 0 },
					     .mm = { pair->mm_lo[i], pair->mm_hi[i] },
					     .class_id = class_id } };
}

const char *fb_level_pair_open(const struct fb_rec_level_pair *pair, union fb_record out[2])
{
	union fb_record first = change(pair, 0, pair->account);
	union fb_record second = change(pair, 1, pair->second);
	if (pair->account == pair->second)
		return "names the same account twice";
	if (!is_change(first.level.level, first.level.level_before) ||
	    !is_change(second.level.level, second.level.level_before))
		return "holds levels that are no change";
	out[0] = first;
	out[1] = second;
	return NULL;
}
