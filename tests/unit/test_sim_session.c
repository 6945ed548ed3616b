/* Sessions of the Verilated card behind the simulated link: commands in, records out, a full ring,
 * gaps, and every way in which a session ends, at any cycle. The root complex watches the bus. */
#include <stdio.h>
#include <stdlib.h>

#include "../../sw/lib/mix.h"
#include "card_kit.h"

#define BAD_LINK                                                                             \
	"lanes=2,seed=5,split=40,merge=30,reorder=30,stall=50,cq_pause=30,starve=30,credits=6," \
	"delay_cycles=60"

static const char *const links[] = {
	"lanes=2",
	BAD_LINK,
	"lanes=8,emit=bytes8,seed=9,split=30,torn=30,stale=30,stall=20",
	"lanes=2,seed=4,credits=5,starve=30", /* headers are scarce; above, data is */
};
#define LINKS ((int)(sizeof(links) / sizeof(links[0])))
/* The core clears its tables first. */
#define FIRST_RECORD_CYCLES 40000
#define RECORD_CYCLES 20000

static struct card_kit kit;

static void open_link(int link, const char *more)
{
	char args[240];
	snprintf(args, sizeof(args), "%s%s", links[link], more);
	card_open(&kit, NULL, args);
}

static void steps(uint64_t n)
{
	ck_assert_msg(fb_root_step(kit.root, n) == 0, "%s", fb_root_why(kit.root));
}

static void receive(union fb_record *record, uint64_t within)
{
	while (!card_receive(&kit, record)) {
		ck_assert_uint_gt(within--, 0);
		steps(1);
	}
}

static void nothing_comes(void)
{
	union fb_record record;
	steps(2000);
	ck_assert(!card_receive(&kit, &record));
}

/* A fence gives two records, and nothing else does. */
static union fb_command fence_of(uint64_t seq)
{
	union fb_command fence = { .fence = { .seq = seq, .op = FB_OP_FENCE, .cookie = 3 * seq } };
	return fence;
}

static bool send_fence(void)
{
	union fb_command fence = fence_of(kit.next);
	return card_send(&kit, &fence);
}

static void expect_fence(uint64_t seq, uint64_t within)
{
	union fb_record record;
	receive(&record, within);
	ck_assert_uint_eq(record.header.kind, FB_REC_FENCE);
	ck_assert_uint_eq(record.header.seq, seq);
	ck_assert_uint_eq(record.fence.cookie, 3 * seq);
	receive(&record, RECORD_CYCLES);
	ck_assert_uint_eq(record.header.kind, FB_REC_BATCH_END);
	ck_assert_uint_eq(record.header.seq, seq);
}

/* Waits for RUNNING, and until the core takes commands. */
static void running(uint64_t first)
{
	card_session(&kit, first);
	for (unsigned i = 0; kit.status.state != FB_CARD_RUNNING; i++) {
		ck_assert_uint_lt(i, 20000);
		steps(1);
		card_look(&kit);
	}
	ck_assert_uint_eq(kit.credit, first + FB_WINDOW_SLOTS);
	ck_assert_uint_eq(kit.status.session, kit.nonce);
	ck_assert(send_fence());
	expect_fence(first, FIRST_RECORD_CYCLES);
}

START_TEST(every_command_comes_back_once_and_in_order)
{
	uint64_t done = 1;
	open_link(_i, ",ring=6");
	running(1);
	for (uint64_t idle = 0; done < 1500;) {
		ck_assert_uint_lt(idle++, 2 * RECORD_CYCLES);
		while (kit.next <= 1500 && fb_mix_below(fb_mix(idle), 8) && send_fence())
			;
		steps(1 + fb_mix_below(fb_mix(idle), 300));
		for (union fb_record r; card_receive(&kit, &r); idle = 0) {
			ck_assert_uint_eq(r.header.seq, done + 1);
			done += r.header.kind == FB_REC_BATCH_END;
		}
	}
	nothing_comes();
	ck_assert_uint_eq(card_read64(&kit, FB_REG_NEXT_SEQ), 1501);
	ck_assert_uint_eq(card_read64(&kit, FB_REG_PRODUCED), kit.taken);
	ck_assert_uint_eq(card_read(&kit, FB_REG_GAPS), kit.gaps);
	card_close(&kit);
}
END_TEST

START_TEST(a_full_ring_stops_the_card_and_loses_nothing)
{
	open_link(_i, ",ring=6");
	running(1);
	while (send_fence())
		steps(3);
	ck_assert_uint_ge(kit.next, FB_WINDOW_SLOTS);
	steps(20000);
	ck_assert_uint_eq(card_read64(&kit, FB_REG_PRODUCED), kit.told + 64);
	ck_assert_uint_gt(card_read64(&kit, FB_REG_WRITER_RING), 1000);
	ck_assert_uint_lt(card_read64(&kit, FB_REG_NEXT_SEQ), kit.next);
	for (uint64_t seq = 2; seq < kit.next; seq++)
		expect_fence(seq, RECORD_CYCLES);
	nothing_comes();
	card_close(&kit);
}
END_TEST

START_TEST(the_kill_switch)
{
	open_link(_i, "");
	running(1);
	card_write(&kit, FB_REG_KILL, 1);
	steps(500);
	for (unsigned i = 0; i < 50; i++)
		ck_assert(send_fence());
	card_write(&kit, FB_REG_GAP_CYCLES, 64);
	nothing_comes();
	ck_assert_uint_eq(card_read(&kit, FB_REG_STATE), FB_CARD_KILLED);
	ck_assert_uint_eq(card_read64(&kit, FB_REG_NEXT_SEQ), 2);
	card_look(&kit);
	ck_assert_uint_eq(kit.status.state, FB_CARD_KILLED);
	card_write(&kit, FB_REG_GAP_CYCLES, 16384);
	card_write(&kit, FB_REG_KILL, 0);
	for (uint64_t seq = 2; seq < kit.next; seq++)
		expect_fence(seq, RECORD_CYCLES);
	ck_assert_uint_eq(kit.gaps, 0);
	card_close(&kit);
}
END_TEST

/* Of three commands the first comes in part; then whole. */
START_TEST(a_gap_is_told_and_filled)
{
	union fb_record record;
	open_link(_i, "");
	running(1);
	card_write(&kit, FB_REG_GAP_CYCLES, 1000);
	ck_assert(send_fence() && send_fence() && send_fence());
	fb_root_drain(kit.root, 1000);
	expect_fence(2, RECORD_CYCLES);
	expect_fence(3, RECORD_CYCLES);
	expect_fence(4, RECORD_CYCLES);
	union fb_command lines[2] = { fence_of(5), fence_of(6) };
	for (unsigned i = 0; i < 2; i++) {
		lines[i].header.nonce = kit.nonce;
		lines[i].header.check = kit_crc(&lines[i]);
		kit.sent[5 + i] = lines[i];
	}
	kit.next = 7;
	fb_root_write(kit.root, 2, 5 * 64, &lines[0], 36);
	fb_root_write(kit.root, 2, 6 * 64, &lines[1], 64);
	for (unsigned i = 0; kit.gaps == 0; i++) {
		ck_assert_uint_lt(i, RECORD_CYCLES);
		ck_assert(!card_receive(&kit, &record)); /* the kit sends it again */
		steps(1);
	}
	expect_fence(5, RECORD_CYCLES);
	expect_fence(6, RECORD_CYCLES);
	ck_assert_uint_eq(kit.gaps, card_read(&kit, FB_REG_GAPS));
	card_close(&kit);
}
END_TEST

START_TEST(what_is_not_of_this_session_is_thrown_away)
{
	uint32_t stale;
	open_link(_i, "");
	running(1);
	stale = card_read(&kit, FB_REG_STALE);
	union fb_command line = fence_of(2);
	line.header.nonce = kit.nonce + 1;
	line.header.check = kit_crc(&line);
	fb_root_write(kit.root, 2, 2 * 64, &line, 64);
	nothing_comes();
	ck_assert_uint_eq(card_read(&kit, FB_REG_STALE), stale + 1);
	line = fence_of(2 + FB_WINDOW_SLOTS);
	line.header.nonce = kit.nonce;
	line.header.check = kit_crc(&line);
	fb_root_write(kit.root, 2, 2 * 64, &line, 64);
	nothing_comes();
	ck_assert_uint_eq(card_read(&kit, FB_REG_STALE), stale + 2);
	ck_assert_uint_eq(card_read64(&kit, FB_REG_NEXT_SEQ), 2);
	ck_assert(send_fence());
	expect_fence(2, RECORD_CYCLES);
	card_close(&kit);
}
END_TEST

START_TEST(the_status_line_is_a_sign_of_life)
{
	uint64_t last = 0, seen = 0, longest = 0;
	open_link(_i, "");
	running(1);
	card_write(&kit, FB_REG_STATUS_CYCLES, 256);
	steps(1000);
	card_look(&kit);
	last = kit.status.heartbeat;
	for (unsigned i = 0; i < 20000; i++) {
		uint64_t lines = kit.status_lines;
		steps(1);
		card_look(&kit);
		if (kit.status_lines == lines)
			continue;
		uint64_t apart = kit.status.heartbeat - last;
		longest = apart > longest ? apart : longest;
		last = kit.status.heartbeat;
		seen++;
	}
	ck_assert_uint_ge(seen, 30);
	/* A starved link holds it back: at most some spans of 64 in a row here. */
	ck_assert_uint_le(longest, _i == 0 ? 260 : _i == 2 ? 800 : 2000);
	card_close(&kit);
}
END_TEST

/* How a session ends. */
enum ending { ENDS_RESET, ENDS_MASTER, ENDS_ZERO, ENDS_OTHER, ENDINGS };

static void end_session(enum ending how)
{
	switch (how) {
	case ENDS_RESET:
		ck_assert_msg(fb_root_flr(kit.root) == 0, "%s", fb_root_why(kit.root));
		break;
	case ENDS_MASTER:
		fb_root_bus_master(kit.root, false);
		steps(40);
		fb_root_bus_master(kit.root, true);
		break;
	case ENDS_ZERO:
		card_write(&kit, FB_REG_SESSION, 0);
		break;
	default:
		card_write(&kit, FB_REG_SESSION, kit.port->nonce++);
	}
}

/* Under load, at any cycle; the next session goes on where the core is, and what the core had not
 * handed over comes first. */
START_TEST(a_session_ends_at_any_cycle)
{
	enum ending how = (enum ending)(_i % ENDINGS);
	uint64_t next = 2, ended = 1;
	/* On the last link a packet is often still under way when the reset could be done. */
	bool stalled = _i / ENDINGS == 2;
	open_link(stalled ? 0 : _i / ENDINGS, stalled ? ",ring=6,seed=8,stall=95" : ",ring=6");
	running(1);
	for (unsigned round = 0; round < 60; round++) {
		unsigned cycles = fb_mix_below(fb_mix(round), 400);
		for (unsigned i = 0; i < cycles; i++) {
			if (i % 4 == 0)
				send_fence();
			steps(1);
			for (union fb_record r; card_receive(&kit, &r);)
				ended = r.header.seq > ended ? r.header.seq : ended;
		}
		end_session(how);
		if (how == ENDS_OTHER)
			card_write(&kit, FB_REG_SESSION, 0);
		ck_assert_uint_eq(card_read(&kit, FB_REG_SESSION), 0);
		ck_assert_uint_eq(card_read(&kit, FB_REG_STATE), FB_CARD_CLOSED);
		fb_root_drain(kit.root, 10000); /* what was on its way is there */
		next = card_read64(&kit, FB_REG_NEXT_SEQ);
		ck_assert_uint_le(next, kit.next);
		card_session(&kit, next);
		ck_assert_uint_eq(card_read(&kit, FB_REG_GAPS), 0);
		/* Everything that the core took ends, in order, perhaps lost on the way. */
		for (unsigned i = 0; !(kit.status.state == FB_CARD_RUNNING && send_fence()); i++) {
			ck_assert_uint_lt(i, RECORD_CYCLES);
			steps(1);
			card_look(&kit);
		}
		for (uint64_t within = 0; ended < next;) {
			union fb_record r;
			ck_assert_uint_lt(within++, RECORD_CYCLES);
			steps(1);
			if (!card_receive(&kit, &r))
				continue;
			ck_assert_uint_ge(r.header.seq, ended);
			ck_assert_uint_le(r.header.seq, next);
			ended = r.header.kind == FB_REC_BATCH_END ? r.header.seq : ended;
		}
	}
	card_close(&kit);
}
END_TEST

START_TEST(a_reset_of_the_function_resets_registers)
{
	open_link(_i, "");
	running(1);
	card_write(&kit, FB_REG_KILL, 1);
	card_write(&kit, FB_REG_GAP_CYCLES, 77);
	ck_assert_int_eq(fb_root_flr(kit.root), 0);
	ck_assert_uint_eq(card_read(&kit, FB_REG_KILL), 0);
	ck_assert_uint_eq(card_read(&kit, FB_REG_GAP_CYCLES), 16384);
	ck_assert_uint_eq(card_read64(&kit, FB_REG_NEXT_SEQ), 2);
	card_close(&kit);
}
END_TEST

#define VECTOR 0xfee01000u

static void arm(uint64_t taken)
{
	card_write(&kit, FB_REG_WAKE, (uint32_t)(taken & 0x3fffffff) << 1 | 1);
}

START_TEST(an_interrupt_wakes_once_for_each_time_it_is_armed)
{
	uint64_t came = 0;
	open_link(_i, "");
	running(1);
	card_write(&kit, FB_MSIX_TABLE, VECTOR);
	card_write(&kit, FB_MSIX_TABLE + 4, 0);
	card_write(&kit, FB_MSIX_TABLE + 8, 0x4021);
	card_write(&kit, FB_MSIX_TABLE + 12, 0);
	fb_root_msix(kit.root, true, false);
	for (uint64_t seq = 2; seq < 40; seq++) {
		arm(kit.taken);
		steps(300);
		ck_assert_uint_eq(fb_sim_port_interrupts(kit.port), came);
		ck_assert(send_fence());
		expect_fence(seq, RECORD_CYCLES);
		steps(2000);
		ck_assert_uint_eq(fb_sim_port_interrupts(kit.port), ++came);
		ck_assert_uint_eq(card_read(&kit, FB_REG_WAKE) & 1, 0);
	}
	/* Armed late: at once. */
	arm(kit.taken - 1);
	steps(2000);
	ck_assert_uint_eq(fb_sim_port_interrupts(kit.port), ++came);
	/* Masked: pending, and sent when the mask goes. */
	fb_root_msix(kit.root, true, true);
	arm(kit.taken - 1);
	steps(2000);
	ck_assert_uint_eq(fb_sim_port_interrupts(kit.port), came);
	ck_assert_uint_eq(card_read(&kit, FB_MSIX_PBA) & 1, 1);
	fb_root_msix(kit.root, true, false);
	steps(2000);
	ck_assert_uint_eq(fb_sim_port_interrupts(kit.port), ++came);
	ck_assert_uint_eq(card_read(&kit, FB_MSIX_PBA) & 1, 0);
	card_close(&kit);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("simulated sessions");
	TCase *c = tcase_create("session");
	tcase_set_timeout(c, 100);
	tcase_add_loop_test(c, every_command_comes_back_once_and_in_order, 0, LINKS);
	tcase_add_loop_test(c, a_full_ring_stops_the_card_and_loses_nothing, 0, LINKS);
	tcase_add_loop_test(c, the_kill_switch, 0, LINKS);
	tcase_add_loop_test(c, a_gap_is_told_and_filled, 0, LINKS);
	tcase_add_loop_test(c, what_is_not_of_this_session_is_thrown_away, 0, LINKS);
	tcase_add_loop_test(c, the_status_line_is_a_sign_of_life, 0, LINKS);
	tcase_add_loop_test(c, a_session_ends_at_any_cycle, 0, 3 * ENDINGS);
	tcase_add_loop_test(c, a_reset_of_the_function_resets_registers, 0, LINKS);
	tcase_add_loop_test(c, an_interrupt_wakes_once_for_each_time_it_is_armed, 0, LINKS);
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
