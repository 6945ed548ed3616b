/* The laws that take a whole run: see laws.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "laws.h"

#include "../../sw/lib/run_marks.h"

static int run_once(const struct law_options *o, const char *accounts, const char *out,
		    const char *kind, struct fb_summary *summary, char error[512])
{
	char marks[64], market[32];
	const char *paths[] = { marks };
	struct fb_run_options r = { .rules = o->pack, .marks = paths, .marks_n = 1,
				    .accounts = accounts, .engine = o->engine, .out = out,
				    .market = market, .fund_e8 = -1, .ahead = 2, .audit = true };
	struct fb_divergence divergence = { .first = 0 };
	struct fb_error e = { "" };
	char note[128];
	snprintf(marks, sizeof(marks), "gen:crash,seed=%llu,minutes=2",
		 (unsigned long long)o->seed);
	snprintf(market, sizeof(market), "%s,seed=%llu", kind,
		 (unsigned long long)o->seed);
	if (fb_run(&r, summary, &divergence, note, &e)) {
		snprintf(error, 512, "run: %.400s", e.text);
		return -1;
	}
	if (!summary->conserved || summary->differences || divergence.first) {
		snprintf(error, 512, "run: value not conserved, or the engine differs: %.300s",
			 divergence.text);
		return -1;
	}
	return 0;
}

static int replay_once(const char *log, uint64_t seed, char error[512])
{
	struct fb_replay_options r = { .log = log, .engine = "model:", .delay_seed = seed };
	struct fb_summary summary;
	struct fb_divergence divergence;
	struct fb_error e = { "" };
	char note[128];
	if (fb_replay(&r, &summary, &divergence, note, &e) == 0)
		return 0;
	snprintf(error, 512, "replay: %.400s", e.text);
	return -1;
}

int law_no_gain(const struct law_options *o, struct law_counts *c, char error[512])
{
	struct fb_summary summary;
	char log[300], accounts[64];
	snprintf(log, sizeof(log), "%s/firebreak.log", o->directory);
	snprintf(accounts, sizeof(accounts), "gen:150,seed=%llu", (unsigned long long)o->seed);
	int err = run_once(o, accounts, o->directory, "calm", &summary, error);
	if (!err)
		err = replay_once(log, o->seed, error);
	return err ? err : law_gain_audit(log, c, error);
}

/* ---- the order of a file's lines ---- */

static void write_position(FILE *f, const struct fb_rules *rules, const struct fb_account_spec *a,
			   const struct fb_position_spec *p)
{
	const struct fb_symbol *symbol = &rules->symbol[p->symbol];
	bool negative = (p->qty < 0) != (symbol->type == FB_INVERSE);
	unsigned __int128 units_e8 =
		(unsigned __int128)(p->qty < 0 ? -p->qty : p->qty) * symbol->lot_e8;
	uint64_t cost_e8 = (uint64_t)(p->entry_e8 < 0 ? -p->entry_e8 : p->entry_e8);
	fprintf(f, "position,%u,%u,%s,%s%llu.%08llu,,%llu.%08llu\n", p->id, a->id, symbol->name,
		negative ? "-" : "", (unsigned long long)(units_e8 / 100000000),
		(unsigned long long)(units_e8 % 100000000),
		(unsigned long long)(cost_e8 / 100000000),
		(unsigned long long)(cost_e8 % 100000000));
}

static void write_account(FILE *f, const struct fb_rules *rules, const struct fb_accounts *all,
			  const struct fb_account_spec *a)
{
	static const char *const mode[] = { "cross", "isolated", "hedge" };
	int64_t own_e8 = a->collateral_e8;
	uint64_t magnitude = (uint64_t)(own_e8 < 0 ? -own_e8 : own_e8);
	fprintf(f, "account,%u,%u,user,%s,%s%llu.%08llu\n", a->id, a->owner, mode[a->mode],
		own_e8 < 0 ? "-" : "", (unsigned long long)(magnitude / 100000000),
		(unsigned long long)(magnitude % 100000000));
	for (size_t i = 0; i < a->positions; i++)
		write_position(f, rules, a, &all->position[a->first + i]);
}

static int write_accounts(const char *path, const struct fb_rules *rules,
			  const struct fb_accounts *all, bool turned)
{
	FILE *f = fopen(path, "w");
	if (!f)
		return -1;
	for (size_t i = 0; i < all->accounts; i++)
		write_account(f, rules, all,
			      &all->account[turned ? all->accounts - 1 - i : i]);
	return fclose(f);
}

static int same_file(const char *a, const char *b)
{
	FILE *x = fopen(a, "rb"), *y = fopen(b, "rb");
	int c = 0, d = 0;
	while (x && y && c == d && c != EOF) {
		c = getc(x);
		d = getc(y);
	}
	bool same = x && y && c == d;
	if (x)
		fclose(x);
	if (y)
		fclose(y);
	return same ? 0 : -1;
}

static int make_accounts(const struct law_options *o, struct fb_rules *rules,
			 struct fb_accounts *accounts, struct fb_error *e)
{
	static uint64_t price_e8[FB_SYMBOLS];
	const char *path = "gen:crash,seed=1,minutes=1";
	struct fb_marks_options marks = { .paths = &path, .paths_n = 1 };
	uint64_t instants;
	char text[64];
	int err = fb_rules_load(o->pack, rules, e);
	if (!err)
		err = fb_marks_survey(rules, &marks, price_e8, &instants, e);
	snprintf(text, sizeof(text), "gen:100,seed=%llu", (unsigned long long)o->seed);
	return err ? err : fb_accounts_load(text, rules, price_e8, accounts, e);
}

int law_run_order(const struct law_options *o, struct law_counts *c, char error[512])
{
	struct fb_rules *rules = malloc(sizeof(*rules));
	struct fb_accounts accounts = { 0 };
	struct fb_summary summary;
	struct fb_error e = { "out of memory" };
	char csv[300], out[2][300], orders[2][400];
	int err = rules ? make_accounts(o, rules, &accounts, &e) : -1;
	if (err)
		snprintf(error, 512, "accounts: %.400s", e.text);
	for (int i = 0; i < 2 && !err; i++) {
		snprintf(csv, sizeof(csv), "%s/accounts.csv", o->directory);
		snprintf(out[i], sizeof(out[i]), "%s/order%d", o->directory, i);
		snprintf(orders[i], sizeof(orders[i]), "%.299s/orders.csv", out[i]);
		err = write_accounts(csv, rules, &accounts, i == 1);
		if (err)
			snprintf(error, 512, "%s: cannot be written", csv);
		else
			err = run_once(o, csv, out[i], "still", &summary, error);
	}
	c->accounts += accounts.accounts;
	if (!err && same_file(orders[0], orders[1])) {
		snprintf(error, 512, "orders of the two runs differ");
		err = -1;
	}
	fb_accounts_free(&accounts);
	free(rules);
	return err;
}
