/* Circuit breakers. See <firebreak/breakers.h>.
 *
 * The highest and lowest mark of a window are kept by slices of a 32nd of it: what is asked covers
 * the window and less than a slice more. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/breakers.h>

#define ALL_E7 10000000
#define SLICES 32

struct slice {
	int64_t number; /* of its time */
	uint64_t high_e8, low_e8; /* 0: no mark in it */
};

struct state {
	struct slice slice[SLICES + 1];
	int64_t marked_us; /* newest mark */
	bool marked, operator, crossed, apart;
	int64_t until_us;  /* frozen before this */
	uint8_t cause;	   /* of until_us */
	uint8_t told;	   /* as told last: the cause, or none */
	int64_t rate_slot; /* window of orders */
	uint64_t orders;
	__int128 notional_e8;
};

struct fb_breakers {
	const struct fb_breaker_rules *rules;
	fb_breaker_fn changed;
	void *context;
	unsigned symbols, frozen;
	int64_t time_us;
	bool venue; /* all are frozen */
	struct state *state;
	uint64_t freezes[FB_BREAKER_CAUSES];
};

const char *fb_breaker_cause_name(enum fb_breaker_cause cause)
{
	static const char *const names[FB_BREAKER_CAUSES] = {
		"none",	    "operator", "decline", "rise",  "orders",
		"notional", "stale",	"crossed", "apart", "venue",
	};
	return (unsigned)cause < FB_BREAKER_CAUSES ? names[cause] : "?";
}

int fb_breakers_open(const struct fb_breaker_rules *rules, unsigned symbols, fb_breaker_fn changed,
		     void *context, struct fb_breakers **out)
{
	struct fb_breakers *b = calloc(1, sizeof(*b));
	if (!b)
		return -ENOMEM;
	b->rules = rules;
	b->changed = changed;
	b->context = context;
	b->symbols = symbols;
	b->state = calloc(symbols + 1, sizeof(*b->state));
	if (!b->state) {
		free(b);
		return -ENOMEM;
	}
	*out = b;
	return 0;
}

void fb_breakers_close(struct fb_breakers *b)
{
	if (!b)
		return;
	free(b->state);
	free(b);
}

bool fb_breakers_any(const struct fb_breaker_rules *r)
{
	return r->decline_e7 || r->rise_e7 || r->orders || r->notional_e8 || r->stale_us ||
	       r->crossed || r->apart_e7 || r->band_e7;
}

static bool stale(const struct fb_breakers *b, const struct state *s)
{
	return b->rules->stale_us != 0 && s->marked &&
	       b->time_us - s->marked_us >= (int64_t)b->rules->stale_us;
}

/* Of the symbol itself; what lasts comes first. */
static enum fb_breaker_cause own_cause(const struct fb_breakers *b, const struct state *s)
{
	if (s->operator)
		return FB_BREAKER_OPERATOR;
	if (stale(b, s))
		return FB_BREAKER_STALE;
	if (s->crossed)
		return FB_BREAKER_CROSSED;
	if (s->apart)
		return FB_BREAKER_APART;
	return b->time_us < s->until_us ? (enum fb_breaker_cause)s->cause : FB_BREAKER_NONE;
}

enum fb_breaker_cause fb_breaker_frozen(const struct fb_breakers *b, uint16_t symbol)
{
	if (!b || symbol >= b->symbols)
		return FB_BREAKER_NONE;
	return (enum fb_breaker_cause)b->state[symbol].told;
}

/* Frozen, or frozen longer, by a cause that is there now. */
static void trip(struct fb_breakers *b, struct state *s, enum fb_breaker_cause cause)
{
	s->until_us = b->time_us + (int64_t)b->rules->cooldown_us;
	s->cause = (uint8_t)cause;
}

static int tell(struct fb_breakers *b, unsigned symbol, enum fb_breaker_cause cause)
{
	struct state *s = &b->state[symbol];
	bool was = s->told != FB_BREAKER_NONE, is = cause != FB_BREAKER_NONE;
	s->told = (uint8_t)cause;
	if (was == is) /* another cause of the same freeze is not told again */
		return 0;
	b->frozen += is;
	b->frozen -= was;
	b->freezes[cause] += is;
	return b->changed ? b->changed(b->context, (uint16_t)symbol, cause) : 0;
}

/* Looks at every symbol: causes, then whether they are enough for all. */
static int look(struct fb_breakers *b)
{
	unsigned own = 0;
	int err = 0;
	for (unsigned i = 0; i < b->symbols; i++) {
		struct state *s = &b->state[i];
		enum fb_breaker_cause cause = own_cause(b, s);
		if (cause == FB_BREAKER_STALE || cause == FB_BREAKER_CROSSED ||
		    cause == FB_BREAKER_APART)
			trip(b, s, cause);
		own += cause != FB_BREAKER_NONE;
	}
	b->venue = b->rules->venue_after != 0 && own >= b->rules->venue_after;
	for (unsigned i = 0; i < b->symbols && !err; i++) {
		enum fb_breaker_cause cause = own_cause(b, &b->state[i]);
		if (cause == FB_BREAKER_NONE && b->venue)
			cause = FB_BREAKER_VENUE;
		if (cause != b->state[i].told)
			err = tell(b, i, cause);
	}
	return err;
}

int fb_breakers_time(struct fb_breakers *b, int64_t time_us)
{
	if (time_us < b->time_us)
		return 0;
	b->time_us = time_us;
	return look(b);
}

/* The window with a new mark in it. */
static void extremes(const struct fb_breakers *b, struct state *s, uint64_t mark_e8, uint64_t *high,
		     uint64_t *low)
{
	int64_t width = (int64_t)(b->rules->window_us / SLICES);
	width = width > 0 ? width : 1;
	int64_t number = b->time_us / width;
	struct slice *here = &s->slice[(uint64_t)number % (SLICES + 1)];
	if (here->number != number || here->high_e8 == 0)
		*here = (struct slice){ number, mark_e8, mark_e8 };
	here->high_e8 = mark_e8 > here->high_e8 ? mark_e8 : here->high_e8;
	here->low_e8 = mark_e8 < here->low_e8 ? mark_e8 : here->low_e8;
	*high = *low = mark_e8;
	for (unsigned i = 0; i <= SLICES; i++) {
		const struct slice *old = &s->slice[i];
		if (old->high_e8 == 0 || old->number < number - SLICES)
			continue;
		*high = old->high_e8 > *high ? old->high_e8 : *high;
		*low = old->low_e8 < *low ? old->low_e8 : *low;
	}
}

/* Has the mark moved by this share of where it came from, or more? */
static bool moved(uint64_t from_e8, uint64_t by_e8, uint64_t share_e7)
{
	return share_e7 != 0 && (unsigned __int128)by_e8 * ALL_E7 >=
					(unsigned __int128)from_e8 * share_e7;
}

static void take_mark(struct fb_breakers *b, struct state *s, uint64_t mark_e8)
{
	const struct fb_breaker_rules *r = b->rules;
	uint64_t high, low;
	s->marked = true;
	s->marked_us = b->time_us;
	if (r->decline_e7 == 0 && r->rise_e7 == 0)
		return;
	extremes(b, s, mark_e8, &high, &low);
	bool fell = moved(high, high - mark_e8, r->decline_e7),
	     rose = moved(low, mark_e8 - low, r->rise_e7);
	if (!fell && !rose)
		return;
	trip(b, s, fell ? FB_BREAKER_DECLINE : FB_BREAKER_RISE);
	/* What comes after is measured from here. */
	memset(s->slice, 0, sizeof(s->slice));
	extremes(b, s, mark_e8, &high, &low);
}

void fb_breakers_prices(struct fb_breakers *b, uint16_t symbol, uint64_t mark_e8,
		       const struct fb_price_inputs *in)
{
	assert(symbol < b->symbols);
	struct state *s = &b->state[symbol];
	uint64_t last = in->last_e8, index = in->index_e8;
	if (mark_e8 != 0)
		take_mark(b, s, mark_e8);
	s->crossed = b->rules->crossed && in->bid_e8 != 0 && in->ask_e8 != 0 &&
		     in->bid_e8 >= in->ask_e8;
	s->apart = last != 0 && index != 0 &&
		   moved(index, last > index ? last - index : index - last, b->rules->apart_e7);
}

void fb_breakers_order(struct fb_breakers *b, uint16_t symbol, __int128 notional_e8)
{
	assert(symbol < b->symbols);
	const struct fb_breaker_rules *r = b->rules;
	struct state *s = &b->state[symbol];
	int64_t slot = r->rate_us ? b->time_us / (int64_t)r->rate_us : 0;
	if (r->orders == 0 && r->notional_e8 == 0)
		return;
	if (slot != s->rate_slot) {
		s->rate_slot = slot;
		s->orders = 0;
		s->notional_e8 = 0;
	}
	s->orders++;
	s->notional_e8 += notional_e8;
	bool many = r->orders != 0 && s->orders > r->orders,
	     much = r->notional_e8 != 0 && s->notional_e8 > (__int128)r->notional_e8;
	if (many || much)
		trip(b, s, many ? FB_BREAKER_ORDERS : FB_BREAKER_NOTIONAL);
}

int fb_breakers_operator(struct fb_breakers *b, uint16_t symbol, bool freeze)
{
	if (symbol >= b->symbols)
		return -EINVAL;
	b->state[symbol].operator = freeze;
	if (!freeze) /* he knows better than what is left of a cooldown */
		b->state[symbol].until_us = b->time_us;
	return look(b);
}

unsigned fb_breakers_frozen(const struct fb_breakers *b)
{
	return b->frozen;
}

uint64_t fb_breakers_freezes(const struct fb_breakers *b, enum fb_breaker_cause cause)
{
	return b->freezes[cause];
}
