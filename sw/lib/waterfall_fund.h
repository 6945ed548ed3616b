/* The fund's money by symbol: what it earned and lost there, what it may lose yet, and whether
 * it has fallen so far that deleveraging comes before it ([insurance] of a pack). Of
 * waterfall.c. */
#ifndef WATERFALL_FUND_H
#define WATERFALL_FUND_H

#include "waterfall_internal.h"

/* -ENOMEM. */
int fb_fund_open(struct fb_waterfall *w);
void fb_fund_close(struct fb_waterfall *w);
/* A tick: days begin, maxima move on, states change (and are told). */
int fb_fund_tick(struct fb_waterfall *w);

/* The fund's collateral has changed since the last call: for this symbol, or FB_POOL_COMMON. */
void fb_fund_book(struct fb_waterfall *w, uint16_t symbol);
/* All lines together: the fund's collateral. */
__int128 fb_fund_ledger(const struct fb_waterfall *w);
/* What the symbol earned, and what its pool is worth. */
__int128 fb_fund_pnl(const struct fb_waterfall *w, uint16_t symbol);
__int128 fb_fund_pool(const struct fb_waterfall *w, uint16_t symbol);
enum fb_fund_state fb_fund_state(const struct fb_waterfall *w, uint16_t symbol);
/* Whose pool pays for an account. */
uint16_t fb_fund_symbol(const struct fb_waterfall *w, uint32_t account);

/* What may be lost of `free`: by anything; by one takeover, -1: the fund takes nothing of the
 * symbol (falls_short: the fall is what bounds it); by paying for an account. */
__int128 fb_fund_room(const struct fb_waterfall *w, uint16_t symbol, __int128 free_e8);
__int128 fb_fund_takeover_room(const struct fb_waterfall *w, uint16_t symbol, __int128 free_e8,
			       bool *falls_short);
__int128 fb_fund_pay_room(const struct fb_waterfall *w, uint32_t account, __int128 free_e8);
/* More was to be taken than the fall leaves room for: ADL begins. */
int fb_fund_short(struct fb_waterfall *w, uint16_t symbol);

/* What pairs of the account are short of so that the fall stays where ADL begins: the fund pays
 * that when the account is settled. fb_fund_may_bear() forgets what was said before, and asks. */
__int128 fb_fund_may_bear(struct fb_waterfall *w, uint32_t account);
void fb_fund_bear(struct fb_waterfall *w, uint32_t account, __int128 amount_e8);

void fb_fund_spend(struct fb_waterfall *w, uint16_t symbol, __int128 amount_e8);
/* An order on its way costs its reserved loss (sign 1), or is answered (-1); what it did not
 * cost in the end is given back. */
void fb_fund_reserve(struct fb_waterfall *w, struct fb_open *open, int sign);
void fb_fund_return(struct fb_waterfall *w, const struct fb_open *open, __int128 amount_e8);

#endif
