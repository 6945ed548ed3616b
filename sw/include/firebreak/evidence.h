/* Evidence of auto-deleveraging: who was ranked where, and what was decided of whom, so that one
 * holder can check its own place without seeing the others.
 *
 * Every ranking of every round is a link of a chain. A link has a public header and the root of a
 * Merkle tree (RFC 6962) whose leaves are the ranked positions, best first: leaf k has rank k. A
 * leaf tells rank, score, what put it behind the rank before it (of a tie: how it was broken) and
 * decision, and holds a commitment to the rest: whose position it is and the terms of its score. A
 * holder gets the opening of its own commitment, leaf and path, and the leaves beside it, whose
 * commitments stay closed: that a tie was broken as the leaf says can be checked by whoever has
 * the log, or both openings.
 *
 *   commitment  SHA-256(nonce, u32 account, u32 position, i128 profit_e8, i128 equity_e8,
 *               u128 notional_e8, i128 entry_e8, i128 position_mm_e15, i128 mm_e15,
 *               i128 wallet_e8, i128 funding_e8, u128 account_notional_e8, u64 lots, u32 tier,
 *               u32 turn, u8 hedged, i128 moved_e8)
 *   leaf        SHA-256(0x00, u32 rank, u8 group, u64 score_e9, u8 behind, u8 decision, u64 asked,
 *               u64 moved, commitment)
 *   node        SHA-256(0x01, left, right)
 *   link        SHA-256(0x02, link before, u64 number, u64 round, u64 sequence, i64 time_us,
 *               char symbol[32], u8 side, u32 needs, u32 ranked, u32 depth, u64 need_lots,
 *               u64 own_lots, u64 asked, u64 moved, i128 need_e8, i128 moved_e8, u64 u,
 *               i128 fund_before_e8, i128 fund_after_e8, char order[192], u64 ranked_lots,
 *               u64 shared_lots, root)
 *
 * Numbers little-endian. The link before the first is 32 zero bytes; the root of a ranking without
 * positions too. A nonce is SHA-256(secret, u64 number, u32 rank); the secret is SHA-256 of the
 * whole book as it was before the first round: the same in every replay, and nobody can guess it
 * without knowing every position.
 *
 * The order names the pack's score and what else bears on ranks and shares, so that whoever has an
 * opening recomputes group and score. A random order starts at fb_adl_start(sequence, unit value,
 * side) of the list by account and position; the opening's turn says where in it the position
 * stands. Where lots are shared in proportion to open interest, lots, ranked_lots and shared_lots
 * say how many are due, up to what rounding to whole lots leaves (policy.h).
 *
 * A run writes the headers and links into rounds.csv; that file is to be published. What is in it
 * cannot be changed later without changing every link that follows.
 */
#ifndef FIREBREAK_EVIDENCE_H
#define FIREBREAK_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <firebreak/adl.h>
#include <firebreak/inputs.h>

enum fb_decision {
	FB_NOT_REACHED = 0, /* the need was filled by better ranks */
	FB_TAKEN_WHOLE,	    /* all of the position */
	FB_TAKEN_REST,	    /* as much as the need still was */
	FB_TAKEN_EQUITY,    /* as many lots as its equity bears the loss of */
	FB_TAKEN_SIBLING,   /* an account of the same owner: before all ranks */
	FB_SKIPPED_SPENT,   /* other pairs of the round use its equity up */
	FB_SKIPPED_LOT,	    /* it cannot bear the loss of one lot */
	FB_TAKEN_SHARE,	    /* as many lots as its share of the round */
	FB_SKIPPED_SHARE,   /* its share is less than a lot */
	FB_TAKEN_FREE,	    /* as many lots as hedge nothing */
	FB_SKIPPED_HEDGE,   /* it is a hedge, and others filled the need */
	FB_SKIPPED_PRICE,   /* the need's price is beyond its own bankruptcy price */
	FB_DECISIONS
};
/* "taken whole"; and a sentence that says why. */
const char *fb_decision_name(unsigned decision);
const char *fb_decision_reason(unsigned decision);
const char *fb_evidence_group_name(unsigned group);
const char *fb_evidence_behind_name(unsigned behind);

struct fb_evidence_leaf {
	uint32_t rank; /* from 0 */
	uint8_t group;	/* fb_adl_group: the lower first */
	uint8_t behind; /* an fb_adl_step: what decided between it and the rank before it */
	uint8_t decision;
	uint64_t score_e9; /* fb_adl_score_e9 */
	uint64_t asked, moved; /* lots that orders asked for, and that moved */
	uint8_t commitment[32];
};

struct fb_evidence_opening {
	uint8_t nonce[32];
	uint32_t account, position;
	__int128 profit_e8, equity_e8, moved_e8; /* moved: value, with the sign of the position */
	unsigned __int128 notional_e8;
	/* the other terms (struct fb_adl_terms) */
	__int128 entry_e8, position_mm_e15, mm_e15, wallet_e8, funding_e8;
	unsigned __int128 account_notional_e8;
	uint64_t lots;
	uint32_t tier, turn;
	uint8_t hedged;
};

struct fb_evidence_link {
	uint64_t number, round; /* from 1 */
	uint64_t sequence;	/* of the newest command when it was ranked */
	int64_t time_us;
	char symbol[FB_NAME_MAX];
	uint8_t side;		/* of the ranked positions: 0 long, 1 short */
	uint32_t needs, ranked; /* positions to close; positions ranked */
	uint32_t depth;		/* ranks that were tried */
	uint64_t need_lots;	/* to close */
	uint64_t own_lots;	/* of them closed against opposite positions of the same account */
	uint64_t asked, moved;	/* lots, over all leaves */
	__int128 need_e8;	/* what all lots to close shall be closed at, with their sign */
	__int128 moved_e8;	/* over all leaves */
	uint64_t u;		/* unit value of a lot at the mark, 2^-16 of 1e-8 */
	__int128 fund_before_e8, fund_after_e8; /* equity: when ranked, and when all was answered */
	char order[FB_ADL_ORDER_TEXT];
	uint64_t ranked_lots, shared_lots; /* of all that are ranked; shared out, 0: none */
	uint8_t before[32], root[32], link[32];
};

/* Group and score_e9 of a row. */
void fb_evidence_score(const struct fb_adl_order *order, const struct fb_adl_terms *terms,
		       struct fb_evidence_leaf *out);
void fb_evidence_commit(const struct fb_evidence_opening *opening, uint8_t out[32]);
void fb_evidence_hash_leaf(const struct fb_evidence_leaf *leaf, uint8_t out[32]);
/* Fills in `link` from all the rest. */
void fb_evidence_seal(struct fb_evidence_link *link);

/* Checks a file that `firebreak explain --json` or --evidence wrote, from that file alone: openings
 * against commitments, leaves and paths against roots, roots and headers against links, ranks and
 * scores against each other. With `rounds` (may be NULL) also that published chain, and that
 * every link is in it. One line each to `out`. -EBADMSG: something does not hold, and `error` says
 * what. */
int fb_evidence_verify(const char *path, const char *rounds, FILE *out, struct fb_error *error);

#endif
