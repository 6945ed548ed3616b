/* What a trade does to the two rows that make it. */
#include <assert.h>
#include <errno.h>

#include <firebreak/book.h>

static __int128 magnitude(__int128 x)
{
	return x < 0 ? -x : x;
}

int fb_trade_after(int64_t qty, int64_t entry_e8, int64_t dq, __int128 value_e8,
		   struct fb_trade *out)
{
	assert(dq != 0);
	/* Keeps every product below 2^110. */
	if (!fb_fits(value_e8, FB_MONEY_BITS) || !fb_fits(qty, FB_QTY_BITS) ||
	    !fb_fits(dq, FB_QTY_BITS))
		return -ERANGE;
	__int128 after = (__int128)qty + dq, entry, delta = 0;
	if (qty == 0 || (qty < 0) == (dq < 0)) {
		entry = entry_e8 + value_e8; /* opens or grows */
	} else if (magnitude(dq) <= magnitude(qty)) {
		/* Closes dq of qty: that part of the entry value is realised; division cuts
		 * toward zero. */
		__int128 released = entry_e8 * magnitude(dq) / magnitude(qty);
		entry = entry_e8 - released;
		delta = -value_e8 - released;
	} else {
		/* Closes all of qty at its part of the value and opens the rest on the other
		 * side. */
		__int128 closing = value_e8 * magnitude(qty) / magnitude(dq);
		entry = value_e8 - closing;
		delta = -closing - entry_e8;
	}
	if (!fb_fits(after, FB_QTY_BITS) || !fb_fits(entry, FB_MONEY_BITS))
		return -ERANGE;
	assert(after != 0 || entry == 0);
	*out = (struct fb_trade){ .qty = (int64_t)after,
				  .entry_e8 = (int64_t)entry,
				  .delta_e8 = delta };
	return 0;
}
