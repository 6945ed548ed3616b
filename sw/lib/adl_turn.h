/* A round of deleveraging while it is planned: what adl.c (the order of needs), adl_take.c (one
 * need and its counterparties) and adl_price.c (what they trade at, and who can bear it) share. */
#ifndef ADL_TURN_H
#define ADL_TURN_H

#include "adl_internal.h"

/* A round being planned, and the need whose turn it is. */
struct fb_adl_turn {
	struct fb_adl *adl;
	const struct fb_book *book;
	const struct fb_adl_rules *rules;
	struct fb_adl_pair *pairs;
	size_t room, n;

	const struct fb_adl_need *need;
	uint32_t index;
	int sign;	    /* of the need's lots */
	int64_t lots, left; /* of the need: all, and not yet given */
	__int128 per_lot_e8; /* value = per_lot x lots + rest, 0 <= rest < lots */
	int64_t rest_e8;
	uint16_t symbol;
	uint64_t u;
	enum { FB_ADL_BY_NEED, FB_ADL_BY_AVERAGE, FB_ADL_BY_BOTH } pricing;
	const struct fb_adl_entry *entry; /* the counterparty, where it has a say in the price */
	bool limited;	 /* rows give no more than `allowed` */
	bool partial;	 /* the last counterparty keeps a part of its row */
	uint64_t looked; /* counterparties for this need */
};

/* Which counterparties a need turns to. */
enum fb_adl_run { FB_ADL_ALL, FB_ADL_NEAREST, FB_ADL_LIMITED, FB_ADL_REST };

/* --- adl_take.c --- */
/* Pairs need `index` as far as this run allows. 0 or -ENOBUFS. */
int fb_adl_take(struct fb_adl_turn *p, const struct fb_adl_need *need, uint32_t index,
		enum fb_adl_run run);

/* --- adl_price.c --- */
struct fb_adl_row *fb_adl_row_now(const struct fb_adl_turn *p, uint32_t index);
__int128 fb_adl_at_mark(int64_t qty, uint64_t u);
__int128 fb_adl_price(const struct fb_adl_turn *p, const struct fb_adl_row *row, int64_t n);
__int128 fb_adl_loss(const struct fb_adl_turn *p, const struct fb_adl_row *row, int64_t n);
bool fb_adl_overlaps(const struct fb_adl_turn *p, const struct fb_adl_row *row,
		     const struct fb_adl_entry *e, int64_t n);
int64_t fb_adl_most_lots(const struct fb_adl_turn *p, const struct fb_adl_row *row,
			 __int128 left_e8, int64_t allowed);
uint64_t fb_adl_least_loss(const struct fb_adl_turn *p);

static inline int64_t fb_adl_lots(int64_t qty)
{
	return qty < 0 ? -qty : qty;
}

#endif
