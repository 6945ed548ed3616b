/* Somebody who looks on while the waterfall works: what it was told, how it sized, what it sent and
 * what came of it. Nothing a tap does can change a decision; without one it costs a comparison. */
#ifndef WATERFALL_TAP_H
#define WATERFALL_TAP_H

#include <firebreak/waterfall.h>

struct fb_open;
struct fb_closing;

/* How many lots of a position one order closes, and why not more. */
struct fb_sized {
	const struct fb_closing *closing;
	int64_t wanted;	   /* lots, before what limits them; all of the position or less */
	int64_t room;	   /* lots of known depth left; FB_UNKNOWN_DEPTH. Of a takeover: wanted */
	int64_t lots;	   /* that are sent; 0: none */
	__int128 limit_e8; /* for all lots of the position */
	uint32_t house;	   /* that takes over, an account's index; FB_NONE: the market */
	uint8_t purpose;   /* enum fb_purpose */
};

/* Any of them may be NULL. Accounts are indices in the book. */
struct fb_tap {
	void *context;
	/* An account hears of something, and has dealt with it. Pairs of these may be nested. */
	void (*before)(void *context, uint32_t account, enum fb_happening what,
		       const struct fb_judged *judged);
	void (*after)(void *context, uint32_t account);
	void (*sized)(void *context, uint32_t account, const struct fb_sized *sized);
	/* refused: FB_REFUSED_NOT if the order left. */
	void (*sent)(void *context, const struct fb_open *open, enum fb_refusal refused);
	/* An answer moved so many lots, or money; the book knows. */
	void (*moved)(void *context, const struct fb_open *open, int64_t lots, __int128 value_e8);
	void (*closed)(void *context, const struct fb_open *open, bool rejected);
	/* A round of deleveraging is planned: needs, ranking and pairs are as fb_adl_plan left
	 * them, nothing is sent; and its last pair is answered. */
	void (*planned)(void *context, const struct fb_waterfall *waterfall, size_t pairs);
	void (*over)(void *context, const struct fb_waterfall *waterfall);
	/* Every position of the symbol is about to pay f (2^-16 of 1e-8) a lot: this share (1e-12)
	 * of its value. */
	void (*funded)(void *context, uint16_t symbol, int64_t f, int64_t rate_e12);
};

#define FB_TELL(w, what, ...)                                                                      \
	do {                                                                                       \
		if ((w)->tap && (w)->tap->what)                                                    \
			(w)->tap->what((w)->tap->context, __VA_ARGS__);                            \
	} while (0)

#endif
