/* What of a round of deleveraging is hashed, and how: see <firebreak/evidence.h>. */
#include <assert.h>
#include <string.h>

#include <firebreak/evidence.h>

#include "merkle.h"

#define LINK 0x02

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
	[FB_TAKEN_SHARE] = { "taken by its share",
			     "all candidates give in proportion, and this was its share" },
	[FB_SKIPPED_SHARE] = { "skipped, no share",
			       "its share of the round was less than a lot, or nothing" },
	[FB_TAKEN_FREE] = { "taken as far as it hedges nothing",
			    "the rest of it is a hedge, and others filled the need" },
	[FB_SKIPPED_HEDGE] = { "skipped, a hedge",
			       "it hedges other positions, and others filled the need" },
	[FB_SKIPPED_PRICE] = { "skipped, price",
			       "the price lay beyond its own bankruptcy price" },
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
	static const char *const names[FB_ADL_GROUPS] = {
		"in profit",
		"in profit, worth nothing",
		"neither profit nor loss",
		"worth nothing",
		"in loss",
		"in loss, worth nothing",
		"a hedge, in profit",
		"a hedge, in profit, worth nothing",
		"a hedge, neither profit nor loss",
		"a hedge, worth nothing",
		"a hedge, in loss",
		"a hedge, in loss, worth nothing",
	};
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
		[FB_ADL_STEP_PROFIT] = "the same leverage as the rank before it, and less profit",
		[FB_ADL_STEP_BALANCE] =
			"leverage and profit of the rank before it, and a larger balance",
		[FB_ADL_STEP_NEWER] = "a tie with the rank before it, whose account is newer",
	};
	return behind < FB_ADL_STEPS ? names[behind] : "unknown";
}

void fb_evidence_score(const struct fb_adl_order *order, const struct fb_adl_terms *terms,
		       struct fb_evidence_leaf *out)
{
	assert(terms->score.equity_e8 > 0);
	out->group = (uint8_t)fb_adl_group(order, terms);
	out->score_e9 = fb_adl_score_e9(order, terms);
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
	fb_sha256_number(&sha, (unsigned __int128)o->entry_e8, 16);
	fb_sha256_number(&sha, (unsigned __int128)o->position_mm_e15, 16);
	fb_sha256_number(&sha, (unsigned __int128)o->mm_e15, 16);
	fb_sha256_number(&sha, (unsigned __int128)o->wallet_e8, 16);
	fb_sha256_number(&sha, (unsigned __int128)o->funding_e8, 16);
	fb_sha256_number(&sha, o->account_notional_e8, 16);
	fb_sha256_number(&sha, o->lots, 8);
	fb_sha256_number(&sha, o->tier, 4);
	fb_sha256_number(&sha, o->turn, 4);
	fb_sha256_number(&sha, o->hedged, 1);
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
	fb_sha256_add(&sha, l->order, sizeof(l->order));
	fb_sha256_number(&sha, l->ranked_lots, 8);
	fb_sha256_number(&sha, l->shared_lots, 8);
	fb_sha256_add(&sha, l->root, sizeof(l->root));
	fb_sha256_end(&sha, l->link);
}
