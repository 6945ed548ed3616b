/* Natural numbers of fixed room, for ratio.c: twice what a ratio holds, so that every intermediate
 * of one operation fits and only its result can be too wide. */
#ifndef NATURAL_H
#define NATURAL_H

#include <stdbool.h>
#include <stdint.h>

#include <firebreak/ratio.h>

#define NATURAL_LIMBS (2 * FB_RATIO_LIMBS + 2)

/* Least significant limb first; the last one is not 0, and 0 has no limbs. */
struct natural {
	unsigned limbs;
	uint64_t limb[NATURAL_LIMBS];
};

void natural_set(struct natural *out, unsigned __int128 x);
void natural_load(struct natural *out, const uint64_t *limb, unsigned limbs);
int natural_compare(const struct natural *a, const struct natural *b);
bool natural_is(const struct natural *a, uint64_t x);

/* `out` may be a or b. Room is asserted; in `subtract` a >= b is. */
void natural_add(struct natural *out, const struct natural *a, const struct natural *b);
void natural_subtract(struct natural *out, const struct natural *a, const struct natural *b);
/* a x factor + more */
void natural_scale(struct natural *out, const struct natural *a, uint64_t factor, uint64_t more);

/* `out`, quotient and remainder are neither a nor b. b is not 0. */
void natural_multiply(struct natural *out, const struct natural *a, const struct natural *b);
void natural_divide(const struct natural *a, const struct natural *b, struct natural *quotient,
		    struct natural *remainder);
void natural_power_of_ten(struct natural *out, unsigned n);
/* Destroys a and b. gcd(0, b) = b. */
void natural_gcd(struct natural *a, struct natural *b, struct natural *out);
void natural_root(const struct natural *a, struct natural *out);

#endif
