/* Parameters that follow the market: factors on the pack's own, from recorded prices and depth.
 *
 * Volatility of a symbol is the root of an exponential mean of squared returns, in 1e-9 of a
 * return's length; a step longer than that counts with its square over its length. Factors run in
 * straight lines between the four points of the table. Integers throughout; divisions round down.
 */
#ifndef FIREBREAK_ADAPTIVE_H
#define FIREBREAK_ADAPTIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/mark.h>

struct fb_adaptive_state {
	struct fb_ema square; /* of returns, 1e-18 */
	uint64_t from_e8;     /* where the present return begins */
	int64_t from_us;
	struct fb_ema usual[2];	  /* depth: bids, asks */
	int64_t depth[2];	  /* as told last; -1: never */
	bool begun;
};

void fb_adaptive_mark(struct fb_adaptive_state *state, const struct fb_adaptive_rules *rules,
		      uint64_t mark_e8, int64_t time_us);
/* Lots within reach, bids or asks. */
void fb_adaptive_depth(struct fb_adaptive_state *state, const struct fb_adaptive_rules *rules,
		       unsigned side, int64_t lots, int64_t time_us);

/* In 1e-9. */
uint64_t fb_adaptive_volatility(const struct fb_adaptive_state *state);
/* The factor on a parameter, in 1e-7. side: of the depth that counts, for FB_ADAPT_DEPTH. */
uint64_t fb_adaptive_factor(const struct fb_adaptive_state *state,
			    const struct fb_adaptive_rules *rules, enum fb_adapted what,
			    unsigned side);
/* A parameter in effect: preset x factor, from min to max. */
uint32_t fb_adaptive_apply(uint32_t preset, uint64_t factor_e7, uint32_t min, uint32_t max);
const char *fb_adapted_name(enum fb_adapted what);

#endif
