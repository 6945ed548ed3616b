/* Exact rational numbers, for formulas and for checking published examples: prices, rates and money
 * in and out of <firebreak/formula.h>.
 *
 * A value type: no allocation, copied by assignment, always in lowest terms. A zeroed value is 0.
 * Numerator and denominator have FB_RATIO_BITS bits each; the product of two 64-bit maxima, a rate
 * in ppm and a price is far below. A result that does not fit in lowest terms is an error, never
 * a wrong number.
 *
 * Errors stick: what is computed from an error is that error, the left one's if both are, so a
 * formula is written as it is printed and looked at once, at its end. Nothing else is silent: an
 * error cannot be compared (asserted).
 *
 * Caveats. Not for decision paths of a run: those are integers (book.h). About 1 us an operation.
 */
#ifndef FIREBREAK_RATIO_H
#define FIREBREAK_RATIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FB_RATIO_LIMBS 32
#define FB_RATIO_BITS (64 * FB_RATIO_LIMBS)
#define FB_RATIO_PLACES_MAX 600 /* decimals; 10^600 fits 2048 bits */
#define FB_RATIO_TEXT 1400	/* bytes: two numbers of 617 digits, or one and 600 decimals */

struct fb_ratio {
	/* 0; -EINVAL: the text is no number; -EDOM: division by zero, root of a number that is
	 * negative or not whole; -EOVERFLOW: more than FB_RATIO_BITS; or what fb_ratio_error got */
	int error;
	bool negative;			 /* never with 0 */
	unsigned above_limbs, below_limbs; /* below_limbs 0: whole, as if `below` were 1 */
	uint64_t above[FB_RATIO_LIMBS], below[FB_RATIO_LIMBS]; /* least significant first */
};

/* ---- making them ---- */

struct fb_ratio fb_ratio_int(__int128 n);
/* n x 10^-decimals: fb_ratio_scaled(price_e8, 8). */
struct fb_ratio fb_ratio_scaled(__int128 n, unsigned decimals);
struct fb_ratio fb_ratio_of(__int128 above, __int128 below);
/* The whole of text[0..length): [+-]digits[.digits][e[+-]digits], or two of these as p/q. */
struct fb_ratio fb_ratio_parse(const char *text, size_t length);
struct fb_ratio fb_ratio_text(const char *text); /* the same, up to its NUL */
struct fb_ratio fb_ratio_error(int error);	 /* error < 0, e.g. -ENOENT: there is none */

/* ---- arithmetic ---- */

struct fb_ratio fb_ratio_add(struct fb_ratio a, struct fb_ratio b);
struct fb_ratio fb_ratio_sub(struct fb_ratio a, struct fb_ratio b);
struct fb_ratio fb_ratio_mul(struct fb_ratio a, struct fb_ratio b);
struct fb_ratio fb_ratio_div(struct fb_ratio a, struct fb_ratio b);
struct fb_ratio fb_ratio_neg(struct fb_ratio a);
struct fb_ratio fb_ratio_abs(struct fb_ratio a);

/* ---- comparing: neither may be an error (asserted) ---- */

int fb_ratio_compare(const struct fb_ratio *a, const struct fb_ratio *b); /* sign of a - b */
int fb_ratio_sign(const struct fb_ratio *a);				  /* -1, 0, 1 */
bool fb_ratio_is_whole(const struct fb_ratio *a);

struct fb_ratio fb_ratio_min(struct fb_ratio a, struct fb_ratio b);
struct fb_ratio fb_ratio_max(struct fb_ratio a, struct fb_ratio b);
/* Least value not below `low` and not above `high`; -EDOM if low > high. */
struct fb_ratio fb_ratio_clamp(struct fb_ratio a, struct fb_ratio low, struct fb_ratio high);

/* ---- rounding ---- */

enum fb_rounding {
	FB_ROUND_FLOOR,	    /* toward minus infinity */
	FB_ROUND_CEIL,	    /* toward plus infinity */
	FB_ROUND_ZERO,	    /* toward zero */
	FB_ROUND_AWAY,	    /* away from zero */
	FB_ROUND_HALF_UP,   /* to the nearest, halves away from zero */
	FB_ROUND_HALF_EVEN, /* to the nearest, halves to the even one */
};

struct fb_ratio fb_ratio_floor(struct fb_ratio a);
struct fb_ratio fb_ratio_ceil(struct fb_ratio a);
struct fb_ratio fb_ratio_truncate(struct fb_ratio a); /* toward zero */
/* To `places` decimals, at most FB_RATIO_PLACES_MAX. */
struct fb_ratio fb_ratio_round(struct fb_ratio a, unsigned places, enum fb_rounding rounding);
/* To a multiple of `step` (a tick, a lot), which is above 0: else -EDOM. */
struct fb_ratio fb_ratio_round_to(struct fb_ratio a, struct fb_ratio step,
				  enum fb_rounding rounding);
/* Largest whole number whose square is not above a. */
struct fb_ratio fb_ratio_isqrt(struct fb_ratio a);

/* ---- out of it ---- */

/* a x 10^decimals as an integer. The error of a; -EDOM: not whole (round first); -ERANGE: not
 * within 127 bits. Nothing is stored then. */
int fb_ratio_to_scaled(const struct fb_ratio *a, unsigned decimals, __int128 *out);
int fb_ratio_to_int(const struct fb_ratio *a, __int128 *out);

/* Text into `out`, which is returned. With exactly `places` decimals, rounded: */
char *fb_ratio_decimal(const struct fb_ratio *a, unsigned places, enum fb_rounding rounding,
		       char out[FB_RATIO_TEXT]);
/* exact, as "p/q", or "p" if it is whole: */
char *fb_ratio_fraction(const struct fb_ratio *a, char out[FB_RATIO_TEXT]);
/* as a decimal without zeros at its end if that is exact, else as a fraction. Of an error, all
 * three say what it is, in words. */
char *fb_ratio_exact(const struct fb_ratio *a, char out[FB_RATIO_TEXT]);
const char *fb_ratio_error_text(int error);

#endif
