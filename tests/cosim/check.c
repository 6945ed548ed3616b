/* The checker; see check.h. */
#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/hash.h>

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, FB_HASHED_BYTES);
}

static bool complain(const char *name, const char *what, uint64_t found, uint64_t expected)
{
	printf("%s: %s: found %" PRIu64 ", expected %" PRIu64 "\n", name, what, found, expected);
	return false;
}

/* A batch that RESET dropped: what it gave stands uncovered, and RESET's own end covers nothing. */
static bool is_reset(const struct stream *stream, const struct batch *batch)
{
	return stream->command[batch->last].word.header.op == FB_OP_RESET;
}

static bool check_end(const char *name, const struct stream *stream, const struct batch *batch)
{
	const struct fb_rec_batch_end *end = &batch->end.batch_end;
	uint64_t digest = 0;
	uint32_t commands = 0, rejects = 0;
	bool reset = is_reset(stream, batch);

	for (size_t i = 0; i < batch->n; i++)
		digest += fb_hash_word(&batch->record[i]);
	for (size_t i = batch->first; i <= batch->last; i++) {
		commands += !stream->command[i].ignored;
		rejects += !stream->command[i].ignored &&
			   stream->command[i].expect != FB_REJECT_NONE;
	}
	if (end->seq != stream->command[batch->last].word.header.seq)
		return complain(name, "BATCH_END sequence", end->seq,
				stream->command[batch->last].word.header.seq);
	if (end->commands != (reset ? 1 : commands))
		return complain(name, "BATCH_END commands", end->commands, reset ? 1 : commands);
	if (end->rejects != (reset ? 0 : rejects))
		return complain(name, "BATCH_END rejects", end->rejects, reset ? 0 : rejects);
	if (end->count != (reset ? 0 : batch->n))
		return complain(name, "BATCH_END count", end->count, reset ? 0 : batch->n);
	if (end->digest != (reset ? 0 : digest))
		return complain(name, "BATCH_END digest", end->digest, reset ? 0 : digest);
	return true;
}

/* Every REJECT answers a command that was to be refused, with its reason and opcode; their number
 * is in BATCH_END. */
static bool check_rejects(const char *name, const struct stream *stream, const struct batch *batch)
{
	size_t at = batch->first, rejects = 0;

	for (size_t i = batch->first; i <= batch->last; i++)
		rejects += !stream->command[i].ignored &&
			   stream->command[i].expect != FB_REJECT_NONE;
	for (size_t i = 0; i < batch->n; i++) {
		const struct fb_rec_reject *r = &batch->record[i].reject;

		if (r->kind != FB_REC_REJECT)
			continue;
		for (at = batch->first; at <= batch->last; at++)
			if (!stream->command[at].ignored &&
			    stream->command[at].word.header.seq == r->seq)
				break;
		if (at > batch->last)
			return complain(name, "REJECT of a command outside the batch, sequence",
					r->seq, 0);
		const struct stream_command *c = &stream->command[at];
		if (r->op != c->word.header.op)
			return complain(name, "REJECT opcode", r->op, c->word.header.op);
		if (r->reason != c->expect) {
			describe_command("  the command: ", c);
			return complain(name, "REJECT reason", r->reason, c->expect);
		}
		rejects--;
	}
	return rejects == 0 || complain(name, "refusals without REJECT record", rejects, 0);
}

static bool check_record(const char *name, const struct stream *stream, const struct batch *batch,
			 const union fb_record *r)
{
	uint64_t last = stream->command[batch->last].word.header.seq;
	uint8_t kind = r->header.kind;
	bool has_account = kind == FB_REC_LEVEL || kind == FB_REC_SNAPSHOT ||
			   kind == FB_REC_NOMINEE;

	if ((has_account || kind == FB_REC_RANK_HIST) && r->header.seq != last)
		return complain(name, "sequence of a record of the batch", r->header.seq, last);
	if (!has_account && r->header.account != 0)
		return complain(name, "account of a record that has none", r->header.account, 0);
	if (r->header.flags != 0)
		return complain(name, "flags of a record", r->header.flags, 0);
	if (r->header.kind == FB_REC_LEVEL && r->level.level == r->level.level_before &&
	    r->level.level == 0)
		return complain(name, "a calm account reported calm", r->header.account, 0);
	return true;
}

/* After sorting by bytes LEVEL records of one account need not be neighbours: compare all, through
 * a sorted list of ids. */
static int by_id(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static bool check_once(const char *name, const struct batch *batch)
{
	uint32_t *id = malloc((batch->n + 1) * sizeof *id);
	size_t n = 0;
	bool once = true;

	if (!id)
		return complain(name, "out of memory", batch->n, 0);
	for (size_t i = 0; i < batch->n; i++)
		if (batch->record[i].header.kind == FB_REC_LEVEL)
			id[n++] = batch->record[i].header.account;
	qsort(id, n, sizeof *id, by_id);
	for (size_t i = 1; i < n && once; i++)
		if (id[i] == id[i - 1])
			once = complain(name, "more than one LEVEL in a batch for account", id[i],
					0);
	free(id);
	return once;
}

bool check_batch(const char *name, const struct stream *stream, struct batch *batch)
{
	if (batch->n > 0)
		qsort(batch->record, batch->n, sizeof *batch->record, by_bytes);
	for (size_t i = 0; i < batch->n; i++)
		if (!check_record(name, stream, batch, &batch->record[i])) {
			describe_record("  the record: ", &batch->record[i]);
			return false;
		}
	return check_rejects(name, stream, batch) && check_once(name, batch) &&
	       check_rank(name, stream, batch) &&
	       check_end(name, stream, batch);
}

/* Prints what is in one set and not in the other; both are sorted. */
static void print_difference(const char *name_a, const struct batch *a, const char *name_b,
			     const struct batch *b)
{
	char prefix[2][48];
	size_t i = 0, j = 0;
	unsigned lines = 0;

	snprintf(prefix[0], sizeof prefix[0], "  only %.32s: ", name_a);
	snprintf(prefix[1], sizeof prefix[1], "  only %.32s: ", name_b);
	while ((i < a->n || j < b->n) && lines < 20) {
		int order = i == a->n ? 1 : j == b->n ? -1 : by_bytes(&a->record[i], &b->record[j]);

		if (order < 0)
			describe_record(prefix[0], &a->record[i]);
		if (order > 0)
			describe_record(prefix[1], &b->record[j]);
		lines += order != 0;
		i += order <= 0;
		j += order >= 0;
	}
	if (by_bytes(&a->end, &b->end) != 0) {
		describe_record(prefix[0], &a->end);
		describe_record(prefix[1], &b->end);
	}
}

bool check_equal(const char *name_a, const struct batch *a, const char *name_b,
		 const struct batch *b)
{
	bool equal = a->n == b->n && by_bytes(&a->end, &b->end) == 0;

	for (size_t i = 0; equal && i < a->n; i++)
		equal = by_bytes(&a->record[i], &b->record[i]) == 0;
	if (!equal)
		print_difference(name_a, a, name_b, b);
	return equal;
}

bool check_faults(const char *name, const struct runner *runner)
{
	uint64_t faults = 0, sum = 0, expected = 1;

	for (size_t i = 0; i < runner->stream->n; i++) {
		const struct stream_command *c = &runner->stream->command[i];

		if (c->ignored) {
			faults++;
			sum += runner_fault_term(expected, c->word.header.seq);
		} else {
			expected = c->word.header.seq + 1;
		}
	}
	if (runner->faults != faults)
		return complain(name, "FAULT records for wrong sequences", runner->faults, faults);
	return runner->faults_sum == sum ||
	       complain(name, "sum over what FAULT records say", runner->faults_sum, sum);
}

bool runner_all(const char *uri, const struct stream *stream, uint64_t pace,
		bool (*see)(void *context, const struct stream *stream, const struct batch *batch),
		void *context)
{
	struct runner r;
	struct batch batch = { 0 };
	int more = runner_open(&r, uri, stream, pace) < 0 ? -1 : 1;
	bool good = true;

	while (more > 0 && good) {
		more = runner_next(&r, &batch);
		if (more > 0)
			good = check_batch(uri, stream, &batch) && see(context, stream, &batch);
	}
	if (more < 0)
		printf("%s: %s\n", uri, r.error);
	good = good && more == 0 && check_faults(uri, &r);
	batch_free(&batch);
	runner_close(&r);
	return good;
}
