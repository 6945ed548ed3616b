/* Made-up accounts, the same for the same text, rules and starting prices: integers only.
 *
 * The shape, for want of a venue that publishes its books:
 * - 7 of 10 accounts are cross, with 1 to 8 positions of different symbols; 2 of 10 are isolated:
 *   one position, and half of them belong to the owner of a cross account; 1 of 10 hedge: long and
 *   short rows of 1 to 3 symbols, of different size.
 * - The sum of an account's notionals is 100 x 2^k to 100 x 2^(k+1) of the quote coin, k from 0 to
 *   16, each octave 0.62 times as frequent as the one below: a power law with exponent 0.7.
 * - Entry prices lie within 3 % of the start, most of them near it. Of 50 positions 29 are long.
 * - Equity at the start is notional / leverage, 2x to 50x (isolated accounts have more of it), but
 *   so much that the margin ratio is at most 60 %.
 * - Market makers, one in 2,500 accounts and one more, at most 16, take the other side of every
 *   symbol in equal parts: open interest is long = short to the lot. Their equity is half of
 *   their notional.
 * - Where the rules have coins for collateral, one cross account in three holds part of its own
 *   money in one of them, and one of four of these owes some of another as well, if it can be.
 * Symbols that come first in the rules are held more often. Ids are scattered over what the host
 * leaves to inputs. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/book.h>

#include "decimal.h"
#include "generate.h"
#include "generate_part.h"
#include "mix.h"
#include "text.h"

#define E8 100000000
#define ACCOUNTS_MAX 4000000
#define MAKERS_MAX 16
#define ACCOUNTS_PER_MAKER 2500
/* Of the engine's 2^61: a price may still rise eight times. */
#define NOTIONAL_LIMIT ((__int128)1 << 58)
/* Of an account that is no market maker; an engine holds 2^47, and what they add up to goes to 16.
 */
#define LOTS_MAX (INT64_C(1) << 40)
/* Symbols of an account that is no market maker; it may hold two rows of three of them. */
#define ROWS_MAX 8

/* Of 65,536 accounts, how many are in octave k or below. */
static const uint32_t octave_sum[] = { 25200, 40713, 50262, 56141, 59759, 61986,
				       63358, 64202, 64721, 65041, 65238, 65359,
				       65434, 65480, 65508, 65525, 65536 };
static const uint8_t leverage[] = { 2, 2, 3, 3, 3, 5, 5, 5, 5, 10, 10, 10, 20, 20, 25, 50 };

static uint64_t draw_size_e8(struct fb_generator *g)
{
	uint32_t at = fb_generate_draw(g, 65536), k = 0;
	uint64_t octave_e8;

	while (at >= octave_sum[k])
		k++;
	octave_e8 = (uint64_t)100 * E8 << k;
	return octave_e8 + octave_e8 / 1024 * fb_generate_draw(g, 1024);
}

/* The smaller of two draws: the first symbols are the large ones. */
static uint32_t draw_symbol(struct fb_generator *g)
{
	uint32_t a = fb_generate_draw(g, g->symbols), b = fb_generate_draw(g, g->symbols);

	return a < b ? a : b;
}

static int64_t lots_of(const struct fb_generator *g, uint32_t s, uint64_t size_e8)
{
	__int128 lots = ((__int128)size_e8 << FB_U_FRACTION_BITS) / g->u[s];

	if (lots > LOTS_MAX)
		return LOTS_MAX;
	return lots > 0 ? (int64_t)lots : 1;
}

static void add_user(struct fb_generator *g, struct fb_account_spec *account, uint64_t key)
{
	uint32_t kind = fb_generate_draw(g, 10), used[ROWS_MAX], wanted, n = 0, times;
	uint64_t size_e8 = draw_size_e8(g);

	account->mode = kind < 7   ? FB_MARGIN_CROSS
			: kind < 9 ? FB_MARGIN_ISOLATED
				   : FB_MARGIN_HEDGE;
	wanted = account->mode == FB_MARGIN_CROSS   ? 1 + fb_generate_draw(g, ROWS_MAX)
		 : account->mode == FB_MARGIN_HEDGE ? 1 + fb_generate_draw(g, 3)
						    : 1;
	for (uint32_t i = 0; i < wanted; i++) {
		uint32_t s = draw_symbol(g), seen = 0;
		int64_t lots, side;

		while (seen < n && used[seen] != s)
			seen++;
		if (seen < n)
			continue; /* held already: the account has a position less */
		used[n++] = s;
		/* Parts of the size from half to one and a half times the mean. */
		lots = lots_of(g, s, size_e8 / wanted / 1024 * (512 + fb_generate_draw(g, 1024)));
		side = fb_generate_draw(g, 50) < 29 ? 1 : -1;
		fb_generate_position(g, account, s, side * lots, key);
		if (account->mode == FB_MARGIN_HEDGE && lots > 1)
			fb_generate_position(
				g, account, s,
				-side * (lots - lots * (int64_t)(1 + fb_generate_draw(g, 9)) / 10),
				key);
	}
	if (account->mode == FB_MARGIN_ISOLATED && g->last_cross && fb_generate_draw(g, 2))
		account->owner = g->last_cross;
	if (account->mode == FB_MARGIN_CROSS)
		g->last_cross = account->id;
	times = leverage[fb_generate_draw(g, sizeof(leverage))];
	if (account->mode == FB_MARGIN_ISOLATED && times < 25)
		times *= 2;
	fb_generate_fund(g, account, times);
	fb_generate_coins(g, account, key);
}

/* The part of `net` that maker m takes with the opposite sign; one of them takes what does not
 * divide. */
static __int128 maker_lots(const struct fb_generator *g, uint32_t s, uint32_t m, __int128 net)
{
	return -(net / g->makers + (m == s % g->makers ? net % g->makers : 0));
}

static int add_makers(struct fb_generator *g, uint64_t key)
{
	const __int128 most = (__int128)1 << (FB_QTY_BITS - 1);
	__int128 net[FB_SYMBOLS];
	uint32_t users = g->accounts - g->makers;

	memcpy(net, g->net, sizeof(net));
	for (uint32_t m = 0; m < g->makers; m++) {
		struct fb_account_spec *account = &g->out->account[users + m];
		int rc = fb_generate_reserve(g, g->symbols);

		if (rc)
			return rc;
		account->first = g->out->positions;
		account->mode = FB_MARGIN_CROSS;
		for (uint32_t s = 0; s < g->symbols; s++) {
			__int128 lots = maker_lots(g, s, m, net[s]);

			if (lots == 0)
				continue;
			if (lots <= -most || lots >= most ||
			    fb_generate_notional(g->u[s], (int64_t)lots) >= NOTIONAL_LIMIT)
				return fb_error_set(g->error, -ERANGE,
						    "%s:1:5: expected fewer accounts: a position "
						    "of a market maker in %s does not fit the "
						    "engine",
						    g->source, g->rules->symbol[g->symbol[s]].name);
			fb_generate_position(g, account, s, (int64_t)lots, key);
		}
		fb_generate_fund(g, account, 2);
	}
	for (uint32_t s = 0; s < g->symbols; s++)
		assert(g->net[s] == 0);
	return 0;
}

static int add_accounts(struct fb_generator *g)
{
	uint64_t account_key = fb_mix(g->seed ^ 1), position_key = fb_mix(g->seed ^ 2);
	uint32_t users = g->accounts - g->makers;

	g->out->account = calloc(g->accounts, sizeof(*g->out->account));
	if (!g->out->account)
		return fb_error_set(g->error, -ENOMEM, "%s: out of memory", g->source);
	g->out->accounts = g->accounts;
	for (uint32_t i = 0; i < g->accounts; i++) {
		struct fb_account_spec *account = &g->out->account[i];

		account->id = fb_generate_id(i, FB_ID_RESERVED, account_key);
		account->owner = account->id;
		account->role = FB_ROLE_USER;
	}
	for (uint32_t i = 0; i < users; i++) {
		int rc = fb_generate_reserve(g, ROWS_MAX + FB_GENERATE_COINS);

		if (rc)
			return rc;
		g->out->account[i].first = g->out->positions;
		add_user(g, &g->out->account[i], position_key);
	}
	return add_makers(g, position_key);
}

static int take_number(struct fb_generator *g, const char **at, const char *before, uint64_t min,
		       uint64_t max, uint64_t *out)
{
	struct fb_where where = { g->source, 1, (unsigned)(*at - g->source) + 1 };
	size_t length = strcspn(*at, ","), skip = strlen(before);
	__int128 value = -1;

	if (strncmp(*at, before, skip) == 0 && length >= skip &&
	    fb_decimal(*at + skip, length - skip, 0, &value) == 0 && value >= (__int128)min &&
	    value <= (__int128)max) {
		*out = (uint64_t)value;
		*at += length;
		*at += **at == ',';
		return 0;
	}
	return fb_expected(g->error, &where, *at, length, "the form is gen:N,seed=S[,symbols=K]",
			   "%s%s%llu..%llu", before, *before ? "" : "a number of accounts ",
			   (unsigned long long)min, (unsigned long long)max);
}

/* The first `wanted` symbols of the rules that have a starting price. */
static int choose_symbols(struct fb_generator *g, uint64_t wanted)
{
	for (unsigned i = 0; i < g->rules->symbols && g->symbols < wanted; i++) {
		if (!g->start_e8 || g->start_e8[i] == 0 || g->rules->symbol[i].index)
			continue;
		if (fb_unit_value(&g->rules->symbol[i], g->start_e8[i], &g->u[g->symbols]) != 0)
			return fb_error_set(g->error, -ERANGE,
					    "%s:1:1: expected a starting price of %s at which a "
					    "lot is worth less than 687 and not nothing; change "
					    "its lot in the rules",
					    g->source, g->rules->symbol[i].name);
		g->symbol[g->symbols++] = (uint16_t)i;
	}
	if (g->symbols == 0)
		return fb_error_set(g->error, -EINVAL,
				    "%s:1:1: expected a starting price of at least one symbol, "
				    "found none; does the feed hold a symbol of the rules?",
				    g->source);
	return 0;
}

int fb_accounts_generate(const char *source, const char *spec, const struct fb_rules *rules,
			 const uint64_t *start_e8, struct fb_accounts *out, struct fb_error *error)
{
	struct fb_accounts accounts = { 0 };
	struct fb_generator *g = calloc(1, sizeof(*g));
	uint64_t n = 0, seed = 0, symbols = FB_ROWS_PER_ACCOUNT;
	int rc;

	if (!g)
		return fb_error_set(error, -ENOMEM, "%s: out of memory", source);
	*g = (struct fb_generator){ .rules = rules,
				    .start_e8 = start_e8,
				    .out = &accounts,
				    .error = error,
				    .source = source };
	rc = take_number(g, &spec, "", 2, ACCOUNTS_MAX, &n);
	if (rc == 0)
		rc = take_number(g, &spec, "seed=", 0, UINT64_MAX, &seed);
	if (rc == 0 && *spec)
		rc = take_number(g, &spec, "symbols=", 1, FB_ROWS_PER_ACCOUNT, &symbols);
	if (rc == 0 && (*spec || spec[-1] == ','))
		rc = fb_error_set(error, -EINVAL,
				  "%s:1:%u: expected the end, found more; the form is "
				  "gen:N,seed=S[,symbols=K]",
				  source, (unsigned)(spec - source) + 1);
	if (rc == 0)
		rc = choose_symbols(g, symbols);
	if (rc == 0) {
		g->accounts = (uint32_t)n;
		g->makers = g->accounts / ACCOUNTS_PER_MAKER + 1;
		if (g->makers > MAKERS_MAX)
			g->makers = MAKERS_MAX;
		g->seed = fb_mix(seed);
		rc = add_accounts(g);
	}
	free(g);
	if (rc)
		fb_accounts_free(&accounts);
	else
		*out = accounts;
	return rc;
}
