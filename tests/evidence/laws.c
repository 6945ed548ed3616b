/* See laws.h. Everything is loaded into a host with an engine behind it: what is compared is what
 * the engine said, after the host has found it equal to its own book. */
#include "laws.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../../sw/lib/mix.h"
#include "../../sw/lib/run_load.h"
#include "../../sw/lib/run_marks.h"

#define SCALE 3
#define SYMBOLS_MOST 6u

struct stage {
	struct fb_rules *rules;
	struct fb_accounts accounts;
	uint64_t price_e8[FB_SYMBOLS];
	uint64_t seed, draws;
};

/* What an account was found to be. */
struct found {
	uint32_t id;
	unsigned level;
	struct fb_sums sums;
};

struct look {
	struct found *found;
	size_t n;
};

static int fail(char error[512], const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(error, 512, format, args);
	va_end(args);
	return -1;
}

static uint32_t draw(struct stage *s, uint32_t below)
{
	return fb_mix_below(fb_mix(s->seed * 0x1000003 + s->draws++), below);
}

static void stage_close(struct stage *s)
{
	fb_accounts_free(&s->accounts);
	free(s->rules);
}

/* Accounts at the crash's first prices, then each price down by 28 % to up by 4 %. */
static int stage_open(const struct law_options *o, struct stage *s, char error[512])
{
	const char *path = "gen:crash,seed=1,minutes=1";
	struct fb_marks_options marks = { .paths = &path, .paths_n = 1 };
	struct fb_error e = { "" };
	uint64_t instants;
	char text[96];
	*s = (struct stage){ .seed = o->seed, .rules = malloc(sizeof(*s->rules)) };
	if (!s->rules)
		return fail(error, "out of memory");
	int err = fb_rules_load(o->pack, s->rules, &e);
	if (!err)
		err = fb_marks_survey(s->rules, &marks, s->price_e8, &instants, &e);
	snprintf(text, sizeof(text), "gen:400,seed=%llu,symbols=%u", (unsigned long long)o->seed,
		 1 + draw(s, SYMBOLS_MOST));
	if (!err)
		err = fb_accounts_load(text, s->rules, s->price_e8, &s->accounts, &e);
	for (unsigned i = 0; i < FB_SYMBOLS; i++)
		s->price_e8[i] = s->price_e8[i] / 1000 * (720 + draw(s, 320));
	return err ? fail(error, "%s", e.text) : 0;
}

static int by_id(const void *a, const void *b)
{
	uint32_t x = ((const struct found *)a)->id, y = ((const struct found *)b)->id;
	return x < y ? -1 : x > y;
}

/* Users as the engine sees them, in order of id. */
static int read_out(const struct fb_host *h, struct look *out, char error[512])
{
	out->n = 0;
	out->found = calloc(h->book->accounts, sizeof(*out->found));
	if (!out->found)
		return fail(error, "out of memory");
	for (uint32_t i = 0; i < h->book->accounts; i++) {
		const struct fb_book_account *a = &h->book->account[i];
		struct fb_view view;
		struct found *f = &out->found[out->n];
		if (a->role != FB_ROLE_USER || fb_book_view(h->book, i, FB_NOW, &view))
			continue;
		*f = (struct found){ .id = a->id, .level = a->level };
		fb_value_exact(h->book, &view, &f->sums);
		out->n++;
	}
	qsort(out->found, out->n, sizeof(*out->found), by_id);
	return 0;
}

/* Loads accounts at these prices; order: loaded from the last to the first. */
static int look_at(const struct law_options *o, const struct stage *s, const uint64_t *price_e8,
		   struct look *out, char error[512])
{
	struct fb_log_config config = { .epoch = 1 };
	struct fb_host_options options = { .engine = o->engine };
	struct fb_error e = { "" };
	struct fb_host *h = calloc(1, sizeof(*h));
	char path[300];
	*out = (struct look){ NULL, 0 };
	if (!h)
		return fail(error, "out of memory");
	snprintf(path, sizeof(path), "%s/law.log", o->directory);
	fb_load_config(&s->accounts, price_e8, &config);
	int err = fb_host_open(h, s->rules, &config, &options, &e);
	if (!err)
		err = fb_log_create(path, s->rules, &config, &h->log, &e);
	if (!err)
		err = fb_load(h, &s->accounts, price_e8, 0, 0);
	if (!err)
		err = fb_host_drain(h, 0);
	if (err)
		fail(error, "loading: %s", e.text);
	else if (h->confirm.differences > 0)
		err = fail(error, "the engine differs from the book");
	else
		err = read_out(h, out, error);
	fb_host_close(h);
	free(h);
	return err ? -1 : 0;
}

/* ---- a better mark ---- */

static bool gains_by_rise(const struct stage *s, const struct fb_account_spec *a)
{
	bool all = a->positions > 0;
	for (size_t i = a->first; i < a->first + a->positions; i++) {
		const struct fb_position_spec *p = &s->accounts.position[i];
		/* an inverse contract's quantity is negated, and so is its price */
		bool rises = (p->qty > 0) != (s->rules->symbol[p->symbol].type == FB_INVERSE);
		all = all && rises;
	}
	return all;
}

static unsigned tier_at(const struct stage *s, const struct fb_position_spec *p, uint64_t price_e8,
			bool *jumps)
{
	const struct fb_symbol *symbol = &s->rules->symbol[p->symbol];
	const struct fb_ladder *ladder = &s->rules->ladder[symbol->ladder];
	uint64_t u = 0, lots = (uint64_t)(p->qty < 0 ? -p->qty : p->qty);
	unsigned tier = 0;
	fb_unit_value(symbol, price_e8, &u);
	unsigned __int128 n = (unsigned __int128)lots * u >> FB_U_FRACTION_BITS;
	while (tier + 1 < ladder->tiers && ladder->tier[tier + 1].floor_e8 <= n)
		tier++;
	*jumps = false;
	for (unsigned k = 1; k < ladder->tiers; k++) {
		const struct fb_tier *a = &ladder->tier[k - 1], *b = &ladder->tier[k];
		*jumps = *jumps ||
			 (unsigned __int128)b->floor_e8 * (b->rate_e7 - a->rate_e7) !=
				 b->deduction_e15 - a->deduction_e15;
	}
	return tier;
}

/* A position has crossed the border of a tier at which MM jumps. */
static bool crossed(const struct stage *s, const struct fb_account_spec *a, const uint64_t *before,
		    const uint64_t *after)
{
	for (size_t i = a->first; i < a->first + a->positions; i++) {
		const struct fb_position_spec *p = &s->accounts.position[i];
		bool jumps, again;
		if (tier_at(s, p, before[p->symbol], &jumps) !=
			    tier_at(s, p, after[p->symbol], &again) &&
		    jumps)
			return true;
	}
	return false;
}

static const struct fb_account_spec *spec_of(const struct stage *s, uint32_t id)
{
	for (size_t i = 0; i < s->accounts.accounts; i++)
		if (s->accounts.account[i].id == id)
			return &s->accounts.account[i];
	return NULL;
}

static int compare_marks(const struct stage *s, const struct look *low, const struct look *high,
			 const uint64_t *better, struct law_counts *c, char error[512])
{
	unsigned liquidated = s->rules->liquidate_level;
	for (size_t i = 0; i < low->n; i++) {
		const struct found *x = &low->found[i], *y = &high->found[i];
		const struct fb_account_spec *a = spec_of(s, x->id);
		if (!a || !gains_by_rise(s, a))
			continue;
		c->longs++;
		c->breached += x->level >= liquidated;
		c->saved += x->level >= liquidated && y->level < liquidated;
		if (y->sums.equity_e8 < x->sums.equity_e8)
			return fail(error, "account %u has less at the better mark", x->id);
		if (x->level >= liquidated || y->level < liquidated)
			continue;
		if (!crossed(s, a, s->price_e8, better))
			return fail(error,
				    "account %u is at level %u, and at %u at the better mark",
				    x->id, x->level, y->level);
		c->borders++;
	}
	return 0;
}

int law_better_mark(const struct law_options *o, struct law_counts *c, char error[512])
{
	struct stage s;
	struct look low = { NULL, 0 }, high = { NULL, 0 };
	uint64_t better[FB_SYMBOLS];
	int err = stage_open(o, &s, error);
	for (unsigned i = 0; i < FB_SYMBOLS && !err; i++)
		better[i] = s.price_e8[i] + s.price_e8[i] / 10000 * draw(&s, 500);
	if (!err)
		err = look_at(o, &s, s.price_e8, &low, error);
	if (!err)
		err = look_at(o, &s, better, &high, error);
	if (!err)
		err = compare_marks(&s, &low, &high, better, c, error);
	c->accounts += low.n;
	free(low.found);
	free(high.found);
	stage_close(&s);
	return err;
}

/* ---- scale and order ---- */

/* Prices at which a lot is worth a whole number of units, so that nothing is rounded. */
static void whole_units(struct stage *s)
{
	for (unsigned i = 0; i < s->rules->symbols; i++) {
		const struct fb_symbol *symbol = &s->rules->symbol[i];
		uint64_t u, price_e8 = s->price_e8[i];
		if (price_e8 == 0 || symbol->type != FB_LINEAR ||
		    fb_unit_value(symbol, price_e8, &u))
			continue;
		/* price x lot / 1e8 is whole where price is a multiple of 1e8 / gcd(lot, 1e8) */
		uint64_t step = 100000000;
		while (step % 2 == 0 && (symbol->lot_e8 * (step / 2)) % 100000000 == 0)
			step /= 2;
		while (step % 5 == 0 && (symbol->lot_e8 * (step / 5)) % 100000000 == 0)
			step /= 5;
		s->price_e8[i] = price_e8 - price_e8 % step;
	}
}

static bool scale_up(struct stage *s)
{
	for (size_t i = 0; i < s->accounts.accounts; i++)
		s->accounts.account[i].collateral_e8 *= SCALE;
	for (size_t i = 0; i < s->accounts.positions; i++) {
		s->accounts.position[i].qty *= SCALE;
		s->accounts.position[i].entry_e8 *= SCALE;
	}
	for (unsigned i = 0; i < s->rules->ladders; i++)
		for (unsigned k = 0; k < s->rules->ladder[i].tiers; k++) {
			s->rules->ladder[i].tier[k].floor_e8 *= SCALE;
			s->rules->ladder[i].tier[k].deduction_e15 *= SCALE;
		}
	return true;
}

/* Rates that grow with the size are of another scale; inverse and quanto contracts round the value
 * of a lot, and some venues MM: there the law is not claimed. */
static bool scales(const struct stage *s)
{
	if (s->rules->margin.round != 0)
		return false;
	for (unsigned i = 0; i < s->rules->symbols; i++) {
		const struct fb_symbol *symbol = &s->rules->symbol[i];
		if (s->price_e8[i] != 0 && (symbol->type != FB_LINEAR || symbol->size_slope_e7 ||
					    symbol->size_root_e7))
			return false;
	}
	return true;
}

static int same(const struct look *a, const struct look *b, int scale, char error[512])
{
	if (a->n != b->n)
		return fail(error, "%zu accounts against %zu", a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		const struct found *x = &a->found[i], *y = &b->found[i];
		if (x->id != y->id || x->level != y->level ||
		    x->sums.equity_e8 * scale != y->sums.equity_e8 ||
		    x->sums.mm_e15 * scale != y->sums.mm_e15)
			return fail(error, "account %u: level %u against %u, or other sums", x->id,
				    x->level, y->level);
	}
	return 0;
}

static int two_looks(const struct law_options *o, struct law_counts *c, char error[512],
		     bool (*change)(struct stage *), int scale)
{
	struct stage s;
	struct look first = { NULL, 0 }, second = { NULL, 0 };
	int err = stage_open(o, &s, error);
	if (!err)
		whole_units(&s);
	if (!err && scale != 1 && !scales(&s)) {
		stage_close(&s);
		return 0;
	}
	if (!err)
		err = look_at(o, &s, s.price_e8, &first, error);
	if (!err && change(&s))
		err = look_at(o, &s, s.price_e8, &second, error);
	if (!err)
		err = same(&first, &second, scale, error);
	c->accounts += first.n;
	free(first.found);
	free(second.found);
	stage_close(&s);
	return err;
}

int law_scale(const struct law_options *o, struct law_counts *c, char error[512])
{
	return two_looks(o, c, error, scale_up, SCALE);
}

static bool turn_round(struct stage *s)
{
	for (size_t i = 0, j = s->accounts.accounts; i + 1 < j; i++) {
		struct fb_account_spec t = s->accounts.account[i];
		s->accounts.account[i] = s->accounts.account[--j];
		s->accounts.account[j] = t;
	}
	return true;
}

int law_order(const struct law_options *o, struct law_counts *c, char error[512])
{
	return two_looks(o, c, error, turn_round, 1);
}
