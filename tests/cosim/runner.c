/* Drives one engine; see runner.h. */
#include "runner.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faulty.h"

/* An engine that gives no record for so many polls or cycles hangs. The longest silences are a
 * core's hash over its whole memory and an open batch of some thousand commands, both well below
 * 100,000 cycles. */
#define STUCK_POLLS 3000000u
#define STUCK_CYCLES 400000u
/* On a link that loses a third of all lines, a window full of them takes so long. */
#define STUCK_CYCLES_CARD 4000000u

int runner_open(struct runner *r, const char *uri, const struct stream *stream, uint64_t pace)
{
	struct fb_error error = { "" };

	*r = (struct runner){ .stream = stream, .pace = { pace }, .greedy = pace % 8 == 3 };
	int status = faulty_engine_open(uri, &r->engine, &error);
	if (status < 0)
		snprintf(r->error, sizeof r->error, "cannot open %.60s: %.180s", uri, error.text);
	return status;
}

void runner_close(struct runner *r)
{
	fb_engine_close(r->engine);
	r->engine = NULL;
}

void batch_free(struct batch *batch)
{
	free(batch->record);
	*batch = (struct batch){ 0 };
}

uint64_t runner_fault_term(uint64_t expected_seq, uint64_t found_seq)
{
	struct rng mix = { expected_seq * 31 + found_seq };

	return rng_next(&mix);
}

static int fail(struct runner *r, const char *what, uint64_t number)
{
	snprintf(r->error, sizeof r->error, "%s (%" PRIu64 ")", what, number);
	return -1;
}

/* The engine says why, if it can. */
static int dead(struct runner *r, const char *what, uint64_t number)
{
	struct fb_engine_info info;

	fb_engine_info(r->engine, &info);
	snprintf(r->error, sizeof r->error, "%s (%" PRIu64 ")%s%.200s", what, number,
		 *info.why ? ": " : "", info.why);
	return -1;
}

/* Placement hints are only hints: any of them, right or wrong, must change nothing. */
static void hint(struct runner *r, const union fb_command *word)
{
	uint16_t symbols[8];
	uint32_t n = rng_below(&r->pace, 8);

	if (word->header.op != FB_OP_ACCOUNT || !rng_chance(&r->pace, 300))
		return;
	for (uint32_t i = 0; i < n; i++)
		symbols[i] = (uint16_t)rng_bits(&r->pace, 10);
	fb_engine_expect(r->engine, word->header.account, symbols, n);
}

/* Number of commands taken, or -1. */
static int submit_some(struct runner *r)
{
	uint32_t burst = r->greedy ? UINT32_MAX
				   : 1 + rng_below(&r->pace, rng_chance(&r->pace, 300) ? 64 : 4);
	int taken = 0;

	while (burst-- > 0 && r->submitted < r->stream->n) {
		const union fb_command *word = &r->stream->command[r->submitted].word;

		hint(r, word);
		int status = fb_engine_submit(r->engine, word);
		if (status == -EAGAIN)
			break;
		if (status < 0)
			return dead(r, "submit failed, command", r->submitted);
		if (word->header.op == FB_OP_AUDIT && word->audit.mode == 1)
			r->audited = true;
		r->submitted++;
		taken++;
	}
	return taken;
}

static int poll_some(struct runner *r, int *idle)
{
	size_t room = 1 + rng_below(&r->pace, sizeof r->polled / sizeof r->polled[0]);
	int n = fb_engine_poll(r->engine, r->polled, room, idle);

	if (n < 0)
		return dead(r, "poll failed after command", r->submitted);
	r->polled_at = 0;
	r->polled_n = (size_t)n;
	return n;
}

static bool is_service(uint8_t kind)
{
	return kind == FB_REC_FAULT || kind == FB_REC_STATUS || kind == FB_REC_AUDIT;
}

/* Something is new among what was polled: an engine that hangs may go on giving signs of life. */
static bool any_news(const struct runner *r)
{
	for (size_t i = 0; i < r->polled_n; i++)
		if (r->polled[i].header.kind != FB_REC_AUDIT)
			return true;
	return false;
}

/* Fetches until a record is there. 0: everything is answered and the engine is idle. */
static int fetch(struct runner *r)
{
	struct fb_engine_info info;

	for (unsigned polls = 0; polls < STUCK_POLLS; polls++) {
		int idle = 0, taken = submit_some(r), n = taken < 0 ? -1 : poll_some(r, &idle);

		fb_engine_info(r->engine, &info);
		if (n < 0 || any_news(r)) {
			r->heard = info.cycles;
			return n;
		}
		if (n == 0 && r->submitted == r->stream->n && idle)
			return 0;
		if (info.cycles - r->heard >
		    (*info.card.emitter ? STUCK_CYCLES_CARD : STUCK_CYCLES))
			break;
		if (n > 0)
			return n;
	}
	return fail(r, "the engine hangs: no record after command", r->submitted);
}

static void keep(struct batch *batch, const union fb_record *record)
{
	if (batch->n == batch->room) {
		batch->room = batch->room ? 2 * batch->room : 64;
		batch->record = realloc(batch->record, batch->room * sizeof *record);
		if (!batch->record) {
			fprintf(stderr, "cosim: out of memory for a batch of %zu records\n",
				batch->room);
			exit(2);
		}
	}
	batch->record[batch->n++] = *record;
}

/* An audit may say that it goes round, but find nothing. */
static int audit(struct runner *r, const struct fb_rec_audit *record)
{
	if (record->finding != FB_AUDIT_ROTATION)
		return fail(r, "the audit found something, finding", record->finding);
	if (!r->audited)
		return fail(r, "an audit that was never switched on, sequence", record->seq);
	r->rotations++;
	return 0;
}

/* Service records are set aside; only sequence faults and rotations may occur here. */
static int service(struct runner *r, const union fb_record *record)
{
	if (record->header.kind == FB_REC_STATUS)
		return 0;
	if (record->header.kind == FB_REC_AUDIT)
		return audit(r, &record->audit);
	if (record->header.kind != FB_REC_FAULT || record->fault.fault != FB_FAULT_SEQUENCE)
		return fail(r, "unexpected service record, kind", record->header.kind);
	r->faults++;
	r->faults_sum += runner_fault_term(record->fault.expected_seq, record->fault.found_seq);
	return 0;
}

/* The commands that this batch answers: up to the next one that ends a batch. */
static int take_range(struct runner *r, struct batch *out)
{
	out->first = r->answered;
	out->last = r->answered;
	while (out->last < r->stream->n && !r->stream->command[out->last].ends_batch)
		out->last++;
	if (out->last >= r->submitted)
		return fail(r, "BATCH_END before its command was given, sequence",
			    out->end.header.seq);
	r->answered = out->last + 1;
	return 1;
}

int runner_next(struct runner *r, struct batch *out)
{
	out->n = 0;
	for (;;) {
		if (r->polled_at == r->polled_n) {
			int n = fetch(r);

			if (n < 0)
				return -1;
			if (n == 0 && (out->n > 0 || r->answered < r->stream->n))
				return fail(r, "the engine is idle without BATCH_END for command",
					    r->answered);
			if (n == 0)
				return 0;
		}
		const union fb_record *record = &r->polled[r->polled_at++];
		if (is_service(record->header.kind)) {
			if (service(r, record) < 0)
				return -1;
		} else if (record->header.kind == FB_REC_BATCH_END) {
			out->end = *record;
			return take_range(r, out);
		} else {
			keep(out, record);
		}
	}
}
