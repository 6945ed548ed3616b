/* What the files of explaining share. See <firebreak/explain.h>. */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include <firebreak/explain.h>

#include "evidence.h"
#include "facts.h"
#include "lights.h"
#include "run_host.h"

/* What a story is told from. */
struct fb_story {
	bool warned, called, taken, liquidated, bankrupt, recovered, closed;
	int64_t warned_us, taken_us, ended_us;
	struct fb_sums taken_at; /* when it was held */
	unsigned taken_level;
	uint64_t reductions, takeovers, pairs; /* orders that moved lots */
	__int128 market_e8, house_e8, pairs_e8; /* notional they moved */
	__int128 to_fund_e8;
	/* as a counterparty: how often, the first time, and its nearest miss */
	uint64_t times_taken, times_ranked;
	struct fb_evidence_link first_link, miss_link;
	struct fb_ranked first, miss;
	int64_t lots_taken;
	__int128 cost_e8; /* what it got less than at the mark */
	bool missed;
	char first_price[64];
	enum fb_state state; /* at the end */
};

struct fb_explain {
	const struct fb_explain_options *options;
	const struct fb_waterfall *waterfall;
	struct fb_host *host;
	struct fb_evidence *evidence;
	struct fb_lights *lights; /* NULL: the pack has none */
	struct fb_tap tap;
	struct fb_facts facts;
	uint32_t events, proofs; /* lists in it */
	uint32_t account;	 /* index; FB_NONE: not yet in the book */
	uint32_t event, steps;	 /* the one being told, and the list of its steps; 0: none */
	bool answered;		 /* it is an answer; what follows from it belongs to it */
	unsigned depth;		 /* of what the account is being told */
	enum fb_happening what;
	bool judged;
	struct fb_sums sums; /* as judged */
	struct fb_case was;
	uint64_t told_at; /* sequence of the book at which positions were told */
	bool found_at; /* the state at options->sequence was taken */
	uint16_t unranked_reason[FB_SYMBOLS][2]; /* last told, by symbol and side; 0: none */
	uint64_t fundings; /* payments, and what it got in all */
	__int128 funding_e8;
	bool told_frozen;
	struct fb_story story;
};

/* --- explain_lights.c --- */
int fb_explain_lights(struct fb_explain *x, struct fb_host *host);

/* --- explain_terms.c --- */
struct fb_sums fb_explain_sums(const struct fb_explain *x);
/* Ratio, thresholds and positions of the account as the book is now. */
void fb_explain_terms(struct fb_explain *x, uint32_t parent, const struct fb_sums *sums,
		      enum fb_state state);
/* --- explain_figures.c --- */
/* How near the account is: ratio, score, buffer, leverage, exposure, and the prices that matter. */
void fb_explain_figures(struct fb_explain *x, uint32_t parent);

/* --- explain_terms.c --- */
/* Collateral, equity and MM in one line. */
void fb_explain_short(struct fb_explain *x, uint32_t parent, const char *key, const char *label);
/* Lots with their value and, of a linear contract, price. */
void fb_explain_lots(struct fb_explain *x, uint32_t parent, uint16_t symbol, int64_t qty,
		     __int128 value_e8);

/* --- explain_steps.c --- */
void fb_explain_sized(struct fb_explain *x, const struct fb_sized *sized);
void fb_explain_order(struct fb_explain *x, const struct fb_open *open, enum fb_refusal refused);
/* Why the account came to this stage; NULL: it stayed where it was. */
const char *fb_explain_stage(const struct fb_explain *x, const struct fb_case *now);

/* --- explain_conditions.c --- */
/* A payment of funding is about to be booked; as a tap. */
void fb_explain_funded(void *context, uint16_t symbol, int64_t funding, int64_t rate_e12);
void fb_explain_funding_total(struct fb_explain *x);
/* What of the account is frozen while it should be closed. */
void fb_explain_frozen(struct fb_explain *x);
/* Prices known, and parameters that adapt, at a sizing. */
void fb_explain_in_effect(struct fb_explain *x, uint32_t parent, uint16_t symbol);

/* --- explain_rounds.c --- */
void fb_explain_planned(struct fb_explain *x, size_t pairs);
void fb_explain_sealed(void *context, const struct fb_evidence_link *link,
		       const struct fb_ranked *ranked);

/* --- explain_story.c --- */
void fb_explain_tell(const struct fb_explain *x, FILE *out);

/* --- explain.c --- */
/* The event being told, begun if there is none: what it is, then. */
uint32_t fb_explain_event(struct fb_explain *x, const char *what);
/* One more step of it. */
uint32_t fb_explain_step(struct fb_explain *x, const char *what, const char *kind,
			 const char *label, enum fb_fact_form form);

#endif
