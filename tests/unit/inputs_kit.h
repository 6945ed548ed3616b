/* What the tests of the readers share: files made on the spot, errors with a place, the shipped
 * rules, and where the real data lies. */
#ifndef INPUTS_KIT_H
#define INPUTS_KIT_H

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <firebreak/inputs.h>

static char kit_folder[64];

__attribute__((unused)) static void kit_open(void)
{
	strcpy(kit_folder, "/tmp/firebreak-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(kit_folder));
}

__attribute__((unused)) static void kit_close(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", kit_folder);
	ck_assert_int_eq(system(command), 0);
}

/* The path of a file in the test's folder; up to four at a time. */
__attribute__((unused)) static const char *kit_path(const char *name)
{
	static char path[4][160];
	static unsigned turn;
	char *to = path[turn++ % 4];

	snprintf(to, sizeof(path[0]), "%s/%s", kit_folder, name);
	return to;
}

__attribute__((unused)) static const char *kit_bytes(const char *name, const void *bytes, size_t n)
{
	const char *path = kit_path(name);
	FILE *file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
	ck_assert_int_eq(fclose(file), 0);
	return path;
}

__attribute__((unused)) static const char *kit_file(const char *name, const char *text)
{
	return kit_bytes(name, text, strlen(text));
}

/* The error names FILE:PLACE: and says `words` after it; `place` is "line:column". */
#define kit_error_at(error, place, words)                                                       \
	do {                                                                                    \
		char kit_place[64];                                                             \
		snprintf(kit_place, sizeof(kit_place), ":%s: ", place);                         \
		ck_assert_msg(strstr((error)->text, kit_place) && strstr((error)->text, words), \
			      "expected \"%s ... %s\", found \"%s\"", kit_place, words,         \
			      (error)->text);                                                   \
	} while (0)

/* The shipped pack, found from the test's own place. */
__attribute__((unused)) static struct fb_rules *kit_rules(void)
{
	static struct fb_rules rules;
	struct fb_error error = { "" };

	ck_assert_msg(fb_rules_load("binance-usdm", &rules, &error) == 0, "%s", error.text);
	return &rules;
}

/* Folder of the real data, or NULL after a line that says so. */
__attribute__((unused)) static const char *kit_data(const char *test)
{
	const char *folder = getenv("FIREBREAK_DATA");

	if (!folder || !*folder)
		folder = "../shared/data";
	if (access(folder, R_OK) == 0)
		return folder;
	printf("%s: skipped: no real data; set FIREBREAK_DATA to its folder\n", test);
	return NULL;
}

__attribute__((unused)) static int kit_run(const char *name, void (*fill)(TCase *tcase))
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, kit_open, kit_close);
	fill(tcase);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
