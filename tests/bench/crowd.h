/* The accounts of a worst instant, one position each: losers, long on little money, whom a fall of
 * a fifth makes bankrupt; winners, short on little money, who are first in the ranking; and others,
 * long and short, well covered, who make up the rest of the book. They lie scattered in it.
 *
 * Account and position k + 1 are at index k. Everything is a function of the seed. */
#ifndef CROWD_H
#define CROWD_H

#include <stdbool.h>
#include <stdlib.h>

#include <firebreak/inputs.h>

#include "../../sw/lib/mix.h"

enum crowd_kind { CROWD_LOSER, CROWD_WINNER, CROWD_OTHER };

struct crowd_options {
	uint32_t losers, accounts, symbols; /* accounts: all of them, at least 2 x losers */
	/* sizes differ within a symbol: a loser may need several winners; else one is enough */
	bool uneven;
	uint64_t seed;
};

struct crowd {
	struct crowd_options options;
	uint8_t *kind; /* by index */
	struct fb_accounts accounts;
	uint64_t start_e8[FB_SYMBOLS], fallen_e8[FB_SYMBOLS]; /* marks */
};

/* What a lot is worth at the start. */
static inline int64_t crowd_lot_e8(unsigned symbol)
{
	return (8 + (int64_t)symbol % 10) * 100000000;
}

static inline uint32_t crowd_draw(const struct crowd *c, uint32_t index, uint32_t what,
				  uint32_t below)
{
	return fb_mix_below(fb_mix(c->options.seed + ((uint64_t)what << 32) + index), below);
}

/* The nth of its kind, at this index. A fifth of the price against collateral of 4 to 9 percent: a
 * loser lacks 11 to 17 % of a lot's first price and a winner has at least 24 %, so that every
 * winner can bear what any loser lacks, lot for lot. */
static inline void crowd_put(struct crowd *c, uint32_t index, uint32_t nth)
{
	uint16_t symbol = (uint16_t)(nth % c->options.symbols);
	bool other = c->kind[index] == CROWD_OTHER,
	     buys = other ? nth / c->options.symbols % 2 : c->kind[index] == CROWD_LOSER;
	int64_t lots = c->options.uneven ? 20 + crowd_draw(c, index, 1, 81) : 40u + symbol,
		lot_e8 = crowd_lot_e8(symbol),
		bought_e8 = lot_e8 + lot_e8 / 10000 * crowd_draw(c, index, 2, 100),
		entry_e8 = lots * bought_e8, share = 400 + crowd_draw(c, index, 3, 500);
	c->accounts.account[index] = (struct fb_account_spec){
		.id = index + 1,
		.owner = index + 1,
		.role = FB_ROLE_USER,
		.collateral_e8 = entry_e8 / 10000 * (other ? share * 20 : share),
		.first = index,
		.positions = 1,
	};
	c->accounts.position[index] = (struct fb_position_spec){
		.id = index + 1,
		.symbol = symbol,
		.qty = buys ? lots : -lots,
		.entry_e8 = buys ? entry_e8 : -entry_e8,
	};
}

static inline void crowd_free(struct crowd *c)
{
	free(c->kind);
	free(c->accounts.account);
	free(c->accounts.position);
}

/* 0, or -1: out of memory. */
static inline int crowd_make(const struct crowd_options *options, const struct fb_rules *rules,
			     struct crowd *c)
{
	uint32_t n = options->accounts, nth[3] = { 0 };
	*c = (struct crowd){ .options = *options };
	c->kind = calloc(n, 1);
	c->accounts.account = calloc(n, sizeof(*c->accounts.account));
	c->accounts.position = calloc(n, sizeof(*c->accounts.position));
	if (!c->kind || !c->accounts.account || !c->accounts.position) {
		crowd_free(c);
		return -1;
	}
	c->accounts.accounts = c->accounts.positions = n;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = crowd_draw(c, i, 0, i + 1);
		c->kind[i] = c->kind[at];
		c->kind[at] = i < options->losers       ? CROWD_LOSER
			      : i < 2 * options->losers ? CROWD_WINNER
							: CROWD_OTHER;
	}
	for (uint32_t i = 0; i < n; i++)
		crowd_put(c, i, nth[c->kind[i]]++);
	for (unsigned s = 0; s < options->symbols; s++) {
		/* Lots of a pack are powers of ten: the division leaves nothing. */
		c->start_e8[s] = (uint64_t)crowd_lot_e8(s) * 100000000 / rules->symbol[s].lot_e8;
		c->fallen_e8[s] = c->start_e8[s] / 5 * 4;
	}
	return 0;
}

#endif
