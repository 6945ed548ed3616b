/* Makes what hw/rtl/fb_pair.v makes of two LEVEL records, byte by byte as the contract says it. */
#ifndef PAIR_KIT_H
#define PAIR_KIT_H

#include <stdbool.h>
#include <string.h>

#include <firebreak/layout.h>

static inline bool pair_fits(const union fb_record *r)
{
	const struct fb_rec_level *l = &r->level;
	bool equity = l->equity.hi == (int64_t)l->equity.lo >> 63;
	return l->kind == FB_REC_LEVEL && equity && l->mm.hi >= 0 && l->mm.hi < 1 << 16 &&
	       l->bad_rows == 0 && l->damaged == 0;
}

/* False: the two must go alone. */
static inline bool pair_make(const union fb_record *a, const union fb_record *b,
			     union fb_record *out)
{
	if (!pair_fits(a) || !pair_fits(b) || a->level.seq != b->level.seq)
		return false;
	memset(out, 0, sizeof(*out));
	memcpy(out->bytes, &a->level.seq, 8);
	out->bytes[8] = FB_REC_LEVEL_PAIR;
	out->bytes[9] = (uint8_t)(b->level.level << 4 | b->level.level_before);
	out->bytes[10] = (uint8_t)(a->level.class_id << 4 | a->level.level);
	out->bytes[11] = (uint8_t)(b->level.class_id << 4 | a->level.level_before);
	memcpy(out->bytes + 12, &a->level.account, 4);
	memcpy(out->bytes + 16, &a->level.equity, 8);
	memcpy(out->bytes + 24, &b->level.equity, 8);
	memcpy(out->bytes + 32, &a->level.mm, 8);
	memcpy(out->bytes + 40, &b->level.mm, 8);
	memcpy(out->bytes + 48, (const uint8_t *)&a->level.mm + 8, 2);
	memcpy(out->bytes + 50, (const uint8_t *)&b->level.mm + 8, 2);
	memcpy(out->bytes + 52, &b->level.account, 4);
	return true;
}

#endif
