/* What the tests of the waterfall share: a small book, a venue that keeps every order and answers
 * when the test says so, and verdicts on demand.
 *
 * User 1 is the one things happen to: long 100 lots of symbol 1 and of symbol 2, so MM is 2 money.
 * Users 2 and 3 are short the same and rich. The pack has every step: warning at 50 %, margin call
 * at 60 %, working orders cancelled at 70 %, cuts at 80 %, liquidation at 100 %. */
#ifndef WATERFALL_KIT_H
#define WATERFALL_KIT_H

#include "book_kit.h"

#include "../../sw/lib/waterfall_internal.h"

#define SECOND INT64_C(1000000)
#define KIT_KEPT 64
#define LOTS 100

struct kit_sent {
	struct fb_order order;
	bool again, open;
};

static struct fb_waterfall *w;
static struct fb_rules rules;
static struct kit_sent sent[KIT_KEPT];
static struct fb_notice noticed[KIT_KEPT];
static size_t sents, notices;
static uint32_t subject; /* id of the account things happen to */
static unsigned watched; /* times the subject was to be judged */
static int refuse;	 /* what the order op says: 0 or enum fb_refusal */
static unsigned attempts; /* orders refused */
static int64_t now_us;

static int kit_order(void *context, const struct fb_order *order, bool again)
{
	(void)context;
	if (refuse) {
		attempts++;
		return refuse;
	}
	KIT_MUST(sents < KIT_KEPT);
	sent[sents++] = (struct kit_sent){ .order = *order, .again = again, .open = !again };
	return 0;
}

static int kit_command(void *context, union fb_command *command)
{
	(void)context;
	tell(*command);
	return 0;
}

static int kit_notice(void *context, const struct fb_notice *notice)
{
	(void)context;
	KIT_MUST(notices < KIT_KEPT);
	noticed[notices++] = *notice;
	return 0;
}

static void kit_watch(void *context, uint32_t account)
{
	(void)context;
	watched += book->account[account].id == subject;
}

static inline void kit_policy(void)
{
	memset(&rules, 0, sizeof(rules));
	fb_rules_preset(&rules);
	rules.symbols = 4;
	rules.thresholds = 5;
	rules.liquidate_level = 5;
	rules.policy = (struct fb_policy){
		.warn_level = 1,
		.call_level = 2,
		.cancel_level = 3,
		.cut_level = 4,
		.cut_share_e7 = 2000000,
		.cut_slip_e7 = 100000,
		.tries = 3,
		.depth_share_e7 = FB_RATE_ONE,
		.fund_cap_e7 = FB_RATE_ONE,
		.backstop_cap_e7 = FB_RATE_ONE,
		.unwind_share_e7 = 1000000,
		.surplus_to_fund = 1,
		.timeout_ms = 2000,
	};
}

static inline void open_waterfall(void)
{
	static const struct fb_waterfall_ops ops = { .order = kit_order,
						   .command = kit_command,
						   .notice = kit_notice,
						   .watch = kit_watch };
	static const uint32_t up[] = { 50, 60, 70, 80, 100 };
	open_book(0);
	for (uint8_t i = 0; i < 5; i++)
		tell(c_class(1, i, up[i] * 100000, (up[i] - 5) * 100000, 0));
	for (uint32_t id = 1; id <= 3; id++)
		tell(c_account(id, 1000 * MONEY, 0, 1));
	for (uint16_t s = 1; s <= 2; s++) {
		tell(c_position(1, 10u + s, s, LOTS, LOTS * MONEY));
		tell(c_position(1u + s, 20u + s, s, -LOTS, -LOTS * MONEY));
	}
	kit_policy();
	sents = notices = 0;
	watched = attempts = 0;
	refuse = 0;
	now_us = 0;
	subject = 1;
	ck_assert_int_eq(fb_waterfall_open(book, &rules, 1, &ops, NULL, &w), 0);
}

static inline void close_waterfall(void)
{
	fb_waterfall_close(w);
	fb_book_close(book);
}

static inline enum fb_state state_of(uint32_t id)
{
	return fb_waterfall_state(w, index_of(id));
}

/* ---- verdicts ---- */

static inline void set_collateral(__int128 equity_e8)
{
	tell(c_collateral(subject, (int64_t)(equity_e8 - sums_of(subject).equity_e8)));
}

/* The user's positions become so many lots each, bought at the mark of 1 money. */
static inline void set_lots(int64_t lots)
{
	for (uint16_t s = 1; s <= 2; s++)
		tell(c_fill(1, 10u + s, s, lots, lots * MONEY, 0));
}

/* Margin ratios in percent that give each verdict, whatever level it had before: at or above the
 * level's threshold, and below what the next one is kept at. */
static inline void arrange(enum fb_happening verdict)
{
	static const int percent[] = { [FB_SEEN_CALM] = 20, [FB_SEEN_WARN] = 52,
				       [FB_SEEN_CALL] = 62, [FB_SEEN_CLEAR] = 72,
				       [FB_SEEN_CUT] = 87,  [FB_SEEN_BREACH] = 110 };
	bool flat = verdict == FB_SEEN_FLAT, has = book->account[index_of(subject)].rows_live > 0;
	if (subject == 1 && flat == has)
		set_lots(flat ? 0 : LOTS);
	if (verdict == FB_SEEN_BANKRUPT || verdict == FB_SEEN_FLAT)
		set_collateral(verdict == FB_SEEN_FLAT ? 0 : -MONEY);
	else
		set_collateral(sums_of(subject).mm_e15 / 10000000 * 100 / percent[verdict]);
}

static inline struct fb_judged judged_now(void)
{
	return (struct fb_judged){ .account = index_of(subject),
				   .sums = sums_of(subject) };
}

static inline void decide(void)
{
	struct fb_judged judged = judged_now();
	ck_assert_int_eq(fb_waterfall_decide(w, &judged, 1), 0);
}

static inline void judge_as(enum fb_happening verdict)
{
	arrange(verdict);
	decide();
}

/* ---- what the venue says ---- */

static inline void event(struct fb_event e)
{
	ck_assert_int_eq(fb_waterfall_event(w, &e), 0);
}

/* The oldest order without an answer. */
static inline struct kit_sent *oldest(void)
{
	for (size_t i = 0; i < sents; i++)
		if (sent[i].open)
			return &sent[i];
	ck_abort_msg("no order is open");
}

static inline unsigned open_orders(void)
{
	unsigned n = 0;
	for (size_t i = 0; i < sents; i++)
		n += sent[i].open;
	return n;
}

/* DONE: a reduction without any fill, everything else whole. */
static inline void answer(enum fb_event_kind kind)
{
	struct kit_sent *s = oldest();
	bool whole = kind == FB_EVENT_DONE && s->order.verb != FB_VERB_REDUCE;
	s->open = false;
	event((struct fb_event){
		.id = s->order.id,
		.kind = (uint8_t)kind,
		.verb = s->order.verb,
		.qty = whole ? s->order.qty : 0,
		.value_e8 = fb_i128_of(whole ? s->order.value_e8 : 0),
	});
}

/* A tenth of the oldest order, a reduction, is filled at the mark of 1 money. */
static inline void fill_part(void)
{
	const struct fb_order *o = &oldest()->order;
	ck_assert_uint_eq(o->verb, FB_VERB_REDUCE);
	int64_t qty = (o->qty + 9) / 10;
	event((struct fb_event){ .id = o->id,
				 .kind = FB_EVENT_FILL,
				 .verb = FB_VERB_REDUCE,
				 .number = 1,
				 .qty = qty,
				 .value_e8 = fb_i128_of((__int128)qty * MONEY) });
}

static inline void tick(int64_t seconds)
{
	now_us += seconds * SECOND;
	ck_assert_int_eq(fb_waterfall_tick(w, now_us), 0);
}

#endif
