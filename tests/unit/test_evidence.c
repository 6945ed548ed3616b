/* Evidence of rounds: what each ranked position is told to have been decided, and that leaf, path,
 * root and chain fit together. Houses take nothing here: their caps are 0. */
#include "waterfall_answer_kit.h"

#include "../../sw/lib/evidence.h"

static struct fb_evidence *evidence;
static struct fb_evidence_link link_seen[8];
static struct fb_ranked leaf_seen[8][8];
static size_t links;

/* Keeps what is sealed, and climbs from every leaf. */
static void on_sealed(void *context, const struct fb_evidence_link *link,
		      const struct fb_ranked *ranked)
{
	(void)context;
	KIT_MUST(links < 8 && link->ranked <= 8);
	link_seen[links] = *link;
	for (uint32_t k = 0; k < link->ranked; k++) {
		struct fb_merkle_path path;
		struct fb_evidence_opening opening;
		fb_digest hash, root;
		leaf_seen[links][k] = ranked[k];
		fb_evidence_path(evidence, link, ranked, k, &path);
		fb_evidence_hash_leaf(&ranked[k].leaf, hash);
		KIT_MUST(fb_merkle_climb(hash, k, link->ranked, &path, root));
		KIT_MUST(memcmp(root, link->root, sizeof(root)) == 0);
		fb_evidence_opened(evidence, link, &ranked[k], &opening);
		fb_evidence_commit(&opening, hash);
		KIT_MUST(memcmp(hash, ranked[k].leaf.commitment, sizeof(hash)) == 0);
	}
	links++;
}

static void begin(void)
{
	open_all();
	rules.policy.fund_cap_e7 = 0;
	strcpy(rules.symbol[1].name, "ONE");
	holder(1, 11 * MONEY, 10, 1, 100, 100 * MONEY);
}

static void play(void)
{
	start();
	links = 0;
	ck_assert_int_eq(fb_evidence_open(waterfall, &evidence), 0);
	evidence->sealed = on_sealed;
	waterfall->tap = &evidence->tap;
	mark(1, 800);
	make_ready();
	decide();
}

/* At 0.8: account 1, long 100, has -9, so it is closed at 0.89: 0.09 a lot more than a short should
 * pay. Best placed first: 5 (0.2 / 0.05, one lot, which it cannot bear), 6 (2 / 0.6, which bears
 * six lots of ten), 2 (12 / 62), 3 (6 / 36), 4 (10 / 110, of which the last four lots are taken), 7
 * (2 / 1002). */
static void prepare(void)
{
	begin();
	holder(2, 50 * MONEY, 20, 1, -60, -60 * MONEY);
	holder(3, 30 * MONEY, 30, 1, -30, -30 * MONEY);
	holder(4, 100 * MONEY, 40, 1, -50, -50 * MONEY);
	holder(5, -15 * CENT, 50, 1, -1, -1 * MONEY);
	holder(6, -140 * CENT, 60, 1, -10, -10 * MONEY);
	holder(7, 1000 * MONEY, 70, 1, -10, -10 * MONEY);
	play();
}

static void finish(void)
{
	fb_evidence_close(evidence);
	close_all();
}

static void expect_leaf(size_t link, uint32_t rank, uint32_t account, uint64_t score_e9,
			enum fb_decision decision, uint64_t asked, uint64_t moved)
{
	const struct fb_ranked *r = &leaf_seen[link][rank];
	ck_assert_uint_eq(r->terms.score.account_id, account);
	ck_assert_uint_eq(r->leaf.rank, rank);
	ck_assert_uint_eq(r->leaf.group, 0);
	ck_assert_uint_eq(r->leaf.score_e9, score_e9);
	ck_assert_str_eq(fb_decision_name(r->leaf.decision), fb_decision_name(decision));
	ck_assert_uint_eq(r->leaf.asked, asked);
	ck_assert_uint_eq(r->leaf.moved, moved);
}

/* The pairs of a round: orders 2 to 5. */
START_TEST(a_round)
{
	static const uint8_t none[32];
	prepare();
	ck_assert_uint_eq(sents, 6);
	for (size_t i = 2; i < 5; i++)
		done(i);
	ck_assert_uint_eq(links, 0); /* one is not answered yet */
	done_part(5, 3, 267 * CENT);
	ck_assert_uint_eq(links, 1);
	const struct fb_evidence_link *l = &link_seen[0];
	ck_assert_uint_eq(l->number, 1);
	ck_assert_uint_eq(l->round, 1);
	ck_assert_str_eq(l->symbol, "ONE");
	ck_assert_uint_eq(l->side, 1);
	ck_assert_uint_eq(l->needs, 1);
	ck_assert_uint_eq(l->ranked, 6);
	ck_assert_uint_eq(l->depth, 5);
	ck_assert_uint_eq(l->need_lots, 100);
	ck_assert_uint_eq(l->own_lots, 0);
	ck_assert_uint_eq(l->asked, 100);
	ck_assert_uint_eq(l->moved, 99);
	kit_assert_wide(l->need_e8, 89 * MONEY);
	kit_assert_wide(l->moved_e8, -8811 * CENT);
	kit_assert_wide(l->fund_before_e8, 500 * MONEY);
	kit_assert_wide(l->fund_after_e8, 500 * MONEY);
	ck_assert_mem_eq(l->before, none, sizeof(none));
	expect_leaf(0, 0, 5, 4000000000, FB_SKIPPED_LOT, 0, 0);
	expect_leaf(0, 1, 6, 3333333333, FB_TAKEN_EQUITY, 6, 6);
	expect_leaf(0, 2, 2, 193548387, FB_TAKEN_WHOLE, 60, 60);
	expect_leaf(0, 3, 3, 166666666, FB_TAKEN_WHOLE, 30, 30);
	expect_leaf(0, 4, 4, 90909090, FB_TAKEN_REST, 4, 3);
	expect_leaf(0, 5, 7, 1996007, FB_NOT_REACHED, 0, 0);
	kit_assert_wide(leaf_seen[0][1].moved_e8, -534 * CENT);
	for (uint32_t k = 0; k < 6; k++)
		ck_assert_uint_eq(leaf_seen[0][k].leaf.behind,
				  k ? FB_ADL_STEP_SCORE : FB_ADL_STEP_NONE);
	/* What is left is a round of its own, and a link after this one. */
	decide();
	done(6);
	ck_assert_uint_eq(links, 2);
	ck_assert_uint_eq(link_seen[1].round, 2);
	ck_assert_uint_eq(link_seen[1].need_lots, 1);
	ck_assert_mem_eq(link_seen[1].before, link_seen[0].link, 32);
	ck_assert_mem_ne(link_seen[1].link, link_seen[0].link, 32);
	finish();
}
END_TEST

/* 12 / 62 four times, with half the notional for the last, and a loss. */
START_TEST(what_broke_a_tie)
{
	static const struct {
		uint32_t account, position;
		enum fb_adl_step behind;
		const char *name;
	} expected[] = {
		{ 2, 20, FB_ADL_STEP_NONE, "being the best of all" },
		{ 3, 30, FB_ADL_STEP_ACCOUNT, "lower account number" },
		{ 3, 31, FB_ADL_STEP_POSITION, "lower position number" },
		{ 4, 40, FB_ADL_STEP_NOTIONAL, "more notional" },
		{ 6, 60, FB_ADL_STEP_SCORE, "a worse score" },
		{ 5, 50, FB_ADL_STEP_GROUP, "another group" },
	};
	begin();
	holder(6, 100 * MONEY, 60, 1, -10, -10 * MONEY);
	holder(5, 100 * MONEY, 50, 1, -30, -20 * MONEY);
	holder(4, 25 * MONEY, 40, 1, -30, -30 * MONEY);
	holder(3, 38 * MONEY, 31, 1, -60, -60 * MONEY);
	tell(c_position(3, 30, 1, -60, -60 * MONEY));
	holder(2, 50 * MONEY, 20, 1, -60, -60 * MONEY);
	play();
	fb_evidence_end(evidence);
	ck_assert_uint_eq(links, 1);
	ck_assert_uint_eq(link_seen[0].ranked, 6);
	for (uint32_t k = 0; k < 6; k++) {
		const struct fb_ranked *r = &leaf_seen[0][k];
		ck_assert_uint_eq(r->terms.score.account_id, expected[k].account);
		ck_assert_uint_eq(r->terms.score.position_id, expected[k].position);
		ck_assert_uint_eq(r->leaf.behind, expected[k].behind);
		ck_assert_ptr_nonnull(strstr(fb_evidence_behind_name(r->leaf.behind),
					     expected[k].name));
	}
	finish();
}
END_TEST

/* The end of a run closes a round as it is. */
START_TEST(the_end_of_a_run)
{
	prepare();
	done(2);
	fb_evidence_end(evidence);
	ck_assert_uint_eq(links, 1);
	ck_assert_uint_eq(link_seen[0].moved, 6);
	fb_evidence_end(evidence);
	ck_assert_uint_eq(links, 1);
	finish();
}
END_TEST

/* Scores that need more than 128 bits are the same as small ones in the same proportion, and what
 * does not fit is cut. */
START_TEST(scores)
{
	const __int128 huge = (__int128)1 << 90;
	struct fb_evidence_leaf leaf;
	struct fb_adl_order order;
	struct fb_adl_terms t = { .tier = 0 };
	fb_adl_order_of(NULL, &order);
	struct fb_adl_score s = { .profit_e8 = 3, .equity_e8 = 7, .notional_e8 = 5 };
	t.score = s;
	fb_evidence_score(&order, &t, &leaf);
	ck_assert_uint_eq(leaf.score_e9, 428571428);
	s = (struct fb_adl_score){ .profit_e8 = 3 * huge, .equity_e8 = 7 * huge, .notional_e8 = 5 };
	t.score = s;
	fb_evidence_score(&order, &t, &leaf);
	ck_assert_uint_eq(leaf.score_e9, 428571428);
	s = (struct fb_adl_score){ .profit_e8 = -3, .equity_e8 = 7, .notional_e8 = 5 };
	t.score = s;
	fb_evidence_score(&order, &t, &leaf);
	ck_assert_uint_eq(leaf.group, 4);
	ck_assert_uint_eq(leaf.score_e9, 840000000);
	s = (struct fb_adl_score){ .profit_e8 = -3 * huge, .equity_e8 = 7 * huge,
				   .notional_e8 = (unsigned __int128)(5 * huge) };
	t.score = s;
	fb_evidence_score(&order, &t, &leaf);
	ck_assert_uint_eq(leaf.score_e9, 840000000);
	s = (struct fb_adl_score){ .profit_e8 = huge, .equity_e8 = 1, .notional_e8 = 0 };
	t.score = s;
	fb_evidence_score(&order, &t, &leaf);
	ck_assert_uint_eq(leaf.group, 1);
	ck_assert_uint_eq(leaf.score_e9, UINT64_MAX);
	s = (struct fb_adl_score){ .profit_e8 = 0, .equity_e8 = 1, .notional_e8 = 5 };
	t.score = s;
	fb_evidence_score(&order, &t, &leaf);
	ck_assert_uint_eq(leaf.group, 2);
	ck_assert_uint_eq(leaf.score_e9, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("evidence");
	TCase *tests = tcase_create("evidence");
	tcase_add_test(tests, a_round);
	tcase_add_test(tests, what_broke_a_tie);
	tcase_add_test(tests, the_end_of_a_run);
	tcase_add_test(tests, scores);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
