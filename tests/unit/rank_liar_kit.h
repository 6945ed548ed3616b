/* A host whose engine lies when it ranks, once or about one account until the end. The liar stands
 * before any other wrapper, and what it says is consistent with itself, as a card's records are. */
#ifndef RANK_LIAR_KIT_H
#define RANK_LIAR_KIT_H

#include "run_kit.h"

#define MOST 1000

enum lie {
	HONEST,
	KEY,
	QTY,
	ENTRY,
	EQUITY,
	ACCOUNT,    /* another's */
	POSITION,   /* one that is not there */
	OTHER_SIDE, /* a true row, of another ranking */
	TWICE,
	LEFT_OUT,   /* of the rows only */
	FORGOTTEN,  /* of histograms too */
	SWAPPED,    /* keys of two rows */
	MISCOUNTED, /* in a histogram, one row too many */
	LOTS,	    /* in a histogram */
	NO_RECORD,  /* of a histogram */
	REFUSED,
	LIES
};

static struct liar {
	struct fb_engine base;
	struct fb_engine *inner;
	enum lie lie;
	bool always;		 /* about this account, until the end; else once */
	bool last;		 /* forgets the last one in the order, not the first */
	unsigned honest;	 /* answers of this kind that are true before */
	struct fb_cmd_rank asked;
	bool rank;		 /* is being answered */
	uint32_t account, other; /* whom the lie was about; 0: nobody yet */
	unsigned lies;
	union fb_record record[8192];
	size_t n, taken;
	uint64_t clock;
	void (*meddle)(void); /* when a ranking begins */
	/* seen in a batch of marks */
	unsigned rankings, most;
	unsigned ranked[2 * FB_SYMBOLS]; /* rankings of this symbol and side */
} liar;

static int liar_submit(struct fb_engine *e, const union fb_command *c)
{
	(void)e;
	if (c->header.op == FB_OP_MARKS && !(c->header.flags & FB_FLAG_MORE))
		liar.rankings = 0;
	if (c->header.op == FB_OP_RANK) {
		bool begins = c->rank.zoom == 22;
		liar.asked = c->rank;
		liar.rank = true;
		liar.ranked[2 * c->rank.symbol + c->rank.side] += begins;
		liar.rankings += begins;
		liar.most = liar.rankings > liar.most ? liar.rankings : liar.most;
		if (begins && liar.meddle)
			liar.meddle();
	}
	return fb_engine_submit(liar.inner, c);
}

static void remove_record(size_t at)
{
	memmove(&liar.record[at], &liar.record[at + 1],
		(--liar.n - at) * sizeof(liar.record[0]));
}

/* The row that is first of all, as the book has it, or last. */
static const struct fb_rank_row *outer_row(void)
{
	const struct fb_rankings *k = &host.rankings;
	uint32_t best = 0;
	for (uint32_t i = 1; i < k->rows; i++)
		if (liar.last ? k->row[i].rank.key < k->row[best].rank.key
			      : k->row[i].rank.key > k->row[best].rank.key)
			best = i;
	return &k->row[best].rank;
}

/* Whose first row is one of those that came; with `always` the same one each time. */
static size_t victim(void)
{
	for (size_t i = 0; i < liar.n; i++)
		if (liar.account == 0 || liar.record[i].header.account == liar.account)
			return i;
	return liar.n;
}

/* A row that stands in another ranking. */
static uint32_t row_elsewhere(void)
{
	union fb_record unused;
	for (uint32_t i = 0; i < host.book->rows; i++) {
		const struct fb_book_row *r = &host.book->row[i];
		if (r->symbol != liar.asked.symbol && fb_rankings_nominee(&host, i, 1, &unused))
			return i;
	}
	ck_abort_msg("no other row");
}

static bool lie_about_rows(void)
{
	size_t at = victim();
	if (liar.asked.mode != FB_RANK_SELECT || at == liar.n || liar.n < 2)
		return false;
	struct fb_rec_nominee *r = &liar.record[at].nominee;
	struct fb_rec_nominee *next = &liar.record[at ? 0 : 1].nominee;
	uint32_t key = r->key, elsewhere;
	if (liar.lie == SWAPPED && (next->account == r->account || next->key == key))
		return false;
	liar.account = r->account;
	switch (liar.lie) {
	case KEY: r->key++; break;
	case QTY: r->qty += r->qty > 0 ? 1 : -1; break;
	case ENTRY: r->entry ^= 1; break;
	case EQUITY: r->equity.lo ^= 1; break;
	case ACCOUNT: r->account = liar.other = next->account; break;
	case POSITION: r->position = 0x7777777; break;
	case OTHER_SIDE:
		elsewhere = row_elsewhere();
		ck_assert(fb_rankings_nominee(&host, elsewhere, r->seq, &liar.record[at]));
		liar.other = liar.record[at].header.account;
		break;
	case TWICE: liar.record[liar.n++].nominee = *r; break;
	case LEFT_OUT: remove_record(at); break;
	case SWAPPED:
		liar.other = next->account;
		r->key = next->key;
		next->key = key;
		break;
	default: ck_abort();
	}
	return true;
}

static bool lie_about_numbers(void)
{
	struct fb_rec_rank_hist *r = &liar.record[0].rank_hist;
	unsigned b = r->rows[0] ? 0 : r->rows[1] ? 1 : 2;
	if (liar.asked.mode != FB_RANK_HISTOGRAM || liar.n == 0)
		return false;
	if (liar.lie == NO_RECORD) {
		remove_record(0);
		return true;
	}
	r->rows[b] += liar.lie == MISCOUNTED;
	r->qty[b]++;
	return true;
}

/* As if the row were not there. */
static bool forget(void)
{
	if (liar.account == 0)
		liar.account = outer_row()->account;
	for (uint32_t i = 0; i < host.rankings.rows; i++) {
		const struct fb_rank_row *row = &host.rankings.row[i].rank;
		if (row->account != liar.account || row->key < liar.asked.from ||
		    row->key >= liar.asked.cursor_key)
			continue;
		uint32_t bucket = (row->key - liar.asked.from) >> liar.asked.zoom;
		for (size_t k = 0; k < liar.n; k++) {
			union fb_record *r = &liar.record[k];
			bool select = liar.asked.mode == FB_RANK_SELECT;
			if (select && r->nominee.position == row->position) {
				remove_record(k);
				break;
			}
			if (select || r->rank_hist.first != bucket / 3 * 3)
				continue;
			r->rank_hist.rows[bucket % 3]--;
			r->rank_hist.qty[bucket % 3] -= (uint64_t)llabs(row->qty);
			if (!r->rank_hist.rows[0] && !r->rank_hist.rows[1] &&
			    !r->rank_hist.rows[2])
				remove_record(k);
			break;
		}
	}
	return true;
}

static bool refuse(struct fb_rec_batch_end *end)
{
	liar.record[0] = (union fb_record){ .reject = { .seq = liar.asked.seq,
							 .kind = FB_REC_REJECT,
							 .reason = FB_REJECT_UNSUPPORTED,
							 .op = FB_OP_RANK } };
	liar.n = 1;
	end->rejects = 1;
	return true;
}

static void change(struct fb_rec_batch_end *end)
{
	bool rows = liar.lie >= KEY && liar.lie <= SWAPPED && liar.lie != FORGOTTEN;
	if (liar.lies > 0 && !liar.always)
		return;
	if (liar.lie == HONEST ||
	    (liar.honest > 0 && (liar.asked.mode == FB_RANK_SELECT) == rows && liar.honest--))
		return;
	bool lied = rows		    ? lie_about_rows()
		    : liar.lie == FORGOTTEN ? forget()
		    : liar.lie == REFUSED   ? refuse(end)
					    : lie_about_numbers();
	liar.lies += lied;
	end->count = (uint32_t)liar.n;
	end->digest = fb_confirm_digest(liar.record, liar.n);
}

static int liar_poll(struct fb_engine *e, union fb_record *out, size_t room, int *idle)
{
	union fb_record r;
	(void)e;
	if (!liar.rank && liar.taken == liar.n)
		return fb_engine_poll(liar.inner, out, room, idle);
	if (liar.rank) {
		liar.n = liar.taken = 0;
		do {
			ck_assert_int_eq(fb_engine_poll(liar.inner, &r, 1, NULL), 1);
			liar.record[liar.n++] = r;
		} while (r.header.kind != FB_REC_BATCH_END);
		liar.n--;
		change(&r.batch_end);
		liar.record[liar.n++] = r;
		liar.rank = false;
	}
	*idle = 0;
	size_t n = liar.n - liar.taken < room ? liar.n - liar.taken : room;
	memcpy(out, &liar.record[liar.taken], n * sizeof(*out));
	liar.taken += n;
	return (int)n;
}

static void liar_info(const struct fb_engine *e, struct fb_engine_info *out)
{
	(void)e;
	fb_engine_info(liar.inner, out);
	out->cycles += liar.clock;
}

static void liar_expect(struct fb_engine *e, uint32_t account, const uint16_t *symbols, size_t n)
{
	(void)e;
	fb_engine_expect(liar.inner, account, symbols, n);
}

static void liar_close(struct fb_engine *e)
{
	(void)e;
	fb_engine_close(liar.inner);
}

static const struct fb_engine_ops liar_ops = { .submit = liar_submit,
						.poll = liar_poll,
						.info = liar_info,
						.expect = liar_expect,
						.close = liar_close };

static inline void open_ranking(enum lie lie, unsigned most)
{
	liar = (struct liar){ .base = { &liar_ops }, .lie = lie };
	ck_assert_msg(run_open("model:") == 0, "%s", error.text);
	liar.inner = host.engine.engine;
	host.engine.engine = &liar.base;
	ck_assert_int_eq(fb_rankings_open(&host.rankings, most, host.config.rows), 0);
}

#endif
