/* Random commands on a made-up book, each batch's records compared with those of `model`. See
 * selftest_internal.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/log.h>

#include "mix.h"
#include "run_link.h"
#include "selftest_internal.h"

#define SYMBOLS 12
#define LADDERS 3
#define CLASSES 2
#define ACCOUNTS 60
#define ROWS 4 /* of an account */
#define BATCH 6 /* commands in a batch, at most */
#define AHEAD 24 /* batches sent before the oldest is compared */
#define ROOM 65536
#define CHECK_EVERY 1000 /* commands from one state hash to the next */

struct words {
	struct fb_selftest *test;
	struct fb_link engine, model;
	uint64_t seed, drawn, seq;
	uint64_t end[AHEAD]; /* last sequences of batches that are out */
	unsigned first, out, in_batch;
	uint64_t records, rejects;
	struct fb_error error;
	bool failed;
};

static uint32_t draw(struct words *w, uint32_t n)
{
	return fb_mix_below(fb_mix(w->seed ^ fb_mix(w->drawn++)), n);
}

static bool fail(struct words *w)
{
	if (!w->failed)
		selftest_say(w->test, "random words", false, "%s", w->error.text);
	w->failed = true;
	return false;
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, FB_HASHED_BYTES);
}

static void differ(struct words *w, uint64_t seq, const union fb_record *a,
		   const union fb_record *b)
{
	char found[200] = "no record", expected[200] = "no record", text[320];
	if (a) {
		fb_text_record(a, text, sizeof(text));
		memcpy(found, text, sizeof(found) - 1);
	}
	if (b) {
		fb_text_record(b, text, sizeof(text));
		memcpy(expected, text, sizeof(expected) - 1);
	}
	fb_error_set(&w->error, -EPROTO, "batch of command %" PRIu64 ": found %s; expected %s", seq,
		     found, expected);
}

/* The oldest batch, from both engines. */
static bool compare(struct words *w)
{
	size_t n = 0, m = 0, i = 0;
	uint64_t seq = w->end[w->first];
	w->first = (w->first + 1) % AHEAD;
	w->out--;
	if (fb_link_wait(&w->engine, seq, &n, &w->error) ||
	    fb_link_wait(&w->model, seq, &m, &w->error))
		return fail(w);
	union fb_record *a = w->engine.record, *b = w->model.record;
	qsort(a, n - 1, sizeof(*a), by_bytes);
	qsort(b, m - 1, sizeof(*b), by_bytes);
	while (i < n && i < m && memcmp(&a[i], &b[i], FB_HASHED_BYTES) == 0)
		i++;
	if (i < n || i < m) {
		differ(w, seq, i < n ? &a[i] : NULL, i < m ? &b[i] : NULL);
		return fail(w);
	}
	w->records += n;
	w->rejects += a[n - 1].batch_end.rejects;
	fb_link_take(&w->engine, n);
	fb_link_take(&w->model, m);
	return true;
}

static bool send(struct words *w, union fb_command c, bool more)
{
	if (w->failed)
		return false;
	c.header.seq = ++w->seq;
	c.header.flags |= more ? FB_FLAG_MORE : 0;
	if (fb_link_submit(&w->engine, &c, &w->error) || fb_link_submit(&w->model, &c, &w->error))
		return fail(w);
	w->in_batch++;
	if (more)
		return true;
	w->in_batch = 0;
	w->end[(w->first + w->out++) % AHEAD] = w->seq;
	return w->out < AHEAD || compare(w);
}

static bool settle(struct words *w)
{
	while (w->out > 0 && !w->failed)
		compare(w);
	return !w->failed;
}

/* ---- a made-up book ---- */

static uint64_t unit_value(struct words *w)
{
	return ((uint64_t)1000 + draw(w, 500)) << FB_U_FRACTION_BITS;
}

static union fb_command account(struct words *w, uint32_t id)
{
	return (union fb_command){ .account = { .op = FB_OP_ACCOUNT,
						.account = id,
						.collateral = 10000 + (int64_t)draw(w, 2000000),
						.class_id = (uint8_t)draw(w, CLASSES),
						.held = draw(w, 20) == 0 } };
}

static union fb_command position(struct words *w, uint32_t id, unsigned row)
{
	int64_t qty = (int64_t)draw(w, 4001) - 2000;
	return (union fb_command){ .position = { .op = FB_OP_POSITION,
						 .account = id,
						 .position = id * ROWS + row,
						 .symbol = (uint16_t)((id + row * 5) % SYMBOLS),
						 .qty = qty,
						 .entry = qty * (1000 + (int64_t)draw(w, 400)) } };
}

static void load(struct words *w)
{
	for (unsigned k = 0; k < CLASSES; k++)
		send(w,
		     (union fb_command){ .class = { .op = FB_OP_CLASS,
						    .count = 3,
						    .class_id = (uint8_t)k,
						    .strict = (uint8_t)k,
						    .up = { 5000000, 8000000, 10000000 },
						    .down = { 4000000, 8000000, 9000000 } } },
		     false);
	for (unsigned k = 0; k < LADDERS; k++)
		for (unsigned tier = 0; tier < 3; tier++)
			send(w,
			     (union fb_command){
				     .ladder = { .op = FB_OP_LADDER,
						 .ladder = (uint16_t)k,
						 .tier = (uint8_t)tier,
						 .rate = 50000 + 200000 * tier + k,
						 .floor = (uint64_t)tier * 500000,
						 .deduction = { .lo = (uint64_t)tier * 100000 } } },
			     false);
	for (unsigned k = 0; k < SYMBOLS; k++)
		send(w,
		     (union fb_command){ .symbol = { .op = FB_OP_SYMBOL,
						     .symbol = (uint16_t)k,
						     .ladder = (uint16_t)(k % LADDERS),
						     .u = unit_value(w) } },
		     false);
	for (uint32_t id = 1; id <= ACCOUNTS; id++) {
		send(w, account(w, id), true);
		for (unsigned row = 0; row < ROWS; row++)
			send(w, position(w, id, row), row + 1 < ROWS);
	}
}

/* ---- random words ---- */

static union fb_command marks(struct words *w)
{
	union fb_command c = { .marks = { .op = FB_OP_MARKS,
					  .count = (uint8_t)(1 + draw(w, FB_MARKS_PER_WORD)) } };
	for (unsigned i = 0; i < c.marks.count; i++)
		c.marks.mark[i] = unit_value(w) << 12 | draw(w, SYMBOLS);
	return c;
}

/* It may close a position that is there, or name one that is not: a refusal is an answer too. */
static union fb_command fill(struct words *w)
{
	union fb_command p = position(w, 1 + draw(w, ACCOUNTS), draw(w, ROWS));
	bool closes = draw(w, 4) == 0;
	return (union fb_command){ .fill = { .op = FB_OP_FILL,
					     .account = p.position.account,
					     .position = p.position.position,
					     .symbol = p.position.symbol,
					     .qty = closes ? 0 : p.position.qty,
					     .entry = closes ? 0 : p.position.entry,
					     .delta = (int64_t)draw(w, 20001) - 10000 } };
}

static union fb_command in_batch(struct words *w)
{
	uint32_t id = 1 + draw(w, ACCOUNTS), kind = draw(w, 100);
	if (kind < 50)
		return marks(w);
	if (kind < 75)
		return fill(w);
	if (kind < 85)
		return (union fb_command){ .collateral = { .op = FB_OP_COLLATERAL,
							   .account = id,
							   .delta = (int64_t)draw(w, 40001) -
								    20000 } };
	if (kind < 90)
		return position(w, id, draw(w, ROWS));
	if (kind < 95)
		return account(w, id);
	return (union fb_command){ .funding = { .op = FB_OP_FUNDING,
						.symbol = (uint16_t)draw(w, SYMBOLS),
						.rate = (int64_t)draw(w, 2000001) - 1000000 } };
}

static union fb_command alone(struct words *w)
{
	uint32_t kind = draw(w, 4);
	if (kind == 0)
		return (union fb_command){ .snapshot = { .op = FB_OP_SNAPSHOT } };
	if (kind == 1)
		return (union fb_command){ .hash = { .op = FB_OP_HASH,
						     .first = draw(w, ACCOUNTS),
						     .span = draw(w, ACCOUNTS) } };
	return (union fb_command){ .rank = { .op = FB_OP_RANK,
					     .symbol = (uint16_t)draw(w, SYMBOLS),
					     .side = (uint8_t)draw(w, 2),
					     .mode = (uint8_t)(kind - 2),
					     .zoom = (uint8_t)draw(w, 32),
					     .exclude_level = 8,
					     .class_mask = (uint8_t)draw(w, 8),
					     .profit_c = 0x01f0f1f & draw(w, 1u << 28),
					     .loss_c = 0xf1 & draw(w, 256),
					     .from = draw(w, 1u << 30),
					     .cursor_key = UINT32_MAX } };
}

static void words(struct words *w)
{
	for (unsigned i = 0; i < FB_SELFTEST_WORDS && !w->failed; i++) {
		bool last = i + 1 == FB_SELFTEST_WORDS || i % CHECK_EVERY == CHECK_EVERY - 1;
		if (w->in_batch == 0 && draw(w, 20) == 0)
			send(w, alone(w), false);
		else
			send(w, in_batch(w), !last && w->in_batch + 1 < BATCH && draw(w, 2));
		if (last)
			send(w, (union fb_command){ .hash = { .op = FB_OP_HASH } }, false);
	}
	settle(w);
}

/* Service records that no healthy engine gives here. */
static bool quiet(struct words *w)
{
	char text[320];
	if (w->engine.faults == 0)
		return true;
	fb_text_record(&w->engine.fault[0], text, sizeof(text));
	fb_error_set(&w->error, -EPROTO, "%u fault records, the first: %s", w->engine.faults, text);
	return fail(w);
}

bool selftest_words(struct fb_selftest *test, struct fb_engine *engine, uint64_t seed,
		    uint64_t *seq)
{
	static const char *const reference = "model:accounts=1000,rows=10000";
	struct words w = { .test = test, .seed = fb_mix(seed), .seq = *seq };
	w.engine.engine = engine;
	w.engine.room = ROOM;
	w.engine.record = malloc(ROOM * sizeof(*w.engine.record));
	if (!w.engine.record || fb_link_open(&w.model, reference, ROOM, 0, &w.error))
		return selftest_say(test, "random words", false, "out of memory");
	/* Both begin with nothing. */
	send(&w, (union fb_command){ .reset = { .op = FB_OP_RESET } }, false);
	load(&w);
	words(&w);
	bool good = !w.failed && quiet(&w);
	if (good)
		selftest_say(test, "random words", true,
			     "%u commands, %" PRIu64 " records and %" PRIu64
			     " refusals as those of model; state hashes equal",
			     FB_SELFTEST_WORDS, w.records, w.rejects);
	*seq = w.seq;
	free(w.engine.record);
	fb_link_close(&w.model);
	return good;
}

bool selftest_fences(struct fb_selftest *test, struct fb_engine *engine, unsigned n, uint64_t *seq)
{
	static const char *const name = "fence";
	union fb_record record[64];
	unsigned told = 0, sent = 0, ends = 0;
	for (unsigned idle = 0; ends < n && idle < 1000000; idle++) {
		union fb_command c = { .fence = { .seq = *seq + 1,
						  .op = FB_OP_FENCE,
						  .cookie = fb_mix(*seq + 1) } };
		int err = sent < n ? fb_engine_submit(engine, &c) : -EAGAIN;
		sent += err == 0;
		*seq += err == 0;
		int got = err == 0 || err == -EAGAIN ? fb_engine_poll(engine, record, 64, NULL)
						     : err;
		if (got < 0) {
			struct fb_engine_info info;
			fb_engine_info(engine, &info);
			return selftest_say(test, name, false, "the engine died: %.400s",
					    *info.why ? info.why : strerror(-got));
		}
		idle = got > 0 ? 0 : idle;
		for (int i = 0; i < got; i++) {
			ends += record[i].header.kind == FB_REC_BATCH_END;
			if (record[i].header.kind != FB_REC_FENCE)
				continue;
			if (record[i].fence.cookie != fb_mix(record[i].fence.seq))
				return selftest_say(test, name, false,
						    "fence %" PRIu64 " came back with cookie "
						    "%016" PRIx64,
						    record[i].fence.seq, record[i].fence.cookie);
			told++;
		}
	}
	return told == n || selftest_say(test, name, false, "%u of %u came back", told, n);
}
