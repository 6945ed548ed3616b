/* A wrapper that spoils one record or command in about a hundred; see faulty.h. */
#include "faulty.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/hash.h>

#include "plugin.h"
#include "random.h"

enum {
	DROP,
	TWICE,
	EQUITY_BIT,
	MM_BIT,
	SWAP,
	LEVEL_OFF,
	LATE,
	COUNT_OFF,
	DIGEST_OFF,
	REASON,
	LOSE_COMMAND,
	HASH_BIT,
	CONSISTENT
};

const char *const faulty_kinds[] = { "drop",         "twice",    "equity-bit", "mm-bit", "swap",
				     "level",        "late",     "count",      "digest", "reason",
				     "lose-command", "hash-bit", "consistent", NULL };

struct faulty {
	struct fb_engine engine;
	struct fb_engine *inner;
	int kind;
	struct rng rng;
	uint64_t digest_error; /* consistent: carried into the next BATCH_END */
	union fb_record held;
	bool holds;
};

static int submit(struct fb_engine *engine, const union fb_command *command)
{
	struct faulty *f = (struct faulty *)engine;

	if (f->kind == LOSE_COMMAND && command->header.op == FB_OP_COLLATERAL &&
	    rng_chance(&f->rng, 100)) {
		union fb_command word = *command;

		word.collateral.delta ^= 1;
		return fb_engine_submit(f->inner, &word);
	}
	return fb_engine_submit(f->inner, command);
}

static void spoil_level(struct faulty *f, union fb_record *r)
{
	uint64_t swap = (uint64_t)r->level.mm.lo;

	if (f->kind == EQUITY_BIT)
		r->level.equity.lo ^= 1ull << rng_below(&f->rng, 64);
	else if (f->kind == MM_BIT)
		r->level.mm.hi ^= 1ll << rng_below(&f->rng, 30);
	else if (f->kind == LEVEL_OFF)
		r->level.level ^= 1;
	else if (f->kind == SWAP) {
		r->level.mm.lo = r->level.equity.lo;
		r->level.equity.lo = swap;
	} else if (f->kind == CONSISTENT) {
		f->digest_error -= fb_hash_word(r);
		r->level.mm.lo ^= 1;
		f->digest_error += fb_hash_word(r);
	}
}

static void spoil_end(struct faulty *f, union fb_record *r)
{
	r->batch_end.digest += f->digest_error;
	f->digest_error = 0;
	if (f->kind == COUNT_OFF && rng_chance(&f->rng, 10))
		r->batch_end.commands++;
	if (f->kind == DIGEST_OFF && rng_chance(&f->rng, 10))
		r->batch_end.digest ^= 1ull << rng_below(&f->rng, 64);
}

/* Number of records that take the place of this one: 0, 1 or 2. */
static int spoil(struct faulty *f, union fb_record *r)
{
	bool hit = rng_chance(&f->rng, 10);

	if (r->header.kind == FB_REC_BATCH_END)
		spoil_end(f, r);
	if (r->header.kind == FB_REC_REJECT && f->kind == REASON && hit)
		r->reject.reason ^= 1;
	if (r->header.kind == FB_REC_HASH && f->kind == HASH_BIT)
		r->hash.rows_hash ^= 4;
	if (r->header.kind != FB_REC_LEVEL || !hit)
		return 1;
	spoil_level(f, r);
	return f->kind == DROP ? 0 : f->kind == TWICE ? 2 : 1;
}

/* One record at a time: `late` lets a LEVEL change places with the BATCH_END behind it. */
static int poll(struct fb_engine *engine, union fb_record *out, size_t room, int *idle)
{
	struct faulty *f = (struct faulty *)engine;

	if (f->holds) {
		f->holds = false;
		out[0] = f->held;
		return 1;
	}
	int n = fb_engine_poll(f->inner, out, room > 0 ? 1 : 0, idle);
	if (n <= 0)
		return n;
	if (f->kind == LATE && out[0].header.kind == FB_REC_LEVEL && rng_chance(&f->rng, 100)) {
		f->held = out[0];
		for (n = 0; n == 0;)
			n = fb_engine_poll(f->inner, out, 1, NULL);
		f->holds = n > 0;
		return n;
	}
	int copies = spoil(f, &out[0]);
	f->holds = copies == 2;
	f->held = out[0];
	return copies > 0;
}

static void info(const struct fb_engine *engine, struct fb_engine_info *out)
{
	fb_engine_info(((const struct faulty *)engine)->inner, out);
}

static void faulty_close(struct fb_engine *engine)
{
	fb_engine_close(((struct faulty *)engine)->inner);
	free(engine);
}

static const struct fb_engine_ops faulty_ops = {
	.submit = submit, .poll = poll, .info = info, .close = faulty_close
};

int faulty_engine_open(const char *uri, struct fb_engine **out, struct fb_error *error)
{
	const char *comma = strchr(uri, ',');
	int kind = 0;

	if (strncmp(uri, "faulty:", 7) != 0)
		return plugin_engine_open(uri, out, error);
	size_t length = comma ? (size_t)(comma - uri) - 7 : 0;
	while (faulty_kinds[kind] && !(strlen(faulty_kinds[kind]) == length &&
				       !memcmp(uri + 7, faulty_kinds[kind], length)))
		kind++;
	if (!comma || !faulty_kinds[kind])
		return fb_error_set(error, -EINVAL, "expected faulty:KIND,URI, found %.60s", uri);
	struct faulty *f = calloc(1, sizeof *f);
	if (!f)
		return fb_error_set(error, -ENOMEM, "out of memory");
	f->engine.ops = &faulty_ops;
	f->kind = kind;
	int status = fb_engine_open(comma + 1, &f->inner, error);
	if (status < 0)
		free(f);
	else
		*out = &f->engine;
	return status;
}
