/* What of a round of deleveraging is hashed, and how: see <firebreak/evidence.h>. */
#include <assert.h>
#include <string.h>

#include <firebreak/evidence.h>

#include "merkle.h"
#include "wide.h"

#define LINK 0x02
#define SCALE 1000000000

static const struct {
	const char *name, *reason;
} decisions[FB_DECISIONS] = {
	[FB_NOT_REACHED] = { "not reached", "better ranks filled the need before its turn came" },
	[FB_TAKEN_WHOLE] = { "taken whole", "its turn came, and the need was larger than it" },
	[FB_TAKEN_REST] = { "taken in part", "its turn came, and the need asked for no more" },
	[FB_TAKEN_EQUITY] = { "taken as far as its equity goes",
			      "its turn came; more lots would have cost more than its equity" },
	[FB_TAKEN_SIBLING] = { "taken as a sibling",
			       "accounts of the same owner come before all ranks" },
	[FB_SKIPPED_SPENT] = { "skipped, equity spent",
			       "other pairs of the same round use its equity up" },
	[FB_SKIPPED_LOT] = { "skipped, cannot bear a lot",
			     "one lot would have cost more than its equity" },
};

const char *fb_decision_name(unsigned decision)
{
	return decision < FB_DECISIONS ? decisions[decision].name : "unknown";
}

const char *fb_decision_reason(unsigned decision)
{
	return decision < FB_DECISIONS ? decisions[decision].reason : "unknown";
}

const char *fb_evidence_group_name(unsigned group)
{
	static const char *const names[] = { "profit / equity",
					     "profit, worth nothing",
					     "neither profit nor loss",
					     "worth nothing",
					     "loss x equity / notional^2",
					     "loss, worth nothing" };
	return group < sizeof(names) / sizeof(names[0]) ? names[group] : "unknown";
}

const char *fb_evidence_behind_name(unsigned behind)
{
	static const char *const names[FB_ADL_STEPS] = {
		[FB_ADL_STEP_NONE] = "being the best of all",
		[FB_ADL_STEP_GROUP] = "another group than the rank before it",
		[FB_ADL_STEP_SCORE] = "a worse score than the rank before it",
		[FB_ADL_STEP_NOTIONAL] = "a tie with the rank before it, which has more notional",
		[FB_ADL_STEP_ACCOUNT] =
			"a tie with the rank before it, which has the lower account number",
		[FB_ADL_STEP_POSITION] =
			"a tie with the rank before it, which has the lower position number",
	};
	return behind < FB_ADL_STEPS ? names[behind] : "unknown";
}

static unsigned __int128 magnitude(__int128 x)
{
	return x < 0 ? -(unsigned __int128)x : (unsigned __int128)x;
}

/* floor(a x b x SCALE / (c x d)), at most UINT64_MAX. Where that needs more than 128 bits the
 * quotient is found bit by bit, by products. */
static uint64_t ratio(unsigned __int128 a, unsigned __int128 b, unsigned __int128 c,
		      unsigned __int128 d)
{
	unsigned __int128 above, below;
	if (!__builtin_mul_overflow(a, b, &above) &&
	    !__builtin_mul_overflow(above, (unsigned __int128)SCALE, &above) &&
	    !__builtin_mul_overflow(c, d, &below)) {
		above /= below;
		return above > UINT64_MAX ? UINT64_MAX : (uint64_t)above;
	}
	struct fb_product left, right;
	uint64_t quotient = 0;
	fb_product_set(&left, a);
	fb_product_times(&left, b);
	fb_product_times(&left, SCALE);
	for (int bit = 63; bit >= 0; bit--) {
		uint64_t more = quotient | UINT64_C(1) << bit;
		fb_product_set(&right, c);
		fb_product_times(&right, d);
		fb_product_times(&right, more);
		if (fb_product_compare(&right, &left) <= 0)
			quotient = more;
	}
	return quotient;
}

void fb_evidence_score(const struct fb_adl_score *s, struct fb_evidence_leaf *out)
{
	assert(s->equity_e8 > 0);
	unsigned __int128 profit = magnitude(s->profit_e8),
			  equity = (unsigned __int128)s->equity_e8;
	out->group = (uint8_t)((s->profit_e8 > 0 ? 0 : s->profit_e8 == 0 ? 2 : 4) +
			       (s->notional_e8 == 0));
	out->score_e9 = 0;
	if (s->profit_e8 > 0)
		out->score_e9 = ratio(profit, 1, equity, 1);
	else if (s->profit_e8 < 0 && s->notional_e8 != 0)
		out->score_e9 = ratio(profit, equity, s->notional_e8, s->notional_e8);
}

void fb_evidence_commit(const struct fb_evidence_opening *o, uint8_t out[32])
{
	struct fb_sha256 sha;
	fb_sha256_begin(&sha);
	fb_sha256_add(&sha, o->nonce, sizeof(o->nonce));
	fb_sha256_number(&sha, o->account, 4);
	fb_sha256_number(&sha, o->position, 4);
	fb_sha256_number(&sha, (unsigned __int128)o->profit_e8, 16);
	fb_sha256_number(&sha, (unsigned __int128)o->equity_e8, 16);
	fb_sha256_number(&sha, o->notional_e8, 16);
	fb_sha256_number(&sha, (unsigned __int128)o->moved_e8, 16);
	fb_sha256_end(&sha, out);
}

void fb_evidence_hash_leaf(const struct fb_evidence_leaf *leaf, uint8_t out[32])
{
	struct fb_sha256 sha;
	fb_sha256_begin(&sha);
	fb_sha256_number(&sha, FB_MERKLE_LEAF, 1);
	fb_sha256_number(&sha, leaf->rank, 4);
	fb_sha256_number(&sha, leaf->group, 1);
	fb_sha256_number(&sha, leaf->score_e9, 8);
	fb_sha256_number(&sha, leaf->behind, 1);
	fb_sha256_number(&sha, leaf->decision, 1);
	fb_sha256_number(&sha, leaf->asked, 8);
	fb_sha256_number(&sha, leaf->moved, 8);
	fb_sha256_add(&sha, leaf->commitment, sizeof(leaf->commitment));
	fb_sha256_end(&sha, out);
}

void fb_evidence_seal(struct fb_evidence_link *l)
{
	struct fb_sha256 sha;
	fb_sha256_begin(&sha);
	fb_sha256_number(&sha, LINK, 1);
	fb_sha256_add(&sha, l->before, sizeof(l->before));
	fb_sha256_number(&sha, l->number, 8);
	fb_sha256_number(&sha, l->round, 8);
	fb_sha256_number(&sha, l->sequence, 8);
	fb_sha256_number(&sha, (unsigned __int128)l->time_us, 8);
	fb_sha256_add(&sha, l->symbol, sizeof(l->symbol));
	fb_sha256_number(&sha, l->side, 1);
	fb_sha256_number(&sha, l->needs, 4);
	fb_sha256_number(&sha, l->ranked, 4);
	fb_sha256_number(&sha, l->depth, 4);
	fb_sha256_number(&sha, l->need_lots, 8);
	fb_sha256_number(&sha, l->own_lots, 8);
	fb_sha256_number(&sha, l->asked, 8);
	fb_sha256_number(&sha, l->moved, 8);
	fb_sha256_number(&sha, (unsigned __int128)l->need_e8, 16);
	fb_sha256_number(&sha, (unsigned __int128)l->moved_e8, 16);
	fb_sha256_number(&sha, l->u, 8);
	fb_sha256_number(&sha, (unsigned __int128)l->fund_before_e8, 16);
	fb_sha256_number(&sha, (unsigned __int128)l->fund_after_e8, 16);
	fb_sha256_add(&sha, l->root, sizeof(l->root));
	fb_sha256_end(&sha, l->link);
}
