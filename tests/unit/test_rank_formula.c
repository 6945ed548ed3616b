/* The published formulas in their own words, in fractions, against their coefficients. */
#include "ranker_kit.h"

struct fraction {
	__int128 over, under; /* under > 0 */
};

static __int128 gcd(__int128 a, __int128 b)
{
	return b == 0 ? (a < 0 ? -a : a) : gcd(b, a % b);
}

static struct fraction ratio(__int128 over, __int128 under)
{
	KIT_MUST(under != 0);
	if (under < 0) {
		over = -over;
		under = -under;
	}
	__int128 common = gcd(over, under);
	return (struct fraction){ over / common, under / common };
}

static struct fraction times(struct fraction a, struct fraction b)
{
	return ratio(a.over * b.over, a.under * b.under);
}

static struct fraction by(struct fraction a, struct fraction b)
{
	return ratio(a.over * b.under, a.under * b.over);
}

/* A position as the venues' pages speak of it. */
struct position {
	int64_t sign, lots, mark, entry, wallet, equity, mm, row_mm;
};

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t mark_value(const struct position *p)
{
	return p->sign * p->lots * p->mark;
}

static int64_t entry_value(const struct position *p)
{
	return p->sign * p->lots * p->entry;
}

static int64_t unrealised(const struct position *p)
{
	return p->sign * p->lots * (p->mark - p->entry);
}

static struct fraction on_entry(const struct position *p)
{
	return ratio(unrealised(p), p->lots * p->entry);
}

/* PnL% times a risk in profit, by it in loss: the commonest frame. */
static struct fraction framed(struct fraction pnl, struct fraction risk)
{
	return pnl.over > 0 ? times(pnl, risk) : by(pnl, risk);
}

static struct fraction bitmex(const struct position *p)
{
	int64_t bankrupt_value = mark_value(p) - p->equity;
	struct fraction pnl = ratio(mark_value(p) - entry_value(p), llabs(entry_value(p)));
	return framed(pnl, ratio(llabs(mark_value(p)), mark_value(p) - bankrupt_value));
}

static struct fraction binance_2020(const struct position *p)
{
	struct fraction pnl = ratio(most(0, unrealised(p)), most(MONEY, p->wallet));
	return times(pnl, ratio(p->mm, p->equity));
}

static struct fraction binance_2025(const struct position *p)
{
	struct fraction pnl = ratio(unrealised(p), llabs(mark_value(p)));
	return framed(pnl, ratio(llabs(mark_value(p)), p->equity));
}

static struct fraction okx(const struct position *p)
{
	struct fraction margin_ratio = ratio(p->equity, p->mm);
	return unrealised(p) > 0 ? by(on_entry(p), margin_ratio)
				 : times(on_entry(p), margin_ratio);
}

static struct fraction bitget(const struct position *p)
{
	return framed(on_entry(p), ratio(p->mm, p->equity));
}

static struct fraction extended(const struct position *p)
{
	return framed(on_entry(p), ratio(p->row_mm, p->equity));
}

static struct fraction hyperliquid(const struct position *p)
{
	return times(ratio(p->mark, p->entry), ratio(llabs(mark_value(p)), p->equity));
}

static struct fraction hyperliquid_short(const struct position *p)
{
	return times(ratio(p->entry, p->mark), ratio(llabs(mark_value(p)), p->equity));
}

static struct fraction coinex(const struct position *p)
{
	int64_t open_value = llabs(entry_value(p)), value = llabs(mark_value(p));
	struct fraction profit = p->sign > 0 ? ratio(value, open_value) : ratio(open_value, value);
	return times(profit, ratio(open_value, p->wallet));
}

static struct fraction flox_pnl_ratio(const struct position *p)
{
	return ratio(unrealised(p), p->equity);
}

static struct fraction flox_binance(const struct position *p)
{
	return ratio((__int128)unrealised(p) * llabs(mark_value(p)), p->equity);
}

static struct fraction flox_size(const struct position *p)
{
	return ratio(p->lots, 1);
}

static const struct published {
	const char *name;
	struct fraction (*score)(const struct position *p);
	int64_t sign;	/* the only side it is for, or 0 */
	bool one_class; /* says nothing about the sign of the profit */
} published[] = {
	{ "bitmex", bitmex, 0, false },
	{ "binance-2020", binance_2020, 0, false },
	{ "binance-2025", binance_2025, 0, false },
	{ "okx", okx, 0, false },
	{ "bitget", bitget, 0, false },
	{ "extended", extended, 0, false },
	{ "hyperliquid", hyperliquid, 0, true },
	{ "hyperliquid-short", hyperliquid_short, -1, true },
	{ "coinex-long", coinex, 1, true },
	{ "coinex-short", coinex, -1, true },
	{ "flox-pnl-ratio", flox_pnl_ratio, 0, false },
	{ "flox-binance", flox_binance, 0, false },
	{ "flox-position-size", flox_size, 0, true },
};

static struct position some_position(int64_t sign, int64_t mark)
{
	return (struct position){ .sign = sign,
				  .lots = 1 + (int64_t)below(12),
				  .mark = mark,
				  .entry = 1 + (int64_t)below(20),
				  .wallet = 1 + (int64_t)below(5) * MONEY / 2,
				  .equity = 1 + (int64_t)below(9),
				  .mm = 1 + (int64_t)below(9),
				  .row_mm = 1 + (int64_t)below(9) };
}

static struct fb_rank_row row_of(const struct position *p, uint32_t id)
{
	return (struct fb_rank_row){ .account = id,
				     .position = id,
				     .qty = p->sign * p->lots,
				     .entry_e8 = entry_value(p),
				     .pnl_e8 = unrealised(p),
				     .notional_e8 = (unsigned __int128)llabs(mark_value(p)),
				     .equity_e8 = p->equity,
				     .mm_e15 = p->mm,
				     .row_mm_e15 = p->row_mm,
				     .collateral_e8 = p->wallet };
}

/* Two positions that the formula can compare. */
struct duel {
	struct fb_rank_row a, b;
	__int128 left, right; /* a goes first by the formula if left > right */
	bool one_class;
};

static bool some_duel(const struct published *f, unsigned turn, struct duel *d)
{
	int64_t sign = f->sign ? f->sign : turn % 2 ? 1 : -1;
	int64_t mark = 1 + (int64_t)below(20);
	struct position a = some_position(sign, mark), b = some_position(sign, mark);
	d->a = row_of(&a, 1);
	d->b = row_of(&b, 2);
	d->one_class = fb_rank_class(&d->a) == fb_rank_class(&d->b);
	if (f->one_class && (!d->one_class || d->a.pnl_e8 == 0))
		return false;
	struct fraction x = f->score(&a), y = f->score(&b);
	d->left = x.over * y.under;
	d->right = y.over * x.under;
	return true;
}

/* Of rows with the same score, and of one class, the larger notional is first, then a. */
static bool keeps_order(const struct fb_rank_formula *coefficients, const struct duel *d)
{
	int found = fb_rank_compare(coefficients, &d->a, &d->b);
	if (d->left != d->right)
		return (found < 0) == (d->left > d->right);
	return !d->one_class || (found < 0) == (d->a.notional_e8 >= d->b.notional_e8);
}

START_TEST(published_formulas_keep_their_order)
{
	ck_assert_uint_eq(fb_rank_formulas_n, sizeof(published) / sizeof(published[0]));
	ck_assert_ptr_null(fb_rank_formula("nobody's"));
	seed = 13;
	for (size_t i = 0; i < fb_rank_formulas_n; i++) {
		const struct published *f = &published[i];
		const struct fb_rank_formula *coefficients = fb_rank_formula(f->name);
		ck_assert_ptr_eq(coefficients, &fb_rank_formulas[i]);
		uint64_t told = 0, ties = 0;
		for (unsigned turn = 0; turn < 20000; turn++) {
			struct duel d;
			if (!some_duel(f, turn, &d))
				continue;
			if (!keeps_order(coefficients, &d))
				ck_abort_msg("%s: another order", f->name);
			told += d.left != d.right;
			ties += d.left == d.right && d.one_class;
		}
		if (told < 1000 || ties < 10)
			ck_abort_msg("%s: hardly anything compared", f->name);
	}
}
END_TEST

static bool told_apart(const struct published *f, const struct fb_rank_formula *wrong)
{
	struct duel d;
	for (unsigned turn = 0; turn < 20000; turn++)
		if (some_duel(f, turn, &d) && !keeps_order(wrong, &d))
			return true;
	return false;
}

/* A score of nothing but the notional is the order in which ties are broken anyway. */
static bool is_tie_break(const int8_t *c)
{
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++)
		if (c[i] != (i == FB_RANK_NOTIONAL))
			return false;
	return true;
}

/* The comparison above would see any coefficient that is one too high or too low. */
START_TEST(no_other_coefficients_do)
{
	seed = 15;
	for (size_t i = 0; i < fb_rank_formulas_n; i++)
		for (unsigned k = 0; k < 4 * FB_RANK_OPERANDS; k++) {
			struct fb_rank_formula wrong = fb_rank_formulas[i];
			int8_t *c = k % 2 ? wrong.profit : wrong.loss;
			bool nothing = is_tie_break(c);
			c[k / 4] = (int8_t)(c[k / 4] + (k / 2 % 2 ? 1 : -1));
			nothing = (nothing || is_tie_break(c)) && k / 4 == FB_RANK_NOTIONAL;
			if (!told_apart(&published[i], &wrong) && !nothing)
				ck_abort_msg("%s: operand %u, %s: %d is as good", wrong.name, k / 4,
					     k % 2 ? "profit" : "loss", c[k / 4]);
		}
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "published", published_formulas_keep_their_order },
		{ "others", no_other_coefficients_do },
	};
	return kit_main("host: rank, formulas", cases, sizeof(cases) / sizeof(cases[0]));
}
