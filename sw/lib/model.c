/* The oracle engine: opening, taking commands in order, and the queue of records. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

/* Bounds of the capacities: 2^26 accounts or rows take 10 GB, which is far beyond any venue and
 * still safe to compute with. */
#define CAPACITY_MAX (UINT32_C(1) << 26)
#define ACCOUNTS_DEFAULT 65536
#define ROWS_DEFAULT 262144
/* Records beyond one per account or row: room for small batches, so that a caller need not poll
 * after each command. */
#define QUEUE_SPARE 1024
/* Records of a histogram: three buckets each. */
#define HISTOGRAM_MAX ((FB_RANK_BUCKETS + 2) / 3)

void model_push(struct model *m, const union fb_record *record)
{
	assert(m->queue_n < m->queue_size);
	m->queue[(m->queue_first + m->queue_n++) % m->queue_size] = *record;
}

/* The most that a command can emit: a level or snapshot record for each account, a nominee for
 * each row or a histogram, one record of its own, BATCH_END. A command that leaves its batch open
 * emits its own record at most. */
static size_t records_at_most(const struct model *m, const union fb_command *command)
{
	bool ends = !(command->header.flags & FB_FLAG_MORE) || command->header.op == FB_OP_RESET;
	if (!ends)
		return 1;
	size_t ranked = m->rows > HISTOGRAM_MAX ? m->rows : HISTOGRAM_MAX;
	size_t judged = (size_t)m->accounts + 1; /* ACCOUNT may add one */
	bool rank = command->header.op == FB_OP_RANK; /* or a refusal that ends a batch */
	return (rank && ranked > judged ? ranked : judged) + 2;
}

static void take(struct model *m, const union fb_command *command)
{
	uint64_t seq = command->header.seq;
	bool reset = command->header.op == FB_OP_RESET;

	if (reset) {
		model_store_clear(m);
		m->batch = (struct model_batch){ .open = false };
	} else if (seq != m->next_seq) {
		model_emit_sequence_fault(m, seq);
		return;
	}
	m->next_seq = seq + 1;
	m->batch.commands++;
	if (!reset) {
		enum fb_reject reason = model_check(m, command);
		if (reason == FB_REJECT_NONE) {
			model_apply(m, command);
		} else {
			m->batch.rejects++;
			model_emit_reject(m, command, reason);
		}
	}
	m->batch.open = !reset && (command->header.flags & FB_FLAG_MORE);
	if (!m->batch.open) {
		model_judge_touched(m, seq);
		model_emit_batch_end(m, seq);
	}
}

static int submit(struct fb_engine *engine, const union fb_command *command)
{
	struct model *m = (struct model *)engine;
	if (m->queue_size - m->queue_n < records_at_most(m, command))
		return -EAGAIN;
	take(m, command);
	return 0;
}

static int poll(struct fb_engine *engine, union fb_record *out, size_t room, int *idle)
{
	struct model *m = (struct model *)engine;
	int n = 0;
	while ((size_t)n < room && n < INT32_MAX && m->queue_n > 0) {
		out[n++] = m->queue[m->queue_first];
		m->queue_first = (m->queue_first + 1) % m->queue_size;
		m->queue_n--;
	}
	if (idle)
		*idle = m->queue_n == 0;
	return n;
}

static void info(const struct fb_engine *engine, struct fb_engine_info *out)
{
	const struct model *m = (const struct model *)engine;
	*out = (struct fb_engine_info){
		.accounts_max = m->accounts_max,
		.rows_max = m->rows_max,
		.row_revaluations = m->revaluations,
	};
	snprintf(out->uri, sizeof(out->uri), "model:accounts=%" PRIu32 ",rows=%" PRIu32,
		m->accounts_max, m->rows_max);
}

static void close_model(struct fb_engine *engine)
{
	struct model *m = (struct model *)engine;
	model_store_close(m);
	free(m->queue);
	free(m);
}

static const struct fb_engine_ops model_ops = {
	.submit = submit,
	.poll = poll,
	.info = info,
	.close = close_model,
};

/* One `name=number` of the arguments at *at, if it has this name; moves *at behind it. */
static bool parse_capacity(const char **at, const char *name, uint32_t *value)
{
	size_t length = strlen(name);
	if (strncmp(*at, name, length) != 0 || (*at)[length] != '=')
		return false;
	const char *digits = *at + length + 1;
	size_t n = strspn(digits, "0123456789");
	if (n == 0 || n > 8) /* eight digits exceed CAPACITY_MAX and cannot overflow */
		return false;
	unsigned long number = strtoul(digits, NULL, 10);
	if (number < 1 || number > CAPACITY_MAX)
		return false;
	*value = (uint32_t)number;
	*at = digits + n;
	return true;
}

static int parse_args(struct model *m, const char *args, struct fb_error *error)
{
	m->accounts_max = ACCOUNTS_DEFAULT;
	m->rows_max = ROWS_DEFAULT;
	for (const char *at = args; *at; at += *at == ',') {
		const char *found = at;
		bool known = parse_capacity(&at, "accounts", &m->accounts_max) ||
			     parse_capacity(&at, "rows", &m->rows_max);
		bool another = *at == ',' && at[1];
		if (!known || (*at && !another))
			return fb_error_set(error, -EINVAL,
				"engine model: expected accounts=N,rows=N with N in 1..%u; "
				"found '%.64s'", CAPACITY_MAX, found);
	}
	return 0;
}

int fb_model_open(const char *args, struct fb_engine **out, struct fb_error *error)
{
	assert(args && out);
	*out = NULL;
	struct model *m = calloc(1, sizeof(*m));
	if (!m)
		return fb_error_set(error, -ENOMEM, "engine model: out of memory");
	m->engine.ops = &model_ops;
	int code = parse_args(m, args, error);
	if (code) {
		free(m);
		return code;
	}
	uint32_t longest = m->rows_max > m->accounts_max ? m->rows_max : m->accounts_max;
	m->queue_size = (size_t)longest + QUEUE_SPARE;
	m->queue = calloc(m->queue_size, sizeof(*m->queue));
	if (!m->queue || model_store_open(m)) {
		close_model(&m->engine);
		return fb_error_set(error, -ENOMEM,
			"engine model: no memory for %u accounts and %u rows",
			m->accounts_max, m->rows_max);
	}
	m->next_seq = 1;
	*out = &m->engine;
	return 0;
}
