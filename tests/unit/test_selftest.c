/* The self-test passes a card that works, and names what is wrong with one that does not. */
#include "model_kit.h"

#include "../../sw/lib/selftest_internal.h"
#include "fake_card.h"

static struct fb_selftest test;

static void run(void)
{
	fb_selftest_card("fake", fake_card_open, "", 1, &test);
	ck_assert_ptr_null(fake_card_plan.card);
}

static const struct fb_selftest_step *last(void)
{
	ck_assert_uint_ge(test.steps, 1);
	return &test.step[test.steps - 1];
}

START_TEST(passes)
{
	static const char *const names[] = { "identity",     "registers", "session", "fence",
					     "random words", "ring",	  "counters" };
	run();
	ck_assert_msg(test.passed, "%s: %s", last()->name, last()->text);
	ck_assert_uint_eq(test.steps, 7);
	for (unsigned i = 0; i < 7; i++) {
		ck_assert(test.step[i].passed);
		ck_assert_str_eq(test.step[i].name, names[i]);
	}
	ck_assert_str_eq(test.uri, "fake:fake");
}
END_TEST

/* Each of these ends with the step that fails. */
static const struct {
	const char *step, *says;
	enum fake_card_event event;
	uint64_t record;
	struct fake_card_noise noise;
	uint32_t layout_hash;
} wrong[] = {
	{ .step = "identity", .says = "different contracts", .layout_hash = 7 },
	{ .step = "identity", .says = "all ones", .event = FAKE_CARD_ALL_ONES },
	{ .step = "session", .says = "do not arrive", .event = FAKE_CARD_MUTE },
	{ .step = "fence", .says = "torn", .event = FAKE_CARD_TORN, .record = 20 },
	{ .step = "random words",
	  .says = "closed behind our back",
	  .event = FAKE_CARD_RESET,
	  .record = 5000 },
	{ .step = "counters", .says = "loses or repeats", .noise = { .seed = 1, .lose = 1 } },
	{ .step = "counters", .says = "loses or repeats", .noise = { .seed = 1, .repeat = 1 } },
};

START_TEST(names_what_is_wrong)
{
	fake_card_plan.event = wrong[_i].event;
	fake_card_plan.event_record = wrong[_i].record;
	fake_card_plan.noise = wrong[_i].noise;
	if (wrong[_i].layout_hash)
		fake_card_plan.layout_hash = wrong[_i].layout_hash;
	run();
	ck_assert(!test.passed && !last()->passed);
	ck_assert_msg(strcmp(last()->name, wrong[_i].step) == 0, "%s: %s", last()->name,
		      last()->text);
	ck_assert_msg(strstr(last()->text, wrong[_i].says) != NULL, "%s", last()->text);
}
END_TEST

/* A register that does not hold its value. */
static struct fb_card_port_ops spoilt;
static uint32_t spoilt_offset;

static int spoilt_write(struct fb_card_port *port, uint32_t offset, uint32_t value)
{
	return fake_card_write32(port, offset, offset == spoilt_offset ? value & ~0x40u : value);
}

static int open_spoilt(const char *args, struct fb_card_port **out, struct fb_error *error)
{
	int err = fake_card_open(args, out, error);
	spoilt = fake_card_ops;
	spoilt.write32 = spoilt_write;
	(*out)->ops = &spoilt;
	return err;
}

START_TEST(a_register_that_forgets)
{
	spoilt_offset = FB_REG_STATUS_BASE;
	fb_selftest_card("fake", open_spoilt, "", 1, &test);
	ck_assert_str_eq(last()->name, "registers");
	ck_assert(!last()->passed);
	ck_assert_msg(strstr(last()->text, "STATUS_BASE holds 5a5a5a00, expected 5a5a5a40") != NULL,
		      "%s", last()->text);
}
END_TEST

/* Other engines: no registers, and those that lie are found. */
START_TEST(other_engines)
{
	struct fb_error error;
	ck_assert_int_eq(fb_selftest_run("model:", 3, &test, &error), 0);
	ck_assert(test.passed);
	ck_assert_uint_eq(test.steps, 3);
	ck_assert_int_lt(fb_selftest_run("nothing:", 3, &test, &error), 0);
	ck_assert_int_eq(fb_selftest_run("sim:lanes=x", 3, &test, &error), 0);
	ck_assert(!test.passed);
	ck_assert_str_eq(last()->name, "open");
	/* Too small: refuses accounts that the reference takes. */
	ck_assert_int_eq(fb_selftest_run("model:accounts=30,rows=1000", 3, &test, &error), 0);
	ck_assert_str_eq(last()->name, "random words");
	ck_assert(!last()->passed);
	ck_assert_ptr_nonnull(strstr(last()->text, "REJECT"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("selftest");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 100);
	tcase_add_checked_fixture(t, fake_card_reset_plan, NULL);
	tcase_add_test(t, passes);
	tcase_add_loop_test(t, names_what_is_wrong, 0, sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(t, a_register_that_forgets);
	tcase_add_test(t, other_engines);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
