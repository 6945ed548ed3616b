/* See policy_accounts.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy_accounts.h"
#include "columns.h"

struct named {
	const char *user;
	size_t length;
	struct fb_winner winner;
};

static int by_user(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	size_t n = x->length < y->length ? x->length : y->length;
	int order = memcmp(x->user, y->user, n);
	return order != 0 ? order : (x->length > y->length) - (x->length < y->length);
}

/* The venue's queue ranks by profit / equity as far as the file tells: larger first. */
static int by_score(const void *a, const void *b)
{
	const struct fb_winner *x = a, *y = b;
	unsigned __int128 p = (unsigned __int128)x->profit_e8 * y->equity_e8,
			  q = (unsigned __int128)y->profit_e8 * x->equity_e8;
	if (p != q)
		return p > q ? -1 : 1;
	if (x->notional_e8 != y->notional_e8)
		return x->notional_e8 > y->notional_e8 ? -1 : 1;
	return x->id < y->id ? -1 : 1;
}

static int read_row(const struct fb_columns *t, const size_t column[4], size_t row,
		    struct named *out, struct fb_error *error)
{
	__int128 notional, profit, equity;
	int err = fb_columns_number(t, row, column[1], 8, &notional, error);
	if (!err)
		err = fb_columns_number(t, row, column[2], 8, &profit, error);
	if (!err)
		err = fb_columns_number(t, row, column[3], 8, &equity, error);
	if (err)
		return err;
	const __int128 most = (__int128)1 << 61;
	if (notional < 0 || notional >= most || profit >= most || profit <= -most ||
	    equity >= most || equity <= -most)
		return fb_error_set(error, -ERANGE,
				    "%s:%zu: expected money below 2^61 e-8, and notional not below "
				    "0",
				    t->text.name, row + 2);
	out->user = fb_columns_cell(t, row, column[0]);
	out->length = strcspn(out->user, ",\r\n");
	__int128 cash = equity > profit && profit > 0 ? equity - profit : 0;
	out->winner = (struct fb_winner){
		.cap = fb_winner_cap_e8((int64_t)equity, (int64_t)cash, (int64_t)profit),
		.profit_e8 = profit > 0 ? (uint64_t)profit : 0,
		.equity_e8 = equity > 0 ? (uint64_t)equity : 0,
		.notional_e8 = (uint64_t)notional,
		.lots = (uint64_t)notional / 100000000,
	};
	return 0;
}

static int read_rows(const struct fb_columns *t, struct fb_real_accounts *out,
		     struct fb_error *error)
{
	static const char *const names[4] = { "user", "adl_notional", "closed_pnl",
					      "account_value_realtime" };
	size_t column[4];
	int err = 0;
	for (int k = 0; k < 4 && !err; k++)
		err = fb_columns_column(t, names[k], &column[k], error);
	if (err)
		return err;
	struct named *named = calloc(t->rows + 1, sizeof(*named));
	out->winner = calloc(t->rows + 1, sizeof(*out->winner));
	if (!named || !out->winner)
		err = fb_error_set(error, -ENOMEM, "%s: out of memory", t->text.name);
	for (size_t i = 0; i < t->rows && !err; i++)
		err = read_row(t, column, i, &named[i], error);
	if (!err)
		qsort(named, t->rows, sizeof(*named), by_user);
	for (size_t i = 0; i < t->rows && !err; i++) {
		if (i > 0 && by_user(&named[i - 1], &named[i]) == 0)
			err = fb_error_set(error, -EINVAL,
					   "%s: expected one line for a user, found two of '%.*s'",
					   t->text.name, (int)named[i].length, named[i].user);
		out->winner[i] = named[i].winner;
		out->winner[i].id = i;
	}
	free(named);
	out->n = t->rows;
	if (err)
		return err;
	qsort(out->winner, out->n, sizeof(*out->winner), by_score);
	for (size_t i = 0; i < out->n; i++)
		out->winner[i].rank = i;
	return 0;
}

int fb_real_accounts_read(const char *path, struct fb_real_accounts *out, struct fb_error *error)
{
	struct fb_columns table;
	*out = (struct fb_real_accounts){ .n = 0 };
	int err = fb_columns_read(path, &table, error);
	if (err)
		return err;
	err = read_rows(&table, out, error);
	fb_columns_free(&table);
	if (err)
		fb_real_accounts_free(out);
	return err;
}

void fb_real_accounts_free(struct fb_real_accounts *accounts)
{
	free(accounts->winner);
	*accounts = (struct fb_real_accounts){ .n = 0 };
}

struct run {
	const struct fb_real_accounts *a;
	struct fb_policies *out;
	struct fb_sharer *sharer;
	struct fb_winner *lots; /* winners by whole lots */
	uint64_t *given, *count;
	uint64_t min_max_e9;
};

static void measure(struct run *r, const char *name)
{
	struct fb_policies *p = r->out;
	struct fb_policies_row *row = &p->row[p->rows++];
	snprintf(row->name, sizeof(row->name), "%s", name);
	fb_share_measure(r->a->winner, r->given, r->a->n, p->budget_e8, p->deficit_e8, p->loss_e8,
			 r->min_max_e9, &row->m);
}

/* A lot is a unit of notional, and takes from its holder what of its cap belongs to it, cut. */
static void whole_lots(struct run *r)
{
	for (size_t i = 0; i < r->a->n; i++) {
		r->lots[i] = r->a->winner[i];
		r->lots[i].cap = r->lots[i].lots;
		r->lots[i].lot_e8 = r->lots[i].lots ? r->a->winner[i].cap / r->lots[i].lots : 0;
	}
	fb_share_lots(r->sharer, r->out->budget_e8, r->lots, r->a->n, r->count);
	for (size_t i = 0; i < r->a->n; i++)
		r->given[i] = r->count[i] * r->lots[i].lot_e8;
}

/* WEALTH with what can be lost for a weight, as the published tables have it: who has less equity
 * than profit counts for its equity. */
static void by_caps(struct run *r)
{
	struct fb_share_rules rules;
	fb_share_preset(FB_SHARE_WEALTH, &rules);
	memcpy(r->lots, r->a->winner, r->a->n * sizeof(*r->lots));
	for (size_t i = 0; i < r->a->n; i++)
		r->lots[i].profit_e8 = r->lots[i].cap;
	fb_share(r->sharer, &rules, r->out->budget_e8, r->lots, r->a->n, r->given);
	measure(r, "wealth, by caps");
}

static void share_all(struct run *r)
{
	struct fb_share_rules rules;
	char name[32];
	fb_share_preset(FB_SHARE_MIN_MAX, &rules);
	fb_share(r->sharer, &rules, r->out->budget_e8, r->a->winner, r->a->n, r->given);
	measure(r, fb_share_name(FB_SHARE_MIN_MAX));
	r->min_max_e9 = r->out->row[0].m.haircut_equity_e9;
	r->out->rows = 0;
	for (unsigned kind = 0; kind < FB_SHARE_KINDS; kind++) {
		fb_share_preset((enum fb_share_kind)kind, &rules);
		if (kind == FB_SHARE_CAPPED)
			rules.cap_e7 = r->out->cap_e7;
		unsigned risks = kind == FB_SHARE_RISK ? FB_RISKS : 1;
		for (unsigned risk = 0; risk < risks; risk++) {
			snprintf(name, sizeof(name), "%s", fb_share_name((enum fb_share_kind)kind));
			if (risks > 1) {
				rules.risk = risk;
				snprintf(name, sizeof(name), "risk, %s",
					 fb_share_risk_name((enum fb_share_risk)risk));
			}
			if (kind == FB_SHARE_FIXED_POINT)
				whole_lots(r);
			else
				fb_share(r->sharer, &rules, r->out->budget_e8, r->a->winner,
					 r->a->n, r->given);
			measure(r, name);
			if (kind == FB_SHARE_WEALTH)
				by_caps(r);
		}
	}
}

int fb_policies_run(const struct fb_real_accounts *accounts, struct fb_policies *out,
		    struct fb_error *error)
{
	struct run r = { .a = accounts, .out = out };
	unsigned __int128 caps = 0;
	out->accounts = accounts->n;
	out->rows = 0;
	for (size_t i = 0; i < accounts->n; i++)
		caps += accounts->winner[i].cap;
	if ((caps | out->budget_e8 | out->deficit_e8 | out->loss_e8) >> 62 != 0)
		return fb_error_set(error, -ERANGE, "policies: expected sums below 2^62 e-8");
	out->caps_e8 = (uint64_t)caps;
	r.given = calloc(accounts->n + 1, sizeof(*r.given));
	r.count = calloc(accounts->n + 1, sizeof(*r.count));
	r.lots = calloc(accounts->n + 1, sizeof(*r.lots));
	int err = !r.given || !r.count || !r.lots ? -ENOMEM
						  : fb_sharer_open(accounts->n, &r.sharer);
	if (!err)
		share_all(&r);
	else
		fb_error_set(error, err, "policies: out of memory");
	fb_sharer_close(r.sharer);
	free(r.given);
	free(r.count);
	free(r.lots);
	return err;
}
