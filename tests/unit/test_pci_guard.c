/* Memory whose file is truncated behind our back raises SIGBUS, as a BAR does whose card vanished:
 * the program goes on with all ones. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../sw/lib/guard.h"

#define BYTES 16384

static int file;

/* A mapping of a file that is gone at once. */
static volatile uint32_t *map(void)
{
	char name[] = "/tmp/fb_guard.XXXXXX";
	file = mkstemp(name);
	ck_assert_int_ge(file, 0);
	unlink(name);
	ck_assert_int_eq(ftruncate(file, BYTES), 0);
	void *m = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	ck_assert_ptr_ne(m, MAP_FAILED);
	return m;
}

static void vanish(void)
{
	ck_assert_int_eq(ftruncate(file, 0), 0);
}

static void *plain(volatile uint32_t *m)
{
	return (void *)(uintptr_t)m;
}

START_TEST(a_read_gives_ones)
{
	struct fb_guard *g;
	volatile uint32_t *m = map();
	m[100] = 7;
	ck_assert_int_eq(fb_guard_add(plain(m), BYTES, &g), 0);
	ck_assert_uint_eq(m[100], 7);
	ck_assert(!fb_guard_tripped(g));
	vanish();
	ck_assert_uint_eq(m[100], UINT32_MAX);
	ck_assert(fb_guard_tripped(g));
	ck_assert_uint_eq(m[BYTES / 4 - 1], UINT32_MAX);
	fb_guard_remove(g);
	ck_assert_int_eq(munmap(plain(m), BYTES), 0);
}
END_TEST

START_TEST(a_write_goes_nowhere)
{
	struct fb_guard *g;
	volatile uint32_t *m = map();
	ck_assert_int_eq(fb_guard_add(plain(m), BYTES, &g), 0);
	vanish();
	m[BYTES / 4 - 1] = 5;
	ck_assert(fb_guard_tripped(g));
	ck_assert_uint_eq(m[0], UINT32_MAX);
	fb_guard_remove(g);
}
END_TEST

START_TEST(one_of_two_cards)
{
	struct fb_guard *g, *other;
	volatile uint32_t *healthy = map();
	volatile uint32_t *m = map();
	ck_assert_int_eq(fb_guard_add(plain(healthy), BYTES, &other), 0);
	ck_assert_int_eq(fb_guard_add(plain(m), BYTES, &g), 0);
	vanish();
	m[0] = 1;
	healthy[0] = 1;
	ck_assert(fb_guard_tripped(g));
	ck_assert(!fb_guard_tripped(other));
	ck_assert_uint_eq(healthy[0], 1);
	fb_guard_remove(g);
	/* the place is free, and clean */
	m = map();
	ck_assert_int_eq(fb_guard_add(plain(m), BYTES, &g), 0);
	ck_assert(!fb_guard_tripped(g));
	vanish();
	ck_assert_uint_eq(m[5], UINT32_MAX);
	fb_guard_remove(g);
	fb_guard_remove(other);
}
END_TEST

static void *touch(void *m)
{
	return (void *)(uintptr_t)((volatile uint32_t *)m)[9];
}

START_TEST(in_another_thread)
{
	struct fb_guard *g;
	pthread_t thread;
	void *value;
	volatile uint32_t *m = map();
	ck_assert_int_eq(fb_guard_add(plain(m), BYTES, &g), 0);
	vanish();
	ck_assert_int_eq(pthread_create(&thread, NULL, touch, plain(m)), 0);
	ck_assert_int_eq(pthread_join(thread, &value), 0);
	ck_assert_uint_eq((uintptr_t)value, UINT32_MAX);
	ck_assert(fb_guard_tripped(g));
	fb_guard_remove(g);
}
END_TEST

/* ---- what is not ours ---- */

static volatile sig_atomic_t seen;
static void *remap;

static void somebody(int number)
{
	(void)number;
	seen++;
	if (mmap(remap, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		 0) == MAP_FAILED)
		_exit(1);
}

START_TEST(a_fault_elsewhere_goes_to_who_was_there)
{
	struct fb_guard *g;
	struct sigaction theirs, now;
	memset(&theirs, 0, sizeof(theirs));
	theirs.sa_handler = somebody;
	sigaction(SIGBUS, &theirs, NULL);
	volatile uint32_t *guarded = map();
	volatile uint32_t *m = map();
	ck_assert_int_eq(fb_guard_add(plain(guarded), BYTES, &g), 0);
	remap = plain(m);
	vanish();
	ck_assert_uint_eq(m[3], 0);
	ck_assert_int_eq(seen, 1);
	ck_assert(!fb_guard_tripped(g));
	fb_guard_remove(g);
	/* and the handler is theirs again */
	sigaction(SIGBUS, NULL, &now);
	ck_assert(now.sa_handler == somebody);
}
END_TEST

START_TEST(without_anybody_it_ends_the_program)
{
	pid_t child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		struct fb_guard *g;
		signal(SIGBUS, SIG_DFL);
		volatile uint32_t *guarded = map();
		volatile uint32_t *m = map();
		if (fb_guard_add(plain(guarded), BYTES, &g) == 0 && ftruncate(file, 0) == 0)
			m[0] = 1;
		_exit(0);
	}
	int status;
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGBUS);
}
END_TEST

START_TEST(there_is_room_for_so_many)
{
	struct fb_guard *g[FB_GUARDS], *none;
	volatile uint32_t *m = map();
	for (int i = 0; i < FB_GUARDS; i++)
		ck_assert_int_eq(fb_guard_add(plain(m), BYTES, &g[i]), 0);
	ck_assert_int_eq(fb_guard_add(plain(m), BYTES, &none), -ENOSPC);
	for (int i = 0; i < FB_GUARDS; i++)
		fb_guard_remove(g[i]);
	ck_assert_int_eq(fb_guard_add(plain(m), BYTES, &none), 0);
	fb_guard_remove(none);
	fb_guard_remove(NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pci_guard");
	TCase *tests = tcase_create("guard");
	suite_add_tcase(suite, tests);
	tcase_add_test(tests, a_read_gives_ones);
	tcase_add_test(tests, a_write_goes_nowhere);
	tcase_add_test(tests, one_of_two_cards);
	tcase_add_test(tests, in_another_thread);
	tcase_add_test(tests, a_fault_elsewhere_goes_to_who_was_there);
	tcase_add_test(tests, without_anybody_it_ends_the_program);
	tcase_add_test(tests, there_is_room_for_so_many);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
