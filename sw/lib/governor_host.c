/* What the host tells the governor, and asks: the caps and their clock, the kill switch, what
 * confirmation found, and how much was refused. Nothing is decided here: the rules are in
 * governor.c. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "governor_ledger.h"

#include "pages.h"

#define RATE_ONE 10000000
#define SECOND_US 1000000

int fb_governor_open(const struct fb_book *book, const struct fb_governor_caps *caps,
		     uint32_t orders, struct fb_governor **out)
{
	assert(orders < 1u << 29);
	struct fb_governor *g = calloc(1, sizeof(*g));
	if (!g)
		return -ENOMEM;
	uint32_t size = 16;
	while (size / 2 < orders)
		size *= 2;
	g->book = book;
	g->caps = *caps;
	g->mask = size - 1;
	g->max = orders;
	g->free = g->about = FB_NONE;
	g->account = fb_pages(book->accounts_max + 1, sizeof(*g->account));
	g->reserved = fb_pages(book->rows_max + 1, sizeof(*g->reserved));
	g->open = fb_pages((size_t)orders + 1, sizeof(*g->open));
	g->after = calloc((size_t)orders + 1, sizeof(*g->after));
	g->place = fb_pages(size, sizeof(*g->place));
	g->settles = calloc(FB_SYMBOLS, sizeof(*g->settles));
	if (!g->account || !g->reserved || !g->open || !g->after || !g->place || !g->settles) {
		fb_governor_close(g);
		return -ENOMEM;
	}
	*out = g;
	return 0;
}

void fb_governor_close(struct fb_governor *g)
{
	if (!g)
		return;
	free(g->account);
	free(g->settles);
	free(g->reserved);
	free(g->open);
	free(g->after);
	free(g->place);
	free(g);
}

void fb_governor_worse(const struct fb_rules *rules, struct fb_governor_caps *caps)
{
	const struct fb_policy *p = &rules->policy;
	uint64_t last = RATE_ONE + p->last_try_e7, /* of a limit that is itself further away */
		slip = RATE_ONE + (p->limit == FB_LIMIT_SLIPPAGE ? p->limit_slip_e7 : 0),
		spread = p->limit == FB_LIMIT_FILLABLE ? p->fillable_spread_e7 : 0;
	caps->worse_e7 = (uint32_t)((last * slip + RATE_ONE - 1) / RATE_ONE - RATE_ONE);
	caps->worse_mm_e7 = (uint32_t)((last * spread + RATE_ONE - 1) / RATE_ONE);
}

void fb_governor_time(struct fb_governor *g, int64_t time_us)
{
	if (time_us / SECOND_US <= g->window)
		return; /* a clock that is set back must not empty the caps */
	g->window = time_us / SECOND_US;
	g->orders = 0;
	g->notional_e8 = 0;
}

void fb_governor_kill(struct fb_governor *g, bool kill)
{
	g->killed = kill;
}

void fb_governor_settles(struct fb_governor *g, uint16_t symbol)
{
	assert(symbol < FB_SYMBOLS);
	g->settles[symbol] = g->book->symbol[symbol].u;
}

void fb_governor_confirmed(struct fb_governor *g, uint32_t account, enum fb_confirmed found)
{
	assert(account < g->book->accounts);
	struct fb_governor_account *a = &g->account[account];
	a->confirmed = found;
	a->was_bankrupt |= a->held && found == FB_CONFIRMED_BANKRUPT;
}

void fb_governor_about(struct fb_governor *g, uint32_t account)
{
	g->about = account;
}

uint64_t fb_governor_refused(const struct fb_governor *g, enum fb_refusal reason)
{
	assert((unsigned)reason < FB_REFUSALS);
	return g->refused[reason];
}

const char *fb_refusal_name(enum fb_refusal reason)
{
	static const char *const names[] = {
		"none", "kill",	   "cap",   "id",   "unknown", "breach", "held", "sign",
		"size", "counter", "money", "full", "blocked", "price",
	};
	FB_STATIC_ASSERT(sizeof(names) / sizeof(names[0]) == FB_REFUSALS, "every refusal");
	return (unsigned)reason < FB_REFUSALS ? names[reason] : "?";
}
