/* The doctor on recorded machines, continued: what is wrong with the host, and that text and JSON
 * come of one list. */
#include "../../sw/lib/doctor_internal.h"
#include "../../sw/lib/json.h"
#include "doctor_kit.h"

START_TEST(numa)
{
	card.numa = 0;
	kit_card(&card);
	only("NUMA node", FB_WARN, "card on 0; 4 of 4 processors", "numactl --cpunodebind=0");
	card.numa = -1;
	kit_card(&card);
	examine(NULL);
	ck_assert_int_eq(fb_doctor_verdict(&doctor), FB_PASS);
}
END_TEST

START_TEST(cores)
{
	kit_line("/sys/devices/system/cpu/isolated", "");
	only("isolated cores", FB_WARN, "none", "isolcpus=managed_irq,domain,7 nohz_full=7");
	kit_line("/sys/devices/system/cpu/online", "0");
	only("isolated cores", FB_WARN, "none", "a second processor");
	kit_line("/sys/devices/system/cpu/isolated", "7");
	processor(5, "powersave", "133", "1");
	only("governor", FB_WARN, "powersave on processor 5", "cpupower frequency-set");
	processor(5, "performance", "133", "0");
	only("idle states", FB_WARN, "C6, 133 us, on processor 5", "cpupower idle-set -D 10");
	processor(5, "performance", "10", "0");
	examine(NULL);
	ck_assert_int_eq(fb_doctor_verdict(&doctor), FB_PASS);
	processor(5, "performance", "11", "0");
	examine(NULL);
	ck_assert_int_eq(check_of("idle states")->verdict, FB_WARN);
}
END_TEST

START_TEST(memory)
{
	kit_line("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "0");
	only("huge pages", FB_WARN, "0 free", "sysctl vm.nr_hugepages=4");
	kit_line("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "1");
	kit_line("/proc/self/limits", "Max locked memory         65536     65536     bytes");
	only("locked memory", FB_WARN, "64 KiB", "ulimit -l unlimited");
	kit_line("/proc/self/limits", "Max locked memory         unlimited unlimited bytes");
	examine(NULL);
	ck_assert_str_eq(check_of("locked memory")->measured, "unlimited");
	ck_assert_int_eq(fb_doctor_verdict(&doctor), FB_PASS);
}
END_TEST

START_TEST(kernels)
{
	kit_line("/proc/sys/kernel/osrelease", "5.4.0-200-generic");
	only("kernel", FB_WARN, "5.4.0-200-generic", "linux-image");
	kit_line("/proc/sys/kernel/osrelease", "6.12.1");
	examine(NULL);
	ck_assert_str_eq(check_of("kernel")->measured, "6.12.1, VFIO by device file or group");
}
END_TEST

/* A machine that shows nothing at all is looked at all the same. */
START_TEST(nothing_to_see)
{
	kit_close();
	kit_open("doctor");
	mkdir(kit_path("/sys/bus/pci/devices"), 0755);
	kit_folders(kit_path("/sys/bus/pci/devices/x"));
	examine(NULL);
	ck_assert_int_eq(fb_doctor_verdict(&doctor), FB_FAIL);
	ck_assert_int_eq(check_of("card")->verdict, FB_FAIL);
	ck_assert_int_eq(check_of("kernel")->verdict, FB_WARN);
	ck_assert_int_eq(check_of("locked memory")->verdict, FB_WARN);
	kit_close();
	examine(NULL);
	ck_assert_ptr_nonnull(strstr(check_of("card")->cure, "libpci"));
}
END_TEST

START_TEST(malformed_engine)
{
	struct fb_cards_source source = { .root = kit_root };
	ck_assert_int_eq(fb_doctor_examine(&source, "model:", &doctor, &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "model:"));
	ck_assert_int_eq(fb_doctor_examine(&source, "pci:01:00.0,ring=3", &doctor, &error),
			 -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "ring=3"));
}
END_TEST

static char *printed(void (*print)(const struct fb_doctor *, FILE *))
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	print(&doctor, f);
	fclose(f);
	return text;
}

START_TEST(text_and_json)
{
	card.width = 8;
	kit_card(&card);
	kit_line("/sys/devices/system/cpu/isolated", "6 \"7\\\x01");
	examine(NULL);
	char *text = printed(fb_doctor_print);
	ck_assert_msg(strstr(text, "\nWARN  link width       x8; wanted: x16\n"), "%s", text);
	ck_assert_ptr_nonnull(strstr(text, "19 passed, 1 warnings, 0 failed\n"));
	free(text);

	char *bytes = printed(fb_doctor_print_json);
	struct fb_text whole = { (char *)(uintptr_t) "doctor", bytes, strlen(bytes) };
	struct fb_json json;
	char value[400];
	ck_assert_msg(fb_json_parse(&whole, &json, &error) == 0, "%s", error.text);
	uint32_t node = fb_json_member(&json, 0, "checks");
	size_t n = 0;
	for (node = json.node[node].child; node; node = json.node[node].next, n++) {
		const struct fb_check *c = &doctor.check[n];
		const char *const expected[][2] = { { "check", c->name },
						    { "measured", c->measured },
						    { "wanted", c->wanted },
						    { "cure", c->cure } };
		for (size_t m = 0; m < 4; m++) {
			uint32_t member = fb_json_member(&json, node, expected[m][0]);
			ck_assert_uint_ne(member, 0);
			ck_assert_int_eq(fb_json_unescape(&json, json.node[member].at,
							  json.node[member].length, value,
							  sizeof(value)),
					 0);
			ck_assert_str_eq(value, expected[m][1]);
		}
	}
	ck_assert_uint_eq(n, doctor.checks);
	fb_json_free(&json);
	free(bytes);
}
END_TEST

START_TEST(sets_of_processors)
{
	struct fb_cpus set;
	fb_cpus_parse("0-3,8,64-65,9999-10000", &set);
	for (unsigned i = 0; i < 200; i++)
		ck_assert_msg(fb_cpus_has(&set, i) ==
				      (i <= 3 || i == 8 || i == 64 || i == 65),
			      "%u", i);
	ck_assert(!fb_cpus_has(&set, 9999));
	fb_cpus_parse("", &set);
	ck_assert(!fb_cpus_has(&set, 0));
	fb_cpus_parse("5-2,7", &set);
	ck_assert(fb_cpus_has(&set, 7) && !fb_cpus_has(&set, 2));
	fb_cpus_parse("0-18446744073709551615", &set);
	ck_assert(fb_cpus_has(&set, FB_CPUS_MAX - 1));
}
END_TEST

int main(void)
{
	if (kit_needs_libpci())
		return 77;
	Suite *suite = suite_create("doctor, host");
	TCase *tests = tcase_create("doctor, host");
	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, numa);
	tcase_add_test(tests, cores);
	tcase_add_test(tests, memory);
	tcase_add_test(tests, kernels);
	tcase_add_test(tests, nothing_to_see);
	tcase_add_test(tests, malformed_engine);
	tcase_add_test(tests, text_and_json);
	tcase_add_test(tests, sets_of_processors);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
