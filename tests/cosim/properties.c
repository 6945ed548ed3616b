/* Properties of one engine that a comparison with the model alone would not show, or not say in
 * words. Each returns true when it holds, prints its own line, and can fail: it first sees that its
 * stream provokes what it then forbids. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "cosim.h"
#include "plain.h"
#include "plugin.h"

#define SEEDS 4u

static bool verdict(const char *property, bool holds)
{
	printf("property %s: %s\n", property, holds ? "PASS" : "FAIL");
	return holds;
}

/* Placement and lane count change nothing: every lane count, two random placements each and
 * placement by load, against one lane. */
bool property_lanes(const struct options *o)
{
	static const unsigned lanes[] = { 1, 2, 8, 16 };
	struct stream_options shape = { .commands = o->commands / 2,
					.rows_max = 1500,
					.accounts_max = 500 };
	struct totals totals = { 0 };
	bool equal = true;

	for (shape.seed = 1001; equal && shape.seed < 1001 + SEEDS; shape.seed++) {
		struct stream stream;

		stream_make(&shape, &stream);
		for (unsigned i = 0; equal && i < 4 * 3; i++) {
			static const char *const place[] = { "place=load", "place=random,seed=1",
							     "place=random,seed=77" };
			char uri[URI_MAX];

			snprintf(uri, sizeof uri, "core:lanes=%u,%s", lanes[i / 3], place[i % 3]);
			equal = compare_engines(uri, "core:lanes=1,place=load", &stream, i,
						&totals);
		}
		stream_free(&stream);
	}
	printf("  %" PRIu64 " runs, %" PRIu64 " batches, %" PRIu64 " records\n", totals.seeds,
	       totals.batches, totals.records);
	return verdict("lanes", equal && totals.records > 0);
}

struct level_count {
	uint64_t inside, outside; /* LEVEL records of batches with two marks, and with one */
};

static bool count_hedge_levels(void *context, const struct stream *stream,
			       const struct batch *batch)
{
	struct level_count *c = context;
	bool marks = stream->command[batch->last].word.header.op == FB_OP_MARKS;
	uint64_t levels = 0;

	for (size_t i = 0; i < batch->n; i++)
		levels += batch->record[i].header.kind == FB_REC_LEVEL;
	if (marks && batch->last > batch->first)
		c->inside += levels;
	else if (marks)
		c->outside += levels;
	return true;
}

/* 100 accounts long in symbol 5 and short in symbol 9 for the same value. While both legs are
 * marked in one batch no account may be reported, however far the mark goes; one leg alone must be
 * reported. */
bool property_hedge(const struct options *o)
{
	struct stream stream;
	struct stream_writer w;
	struct level_count count = { 0 };
	char uri[URI_MAX];

	stream_begin(&w, &stream);
	plain_tables(&w);
	plain_symbol(&w, 5, 100 << 16, false);
	plain_symbol(&w, 9, 100 << 16, false);
	for (uint32_t a = 0; a < 100; a++) {
		plain_account(&w, a, 50000, true);
		plain_position(&w, a, 2 * a, 5, 1000, 100000, true);
		plain_position(&w, a, 2 * a + 1, 9, -1000, -100000, false);
	}
	for (uint64_t u = 1; u < 1000; u += 37) {
		/* MM of both legs is 2 % of 1,000 u, below half of 50,000 up to u = 1,250. */
		plain_mark(&w, u % 2 ? 5 : 9, u << 16, true);
		plain_mark(&w, u % 2 ? 9 : 5, u << 16, false);
	}
	plain_mark(&w, 5, 1 << 16, false);
	plain_mark(&w, 9, 1 << 16, false);
	options_uri(o, o->engine, 1, uri);
	bool ran = runner_all(uri, &stream, 1, count_hedge_levels, &count);
	printf("  LEVEL records: %" PRIu64 " with both legs in a batch, %" PRIu64 " with one\n",
	       count.inside, count.outside);
	stream_free(&stream);
	return verdict("hedge", ran && count.inside == 0 && count.outside == 200);
}

/* What the end of a stream says of the state. */
struct final_state {
	uint32_t account[65536];
	uint8_t level[65536];
	size_t n;
	struct fb_rec_hash hash;
};

static bool see_final(void *context, const struct stream *stream, const struct batch *batch)
{
	struct final_state *f = context;
	uint8_t op = stream->command[batch->last].word.header.op;

	if (op == FB_OP_HASH && batch->n > 0)
		f->hash = batch->record[0].hash;
	if (op != FB_OP_SNAPSHOT)
		return true;
	f->n = 0;
	for (size_t i = 0; i < batch->n && batch->record[i].header.kind == FB_REC_SNAPSHOT; i++) {
		f->account[f->n] = batch->record[i].header.account;
		f->level[f->n++] = batch->record[i].header.level;
	}
	return true;
}

static int level_of(void *context, uint32_t account)
{
	const struct final_state *f = context;

	for (size_t i = 0; i < f->n; i++)
		if (f->account[i] == account)
			return f->level[i];
	return 0;
}

static bool same_hash(const struct fb_rec_hash *a, const struct fb_rec_hash *b)
{
	if (a->accounts_hash == b->accounts_hash && a->rows_hash == b->rows_hash &&
	    a->symbols_hash == b->symbols_hash && a->accounts == b->accounts &&
	    a->rows == b->rows && a->symbols == b->symbols)
		return true;
	describe_record("  computed step by step: ", (const union fb_record *)a);
	describe_record("  loaded afresh:         ", (const union fb_record *)b);
	return false;
}

/* What an engine computed step by step equals what another of its kind sums up from the final
 * state, loaded in another order and with the levels set: hysteresis is state, and the sums are
 * exact. */
bool property_recompute(const struct options *o)
{
	static struct final_state before, after;
	struct stream_options shape = { .commands = o->commands,
					.rows = 600,
					.heal = true,
					.rows_max = 1500,
					.accounts_max = 500 };
	bool equal = true;
	uint64_t accounts = 0, rows = 0, levels = 0;

	for (shape.seed = 2001; equal && shape.seed < 2001 + SEEDS; shape.seed++) {
		struct stream stream, load;
		char uri[URI_MAX];

		stream_make(&shape, &stream);
		options_uri(o, o->engine, shape.seed, uri);
		equal = runner_all(uri, &stream, shape.seed, see_final, &before);
		stream_load_last(shape.seed, level_of, &before, &load);
		options_uri(o, o->engine, shape.seed + 1, uri);
		equal = equal && runner_all(uri, &load, shape.seed, see_final, &after) &&
			same_hash(&before.hash, &after.hash);
		accounts += after.hash.accounts;
		rows += after.hash.rows;
		levels += before.n;
		stream_free(&stream);
		stream_free(&load);
	}
	printf("  %" PRIu64 " accounts, %" PRIu64 " not calm, %" PRIu64 " rows\n", accounts, levels,
	       rows);
	return verdict("recompute", equal && levels > 0 && rows > 0);
}

#define STORM_ACCOUNTS 400u
#define STORM_SYMBOLS 10u

/* Every batch of marks but the first changes every account; check_batch has seen that none comes
 * twice. */
static bool see_storm(void *context, const struct stream *stream, const struct batch *batch)
{
	uint64_t *storms = context, levels = 0;

	if (stream->command[batch->last].word.header.op != FB_OP_MARKS)
		return true;
	for (size_t i = 0; i < batch->n; i++)
		levels += batch->record[i].header.kind == FB_REC_LEVEL;
	++*storms;
	if (levels == STORM_ACCOUNTS)
		return true;
	printf("  a storm gave %" PRIu64 " LEVEL records instead of %u\n", levels, STORM_ACCOUNTS);
	return false;
}

/* All accounts breach at once and recover at once, with several rows each: one record each time,
 * through every stall. */
bool property_storm(const struct options *o)
{
	static const int stalls[] = { 0, 50, 90 };
	struct stream stream;
	struct stream_writer w;
	uint64_t storms = 0;
	bool good = true;

	stream_begin(&w, &stream);
	plain_tables(&w);
	for (uint16_t s = 0; s < STORM_SYMBOLS; s++)
		plain_symbol(&w, s, 100 << 16, true);
	for (uint32_t a = 0; a < STORM_ACCOUNTS; a++) {
		plain_account(&w, a, 5000, true);
		for (uint32_t k = 0; k < 3; k++)
			plain_position(&w, a, 3 * a + k, (uint16_t)((a + k) % STORM_SYMBOLS), 1000,
				       100000, k < 2 || a + 1 < STORM_ACCOUNTS);
	}
	for (unsigned k = 0; k < 6; k++) {
		plain_marks(&w, 0, 5, (k % 2 ? 110ull : 50ull) << 16, true);
		plain_marks(&w, 5, 5, (k % 2 ? 110ull : 50ull) << 16, false);
	}
	for (unsigned i = 0; good && i < 3; i++) {
		struct options stalled = *o;
		char uri[URI_MAX];

		stalled.stall = stalls[i];
		options_uri(&stalled, o->engine, i, uri);
		good = runner_all(uri, &stream, i, see_storm, &storms);
	}
	printf("  %" PRIu64 " storms of %u accounts\n", storms, STORM_ACCOUNTS);
	stream_free(&stream);
	return verdict("storm", good && storms == 18);
}

/* An engine's room, or zeros when it does not open. */
static struct fb_engine_info room_of(const char *uri)
{
	struct fb_engine *engine;
	struct fb_engine_info info = { .lanes = 0 };
	struct fb_error error = { "" };

	if (plugin_engine_open(uri, &engine, &error) < 0) {
		printf("  %s\n", error.text);
		return info;
	}
	fb_engine_info(engine, &info);
	fb_engine_close(engine);
	return info;
}

/* Fills an engine to the last account and row, and one more of each. Every put breaches, so that
 * the records are many: the runner of this seed fetches none until the engine takes no more. */
static void fill_up(struct stream_writer *w, uint32_t accounts, uint32_t rows)
{
	struct stream *s = w->stream;

	plain_tables(w);
	plain_symbol(w, 3, 1 << 16, false);
	for (uint32_t a = 0; a <= accounts; a++)
		plain_account(w, a, 0, false);
	s->command[s->n - 1].expect = FB_REJECT_FULL;
	for (uint32_t r = 0; r <= rows; r++)
		plain_position(w, r % accounts, r, 3, 1 + r % 1000, 1 + r % 1000, false);
	s->command[s->n - 1].expect = FB_REJECT_FULL;
	plain_lone(w, FB_OP_SNAPSHOT);
	plain_position(w, 0, 0, 3, 0, 0, false);
	plain_position(w, rows % accounts, rows, 3, 1, 1, false);
	plain_mark(w, 3, 2 << 16, false);
	plain_rank(w, 3, FB_RANK_HISTOGRAM); /* every row but one is in profit */
	plain_rank(w, 3, FB_RANK_SELECT);
	plain_lone(w, FB_OP_HASH);
}

/* After RESET nothing that fill_up made is known any more. */
static void all_forgotten(struct stream_writer *w)
{
	struct stream *s = w->stream;
	union fb_command deposit = { .collateral = { .op = FB_OP_COLLATERAL, .delta = 1 } };

	plain_mark(w, 3, 1 << 16, false);
	s->command[s->n - 1].expect = FB_REJECT_SYMBOL;
	plain_symbol(w, 3, 1 << 16, false);
	s->command[s->n - 1].expect = FB_REJECT_LADDER;
	plain_account(w, 0, 0, false);
	s->command[s->n - 1].expect = FB_REJECT_CLASS;
	stream_add(w, &deposit, false)->expect = FB_REJECT_NO_ACCOUNT;
}

/* Room is exact: what fits is taken, the next is refused FULL, and room that was given back is
 * there again. So is all of it after RESET, which leaves nothing in any corner of the memories. */
static bool fills_exactly(const char *uri, uint64_t expect_accounts, uint64_t expect_rows)
{
	struct fb_engine_info info = room_of(uri);
	struct stream stream;
	struct stream_writer w;
	struct totals totals = { 0 };
	char model[URI_MAX];

	printf("  %s: %" PRIu64 " accounts and %" PRIu64 " rows fit\n", uri, info.accounts_max,
	       info.rows_max);
	if (info.accounts_max == 0 || (expect_accounts && (info.accounts_max != expect_accounts ||
							   info.rows_max != expect_rows)))
		return false;
	snprintf(model, sizeof model, "model:accounts=%" PRIu64 ",rows=%" PRIu64, info.accounts_max,
		 info.rows_max);
	stream_begin(&w, &stream);
	fill_up(&w, (uint32_t)info.accounts_max, (uint32_t)info.rows_max);
	plain_lone(&w, FB_OP_RESET);
	all_forgotten(&w);
	fill_up(&w, (uint32_t)info.accounts_max, (uint32_t)info.rows_max);
	bool good = compare_engines(uri, model, &stream, 3, &totals);
	stream_free(&stream);
	return good;
}

bool property_full(const struct options *o)
{
	static const struct {
		const char *arguments;
		uint64_t accounts, rows; /* rows 0: must not open */
	} rooms[] = {
		{ "accounts=40,rows=3000", 40, 3000 },
		{ "rows=1,accounts=1", 1, 1 },
		{ "rows=00000007,accounts=5", 5, 7 },
		{ "rows=000000007", 0, 0 },
	};
	bool plugin = strncmp(o->engine, "plugin:", 7) == 0, good = true;

	for (unsigned i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
		char uri[2 * URI_MAX];

		snprintf(uri, sizeof uri, "%s%s", plugin ? o->engine : "model:", plugin ? "?" : "");
		strncat(uri, rooms[i].arguments, URI_MAX - 1);
		good &= rooms[i].rows ? fills_exactly(uri, rooms[i].accounts, rooms[i].rows)
				      : room_of(uri).rows_max == 0;
	}
	if (strncmp(o->engine, "core:", 5) == 0)
		good &= fills_exactly(o->engine, 0, 0);
	return verdict("full", good);
}

bool properties(const struct options *o)
{
	/* Room is a matter of the driver and of one lane: the smallest core shows it soonest. */
	struct options smallest = *o;
	bool lanes = property_lanes(o), hedge = property_hedge(o),
	     recompute = property_recompute(o), storm = property_storm(o);

	snprintf(smallest.engine, sizeof smallest.engine, "core:lanes=1");
	bool full = property_full(&smallest), limits = property_limits(o);

	return lanes && hedge && recompute && storm && full && limits;
}
