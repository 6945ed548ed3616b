/* The state of a book into an engine, so that its last command carries the book's sequence. See
 * run_standby.h. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include <firebreak/hash.h>

#include "run_host.h"

/* Every command goes through put(); a first pass only counts them, for the sequence of RESET. */
struct loader {
	struct fb_host *h;
	const struct fb_book *book;
	bool counting;
	uint64_t commands;
	uint64_t seq;
	int err;
	size_t answered; /* records of the batch that ended last, in host.engine.record */
};

/* The n records before were looked at; `more`: the batch goes on, else its answer is waited for. */
static void put(struct loader *l, union fb_command c, bool more)
{
	l->commands++;
	if (l->counting || l->err)
		return;
	fb_link_take(&l->h->engine, l->answered);
	l->answered = 0;
	c.header.seq = ++l->seq;
	c.header.flags |= more ? FB_FLAG_MORE : 0;
	l->err = fb_link_submit(&l->h->engine, &c, l->h->error);
	if (l->err || more)
		return;
	l->err = fb_link_wait(&l->h->engine, l->seq, &l->answered, l->h->error);
	for (size_t i = 0; i < l->answered && !l->err; i++) {
		const union fb_record *r = &l->h->engine.record[i];
		if (r->header.kind == FB_REC_REJECT)
			l->err = fb_error_set(l->h->error, -EPROTO,
					      "standby %.100s: refuses a command of loading, "
					      "opcode 0x%02x, reason %u%s",
					      l->h->standby.uri, r->reject.op, r->reject.reason,
					      r->reject.reason == FB_REJECT_FULL
						      ? ": it has no room for so many accounts or "
							"positions"
						      : "");
	}
}

static void put_classes(struct loader *l)
{
	for (unsigned k = 0; k < FB_CLASSES; k++) {
		const struct fb_book_class *class = &l->book->classes[k];
		for (unsigned first = 0; first < class->thresholds; first += FB_PAIRS_PER_WORD) {
			unsigned n = class->thresholds - first;
			n = n < FB_PAIRS_PER_WORD ? n : FB_PAIRS_PER_WORD;
			union fb_command c = { .class = { .op = FB_OP_CLASS,
							  .count = (uint8_t)n,
							  .class_id = (uint8_t)k,
							  .first = (uint8_t)first,
							  .strict = class->strict } };
			for (unsigned i = 0; i < n; i++) {
				c.class.up[i] = class->up_e7[first + i];
				c.class.down[i] = class->down_e7[first + i];
			}
			put(l, c, false);
		}
	}
}

static void put_ladders(struct loader *l)
{
	for (unsigned k = 0; k < FB_LADDERS; k++)
		for (unsigned tier = 0; tier < l->book->ladder[k].tiers; tier++) {
			const struct fb_book_tier *t = &l->book->ladder[k].tier[tier];
			union fb_command c = {
				.ladder = { .op = FB_OP_LADDER,
					    .ladder = (uint16_t)k,
					    .tier = (uint8_t)tier,
					    .rate = t->rate_e7,
					    .floor = t->floor_e8,
					    .deduction = { .lo = (uint64_t)t->deduction_e15,
							   .hi = (uint64_t)(t->deduction_e15 >>
									    64) } }
			};
			put(l, c, false);
		}
}

static void put_symbols(struct loader *l)
{
	for (unsigned k = 0; k < FB_SYMBOLS; k++) {
		const struct fb_book_symbol *s = &l->book->symbol[k];
		union fb_command c = { .symbol = { .op = FB_OP_SYMBOL,
						   .symbol = (uint16_t)k,
						   .ladder = s->ladder,
						   .u = s->u } };
		if (s->defined)
			put(l, c, false);
	}
}

/* A record of its level comes if it is not calm, and says what was loaded: the levels of a book
 * between batches are what the rule makes of themselves. Of an account that the host judges the
 * dead engine may have said anything; there the new one's word counts. */
static void check_level(struct loader *l, uint32_t index)
{
	struct fb_host *h = l->h;
	uint8_t *said = &h->book->account[index].said;
	for (size_t i = 0; i < l->answered && !l->err && !l->counting; i++) {
		const union fb_record *r = &h->engine.record[i];
		if (r->header.kind != FB_REC_LEVEL || r->level.level == *said)
			continue;
		if (r->level.account != l->book->account[index].id ||
		    !h->book->account[index].host_judged)
			l->err = fb_error_set(h->error, -EPROTO,
					      "standby %.100s: account %u has level %u, expected "
					      "%u",
					      h->standby.uri, r->level.account, r->level.level,
					      *said);
		*said = r->level.level;
	}
}

/* Collateral beyond what ACCOUNT can carry is added in steps. */
static __int128 carried(__int128 rest)
{
	__int128 most = ((__int128)1 << (FB_MONEY_BITS - 1)) - 1;
	return rest > most ? most : rest < -most ? -most : rest;
}

static void put_collateral(struct loader *l, const struct fb_book_account *a, __int128 rest)
{
	while (rest != 0) {
		__int128 delta = carried(rest);
		rest -= delta;
		put(l,
		    (union fb_command){ .collateral = { .op = FB_OP_COLLATERAL,
							.account = a->id,
							.delta = (int64_t)delta } },
		    rest != 0 || a->rows_live > 0);
	}
}

static void expect(struct loader *l, const struct fb_book_account *a)
{
	uint16_t symbols[FB_ROWS_PER_ACCOUNT];
	size_t n = 0;
	for (uint32_t i = a->first; i != FB_NONE; i = l->book->row[i].next)
		if (l->book->row[i].live)
			symbols[n++] = l->book->row[i].symbol;
	if (!l->counting && !l->err)
		fb_engine_expect(l->h->engine.engine, a->id, symbols, n);
}

/* One batch. */
static void put_account(struct loader *l, uint32_t index)
{
	const struct fb_book_account *a = &l->book->account[index];
	__int128 first = carried(a->collateral_e8), rest = a->collateral_e8 - first;
	uint32_t left = a->rows_live;
	expect(l, a);
	put(l,
	    (union fb_command){ .account = { .op = FB_OP_ACCOUNT,
					     .flags = FB_FLAG_SET_LEVEL,
					     .account = a->id,
					     .collateral = (int64_t)first,
					     .addend = fb_i128_of(a->addend_e15),
					     .class_id = a->class_id,
					     .role = a->role,
					     .level = l->h->book->account[index].said,
					     .held = a->held } },
	    rest != 0 || left > 0);
	put_collateral(l, a, rest);
	for (uint32_t i = a->first; i != FB_NONE; i = l->book->row[i].next) {
		const struct fb_book_row *row = &l->book->row[i];
		if (!row->live)
			continue;
		put(l,
		    (union fb_command){ .position = { .op = FB_OP_POSITION,
						      .account = a->id,
						      .position = row->id,
						      .symbol = row->symbol,
						      .row_flags = row->flags,
						      .qty = row->qty,
						      .entry = row->entry_e8,
						      .addend = row->addend_e7 } },
		    --left > 0);
	}
	check_level(l, index);
}

static void put_all(struct loader *l)
{
	put_classes(l);
	put_ladders(l);
	put_symbols(l);
	for (uint32_t i = 0; i < l->book->accounts; i++)
		put_account(l, i);
	if (l->h->standby.audits)
		put(l, (union fb_command){ .audit = { .op = FB_OP_AUDIT, .mode = 1 } }, false);
}

static void check_hash(struct loader *l)
{
	struct fb_host *h = l->h;
	struct fb_rec_hash expected;
	for (uint32_t i = 0; i < l->book->accounts; i++)
		h->standby.taken->account[i].level = h->book->account[i].said;
	fb_book_hash(l->book, &expected);
	put(l, (union fb_command){ .hash = { .op = FB_OP_HASH } }, false);
	if (l->err)
		return;
	const struct fb_rec_hash *found = &h->engine.record[0].hash;
	if (l->answered == 2 && found->kind == FB_REC_HASH &&
	    found->accounts_hash == expected.accounts_hash &&
	    found->rows_hash == expected.rows_hash &&
	    found->symbols_hash == expected.symbols_hash)
		return;
	l->err = fb_error_set(h->error, -EPROTO,
			      "standby %.100s: its state after loading is not the book's at "
			      "sequence %llu",
			      h->standby.uri, (unsigned long long)l->book->seq);
}

int fb_standby_load(struct fb_host *h)
{
	struct loader l = { .h = h, .book = h->standby.taken, .counting = true };
	uint64_t end = l.book->seq;
	if (end == 0) /* an engine that was just opened is there */
		return 0;
	put_all(&l);
	/* RESET carries 0 at least. While accounts are being loaded there may be no room for a
	 * question after as many commands as there were. */
	bool ask = l.commands < end;
	if (l.commands > end)
		return fb_error_set(h->error, -EPROTO,
				    "standby: the state at sequence %llu takes %llu commands",
				    (unsigned long long)end, (unsigned long long)l.commands);
	l.counting = false;
	l.seq = end - l.commands - ask - 1;
	put(&l, (union fb_command){ .reset = { .op = FB_OP_RESET } }, false);
	put_all(&l);
	if (ask)
		check_hash(&l);
	assert(l.err || l.seq == end);
	fb_link_take(&h->engine, l.answered);
	return l.err;
}
