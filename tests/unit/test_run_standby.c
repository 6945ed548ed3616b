/* The engine of a run dies, at every moment, and a standby takes its place: log, records, orders
 * and state are those of a run in which nothing happened. */
#include "run_kit.h"

static struct fb_summary sound, replayed;
static uint8_t *sound_log;
static long sound_bytes;
static uint64_t sound_commands, sound_records;

static uint8_t *read_log(long *bytes)
{
	FILE *f = fopen(log_path, "rb");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fseek(f, 0, SEEK_END), 0);
	*bytes = ftell(f);
	rewind(f);
	uint8_t *all = malloc((size_t)*bytes);
	ck_assert_ptr_nonnull(all);
	ck_assert_uint_eq(fread(all, 1, (size_t)*bytes, f), (size_t)*bytes);
	fclose(f);
	return all;
}

static void whole_run(const char *engine)
{
	ck_assert_msg(run_open(engine) == 0, "%s", error.text);
	ck_assert_msg(run_rest() == 0, "%s", error.text);
}

/* The run that nothing happens to. */
static void run_sound(unsigned in_flight)
{
	ahead = in_flight;
	sweep_every = 20;
	/* So that commands and records are counted. */
	wrap.dies_at_command = wrap.dies_at_record = UINT64_MAX;
	whole_run("model:");
	sound = host.summary;
	sound_commands = wrap.commands;
	sound_records = wrap.records;
	ck_assert(fb_summary_good(&sound));
	ck_assert_uint_eq(sound.failovers, 0);
	ck_assert_uint_gt(sound.waterfall.liquidations, 50);
	run_close();
	sound_log = read_log(&sound_bytes);
}

static void same_as_sound(void)
{
	const struct fb_summary *s = &host.summary;
	ck_assert(fb_summary_good(s));
	same_decisions(s, &sound);
	ck_assert_uint_eq(s->records, sound.records);
	ck_assert_uint_eq(s->records_digest, sound.records_digest);
	ck_assert_uint_eq(s->hash_accounts, sound.hash_accounts);
	ck_assert_uint_eq(s->hash_rows, sound.hash_rows);
	ck_assert_uint_eq(s->hash_symbols, sound.hash_symbols);
	run_close();
	long bytes;
	uint8_t *log = read_log(&bytes);
	ck_assert_int_eq(bytes, sound_bytes);
	if (memcmp(log, sound_log, (size_t)bytes) != 0)
		ck_abort_msg("the logs differ");
	free(log);
}

/* One death, at the n-th command or record. */
static void die_at(uint64_t command, uint64_t record, unsigned in_flight, uint64_t seed)
{
	ahead = in_flight;
	sweep_every = 20;
	standby = "";
	delay_seed = seed;
	wrap.dies_at_command = command;
	wrap.dies_at_record = record;
	whole_run("model:");
	ck_assert_uint_eq(host.summary.failovers, 1);
	ck_assert_str_eq(host.summary.failover_why, "planted death");
	ck_assert_str_eq(host.summary.failover_from, "model:accounts=65536,rows=262144");
	ck_assert_uint_le(host.summary.failover_seq, command ? command : UINT64_MAX);
	same_as_sound();
}

/* With in_flight batches ahead, and a slow host. The first 40 one by one, then all over the run. */
#define SWEEPS 6
START_TEST(at_every_moment)
{
	unsigned in_flight = 3 * (unsigned)(_i % 3);
	bool by_record = _i / 3 != 0;
	run_sound(in_flight);
	uint64_t end = by_record ? sound_records : sound_commands;
	for (uint64_t n = 1; n < end; n += n < 40 ? 1 : end / 45 + n % 7)
		die_at(by_record ? 0 : n, by_record ? n : 0, in_flight, n % 4 ? 0 : n);
	free(sound_log);
}
END_TEST

/* Another kind of engine, dying while liquidations go on, and a Verilated core that takes over. */
START_TEST(a_core_takes_over)
{
	run_sound(3);
	ahead = 3;
	sweep_every = 20;
	standby = "core:lanes=8,poke=1";
	wrap.dies_at_command = sound_commands * 2 / 3;
	whole_run("model:");
	ck_assert_uint_eq(host.summary.failovers, 1);
	same_as_sound();
	free(sound_log);
}
END_TEST

/* Standbys die too, some of them while they are loaded. */
START_TEST(again_and_again)
{
	run_sound(3);
	ahead = 3;
	sweep_every = 20;
	standby = "";
	wrap.dies_at_command = 700;
	ck_assert_msg(run_open("model:") == 0, "%s", error.text);
	unsigned deaths = 0;
	int err;
	while ((err = run_instant()) > 0) {
		if (host.summary.failovers == deaths || deaths == 5)
			continue;
		deaths = (unsigned)host.summary.failovers;
		wrap.inner = host.engine.engine;
		host.engine.engine = &wrap.base;
		wrap.dead = false;
		wrap.commands = 0;
		wrap.dies_at_command = 400;
	}
	ck_assert_int_eq(err, 0);
	ck_assert_int_eq(fb_host_drain(&host, 0), 0);
	ck_assert_int_eq(fb_host_sweep(&host), 0);
	ck_assert_int_eq(fb_host_end(&host), 0);
	ck_assert_uint_ge(host.summary.failovers, 4);
	same_as_sound();
	replay_agrees("model:", true, &replayed);
	free(sound_log);
}
END_TEST

/* Accounts that the host judges stay with it, and what the dead engine said of them does not
 * matter. */
START_TEST(host_judged_accounts)
{
	for (unsigned k = 0; k < 2; k++) {
		standby = "";
		sweep_every = 20;
		ck_assert_int_eq(run_open("model:"), 0);
		for (int i = 0; i < 60; i++)
			ck_assert_int_eq(run_instant(), 1);
		for (unsigned i = 0; i < 30; i++)
			wrap.put[wrap.puts++] = (union fb_record){
				.fault = { .kind = FB_REC_FAULT,
					   .fault = FB_FAULT_ACCOUNT_PARITY,
					   .account = accounts.account[i].id }
			};
		ck_assert_int_eq(run_instant(), 1);
		if (k == 0) {
			/* What it says of one of them is wrong from now on. */
			for (unsigned i = 0; i < 30; i++)
				host.book->account[4 + i].said = FB_LEVEL_FAULT;
			wrap.dies_at_command = 1;
		}
		ck_assert_msg(run_rest() == 0, "%s", error.text);
		ck_assert_uint_eq(host.summary.failovers, k == 0);
		ck_assert_uint_eq(host.summary.host_judged, 30);
		ck_assert_uint_eq(host.summary.sweep_differences, 0);
		everyone_is_judged();
		if (k == 0)
			sound = host.summary;
		else
			same_decisions(&host.summary, &sound);
		run_close();
		replay_agrees("model:", false, &replayed);
		same_decisions(&replayed, &sound);
	}
}
END_TEST

/* None, one that is too small, one that is not there: the run ends and says why. */
static const struct {
	const char *standby, *says[2];
} hopeless[] = {
	{ NULL, { "planted death", "" } },
	{ "none", { "planted death", "" } },
	{ "model:accounts=3,rows=3", { "no room", "standby model:accounts=3" } },
	{ "nothing:", { "planted death", "no such engine" } },
};

START_TEST(without_standby)
{
	standby = hopeless[_i].standby;
	wrap.dies_at_command = 900;
	int err = run_open("model:");
	if (!err)
		err = run_rest();
	ck_assert_int_lt(err, 0);
	for (unsigned k = 0; k < 2; k++)
		ck_assert_msg(strstr(error.text, hopeless[_i].says[k]) != NULL, "%s", error.text);
	run_close();
}
END_TEST

/* A standby that is not what the book says is not trusted. */
START_TEST(a_standby_that_errs)
{
	standby = "";
	ck_assert_int_eq(run_open("model:"), 0);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(run_instant(), 1);
	/* What is loaded is not what the rule makes of it. */
	uint32_t account = 4;
	ck_assert_uint_eq(host.book->account[account].said, FB_LEVEL_CALM);
	host.book->account[account].said = FB_LEVEL_BANKRUPT;
	wrap.dies_at_command = 1;
	ck_assert_int_eq(run_rest(), -EPROTO);
	ck_assert_ptr_nonnull(strstr(error.text, "expected 7"));
	run_close();
}
END_TEST

int main(void)
{
	temp_open("run_standby");
	Suite *s = suite_create("run_standby");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, at_every_moment, 0, SWEEPS);
	if (access("build/libfbcore8-poke.so", R_OK) == 0)
		tcase_add_test(t, a_core_takes_over);
	tcase_add_test(t, again_and_again);
	tcase_add_test(t, host_judged_accounts);
	tcase_add_loop_test(t, without_standby, 0, sizeof(hopeless) / sizeof(hopeless[0]));
	tcase_add_test(t, a_standby_that_errs);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	temp_close();
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
