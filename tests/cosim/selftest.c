/* The checker must catch every kind of lie. Each faulty engine is compared until it is caught, at
 * most a few seeds. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <firebreak/hash.h>

#include "check.h"
#include "cosim.h"
#include "faulty.h"

#define SEEDS 5

static bool caught(const char *uri)
{
	struct totals totals = { 0 };
	bool equal = true;

	for (uint64_t seed = 1; equal && seed <= SEEDS; seed++) {
		struct stream_options shape = { .seed = seed, .commands = 3000, .rows = 200 };
		struct stream stream;

		stream_make(&shape, &stream);
		equal = compare_engines(uri, "model:", &stream, seed, &totals);
		stream_free(&stream);
	}
	return !equal;
}

/* A model whose answers to RANK lie, digest included, or that puts in a service record. */
enum lie { NONE, KEY, EQUITY, BUCKET, LOTS, MISSING, ROTATION, MISMATCH, KNOWN_ANSWER, PARITY };

static const struct {
	const char *name;
	enum lie lie;
	bool passes;
} lies[] = {
	{ "no lie", NONE, true },	      { "rank key", KEY, false },
	{ "rank equity", EQUITY, false },     { "rank bucket", BUCKET, false },
	{ "rank lots", LOTS, false },	      { "nominee missing", MISSING, false },
	{ "rotation", ROTATION, true },	      { "mismatch", MISMATCH, false },
	{ "known answer", KNOWN_ANSWER, false }, { "parity", PARITY, false },
};

static struct {
	struct fb_engine engine; /* ops of this file */
	struct fb_engine *inner;
	enum lie lie;
	uint64_t digest_error;
	unsigned polled;
	bool audited;
} liar;

static int liar_submit(struct fb_engine *engine, const union fb_command *command)
{
	int status = fb_engine_submit(liar.inner, command);

	(void)engine;
	if (status == 0 && command->header.op == FB_OP_AUDIT && command->audit.mode == 1)
		liar.audited = true;
	return status;
}

/* False: the record is left out. */
static bool tell_rank(union fb_record *r)
{
	uint64_t hash = fb_hash_word(r);
	bool nominee = r->header.kind == FB_REC_NOMINEE;

	if (r->header.kind == FB_REC_BATCH_END) {
		r->batch_end.count -= liar.lie == MISSING && liar.digest_error != 0;
		r->batch_end.digest += liar.digest_error;
		liar.digest_error = 0;
	} else if (nominee && liar.lie == MISSING && liar.digest_error == 0) {
		liar.digest_error = 0 - hash;
		return false;
	} else if (nominee && (liar.lie == KEY || liar.lie == EQUITY)) {
		r->nominee.key += liar.lie == KEY;
		r->nominee.equity.lo += liar.lie == EQUITY;
		liar.digest_error += fb_hash_word(r) - hash;
	} else if (r->header.kind == FB_REC_RANK_HIST && (liar.lie == BUCKET || liar.lie == LOTS)) {
		r->rank_hist.first ^= (uint16_t)(liar.lie == BUCKET ? 3 : 0);
		r->rank_hist.qty[0] += liar.lie == LOTS && r->rank_hist.rows[0] > 0;
		liar.digest_error += fb_hash_word(r) - hash;
	}
	return true;
}

static bool tell_service(union fb_record *r)
{
	memset(r, 0, sizeof *r);
	r->header.kind = liar.lie == PARITY ? FB_REC_FAULT : FB_REC_AUDIT;
	if (liar.lie == PARITY)
		r->fault.fault = FB_FAULT_ROW_PARITY;
	else
		r->audit.finding = liar.lie == ROTATION	  ? FB_AUDIT_ROTATION
				   : liar.lie == MISMATCH ? FB_AUDIT_MISMATCH
							  : FB_AUDIT_KNOWN_ANSWER;
	return true;
}

/* One record at a time. */
static int liar_poll(struct fb_engine *engine, union fb_record *out, size_t room, int *idle)
{
	(void)engine;
	(void)room;
	if (liar.lie >= ROTATION && liar.audited && ++liar.polled % 7 == 0) {
		if (idle)
			*idle = 0;
		return tell_service(out);
	}
	int n = fb_engine_poll(liar.inner, out, 1, idle);
	return n == 1 && !tell_rank(out) ? fb_engine_poll(liar.inner, out, 1, idle) : n;
}

static void liar_info(const struct fb_engine *engine, struct fb_engine_info *out)
{
	(void)engine;
	fb_engine_info(liar.inner, out);
}

static void liar_close(struct fb_engine *engine)
{
	(void)engine;
	fb_engine_close(liar.inner);
}

static const struct fb_engine_ops liar_ops = {
	.submit = liar_submit, .poll = liar_poll, .info = liar_info, .close = liar_close
};

/* All batches of the liar are those of the model. */
static bool believed(struct runner *a, struct runner *b)
{
	struct batch batch_a = { 0 }, batch_b = { 0 };
	int more_a = 1, more_b = 1;
	bool good = true;

	while (good && more_a > 0 && more_b > 0) {
		more_a = runner_next(a, &batch_a);
		more_b = runner_next(b, &batch_b);
		if (more_a > 0 && more_b > 0)
			good = check_batch("liar", a->stream, &batch_a) &&
			       check_batch("model", b->stream, &batch_b) &&
			       check_equal("liar", &batch_a, "model", &batch_b);
	}
	batch_free(&batch_a);
	batch_free(&batch_b);
	if (more_a < 0)
		printf("liar: %s\n", a->error);
	return good && more_a == 0 && more_b == 0;
}

static bool judged_rightly(enum lie lie, bool passes)
{
	bool good = true;

	for (uint64_t seed = 1; good && seed <= SEEDS; seed++) {
		struct stream_options shape = { .seed = seed, .commands = 3000, .rows = 400 };
		struct stream stream;
		struct runner a = { 0 }, b = { 0 };

		stream_make(&shape, &stream);
		memset(&liar, 0, sizeof liar);
		good = runner_open(&a, "model:", &stream, seed) == 0 &&
		       runner_open(&b, "model:", &stream, seed) == 0;
		liar.engine.ops = &liar_ops;
		liar.inner = a.engine;
		liar.lie = lie;
		a.engine = &liar.engine;
		good = good && believed(&a, &b) && (lie != ROTATION || a.rotations > 0);
		runner_close(&a);
		runner_close(&b);
		stream_free(&stream);
	}
	return good == passes;
}

bool selftest(const struct options *o)
{
	bool all = true;

	(void)o;
	for (unsigned k = 0; k < sizeof lies / sizeof lies[0]; k++) {
		printf("--- %s\n", lies[k].name);
		bool one = judged_rightly(lies[k].lie, lies[k].passes);
		printf("selftest: %s is %s%s\n", lies[k].name, one ? "" : "NOT ",
		       lies[k].passes ? "let through" : "caught");
		all = all && one;
	}
	for (unsigned k = 0; faulty_kinds[k]; k++) {
		char uri[URI_MAX];

		snprintf(uri, sizeof uri, "faulty:%s,model:", faulty_kinds[k]);
		printf("--- %s\n", faulty_kinds[k]);
		bool one = caught(uri);
		printf("selftest: %s is %s\n", faulty_kinds[k], one ? "caught" : "NOT CAUGHT");
		all = all && one;
	}
	printf("selftest: %s\n", all ? "PASS" : "FAIL");
	return all;
}
