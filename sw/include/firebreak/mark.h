/* Marks and indices as venues make them, in integers: the same prices give the same bytes on every
 * machine.
 *
 * Sources: Binance's index and mark pages (guards of 5 % and 10 s; median of three; window of 30
 * points), BitMEX's fair price (funding basis), Hyperliquid's robust prices (exponential mean of
 * 150 s as numerator and denominator, weights 3,2,2,1,1 of five other venues), Lighter's clamp of
 * 0.5 %. Divisions round down unless it says otherwise.
 *
 * Prices are in 1e-8 and below 2^57, 0: there is none. Times are in microseconds and do not fall;
 * what comes late counts as if it came with the newest. Nothing allocates.
 */
#ifndef FIREBREAK_MARK_H
#define FIREBREAK_MARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/conditions.h>

/* ---- exponential decay ---- */

/* exp(-dt / tau) in 2^-63, rounded down: between the exact value and 2^-39 (2e-12) of it below.
 * dt = 0 gives 2^63. tau > 0. */
#define FB_DECAY_ONE (UINT64_C(1) << 63)
uint64_t fb_decay(uint64_t dt_us, uint64_t tau_us);

/* An exponential mean over time: sum of sample x dt x exp(-age / tau) over sum of
 * dt x exp(-age / tau). A mean lies between the mean before and the new sample, also after
 * rounding. Samples are below 2^62 in magnitude. */
struct fb_ema {
	__int128 numerator;	    /* 1e-8 x us x 2^16 */
	unsigned __int128 denominator; /* us x 2^16; 0: no sample yet */
	int64_t time_us, value;
};
int64_t fb_ema_add(struct fb_ema *ema, int64_t sample, int64_t time_us, uint64_t tau_us);

/* ---- means and medians ---- */

/* The plain mean of the last `points` samples, one for each `sample_us` of time: of several the
 * first counts. */
#define FB_WINDOW_MAX 64u
struct fb_window {
	int64_t sample[FB_WINDOW_MAX];
	uint64_t taken;	 /* so far */
	int64_t slot;	 /* number of the newest's time */
	__int128 sum;
};
int64_t fb_window_add(struct fb_window *window, int64_t sample, int64_t time_us,
		      uint64_t sample_us, uint64_t points);

uint64_t fb_median3(uint64_t a, uint64_t b, uint64_t c);

/* One source of an index. */
struct fb_source {
	uint64_t price_e8, weight; /* weight 0, or price 0: does not count */
	int64_t time_us;	   /* of the price */
};
/* Of the prices in order, the first at which the weights up to it exceed half of all; where they
 * are half exactly the mean of it and the next one. 0: no source counts. Weights below 2^32. */
uint64_t fb_median_weighted(const struct fb_source *source, size_t n);

/* The index at a time, from n <= FB_SOURCES_MAX sources. */
#define FB_SOURCES_MAX 64u
struct fb_index_result {
	uint64_t price_e8;	    /* 0: no source counts */
	unsigned used, stale, outliers;
	bool median;		    /* too many outliers: the median stands for the mean */
};
void fb_index_price(const struct fb_index_rules *rules, const struct fb_source *source, size_t n,
		    int64_t now_us, struct fb_index_result *out);

/* ---- marks ---- */

/* index x (1 + rate x left / interval), rate in 1e-12; rounded down. 0: not above 0. */
uint64_t fb_mark_funding_basis(uint64_t index_e8, int64_t rate_e12, uint64_t left_us,
			       uint64_t interval_us);
/* What an order of so much money (1e-8) pays on average: levels of price and amount from the best
 * on; the price rounded down. 0: they do not hold as much. */
uint64_t fb_impact_price(const struct fb_source *level, size_t n, uint64_t notional_e8);
/* x drawn in to +-clamp_e7 of the index. */
int64_t fb_clamp_share(int64_t x, uint64_t index_e8, uint64_t clamp_e7);

/* What is known of a symbol at an instant; 0: not known. */
struct fb_price_inputs {
	int64_t time_us;
	uint64_t index_e8, last_e8, bid_e8, ask_e8, perpetuals_e8;
	uint64_t derived_e8;	   /* index with the basis of <feed_derive.c> */
	int64_t rate_e12;	   /* newest funding rate of an interval */
	uint64_t left_us, interval_us; /* to the next funding; interval 0: there is none */
};

/* The machine of one symbol. All zero is its start. */
struct fb_mark_state {
	struct fb_ema basis, book;
	struct fb_window window;
	uint64_t mark_e8; /* the newest; 0: none */
};
/* mid: mean of bid and ask, or without them the last price. *candidate_e8 (may be NULL) receives
 * first, second, third and fallback, 0 where one is missing or not asked for. Returns the mark: the
 * median of the candidates, the mean of two (rounded down), or without any what was known before,
 * or last or index. */
uint64_t fb_mark_next(struct fb_mark_state *state, const struct fb_mark_rules *rules,
		      const struct fb_price_inputs *in, uint64_t candidate_e8[4]);
const char *fb_candidate_name(enum fb_candidate candidate);

#endif
