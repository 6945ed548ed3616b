/* The driver of a card against a card in plain C: who it accepts, what it sends, and that each
 * fault ends in time and with a text that says what happened. That records stay those of `model`
 * on a bad link, tests/cosim shows on random streams. */
#include "model_kit.h"

#include "../../sw/lib/engine_card.h"
#include "fake_card.h"

static struct fb_engine *engine;
static struct fb_error error;
static uint64_t seq;
static unsigned ends, faults;

static int open_engine(const char *args)
{
	error.text[0] = '\0';
	seq = ends = faults = 0;
	return fb_card_engine_open("fake", fake_card_open, args, &engine, &error);
}

static void must_open(const char *args)
{
	ck_assert_msg(open_engine(args) == 0, "%s", error.text);
}

static void close_engine(void)
{
	fb_engine_close(engine);
	ck_assert_ptr_null(fake_card_plan.card);
}

static int poll_all(void)
{
	union fb_record r[8];
	int idle = 0;
	while (!idle) {
		int n = fb_engine_poll(engine, r, 8, &idle);
		if (n < 0)
			return n;
		for (int i = 0; i < n; i++) {
			ck_assert_uint_eq(r[i].header.generation, 0);
			ck_assert_uint_eq(r[i].header.check, 0);
			ends += r[i].header.kind == FB_REC_BATCH_END;
			faults += r[i].header.kind == FB_REC_FAULT;
		}
		idle = idle && n == 0;
	}
	return 0;
}

static int send(union fb_command c)
{
	int err;
	c.header.seq = ++seq;
	while ((err = fb_engine_submit(engine, &c)) == -EAGAIN)
		if ((err = poll_all()) < 0)
			return err;
	return err;
}

static int fences(unsigned n)
{
	int err = 0;
	for (unsigned i = 0; i < n && !err; i++)
		err = send((union fb_command){ .fence = { .op = FB_OP_FENCE, .cookie = i } });
	return err ? err : poll_all();
}

static const char *why(void)
{
	static struct fb_engine_info info;
	fb_engine_info(engine, &info);
	return info.why;
}

/* ---- opening ---- */

START_TEST(opens)
{
	struct fb_engine_info info;
	must_open("");
	fb_engine_info(engine, &info);
	ck_assert_str_eq(info.uri, "fake:fake");
	ck_assert_str_eq(info.card.emitter, "simulated");
	ck_assert_str_eq(info.why, "");
	ck_assert_uint_eq(info.lanes, 8);
	ck_assert_uint_eq(info.accounts_max, 8 * 4096);
	ck_assert_uint_eq(info.rows_max, 8 * 8192);
	ck_assert(!info.own_clock);
	ck_assert_int_eq(fences(3), 0);
	ck_assert_uint_eq(ends, 3);
	close_engine();
	must_open("place=random,patience=7,seed=3");
	fb_engine_info(engine, &info);
	ck_assert_str_eq(info.uri, "fake:fake,place=random,patience=7");
	close_engine();
}
END_TEST

static const char *const bad_args[] = { "place=", "place=lane", "patience=0", "patience=",
					"patience=1000000", "patience=-1", "patience=1x" };

START_TEST(arguments)
{
	struct fb_card_args args;
	for (size_t i = 0; i < sizeof(bad_args) / sizeof(bad_args[0]); i++) {
		ck_assert_int_eq(open_engine(bad_args[i]), -EINVAL);
		ck_assert_ptr_nonnull(strstr(error.text, "patience"));
	}
	ck_assert_int_eq(fb_card_args_parse("pci", "01:00.0,place=random,emit=wc,seed=5,patience=9",
					    &args, &error),
			 0);
	ck_assert_str_eq(args.port, "01:00.0,emit=wc,seed=5");
	ck_assert_uint_eq(args.patience, 9);
	ck_assert_uint_eq(args.core.seed, 5);
	ck_assert_int_eq(args.core.place, FB_PLACE_RANDOM);
	char long_text[FB_CARD_ARGS + 1];
	memset(long_text, 'a', FB_CARD_ARGS);
	long_text[FB_CARD_ARGS] = '\0';
	ck_assert_int_eq(fb_card_args_parse("pci", long_text, &args, &error), -EINVAL);
}
END_TEST

START_TEST(refuses_others)
{
	fake_card_plan.layout_hash = 0x12345678;
	ck_assert_int_eq(open_engine(""), -EPROTO);
	ck_assert_ptr_nonnull(strstr(error.text, "12345678"));
	char own[16];
	snprintf(own, sizeof(own), "%08x", FB_LAYOUT_HASH);
	ck_assert_ptr_nonnull(strstr(error.text, own));
	fake_card_reset_plan();
	fake_card_plan.version = 77;
	ck_assert_int_eq(open_engine(""), -EPROTO);
	ck_assert_ptr_nonnull(strstr(error.text, "version 77"));
	fake_card_reset_plan();
	fake_card_plan.magic = 0x1111;
	ck_assert_int_eq(open_engine(""), -EPROTO);
	ck_assert_ptr_nonnull(strstr(error.text, "0000000000001111"));
	fake_card_reset_plan();
	fake_card_plan.slots = 128;
	ck_assert_int_eq(open_engine(""), -EPROTO);
	fake_card_reset_plan();
	fake_card_plan.lanes = 6; /* not a multiple of the group */
	ck_assert_int_eq(open_engine(""), -EPROTO);
	fake_card_reset_plan();
	fake_card_plan.kill = 1;
	ck_assert_int_eq(open_engine(""), -EIO);
	ck_assert_ptr_nonnull(strstr(error.text, "kill switch"));
	ck_assert_ptr_null(fake_card_plan.card);
}
END_TEST

/* What is wrong from the start. */
static const struct {
	enum fake_card_event event;
	int err;
	const char *says;
} at_start[] = {
	{ FAKE_CARD_GONE, -ENODEV, "registers cannot be read" },
	{ FAKE_CARD_ALL_ONES, -ENODEV, "all ones" },
	{ FAKE_CARD_BROKEN, -EPROTO, "SIGBUS" },
	{ FAKE_CARD_MUTE, -EIO, "do not arrive" },
	{ FAKE_CARD_HUNG, -EIO, "core hangs" },
};

START_TEST(wrong_from_the_start)
{
	fake_card_plan.event = at_start[_i].event;
	ck_assert_int_eq(open_engine(""), at_start[_i].err);
	ck_assert_msg(strstr(error.text, at_start[_i].says) != NULL, "%s", error.text);
	ck_assert_ptr_null(fake_card_plan.card);
}
END_TEST

/* ---- while it runs ---- */

static const struct {
	enum fake_card_event event;
	const char *says;
	uint64_t within_cycles; /* from the event to the error; a fence is sent at once */
} faulty[] = {
	{ FAKE_CARD_GONE, "gone from the bus", 1000 },
	{ FAKE_CARD_ALL_ONES, "gone from the bus", FB_CARD_SILENT_NS / 4 + 1000 },
	{ FAKE_CARD_BROKEN, "SIGBUS at BAR 0", 1000 },
	{ FAKE_CARD_MUTE, "do not arrive", FB_CARD_SILENT_NS / 4 + 1000 },
	{ FAKE_CARD_RESET, "closed behind our back", FB_CARD_SILENT_NS / 4 + 1000 },
	{ FAKE_CARD_RESET_QUICK, "heartbeat went back", 1000 },
	{ FAKE_CARD_STOLEN, "another process opened session abcdef01",
	  FB_CARD_SILENT_NS / 4 + 1000 },
	{ FAKE_CARD_TORN, "torn", FB_CARD_TORN_NS / 4 + 1000 },
	{ FAKE_CARD_OLD_SESSION, "session before", FB_CARD_TORN_NS / 4 + 1000 },
	{ FAKE_CARD_REPEATED, "missing", FB_CARD_TORN_NS / 4 + 10000 },
	{ FAKE_CARD_SKIPPED, "missing", FB_CARD_TORN_NS / 4 + 10000 },
	{ FAKE_CARD_DEAF, "was sent 33 times", 33 * 5000 },
	{ FAKE_CARD_HUNG, "it hangs", 51000000 },
	{ FAKE_CARD_KILLED_BIT, "kill switch", 51000000 },
};

/* The event comes with the 20th record or after it; a fence follows until the engine is dead. */
START_TEST(faults_while_it_runs)
{
	fake_card_plan.event = faulty[_i].event;
	fake_card_plan.event_record = UINT64_MAX;
	must_open("");
	struct fake_card *c = fake_card_plan.card;
	ck_assert_int_eq(fences(5), 0);
	c->event_record = c->written + 20;
	int err = 0;
	uint64_t since = 0;
	for (unsigned i = 0; i < 100 && !err; i++) {
		if (!c->happened)
			since = c->cycles;
		err = fences(1);
	}
	ck_assert_int_eq(err, -EIO);
	ck_assert_msg(strstr(why(), faulty[_i].says) != NULL, "%s", why());
	ck_assert_msg(strncmp(why(), "fake: ", 6) == 0, "%s", why());
	ck_assert_msg(c->cycles - since <= faulty[_i].within_cycles, "%llu cycles",
		      (unsigned long long)(c->cycles - since));
	/* Dead it stays, with the first reason. */
	char first[400];
	snprintf(first, sizeof(first), "%s", why());
	union fb_record r;
	ck_assert_int_eq(fb_engine_poll(engine, &r, 1, NULL), -EIO);
	ck_assert_int_eq(send((union fb_command){ .fence = { .op = FB_OP_FENCE } }), -EIO);
	ck_assert_str_eq(first, why());
	close_engine();
}
END_TEST

/* An idle host finds out as well. */
START_TEST(faults_of_an_idle_card)
{
	union fb_record r;
	int idle, n = 0;
	fake_card_plan.event = FAKE_CARD_MUTE;
	fake_card_plan.event_record = UINT64_MAX;
	must_open("");
	struct fake_card *c = fake_card_plan.card;
	ck_assert_int_eq(fences(5), 0);
	c->event_record = 0;
	uint64_t since = c->cycles;
	while (n == 0 && c->cycles - since < 10 * FB_CARD_SILENT_NS)
		n = fb_engine_poll(engine, &r, 1, &idle);
	ck_assert_int_eq(n, -EIO);
	ck_assert_uint_le(c->cycles - since, FB_CARD_SILENT_NS / 4 + 5000);
	close_engine();
}
END_TEST

/* A host that was away for a while does not take that for the card's silence. */
START_TEST(the_host_pauses)
{
	must_open("");
	struct fake_card *c = fake_card_plan.card;
	for (unsigned i = 0; i < 20; i++) {
		fake_card_turn(c, 3 * FB_CARD_SILENT_NS / 4);
		ck_assert_msg(fences(3) == 0, "%s", why());
	}
	/* Nor for a core that hangs. */
	fake_card_turn(c, 60000000);
	ck_assert_msg(fences(3) == 0, "%s", why());
	/* Nor while records wait for room in the ring, and its clock goes on for long. */
	for (unsigned i = 0; i < 40; i++)
		ck_assert_int_eq(send((union fb_command){ .fence = { .op = FB_OP_FENCE } }), 0);
	fake_card_turn(c, 60000000);
	ck_assert_msg(poll_all() == 0, "%s", why());
	ck_assert_uint_eq(ends, 60 + 3 + 40);
	close_engine();
}
END_TEST

/* Patience stretches what the card may take. */
START_TEST(patience)
{
	union fb_record r;
	int n = 0;
	fake_card_plan.event = FAKE_CARD_MUTE;
	fake_card_plan.event_record = UINT64_MAX;
	must_open("patience=5");
	struct fake_card *c = fake_card_plan.card;
	c->event_record = 0;
	uint64_t since = c->cycles;
	while (n == 0)
		n = fb_engine_poll(engine, &r, 1, NULL);
	ck_assert_int_eq(n, -EIO);
	ck_assert_uint_ge(c->cycles - since, 5 * FB_CARD_SILENT_NS / 4 - FB_CARD_STATUS_CYCLES);
	ck_assert_uint_le(c->cycles - since, 5 * FB_CARD_SILENT_NS / 4 + 5000);
	close_engine();
}
END_TEST

/* ---- what crosses the link ---- */

/* No register is read while commands flow, and CONSUMED is written once for an eighth of the ring
 * or when there is nothing to do. */
START_TEST(no_reads_and_lazy_credit)
{
	fake_card_plan.ring_bits = 10;
	must_open("");
	struct fake_card *c = fake_card_plan.card;
	struct fb_card_driver *driver = fb_card_engine_driver(engine);
	unsigned reads = c->reads;
	uint64_t writes = fb_card_counts(driver)->consumed_writes;
	for (unsigned i = 0; i < 3000; i++)
		ck_assert_int_eq(send((union fb_command){ .fence = { .op = FB_OP_FENCE } }), 0);
	ck_assert_int_eq(poll_all(), 0);
	ck_assert_uint_eq(ends, 3000);
	ck_assert_uint_eq(c->reads, reads);
	ck_assert_uint_eq(fb_card_counts(driver)->gaps, 0);
	ck_assert_uint_eq(fb_card_counts(driver)->resent, 0);
	writes = fb_card_counts(driver)->consumed_writes - writes;
	ck_assert_uint_ge(writes, 1);
	ck_assert_uint_le(writes, 6000 / 128 + 2);
	close_engine();
}
END_TEST

/* RESET with another sequence needs a new session; what the old one had written is not lost. */
START_TEST(reset_anywhere)
{
	static const uint64_t sequences[] = { 5000, 1, 0, UINT64_C(1) << 40, 17 };
	must_open("");
	struct fake_card *c = fake_card_plan.card;
	unsigned sessions = c->sessions, sent = 0;
	for (unsigned i = 0; i < 5; i++) {
		/* The ring holds 64: these are still to be read when RESET is queued. */
		for (unsigned k = 0; k < 20; k++, sent++)
			ck_assert_int_eq(send((union fb_command){ .fence = { .op = FB_OP_FENCE } }),
					 0);
		seq = sequences[i] - 1;
		ck_assert_int_eq(send((union fb_command){ .reset = { .op = FB_OP_RESET } }), 0);
		sent++;
		if (i % 2)
			ck_assert_int_eq(poll_all(), 0);
	}
	ck_assert_int_eq(fences(1), 0);
	ck_assert_uint_eq(ends, sent + 1);
	ck_assert_uint_eq(faults, 0);
	ck_assert_uint_eq(c->sessions - sessions, 5);
	/* The highest that a card can begin with; its sequences may go beyond. */
	seq = INT64_MAX - 1;
	ck_assert_int_eq(send((union fb_command){ .reset = { .op = FB_OP_RESET } }), 0);
	ck_assert_msg(fences(300) == 0, "%s", why());
	ck_assert_uint_eq(ends, sent + 1 + 301);
	seq += 5;
	int err = send((union fb_command){ .reset = { .op = FB_OP_RESET } });
	ck_assert_int_eq(err ? err : poll_all(), -EIO);
	ck_assert_ptr_nonnull(strstr(why(), "below 2^63"));
	close_engine();
}
END_TEST

/* A command out of sequence would be thrown away by the window: the fault is given all the same. */
START_TEST(out_of_sequence)
{
	must_open("");
	unsigned emits = fake_card_plan.card->emits;
	seq = 41;
	ck_assert_int_eq(fences(1), 0);
	ck_assert_uint_eq(faults, 1);
	ck_assert_uint_eq(fake_card_plan.card->emits, emits);
	seq = 0;
	ck_assert_int_eq(fences(2), 0);
	ck_assert_uint_eq(ends, 2);
	close_engine();
}
END_TEST

/* Records are given up to the first that is no LEVEL: what lies behind the end of a batch is of
 * the next one, and not even looked at. */
START_TEST(a_batch_at_a_time)
{
	union fb_record record[8];
	must_open("");
	struct fb_card_driver *card = fb_card_engine_driver(engine);
	for (unsigned i = 0; i < 2; i++)
		ck_assert_int_eq(send((union fb_command){ .fence = { .op = FB_OP_FENCE } }), 0);
	for (unsigned i = 0; i < 50; i++)
		ck_assert_int_eq(fb_card_idle(card), 0);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(fb_card_receive(card, record, 8), 1);
		ck_assert_uint_eq(record[0].header.kind, FB_REC_FENCE);
		ck_assert_int_eq(fb_card_receive(card, record, 8), 1);
		ck_assert_uint_eq(record[0].header.kind, FB_REC_BATCH_END);
		ck_assert_uint_eq(record[0].header.generation | record[0].header.check, 0);
	}
	ck_assert_int_eq(fb_card_receive(card, record, 8), 0);
	close_engine();
}
END_TEST

/* A card that a process left in the middle of its work is taken over clean. */
START_TEST(left_behind)
{
	struct fb_card_port *port;
	struct fb_card_driver *card;
	union fb_record record;
	must_open("");
	struct fake_card *c = fake_card_plan.card;
	for (unsigned i = 0; i < 60; i++)
		ck_assert_int_eq(send((union fb_command){ .fence = { .op = FB_OP_FENCE } }), 0);
	/* Another process over the same card: the port with another memory. */
	port = &c->port;
	c->port.nonce = 0x77770000;
	ck_assert_msg(fb_card_open(port, 1, &card, &error) == 0, "%s", error.text);
	ck_assert_int_eq(fb_card_receive(card, &record, 1), 0);
	union fb_command fence = { .fence = { .op = FB_OP_FENCE, .seq = 1, .cookie = 99 } };
	ck_assert_int_eq(fb_card_send(card, &fence), 1);
	int got = 0;
	while ((got = fb_card_receive(card, &record, 1)) == 0)
		ck_assert_int_eq(fb_card_idle(card), 0);
	ck_assert_uint_eq(record.header.kind, FB_REC_FENCE);
	ck_assert_uint_eq(record.fence.cookie, 99);
	/* The first one finds out, here by the memory that they share. */
	ck_assert_int_eq(poll_all(), -EIO);
	ck_assert_str_ne(why(), "");
	free(card);
	close_engine();
}
END_TEST

/* The answer to the RESET of a process that died is not taken for the answer to ours. */
START_TEST(left_over)
{
	fake_card_plan.left_over = true;
	must_open("");
	ck_assert_int_eq(poll_all(), 0);
	ck_assert_int_eq(fences(2), 0);
	ck_assert_uint_eq(ends, 2);
	close_engine();
}
END_TEST

/* A line that arrived without its last byte is sent again as soon as the card says so. */
START_TEST(one_gap)
{
	must_open("");
	struct fake_card *c = fake_card_plan.card;
	const struct fb_card_counts *counts = fb_card_counts(fb_card_engine_driver(engine));
	c->spoil = 1;
	uint64_t since = c->cycles;
	ck_assert_int_eq(fences(1), 0);
	ck_assert_uint_eq(ends, 1);
	ck_assert_uint_eq(counts->gaps, 1);
	ck_assert_uint_eq(counts->resent, 1);
	ck_assert_uint_le(c->cycles - since, FB_CARD_GAP_CYCLES + 1000);
	close_engine();
}
END_TEST

/* Faults that pile up while the host is away are one fault. */
START_TEST(many_gaps_of_one)
{
	must_open("");
	struct fake_card *c = fake_card_plan.card;
	const struct fb_card_counts *counts = fb_card_counts(fb_card_engine_driver(engine));
	c->spoil = 1;
	ck_assert_int_eq(send((union fb_command){ .fence = { .op = FB_OP_FENCE } }), 0);
	fake_card_turn(c, 50 * FB_CARD_GAP_CYCLES);
	c->noise.no_room = 99; /* the answer takes its time */
	ck_assert_msg(poll_all() == 0, "%s", why());
	ck_assert_uint_eq(ends, 1);
	ck_assert_uint_ge(counts->gaps, FB_CARD_GAP_TRIES + 5);
	ck_assert_uint_le(counts->resent, 2);
	close_engine();
}
END_TEST

/* A fault about a command that was taken meanwhile needs no answer. */
START_TEST(late_gap)
{
	must_open("");
	struct fake_card *c = fake_card_plan.card;
	ck_assert_int_eq(fences(10), 0);
	c->gap = (union fb_record){ .fault = { .kind = FB_REC_FAULT,
					       .fault = FB_FAULT_GAP,
					       .expected_seq = c->next - 3 } };
	c->gap_due = true;
	ck_assert_int_eq(fences(1), 0);
	ck_assert_uint_eq(faults, 0);
	const struct fb_card_counts *counts = fb_card_counts(fb_card_engine_driver(engine));
	ck_assert_uint_eq(counts->gaps, 1);
	ck_assert_uint_eq(counts->resent, 0);
	close_engine();
}
END_TEST

/* A status line that is half written is not believed: whatever it says, the next one counts. */
START_TEST(torn_status)
{
	must_open("");
	struct fake_card *c = fake_card_plan.card;
	ck_assert_int_eq(fences(3), 0);
	for (unsigned i = 0; i < 64; i++) {
		for (unsigned k = 0; k < 8; k++)
			((volatile uint64_t *)c->port.status)[k] = fb_mix(i * 8 + k);
		c->port.status->header.generation = c->status_generation + 1;
		ck_assert_msg(fences(1) == 0, "%s", why());
	}
	ck_assert_uint_eq(ends, 67);
	close_engine();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("card");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, fake_card_reset_plan, NULL);
	tcase_add_test(t, opens);
	tcase_add_test(t, arguments);
	tcase_add_test(t, refuses_others);
	tcase_add_loop_test(t, wrong_from_the_start, 0, sizeof(at_start) / sizeof(at_start[0]));
	tcase_add_loop_test(t, faults_while_it_runs, 0, sizeof(faulty) / sizeof(faulty[0]));
	tcase_add_test(t, faults_of_an_idle_card);
	tcase_add_test(t, the_host_pauses);
	tcase_add_test(t, patience);
	tcase_add_test(t, no_reads_and_lazy_credit);
	tcase_add_test(t, reset_anywhere);
	tcase_add_test(t, out_of_sequence);
	tcase_add_test(t, a_batch_at_a_time);
	tcase_add_test(t, left_behind);
	tcase_add_test(t, left_over);
	tcase_add_test(t, one_gap);
	tcase_add_test(t, many_gaps_of_one);
	tcase_add_test(t, late_gap);
	tcase_add_test(t, torn_status);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
