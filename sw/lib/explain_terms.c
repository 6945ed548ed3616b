/* The terms of an account: what its ratio is made of. See explain.h. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "report_internal.h"

#define RATE_DIGITS 7

struct fb_sums fb_explain_sums(const struct fb_explain *x)
{
	return fb_house_sums(x->waterfall, x->account);
}

void fb_explain_lots(struct fb_explain *x, uint32_t parent, uint16_t symbol, int64_t qty,
		     __int128 value_e8)
{
	char price[64];
	fb_fact_count(&x->facts, parent, "lots", "lots", qty);
	fb_fact_money(&x->facts, parent, "value", "value", value_e8);
	if (qty == 0)
		return;
	fb_report_price(&x->waterfall->rules->symbol[symbol], qty, value_e8, price, sizeof(price));
	if (price[0])
		fb_fact_text(&x->facts, parent, "price", "price", "%s", price);
}

void fb_explain_short(struct fb_explain *x, uint32_t parent, const char *key, const char *label)
{
	struct fb_facts *f = &x->facts;
	struct fb_sums sums = fb_explain_sums(x);
	uint32_t line = fb_fact_object(f, parent, key, label, FB_FACT_LINE);
	fb_fact_money(f, line, "collateral", "collateral",
		      x->waterfall->book->account[x->account].collateral_e8);
	fb_fact_money(f, line, "equity", "equity", sums.equity_e8);
	fb_fact_decimal(f, line, "mm", "MM", sums.mm_e15, 15, 2);
}

/* Is MM at, or above, its equity times this? */
static void threshold(struct fb_explain *x, uint32_t list, unsigned k, const struct fb_sums *sums,
		      bool kept)
{
	struct fb_facts *f = &x->facts;
	const struct fb_book_account *a = &x->waterfall->book->account[x->account];
	const struct fb_book_class *class = &x->waterfall->book->classes[a->class_id];
	uint32_t rate = kept ? class->down_e7[k] : class->up_e7[k];
	__int128 limit = sums->equity_e8 * (__int128)rate;
	bool crossed = sums->mm_e15 > 0 &&
		       (class->strict ? sums->mm_e15 > limit : sums->mm_e15 >= limit);
	uint32_t line = fb_fact_object(f, list, NULL, NULL, FB_FACT_LINE);
	fb_fact_text(f, line, "name", "", "%s", x->waterfall->rules->threshold[k].name);
	fb_fact_rate(f, line, kept ? "kept_down_to" : "reached_at",
		     kept ? "kept down to" : "reached at", rate);
	fb_fact_decimal(f, line, "limit", "which is MM of", limit, 15, 2);
	fb_fact_decimal(f, line, "mm", "MM is", sums->mm_e15, 15, 2);
	fb_fact_yes(f, line, "crossed", "crossed", crossed);
}

static void thresholds(struct fb_explain *x, uint32_t parent, const struct fb_sums *sums,
		       enum fb_state state)
{
	uint32_t list = fb_fact_list(&x->facts, parent, "thresholds", "thresholds", FB_FACT_BLOCK);
	/* In the waterfall an account must fall below what a level is kept at. */
	for (unsigned k = 0; k < x->waterfall->rules->thresholds; k++)
		threshold(x, list, k, sums, state > FB_UNWINDING);
}

static unsigned tier_of(const struct fb_book_ladder *ladder, unsigned __int128 notional_e8)
{
	unsigned tier = 0;
	while (tier + 1 < ladder->tiers && ladder->tier[tier + 1].floor_e8 <= notional_e8)
		tier++;
	return tier;
}

static void position(struct fb_explain *x, uint32_t list, const struct fb_book_row *row)
{
	struct fb_facts *f = &x->facts;
	const struct fb_book *book = x->waterfall->book;
	const struct fb_book_symbol *symbol = &book->symbol[row->symbol];
	const struct fb_book_ladder *ladder = &book->ladder[symbol->ladder];
	struct fb_row_value v;
	fb_value_row(ladder, row->qty, symbol->u, row->addend_e7, &v);
	unsigned k = tier_of(ladder, v.notional_e8);
	uint32_t one = fb_fact_object(f, list, NULL, NULL, FB_FACT_BLOCK),
		 line = fb_fact_object(f, one, "position", "position", FB_FACT_LINE);
	fb_fact_id(f, line, "id", "", row->id);
	fb_fact_text(f, line, "symbol", "", "%s", x->waterfall->rules->symbol[row->symbol].name);
	fb_explain_lots(x, line, row->symbol, row->qty, v.value_e8);
	line = fb_fact_object(f, one, "profit", "  profit", FB_FACT_LINE);
	fb_fact_money(f, line, "value", "value", v.value_e8);
	fb_fact_money(f, line, "entry", "less entry value", row->entry_e8);
	fb_fact_money(f, line, "profit", "is", v.value_e8 - row->entry_e8);
	line = fb_fact_object(f, one, "mm", "  MM", FB_FACT_LINE);
	fb_fact_money(f, line, "notional", "notional", (__int128)v.notional_e8);
	fb_fact_id(f, line, "unit_value", "of lots x", symbol->u);
	fb_fact_text(f, line, "unit", "x", "1e-8 / 2^16");
	fb_fact_count(f, line, "tier", "tier", k + 1);
	fb_fact_count(f, line, "tiers", "of", ladder->tiers);
	fb_fact_money(f, line, "floor", "from", (__int128)ladder->tier[k].floor_e8);
	fb_fact_rate(f, line, "rate", "at", (uint64_t)ladder->tier[k].rate_e7 + row->addend_e7);
	fb_fact_decimal(f, line, "deduction", "less", (__int128)ladder->tier[k].deduction_e15, 15,
			2);
	fb_fact_decimal(f, line, "mm", "is", v.mm_e15, 15, 2);
}

static int by_id(const void *a, const void *b)
{
	const struct fb_book_row *const *x = a, *const *y = b;
	return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

static void positions(struct fb_explain *x, uint32_t parent)
{
	const struct fb_book *book = x->waterfall->book;
	const struct fb_book_row *row[FB_ROWS_PER_ACCOUNT];
	size_t n = 0;
	for (uint32_t i = book->account[x->account].first; i != FB_NONE; i = book->row[i].next)
		if (book->row[i].live && n < FB_ROWS_PER_ACCOUNT)
			row[n++] = &book->row[i];
	qsort(row, n, sizeof(row[0]), by_id);
	uint32_t list = fb_fact_list(&x->facts, parent, "positions", "positions", FB_FACT_BLOCK);
	for (size_t i = 0; i < n; i++)
		position(x, list, row[i]);
}

void fb_explain_terms(struct fb_explain *x, uint32_t parent, const struct fb_sums *sums,
		      enum fb_state state)
{
	struct fb_facts *f = &x->facts;
	const struct fb_book_account *a = &x->waterfall->book->account[x->account];
	uint32_t line = fb_fact_object(f, parent, "account", "account", FB_FACT_LINE);
	fb_fact_money(f, line, "collateral", "collateral", a->collateral_e8);
	fb_fact_money(f, line, "profit", "and profit", sums->equity_e8 - a->collateral_e8);
	fb_fact_money(f, line, "equity", "is equity", sums->equity_e8);
	line = fb_fact_object(f, parent, "ratio", "ratio", FB_FACT_LINE);
	if (a->addend_e15 != 0)
		fb_fact_decimal(f, line, "mm_addend", "MM of the account itself", a->addend_e15, 15,
				2);
	fb_fact_decimal(f, line, "mm", "MM", sums->mm_e15, 15, 2);
	fb_fact_money(f, line, "equity", "over equity", sums->equity_e8);
	fb_fact_ratio(f, line, "ratio", "is", sums->mm_e15, sums->equity_e8, RATE_DIGITS);
	if (a->role == FB_ROLE_USER)
		thresholds(x, parent, sums, state);
	/* Once for each state of the book. */
	if (x->told_at == x->waterfall->book->seq)
		return;
	x->told_at = x->waterfall->book->seq;
	positions(x, parent);
	/* Houses are judged otherwise, and at every tick. */
	if (a->role == FB_ROLE_USER)
		fb_explain_figures(x, parent);
}
