/* Exact projection on {c . x = budget, 0 <= x <= cap}: x = clamp(y + m c, 0, cap), and c . x grows
 * with m, in straight pieces. Each place has two edges, where it leaves 0 and where it reaches its
 * cap: m = e / c with e = -y, and e = cap - y. They are gone through from below to the piece that
 * holds the budget; inside it c . x = fixed + m x slope. Sizes: c and x have 31 bits, e 41, sums
 * over 2^20 places 82, so no product needs more than 124. */
#include <assert.h>
#include <errno.h>

#include "policy_internal.h"

struct edges {
	const uint32_t *c;
	const int64_t *edge; /* 2 i: leaves 0; 2 i + 1: reaches the cap */
};

static bool lower(const void *context, uint32_t a, uint32_t b)
{
	const struct edges *e = context;
	__int128 x = (__int128)e->edge[a] * e->c[b / 2], y = (__int128)e->edge[b] * e->c[a / 2];
	return x != y ? x < y : a < b;
}

int fb_share_project(struct fb_sharer *s, const uint32_t *c, const uint32_t *cap, const int64_t *y,
		     size_t n, uint64_t budget, struct fb_multiplier *out)
{
	struct edges e = { .c = c, .edge = s->edge };
	__int128 fixed = 0, slope = 0, most = 0;
	assert(n <= s->room && n < 1u << 20);
	for (size_t i = 0; i < n; i++) {
		assert(c[i] > 0 && (c[i] | cap[i]) >> 31 == 0);
		assert(y[i] < (int64_t)1 << 40 && y[i] > -((int64_t)1 << 40));
		s->edge[2 * i] = -y[i];
		s->edge[2 * i + 1] = cap[i] - y[i];
		s->order[2 * i] = (uint32_t)(2 * i);
		s->order[2 * i + 1] = (uint32_t)(2 * i + 1);
		most += (__int128)c[i] * cap[i];
	}
	if (budget > (unsigned __int128)most)
		return -ERANGE;
	fb_share_sort(s->order, s->scratch, 2 * n, lower, &e);
	*out = (struct fb_multiplier){ .above = 0, .below = 1 };
	for (size_t k = 0; k < 2 * n; k++) {
		uint32_t i = s->order[k] / 2;
		int64_t at = s->edge[s->order[k]];
		/* c . x at this edge x c */
		if (fixed * c[i] + slope * at >= (__int128)budget * c[i]) {
			if (slope > 0)
				*out = (struct fb_multiplier){ .above = (__int128)budget - fixed,
							       .below = slope };
			else
				*out = (struct fb_multiplier){ .above = at, .below = c[i] };
			return 0;
		}
		__int128 square = (__int128)c[i] * c[i], linear = (__int128)c[i] * y[i];
		bool leaves = s->order[k] % 2 == 0;
		slope += leaves ? square : -square;
		fixed += leaves ? linear : (__int128)c[i] * cap[i] - linear;
	}
	return 0; /* n = 0, and so is the budget */
}

__int128 fb_share_projected(const struct fb_multiplier *m, uint32_t c, uint32_t cap, int64_t y)
{
	__int128 x = (__int128)y * m->below + m->above * c, most = (__int128)cap * m->below;
	return x < 0 ? 0 : x > most ? most : x;
}
