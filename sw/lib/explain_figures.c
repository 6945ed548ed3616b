/* How near an account is to what may happen to it. See explain.h. */
#include <string.h>

#include <firebreak/formula_book.h>

#include "explain.h"
#include "ratio.h"
#include "run_host.h"

static const char *level_name(const struct fb_explain *x, unsigned level)
{
	return level == FB_LEVEL_BANKRUPT ? "bankruptcy"
					  : x->waterfall->rules->threshold[level - 1].name;
}

static void money(struct fb_explain *x, uint32_t parent, const char *key, const char *label,
		  ratio value_e8)
{
	ratio value = times(value_e8, fb_ratio_scaled(1, 8));
	fb_fact_number(&x->facts, parent, key, label, &value, 2);
}

static void price(struct fb_explain *x, uint32_t parent, const char *key, const char *label,
		  const struct fb_found_price *p)
{
	if (p->found)
		fb_fact_decimal(&x->facts, parent, key, label, p->price_e8, 8, 8);
	else
		fb_fact_none(&x->facts, parent, key, label);
}

static enum fb_ratio_sense sense_of(const struct fb_rules *rules)
{
	return rules->margin.equity_over_mm ? FB_EQUITY_OVER_MM : FB_MM_OVER_EQUITY;
}

static void account(struct fb_explain *x, uint32_t parent, const struct fb_account_figures *a,
		    enum fb_ratio_sense sense)
{
	struct fb_facts *f = &x->facts;
	bool bankrupt = a->sums.equity_e8 < 0;
	uint32_t line = fb_fact_object(f, parent, "risk", "risk", FB_FACT_LINE);
	fb_fact_text(f, line, "sense", "margin ratio", "%s",
		     sense == FB_MM_OVER_EQUITY ? "MM / equity" : "equity / MM");
	fb_fact_percent(f, line, "margin_ratio", "is", &a->ratio);
	fb_fact_number(f, line, "score", "risk score of 0 to 100", &a->risk_score, 2);
	fb_fact_number(f, line, "effective_leverage", "effective leverage", &a->leverage, 2);
	fb_fact_text(f, line, "next", "next is", "%s",
		     bankrupt ? "nothing" : level_name(x, a->next_level));
	money(x, line, "buffer", bankrupt ? "equity is" : "after a loss of", a->buffer_e8);
	line = fb_fact_object(f, parent, "exposure", "exposure", FB_FACT_LINE);
	money(x, line, "net", "net", a->exposure_e8.net);
	money(x, line, "gross", "gross", a->exposure_e8.gross);
	money(x, line, "long", "long", a->exposure_e8.longs);
	money(x, line, "short", "short", a->exposure_e8.shorts);
	money(x, line, "coins", "coins", a->coins_e8);
}

static void symbol(struct fb_explain *x, uint32_t list, const struct fb_price_question *q,
		   unsigned next)
{
	struct fb_facts *f = &x->facts;
	const struct fb_threshold *threshold = q->rules->threshold;
	struct fb_symbol_figures s;
	if (fb_symbol_figures(q, next, &s) != 0)
		return;
	uint32_t one = fb_fact_object(f, list, NULL, NULL, FB_FACT_BLOCK),
		 line = fb_fact_object(f, one, "prices", "prices", FB_FACT_LINE);
	fb_fact_text(f, line, "symbol", "of", "%s", q->rules->symbol[q->symbol].name);
	fb_fact_number(f, line, "mark", "mark", &s.mark, 8);
	money(x, line, "delta", "delta", s.delta_e8);
	price(x, line, "liquidation_price", "liquidation at", &s.liquidation);
	fb_fact_number(f, line, "bankruptcy_price", "bankruptcy at", &s.bankruptcy, 8);
	fb_fact_number(f, line, "zero_price", "with its share of equity alone at", &s.zero_price,
		       8);
	line = fb_fact_object(f, one, "thresholds", "  reaches", FB_FACT_LINE);
	for (unsigned k = 1; k <= q->book->classes[q->view->class_id].thresholds; k++) {
		char label[FB_NAME_MAX + 4];
		snprintf(label, sizeof(label), "%s at", threshold[k - 1].name);
		price(x, line, threshold[k - 1].name, label, &s.level[k]);
	}
	line = fb_fact_object(f, one, "buffer", "  to the next", FB_FACT_LINE);
	fb_fact_text(f, line, "next", "", "%s", level_name(x, next));
	price(x, line, "price", "at", &s.next);
	fb_fact_number(f, line, "distance", "away", &s.buffer.price, 8);
	fb_fact_percent(f, line, "share", "of the mark", &s.buffer.share);
}

/* Symbols in rising order, each once: that of a coin is the one by which it is valued. */
static int next_symbol(const struct fb_price_question *q, int after)
{
	int found = -1;
	for (size_t i = 0; i < q->view->rows; i++) {
		const struct fb_view_row *row = &q->view->row[i];
		uint32_t index = q->rules->symbol[row->symbol].index;
		int one = index ? (int)index - 1 : row->symbol;
		if (row->qty != 0 && one > after && (found < 0 || one < found))
			found = one;
	}
	return found;
}

/* What an action rests on: the venue's arithmetic where it differs, but no equity is the book's. */
static void venue_sums(void *context, const struct fb_book *book, const struct fb_view *view,
		       uint16_t symbol, uint64_t price_e8, struct fb_sums *out)
{
	struct fb_venue_judge *judge = context;
	uint64_t *price = &judge->price_e8[symbol], now = *price;
	if (price_e8 != 0)
		*price = price_e8;
	fb_value_exact(book, view, out);
	if (out->equity_e8 >= 0)
		fb_venue_judge_sums(judge, view, out);
	*price = now;
}

void fb_explain_figures(struct fb_explain *x, uint32_t parent)
{
	struct fb_view view;
	struct fb_account_figures a;
	struct fb_price_question q = { .book = x->waterfall->book,
				       .rules = x->waterfall->rules,
				       .view = &view };
	enum fb_ratio_sense sense = sense_of(q.rules);
	if (x->host->confirm.judge) {
		q.sums = venue_sums;
		q.context = &x->host->judge;
	}
	if (fb_book_view(q.book, x->account, FB_NOW, &view) != 0 || view.rows == 0)
		return;
	fb_account_figures(&q, sense, &a);
	account(x, parent, &a, sense);
	uint32_t list = fb_fact_list(&x->facts, parent, "prices",
				     "prices, of each symbol while the others stand still",
				     FB_FACT_BLOCK);
	for (int i = -1; (i = next_symbol(&q, i)) >= 0;) {
		q.symbol = (uint16_t)i;
		symbol(x, list, &q, a.next_level);
	}
}
