/* The bench with engines that lie, stall, lose and die: whatever is wrong, it says so, and prints
 * nothing that looks like a report. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../sw/lib/bench.h"

enum fault { GOOD, WRONG_RECORD, LOST_RECORD, WRONG_HASH, WRONG_DIGEST, LOST_END, DIES, STALLS,
	     REFUSES };

/* cpu: behind a fault. Engines whose URI says isa=portable are the faulty ones. */
struct liar {
	struct fb_engine base;
	struct fb_engine *inner;
	uint64_t levels;
	uint64_t after; /* polls since the first HASH: loaded, and some operations done */
	uint64_t ends;	/* BATCH_ENDs since then */
};
static enum fault fault;
static char *report;
static size_t report_length;
static struct fb_error error;

static int liar_submit(struct fb_engine *engine, const union fb_command *command)
{
	return fb_engine_submit(((struct liar *)engine)->inner, command);
}

static void sleep_ms(unsigned ms)
{
	uint64_t began = fb_bench_monotonic_ns();
	while (fb_bench_monotonic_ns() - began < ms * 1000000u)
		;
}

/* Returns false to lose the record. */
static bool spoil(struct liar *l, union fb_record *r)
{
	bool level = r->header.kind == FB_REC_LEVEL, end = r->header.kind == FB_REC_BATCH_END;
	l->levels += level;
	l->ends += end && l->after > 1;
	if (fault == WRONG_RECORD && level && l->levels == 7)
		r->level.equity.lo ^= 1;
	if (r->header.kind == FB_REC_HASH && l->after == 0)
		l->after = 1;
	if (fault == WRONG_HASH && r->header.kind == FB_REC_HASH)
		r->hash.rows_hash ^= 1;
	if (fault == WRONG_DIGEST && end && r->batch_end.digest != 0)
		r->batch_end.digest ^= 1;
	if (fault == REFUSES && end && l->ends == 10)
		r->header.kind = FB_REC_REJECT;
	return !(fault == LOST_RECORD && level && l->levels == 7) &&
	       !(fault == LOST_END && end && l->ends == 10);
}

static int liar_poll(struct fb_engine *engine, union fb_record *out, size_t room, int *idle)
{
	struct liar *l = (struct liar *)engine;
	int n = fb_engine_poll(l->inner, out, room, idle), kept = 0;
	l->after += l->after > 0;
	if (fault == DIES && l->ends > 10)
		return -EIO;
	for (int i = 0; i < n; i++)
		if (spoil(l, &out[i]))
			out[kept++] = out[i];
	/* After the 500 operations, at most, that tell how fast the engine is. */
	if (fault == STALLS && l->after == 600)
		sleep_ms(60);
	return kept;
}

static void liar_info(const struct fb_engine *engine, struct fb_engine_info *out)
{
	fb_engine_info(((const struct liar *)engine)->inner, out);
}

static void liar_close(struct fb_engine *engine)
{
	fb_engine_close(((struct liar *)engine)->inner);
	free(engine);
}

static int open_liar(const char *uri, struct fb_engine **out, struct fb_error *e)
{
	static const struct fb_engine_ops ops = { .submit = liar_submit,
						  .poll = liar_poll,
						  .info = liar_info,
						  .close = liar_close };
	if (!strstr(uri, "isa=portable"))
		return fb_engine_open(uri, out, e);
	struct liar *l = calloc(1, sizeof(*l));
	ck_assert_ptr_nonnull(l);
	l->base.ops = &ops;
	*out = &l->base;
	return fb_engine_open(uri, &l->inner, e);
}

static const char *const both[] = { "cpu:", "cpu:isa=portable" };
static const char *const bad_only[] = { "cpu:isa=portable" };

static int run(const char *workload, const char *const *engine, size_t engines,
	       struct fb_bench_options o)
{
	FILE *out = open_memstream(&report, &report_length);
	o.workload = &workload;
	o.workloads = 1;
	o.engine = engine;
	o.engines = engines;
	o.rows = o.rows ? o.rows : 4000;
	o.seconds = 1;
	o.seed = o.seed ? o.seed : 1;
	o.range_us = o.range_us ? o.range_us : 100000000;
	o.json = true;
	o.open = open_liar;
	int err = fb_bench_run(&o, out, &error);
	fclose(out);
	if (err) /* nothing that looks like a report */
		ck_assert_uint_eq(report_length, 0);
	return err;
}

/* One alone has only the book to be compared with. */
static void caught(enum fault what, int expected, const char *says)
{
	fault = what;
	ck_assert_int_eq(run("burst", bad_only, 1, (struct fb_bench_options){ .samples = 20 }),
			 expected);
	ck_assert_msg(strstr(error.text, says) != NULL, "%s", error.text);
	free(report);
}

static uint64_t figure(const char *stage, const char *name)
{
	char key[64];
	snprintf(key, sizeof(key), "\"stage\": \"%s\"", stage);
	const char *at = strstr(report, key);
	ck_assert_ptr_nonnull(at);
	snprintf(key, sizeof(key), "\"%s\": ", name);
	at = strstr(at, key);
	ck_assert_ptr_nonnull(at);
	return strtoull(at + strlen(key), NULL, 10);
}

START_TEST(engines_agree_in_every_workload)
{
	static const char *const engine[] = { "cpu:", "model:" };
	fault = GOOD;
	for (size_t i = 0; i < fb_bench_works_n; i++) {
		ck_assert_msg(run(fb_bench_works[i].name, engine, 2,
				  (struct fb_bench_options){ .samples = 21, .rows = 2000 }) == 0,
			      "%s: %s", fb_bench_works[i].name, error.text);
		ck_assert_ptr_nonnull(strstr(report, "\"complete\": true }\n"));
		ck_assert_ptr_null(strstr(report, "\"equal\": false"));
		ck_assert_uint_eq(figure("emit", "samples"), 21);
		free(report);
	}
}
END_TEST

/* In every pass over the positions, and between. */
START_TEST(fills_are_taken_back)
{
	fault = GOOD;
	for (uint64_t n = 3; n < 5000; n += 999)
		for (int k = 0; k < 2; k++) {
			ck_assert_msg(run(k ? "fills" : "fills-marks", both, 1,
					  (struct fb_bench_options){ .samples = n,
								     .rows = 1000 }) == 0,
				      "%s", error.text);
			free(report);
		}
}
END_TEST

/* An account of this book reaches a level by a fill, and leaves it when that is taken back: the
 * book has to hear of both, or the state at the end is a wrong answer that nobody gave. */
START_TEST(levels_are_taken_back)
{
	fault = GOOD;
	for (int k = 0; k < 2; k++) {
		ck_assert_msg(run(k ? "fills" : "fills-marks", both, 1,
				  (struct fb_bench_options){
					  .samples = 1900, .rows = 2000, .seed = 64 }) == 0,
			      "%s", error.text);
		free(report);
	}
}
END_TEST

START_TEST(a_wrong_record) { caught(WRONG_RECORD, -EILSEQ, "a wrong answer: a record of account"); }
END_TEST
START_TEST(a_lost_record) { caught(LOST_RECORD, -EILSEQ, "a wrong answer"); }
END_TEST
START_TEST(a_wrong_hash) { caught(WRONG_HASH, -EILSEQ, "state is not the book's (positions)"); }
END_TEST
START_TEST(a_batch_without_end) { caught(LOST_END, -EPROTO, "has not ended"); }
END_TEST
START_TEST(an_engine_that_dies) { caught(DIES, -EIO, "the engine failed after"); }
END_TEST
START_TEST(a_refused_command) { caught(REFUSES, -EPROTO, "refused command"); }
END_TEST

START_TEST(engines_that_differ_are_named)
{
	fault = WRONG_DIGEST;
	ck_assert_int_eq(run("burst", both, 2, (struct fb_bench_options){ .samples = 20 }),
			 -EILSEQ);
	ck_assert_ptr_nonnull(strstr(error.text, "'cpu:' and 'cpu:isa=portable' differ in the "
						 "records of an operation"));
	free(report);
}
END_TEST

/* 60 ms of silence at 2,000 operations a second: 120 of them were due meanwhile. Seen from the plan
 * a tenth of 400 waited 20 ms and more; the engine itself was slow once. */
START_TEST(a_stall_is_charged_to_all_that_waited)
{
	fault = STALLS;
	ck_assert_msg(run("quiet", bad_only, 1,
			  (struct fb_bench_options){ .samples = 400, .rate = 2000 }) == 0, "%s",
		      error.text);
	ck_assert_uint_ge(figure("engine", "max"), 60000000);
	ck_assert_uint_ge(figure("record_seen", "p90"), 20000000);
	ck_assert_uint_ge(figure("price_in", "p90"), 20000000);
	ck_assert_uint_lt(figure("engine", "p90"), 5000000);
	free(report);
}
END_TEST

START_TEST(a_latency_beyond_the_range)
{
	fault = STALLS;
	ck_assert_int_eq(run("quiet", bad_only, 1,
			     (struct fb_bench_options){ .samples = 400,
							.rate = 2000,
							.range_us = 50000 }),
			 -ERANGE);
	ck_assert_ptr_nonnull(strstr(error.text, "the histogram's range"));
	ck_assert_ptr_nonnull(strstr(error.text, "--range-us"));
	free(report);
}
END_TEST

START_TEST(too_little_room)
{
	static const char *const small[] = { "cpu:accounts=10,rows=10" };
	fault = GOOD;
	ck_assert_int_eq(run("quiet", small, 1, (struct fb_bench_options){ .samples = 2 }),
			 -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "expected room for"));
	free(report);
}
END_TEST

START_TEST(what_workloads_are_called)
{
	struct fb_bench_case c;
	ck_assert_int_eq(fb_bench_parse("burst:rows=65k,share=2.5", &c, &error), 0);
	ck_assert_uint_eq(c.rows, 65000);
	ck_assert_uint_eq(c.share_e4, 250);
	ck_assert_int_eq(fb_bench_parse("symbol:rows=4m", &c, &error), 0);
	ck_assert_uint_eq(fb_bench_largest(&c), 723981);
	static const char *const bad[] = { "", "brust", "burst:rows=5m", "burst:rows=999",
					   "burst:rows=", "burst:share=0", "burst:share=101",
					   "all:share=5", "all:rows=1k2", "all:rows=-5", "all:x" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(fb_bench_parse(bad[i], &c, &error) == -EINVAL, "%s", bad[i]);
}
END_TEST

START_TEST(the_plan_is_even)
{
	struct fb_bench_clock clock = { .hz = 2445410799u };
	uint64_t start = UINT64_C(1) << 60, last = start;
	for (uint64_t i = 1; i < 3000000; i += 1 + i / 3) {
		uint64_t at = fb_bench_planned(&clock, start, i, 1234567.0);
		double exact = (double)i * 2445410799.0 / 1234567.0;
		ck_assert(at > last);
		ck_assert((double)(at - start) <= exact && (double)(at - start) > exact - 2);
		last = at;
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bench");
	TCase *all = tcase_create("all");
	tcase_set_timeout(all, 60);
	tcase_add_test(all, engines_agree_in_every_workload);
	tcase_add_test(all, fills_are_taken_back);
	tcase_add_test(all, levels_are_taken_back);
	tcase_add_test(all, a_wrong_record);
	tcase_add_test(all, a_lost_record);
	tcase_add_test(all, a_wrong_hash);
	tcase_add_test(all, a_batch_without_end);
	tcase_add_test(all, an_engine_that_dies);
	tcase_add_test(all, a_refused_command);
	tcase_add_test(all, engines_that_differ_are_named);
	tcase_add_test(all, a_stall_is_charged_to_all_that_waited);
	tcase_add_test(all, a_latency_beyond_the_range);
	tcase_add_test(all, too_little_room);
	tcase_add_test(all, what_workloads_are_called);
	tcase_add_test(all, the_plan_is_even);
	suite_add_tcase(suite, all);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
