/* Every rule of the bus that the root complex checks, broken once by a card that keeps all others:
 * the breach is found and named. */
#include <stdlib.h>

#include "root_kit.h"

static void open_perfect(void)
{
	kit_open(NULL);
}

/* The root has stopped with a text that holds this. */
static void expect(const char *text)
{
	ck_assert_msg(strstr(fb_root_why(root), text) != NULL, "expected '%s', found '%s'", text,
		      fb_root_why(root));
	ck_assert_int_eq(fb_root_step(root, 1), -EPROTO);
	ck_assert_int_eq(fb_root_write(root, 0, 0, "abcd", 4), -EPROTO);
	ck_assert_int_eq(fb_root_drain(root, 1), -EPROTO);
}

static struct fb_card_beat *second(struct fb_card_beat *beat)
{
	return beat + 1;
}

/* One field of a good record on RQ, changed. */
struct plant {
	int beat;               /* 0 or 1 */
	bool user;              /* tuser; else tdata */
	unsigned at, width;
	uint32_t value;
	const char *text;
};

static const struct plant posted[] = {
	{ 0, false, 0, 2, 1, "address type 1" },
	{ 0, false, 0, 32, 0x20, "not one aligned record" },
	{ 0, false, 0, 32, 0xfe0, "cross a page" },
	{ 0, false, 32, 32, 0x9999, "where the card may not write" },
	{ 0, false, 64, 11, 15, "15 dwords in the descriptor, 16 in the packet" },
	{ 0, false, 75, 4, 0, "type 0" },
	{ 0, false, 79, 1, 1, "poisoned 1" },
	{ 0, false, 120, 1, 1, "requester enable 1" },
	{ 0, false, 121, 3, 1, "class 1" },
	{ 0, false, 124, 3, 1, "attributes 1" },  /* no snoop */
	{ 0, false, 124, 3, 2, "attributes 2" },  /* relaxed ordering */
	{ 0, false, 124, 3, 4, "attributes 4" },  /* id-based ordering */
	{ 0, false, 127, 1, 1, "ecrc 1" },
	{ 0, true, 0, 4, 0xe, "byte enables 0e and 0f" },
	{ 0, true, 8, 4, 0x7, "byte enables 0f and 07" },
	{ 0, true, 4, 4, 1, "byte enables 1f" },
	{ 0, true, 16, 4, 1, "address offset 1" },
	{ 0, true, 37, 2, 1, "hints 1" },
	{ 0, true, 20, 2, 0, "is_sop 0" },
	{ 0, true, 20, 2, 3, "is_sop 3" },
	{ 0, true, 22, 2, 1, "is_sop 1 at 1" },
	{ 0, true, 26, 2, 1, "is_eop 1" },
	{ 0, true, 36, 1, 1, "discontinue" },
	{ 1, true, 20, 2, 1, "is_sop 1 at 0 in a beat that goes on" },
	{ 1, true, 26, 2, 0, "is_eop 0" },
	{ 1, true, 28, 4, 2, "is_eop 1 at dword 2" },
	{ 1, true, 36, 1, 1, "discontinue" },
};

START_TEST(a_field_of_a_record_is_wrong)
{
	const struct plant *p = &posted[_i];
	struct fb_card_beat *beat = fake_record(HOST_BUS, FB_REC_LEVEL, 1);
	beat = p->beat ? second(beat) : beat;
	fake_set(p->user ? beat->user : beat->data, p->at, p->width, p->value);
	kit_out();
	fb_root_step(root, 2);
	expect(p->text);
	ck_assert_uint_eq(host_writes, p->at == 32 && !p->user); /* asked, refused */
}
END_TEST

START_TEST(a_good_record_breaks_nothing)
{
	fake_record(HOST_BUS, FB_REC_LEVEL, 1);
	fake_record(HOST_BUS + HOST_BYTES - 64, FB_REC_STATUS, 1);
	kit_out();
	ck_assert_int_eq(fb_root_step(root, 10), 0);
	ck_assert_str_eq(fb_root_why(root), "");
	ck_assert_uint_eq(host_writes, 2);
}
END_TEST

START_TEST(tkeep_has_a_hole)
{
	fake_record(HOST_BUS, FB_REC_LEVEL, 1)->keep = 0xfffe;
	kit_out();
	expect("has holes");
}
END_TEST

START_TEST(tkeep_is_short_before_the_end)
{
	fake_record(HOST_BUS, FB_REC_LEVEL, 1)->keep = 0x7fff;
	kit_out();
	expect("before the last beat");
}
END_TEST

START_TEST(a_packet_ends_in_its_descriptor)
{
	struct fb_card_beat *beat = fake_record(HOST_BUS, FB_REC_LEVEL, 1);
	beat->keep = 7;
	beat->last = 1;
	kit_out();
	expect("less than its descriptor");
}
END_TEST

START_TEST(a_packet_does_not_end)
{
	struct fb_card_beat *beat = fake_record(HOST_BUS, FB_REC_LEVEL, 1);
	for (unsigned i = 1; i < 6; i++) {
		beat[i] = beat[0];
		fake_set(beat[i].user, 20, 2, 0);
	}
	fake.rq.n = 6;
	kit_out();
	expect("more than 68 dwords");
}
END_TEST

START_TEST(valid_falls_in_a_packet)
{
	fake_record(HOST_BUS, FB_REC_LEVEL, 1);
	ck_assert_int_eq(fb_root_step(root, 1), 0);
	fake.rq.mute = true;
	fb_root_step(root, 1);
	expect("RQ: tvalid fell in the middle");
}
END_TEST

START_TEST(a_write_of_another_length)
{
	uint32_t words[32] = { 0 };
	fake_write(HOST_BUS, words, 32);
	kit_out();
	expect("not one aligned record");
}
END_TEST

START_TEST(a_dword_that_is_no_interrupt)
{
	uint32_t word = 1;
	fake_write(HOST_BUS, &word, 1);
	kit_out();
	expect("the vector is");
}
END_TEST

static void set_vector(uint32_t data, uint32_t mask)
{
	const uint32_t entry[4] = { 0xfee01000, 0, data, mask };
	ck_assert_int_eq(fb_root_write(root, 0, FB_MSIX_TABLE, entry, sizeof(entry)), 0);
	ck_assert_int_eq(fb_root_drain(root, 100), 0);
}

START_TEST(an_interrupt_as_the_table_says)
{
	uint32_t word = 0x4021;
	set_vector(word, 0);
	fb_root_msix(root, true, false);
	fb_root_step(root, 100);
	fake_write(0xfee01000, &word, 1);
	kit_out();
	ck_assert_int_eq(fb_root_step(root, 2), 0);
	ck_assert_uint_eq(host_last, 0xfee01000);
	word = 0x4022;
	fake_write(0xfee01000, &word, 1);
	kit_out();
	expect("the vector is 00004021");
}
END_TEST

START_TEST(an_interrupt_that_is_off)
{
	uint32_t word = 0x4021;
	set_vector(word, _i == 2);
	fb_root_msix(root, _i != 0, _i == 1);
	ck_assert_int_eq(fb_root_step(root, 100), 0);
	fake_write(0xfee01000, &word, 1);
	kit_out();
	expect("masked or not enabled");
}
END_TEST

/* ---- permission ---- */

START_TEST(a_packet_without_bus_mastering)
{
	ck_assert_int_eq(fb_root_step(root, 1), 0);
	fb_root_bus_master(root, false);
	fake_record(HOST_BUS, FB_REC_LEVEL, 1);
	fake_record(HOST_BUS, FB_REC_LEVEL, 2);
	ck_assert_int_eq(fb_root_step(root, 2), 0); /* begun in the cycle itself: let go */
	fb_root_step(root, 1);
	expect("without bus mastering");
}
END_TEST

START_TEST(a_packet_after_bus_mastering_before_a_session)
{
	fb_root_bus_master(root, false);
	ck_assert_int_eq(fb_root_step(root, 10), 0);
	fb_root_bus_master(root, true);
	ck_assert_int_eq(fb_root_step(root, 10), 0);
	fake_record(HOST_BUS, FB_REC_LEVEL, 1);
	kit_out();
	expect("after bus mastering was off");
}
END_TEST

START_TEST(a_session_gives_leave_again)
{
	uint32_t nonce = 77;
	if (_i) {
		ck_assert_int_eq(fb_root_flr(root), 0);
	} else {
		fb_root_bus_master(root, false);
		ck_assert_int_eq(fb_root_step(root, 10), 0);
		fb_root_bus_master(root, true);
		ck_assert_int_eq(fb_root_step(root, 2), 0);
	}
	ck_assert_int_eq(fb_root_write(root, 0, FB_REG_SESSION, &nonce, 4), 0);
	ck_assert_int_eq(fb_root_drain(root, 10), 0);
	fake_record(HOST_BUS, FB_REC_LEVEL, 1);
	kit_out();
	ck_assert_int_eq(fb_root_step(root, 1), 0);
	ck_assert_uint_eq(host_writes, 1);
}
END_TEST

START_TEST(a_packet_after_a_reset_of_the_function)
{
	ck_assert_int_eq(fb_root_flr(root), 0);
	fake_record(HOST_BUS, FB_REC_LEVEL, 1);
	kit_out();
	expect("or a reset");
}
END_TEST

START_TEST(a_reset_of_the_function_that_never_ends)
{
	fake.flr_never = true;
	ck_assert_int_eq(fb_root_flr(root), -EPROTO);
	expect("is not done");
}
END_TEST

START_TEST(a_reset_of_the_function_that_ends_too_early)
{
	const struct fb_root_faults slow = { .stall = 99 };
	kit_close();
	kit_open(&slow);
	fake_record(HOST_BUS, FB_REC_LEVEL, 1);
	ck_assert_int_eq(fb_root_step(root, 1), 0);
	ck_assert_int_eq(fb_root_flr(root), -EPROTO); /* the fake takes 20 cycles, come what may */
	expect("cfg_flr_done in the middle of a packet");
}
END_TEST

START_TEST(the_packet_under_way_ends)
{
	fake_record(HOST_BUS, FB_REC_LEVEL, 1);
	ck_assert_int_eq(fb_root_step(root, 1), 0);
	fb_root_bus_master(root, false);
	ck_assert_int_eq(fb_root_step(root, 10), 0);
	ck_assert_uint_eq(host_writes, 1);
}
END_TEST

/* ---- CQ and the side signals ---- */

START_TEST(cq_is_not_ready)
{
	fake.refuse_cq = true;
	fb_root_write(root, 0, 0, "abcd", 4);
	fb_root_step(root, 1);
	expect("CQ: a beat was not taken");
}
END_TEST

START_TEST(cfg_fc_shows_something_else)
{
	fake.select = 0;
	fb_root_step(root, 1);
	expect("cfg_fc_sel is 0");
}
END_TEST

START_TEST(np_req_has_no_such_value)
{
	fake.np_bits = 3;
	fb_root_step(root, 1);
	expect("pcie_cq_np_req is 3");
}
END_TEST

/* ---- completions: a good one of two packets, its first one changed ---- */

static const struct plant completion[] = {
	{ 0, false, 0, 7, 0x44, "expected 200 bytes from 40, found 200 from 44" },
	{ 0, false, 8, 2, 1, "address type 1" },
	{ 0, false, 16, 13, 64, "expected 200 bytes from 40, found 64" },
	{ 0, false, 29, 1, 1, "locked 1" },
	{ 0, false, 32, 11, 15, "15 dwords in the descriptor, 16 in the packet" },
	{ 0, false, 43, 3, 1, "status 1" },
	{ 0, false, 43, 3, 4, "status 4" },
	{ 0, false, 46, 1, 1, "poisoned 1" },
	{ 0, false, 48, 16, 0x19, "requester 0019" },
	{ 0, false, 88, 1, 1, "completer enable 1" },
	{ 0, false, 95, 1, 1, "ecrc 1" },
	{ 0, true, 0, 2, 0, "is_sop 0" },
	{ 0, true, 16, 1, 1, "discontinue" },
	{ 1, true, 6, 2, 0, "is_eop 0" },
	{ 1, true, 8, 4, 5, "at dword 5" },
};

static struct fb_card_beat *two_completions(void)
{
	/* 64 bytes up to the boundary, 128, and 8 */
	int tag = fb_root_read_begin(root, 0, 0x1040, 200);
	ck_assert_int_ge(tag, 0);
	fake.cc.mute = true;
	ck_assert_int_eq(fb_root_step(root, 10), 0);
	fake.cc.mute = false;
	ck_assert_uint_eq(fake.cc.n, 2 + 3 + 1);
	return &fake.cc.beat[fake.cc.first];
}

START_TEST(a_field_of_a_completion_is_wrong)
{
	const struct plant *p = &completion[_i];
	struct fb_card_beat *beat = two_completions() + p->beat;
	fake_set(p->user ? beat->user : beat->data, p->at, p->width, p->value);
	kit_out();
	expect(p->text);
}
END_TEST

START_TEST(a_completion_gives_back_what_it_was_asked)
{
	struct fb_card_beat *beat = two_completions();
	unsigned at = (unsigned[]){ 89, 92 }[_i];       /* class, attributes */
	fake_set(beat->data, at, 3, fake_get(beat->data, at, 3) ^ 1);
	kit_out();
	expect("the request of tag");
}
END_TEST

START_TEST(a_completion_for_nothing)
{
	struct fb_card_beat *beat = two_completions();
	fake_set(beat->data, 64, 8, fake_get(beat->data, 64, 8) ^ (_i ? 1 : 0x80));
	kit_out();
	expect("which nothing waits for");
}
END_TEST

START_TEST(completions_in_the_wrong_order)
{
	struct fb_card_beat *beat = two_completions();
	memmove(beat, beat + 2, 4 * sizeof(*beat));
	fake.cc.n = 4;
	kit_out();
	expect("expected 200 bytes from 40, found 136 from 00");
}
END_TEST

START_TEST(a_completion_too_many)
{
	struct fb_card_beat *beat = two_completions();
	beat[6] = beat[5];
	fake.cc.n = 7;
	kit_out();
	expect("which nothing waits for");
}
END_TEST

START_TEST(a_completion_cut_where_it_must_not_be)
{
	two_completions();
	fake.cc.n = fake.cc.first = 0;
	/* the request still stands in the fake */
	fake_completion(0x1040, 200, fake.bar0, 8, 0);
	kit_out();
	expect("a read is cut at 60");
}
END_TEST

START_TEST(a_completion_longer_than_what_is_left)
{
	uint8_t bytes[8];
	int tag = fb_root_read_begin(root, 0, 0x1040, 8);
	fake.no_answer = true;
	ck_assert_int_eq(fb_root_step(root, 4), 0);
	fake_completion(0x1040, 8, fake.bar0, 3, 0);
	ck_assert_int_eq(fb_root_read_end(root, tag, bytes, 8), -EPROTO);
	ck_assert_uint_eq(bytes[7], 0xff);
	expect("3 dwords where 8 bytes are left");
}
END_TEST

START_TEST(an_answer_after_its_time)
{
	fake.cc.mute = true;
	ck_assert_int_eq(fb_root_odd_request(root, 2, 0, 0), -ETIMEDOUT);
	fake.cc.mute = false;
	fb_root_step(root, 1);
	expect("which nothing waits for");
}
END_TEST

START_TEST(a_request_that_is_not_served_is_answered_wrongly)
{
	static const uint32_t field[][3] = {
		{ 43, 3, 0 }, { 43, 3, 4 }, { 16, 13, 8 }, { 32, 11, 1 },
	};
	fake.plant_at = field[_i][0];
	fake.plant_width = field[_i][1];
	fake.plant_value = field[_i][2];
	ck_assert_int_eq(fb_root_odd_request(root, 2, 0, 0), -EPROTO);
	expect("expected an unsupported request");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("root rules");
	TCase *c = tcase_create("rules");
	tcase_add_checked_fixture(c, open_perfect, kit_close);
	tcase_add_loop_test(c, a_field_of_a_record_is_wrong, 0,
			    (int)(sizeof(posted) / sizeof(posted[0])));
	tcase_add_test(c, a_good_record_breaks_nothing);
	tcase_add_test(c, tkeep_has_a_hole);
	tcase_add_test(c, tkeep_is_short_before_the_end);
	tcase_add_test(c, a_packet_ends_in_its_descriptor);
	tcase_add_test(c, a_packet_does_not_end);
	tcase_add_test(c, valid_falls_in_a_packet);
	tcase_add_test(c, a_write_of_another_length);
	tcase_add_test(c, a_dword_that_is_no_interrupt);
	tcase_add_test(c, an_interrupt_as_the_table_says);
	tcase_add_loop_test(c, an_interrupt_that_is_off, 0, 3);
	tcase_add_test(c, a_packet_without_bus_mastering);
	tcase_add_test(c, a_packet_after_bus_mastering_before_a_session);
	tcase_add_loop_test(c, a_session_gives_leave_again, 0, 2);
	tcase_add_test(c, a_packet_after_a_reset_of_the_function);
	tcase_add_test(c, a_reset_of_the_function_that_never_ends);
	tcase_add_test(c, a_reset_of_the_function_that_ends_too_early);
	tcase_add_test(c, the_packet_under_way_ends);
	tcase_add_test(c, cq_is_not_ready);
	tcase_add_test(c, cfg_fc_shows_something_else);
	tcase_add_test(c, np_req_has_no_such_value);
	tcase_add_loop_test(c, a_field_of_a_completion_is_wrong, 0,
			    (int)(sizeof(completion) / sizeof(completion[0])));
	tcase_add_loop_test(c, a_completion_gives_back_what_it_was_asked, 0, 2);
	tcase_add_loop_test(c, a_completion_for_nothing, 0, 2);
	tcase_add_test(c, completions_in_the_wrong_order);
	tcase_add_test(c, a_completion_too_many);
	tcase_add_test(c, a_completion_cut_where_it_must_not_be);
	tcase_add_test(c, a_completion_longer_than_what_is_left);
	tcase_add_test(c, an_answer_after_its_time);
	tcase_add_loop_test(c, a_request_that_is_not_served_is_answered_wrongly, 0, 4);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	SRunner *runner = srunner_create(suite());
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
