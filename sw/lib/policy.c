/* Policies of deleveraging: names, room, and which is which. See <firebreak/policy.h>. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy_internal.h"

static const char *const kinds[FB_SHARE_KINDS] = {
	"queue", "wealth",  "equity",	   "open_interest", "capped",
	"risk",	 "descent", "fixed_point", "min_max",
};
static const char *const risks[FB_RISKS] = { "constant", "linear", "power", "tail" };

static int find(const char *const *names, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

int fb_share_kind(const char *name)
{
	return find(kinds, FB_SHARE_KINDS, name);
}

const char *fb_share_name(enum fb_share_kind kind)
{
	return kinds[kind];
}

int fb_share_risk(const char *name)
{
	return find(risks, FB_RISKS, name);
}

const char *fb_share_risk_name(enum fb_share_risk risk)
{
	return risks[risk];
}

void fb_share_preset(enum fb_share_kind kind, struct fb_share_rules *out)
{
	*out = (struct fb_share_rules){
		.kind = kind,
		.risk = FB_RISK_LINEAR,
		.cap_e7 = FB_SHARE_WHOLE_E7,
		.power = 2,
		.tail_e7 = 10000000,
	};
}

uint64_t fb_winner_cap_e8(int64_t equity_e8, int64_t protected_e8, int64_t profit_e8)
{
	__int128 above = (__int128)equity_e8 - protected_e8;
	if (above <= 0 || profit_e8 <= 0)
		return 0;
	return above < profit_e8 ? (uint64_t)above : (uint64_t)profit_e8;
}

int fb_sharer_open(size_t winners, struct fb_sharer **out)
{
	struct fb_sharer *s = calloc(1, sizeof(*s));
	size_t n = winners + 1;
	if (!s)
		return -ENOMEM;
	assert(winners < 1u << 24);
	s->room = winners;
	s->cap = calloc(n, sizeof(*s->cap));
	s->weight = calloc(n, sizeof(*s->weight));
	s->share = calloc(n, sizeof(*s->share));
	s->order = calloc(2 * n, sizeof(*s->order));
	s->scratch = calloc(2 * n, sizeof(*s->scratch));
	s->shift = calloc(n, sizeof(*s->shift));
	s->edge = calloc(2 * n, sizeof(*s->edge));
	s->by = calloc((size_t)2 * FB_SHARE_SUMS, sizeof(*s->by));
	if (!s->cap || !s->weight || !s->share || !s->order || !s->scratch || !s->shift ||
	    !s->edge || !s->by) {
		fb_sharer_close(s);
		return -ENOMEM;
	}
	*out = s;
	return 0;
}

void fb_sharer_close(struct fb_sharer *s)
{
	if (!s)
		return;
	free(s->cap);
	free(s->weight);
	free(s->share);
	free(s->order);
	free(s->scratch);
	free(s->shift);
	free(s->edge);
	free(s->by);
	free(s);
}

void fb_share_sort(uint32_t *order, uint32_t *scratch, size_t n, fb_share_before *before,
		   const void *context)
{
	for (size_t width = 1; width < n; width *= 2) {
		for (size_t from = 0; from < n; from += 2 * width) {
			size_t middle = from + width < n ? from + width : n,
			       end = from + 2 * width < n ? from + 2 * width : n,
			       left = from, right = middle;
			for (size_t at = from; at < end; at++) {
				bool go_left = right == end ||
					       (left < middle &&
						!before(context, order[right], order[left]));
				scratch[at] = go_left ? order[left++] : order[right++];
			}
		}
		memcpy(order, scratch, n * sizeof(*order));
	}
}

static bool by_rank(const void *context, uint32_t a, uint32_t b)
{
	const struct fb_winner *w = context;
	return w[a].rank != w[b].rank ? w[a].rank < w[b].rank : w[a].id < w[b].id;
}

static uint64_t queue(struct fb_sharer *s, uint64_t budget, const struct fb_winner *winner,
		      size_t n, uint64_t *given)
{
	uint64_t left = budget;
	for (size_t i = 0; i < n; i++)
		s->order[i] = (uint32_t)i;
	fb_share_sort(s->order, s->scratch, n, by_rank, winner);
	for (size_t i = 0; i < n; i++) {
		uint32_t at = s->order[i];
		given[at] = winner[at].cap < left ? winner[at].cap : left;
		left -= given[at];
	}
	return budget - left;
}

uint64_t fb_share(struct fb_sharer *s, const struct fb_share_rules *rules, uint64_t budget,
		  const struct fb_winner *winner, size_t n, uint64_t *given)
{
	assert(n <= s->room && rules->kind < FB_SHARE_KINDS && budget >> FB_SHARE_BITS == 0);
	for (size_t i = 0; i < n; i++)
		assert((winner[i].cap | winner[i].lots | winner[i].profit_e8 | winner[i].equity_e8 |
			winner[i].notional_e8) >> FB_SHARE_BITS == 0);
	if (rules->kind == FB_SHARE_QUEUE)
		return queue(s, budget, winner, n, given);
	fb_share_weigh(s, rules, winner, n);
	return fb_share_fill(s, winner, n, budget, rules->kind != FB_SHARE_MIN_MAX, given);
}
