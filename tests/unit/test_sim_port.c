/* The port of the simulated link over the fake card: its arguments, how lines leave it, and that it
 * behaves as a machine does when the link is gone. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../sim/port.h"
#include "fake_endpoint.h"

static struct fb_card_port *port;

static void open_port(const char *args)
{
	struct fb_error error = { "" };
	ck_assert_msg(fb_sim_port_open_ops(&fake_ops, args, &port, &error) == 0, "%s", error.text);
}

static void close_port(void)
{
	port->ops->close(port);
}

static void drained(void)
{
	ck_assert_int_eq(fb_root_drain(fb_sim_port_root(port), 1000), 0);
}

static const struct { const char *args, *canonical; } good[] = {
	{ "", "sim:lanes=8,seed=0" },
	{ "lanes=2,seed=18446744073709551615", "sim:lanes=2,seed=18446744073709551615" },
	{ "emit=line,ring=12", "sim:lanes=8,seed=0" },
	{ "ring=6,emit=dwords", "sim:lanes=8,seed=0,emit=dwords,ring=6" },
	{ "emit=bytes8", "sim:lanes=8,seed=0,emit=bytes8" },
	{ "stale=1,split=100,drop_at=18446744073709551615",
	  "sim:lanes=8,seed=0,split=100,stale=1,drop_at=18446744073709551615" },
	{ "split=0,flr_at=0", "sim:lanes=8,seed=0" },
	{ "split=5,split=0", "sim:lanes=8,seed=0" },
	{ "wave=/tmp/a.vcd", "sim:lanes=8,seed=0,wave=/tmp/a.vcd" },
	{ "merge=1,reorder=2,repeat=3,lose=4,flip=5,cq_pause=6,stall=7,credits=8,starve=9",
	  "sim:lanes=8,seed=0,merge=1,reorder=2,repeat=3,lose=4,flip=5,cq_pause=6,stall=7,"
	  "credits=8,starve=9" },
	{ "delay_cycles=10,torn=11,master_off_at=12,flr_at=13,mute_at=14",
	  "sim:lanes=8,seed=0,delay_cycles=10,torn=11,master_off_at=12,flr_at=13,mute_at=14" },
};

START_TEST(arguments_have_one_canonical_form)
{
	char again[200];
	open_port(good[_i].args);
	ck_assert_str_eq(port->path, good[_i].canonical);
	snprintf(again, sizeof(again), "%s", port->path + strlen("sim:"));
	close_port();
	open_port(again);
	ck_assert_str_eq(port->path, good[_i].canonical);
	close_port();
}
END_TEST

static const struct { const char *args, *expected, *found; } bad[] = {
	{ "lanes=0", "lanes=1..1024", "'lanes=0'" },
	{ "lanes=2000", "lanes=1..1024", "'lanes=2000'" },
	{ "lanes=", "lanes=1..1024", "'lanes='" },
	{ "lanes", "lanes=1..1024", "'lanes'" },
	{ "seed=-1", "seed=0..2^64-1", "'seed=-1'" },
	{ "seed=18446744073709551616", "seed=0..2^64-1", "'seed=18446744073709551616'" },
	{ "ring=5", "ring=6..20", "'ring=5'" },
	{ "ring=21", "ring=6..20", "'ring=21'" },
	{ "emit=wc", "emit=line|dwords|bytes8", "'emit=wc'" },
	{ "wave=", "wave=PATH", "'wave='" },
	{ "lanes=2,splat=3", "knob", "'splat=3'" },
	{ "split=101", "split=1..100", "'split=101'" },
	{ "stall=100", "stall=1..99", "'stall=100'" },
	{ "starve=100", "starve=1..99", "'starve=100'" },
	{ "credits=4", "credits=5..255", "'credits=4'" },
	{ "credits=256", "credits=5..255", "'credits=256'" },
	{ "torn=1.5", "torn=1..100", "'torn=1.5'" },
	{ "split=4294967297", "split=1..100", "'split=4294967297'" },
	{ "delay_cycles=1000001", "delay_cycles=1..1000000", "'delay_cycles=1000001'" },
};

START_TEST(malformed_arguments_are_refused)
{
	struct fb_error error = { "" };
	struct fb_card_port *none = NULL;
	ck_assert_int_eq(fb_sim_port_open_ops(&fake_ops, bad[_i].args, &none, &error), -EINVAL);
	ck_assert_msg(strstr(error.text, bad[_i].expected) && strstr(error.text, bad[_i].found),
		      "%s", error.text);
	ck_assert_ptr_null(none);
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
	struct fb_error error = { "" };
	struct fb_card_port *none = NULL;
	const char *args = "seed=18446744073709551615,split=100,merge=100,credits=255,emit=dwords,"
			   "drop_at=18446744073709551615,flr_at=18446744073709551615,"
			   "mute_at=18446744073709551615,master_off_at=18446744073709551615";
	ck_assert_int_eq(fb_sim_port_open_ops(&fake_ops, args, &none, &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "letters"));
}
END_TEST

START_TEST(a_card_that_is_not_built)
{
	struct fb_error error = { "" };
	struct fb_card_port *none = NULL;
	ck_assert_int_eq(fb_sim_port_open("lanes=3", &none, &error), -ENOENT);
	ck_assert_ptr_nonnull(strstr(error.text, "make build/libfbcard3.so"));
}
END_TEST

START_TEST(memory_lies_as_promised)
{
	static const char *const rings[] = { "ring=6", "", "ring=16,seed=7" };
	static const uint32_t bits[] = { 6, 12, 16 };
	uint32_t nonces[3];
	for (unsigned i = 0; i < 3; i++) {
		open_port(rings[i]);
		ck_assert_uint_eq((uintptr_t)port->ring % 4096, 0);
		ck_assert_uint_eq((uintptr_t)port->status % 64, 0);
		ck_assert_uint_eq(port->ring_bus % 4096, 0);
		ck_assert_uint_eq(port->status_bus % 64, 0);
		ck_assert_uint_eq(port->ring_bits, bits[i]);
		ck_assert_str_eq(port->emitter, "simulated");
		ck_assert(port->nonce != 0 && port->nonce != UINT32_MAX);
		nonces[i] = port->nonce;
		close_port();
	}
	ck_assert_uint_eq(nonces[0], nonces[1]);
	ck_assert_uint_ne(nonces[0], nonces[2]);
}
END_TEST

static union fb_command line_of(uint8_t fill)
{
	union fb_command line;
	memset(&line, fill, sizeof(line));
	return line;
}

/* How many packets a line makes. */
static const struct { const char *args; unsigned pieces; } emitters[] = {
	{ "emit=line", 1 }, { "emit=dwords", 16 }, { "emit=bytes8", 8 },
};

START_TEST(a_line_leaves_in_pieces)
{
	open_port(emitters[_i].args);
	union fb_command line = line_of(0x5a);
	ck_assert_int_eq(port->ops->emit(port, 255, &line), 0);
	port->ops->flush(port);
	drained();
	ck_assert_uint_eq(fake.packets, emitters[_i].pieces);
	ck_assert_mem_eq(fake.bar2 + 255 * 64, &line, 64);
	ck_assert_int_eq(port->ops->emit(port, 256, &line), -EINVAL);
	close_port();
}
END_TEST

START_TEST(a_line_may_stay_in_the_processor)
{
	uint32_t value;
	open_port("");
	union fb_command line = line_of(1);
	ck_assert_int_eq(port->ops->emit(port, 0, &line), 0);
	for (unsigned i = 0; i < 100; i++)
		ck_assert_int_eq(port->ops->relax(port), 0);
	ck_assert_uint_eq(fake.packets, 0);
	port->ops->flush(port);
	drained();
	ck_assert_uint_eq(fake.packets, 1);
	/* A store or a load drives it out before itself. */
	ck_assert_int_eq(port->ops->emit(port, 1, &line), 0);
	ck_assert_int_eq(port->ops->write32(port, 0x200, 5), 0);
	drained();
	ck_assert_uint_eq(fake.packets, 3);
	ck_assert_int_eq(port->ops->emit(port, 2, &line), 0);
	ck_assert_int_eq(port->ops->read32(port, 0x200, &value), 0);
	ck_assert_uint_eq(value, 5);
	ck_assert_uint_eq(fake.packets, 5);
	ck_assert_mem_eq(fake.bar2 + 128, &line, 64);
	/* It has room for few. */
	for (uint32_t i = 0; i < 100; i++)
		ck_assert_int_eq(port->ops->emit(port, 100 + i, &line), 0);
	drained();
	ck_assert_uint_ge(fake.packets, 5 + 90);
	close_port();
}
END_TEST

START_TEST(uncached_lines_do_not_stay)
{
	open_port("emit=dwords");
	union fb_command line = line_of(1);
	ck_assert_int_eq(port->ops->emit(port, 0, &line), 0);
	drained();
	ck_assert_uint_eq(fake.packets, 16);
	close_port();
}
END_TEST

START_TEST(time_is_cycles)
{
	open_port("");
	uint64_t before = port->ops->now_ns(port);
	for (unsigned i = 0; i < 10; i++)
		ck_assert_int_eq(port->ops->relax(port), 0);
	ck_assert_uint_eq(port->ops->now_ns(port) - before, 10 * 16 * 4);
	close_port();
}
END_TEST

START_TEST(the_card_writes_to_ring_and_status_line_only)
{
	open_port("ring=6");
	fake_record(port->ring_bus + 63 * 64, FB_REC_LEVEL, 7);
	fake_record(port->status_bus, FB_REC_STATUS, 9);
	ck_assert_int_eq(fb_root_step(fb_sim_port_root(port), 20), 0);
	ck_assert_uint_eq(((volatile uint32_t *)&port->ring[63])[15], 7 + 15);
	ck_assert_uint_eq(((volatile uint32_t *)port->status)[15], 9 + 15);
	fake_record(_i ? port->ring_bus + 64 * 64 : port->status_bus + 64, FB_REC_LEVEL, 7);
	int rc = 0;
	for (unsigned i = 0; i < 10 && rc == 0; i++)
		rc = port->ops->relax(port);
	ck_assert_int_eq(rc, -EPROTO);
	ck_assert_ptr_nonnull(strstr(port->ops->why(port), "where the card may not write"));
	uint32_t value;
	ck_assert_int_eq(port->ops->read32(port, 0, &value), -EPROTO);
	ck_assert_int_eq(port->ops->write32(port, 0, 1), -EPROTO);
	union fb_command line = line_of(1);
	port->ops->emit(port, 0, &line);
	port->ops->flush(port);
	ck_assert_int_eq(port->ops->relax(port), -EPROTO);
	close_port();
}
END_TEST

START_TEST(a_link_that_is_down)
{
	uint32_t value = 0;
	open_port("drop_at=20");
	union fb_command line = line_of(1);
	ck_assert_str_eq(port->ops->why(port), "");
	for (unsigned i = 0; i < 2; i++)
		ck_assert_int_eq(port->ops->relax(port), 0);
	ck_assert_int_eq(port->ops->read32(port, 0, &value), 0);
	ck_assert_uint_eq(value, UINT32_MAX);
	ck_assert_int_eq(port->ops->write32(port, 0, 1), 0);
	ck_assert_int_eq(port->ops->emit(port, 0, &line), 0);
	port->ops->flush(port);
	uint64_t before = port->ops->now_ns(port);
	ck_assert_int_eq(port->ops->relax(port), 0);
	ck_assert_uint_gt(port->ops->now_ns(port), before);
	close_port();
}
END_TEST

START_TEST(a_register_that_never_answers)
{
	uint32_t value = 0;
	open_port("");
	fake.no_answer = true;
	ck_assert_int_eq(port->ops->read32(port, 0, &value), 0);
	ck_assert_uint_eq(value, UINT32_MAX);
	close_port();
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static Suite *suite(void)
{
	Suite *s = suite_create("simulated port");
	TCase *c = tcase_create("port");
	tcase_add_loop_test(c, arguments_have_one_canonical_form, 0, COUNT(good));
	tcase_add_loop_test(c, malformed_arguments_are_refused, 0, COUNT(bad));
	tcase_add_test(c, what_does_not_fit_is_refused);
	tcase_add_test(c, a_card_that_is_not_built);
	tcase_add_test(c, memory_lies_as_promised);
	tcase_add_loop_test(c, a_line_leaves_in_pieces, 0, COUNT(emitters));
	tcase_add_test(c, a_line_may_stay_in_the_processor);
	tcase_add_test(c, uncached_lines_do_not_stay);
	tcase_add_test(c, time_is_cycles);
	tcase_add_loop_test(c, the_card_writes_to_ring_and_status_line_only, 0, 2);
	tcase_add_test(c, a_link_that_is_down);
	tcase_add_test(c, a_register_that_never_answers);
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
