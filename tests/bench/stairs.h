/* Accounts on stairs: whenever the mark of a symbol goes down by a step, exactly one more account
 * reaches its liquidation threshold, and it is another one each time, far from the last in memory.
 *
 * Account i has a long position in the symbol of its stairs, and rows - 1 further ones in a symbol
 * whose mark rests. Its collateral is such that equity is MM half a step above its own step. Ids
 * are spread over 31 bits. Everything is a function of the options. */
#ifndef STAIRS_H
#define STAIRS_H

#include <stdbool.h>
#include <stdlib.h>

#include <firebreak/inputs.h>

#include "../../sw/lib/margin.h"
#include "../../sw/lib/mix.h"

#define STAIRS_MOST 160

struct stairs {
	uint32_t accounts, rows; /* rows of an account */
	unsigned symbols;	 /* that have stairs; the one after them rests */
	uint32_t steps;		 /* of each symbol: accounts / symbols */
	uint32_t *at;		 /* [symbol x steps + step]: index of the account */
	uint64_t top_e8[FB_SYMBOLS], step_e8[FB_SYMBOLS];
	struct fb_accounts book;
	uint64_t start_e8[FB_SYMBOLS];
};

static inline uint32_t stairs_id(uint32_t i)
{
	return (uint32_t)((i + 1) * 2654435761u & 0x7fffffff);
}

/* Mark after the nth step; half: in the middle before it. */
static inline uint64_t stairs_price(const struct stairs *s, unsigned symbol, uint32_t steps,
				    bool half)
{
	uint64_t step = s->step_e8[symbol];
	return s->top_e8[symbol] - step * steps + (half ? step / 2 : 0);
}

/* What a position at this price adds: value - entry, and MM. */
static inline void stairs_value(const struct fb_rules *rules, const struct stairs *s,
				unsigned symbol, int64_t lots, uint64_t price_e8,
				__int128 *equity_e8, __int128 *mm_e15)
{
	const struct fb_symbol *sym = &rules->symbol[symbol];
	uint64_t u = 0, u_top = 0;
	struct fb_tier tier;
	if (fb_unit_value(sym, price_e8, &u) || fb_unit_value(sym, s->top_e8[symbol], &u_top) ||
	    !fb_margin_tier(rules, sym->ladder, 0, &tier))
		abort();
	__int128 value = (__int128)lots * u >> 16, entry = (__int128)lots * u_top >> 16;
	*equity_e8 += value - entry;
	*mm_e15 += value * tier.rate_e7;
}

static inline void stairs_account(const struct fb_rules *rules, struct stairs *s, unsigned symbol,
				  uint32_t step)
{
	uint32_t i = s->at[symbol * s->steps + step];
	__int128 equity_e8 = 0, mm_e15 = 0;
	for (uint32_t r = 0; r < s->rows; r++) {
		unsigned in = r == 0 ? symbol : s->symbols;
		int64_t lots = 20 + (int64_t)(fb_mix(i + ((uint64_t)r << 32)) % 80);
		uint64_t u_top, price = r == 0 ? stairs_price(s, in, step + 1, true)
					       : s->top_e8[in];
		if (fb_unit_value(&rules->symbol[in], s->top_e8[in], &u_top))
			abort();
		stairs_value(rules, s, in, lots, price, &equity_e8, &mm_e15);
		s->book.position[i * s->rows + r] = (struct fb_position_spec){
			.id = stairs_id(i * s->rows + r),
			.symbol = (uint16_t)in,
			.qty = lots,
			.entry_e8 = (int64_t)((__int128)lots * u_top >> 16),
		};
	}
	s->book.account[i] = (struct fb_account_spec){
		.id = stairs_id(i),
		.owner = stairs_id(i),
		.role = FB_ROLE_USER,
		.collateral_e8 = (int64_t)(mm_e15 / 10000000 - equity_e8),
		.first = (size_t)i * s->rows,
		.positions = s->rows,
	};
}

static inline void stairs_free(struct stairs *s)
{
	free(s->at);
	free(s->book.account);
	free(s->book.position);
}

/* The pack with one threshold, so that a step is one record: no warnings, no cuts. */
static inline void stairs_rules(struct fb_rules *rules)
{
	rules->threshold[0] = rules->threshold[rules->liquidate_level - 1];
	rules->thresholds = rules->liquidate_level = 1;
	rules->policy.warn_level = rules->policy.call_level = 0;
	rules->policy.cut_level = 0;
	rules->policy.cancel_level = rules->policy.cancel_level ? 1 : 0;
	rules->policy.takeover_level = rules->policy.until_level = 0;
}

/* 0, or -1: out of memory. accounts is rounded to a multiple of the symbols. */
static inline int stairs_make(const struct fb_rules *rules, uint32_t accounts, uint32_t rows,
			      struct stairs *s)
{
	unsigned symbols = rules->symbols - 1;
	*s = (struct stairs){ .rows = rows, .symbols = symbols, .steps = accounts / symbols };
	s->accounts = s->steps * symbols;
	s->at = calloc(s->accounts, sizeof(*s->at));
	s->book.account = calloc(s->accounts, sizeof(*s->book.account));
	s->book.position = calloc((size_t)s->accounts * rows, sizeof(*s->book.position));
	s->book.accounts = s->accounts;
	s->book.positions = (size_t)s->accounts * rows;
	if (!s->at || !s->book.account || !s->book.position) {
		stairs_free(s);
		return -1;
	}
	for (uint32_t i = 0; i < s->accounts; i++) {
		uint32_t at = fb_mix_below(fb_mix(i + 77), i + 1);
		s->at[i] = s->at[at];
		s->at[at] = i;
	}
	for (unsigned k = 0; k <= symbols; k++) {
		/* A lot is worth 10 coins; all stairs together go down by half. */
		s->top_e8[k] = UINT64_C(1000000000) * 100000000 / rules->symbol[k].lot_e8;
		s->step_e8[k] = s->top_e8[k] / 4 / s->steps * 2;
		s->start_e8[k] = s->top_e8[k];
	}
	for (unsigned k = 0; k < symbols; k++)
		for (uint32_t step = 0; step < s->steps; step++)
			stairs_account(rules, s, k, step);
	return 0;
}

#endif
