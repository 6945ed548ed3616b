/* What the host knows of prices, funding, breakers and adaptive parameters: all of it from logged
 * inputs (PRICES, TIME, EVENTS, OPERATOR, and orders decided from them). The waterfall reads it
 * through these few questions; run_conditions.c feeds it. */
#ifndef CONDITIONS_H
#define CONDITIONS_H

#include <firebreak/adaptive.h>
#include <firebreak/breakers.h>
#include <firebreak/funding.h>
#include <firebreak/log.h>

/* Of a symbol. */
struct fb_condition {
	struct fb_log_price price;
	int64_t time_us; /* of it; 0: none yet */
	struct fb_funding_state funding;
	struct fb_adaptive_state adaptive;
	uint64_t payments; /* since the last statement */
	__int128 paid_e8;
};

/* A FUNDING whose record has not come yet. */
struct fb_funding_due {
	uint64_t seq;
	__int128 sum_e8;
	uint32_t rows;
	uint16_t symbol;
};
#define FB_FUNDINGS_MAX (32u * FB_SYMBOLS) /* in flight; FB_AHEAD_MAX + 2 batches at most */

struct fb_conditions {
	const struct fb_rules *rules;
	bool wanted; /* the rules need prices */
	struct fb_condition *symbol; /* by index; NULL if nothing is wanted */
	struct fb_breakers *breakers;
	struct fb_funding_due *due; /* ring */
	uint64_t dues, dues_seen;
	uint64_t fundings, skipped; /* payments; those too large for some row */
	__int128 funding_paid_e8, funding_rest_e8;
	int64_t stated_us;
};

/* changed: see <firebreak/breakers.h>. -ENOMEM. */
int fb_conditions_open(struct fb_conditions *conditions, const struct fb_rules *rules,
		       fb_breaker_fn changed, void *context);
void fb_conditions_close(struct fb_conditions *conditions);
/* Do the rules make marks, or take them as they come? */
bool fb_marks_are_made(const struct fb_rules *rules);
/* Do these rules need prices besides marks? */
bool fb_conditions_wanted(const struct fb_rules *rules);

/* ---- questions; conditions may be NULL: nothing is known, frozen or adapted ---- */

/* 0: not known. */
uint64_t fb_conditions_index(const struct fb_conditions *conditions, uint16_t symbol);
bool fb_conditions_frozen(const struct fb_conditions *conditions, uint16_t symbol);
/* A parameter of the pack (1e-7) in effect, at most `most`. side: of depth, bids or asks. */
uint32_t fb_conditions_adapt(const struct fb_conditions *conditions, uint16_t symbol,
			     enum fb_adapted what, unsigned side, uint32_t preset, uint32_t most);
/* Limits of reductions keep within this share of the mark; 0: no band. */
uint32_t fb_conditions_band(const struct fb_conditions *conditions);

#endif
