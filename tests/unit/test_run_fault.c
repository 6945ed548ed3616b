/* Memory faults and findings of the card's audit: the account, or everybody where nobody is named,
 * is the host's from then on, liquidations go on, and a replay on a sound engine agrees. The first
 * part runs on the -poke build of the core, where stored bits can be flipped; the rest has records
 * put in by the wrapper. */
#include "run_kit.h"

#include "../../sim/core_shim.h"
#include "../../sw/lib/engine_core.h"

static struct fb_summary replayed;
static bool have_core;

/* An account with a position that will be liquidated in a sound run: its id. */
static uint32_t victim_id;

static void run_sound(struct fb_summary *out)
{
	victim_id = 0;
	ck_assert_msg(run_open("model:") == 0, "%s", error.text);
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	for (uint32_t i = 0; i < host.book->accounts && victim_id == 0; i++) {
		const struct fb_book_account *a = &host.book->account[i];
		if (a->role == FB_ROLE_USER && a->first != FB_NONE && a->rows_live == 0)
			victim_id = a->id;
	}
	ck_assert_uint_ne(victim_id, 0);
	*out = host.summary;
	ck_assert(fb_summary_good(out));
	run_close();
}

/* The same decisions as without the error: the host is as good a judge. */
static void like_sound(const struct fb_summary *sound)
{
	const struct fb_summary *s = &host.summary;
	ck_assert_uint_eq(s->waterfall.liquidations, sound->waterfall.liquidations);
	ck_assert_uint_eq(s->waterfall.orders, sound->waterfall.orders);
	ck_assert_uint_eq(s->waterfall.warnings, sound->waterfall.warnings);
	ck_assert(s->fund_equity_e8 == sound->fund_equity_e8);
}

static void goes_on(void)
{
	ck_assert(host.summary.conserved && !fb_summary_good(&host.summary));
	ck_assert_uint_gt(host.summary.waterfall.liquidations, 50);
	everyone_is_judged();
}

static void close_and_replay(void)
{
	struct fb_summary first_run = host.summary;
	run_close();
	replay_agrees("model:", false, &replayed);
	same_decisions(&first_run, &replayed);
}

/* ---- stored bits ---- */

/* Lane and stripe of one of the account's rows, or its slot. */
static void find_word(int table, uint32_t id, uint32_t *lane, uint32_t *address)
{
	const struct fb_structure *s = fb_core_engine_structure(wrap.inner);
	uint32_t index = fb_book_account_index(host.book, id), seat;
	struct fb_row_place place;
	ck_assert(fb_structure_find_account(s, id, &seat));
	*lane = fb_structure_lane(s, seat);
	*address = fb_structure_slot(s, seat);
	if (table != FB_CORE_ROWS)
		return;
	uint32_t row = host.book->account[index].first;
	ck_assert(fb_structure_find_row(s, host.book->row[row].id, &place));
	*lane = place.lane;
	*address = place.stripe;
}

static const struct {
	int table;
	uint32_t bit;
} flips[] = { { FB_CORE_ROWS, 3 },	{ FB_CORE_ROWS, 60 },	   { FB_CORE_ROWS, 120 },
	      { FB_CORE_ACCOUNTS, 0 },	{ FB_CORE_ACCOUNTS, 130 }, { FB_CORE_ACCOUNTS, 230 },
	      { FB_CORE_ACCOUNTS, 263 }, { FB_CORE_FIXED, 40 },	   { FB_CORE_FIXED, 141 } };
#define FLIPS ((int)(sizeof(flips) / sizeof(flips[0])))

START_TEST(a_stored_bit_flips)
{
	struct fb_summary sound;
	uint32_t lane, address;
	run_sound(&sound);
	ck_assert_msg(run_open("core:lanes=8,poke=1") == 0, "%s", error.text);
	for (int k = 0; k < 20; k++)
		ck_assert_int_eq(run_instant(), 1);
	find_word(flips[_i].table, victim_id, &lane, &address);
	ck_assert_int_eq(fb_core_engine_flip(wrap.inner, flips[_i].table, lane, address,
					     flips[_i].bit),
			 0);
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	ck_assert_uint_ge(host.alarms.memory_faults, 1);
	ck_assert_uint_eq(host.alarms.everyone, 0);
	ck_assert_uint_eq(host.summary.host_judged, 1);
	ck_assert(host.book->account[fb_book_account_index(host.book, victim_id)].host_judged);
	ck_assert_ptr_nonnull(strstr(host.divergence.text, "FAULT"));
	goes_on();
	like_sound(&sound);
	close_and_replay();
}
END_TEST

/* ---- records put in ---- */

static void put(union fb_record r)
{
	wrap.put[wrap.puts++] = r;
}

static union fb_record parity(unsigned fault, uint32_t account, uint32_t lost)
{
	return (union fb_record){ .fault = { .kind = FB_REC_FAULT,
					     .account = account,
					     .fault = (uint8_t)fault,
					     .lane = 3,
					     .lost = lost } };
}

static union fb_record finding(unsigned what, uint32_t account)
{
	return (union fb_record){ .audit = { .kind = FB_REC_AUDIT,
					     .account = account,
					     .finding = (uint8_t)what,
					     .lane = 3 } };
}

/* Whom the host must judge after each of these. */
enum whom { NOBODY, VICTIM, EVERYONE };

static const struct {
	uint8_t kind, what;
	bool named;
	uint32_t lost;
	enum whom whom;
} cases[] = {
	{ FB_REC_FAULT, FB_FAULT_ROW_PARITY, true, 0, VICTIM },
	{ FB_REC_FAULT, FB_FAULT_ACCOUNT_PARITY, true, 0, VICTIM },
	{ FB_REC_FAULT, FB_FAULT_ROW_PARITY, true, 1, EVERYONE },
	{ FB_REC_FAULT, FB_FAULT_ROW_PARITY, false, 0, EVERYONE },
	{ FB_REC_FAULT, FB_FAULT_TABLE_PARITY, false, 0, EVERYONE },
	{ FB_REC_FAULT, FB_FAULT_TABLE_PARITY, true, 0, EVERYONE },
	{ FB_REC_AUDIT, FB_AUDIT_MISMATCH, true, 0, VICTIM },
	{ FB_REC_AUDIT, FB_AUDIT_MISMATCH, false, 0, EVERYONE },
	{ FB_REC_AUDIT, FB_AUDIT_KNOWN_ANSWER, false, 0, EVERYONE },
};

START_TEST(a_record_says_so)
{
	struct fb_summary sound;
	run_sound(&sound);
	ahead = 3 * (unsigned)(_i & 1);
	sweep_every = 10;
	ck_assert_int_eq(run_open("model:"), 0);
	for (int k = 0; k < 20; k++)
		ck_assert_int_eq(run_instant(), 1);
	uint32_t id = cases[_i].named ? victim_id : 0;
	put(cases[_i].kind == FB_REC_FAULT ? parity(cases[_i].what, id, cases[_i].lost)
					   : finding(cases[_i].what, id));
	/* Told again later, it is no news. */
	for (int k = 0; k < 3; k++)
		ck_assert_int_eq(run_instant(), 1);
	put(cases[_i].kind == FB_REC_FAULT ? parity(cases[_i].what, id, 0)
					   : finding(cases[_i].what, id));
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	const struct fb_log_alarms *a = &host.alarms;
	ck_assert_uint_eq(a->memory_faults + a->mismatches + a->known_answers, 1);
	/* The engine's state is as good as before, with the levels that it reports itself. */
	ck_assert_uint_eq(host.summary.sweep_differences, 0);
	ck_assert_uint_eq(a->everyone, cases[_i].whom == EVERYONE);
	ck_assert_uint_eq(host.summary.host_judged,
			  cases[_i].whom == EVERYONE ? host.book->accounts : 1);
	ck_assert(host.book->account[fb_book_account_index(host.book, victim_id)].host_judged);
	if (cases[_i].kind == FB_REC_AUDIT && cases[_i].whom == VICTIM) {
		/* Both sums are kept: the card's, and those of the book. */
		const struct fb_difference *d = &host.confirm.difference[0];
		ck_assert_uint_eq(host.confirm.differences, 1);
		ck_assert_uint_eq(d->found.audit.account, victim_id);
		ck_assert_uint_eq(d->expected.audit.account, victim_id);
		ck_assert(fb_wide(d->expected.audit.equity) != 0);
		ck_assert(fb_wide(d->expected.audit.mm) > 0);
	}
	goes_on();
	if (ahead == 0) /* else the host sees a breach sooner than records of the past tell it */
		like_sound(&sound);
	close_and_replay();
}
END_TEST

/* More faults at once than are kept: nobody can say whose they were. */
START_TEST(too_many_to_keep)
{
	ck_assert_int_eq(run_open("model:"), 0);
	ck_assert_int_eq(run_instant(), 1);
	for (unsigned i = 0; i < FB_LINK_FAULTS + 1; i++)
		put(parity(FB_FAULT_ROW_PARITY, accounts.account[0].id, 0));
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	ck_assert_uint_eq(host.alarms.everyone, 1);
	close_and_replay();
}
END_TEST

/* A fault while accounts are still being loaded holds for those who come later too. */
START_TEST(before_loading_is_over)
{
	put(parity(FB_FAULT_TABLE_PARITY, 0, 0)); /* comes with the end of the first batch */
	ck_assert_msg(run_open("model:") == 0, "%s", error.text);
	ck_assert_uint_eq(host.alarms.memory_faults, 1);
	ck_assert_uint_eq(host.confirm.host_judged, host.book->accounts);
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	close_and_replay();
}
END_TEST

/* What a gap in the sequence lost is unknown: that still stops a run. */
START_TEST(a_gap_stops_the_run)
{
	ck_assert_int_eq(run_open("model:"), 0);
	put(parity(FB_FAULT_SEQUENCE, 0, 0));
	ck_assert_int_eq(run_rest(), -EPROTO);
	ck_assert_ptr_nonnull(strstr(error.text, "what it lost is unknown"));
	run_close();
}
END_TEST

/* Signs of life are counted, crowd out nothing, and are missed after a minute. */
START_TEST(rotations)
{
	ck_assert_int_eq(run_open("model:"), 0);
	for (int k = 0; k < 70; k++) {
		for (int i = 0; i < 100 && k < 3; i++)
			put(finding(FB_AUDIT_ROTATION, 0));
		ck_assert_int_eq(run_instant(), 1);
	}
	ck_assert_uint_eq(host.summary.engine_rotations, 3); /* one a batch is enough */
	ck_assert_uint_eq(host.alarms.silences, 1);
	ck_assert_uint_eq(host.confirm.host_judged, 0);
	for (int k = 0; k < 80; k++) {
		put(finding(FB_AUDIT_ROTATION, 0));
		ck_assert_int_eq(run_instant(), 1);
	}
	ck_assert_uint_eq(host.alarms.silences, 1);
	ck_assert_uint_eq(host.summary.engine_rotations, 83);
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	ck_assert_uint_ge(host.alarms.silences, 2);
	ck_assert(!fb_summary_good(&host.summary));
	close_and_replay();
}
END_TEST

/* With signs of life all along, everything is good. */
START_TEST(a_healthy_audit_is_good)
{
	int err;
	ck_assert_int_eq(run_open("model:"), 0);
	do {
		put(finding(FB_AUDIT_ROTATION, 0));
	} while ((err = run_instant()) > 0);
	ck_assert_int_eq(err, 0);
	ck_assert_int_eq(run_rest(), 0);
	ck_assert(fb_summary_good(&host.summary));
	run_close();
	replay_agrees("model:", true, &replayed);
}
END_TEST

int main(void)
{
	const char *dir = getenv("FIREBREAK_CORE_DIR");
	char path[4096];
	Suite *suite = suite_create("host: faults of the engine");
	TCase *tests = tcase_create("faults");
	snprintf(path, sizeof(path), "%s/libfbcore8-poke.so", dir ? dir : "build");
	have_core = access(path, R_OK) == 0;
	temp_open("run-fault");
	setenv("PATH", "", 1);
	tcase_set_timeout(tests, 120);
	if (have_core)
		tcase_add_loop_test(tests, a_stored_bit_flips, 0, FLIPS);
	else
		printf("left out: flipped bits, for %s is not built; run: make %s\n", path, path);
	tcase_add_loop_test(tests, a_record_says_so, 0, 9);
	tcase_add_test(tests, too_many_to_keep);
	tcase_add_test(tests, before_loading_is_over);
	tcase_add_test(tests, a_gap_stops_the_run);
	tcase_add_test(tests, rotations);
	tcase_add_test(tests, a_healthy_audit_is_good);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	temp_close();
	return failed != 0;
}
