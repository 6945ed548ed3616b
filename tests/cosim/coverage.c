/* What the streams reach: every opcode, every refusal, every level and every step between levels,
 * damage and bad rows. A stream that stops reaching something would let faults through in silence,
 * so it fails here. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "cosim.h"
#include "coverage_rank.h"

#define LEVELS (FB_LEVEL_FAULT + 1)

struct coverage {
	uint64_t op[256], ignored;
	uint64_t reject[FB_REJECT_FULL + 1];
	uint64_t step[LEVELS][LEVELS]; /* [before][now]; the diagonal: reported afresh */
	uint64_t snapshot[LEVELS];
	uint64_t damaged, bad_rows, many_records;
	uint64_t zero_equity; /* LEVEL records with equity 0 */
	struct rank_coverage rank;
};

static bool count_batch(void *context, const struct stream *stream, const struct batch *batch)
{
	struct coverage *c = context;

	for (size_t i = batch->first; i <= batch->last; i++) {
		c->op[stream->command[i].word.header.op] += !stream->command[i].ignored;
		c->ignored += stream->command[i].ignored;
	}
	for (size_t i = 0; i < batch->n; i++) {
		const union fb_record *r = &batch->record[i];

		if (r->header.kind == FB_REC_REJECT)
			c->reject[r->reject.reason]++;
		if (r->header.kind == FB_REC_SNAPSHOT)
			c->snapshot[r->header.level]++;
		if (r->header.kind != FB_REC_LEVEL)
			continue;
		c->step[r->header.level_before][r->header.level]++;
		c->damaged += r->level.damaged;
		c->bad_rows += r->level.bad_rows > 0;
		c->zero_equity += r->level.equity.lo == 0 && r->level.equity.hi == 0;
	}
	c->many_records += batch->n >= 64;
	rank_coverage_count(&c->rank, stream, batch);
	return true;
}

static bool need(const char *what, unsigned index, uint64_t count)
{
	if (count == 0)
		printf("coverage: the streams never reach %s %u\n", what, index);
	return count > 0;
}

/* Levels beyond the number of a class's thresholds are rare but must come: each level is entered
 * and left. */
static bool judge(const struct coverage *c)
{
	bool all = true;

	for (unsigned op = FB_OP_MARKS; op <= FB_OP_FUNDING; op++)
		all &= need("opcode", op, c->op[op]);
	for (unsigned op = FB_OP_RANK; op <= FB_OP_RESET; op++)
		all &= need("opcode", op, c->op[op]);
	for (unsigned reason = FB_REJECT_OPCODE; reason <= FB_REJECT_FULL; reason++)
		if (reason != FB_REJECT_UNSUPPORTED) /* the model implements everything */
			all &= need("reject reason", reason, c->reject[reason]);
	for (unsigned before = 0; before < LEVELS; before++)
		for (unsigned now = 0; now < LEVELS; now++)
			if (before + now > 0)
				all &= need("level step from x10 to", 10 * before + now,
					    c->step[before][now]);
	for (unsigned level = 1; level < LEVELS; level++)
		all &= need("snapshot of level", level, c->snapshot[level]);
	all &= need("damaged accounts", 0, c->damaged);
	all &= need("bad rows", 0, c->bad_rows);
	all &= need("batches of 64 records", 0, c->many_records);
	all &= need("equity 0", 0, c->zero_equity);
	all &= need("ignored words", 0, c->ignored);
	return rank_coverage_judge(&c->rank) && all;
}

static void print(const struct coverage *c)
{
	printf("rejects by reason:");
	for (unsigned reason = 1; reason <= FB_REJECT_FULL; reason++)
		printf(" %u:%" PRIu64, reason, c->reject[reason]);
	printf("\nlevel steps, row = before, column = now:\n");
	for (unsigned before = 0; before < LEVELS; before++)
		for (unsigned now = 0; now < LEVELS; now++)
			printf("%8" PRIu64 "%s", c->step[before][now],
			       now + 1 == LEVELS ? "\n" : "");
	printf("damaged %" PRIu64 ", bad rows %" PRIu64 ", batches of 64 records and more %" PRIu64
	       ", ignored words %" PRIu64 "\n",
	       c->damaged, c->bad_rows, c->many_records, c->ignored);
	rank_coverage_print(&c->rank);
}

bool coverage(const struct options *o)
{
	struct stream_options shape = {
		.commands = o->commands, .rows = o->rows, .rows_max = 1900, .accounts_max = 900
	};
	struct coverage c = { 0 };
	bool good = true;

	for (uint64_t seed = o->first_seed; good && seed <= o->last_seed; seed++) {
		struct stream stream;

		shape.seed = seed;
		stream_make(&shape, &stream);
		good = runner_all(o->reference, &stream, seed, count_batch, &c);
		stream_free(&stream);
	}
	if (!o->quiet)
		print(&c);
	good = good && judge(&c);
	printf("coverage: %s\n", good ? "PASS" : "FAIL");
	return good;
}
