/* What the answer to a RANK must be by itself, whatever the state: only records of its mode, every
 * nominee inside the range that was asked for and none twice, every bucket once. */
#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static bool complain(const char *name, const char *what, uint64_t found)
{
	printf("%s: rank: %s: %" PRIu64 "\n", name, what, found);
	return false;
}

static bool check_nominee(const char *name, const struct fb_cmd_rank *c,
			  const struct fb_rec_nominee *n)
{
	uint32_t class = n->key >> FB_SCORE_BITS;

	if (class < FB_SIGN_LOSS || class > FB_SIGN_PROFIT || !(c->class_mask >> (class - 1) & 1))
		return complain(name, "a class that was not asked for", class);
	if (n->key < c->from)
		return complain(name, "a key below the range", n->key);
	if (n->key > c->cursor_key ||
	    (n->key == c->cursor_key && n->account <= c->cursor_account))
		return complain(name, "a row not after the cursor, key", n->key);
	if (n->qty == 0 || (n->qty < 0) != c->side)
		return complain(name, "a row of the other side", n->position);
	if (n->equity.hi < 0 || (n->equity.hi == 0 && n->equity.lo == 0))
		return complain(name, "a nominee without equity", n->account);
	return true;
}

static bool check_histogram(const char *name, const struct fb_rec_rank_hist *h)
{
	uint64_t rows = 0;

	if (h->account != 0)
		return complain(name, "account of a RANK_HIST", h->account);
	if (h->first % 3 != 0 || h->first >= FB_RANK_BUCKETS)
		return complain(name, "first bucket", h->first);
	for (unsigned i = 0; i < 3; i++) {
		if ((h->rows[i] == 0) != (h->qty[i] == 0) || h->qty[i] < h->rows[i])
			return complain(name, "lots that cannot be of the rows, bucket",
					h->first + i);
		if (h->first + i >= FB_RANK_BUCKETS && h->rows[i] != 0)
			return complain(name, "rows in a bucket that is none", h->first + i);
		rows += h->rows[i];
	}
	return rows > 0 || complain(name, "a RANK_HIST without rows", h->first);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Positions or first buckets, each once. */
static bool check_once(const char *name, const struct batch *batch)
{
	uint32_t *number = malloc((batch->n + 1) * sizeof *number);
	bool once = true;

	if (!number)
		return complain(name, "out of memory", batch->n);
	for (size_t i = 0; i < batch->n; i++)
		number[i] = batch->record[i].header.kind == FB_REC_NOMINEE
				    ? batch->record[i].nominee.position
				    : batch->record[i].rank_hist.first;
	qsort(number, batch->n, sizeof *number, by_number);
	for (size_t i = 1; i < batch->n && once; i++)
		if (number[i] == number[i - 1])
			once = complain(name, "a position or bucket twice", number[i]);
	free(number);
	return once;
}

bool check_rank(const char *name, const struct stream *stream, const struct batch *batch)
{
	const struct stream_command *last = &stream->command[batch->last];
	bool rank = last->word.header.op == FB_OP_RANK && last->expect == FB_REJECT_NONE;
	const struct fb_cmd_rank *c = &last->word.rank;
	uint8_t wanted = c->mode == FB_RANK_SELECT ? FB_REC_NOMINEE : FB_REC_RANK_HIST;

	for (size_t i = 0; i < batch->n; i++) {
		const union fb_record *r = &batch->record[i];
		bool ranks = r->header.kind == FB_REC_NOMINEE ||
			     r->header.kind == FB_REC_RANK_HIST;

		if (ranks != rank || (rank && r->header.kind != wanted))
			return complain(name, "a record that no command asked for, kind",
					r->header.kind);
		if (rank && !(c->mode == FB_RANK_SELECT ? check_nominee(name, c, &r->nominee)
							: check_histogram(name, &r->rank_hist))) {
			describe_record("  the record: ", r);
			return false;
		}
	}
	return !rank || check_once(name, batch);
}
