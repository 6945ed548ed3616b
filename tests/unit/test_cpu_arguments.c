/* How the software engine is opened: what its arguments may be, and what it says when it cannot
 * have the memory or the threads that they ask for. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sys/resource.h>
#include <unistd.h>

#include <firebreak/engine.h>

#include "../../sw/lib/cpu.h"

/* Too little memory is said when the engine is opened. */
START_TEST(test_no_memory)
{
	struct rlimit limit = { 200000000, 200000000 };
	struct fb_engine *engine = NULL;
	struct fb_error error = { "" };
#ifdef __SANITIZE_ADDRESS__
	return; /* which needs more addresses than any limit */
#endif
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
	ck_assert_int_eq(fb_engine_open("cpu:rows=4000000", &engine, &error), -ENOMEM);
	ck_assert_ptr_null(engine);
	ck_assert_msg(strstr(error.text, "4000000 rows") != NULL, "%s", error.text);
	if (cpu_room_left() >= UINT64_C(10) << 30)
		return; /* there is room for the largest */
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(fb_engine_open("cpu:accounts=67108864,rows=67108864", &engine, &error),
			 -ENOMEM);
	ck_assert_msg(strstr(error.text, "are left") != NULL, "%s", error.text);
}
END_TEST

START_TEST(test_arguments)
{
	static const struct {
		const char *uri, *says;
	} bad[] = {
		{ "cpu:accounts=0", "accounts=0" },
		{ "cpu:rows=67108865", "rows=67108865" },
		{ "cpu:lanes=8", "lanes=8" },
		{ "cpu:isa=sse9", "sse9" },
		{ "cpu:rows=", "rows=" },
		{ "cpu:threads=0", "threads=0" },
		{ "cpu:threads=17", "threads=17" },
		{ "cpu:threads=two", "threads=two" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fb_engine *engine = NULL;
		struct fb_error error = { "" };
		ck_assert_int_lt(fb_engine_open(bad[i].uri, &engine, &error), 0);
		ck_assert_ptr_null(engine);
		ck_assert_msg(strstr(error.text, bad[i].says) != NULL, "%s", error.text);
	}
}
END_TEST

START_TEST(test_more_threads_than_processors)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct fb_engine *engine = NULL;
	struct fb_error error = { "" };
	char uri[64];
	if (processors >= 16)
		return;
	snprintf(uri, sizeof(uri), "cpu:threads=%ld", processors + 1);
	ck_assert_int_eq(fb_engine_open(uri, &engine, &error), -EINVAL);
	ck_assert_msg(strstr(error.text, "processors") != NULL, "%s", error.text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cpu_arguments");
	TCase *tests = tcase_create("cpu_arguments");
	SRunner *runner = srunner_create(suite);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, test_no_memory);
	tcase_add_test(tests, test_arguments);
	tcase_add_test(tests, test_more_threads_than_processors);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
