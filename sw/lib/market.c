/* The simulated market: opening, options, and steps of time. See <firebreak/market.h>. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "market_internal.h"
#include "mix.h"

#define ALL_E7 10000000

void fb_market_calm(struct fb_market_options *out, uint64_t seed)
{
	*out = (struct fb_market_options){
		.seed = seed,
		.delay_us = 1000,
		.depth_e7 = ALL_E7 / 100 * 2,
		.part_e7 = ALL_E7 / 100 * 20,
		.working_e7 = ALL_E7 / 100 * 10,
	};
}

void fb_market_wild(struct fb_market_options *out, uint64_t seed)
{
	*out = (struct fb_market_options){
		.seed = seed,
		.delay_us = 5000,
		.depth_e7 = ALL_E7 / 1000 * 5,
		.slow_e7 = ALL_E7 / 100 * 2,
		.part_e7 = ALL_E7 / 100 * 60,
		.late_e7 = ALL_E7 / 100 * 20,
		.reject_e7 = ALL_E7 / 100 * 5,
		.lost_e7 = ALL_E7 / 100 * 3,
		.twice_e7 = ALL_E7 / 100 * 5,
		.working_e7 = ALL_E7 / 100 * 30,
		.deposit_e7 = ALL_E7 / 100 * 20,
	};
}

void fb_market_still(struct fb_market_options *out, uint64_t seed)
{
	*out = (struct fb_market_options){
		.seed = seed,
		.delay_us = 1000,
		.depth_e7 = ALL_E7 / 100 * 2,
	};
}

uint32_t fb_market_draw(struct fb_market *m, uint32_t n)
{
	return fb_mix_below(fb_mix(m->seed + m->drawn++), n);
}

bool fb_market_chance(struct fb_market *m, uint32_t share_e7)
{
	return share_e7 != 0 && fb_market_draw(m, ALL_E7) < share_e7;
}

static const struct fb_venue_ops venue_ops = { .send = fb_market_send, .poll = fb_market_poll };

static int open_rows(struct fb_market *m, size_t accounts, size_t positions)
{
	m->accounts_max = accounts + MARKET_HOUSES;
	m->rows_max = positions;
	m->account = calloc(m->accounts_max, sizeof(*m->account));
	m->worker = calloc(m->accounts_max, sizeof(*m->worker));
	m->row = calloc(m->rows_max + 1, sizeof(*m->row));
	m->symbol = calloc(m->rules->symbols + 1, sizeof(*m->symbol));
	m->settled = calloc(m->rules->symbols + 1, sizeof(*m->settled));
	if (!m->account || !m->worker || !m->row || !m->symbol || !m->settled ||
	    fb_idmap_open(&m->account_map, m->accounts_max) ||
	    fb_idmap_open(&m->row_map, m->rows_max))
		return -ENOMEM;
	for (unsigned i = 0; i < m->rules->symbols; i++) /* no depth was told so far, not even 0 */
		m->symbol[i].told[MARKET_BIDS] = m->symbol[i].told[MARKET_ASKS] = -1;
	return 0;
}

int fb_market_open(const struct fb_rules *rules, const struct fb_market_options *options,
		   size_t accounts, size_t positions, size_t orders, struct fb_market **out)
{
	const size_t most = (size_t)1 << 29;
	if (accounts > most || positions > most || orders > most)
		return -ENOMEM;
	struct fb_market *m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->venue.ops = &venue_ops;
	m->rules = rules;
	m->options = *options;
	m->paid_e7 = ALL_E7; /* until a GATE says less */
	/* So that the streams of neighbouring seeds do not overlap. */
	m->seed = fb_mix(options->seed);
	/* Whatever the queue does not hold waits: orders get -EAGAIN, users and depth the next
	 * step. */
	size_t events = 32 * orders + 8 * (size_t)rules->symbols + 4096;
	if (open_rows(m, accounts, positions) || fb_market_orders_open(m, orders) ||
	    fb_market_events_open(m, events, orders)) {
		fb_market_close(m);
		return -ENOMEM;
	}
	*out = m;
	return 0;
}

void fb_market_close(struct fb_market *m)
{
	if (!m)
		return;
	fb_market_events_close(m);
	fb_market_orders_close(m);
	if (m->account_map.entry)
		fb_idmap_close(&m->account_map);
	if (m->row_map.entry)
		fb_idmap_close(&m->row_map);
	free(m->account);
	free(m->worker);
	free(m->row);
	free(m->symbol);
	free(m->settled);
	free(m);
}

struct fb_venue *fb_market_venue(struct fb_market *market)
{
	return &market->venue;
}

static int check(const struct fb_market *m, const struct fb_tick *tick, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t u;
		if (tick[i].symbol >= m->rules->symbols || tick[i].time_us != tick[0].time_us ||
		    tick[i].time_us < 0 || tick[i].time_us >= MARKET_TIME_MOST)
			return -EINVAL;
		if (fb_unit_value(&m->rules->symbol[tick[i].symbol], tick[i].price_e8, &u))
			return -EINVAL;
	}
	return 0;
}

static void tell_depth(struct fb_market *m, uint16_t symbol)
{
	struct market_symbol *s = &m->symbol[symbol];
	int64_t bids = fb_market_depth(m, symbol, MARKET_BIDS),
		asks = fb_market_depth(m, symbol, MARKET_ASKS);
	if ((bids == s->told[MARKET_BIDS] && asks == s->told[MARKET_ASKS]) ||
	    fb_market_room(m) == 0)
		return;
	const struct fb_event event = {
		.symbol = symbol,
		.kind = FB_EVENT_DEPTH,
		.qty = bids,
		.value_e8 = fb_i128_of(asks),
	};
	fb_market_tell(m, m->now_us, FB_NONE, &event);
	s->told[MARKET_BIDS] = bids;
	s->told[MARKET_ASKS] = asks;
}

int fb_market_step(struct fb_market *m, struct fb_tick *tick, size_t n)
{
	int err = check(m, tick, n);
	if (err || n == 0)
		return err;
	if (m->now_us < tick[0].time_us)
		m->now_us = tick[0].time_us;
	/* What was on its way before the step meets the books from before it. */
	fb_market_effects_due(m);
	for (size_t i = 0; i < n; i++) {
		fb_market_quote(m, tick[i].symbol, tick[i].price_e8);
		tick[i].price_e8 = m->symbol[tick[i].symbol].mark_e8;
	}
	fb_market_users_step(m);
	for (size_t i = 0; i < n; i++)
		tell_depth(m, tick[i].symbol);
	return 0;
}
