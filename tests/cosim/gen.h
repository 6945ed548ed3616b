/* Inside the generator: what its files share. */
#ifndef COSIM_GEN_H
#define COSIM_GEN_H

#include <string.h>

#include "bank.h"
#include "stream.h"

enum gen_profile {
	GEN_EVERYDAY, /* amounts as on a venue; levels change by small moves */
	GEN_WIDE, /* every magnitude equally likely */
	GEN_EDGES, /* limits of the fields: bad rows, ranges, wraps */
	GEN_PROFILES
};

struct gen {
	struct rng rng;
	const struct stream_options *options;
	struct stream_writer writer;
	struct bank bank;
	enum gen_profile profile;
	unsigned symbols, ladders, classes;
	uint16_t symbol[BANK_SYMBOLS]; /* the ones this bank trades */
	uint16_t ladder[32]; /* the ones it may bind; kept written */
	uint8_t class_id[FB_CLASSES];
	uint32_t rows_target, accounts_target;
	size_t batch_start; /* index of the open batch's first command */
	uint32_t id_bits; /* dense or sparse logical ids */
	uint32_t gone_account,
		gone_row; /* ids removed last: they come again, in the same batch too */
	bool one_batch; /* after RESET: tables, accounts and first rows in a single batch */
	int whale; /* account that collects rows up to the limit, or BANK_NONE */
};

/* generate.c. A command joins the open batch; gen_end_batch closes it. */
void gen_emit(struct gen *g, const union fb_command *word, enum fb_reject expect);
bool gen_batch_open(const struct gen *g);
void gen_end_batch(struct gen *g);
union fb_command gen_word(struct gen *g, uint8_t op);

/* gen_valid.c: commands that are accepted, each also applied to the shadow. */
void gen_class(struct gen *g, uint8_t class_id);
void gen_ladder(struct gen *g, uint16_t ladder);
void gen_symbol(struct gen *g, uint16_t symbol, uint64_t u);
void gen_account_new(struct gen *g);
void gen_account_again(struct gen *g);
void gen_account_remove(struct gen *g);
void gen_collateral(struct gen *g, int account, int64_t delta_e8);
void gen_position_new(struct gen *g);
void gen_position_again(struct gen *g);
void gen_position_remove(struct gen *g, int row);
void gen_fill(struct gen *g);
void gen_marks(struct gen *g, unsigned n);
void gen_mark_to(struct gen *g, const uint16_t *symbols, const uint64_t *u, unsigned n);
void gen_funding(struct gen *g);
void gen_tables(struct gen *g); /* a class or ladder that nothing uses is written anew */
uint64_t gen_next_u(struct gen *g, uint16_t symbol);
void gen_put_account(struct gen *g, int account, int64_t collateral_e8, i128 addend_e15, int level);
void gen_put_row(struct gen *g, int row, int64_t qty, int64_t entry_e8, uint32_t addend_e7);

/* Commands that stand alone. */
void gen_stand_alone(struct gen *g, uint8_t op);
void gen_reset(struct gen *g);

/* gen_rank.c: more of those. */
void gen_rank(struct gen *g);
void gen_audit(struct gen *g);
void gen_hash_range(struct gen *g);
/* Every field of a RANK that is not refused but for a symbol that may not be defined. */
void gen_rank_choose(struct gen *g, struct fb_cmd_rank *command);

/* gen_load.c: the whole bank as one batch, for an empty engine. */
void gen_load(struct gen *g, int (*level)(void *context, uint32_t account), void *context);

/* gen_invalid.c: one command that is refused. */
void gen_invalid(struct gen *g);

/* gen_edge.c: whole batches, constructed. */
void gen_edge_threshold(struct gen *g);
void gen_edge_floor(struct gen *g);

void gen_edge_hedge(struct gen *g);
void gen_edge_calm(struct gen *g);
void gen_storm(struct gen *g);

/* gen_range.c */
void gen_edge_range(struct gen *g);

static inline struct fb_i128 gen_i128(i128 v)
{
	return (struct fb_i128){ .lo = (uint64_t)v, .hi = (int64_t)(v >> 64) };
}

static inline bool gen_fits(i128 v, unsigned bits)
{
	i128 limit = (i128)1 << (bits - 1);

	return v >= -limit && v < limit;
}

#endif
