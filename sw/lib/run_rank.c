/* See run_rank.h. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adl_internal.h"
#include "rank_internal.h"
#include "run_host.h"
#include "waterfall_internal.h"

int fb_rankings_open(struct fb_rankings *k, unsigned most, uint32_t rows)
{
	memset(k, 0, sizeof(*k));
	k->most = k->left = most;
	if (most == 0)
		return 0;
	k->row = calloc((size_t)rows + 1, sizeof(*k->row));
	k->named = calloc((size_t)rows + 1, sizeof(*k->named));
	int err = fb_ranker_open(rows + 1, FB_RANKINGS_PAGE, &k->ranker);
	return k->row && k->named ? err : -ENOMEM;
}

void fb_rankings_close(struct fb_rankings *k)
{
	fb_ranker_close(k->ranker);
	free(k->row);
	free(k->named);
}

/* ---- what the plan took ---- */

/* One ranking of the newest round, as it still stands in the planner. */
struct planned {
	struct fb_adl_entry *const *entry;
	uint32_t n, depth; /* ranked; down to the last that was taken */
};

static struct planned plan_of(const struct fb_waterfall *w, uint32_t ranking)
{
	const struct fb_adl *adl = w->adl;
	struct planned p = { .entry = adl->by_rank.entry + adl->first[ranking],
			     .n = adl->first[ranking + 1] - adl->first[ranking] };
	for (p.depth = p.n; p.depth > 0; p.depth--) {
		const struct fb_adl_entry *e = p.entry[p.depth - 1];
		const struct fb_adl_row *after = &adl->row[e->row];
		if (after->round == adl->round && after->qty != w->book->row[e->row].qty)
			break;
	}
	return p;
}

/* The plan ranked this account's rows. */
static bool in_plan(const struct fb_adl *adl, uint32_t account)
{
	return adl->account[account].round == adl->round && adl->account[account].ranked;
}

static bool card_leaves_out(const struct fb_host *h, const struct fb_adl_entry *e)
{
	union fb_record unused;
	return e->terms.score.notional_e8 == 0 || h->book->account[e->account].host_judged ||
	       !fb_rankings_nominee(h, e->row, 0, &unused);
}

/* ---- the book's side of a ranking ---- */

static void gather(struct fb_host *h, uint16_t symbol, uint8_t side)
{
	struct fb_rankings *k = &h->rankings;
	const struct fb_book *book = h->book;
	k->rows = 0;
	for (uint32_t i = 0; i < book->rows; i++) {
		struct fb_rank_row *row = &k->row[k->rows].rank;
		if (book->row[i].symbol != symbol || book->row[i].qty == 0 ||
		    (book->row[i].qty < 0) != side ||
		    fb_rank_row(book, i, h->rules->liquidate_level, row) || row->excluded)
			continue;
		row->key = fb_rank_key(k->request.formula, row);
		k->row[k->rows++].index = i;
	}
}

/* How many rows come no later than the last that the plan took, as far as the card can know. */
static uint32_t rows_wanted(const struct fb_host *h, const struct planned *p)
{
	const struct fb_rankings *k = &h->rankings;
	struct fb_rank_row last;
	uint32_t depth = p->depth, n = 0;
	while (depth > 0 && (fb_rank_row(h->book, p->entry[depth - 1]->row,
					 h->rules->liquidate_level, &last) ||
			     last.excluded))
		depth--;
	for (uint32_t i = 0; i < k->rows && depth > 0; i++)
		n += fb_rank_compare(k->request.formula, &k->row[i].rank, &last) <= 0;
	return n;
}

/* ---- the two orders ---- */

static int orders_differ(struct fb_host *h, uint32_t row, const char *how)
{
	union fb_command fence = { .fence = { .op = FB_OP_FENCE } };
	const struct fb_book_row *r = &h->book->row[row];
	uint32_t account = h->book->account[r->account].id;
	union fb_record record = { .nominee = { .seq = h->book->seq,
						.kind = FB_REC_NOMINEE,
						.account = account,
						.position = r->id } };
	if (h->divergence.first == 0) {
		h->divergence.first = h->divergence.last = h->book->seq;
		snprintf(h->divergence.text, sizeof(h->divergence.text),
			 "a round's ranking of symbol %u, %s: account %u, position %u: %s",
			 r->symbol, r->qty < 0 ? "short" : "long", account, r->id, how);
	}
	int err = fb_host_fault(h, &record);
	if (!err)
		err = fb_host_command(h, &fence, false); /* it is judged now */
	return err ? err : fb_host_drain(h, 0);
}

static bool same(const struct fb_adl_terms *terms, const struct fb_rank_row *card)
{
	const struct fb_adl_score *plan = &terms->score;
	return plan->account_id == card->account && plan->position_id == card->position &&
	       plan->profit_e8 == card->pnl_e8 && plan->equity_e8 == card->equity_e8 &&
	       plan->notional_e8 == card->notional_e8 && terms->mm_e15 == card->mm_e15 &&
	       terms->row_mm_e15 == card->row_mm_e15;
}

static int compare(struct fb_host *h, const struct planned *p)
{
	size_t n;
	uint32_t at = 0;
	const struct fb_rank_row *card = fb_ranker_rows(h->rankings.ranker, &n);
	for (size_t i = 0; i < n; i++) {
		uint32_t row = fb_book_row_index(h->book, card[i].position),
			 account = h->book->row[row].account;
		if (card[i].notional_e8 == 0 || h->book->account[account].host_judged)
			continue;
		if (!in_plan(h->waterfall->adl, account)) {
			if (!h->waterfall->held[account])
				return orders_differ(h, row, "not in the plan");
			continue;
		}
		for (; at < p->n && p->entry[at]->row != row; at++)
			if (!card_leaves_out(h, p->entry[at]))
				return orders_differ(h, p->entry[at]->row,
						     "the plan ranks it higher");
		if (at == p->n || !same(&p->entry[at]->terms, &card[i]))
			return orders_differ(h, row, "the plan ranks it lower, or otherwise");
		at++;
	}
	for (; at < p->depth; at++)
		if (!card_leaves_out(h, p->entry[at]))
			return orders_differ(h, p->entry[at]->row, "in the plan alone");
	return 0;
}

/* ---- questions ---- */

static int ask(struct fb_host *h, const union fb_command *question, bool searching)
{
	struct fb_rankings *k = &h->rankings;
	k->command = *question;
	k->searching = searching;
	k->asked = true;
	int err = fb_host_command(h, &k->command, false);
	return err ? err : fb_host_drain(h, 0);
}

static int lookup(void *context, uint32_t position, struct fb_rank_row *out)
{
	const struct fb_host *h = context;
	uint32_t row = fb_book_row_index(h->book, position);
	return row == FB_NONE ? -ENOENT
			      : fb_rank_row(h->book, row, h->rules->liquidate_level, out);
}

/* A histogram was wrong: whose rows are missing, or too many. */
static int search(struct fb_host *h)
{
	struct fb_rankings *k = &h->rankings;
	union fb_command c;
	if (k->from == k->below)
		return 0;
	fb_rank_ask(&k->request, FB_RANK_SELECT, 0, k->from, k->below, &c);
	return ask(h, &c, true);
}

/* The ranker ended for no reason that was told. Where the host judges somebody that may be him. */
static int unexplained(struct fb_host *h)
{
	union fb_record r = { .rank_hist = { .seq = h->book->seq, .kind = FB_REC_RANK_HIST } };
	if (h->rankings.state == -ENOTSUP) /* it need not be asked again */
		h->rankings.most = h->rankings.left = 0;
	bool refused = h->rankings.state == -ENOTSUP || h->rankings.state == -EPROTO;
	return refused || h->confirm.host_judged > 0 ? 0 : fb_host_fault(h, &r);
}

static int rank(struct fb_host *h, uint32_t ranking)
{
	struct fb_rankings *k = &h->rankings;
	struct planned p = plan_of(h->waterfall, ranking);
	union fb_command c;
	k->request = (struct fb_rank_request){
		.symbol = (uint16_t)(ranking / 2),
		.side = ranking & 1,
		.exclude_level = (uint8_t)h->rules->liquidate_level,
		.class_mask = 7,
		.formula = &h->waterfall->order.formula[ranking & 1],
		.lots = UINT64_MAX,
	};
	gather(h, k->request.symbol, k->request.side);
	k->request.rows = rows_wanted(h, &p);
	if (k->request.rows == 0)
		return 0;
	k->left--;
	k->next = (ranking + 1) % FB_ADL_RANKINGS;
	k->wrong = false;
	k->from = k->below = 0;
	k->state = fb_ranker_start(k->ranker, &k->request, lookup, h);
	int err = 0;
	while (!err && !k->wrong && k->state == 0 && fb_ranker_next(k->ranker, &c) == 1)
		err = ask(h, &c, false);
	if (err)
		return err;
	if (k->wrong)
		return search(h);
	if (h->waterfall->adl->round != k->round)
		return 0; /* the plan is gone */
	return k->state ? unexplained(h) : compare(h, &p);
}

int fb_host_rank(struct fb_host *h)
{
	struct fb_rankings *k = &h->rankings;
	const struct fb_adl *adl = h->waterfall->adl;
	if (k->busy || adl->round == k->round)
		return 0;
	if (k->left == 0 || h->replaying || !h->waterfall->order.card) {
		k->round = adl->round; /* later it would not be the book that was planned on */
		return 0;
	}
	k->busy = true;
	int err = fb_host_drain(h, 0);
	/* While answers are taken up the host may plan another round, on the same state. */
	while (!err && adl->round != k->round) {
		k->round = adl->round;
		/* Where not all are asked for, each has its turn. */
		for (uint32_t i = 0, from = k->next; i < FB_ADL_RANKINGS && !err; i++) {
			uint32_t r = (from + i) % FB_ADL_RANKINGS;
			if (adl->wanted[r] && adl->round == k->round && k->left > 0 &&
			    !h->confirm.everyone)
				err = rank(h, r);
		}
	}
	k->busy = false;
	return err;
}
