/* What the streams reach of RANK, AUDIT and hashes of ranges; see coverage_rank.h. */
#include "coverage_rank.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void count_nominee(struct rank_coverage *c, const struct fb_cmd_rank *rank,
			  const struct fb_rec_nominee *n)
{
	c->nominees++;
	c->side[rank->side]++;
	c->class[n->key >> FB_SCORE_BITS]++;
	c->at_from += n->key == rank->from;
	c->at_cursor += n->key == rank->cursor_key;
}

static uint64_t count_histogram(struct rank_coverage *c, const struct fb_rec_rank_hist *h)
{
	uint64_t rows = 0;

	c->histograms++;
	for (unsigned i = 0; i < 3; i++) {
		unsigned bucket = h->first + i;

		rows += h->rows[i];
		c->crowded += h->rows[i] > 1;
		if (bucket == 0)
			c->bucket_first += h->rows[i];
		else if (bucket == FB_RANK_BUCKETS - 1)
			c->bucket_last += h->rows[i];
		else if (bucket < FB_RANK_BUCKETS)
			c->bucket_between += h->rows[i];
	}
	return rows;
}

/* The command before asked for the same but for one thing, and got more. */
static void count_cut(struct rank_coverage *c, const struct fb_cmd_rank *now, uint64_t rows)
{
	struct fb_cmd_rank was = c->last;
	bool fewer = rows > 0 && rows < c->last_rows;

	was.seq = now->seq;
	was.mode = now->mode;
	was.cursor_key = now->cursor_key;
	was.cursor_account = now->cursor_account;
	c->cut_by_cursor += fewer && memcmp(&was, now, sizeof was) == 0;
	was = c->last;
	was.seq = now->seq;
	was.mode = now->mode;
	was.from = now->from;
	was.zoom = now->zoom;
	c->cut_by_from += fewer && memcmp(&was, now, sizeof was) == 0;
	was = c->last;
	was.seq = now->seq;
	was.exclude_level = now->exclude_level;
	c->cut_by_level += fewer && memcmp(&was, now, sizeof was) == 0;
	c->last = *now;
	c->last_rows = rows;
}

static void count_rank(struct rank_coverage *c, const struct fb_cmd_rank *rank,
		       const struct batch *batch)
{
	uint64_t rows = 0;

	for (size_t i = 0; i < batch->n; i++) {
		const union fb_record *r = &batch->record[i];

		if (r->header.kind == FB_REC_NOMINEE)
			count_nominee(c, rank, &r->nominee);
		rows += r->header.kind == FB_REC_RANK_HIST ? count_histogram(c, &r->rank_hist) : 1;
	}
	c->mode[rank->mode]++;
	c->none += rows == 0;
	c->many += rows >= 64;
	c->most = rows > c->most ? rows : c->most;
	count_cut(c, rank, rows);
}

void rank_coverage_count(struct rank_coverage *c, const struct stream *stream,
			 const struct batch *batch)
{
	const struct stream_command *last = &stream->command[batch->last];

	if (last->expect != FB_REJECT_NONE) {
		c->refused_rank += last->word.header.op == FB_OP_RANK;
		c->refused_audit += last->word.header.op == FB_OP_AUDIT;
		return;
	}
	if (last->word.header.op == FB_OP_RANK)
		count_rank(c, &last->word.rank, batch);
	if (last->word.header.op == FB_OP_AUDIT)
		c->audit[last->word.audit.mode]++;
	if (last->word.header.op == FB_OP_HASH && last->word.hash.span != 0 && batch->n > 0) {
		c->hash_of_some += batch->record[0].hash.accounts > 0;
		c->hash_of_none += batch->record[0].hash.accounts == 0;
		c->hash_wraps += last->word.hash.first + last->word.hash.span <
				 last->word.hash.first;
	}
}

static bool need(const char *what, uint64_t count)
{
	if (count == 0)
		printf("coverage: the streams never reach rank: %s\n", what);
	return count > 0;
}

bool rank_coverage_judge(const struct rank_coverage *c)
{
	const struct {
		const char *what;
		uint64_t count;
	} wanted[] = {
		{ "histogram", c->mode[FB_RANK_HISTOGRAM] },
		{ "select", c->mode[FB_RANK_SELECT] },
		{ "class LOSS", c->class[FB_SIGN_LOSS] },
		{ "class ZERO", c->class[FB_SIGN_ZERO] },
		{ "class PROFIT", c->class[FB_SIGN_PROFIT] },
		{ "longs", c->side[0] },
		{ "shorts", c->side[1] },
		{ "first bucket", c->bucket_first },
		{ "bucket between", c->bucket_between },
		{ "last bucket", c->bucket_last },
		{ "several rows in a bucket", c->crowded },
		{ "a key that is the range's lowest", c->at_from },
		{ "a key that is the cursor's", c->at_cursor },
		{ "rows cut off by the cursor", c->cut_by_cursor },
		{ "rows cut off by the lowest key", c->cut_by_from },
		{ "rows cut off by their level", c->cut_by_level },
		{ "no row", c->none },
		{ "64 rows", c->many },
		{ "refused RANK", c->refused_rank },
		{ "refused AUDIT", c->refused_audit },
		{ "audit off", c->audit[0] },
		{ "audit on", c->audit[1] },
		{ "hash of some accounts", c->hash_of_some },
		{ "hash of no account", c->hash_of_none },
		{ "hash of a range round the end", c->hash_wraps },
	};
	bool all = true;

	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
		all &= need(wanted[i].what, wanted[i].count);
	return all;
}

void rank_coverage_print(const struct rank_coverage *c)
{
	printf("ranks: %" PRIu64 " histograms with %" PRIu64 " records, %" PRIu64
	       " selects with %" PRIu64 " nominees: loss %" PRIu64 ", zero %" PRIu64
	       ", profit %" PRIu64 "; most rows %" PRIu64 ", none %" PRIu64 "\n",
	       c->mode[FB_RANK_HISTOGRAM], c->histograms, c->mode[FB_RANK_SELECT], c->nominees,
	       c->class[FB_SIGN_LOSS], c->class[FB_SIGN_ZERO], c->class[FB_SIGN_PROFIT], c->most,
	       c->none);
	printf("       rows in bucket 0 %" PRIu64 ", 255 %" PRIu64 ", between %" PRIu64
	       "; cut by cursor %" PRIu64 ", from %" PRIu64 ", level %" PRIu64
	       "; at cursor %" PRIu64 ", at from %" PRIu64 "\n",
	       c->bucket_first, c->bucket_last, c->bucket_between, c->cut_by_cursor,
	       c->cut_by_from, c->cut_by_level, c->at_cursor, c->at_from);
}
