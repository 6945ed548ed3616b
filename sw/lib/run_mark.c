/* See run_mark.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run_mark.h"

#define PRICE_MOST ((UINT64_C(1) << 57) - 1)

int fb_mark_maker_open(const struct fb_rules *rules, struct fb_mark_maker *out)
{
	out->state = NULL;
	if (!fb_marks_are_made(rules))
		return 0;
	out->state = calloc(rules->symbols + 1, sizeof(*out->state));
	return out->state ? 0 : -ENOMEM;
}

void fb_mark_maker_close(struct fb_mark_maker *maker)
{
	free(maker->state);
	maker->state = NULL;
}

/* As far as the market moved its price from the reference. */
static uint64_t moved(uint64_t price_e8, uint64_t from_e8, uint64_t to_e8)
{
	unsigned __int128 now = (unsigned __int128)price_e8 * to_e8 / from_e8;
	return now > PRICE_MOST ? PRICE_MOST : (uint64_t)now;
}

static uint64_t make(struct fb_mark_maker *maker, const struct fb_host *h,
		     const struct fb_tick *tick, uint64_t derived_e8)
{
	const struct fb_rules *rules = h->rules;
	const struct fb_condition *c = &h->conditions.symbol[tick->symbol];
	bool instants = rules->funding.schedule == FB_FUNDING_INSTANTS;
	const struct fb_price_inputs in = {
		.time_us = tick->time_us,
		.index_e8 = tick->index_e8,
		.last_e8 = tick->last_e8,
		.bid_e8 = tick->bid_e8,
		.ask_e8 = tick->ask_e8,
		.perpetuals_e8 = tick->perpetuals_e8,
		.derived_e8 = derived_e8,
		.rate_e12 = c->funding.rate_e12,
		.left_us = fb_funding_left(&rules->funding, tick->time_us),
		.interval_us = instants ? rules->funding.interval_us : 0,
	};
	return fb_mark_next(&maker->state[tick->symbol], &rules->mark, &in, NULL);
}

void fb_mark_make(struct fb_mark_maker *maker, const struct fb_host *h,
		  const struct fb_tick *reference, struct fb_tick *tick, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t from = reference[i].price_e8, to = tick[i].price_e8, u;
		tick[i].last_e8 = reference[i].last_e8 ? moved(reference[i].last_e8, from, to) : to;
		tick[i].bid_e8 = moved(reference[i].bid_e8, from, to);
		tick[i].ask_e8 = moved(reference[i].ask_e8, from, to);
		if (!maker->state || tick[i].index_e8 == 0)
			continue;
		uint64_t mark = make(maker, h, &tick[i], to);
		/* A mark that no lot could be valued at is none. */
		if (fb_unit_value(&h->rules->symbol[tick[i].symbol], mark, &u) == 0)
			tick[i].price_e8 = mark;
	}
}
