/* A simulated venue: price-time books with depth and other traders, so that liquidations move the
 * price and cascades happen. Seeded; integers only; the same seed and the same orders give the same
 * events. It is an input of a run, not a part of a decision: what it says is in the log.
 *
 * Prices: each step brings reference prices from a feed (what the world outside thinks). The
 * market's own price is the reference x (1 + impact); impact is moved by what trades here, and
 * decays with a half-life. Marks given to the host contain it.
 *
 * Books: per symbol and side, resting orders of other traders (quoted anew around the market's
 * price at each step, in levels that thin out in a fall) and of users: some accounts have working
 * orders, which may reduce or increase their positions and are filled when the price comes to them,
 * until HOLD (no new ones) and CANCEL_ALL. Price-time priority: better price first, then the older
 * order.
 *
 * Trouble, each with a probability of its own (0: never): answers delayed (microseconds, with a
 * tail of seconds), REDUCE filled in parts, fills that come after DONE, orders rejected, answers
 * lost until the order is sent again, events given twice, working orders that fill between
 * CANCEL_ALL and its answer.
 *
 * While a GATE lets less be paid of withdrawals, so much of each is withheld; none is made while it
 * is closed. A symbol that is settled has no working orders any more, and no positions.
 *
 * The market keeps positions itself: a REDUCE, TAKEOVER or ADL_PAIR never takes more than is there.
 */
#ifndef FIREBREAK_MARKET_H
#define FIREBREAK_MARKET_H

#include <firebreak/inputs.h>
#include <firebreak/venue.h>

struct fb_market_options {
	uint64_t seed;
	uint32_t delay_us;	/* usual delay of an answer: half to one and a half times this */
	uint32_t depth_e7;	/* notional near the mark on one side / open interest */
	/* probabilities in 1e-7 */
	uint32_t slow_e7;	/* an answer takes up to a thousand times as long */
	uint32_t part_e7;	/* a REDUCE is filled in parts that are told one after another */
	uint32_t late_e7;	/* a fill is told after its order's DONE */
	uint32_t reject_e7;
	uint32_t lost_e7;	/* an answer is lost; it is said when the order comes again */
	uint32_t twice_e7;	/* an event is told twice */
	uint32_t working_e7;	/* a user's account has working orders */
	uint32_t deposit_e7;	/* at a step, some account deposits or withdraws */
};
/* Quiet and hostile sets of the numbers above, with this seed; and one in which users do nothing
 * and nothing goes wrong: only prices, depth and the host's own orders move it. */
void fb_market_calm(struct fb_market_options *out, uint64_t seed);
void fb_market_wild(struct fb_market_options *out, uint64_t seed);
void fb_market_still(struct fb_market_options *out, uint64_t seed);

struct fb_market;

/* Room for positions (all that will ever be, house accounts' included) and orders open at once.
 * `rules` must outlive the market. -ENOMEM. */
int fb_market_open(const struct fb_rules *rules, const struct fb_market_options *options,
		   size_t accounts, size_t positions, size_t orders, struct fb_market **out);
void fb_market_close(struct fb_market *market);
struct fb_venue *fb_market_venue(struct fb_market *market);

/* What there is at the start. */
int fb_market_position(struct fb_market *market, uint32_t account, uint32_t position,
		       uint16_t symbol, int64_t qty);

/* A step of time: reference prices in, marks out in their place (price_e8 changed, derived kept);
 * books are quoted anew, working orders near the price fill, deposits happen, a DEPTH event comes
 * for every symbol whose depth changed. All ticks have one time. */
int fb_market_step(struct fb_market *market, struct fb_tick *tick, size_t n);

#endif
