/* An account's sums as the venue computes them, where that is not what the engine and the book
 * compute: rounded to the venue's quantum, coins by size, MM at entry, the larger side of each
 * group, inverse and quanto contracts from the price itself.
 *
 * Actions on users' accounts rest on these; the engine only says whom to look at, and margin.h has
 * it say so no later. Money is booked at the book's values: what an account has, lacks and pays is
 * not judged here. */
#ifndef FIREBREAK_VENUE_JUDGE_H
#define FIREBREAK_VENUE_JUDGE_H

#include <firebreak/confirm.h>

struct fb_venue_judge {
	const struct fb_rules *rules;
	uint64_t *price_e8; /* by symbol: of the newest mark; FB_SYMBOLS of them */
	uint16_t *group;    /* by symbol: the first symbol of its group */
};

/* `out` has to be closed in any case. -ENOMEM. */
int fb_venue_judge_open(const struct fb_rules *rules, struct fb_venue_judge *out);
void fb_venue_judge_close(struct fb_venue_judge *judge);
/* Needs a symbol's price besides its unit value? */
bool fb_venue_judge_prices(const struct fb_rules *rules, unsigned symbol);
/* The account as it is in the view. bad_rows is 0. */
void fb_venue_judge_sums(const struct fb_venue_judge *judge, const struct fb_view *view,
			 struct fb_sums *out);

/* A limit for n lots of a symbol, value_e8 with the sign of the lots: at a multiple of the tick,
 * rounded so that the account gets no less; unchanged without a tick. */
__int128 fb_venue_tick(const struct fb_symbol *symbol, __int128 value_e8, int64_t lots);

#endif
