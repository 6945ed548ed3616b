/* Near-ties made by an adversary: pairs of rows whose keys stand the wrong way round by nearly as
 * much as the error bound lets them, with other rows between them, so that pages end there. */
#include <math.h>

#include "ranker_kit.h"

#include "../../sw/lib/log2.h"

#define POOL 256
#define PAIRS 12
#define TRIES 1000
#define STEP (INT64_C(1) << 30) /* of an operand: a part of a unit of the key */

/* Operands whose logarithm errs by nearly all that it can: up, and down. All within an eighth,
 * above every floor. */
static int64_t high[POOL], low[POOL];

static int64_t some_operand(void)
{
	return (INT64_C(1) << 51) + (int64_t)below(UINT64_C(1) << 48);
}

static void fill_pools(void)
{
	for (unsigned n_high = 0, n_low = 0; n_high < POOL || n_low < POOL;) {
		int64_t x = some_operand();
		long double error = fb_log2((unsigned __int128)x) - 65536 * log2l((long double)x);
		if (error > 1.0L && n_high < POOL)
			high[n_high++] = x;
		if (error < -1.0L && n_low < POOL)
			low[n_low++] = x;
	}
}

static int64_t of_pool(bool up)
{
	return (up ? high : low)[below(POOL)];
}

static struct fb_rank_row row_of(uint32_t position, bool profit, const int64_t x[FB_RANK_OPERANDS])
{
	return (struct fb_rank_row){ .account = 1 + position,
				     .position = position,
				     .symbol = 1,
				     .qty = 1,
				     .pnl_e8 = profit ? x[FB_RANK_PNL] : -x[FB_RANK_PNL],
				     .entry_e8 = x[FB_RANK_ENTRY],
				     .notional_e8 = (unsigned __int128)x[FB_RANK_NOTIONAL],
				     .equity_e8 = x[FB_RANK_EQUITY],
				     .mm_e15 = x[FB_RANK_MM],
				     .row_mm_e15 = x[FB_RANK_ROW_MM],
				     .collateral_e8 = x[FB_RANK_COLLATERAL] };
}

/* A pair: by keys `a` comes first, by a hair `b` does. */
struct pair {
	int64_t a[FB_RANK_OPERANDS], b[FB_RANK_OPERANDS];
	unsigned solved; /* the operand that was chosen so */
	uint32_t apart;	 /* keys; 0: it did not come out */
};

static struct pair try_pair(const struct fb_rank_formula *f, bool profit)
{
	const int8_t *c = profit ? f->profit : f->loss;
	struct pair p = { .apart = 0 };
	long double lead = 0; /* of a, in what the others make of the score */
	do
		p.solved = (unsigned)below(FB_RANK_OPERANDS);
	while (c[p.solved] == 0);
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++) {
		p.a[i] = c[i] ? of_pool(c[i] > 0) : some_operand();
		p.b[i] = c[i] ? of_pool(c[i] < 0) : p.a[i];
		if (i != p.solved)
			lead += c[i] * (log2l((long double)p.a[i]) - log2l((long double)p.b[i]));
	}
	lead += 0x1p-30L; /* the hair */
	long double x = (long double)p.a[p.solved] * exp2l(lead / c[p.solved]);
	if (x < 0x1p50L || x >= 0x1p60L)
		return p;
	p.b[p.solved] = llroundl(x);
	struct fb_rank_row a = row_of(0, profit, p.a), b = row_of(1, profit, p.b);
	uint32_t key_a = fb_rank_key(f, &a), key_b = fb_rank_key(f, &b);
	if (fb_rank_compare(f, &b, &a) < 0 && key_a > key_b)
		p.apart = key_a - key_b;
	return p;
}

static struct pair worst_pair(const struct fb_rank_formula *f, bool profit)
{
	struct pair worst = try_pair(f, profit);
	for (unsigned i = 1; i < TRIES; i++) {
		struct pair p = try_pair(f, profit);
		if (p.apart > worst.apart)
			worst = p;
	}
	return worst;
}

/* The pair, and a row for each key between theirs, so that pages end there. */
static void put_pair(const struct fb_rank_formula *f, bool profit, const struct pair *p)
{
	const int8_t *c = profit ? f->profit : f->loss;
	uint32_t n = (uint32_t)rows_n, key;
	int64_t x[FB_RANK_OPERANDS], down = c[p->solved] > 0 ? -1 : 1;
	rows[n] = row_of(n, profit, p->b);
	rows[n + 1] = row_of(n + 1, profit, p->a);
	key = fb_rank_key(f, &rows[n + 1]);
	memcpy(x, p->a, sizeof(x));
	n += 2;
	for (uint32_t wanted = key - 1; wanted > key - p->apart; wanted--) {
		do {
			x[p->solved] += down * STEP;
			rows[n] = row_of(n, profit, x);
		} while (fb_rank_key(f, &rows[n]) > wanted);
		n++;
	}
	rows_n = n;
}

/* With one operand alone keys are never the wrong way round: the logarithm does not fall. */
static bool can_be_wrong(const struct fb_rank_formula *f, bool profit)
{
	unsigned operands = 0;
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++)
		operands += (profit ? f->profit : f->loss)[i] != 0;
	return operands > 1;
}

static void rank_pairs(const struct fb_rank_formula *f, bool profit)
{
	const uint32_t pages[] = { 1, 2, 3, 7 };
	uint32_t margin = 0, worst = 0;
	rows_n = 0;
	for (unsigned i = 0; i < PAIRS; i++) {
		struct pair p = worst_pair(f, profit);
		if (p.apart == 0)
			continue;
		put_pair(f, profit, &p);
		margin = fb_rank_margin(f, fb_rank_class(&rows[0]));
		worst = p.apart > worst ? p.apart : worst;
	}
	/* Else these rows would not tell the margin from three quarters of it. */
	if (4 * worst < 3 * margin)
		ck_abort_msg("%s: only %u of %u", f->name, worst, margin);
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		rank_all(f, pages[i]);
}

START_TEST(keys_as_wrong_as_can_be)
{
	seed = 51;
	fill_pools();
	for (size_t i = 0; i < fb_rank_formulas_n + 5; i++) {
		struct fb_rank_formula f = some_formula(i);
		for (int profit = 0; profit < 2; profit++)
			if (can_be_wrong(&f, profit))
				rank_pairs(&f, profit);
	}
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = { { "ties", keys_as_wrong_as_can_be } };
	return kit_main("host: rank, near-ties", cases, sizeof(cases) / sizeof(cases[0]));
}
