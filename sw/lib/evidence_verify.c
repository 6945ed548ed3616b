/* Checking evidence from the file alone: see fb_evidence_verify. Nothing in the file is believed
 * that is not hashed into a link, and what is hashed is checked against the rest. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/evidence.h>
#include <firebreak/policy.h>

#include "decimal.h"
#include "evidence_read.h"

struct fb_evidence_order {
	struct fb_adl_policy policy;
	struct fb_adl_order order;
};

/* The order that a link names. */
static int read_order(const struct fb_evidence_read *r, const struct fb_evidence_link *link,
		      struct fb_evidence_order *out)
{
	if (!fb_adl_order_read(link->order, &out->policy))
		return fb_evidence_bad(r, "link %llu names no order",
				       (unsigned long long)link->number);
	fb_adl_order_of(&out->policy, &out->order);
	return 0;
}

/* Lots in proportion to open interest, but for what rounding to whole lots can be off (policy.h);
 * more only where the others could not bear theirs. */
static bool share_right(const struct fb_evidence_link *link, const struct fb_evidence_leaf *leaf,
			const struct fb_evidence_opening *o)
{
	if (link->ranked_lots == 0 || o->lots > link->ranked_lots)
		return false;
	unsigned __int128 due = (unsigned __int128)link->shared_lots * o->lots,
			  off = (unsigned __int128)link->ranked_lots * (link->ranked / 2 + 1),
			  got = (unsigned __int128)leaf->asked * link->ranked_lots;
	return leaf->decision != FB_TAKEN_SHARE || got + off >= due;
}

/* Of an opening: the commitment, and score and group from the terms. */
static int check_opening(const struct fb_evidence_read *r, const struct fb_evidence_link *link,
			 const struct fb_evidence_order *order,
			 const struct fb_evidence_leaf *leaf, const struct fb_evidence_opening *o)
{
	uint8_t commitment[32];
	struct fb_evidence_leaf again = { .rank = leaf->rank };
	fb_evidence_commit(o, commitment);
	if (memcmp(commitment, leaf->commitment, sizeof(commitment)) != 0)
		return fb_evidence_bad(r, "the commitment of rank %u is not that of its terms",
				       leaf->rank);
	if (o->equity_e8 <= 0)
		return fb_evidence_bad(r, "rank %u has equity not above 0, and is ranked",
				       leaf->rank);
	struct fb_adl_terms terms = { .score = { .profit_e8 = o->profit_e8,
						 .equity_e8 = o->equity_e8,
						 .notional_e8 = o->notional_e8 },
				      .entry_e8 = o->entry_e8,
				      .row_mm_e15 = o->position_mm_e15,
				      .mm_e15 = o->mm_e15,
				      .collateral_e8 = o->wallet_e8,
				      .funding_e8 = o->funding_e8,
				      .account_notional_e8 = o->account_notional_e8,
				      .tier = o->tier,
				      .turn = o->turn,
				      .hedged = o->hedged,
				      .is_short = link->side };
	fb_evidence_score(&order->order, &terms, &again);
	if (again.group != leaf->group || again.score_e9 != leaf->score_e9)
		return fb_evidence_bad(r, "the score of rank %u does not follow from its terms",
				       leaf->rank);
	if (order->order.family->kind == FB_ADL_RANDOM &&
	    (o->turn >= link->ranked || (!order->policy.hedges && o->turn != leaf->rank)))
		return fb_evidence_bad(r, "rank %u is not its turn from the start on", leaf->rank);
	if (order->policy.share == FB_SHARE_OPEN_INTEREST && !share_right(link, leaf, o))
		return fb_evidence_bad(r, "rank %u gave less than its share", leaf->rank);
	return 0;
}

static bool taken(const struct fb_evidence_leaf *leaf)
{
	return (leaf->decision >= FB_TAKEN_WHOLE && leaf->decision <= FB_TAKEN_SIBLING) ||
	       leaf->decision == FB_TAKEN_SHARE || leaf->decision == FB_TAKEN_FREE;
}

/* A decision must go with depth and lots. */
static int check_decision(const struct fb_evidence_read *r, const struct fb_evidence_link *link,
			  const struct fb_evidence_leaf *leaf)
{
	bool tried = leaf->rank < link->depth;
	if (leaf->decision >= FB_DECISIONS || leaf->moved > leaf->asked ||
	    (leaf->asked > 0) != taken(leaf) || leaf->asked > link->asked ||
	    leaf->moved > link->moved ||
	    (leaf->decision != FB_TAKEN_SIBLING && tried != (leaf->decision != FB_NOT_REACHED)))
		return fb_evidence_bad(r, "the decision on rank %u contradicts itself",
				       leaf->rank);
	return 0;
}

/* Of products of powers scores are of groups 0, 1, 4 and, where not binance-2025, 5; rows worth
 * nothing, 1, 3 and 5, have one notional. Other orders have steps of their own. */
static bool can_decide(const struct fb_adl_order *order, unsigned step, unsigned group)
{
	unsigned class = group % 6;
	switch (order->family->kind) {
	case FB_ADL_RANDOM: return step == FB_ADL_STEP_GROUP || step == FB_ADL_STEP_SCORE;
	case FB_ADL_LEXICOGRAPHIC:
		return step <= FB_ADL_STEP_SCORE || step >= FB_ADL_STEP_POSITION;
	case FB_ADL_POWERS: break;
	}
	if (step == FB_ADL_STEP_SCORE)
		return class <= 1 || class == 4 || (class == 5 && !order->plain);
	return step == FB_ADL_STEP_NOTIONAL ? class % 2 == 0 || order->summed
					    : step <= FB_ADL_STEP_POSITION;
}

/* What put a leaf behind the rank before it, by itself. */
static int check_behind(const struct fb_evidence_read *r, const struct fb_adl_order *order,
			const struct fb_evidence_leaf *leaf)
{
	if ((leaf->behind == FB_ADL_STEP_NONE) != (leaf->rank == 0) ||
	    leaf->behind >= FB_ADL_STEPS ||
	    (leaf->rank > 0 && !can_decide(order, leaf->behind, leaf->group)))
		return fb_evidence_bad(r, "rank %u cannot have been placed by this", leaf->rank);
	return 0;
}

/* The same, with that rank; scores that are cut alike may still differ. */
static int check_step(const struct fb_evidence_read *r, const struct fb_evidence_leaf *above,
		      const struct fb_evidence_leaf *below)
{
	unsigned step = below->behind;
	bool differ = above->score_e9 != below->score_e9;
	if (below->rank != above->rank + 1)
		return 0;
	if (above->group != below->group ? step != FB_ADL_STEP_GROUP
					 : step == FB_ADL_STEP_GROUP ||
						   (differ && step != FB_ADL_STEP_SCORE))
		return fb_evidence_bad(r, "ranks %u and %u do not differ in what placed them",
				       above->rank, below->rank);
	return 0;
}

static int check_leaf(const struct fb_evidence_read *r, const struct fb_evidence_link *link,
		      const struct fb_evidence_order *order, const struct fb_evidence_proof *p)
{
	fb_digest hash, root;
	fb_evidence_hash_leaf(&p->leaf, hash);
	if (!fb_merkle_climb(hash, p->leaf.rank, link->ranked, &p->path, root) ||
	    memcmp(root, link->root, sizeof(root)) != 0)
		return fb_evidence_bad(r, "rank %u is not in the ranking with this root",
				       p->leaf.rank);
	int err = check_behind(r, &order->order, &p->leaf);
	return err ? err : check_decision(r, link, &p->leaf);
}

/* Is b rightly behind a, as far as cut scores tell? */
static bool in_order(const struct fb_adl_order *order, const struct fb_evidence_leaf *a,
		     const struct fb_evidence_leaf *b)
{
	unsigned class = a->group % 6;
	if (a->group != b->group)
		return a->group < b->group;
	if (order->family->kind == FB_ADL_RANDOM)
		return a->score_e9 < b->score_e9;
	return class <= 1 ? a->score_e9 >= b->score_e9
	       : class >= 4 ? a->score_e9 <= b->score_e9
			    : true;
}

static int check_order(const struct fb_evidence_read *r, const struct fb_adl_order *order,
		       const struct fb_evidence_proof *own, const struct fb_evidence_proof *other)
{
	bool above = other->leaf.rank < own->leaf.rank;
	if (other->leaf.rank == own->leaf.rank ||
	    !(above ? in_order(order, &other->leaf, &own->leaf)
		    : in_order(order, &own->leaf, &other->leaf)))
		return fb_evidence_bad(r, "ranks %u and %u are not in order of their scores",
				       own->leaf.rank, other->leaf.rank);
	return above ? check_step(r, &other->leaf, &own->leaf)
		     : check_step(r, &own->leaf, &other->leaf);
}

static int check_link(const struct fb_evidence_read *r, const struct fb_evidence_link *link)
{
	struct fb_evidence_link again = *link;
	fb_evidence_seal(&again);
	if (memcmp(again.link, link->link, sizeof(again.link)) != 0)
		return fb_evidence_bad(r, "link %llu is not that of its header",
				       (unsigned long long)link->number);
	return 0;
}

/* One member of "evidence". */
static int check_one(struct fb_evidence_read *r, uint32_t node, struct fb_chain *chain, FILE *out)
{
	struct fb_evidence_link link;
	struct fb_evidence_opening opening;
	struct fb_evidence_proof own, other;
	struct fb_evidence_order order;
	int err = fb_evidence_read_link(r, node, &link);
	if (!err)
		err = fb_evidence_read_leaf(r, fb_json_member(r->json, node, "leaf"), node, &own);
	if (!err)
		err = fb_evidence_read_opening(r, node, &opening);
	if (!err)
		err = check_link(r, &link);
	if (!err)
		err = read_order(r, &link, &order);
	if (!err)
		err = check_leaf(r, &link, &order, &own);
	if (!err)
		err = check_opening(r, &link, &order, &own.leaf, &opening);
	uint32_t list = fb_json_member(r->json, node, "neighbours");
	for (uint32_t i = list ? r->json->node[list].child : 0; i != 0 && !err;
	     i = r->json->node[i].next) {
		err = fb_evidence_read_leaf(r, i, i, &other);
		if (!err)
			err = check_leaf(r, &link, &order, &other);
		if (!err)
			err = check_order(r, &order.order, &own, &other);
	}
	if (!err && chain)
		err = fb_chain_holds(r, chain, &link);
	if (!err)
		fprintf(out,
			"holds: round %llu, %s %s, position %u of account %u: rank %u of %u, %s\n",
			(unsigned long long)link.round, link.symbol, link.side ? "short" : "long",
			opening.position, opening.account, own.leaf.rank, link.ranked,
			fb_decision_name(own.leaf.decision));
	return err;
}

static int check_all(struct fb_evidence_read *r, struct fb_chain *chain, FILE *out)
{
	uint32_t list = fb_json_member(r->json, 0, "evidence");
	unsigned n = 0;
	if (list == 0 || r->json->node[list].type != FB_JSON_ARRAY)
		return fb_error_set(r->error, -EBADMSG,
				    "%s: expected a list \"evidence\", as firebreak explain "
				    "--evidence prints it, found none",
				    r->json->text->name);
	for (uint32_t i = r->json->node[list].child; i != 0; i = r->json->node[i].next, n++) {
		int err = check_one(r, i, chain, out);
		if (err)
			return err;
	}
	fprintf(out, "%u proofs hold%s\n", n,
		n == 0	? ": this account stood in no ranking"
		: chain ? ", and their links are in the published chain"
			: "; compare their links with the published chain (--rounds)");
	return 0;
}

int fb_evidence_verify(const char *path, const char *rounds, FILE *out, struct fb_error *error)
{
	struct fb_text text;
	struct fb_json json = { 0 };
	struct fb_chain chain = { 0 };
	struct fb_evidence_read r = { .json = &json, .error = error };
	int err = fb_text_read(path, &text, error);
	if (err)
		return err;
	err = fb_json_parse(&text, &json, error);
	if (!err && rounds)
		err = fb_chain_read(rounds, &chain, error);
	if (!err)
		err = check_all(&r, rounds ? &chain : NULL, out);
	free(chain.link);
	fb_json_free(&json);
	fb_text_free(&text);
	return err;
}
