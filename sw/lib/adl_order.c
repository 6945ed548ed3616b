/* The orders of deleveraging that venues publish, made ready from a pack's [adl].
 *
 * A product of powers goes to the card where it has no other operands than the card's and nothing
 * else of the pack changes the order (rank_formula.c says how each text became powers). The others
 * are the host's alone:
 *
 *   extended   docs.extended.exchange: PnL% x N rate / max(equity, 1), of a loss the quotient. The
 *              card has no floor of the equity
 *   bluefin    max(0, PnL%) / max(MMR, MR): U / |e| over the larger of mm / N and Q / N, so that N
 *              is left over: U N / (|e| max(mm, Q)). Losses all score 0
 *   leverage of the position: its share of the equity, Q mm / MM, in the place of Q; the card can
 *              do that too, within its powers
 *
 * Factors multiply a score: one above 1 brings profits forward and losses back. */
#include <assert.h>
#include <string.h>

#include <firebreak/adl.h>

#include "log2.h"
#include "log2_table.h"
#include "mix.h"
#include "powers.h"

/* Operands beyond the card's. */
enum {
	EQUITY_FLOOR = FB_RANK_OPERANDS, /* max(equity, 1 coin) */
	WORST,				 /* max(mm of the row, equity), 1e-15 */
	SIZE,
	TIER,
	FUNDING_OVER,
	FUNDING_UNDER,
};
_Static_assert(FUNDING_UNDER + 1 == FB_ADL_OPERANDS, "operands");

#define COIN_E8 INT64_C(100000000)
#define ONE_E7 INT64_C(10000000)

const struct fb_adl_family fb_adl_families[] = {
	{ "binance-2025", 'A', FB_ADL_POWERS, { "binance-2025", "binance-2025" }, "U / equity" },
	{ "bitmex", 'A', FB_ADL_POWERS, { "bitmex", "bitmex" }, "(U / |entry|) x (N / equity)" },
	{ "binance-2020",
	  'B',
	  FB_ADL_POWERS,
	  { "binance-2020", "binance-2020" },
	  "max(0, U) / max(1, wallet) x MM / equity" },
	{ "okx", 'C', FB_ADL_POWERS, { "okx", "okx" }, "(U / |entry|) / (equity / MM)" },
	{ "bitget", 'B', FB_ADL_POWERS, { "bitget", "bitget" }, "(U / |entry|) x (MM / equity)" },
	{ "extended", 'B', FB_ADL_POWERS, { NULL, NULL }, "(U / |entry|) x mm / max(equity, 1)" },
	{ "hyperliquid",
	  'D',
	  FB_ADL_POWERS,
	  { "hyperliquid", "hyperliquid" },
	  "(mark / entry) x (N / equity)" },
	{ "hyperliquid-inverse",
	  'D',
	  FB_ADL_POWERS,
	  { "hyperliquid", "hyperliquid-short" },
	  "(mark / entry, of shorts entry / mark) x (N / equity)" },
	{ "coinex",
	  'D',
	  FB_ADL_POWERS,
	  { "coinex-long", "coinex-short" },
	  "(mark / entry, of shorts entry / mark) x (|entry| / wallet)" },
	{ "flox-pnl-ratio",
	  'A',
	  FB_ADL_POWERS,
	  { "flox-pnl-ratio", "flox-pnl-ratio" },
	  "U / equity" },
	{ "flox-binance",
	  'A',
	  FB_ADL_POWERS,
	  { "flox-binance", "flox-binance" },
	  "U x N / equity" },
	{ "flox-position-size",
	  'G',
	  FB_ADL_POWERS,
	  { "flox-position-size", "flox-position-size" },
	  "N" },
	{ "bluefin",
	  'C',
	  FB_ADL_POWERS,
	  { NULL, NULL },
	  "max(0, U / |entry|) / max(mm / N, equity / N)" },
	{ "lexicographic",
	  'F',
	  FB_ADL_LEXICOGRAPHIC,
	  { NULL, NULL },
	  "N of the account / equity, then U, lower wallet, newer account" },
	{ "random", 'E', FB_ADL_RANDOM, { NULL, NULL }, "place in the list from the start on" },
};
const size_t fb_adl_families_n = sizeof(fb_adl_families) / sizeof(fb_adl_families[0]);

/* ---- making one ready ---- */

static void host_powers(const struct fb_adl_family *family, int8_t power[2][FB_ADL_OPERANDS])
{
	int8_t *profit = power[0], *loss = power[1];
	profit[FB_RANK_PNL] = 1;
	profit[FB_RANK_ENTRY] = -1;
	if (strcmp(family->name, "extended") == 0) {
		profit[FB_RANK_ROW_MM] = 1;
		profit[EQUITY_FLOOR] = -1;
		loss[FB_RANK_PNL] = -1;
		loss[FB_RANK_ENTRY] = 1;
		loss[FB_RANK_ROW_MM] = 1;
		loss[EQUITY_FLOOR] = -1;
	} else {
		assert(strcmp(family->name, "bluefin") == 0);
		profit[FB_RANK_NOTIONAL] = 1;
		profit[WORST] = -1;
	}
}

/* The position's share of the equity, Q mm / MM, in the place of Q. */
static void use_share(int8_t power[FB_ADL_OPERANDS])
{
	int8_t p = power[FB_RANK_EQUITY];
	power[FB_RANK_ROW_MM] = (int8_t)(power[FB_RANK_ROW_MM] + p);
	power[FB_RANK_MM] = (int8_t)(power[FB_RANK_MM] - p);
}

/* The card takes powers of -2..2 of its own operands. */
static bool fits_card(const int8_t power[FB_ADL_OPERANDS])
{
	for (int i = 0; i < FB_ADL_OPERANDS; i++)
		if (i < FB_RANK_OPERANDS ? power[i] < -2 || power[i] > 2 : power[i] != 0)
			return false;
	return true;
}

/* Every logarithm errs by less than FB_LOG2_ERROR_E3 / 1000. */
static uint32_t margin_of(const int8_t power[FB_ADL_OPERANDS])
{
	unsigned logarithms = 0;
	for (int i = 0; i < FB_ADL_OPERANDS; i++)
		logarithms += (unsigned)(power[i] < 0 ? -power[i] : power[i]);
	return (2 * FB_LOG2_ERROR_E3 * logarithms + 999) / 1000;
}

static void set_factor(int8_t power[2][FB_ADL_OPERANDS], int over, int under)
{
	for (int loss = 0; loss < 2; loss++) {
		power[loss][over] = loss ? -1 : 1;
		if (under)
			power[loss][under] = loss ? 1 : -1;
	}
}

static void ready_powers(struct fb_adl_order *o, int is_short)
{
	int8_t(*power)[FB_ADL_OPERANDS] = o->power[is_short];
	const char *card = o->family->card[is_short];
	struct fb_rank_formula *f = &o->formula[is_short];
	if (card) {
		*f = *fb_rank_formula(card);
		memcpy(power[0], f->profit, sizeof(f->profit));
		memcpy(power[1], f->loss, sizeof(f->loss));
	} else {
		host_powers(o->family, power);
	}
	for (int loss = 0; loss < 2 && o->position_leverage; loss++)
		use_share(power[loss]);
	if (o->size_factor_e7)
		set_factor(power, SIZE, 0);
	if (o->tier_factor_e7)
		set_factor(power, TIER, 0);
	if (o->funding_factor_e7)
		set_factor(power, FUNDING_OVER, FUNDING_UNDER);
	o->card = o->card && card && fits_card(power[0]) && fits_card(power[1]);
	for (int loss = 0; loss < 2; loss++)
		o->margin[is_short][loss] = margin_of(power[loss]);
	if (!o->card)
		return;
	memcpy(f->profit, power[0], sizeof(f->profit));
	memcpy(f->loss, power[1], sizeof(f->loss));
}

void fb_adl_order_of(const struct fb_adl_policy *p, struct fb_adl_order *out)
{
	static const struct fb_adl_policy silent;
	p = p ? p : &silent;
	assert(p->score < fb_adl_families_n);
	memset(out, 0, sizeof(*out));
	out->family = &fb_adl_families[p->score];
	out->position_leverage = p->leverage == 1;
	out->losers = p->losers == 0;
	out->summed = p->positions == 1;
	out->size_factor_e7 = p->size_factor_e7;
	out->size_unit_e8 = p->size_unit_e8;
	out->tier_factor_e7 = p->tier_factor_e7;
	out->funding_factor_e7 = p->funding_factor_e7;
	bool factors = p->size_factor_e7 || p->tier_factor_e7 || p->funding_factor_e7;
	out->plain = p->score == 0 && !out->position_leverage && !factors;
	if (out->family->kind != FB_ADL_POWERS)
		return;
	out->card = !factors && !out->summed && out->losers && !p->hedges;
	for (int is_short = 0; is_short < 2; is_short++)
		ready_powers(out, is_short);
	out->card = out->card && out->formula[0].name && out->formula[1].name;
}

/* ---- one row ---- */

static unsigned __int128 magnitude(__int128 x)
{
	return x < 0 ? -(unsigned __int128)x : (unsigned __int128)x;
}

static __int128 larger(__int128 a, __int128 b)
{
	return a > b ? a : b;
}

static unsigned __int128 at_least_one(__int128 x)
{
	return x < 1 ? 1 : (unsigned __int128)x;
}

static void operands(const struct fb_adl_order *o, const struct fb_adl_terms *t,
		     unsigned __int128 out[FB_ADL_OPERANDS])
{
	__int128 n = (__int128)t->score.notional_e8,
		 floor = (__int128)o->formula[t->is_short].floor_e8;
	const __int128 x[FB_ADL_OPERANDS] = {
		[FB_RANK_PNL] = (__int128)magnitude(t->score.profit_e8),
		[FB_RANK_ENTRY] = t->entry_e8,
		[FB_RANK_NOTIONAL] = n,
		[FB_RANK_EQUITY] = t->score.equity_e8,
		[FB_RANK_MM] = t->mm_e15,
		[FB_RANK_ROW_MM] = t->row_mm_e15,
		[FB_RANK_COLLATERAL] = larger(t->collateral_e8, floor),
		[EQUITY_FLOOR] = larger(t->score.equity_e8, COIN_E8),
		[WORST] = larger(t->row_mm_e15, t->score.equity_e8 * ONE_E7),
		[SIZE] = (__int128)o->size_unit_e8 * ONE_E7 + n * (__int128)o->size_factor_e7,
		[TIER] = ONE_E7 + (__int128)t->tier * (__int128)o->tier_factor_e7,
		[FUNDING_OVER] = n * ONE_E7 + t->funding_e8 * (__int128)o->funding_factor_e7,
		[FUNDING_UNDER] = n * ONE_E7,
	};
	for (int i = 0; i < FB_ADL_OPERANDS; i++)
		out[i] = at_least_one(x[i]);
}

unsigned fb_adl_group(const struct fb_adl_order *o, const struct fb_adl_terms *t)
{
	unsigned hedged = t->hedged ? 6 : 0, class;
	if (o->family->kind != FB_ADL_POWERS)
		return hedged;
	class = t->score.profit_e8 > 0 ? 0 : t->score.profit_e8 == 0 ? 2 : 4;
	return hedged + class + (t->score.notional_e8 == 0);
}

/* ---- two rows ---- */

static int sign(__int128 x)
{
	return x < 0 ? -1 : x > 0;
}

/* Of one group, by score. */
static int compare_powers(const struct fb_adl_order *o, const struct fb_adl_terms *a,
			  const struct fb_adl_terms *b)
{
	if (a->score.profit_e8 == 0)
		return 0; /* by notional, which breaks ties anyway */
	unsigned __int128 x[FB_ADL_OPERANDS], y[FB_ADL_OPERANDS];
	operands(o, a, x);
	operands(o, b, y);
	return -fb_powers_compare(o->power[a->is_short][a->score.profit_e8 < 0], x, y,
				  FB_ADL_OPERANDS);
}

static void leverage_of(const struct fb_adl_order *o,
					      const struct fb_adl_terms *t,
					      unsigned __int128 out[FB_ADL_OPERANDS])
{
	for (int i = 0; i < FB_ADL_OPERANDS; i++)
		out[i] = 1;
	out[FB_RANK_NOTIONAL] = at_least_one((__int128)(o->position_leverage
								? t->score.notional_e8
								: t->account_notional_e8));
	out[FB_RANK_EQUITY] = at_least_one(t->score.equity_e8);
	out[FB_RANK_MM] = at_least_one(t->mm_e15);
	out[FB_RANK_ROW_MM] = at_least_one(t->row_mm_e15);
}

static const int8_t *leverage_powers(const struct fb_adl_order *o)
{
	static const int8_t account[FB_ADL_OPERANDS] = { [FB_RANK_NOTIONAL] = 1,
							 [FB_RANK_EQUITY] = -1 },
			    position[FB_ADL_OPERANDS] = { [FB_RANK_NOTIONAL] = 1,
							  [FB_RANK_EQUITY] = -1,
							  [FB_RANK_MM] = 1,
							  [FB_RANK_ROW_MM] = -1 };
	return o->position_leverage ? position : account;
}

static enum fb_adl_step lexicographic(const struct fb_adl_order *o, const struct fb_adl_terms *a,
				      const struct fb_adl_terms *b, int *order)
{
	unsigned __int128 x[FB_ADL_OPERANDS], y[FB_ADL_OPERANDS];
	leverage_of(o, a, x);
	leverage_of(o, b, y);
	*order = -fb_powers_compare(leverage_powers(o), x, y, FB_ADL_OPERANDS);
	if (*order)
		return FB_ADL_STEP_SCORE;
	*order = sign(b->score.profit_e8 - a->score.profit_e8);
	if (*order)
		return FB_ADL_STEP_PROFIT;
	*order = sign(a->collateral_e8 - b->collateral_e8);
	if (*order)
		return FB_ADL_STEP_BALANCE;
	*order = sign((__int128)b->score.account_id - a->score.account_id);
	return FB_ADL_STEP_NEWER;
}

/* The first step that decides, and how. */
static enum fb_adl_step decide(const struct fb_adl_order *o, const struct fb_adl_terms *a,
			       const struct fb_adl_terms *b, int *order)
{
	enum fb_adl_step step = FB_ADL_STEP_GROUP;
	*order = (int)fb_adl_group(o, a) - (int)fb_adl_group(o, b);
	if (*order)
		return step;
	if (o->plain) {
		*order = fb_adl_compare(&a->score, &b->score);
		return fb_adl_decided_by(&a->score, &b->score);
	}
	if (o->family->kind == FB_ADL_LEXICOGRAPHIC) {
		step = lexicographic(o, a, b, order);
	} else if (o->family->kind == FB_ADL_RANDOM) {
		*order = sign((__int128)a->turn - b->turn);
		step = FB_ADL_STEP_SCORE;
		if (!*order) { /* while turns are not given out yet */
			*order = sign((__int128)a->score.account_id - b->score.account_id);
			step = FB_ADL_STEP_ACCOUNT;
		}
	} else {
		*order = compare_powers(o, a, b);
		step = FB_ADL_STEP_SCORE;
		if (!*order) {
			*order = sign((__int128)b->score.notional_e8 -
				      (__int128)a->score.notional_e8);
			step = FB_ADL_STEP_NOTIONAL;
		}
		if (!*order) {
			*order = sign((__int128)a->score.account_id - b->score.account_id);
			step = FB_ADL_STEP_ACCOUNT;
		}
	}
	if (*order)
		return step;
	*order = sign((__int128)a->score.position_id - b->score.position_id);
	return *order ? FB_ADL_STEP_POSITION : FB_ADL_STEP_NONE;
}

int fb_adl_order_compare(const struct fb_adl_order *o, const struct fb_adl_terms *a,
			 const struct fb_adl_terms *b)
{
	int order;
	decide(o, a, b, &order);
	return order;
}

enum fb_adl_step fb_adl_order_step(const struct fb_adl_order *o, const struct fb_adl_terms *a,
				   const struct fb_adl_terms *b)
{
	int order;
	return decide(o, a, b, &order);
}

int32_t fb_adl_order_key(const struct fb_adl_order *o, const struct fb_adl_terms *t)
{
	/* Rows worth nothing have rules of their own, and classes without a score none. */
	if (o->family->kind != FB_ADL_POWERS || t->score.profit_e8 == 0 ||
	    t->score.notional_e8 == 0)
		return 0;
	const int8_t *power = o->power[t->is_short][t->score.profit_e8 < 0];
	unsigned __int128 x[FB_ADL_OPERANDS];
	int32_t key = 0;
	operands(o, t, x);
	for (int i = 0; i < FB_ADL_OPERANDS; i++)
		if (power[i] != 0)
			key += power[i] * (int32_t)fb_log2(x[i]);
	return key;
}

/* ---- for those who check it ---- */

static unsigned __int128 ten_to(unsigned n)
{
	unsigned __int128 x = 1;
	while (n-- > 0)
		x *= 10;
	return x;
}

static bool in_e15(int operand)
{
	return operand == FB_RANK_MM || operand == FB_RANK_ROW_MM || operand == WORST;
}

/* The product in 1e-9: powers of ten that the units of its operands leave, and what factors are
 * over, come off. */
static uint64_t product_e9(const struct fb_adl_order *o, const int8_t *power,
			   const unsigned __int128 x[FB_ADL_OPERANDS], int sense)
{
	unsigned __int128 up[3] = { 1, 1, 1 }, down[3] = { 1, 1, 1 };
	int8_t signed_power[FB_ADL_OPERANDS];
	int tens = 9;
	for (int i = 0; i < FB_ADL_OPERANDS; i++) {
		signed_power[i] = (int8_t)(sense * power[i]);
		if (i < SIZE)
			tens -= signed_power[i] * (in_e15(i) ? 15 : 8);
	}
	*(tens < 0 ? down : up) = ten_to((unsigned)(tens < 0 ? -tens : tens));
	if (power[SIZE])
		down[1] = (unsigned __int128)o->size_unit_e8 * ONE_E7;
	if (power[TIER])
		down[2] = ONE_E7;
	return fb_powers_quotient(signed_power, x, FB_ADL_OPERANDS, up, down);
}

uint64_t fb_adl_score_e9(const struct fb_adl_order *o, const struct fb_adl_terms *t)
{
	unsigned __int128 x[FB_ADL_OPERANDS];
	if (o->family->kind == FB_ADL_RANDOM)
		return t->turn;
	if (o->family->kind == FB_ADL_LEXICOGRAPHIC) {
		leverage_of(o, t, x);
		return product_e9(o, leverage_powers(o), x, 1);
	}
	if (t->score.profit_e8 == 0 || (o->plain && t->score.notional_e8 == 0 &&
					t->score.profit_e8 < 0))
		return 0;
	bool loss = t->score.profit_e8 < 0;
	operands(o, t, x);
	return product_e9(o, o->power[t->is_short][loss], x, loss ? -1 : 1);
}

uint32_t fb_adl_start(uint64_t sequence, uint64_t u, bool is_short, uint32_t n)
{
	uint64_t seed = fb_mix(fb_mix(sequence) ^ (u << 1 | is_short));
	return n > 0 ? (uint32_t)(seed % n) : 0;
}
