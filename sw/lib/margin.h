/* What the engine is given for a pack's [margin], so that it flags no later than the venue.
 *
 * The engine knows tiers, a rate addend for each row and an addend to each account's MM. Of those:
 *   closing fee       added to the rate of every tier
 *   MM at entry       tiers of rate 0; the account's addend is the sum over its rows of their MM of
 *                     entry value
 *   size              the row's addend is what its size adds to the rate, rounded up
 *   coin, by size     the row's addend stands for the part of its weight that its size takes away:
 *                     less equity by h is h x T more MM, T the highest threshold
 *   u rounded once    (inverse, quanto) a lot's value errs by less than 1/u of it. Rows get
 *                     (T + rate) / u more rate, for u as low as an eighth of what it was at the
 *                     start; below that the host judges everybody (fb_margin_least)
 *   rounding          of values to the venue's quantum, or to 1e-8: so much for each row goes to
 *                     the account's addend
 * With MM' and E' the engine's sums, MM and E the venue's: MM' - MM >= T x (E' - E) for every T up
 * to the highest threshold, so that MM >= E x T gives MM' >= E' x T. Only users' rows: houses are
 * judged by their equity alone. Quantities change with fills, so addends do (fb_margin_after).
 *
 * An account with a row whose addend would need more than 24 bits is the host's to judge: the row
 * then has FB_MARGIN_ADDEND_MOST. */
#ifndef FIREBREAK_MARGIN_H
#define FIREBREAK_MARGIN_H

#include <firebreak/book.h>
#include <firebreak/inputs.h>

/* A tier as the engine gets it. false: the rate with the fee does not fit. Where a symbol's unit
 * value is rounded a position may be just above the floor though the engine has it just below:
 * where MM jumps, the engine's floor is a millionth lower. */
bool fb_margin_tier(const struct fb_rules *rules, unsigned ladder, unsigned k, struct fb_tier *out);

/* Does anything of this pack change with fills? */
bool fb_margin_moves(const struct fb_rules *rules);
/* Is the venue's arithmetic another than the engine's? */
bool fb_margin_differs(const struct fb_rules *rules);

/* Of a user's row in this symbol, whose unit value was u_first at the start. */
uint32_t fb_margin_row_addend(const struct fb_rules *rules, unsigned symbol, uint64_t u_first,
			      int64_t qty);
#define FB_MARGIN_ADDEND_MOST ((1u << FB_RATE_BITS) - 1)
/* What such a row brings to its account's addend. */
__int128 fb_margin_row_part(const struct fb_rules *rules, unsigned symbol, int64_t qty,
			    int64_t entry_e8);
/* The account's addend by its live rows in the book. */
__int128 fb_margin_account_addend(const struct fb_rules *rules, const struct fb_book *book,
				  uint32_t account);
/* The least unit value for which addends hold; 0: any. FB_MARGIN_U_LEAST: of u_first. */
#define FB_MARGIN_U_LEAST 16000000u
uint64_t fb_margin_least(const struct fb_rules *rules, unsigned symbol, uint64_t u_first);

/* What the size adds to the rate, as exactly as the venue says it: 1e-15, rounded down. */
uint64_t fb_margin_size_e15(const struct fb_symbol *symbol, uint32_t rate_e7, int64_t qty);
/* The weight of so much of a coin: 1e-7, rounded down. */
uint32_t fb_margin_weight_e7(const struct fb_symbol *coin, int64_t qty);
/* N x rate - deduction by the pack's own ladder, the fee in it if the pack says so; a row's size
 * too. 1e-15. */
__int128 fb_margin_mm_e15(const struct fb_rules *rules, unsigned symbol,
			  unsigned __int128 notional_e8, int64_t qty);

#endif
