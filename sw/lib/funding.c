/* Rates and payments of funding. See <firebreak/funding.h>. */
#include <firebreak/funding.h>
#include <firebreak/layout.h>

#define E12_OF_E7 100000
#define PREMIUM_MOST (100 * FB_RATE_E12)
#define MISSED_MOST 24 /* instants paid at once: more is a hole in the data, not a debt */
#define LOT_MOST (((int64_t)1 << 52) - 1)

static __int128 floor_div(__int128 a, __int128 b)
{
	return a / b - (a % b < 0);
}

static int64_t clamped(__int128 x, __int128 most)
{
	return (int64_t)(x > most ? most : x < -most ? -most : x);
}

static int64_t share_of(__int128 difference_e8, uint64_t index_e8)
{
	return clamped(floor_div(difference_e8 * FB_RATE_E12, index_e8), PREMIUM_MOST);
}

int64_t fb_funding_premium(const struct fb_funding_rules *r, const struct fb_price_inputs *in,
			   uint64_t mark_e8)
{
	__int128 index = in->index_e8, bid = in->bid_e8, ask = in->ask_e8;
	if (in->index_e8 == 0)
		return 0;
	if (r->premium == FB_PREMIUM_BOOK && in->bid_e8 != 0 && in->ask_e8 != 0)
		return share_of((bid > index ? bid - index : 0) - (index > ask ? index - ask : 0),
				in->index_e8);
	/* Without a book the last price is the best there is. */
	uint64_t price = r->premium == FB_PREMIUM_MARK ? mark_e8 : in->last_e8;
	return price == 0 ? 0 : share_of((__int128)price - index, in->index_e8);
}

int64_t fb_funding_rate(const struct fb_funding_rules *r, int64_t premium_e12)
{
	int64_t interest = r->interest_e7 * E12_OF_E7;
	return premium_e12 + clamped((__int128)interest - premium_e12,
				     (__int128)r->clamp_e7 * E12_OF_E7);
}

static void count(struct fb_funding_state *s, const struct fb_funding_rules *r, int64_t premium_e12)
{
	s->samples++;
	s->sum += r->average == FB_AVERAGE_WEIGHTED
			  ? (__int128)premium_e12 * (__int128)s->samples
			  : (__int128)premium_e12;
	s->newest_e12 = premium_e12;
}

void fb_funding_sample(struct fb_funding_state *s, const struct fb_funding_rules *r,
		       int64_t premium_e12, int64_t time_us)
{
	int64_t slot = (int64_t)((uint64_t)time_us / r->sample_us);
	if (s->samples > 0 && slot == s->slot)
		return;
	if (r->average == FB_AVERAGE_EMA)
		fb_ema_add(&s->premium, premium_e12, time_us, r->ema_us);
	count(s, r, premium_e12);
	s->slot = slot;
}

int64_t fb_funding_average(const struct fb_funding_state *s, const struct fb_funding_rules *r)
{
	__int128 n = (__int128)s->samples;
	if (r->average == FB_AVERAGE_EMA)
		return s->premium.value;
	if (s->samples == 0 || r->average == FB_AVERAGE_NEWEST)
		return s->newest_e12;
	return (int64_t)floor_div(s->sum, r->average == FB_AVERAGE_WEIGHTED ? n * (n + 1) / 2 : n);
}

static int64_t instant_of(const struct fb_funding_rules *r, int64_t time_us)
{
	return (int64_t)floor_div((__int128)time_us - (__int128)r->offset_us,
				  (__int128)r->interval_us);
}

static int64_t capped(const struct fb_funding_rules *r, __int128 rate_e12)
{
	__int128 most = r->cap_e7 ? (__int128)r->cap_e7 * E12_OF_E7 : FB_RATE_E12;
	return clamped(rate_e12, most < FB_RATE_E12 ? most : FB_RATE_E12);
}

static bool due_instant(struct fb_funding_state *s, const struct fb_funding_rules *r,
			int64_t time_us, int64_t *rate_e12)
{
	int64_t passed = instant_of(r, time_us) - instant_of(r, s->paid_us);
	if (passed <= 0)
		return false;
	__int128 of_period = fb_funding_rate(r, fb_funding_average(s, r));
	s->rate_e12 = capped(r, floor_div(of_period * (__int128)r->interval_us,
					  (__int128)r->period_us));
	passed = passed < MISSED_MOST ? passed : MISSED_MOST;
	*rate_e12 = clamped((__int128)s->rate_e12 * passed, FB_RATE_E12);
	s->sum = 0;
	s->samples = 0;
	s->paid_us = time_us;
	return true;
}

static bool due_step(struct fb_funding_state *s, const struct fb_funding_rules *r, int64_t time_us,
		     int64_t *rate_e12)
{
	int64_t passed = time_us - s->paid_us;
	if (passed < (int64_t)r->interval_us || passed <= 0)
		return false;
	s->rate_e12 = capped(r, fb_funding_rate(r, fb_funding_average(s, r)));
	s->owed += (__int128)s->rate_e12 * passed;
	__int128 whole = floor_div(s->owed, (__int128)r->period_us);
	*rate_e12 = clamped(whole, FB_RATE_E12);
	s->owed -= whole * (__int128)r->period_us;
	s->sum = 0;
	s->samples = 0;
	s->paid_us = time_us;
	return true;
}

bool fb_funding_due(struct fb_funding_state *s, const struct fb_funding_rules *r, int64_t time_us,
		    int64_t *rate_e12)
{
	if (r->schedule == FB_FUNDING_NONE)
		return false;
	if (!s->begun) {
		s->begun = true;
		s->paid_us = time_us;
		return false;
	}
	return r->schedule == FB_FUNDING_INSTANTS ? due_instant(s, r, time_us, rate_e12)
						  : due_step(s, r, time_us, rate_e12);
}

uint64_t fb_funding_left(const struct fb_funding_rules *r, int64_t time_us)
{
	if (r->schedule != FB_FUNDING_INSTANTS)
		return 0;
	__int128 next = ((__int128)instant_of(r, time_us) + 1) * (__int128)r->interval_us +
			(__int128)r->offset_us;
	return (uint64_t)(next - time_us);
}

int64_t fb_funding_lot(struct fb_funding_state *s, uint64_t u, int64_t rate_e12, bool inverse)
{
	__int128 owed = (__int128)u * rate_e12 + s->carry;
	int64_t f = clamped(floor_div(owed, FB_RATE_E12), LOT_MOST);
	s->carry = owed - floor_div(owed, FB_RATE_E12) * FB_RATE_E12;
	f = inverse ? -f : f;
	s->index += f;
	return f;
}

__int128 fb_funding_amount(int64_t qty, int64_t f)
{
	uint64_t lots = (uint64_t)(qty < 0 ? -qty : qty), each = (uint64_t)(f < 0 ? -f : f);
	__int128 paid = (__int128)((unsigned __int128)lots * each >> FB_U_FRACTION_BITS);
	return (qty < 0) == (f < 0) ? -paid : paid;
}

__int128 fb_funding_settlement(__int128 index_now, __int128 index_entry, int64_t size)
{
	return -(index_now - index_entry) * size;
}
