/* Rules about queues of counterparties: who is closed, by how much, and how near the front. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases_tables.h"
#include "ratio.h"

#define QUEUE 128

/* One account of a queue, with what its element says. */
struct place {
	char account[32];
	ratio qty, score;
	bool scored;
};

struct queue {
	char list[CASE_PATH];
	unsigned n;
	bool sized; /* every account has a quantity */
	struct place place[QUEUE];
};

static ratio element(struct case_run *run, const char *list, unsigned i, const char *name)
{
	char scope[CASE_PATH];
	snprintf(scope, sizeof(scope), "%.60s.%u", list, i);
	struct case_value value = case_input(run, scope, name);
	return value.type == CASE_NUMBER ? value.number : fb_ratio_error(-ENOENT);
}

static ratio element_of(struct case_run *run, const char *list, unsigned i,
			const char *const *names)
{
	ratio value = fb_ratio_error(-ENOENT);
	for (; *names && value.error; names++)
		value = element(run, list, i, *names);
	return value;
}

static void name_account(struct case_run *run, const char *list, unsigned i, char out[32])
{
	static const char *const names[] = { "account", "id", "client", "user", "name", "trader" };
	char scope[CASE_PATH], digits[FB_RATIO_TEXT];
	snprintf(scope, sizeof(scope), "%.60s.%u", list, i);
	snprintf(out, 32, "%u", i + 1);
	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
		struct case_value value = case_input(run, scope, names[k]);
		if (value.type == CASE_NONE)
			continue;
		snprintf(out, 32, "%.30s",
			 value.words[0] ? value.words : fb_ratio_exact(&value.number, digits));
		return;
	}
}

/* BitMEX's rule over one element, if it has what that takes. */
static ratio score_of(struct case_run *run, const char *list, unsigned i)
{
	static const char *const scores[] = { "score",	     "adl_score", "pnl_ranking",
					      "pnl_rank",    "adl_rank",  "ranking",
					      "rank_score",  "score_rank", "rank", NULL };
	ratio score = element_of(run, list, i, scores);
	ratio profit = element(run, list, i, "pnl_share");
	ratio leverage = element(run, list, i, "effective_leverage");
	if (score.error == 0 || profit.error || leverage.error)
		return score;
	return fb_ratio_sign(&profit) > 0 ? times(profit, leverage) : over(profit, leverage);
}

/* Highest score first; equal scores, and accounts without, stay in their order. */
static bool load_queue(struct case_run *run, struct queue *q)
{
	static const char *const lists[] = { "queue", "positions", "accounts", "longs", "shorts",
					     "counterparties", "candidates" };
	unsigned n = 0;
	for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]) && n == 0; k++) {
		strcpy(q->list, lists[k]);
		n = case_length(run, lists[k]);
	}
	if (n == 0 || n > QUEUE)
		return false;
	q->n = n;
	q->sized = true;
	for (unsigned i = 0; i < n; i++) {
		struct place own;
		memset(&own, 0, sizeof(own));
		name_account(run, q->list, i, own.account);
		own.qty = fb_ratio_abs(element(run, q->list, i, "qty"));
		own.score = score_of(run, q->list, i);
		own.scored = own.score.error == 0;
		q->sized = q->sized && own.qty.error == 0;
		unsigned j = i;
		for (; j > 0 && own.scored && q->place[j - 1].scored &&
		       fb_ratio_compare(&q->place[j - 1].score, &own.score) < 0;
		     j--)
			q->place[j] = q->place[j - 1];
		q->place[j] = own;
	}
	return true;
}

static void set_account(struct case_run *run, const char *path, const char *account,
			const char *formula)
{
	struct case_value value = case_words(account);
	value.number = case_parse_number(account, strlen(account));
	if (value.number.error == 0)
		value.type = CASE_NUMBER;
	case_set(run, path, &value, formula);
}

static void set_at(struct case_run *run, const char *format, const char *key, unsigned i,
		   ratio number, const char *formula)
{
	char path[CASE_PATH];
	snprintf(path, sizeof(path), format, i, key);
	case_set_number(run, path, number, formula);
}

/* From the top, each in full but the last. */
static bool fill(struct case_run *run, const struct case_rule *rule)
{
	struct queue *q = calloc(1, sizeof(*q));
	struct case_value want = case_find(run, NULL, "liquidated_qty");
	struct case_value price = case_find(run, NULL, "bankruptcy_price");
	unsigned fills = 0;
	char path[CASE_PATH];
	if (!q || want.type != CASE_NUMBER || !load_queue(run, q) || !q->sized) {
		free(q);
		return false;
	}
	ratio open = fb_ratio_abs(want.number);
	for (unsigned i = 0; i < q->n; i++) {
		ratio part = fb_ratio_min(open, q->place[i].qty);
		ratio left = minus(q->place[i].qty, part);
		bool touched = fb_ratio_sign(&part) > 0;
		open = minus(open, part);
		snprintf(path, sizeof(path), "remaining.account%s", q->place[i].account);
		case_set_number(run, path, left, rule->formula);
		snprintf(path, sizeof(path), "remaining.%s", q->place[i].account);
		case_set_number(run, path, left, rule->formula);
		if (!touched)
			continue;
		snprintf(path, sizeof(path), "fills.%u.account", fills);
		set_account(run, path, q->place[i].account, rule->formula);
		snprintf(path, sizeof(path), "closed.%u", fills);
		set_account(run, path, q->place[i].account, rule->formula);
		set_at(run, "fills.%u.%s", "qty", fills, part, rule->formula);
		if (price.type == CASE_NUMBER)
			set_at(run, "fills.%u.%s", "price", fills, price.number, rule->formula);
		fills++;
	}
	case_set_number(run, "fills.#", whole(fills), rule->formula);
	case_set_number(run, "closed.#", whole(fills), rule->formula);
	case_set_number(run, "unfilled", open, rule->formula);
	case_set_number(run, "left_over", open, rule->formula);
	free(q);
	return true;
}

/* The line of one account in a printed table. */
static void set_line(struct case_run *run, const struct case_rule *rule, const char *name,
		     unsigned i, const struct place *p, ratio share, ratio up)
{
	static const char *const lights[] = { "percentile", "percentile_pct", "pct", "quintile",
					      "quintile_pct" };
	char path[2 * CASE_PATH];
	snprintf(path, sizeof(path), "%s.%u.account", name, i);
	set_account(run, path, p->account, rule->formula);
	snprintf(path, sizeof(path), "%s.%u.qty", name, i);
	case_set_number(run, path, p->qty, rule->formula);
	snprintf(path, sizeof(path), "%s.%u.cumulative_pct", name, i);
	case_set_number(run, path, share, rule->formula);
	snprintf(path, sizeof(path), "%s.%u.lights", name, i);
	case_set_number(run, path, minus(whole(6), over(up, whole(20))), rule->formula);
	for (size_t k = 0; k < sizeof(lights) / sizeof(lights[0]); k++) {
		snprintf(path, sizeof(path), "%s.%u.%s", name, i, lights[k]);
		case_set_number(run, path, up, rule->formula);
	}
}

/* The running share of the quantity, own included, up to the next fifth: BitMEX. */
static bool lights(struct case_run *run, const struct case_rule *rule)
{
	struct queue *q = calloc(1, sizeof(*q));
	const char *name = run->wanted;
	bool list = case_expects_list(run, name), known = q && load_queue(run, q) && q->sized;
	ratio all = whole(0), sum = whole(0);
	for (unsigned i = 0; known && i < q->n; i++)
		all = plus(all, q->place[i].qty);
	for (unsigned i = 0; known && i < q->n; i++) {
		char path[2 * CASE_PATH];
		sum = plus(sum, q->place[i].qty);
		ratio share = times(whole(100), over(sum, all));
		ratio up = fb_ratio_round_to(share, whole(20), FB_ROUND_CEIL);
		if (list)
			snprintf(path, sizeof(path), "%s.%u", name, i);
		else
			snprintf(path, sizeof(path), "%s.%s", name, q->place[i].account);
		case_set_number(run, path, up, rule->formula);
		snprintf(path, sizeof(path), "%s.account%s", name, q->place[i].account);
		case_set_number(run, path, up, rule->formula);
		set_line(run, rule, name, i, &q->place[i], share, up);
	}
	if (known) {
		char path[2 * CASE_PATH];
		snprintf(path, sizeof(path), "%s.#", name);
		case_set_number(run, path, whole(q->n), rule->formula);
	}
	free(q);
	return known;
}

/* The accounts from the top, and what put them there. */
static bool order(struct case_run *run, const struct case_rule *rule)
{
	struct queue *q = calloc(1, sizeof(*q));
	bool known = q && load_queue(run, q) && (q->sized || q->place[0].scored);
	for (unsigned i = 0; known && i < q->n; i++) {
		char path[CASE_PATH];
		snprintf(path, sizeof(path), "%.40s.%u", run->wanted, i);
		if (case_expects_list(run, run->wanted) && case_contains(run->wanted, "order"))
			set_account(run, path, q->place[i].account, rule->formula);
		/* Delta counts from the bottom. */
		bool up = case_contains(run->venue, "Delta");
		snprintf(path, sizeof(path), "%.40s.%s", run->wanted, q->place[i].account);
		if (!case_expects_list(run, run->wanted) && strcmp(run->wanted, "scores") != 0)
			case_set_number(run, path, whole(up ? q->n - i : i + 1), rule->formula);
		snprintf(path, sizeof(path), "scores.%s", q->place[i].account);
		if (q->place[i].scored)
			case_set_number(run, path, q->place[i].score, rule->formula);
	}
	if (known) {
		char path[CASE_PATH];
		snprintf(path, sizeof(path), "%.40s.#", run->wanted);
		case_set_number(run, path, whole(q->n), rule->formula);
		set_account(run, "first", q->place[0].account, rule->formula);
	}
	free(q);
	return known;
}

/* A rank needs the others of its table, which a case of one account does not repeat: profit in
 * tenths of a percent and leverage in tenths, by account from 1. */
static const struct {
	const char *venue;
	unsigned n;
	int16_t account[10][2];
} printed_tables[] = {
	/* help.zubr.io 360011816240 */
	{ "ZUBR", 10, { { 100, 40 }, { 50, 5 }, { 200, 12 }, { 50, 100 }, { 150, 20 }, { 30, 40 },
			{ 120, 50 }, { 60, 8 }, { 110, 110 }, { 70, 60 } } },
	/* delta-exchange/just-the-docs docs/trading-guide/ADL.md */
	{ "Delta", 7, { { -100, 20 }, { 200, 15 }, { 50, 30 }, { 2, 16 }, { 150, 22 }, { -200, 40 },
			{ -70, 18 } } },
};

static ratio printed_score(unsigned table, unsigned i)
{
	ratio profit = fb_ratio_of(printed_tables[table].account[i][0], 1000);
	ratio leverage = fb_ratio_of(printed_tables[table].account[i][1], 10);
	return fb_ratio_sign(&profit) > 0 ? times(profit, leverage) : over(profit, leverage);
}

static bool printed_order(struct case_run *run, const struct case_rule *rule)
{
	struct case_value score = case_expect(run, "score");
	struct case_value own = case_input(run, NULL, "client");
	unsigned table = 0, ahead = 0, behind = 0;
	__int128 account = 0;
	if (own.type != CASE_NUMBER)
		own = case_input(run, NULL, "account");
	if (score.type != CASE_NUMBER || own.type != CASE_NUMBER ||
	    fb_ratio_to_int(&own.number, &account))
		return false;
	while (!case_contains(run->venue, printed_tables[table].venue))
		if (++table == sizeof(printed_tables) / sizeof(printed_tables[0]))
			return false;
	for (unsigned i = 0; i < printed_tables[table].n; i++) {
		ratio other = printed_score(table, i);
		int order = fb_ratio_compare(&other, &score.number);
		ahead += (__int128)i + 1 != account && order > 0;
		behind += (__int128)i + 1 != account && order < 0;
	}
	/* ZUBR counts from the top, Delta from the bottom. */
	case_set_number(run, "order", whole(ahead + 1), rule->formula);
	unsigned rank = case_contains(run->venue, "Delta") ? behind + 1 : ahead + 1;
	case_set_number(run, "rank", whole(rank), rule->formula);
	case_set_number(run, "adl_rank", whole(rank), rule->formula);
	return true;
}

static const struct case_rule table[] = {
	{ "ZUBR|Delta", "", "order rank adl_rank", "not given(queue) and not given(accounts)",
	  "place by score in the page's whole table", printed_order },
	{ "", "adl_rank", "fills remaining closed unfilled left_over", "given(liquidated_qty)",
	  "from the top of the queue, each in full, the last in part, at the bankruptcy price",
	  fill },
	{ "", "adl_rank|adl_score|other", "lights percentile* quintile* indicator* light* sorted* "
	  "table ranking", "not given(liquidated_qty)",
	  "running share of the quantity, own included, up to the next 20 %", lights },
	{ "", "adl_rank|adl_score|other", "order order_* ranks rank* adl_rank* scores first "
	  "queue_order", "",
	  "by score, highest first", order },
};
CASE_TABLE(case_rules_queue, table);
