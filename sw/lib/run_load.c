/* See run_load.h. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "margin.h"
#include "run_conditions.h"
#include "run_load.h"

/* The market's money: large, and far enough from +-2^61 that realised profit of either sign
 * keeps it in range. */
#define STREET_E8 ((int64_t)1 << 59)
#define BATCH_COMMANDS 512 /* a batch of loading ends after so many */
#define FUND_SHARE 100	   /* the fund starts with 1/100 of the users' collateral */

void fb_load_config(const struct fb_accounts *accounts, const uint64_t *start_e8,
		    struct fb_log_config *config)
{
	config->accounts = (uint32_t)accounts->accounts + 4;
	config->rows = (uint32_t)(accounts->positions + 3 * (size_t)fb_load_traded(start_e8));
}

/* Ends a batch of loading when it is long enough, or when `last`. */
static int load_command(struct fb_host *h, union fb_command *c, bool last)
{
	bool ends =
		last || (h->open.first != 0 && h->book->seq + 1 - h->open.first >= BATCH_COMMANDS);
	int err = fb_host_command(h, c, !ends);
	return err || !ends ? err : fb_host_drain(h, 0);
}

static int load_class(struct fb_host *h)
{
	const struct fb_rules *r = h->rules;
	for (unsigned first = 0; first < r->thresholds; first += FB_PAIRS_PER_WORD) {
		unsigned n = r->thresholds - first;
		n = n < FB_PAIRS_PER_WORD ? n : FB_PAIRS_PER_WORD;
		union fb_command c;
		memset(&c, 0, sizeof(c));
		c.class.op = FB_OP_CLASS;
		c.class.count = (uint8_t)n;
		c.class.first = (uint8_t)first;
		c.class.strict = r->strict;
		for (unsigned i = 0; i < n; i++) {
			c.class.up[i] = r->threshold[first + i].up_e7;
			c.class.down[i] = r->threshold[first + i].down_e7;
		}
		int err = load_command(h, &c, false);
		if (err)
			return err;
	}
	return 0;
}

static int load_ladder(struct fb_host *h, unsigned index)
{
	const struct fb_ladder *ladder = &h->rules->ladder[index];
	for (unsigned k = 0; k < ladder->tiers; k++) {
		union fb_command c;
		memset(&c, 0, sizeof(c));
		c.ladder.op = FB_OP_LADDER;
		c.ladder.ladder = (uint16_t)index;
		c.ladder.tier = (uint8_t)k;
		struct fb_tier tier;
		if (!fb_margin_tier(h->rules, index, k, &tier))
			return fb_error_set(h->error, -ERANGE,
					    "ladder %s: expected rates that stay below 168 %% with "
					    "the fee for closing",
					    ladder->name);
		c.ladder.rate = tier.rate_e7;
		c.ladder.floor = tier.floor_e8;
		c.ladder.deduction.lo = (uint64_t)tier.deduction_e15;
		c.ladder.deduction.hi = (uint64_t)(tier.deduction_e15 >> 64);
		int err = load_command(h, &c, false);
		if (err)
			return err;
	}
	return 0;
}

static int load_symbols(struct fb_host *h, const uint64_t *start_e8)
{
	for (unsigned s = 0; s < h->rules->symbols; s++) {
		const struct fb_symbol *symbol = &h->rules->symbol[s];
		if (start_e8[s] == 0)
			continue;
		union fb_command c;
		memset(&c, 0, sizeof(c));
		c.symbol.op = FB_OP_SYMBOL;
		c.symbol.symbol = (uint16_t)s;
		c.symbol.ladder = (uint16_t)symbol->ladder;
		int err = 0;
		if (h->book->ladder[symbol->ladder].tiers == 0)
			err = load_ladder(h, symbol->ladder);
		if (!err && fb_unit_value(symbol, start_e8[s], &c.symbol.u))
			err = fb_error_set(h->error, -ERANGE,
					   "%s: the starting mark does not fit a unit value",
					   symbol->name);
		if (!err && fb_margin_least(h->rules, s, c.symbol.u) > 0 &&
		    c.symbol.u < FB_MARGIN_U_LEAST)
			err = fb_error_set(h->error, -ERANGE,
					   "%s: expected a lot worth more than 2.4e-6 of the coin "
					   "at the start, so that rounding stays small; choose a "
					   "larger one in the rules",
					   symbol->name);
		if (!err)
			err = load_command(h, &c, false);
		if (err)
			return err;
	}
	return 0;
}

static int load_account(struct fb_host *h, uint32_t id, uint8_t role, int64_t collateral_e8,
			__int128 addend_e15, bool last)
{
	union fb_command c;
	memset(&c, 0, sizeof(c));
	c.account.op = FB_OP_ACCOUNT;
	c.account.account = id;
	c.account.role = role;
	c.account.collateral = collateral_e8;
	c.account.addend = fb_i128_of(addend_e15);
	return load_command(h, &c, last);
}

static int load_house(struct fb_host *h, const uint64_t *start_e8, int64_t fund_e8,
		      int64_t backstop_e8)
{
	uint16_t symbols[FB_ROWS_PER_ACCOUNT];
	size_t n = 0;
	for (unsigned s = 0; s < FB_SYMBOLS; s++)
		if (start_e8[s] != 0)
			symbols[n++] = (uint16_t)s;
	const struct {
		uint32_t id;
		uint8_t role;
		int64_t collateral_e8;
		size_t symbols;
	} house[] = {
		{ FB_ID_FUND, FB_ROLE_FUND, fund_e8, n },
		{ FB_ID_STREET, FB_ROLE_EXCLUDED, STREET_E8, n },
		{ FB_ID_FEES, FB_ROLE_EXCLUDED, 0, 0 },
		{ FB_ID_BACKSTOP, FB_ROLE_BACKSTOP, backstop_e8, n },
	};
	int err = 0;
	for (size_t i = 0; i < 4 && !err; i++) {
		err = fb_host_expect(h, house[i].id, house[i].id, symbols, house[i].symbols);
		if (!err)
			err = load_account(h, house[i].id, house[i].role, house[i].collateral_e8,
					   0, i == 3);
	}
	return err;
}

static int load_position(struct fb_host *h, uint32_t account, uint32_t id, uint16_t symbol,
			 int64_t qty, int64_t entry_e8, uint32_t addend_e7, bool last)
{
	union fb_command c;
	memset(&c, 0, sizeof(c));
	c.position.op = FB_OP_POSITION;
	c.position.account = account;
	c.position.position = id;
	c.position.symbol = symbol;
	c.position.qty = qty;
	c.position.entry = entry_e8;
	c.position.addend = addend_e7;
	if (h->rules->symbol[symbol].index) /* a coin */
		c.position.row_flags = FB_ROW_NO_RANK;
	return load_command(h, &c, last);
}

static int load_user(struct fb_host *h, const struct fb_accounts *accounts,
		     const struct fb_account_spec *a)
{
	uint16_t symbols[FB_ROWS_PER_ACCOUNT];
	const struct fb_position_spec *p = &accounts->position[a->first];
	for (size_t i = 0; i < a->positions; i++)
		symbols[i] = p[i].symbol;
	int err = fb_host_expect(h, a->id, a->owner, symbols, a->positions);
	bool user = a->role == FB_ROLE_USER;
	__int128 addend_e15 = 0;
	for (size_t i = 0; i < a->positions && user; i++)
		addend_e15 += fb_margin_row_part(h->rules, p[i].symbol, p[i].qty, p[i].entry_e8);
	if (!err && !fb_fits(addend_e15, FB_ADDEND_BITS))
		err = fb_error_set(h->error, -ERANGE, "account %u: its MM at entry does not fit",
				   a->id);
	/* One batch for one account: it is never judged half loaded. */
	if (!err)
		err = load_account(h, a->id, a->role, a->collateral_e8, addend_e15,
				   a->positions == 0);
	for (size_t i = 0; i < a->positions && !err; i++) {
		uint64_t u_first = h->book->symbol[p[i].symbol].u_first;
		uint32_t addend = user ? fb_margin_row_addend(h->rules, p[i].symbol, u_first,
							      p[i].qty)
				       : 0;
		err = load_position(h, a->id, p[i].id, p[i].symbol, p[i].qty, p[i].entry_e8,
				    addend, i + 1 == a->positions);
	}
	return err;
}

/* Where users' quantities do not cancel, the street holds the rest, at the mark: quantities net
 * to zero from the start. */
static int balance(struct fb_host *h)
{
	for (unsigned s = 0; s < FB_SYMBOLS; s++) {
		struct fb_book_symbol *symbol = &h->book->symbol[s];
		if (symbol->qty_sum == 0)
			continue;
		struct fb_row_value value;
		if (!fb_fits(-symbol->qty_sum, FB_QTY_BITS))
			return fb_error_set(h->error, -ERANGE,
					    "%s: longs less shorts do not fit 48 bits",
					    h->rules->symbol[s].name);
		int64_t qty = (int64_t)-symbol->qty_sum;
		fb_value_row(&h->book->ladder[symbol->ladder], qty, symbol->u, 0, &value);
		if (value.bad)
			return fb_error_set(h->error, -ERANGE,
					    "%s: longs less shorts are worth 2^61 or more",
					    h->rules->symbol[s].name);
		int err =
			load_position(h, FB_ID_STREET, fb_house_position(FB_ID_STREET, (uint16_t)s),
				      (uint16_t)s, qty, (int64_t)value.value_e8, 0, true);
		if (err)
			return err;
	}
	return 0;
}

/* Of the symbols whose marks follow, those that the venue counts by price. */
static int send_counted(struct fb_host *h, const struct fb_tick *tick, size_t n)
{
	struct fb_log_counted price[FB_SYMBOLS];
	size_t k = 0;
	for (size_t i = 0; i < n && h->confirm.judge; i++)
		if (fb_venue_judge_prices(h->rules, tick[i].symbol))
			price[k++] = (struct fb_log_counted){ .price_e8 = tick[i].price_e8,
							    .symbol = tick[i].symbol };
	return fb_host_counted(h, price, k);
}

static int first_counted(struct fb_host *h, const uint64_t *start_e8)
{
	struct fb_tick tick[FB_SYMBOLS];
	size_t n = 0;
	for (unsigned s = 0; s < h->rules->symbols; s++)
		if (start_e8[s] != 0)
			tick[n++] = (struct fb_tick){ .price_e8 = start_e8[s],
						      .symbol = (uint16_t)s };
	return send_counted(h, tick, n);
}

int fb_load(struct fb_host *h, const struct fb_accounts *accounts, const uint64_t *start_e8,
	    __int128 fund_e8, __int128 backstop_e8)
{
	__int128 collateral = 0;
	for (size_t i = 0; i < accounts->accounts; i++)
		collateral += accounts->account[i].collateral_e8;
	if (fund_e8 < 0)
		fund_e8 = collateral > 0 ? collateral / FUND_SHARE : 0;
	if (!fb_fits(fund_e8, FB_MONEY_BITS) || !fb_fits(backstop_e8, FB_MONEY_BITS))
		return fb_error_set(h->error, -ERANGE,
				    "the fund's or the backstop's money does not fit 62 bits");
	int err = load_class(h);
	if (!err)
		err = first_counted(h, start_e8);
	if (!err)
		err = load_symbols(h, start_e8);
	if (!err)
		err = load_house(h, start_e8, (int64_t)fund_e8, (int64_t)backstop_e8);
	for (size_t i = 0; i < accounts->accounts && !err; i++)
		err = load_user(h, accounts, &accounts->account[i]);
	if (!err)
		err = balance(h);
	return err ? err : fb_host_loaded(h);
}

static int load_prices(struct fb_host *h, const struct fb_tick *tick, size_t n)
{
	struct fb_log_price price[FB_SYMBOLS];
	if (!h->conditions.wanted)
		return 0;
	for (size_t i = 0; i < n; i++)
		price[i] = (struct fb_log_price){
			.symbol = tick[i].symbol,
			.mark_e8 = tick[i].price_e8,
			.index_e8 = tick[i].index_e8,
			.last_e8 = tick[i].last_e8,
			.bid_e8 = tick[i].bid_e8,
			.ask_e8 = tick[i].ask_e8,
		};
	return fb_host_prices(h, price, n);
}

int fb_load_marks(struct fb_host *h, const struct fb_tick *tick, size_t n)
{
	int err = fb_host_time(h, tick[0].time_us);
	if (!err)
		err = load_prices(h, tick, n);
	h->summary.mark_batches++;
	if (!err)
		err = send_counted(h, tick, n);
	for (size_t at = 0; at < n && !err; at += FB_MARKS_PER_WORD) {
		union fb_command c;
		memset(&c, 0, sizeof(c));
		c.marks.op = FB_OP_MARKS;
		for (size_t i = at; i < n && i < at + FB_MARKS_PER_WORD; i++) {
			const struct fb_symbol *symbol = &h->rules->symbol[tick[i].symbol];
			uint64_t u;
			if (fb_unit_value(symbol, tick[i].price_e8, &u))
				return fb_error_set(
					h->error, -ERANGE,
					"%s: a mark of %llu e-8 does not fit a unit value",
					symbol->name, (unsigned long long)tick[i].price_e8);
			c.marks.mark[c.marks.count++] = u << 12 | tick[i].symbol;
		}
		err = fb_host_command(h, &c, at + FB_MARKS_PER_WORD < n);
	}
	return err;
}
