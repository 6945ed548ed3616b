/* What the simulated market tells, and when: delays, parts, losses, repetitions, races. */
#include "market_kit.h"

#define P(x) ((uint64_t)(x) * (uint64_t)MONEY)

/* Position 11 is long 1000 of symbol 0 at 100; the book buys 1000 at 99. */
static void open_with(struct fb_market_options options)
{
	market_open(&options);
	position(1, 11, 0, 1000);
	position(2, 21, 0, -1000);
	step_to(0, P(100));
	rest(0, MARKET_BIDS, P(99), 1000);
	drain(clock_us);
	tolds = 0;
}

static struct fb_order reduction(int64_t qty)
{
	return order_of(FB_VERB_REDUCE, 1, 11, 0, qty, 0);
}

static int64_t at_of(size_t k)
{
	return told[k].at_us;
}

START_TEST(parts_add_up_and_come_one_after_another)
{
	bool many = false;
	for (uint64_t seed = 0; seed < 50; seed++) {
		open_with((struct fb_market_options){
			.seed = seed, .delay_us = 40000, .part_e7 = ALL_E7 });
		struct fb_order o = reduction(700);
		send(&o);
		ck_assert_int_eq(qty_of(11), 300); /* at once: only the news travels */
		drain(LATER);
		int64_t qty = 0;
		__int128 value = 0;
		for (size_t i = 0; i + 1 < tolds; i++) {
			const struct fb_event *e = &told[i].event;
			ck_assert_int_eq(e->kind, FB_EVENT_FILL);
			ck_assert_uint_eq(e->number, i + 1);
			ck_assert_int_eq(e->verb, FB_VERB_REDUCE);
			ck_assert_int_lt(at_of(i), at_of(i + 1));
			qty += e->qty;
			value += fb_wide(e->value_e8);
		}
		const struct fb_event *done = &told[tolds - 1].event;
		ck_assert_int_eq(done->kind, FB_EVENT_DONE);
		ck_assert_uint_eq(done->number, tolds - 1);
		ck_assert_int_eq(done->qty, 700);
		ck_assert_int_eq(qty, 700);
		wide_eq(fb_wide(done->value_e8), 700 * 99 * MONEY);
		wide_eq(value, 700 * 99 * MONEY);
		ck_assert_uint_ge(done->number, 2);
		many |= done->number == 4;
		fb_market_close(market);
	}
	ck_assert(many);
}
END_TEST

START_TEST(an_answer_takes_half_to_one_and_a_half_times_as_long)
{
	int64_t least = INT64_MAX, most = 0;
	for (uint64_t seed = 0; seed < 300; seed++) {
		open_with((struct fb_market_options){ .seed = seed, .delay_us = 100000 });
		struct fb_order o = order_of(FB_VERB_HOLD, 1, 0, 0, 0, 0);
		send(&o);
		ck_assert_uint_eq(drain(LATER), 1);
		int64_t took = at_of(0) - clock_us;
		ck_assert_int_eq(at_of(0) % 1000, 0);
		least = took < least ? took : least;
		most = took > most ? took : most;
		fb_market_close(market);
	}
	ck_assert_int_ge(least, 50000);
	ck_assert_int_le(least, 52000);
	ck_assert_int_le(most, 150000);
	ck_assert_int_ge(most, 148000);
}
END_TEST

START_TEST(a_slow_answer_takes_up_to_a_thousand_times)
{
	int64_t most = 0;
	for (uint64_t seed = 0; seed < 300; seed++) {
		open_with((struct fb_market_options){
			.seed = seed, .delay_us = 1000, .slow_e7 = ALL_E7 });
		struct fb_order o = order_of(FB_VERB_HOLD, 1, 0, 0, 0, 0);
		send(&o);
		ck_assert_uint_eq(drain(LATER), 1);
		ck_assert_int_ge(at_of(0) - clock_us, 1000);
		most = at_of(0) - clock_us > most ? at_of(0) - clock_us : most;
		fb_market_close(market);
	}
	ck_assert_int_ge(most, 1000000);
	ck_assert_int_le(most, 1500000);
}
END_TEST

START_TEST(the_same_id_is_answered_again_and_done_once)
{
	open_with((struct fb_market_options){ .seed = 3, .part_e7 = ALL_E7 });
	struct fb_order o = reduction(600);
	send(&o);
	send(&o); /* before any answer */
	drain(clock_us);
	send(&o); /* and after it */
	drain(clock_us);
	ck_assert_int_eq(qty_of(11), 400);
	ck_assert_uint_eq(tolds % 3, 0);
	size_t n = tolds / 3;
	ck_assert_uint_ge(n, 3);
	for (size_t i = n; i < tolds; i++)
		ck_assert_mem_eq(&told[i].event, &told[i % n].event, sizeof(struct fb_event));
	ck_assert_int_eq(told[n - 1].event.kind, FB_EVENT_DONE);
	struct fb_order other = o;
	other.qty = 601;
	ck_assert_int_eq(venue->ops->send(venue, &other), -EINVAL);
	/* So it is with a rejection. */
	struct fb_order bad = order_of(FB_VERB_REDUCE, 1, 99, 0, 1, 0);
	ck_assert_uint_eq(answer_to(&bad).number, MARKET_NO_POSITION);
	position(1, 99, 0, 5);
	ck_assert_uint_eq(answer_to(&bad).number, MARKET_NO_POSITION);
	ck_assert_int_eq(qty_of(99), 5);
	fb_market_close(market);
}
END_TEST

START_TEST(a_lost_answer_is_told_when_asked_again)
{
	open_with((struct fb_market_options){ .seed = 3, .lost_e7 = ALL_E7 });
	struct fb_order o = reduction(600);
	send(&o);
	drain(LATER);
	ck_assert_uint_eq(tolds, 1);
	ck_assert_int_eq(told[0].event.kind, FB_EVENT_FILL);
	send(&o);
	drain(LATER);
	ck_assert_uint_eq(tolds, 3);
	ck_assert_mem_eq(&told[1].event, &told[0].event, sizeof(struct fb_event));
	ck_assert_int_eq(told[2].event.kind, FB_EVENT_DONE);
	ck_assert_int_eq(told[2].event.qty, 600);
	ck_assert_int_eq(qty_of(11), 400);
	fb_market_close(market);
}
END_TEST

START_TEST(open_orders_are_never_forgotten)
{
	open_with((struct fb_market_options){ .seed = 3, .lost_e7 = ALL_E7 });
	struct fb_order order[129];
	for (int i = 0; i < 129; i++) {
		order[i] = reduction(1);
		ck_assert_int_eq(venue->ops->send(venue, &order[i]), i < 128 ? 0 : -EAGAIN);
	}
	drain(LATER);
	ck_assert_int_eq(qty_of(11), 1000 - 128);
	for (int i = 0; i < 128; i++)
		ck_assert_int_eq(answer_to(&order[i]).kind, FB_EVENT_DONE);
	ck_assert_int_eq(qty_of(11), 1000 - 128);
	/* Closed ones make room; the newest of them are still known. */
	ck_assert_int_eq(venue->ops->send(venue, &order[128]), 0);
	send(&order[128]);
	drain(LATER);
	for (int i = 0; i < 300; i++) {
		struct fb_order o = order_of(FB_VERB_HOLD, 1, 0, 0, 0, 0);
		send(&o);
		answer_to(&o);
	}
	ck_assert_int_eq(answer_to(&order[128]).qty, 1);
	ck_assert_int_eq(qty_of(11), 1000 - 129);
	ck_assert_uint_le(market->closed_n, 4 * 128);
	fb_market_close(market);
}
END_TEST

START_TEST(asking_without_listening_has_an_end)
{
	open_with((struct fb_market_options){ .seed = 3, .part_e7 = ALL_E7, .twice_e7 = ALL_E7 });
	struct fb_order o = reduction(600);
	int err = 0;
	for (int i = 0; i < 20000 && err == 0; i++)
		err = venue->ops->send(venue, &o);
	ck_assert_int_eq(err, -EAGAIN);
	drain(LATER);
	send(&o);
	ck_assert_uint_ge(drain(LATER), 6);
	ck_assert_int_eq(told[tolds - 1].event.qty, 600);
	ck_assert_int_eq(qty_of(11), 400);
	fb_market_close(market);
}
END_TEST

START_TEST(a_late_fill_comes_after_done)
{
	open_with((struct fb_market_options){
		.seed = 4, .delay_us = 3000, .part_e7 = ALL_E7, .late_e7 = ALL_E7 });
	struct fb_order o = reduction(600);
	send(&o);
	drain(LATER);
	ck_assert_int_eq(told[0].event.kind, FB_EVENT_DONE);
	ck_assert_uint_eq(told[0].event.number, tolds - 1);
	int64_t qty = 0;
	for (size_t i = 1; i < tolds; i++) {
		ck_assert_int_gt(at_of(i), at_of(0));
		qty += told[i].event.qty;
	}
	ck_assert_int_eq(qty, 600);
	fb_market_close(market);
}
END_TEST

START_TEST(everything_is_told_twice)
{
	open_with((struct fb_market_options){ .seed = 4, .delay_us = 3000, .twice_e7 = ALL_E7 });
	rest_user(21, MARKET_BIDS, P(100), 10, true);
	struct fb_order o = reduction(600);
	send(&o);
	drain(LATER);
	ck_assert_uint_eq(tolds, 6);
	ck_assert_uint_eq(told_count(FB_EVENT_FILL), 2);
	ck_assert_uint_eq(told_count(FB_EVENT_DONE), 2);
	const struct fb_event *a = told_of(FB_EVENT_USER_FILL, 0),
			      *b = told_of(FB_EVENT_USER_FILL, 1);
	ck_assert_mem_eq(a, b, sizeof(*a));
	ck_assert_int_eq(qty_of(21), -990);
	fb_market_close(market);
}
END_TEST

START_TEST(any_verb_may_be_rejected)
{
	open_with((struct fb_market_options){ .seed = 4, .reject_e7 = ALL_E7 });
	for (int verb = FB_VERB_HOLD; verb <= FB_VERB_RELEASE; verb++) {
		struct fb_order o = reduction(600);
		o.verb = (uint8_t)verb;
		struct fb_event e = answer_to(&o);
		ck_assert_int_eq(e.kind, FB_EVENT_REJECT);
		ck_assert_uint_eq(e.number, MARKET_BUSY);
		ck_assert_int_eq(e.verb, verb);
	}
	ck_assert_int_eq(qty_of(11), 1000);
	ck_assert(!market->account[0].held);
	fb_market_close(market);
}
END_TEST

START_TEST(answers_of_an_account_keep_their_order)
{
	for (uint64_t seed = 0; seed < 100; seed++) {
		open_with((struct fb_market_options){ .seed = seed, .delay_us = 100000 });
		uint32_t first = ids + 1;
		for (int i = 0; i < 10; i++) {
			struct fb_order o = i % 2 ? reduction(50)
						  : order_of(FB_VERB_HOLD, 1, 0, 0, 0, 0);
			send(&o);
		}
		drain(LATER);
		for (uint32_t i = 0; i < 10; i++)
			ck_assert_uint_eq(told_of(FB_EVENT_DONE, i)->id.index, first + i);
		fb_market_close(market);
	}
}
END_TEST

/* A poll gives one time; with little room the rest follows under the same time. */
START_TEST(a_poll_gives_one_time)
{
	open_with((struct fb_market_options){ .seed = 9 });
	struct fb_event e[8];
	int64_t at_us;
	ck_assert_int_eq(venue->ops->poll(venue, clock_us, e, 0, &at_us), -EINVAL);
	uint32_t first = ids + 1;
	for (int i = 0; i < 5; i++) {
		struct fb_order o = order_of(FB_VERB_HOLD, 1, 0, 0, 0, 0);
		send(&o);
	}
	const int expected[4] = { 2, 2, 1, 0 };
	for (int i = 0; i < 4; i++) {
		int n = venue->ops->poll(venue, clock_us, e, 2, &at_us);
		ck_assert_int_eq(n, expected[i]);
		ck_assert_int_eq(at_us, clock_us);
		for (int k = 0; k < n; k++)
			ck_assert_uint_eq(e[k].id.index, first++);
	}
	ck_assert_int_eq(venue->ops->poll(venue, clock_us + 777, e, 8, &at_us), 0);
	/* From there on, time does not run backwards: neither for an order nor for a step. */
	struct fb_order o = order_of(FB_VERB_HOLD, 1, 0, 0, 0, 0);
	send(&o);
	ck_assert_int_eq(venue->ops->poll(venue, clock_us + 776, e, 8, &at_us), 0);
	ck_assert_int_eq(venue->ops->poll(venue, clock_us + 5000, e, 8, &at_us), 1);
	ck_assert_int_eq(at_us, clock_us + 1000);
	struct fb_tick tick = { .time_us = clock_us - 5, .price_e8 = P(100), .symbol = 1 };
	ck_assert_int_eq(fb_market_step(market, &tick, 1), 0);
	ck_assert_int_eq(venue->ops->poll(venue, clock_us + 999, e, 8, &at_us), 0);
	ck_assert_int_eq(venue->ops->poll(venue, clock_us + 5000, e, 8, &at_us), 1);
	ck_assert_int_eq(at_us, clock_us + 1000);
	fb_market_close(market);
}
END_TEST

/* An answer due before a step, but not taken up before it, comes under the step's time. */
START_TEST(what_is_overdue_comes_now)
{
	open_with((struct fb_market_options){ .seed = 9, .delay_us = 1000 });
	struct fb_order o = order_of(FB_VERB_HOLD, 1, 0, 0, 0, 0);
	send(&o);
	step_to(1, P(50000));
	drain(clock_us);
	ck_assert_int_eq(told[0].event.kind, FB_EVENT_DONE);
	ck_assert_int_eq(at_of(0), clock_us);
	fb_market_close(market);
}
END_TEST

START_TEST(a_working_order_fills_before_cancel_all_is_done)
{
	open_with((struct fb_market_options){ .seed = 9, .delay_us = 2 * SECOND });
	rest_user(21, MARKET_BIDS, P(98), 60, true);
	struct fb_order o = order_of(FB_VERB_CANCEL_ALL, 2, 0, 0, 0, 0);
	send(&o);
	step_to(0, P(97)); /* before it arrives */
	position(2, 22, 0, -500);
	rest_user(22, MARKET_BIDS, P(90), 10, true);
	for (int i = 0; i < 5; i++)
		step_to(0, P(96));
	ck_assert(!market->row[fb_market_row_index(market, 22)].working);
	step_to(0, P(80));
	drain(LATER);
	ck_assert_uint_eq(told_count(FB_EVENT_USER_FILL), 1);
	bool filled = false;
	for (size_t i = 0; i < tolds; i++) {
		filled |= told[i].event.kind == FB_EVENT_USER_FILL;
		if (told[i].event.kind == FB_EVENT_DONE)
			ck_assert(filled);
	}
	ck_assert_uint_eq(told_count(FB_EVENT_DONE), 1);
	ck_assert_int_eq(qty_of(21), -940);
	ck_assert_int_eq(qty_of(22), -500);
	fb_market_close(market);
}
END_TEST

/* A REDUCE that is slow on its way in either arrives before a CANCEL_ALL, or not at all; one that
 * is sent after the CANCEL_ALL is not meant by it. */
START_TEST(a_reduction_in_flight_may_be_cancelled)
{
	unsigned won = 0, lost = 0;
	for (uint64_t seed = 0; seed < 60; seed++) {
		open_with((struct fb_market_options){
			.seed = seed, .delay_us = 1000, .slow_e7 = ALL_E7 });
		struct fb_order cancel = order_of(FB_VERB_CANCEL_ALL, 1, 0, 0, 0, 0),
				before = reduction(100), after = reduction(10);
		send(&before);
		ck_assert_int_eq(qty_of(11), 1000);
		send(&cancel);
		send(&after);
		send(&before); /* it is on its way: nothing to say */
		bool first = market->effects.due[0].order == 0; /* the table's first slot */
		drain(LATER);
		int64_t qty = 0, filled = 0;
		for (size_t i = 0; i < tolds; i++) {
			const struct fb_event *e = &told[i].event;
			if (e->kind == FB_EVENT_FILL)
				filled += e->qty;
			if (e->kind == FB_EVENT_DONE && e->id.index == before.id.index)
				qty = e->qty;
		}
		ck_assert_uint_eq(told_count(FB_EVENT_DONE), 3);
		ck_assert_int_eq(filled, qty + 10);
		ck_assert_int_eq(qty_of(11), 1000 - filled);
		ck_assert(qty == 0 || qty == 100);
		if (first)
			ck_assert_int_eq(qty, 100);
		won += qty == 100;
		lost += qty == 0;
		fb_market_close(market);
	}
	ck_assert_uint_gt(won, 5);
	ck_assert_uint_gt(lost, 5);
}
END_TEST

static unsigned working(uint32_t id)
{
	unsigned n = 0;
	for (uint32_t row = market->account[fb_market_account_index(market, id)].first;
	     row != FB_NONE; row = market->row[row].next)
		n += market->row[row].working;
	return n;
}

START_TEST(held_accounts_place_nothing_new)
{
	open_with((struct fb_market_options){ .seed = 6, .working_e7 = ALL_E7 });
	for (uint32_t i = 3; i < 23; i++) {
		position(i, 10 * i, 0, 1000);
		position(i, 10 * i + 1, 0, -1000);
	}
	position(FB_ID_FUND, fb_house_position(FB_ID_FUND, 0), 0, 1000);
	struct fb_order hold = order_of(FB_VERB_HOLD, 3, 0, 0, 0, 0);
	answer_to(&hold);
	unsigned placed = 0;
	for (int i = 0; i < 40; i++) {
		step_to(0, P(100));
		ck_assert_uint_eq(working(3), 0);
		ck_assert_uint_eq(working(FB_ID_FUND), 0);
		ck_assert_uint_le(working(4), 2);
		placed += working(4);
	}
	ck_assert_uint_gt(placed, 30);
	for (unsigned side = 0; side < 2; side++)
		for (unsigned i = 0; i < market->symbol[0].side[side].n; i++) {
			const struct market_resting *r = &market->symbol[0].side[side].order[i];
			ck_assert_uint_ge(r->price_e8, P(99));
			ck_assert_uint_le(r->price_e8, P(101));
			ck_assert_int_le(r->lots, r->reduces ? 511 : 25);
		}
	/* Released: it begins again. */
	struct fb_order release = order_of(FB_VERB_RELEASE, 3, 0, 0, 0, 0);
	answer_to(&release);
	for (int i = 0; i < 60 && working(3) == 0; i++)
		step_to(0, P(100));
	ck_assert_uint_gt(working(3), 0);
	fb_market_close(market);
}
END_TEST

/* CANCEL_ALL without HOLD: until it is answered there is nothing new, so the answer is true. */
START_TEST(what_was_cancelled_stays_so_until_the_answer)
{
	for (uint64_t seed = 0; seed < 20; seed++) {
		open_with((struct fb_market_options){
			.seed = seed, .delay_us = 5 * SECOND, .working_e7 = ALL_E7 });
		ck_assert_uint_eq(working(1), 1);
		struct fb_order o = order_of(FB_VERB_CANCEL_ALL, 1, 0, 0, 0, 0);
		send(&o);
		unsigned before = 1, steps = 0;
		for (; told_count(FB_EVENT_DONE) == 0; steps++) {
			step_to(0, P(100));
			ck_assert_uint_le(working(1), before);
			before = working(1);
			drain(clock_us);
		}
		ck_assert_uint_ge(steps, 5);
		ck_assert_uint_eq(before, 0);
		for (int i = 0; i < 60 && working(1) == 0; i++)
			step_to(0, P(100));
		ck_assert_uint_eq(working(1), 1);
		fb_market_close(market);
	}
}
END_TEST

/* The second telling of an order that is forgotten by then closes nobody else's. */
START_TEST(an_old_answer_does_not_close_a_new_order)
{
	open_with((struct fb_market_options){ .seed = 2, .delay_us = SECOND, .twice_e7 = ALL_E7 });
	struct fb_order o = order_of(FB_VERB_HOLD, 1, 0, 0, 0, 0);
	send(&o);
	market->options = (struct fb_market_options){ .seed = 2 };
	clock_us += SECOND / 2 * 3;
	ck_assert_uint_ge(drain(clock_us), 1);
	for (int i = 0; i < 511; i++) {
		o = order_of(FB_VERB_HOLD, 2, 0, 0, 0, 0);
		answer_to(&o);
	}
	market->options.lost_e7 = ALL_E7;
	o = order_of(FB_VERB_HOLD, 2, 0, 0, 0, 0);
	send(&o);
	ck_assert_uint_eq(drain(LATER), 1);
	ck_assert_uint_eq(market->orders_open, 1);
	send(&o);
	drain(LATER);
	ck_assert_uint_eq(market->orders_open, 0);
	fb_market_close(market);
}
END_TEST

START_TEST(deposits_are_small_and_withdrawals_rare)
{
	open_with((struct fb_market_options){ .seed = 6, .deposit_e7 = ALL_E7 });
	/* One came while opening. */
	uint32_t last[3] = { 0, market->account[0].told, market->account[1].told };
	ck_assert_uint_eq(last[1] + last[2], 1);
	for (int i = 0; i < 2000; i++) {
		step_to(0, P(100));
		drain(clock_us);
	}
	unsigned out = 0, n = 0;
	for (const struct fb_event *e; (e = told_of(FB_EVENT_DEPOSIT, n)) != NULL; n++) {
		__int128 value = fb_wide(e->value_e8), notional = 100000 * MONEY;
		out += value < 0;
		ck_assert(value < 0 ? -value * 1000 >= notional && -value * 200 <= notional
				    : value * 200 >= notional && value * 20 <= notional);
		ck_assert_uint_eq(e->number, ++last[e->account]);
	}
	ck_assert_uint_eq(n, 2000);
	ck_assert_uint_gt(out, 150);
	ck_assert_uint_lt(out, 250);
	fb_market_close(market);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "parts", parts_add_up_and_come_one_after_another },
		{ "delay", an_answer_takes_half_to_one_and_a_half_times_as_long },
		{ "slow", a_slow_answer_takes_up_to_a_thousand_times },
		{ "again", the_same_id_is_answered_again_and_done_once },
		{ "lost", a_lost_answer_is_told_when_asked_again },
		{ "full", open_orders_are_never_forgotten },
		{ "deaf", asking_without_listening_has_an_end },
		{ "late", a_late_fill_comes_after_done },
		{ "twice", everything_is_told_twice },
		{ "reject", any_verb_may_be_rejected },
		{ "order", answers_of_an_account_keep_their_order },
		{ "poll", a_poll_gives_one_time },
		{ "overdue", what_is_overdue_comes_now },
		{ "cancel", a_working_order_fills_before_cancel_all_is_done },
		{ "flight", a_reduction_in_flight_may_be_cancelled },
		{ "held", held_accounts_place_nothing_new },
		{ "quiet", what_was_cancelled_stays_so_until_the_answer },
		{ "stale", an_old_answer_does_not_close_a_new_order },
		{ "deposits", deposits_are_small_and_withdrawals_rare },
	};
	return kit_main("market: events", cases, sizeof(cases) / sizeof(cases[0]));
}
