/* Made-up work of a venue's size, for any engine: one book, and batches of marks, fills and
 * rankings on it. The same shape gives the same commands everywhere.
 *
 * The book: `rows` positions of cross-margin accounts with 1 to 8 of them (2.2 on average), over up
 * to 160 symbols as skewed as on 2025-10-10, long and short, an entry price within 2 % of the first
 * mark. One account in twenty (or `weak_e4` of 10,000), all of whose positions are long, breaches
 * at a fall of 2 %, and not at 1 %; the others have 10 to 60 % of what they hold. In a book
 * `doomed` all positions are long, and a fall of 70 % makes every account bankrupt. Symbol 0 is the
 * largest; `largest` says how many rows it has, if not what the skew gives it.
 */
#ifndef FIREBREAK_WORKLOAD_H
#define FIREBREAK_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/layout.h>

struct fb_workload_shape {
	uint32_t rows, symbols; /* symbols: 1..160 */
	uint32_t largest;	/* rows of symbol 0, at most `rows`; 0: by the skew */
	uint32_t weak_e4;	/* accounts that breach at a fall of 2 %, of 10,000; 0: 500 */
	bool doomed;
	uint64_t seed;
};

struct fb_workload_row {
	int64_t qty, entry_e8;
	uint32_t account; /* id - 1 */
	uint16_t symbol;
};

struct fb_workload {
	struct fb_workload_shape shape;
	uint32_t accounts;
	struct fb_workload_row *row; /* position id - 1 */
	int64_t *collateral_e8;	     /* account id - 1 */
	uint64_t u[FB_SYMBOLS];	     /* first unit values */
	uint32_t rows_of[FB_SYMBOLS];
	uint64_t draws;
};

int fb_workload_open(const struct fb_workload_shape *shape, struct fb_workload *out); /* -ENOMEM */
void fb_workload_close(struct fb_workload *w);

/* Takes a command that has no sequence yet. Not 0 ends what was going on. */
typedef int fb_workload_give(void *context, union fb_command *command);

/* Tables, symbols, accounts and positions, everybody calm afterwards. */
int fb_workload_load(const struct fb_workload *w, fb_workload_give *give, void *context);
/* One batch: all symbols at first x factor_e6 / 10^6, give or take noise_e6 / 10^6 of it. */
int fb_workload_marks(struct fb_workload *w, uint32_t factor_e6, uint32_t noise_e6,
		      fb_workload_give *give, void *context);
/* A batch of one symbol. */
int fb_workload_mark(struct fb_workload *w, uint16_t symbol, uint32_t factor_e6,
		     fb_workload_give *give, void *context);
/* A position changes by a hundredth, at its price: one FILL. */
int fb_workload_fill(struct fb_workload *w, uint32_t row, fb_workload_give *give, void *context);
/* Funding of a symbol: so much a lot, with FB_U_FRACTION_BITS of fraction. What one rate gave, its
 * negative takes back to the last unit. */
int fb_workload_funding(uint16_t symbol, int64_t rate, fb_workload_give *give, void *context);
/* Rows of a symbol on one side (0 long, 1 short), and their lots. */
uint32_t fb_workload_side(const struct fb_workload *w, uint16_t symbol, unsigned side,
			  uint64_t *lots);

#endif
