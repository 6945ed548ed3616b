/* Parts of made-up accounts: draws, ids, positions, equity. generate.c puts them together. */
#ifndef FIREBREAK_GENERATE_PART_H
#define FIREBREAK_GENERATE_PART_H

#include <firebreak/inputs.h>

struct fb_generator {
	const struct fb_rules *rules;
	const uint64_t *start_e8;
	struct fb_accounts *out;
	struct fb_error *error;
	const char *source;
	uint32_t accounts, makers, symbols;
	uint64_t seed, drawn;
	size_t room;                 /* positions allocated */
	uint32_t last_cross;         /* id of the last cross account; 0: none yet */
	uint16_t symbol[FB_SYMBOLS]; /* those that are traded */
	uint64_t u[FB_SYMBOLS];      /* at the start, by place in symbol[] */
	__int128 net[FB_SYMBOLS];    /* lots of all accounts so far */
};

/* 0..n-1 */
uint32_t fb_generate_draw(struct fb_generator *g, uint32_t n);
/* The n-th of distinct, scattered ids from 1 to limit - 1; n < limit - 1. */
uint32_t fb_generate_id(uint32_t n, uint32_t limit, uint64_t key);
__int128 fb_generate_notional(uint64_t u, int64_t qty);
/* Room for more positions. */
int fb_generate_reserve(struct fb_generator *g, size_t more);
/* Adds `lots` (long > 0) of traded symbol s to the last account that has positions, or a new one.
 */
void fb_generate_position(struct fb_generator *g, struct fb_account_spec *account, uint32_t s,
			  int64_t lots, uint64_t key);
/* Gives the account its collateral: see generate.c. */
void fb_generate_fund(struct fb_generator *g, struct fb_account_spec *account, uint32_t times);

/* Changes part of what the account has into coins that the rules take as collateral; room for
 * FB_GENERATE_COINS positions is reserved. */
#define FB_GENERATE_COINS 2
void fb_generate_coins(struct fb_generator *g, struct fb_account_spec *account, uint64_t key);

#endif
