/* The way through the waterfall: what waits for what, what own trades and recovery in between do,
 * orders without an answer, refusals. */
#include "waterfall_answer_kit.h"

/* 100 lots bought at 1 with 11: in breach from 0.895 down, released at 95 % (about 0.8995). */
static void open_long(void)
{
	open_all();
	holder(1, 11 * MONEY, 10, 1, 100, 100 * MONEY);
	start();
}

static void a_long_in_breach(void)
{
	open_long();
	mark(1, 895);
}

/* The mark of symbol 1 in ten-thousandths. */
static void fine_mark(uint64_t u)
{
	tell(c_mark(1, U_MONEY / 10000 * u));
}

static void expect_silence(size_t expected)
{
	for (int i = 0; i < 3; i++)
		decide();
	ck_assert_uint_eq(sents, expected);
}

START_TEST(each_step_waits_for_the_one_before)
{
	a_long_in_breach();
	decide();
	expect_newest(FB_VERB_HOLD, 1, 0, 0);
	expect_silence(1);
	mark(1, 880); /* bankrupt: nothing is skipped */
	expect_silence(1);
	mark(1, 895);
	done(0);
	expect_state(1, FB_HELD);
	ck_assert_uint_eq(sents, 1); /* answers are booked, decisions send */
	decide();
	expect_newest(FB_VERB_CANCEL_ALL, 1, 0, 0);
	expect_silence(2);
	done(1);
	expect_state(1, FB_READY);
	ck_assert_uint_eq(counts()->liquidations, 0);
	decide();
	expect_newest(FB_VERB_REDUCE, 1, 100, 89 * MONEY);
	expect_silence(3);
	ck_assert_uint_eq(counts()->liquidations, 1);
	ck_assert_uint_eq(notice[0].kind, FB_NOTICE_LIQUIDATED);
	kit_assert_wide(fb_wide(notice[0].value_e8), MONEY / 2);
	ck_assert_uint_eq(notices, 1);
	close_all();
}
END_TEST

START_TEST(refused_by_the_venue)
{
	a_long_in_breach();
	decide();
	reject(0);
	ck_assert(state_of(1) <= FB_CALLED && !waterfall->held[index_of(1)]);
	decide();
	done(expect_newest(FB_VERB_HOLD, 1, 0, 0));
	decide();
	reject(expect_newest(FB_VERB_CANCEL_ALL, 1, 0, 0));
	expect_state(1, FB_HELD);
	decide();
	done(expect_newest(FB_VERB_CANCEL_ALL, 1, 0, 0));
	decide();
	reject(expect_newest(FB_VERB_REDUCE, 1, 100, 89 * MONEY));
	decide();
	reject(expect_newest(FB_VERB_REDUCE, 1, 100, 89 * MONEY));
	/* Two tries: now the fund. */
	decide();
	expect_newest(FB_VERB_TAKEOVER, 1, 100, 89 * MONEY);
	close_all();
}
END_TEST

/* It buys and sells a lot before every decision, and gets as far as without. */
START_TEST(own_trades_stop_nothing)
{
	static const enum fb_verb expected[] = { FB_VERB_HOLD, FB_VERB_CANCEL_ALL, FB_VERB_REDUCE };
	uint32_t number = 0;
	a_long_in_breach();
	for (size_t i = 0; i < 3; i++) {
		happen(own_fill(1, 10, ++number, 1, 895 * MONEY / 1000));
		decide();
		ck_assert_uint_eq(sents, i + 1);
		ck_assert_uint_eq(sent[i].order.verb, expected[i]);
		happen(own_fill(1, 10, ++number, -1, -895 * MONEY / 1000));
		decide();
		ck_assert_uint_eq(sents, i + 1);
		if (i < 2)
			done(i);
	}
	/* 101 lots were asked for; a late fill of one more than are left is the fund's. */
	ck_assert_int_eq(sent[2].order.qty, 101);
	fill(2, 101, 101 * MONEY);
	expect_row(10, 0, 0);
	expect_row(fb_house_position(FB_ID_FUND, 1), -1, -MONEY);
	close_all();
}
END_TEST

START_TEST(recovered_while_holding)
{
	a_long_in_breach();
	decide();
	mark(1, 1000);
	expect_silence(1);
	done(0);
	decide();
	done(expect_newest(FB_VERB_RELEASE, 1, 0, 0));
	expect_state(1, FB_CALM);
	ck_assert_uint_eq(notice[notices - 1].kind, FB_NOTICE_RELEASED);
	expect_silence(2);
	ck_assert_uint_eq(counts()->released, 1);
	ck_assert_uint_eq(counts()->liquidations, 0);
	ck_assert(!waterfall->held[index_of(1)]);
	/* And once more from the start. */
	mark(1, 895);
	decide();
	expect_newest(FB_VERB_HOLD, 1, 0, 0);
	close_all();
}
END_TEST

START_TEST(recovered_while_cancelling)
{
	a_long_in_breach();
	decide();
	done(0);
	decide();
	mark(1, 1000);
	expect_silence(2);
	done(1);
	decide();
	reject(expect_newest(FB_VERB_RELEASE, 1, 0, 0));
	expect_state(1, FB_HELD);
	decide();
	done(expect_newest(FB_VERB_RELEASE, 1, 0, 0));
	expect_state(1, FB_CALM);
	close_all();
}
END_TEST

/* What is open is cancelled, what is filled meanwhile counts, and both answers are waited for,
 * whichever comes first. */
START_TEST(recovered_while_reducing)
{
	for (int first = 0; first < 2; first++) {
		a_long_in_breach();
		make_ready();
		decide();
		fill(2, 30, 27 * MONEY);
		mark(1, 1000);
		decide();
		ck_assert_uint_eq(expect_newest(FB_VERB_CANCEL_ALL, 1, 0, 0), 3);
		expect_state(1, FB_WITHDRAWING);
		expect_silence(4);
		fill(2, 10, 9 * MONEY);
		done(first ? 3 : 2);
		expect_silence(4);
		done(first ? 2 : 3);
		expect_row(10, 60, 60 * MONEY);
		expect_state(1, FB_READY);
		decide();
		done(expect_newest(FB_VERB_RELEASE, 1, 0, 0));
		expect_state(1, FB_CALM);
		ck_assert_uint_eq(counts()->strays, 0);
		close_all();
	}
}
END_TEST

/* Kept at 95.7 %, released at 94.7 %; reached at 100 % only. */
START_TEST(a_breach_is_kept_for_a_while)
{
	open_long();
	fine_mark(8990); /* 99.9 % */
	expect_silence(0);
	fine_mark(8950);
	make_ready();
	fine_mark(8994);
	decide();
	expect_newest(FB_VERB_REDUCE, 1, 100, 8900 * CENT);
	expect_silence(3);
	fine_mark(8995);
	decide();
	expect_newest(FB_VERB_CANCEL_ALL, 1, 0, 0);
	close_all();
}
END_TEST

/* 50 more were bought while 100 were open, of which 40 were filled: next are 110. */
START_TEST(never_more_than_the_position)
{
	a_long_in_breach();
	make_ready();
	decide();
	happen(own_fill(1, 10, 1, 50, 4475 * CENT));
	fill(2, 40, 3580 * CENT);
	expect_silence(3);
	done(2);
	decide();
	ck_assert_int_eq(sent[3].order.qty, 110);
	happen(own_fill(1, 10, 2, -60, -5370 * CENT));
	expect_silence(4);
	done(3);
	decide();
	ck_assert_int_eq(sent[4].order.qty, 50);
	close_all();
}
END_TEST

/* The same order again after 2 s, 4 s, 8 s, 16 s, and every 16 s from then on. */
START_TEST(no_answer_in_time)
{
	static const int64_t patience[] = { 2, 4, 8, 16, 16, 16 };
	a_long_in_breach();
	decide();
	for (uint32_t i = 0; i < 6; i++) {
		tick(patience[i] * 1000000 - 1);
		ck_assert_uint_eq(sent[0].resent, i);
		tick(1);
		ck_assert_uint_eq(sent[0].resent, i + 1);
		tick(0);
		ck_assert_uint_eq(sent[0].resent, i + 1);
	}
	ck_assert_uint_eq(counts()->resent, 6);
	expect_silence(1);
	refuse_with = FB_REFUSED_KILL; /* it stays open, and is sent when it may be */
	tick(16000000);
	expect_state(1, FB_HOLDING);
	refuse_with = 0;
	tick(16000000);
	ck_assert_uint_eq(sent[0].resent, 7);
	done(0);
	tick(100000000);
	ck_assert_uint_eq(sent[0].resent, 7);
	expect_stray(a_done(0, 0, 0, 0));
	expect_state(1, FB_HELD);
	close_all();
}
END_TEST

START_TEST(refused_by_the_governor)
{
	a_long_in_breach();
	rules.policy.tries = 2;
	make_ready();
	refuse_with = FB_REFUSED_CAP;
	decide();
	expect_state(1, FB_READY);
	ck_assert_uint_eq(counts()->deferred, 1);
	refuse_with = 0;
	expect_silence(2); /* time has to pass */
	tick(100000);
	refuse_with = FB_REFUSED_SIZE;
	decide();
	expect_state(1, FB_STUCK);
	refuse_with = 0;
	const struct fb_notice *alarm = &notice[notices - 1];
	ck_assert_uint_eq(alarm->kind, FB_NOTICE_STUCK);
	ck_assert_uint_eq(alarm->account, 1);
	ck_assert_int_eq(alarm->qty, FB_REFUSED_SIZE);
	tick(100000000);
	expect_silence(2);
	ck_assert_int_eq(fb_waterfall_resume(waterfall), 0);
	make_ready();
	decide();
	expect_newest(FB_VERB_REDUCE, 1, 100, 89 * MONEY);
	ck_assert_uint_eq(counts()->liquidations, 1);
	close_all();
}
END_TEST

/* Where working orders are cancelled before the call, its holder is called all the same: once each
 * time that level is reached. */
START_TEST(a_call_beyond_the_cancel_level)
{
	/* MM is 1; the call is at 90 %, and kept down to 85 %. */
	static const struct {
		int percent;
		uint64_t calls;
	} steps[] = { { 82, 0 }, { 92, 1 }, { 92, 1 }, { 87, 1 }, { 92, 1 }, { 82, 1 }, { 91, 2 } };
	open_all();
	rules.policy.cancel_level = 1;
	rules.policy.call_level = 2;
	holder(1, 10 * MONEY, 10, 1, 100, 100 * MONEY);
	start();
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int64_t more = (int64_t)(100 * MONEY / steps[i].percent - sums_of(1).equity_e8);
		tell(c_collateral(1, more));
		tell(c_collateral(FB_ID_STREET, -more));
		decide();
		answer_states();
		ck_assert_uint_eq(counts()->calls, steps[i].calls);
	}
	expect_state(1, FB_CLEARED);
	close_all();
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "steps", each_step_waits_for_the_one_before },
		{ "venue", refused_by_the_venue },
		{ "own trades", own_trades_stop_nothing },
		{ "holding", recovered_while_holding },
		{ "cancelling", recovered_while_cancelling },
		{ "reducing", recovered_while_reducing },
		{ "kept", a_breach_is_kept_for_a_while },
		{ "size", never_more_than_the_position },
		{ "timeout", no_answer_in_time },
		{ "governor", refused_by_the_governor },
		{ "call", a_call_beyond_the_cancel_level },
	};
	return kit_main("waterfall: flow", cases, sizeof(cases) / sizeof(cases[0]));
}
