/* Each knob of the simulated link: that it strikes, how often it says it did, and what the side
 * that it strikes sees. */
#include <stdlib.h>

#include "../../sim/root_knobs.h"
#include "../../sw/lib/mix.h"
#include "root_kit.h"

#define STORES 2000

static uint8_t expected[FAKE_BAR2_BYTES];

/* Stores that fill the window line by line, with something else each time. */
static void fill_window(void)
{
	uint8_t line[64];
	for (unsigned i = 0; i < STORES; i++) {
		for (unsigned b = 0; b < 64; b++)
			line[b] = (uint8_t)fb_mix(64 * i + b);
		memcpy(expected + 64 * (i % 256), line, 64);
		ck_assert_int_eq(fb_root_write(root, 2, 64 * (i % 256), line, 64), 0);
		if (i % 512 == 511)
			ck_assert_int_eq(fb_root_drain(root, 100000), 0);
	}
	ck_assert_int_eq(fb_root_drain(root, 100000), 0);
}

static void open_with(struct fb_root_faults faults)
{
	faults.seed = 7;
	kit_open(&faults);
}

/* n of total is about percent. */
#define ABOUT(n, total, percent)                                              \
	do {                                                                  \
		ck_assert_uint_ge(100 * (n), (total) * ((percent) * 8 / 10)); \
		ck_assert_uint_le(100 * (n), (total) * ((percent) * 12 / 10)); \
	} while (0)

START_TEST(nothing_strikes_when_all_are_off)
{
	struct fb_root_counts none, counts;
	open_with((struct fb_root_faults){ 0 });
	fill_window();
	fake_record(HOST_BUS, FB_REC_LEVEL, 1);
	kit_out();
	counts = kit_counts();
	ck_assert_uint_eq(counts.writes, STORES);
	ck_assert_uint_eq(counts.card_writes, 1);
	none = counts;
	memset(&none.split, 0, sizeof(none) - offsetof(struct fb_root_counts, split));
	ck_assert_mem_eq(&counts, &none, sizeof(none));
	kit_close();
}
END_TEST

START_TEST(split)
{
	open_with((struct fb_root_faults){ .split = 50 });
	fill_window();
	ck_assert_uint_ge(kit_counts().split, STORES / 2);
	ck_assert_uint_eq(kit_counts().writes, STORES + kit_counts().split);
	ck_assert_mem_eq(fake.bar2, expected, sizeof(expected));
	kit_close();
}
END_TEST

START_TEST(merge)
{
	open_with((struct fb_root_faults){ .merge = 60, .split = 30 });
	fill_window();
	ck_assert_uint_ge(kit_counts().merge, STORES / 4);
	ck_assert_uint_eq(kit_counts().writes + kit_counts().merge, STORES + kit_counts().split);
	ck_assert_mem_eq(fake.bar2, expected, sizeof(expected));
	kit_close();
}
END_TEST

START_TEST(merge_makes_packets_of_up_to_256_bytes)
{
	uint8_t line[64] = { 1 };
	uint32_t longest = 0;
	open_with((struct fb_root_faults){ .merge = 100 });
	for (unsigned i = 0; i < 8; i++)
		ck_assert_int_eq(fb_root_write(root, 2, 64 * i, line, 64), 0);
	for (unsigned i = 0; i < 20; i++) {
		ck_assert_int_eq(fb_root_step(root, 1), 0);
		longest = fake.last_len > longest ? fake.last_len : longest;
	}
	ck_assert_uint_eq(longest, 64);
	kit_close();
}
END_TEST

/* Lines with numbers; the fake notes where each packet went. */
START_TEST(reorder)
{
	uint8_t line[64] = { 0 };
	unsigned back = 0, far = 0;
	open_with((struct fb_root_faults){ .reorder = 50 });
	for (unsigned i = 0; i < 200; i++)
		ck_assert_int_eq(fb_root_write(root, 2, 64 * i, line, 64), 0);
	uint64_t highest = 0;
	for (unsigned packets = fake.packets; fake.packets < packets + 200;) {
		ck_assert_int_eq(fb_root_step(root, 1), 0);
		uint64_t at = fake.last_address;
		back += at < highest;
		far += at + 64 * 17 < highest;
		highest = at > highest ? at : highest;
	}
	ck_assert_uint_ge(kit_counts().reorder, 50);
	ck_assert_uint_gt(back, 50);
	/* A write may be overtaken again and again, but by a bounded run at a time. */
	ck_assert_uint_lt(far, back);
	kit_close();
}
END_TEST

START_TEST(reorder_leaves_registers_and_equal_bytes_alone)
{
	open_with((struct fb_root_faults){ .reorder = 90 });
	for (uint32_t i = 1; i < 500; i++) {
		ck_assert_int_eq(fb_root_write(root, 2, 64, &i, 4), 0);
		ck_assert_int_eq(fb_root_write(root, 2, 128 + 4 * (i % 100), &i, 4), 0);
		ck_assert_int_eq(fb_root_write(root, 0, 0x100, &i, 4), 0);
		ck_assert_int_eq(fb_root_write(root, 0, 0x104, &i, 4), 0);
		if (i % 100 == 0)
			ck_assert_int_eq(fb_root_drain(root, 1000), 0);
		uint32_t first, other;
		memcpy(&first, fake.bar0 + 0x100, 4);
		memcpy(&other, fake.bar0 + 0x104, 4);
		ck_assert(first == other || first == other + 1);
	}
	ck_assert_int_eq(fb_root_drain(root, 1000), 0);
	uint32_t last;
	memcpy(&last, fake.bar2 + 64, 4);
	ck_assert_uint_eq(last, 499);
	kit_close();
}
END_TEST

START_TEST(reorder_passes_no_register)
{
	/* A store to the window never comes before that to a register which it follows. */
	open_with((struct fb_root_faults){ .reorder = 100 });
	for (uint32_t i = 1; i < 300; i++) {
		ck_assert_int_eq(fb_root_write(root, 0, 0x100, &i, 4), 0);
		ck_assert_int_eq(fb_root_write(root, 2, 64 * (i % 256), &i, 4), 0);
		while (fb_root_drain(root, 1) == -ETIMEDOUT) {
			uint32_t ahead, behind;
			memcpy(&ahead, fake.bar0 + 0x100, 4);
			memcpy(&behind, fake.bar2 + 64 * (i % 256), 4);
			ck_assert(behind != i || ahead == i);
		}
	}
	kit_close();
}
END_TEST

START_TEST(repeat)
{
	open_with((struct fb_root_faults){ .repeat = 20 });
	fill_window();
	ABOUT(kit_counts().repeat, STORES, 20);
	ck_assert_uint_eq(kit_counts().writes, STORES + kit_counts().repeat);
	kit_close();
}
END_TEST

START_TEST(lose)
{
	uint32_t value = 9;
	open_with((struct fb_root_faults){ .lose = 20 });
	fill_window();
	ABOUT(kit_counts().lose, STORES, 20);
	ck_assert_uint_eq(kit_counts().writes, STORES - kit_counts().lose);
	for (unsigned i = 0; i < 100; i++)
		ck_assert_int_eq(fb_root_write(root, 0, 0x1000 + 4 * i, &value, 4), 0);
	ck_assert_int_eq(fb_root_drain(root, 1000), 0);
	for (unsigned i = 0; i < 100; i++)
		ck_assert_uint_eq(fake.bar0[0x1000 + 4 * i], 9); /* never to BAR0 */
	kit_close();
}
END_TEST

START_TEST(flip)
{
	unsigned bits = 0;
	uint8_t zero[64] = { 0 };
	open_with((struct fb_root_faults){ .flip = 30 });
	for (unsigned i = 0; i < 256; i++)
		ck_assert_int_eq(fb_root_write(root, 2, 64 * i, zero, 64), 0);
	ck_assert_int_eq(fb_root_drain(root, 1000), 0);
	for (unsigned i = 0; i < sizeof(fake.bar2); i++)
		bits += (unsigned)__builtin_popcount(fake.bar2[i]);
	ABOUT(kit_counts().flip, 256u, 30u);
	ck_assert_uint_eq(bits, kit_counts().flip);
	kit_close();
}
END_TEST

START_TEST(cq_pause)
{
	open_with((struct fb_root_faults){ .cq_pause = 75 });
	fill_window();
	uint64_t busy = fb_root_cycles(root) - 8;
	ABOUT(kit_counts().cq_pause, busy, 75);
	ck_assert_uint_ge(busy, 4 * 2 * STORES * 8 / 10);
	ck_assert_mem_eq(fake.bar2, expected, sizeof(expected));
	kit_close();
}
END_TEST

START_TEST(stall)
{
	uint8_t bytes[256];
	open_with((struct fb_root_faults){ .stall = 50 });
	for (unsigned i = 0; i < 500; i++)
		fake_record(HOST_BUS + 64 * i, FB_REC_LEVEL, i);
	kit_out();
	ck_assert_uint_ge(fb_root_cycles(root), 2 * 2 * 500 * 8 / 10);
	ABOUT(kit_counts().stall, 2 * fb_root_cycles(root), 50);
	ck_assert_int_eq(fb_root_read(root, 0, 0x1000, bytes, 256), 0);
	ck_assert_str_eq(fb_root_why(root), "");
	ck_assert_uint_eq(host_writes, 500);
	kit_close();
}
END_TEST

/* What stalls bring to light: a beat must stay as it is until it is taken. */
START_TEST(a_beat_that_is_withdrawn)
{
	open_with((struct fb_root_faults){ .stall = 90 });
	fake.withdraw = true;
	for (unsigned i = 0; i < 20; i++)
		fake_record(HOST_BUS, FB_REC_LEVEL, i);
	for (unsigned i = 0; i < 1000 && !*fb_root_why(root); i++)
		fb_root_step(root, 1);
	ck_assert_ptr_nonnull(strstr(fb_root_why(root), "withdrawn"));
	kit_close();
}
END_TEST

START_TEST(a_beat_that_changes)
{
	open_with((struct fb_root_faults){ .stall = 90 });
	for (unsigned i = 0; i < 20; i++)
		fake_record(HOST_BUS, FB_REC_LEVEL, i);
	for (unsigned i = 0; i < 1000 && !*fb_root_why(root); i++) {
		fb_root_step(root, 1);
		fake.rq.beat[fake.rq.first].data[7]++;
	}
	ck_assert_ptr_nonnull(strstr(fb_root_why(root), "changed before it was taken"));
	kit_close();
}
END_TEST

static void out_of_credit(const char *text)
{
	for (unsigned i = 0; i < 1000; i++)
		fake_record(HOST_BUS, FB_REC_LEVEL, i);
	kit_out();
	ck_assert_msg(strstr(fb_root_why(root), text) != NULL, "%s", fb_root_why(root));
}

/* Both, headers or data: what is scarce goes with the seed. */
static void open_scarce(uint32_t most, uint64_t seed)
{
	struct fb_root_faults faults = { .seed = seed, .credits = most };
	kit_open(&faults);
}

START_TEST(credits)
{
	unsigned headers = _i == 2 ? 255 : 6, data = _i == 1 ? 1020 : 24;
	open_scarce(6, (uint64_t)_i);
	ck_assert_uint_eq(fake.headers, headers);
	ck_assert_uint_eq(fake.data, data);
	for (unsigned i = 0; i < 5; i++)
		fake_record(HOST_BUS, FB_REC_LEVEL, i);
	kit_out();
	ck_assert_int_eq(fb_root_step(root, 8), 0);
	ck_assert_uint_lt(fake.headers, headers);
	ck_assert_uint_lt(fake.data, data);
	ck_assert_int_eq(fb_root_step(root, 40), 0);
	ck_assert_uint_eq(fake.headers, headers); /* they come back */
	ck_assert_uint_eq(fake.data, data);
	out_of_credit(_i == 0   ? "with 0 headers and 0 data left"
		      : _i == 1 ? "with 0 headers and 996 data left"
				: "with 249 headers and 0 data left");
	ck_assert_uint_gt(kit_counts().posted_waits, 0);
	kit_close();
}
END_TEST

START_TEST(credits_shown_late_are_counted_at_once)
{
	/* After 255 packets in a row some have come back, but never more than went. */
	open_scarce(255, 0);
	for (unsigned i = 0; i < 255; i++)
		fake_record(HOST_BUS, FB_REC_LEVEL, i);
	kit_out();
	ck_assert_str_eq(fb_root_why(root), "");
	ck_assert_int_eq(fb_root_step(root, 40), 0);
	ck_assert_uint_eq(fake.headers, 255);
	ck_assert_uint_eq(fake.data, 1020);
	kit_close();
}
END_TEST

START_TEST(the_reserve_is_for_records)
{
	open_scarce(5, (uint64_t)_i);
	fake_record(HOST_BUS, FB_REC_STATUS, 1);
	kit_out();
	ck_assert_int_eq(fb_root_step(root, 14), 0);
	ck_assert_uint_eq(fake.headers, _i == 2 ? 254 : 4);
	ck_assert_uint_eq(fake.data, _i == 1 ? 1016 : 16);
	fake_record(HOST_BUS, FB_REC_LEVEL, 1); /* may */
	kit_out();
	ck_assert_str_eq(fb_root_why(root), "");
	for (unsigned i = 0; i < 3; i++) {
		fake_record(HOST_BUS, FB_REC_LEVEL, i);
		kit_out();
		ck_assert_int_eq(fb_root_step(root, 5), 0);
	}
	fake_record(HOST_BUS, FB_REC_STATUS, 2);
	kit_out();
	ck_assert_ptr_nonnull(strstr(fb_root_why(root), "that are for no record"));
	kit_close();
}
END_TEST

START_TEST(starve)
{
	unsigned without = 0;
	open_with((struct fb_root_faults){ .starve = 40 });
	for (unsigned i = 0; i < 20000; i++) {
		ck_assert_int_eq(fb_root_step(root, 1), 0);
		without += fake.headers == 0 && fake.data == 0;
	}
	ABOUT(without, 20000u, 40u);
	ck_assert_uint_le(kit_counts().starve - without, 8);
	out_of_credit("cfg_fc shows 0 and 0");
	kit_close();
}
END_TEST

START_TEST(delay)
{
	unsigned seen = 0, late = 0;
	open_with((struct fb_root_faults){ .delay_cycles = 300 });
	for (unsigned i = 0; i < 500; i++)
		fake_record(HOST_BUS + 64 * i, FB_REC_LEVEL, i + 1);
	for (unsigned i = 0; i < 5000 && host_writes < 500; i++) {
		unsigned before = host_writes;
		ck_assert_int_eq(fb_root_step(root, 1), 0);
		ck_assert_uint_ge(kit_counts().card_writes, host_writes);
		late += kit_counts().card_writes > host_writes + 5;
		if (host_writes > before)
			ck_assert_uint_eq(host_last, HOST_BUS + 64 * (host_writes - 1));
		seen += host_writes > before;
	}
	ck_assert_uint_eq(host_writes, 500);
	ck_assert_uint_gt(late, 500);
	ck_assert_uint_gt(seen, 10);
	ck_assert_uint_gt(kit_counts().delay, 500 * 50);
	kit_close();
}
END_TEST

static bool half_there(const uint8_t *line, uint32_t fill)
{
	uint32_t first, last;
	memcpy(&first, line, 4);
	memcpy(&last, line + 60, 4);
	return (first == fill) != (last == fill + 15);
}

START_TEST(torn)
{
	unsigned half = 0, first_half = 0, last_half = 0;
	open_with((struct fb_root_faults){ .torn = 50 });
	for (unsigned i = 0; i < 400; i++)
		fake_record(HOST_BUS + 64 * i, FB_REC_LEVEL, 1 + i);
	for (unsigned i = 0; i < 400 * 70; i++) {
		ck_assert_int_eq(fb_root_step(root, 1), 0);
		uint64_t at = (host_last - HOST_BUS) / 64;
		bool now = half_there(host + 64 * at, 1 + (uint32_t)at);
		half += now;
		first_half += now && host[64 * at + 60] == 0 && host[64 * at + 61] == 0;
		last_half += now && host[64 * at] == 0 && host[64 * at + 1] == 0;
	}
	ABOUT(kit_counts().torn, 400u, 50u);
	ck_assert_uint_gt(half, kit_counts().torn * 10);
	ck_assert_uint_gt(first_half, 0);
	ck_assert_uint_gt(last_half, 0);
	for (uint32_t i = 0; i < 400; i++)
		ck_assert(!half_there(host + 64 * i, 1 + i) && host[64 * i] == (uint8_t)(1 + i));
	kit_close();
}
END_TEST

START_TEST(stale)
{
	unsigned back = 0;
	open_with((struct fb_root_faults){ .stale = 40, .torn = 10 });
	memset(host, 0xee, sizeof(host));
	for (unsigned i = 0; i < 400; i++)
		fake_record(HOST_BUS + 64 * i, FB_REC_LEVEL, 1 + i);
	for (unsigned i = 0, last = 0; i < 400 * 140; i++) {
		ck_assert_int_eq(fb_root_step(root, 1), 0);
		unsigned at = (unsigned)(host_last - HOST_BUS) / 64;
		back += at == last && host[64 * at] == 0xee && host[64 * at + 63] == 0xee;
		last = at;
	}
	ABOUT(kit_counts().stale, 400u, 40u);
	ck_assert_uint_gt(back, kit_counts().stale * 10);
	for (uint32_t i = 0; i < 400; i++)
		ck_assert_uint_eq(host[64 * i], (uint8_t)(1 + i));
	kit_close();
}
END_TEST

START_TEST(drop)
{
	uint64_t value = 3;
	open_with((struct fb_root_faults){ .drop_at = 100 });
	ck_assert_int_eq(fb_root_read(root, 0, 0, &value, 8), 0);
	fake.no_answer = true;
	int tag = fb_root_read_begin(root, 0, 0, 8);
	ck_assert_int_eq(fb_root_read_end(root, tag, &value, 8), -ENODEV);
	ck_assert_uint_eq(value, UINT64_MAX);
	ck_assert_uint_eq(fb_root_cycles(root), 100);
	ck_assert(!fb_root_link_up(root));
	ck_assert_int_eq(fb_root_write(root, 0, 0, &value, 8), -ENODEV);
	ck_assert_int_eq(fb_root_read(root, 0, 0, &value, 8), -ENODEV);
	ck_assert_int_eq(fb_root_flr(root), -ENODEV);
	uint64_t cycles = fake.cycles;
	ck_assert_int_eq(fb_root_step(root, 1000), 0); /* time passes, and nothing else */
	ck_assert_uint_eq(fb_root_cycles(root), 1100);
	ck_assert_uint_eq(fake.cycles, cycles);
	ck_assert_uint_eq(kit_counts().drop, 1);
	kit_close();
}
END_TEST

START_TEST(master_off)
{
	unsigned off = 0;
	open_with((struct fb_root_faults){ .master_off_at = 100 });
	for (unsigned i = 8; i < 5000; i++) {
		ck_assert_int_eq(fb_root_step(root, 1), 0);
		off += !fake.master;
	}
	ck_assert_uint_eq(off, FB_ROOT_MASTER_OFF_CYCLES);
	ck_assert_uint_eq(kit_counts().master_off, 1);
	kit_close();
}
END_TEST

START_TEST(flr)
{
	unsigned during = 0;
	uint32_t value = 1;
	open_with((struct fb_root_faults){ .flr_at = 100 });
	for (unsigned i = 8; i < 1000; i++) {
		if (fake.flr && during++ == 0)
			ck_assert_int_eq(fb_root_write(root, 0, 0x300, &value, 4), 0); /* lost */
		ck_assert_int_eq(fb_root_step(root, 1), 0);
	}
	ck_assert_uint_eq(during, 20);
	ck_assert_uint_eq(kit_counts().flr, 1);
	ck_assert_int_eq(fb_root_read(root, 0, 0x300, &value, 4), 0);
	ck_assert_uint_eq(value, 0);
	kit_close();
}
END_TEST

START_TEST(mute)
{
	open_with((struct fb_root_faults){ .mute_at = 200 });
	for (unsigned i = 0; i < 500; i++)
		fake_record(HOST_BUS + 64 * i, FB_REC_LEVEL, i);
	kit_out();
	ck_assert_str_eq(fb_root_why(root), "");
	ck_assert_uint_eq(host_writes + kit_counts().mute, 500);
	ck_assert_uint_gt(host_writes, 80);
	ck_assert_uint_gt(kit_counts().mute, 350);
	uint32_t value;
	ck_assert_int_eq(fb_root_read(root, 0, 0, &value, 4), 0); /* the link itself lives */
	kit_close();
}
END_TEST

START_TEST(a_seed_says_all)
{
	struct fb_root_counts first, again, other;
	const struct fb_root_faults all = {
		.split = 20, .merge = 20, .reorder = 20, .repeat = 5, .lose = 5, .flip = 5,
		.cq_pause = 20, .stall = 20, .starve = 20, .delay_cycles = 20, .torn = 20,
		.stale = 20,
	};
	struct fb_root_counts *counts[] = { &first, &again, &other };
	for (unsigned i = 0; i < 3; i++) {
		struct fb_root_faults faults = all;
		faults.seed = i < 2 ? 5 : 6;
		kit_open(&faults);
		fill_window();
		*counts[i] = kit_counts();
		kit_close();
	}
	ck_assert_mem_eq(&first, &again, sizeof(first));
	ck_assert_mem_ne(&first, &other, sizeof(first));
}
END_TEST

START_TEST(a_knob_out_of_range)
{
	static const struct fb_root_memory memory = { NULL, host_write, host_read };
	for (const struct fb_root_knob *knob = fb_root_knobs; knob->name; knob++) {
		struct fb_root_faults faults = { 0 };
		struct fb_error error = { "" };
		if (knob->wide)
			continue;
		fb_root_knob_set(&faults, knob, knob->most + 1);
		ck_assert_int_eq(fb_root_open_ops(&fake_ops, NULL, &faults, &memory, &root, &error),
				 -EINVAL);
		ck_assert_ptr_nonnull(strstr(error.text, knob->name));
		fb_root_knob_set(&faults, knob, knob->most);
		ck_assert_int_eq(fb_root_open_ops(&fake_ops, NULL, &faults, &memory, &root, &error),
				 0);
		kit_close();
	}
	struct fb_root_faults faults = { .credits = 4 };
	ck_assert_int_eq(fb_root_open_ops(&fake_ops, NULL, &faults, &memory, &root, NULL), -EINVAL);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("root faults");
	TCase *c = tcase_create("faults");
	tcase_set_timeout(c, 60);
	tcase_add_test(c, nothing_strikes_when_all_are_off);
	tcase_add_test(c, split);
	tcase_add_test(c, merge);
	tcase_add_test(c, merge_makes_packets_of_up_to_256_bytes);
	tcase_add_test(c, reorder);
	tcase_add_test(c, reorder_leaves_registers_and_equal_bytes_alone);
	tcase_add_test(c, reorder_passes_no_register);
	tcase_add_test(c, repeat);
	tcase_add_test(c, lose);
	tcase_add_test(c, flip);
	tcase_add_test(c, cq_pause);
	tcase_add_test(c, stall);
	tcase_add_test(c, a_beat_that_is_withdrawn);
	tcase_add_test(c, a_beat_that_changes);
	tcase_add_loop_test(c, credits, 0, 3);
	tcase_add_test(c, credits_shown_late_are_counted_at_once);
	tcase_add_loop_test(c, the_reserve_is_for_records, 0, 3);
	tcase_add_test(c, starve);
	tcase_add_test(c, delay);
	tcase_add_test(c, torn);
	tcase_add_test(c, stale);
	tcase_add_test(c, drop);
	tcase_add_test(c, master_off);
	tcase_add_test(c, flr);
	tcase_add_test(c, mute);
	tcase_add_test(c, a_seed_says_all);
	tcase_add_test(c, a_knob_out_of_range);
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
