/* Funding: what longs pay shorts, or shorts longs, by a venue's schedule; in integers.
 *
 *   premium   P = (price - index) / index, sampled and averaged
 *   rate      F = P + clamp(I - P, +-c) of a period (BitMEX, Binance, Hyperliquid; with I = 0 it is
 *             Deribit's max(c, P) + min(-c, P))
 *   payment   F x time / period, within +-cap: at instants (Binance 8 h of 8 h, since 2025-09-18
 *             [..] / (8 / N) for N hours; Hyperliquid one hour of 8) or all the time in steps
 *             (Deribit, Paradex)
 *   amount    of a position: lots x f, where f is what a lot pays: the unit value x payment
 *
 * The engine's FUNDING command pays f on every position of a symbol in one pass, longs and shorts
 * alike rounded toward 0; what the sum over all of them lacks of 0 is the fund's, to the last unit.
 *
 * Rates are in 1e-12, f is in 1e-8 x 2^-16 as in the contract. What rounding takes from a rate or
 * from f is carried to the next payment, so that small steps add up to what one step would be.
 */
#ifndef FIREBREAK_FUNDING_H
#define FIREBREAK_FUNDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/mark.h>

#define FB_RATE_E12 INT64_C(1000000000000)

/* Of the mark given, or what the rules name. 0: it cannot be told. Within +-100 times the index. */
int64_t fb_funding_premium(const struct fb_funding_rules *rules, const struct fb_price_inputs *in,
			   uint64_t mark_e8);
/* F of a period, without cap. */
int64_t fb_funding_rate(const struct fb_funding_rules *rules, int64_t premium_e12);

struct fb_funding_state {
	struct fb_ema premium;
	__int128 sum;	      /* of samples since the last payment, weighted as the rules say */
	uint64_t samples;
	int64_t slot;	      /* of the newest sample */
	int64_t newest_e12;   /* the newest sample */
	bool begun;
	int64_t paid_us;      /* up to here it is paid */
	int64_t rate_e12;     /* newest payment; of an instant, or of a period if continuous */
	__int128 owed;	      /* continuous: rate x time not yet in a payment, 1e-12 x us */
	__int128 carry;	      /* what a lot is owed beyond whole units, 1e-12 of one */
	__int128 index;	      /* sum of all f: what a lot has paid since the start */
};
void fb_funding_sample(struct fb_funding_state *state, const struct fb_funding_rules *rules,
		       int64_t premium_e12, int64_t time_us);
/* The mean of the samples since the last payment. */
int64_t fb_funding_average(const struct fb_funding_state *state,
			   const struct fb_funding_rules *rules);
/* Is something to be paid now? *rate_e12 then receives what, as a share of the position's value,
 * and it counts as paid. The first call begins and pays nothing. Instants that were missed are paid
 * with the one that follows, at its rate. */
bool fb_funding_due(struct fb_funding_state *state, const struct fb_funding_rules *rules,
		    int64_t time_us, int64_t *rate_e12);
/* Microseconds to the next instant; continuous or none: 0. */
uint64_t fb_funding_left(const struct fb_funding_rules *rules, int64_t time_us);

/* f for a lot worth u (2^-16 of 1e-8) that pays a share of it; an inverse contract's long has a
 * negative quantity. Adds to the index. Magnitude below 2^52: what is more is cut off. */
int64_t fb_funding_lot(struct fb_funding_state *state, uint64_t u, int64_t rate_e12, bool inverse);
/* What a position of so many lots gets for f: the contract's formula. */
__int128 fb_funding_amount(int64_t qty, int64_t f);
/* Settlement by index (dYdX): -(now - entry) x size, exact. */
__int128 fb_funding_settlement(__int128 index_now, __int128 index_entry, int64_t size);

#endif
