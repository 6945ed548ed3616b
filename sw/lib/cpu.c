/* The software engine: opening, taking commands in order, and the queue of records. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpu_judge.h"
#include "cpu_ranking.h"
#include "uri_args.h"

#define CAPACITY_MAX (UINT32_C(1) << 26)
#define ACCOUNTS_DEFAULT 65536
#define ROWS_DEFAULT 262144
#define QUEUE_SPARE 1024
#define HISTOGRAM_MAX ((FB_RANK_BUCKETS + 2) / 3)

/* The most that a command can emit: a level or snapshot record for each account, a nominee for each
 * row or a histogram, one record of its own, BATCH_END. */
static size_t records_at_most(const struct cpu *c, const union fb_command *command)
{
	if (!fb_command_closes(command))
		return 1;
	size_t ranked = c->rows > HISTOGRAM_MAX ? c->rows : HISTOGRAM_MAX;
	size_t judged = (size_t)c->accounts + 1;
	bool rank = command->header.op == FB_OP_RANK;
	return (rank && ranked > judged ? ranked : judged) + 2;
}

static void refuse(struct cpu *c, const union fb_command *command, enum fb_reject reason)
{
	union fb_record record = cpu_record(command->header.seq, FB_REC_REJECT);
	record.reject.reason = (uint8_t)reason;
	record.reject.op = command->header.op;
	c->batch.rejects++;
	cpu_decide(c, &record);
}

static void ignore(struct cpu *c, uint64_t found_seq)
{
	union fb_record record = cpu_record(found_seq, FB_REC_FAULT);
	record.fault.fault = FB_FAULT_SEQUENCE;
	record.fault.expected_seq = c->check.next_seq;
	record.fault.found_seq = found_seq;
	cpu_push(c, &record);
}

static void take(struct cpu *c, const union fb_command *command)
{
	uint64_t seq = command->header.seq;
	int reason = fb_check_command(&c->check, command);
	bool reset = command->header.op == FB_OP_RESET;

	if (reason == FB_CHECK_IGNORED) {
		ignore(c, seq);
		return;
	}
	if (reset) {
		cpu_store_clear(c);
		memset(&c->batch, 0, sizeof(c->batch));
	} else if (reason == FB_REJECT_NONE) {
		reason = (int)cpu_check_structure(c, command);
	}
	c->batch.commands++;
	fb_check_taken(&c->check, command, (enum fb_reject)reason);
	if (reason != FB_REJECT_NONE)
		refuse(c, command, (enum fb_reject)reason);
	else if (!reset)
		cpu_apply(c, command);
	if (fb_command_closes(command)) {
		c->dead = cpu_judge(c, seq) != 0;
		cpu_emit_batch_end(c, seq);
	}
}

static int submit(struct fb_engine *engine, const union fb_command *command)
{
	struct cpu *c = (struct cpu *)engine;
	if (c->dead)
		return -EIO;
	cpu_store_fetch(c, command);
	if (c->queue_size - c->queue_n < records_at_most(c, command))
		return -EAGAIN;
	take(c, command);
	return c->dead ? -EIO : 0;
}

static int poll(struct fb_engine *engine, union fb_record *out, size_t room, int *idle)
{
	struct cpu *c = (struct cpu *)engine;
	if (c->dead)
		return -EIO;
	size_t n = c->queue_n < room ? c->queue_n : room,
	       first = c->queue_size - c->queue_first < n ? c->queue_size - c->queue_first : n;
	n = n < INT32_MAX ? n : INT32_MAX;
	memcpy(out, &c->queue[c->queue_first], first * sizeof(*out));
	memcpy(out + first, c->queue, (n - first) * sizeof(*out));
	c->queue_n -= n;
	c->queue_first += n;
	if (c->queue_n == 0)
		c->queue_first = 0; /* the same lines again, which are at hand */
	else if (c->queue_first >= c->queue_size)
		c->queue_first -= c->queue_size;
	if (idle)
		*idle = c->queue_n == 0;
	return (int)n;
}

static void info(const struct fb_engine *engine, struct fb_engine_info *out)
{
	const struct cpu *c = (const struct cpu *)engine;
	*out = (struct fb_engine_info){
		.accounts_max = c->accounts_max,
		.rows_max = c->rows_max,
		.row_revaluations = c->revaluations,
	};
	snprintf(out->uri, sizeof(out->uri),
		 "cpu:accounts=%" PRIu32 ",rows=%" PRIu32 ",isa=%s,threads=%u", c->accounts_max,
		 c->rows_max, c->kernels->name, c->pool.threads);
	if (c->dead)
		snprintf(out->why, sizeof(out->why),
			 "engine cpu: a thread did not do its part within %" PRIu64
			 " ms; another engine must take over",
			 c->pool.patience_ns / 1000000);
}

static void close_cpu(struct fb_engine *engine)
{
	struct cpu *c = (struct cpu *)engine;
	/* A thread that still works on it may not find it gone: better lost than written to. */
	if (!cpu_pool_close(&c->pool))
		return;
	cpu_storm_close(c);
	cpu_rank_close(c);
	cpu_tile_close(c);
	cpu_band_close(c);
	cpu_store_close(c);
	cpu_room_free(c->queue, c->queue_size * sizeof(*c->queue));
	free(c);
}

static const struct fb_engine_ops cpu_ops = {
	.submit = submit,
	.poll = poll,
	.info = info,
	.close = close_cpu,
};

struct args {
	uint32_t accounts, rows, threads, seek;
	char isa[16];
	const struct cpu_kernels *kernels;
};

static bool set_arg(void *context, const char *key, const char *value)
{
	struct args *a = context;
	if (strcmp(key, "accounts") == 0)
		return fb_uri_u32(value, CAPACITY_MAX, &a->accounts) && a->accounts > 0;
	if (strcmp(key, "rows") == 0)
		return fb_uri_u32(value, CAPACITY_MAX, &a->rows) && a->rows > 0;
	if (strcmp(key, "threads") == 0)
		return fb_uri_u32(value, POOL_THREADS, &a->threads) && a->threads > 0;
	if (strcmp(key, "seek") == 0)
		return fb_uri_u32(value, CAPACITY_MAX, &a->seek) && a->seek > 0;
	return strcmp(key, "isa") == 0 && fb_uri_text(value, a->isa, sizeof(a->isa));
}

static int parse(const char *text, struct args *args, struct fb_error *error)
{
	int length;
	*args = (struct args){ ACCOUNTS_DEFAULT, ROWS_DEFAULT, 1, 0, "best", NULL };
	const char *wrong = fb_uri_pairs(text, set_arg, args, &length);
	if (wrong)
		return fb_error_set(error, -EINVAL,
				    "engine cpu: expected accounts=N, rows=N (1..%u), "
				    "isa=best|avx512|avx2|portable|wide, threads=N (1..%u) or "
				    "seek=N; found '%.*s'",
				    CAPACITY_MAX, POOL_THREADS, length, wrong);
	bool known;
	args->kernels = cpu_kernels_choose(args->isa, &known);
	if (!known)
		return fb_error_set(error, -EINVAL,
				    "engine cpu: expected isa=best, avx512, avx2, portable or "
				    "wide; found '%s'",
				    args->isa);
	if (!args->kernels)
		return fb_error_set(error, -ENOTSUP,
				    "engine cpu: this processor has no %s; use isa=best or "
				    "isa=portable",
				    args->isa);
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	if (processors > 0 && args->threads > (unsigned long)processors)
		return fb_error_set(error, -EINVAL,
				    "engine cpu: threads=%u, but there are %ld processors; threads "
				    "that share one only wait for each other",
				    args->threads, processors);
	return 0;
}

/* When everything is full. Pages are taken when they are first written: what is not there would be
 * missed then, in the middle of a batch, and by a signal. */
static uint64_t bytes_when_full(const struct args *a)
{
	uint64_t row = sizeof(struct cpu_row) + sizeof(struct cpu_node) / (CPU_FAN - 1) +
		       sizeof(struct cpu_tile_row) / CPU_LANES,
		 account = sizeof(struct cpu_account) + sizeof(struct cpu_tile_head) / CPU_LANES +
			   4 * sizeof(uint32_t),
		 most = a->rows > a->accounts ? a->rows : a->accounts;
	return a->rows * row + a->accounts * account + most * sizeof(union fb_record) +
	       fb_idmap_bytes(a->rows) + fb_idmap_bytes(a->accounts) +
	       cpu_rank_bytes(a->rows, a->accounts);
}

static int check_room(const struct args *args, struct fb_error *error)
{
	uint64_t needed = bytes_when_full(args), left = cpu_room_left();
	if (needed <= left)
		return 0;
	return fb_error_set(error, -ENOMEM,
			    "engine cpu: %u accounts and %u rows need %" PRIu64
			    " MiB, and %" PRIu64 " MiB are left; ask for fewer",
			    args->accounts, args->rows, needed >> 20, left >> 20);
}

static int open_parts(struct cpu *c, unsigned threads)
{
	uint32_t longest = c->rows_max > c->accounts_max ? c->rows_max : c->accounts_max;
	c->queue_size = (size_t)longest + QUEUE_SPARE;
	c->queue = cpu_room(c->queue_size * sizeof(*c->queue), true);
	if (!c->queue)
		return -ENOMEM;
	int err = cpu_store_open(c);
	if (!err)
		err = cpu_band_open(c);
	if (!err)
		err = cpu_rank_open(c);
	if (!err)
		err = cpu_tile_open(c);
	if (!err)
		err = cpu_storm_open(c);
	return err ? err : cpu_pool_open(&c->pool, threads);
}

int fb_cpu_open(const char *text, struct fb_engine **out, struct fb_error *error)
{
	struct args args;
	assert(text && out);
	*out = NULL;
	int err = parse(text, &args, error);
	if (!err)
		err = check_room(&args, error);
	if (err)
		return err;
	struct cpu *c = calloc(1, sizeof(*c));
	if (!c)
		return fb_error_set(error, -ENOMEM, "engine cpu: out of memory");
	c->engine.ops = &cpu_ops;
	c->kernels = args.kernels;
	c->accounts_max = args.accounts;
	c->rows_max = args.rows;
	c->seek = args.seek;
	if (open_parts(c, args.threads)) {
		close_cpu(&c->engine);
		return fb_error_set(error, -ENOMEM,
				    "engine cpu: no memory for %u accounts and %u rows",
				    args.accounts, args.rows);
	}
	cpu_store_clear(c);
	fb_check_reset(&c->check, 1);
	*out = &c->engine;
	return 0;
}
