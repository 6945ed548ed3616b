/* Reads the log of a run and asks of every step that closed something of a held account: has it
 * more now, at the mark, than before?
 *
 * It may not, but for two reasons that are nobody's gift: the book paid more than the mark for what
 * was reduced, and a debt that is forgiven (from below zero up to zero). Own trades and deposits
 * are left out. Where a pack deleverages at a price that is neither the mark nor the bankruptcy
 * price, what a pair pays beyond the mark is the venue's rule, too.
 *
 * The log is read as bytes by the format in <firebreak/log.h>; waterfall and planner have no part
 * in it. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/log.h>

#include "laws.h"

#define ROUNDING 2 /* units of 1e-8, for each trade */

struct touched {
	uint32_t account; /* index */
	__int128 before_e8;
	unsigned trades;
};

struct gain {
	struct fb_book *book;
	struct fb_rules *rules;
	struct law_counts *counts;
	struct touched *touched;
	size_t n;
	bool *own;	      /* by account: an own trade or deposit is among the events */
	__int128 *paid_e8;    /* by account: what the venue paid beyond the mark */
	struct fb_error error;
	char *text;
};

static int wrong(struct gain *g, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(g->text, 512, format, args);
	va_end(args);
	return -1;
}

static __int128 wide(struct fb_i128 v)
{
	return (__int128)((unsigned __int128)(uint64_t)v.hi << 64 | v.lo);
}

static __int128 equity_of(const struct gain *g, uint32_t account)
{
	struct fb_view view;
	struct fb_sums sums = { 0 };
	if (fb_book_view(g->book, account, FB_NOW, &view) == 0)
		fb_value_exact(g->book, &view, &sums);
	return sums.equity_e8;
}

/* Does the pack let such a trade be better than the mark? */
static bool may_pay_more(const struct gain *g, const struct fb_event *e)
{
	if (e->kind == FB_EVENT_FILL)
		return true;
	if (e->kind != FB_EVENT_DONE || e->verb != FB_VERB_ADL_PAIR)
		return false;
	return g->rules->adl.siblings == FB_SIBLINGS_AVERAGE ||
	       (g->rules->adl.price != FB_ADL_AT_BANKRUPTCY &&
		g->rules->adl.price != FB_ADL_AT_MARK);
}

static void take_event(struct gain *g, const struct fb_event *e)
{
	uint32_t account = fb_book_account_index(g->book, e->account);
	if (account == FB_NONE)
		return;
	if (e->kind == FB_EVENT_USER_FILL || e->kind == FB_EVENT_DEPOSIT)
		g->own[account] = true;
	if (!may_pay_more(g, e) || e->symbol >= FB_SYMBOLS)
		return;
	uint64_t lots = (uint64_t)(e->qty < 0 ? -e->qty : e->qty);
	__int128 mark = (__int128)((unsigned __int128)lots * g->book->symbol[e->symbol].u >>
				   FB_U_FRACTION_BITS),
		 more = wide(e->value_e8) - (e->qty < 0 ? -mark : mark);
	if (more > 0)
		g->paid_e8[account] += more;
}

static void take_events(struct gain *g, const struct fb_log_entry *entry)
{
	struct fb_event event;
	memset(g->own, 0, g->book->accounts_max * sizeof(*g->own));
	memset(g->paid_e8, 0, g->book->accounts_max * sizeof(*g->paid_e8));
	for (size_t at = sizeof(int64_t); at + sizeof(event) <= entry->length;
	     at += sizeof(event)) {
		memcpy(&event, entry->payload + at, sizeof(event));
		take_event(g, &event);
	}
}

/* The account of a command that trades or moves money; before the command. */
static void touch(struct gain *g, const union fb_command *c)
{
	uint32_t account = fb_book_account_index(g->book, c->header.account);
	if ((c->header.op != FB_OP_FILL && c->header.op != FB_OP_COLLATERAL) ||
	    account == FB_NONE)
		return;
	for (size_t i = 0; i < g->n; i++)
		if (g->touched[i].account == account) {
			g->touched[i].trades++;
			return;
		}
	g->touched[g->n++] = (struct touched){ account, equity_of(g, account), 1 };
}

static int compare(struct gain *g, const struct touched *t)
{
	const struct fb_book_account *a = &g->book->account[t->account];
	__int128 after = equity_of(g, t->account), most = t->before_e8 + g->paid_e8[t->account];
	if (a->role != FB_ROLE_USER || !a->held || g->own[t->account])
		return 0;
	g->counts->steps++;
	if (t->before_e8 < 0 && most < 0)
		most = 0;
	if (after <= most + ROUNDING * (__int128)t->trades)
		return 0;
	return wrong(g, "account %u has %lld more after a step of its liquidation (command %llu)",
		     a->id, (long long)(after - most), (unsigned long long)g->book->seq);
}

static int take_command(struct gain *g, const union fb_command *c)
{
	int err = 0;
	touch(g, c);
	if (fb_book_apply(g->book, c, &g->error))
		return wrong(g, "%.200s", g->error.text);
	if (c->header.flags & FB_FLAG_MORE)
		return 0;
	for (size_t i = 0; i < g->n && !err && g->book->sealed; i++)
		err = compare(g, &g->touched[i]);
	g->n = 0;
	return err;
}

static int take(struct gain *g, const struct fb_log_entry *entry)
{
	union fb_command command;
	struct fb_notice notice;
	switch (entry->type) {
	case FB_LOG_LOADED: fb_book_seal(g->book); return 0;
	case FB_LOG_EVENTS: take_events(g, entry); return 0;
	case FB_LOG_COMMAND:
		memcpy(&command, entry->payload, sizeof(command));
		return take_command(g, &command);
	case FB_LOG_NOTICE:
		memcpy(&notice, entry->payload, sizeof(notice));
		g->counts->liquidated += notice.kind == FB_NOTICE_LIQUIDATED;
		return 0;
	case FB_LOG_END:
		return fb_book_conserved_full(g->book, &g->error)
			       ? wrong(g, "%.200s", g->error.text)
			       : 0;
	default: return 0;
	}
}

static int read_all(struct gain *g, struct fb_log *log)
{
	struct fb_log_entry entry;
	int got = 1, err = 0;
	while (!err && (got = fb_log_peek(log, &entry, &g->error)) > 0) {
		err = take(g, &entry);
		if (!err && fb_log_put(log, entry.type, entry.seq, entry.payload, entry.length,
				       &g->error))
			got = -1;
		if (got < 0)
			break;
	}
	return !err && got < 0 ? wrong(g, "%.200s", g->error.text) : err;
}

static int open_parts(struct gain *g, const struct fb_log_config *config)
{
	g->touched = calloc((size_t)config->accounts + 1, sizeof(*g->touched));
	g->own = calloc((size_t)config->accounts + 1, sizeof(*g->own));
	g->paid_e8 = calloc((size_t)config->accounts + 1, sizeof(*g->paid_e8));
	if (!g->touched || !g->own || !g->paid_e8)
		return -1;
	return fb_book_open(config->accounts, config->rows, 0, &g->book);
}

int law_gain_audit(const char *path, struct law_counts *c, char error[512])
{
	struct gain g = { .counts = c, .text = error, .rules = malloc(sizeof(*g.rules)) };
	struct fb_log_config config;
	struct fb_log *log = NULL;
	int err = -1;
	if (g.rules)
		err = fb_log_open(path, g.rules, &config, &log, &g.error);
	if (err)
		wrong(&g, "cannot read the log: %.200s", g.error.text);
	else if (open_parts(&g, &config))
		err = wrong(&g, "out of memory");
	else
		err = read_all(&g, log);
	fb_log_close(log, NULL);
	fb_book_close(g.book);
	free(g.touched);
	free(g.own);
	free(g.paid_e8);
	free(g.rules);
	return err ? -1 : 0;
}
