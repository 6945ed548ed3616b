/* Valuation of rows and accounts in wide integers, from contract.md section 1. Independent of
 * every engine on purpose. */
#include <assert.h>

#include "book_internal.h"
#include "value_level.h"

static unsigned __int128 magnitude(__int128 x)
{
	return x < 0 ? -(unsigned __int128)x : (unsigned __int128)x;
}

static void value_row(const struct fb_book_ladder *ladder, int64_t qty, uint64_t u,
			     uint32_t addend_e7, struct fb_row_value *out)
{
	assert(ladder->tiers > 0 && ladder->tier[0].floor_e8 == 0);
	uint64_t lots = qty < 0 ? -(uint64_t)qty : (uint64_t)qty;
	unsigned __int128 notional = (unsigned __int128)lots * u >> FB_U_FRACTION_BITS;
	const struct fb_book_tier *tier = &ladder->tier[0];
	for (unsigned k = 1; k < ladder->tiers && ladder->tier[k].floor_e8 <= notional; k++)
		tier = &ladder->tier[k];
	out->notional_e8 = notional;
	out->value_e8 = qty < 0 ? -(__int128)notional : (__int128)notional;
	out->bad = notional >> FB_NOTIONAL_BITS != 0;
	out->mm_e15 = 0;
	if (notional != 0)
		out->mm_e15 =
			(__int128)(notional * ((unsigned __int128)tier->rate_e7 + addend_e7)) -
			(__int128)tier->deduction_e15;
}

void fb_value_row(const struct fb_book_ladder *ladder, int64_t qty, uint64_t u, uint32_t addend_e7,
		  struct fb_row_value *out)
{
	value_row(ladder, qty, u, addend_e7, out);
}

/* The two's complement number in the low `bits` of x. */
static __int128 wrap(__int128 x, unsigned bits)
{
	unsigned shift = 128 - bits;
	return (__int128)((unsigned __int128)x << shift) >> shift;
}

static void sum(const struct fb_book *book, const struct fb_view *view, bool engine,
		struct fb_sums *out)
{
	out->equity_e8 = view->collateral_e8;
	out->mm_e15 = view->addend_e15;
	out->bad_rows = 0;
	for (size_t i = 0; i < view->rows; i++) {
		const struct fb_view_row *row = &view->row[i];
		const struct fb_book_ladder *ladder =
			&book->ladder[book->symbol[row->symbol].ladder];
		struct fb_row_value v;
		value_row(ladder, row->qty, row->u, row->addend_e7, &v);
		if (engine && v.bad) {
			out->bad_rows++;
			continue;
		}
		out->equity_e8 += v.value_e8 - row->entry_e8;
		out->mm_e15 += v.mm_e15;
	}
}

void fb_value_engine(const struct fb_book *book, const struct fb_view *view, struct fb_sums *out)
{
	sum(book, view, true, out);
	out->equity_e8 = wrap(out->equity_e8, FB_EQUITY_BITS);
	out->mm_e15 = wrap(out->mm_e15, FB_MM_BITS);
}

void fb_value_exact(const struct fb_book *book, const struct fb_view *view, struct fb_sums *out)
{
	sum(book, view, false, out);
}

/* Outside of an engine's range. */
static bool add_wide(const struct fb_book_ladder *ladder, const struct fb_book_row *row, uint64_t u,
		     struct fb_sums *sums)
{
	struct fb_row_value v;
	value_row(ladder, row->qty, u, row->addend_e7, &v);
	sums->equity_e8 += v.value_e8 - row->entry_e8;
	sums->mm_e15 += v.mm_e15;
	return false;
}

/* Adds what a row is worth. false: out of an engine's range. */
static inline bool add_row(const struct fb_book *book, const struct fb_book_row *row,
			   const struct fb_book_symbol *symbol, uint64_t u, struct fb_sums *sums)
{
	const struct fb_book_ladder *ladder = &book->ladder[symbol->ladder];
	uint64_t lots = row->qty < 0 ? -(uint64_t)row->qty : (uint64_t)row->qty;
	unsigned __int128 product = (unsigned __int128)lots * u;
	if (product >> (FB_U_FRACTION_BITS + FB_NOTIONAL_BITS))
		return add_wide(ladder, row, u, sums);
	/* In range: a difference to an entry, of 62 bits as well, fits 64. */
	uint64_t notional = (uint64_t)(product >> FB_U_FRACTION_BITS);
	int64_t value = row->qty < 0 ? -(int64_t)notional : (int64_t)notional;
	sums->equity_e8 += value - row->entry_e8;
	if (notional == 0)
		return true;
	const struct fb_book_tier *tier = &ladder->tier[0];
	for (unsigned k = 1; k < ladder->tiers && ladder->tier[k].floor_e8 <= notional; k++)
		tier = &ladder->tier[k];
	uint64_t rate_e7 = (uint64_t)tier->rate_e7 + row->addend_e7;
	sums->mm_e15 += (__int128)((unsigned __int128)notional * rate_e7 - tier->deduction_e15);
	return true;
}

bool fb_value_at(const struct fb_book *book, uint32_t account, uint64_t seq, struct fb_sums *out,
		 bool *now)
{
	const struct fb_book_account *a = &book->account[account];
	struct fb_sums sums = { .equity_e8 = a->collateral_e8, .mm_e15 = a->addend_e15 };
	bool good = true, is_now = true;
	if (seq < book->seq && fb_book_changed(book, account, seq)) {
		*now = true;
		return false;
	}
	for (uint32_t i = a->first; i != FB_NONE; i = book->row[i].next) {
		const struct fb_book_row *row = &book->row[i];
		const struct fb_book_symbol *symbol = &book->symbol[row->symbol];
		if (!row->live)
			continue;
		uint64_t u = symbol->u;
		if (symbol->u_seq > seq) {
			u = fb_book_unit_before(symbol, seq);
			is_now = false;
		}
		good &= u != 0;
		good &= add_row(book, row, symbol, u, &sums);
	}
	*now = is_now;
	*out = sums;
	return good && fb_fits(sums.equity_e8, FB_EQUITY_BITS) && fb_fits(sums.mm_e15, FB_MM_BITS);
}

unsigned fb_value_level(const struct fb_book_class *class, unsigned before,
			const struct fb_sums *sums)
{
	return fb_level_of(class, before, sums);
}

unsigned fb_value_level_engine(const struct fb_book_class *class, unsigned before,
			       const struct fb_sums *sums, __int128 collateral_e8)
{
	return fb_level_engine(class, before, sums, collateral_e8);
}

bool fb_value_breach(const struct fb_book_class *class, unsigned level, const struct fb_sums *sums)
{
	assert(level >= 1 && level <= FB_LEVEL_BANKRUPT);
	if (sums->equity_e8 < 0)
		return true;
	if (sums->mm_e15 <= 0 || level > class->thresholds)
		return false;
	return fb_level_crossed(class, class->up_e7[level - 1], sums);
}

struct wide256 {
	unsigned __int128 hi, lo;
};

static struct wide256 multiply(unsigned __int128 a, unsigned __int128 b)
{
	unsigned __int128 a0 = (uint64_t)a, a1 = a >> 64, b0 = (uint64_t)b, b1 = b >> 64;
	unsigned __int128 low = a0 * b0, cross = a1 * b0 + (low >> 64),
			  other = a0 * b1 + (uint64_t)cross;
	return (struct wide256){
		.hi = a1 * b1 + (cross >> 64) + (other >> 64),
		.lo = other << 64 | (uint64_t)low,
	};
}

/* Sign of a x b - c x d, for b and d not negative. Equity has 72 bits and MM 96: the product
 * needs more than 128. */
static int compare_products(__int128 a, __int128 b, __int128 c, __int128 d)
{
	int sign_ab = b == 0 || a == 0 ? 0 : a < 0 ? -1 : 1;
	int sign_cd = d == 0 || c == 0 ? 0 : c < 0 ? -1 : 1;
	if (sign_ab != sign_cd || sign_ab == 0)
		return sign_ab < sign_cd ? -1 : sign_ab > sign_cd;
	struct wide256 x = multiply(magnitude(a), magnitude(b)),
		       y = multiply(magnitude(c), magnitude(d));
	int order = x.hi != y.hi   ? (x.hi < y.hi ? -1 : 1)
		    : x.lo != y.lo ? (x.lo < y.lo ? -1 : 1)
				   : 0;
	return sign_ab < 0 ? -order : order;
}

/* Without MM the ratio is infinite, with the sign of equity. */
static int infinity(__int128 equity_e8, __int128 mm_e15)
{
	return mm_e15 > 0 ? 0 : equity_e8 < 0 ? -1 : 1;
}

int fb_value_severity(const struct fb_sums *a, uint32_t id_a, const struct fb_sums *b,
		      uint32_t id_b)
{
	/* A negative MM (a negative addend) counts as none: such an account is in breach only
	 * when bankrupt. */
	__int128 mm_a = a->mm_e15 > 0 ? a->mm_e15 : 0, mm_b = b->mm_e15 > 0 ? b->mm_e15 : 0;
	int order = infinity(a->equity_e8, mm_a) - infinity(b->equity_e8, mm_b);
	if (order == 0)
		order = compare_products(a->equity_e8, mm_b, b->equity_e8, mm_a);
	if (order == 0)
		order = mm_a > mm_b ? -1 : mm_a < mm_b ? 1 : 0;
	if (order == 0)
		order = id_a < id_b ? -1 : id_a > id_b ? 1 : 0;
	return order;
}

/* Up to the highest that is set. */
static unsigned bits(unsigned __int128 x)
{
	uint64_t high = (uint64_t)(x >> 64), low = (uint64_t)x;
	if (high)
		return 128 - (unsigned)__builtin_clzll(high);
	return low ? 64 - (unsigned)__builtin_clzll(low) : 0;
}

bool fb_value_severity_key(const struct fb_sums *s, uint64_t *key)
{
	const uint64_t sign = UINT64_C(1) << 63;
	__int128 ratio;
	if (s->equity_e8 < INT64_MIN || s->equity_e8 > INT64_MAX)
		return false;
	if (s->mm_e15 <= 0) {
		*key = s->equity_e8 < 0 ? 0 : UINT64_MAX;
		return true;
	}
	ratio = s->equity_e8 * ((__int128)1 << 64) / s->mm_e15;
	*key = ratio < INT64_MIN   ? 0
	       : ratio > INT64_MAX ? UINT64_MAX
				   : (uint64_t)(int64_t)ratio ^ sign;
	return true;
}

/* Share of the first rows = floor(equity x their MM / all MM), and each row gets the difference to
 * the row before, so the remainders move on and nothing is lost. Weights are shifted down to 40
 * bits so that the product fits: this changes who bears the last fraction of a unit in 2^40, never
 * the sum. */
void fb_value_shares(const __int128 *mm_e15, size_t n, __int128 equity_e8, __int128 *share_e8)
{
	unsigned __int128 all = 0;
	for (size_t i = 0; i < n; i++)
		all += mm_e15[i] > 0 ? (unsigned __int128)mm_e15[i] : 0;
	unsigned shift = bits(all) > 40 ? bits(all) - 40 : 0;
	__int128 weight_all = (__int128)(all >> shift), before = 0;
	unsigned __int128 cumulative = 0;
	unsigned __int128 equity = magnitude(equity_e8);
	for (size_t i = 0; i < n; i++) {
		cumulative += mm_e15[i] > 0 ? (unsigned __int128)mm_e15[i] : 0;
		__int128 weight = (__int128)(cumulative >> shift), upto;
		/* Without any MM the last row bears it all. */
		if (weight_all == 0)
			upto = i + 1 == n ? (__int128)equity : 0;
		else
			upto = (__int128)(equity * (unsigned __int128)weight /
					  (unsigned __int128)weight_all);
		share_e8[i] = equity_e8 < 0 ? -(upto - before) : upto - before;
		before = upto;
	}
}
