/* An account with one position that is in breach, for tests of what a step of liquidation
 * closes. */
#pragma once

#include "waterfall_answer_kit.h"

#define POLICY rules.policy
#define TICK 1000000

/* MM is all its equity. Lots are worth 1. */
static inline void open_style(int64_t lots)
{
	open_all();
	holder(1, 0, 10, 1, lots, lots * MONEY);
}

/* Equity becomes this; the street pays. */
static inline void set_equity(uint32_t id, __int128 equity_e8)
{
	int64_t more = (int64_t)(equity_e8 - sums_of(id).equity_e8);
	tell(c_collateral(id, more));
	tell(c_collateral(FB_ID_STREET, -more));
}

static inline void begin(void)
{
	start();
	set_equity(1, sums_of(1).mm_e15 / 10000000);
	make_ready();
	decide();
}

/* Fills the newest order whole at the mark of 1. */
static inline void fill_newest(void)
{
	const struct fb_order *o = &sent[sents - 1].order;
	fill(sents - 1, o->qty, (__int128)o->qty * MONEY);
	done(sents - 1);
}

/* In breach again, whatever filled. */
static inline void breach_again(void)
{
	set_equity(1, sums_of(1).mm_e15 / 10000000);
	decide();
}
