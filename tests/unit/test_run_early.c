/* Which records are taken over while they are compared, and which wait until the batch is known as
 * a whole: those after which anything else in the batch might make the host judge their account, or
 * which are notices. A replay takes all of them over later, and must come to the same. */
#include "run_kit.h"

#include "../../sw/lib/run_fault.h"

static struct fb_batch batch;

/* Users that have positions and are calm, from the nth on. */
static uint32_t calm_user(uint32_t n)
{
	for (uint32_t i = 0; i < host.book->accounts; i++) {
		const struct fb_book_account *a = &host.book->account[i];
		if (a->role == FB_ROLE_USER && a->rows_live > 0 && a->level == FB_LEVEL_CALM &&
		    !a->listed && n-- == 0)
			return i;
	}
	ck_abort_msg("too few calm users");
	return FB_NONE;
}

/* Money that brings the account to this level, which the book has as its truth from now on. */
static void bring_to(uint32_t account, unsigned level)
{
	struct fb_book_account *a = &host.book->account[account];
	const struct fb_book_class *class = &host.book->classes[a->class_id];
	union fb_record r;
	if (level == FB_LEVEL_FAULT) {
		a->collateral_e8 = (__int128)1 << FB_MONEY_BITS;
		return;
	}
	ck_assert_int_eq(fb_confirm_expect(host.book, account, host.book->seq, &r), 0);
	__int128 mm = fb_wide(r.level.mm), equity = mm / class->up_e7[level - 1];
	a->collateral_e8 += equity - fb_wide(r.level.equity);
}

static void truth(size_t at, uint32_t account)
{
	ck_assert_int_eq(fb_confirm_expect(host.book, account, host.book->seq,
					   &host.engine.record[at]),
			 0);
}

/* n records of the link are a batch: how many of them are taken over while they are compared. */
static size_t observe(size_t n)
{
	host.engine.record[n] = (union fb_record){
		.batch_end = { .seq = host.book->seq, .kind = FB_REC_BATCH_END,
			       .count = (uint32_t)n }
	};
	batch = (struct fb_batch){ .first = host.book->seq, .last = host.book->seq };
	ck_assert_msg(fb_fault_observe(&host, &batch, n + 1) == 0, "%s", error.text);
	return host.taken;
}

static void start(void)
{
	ck_assert_msg(run_open("model:") == 0, "%s", error.text);
	for (int k = 0; k < 5; k++)
		ck_assert_int_eq(run_instant(), 1);
	ck_assert_int_eq(fb_host_drain(&host, 0), 0);
}

START_TEST(at_once)
{
	start();
	unsigned act = host.confirm.act_level;
	uint64_t breaches = host.confirm.breaches, verified = host.confirm.verified;
	for (uint32_t i = 0; i < 3; i++) {
		uint32_t account = calm_user(i);
		bring_to(account, act);
		truth(i, account);
		ck_assert_uint_eq(host.engine.record[i].level.level, act);
	}
	ck_assert_uint_eq(observe(3), 3);
	ck_assert_uint_eq(host.equal, 3);
	ck_assert_uint_eq(host.confirm.breaches - breaches, 3);
	ck_assert_uint_eq(host.confirm.verified - verified, 3);
	run_close();
}
END_TEST

/* Whatever has to wait, and what comes behind it. */
START_TEST(later)
{
	start();
	unsigned act = host.confirm.act_level;
	uint32_t one = calm_user(0), two = calm_user(1), three = calm_user(2);
	ck_assert_uint_gt(act, 1);
	bring_to(one, act);
	/* the same account again */
	truth(0, one);
	truth(1, one);
	host.book->account[one].host_judged = true; /* or it is a difference, which is told */
	ck_assert_uint_eq(observe(2), 0);
	host.book->account[one].host_judged = false;
	/* a notice, and then one that need not wait */
	bring_to(two, 1);
	truth(0, two);
	truth(1, one);
	ck_assert_uint_lt(host.engine.record[0].level.level, act);
	ck_assert_uint_eq(observe(2), 0);
	/* out of range: the host judges it from then on */
	bring_to(three, FB_LEVEL_FAULT);
	truth(0, three);
	ck_assert_uint_eq(host.engine.record[0].level.level, FB_LEVEL_FAULT);
	ck_assert_uint_eq(observe(1), 0);
	ck_assert(!host.book->account[three].host_judged);
	/* before anything else in the batch is known */
	truth(0, one);
	host.engine.others = true;
	ck_assert_uint_eq(observe(1), 0);
	host.engine.others = false;
	host.rankings.asked = host.rankings.searching = true;
	host.rankings.command.rank.mode = FB_RANK_SELECT;
	ck_assert_uint_eq(observe(1), 0);
	struct fb_funding_due due = { .seq = UINT64_MAX }, *dues = host.conditions.due;
	host.conditions.due = &due;
	host.conditions.dues = host.conditions.dues_seen + 1;
	ck_assert_uint_eq(observe(1), 0);
	host.conditions.dues--;
	host.conditions.due = dues;
	ck_assert_uint_eq(observe(1), 1);
	run_close();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("host: records taken over at once");
	TCase *tests = tcase_create("early");
	temp_open("run-early");
	tcase_add_test(tests, at_once);
	tcase_add_test(tests, later);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	temp_close();
	return failed != 0;
}
