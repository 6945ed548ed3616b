/* A mark derived from trades, where the venue's own mark is not at hand. */
#ifndef FIREBREAK_FEED_DERIVE_H
#define FIREBREAK_FEED_DERIVE_H

#include <stdbool.h>
#include <stdint.h>

struct fb_derive {
	unsigned __int128 value,
		amount;  /* of this second's spot trades: sum of price x amount, sum of amount */
	uint32_t trades; /* summed in this second */
	uint64_t index_e8, last_e8; /* 0: none yet */
	bool has_basis;
	int64_t basis_second;
	__int128 basis, sample; /* 1e-8 x 2^16: smoothed, and as last seen */
};

void fb_derive_spot(struct fb_derive *state, uint64_t price_e8, uint64_t amount_e8);
void fb_derive_perpetual(struct fb_derive *state, uint64_t price_e8);
/* The mark at the end of a second that had a trade. index_e8: the index if the rules make another
 * one than the mean by volume; 0: that mean. */
uint64_t fb_derive_mark(struct fb_derive *state, int64_t second, uint64_t index_e8);

#endif
