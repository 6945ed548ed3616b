/* What must be true of any log:
 *
 *   1. each order id comes once, unless it is sent again unchanged while it is open; ids rise
 *   2. HOLD only of accounts in breach, CANCEL_ALL only of those and of held ones; every other
 *      order of a user's account only while it is held, except payments for the loss of another
 *   3. REDUCE, TAKEOVER, ADL_PAIR only in breach and after working orders are closed, with the sign
 *      of the position, and together with what is open never beyond it; so too for a pair's
 *      counterparty, on the other side: a pair lowers open interest
 *   4. counterparties are users, not held, and when a pair is sent, all pairs open with an account
 *      together leave its equity at zero or above
 *   5. no such order comes after SETTLE of its symbol
 *   6. quantities add up to zero per symbol and value stays the same after every batch */
#include "audit.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct ledger {
	struct fb_order_id id;
	struct fb_log_order order;
	bool done;
	uint32_t fills, fills_told;
	int64_t filled;
	uint64_t seen;
};

struct auditor {
	struct audit *out;
	struct fb_book *book;
	struct fb_error error;
	unsigned act_level, keep_level;
	uint32_t buffer_e7;
	struct ledger *open;
	size_t opens, room;
	bool *held, *cleared;
	bool settling[FB_SYMBOLS];
	int64_t *closing; /* by row: lots that open orders still close */
	struct fb_order_id last;
};

static int wrong(struct auditor *a, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(a->out->error, sizeof(a->out->error), format, args);
	va_end(args);
	return -EPROTO;
}

static int64_t lots(int64_t qty)
{
	return qty < 0 ? -qty : qty;
}

static int compare_ids(const struct fb_order_id *a, const struct fb_order_id *b)
{
	if (a->epoch != b->epoch)
		return a->epoch < b->epoch ? -1 : 1;
	if (a->sequence != b->sequence)
		return a->sequence < b->sequence ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

static struct ledger *find(struct auditor *a, const struct fb_order_id *id)
{
	for (size_t i = 0; i < a->opens; i++)
		if (compare_ids(&a->open[i].id, id) == 0)
			return &a->open[i];
	return NULL;
}

static struct fb_sums sums_of(const struct auditor *a, uint32_t account)
{
	struct fb_view view;
	struct fb_sums sums = { 0 };
	if (fb_book_view(a->book, account, FB_NOW, &view) == 0)
		fb_value_exact(a->book, &view, &sums);
	return sums;
}

static bool breached(const struct auditor *a, uint32_t account, bool kept)
{
	struct fb_sums sums = sums_of(a, account);
	const struct fb_book_account *b = &a->book->account[account];
	if (kept && fb_confirm_lacks_buffer(a->book, account, a->buffer_e7, &sums))
		return true;
	return fb_value_level(&a->book->classes[b->class_id], kept ? FB_LEVEL_6 : 0, &sums) >=
	       (kept ? a->keep_level : a->act_level);
}

static bool closes(const struct fb_log_order *o)
{
	return o->verb == FB_VERB_REDUCE || o->verb == FB_VERB_TAKEOVER ||
	       o->verb == FB_VERB_ADL_PAIR;
}

/* The rows an order closes; FB_NONE: none. */
static uint32_t row_of(const struct auditor *a, const struct fb_log_order *o)
{
	return closes(o) ? fb_book_row_index(a->book, o->position) : FB_NONE;
}

static uint32_t counter_row_of(const struct auditor *a, const struct fb_log_order *o)
{
	return o->verb == FB_VERB_ADL_PAIR ? fb_book_row_index(a->book, o->counter_position)
					   : FB_NONE;
}

/* Room in a row for n more lots of sign `sign`. */
static int reserve(struct auditor *a, uint32_t row, int64_t n, bool negative,
		   const struct fb_log_order *o)
{
	if (row == FB_NONE)
		return wrong(a, "order %llu.%u: a position that is not there",
			     (unsigned long long)o->id.sequence, o->id.index);
	int64_t qty = a->book->row[row].qty;
	if (n <= 0 || (qty < 0) != negative || a->closing[row] + n > lots(qty))
		return wrong(a,
			     "order %llu.%u: %s of %lld lots beyond a position of %lld, of which "
			     "%lld are being closed",
			     (unsigned long long)o->id.sequence, o->id.index,
			     fb_verb_name(o->verb), (long long)n, (long long)qty,
			     (long long)a->closing[row]);
	a->closing[row] += n;
	return 0;
}

/* A counterparty gets lots worth their mark and pays the pair's value. Each pair may lose a unit of
 * rounding. */
static int check_equity(struct auditor *a, const struct fb_log_order *o, uint32_t account)
{
	__int128 equity = sums_of(a, account).equity_e8;
	for (size_t i = 0; i < a->opens; i++) {
		const struct fb_log_order *pair = &a->open[i].order;
		if (pair->verb != FB_VERB_ADL_PAIR || pair->counter_account != o->counter_account)
			continue;
		__int128 mark = (__int128)lots(pair->qty) * a->book->symbol[pair->symbol].u >>
				FB_U_FRACTION_BITS;
		equity += (pair->qty < 0 ? -mark : mark) - fb_wide(pair->value_e8) + 2;
	}
	if (equity >= 0)
		return 0;
	return wrong(a, "order %llu.%u: account %u would be below zero by %lld",
		     (unsigned long long)o->id.sequence, o->id.index, o->counter_account,
		     (long long)-equity);
}

static int check_closing(struct auditor *a, const struct fb_log_order *o, uint32_t account)
{
	bool house = a->book->account[account].role != FB_ROLE_USER;
	if (!house && !(a->held[account] && a->cleared[account]))
		return wrong(a, "order %llu.%u: %s before hold and cancel_all are done",
			     (unsigned long long)o->id.sequence, o->id.index,
			     fb_verb_name(o->verb));
	if (!house && !breached(a, account, true))
		return wrong(a, "order %llu.%u: %s of an account that is not in breach",
			     (unsigned long long)o->id.sequence, o->id.index,
			     fb_verb_name(o->verb));
	uint32_t row = row_of(a, o), counter = counter_row_of(a, o);
	int err = reserve(a, row, lots(o->qty), o->qty < 0, o);
	if (err || o->verb != FB_VERB_ADL_PAIR)
		return err;
	uint32_t other = fb_book_account_index(a->book, o->counter_account);
	if (other == FB_NONE || a->book->account[other].role != FB_ROLE_USER ||
	    (other != account && a->held[other]))
		return wrong(a, "order %llu.%u: this counterparty may not be used",
			     (unsigned long long)o->id.sequence, o->id.index);
	err = reserve(a, counter, lots(o->qty), o->qty > 0, o);
	return err || other == account ? err : check_equity(a, o, other);
}

static int take_order(struct auditor *a, const struct fb_log_order *o)
{
	struct ledger *open = find(a, &o->id);
	struct fb_log_order before = *o;
	before.again = 0;
	a->out->orders++;
	if (o->again)
		return open && memcmp(&open->order, &before, sizeof(before)) == 0
			       ? 0
			       : wrong(a, "order %llu.%u sent again, but not open or changed",
				       (unsigned long long)o->id.sequence, o->id.index);
	if (a->out->orders > 1 && compare_ids(&o->id, &a->last) <= 0)
		return wrong(a, "order %llu.%u comes after a later one",
			     (unsigned long long)o->id.sequence, o->id.index);
	a->last = o->id;
	uint32_t account = fb_book_account_index(a->book, o->account);
	if (account == FB_NONE)
		return wrong(a, "order of account %u, which is not there", o->account);
	if (a->opens == a->room)
		return wrong(a, "more than %zu open orders", a->room);
	a->open[a->opens++] = (struct ledger){ .id = o->id, .order = *o };
	if (closes(o) && a->settling[o->symbol])
		return wrong(a, "order %llu.%u: %s in a symbol that is being settled",
			     (unsigned long long)o->id.sequence, o->id.index,
			     fb_verb_name(o->verb));
	if (o->verb == FB_VERB_SETTLE)
		a->settling[o->symbol] = true;
	if (o->verb == FB_VERB_HOLD && !breached(a, account, false))
		return wrong(a, "hold of account %u, which is not in breach", o->account);
	if (o->verb == FB_VERB_CANCEL_ALL && !a->held[account] && !breached(a, account, true))
		return wrong(a, "cancel_all of account %u, neither held nor in breach", o->account);
	bool own = o->verb == FB_VERB_RELEASE ||
		   (o->verb == FB_VERB_FUND_MOVE && o->counter_account == 0);
	if (own && !a->held[account])
		return wrong(a, "%s of account %u, which is not held", fb_verb_name(o->verb),
			     o->account);
	return closes(o) ? check_closing(a, o, account) : 0;
}

static void release_lots(struct auditor *a, const struct fb_log_order *o, int64_t n)
{
	uint32_t row = row_of(a, o), counter = counter_row_of(a, o);
	if (row != FB_NONE)
		a->closing[row] -= n;
	if (counter != FB_NONE)
		a->closing[counter] -= n;
}

static void close_order(struct auditor *a, struct ledger *open, bool done)
{
	const struct fb_log_order *o = &open->order;
	uint32_t account = fb_book_account_index(a->book, o->account);
	if (closes(o))
		release_lots(a, o, lots(o->qty) - open->filled);
	if (done && o->verb == FB_VERB_HOLD)
		a->held[account] = true;
	if (done && o->verb == FB_VERB_CANCEL_ALL)
		a->cleared[account] = true;
	if (done && o->verb == FB_VERB_RELEASE)
		a->held[account] = a->cleared[account] = false;
	a->out->deleveraged += done && o->verb == FB_VERB_ADL_PAIR;
	*open = a->open[--a->opens];
}

/* Nobody's money: lots have a value of their own sign, in 62 bits. */
static bool no_value(const struct fb_event *e)
{
	__int128 value = fb_wide(e->value_e8);
	return !fb_fits(value, FB_MONEY_BITS) || (value != 0 && (value < 0) != (e->qty < 0));
}

static void take_event(struct auditor *a, const struct fb_event *e)
{
	struct ledger *open = e->kind <= FB_EVENT_REJECT ? find(a, &e->id) : NULL;
	a->out->events++;
	if (!open)
		return;
	if (e->kind == FB_EVENT_REJECT) {
		if (open->fills == 0 && !open->done)
			close_order(a, open, false);
		return;
	}
	bool reduction = open->order.verb == FB_VERB_REDUCE;
	if (e->kind == FB_EVENT_FILL) {
		uint64_t bit = e->number >= 1 && e->number <= 64 ? UINT64_C(1) << (e->number - 1)
								 : 0;
		if (!reduction || !bit || open->seen & bit || e->qty == 0 || no_value(e) ||
		    (e->qty < 0) != (open->order.qty < 0) ||
		    open->filled + lots(e->qty) > lots(open->order.qty))
			return;
		open->seen |= bit;
		open->fills++;
		open->filled += lots(e->qty);
		release_lots(a, &open->order, lots(e->qty));
	} else if (!open->done && reduction && e->number <= 64 && e->number >= open->fills &&
		   lots(e->qty) <= lots(open->order.qty) && lots(e->qty) >= open->filled) {
		open->done = true;
		open->fills_told = e->number;
	} else if (!reduction && e->kind == FB_EVENT_DONE &&
		   lots(e->qty) <= lots(open->order.qty)) {
		close_order(a, open, true);
		return;
	}
	if (open->done && open->fills == open->fills_told)
		close_order(a, open, true);
}

static int take_events(struct auditor *a, const uint8_t *payload, size_t length)
{
	struct fb_event event;
	for (size_t at = sizeof(int64_t); at + sizeof(event) <= length; at += sizeof(event)) {
		memcpy(&event, payload + at, sizeof(event));
		take_event(a, &event);
	}
	return 0;
}

/* After a batch of what events led to. */
static int end_batch(struct auditor *a)
{
	a->out->batches++;
	if (!a->book->sealed)
		return 0;
	if (fb_book_conserved(a->book, &a->error))
		return wrong(a, "%.200s", a->error.text);
	return 0;
}

static int take_command(struct auditor *a, const union fb_command *c)
{
	if (fb_book_apply(a->book, c, &a->error))
		return wrong(a, "%.200s", a->error.text);
	return c->header.flags & FB_FLAG_MORE ? 0 : end_batch(a);
}

static int take(struct auditor *a, const struct fb_log_entry *entry)
{
	union fb_command command;
	struct fb_log_order order;
	switch (entry->type) {
	case FB_LOG_COMMAND:
		memcpy(&command, entry->payload, sizeof(command));
		return take_command(a, &command);
	case FB_LOG_LOADED: fb_book_seal(a->book); return 0;
	case FB_LOG_ORDER:
		memcpy(&order, entry->payload, sizeof(order));
		return take_order(a, &order);
	case FB_LOG_EVENTS: return take_events(a, entry->payload, entry->length);
	case FB_LOG_NOTICE: a->out->notices++; return 0;
	case FB_LOG_END:
		return fb_book_conserved_full(a->book, &a->error)
			       ? wrong(a, "%.200s", a->error.text)
			       : 0;
	default: return 0;
	}
}

static int read_all(struct auditor *a, struct fb_log *log)
{
	struct fb_log_entry entry;
	int got, err = 0;
	while (!err && (got = fb_log_peek(log, &entry, &a->error)) > 0) {
		err = take(a, &entry);
		if (!err && fb_log_put(log, entry.type, entry.seq, entry.payload, entry.length,
				       &a->error))
			got = -EBADMSG;
	}
	return err ? err : got < 0 ? wrong(a, "%.200s", a->error.text) : 0;
}

int audit_log(const char *path, const struct fb_rules *rules, struct audit *out)
{
	struct auditor a = { .out = out };
	struct fb_log_config config;
	struct fb_rules *logged = malloc(sizeof(*logged));
	struct fb_log *log = NULL;
	memset(out, 0, sizeof(*out));
	a.act_level = fb_waterfall_act_level(rules);
	a.keep_level = fb_waterfall_keep_level(rules);
	a.buffer_e7 = fb_waterfall_buffer(rules);
	int err = logged ? fb_log_open(path, logged, &config, &log, &a.error) : -ENOMEM;
	if (!err) {
		a.room = 4 * (size_t)(config.rows + config.accounts) + 8192;
		a.open = calloc(a.room, sizeof(*a.open));
		a.held = calloc(config.accounts + 1, sizeof(*a.held));
		a.cleared = calloc(config.accounts + 1, sizeof(*a.cleared));
		a.closing = calloc(config.rows + 1, sizeof(*a.closing));
		err = a.open && a.held && a.cleared && a.closing
			      ? fb_book_open(config.accounts, config.rows, 0, &a.book)
			      : -ENOMEM;
	}
	if (!err)
		err = read_all(&a, log);
	else
		wrong(&a, "cannot read: %.200s", a.error.text);
	fb_log_close(log, NULL);
	fb_book_close(a.book);
	free(a.open);
	free(a.held);
	free(a.cleared);
	free(a.closing);
	free(logged);
	return err;
}
