/* See feed_sources.h. */
#include "feed_sources.h"

bool fb_sources_take(struct fb_feed_sources *s, const struct fb_rules *rules,
		     const struct fb_event *e)
{
	if (e->kind == FB_EVENT_QUOTE) {
		s->bid_e8 = e->bid_e8;
		s->ask_e8 = e->ask_e8;
		return true;
	}
	bool spot = e->kind == FB_EVENT_SPOT;
	uint64_t weight = spot ? rules->index.weight[e->exchange] : rules->mark.weight[e->exchange];
	*(spot ? &s->spot[e->exchange] : &s->perpetual[e->exchange]) = (struct fb_source){
		.price_e8 = e->price_e8, .weight = weight, .time_us = e->time_us
	};
	if (!spot) {
		s->any_e8 = e->price_e8;
		if (weight == 0) /* not another venue's */
			s->own_e8 = e->price_e8;
	}
	return !spot || weight != 0;
}

uint64_t fb_sources_index(const struct fb_feed_sources *s, const struct fb_rules *rules,
			  int64_t now_us)
{
	struct fb_index_result index;
	if (rules->index.method == FB_INDEX_VOLUME)
		return 0;
	fb_index_price(&rules->index, s->spot, FB_SPOT_EXCHANGES, now_us, &index);
	return index.price_e8;
}

uint64_t fb_sources_last(const struct fb_feed_sources *s)
{
	return s->own_e8 ? s->own_e8 : s->any_e8;
}

void fb_sources_fill(const struct fb_feed_sources *s, struct fb_event *mark)
{
	mark->last_e8 = fb_sources_last(s);
	mark->bid_e8 = s->bid_e8;
	mark->ask_e8 = s->ask_e8;
	mark->perpetuals_e8 = fb_median_weighted(s->perpetual, FB_PERPETUAL_EXCHANGES);
}
