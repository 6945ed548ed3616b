/* See run_conditions.h. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "run_conditions.h"
#include "waterfall_internal.h"

#define PRICE_MOST ((UINT64_C(1) << 57) - 1)
#define HOUR_US INT64_C(3600000000)

static int notice(struct fb_host *h, const struct fb_notice *n)
{
	int err = fb_log_put(h->log, FB_LOG_NOTICE, h->book->seq, n, sizeof(*n), h->error);
	return err || !h->report ? err : fb_report_notice(h->report, h->time_us, n);
}

static int failed(struct fb_host *h, int err, const char *what)
{
	if (!err || h->error->text[0])
		return err;
	return fb_error_set(h->error, err, "after command %llu: %s: %s",
			    (unsigned long long)h->book->seq, what, strerror(-err));
}

int fb_conditions_changed(void *host, uint16_t symbol, enum fb_breaker_cause cause)
{
	struct fb_host *h = host;
	struct fb_notice n = {
		.symbol = symbol,
		.kind = cause ? FB_NOTICE_FROZEN : FB_NOTICE_THAWED,
		.rank = (uint32_t)cause,
		.qty = (int64_t)cause,
		.value_e8 = fb_i128_of(
			h->conditions.symbol
				? (__int128)h->conditions.symbol[symbol].price.mark_e8
				: 0),
	};
	return notice(h, &n);
}

int fb_conditions_time(struct fb_host *h, int64_t time_us)
{
	return failed(h, fb_breakers_time(h->conditions.breakers, time_us), "breakers");
}

/* Counted by symbol: what closes a position. */
void fb_conditions_order(struct fb_host *h, const struct fb_order *o)
{
	if (o->verb != FB_VERB_REDUCE && o->verb != FB_VERB_TAKEOVER && o->verb != FB_VERB_ADL_PAIR)
		return;
	unsigned __int128 lots = (unsigned __int128)(o->qty < 0 ? -(__int128)o->qty : o->qty);
	__int128 notional =
		(__int128)(lots * h->book->symbol[o->symbol].u >> FB_U_FRACTION_BITS);
	fb_breakers_order(h->conditions.breakers, o->symbol, notional);
}

void fb_conditions_event(struct fb_host *h, const struct fb_event *e)
{
	struct fb_conditions *c = &h->conditions;
	__int128 asks = fb_wide(e->value_e8);
	if (e->kind != FB_EVENT_DEPTH || !c->symbol || !c->rules->adaptive.on ||
	    e->symbol >= c->rules->symbols || e->qty < 0 || asks < 0 ||
	    !fb_fits(e->qty, FB_QTY_BITS) || !fb_fits(asks, FB_QTY_BITS))
		return;
	struct fb_adaptive_state *s = &c->symbol[e->symbol].adaptive;
	fb_adaptive_depth(s, &c->rules->adaptive, 0, e->qty, h->time_us);
	fb_adaptive_depth(s, &c->rules->adaptive, 1, (int64_t)asks, h->time_us);
}

/* ---- payments ---- */

/* The unit value that a payment is taken of. */
static uint64_t unit_of(const struct fb_host *h, uint16_t symbol)
{
	const struct fb_log_price *p = &h->conditions.symbol[symbol].price;
	uint64_t price = h->rules->funding.at_index && p->index_e8 ? p->index_e8 : p->mark_e8, u;
	return price && fb_unit_value(&h->rules->symbol[symbol], price, &u) == 0
		       ? u
		       : h->book->symbol[symbol].u;
}

static void expect(struct fb_conditions *c, const struct fb_book *book, uint16_t symbol)
{
	assert(c->dues - c->dues_seen < FB_FUNDINGS_MAX);
	c->due[c->dues++ % FB_FUNDINGS_MAX] = (struct fb_funding_due){
		.seq = book->seq,
		.sum_e8 = book->funding.sum_e8,
		.rows = book->funding.rows,
		.symbol = symbol,
	};
}

/* Is no row so large that its part would not fit? */
static bool payable(const struct fb_book *book, uint16_t symbol, int64_t f)
{
	const __int128 bound_e8 = (__int128)1 << FB_NOTIONAL_BITS;
	for (uint32_t i = 0; i < book->rows; i++) {
		__int128 amount = fb_funding_amount(book->row[i].qty, f);
		if (book->row[i].symbol == symbol && (amount >= bound_e8 || amount <= -bound_e8))
			return false;
	}
	return true;
}

static int pay_symbol(struct fb_host *h, uint16_t symbol, __int128 *rest_e8)
{
	struct fb_conditions *c = &h->conditions;
	struct fb_condition *s = &c->symbol[symbol];
	int64_t rate_e12 = 0;
	if (!fb_funding_due(&s->funding, &h->rules->funding, h->time_us, &rate_e12))
		return 0;
	int64_t f = fb_funding_lot(&s->funding, unit_of(h, symbol), rate_e12,
				   h->rules->symbol[symbol].type == FB_INVERSE);
	if (f == 0)
		return 0;
	if (!payable(h->book, symbol, f)) {
		c->skipped++;
		return 0;
	}
	union fb_command command = { .funding = { .op = FB_OP_FUNDING, .symbol = symbol,
						  .rate = f } };
	FB_TELL(h->waterfall, funded, symbol, f, rate_e12);
	fb_waterfall_funded(h->waterfall, symbol, f);
	int err = fb_host_command(h, &command, true);
	if (err)
		return err;
	expect(c, h->book, symbol);
	c->fundings++;
	c->funding_paid_e8 += h->book->funding.paid_e8;
	s->payments++;
	s->paid_e8 += h->book->funding.paid_e8;
	*rest_e8 += h->book->funding.sum_e8;
	return 0;
}

/* What rounding left goes to the fund: the last command of the batch, also when it is nothing. */
static int pay_rest(struct fb_host *h, __int128 rest_e8)
{
	union fb_command command = { .collateral = { .op = FB_OP_COLLATERAL,
						     .account = FB_ID_FUND,
						     .delta = (int64_t)-rest_e8 } };
	h->conditions.funding_rest_e8 -= rest_e8;
	if (!fb_fits(rest_e8, FB_MONEY_BITS))
		return fb_error_set(h->error, -ERANGE, "funding: what is left over does not fit");
	int err = fb_host_command(h, &command, false);
	return err ? err : fb_book_conserved(h->book, h->error);
}

/* Of instants at each; of what is paid all the time once an hour. */
static int state_funding(struct fb_host *h, bool paid)
{
	struct fb_conditions *c = &h->conditions;
	bool continuous = h->rules->funding.schedule == FB_FUNDING_CONTINUOUS;
	bool due = continuous ? h->time_us / HOUR_US != c->stated_us / HOUR_US : paid;
	int err = 0;
	if (!due)
		return 0;
	c->stated_us = h->time_us;
	for (unsigned i = 0; i < c->rules->symbols && !err; i++) {
		struct fb_condition *s = &c->symbol[i];
		if (s->payments == 0)
			continue;
		struct fb_notice n = {
			.symbol = (uint16_t)i,
			.kind = FB_NOTICE_FUNDING,
			.rank = (uint32_t)s->payments,
			.qty = s->funding.rate_e12,
			.value_e8 = fb_i128_of(s->paid_e8),
		};
		s->payments = 0;
		s->paid_e8 = 0;
		err = notice(h, &n);
	}
	return err;
}

/* Perpetuals with a price: coins and dated futures have none. */
static bool has_funding(const struct fb_host *h, unsigned symbol)
{
	const struct fb_symbol *s = &h->rules->symbol[symbol];
	return h->book->symbol[symbol].defined && h->conditions.symbol[symbol].time_us != 0 &&
	       s->index == 0 && s->expires_us == 0;
}

static int pay(struct fb_host *h)
{
	uint64_t before = h->conditions.fundings;
	__int128 rest_e8 = 0;
	int err = 0;
	for (unsigned i = 0; i < h->rules->symbols && !err; i++)
		if (has_funding(h, i))
			err = pay_symbol(h, (uint16_t)i, &rest_e8);
	bool paid = h->conditions.fundings != before;
	if (!err && paid)
		err = pay_rest(h, rest_e8);
	return err ? err : state_funding(h, paid);
}

/* ---- prices ---- */

static bool can_be(const struct fb_host *h, const struct fb_log_price *p)
{
	return p->symbol < h->rules->symbols && h->book->symbol[p->symbol].defined &&
	       p->mark_e8 != 0 && p->mark_e8 <= PRICE_MOST && p->index_e8 <= PRICE_MOST &&
	       p->last_e8 <= PRICE_MOST && p->bid_e8 <= PRICE_MOST && p->ask_e8 <= PRICE_MOST &&
	       (p->zero[0] | p->zero[1] | p->zero[2]) == 0;
}

static void take(struct fb_host *h, const struct fb_log_price *p)
{
	struct fb_conditions *c = &h->conditions;
	struct fb_condition *s = &c->symbol[p->symbol];
	const struct fb_price_inputs in = {
		.time_us = h->time_us,
		.index_e8 = p->index_e8,
		.last_e8 = p->last_e8,
		.bid_e8 = p->bid_e8,
		.ask_e8 = p->ask_e8,
	};
	uint64_t u;
	if (p->index_e8 && fb_unit_value(&h->rules->symbol[p->symbol], p->index_e8, &u) == 0)
		fb_waterfall_oracle(h->waterfall, p->symbol, u);
	s->price = *p;
	s->time_us = h->time_us;
	if (c->rules->symbol[p->symbol].index == 0) /* a coin is not traded here */
		fb_breakers_prices(c->breakers, p->symbol, p->mark_e8, &in);
	if (c->rules->adaptive.on)
		fb_adaptive_mark(&s->adaptive, &c->rules->adaptive, p->mark_e8, h->time_us);
	if (c->rules->funding.schedule != FB_FUNDING_NONE)
		fb_funding_sample(&s->funding, &c->rules->funding,
				  fb_funding_premium(&c->rules->funding, &in, p->mark_e8),
				  h->time_us);
}

int fb_host_prices(struct fb_host *h, const struct fb_log_price *price, size_t n)
{
	if (!h->conditions.wanted || n == 0 || n > FB_SYMBOLS || !h->book->sealed)
		return fb_error_set(h->error, -EBADMSG,
				    "prices after command %llu: expected none here",
				    (unsigned long long)h->book->seq);
	for (size_t i = 0; i < n; i++)
		if (!can_be(h, &price[i]))
			return fb_error_set(h->error, -EBADMSG,
					    "prices after command %llu: entry %zu cannot be",
					    (unsigned long long)h->book->seq, i);
	int err = fb_log_put(h->log, FB_LOG_PRICES, h->book->seq, price, n * sizeof(*price),
			     h->error);
	for (size_t i = 0; i < n && !err; i++)
		take(h, &price[i]);
	if (!err)
		err = fb_conditions_time(h, h->time_us);
	if (!err && h->rules->funding.schedule != FB_FUNDING_NONE)
		err = pay(h);
	return err;
}

/* ---- records ---- */

static bool equal(const struct fb_funding_due *due, const struct fb_rec_funding *r)
{
	return r->seq == due->seq && fb_wide(r->sum) == due->sum_e8 && r->rows == due->rows &&
	       r->symbol == due->symbol;
}

int fb_conditions_observe(struct fb_host *h, const struct fb_batch *batch, size_t n)
{
	struct fb_conditions *c = &h->conditions;
	int err = 0;
	for (; c->dues_seen < c->dues && !err; c->dues_seen++) {
		const struct fb_funding_due *due = &c->due[c->dues_seen % FB_FUNDINGS_MAX];
		const union fb_record *found = NULL;
		if (due->seq > batch->last)
			break;
		for (size_t i = 0; i + 1 < n; i++)
			if (h->engine.record[i].header.kind == FB_REC_FUNDING &&
			    h->engine.record[i].header.seq == due->seq)
				found = &h->engine.record[i];
		/* The engine's state of accounts that the host judges may be anything. */
		if (h->replaying || h->confirm.host_judged > 0 ||
		    (found && equal(due, &found->funding)))
			continue;
		union fb_record wrong = { .funding = { .seq = due->seq, .kind = FB_REC_FUNDING,
						       .symbol = due->symbol } };
		if (found) {
			wrong = *found;
			wrong.funding.symbol = due->symbol;
		}
		err = fb_host_fault(h, &wrong);
	}
	return err;
}

void fb_conditions_summary(const struct fb_host *h, struct fb_summary *s)
{
	const struct fb_conditions *c = &h->conditions;
	s->fundings = c->fundings;
	s->fundings_skipped = c->skipped;
	s->funding_paid_e8 = c->funding_paid_e8;
	s->funding_rest_e8 = c->funding_rest_e8;
	for (unsigned i = 1; i < FB_BREAKER_CAUSES; i++)
		s->freezes += fb_breakers_freezes(c->breakers, (enum fb_breaker_cause)i);
	s->frozen = fb_breakers_frozen(c->breakers);
}
