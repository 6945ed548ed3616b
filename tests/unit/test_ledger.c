/* The governor's ledger as a table: full, colliding, emptied in any order; and a place that is used
 * again knows nothing of the order before. */
#include "governor_kit.h"

#include "../../sw/lib/governor_ledger.h"
#include "../../sw/lib/mix.h"

#define MOST 512
static struct fb_order live[MOST];
static size_t lives;

static struct fb_order a_hold(uint64_t sequence, uint32_t index)
{
	return (struct fb_order){ .id = { .epoch = 1, .sequence = sequence, .index = index },
				  .account = 1,
				  .verb = FB_VERB_HOLD };
}

static struct fb_event rejected(const struct fb_order *o)
{
	return (struct fb_event){ .id = o->id, .account = o->account, .kind = FB_EVENT_REJECT,
				  .verb = o->verb };
}

static bool same_id(const struct fb_order_id *a, const struct fb_order_id *b)
{
	return a->epoch == b->epoch && a->sequence == b->sequence && a->index == b->index;
}

static void open_ledger(uint32_t orders)
{
	open_all(NULL, orders);
	fb_governor_confirmed(g, index_of(1), FB_CONFIRMED_BREACH);
	lives = 0;
}

/* Every open order is found as it was, the places of the index are as many, and the pool counts
 * them. */
static void check(void)
{
	uint32_t places = 0;
	for (size_t i = 0; i < lives; i++) {
		const struct fb_open_order *o = fb_ledger_find(g, &live[i].id);
		KIT_MUST(o && o->used && same_id(&o->order.id, &live[i].id));
	}
	for (uint32_t at = 0; at <= g->mask; at++)
		places += g->place[at].slot != 0;
	KIT_MUST(places == lives && g->count == lives);
}

static void take(struct fb_order o)
{
	KIT_MUST(fb_governor_check(g, &o) == FB_REFUSED_NOT);
	live[lives++] = o;
}

static void drop(size_t i)
{
	struct fb_event e = rejected(&live[i]);
	fb_governor_event(g, &e);
	KIT_MUST(!fb_ledger_find(g, &e.id));
	fb_governor_event(g, &e); /* told twice: it is gone, and nobody else is meant */
	live[i] = live[--lives];
}

START_TEST(full_refuses_and_has_room_again)
{
	open_ledger(8);
	for (uint32_t i = 1; i <= 8; i++)
		take(a_hold(7, i));
	check();
	for (uint32_t i = 9; i < 20; i++) {
		struct fb_order o = a_hold(7, i);
		ck_assert_int_eq(fb_governor_check(g, &o), FB_REFUSED_FULL);
		ck_assert_ptr_null(fb_ledger_find(g, &o.id));
	}
	check();
	/* The very same order as one that is open passes, and takes no place. */
	ck_assert_int_eq(fb_governor_check(g, &live[3]), FB_REFUSED_NOT);
	check();
	drop(3);
	check();
	take(a_hold(7, 20));
	check();
	struct fb_order o = a_hold(7, 21);
	ck_assert_int_eq(fb_governor_check(g, &o), FB_REFUSED_FULL);
	close_all();
}
END_TEST

/* 16 places for 8 orders: homes meet all the time. Orders leave in any order. */
START_TEST(collisions_and_removals)
{
	static const uint32_t sizes[] = { 1, 2, 8, 64, 500 };
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		open_ledger(sizes[s]);
		uint64_t sequence = 1, drawn = s << 32;
		uint32_t index = 0;
		for (unsigned step = 0; step < 6000; step++) {
			uint64_t r = fb_mix(drawn++);
			index++;
			if (r % 7 == 0) {
				sequence += 1 + r % 1000;
				index = (uint32_t)(r >> 40);
			}
			if (lives == sizes[s] || (lives > 0 && r >> 32 & 1)) {
				drop((r >> 8) % lives);
			} else {
				take(a_hold(sequence, index));
			}
			if (sizes[s] < 100 || step % 16 == 0)
				check();
		}
		while (lives > 0)
			drop(lives / 2);
		check();
		close_all();
	}
}
END_TEST

/* A reduction with all it leaves behind, then a hold in its place, and a reduction again. */
START_TEST(a_place_used_again_is_blank)
{
	static const struct fb_governor_caps none;
	open_all(&none, 1);
	fb_governor_confirmed(g, index_of(1), FB_CONFIRMED_BREACH);
	struct fb_order o = a_hold(7, 1);
	for (unsigned verb = FB_VERB_HOLD; verb <= FB_VERB_CANCEL_ALL; verb++) {
		o.verb = (uint8_t)verb;
		o.id.index++;
		ck_assert_int_eq(fb_governor_check(g, &o), FB_REFUSED_NOT);
		struct fb_event e = rejected(&o);
		e.kind = FB_EVENT_DONE;
		fb_governor_event(g, &e);
	}
	struct fb_order reduce = a_hold(8, 1);
	reduce.verb = FB_VERB_REDUCE;
	reduce.position = LONG;
	reduce.symbol = 1;
	reduce.qty = 100;
	reduce.value_e8 = at_mark(1, 100);
	ck_assert_int_eq(fb_governor_check(g, &reduce), FB_REFUSED_NOT);
	ck_assert_int_eq(g->reserved[fb_book_row_index(book, LONG)], 100);
	struct fb_event part = rejected(&reduce);
	part.kind = FB_EVENT_FILL;
	part.number = 1;
	part.qty = 40;
	fb_governor_event(g, &part);
	part.kind = FB_EVENT_DONE;
	fb_governor_event(g, &part);
	ck_assert_uint_eq(g->count, 0);
	ck_assert_int_eq(g->reserved[fb_book_row_index(book, LONG)], 0);
	o = a_hold(9, 1);
	ck_assert_int_eq(fb_governor_check(g, &o), FB_REFUSED_NOT);
	const struct fb_open_order *again = fb_ledger_find(g, &o.id);
	ck_assert_ptr_nonnull(again);
	ck_assert(again->left == 0 && again->notional_e8 > 0 && again->fills == 0 && !again->done &&
		  again->row == FB_NONE && again->counter == FB_NONE);
	/* An answer to the order that was here before finds nobody. */
	part.kind = FB_EVENT_REJECT;
	fb_governor_event(g, &part);
	ck_assert_uint_eq(g->count, 1);
	struct fb_event e = rejected(&o);
	e.kind = FB_EVENT_DONE;
	fb_governor_event(g, &e);
	reduce.id = a_hold(10, 1).id;
	reduce.qty = 10;
	reduce.value_e8 = at_mark(1, 10);
	ck_assert_int_eq(fb_governor_check(g, &reduce), FB_REFUSED_NOT);
	again = fb_ledger_find(g, &reduce.id);
	ck_assert(again->left == 10 && again->fills == 0 && !again->done &&
		  again->done_fills == 0 && again->done_lots == 0 &&
		  again->mark_e8 == at_mark(1, 10));
	close_all();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ledger");
	TCase *tcase = tcase_create("ledger");
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, full_refuses_and_has_room_again);
	tcase_add_test(tcase, collisions_and_removals);
	tcase_add_test(tcase, a_place_used_again_is_blank);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
