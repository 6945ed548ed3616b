/* Scores that are products of powers of whole numbers, compared exactly by cross-multiplication:
 * every factor goes to the side where its power is positive. Factors fit 128 bits; nearly always
 * 128 bits are enough for a side, too. */
#ifndef FIREBREAK_POWERS_H
#define FIREBREAK_POWERS_H

#include <stdint.h>

#define FB_POWERS_MAX 16 /* operands */

/* Sign of the product of a[i] to the power[i] less that of b. Operands are 1 or more, powers -2..2.
 */
int fb_powers_compare(const int8_t *power, const unsigned __int128 *a, const unsigned __int128 *b,
		      unsigned n);
/* floor(product of x[i] to the power[i] x up[0..2] / down[0..2]), at most 2^64 - 1. */
uint64_t fb_powers_quotient(const int8_t *power, const unsigned __int128 *x, unsigned n,
			    const unsigned __int128 up[3], const unsigned __int128 down[3]);

#endif
