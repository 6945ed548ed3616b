/* Rounds that are shared out (policy.h) instead of taken from the top. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adl_internal.h"

#define MOST ((UINT64_C(1) << 62) - 1) /* numbers of a winner are below 2^62 */

int fb_adl_share_open(struct fb_adl *adl)
{
	size_t rows = (size_t)adl->rows_max + 1;
	adl->winner = calloc(rows, sizeof(*adl->winner));
	adl->given = calloc(rows, sizeof(*adl->given));
	return adl->winner && adl->given ? fb_sharer_open(rows, &adl->sharer) : -ENOMEM;
}

static uint64_t capped(__int128 x)
{
	return x <= 0 ? 0 : x > (__int128)MOST ? MOST : (uint64_t)x;
}

void fb_adl_shares(struct fb_adl *adl, const struct fb_adl_policy *policy, uint32_t ranking,
		   uint64_t lots)
{
	uint32_t from = adl->first[ranking], n = adl->first[ranking + 1] - from;
	struct fb_share_rules rules = { .kind = (uint32_t)policy->share,
					.risk = (uint32_t)policy->share_risk,
					.cap_e7 = (uint32_t)policy->share_cap_e7,
					.power = (uint32_t)policy->share_power,
					.tail_e7 = policy->share_tail_e7 };
	for (uint32_t i = 0; i < n; i++) {
		const struct fb_adl_entry *e = adl->by_rank.entry[from + i];
		const struct fb_adl_score *s = &e->terms.score;
		adl->winner[i] = (struct fb_winner){ .id = s->position_id,
						     .cap = (uint64_t)e->allowed,
						     .lots = (uint64_t)e->allowed,
						     .profit_e8 = capped(s->profit_e8),
						     .equity_e8 = capped(s->equity_e8),
						     .notional_e8 =
							     capped((__int128)s->notional_e8),
						     .rank = i };
	}
	if (n == 0)
		return;
	fb_share(adl->sharer, &rules, lots, adl->winner, n, adl->given);
	for (uint32_t i = 0; i < n; i++)
		adl->by_rank.entry[from + i]->allowed = (int64_t)adl->given[i];
}

void fb_adl_in_order(struct fb_adl *adl, struct fb_adl_pair *pairs, size_t n, size_t needs)
{
	uint32_t *first = adl->pair_first;
	memset(first, 0, (needs + 1) * sizeof(*first));
	for (size_t i = 0; i < n; i++)
		first[pairs[i].need + 1]++;
	for (size_t i = 0; i < needs; i++)
		first[i + 1] += first[i];
	for (size_t i = 0; i < n; i++)
		adl->pair_scratch[first[pairs[i].need]++] = pairs[i];
	memcpy(pairs, adl->pair_scratch, n * sizeof(*pairs));
}
