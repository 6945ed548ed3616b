/* Inputs into commands: rules, ladders, symbols, accounts, and marks. */
#ifndef RUN_LOAD_H
#define RUN_LOAD_H

#include "run_host.h"

/* What can be wrong with inputs taken together: reserved or repeated ids, symbols without marks
 * or ladder, ranges. */
int fb_load_check(const struct fb_rules *rules, const struct fb_accounts *accounts,
		  const uint64_t *start_e8, struct fb_error *error);
/* Number of symbols that have marks. */
unsigned fb_load_traded(const uint64_t *start_e8);
/* Room that the book needs for it. */
void fb_load_config(const struct fb_accounts *accounts, const uint64_t *start_e8,
		    struct fb_log_config *config);
/* Sends everything. fund_e8 below 0: one hundredth of the users' collateral. */
int fb_load(struct fb_host *host, const struct fb_accounts *accounts, const uint64_t *start_e8,
	    __int128 fund_e8, __int128 backstop_e8);
/* Sends the ticks of one instant as a batch. */
int fb_load_marks(struct fb_host *host, const struct fb_tick *tick, size_t n);

#endif
