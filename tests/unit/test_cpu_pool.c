/* Threads of the software engine: that every part is done once, whoever does it; that a part which
 * does not end is an error and no hang; and that an engine with two threads gives the same records
 * in the same order as with one. Also run under ThreadSanitizer, for which it is linked with little
 * else: that is why it opens the engine directly. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../sw/lib/cpu.h"
#include "../../sw/lib/cpu_pool.h"
#include "../../sw/lib/workload.h"

#define PARTS 1000u

static void count(void *context, unsigned part)
{
	unsigned *times = context;
	times[part]++; /* not atomic: nobody else may do this part */
}

START_TEST(every_part_once)
{
	struct cpu_pool pool;
	static unsigned times[PARTS];
	ck_assert_int_eq(cpu_pool_open(&pool, (unsigned)_i), 0);
	for (unsigned job = 1; job <= 2000; job++) {
		unsigned parts = job % 7 == 0 ? 0 : job % 5 == 0 ? PARTS : job % 11;
		memset(times, 0, sizeof(times));
		ck_assert_int_eq(cpu_pool_run(&pool, parts, count, times), 0);
		for (unsigned i = 0; i < PARTS; i++)
			ck_assert_uint_eq(times[i], i < parts);
		if (job % 500 == 0)
			usleep(2000); /* the others fall asleep */
	}
	ck_assert(cpu_pool_close(&pool));
}
END_TEST

/* Whoever takes part 1 is away for long. */
static void hang(void *context, unsigned part)
{
	const struct timespec *away = context;
	if (part == 1)
		nanosleep(away, NULL);
	else
		usleep(20000); /* so that the other thread gets a part */
}

static uint64_t ms_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

START_TEST(a_part_that_does_not_end)
{
	struct timespec away = { 0, 700000000 };
	struct cpu_pool pool;
	ck_assert_int_eq(cpu_pool_open(&pool, 2), 0);
	pool.patience_ns = 100000000;
	int err = 0;
	/* It is the caller, now and then, who takes part 1: then all is done, later. */
	for (unsigned i = 0; i < 20 && !err; i++) {
		uint64_t began = ms_now();
		err = cpu_pool_run(&pool, 2, hang, &away);
		ck_assert_uint_lt(ms_now() - began, 5000);
	}
	ck_assert_int_eq(err, -ETIMEDOUT);
	ck_assert_int_eq(cpu_pool_run(&pool, 1, hang, &away), -ETIMEDOUT);
	pool.patience_ns = 5000000000;
	ck_assert(cpu_pool_close(&pool));
}
END_TEST

START_TEST(a_thread_that_does_not_end)
{
	struct timespec away = { 30, 0 };
	static struct cpu_pool pool; /* stays: a thread still looks at it */
	ck_assert_int_eq(cpu_pool_open(&pool, 2), 0);
	pool.patience_ns = 50000000;
	away.tv_sec = 0;
	away.tv_nsec = 900000000;
	int err = 0;
	for (unsigned i = 0; i < 20 && !err; i++)
		err = cpu_pool_run(&pool, 2, hang, &away);
	ck_assert_int_eq(err, -ETIMEDOUT);
	ck_assert(!cpu_pool_close(&pool));
	usleep(1200000); /* until it has ended after all */
}
END_TEST

struct side {
	struct fb_engine *engine;
	union fb_record *record;
	size_t n, room;
};

struct sides {
	struct side side[2];
	uint64_t seq;
};

static void take(struct side *s)
{
	int n = 0, idle = 0;
	for (s->n = 0; !idle; s->n += (size_t)n) {
		n = s->engine->ops->poll(s->engine, s->record + s->n, s->room - s->n, &idle);
		ck_assert_int_ge(n, 0);
	}
}

static int give(void *context, union fb_command *command)
{
	struct sides *both = context;
	command->header.seq = ++both->seq;
	for (int i = 0; i < 2; i++) {
		struct fb_engine *engine = both->side[i].engine;
		ck_assert_int_eq(engine->ops->submit(engine, command), 0);
	}
	if (command->header.flags & FB_FLAG_MORE)
		return 0;
	take(&both->side[0]);
	take(&both->side[1]);
	ck_assert_uint_eq(both->side[0].n, both->side[1].n);
	ck_assert_mem_eq(both->side[0].record, both->side[1].record,
			 both->side[0].n * sizeof(union fb_record));
	return 0;
}

static void work(struct fb_workload *w, struct sides *both)
{
	fb_workload_load(w, give, both);
	for (uint32_t i = 0; i < 40; i++) {
		fb_workload_marks(w, i % 4 == 3 ? 300000 : 1000000 - i * 3000, 2000, give, both);
		fb_workload_fill(w, i * 7919u % w->shape.rows, give, both);
		fb_workload_mark(w, 0, 990000 + i * 500, give, both);
	}
}

START_TEST(two_threads_say_the_same)
{
	static const char *const uri[2] = { "rows=30000", "rows=30000,threads=2" };
	struct fb_workload_shape shape = { .rows = 30000, .symbols = 100, .seed = 9 };
	struct fb_workload w;
	struct fb_error error = { "" };
	struct sides both = { .seq = 0 };
	shape.doomed = _i;
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return;
	for (int i = 0; i < 2; i++) {
		struct side *s = &both.side[i];
		ck_assert_msg(fb_cpu_open(uri[i], &s->engine, &error) == 0, "%s", error.text);
		s->room = 70000;
		s->record = malloc(s->room * sizeof(*s->record));
		ck_assert_ptr_nonnull(s->record);
	}
	ck_assert_int_eq(fb_workload_open(&shape, &w), 0);
	work(&w, &both);
	fb_workload_close(&w);
	for (int i = 0; i < 2; i++) {
		both.side[i].engine->ops->close(both.side[i].engine);
		free(both.side[i].record);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cpu_pool");
	TCase *tests = tcase_create("cpu_pool");
	SRunner *runner = srunner_create(suite);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, every_part_once, 1, 5);
	tcase_add_test(tests, a_part_that_does_not_end);
	tcase_add_test(tests, a_thread_that_does_not_end);
	tcase_add_loop_test(tests, two_threads_say_the_same, 0, 2);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
