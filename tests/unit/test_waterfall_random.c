/* The waterfall against a venue that answers in any order, in parts, late, or not as hoped, while
 * users go on trading. Value is conserved after every event and no order closes more than there is
 * (the kit looks); open interest falls by what pairs close; and once the venue is kind, it ends. */
#include "waterfall_answer_kit.h"

static uint64_t seed;
static uint64_t pairs, takeovers, reductions, spreads, rejects, late; /* over all rounds */

static int64_t below(int64_t n)
{
	return (int64_t)(kit_random(&seed) % (uint64_t)n);
}

/* Lots that anybody holds long. */
static int64_t open_interest(void)
{
	int64_t sum = 0;
	for (uint32_t i = 0; i < book->rows; i++)
		sum += book->row[i].qty > 0 ? book->row[i].qty : 0;
	return sum;
}

/* 20 users with two positions each, margins of 2 % to 40 %. */
static void open_market(void)
{
	open_all();
	rules.policy.fund_cap_e7 = (uint32_t)below(3) * 5000000;
	rules.policy.reduce = below(2) ? FB_REDUCE_TIER : FB_REDUCE_WHOLE;
	rules.adl.siblings = (uint64_t)below(2);
	rules.policy.cut_level = (uint32_t)below(2);
	rules.policy.cut_share_e7 = 2000000;
	tell(c_house(FB_ID_FUND, FB_ROLE_FUND, below(200) * MONEY));
	for (uint32_t id = 1; id <= 20; id++) {
		int64_t margin = 0;
		tell(c_account(id, 0, 0, 0));
		for (uint32_t k = 0; k < 2; k++) {
			int64_t qty = below(1500) + 1;
			margin += qty * CENT * (2 + below(38));
			qty = below(2) ? qty : -qty;
			tell(c_position(id, 10 * id + k, (uint16_t)(1 + k), qty, qty * MONEY));
		}
		tell(c_collateral(id, margin));
	}
	start();
}

/* Some of a reduction, at its limit or better. */
static void fill_some(size_t i)
{
	const struct fb_order *o = &sent[i].order;
	int64_t left = size_of(o->qty) - sent[i].filled, n = 1 + below(left > 0 ? left : 1);
	if (left > 0 && sent[i].fills < 60)
		fill(i, o->qty < 0 ? -n : n,
		     fb_size_part(o->value_e8, n, size_of(o->qty)) + below(CENT));
}

static void fill_rest(size_t i)
{
	const struct fb_order *o = &sent[i].order;
	int64_t left = size_of(o->qty) - sent[i].filled;
	if (left > 0 && sent[i].fills < FB_FILLS_MAX)
		fill(i, o->qty < 0 ? -left : left,
		     fb_size_part(o->value_e8, left, size_of(o->qty)));
}

/* Any answer to an open order, or none. */
static void answer_somehow(size_t i)
{
	const struct fb_order *o = &sent[i].order;
	int64_t interest = open_interest(), n = below(size_of(o->qty) + 1);
	int64_t what = below(10);
	if (o->verb == FB_VERB_REDUCE) {
		if (what < 5)
			fill_some(i);
		else if (what < 8)
			done(i);
		else if (what < 9 && sent[i].fills == 0)
			reject(i);
	} else if (what < 5) {
		done(i);
	} else if (what < 7) {
		reject(i);
		KIT_MUST(open_interest() == interest);
	} else if (what < 9 && closes(o)) {
		done_part(i, o->qty < 0 ? -n : n, fb_size_part(o->value_e8, n, size_of(o->qty)));
	}
	KIT_MUST(open_interest() <= interest || o->verb == FB_VERB_TAKEOVER ||
		 o->verb == FB_VERB_REDUCE);
}

/* A user trades some or all of a position away, or as much again on top; or pays in. */
static void user_acts(uint32_t *numbers)
{
	uint32_t id = (uint32_t)(1 + below(20)), position = 10 * id + (uint32_t)below(2);
	int64_t has = row_of(position)->qty, n = 1 + below(size_of(has) + 1);
	if (below(4) == 0) {
		happen(own_event(id, FB_EVENT_DEPOSIT, ++numbers[id], below(20 * MONEY)));
		return;
	}
	n = below(2) ? n : -n;
	happen(own_fill(id, position, ++numbers[id], n,
			(__int128)n * (int64_t)(book->symbol[row_of(position)->symbol].u / U_ONE)));
}

static void walk_marks(int64_t *thousandths)
{
	for (uint16_t s = 1; s <= 2; s++) {
		thousandths[s] += below(61) - 30;
		thousandths[s] = thousandths[s] < 300 ? 300 : thousandths[s];
		mark(s, (uint64_t)thousandths[s]);
	}
}

static void one_market(void)
{
	int64_t thousandths[3] = { 0, 1000, 1000 };
	uint32_t numbers[32] = { 0 };
	open_market();
	for (int step = 0; step < 60; step++) {
		walk_marks(thousandths);
		for (int i = 0; i < 3; i++)
			user_acts(numbers);
		if (below(5) == 0)
			depth(1, below(500), below(500));
		tick(below(400000));
		decide();
		for (size_t i = 0; i < sents; i++)
			if (sent[i].open)
				answer_somehow(i);
	}
	/* Quiet and kind from here on: depth for everyone, marks stay, everything is done. */
	depth(1, 1000000, 1000000);
	for (int step = 0; step < 400; step++) {
		tick(200000);
		decide();
		for (size_t i = 0; i < sents; i++)
			if (sent[i].open && sent[i].order.verb == FB_VERB_REDUCE)
				fill_rest(i);
		for (size_t i = 0; i < sents; i++)
			if (sent[i].open)
				done(i);
	}
}

/* Nobody is left in debt unless nobody could pay; nothing is open. */
static void expect_the_end(void)
{
	KIT_MUST(fb_waterfall_open_orders(waterfall) == 0);
	KIT_MUST(counts()->violations == 0 && counts()->strays == 0);
	for (uint32_t id = 1; id <= 20; id++) {
		enum fb_state state = state_of(id);
		bool waits = state == FB_READY && sums_of(id).equity_e8 < 0;
		if (state != FB_CALM && state != FB_CLOSED && !waits)
			ck_abort_msg("account %u is left %s", id, fb_state_name(state));
		if (waits)
			KIT_MUST(book->account[index_of(id)].rows_live == 0 &&
				 fb_house_free(waterfall) == 0);
		KIT_MUST(open_lots(10 * id) == 0 && open_lots(10 * id + 1) == 0);
	}
	for (uint32_t i = 0; i < book->rows; i++)
		KIT_MUST(waterfall->promised[i] == 0);
	for (int k = 0; k < FB_HOUSES; k++)
		KIT_MUST(waterfall->house[k].reserved_loss_e8 == 0 &&
			 waterfall->house[k].reserved_notional_e8 == 0);
}

START_TEST(it_always_ends)
{
	for (uint64_t market = 1; market <= 40; market++) {
		seed = market;
		one_market();
		expect_the_end();
		pairs += counts()->pairs;
		takeovers += counts()->takeovers;
		reductions += counts()->reductions;
		spreads += counts()->spreads;
		rejects += counts()->rejects;
		late += counts()->late_fills;
		close_all();
	}
	/* All of it was met. */
	KIT_MUST(pairs > 0 && takeovers > 0 && reductions > 0 && spreads > 0 && rejects > 0);
	KIT_MUST(late > 0);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = { { "random", it_always_ends } };
	return kit_main("waterfall: any venue", cases, sizeof(cases) / sizeof(cases[0]));
}
