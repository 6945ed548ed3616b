/* What a policy did: see <firebreak/policy.h>. */
#include <string.h>

#include "policy_internal.h"

#define NANO 1000000000u

static uint64_t share_e9(unsigned __int128 above, unsigned __int128 below)
{
	if (below == 0)
		return UINT64_MAX;
	/* above below 2^124 times 2^30 does not fit: the whole part first. */
	unsigned __int128 whole = above / below, rest = above % below;
	while (below >> 96 != 0) {
		rest >>= 1;
		below >>= 1;
	}
	if (whole >= UINT64_MAX / NANO - 1)
		return UINT64_MAX - 1;
	return (uint64_t)(whole * NANO + rest * NANO / below);
}

void fb_share_measure(const struct fb_winner *winner, const uint64_t *given_e8, size_t n,
		      uint64_t budget_e8, uint64_t deficit_e8, uint64_t loss_e8,
		      uint64_t min_max_e9, struct fb_share_measures *out)
{
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < n; i++) {
		uint64_t given = given_e8[i], left = winner[i].cap - given;
		out->taken_e8 += given;
		out->survivor_e8 = left > out->survivor_e8 ? left : out->survivor_e8;
		if (given == 0)
			continue;
		uint64_t equity = share_e9(given, winner[i].equity_e8),
			 cap = share_e9(given, winner[i].cap);
		out->touched++;
		if (equity > out->haircut_equity_e9)
			out->haircut_equity_e9 = equity;
		out->haircut_cap_e9 = cap > out->haircut_cap_e9 ? cap : out->haircut_cap_e9;
	}
	out->overshoot_e8 = (__int128)out->taken_e8 - budget_e8;
	out->regret_e9 = (int64_t)out->haircut_equity_e9 - (int64_t)min_max_e9;
	uint64_t left = deficit_e8 > out->taken_e8 ? deficit_e8 - out->taken_e8 : 0;
	out->ptsr_e9 = share_e9(out->survivor_e8, left);
	out->pmr_e9 = share_e9((unsigned __int128)out->survivor_e8 * deficit_e8,
			       (unsigned __int128)left * loss_e8);
}
