/* See hostile.h. */
#include "hostile.h"

#include <stdlib.h>
#include <string.h>

#include "../../sw/lib/mix.h"

static uint32_t draw(struct hostile *h, uint32_t below)
{
	return fb_mix_below(fb_mix(h->seed * 77 + h->n++), below);
}

static int send(struct fb_venue *venue, const struct fb_order *order)
{
	struct hostile *h = (struct hostile *)venue;
	h->last = *order;
	return h->inner->ops->send(h->inner, order);
}

static void lie(struct hostile *h, struct fb_event *e)
{
	memset(e, 0, sizeof(*e));
	e->id = h->last.id;
	e->account = h->last.account;
	e->position = h->last.position;
	e->symbol = h->last.symbol;
	e->number = 1;
	switch (draw(h, 9)) {
	case 0: /* nobody sent it */
		e->kind = (uint8_t)(FB_EVENT_DONE + draw(h, 3));
		e->id.index += 1000000;
		break;
	case 1: /* the wrong sign */
		e->kind = FB_EVENT_FILL;
		e->qty = h->last.qty > 0 ? -1 : 1;
		break;
	case 2: /* more than was asked */
		e->kind = FB_EVENT_FILL;
		e->qty = h->last.qty * 2 + (h->last.qty < 0 ? -1 : 1);
		break;
	case 3:
		e->kind = FB_EVENT_FILL;
		e->qty = h->last.qty;
		e->number = draw(h, 2) ? 0 : 65;
		break;
	case 4: /* much worse than the limit */
		e->kind = FB_EVENT_FILL;
		e->qty = h->last.qty;
		e->value_e8 = (struct fb_i128){ .hi = -1 };
		break;
	case 5:
		e->kind = FB_EVENT_USER_FILL;
		e->account = 0xfffffff1u;
		break;
	case 6:
		e->kind = FB_EVENT_DEPOSIT;
		e->account = 0;
		break;
	case 7:
		e->kind = FB_EVENT_DEPTH;
		e->qty = -1;
		break;
	default: e->kind = (uint8_t)(7 + draw(h, 249));
	}
}

static bool own(const struct fb_event *e)
{
	return e->kind == FB_EVENT_USER_FILL || e->kind == FB_EVENT_DEPOSIT;
}

/* The events of the inner venue from `from` on; some are kept back. An account's own events stay in
 * order: once one is kept, later ones are. */
static int keep_back(struct hostile *h, struct fb_event *out, int n)
{
	int kept = 0;
	for (int i = 0; i < n; i++) {
		bool keep = false;
		for (size_t k = 0; own(&out[i]) && k < h->keeping; k++)
			keep = keep || h->kept[k].account == out[i].account;
		if (own(&out[i]) && !keep)
			keep = h->keeps && draw(h, 2);
		if (keep && h->keeping < KEPT_MAX)
			h->kept[h->keeping++] = out[i];
		else
			out[kept++] = out[i];
	}
	return kept;
}

static int let_go(struct hostile *h, struct fb_event *out, int n, int room)
{
	size_t go = h->keeping > 0 && draw(h, 6) == 0 ? 1 + draw(h, (uint32_t)h->keeping) : 0;
	for (size_t i = 0; i < go && n < room; i++) {
		out[n++] = h->kept[0];
		memmove(h->kept, h->kept + 1, --h->keeping * sizeof(h->kept[0]));
	}
	return n;
}

static struct fb_event trade(const struct hostile *h, uint32_t row, int64_t qty, uint8_t kind,
			     __int128 value_e8)
{
	const struct fb_book *book = h->host->book;
	return (struct fb_event){
		.account = book->account[book->row[row].account].id,
		.position = book->row[row].id,
		.symbol = book->row[row].symbol,
		.kind = kind,
		.qty = qty,
		.value_e8 = fb_i128_of(value_e8),
	};
}

static uint32_t find_in_state(const struct hostile *h, uint32_t from, enum fb_state state)
{
	const struct fb_book *book = h->host->book;
	for (uint32_t i = 0; i < book->accounts; i++) {
		uint32_t k = (from + i) % book->accounts;
		if (fb_waterfall_state(h->host->waterfall, k) == state &&
		    book->account[k].role == FB_ROLE_USER && book->account[k].first != FB_NONE)
			return k;
	}
	return FB_NONE;
}

/* Much, so that it recovers; or from a tenth of its maintenance margin out to a third in. */
static __int128 deposit_for(struct hostile *h, uint32_t account)
{
	struct fb_view view;
	struct fb_sums sums = { 0 };
	if (fb_book_view(h->host->book, account, FB_NOW, &view) == 0)
		fb_value_exact(h->host->book, &view, &sums);
	__int128 mm = sums.mm_e15 / 10000000;
	if (mm == 0)
		return draw(h, 2) ? 1000 : -1000;
	return draw(h, 4) == 0 ? 10 * mm : mm * ((int)draw(h, 45) - 10) / 100;
}

/* An account that is closed, or flat and being settled, buys something with a deposit of a part of
 * its maintenance margin, or only deposits or withdraws; one in another state deposits: much, so
 * that it recovers, or little. */
static int haunt(struct hostile *h, struct fb_event *out, int n)
{
	static const uint8_t states[] = { FB_CLOSED,   FB_CLOSED,   FB_SETTLING,  FB_SETTLING,
					  FB_REDUCING, FB_REDUCING, FB_CLEARED,	  FB_CLEARING,
					  FB_CLEARING, FB_RELEASING, FB_STUCK,	  FB_CANCELLING };
	const struct fb_book *book = h->host->book;
	enum fb_state state = (enum fb_state)states[draw(h, sizeof(states))];
	if (h->prefer != FB_STATES && draw(h, 2))
		state = h->prefer;
	uint32_t account = find_in_state(h, draw(h, book->accounts), state);
	if (account == FB_NONE)
		return n;
	uint32_t row = book->account[account].first;
	uint16_t symbol = book->row[row].symbol;
	uint64_t u = book->symbol[symbol].u;
	bool flat = book->account[account].rows_live == 0;
	if (!flat || draw(h, 3) == 0) {
		out[n++] = trade(h, row, 0, FB_EVENT_DEPOSIT, deposit_for(h, account));
		return n;
	}
	/* From calm to bankrupt, by way of each level. */
	static const uint8_t ratios[] = { 60, 78, 82, 87, 88, 92, 93, 96, 99, 130 };
	struct fb_row_value value;
	fb_value_row(&book->ladder[book->symbol[symbol].ladder], 1000, u, 0, &value);
	out[n++] = trade(h, row, 0, FB_EVENT_DEPOSIT,
			 value.mm_e15 / 100000 / ratios[draw(h, sizeof(ratios))] -
				 book->account[account].collateral_e8);
	out[n++] = trade(h, row, 1000, FB_EVENT_USER_FILL, value.value_e8);
	h->ghost_account = account;
	h->ghost_row = row;
	h->ghost_left = 200;
	return n;
}

/* What is left of the trade goes back, so that no position stays that the inner venue lacks. */
static int exorcise(struct hostile *h, struct fb_event *out, int n)
{
	const struct fb_book_row *row = &h->host->book->row[h->ghost_row];
	if (h->ghost_left-- > 0 && draw(h, 50))
		return n;
	uint64_t u = h->host->book->symbol[row->symbol].u;
	if (row->qty != 0)
		out[n++] = trade(h, h->ghost_row, -row->qty, FB_EVENT_USER_FILL,
				 -((__int128)row->qty * (__int128)u >> FB_U_FRACTION_BITS));
	h->ghost_row = FB_NONE;
	return n;
}

/* Own events are numbered here, since some are made up here. One told twice by the inner venue
 * would become two: it is left out. */
static int renumber(struct hostile *h, struct fb_event *out, int n)
{
	for (int i = 0; i < n; i++) {
		uint32_t account = fb_book_account_index(h->host->book, out[i].account);
		if (own(&out[i]) && account != FB_NONE)
			out[i].number = ++h->told[account];
	}
	return n;
}

static int poll(struct fb_venue *venue, int64_t until_us, struct fb_event *out, size_t room,
		int64_t *at_us)
{
	struct hostile *h = (struct hostile *)venue;
	int n = h->inner->ops->poll(h->inner, until_us, out, room / 2, at_us);
	if (n <= 0)
		return n;
	n = keep_back(h, out, n);
	n = let_go(h, out, n, (int)room - 8);
	if (h->ghost_row != FB_NONE)
		n = exorcise(h, out, n);
	else if (h->ghosts && draw(h, 30) == 0)
		n = haunt(h, out, n);
	n = renumber(h, out, n);
	if (h->lies && h->last.id.sequence && draw(h, 20) == 0) {
		lie(h, &out[n++]);
		h->said++;
	}
	if (n == 0) /* the host expects something: depth nobody uses */
		out[n++] = (struct fb_event){ .kind = FB_EVENT_DEPTH, .qty = -1 }, h->said++;
	return n;
}

static const struct fb_venue_ops ops = { send, poll };

int hostile_open(struct hostile *h, const struct fb_host *host, uint64_t seed)
{
	*h = (struct hostile){ .base = { &ops }, .inner = host->venue, .host = host,
			       .seed = seed, .ghost_row = FB_NONE };
	h->told = calloc(host->config.accounts + 1, sizeof(*h->told));
	return h->told ? 0 : -1;
}

void hostile_close(struct hostile *h)
{
	free(h->told);
}
