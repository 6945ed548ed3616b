/* What the tests of the waterfall's money share, second part: the venue's answers, and what has
 * been sent. */
#ifndef WATERFALL_ANSWER_KIT_H
#define WATERFALL_ANSWER_KIT_H

#include "waterfall_money_kit.h"

/* ---- answers to sent[i] ---- */

static inline struct fb_event answer(size_t i, enum fb_event_kind kind)
{
	const struct fb_order *o = &sent[i].order;
	ck_assert_uint_lt(i, sents);
	return (struct fb_event){
		.id = o->id,
		.account = o->account,
		.position = o->position,
		.symbol = o->symbol,
		.kind = (uint8_t)kind,
		.verb = o->verb,
	};
}

static inline struct fb_event a_fill(size_t i, uint32_t number, int64_t qty, __int128 value_e8)
{
	struct fb_event e = answer(i, FB_EVENT_FILL);
	e.number = number;
	e.qty = qty;
	e.value_e8 = fb_i128_of(value_e8);
	return e;
}

static inline struct fb_event a_done(size_t i, uint32_t number, int64_t qty, __int128 value_e8)
{
	struct fb_event e = a_fill(i, number, qty, value_e8);
	e.kind = FB_EVENT_DONE;
	return e;
}

/* The next fill of a reduction; qty with the sign of the position. */
static inline void fill(size_t i, int64_t qty, __int128 value_e8)
{
	sent[i].fills++;
	sent[i].filled += size_of(qty);
	sent[i].filled_e8 += value_e8;
	happen(a_fill(i, sent[i].fills, qty, value_e8));
}

/* A reduction is over with what was filled; anything else was done whole. */
static inline void done(size_t i)
{
	struct sent *s = &sent[i];
	bool reduces = s->order.verb == FB_VERB_REDUCE;
	int64_t filled = s->order.qty < 0 ? -s->filled : s->filled;
	s->open = false;
	happen(a_done(i, s->fills, reduces ? filled : s->order.qty,
		      reduces ? s->filled_e8 : s->order.value_e8));
}

/* A takeover or a pair was done in part. */
static inline void done_part(size_t i, int64_t qty, __int128 value_e8)
{
	sent[i].open = false;
	happen(a_done(i, 0, qty, value_e8));
}

static inline void reject(size_t i)
{
	sent[i].open = false;
	happen(answer(i, FB_EVENT_REJECT));
}

static inline struct fb_event own_event(uint32_t account, enum fb_event_kind kind, uint32_t number,
					__int128 value_e8)
{
	return (struct fb_event){
		.account = account,
		.kind = (uint8_t)kind,
		.number = number,
		.value_e8 = fb_i128_of(value_e8),
	};
}

static inline struct fb_event own_fill(uint32_t account, uint32_t position, uint32_t number,
				       int64_t qty, __int128 value_e8)
{
	struct fb_event e = own_event(account, FB_EVENT_USER_FILL, number, value_e8);
	e.position = position;
	e.symbol = row_of(position)->symbol;
	e.qty = qty;
	return e;
}

static inline void depth(uint16_t symbol, int64_t bids, int64_t asks)
{
	struct fb_event e = { .kind = FB_EVENT_DEPTH, .symbol = symbol, .qty = bids };
	e.value_e8 = fb_i128_of(asks);
	happen(e);
}

/* Every open HOLD, CANCEL_ALL and RELEASE is done. */
static inline void answer_states(void)
{
	for (size_t i = 0; i < sents; i++) {
		uint8_t verb = sent[i].order.verb;
		if (sent[i].open && (verb == FB_VERB_HOLD || verb == FB_VERB_CANCEL_ALL ||
				     verb == FB_VERB_RELEASE))
			done(i);
	}
}

/* Who is in breach is held, its orders closed: the next decision is its first step. */
static inline void make_ready(void)
{
	for (int i = 0; i < 2; i++) {
		decide();
		answer_states();
	}
}

/* ---- what was sent ---- */

static inline enum fb_state state_of(uint32_t id)
{
	return fb_waterfall_state(waterfall, index_of(id));
}

static inline void expect_state(uint32_t id, enum fb_state state)
{
	ck_assert_str_eq(fb_state_name(state_of(id)), fb_state_name(state));
}

static inline const struct fb_waterfall_counts *counts(void)
{
	return fb_waterfall_counts(waterfall);
}

/* The newest order, which must be this one. */
static inline size_t expect_newest(enum fb_verb verb, uint32_t account, int64_t qty,
				   __int128 value_e8)
{
	ck_assert_uint_gt(sents, 0);
	const struct fb_order *o = &sent[sents - 1].order;
	ck_assert_str_eq(fb_verb_name(o->verb), fb_verb_name(verb));
	ck_assert_uint_eq(o->account, account);
	ck_assert_int_eq(o->qty, qty);
	kit_assert_wide(o->value_e8, value_e8);
	return sents - 1;
}

/* An answer that cannot be true: counted, and nothing changes. */
static inline void expect_violation(struct fb_event e)
{
	uint64_t violations = counts()->violations, seq = book->seq;
	uint32_t open = fb_waterfall_open_orders(waterfall);
	size_t before = sents;
	happen(e);
	ck_assert_uint_eq(counts()->violations, violations + 1);
	ck_assert_uint_eq(book->seq, seq);
	ck_assert_uint_eq(fb_waterfall_open_orders(waterfall), open);
	ck_assert_uint_eq(sents, before);
}

/* An answer told twice, or to nobody. */
static inline void expect_stray(struct fb_event e)
{
	uint64_t strays = counts()->strays, violations = counts()->violations, seq = book->seq;
	happen(e);
	ck_assert_uint_eq(counts()->strays, strays + 1);
	ck_assert_uint_eq(counts()->violations, violations);
	ck_assert_uint_eq(book->seq, seq);
}

static inline void expect_row(uint32_t position, int64_t qty, __int128 entry_e8)
{
	const struct fb_book_row *row = row_of(position);
	ck_assert_int_eq(row->qty, qty);
	kit_assert_wide(row->entry_e8, entry_e8);
}

/* What open moves ask of an account. */
static inline __int128 asked_of(uint32_t id)
{
	__int128 sum = 0;
	for (size_t i = 0; i < sents; i++)
		if (sent[i].open && sent[i].order.account == id &&
		    sent[i].order.verb == FB_VERB_FUND_MOVE && sent[i].order.value_e8 > 0)
			sum += sent[i].order.value_e8;
	return sum;
}

#endif
