/* What the tests of the simulated market share: three symbols, a market whose books the test fills
 * itself, and everything that was told.
 *
 * Symbol 0: linear, a lot is 1, at 100; 1: linear, a lot is 0.001, at 50000; 2: inverse, a lot is
 * 100 of quote, at 50000. */
#ifndef MARKET_KIT_H
#define MARKET_KIT_H

#include "model_kit.h"

#include "../../sw/lib/market_internal.h"

#define MONEY INT64_C(100000000)
#define START_US (INT64_C(1700000000) * 1000000)
#define SECOND INT64_C(1000000)
#define ALL_E7 10000000u
#define TOLD_MAX 65536

struct told {
	int64_t at_us;
	struct fb_event event;
};

static struct fb_rules rules;
static struct fb_market *market;
static struct fb_venue *venue;
static uint32_t ids; /* of orders so far */
static int64_t clock_us;
static struct told told[TOLD_MAX];
static size_t tolds;

static inline void kit_rules(void)
{
	memset(&rules, 0, sizeof(rules));
	fb_rules_preset(&rules);
	rules.symbols = 3;
	rules.symbol[0].lot_e8 = (uint64_t)MONEY;
	rules.symbol[1].lot_e8 = (uint64_t)MONEY / 1000;
	rules.symbol[2].lot_e8 = 100 * (uint64_t)MONEY;
	rules.symbol[2].type = FB_INVERSE;
}

static inline void market_open(const struct fb_market_options *options)
{
	kit_rules();
	ids = 0;
	tolds = 0;
	clock_us = START_US;
	ck_assert_int_eq(fb_market_open(&rules, options, 64, 256, 128, &market), 0);
	venue = fb_market_venue(market);
}

/* Without depth, delay, users or trouble. */
static inline void market_open_bare(void)
{
	const struct fb_market_options bare = { .seed = 1 };
	market_open(&bare);
}

static inline void position(uint32_t account, uint32_t id, uint16_t symbol, int64_t qty)
{
	KIT_MUST(fb_market_position(market, account, id, symbol, qty) == 0);
}

static inline int64_t qty_of(uint32_t id)
{
	uint32_t row = fb_market_row_index(market, id);
	KIT_MUST(row != FB_NONE);
	return market->row[row].qty;
}

/* A step of one symbol, a second after the last; the mark. */
static inline uint64_t step_to(uint16_t symbol, uint64_t price_e8)
{
	clock_us += SECOND;
	struct fb_tick tick = { .time_us = clock_us, .price_e8 = price_e8, .symbol = symbol };
	KIT_MUST(fb_market_step(market, &tick, 1) == 0);
	return tick.price_e8;
}

/* Another trader's order; or a user's (row index), which reduces its position or not. */
static inline void rest(uint16_t symbol, unsigned side, uint64_t price_e8, int64_t lots)
{
	const struct market_resting order = { .price_e8 = price_e8, .lots = lots, .row = FB_NONE };
	fb_market_rest(&market->symbol[symbol].side[side], side, &order);
}

static inline void rest_user(uint32_t id, unsigned side, uint64_t price_e8, int64_t lots,
			     bool reduces)
{
	uint32_t row = fb_market_row_index(market, id);
	const struct market_resting order = {
		.price_e8 = price_e8, .lots = lots, .row = row, .reduces = reduces
	};
	fb_market_rest(&market->symbol[market->row[row].symbol].side[side], side, &order);
	market->row[row].working = true;
}

static inline struct fb_order order_of(enum fb_verb verb, uint32_t account, uint32_t id,
				       uint16_t symbol, int64_t qty, __int128 value_e8)
{
	return (struct fb_order){
		.id = { .sequence = 7, .epoch = 1, .index = ++ids },
		.account = account,
		.position = id,
		.symbol = symbol,
		.verb = (uint8_t)verb,
		.qty = qty,
		.value_e8 = value_e8,
	};
}

static inline void send(const struct fb_order *order)
{
	KIT_MUST(venue->ops->send(venue, order) == 0);
}

/* Takes up all that is due by then; returns how much that was. */
static inline size_t drain(int64_t until_us)
{
	struct fb_event event[16];
	size_t before = tolds;
	int64_t at_us;
	int n;
	while ((n = venue->ops->poll(venue, until_us, event, 16, &at_us)) > 0) {
		KIT_MUST(at_us <= until_us && tolds + (size_t)n <= TOLD_MAX);
		KIT_MUST(tolds == 0 || at_us >= told[tolds - 1].at_us);
		for (int i = 0; i < n; i++)
			told[tolds++] = (struct told){ at_us, event[i] };
	}
	KIT_MUST(n == 0);
	return tolds - before;
}

#define LATER INT64_MAX /* no time that the market would take for its own */

/* Sends it, takes up everything, and returns its DONE or REJECT. */
static inline struct fb_event answer_to(const struct fb_order *order)
{
	size_t from = tolds;
	send(order);
	drain(clock_us);
	for (size_t i = tolds; i-- > from;) {
		const struct fb_event *e = &told[i].event;
		if (e->kind != FB_EVENT_FILL && e->id.index == order->id.index)
			return *e;
	}
	ck_abort_msg("order %u was not answered", order->id.index);
	return (struct fb_event){ 0 };
}

/* The k-th event of a kind, from 0; NULL: there is none. */
static inline const struct fb_event *told_of(enum fb_event_kind kind, size_t k)
{
	for (size_t i = 0; i < tolds; i++)
		if (told[i].event.kind == kind && k-- == 0)
			return &told[i].event;
	return NULL;
}

static inline size_t told_count(enum fb_event_kind kind)
{
	size_t n = 0;
	while (told_of(kind, n))
		n++;
	return n;
}

#define wide_eq(a, b) ck_assert_msg((a) == (b), "%s is not %s", #a, #b)

#endif
