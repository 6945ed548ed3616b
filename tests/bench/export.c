/* The book and the batches of sw/lib/workload.h as files that any program can read, with the answer
 * that is right for each batch; and what an engine of ours takes for the same. For the peers in
 * tests/bench/peers: each is held against these answers. The engine's answers are compared with a
 * fresh sum over the rows first (peers/exact.h), so a wrong engine gives no files that look whole.
 *
 * usage: export [--engine URI] [--rows N] [--symbols N] [--seconds S] DIR
 *
 * DIR gets the books venue, doomed and isolated (that of venue with every position an account of
 * its own); peers/write.h says what is in one. A line of JSON for each step goes to standard
 * output: best and median time of a batch, from the first command to the last record. */
#include <time.h>

#include <firebreak/engine.h>

#include "peers/write.h"

#define COMMANDS_MAX 64u
#define SAMPLES_MAX 200u
#define FILLS 4000u
#define WALK 16u

struct batch {
	union fb_command command[COMMANDS_MAX];
	unsigned n;
};

struct export {
	const char *uri, *dir, *book;
	double seconds; /* spent on a step at most */
	struct fb_engine *engine;
	uint64_t seq;
	struct fb_workload w;
	struct exact_tables tables;
	struct out out;
	uint8_t *level, *before; /* of each account: as records said; in breach before */
	struct exact_sums *sums;
	struct exact_ranked *rank, *nominee;
	uint32_t nominees;
	uint64_t lots_of[FB_RANK_BUCKETS + 2], u[FB_SYMBOLS];
	uint32_t rows_in[FB_RANK_BUCKETS + 2];
	struct batch *into; /* commands go here and not to the engine */
	struct batch to, back;
	uint64_t pair[FB_SYMBOLS][2];
	size_t pairs;
	uint64_t ns[SAMPLES_MAX];
	unsigned samples;
};

static void fail(const char *what)
{
	fprintf(stderr, "export: %s\n", what);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- the engine ---- */

static void take(struct export *x, const union fb_record *r)
{
	switch (r->header.kind) {
	case FB_REC_LEVEL:
		x->level[r->header.account - 1] = r->header.level;
		break;
	case FB_REC_RANK_HIST:
		for (unsigned k = 0; k < 3; k++)
			x->rows_in[r->rank_hist.first + k] = r->rank_hist.rows[k];
		break;
	case FB_REC_NOMINEE:
		x->nominee[x->nominees++] = (struct exact_ranked){
			.row = r->nominee.position - 1, .account = r->nominee.account - 1,
			.equity_e8 = (int64_t)r->nominee.equity.lo };
		break;
	case FB_REC_REJECT:
		fail("a command was refused");
	}
}

static int send(struct export *x, union fb_command *command)
{
	union fb_record record[256];
	int n, idle = 0;
	command->header.seq = ++x->seq;
	if (fb_engine_submit(x->engine, command))
		fail("the engine takes no command");
	while (!(command->header.flags & FB_FLAG_MORE) && !idle) {
		n = fb_engine_poll(x->engine, record, 256, &idle);
		if (n < 0)
			fail("the engine is dead");
		for (int i = 0; i < n; i++)
			take(x, &record[i]);
	}
	return 0;
}

/* What the generator gives: tables are noted, batches of marks put aside, the rest is sent. */
static int give(void *context, union fb_command *c)
{
	struct export *x = context;
	struct exact_tables *t = &x->tables;
	if (c->header.op == FB_OP_CLASS) {
		memcpy(t->up_e7, c->class.up, sizeof(t->up_e7));
		memcpy(t->down_e7, c->class.down, sizeof(t->down_e7));
	} else if (c->header.op == FB_OP_LADDER) {
		t->floor_e8[c->ladder.tier] = (int64_t)c->ladder.floor;
		t->rate_e7[c->ladder.tier] = (int64_t)c->ladder.rate;
		t->deduction_e15[c->ladder.tier] = (int64_t)c->ladder.deduction.lo;
		t->tiers = c->ladder.tier + 1u;
	}
	if (!x->into)
		return send(x, c);
	if (x->into->n == COMMANDS_MAX)
		fail("a batch is too long");
	x->into->command[x->into->n++] = *c;
	return 0;
}

static void send_batch(struct export *x, struct batch *b)
{
	for (unsigned i = 0; i < b->n; i++)
		send(x, &b->command[i]);
}

/* ---- a step: from the first unit values to others and back ---- */

/* The batch that undoes `to`, and what `to` says, for the file. */
static void find_back(struct export *x)
{
	x->back = x->to;
	x->pairs = 0;
	memcpy(x->u, x->w.u, sizeof(x->u));
	for (unsigned i = 0; i < x->to.n; i++)
		for (unsigned k = 0; k < x->to.command[i].marks.count; k++) {
			uint64_t mark = x->to.command[i].marks.mark[k], s = mark & 0xfff;
			x->back.command[i].marks.mark[k] = x->w.u[s] << 12 | s;
			x->u[s] = mark >> 12;
			x->pair[x->pairs][0] = s;
			x->pair[x->pairs++][1] = mark >> 12;
		}
}

static void check_calm(struct export *x)
{
	exact_sums(&x->w, &x->tables, x->w.u, x->sums);
	for (uint32_t a = 0; a < x->w.accounts; a++)
		if (x->level[a] || exact_breach(&x->sums[a], x->tables.down_e7[0]))
			fail("an account is not calm at the first unit values");
	memset(x->before, 0, x->w.accounts);
}

/* The engine's levels against a fresh sum; `before`, as far as hysteresis goes. */
static void check_levels(struct export *x)
{
	exact_sums(&x->w, &x->tables, x->u, x->sums);
	for (uint32_t a = 0; a < x->w.accounts; a++) {
		bool held = x->before[a] && exact_breach(&x->sums[a], x->tables.down_e7[0]);
		x->before[a] = held || exact_breach(&x->sums[a], x->tables.up_e7[0]);
		if (x->before[a] != (x->level[a] > 0))
			fail("the engine's answer is not that of a fresh sum");
	}
}

/* Who is in breach at x->sums, and of whom doubles may say otherwise. */
static void write_lists(struct export *x, const char *name)
{
	FILE *answer = out_open(&x->out, name, ".answer"),
	     *margin = out_open(&x->out, name, ".margin");
	for (uint32_t a = 0; a < x->w.accounts; a++) {
		if (exact_breach(&x->sums[a], x->tables.up_e7[0]))
			fwrite(&a, 4, 1, answer);
		if (exact_at_margin(&x->sums[a], x->tables.up_e7[0]))
			fwrite(&a, 4, 1, margin);
	}
	out_close(answer, name);
	out_close(margin, name);
}

static void write_answer(struct export *x, const char *name)
{
	check_levels(x);
	write_lists(x, name);
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

static void report(struct export *x, const char *name, uint32_t rows, double per)
{
	qsort(x->ns, x->samples, sizeof(x->ns[0]), by_size);
	printf("{\"book\": \"%s\", \"step\": \"%s\", \"rows\": %u, \"samples\": %u, "
	       "\"best_ns\": %.1f, \"median_ns\": %.1f, \"wrong\": 0, \"at_margin\": 0}\n",
	       x->book, name, rows, x->samples, (double)x->ns[0] / per,
	       (double)x->ns[x->samples / 2] / per);
	fflush(stdout);
	x->samples = 0;
}

static bool more(const struct export *x, uint64_t began)
{
	return x->samples + 2 <= SAMPLES_MAX &&
	       (x->samples < 6 || (double)(now_ns() - began) < x->seconds * 1e9);
}

/* `together` times there and back are one sample, so that the clock is not what is measured. */
static void time_step(struct export *x, const char *name, uint32_t rows, unsigned together)
{
	uint64_t began = now_ns();
	while (more(x, began)) {
		uint64_t start = now_ns();
		for (unsigned k = 0; k < together; k++) {
			send_batch(x, &x->to);
			if (together > 1)
				send_batch(x, &x->back);
		}
		uint64_t middle = now_ns();
		x->ns[x->samples++] = middle - start;
		if (together == 1) {
			send_batch(x, &x->back);
			x->ns[x->samples++] = now_ns() - middle;
		}
	}
	report(x, name, rows, together > 1 ? 2 * together : 1);
}

static void step(struct export *x, const char *name, uint32_t rows, unsigned together)
{
	x->into = NULL;
	find_back(x);
	out_step(&x->out, name, "breach", rows, &x->pair[0][0], x->pairs);
	send_batch(x, &x->to);
	write_answer(x, name);
	send_batch(x, &x->back);
	check_calm(x);
	time_step(x, name, rows, together);
}

static void all_symbols(struct export *x, const char *name, uint32_t factor_e6,
			uint32_t noise_e6)
{
	x->into = &x->to;
	x->to.n = 0;
	fb_workload_marks(&x->w, factor_e6, noise_e6, give, x);
	step(x, name, x->w.shape.rows, 1);
}

static void one_symbol(struct export *x, const char *name, uint32_t factor_e6, unsigned together)
{
	x->into = &x->to;
	x->to.n = 0;
	fb_workload_mark(&x->w, 0, factor_e6, give, x);
	step(x, name, x->w.rows_of[0], together);
}

/* Sixteen batches in turn, in each all symbols anywhere within 5 % of their first value. Levels
 * have hysteresis here; the answer, that of the last batch, has none. */
static void walk_step(struct export *x)
{
	static struct batch walk[WALK];
	static uint64_t pair[WALK * FB_SYMBOLS][2];
	size_t n = 0;
	for (unsigned i = 0; i < WALK; i++) {
		x->into = &x->to;
		x->to.n = 0;
		fb_workload_marks(&x->w, 1000000, 50000, give, x);
		x->into = NULL;
		find_back(x);
		walk[i] = x->to;
		memcpy(pair[n], x->pair, x->pairs * sizeof(pair[0]));
		n += x->pairs;
		send_batch(x, &walk[i]);
		check_levels(x);
	}
	out_step(&x->out, "walk", "walk", x->w.shape.rows, &pair[0][0], n);
	write_lists(x, "walk");
	for (uint64_t began = now_ns(); more(x, began);)
		for (unsigned i = 0; i < WALK && x->samples < SAMPLES_MAX; i++) {
			uint64_t start = now_ns();
			send_batch(x, &walk[i]);
			x->ns[x->samples++] = now_ns() - start;
		}
	send_batch(x, &x->back);
	check_calm(x);
	report(x, "walk", x->w.shape.rows, 1);
}

/* ---- rank ---- */

static union fb_command rank_command(unsigned mode, uint32_t from)
{
	union fb_command c;
	memset(&c, 0, sizeof(c));
	c.rank.op = FB_OP_RANK;
	c.rank.mode = (uint8_t)mode;
	c.rank.exclude_level = 2;
	c.rank.class_mask = 1 << (FB_SIGN_PROFIT - 1);
	c.rank.profit_c = 0x0000f001; /* profit / equity */
	c.rank.cursor_key = UINT32_MAX;
	c.rank.from = from;
	c.rank.zoom = 13;
	return c;
}

/* One histogram from 2^-24 on, eight buckets to a factor of two; one select of the buckets that
 * hold the first 256, and of what the error of keys could hide (B = 2.5); the exact order of
 * those. */
static uint32_t rank_engine(struct export *x)
{
	const uint32_t bottom = FB_SIGN_PROFIT << FB_SCORE_BITS, middle = 1u << (FB_SCORE_BITS - 1),
		       from = bottom + middle - (24u << 16);
	union fb_command c = rank_command(FB_RANK_HISTOGRAM, from);
	uint32_t bucket = FB_RANK_BUCKETS, rows = 0;
	memset(x->rows_in, 0, sizeof(x->rows_in));
	send(x, &c);
	while (bucket > 0 && rows < EXACT_TOP)
		rows += x->rows_in[--bucket];
	c = rank_command(FB_RANK_SELECT, rows < EXACT_TOP ? bottom : from + (bucket << 13) - 6);
	x->nominees = 0;
	send(x, &c);
	for (uint32_t i = 0; i < x->nominees; i++) {
		struct exact_ranked *r = &x->nominee[i];
		const struct fb_workload_row *row = &x->w.row[r->row];
		r->notional_e8 = exact_value(row, x->u[row->symbol]);
		r->pnl_e8 = r->notional_e8 - row->entry_e8;
	}
	qsort(x->nominee, x->nominees, sizeof(*x->nominee), exact_before);
	return x->nominees < EXACT_TOP ? x->nominees : EXACT_TOP;
}

static void check_rank(struct export *x, const char *name)
{
	exact_sums(&x->w, &x->tables, x->u, x->sums);
	uint32_t all = exact_rank(&x->w, &x->tables, x->u, x->sums, 0, x->rank),
		 n = rank_engine(x);
	FILE *answer = out_open(&x->out, name, ".answer"),
	     *margin = out_open(&x->out, name, ".margin");
	if (n != (all < EXACT_TOP ? all : EXACT_TOP))
		fail("the engine's ranking has another length");
	for (uint32_t i = 0; i < n; i++) {
		if (x->nominee[i].row != x->rank[i].row)
			fail("the engine's ranking is not that of a sort");
		fwrite(&x->rank[i].row, 4, 1, answer);
	}
	for (uint32_t i = 0; i + 1 < all && i <= n; i++)
		if (exact_near(&x->rank[i], &x->rank[i + 1])) {
			fwrite(&x->rank[i].row, 4, 1, margin);
			fwrite(&x->rank[i + 1].row, 4, 1, margin);
		}
	out_close(answer, name);
	out_close(margin, name);
}

/* Every ranking comes after marks of its symbol: nothing is left of the one before. */
static void rank_step(struct export *x)
{
	x->into = &x->to;
	x->to.n = 0;
	fb_workload_mark(&x->w, 0, 1005000, give, x);
	x->into = NULL;
	find_back(x);
	out_step(&x->out, "rank", "rank", x->w.rows_of[0] / 2, &x->pair[0][0], x->pairs);
	send_batch(x, &x->to);
	check_rank(x, "rank");
	uint64_t began = now_ns();
	while (more(x, began)) {
		send_batch(x, &x->back);
		send_batch(x, &x->to);
		uint64_t start = now_ns();
		rank_engine(x);
		x->ns[x->samples++] = now_ns() - start;
	}
	send_batch(x, &x->back);
	report(x, "rank", x->w.rows_of[0] / 2, 1);
}

/* ---- fills ---- */

/* Fills of random positions; then the fall at which one account in twenty breaches. */
static void fill_step(struct export *x)
{
	FILE *f = out_open(&x->out, "fill", ".fills");
	x->into = &x->to;
	x->to.n = 0;
	fb_workload_marks(&x->w, 975000, 0, give, x);
	for (uint32_t i = 0; i < FILLS; i++) {
		struct batch one = { .n = 0 };
		uint64_t row = i * 7919u % x->w.shape.rows;
		x->into = &one;
		fb_workload_fill(&x->w, (uint32_t)row, give, x);
		fwrite(&row, 8, 1, f);
		fwrite(&x->w.row[row].qty, 8, 1, f);
		fwrite(&x->w.row[row].entry_e8, 8, 1, f);
		uint64_t start = now_ns();
		send_batch(x, &one);
		if (i % (FILLS / SAMPLES_MAX) == 0)
			x->ns[x->samples++] = now_ns() - start;
	}
	out_close(f, "fill.fills");
	x->into = NULL;
	find_back(x);
	out_step(&x->out, "fill", "fill", 1, &x->pair[0][0], x->pairs);
	send_batch(x, &x->to);
	write_answer(x, "fill");
	report(x, "fill", 1, 1);
}

/* ---- books ---- */

/* Every position an account of its own: with its own MM, and a share by size of what its account
 * had above its MM, so that everybody is calm. */
static void isolate(struct export *x)
{
	struct fb_workload *w = &x->w;
	uint32_t accounts = w->accounts;
	int64_t *own_e8 = calloc(w->shape.rows, sizeof(*own_e8));
	double *gross = calloc(accounts, sizeof(*gross));
	x->sums = calloc(accounts, sizeof(*x->sums));
	if (!own_e8 || !gross || !x->sums)
		fail("too little memory");
	exact_sums(w, &x->tables, w->u, x->sums);
	for (uint32_t i = 0; i < w->shape.rows; i++)
		gross[w->row[i].account] += (double)llabs(w->row[i].entry_e8);
	for (uint32_t i = 0; i < w->shape.rows; i++) {
		const struct fb_workload_row *row = &w->row[i];
		const struct exact_sums *s = &x->sums[row->account];
		int64_t value_e8 = exact_value(row, w->u[row->symbol]),
			mm_e8 = (int64_t)(exact_mm(&x->tables, llabs(value_e8)) / 10000000);
		double free_e8 = (double)(s->equity_e8 - s->mm_e15 / 10000000);
		own_e8[i] = mm_e8 + row->entry_e8 - value_e8 +
			    (int64_t)(free_e8 * (double)llabs(row->entry_e8) / gross[row->account]);
		w->row[i].account = i;
	}
	free(w->collateral_e8);
	free(gross);
	free(x->sums);
	w->collateral_e8 = own_e8;
	w->accounts = w->shape.rows;
}

static void open_book(struct export *x, const char *book, struct fb_workload_shape shape)
{
	struct fb_error error;
	char uri[160];
	snprintf(uri, sizeof(uri), strncmp(x->uri, "cpu:", 4) ? "%s" : "%s%saccounts=%u,rows=%u",
		 x->uri, x->uri[4] ? "," : "", shape.rows, shape.rows);
	x->book = book;
	x->seq = 0;
	if (fb_workload_open(&shape, &x->w))
		fail("too little memory");
	if (strcmp(book, "isolated") == 0)
		isolate(x); /* tables: those of the book before */
	x->level = calloc(x->w.accounts, 1);
	x->before = calloc(x->w.accounts, 1);
	x->sums = calloc(x->w.accounts, sizeof(*x->sums));
	x->rank = calloc(shape.rows, sizeof(*x->rank));
	x->nominee = calloc(shape.rows, sizeof(*x->nominee));
	if (!x->level || !x->before || !x->sums || !x->rank || !x->nominee)
		fail("too little memory");
	if (fb_engine_open(uri, &x->engine, &error))
		fail(error.text);
	x->into = NULL;
	fb_workload_load(&x->w, give, x);
	check_calm(x);
	out_book(&x->out, x->dir, book, &x->w, &x->tables);
}

static void close_book(struct export *x)
{
	out_close(x->out.steps, "steps.txt");
	fb_engine_close(x->engine);
	fb_workload_close(&x->w);
	free(x->level);
	free(x->before);
	free(x->sums);
	free(x->rank);
	free(x->nominee);
}

static void export_all(struct export *x, struct fb_workload_shape shape)
{
	open_book(x, "venue", shape);
	one_symbol(x, "quiet", 1000001, 50);
	one_symbol(x, "symbol", 1005000, 1);
	all_symbols(x, "all03", 1000000, 3000);
	walk_step(x);
	all_symbols(x, "burst", 975000, 0);
	rank_step(x);
	fill_step(x);
	close_book(x);
	open_book(x, "isolated", shape);
	one_symbol(x, "quiet", 1000001, 50);
	one_symbol(x, "symbol", 1005000, 1);
	walk_step(x);
	all_symbols(x, "burst", 975000, 0);
	close_book(x);
	shape.doomed = true;
	open_book(x, "doomed", shape);
	all_symbols(x, "storm", 300000, 0);
	close_book(x);
}

static uint32_t number(const char *text, uint32_t least, uint32_t most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);
	if (*end || end == text || n < least || n > most) {
		fprintf(stderr, "export: %s is not a number from %u to %u\n", text, least, most);
		exit(2);
	}
	return (uint32_t)n;
}

int main(int argc, char **argv)
{
	static struct export x = { .uri = "cpu:", .seconds = 1 };
	struct fb_workload_shape shape = { .rows = 221000, .symbols = 160, .seed = 1 };
	int i = 1;
	for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
		if (strcmp(argv[i], "--engine") == 0)
			x.uri = argv[i + 1];
		else if (strcmp(argv[i], "--rows") == 0)
			shape.rows = number(argv[i + 1], 100, 4000000);
		else if (strcmp(argv[i], "--symbols") == 0)
			shape.symbols = number(argv[i + 1], 1, 160);
		else if (strcmp(argv[i], "--seconds") == 0)
			x.seconds = number(argv[i + 1], 0, 600);
		else
			break;
	}
	if (i + 1 != argc || strncmp(argv[i], "--", 2) == 0) {
		fprintf(stderr, "usage: export [--engine URI] [--rows N] [--symbols N] "
				"[--seconds S] DIR\n");
		return 2;
	}
	x.dir = argv[i];
	export_all(&x, shape);
	return 0;
}
