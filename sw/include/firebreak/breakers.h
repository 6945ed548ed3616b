/* Circuit breakers: when a symbol is frozen, and why. A frozen symbol never liquidates: the
 * waterfall sizes nothing of it (fb_breaker_frozen is asked there), its accounts wait.
 *
 * Everything follows from sequenced inputs: time, prices, orders that were decided, acts of the
 * operator. So a replay freezes and thaws at the same points. Causes that last (stale, crossed,
 * apart) freeze while they do, the others at once; either way for `cooldown` longer. The operator's
 * freeze lasts until he ends it.
 */
#ifndef FIREBREAK_BREAKERS_H
#define FIREBREAK_BREAKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/mark.h>

enum fb_breaker_cause {
	FB_BREAKER_NONE = 0,
	FB_BREAKER_OPERATOR,
	FB_BREAKER_DECLINE,
	FB_BREAKER_RISE,
	FB_BREAKER_ORDERS,   /* more closing orders in a window than allowed */
	FB_BREAKER_NOTIONAL, /* more notional of them */
	FB_BREAKER_STALE,    /* no mark for too long */
	FB_BREAKER_CROSSED,  /* best bid not below best ask */
	FB_BREAKER_APART,    /* last price and index too far apart */
	FB_BREAKER_VENUE,    /* too many other symbols are frozen */
	FB_BREAKER_CAUSES
};
const char *fb_breaker_cause_name(enum fb_breaker_cause cause);

struct fb_breakers;

/* A symbol froze (cause) or thawed (FB_BREAKER_NONE). 0 or -errno, which comes out of the call that
 * led to it. */
typedef int (*fb_breaker_fn)(void *context, uint16_t symbol, enum fb_breaker_cause cause);

/* `rules` must outlive it. -ENOMEM. */
int fb_breakers_open(const struct fb_breaker_rules *rules, unsigned symbols, fb_breaker_fn changed,
		     void *context, struct fb_breakers **out);
void fb_breakers_close(struct fb_breakers *breakers);

/* True if the rules have any breaker: prices must be told then. */
bool fb_breakers_any(const struct fb_breaker_rules *rules);

/* Time goes on; freezes and thaws what is due. */
int fb_breakers_time(struct fb_breakers *breakers, int64_t time_us);
/* New prices of a symbol at the newest time; what follows from them is due at the next call of
 * fb_breakers_time. A mark counts as fresh. */
void fb_breakers_prices(struct fb_breakers *breakers, uint16_t symbol, uint64_t mark_e8,
		       const struct fb_price_inputs *in);
/* An order left that closes a position. It counts from the next call of fb_breakers_time on: what
 * one decision planned is sent whole. */
void fb_breakers_order(struct fb_breakers *breakers, uint16_t symbol, __int128 notional_e8);
int fb_breakers_operator(struct fb_breakers *breakers, uint16_t symbol, bool freeze);

/* The one question. NULL: nothing is ever frozen. */
enum fb_breaker_cause fb_breaker_frozen(const struct fb_breakers *breakers, uint16_t symbol);

/* Symbols frozen now; freezes so far, by cause too. */
unsigned fb_breakers_frozen(const struct fb_breakers *breakers);
uint64_t fb_breakers_freezes(const struct fb_breakers *breakers, enum fb_breaker_cause cause);

#endif
