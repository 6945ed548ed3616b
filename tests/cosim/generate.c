/* Streams: how the bank is built up, and which batch comes next. */
#include "gen.h"

#include <stdio.h>
#include <stdlib.h>

void stream_begin(struct stream_writer *writer, struct stream *stream)
{
	*stream = (struct stream){ 0 };
	*writer = (struct stream_writer){ .stream = stream };
}

struct stream_command *stream_add(struct stream_writer *writer, const union fb_command *word,
				  bool more)
{
	struct stream *s = writer->stream;

	if (s->n == writer->room) {
		writer->room = writer->room ? 2 * writer->room : 1024;
		s->command = realloc(s->command, writer->room * sizeof *s->command);
		if (!s->command) {
			fprintf(stderr, "cosim: out of memory for a stream of %zu commands\n",
				s->n);
			exit(2);
		}
	}
	struct stream_command *c = &s->command[s->n++];
	*c = (struct stream_command){ .word = *word, .ends_batch = !more };
	c->word.header.seq = ++writer->seq;
	c->word.header.flags = (uint8_t)((word->header.flags & ~FB_FLAG_MORE) |
					 (more ? FB_FLAG_MORE : 0));
	return c;
}

void stream_free(struct stream *stream)
{
	free(stream->command);
	*stream = (struct stream){ 0 };
}

/* An empty command, now and then with noise everywhere: the caller sets every field that is read,
 * so what stays noise is what the contract says is ignored. Placement is not noise: in logs it is
 * 0. */
union fb_command gen_word(struct gen *g, uint8_t op)
{
	union fb_command w = { 0 };

	if (rng_chance(&g->rng, 100)) {
		for (unsigned i = 1; i < 8; i++)
			w.words[i] = rng_next(&g->rng);
		w.header.flags &= (uint8_t) ~(FB_FLAG_MORE | FB_FLAG_SET_LEVEL | FB_FLAG_REMOVE);
		w.header.place_reject = 0;
		if (op >= FB_OP_POSITION && op <= FB_OP_COLLATERAL) {
			w.place.place_lane = w.place.place_slot = w.place.place_row = 0;
			w.place.place_flags = 0;
		}
	}
	w.header.op = op;
	return w;
}

/* A word that must be ignored: it carries any sequence but the next. */
static void emit_out_of_sequence(struct gen *g, const union fb_command *word)
{
	uint64_t next = g->writer.seq + 1, seq;

	do
		seq = rng_chance(&g->rng, 500) ? next - 3 + rng_below(&g->rng, 8)
					       : rng_edge(&g->rng, 64);
	while (seq == next);
	struct stream_command *c = stream_add(&g->writer, word, rng_chance(&g->rng, 500));
	g->writer.seq--;
	c->word.header.seq = seq;
	c->ignored = true;
	c->ends_batch = false;
}

void gen_emit(struct gen *g, const union fb_command *word, enum fb_reject expect)
{
	if (!g->options->no_faults && rng_chance(&g->rng, 3) && word->header.op != FB_OP_RESET)
		emit_out_of_sequence(g, word);
	stream_add(&g->writer, word, true)->expect = (uint8_t)expect;
}

bool gen_batch_open(const struct gen *g)
{
	return g->writer.stream->n > g->batch_start;
}

void gen_end_batch(struct gen *g)
{
	struct stream *s = g->writer.stream;

	if (!gen_batch_open(g))
		return;
	s->command[s->n - 1].word.header.flags &= (uint8_t)~FB_FLAG_MORE;
	s->command[s->n - 1].ends_batch = true;
	g->batch_start = s->n;
}

static uint16_t fresh_symbol(struct gen *g)
{
	for (;;) {
		uint16_t s = (uint16_t)(rng_chance(&g->rng, 200) ? FB_SYMBOLS - 1
								 : rng_edge(&g->rng, 10));
		unsigned i = 0;

		while (i < g->symbols && g->symbol[i] != s)
			i++;
		if (i == g->symbols)
			return s;
	}
}

/* The shape of a seed's bank. */
static void choose_shape(struct gen *g)
{
	static const uint32_t row_targets[] = { 30, 100, 200, 400, 800, 1500 };
	static const uint32_t id_bits[] = { 12, 20, 32 };
	uint32_t rows = g->options->rows ? g->options->rows : row_targets[rng_below(&g->rng, 6)];
	uint32_t rows_max = g->options->rows_max ? g->options->rows_max : BANK_ROWS;
	uint32_t accounts_max = g->options->accounts_max ? g->options->accounts_max : BANK_ACCOUNTS;

	/* A tenth is left for rows and accounts that come after the build-up. */
	rows_max = rows_max > BANK_ROWS ? BANK_ROWS : rows_max;
	accounts_max = accounts_max > BANK_ACCOUNTS ? BANK_ACCOUNTS : accounts_max;
	g->rows_target = rows < rows_max * 9 / 10 ? rows : rows_max * 9 / 10;
	g->accounts_target = g->rows_target / (1 + rng_below(&g->rng, 8)) + 3;
	if (g->accounts_target > accounts_max * 9 / 10)
		g->accounts_target = accounts_max * 9 / 10;
	g->id_bits = id_bits[rng_below(&g->rng, 3)];
	g->profile = (enum gen_profile)(
		rng_chance(&g->rng, 600) ? GEN_EVERYDAY : rng_below(&g->rng, GEN_PROFILES));
	unsigned symbols = 3 + rng_below(&g->rng, 58), ladders = 2 + rng_below(&g->rng, 8);
	for (g->symbols = 0; g->symbols < symbols; g->symbols++)
		g->symbol[g->symbols] = fresh_symbol(g);
	for (g->ladders = 0; g->ladders < ladders; g->ladders++)
		g->ladder[g->ladders] = (uint16_t)(g->ladders % 3 == 0 ? 255 - g->ladders
								       : g->ladders * 7);
	g->classes = 2 + rng_below(&g->rng, 6);
	for (unsigned i = 0; i < g->classes; i++)
		g->class_id[i] = (uint8_t)(i % 2 ? 15 - i : i);
	g->whale = BANK_NONE;
}

static bool has_room(const struct gen *g)
{
	return g->options->commands > g->writer.stream->n;
}

static void end_unless_one_batch(struct gen *g)
{
	if (!g->one_batch)
		gen_end_batch(g);
}

/* Tables, then accounts and rows in batches of all sizes. */
static void build_up(struct gen *g)
{
	for (unsigned i = 0; i < g->classes; i++)
		gen_class(g, g->class_id[i]);
	for (unsigned i = 0; i < g->ladders; i++)
		gen_ladder(g, g->ladder[i]);
	end_unless_one_batch(g);
	for (unsigned i = 0; i < g->symbols; i++) {
		gen_symbol(g, g->symbol[i], gen_next_u(g, g->symbol[i]));
		if (rng_chance(&g->rng, 300))
			end_unless_one_batch(g);
	}
	while (g->bank.accounts < g->accounts_target / 2 || g->bank.accounts < 3)
		gen_account_new(g);
	end_unless_one_batch(g);
	if (g->rows_target > 650 && rng_chance(&g->rng, 600))
		g->whale = bank_pick_account(&g->bank, &g->rng);
	while (g->bank.rows < g->rows_target && has_room(g)) {
		if (g->bank.accounts < g->accounts_target && rng_chance(&g->rng, 300))
			gen_account_new(g);
		gen_position_new(g);
		g->one_batch = g->one_batch && g->bank.rows < 30;
		if (rng_chance(&g->rng, 150))
			end_unless_one_batch(g);
	}
	g->one_batch = false;
	gen_end_batch(g);
}

/* One command of a mixed batch. */
static void mixed_command(struct gen *g)
{
	uint32_t k = rng_below(&g->rng, 100);

	if (k < 30)
		gen_marks(g, 1 + rng_below(&g->rng, FB_MARKS_PER_WORD));
	else if (k < 55)
		gen_fill(g);
	else if (k < 64)
		gen_position_again(g);
	else if (k < 72)
		gen_position_new(g);
	else if (k < 76)
		gen_position_remove(g, bank_pick_row(&g->bank, &g->rng));
	else if (k < 84)
		gen_account_again(g);
	else if (k < 87)
		gen_account_new(g);
	else if (k < 89)
		gen_account_remove(g);
	else if (k < 95)
		gen_collateral(g, bank_pick_account(&g->bank, &g->rng),
			       rng_edge_signed(&g->rng, 32));
	else if (k < 97)
		gen_symbol(g, g->symbol[rng_below(&g->rng, g->symbols)], 0);
	else if (k < 98)
		gen_tables(g);
	else
		gen_funding(g);
	if (rng_chance(&g->rng, 90))
		gen_invalid(g);
}

static void marks_batch(struct gen *g)
{
	uint32_t words = rng_chance(&g->rng, 600) ? 1 : 1 + rng_below(&g->rng, 8);

	while (words-- > 0)
		gen_marks(g,
			  rng_chance(&g->rng, 500) ? 1 : 1 + rng_below(&g->rng, FB_MARKS_PER_WORD));
}

static void next_batch(struct gen *g)
{
	uint32_t k = rng_below(&g->rng, 1000);

	if (k < 410)
		marks_batch(g);
	else if (k < 460)
		gen_rank(g);
	else if (k < 470)
		gen_audit(g);
	else if (k < 700)
		for (uint32_t n = 1 + rng_below(&g->rng, 12); n > 0; n--)
			mixed_command(g);
	else if (k < 800)
		gen_edge_threshold(g);
	else if (k < 850)
		gen_edge_floor(g);
	else if (k < 880)
		gen_edge_hedge(g);
	else if (k < 900)
		gen_edge_range(g);
	else if (k < 915)
		gen_edge_calm(g);
	else if (k < 925)
		gen_storm(g);
	else if (k < 945)
		gen_funding(g);
	else if (k < 957)
		gen_stand_alone(g, FB_OP_HASH);
	else if (k < 965)
		gen_hash_range(g);
	else if (k < 973)
		gen_stand_alone(g, FB_OP_SNAPSHOT);
	else if (k < 980)
		gen_stand_alone(g, FB_OP_FENCE);
	else
		gen_invalid(g);
	gen_end_batch(g);
}

/* Accounts outside the range that a command can carry come back at its limit. */
static void heal(struct gen *g)
{
	i128 limit = ((i128)1 << (FB_MONEY_BITS - 1)) - 1;

	for (int i = 0; i < BANK_ACCOUNTS; i++) {
		const struct bank_account *a = &g->bank.account[i];
		i128 c = a->collateral_e8 > limit    ? limit
			 : a->collateral_e8 < -limit ? -limit
						     : a->collateral_e8;

		if (a->live && a->damaged)
			gen_put_account(g, i, (int64_t)c, a->addend_e15, -1);
	}
	gen_end_batch(g);
}

/* Too large for a stack, and stream_load_last looks at what the last stream left. */
static struct gen g;

void stream_load_last(uint64_t seed, int (*level)(void *context, uint32_t account), void *context,
		      struct stream *out)
{
	g.rng.state = seed;
	stream_begin(&g.writer, out);
	gen_load(&g, level, context);
}

void stream_make(const struct stream_options *options, struct stream *out)
{
	size_t resets = 0;

	memset(&g, 0, sizeof g);
	g.rng.state = options->seed;
	g.options = options;
	stream_begin(&g.writer, out);
	choose_shape(&g);
	build_up(&g);
	while (has_room(&g)) {
		next_batch(&g);
		if (resets == 0 && !options->no_reset && out->n > options->commands / 2 &&
		    rng_chance(&g.rng, 20)) {
			gen_reset(&g);
			resets++;
			build_up(&g);
		}
	}
	if (options->heal)
		heal(&g);
	gen_stand_alone(&g, FB_OP_SNAPSHOT);
	gen_stand_alone(&g, FB_OP_HASH);
}
