/* The governor (P11) after an order has left: what answers free, what money may move, what caps
 * stop. */
#include "governor_kit.h"

#define MOST ((__int128)(~(unsigned __int128)0 >> 1)) /* of money that can be written */

/* ---- what answers free ---- */

/* So many lots of the long position are free, no more. */
static void free_lots(int64_t lots)
{
	REFUSED(reduce(1, LONG, 1, lots + 1), SIZE);
	if (lots == 0)
		return;
	struct fb_order o = must(reduce(1, LONG, 1, lots));
	reject(&o);
}

START_TEST(lots_are_free_when_every_counted_fill_has_come)
{
	open_all(NULL, 100);
	hold(1, FB_CONFIRMED_BREACH);
	struct fb_order o = must(reduce(1, LONG, 1, 80));
	free_lots(20);
	answer(&o, FB_EVENT_FILL, 2, 10);
	free_lots(30); /* the book has not moved in this test: only what is reserved does */
	answer(&o, FB_EVENT_FILL, 2, 10);
	answer(&o, FB_EVENT_FILL, 2, 40);
	answer(&o, FB_EVENT_FILL, 0, 40);
	answer(&o, FB_EVENT_FILL, 65, 40);
	answer(&o, FB_EVENT_FILL, UINT32_MAX, 40);
	answer(&o, FB_EVENT_FILL, 3, -40);
	answer(&o, FB_EVENT_FILL, 3, 0);
	free_lots(30);
	reject(&o); /* it has filled: this cannot be */
	free_lots(30);
	answer(&o, FB_EVENT_DONE, 3, 60);
	free_lots(30);
	answer(&o, FB_EVENT_DONE, 1, 10); /* the first DONE stands */
	reject(&o);
	answer(&o, FB_EVENT_FILL, 1, 20);
	free_lots(50);
	PASSES(o); /* still open */
	answer(&o, FB_EVENT_FILL, 3, 30);
	free_lots(100);
	REFUSED(o, ID);
	answer(&o, FB_EVENT_FILL, 4, 30);
	answer(&o, FB_EVENT_DONE, 0, 0);
	reject(&o);
	free_lots(100);
	close_all();
}
END_TEST

START_TEST(done_may_count_none_or_many_fills)
{
	open_all(NULL, 100);
	hold(1, FB_CONFIRMED_BREACH);
	struct fb_order o = must(reduce(1, LONG, 1, 80));
	answer(&o, FB_EVENT_DONE, 0, 0);
	free_lots(100);
	o = must(reduce(1, LONG, 1, 80));
	answer(&o, FB_EVENT_DONE, 0, 5); /* lots in no fill: never believed */
	free_lots(20);
	answer(&o, FB_EVENT_FILL, 1, 5);
	free_lots(100);
	o = must(reduce(1, LONG, 1, 80)); /* as many fills as are kept */
	for (uint32_t n = 64; n > 1; n--)
		answer(&o, FB_EVENT_FILL, n, 1);
	answer(&o, FB_EVENT_DONE, 64, 64);
	free_lots(83);
	answer(&o, FB_EVENT_FILL, 1, 1);
	free_lots(100);
	o = must(reduce(1, LONG, 1, 80)); /* one more: the rest stays reserved */
	for (uint32_t n = 1; n <= 65; n++)
		answer(&o, FB_EVENT_FILL, n, 1);
	answer(&o, FB_EVENT_DONE, 65, 65);
	free_lots(84);
	o = must(reduce(1, LONG, 1, 50)); /* more than was asked frees no more than that */
	answer(&o, FB_EVENT_FILL, 1, INT64_MAX);
	free_lots(84);
	answer(&o, FB_EVENT_DONE, 1, 50);
	free_lots(84);
	o = must(takeover(1, LONG, 1, 50, FB_ID_FUND));
	answer(&o, FB_EVENT_FILL, 1, 50);
	free_lots(34);
	answer(&o, FB_EVENT_DONE, 0, 0);
	free_lots(84);
	close_all();
}
END_TEST

/* ---- money ---- */

START_TEST(an_account_gives_what_it_has_when_it_is_flat)
{
	open_all(NULL, 100);
	flatten(4, 30);
	REFUSED(money(4, 0, 1), HELD);
	hold(4, FB_CONFIRMED_BREACH);
	REFUSED(money(4, 0, 31), MONEY);
	REFUSED(money(4, 0, 0), MONEY);
	REFUSED(money(4, 0, -1), MONEY);
	struct fb_order o = must(money(4, 0, 30));
	REFUSED(money(4, 0, 1), MONEY); /* on the way already */
	reject(&o);
	o = must(money(4, 0, 20));
	PASSES(money(4, 0, 10));
	REFUSED(money(4, 0, 1), MONEY);
	done(&o);
	tell(c_account(4, 10, 0, 0));
	REFUSED(money(4, 0, 1), MONEY);
	REFUSED(money(4, 0, MOST), MONEY);
	REFUSED(money(4, 0, -MOST - 1), MONEY);
	hold(1, FB_CONFIRMED_BREACH);
	REFUSED(money(1, 0, 1), MONEY); /* has positions */
	tell(c_position(1, LONG, 1, 0, 0));
	REFUSED(money(1, 0, 1), MONEY);
	tell(c_position(1, SHORT, 2, 0, 0));
	PASSES(money(1, 0, 10 * MONEY));
	close_all();
}
END_TEST

START_TEST(the_fund_gives_what_is_missing)
{
	open_all(NULL, 100);
	tell(c_account(1, -30, 0, 0));
	hold(1, FB_CONFIRMED_BREACH);
	REFUSED(money(1, 0, -30), MONEY);
	flatten(1, -30);
	REFUSED(money(1, 0, -31), MONEY);
	REFUSED(money(1, 0, 1), MONEY);
	REFUSED(money(1, 0, 0), MONEY);
	REFUSED(money(1, 0, -MOST - 1), MONEY);
	struct fb_order o = must(money(1, 0, -20));
	REFUSED(money(1, 0, -11), MONEY);
	PASSES(money(1, 0, -10));
	REFUSED(money(1, 0, -1), MONEY);
	reject(&o);
	PASSES(money(1, 0, -20));
	close_all();
}
END_TEST

START_TEST(a_loss_is_spread_once)
{
	open_all(NULL, 100);
	tell(c_account(1, -30, 0, 0));
	REFUSED(money(2, 1, 1), HELD);
	confirm_as(1, FB_CONFIRMED_BANKRUPT); /* before the hold, and not since */
	confirm_as(1, FB_CONFIRMED_BREACH);
	do_now(verb(FB_VERB_HOLD, 1));
	REFUSED(money(2, 1, 1), BREACH);
	confirm_as(1, FB_CONFIRMED_BANKRUPT);
	confirm_as(1, FB_CONFIRMED_NONE); /* once is enough */
	REFUSED(money(2, 1, 1), MONEY);	  /* has positions */
	flatten(1, -30);
	REFUSED(money(2, 1, 0), MONEY);
	REFUSED(money(2, 1, -1), MONEY);
	REFUSED(money(2, 1, 31), MONEY);
	REFUSED(money(2, 1, MOST), MONEY);
	REFUSED(money(FB_ID_FUND, 1, 1), COUNTER);
	REFUSED(money(FB_ID_BACKSTOP, 1, 1), COUNTER);
	REFUSED(money(FB_ID_STREET, 1, 1), COUNTER);
	REFUSED(money(1, 1, 1), COUNTER);
	struct fb_order a = must(money(2, 1, 20)), b = must(money(3, 1, 10));
	REFUSED(money(4, 1, 1), MONEY);
	reject(&b);
	reject(&b);
	REFUSED(money(4, 1, 11), MONEY);
	done(&a);
	REFUSED(money(4, 1, 11), MONEY);
	b = must(money(4, 1, 10));
	do_now(money(1, 0, -30)); /* the fund passes it on */
	tell(c_account(1, 0, 0, 0));
	REFUSED(money(4, 1, 1), MONEY);
	confirm_as(1, FB_CONFIRMED_BANKRUPT);
	do_now(verb(FB_VERB_RELEASE, 1));
	tell(c_account(1, -7, 0, 0));
	REFUSED(money(4, 1, 1), HELD);
	do_now(verb(FB_VERB_HOLD, 1)); /* bankrupt when it is held */
	reject(&b);		       /* of the hold before: gives nothing back to this one */
	REFUSED(money(4, 1, 8), MONEY);
	PASSES(money(4, 1, 7));
	close_all();
}
END_TEST

/* A payer gives no more than its equity; what the fund pays out of what was spread can be asked for
 * again when there is a new deficit; a bankrupt fund is paid at once. */
START_TEST(a_spread_loss_is_asked_for_once)
{
	open_all(NULL, 100);
	hold(1, FB_CONFIRMED_BANKRUPT);
	flatten(1, -30 * MONEY);
	REFUSED(money(4, 1, 10 * MONEY + 1), MONEY); /* has 10 */
	struct fb_order a = must(money(4, 1, 10 * MONEY)), b = must(money(3, 1, 10 * MONEY)),
			c = must(money(2, 1, 10 * MONEY));
	REFUSED(money(2, 1, 1), MONEY);
	done(&a);
	done(&b);
	done(&c);
	REFUSED(money(2, 1, 1), MONEY); /* until the fund has paid */
	struct fb_order pay = must(money(1, 0, -30 * MONEY));
	tell(c_account(1, 0, 0, 0));
	done(&pay);
	tell(c_account(1, -7, 0, 0));
	REFUSED(money(2, 1, 8), MONEY);
	PASSES(money(2, 1, 7));
	hold(FB_ID_FUND, FB_CONFIRMED_BANKRUPT);
	tell(c_house(FB_ID_FUND, FB_ROLE_FUND, -9));
	a = must(money(4, FB_ID_FUND, 5));
	REFUSED(money(4, FB_ID_FUND, 5), MONEY);
	tell(c_house(FB_ID_FUND, FB_ROLE_FUND, -4));
	done(&a);
	REFUSED(money(4, FB_ID_FUND, 5), MONEY);
	PASSES(money(4, FB_ID_FUND, 4));
	close_all();
}
END_TEST

/* A trade on the way when the account was held adds to what may be closed. */
START_TEST(late_own_trades_add_to_the_share)
{
	const struct fb_governor_caps caps = { .account_share_e7 = 5000000 };
	open_all(&caps, 100);
	hold(1, FB_CONFIRMED_BREACH); /* 75 of 150 */
	REFUSED(reduce(1, LONG, 1, 76), CAP);
	struct fb_event e = { .kind = FB_EVENT_USER_FILL, .account = 1, .position = LONG,
			      .symbol = 1, .number = 1, .qty = 10 };
	fb_governor_event(g, &e);
	REFUSED(reduce(1, LONG, 1, 81), CAP);
	PASSES(reduce(1, LONG, 1, 80));
	close_all();
}
END_TEST

/* ---- caps ---- */

START_TEST(orders_of_a_second_are_capped)
{
	const struct fb_governor_caps caps = { .account_orders = 2, .orders = 3 };
	open_all(&caps, 100);
	for (uint32_t id = 1; id <= 3; id++)
		confirm_as(id, FB_CONFIRMED_BREACH);
	fb_governor_time(g, 5 * SECOND);
	struct fb_order o = must(verb(FB_VERB_HOLD, 1));
	PASSES(verb(FB_VERB_HOLD, 1));
	PASSES(o);
	REFUSED(verb(FB_VERB_RELEASE, 1), HELD); /* a cap is the last thing to refuse */
	REFUSED(verb(FB_VERB_HOLD, 1), CAP);
	struct fb_order later = verb(FB_VERB_HOLD, 2);
	PASSES(later);
	REFUSED(verb(FB_VERB_HOLD, 3), CAP);
	fb_governor_time(g, 6 * SECOND - 1);
	REFUSED(verb(FB_VERB_HOLD, 3), CAP);
	reject(&o); /* it has left all the same */
	REFUSED(verb(FB_VERB_HOLD, 3), CAP);
	fb_governor_time(g, 6 * SECOND);
	PASSES(verb(FB_VERB_HOLD, 1));
	PASSES(verb(FB_VERB_HOLD, 1));
	REFUSED(verb(FB_VERB_HOLD, 1), CAP);
	fb_governor_time(g, 5 * SECOND); /* a clock set back gives no new second */
	REFUSED(verb(FB_VERB_HOLD, 1), CAP);
	PASSES(verb(FB_VERB_HOLD, 3));
	REFUSED(verb(FB_VERB_HOLD, 3), CAP);
	fb_governor_time(g, 6 * SECOND);
	REFUSED(verb(FB_VERB_HOLD, 3), CAP);
	close_all();
}
END_TEST

START_TEST(notional_of_a_second_is_capped)
{
	const struct fb_governor_caps caps = { .notional_e8 = 60 * MONEY };
	open_all(&caps, 100);
	tell(c_position(FB_ID_FUND, fb_house_position(FB_ID_FUND, 2), 2, 20, 20 * MONEY));
	hold(1, FB_CONFIRMED_BREACH);
	fb_governor_time(g, SECOND);
	REFUSED(reduce(1, LONG, 1, 61), CAP);
	struct fb_order o = must(takeover(1, LONG, 1, 40, FB_ID_FUND));
	PASSES(pair(-10, 3, 32));
	REFUSED(reduce(FB_ID_FUND, fb_house_position(FB_ID_FUND, 2), 2, 11), CAP);
	PASSES(reduce(FB_ID_FUND, fb_house_position(FB_ID_FUND, 2), 2, 10));
	REFUSED(reduce(1, LONG, 1, 1), CAP);
	reject(&o);
	REFUSED(reduce(1, LONG, 1, 1), CAP);
	PASSES(verb(FB_VERB_CANCEL_ALL, 1)); /* closes nothing */
	fb_governor_time(g, 2 * SECOND);
	tell(c_mark(1, 3 * U_MONEY));
	REFUSED(reduce(1, LONG, 1, 21), CAP);
	PASSES(reduce(1, LONG, 1, 20));
	tell(c_mark(1, U_ONE / 2)); /* a lot is worth half a unit */
	REFUSED(reduce(1, LONG, 1, 2), CAP);
	PASSES(reduce(1, LONG, 1, 1));
	close_all();
}
END_TEST

START_TEST(the_share_of_a_hold_is_capped)
{
	const struct fb_governor_caps caps = { .account_share_e7 = 5000000 };
	open_all(&caps, 100);
	uint32_t fund = fb_house_position(FB_ID_FUND, 2);
	tell(c_position(FB_ID_FUND, fund, 2, 20, 20 * MONEY));
	PASSES(reduce(FB_ID_FUND, fund, 2, 20)); /* house accounts have no such cap */
	confirm_as(1, FB_CONFIRMED_BREACH);
	struct fb_order h = must(verb(FB_VERB_HOLD, 1)); /* at 150: 75 may be closed */
	done(&h);
	tell(c_mark(1, 2 * U_MONEY));
	do_now(verb(FB_VERB_CANCEL_ALL, 1));
	REFUSED(reduce(1, LONG, 1, 38), CAP);
	struct fb_order o = must(reduce(1, LONG, 1, 30));
	REFUSED(reduce(1, SHORT, 2, -16), CAP);
	struct fb_order p = must(pair(-15, 2, OTHER));
	REFUSED(reduce(1, SHORT, 2, -1), CAP);
	do_now(verb(FB_VERB_HOLD, 1)); /* held already: no new share */
	REFUSED(reduce(1, SHORT, 2, -1), CAP);
	hold(2, FB_CONFIRMED_BREACH); /* a pair is closed for account 1 only; 250 now */
	PASSES(reduce(2, OTHER, 2, 35));
	REFUSED(reduce(2, 21, 1, -46), CAP);
	PASSES(reduce(2, 21, 1, -45));
	/* What was not closed is not counted; at the mark it was counted at. */
	tell(c_mark(1, U_MONEY));
	answer(&p, FB_EVENT_DONE, 0, -10);
	REFUSED(reduce(1, SHORT, 2, -6), CAP);
	answer(&o, FB_EVENT_DONE, 1, 25);
	REFUSED(reduce(1, SHORT, 2, -6), CAP);
	answer(&o, FB_EVENT_FILL, 1, 25);
	REFUSED(reduce(1, SHORT, 2, -16), CAP);
	o = must(reduce(1, SHORT, 2, -15));
	do_now(verb(FB_VERB_RELEASE, 1));
	do_now(verb(FB_VERB_HOLD, 1)); /* 150 again */
	do_now(verb(FB_VERB_CANCEL_ALL, 1));
	reject(&o); /* of the hold before */
	REFUSED(reduce(1, LONG, 1, 76), CAP);
	PASSES(reduce(1, LONG, 1, 75));
	REFUSED(reduce(1, LONG, 1, 1), CAP);
	close_all();
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "fills", lots_are_free_when_every_counted_fill_has_come },
		{ "done", done_may_count_none_or_many_fills },
		{ "own-money", an_account_gives_what_it_has_when_it_is_flat },
		{ "fund-money", the_fund_gives_what_is_missing },
		{ "spread", a_loss_is_spread_once },
		{ "cap-orders", orders_of_a_second_are_capped },
		{ "cap-notional", notional_of_a_second_is_capped },
		{ "cap-share", the_share_of_a_hold_is_capped },
		{ "spread-once", a_spread_loss_is_asked_for_once },
		{ "late-trades", late_own_trades_add_to_the_share },
	};
	return kit_main("host: governor, answers, money and caps", cases,
			sizeof(cases) / sizeof(cases[0]));
}
