/* The simulated market: books, limits, verbs, prices. Delays and trouble: test_market_events.c. */
#include "market_kit.h"

#define P(x) ((uint64_t)(x) * (uint64_t)MONEY)

/* Bids 100: 10 lots, 100: 5 lots of a later one, 99: 20 lots; position 11 is long 100 lots. */
static void open_bids(void)
{
	market_open_bare();
	position(1, 11, 0, 100);
	position(2, 21, 0, -1000);
	step_to(0, P(101));
	rest(0, MARKET_BIDS, P(99), 20);
	rest(0, MARKET_BIDS, P(100), 10);
	rest_user(21, MARKET_BIDS, P(100), 5, true);
}

static struct fb_event reduce(uint32_t account, uint32_t id, uint16_t symbol, int64_t qty,
			      __int128 value_e8, uint8_t tif)
{
	struct fb_order o = order_of(FB_VERB_REDUCE, account, id, symbol, qty, value_e8);
	o.tif = tif;
	return answer_to(&o);
}

START_TEST(better_price_first_then_the_older_order)
{
	open_bids();
	struct fb_event e = reduce(1, 11, 0, 10, 0, FB_IOC);
	ck_assert_int_eq(e.kind, FB_EVENT_DONE);
	ck_assert_int_eq(e.qty, 10);
	wide_eq(fb_wide(e.value_e8), 1000 * MONEY);
	ck_assert_int_eq(qty_of(21), -1000); /* the other trader was first at 100 */
	e = reduce(1, 11, 0, 6, 0, FB_IOC);
	wide_eq(fb_wide(e.value_e8), 599 * MONEY);
	ck_assert_int_eq(qty_of(21), -995);
	ck_assert_int_eq(qty_of(11), 84);
	const struct fb_event *user = told_of(FB_EVENT_USER_FILL, 0);
	ck_assert_ptr_nonnull(user);
	ck_assert_uint_eq(user->account, 2);
	ck_assert_uint_eq(user->position, 21);
	ck_assert_int_eq(user->qty, 5);
	wide_eq(fb_wide(user->value_e8), 500 * MONEY);
	ck_assert_uint_eq(user->number, 1);
	ck_assert(!market->row[fb_market_row_index(market, 21)].working);
	/* A newcomer at a better price goes before all. */
	rest(0, MARKET_BIDS, P(99), 20);
	rest(0, MARKET_BIDS, P(102), 1);
	e = reduce(1, 11, 0, 2, 0, FB_IOC);
	wide_eq(fb_wide(e.value_e8), 201 * MONEY);
	fb_market_close(market);
}
END_TEST

START_TEST(a_limit_holds_to_the_last_unit)
{
	open_bids();
	/* 15 lots at 100. */
	struct fb_event e = reduce(1, 11, 0, 15, 1500 * MONEY + 1, FB_IOC);
	ck_assert_int_eq(e.kind, FB_EVENT_DONE);
	ck_assert_int_eq(e.qty, 0);
	ck_assert_uint_eq(e.number, 0);
	ck_assert_int_eq(qty_of(11), 100);
	e = reduce(1, 11, 0, 15, 1500 * MONEY, FB_IOC);
	ck_assert_int_eq(e.qty, 15);
	/* The next price is 99: of 40 lots at 99 or better, 20 are there, the rest is gone. */
	e = reduce(1, 11, 0, 40, 40 * 99 * MONEY + 1, FB_IOC);
	ck_assert_int_eq(e.qty, 0);
	e = reduce(1, 11, 0, 40, 40 * 99 * MONEY, FB_IOC);
	ck_assert_int_eq(e.qty, 20);
	wide_eq(fb_wide(e.value_e8), 20 * 99 * MONEY);
	ck_assert_int_eq(qty_of(11), 65);
	/* One lot of many, short of its share of the limit by less than a unit. */
	rest(0, MARKET_BIDS, P(97), 1);
	ck_assert_int_eq(reduce(1, 11, 0, 60, 60 * 97 * MONEY + 1, FB_IOC).qty, 0);
	ck_assert_int_eq(reduce(1, 11, 0, 60, 60 * 97 * MONEY, FB_IOC).qty, 1);
	fb_market_close(market);
}
END_TEST

/* 100.5 would do on average: but each fill is within the limit. */
START_TEST(no_fill_lives_on_a_better_one)
{
	open_bids();
	struct fb_event e = reduce(1, 11, 0, 30, 30 * (99 * MONEY + 1), FB_IOC);
	ck_assert_int_eq(e.qty, 15);
	fb_market_close(market);
}
END_TEST

START_TEST(fill_or_kill_is_whole_or_nothing)
{
	open_bids();
	struct fb_event e = reduce(1, 11, 0, 36, 0, FB_FOK);
	ck_assert_int_eq(e.kind, FB_EVENT_DONE);
	ck_assert_int_eq(e.qty, 0);
	ck_assert_int_eq(qty_of(11), 100);
	ck_assert_int_eq(qty_of(21), -1000);
	e = reduce(1, 11, 0, 16, 1600 * MONEY, FB_FOK);
	ck_assert_int_eq(e.qty, 0);
	e = reduce(1, 11, 0, 35, 0, FB_FOK);
	ck_assert_int_eq(e.qty, 35);
	wide_eq(fb_wide(e.value_e8), 1500 * MONEY + 1980 * MONEY);
	/* More than the position: whole is not possible, part is. */
	rest(0, MARKET_BIDS, P(98), 500);
	ck_assert_int_eq(reduce(1, 11, 0, 66, 0, FB_FOK).qty, 0);
	ck_assert_int_eq(reduce(1, 11, 0, 66, 0, FB_IOC).qty, 65);
	ck_assert_int_eq(reduce(1, 11, 0, 1, 0, FB_IOC).qty, 0);
	ck_assert_int_eq(qty_of(11), 0);
	fb_market_close(market);
}
END_TEST

START_TEST(a_short_buys_and_pays_at_most_its_limit)
{
	market_open_bare();
	position(1, 11, 0, -100);
	step_to(0, P(100));
	rest(0, MARKET_BIDS, P(99), 1000);
	rest(0, MARKET_ASKS, P(102), 30);
	rest(0, MARKET_ASKS, P(101), 30);
	ck_assert_int_eq(reduce(1, 11, 0, -100, -10100 * MONEY + 1, FB_IOC).qty, 0);
	struct fb_event e = reduce(1, 11, 0, -100, -10100 * MONEY, FB_IOC);
	ck_assert_int_eq(e.qty, -30);
	wide_eq(fb_wide(e.value_e8), -30 * 101 * MONEY);
	ck_assert_int_eq(qty_of(11), -70);
	ck_assert_int_eq(reduce(1, 11, 0, 70, 0, FB_IOC).qty, 0); /* the sign is not that */
	fb_market_close(market);
}
END_TEST

/* A positive quantity of an inverse contract is a short in terms of price: it buys, and a higher
 * price is worth less to it. 500 lots of 100 at 50000 are 1 coin. */
START_TEST(inverse_contracts_trade_on_the_other_side)
{
	market_open_bare();
	position(1, 11, 2, 1000);
	position(2, 21, 2, -1000);
	step_to(2, P(50000));
	rest(2, MARKET_ASKS, P(62500), 1000);
	rest(2, MARKET_ASKS, P(50000), 500);
	rest(2, MARKET_BIDS, P(40000), 1000);
	ck_assert_int_eq(reduce(1, 11, 2, 1000, 2 * MONEY + 1, FB_IOC).qty, 0);
	struct fb_event e = reduce(1, 11, 2, 1000, 2 * MONEY, FB_IOC);
	ck_assert_int_eq(e.qty, 500);
	wide_eq(fb_wide(e.value_e8), MONEY);
	e = reduce(1, 11, 2, 500, 0, FB_IOC);
	wide_eq(fb_wide(e.value_e8), MONEY / 10 * 8);
	/* And the long sells into bids: 400 at 40000 are 1 coin that it has to give. */
	ck_assert_int_eq(reduce(2, 21, 2, -400, -MONEY + 1, FB_IOC).qty, 0);
	e = reduce(2, 21, 2, -400, -MONEY, FB_IOC);
	ck_assert_int_eq(e.qty, -400);
	wide_eq(fb_wide(e.value_e8), -MONEY);
	/* A user's ask of an inverse contract sells: the quantity rises. */
	position(3, 31, 2, -100);
	rest_user(31, MARKET_ASKS, P(50000), 40, true);
	position(1, 12, 2, 40);
	ck_assert_int_eq(reduce(1, 12, 2, 40, 0, FB_IOC).qty, 40);
	ck_assert_int_eq(qty_of(31), -60);
	ck_assert_int_eq(told_of(FB_EVENT_USER_FILL, 0)->qty, 40);
	wide_eq(fb_wide(told_of(FB_EVENT_USER_FILL, 0)->value_e8), MONEY / 100 * 8);
	fb_market_close(market);
}
END_TEST

/* Limits that no product may overflow on. */
START_TEST(wild_numbers_are_no_trouble)
{
	const __int128 huge = (__int128)1 << 126;
	open_bids();
	ck_assert_int_eq(reduce(1, 11, 0, 10, huge, FB_IOC).qty, 0);
	ck_assert_int_eq(reduce(1, 11, 0, 10, -huge, FB_IOC).qty, 10);
	ck_assert_int_eq(reduce(1, 11, 0, INT64_MIN, 0, FB_IOC).kind, FB_EVENT_REJECT);
	ck_assert_int_eq(reduce(1, 11, 0, INT64_MAX, 0, FB_IOC).kind, FB_EVENT_REJECT);
	ck_assert_int_eq(reduce(1, 11, 0, 0, 0, FB_IOC).kind, FB_EVENT_REJECT);
	ck_assert_int_eq(reduce(1, 11, 0, 1, 0, 2).kind, FB_EVENT_REJECT);
	struct fb_order o = order_of(FB_VERB_TAKEOVER, 1, 11, 0, 10, huge);
	o.counter_account = 9;
	o.counter_position = 91;
	ck_assert_int_eq(answer_to(&o).kind, FB_EVENT_REJECT);
	ck_assert_int_eq(fb_market_position(market, 5, 51, 3, 1), -EINVAL);
	ck_assert_int_eq(fb_market_position(market, 5, 51, 0, INT64_MIN), -EINVAL);
	ck_assert_int_eq(fb_market_position(market, 5, 11, 0, 1), -EEXIST);
	struct fb_tick tick = { .time_us = clock_us, .price_e8 = P(100), .symbol = 3 };
	ck_assert_int_eq(fb_market_step(market, &tick, 1), -EINVAL);
	tick = (struct fb_tick){ .time_us = clock_us, .price_e8 = 0 };
	ck_assert_int_eq(fb_market_step(market, &tick, 1), -EINVAL);
	tick = (struct fb_tick){ .time_us = -1, .price_e8 = 1 };
	ck_assert_int_eq(fb_market_step(market, &tick, 1), -EINVAL);
	fb_market_close(market);
}
END_TEST

START_TEST(who_is_unknown_is_rejected)
{
	open_bids();
	ck_assert_int_eq(reduce(9, 11, 0, 1, 0, FB_IOC).number, MARKET_NO_ACCOUNT);
	ck_assert_int_eq(reduce(2, 11, 0, 1, 0, FB_IOC).number, MARKET_NO_POSITION);
	ck_assert_int_eq(reduce(1, 11, 1, 1, 0, FB_IOC).number, MARKET_NO_POSITION);
	ck_assert_int_eq(reduce(1, 99, 0, 1, 0, FB_IOC).number, MARKET_NO_POSITION);
	struct fb_order o = order_of(77, 1, 0, 0, 0, 0);
	ck_assert_int_eq(answer_to(&o).kind, FB_EVENT_REJECT);
	o = order_of(FB_VERB_FUND_MOVE, 1, 0, 0, 0, 5);
	ck_assert_int_eq(answer_to(&o).kind, FB_EVENT_DONE);
	wide_eq(fb_wide(told[tolds - 1].event.value_e8), 5);
	o = order_of(FB_VERB_FUND_MOVE, 1, 0, 0, 0, 5);
	o.counter_account = 88;
	ck_assert_int_eq(answer_to(&o).kind, FB_EVENT_REJECT);
	fb_market_close(market);
}
END_TEST

START_TEST(takeover_moves_what_is_there)
{
	market_open_bare();
	position(1, 11, 0, -100);
	struct fb_order o = order_of(FB_VERB_TAKEOVER, 1, 11, 0, -30, -3001);
	o.counter_account = FB_ID_FUND;
	o.counter_position = fb_house_position(FB_ID_FUND, 0);
	struct fb_event e = answer_to(&o);
	ck_assert_int_eq(e.qty, -30);
	wide_eq(fb_wide(e.value_e8), -3001);
	ck_assert_int_eq(qty_of(o.counter_position), -30);
	o.id.index = ++ids;
	o.qty = -101;
	o.value_e8 = -10101;
	e = answer_to(&o);
	ck_assert_int_eq(e.qty, -70);
	wide_eq(fb_wide(e.value_e8), -(10101 * 70 / 101));
	ck_assert_int_eq(qty_of(11), 0);
	ck_assert_int_eq(qty_of(o.counter_position), -100);
	o.id.index = ++ids;
	ck_assert_int_eq(answer_to(&o).qty, 0);
	/* Not to itself, and not to a position of somebody else or another symbol. */
	position(2, 21, 0, 5);
	position(2, 22, 1, 5);
	o = order_of(FB_VERB_TAKEOVER, 2, 21, 0, 5, 5);
	o.counter_account = 2;
	o.counter_position = 22;
	ck_assert_int_eq(answer_to(&o).kind, FB_EVENT_REJECT);
	o.id.index = ++ids;
	o.counter_account = 1;
	ck_assert_int_eq(answer_to(&o).kind, FB_EVENT_REJECT);
	ck_assert_int_eq(qty_of(21), 5);
	fb_market_close(market);
}
END_TEST

START_TEST(no_position_outgrows_its_width)
{
	market_open_bare();
	const int64_t most = INT64_C(1) << 46;
	position(1, 11, 0, most);
	position(2, 21, 0, 5);
	struct fb_order o = order_of(FB_VERB_TAKEOVER, 1, 11, 0, most, 7);
	o.counter_account = 2;
	o.counter_position = 21;
	ck_assert_int_eq(answer_to(&o).qty, most - 5);
	ck_assert_int_eq(qty_of(11), 5);
	ck_assert_int_eq(qty_of(21), most);
	/* Nor by a user's own order, nor does anything trade that no row could hold. */
	step_to(0, 1000);
	rest_user(21, MARKET_BIDS, 1000, 100, false);
	position(3, 31, 0, 100);
	ck_assert_int_eq(reduce(3, 31, 0, 100, 0, FB_IOC).qty, 0);
	rest(0, MARKET_BIDS, P(100), most);
	ck_assert_int_eq(reduce(2, 21, 0, most, 0, FB_IOC).qty, 0);
	fb_market_close(market);
}
END_TEST

START_TEST(a_pair_never_takes_more_than_both_have)
{
	market_open_bare();
	position(1, 11, 0, 100);
	position(1, 12, 0, -8);
	position(2, 21, 0, -30);
	position(2, 22, 0, 30);
	struct fb_order o = order_of(FB_VERB_ADL_PAIR, 1, 11, 0, 50, 5050);
	o.counter_account = 2;
	o.counter_position = 21;
	struct fb_event e = answer_to(&o);
	ck_assert_int_eq(e.qty, 30);
	wide_eq(fb_wide(e.value_e8), 3030);
	ck_assert_int_eq(qty_of(11), 70);
	ck_assert_int_eq(qty_of(21), 0);
	o.id.index = ++ids;
	o.counter_position = 22; /* not opposite */
	ck_assert_int_eq(answer_to(&o).qty, 0);
	o.id.index = ++ids;
	o.counter_account = 1;
	o.counter_position = 12; /* its own other leg */
	e = answer_to(&o);
	ck_assert_int_eq(e.qty, 8);
	wide_eq(fb_wide(e.value_e8), 808);
	ck_assert_int_eq(qty_of(11), 62);
	ck_assert_int_eq(qty_of(12), 0);
	o.id.index = ++ids;
	o.counter_position = 11;
	ck_assert_int_eq(answer_to(&o).kind, FB_EVENT_REJECT);
	ck_assert_int_eq(qty_of(11), 62);
	fb_market_close(market);
}
END_TEST

/* 20 % of open interest quoted: the sum of a side, as lots. */
static int64_t quoted(uint16_t symbol, unsigned side)
{
	const struct market_side *book = &market->symbol[symbol].side[side];
	int64_t lots = 0;
	for (unsigned i = 0; i < book->n; i++)
		lots += book->order[i].lots;
	return lots;
}

static void open_deep(void)
{
	const struct fb_market_options options = { .seed = 5, .depth_e7 = ALL_E7 / 5 };
	market_open(&options);
	position(1, 11, 1, 10000);
	position(2, 21, 1, -10000);
}

START_TEST(quotes_have_the_depth_asked_for)
{
	open_deep();
	ck_assert_uint_eq(step_to(1, P(50000)), P(50000));
	ck_assert_int_eq(quoted(1, MARKET_BIDS), 2000);
	ck_assert_int_eq(quoted(1, MARKET_ASKS), 2000);
	for (unsigned side = 0; side < 2; side++) {
		const struct market_side *book = &market->symbol[1].side[side];
		ck_assert_uint_eq(book->n, MARKET_LEVELS);
		uint64_t last = P(50000);
		for (unsigned i = 0; i < book->n; i++) {
			uint64_t price = book->order[i].price_e8;
			uint64_t gap = side == MARKET_BIDS ? last - price : price - last;
			ck_assert_uint_ge(gap, P(10) - 1); /* 2 basis points, 10 of them */
			ck_assert_uint_le(gap, P(50) + 1);
			last = price;
		}
	}
	/* What DEPTH says is what lies within half a percent. */
	ck_assert_uint_eq(drain(clock_us), 1);
	int64_t near[2] = { 0, 0 };
	for (unsigned side = 0; side < 2; side++)
		for (unsigned i = 0; i < market->symbol[1].side[side].n; i++) {
			const struct market_resting *r = &market->symbol[1].side[side].order[i];
			if (r->price_e8 >= P(49750) && r->price_e8 <= P(50250))
				near[side] += r->lots;
		}
	ck_assert_int_eq(told[0].event.kind, FB_EVENT_DEPTH);
	ck_assert_uint_eq(told[0].event.symbol, 1);
	ck_assert_int_eq(told[0].event.qty, near[MARKET_BIDS]);
	wide_eq(fb_wide(told[0].event.value_e8), near[MARKET_ASKS]);
	/* Thinner after a fall: 1 % is calm, from 4 % on a quarter is left. */
	step_to(1, P(49500));
	ck_assert_int_eq(quoted(1, MARKET_BIDS), 2000);
	step_to(1, P(49500) / 40 * 39);
	ck_assert_int_eq(quoted(1, MARKET_BIDS), 1250);
	step_to(1, P(46000));
	ck_assert_int_eq(quoted(1, MARKET_BIDS), 500);
	ck_assert_int_eq(quoted(1, MARKET_ASKS), 500);
	step_to(1, P(46000));
	ck_assert_int_eq(quoted(1, MARKET_BIDS), 2000);
	fb_market_close(market);
}
END_TEST

START_TEST(trades_move_the_mark_and_it_comes_back)
{
	open_deep();
	step_to(1, P(50000));
	const struct market_symbol *s = &market->symbol[1];
	int64_t width = s->side[MARKET_BIDS].width_ppb;
	ck_assert_int_eq(reduce(1, 11, 1, 1000, 0, FB_IOC).qty, 1000);
	ck_assert_int_eq(s->impact_ppb, -(width / 2));
	ck_assert_int_eq(reduce(1, 11, 1, 9000, 0, FB_IOC).qty, 1000);
	ck_assert_int_le(s->impact_ppb, -width + 2);
	ck_assert_int_ge(s->impact_ppb, -width);
	ck_assert_uint_eq(s->side[MARKET_BIDS].n, 0);
	uint64_t mark = step_to(1, P(50000));
	ck_assert_uint_lt(mark, P(50000) - P(50000) / 1000000000 * (uint64_t)(width / 100 * 96));
	ck_assert_uint_gt(mark, P(50000) - P(50000) / 1000000000 * (uint64_t)(width / 100 * 97));
	/* Marks and books follow: bids below, asks above. */
	ck_assert_uint_lt(s->side[MARKET_BIDS].order[0].price_e8, mark);
	ck_assert_uint_gt(s->side[MARKET_ASKS].order[0].price_e8, mark);
	for (int i = 0; i < 19; i++)
		mark = step_to(1, P(50000));
	/* 20 steps after the trade: half of it. */
	ck_assert_int_le(s->impact_ppb, -width / 100 * 49);
	ck_assert_int_ge(s->impact_ppb, -width / 100 * 51);
	for (int i = 0; i < 2000; i++)
		mark = step_to(1, P(50000));
	ck_assert_uint_ge(mark, P(50000) - 3000);
	/* A short's buying moves it up. */
	reduce(2, 21, 1, -1000, -((__int128)1 << 100), FB_IOC);
	ck_assert_int_gt(s->impact_ppb, 0);
	fb_market_close(market);
}
END_TEST

START_TEST(impact_and_marks_stay_in_range)
{
	open_deep();
	for (int i = 0; i < 400; i++) {
		step_to(1, P(50000));
		market->symbol[1].side[MARKET_BIDS].width_ppb = INT64_C(1) << 40;
		reduce(1, 11, 1, 1, 0, FB_IOC);
		ck_assert_int_ge(market->symbol[1].impact_ppb, -300000000);
	}
	ck_assert_int_eq(market->symbol[1].impact_ppb, -300000000);
	/* The largest price a unit value allows: the impact may not lift it beyond. */
	uint64_t most = P(1) * 1000 / 100000000 * ((UINT64_C(1) << 36) - 1), u;
	ck_assert_int_eq(fb_unit_value(&rules.symbol[1], most, &u), 0);
	market->symbol[1].impact_ppb = 0;
	step_to(1, most);
	market->symbol[1].impact_ppb = 300000000;
	uint64_t before = market->symbol[1].mark_e8, mark = step_to(1, most);
	ck_assert_int_eq(fb_unit_value(&rules.symbol[1], mark, &u), 0);
	ck_assert_uint_eq(mark, before);
	/* And a price of one unit stays one. */
	market->symbol[0].impact_ppb = -300000000;
	ck_assert_uint_eq(step_to(0, 1), 1);
	fb_market_close(market);
}
END_TEST

/* Working orders fill at their own price when the mark comes to them, in their priority. */
START_TEST(the_mark_reaches_working_orders)
{
	market_open_bare();
	position(1, 11, 0, 100);
	position(2, 21, 0, -100);
	position(3, 31, 0, 1000);
	step_to(0, P(100));
	rest_user(11, MARKET_ASKS, P(102), 60, true);
	rest_user(21, MARKET_BIDS, P(99), 60, true);
	rest_user(31, MARKET_BIDS, P(98), 500, false);
	step_to(0, P(101));
	drain(clock_us);
	ck_assert_uint_eq(told_count(FB_EVENT_USER_FILL), 0);
	step_to(0, P(97));
	drain(clock_us);
	ck_assert_int_eq(qty_of(11), 100);
	ck_assert_int_eq(qty_of(21), -40);
	ck_assert_int_eq(qty_of(31), 1050); /* never more than a twentieth at once */
	const struct fb_event *e = told_of(FB_EVENT_USER_FILL, 0);
	ck_assert_uint_eq(e->position, 21);
	ck_assert_int_eq(e->qty, 60);
	wide_eq(fb_wide(e->value_e8), 60 * 99 * MONEY);
	e = told_of(FB_EVENT_USER_FILL, 1);
	ck_assert_int_eq(e->qty, 50);
	wide_eq(fb_wide(e->value_e8), 50 * 98 * MONEY);
	/* Meanwhile its position became smaller than its order: it closes, but does not turn. */
	struct fb_order o = order_of(FB_VERB_TAKEOVER, 1, 11, 0, 70, 0);
	o.counter_account = FB_ID_FUND;
	o.counter_position = fb_house_position(FB_ID_FUND, 0);
	answer_to(&o);
	step_to(0, P(102));
	drain(clock_us);
	ck_assert_int_eq(qty_of(11), 0);
	ck_assert_int_eq(told_of(FB_EVENT_USER_FILL, 2)->qty, -30);
	fb_market_close(market);
}
END_TEST

START_TEST(nobody_trades_with_himself)
{
	market_open_bare();
	position(1, 11, 0, 100);
	position(1, 12, 0, -100);
	step_to(0, P(100));
	rest_user(12, MARKET_BIDS, P(99), 50, true);
	rest(0, MARKET_BIDS, P(98), 10);
	struct fb_event e = reduce(1, 11, 0, 60, 0, FB_IOC);
	ck_assert_int_eq(e.qty, 10);
	wide_eq(fb_wide(e.value_e8), 980 * MONEY);
	ck_assert_int_eq(qty_of(12), -100);
	fb_market_close(market);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "priority", better_price_first_then_the_older_order },
		{ "limit", a_limit_holds_to_the_last_unit },
		{ "average", no_fill_lives_on_a_better_one },
		{ "fok", fill_or_kill_is_whole_or_nothing },
		{ "short", a_short_buys_and_pays_at_most_its_limit },
		{ "inverse", inverse_contracts_trade_on_the_other_side },
		{ "wild", wild_numbers_are_no_trouble },
		{ "unknown", who_is_unknown_is_rejected },
		{ "takeover", takeover_moves_what_is_there },
		{ "width", no_position_outgrows_its_width },
		{ "pair", a_pair_never_takes_more_than_both_have },
		{ "quotes", quotes_have_the_depth_asked_for },
		{ "impact", trades_move_the_mark_and_it_comes_back },
		{ "range", impact_and_marks_stay_in_range },
		{ "reached", the_mark_reaches_working_orders },
		{ "self", nobody_trades_with_himself },
	};
	return kit_main("market: books and verbs", cases, sizeof(cases) / sizeof(cases[0]));
}
