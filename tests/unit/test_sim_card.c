/* The Verilated card behind the simulated link, seen from the bus: registers, and requests it does
 * not serve; on perfect links and on bad ones. */
#include <stdio.h>
#include <stdlib.h>

#include "../../sw/lib/mix.h"
#include "card_kit.h"

static const uint32_t lanes[] = { 2, 8 };
static const char *const links[] = { "", ",seed=5,stall=70,cq_pause=40,starve=30,credits=6" };
#define CARDS ((int)(sizeof(lanes) / sizeof(lanes[0])))
#define LINKS ((int)(sizeof(links) / sizeof(links[0])))

static struct card_kit kit;

static void open_card(uint32_t n, const char *more)
{
	char args[200];
	snprintf(args, sizeof(args), "lanes=%u%s", n, more);
	card_open(&kit, NULL, args);
}

static void steps(uint64_t n)
{
	ck_assert_msg(fb_root_step(kit.root, n) == 0, "%s", fb_root_why(kit.root));
}

static void drained(void)
{
	ck_assert_msg(fb_root_drain(kit.root, 100000) == 0, "%s", fb_root_why(kit.root));
	steps(8);
}

START_TEST(identity)
{
	struct fb_core_geometry geometry;
	open_card(lanes[_i], "");
	fb_root_geometry(kit.root, &geometry);
	ck_assert_uint_eq(card_read64(&kit, FB_REG_MAGIC), FB_MAGIC);
	ck_assert_uint_eq(card_read(&kit, FB_REG_VERSION), FB_CONTRACT_VERSION);
	ck_assert_uint_eq(card_read(&kit, FB_REG_LAYOUT_HASH), FB_LAYOUT_HASH);
	ck_assert_uint_eq(card_read(&kit, FB_REG_LANES), lanes[_i]);
	ck_assert_uint_eq(card_read(&kit, FB_REG_GROUP), geometry.group);
	ck_assert_uint_eq(card_read(&kit, FB_REG_ROWS_PER_LANE), geometry.rows);
	ck_assert_uint_eq(card_read(&kit, FB_REG_ACCOUNTS_PER_LANE), geometry.accounts);
	ck_assert_uint_eq(card_read(&kit, FB_REG_SLOTS), FB_WINDOW_SLOTS);
	ck_assert_uint_eq(card_read(&kit, FB_REG_STATE), FB_CARD_CLOSED);
	ck_assert_uint_eq(card_read(&kit, FB_REG_GAP_CYCLES), 16384);
	ck_assert_uint_eq(card_read(&kit, FB_REG_STATUS_CYCLES), 65536);
	card_close(&kit);
}
END_TEST

/* A register's bits that keep what is written. */
static const struct { uint32_t offset; uint32_t mask; } plain[] = {
	{ FB_REG_RING_BASE, 0xfffff000 }, { FB_REG_RING_BASE + 4, 0x7fffffff },
	{ FB_REG_STATUS_BASE, 0xffffffc0 }, { FB_REG_STATUS_BASE + 4, 0x7fffffff },
	{ FB_REG_CONSUMED, 0x7fffffff }, { FB_REG_FIRST_SEQ, 0x7fffffff },
	{ FB_REG_FIRST_SEQ + 4, 0x7fffffff }, { FB_REG_KILL, 1 },
	{ FB_MSIX_TABLE, 0x7ffffffc }, { FB_MSIX_TABLE + 8, 0x7fffffff },
};
#define PLAIN (sizeof(plain) / sizeof(plain[0]))

START_TEST(registers_keep_what_is_written)
{
	uint32_t shadow[PLAIN];
	open_card(2, links[_i]);
	for (unsigned i = 0; i < PLAIN; i++)
		shadow[i] = card_read(&kit, plain[i].offset) & plain[i].mask;
	for (unsigned i = 0; i < 400; i++) {
		uint64_t random = fb_mix(i);
		unsigned k = fb_mix_below(random, PLAIN), len = 1 + fb_mix_below(fb_mix(random), 4);
		unsigned from = fb_mix_below(fb_mix(random + 1), 5 - len);
		uint32_t value = (uint32_t)random & plain[k].mask;
		memcpy((uint8_t *)&shadow[k] + from, (uint8_t *)&value + from, len);
		ck_assert_int_eq(fb_root_write(kit.root, 0, plain[k].offset + from,
					       (uint8_t *)&value + from, len), 0);
		if (i % 16)
			continue;
		for (unsigned j = 0; j < PLAIN; j++)
			ck_assert_msg((card_read(&kit, plain[j].offset) & plain[j].mask) ==
					      shadow[j],
				      "%03x after %u writes: expected %08x, found %08x",
				      plain[j].offset, i + 1, shadow[j],
				      card_read(&kit, plain[j].offset));
	}
	card_close(&kit);
}
END_TEST

START_TEST(no_register_reads_as_all_ones)
{
	static uint32_t ones[1024];
	memset(ones, 0xff, sizeof(ones));
	open_card(2, "");
	for (uint32_t at = 0; at < 0x400; at += 256)
		ck_assert_int_eq(fb_root_write(kit.root, 0, at, ones, 256), 0);
	drained();
	for (uint32_t at = 0; at < 0x400; at += 4)
		if (at != FB_REG_CONSUMED && (at & ~4u) != FB_REG_FIRST_SEQ &&
		    (at & ~4u) != FB_REG_RING_BASE && (at & ~4u) != FB_REG_STATUS_BASE)
			ck_assert_msg(card_read(&kit, at) != UINT32_MAX, "%03x", at);
	ck_assert_uint_eq(card_read64(&kit, FB_REG_MAGIC), FB_MAGIC);
	ck_assert_uint_eq(card_read(&kit, FB_REG_SESSION), 0);
	card_close(&kit);
}
END_TEST

START_TEST(what_is_not_served_is_answered_and_counted)
{
	unsigned before;
	open_card(2, links[_i]);
	before = card_read(&kit, FB_REG_UNSUPPORTED);
	for (unsigned round = 0; round < 20; round++)
		for (unsigned type = 2; type <= 14; type += type == 7 ? 5 : 1) {
			int rc = fb_root_odd_request(kit.root, type, round % 2 ? 2 : 0, 64);
			ck_assert_msg(rc == (type < 8), "type %u: %d, %s", type, rc,
				      fb_root_why(kit.root));
		}
	drained();
	ck_assert_uint_eq(card_read(&kit, FB_REG_UNSUPPORTED), before + 20 * 9);
	card_close(&kit);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("simulated card");
	TCase *c = tcase_create("card");
	tcase_set_timeout(c, 100);
	tcase_add_loop_test(c, identity, 0, CARDS);
	tcase_add_loop_test(c, registers_keep_what_is_written, 0, LINKS);
	tcase_add_test(c, no_register_reads_as_all_ones);
	tcase_add_loop_test(c, what_is_not_served_is_answered_and_counted, 0, LINKS);
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
