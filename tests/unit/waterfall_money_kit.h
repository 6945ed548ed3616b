/* What the tests of the waterfall's money share: a waterfall on the book of book_kit.h, orders and
 * notices as they were sent, and decisions on everybody at once. The street takes the other side
 * of every position, so that value is conserved, which is checked after each step. */
#ifndef WATERFALL_MONEY_KIT_H
#define WATERFALL_MONEY_KIT_H

#include "../../sw/lib/waterfall_internal.h"
#include "book_kit.h"

#define SENT_MAX 4096
#define CENT (MONEY / 100)

static struct fb_rules rules; /* rules.policy is the test's to fill, between open_all and start */
static struct fb_waterfall *waterfall;
static struct sent {
	struct fb_order order;
	bool open;
	uint32_t resent, fills; /* how often it was sent again; fills told so far */
	int64_t filled;
	__int128 filled_e8;
} sent[SENT_MAX];
static size_t sents;
static struct fb_notice notice[SENT_MAX];
static size_t notices;
static int64_t now_us;
static int refuse_with; /* what order() returns */

static inline int64_t size_of(int64_t qty)
{
	return qty < 0 ? -qty : qty;
}

static inline struct fb_book_row *row_of(uint32_t position)
{
	uint32_t index = fb_book_row_index(book, position);
	ck_assert_uint_ne(index, FB_NONE);
	return &book->row[index];
}

static inline bool closes(const struct fb_order *o)
{
	return o->verb == FB_VERB_REDUCE || o->verb == FB_VERB_TAKEOVER ||
	       o->verb == FB_VERB_ADL_PAIR;
}

/* Lots of a position that open orders close. */
static inline int64_t open_lots(uint32_t position)
{
	int64_t lots = 0;
	for (size_t i = 0; i < sents; i++) {
		const struct fb_order *o = &sent[i].order;
		if (sent[i].open && closes(o) &&
		    (o->position == position ||
		     (o->verb == FB_VERB_ADL_PAIR && o->counter_position == position)))
			lots += size_of(o->qty) - sent[i].filled;
	}
	return lots;
}

/* It closes in the direction of the position, and with what is open never more than is there. */
static inline void order_must_fit(const struct fb_order *o)
{
	const struct fb_book_row *row = row_of(o->position);
	KIT_MUST(o->qty != 0 && (o->qty < 0) == (row->qty < 0));
	KIT_MUST(open_lots(o->position) + size_of(o->qty) <= size_of(row->qty));
	KIT_MUST(book->account[row->account].id == o->account && row->symbol == o->symbol);
	if (o->verb != FB_VERB_ADL_PAIR)
		return;
	row = row_of(o->counter_position);
	KIT_MUST((o->qty < 0) == (row->qty > 0));
	KIT_MUST(open_lots(o->counter_position) + size_of(o->qty) <= size_of(row->qty));
	KIT_MUST(book->account[row->account].id == o->counter_account && row->symbol == o->symbol);
}

static inline bool same_order(const struct fb_order *a, const struct fb_order *b)
{
	return memcmp(&a->id, &b->id, sizeof(a->id)) == 0 && a->account == b->account &&
	       a->position == b->position && a->counter_account == b->counter_account &&
	       a->counter_position == b->counter_position && a->symbol == b->symbol &&
	       a->verb == b->verb && a->tif == b->tif && a->qty == b->qty &&
	       a->value_e8 == b->value_e8;
}

static inline int on_order(void *context, const struct fb_order *order, bool again)
{
	(void)context;
	if (refuse_with != 0)
		return refuse_with;
	for (size_t i = 0; again && i < sents; i++)
		if (sent[i].open && same_order(&sent[i].order, order)) {
			sent[i].resent++;
			return 0;
		}
	KIT_MUST(!again && sents < SENT_MAX);
	if (closes(order))
		order_must_fit(order);
	sent[sents++] = (struct sent){ .order = *order, .open = true };
	return 0;
}

static inline int on_command(void *context, union fb_command *command)
{
	(void)context;
	tell(*command);
	return 0;
}

static inline int on_notice(void *context, const struct fb_notice *told)
{
	(void)context;
	KIT_MUST(notices < SENT_MAX);
	notice[notices++] = *told;
	return 0;
}

static inline void on_watch(void *context, uint32_t account)
{
	(void)context;
	KIT_MUST(account < book->accounts);
}

/* Fees of a pack: taker 0.05 %, liquidation 0.5 %. Liquidation at level 3; nothing else is on. */
static inline void open_all(void)
{
	open_book(0);
	memset(&rules, 0, sizeof(rules));
	fb_rules_preset(&rules);
	rules.thresholds = 3;
	rules.liquidate_level = 3;
	rules.symbols = 4;
	rules.taker_fee_e7 = 5000;
	rules.liquidation_fee_e7 = 50000;
	rules.policy = (struct fb_policy){
		.cut_slip_e7 = 100000,
		.tries = 2,
		.depth_share_e7 = 10000000,
		.fund_cap_e7 = 10000000,
		.backstop_cap_e7 = 10000000,
		.unwind_share_e7 = 1000000,
		.surplus_to_fund = 1,
		.timeout_ms = 2000,
	};
	sents = notices = 0;
	now_us = 0;
	refuse_with = 0;
}

/* An account with one position. */
static inline void holder(uint32_t id, int64_t collateral, uint32_t position, uint16_t symbol,
			  int64_t qty, int64_t entry)
{
	tell(c_account(id, collateral, 0, 0));
	tell(c_position(id, position, symbol, qty, entry));
}

/* The mark of a symbol in thousandths of a money. */
static inline void mark(uint16_t symbol, uint64_t thousandths)
{
	tell(c_mark(symbol, U_MONEY / 1000 * thousandths));
}

/* The street gets the other side of all there is, and the waterfall starts. */
static inline void start(void)
{
	static const struct fb_waterfall_ops ops = { .order = on_order,
						   .command = on_command,
						   .notice = on_notice,
						   .watch = on_watch };
	for (uint16_t s = 1; s <= 3; s++) {
		int64_t qty = 0, entry = 0;
		for (uint32_t i = 0; i < book->rows; i++) {
			qty += book->row[i].symbol == s ? book->row[i].qty : 0;
			entry += book->row[i].symbol == s ? book->row[i].entry_e8 : 0;
		}
		if (qty != 0 || entry != 0)
			tell(c_position(FB_ID_STREET, fb_house_position(FB_ID_STREET, s), s, -qty,
					-entry));
	}
	fb_book_seal(book);
	ck_assert_int_eq(fb_waterfall_open(book, &rules, 7, &ops, NULL, &waterfall), 0);
	for (uint32_t i = 0; i < book->accounts; i++)
		fb_waterfall_owner(waterfall, i, 1000 + i);
}

static inline void close_all(void)
{
	fb_waterfall_close(waterfall);
	fb_book_close(book);
}

static inline void conserved(void)
{
	struct fb_error error = { "" };
	if (fb_book_conserved_full(book, &error) != 0)
		ck_abort_msg("%s", error.text);
}

static inline int by_severity(const void *a, const void *b)
{
	const struct fb_judged *x = a, *y = b;
	return fb_value_severity(&x->sums, book->account[x->account].id, &y->sums,
				 book->account[y->account].id);
}

/* Everybody is judged. */
static inline void decide(void)
{
	struct fb_judged judged[64];
	size_t n = 0;
	for (uint32_t i = 0; i < book->accounts; i++)
		if (book->account[i].role != FB_ROLE_EXCLUDED)
			judged[n++] = (struct fb_judged){
				.account = i,
				.sums = sums_of(book->account[i].id),
			};
	qsort(judged, n, sizeof(judged[0]), by_severity);
	ck_assert_int_eq(fb_waterfall_decide(waterfall, judged, n), 0);
	conserved();
}

static inline void tick(int64_t after_us)
{
	now_us += after_us;
	ck_assert_int_eq(fb_waterfall_tick(waterfall, now_us), 0);
	conserved();
}

static inline void happen(struct fb_event e)
{
	ck_assert_int_eq(fb_waterfall_event(waterfall, &e), 0);
	conserved();
}

#endif
