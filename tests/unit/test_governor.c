/* The governor's rules (P11) on ids, holds and what may be closed: each passes at its limit and
 * refuses one beyond, and every refusal is counted once, under its reason. */
#include "governor_kit.h"

/* ---- all verbs ---- */

START_TEST(the_kill_switch_stops_everything)
{
	open_all(NULL, 100);
	hold(1, FB_CONFIRMED_BREACH);
	struct fb_order again = must(reduce(1, LONG, 1, 10));
	fb_governor_kill(g, true);
	REFUSED(again, KILL);
	REFUSED(reduce(FB_ID_FUND, 1, 1, 1), KILL);
	for (unsigned v = 0; v < 10; v++)
		REFUSED(verb((enum fb_verb)v, 1), KILL);
	ck_assert_uint_eq(fb_governor_refused(g, FB_REFUSED_KILL), 12);
	fb_governor_kill(g, false);
	PASSES(again);
	PASSES(verb(FB_VERB_RELEASE, 1));
	close_all();
}
END_TEST

/* Whom an order is about is in the order: a hint that is wrong changes nothing. */
START_TEST(a_hint_decides_nothing)
{
	open_all(NULL, 100);
	fb_governor_confirmed(g, index_of(1), FB_CONFIRMED_BREACH);
	const uint32_t hints[] = { index_of(1), index_of(2), book->accounts, FB_NONE };
	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++) {
		fb_governor_about(g, hints[i]);
		PASSES(verb(FB_VERB_HOLD, 1));
		REFUSED(verb(FB_VERB_HOLD, 2), BREACH);
		REFUSED(verb(FB_VERB_HOLD, 77777), UNKNOWN);
	}
	close_all();
}
END_TEST

START_TEST(an_open_order_may_be_sent_again_as_it_was)
{
	const struct fb_governor_caps caps = { .orders = 4 };
	open_all(&caps, 4);
	hold(1, FB_CONFIRMED_BREACH);
	struct fb_order o = must(reduce(1, LONG, 1, 100)), later = must(reduce(1, SHORT, 2, -1));
	confirm_as(1, FB_CONFIRMED_NONE);
	for (int i = 0; i < 9; i++)
		PASSES(o); /* no breach, no lots left, a full second: it counts once */
	struct fb_order bad[] = { o, o, o, o, o, o, o, o, o };
	bad[0].account = 2;
	bad[1].position = 2;
	bad[2].counter_account = 2;
	bad[3].counter_position = 2;
	bad[4].symbol = 2;
	bad[5].verb = FB_VERB_RELEASE;
	bad[6].tif = FB_FOK;
	bad[7].qty = 99;
	bad[8].value_e8 = (__int128)1 << 100;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		REFUSED(bad[i], ID);
	reject(&o);
	REFUSED(o, ID); /* closed: not sent again, and not new */
	PASSES(later);
	close_all();
}
END_TEST

static struct fb_order numbered(uint32_t epoch, uint64_t sequence, uint32_t index)
{
	struct fb_order o = verb(FB_VERB_HOLD, 1);
	o.id = (struct fb_order_id){ .epoch = epoch, .sequence = sequence, .index = index };
	return o;
}

START_TEST(ids_grow)
{
	open_all(NULL, 100);
	REFUSED(numbered(9, 9, 9), BREACH); /* a refused id is not used up */
	confirm_as(1, FB_CONFIRMED_BREACH);
	do_now(numbered(0, 0, 0));
	REFUSED(numbered(0, 0, 0), ID);
	do_now(numbered(0, 0, 1));
	do_now(numbered(0, 3, 0));
	REFUSED(numbered(0, 2, 5), ID);
	do_now(numbered(0, 3, 7));
	REFUSED(numbered(0, 3, 6), ID);
	do_now(numbered(2, 1, 0));
	REFUSED(numbered(1, 9, 9), ID);
	REFUSED(numbered(2, 0, 9), ID);
	do_now(numbered(2, 1, 1));
	do_now(numbered(UINT32_MAX, UINT64_MAX, UINT32_MAX));
	REFUSED(numbered(0, 0, 0), ID);
	close_all();
}
END_TEST

START_TEST(the_unknown_is_refused)
{
	open_all(NULL, 100);
	hold(1, FB_CONFIRMED_BREACH);
	REFUSED(verb((enum fb_verb)0, 1), UNKNOWN);
	REFUSED(verb((enum fb_verb)9, 1), UNKNOWN);
	REFUSED(verb((enum fb_verb)255, 1), UNKNOWN);
	for (unsigned v = 1; v <= FB_VERB_CANCEL_COUNTER; v++)
		REFUSED(verb((enum fb_verb)v, 77), UNKNOWN);
	REFUSED(reduce(1, 99, 1, 1), UNKNOWN);
	REFUSED(reduce(1, FB_NONE, 1, 1), UNKNOWN);
	REFUSED(reduce(1, 32, 2, 1), UNKNOWN);	 /* another's */
	REFUSED(reduce(1, LONG, 2, 1), UNKNOWN); /* another symbol */
	REFUSED(reduce(1, LONG, UINT16_MAX, 1), UNKNOWN);
	REFUSED(takeover(1, LONG, 1, 1, 77), UNKNOWN);
	REFUSED(against(FB_VERB_TAKEOVER, reduce(1, LONG, 1, 1), FB_ID_FUND, 21), UNKNOWN);
	tell(c_position(FB_ID_FUND, fb_house_position(FB_ID_FUND, 2), 2, 1, MONEY));
	REFUSED(against(FB_VERB_TAKEOVER, reduce(1, LONG, 1, 1), FB_ID_FUND,
			fb_house_position(FB_ID_FUND, 2)),
		UNKNOWN);
	REFUSED(pair(-1, 77, OTHER), UNKNOWN);
	REFUSED(pair(-1, 2, 99), UNKNOWN);
	REFUSED(pair(-1, 2, 32), UNKNOWN);
	REFUSED(against(FB_VERB_ADL_PAIR, reduce(1, LONG, 1, 1), 2, OTHER), UNKNOWN);
	REFUSED(money(2, 77, 1), UNKNOWN);
	close_all();
}
END_TEST

START_TEST(a_full_ledger_refuses)
{
	open_all(NULL, 2);
	confirm_as(1, FB_CONFIRMED_BREACH);
	struct fb_order a = must(verb(FB_VERB_HOLD, 1)), b = must(verb(FB_VERB_CANCEL_ALL, 1));
	REFUSED(verb(FB_VERB_HOLD, 1), FULL);
	PASSES(a);
	reject(&b);
	b = must(verb(FB_VERB_HOLD, 1));
	REFUSED(verb(FB_VERB_HOLD, 1), FULL);
	done(&a);
	PASSES(verb(FB_VERB_HOLD, 1));
	close_all();
	open_all(NULL, 0);
	confirm_as(1, FB_CONFIRMED_BREACH);
	REFUSED(verb(FB_VERB_HOLD, 1), FULL);
	close_all();
}
END_TEST

/* Removal moves followers: every order that is open must be found in any order of closing. */
START_TEST(the_ledger_finds_all_that_is_open)
{
	enum { N = 300 };
	static struct fb_order o[N];
	static bool open[N];
	uint64_t seed = 5;
	open_all(NULL, N);
	confirm_as(1, FB_CONFIRMED_BREACH);
	for (int i = 0; i < N; i++)
		open[i] = (o[i] = must(verb(FB_VERB_CANCEL_ALL, 1)), true);
	for (int i = 0; i < 3000; i++) {
		size_t k = kit_random(&seed) % N;
		if (open[k])
			done(&o[k]);
		else
			o[k] = must(verb(FB_VERB_CANCEL_ALL, 1));
		open[k] = !open[k];
		k = kit_random(&seed) % N;
		KIT_MUST(ask(&o[k]) == (open[k] ? FB_REFUSED_NOT : FB_REFUSED_ID));
	}
	close_all();
}
END_TEST

/* ---- hold, cancel, release ---- */

START_TEST(hold_needs_a_breach_and_the_rest_a_hold)
{
	open_all(NULL, 100);
	REFUSED(verb(FB_VERB_HOLD, 1), BREACH);
	REFUSED(verb(FB_VERB_CANCEL_ALL, 1), HELD);
	REFUSED(verb(FB_VERB_RELEASE, 1), HELD);
	confirm_as(1, FB_CONFIRMED_BREACH);
	struct fb_order h = must(verb(FB_VERB_HOLD, 1)), c = must(verb(FB_VERB_CANCEL_ALL, 1));
	REFUSED(verb(FB_VERB_RELEASE, 1), HELD); /* not done yet */
	REFUSED(verb(FB_VERB_HOLD, 2), BREACH);	 /* another account */
	done(&c); /* before the hold: orders may have come after it */
	done(&h);
	REFUSED(reduce(1, LONG, 1, 1), HELD);
	confirm_as(1, FB_CONFIRMED_NONE);
	REFUSED(verb(FB_VERB_HOLD, 1), BREACH);
	c = must(verb(FB_VERB_CANCEL_ALL, 1));
	REFUSED(reduce(1, LONG, 1, 1), BREACH);
	confirm_as(1, FB_CONFIRMED_BANKRUPT);
	REFUSED(reduce(1, LONG, 1, 1), HELD);
	done(&c);
	PASSES(reduce(1, LONG, 1, 1));
	h = must(verb(FB_VERB_HOLD, 1)); /* held already: changes nothing */
	done(&h);
	struct fb_event user = { .account = 1, .position = LONG, .kind = FB_EVENT_USER_FILL };
	fb_governor_event(g, &user);
	PASSES(reduce(1, LONG, 1, 1));
	struct fb_order r = must(verb(FB_VERB_RELEASE, 1));
	PASSES(reduce(1, LONG, 1, 1));
	done(&r);
	REFUSED(reduce(1, LONG, 1, 1), HELD);
	REFUSED(verb(FB_VERB_RELEASE, 1), HELD);
	do_now(verb(FB_VERB_HOLD, 1));
	done(&c); /* of the hold before */
	REFUSED(reduce(1, LONG, 1, 1), HELD);
	close_all();
}
END_TEST

START_TEST(a_rejected_hold_or_cancel_is_none)
{
	open_all(NULL, 100);
	confirm_as(1, FB_CONFIRMED_BREACH);
	struct fb_order o = must(verb(FB_VERB_HOLD, 1));
	reject(&o);
	done(&o);
	REFUSED(verb(FB_VERB_RELEASE, 1), HELD);
	o = must(verb(FB_VERB_HOLD, 1));
	struct fb_order lie = o;
	lie.verb = FB_VERB_CANCEL_ALL;
	done(&lie); /* an answer to another verb is no answer */
	REFUSED(verb(FB_VERB_RELEASE, 1), HELD);
	answer(&o, FB_EVENT_FILL, 1, 1);
	answer(&o, (enum fb_event_kind)77, 1, 1);
	REFUSED(verb(FB_VERB_RELEASE, 1), HELD);
	done(&o);
	o = must(verb(FB_VERB_CANCEL_ALL, 1));
	reject(&o);
	REFUSED(reduce(1, LONG, 1, 1), HELD);
	o = must(verb(FB_VERB_RELEASE, 1));
	reject(&o);
	do_now(verb(FB_VERB_CANCEL_ALL, 1));
	PASSES(reduce(1, LONG, 1, 1));
	close_all();
}
END_TEST

/* ---- closing positions ---- */

START_TEST(only_a_part_of_the_position)
{
	open_all(NULL, 100);
	hold(1, FB_CONFIRMED_BREACH);
	REFUSED(reduce(1, LONG, 1, 0), SIGN);
	REFUSED(reduce(1, LONG, 1, -1), SIGN);
	REFUSED(reduce(1, SHORT, 2, 1), SIGN);
	REFUSED(reduce(1, LONG, 1, 101), SIZE);
	REFUSED(reduce(1, LONG, 1, INT64_MAX), SIZE);
	REFUSED(reduce(1, SHORT, 2, INT64_MIN), SIZE);
	REFUSED(reduce(1, SHORT, 2, -51), SIZE);
	PASSES(reduce(1, SHORT, 2, -50));
	REFUSED(reduce(1, SHORT, 2, -1), SIZE);
	struct fb_order a = must(reduce(1, LONG, 1, 60));
	REFUSED(takeover(1, LONG, 1, 41, FB_ID_FUND), SIZE);
	struct fb_order b = must(takeover(1, LONG, 1, 30, FB_ID_FUND));
	REFUSED(against(FB_VERB_ADL_PAIR, reduce(1, LONG, 1, 11), 2, 21), SIZE);
	struct fb_order c = must(against(FB_VERB_ADL_PAIR, reduce(1, LONG, 1, 10), 2, 21));
	REFUSED(reduce(1, LONG, 1, 1), SIZE);
	reject(&b);
	REFUSED(reduce(1, LONG, 1, 31), SIZE);
	reject(&c);
	REFUSED(reduce(1, LONG, 1, 41), SIZE);
	reject(&a);
	tell(c_position(1, LONG, 1, 7, MONEY)); /* the book, as it is now */
	REFUSED(reduce(1, LONG, 1, 8), SIZE);
	PASSES(reduce(1, LONG, 1, 7));
	tell(c_position(1, LONG, 1, 0, 0));
	REFUSED(reduce(1, LONG, 1, 1), SIGN);
	close_all();
}
END_TEST

START_TEST(house_accounts_need_no_breach)
{
	open_all(NULL, 100);
	uint32_t fund = fb_house_position(FB_ID_FUND, 2),
		 back = fb_house_position(FB_ID_BACKSTOP, 2),
		 street = fb_house_position(FB_ID_STREET, 2);
	tell(c_position(FB_ID_FUND, fund, 2, 20, 20 * MONEY));
	tell(c_position(FB_ID_BACKSTOP, back, 2, -20, -20 * MONEY));
	tell(c_position(FB_ID_STREET, street, 2, 20, 20 * MONEY));
	PASSES(reduce(FB_ID_FUND, fund, 2, 5));
	REFUSED(reduce(FB_ID_FUND, fund, 2, 16), SIZE);
	REFUSED(reduce(FB_ID_FUND, fund, 2, -5), SIGN);
	PASSES(reduce(FB_ID_BACKSTOP, back, 2, -20));
	PASSES(takeover(FB_ID_FUND, fund, 2, 5, FB_ID_BACKSTOP));
	REFUSED(takeover(FB_ID_FUND, fund, 2, 5, FB_ID_FUND), COUNTER);
	struct fb_order o = against(FB_VERB_ADL_PAIR, reduce(FB_ID_FUND, fund, 2, 5), 1, SHORT);
	REFUSED(o, BREACH);
	confirm_as(FB_ID_FUND, FB_CONFIRMED_BREACH);
	REFUSED(o, BREACH);
	confirm_as(FB_ID_FUND, FB_CONFIRMED_BANKRUPT);
	PASSES(o);
	hold(FB_ID_STREET, FB_CONFIRMED_BANKRUPT);
	REFUSED(reduce(FB_ID_STREET, street, 2, 1), BREACH);
	close_all();
}
END_TEST

START_TEST(a_takeover_is_by_another_house_account)
{
	open_all(NULL, 100);
	REFUSED(takeover(1, LONG, 1, 1, FB_ID_FUND), BREACH);
	confirm_as(1, FB_CONFIRMED_BREACH);
	REFUSED(takeover(1, LONG, 1, 1, FB_ID_FUND), HELD);
	hold(1, FB_CONFIRMED_BREACH);
	PASSES(takeover(1, LONG, 1, 1, FB_ID_FUND));
	tell(c_position(FB_ID_FUND, fb_house_position(FB_ID_FUND, 1), 1, 1, MONEY));
	PASSES(takeover(1, LONG, 1, 1, FB_ID_FUND)); /* now it has a row */
	PASSES(takeover(1, LONG, 1, 1, FB_ID_BACKSTOP));
	REFUSED(takeover(1, LONG, 1, 1, FB_ID_STREET), COUNTER);
	REFUSED(takeover(1, LONG, 1, 1, 2), COUNTER);
	REFUSED(takeover(1, LONG, 1, -1, FB_ID_FUND), SIGN);
	close_all();
}
END_TEST

START_TEST(a_pair_takes_the_opposite_side_of_a_free_user)
{
	open_all(NULL, 100);
	tell(c_position(FB_ID_FUND, fb_house_position(FB_ID_FUND, 2), 2, 9, 9 * MONEY));
	tell(c_position(FB_ID_STREET, fb_house_position(FB_ID_STREET, 2), 2, 9, 9 * MONEY));
	tell(c_position(4, 42, 2, -9, -9 * MONEY));
	tell(c_position(1, 13, 2, 5, 5 * MONEY)); /* own opposite leg */
	REFUSED(pair(-1, 2, OTHER), BREACH);
	confirm_as(1, FB_CONFIRMED_BREACH);
	REFUSED(pair(-1, 2, OTHER), HELD);
	hold(1, FB_CONFIRMED_BREACH);
	REFUSED(pair(-1, FB_ID_FUND, fb_house_position(FB_ID_FUND, 2)), COUNTER);
	REFUSED(pair(-1, FB_ID_STREET, fb_house_position(FB_ID_STREET, 2)), COUNTER);
	REFUSED(pair(-1, 4, 42), SIGN);
	REFUSED(pair(-1, 1, SHORT), SIGN);
	REFUSED(pair(1, 2, OTHER), SIGN);
	REFUSED(pair(-41, 3, 32), SIZE);
	struct fb_order o = must(pair(-30, 3, 32));
	REFUSED(pair(-11, 3, 32), SIZE);
	PASSES(pair(-10, 3, 32));
	REFUSED(pair(-1, 3, 32), SIZE);
	done(&o); /* the caller has yet to tell the book: the lots are free again */
	PASSES(pair(-3, 3, 32));
	REFUSED(pair(-6, 1, 13), SIZE);
	PASSES(pair(-5, 1, 13));
	REFUSED(reduce(1, 13, 2, 1), SIZE); /* what a pair closes of the other side counts too */
	PASSES(pair(-1, 2, OTHER));
	hold(2, FB_CONFIRMED_BREACH);
	REFUSED(pair(-1, 2, OTHER), COUNTER);
	do_now(verb(FB_VERB_RELEASE, 2));
	PASSES(pair(-1, 2, OTHER));
	close_all();
}
END_TEST

START_TEST(every_reason_has_a_name)
{
	for (unsigned i = 0; i < FB_REFUSALS; i++)
		for (unsigned k = 0; k < i; k++)
			ck_assert_str_ne(fb_refusal_name((enum fb_refusal)i),
					 fb_refusal_name((enum fb_refusal)k));
	ck_assert_str_eq(fb_refusal_name(FB_REFUSED_KILL), "kill");
	ck_assert_str_eq(fb_refusal_name(FB_REFUSED_FULL), "full");
	ck_assert_str_eq(fb_refusal_name(FB_REFUSED_BLOCKED), "blocked");
	ck_assert_str_eq(fb_refusal_name(FB_REFUSALS), "?");
}
END_TEST

/* Equity is 10: no order may cost more than that against the mark, or bring anything, but for 4
 * units. At -10 it is the other way round. */
START_TEST(prices_stay_within_equity_of_the_mark)
{
	open_all(NULL, 100);
	hold(1, FB_CONFIRMED_BREACH);
	struct fb_order o = reduce(1, LONG, 1, 40);
	o.value_e8 = 30 * MONEY - 5;
	REFUSED(o, PRICE);
	o.value_e8++;
	PASSES(o);
	o = reduce(1, LONG, 1, 10);
	o.value_e8 = 1000 * MONEY; /* asks for more than anybody will give */
	PASSES(o);
	o = takeover(1, LONG, 1, 40, FB_ID_FUND);
	o.value_e8 = 40 * MONEY + 5;
	REFUSED(o, PRICE);
	o.value_e8 = 30 * MONEY - 5;
	REFUSED(o, PRICE);
	o.value_e8++;
	PASSES(o);
	o = pair(-40, 3, 32);
	o.value_e8 = -50 * MONEY - 5;
	REFUSED(o, PRICE);
	o.value_e8 = -40 * MONEY + 5;
	REFUSED(o, PRICE);
	o.value_e8--;
	PASSES(o);
	tell(c_account(1, -10 * MONEY, 0, 0));
	o = takeover(1, LONG, 1, 10, FB_ID_FUND);
	o.value_e8 = 20 * MONEY + 5;
	REFUSED(o, PRICE);
	o.value_e8 = 10 * MONEY - 5;
	REFUSED(o, PRICE);
	o.value_e8 = 20 * MONEY + 4;
	PASSES(o);
	tell(c_position(FB_ID_FUND, fb_house_position(FB_ID_FUND, 2), 2, 20, 20 * MONEY));
	o = reduce(FB_ID_FUND, fb_house_position(FB_ID_FUND, 2), 2, 20);
	o.value_e8 = -5000 * MONEY; /* a house unwinds at what the market gives */
	PASSES(o);
	close_all();
}
END_TEST

/* A pack's price of deleveraging may be worse than the account can lose by a share of the notional,
 * and better than the mark as far as the counterparty (equity 10) can pay. Nothing else may. */
START_TEST(a_pack_may_have_its_own_price)
{
	const struct fb_governor_caps caps = { .adl_worse_e7 = 1000000, .adl_own_price = true };
	open_all(&caps, 100);
	hold(1, FB_CONFIRMED_BREACH);
	struct fb_order o = pair(-10, 3, 32); /* at the mark -10; account 1 can lose 10 */
	o.value_e8 = -21 * MONEY - 5;
	REFUSED(o, PRICE);
	o.value_e8++;
	PASSES(o);
	o = pair(-20, 3, 32);
	o.value_e8 = -10 * MONEY + 1;
	REFUSED(o, PRICE);
	o.value_e8--;
	PASSES(o);
	o = takeover(1, LONG, 1, 10, FB_ID_FUND);
	o.value_e8 = 10 * MONEY + 5;
	REFUSED(o, PRICE);
	close_all();
}
END_TEST

static struct fb_order cancel_counter(uint32_t account, uint32_t counter)
{
	struct fb_order o = verb(FB_VERB_CANCEL_COUNTER, account);
	o.counter_account = counter;
	return o;
}

START_TEST(orders_of_a_free_counterparty_are_cancelled)
{
	open_all(NULL, 100);
	REFUSED(cancel_counter(1, 2), BREACH);
	confirm_as(1, FB_CONFIRMED_BREACH);
	REFUSED(cancel_counter(1, 2), HELD);
	hold(1, FB_CONFIRMED_BREACH);
	PASSES(cancel_counter(1, 2));
	REFUSED(cancel_counter(1, 1), COUNTER);
	REFUSED(cancel_counter(1, FB_ID_FUND), COUNTER);
	REFUSED(cancel_counter(1, FB_ID_STREET), COUNTER);
	hold(2, FB_CONFIRMED_BREACH);
	REFUSED(cancel_counter(1, 2), COUNTER);
	REFUSED(cancel_counter(FB_ID_FUND, 3), BREACH);
	confirm_as(FB_ID_FUND, FB_CONFIRMED_BANKRUPT);
	PASSES(cancel_counter(FB_ID_FUND, 3));
	close_all();
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "kill", the_kill_switch_stops_everything },
		{ "hint", a_hint_decides_nothing },
		{ "again", an_open_order_may_be_sent_again_as_it_was },
		{ "ids", ids_grow },
		{ "unknown", the_unknown_is_refused },
		{ "full", a_full_ledger_refuses },
		{ "map", the_ledger_finds_all_that_is_open },
		{ "hold", hold_needs_a_breach_and_the_rest_a_hold },
		{ "rejected", a_rejected_hold_or_cancel_is_none },
		{ "part", only_a_part_of_the_position },
		{ "house", house_accounts_need_no_breach },
		{ "takeover", a_takeover_is_by_another_house_account },
		{ "pair", a_pair_takes_the_opposite_side_of_a_free_user },
		{ "names", every_reason_has_a_name },
		{ "price", prices_stay_within_equity_of_the_mark },
		{ "own price", a_pack_may_have_its_own_price },
		{ "orders", orders_of_a_free_counterparty_are_cancelled },
	};
	return kit_main("host: governor", cases, sizeof(cases) / sizeof(cases[0]));
}
