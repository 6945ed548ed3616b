/* What the tests of RANK share: the command, a world with two symbols, and what came out. */
#ifndef MODEL_RANK_KIT_H
#define MODEL_RANK_KIT_H

#include "model_kit.h"

#define L(e, fraction) ((uint32_t)(e) * 65536 + (fraction)) /* units of 2^-16 */
#define MIDDLE (INT32_C(1) << 27)
#define ALL UINT32_MAX
/* Coefficients: operand i with c_i. */
#define C(i, c) ((uint32_t)((c) & 0xf) << 4 * (i))
enum { PNL, ENTRY, NOTIONAL, EQUITY, ACCOUNT_MM, ROW_MM, COLLATERAL };

static struct kit kit;

static inline union fb_command c_rank(uint16_t symbol, uint8_t side, enum fb_rank mode)
{
	union fb_command c = c_plain(FB_OP_RANK);
	c.rank.symbol = symbol;
	c.rank.side = side;
	c.rank.mode = (uint8_t)mode;
	c.rank.exclude_level = 8;
	c.rank.class_mask = 7;
	c.rank.cursor_key = ALL;
	return c;
}

/* Class 0: level k at k x 10 %. Ladder 0: no rate; ladder 1: 8 units. One lot of symbols 1 and 2 is
 * worth 1e-8. */
static inline void open_world(const char *uri)
{
	kit_open(&kit, uri);
	for (uint8_t k = 0; k < FB_THRESHOLDS; k++)
		kit_do(&kit, c_class(0, k, 1000000u * (k + 1u), 1000000u * (k + 1u), 0));
	kit_do(&kit, c_ladder(0, 0, 0, 0, 0));
	kit_do(&kit, c_ladder(1, 0, 8, 0, 0));
	kit_do(&kit, c_symbol(1, 0, U_ONE));
	kit_do(&kit, c_symbol(2, 1, U_ONE));
}

/* The nominee of a position in the last batch, or NULL. It must be the only one. */
static inline const struct fb_rec_nominee *nominee(uint32_t position)
{
	const struct fb_rec_nominee *found = NULL;
	for (size_t i = 0; i < kit.n; i++) {
		if (kit.record[i].nominee.position != position)
			continue;
		ck_assert_uint_eq(kit.record[i].header.kind, FB_REC_NOMINEE);
		ck_assert_msg(!found, "position %u is nominated twice", position);
		found = &kit.record[i].nominee;
	}
	return found;
}

/* The bucket as the last batch's records have it. */
static inline uint32_t bucket_rows(unsigned bucket, uint64_t *lots)
{
	for (size_t i = 0; i < kit.n; i++) {
		const struct fb_rec_rank_hist *h = &kit.record[i].rank_hist;
		KIT_MUST(h->kind == FB_REC_RANK_HIST && h->account == 0 && h->seq == kit.seq);
		if (h->first == bucket - bucket % 3) {
			*lots = h->qty[bucket % 3];
			return h->rows[bucket % 3];
		}
	}
	*lots = 0;
	return 0;
}

#endif
