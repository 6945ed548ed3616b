/* What the governor keeps: see governor_ledger.h. An answer counts only for the order in the ledger
 * that has its id, as that order was when it passed; of the rest of an answer only the number and
 * the lots are believed, and those only where they free less. */
#include <assert.h>

#include "governor_ledger.h"

#include "book_internal.h"
#include "fetch.h"
#include "mix.h"

#define PRICE_UNITS 4 /* of rounding */

#define RATE_ONE 10000000
#define FILLS 64 /* of one order; of an order with more, the rest stays reserved */

/* ---- the map ---- */

/* Lines of eight places. The first orders of a sequence are in the line beside those of the
 * sequence before, which was in use just now; further ones of one sequence are anywhere, by
 * eights. */
static uint32_t home(const struct fb_governor *g, const struct fb_order_id *id)
{
	uint64_t eight = (uint64_t)id->epoch << 32 | id->index >> 3,
		 line = id->sequence + (id->index >> 3 ? fb_mix(eight) : id->epoch);
	return ((uint32_t)line << 3 | (id->index & 7)) & g->mask;
}

static bool same_id(const struct fb_order_id *a, const struct fb_order_id *b)
{
	return a->epoch == b->epoch && a->sequence == b->sequence && a->index == b->index;
}

/* Where the order is, or the empty place where it would go. */
static uint32_t seek(const struct fb_governor *g, const struct fb_order_id *id, uint32_t at_home)
{
	uint32_t at = at_home;
	while (g->place[at].slot != 0 &&
	       (g->place[at].home != at_home ||
		!same_id(&g->open[g->place[at].slot - 1].order.id, id)))
		at = (at + 1) & g->mask;
	return at;
}

static struct fb_open_order *find(const struct fb_governor *g, const struct fb_order_id *id)
{
	uint32_t slot = g->place[seek(g, id, home(g, id))].slot;
	return slot == 0 ? NULL : &g->open[slot - 1];
}

/* The pool grows by one as long as nothing was given back. */
struct fb_open_order *fb_ledger_blank(const struct fb_governor *g)
{
	return &g->open[g->free == FB_NONE ? g->count : g->free];
}

static void enter(struct fb_governor *g, const struct fb_open_order *blank)
{
	uint32_t at_home = home(g, &blank->order.id), at = seek(g, &blank->order.id, at_home),
		 slot = (uint32_t)(blank - g->open);
	assert(g->place[at].slot == 0 && g->count < g->max && blank == fb_ledger_blank(g));
	if (g->free != FB_NONE)
		g->free = g->after[slot];
	g->place[at] = (struct fb_ledger_place){ .home = at_home, .slot = slot + 1 };
	g->count++;
	/* Of a long decision the next ones will want a blank, and begin another line soon. */
	const char *next = (const char *)fb_ledger_blank(g);
	fb_fetch_to_write(next);
	fb_fetch_to_write(next + 64);
	if ((blank->order.id.index & 7) == 0) {
		struct fb_order_id ahead = blank->order.id;
		ahead.index += 8;
		fb_fetch_to_write(&g->place[home(g, &ahead)]);
	}
}

static void drop(struct fb_governor *g, struct fb_open_order *o)
{
	uint32_t hole = seek(g, &o->order.id, home(g, &o->order.id));
	for (uint32_t at = (hole + 1) & g->mask; g->place[at].slot != 0; at = (at + 1) & g->mask) {
		/* It may move back to the hole unless its home lies behind the hole. */
		uint32_t from_home = (at - g->place[at].home) & g->mask;
		if (from_home >= ((at - hole) & g->mask)) {
			g->place[hole] = g->place[at];
			hole = at;
		}
	}
	g->place[hole].slot = 0;
	o->used = false;
	g->after[o - g->open] = g->free;
	g->free = (uint32_t)(o - g->open);
	g->count--;
}

const struct fb_open_order *fb_ledger_find(const struct fb_governor *g,
					   const struct fb_order_id *id)
{
	return fb_ledger_new(g, id) ? NULL : find(g, id);
}

bool fb_ledger_same(const struct fb_order *a, const struct fb_order *b)
{
	return same_id(&a->id, &b->id) && a->account == b->account && a->position == b->position &&
	       a->counter_account == b->counter_account &&
	       a->counter_position == b->counter_position && a->symbol == b->symbol &&
	       a->verb == b->verb && a->tif == b->tif && a->qty == b->qty &&
	       a->value_e8 == b->value_e8;
}

void fb_governor_fetch(const struct fb_governor *g, uint32_t account)
{
	fb_fetch_to_write(&g->account[account]);
	/* The first order of this sequence begins a line of the index. */
	struct fb_order_id next = { .epoch = g->last.epoch, .sequence = g->book->seq };
	fb_fetch_to_write(&g->place[home(g, &next)]);
}

/* ---- orders that pass ---- */

/* Rounded down, as the book does: |qty| below 2^64 and u below 2^52. */
static __int128 notional(__int128 lots, uint64_t u)
{
	return lots * (__int128)u >> FB_U_FRACTION_BITS;
}

/* Of all rows of an account, at the mark. */
static __int128 notional_of(const struct fb_book *book, uint32_t account)
{
	unsigned __int128 sum = 0;
	for (uint32_t i = book->account[account].first; i != FB_NONE; i = book->row[i].next) {
		const struct fb_book_row *row = &book->row[i];
		uint64_t lots = row->qty < 0 ? -(uint64_t)row->qty : (uint64_t)row->qty;
		sum += (unsigned __int128)lots * book->symbol[row->symbol].u >> FB_U_FRACTION_BITS;
	}
	return (__int128)sum;
}

static __int128 equity_of(const struct fb_book *book, uint32_t account)
{
	struct fb_view view;
	struct fb_sums sums = { 0 };
	if (fb_book_view(book, account, FB_NOW, &view) == 0)
		fb_value_exact(book, &view, &sums);
	return sums.equity_e8;
}

/* What the pack allows a reduction beyond bankruptcy. Of MM its lots' part by number, which is
 * never less than the MM they would have alone. */
static __int128 beyond_bankruptcy(const struct fb_governor *g, const struct fb_open_order *o)
{
	const struct fb_book_row *row = &g->book->row[o->row];
	const struct fb_book_symbol *symbol = &g->book->symbol[row->symbol];
	__int128 worth = o->notional_e8 + (o->equity_e8 > 0 ? o->equity_e8 : 0),
		 all = fb_ledger_lots(row->qty);
	struct fb_row_value value;
	if (all == 0 || o->order.verb != FB_VERB_REDUCE)
		return 0;
	fb_value_row(&g->book->ladder[symbol->ladder], row->qty, symbol->u, row->addend_e7, &value);
	/* Per lot rounded up: lots are fewer than 2^48, so nothing overflows. */
	__int128 mm_lot_e15 = (value.mm_e15 + all - 1) / all,
		 mm_e8 = mm_lot_e15 * o->left / RATE_ONE + 1;
	return worth * g->caps.worse_e7 / RATE_ONE + mm_e8 * g->caps.worse_mm_e7 / RATE_ONE;
}

/* Of an order that closes lots or moves money. */
static void look_up_more(const struct fb_governor *g, const struct fb_order *order,
			 struct fb_open_order *out)
{
	const struct fb_book *book = g->book;
	out->counter = fb_book_account_of(book, order->counter_account);
	out->row = fb_book_row_of(book, order->position);
	out->counter_row = fb_book_row_of(book, order->counter_position);
	out->mark_e8 = out->equity_e8 = out->counter_e8 = 0;
	out->u = 0;
	out->done_fills = 0;
	out->done_lots = 0;
	if (out->account != FB_NONE)
		out->equity_e8 = equity_of(book, out->account);
	out->lose_e8 = PRICE_UNITS + (out->equity_e8 > 0 ? out->equity_e8 : 0);
	out->spare_e8 = PRICE_UNITS + (out->equity_e8 < 0 ? -out->equity_e8 : 0);
	if (fb_ledger_closes(order) && out->row != FB_NONE) {
		out->left = fb_ledger_lots(order->qty);
		out->u = book->symbol[book->row[out->row].symbol].u;
		out->notional_e8 = notional(out->left, out->u);
		out->mark_e8 = order->qty < 0 ? -out->notional_e8 : out->notional_e8;
		if (g->caps.worse_e7 > 0 || g->caps.worse_mm_e7 > 0)
			out->lose_e8 += beyond_bankruptcy(g, out);
	}
	if (order->verb == FB_VERB_ADL_PAIR && g->caps.adl_own_price && out->counter != FB_NONE)
		out->counter_e8 = equity_of(book, out->counter);
}

void fb_ledger_look_up(const struct fb_governor *g, const struct fb_order *order,
		       struct fb_open_order *out)
{
	const struct fb_book *book = g->book;
	out->order = *order;
	out->account = fb_book_account_about(book, order->account, g->about);
	out->counter = out->row = out->counter_row = FB_NONE;
	/* One by one: of a struct this long the compiler makes a string instruction, which takes
	 * longer to begin than all of these to end. */
	out->left = out->notional_e8 = 0;
	out->fills = 0;
	out->holds = 0;
	out->done = out->used = false;
	if (!fb_ledger_bare(order))
		look_up_more(g, order, out);
	else if (order->verb == FB_VERB_HOLD && out->account != FB_NONE)
		out->notional_e8 = notional_of(book, out->account);
}

/* Who bears the order: what it takes of a hold counts for this account. */
static struct fb_governor_account *bearer(const struct fb_governor *g,
					  const struct fb_open_order *o)
{
	bool spread = o->order.verb == FB_VERB_FUND_MOVE && o->order.counter_account != 0;
	return &g->account[spread ? o->counter : o->account];
}

static void reserve(struct fb_governor *g, const struct fb_open_order *o, __int128 lots)
{
	g->reserved[o->row] += (int64_t)lots;
	if (o->order.verb == FB_VERB_ADL_PAIR)
		g->reserved[o->counter_row] += (int64_t)lots;
}

/* The move is on the way (value), or no more (-value). */
static void move(struct fb_governor_account *a, const struct fb_open_order *o, __int128 value_e8)
{
	if (o->order.value_e8 > 0)
		a->leaving_e8 += value_e8;
	else
		a->coming_e8 += value_e8;
}

void fb_ledger_add(struct fb_governor *g, struct fb_open_order *o)
{
	enter(g, o);
	o->used = true;
	g->last = o->order.id;
	g->any = true;

	struct fb_governor_account *a = &g->account[o->account], *b = bearer(g, o);
	a->orders = a->window == g->window ? a->orders + 1 : 1;
	a->window = g->window;
	g->orders++;
	o->holds = b->holds;
	if (fb_ledger_bare(&o->order))
		return;
	if (fb_ledger_closes(&o->order)) {
		g->notional_e8 += o->notional_e8;
		a->closed_notional_e8 += o->notional_e8;
		reserve(g, o, o->left);
	} else if (o->order.verb == FB_VERB_FUND_MOVE && a != b) {
		b->spread_e8 += o->order.value_e8;
	} else if (o->order.verb == FB_VERB_FUND_MOVE) {
		move(a, o, o->order.value_e8);
	}
}

/* ---- answers ---- */

/* The order is closed, and so many of its lots have not moved. What was not done is given back to
 * the hold that it was counted in; to no later one. */
static void end(struct fb_governor *g, struct fb_open_order *o, __int128 unmoved, bool rejected)
{
	struct fb_governor_account *a = &g->account[o->account], *b = bearer(g, o);
	bool same_hold = b->holds == o->holds;
	if (fb_ledger_closes(&o->order)) {
		reserve(g, o, -o->left);
		if (same_hold)
			a->closed_notional_e8 -= notional(unmoved, o->u);
	} else if (o->order.verb == FB_VERB_FUND_MOVE && a != b) {
		/* What goes to a bankrupt fund itself lessens its deficit at once. */
		if (same_hold && (rejected || g->book->account[o->counter].role == FB_ROLE_FUND))
			b->spread_e8 -= o->order.value_e8;
	} else if (o->order.verb == FB_VERB_FUND_MOVE) {
		__int128 paid = rejected || !same_hold ? 0 : -o->order.value_e8;
		/* The fund has paid with what was spread for this deficit. */
		if (paid > 0)
			b->spread_e8 -= paid < b->spread_e8 ? paid : b->spread_e8;
		move(a, o, -o->order.value_e8);
	}
	drop(g, o);
}

/* The venue has given all that its DONE has counted. */
static bool filled_as_counted(const struct fb_open_order *o)
{
	if (!o->done || o->done_fills > FILLS)
		return false;
	uint64_t all = o->done_fills == 0 ? 0 : UINT64_MAX >> (FILLS - o->done_fills);
	return (o->fills & all) == all && fb_ledger_lots(o->order.qty) - o->left >= o->done_lots;
}

static void filled(struct fb_governor *g, struct fb_open_order *o, const struct fb_event *event)
{
	uint32_t n = event->number;
	if (o->order.verb != FB_VERB_REDUCE || n < 1 || n > FILLS || o->fills >> (n - 1) & 1)
		return;
	if (event->qty == 0 || (event->qty < 0) != (o->order.qty < 0))
		return; /* not a fill of this order, whatever it says */
	__int128 lots = fb_ledger_lots(event->qty);
	if (lots > o->left)
		lots = o->left;
	o->fills |= UINT64_C(1) << (n - 1);
	o->left -= lots;
	reserve(g, o, -lots);
	if (filled_as_counted(o))
		end(g, o, o->left, false);
}

static void hold(struct fb_governor_account *a, bool held, __int128 notional_e8)
{
	a->held = held;
	a->cancelled = false;
	a->was_bankrupt = held && a->confirmed == FB_CONFIRMED_BANKRUPT;
	a->holds++;
	a->held_notional_e8 = notional_e8;
	a->closed_notional_e8 = a->spread_e8 = 0;
}

static void done(struct fb_governor *g, struct fb_open_order *o, const struct fb_event *event)
{
	struct fb_governor_account *a = &g->account[o->account];
	__int128 moved = fb_ledger_lots(event->qty);
	if (o->order.verb == FB_VERB_REDUCE) {
		if (!o->done) {
			o->done = true;
			o->done_fills = event->number;
			o->done_lots = moved;
		}
		if (filled_as_counted(o))
			end(g, o, o->left, false);
		return;
	}
	/* A second HOLD does not begin a new hold. */
	if (o->order.verb == FB_VERB_HOLD && !a->held) { /* with trades since it was sent */
		__int128 now = notional_of(g->book, o->account);
		hold(a, true, now > o->notional_e8 ? now : o->notional_e8);
	} else if (o->order.verb == FB_VERB_RELEASE)
		hold(a, false, 0);
	else if (o->order.verb == FB_VERB_CANCEL_ALL && a->held)
		a->cancelled = true;
	end(g, o, moved < o->left ? o->left - moved : 0, false);
}

/* A trade of its own that was on the way when the account was held may add to what has to be
 * closed. */
static void user_filled(struct fb_governor *g, const struct fb_event *event)
{
	uint32_t account = fb_book_account_index(g->book, event->account);
	if (account != FB_NONE && g->account[account].held && event->symbol < FB_SYMBOLS)
		g->account[account].held_notional_e8 +=
			notional(fb_ledger_lots(event->qty), g->book->symbol[event->symbol].u);
}

void fb_governor_event(struct fb_governor *g, const struct fb_event *event)
{
	if (event->kind == FB_EVENT_USER_FILL)
		user_filled(g, event);
	struct fb_open_order *o = find(g, &event->id);
	if (!o || event->verb != o->order.verb)
		return;
	switch (event->kind) {
	case FB_EVENT_FILL: filled(g, o, event); break;
	case FB_EVENT_DONE: done(g, o, event); break;
	case FB_EVENT_REJECT:
		/* "Nothing happened" is not believed of an order that filled, or is done. */
		if (!o->done && o->fills == 0)
			end(g, o, o->left, true);
		break;
	default: break;
	}
}
