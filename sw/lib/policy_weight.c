/* Weights and caps of the policies. Products too long for 64 bits are kept as 60 bits and a shift,
 * cut at each multiplication: larger leverage never weighs less. */
#include <assert.h>

#include "policy_internal.h"

#define LEVERAGE_MAX ((uint64_t)1 << 40) /* x 1e7: 109,951 times the equity */

/* A number as bits << shift, bits below 2^60. */
struct factor {
	uint64_t bits;
	unsigned shift;
};

static struct factor cut(unsigned __int128 x)
{
	struct factor f = { .shift = 0 };
	for (; x >> FB_WEIGHT_BITS != 0; f.shift++)
		x >>= 1;
	f.bits = (uint64_t)x;
	return f;
}

static struct factor times(struct factor a, uint64_t b)
{
	struct factor f = cut((unsigned __int128)a.bits * b);
	f.shift += a.shift;
	return f;
}

/* notional / equity in 1e-7. Without equity as large as it can be. */
static uint64_t leverage_e7(const struct fb_winner *w)
{
	if (w->equity_e8 == 0)
		return w->notional_e8 == 0 ? 0 : LEVERAGE_MAX;
	unsigned __int128 l = (unsigned __int128)w->notional_e8 * 10000000 / w->equity_e8;
	return l < LEVERAGE_MAX ? (uint64_t)l : LEVERAGE_MAX;
}

static struct factor risk(const struct fb_share_rules *rules, const struct fb_winner *w)
{
	uint64_t l = leverage_e7(w);
	struct factor f = times(cut(w->profit_e8), l);
	switch ((enum fb_share_risk)rules->risk) {
	case FB_RISK_CONSTANT: break;
	case FB_RISK_LINEAR: f = times(f, l); break;
	case FB_RISK_POWER:
		for (uint32_t k = 0; k < rules->power; k++)
			f = times(f, l);
		break;
	case FB_RISK_TAIL: f = times(f, l > rules->tail_e7 ? l - rules->tail_e7 : 0); break;
	default: assert(false);
	}
	return f;
}

static struct factor weight(const struct fb_share_rules *rules, const struct fb_winner *w)
{
	switch ((enum fb_share_kind)rules->kind) {
	case FB_SHARE_EQUITY:
	case FB_SHARE_MIN_MAX: return (struct factor){ .bits = w->equity_e8 };
	case FB_SHARE_OPEN_INTEREST: return (struct factor){ .bits = w->lots };
	case FB_SHARE_RISK: return risk(rules, w);
	case FB_SHARE_DESCENT: return times(cut(w->cap), w->cap);
	case FB_SHARE_WEALTH:
	case FB_SHARE_CAPPED:
	case FB_SHARE_FIXED_POINT:
	default: return (struct factor){ .bits = w->profit_e8 };
	}
}

void fb_share_weigh(struct fb_sharer *s, const struct fb_share_rules *rules,
		    const struct fb_winner *winner, size_t n)
{
	bool capped = rules->kind == FB_SHARE_CAPPED || rules->kind == FB_SHARE_RISK;
	assert(rules->cap_e7 <= FB_SHARE_WHOLE_E7 && rules->power <= FB_SHARE_POWER_MAX);
	for (size_t i = 0; i < n; i++) {
		struct factor f = weight(rules, &winner[i]);
		s->weight[i] = f.bits;
		s->shift[i] = (uint8_t)f.shift;
		s->cap[i] = winner[i].cap;
		if (capped)
			s->cap[i] = (uint64_t)((unsigned __int128)winner[i].cap * rules->cap_e7 /
					       FB_SHARE_WHOLE_E7);
	}
}
