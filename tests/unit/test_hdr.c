/* The histogram: against a sort of the same numbers, and against what HdrHistogram's own Java
 * version (2.2.2, Histogram(1, 3600000000, 3), outputPercentileDistribution(out, 5, 1.0)) printed
 * for them. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../sw/lib/hdr.h"
#include "../../sw/lib/mix.h"

#define N 20000

/* What Java printed. */
static const char java[] =
	"       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
	"       5.000 0.000000000000          1           1.00\n"
	"     592.000 0.100000000000        100           1.11\n"
	"    3105.000 0.200000000000        200           1.25\n"
	"   18751.000 0.300000000000        300           1.43\n"
	"   96511.000 0.400000000000        400           1.67\n"
	"  408575.000 0.500000000000        500           2.00\n"
	"  997887.000 0.550000000000        550           2.22\n"
	" 2277375.000 0.600000000000        600           2.50\n"
	" 4612095.000 0.650000000000        650           2.86\n"
	"10960895.000 0.700000000000        700           3.33\n"
	"22331391.000 0.750000000000        750           4.00\n"
	"29310975.000 0.775000000000        775           4.44\n"
	"53870591.000 0.800000000000        800           5.00\n"
	"82903039.000 0.825000000000        825           5.71\n"
	"123011071.000 0.850000000000        850           6.67\n"
	"177209343.000 0.875000000000        875           8.00\n"
	"203554815.000 0.887500000000        888           8.89\n"
	"253886463.000 0.900000000000        900          10.00\n"
	"325058559.000 0.912500000000        913          11.43\n"
	"391643135.000 0.925000000000        925          13.33\n"
	"473956351.000 0.937500000000        938          16.00\n"
	"502530047.000 0.943750000000        944          17.78\n"
	"569376767.000 0.950000000000        950          20.00\n"
	"675807231.000 0.956250000000        958          22.86\n"
	"772800511.000 0.962500000000        963          26.67\n"
	"858783743.000 0.968750000000        969          32.00\n"
	"924844031.000 0.971875000000        972          35.56\n"
	"946339839.000 0.975000000000        975          40.00\n"
	"1024983039.000 0.978125000000        979          45.71\n"
	"1111490559.000 0.981250000000        982          53.33\n"
	"1149239295.000 0.984375000000        985          64.00\n"
	"1155530751.000 0.985937500000        987          71.11\n"
	"1161822207.000 0.987500000000        988          80.00\n"
	"1505755135.000 0.989062500000        990          91.43\n"
	"1561329663.000 0.990625000000        991         106.67\n"
	"1722810367.000 0.992187500000        993         128.00\n"
	"1722810367.000 0.992968750000        993         142.22\n"
	"1831862271.000 0.993750000000        994         160.00\n"
	"1866465279.000 0.994531250000        995         182.86\n"
	"1896873983.000 0.995312500000        996         213.33\n"
	"1949302783.000 0.996093750000        997         256.00\n"
	"1949302783.000 0.996484375000        997         284.44\n"
	"1949302783.000 0.996875000000        997         320.00\n"
	"1963982847.000 0.997265625000        998         365.71\n"
	"1963982847.000 0.997656250000        998         426.67\n"
	"1966079999.000 0.998046875000        999         512.00\n"
	"1966079999.000 0.998242187500        999         568.89\n"
	"1966079999.000 0.998437500000        999         640.00\n"
	"1966079999.000 0.998632812500        999         731.43\n"
	"1966079999.000 0.998828125000        999         853.33\n"
	"2014314495.000 0.999023437500       1000        1024.00\n"
	"2014314495.000 1.000000000000       1000\n"
	"#[Mean    = 90844526.365, StdDeviation   = 266131837.224]\n"
	"#[Max     = 2014314495.000, Total count    =         1000]\n"
	"#[Buckets =           22, SubBuckets     =         2048]\n";

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

START_TEST(the_text_is_that_of_the_java_version)
{
	struct fb_hdr h;
	char *text;
	size_t length;
	uint64_t x = 1;
	ck_assert_int_eq(fb_hdr_open(3600000000u, &h), 0);
	for (unsigned i = 0; i < 1000; i++) {
		x = (x * 1103515245 + 12345) % 2147483648u;
		ck_assert_int_eq(fb_hdr_record(&h, x >> (i % 23)), 0);
	}
	FILE *out = open_memstream(&text, &length);
	fb_hdr_write(&h, out);
	fclose(out);
	ck_assert_str_eq(text, java);
	free(text);
	fb_hdr_close(&h);
}
END_TEST

/* Never below the exact percentile, and above it by a thousandth at most. */
START_TEST(percentiles_are_those_of_a_sort)
{
	static const uint32_t parts[] = { 1,	  1000,	  100000, 250000, 500000,
					  900000, 990000, 999000, 999900, 1000000 };
	static uint64_t value[N];
	struct fb_hdr h;
	ck_assert_int_eq(fb_hdr_open(UINT64_C(1) << 40, &h), 0);
	for (uint64_t seed = 0; seed < 40; seed++) {
		fb_hdr_clear(&h);
		uint64_t n = 1 + fb_mix(seed) % N;
		for (uint64_t i = 0; i < n; i++) {
			value[i] = fb_mix(seed * N + i) >> (24 + fb_mix(i) % 40);
			ck_assert_int_eq(fb_hdr_record(&h, value[i]), 0);
		}
		qsort(value, n, sizeof(value[0]), by_value);
		for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++) {
			uint64_t k = (n * parts[p] + 999999) / 1000000;
			uint64_t exact = value[k ? k - 1 : 0], found = fb_hdr_at(&h, parts[p]);
			ck_assert_uint_ge(found, exact);
			ck_assert_uint_le(found - exact, exact / 1000);
		}
		ck_assert_uint_eq(h.least, value[0]);
		ck_assert_uint_eq(h.most, value[n - 1]);
		ck_assert_uint_eq(fb_hdr_at(&h, 1000000), value[n - 1]);
	}
	fb_hdr_close(&h);
}
END_TEST

START_TEST(every_counter_is_of_values_that_follow_each_other)
{
	struct fb_hdr h;
	ck_assert_int_eq(fb_hdr_open(1u << 20, &h), 0);
	uint64_t last = 0, counters = 0;
	for (uint64_t v = 0; v <= 1u << 20; v = last + 1, counters++) {
		last = fb_hdr_equal(&h, v);
		ck_assert_uint_ge(last, v);
		ck_assert_uint_le(last - v, v / 1000);
		ck_assert_uint_eq(fb_hdr_equal(&h, last), last);
	}
	ck_assert_uint_le(counters, h.counts);
	fb_hdr_close(&h);
}
END_TEST

START_TEST(beyond_the_range_is_an_error_and_changes_nothing)
{
	struct fb_hdr h;
	ck_assert_int_eq(fb_hdr_open(5000, &h), 0);
	ck_assert_int_eq(fb_hdr_record(&h, 5000), 0);
	ck_assert_int_eq(fb_hdr_record(&h, 5001), -ERANGE);
	ck_assert_int_eq(fb_hdr_record(&h, UINT64_MAX), -ERANGE);
	ck_assert_uint_eq(h.total, 1);
	ck_assert_uint_eq(h.most, 5000);
	ck_assert_uint_eq(fb_hdr_at(&h, 999999), 5000);
	fb_hdr_close(&h);
}
END_TEST

START_TEST(empty)
{
	struct fb_hdr h;
	struct fb_hdr_walk walk = { 0 };
	struct fb_hdr_step step;
	ck_assert_int_eq(fb_hdr_open(1u << 20, &h), 0);
	ck_assert_uint_eq(fb_hdr_at(&h, 500000), 0);
	ck_assert_int_eq(fb_hdr_next(&h, &walk, &step), 0);
	ck_assert_uint_eq(fb_hdr_beyond(&h, 500000), 0);
	fb_hdr_close(&h);
}
END_TEST

START_TEST(how_many_lie_beyond)
{
	struct fb_hdr h;
	ck_assert_int_eq(fb_hdr_open(1u << 20, &h), 0);
	for (uint64_t v = 0; v < 1000; v++)
		ck_assert_int_eq(fb_hdr_record(&h, v), 0);
	ck_assert_uint_eq(fb_hdr_beyond(&h, 990000), 10);
	ck_assert_uint_eq(fb_hdr_beyond(&h, 999000), 1);
	ck_assert_uint_eq(fb_hdr_beyond(&h, 999900), 0);
	fb_hdr_close(&h);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hdr");
	TCase *all = tcase_create("all");
	tcase_set_timeout(all, 60);
	tcase_add_test(all, the_text_is_that_of_the_java_version);
	tcase_add_test(all, percentiles_are_those_of_a_sort);
	tcase_add_test(all, every_counter_is_of_values_that_follow_each_other);
	tcase_add_test(all, beyond_the_range_is_an_error_and_changes_nothing);
	tcase_add_test(all, empty);
	tcase_add_test(all, how_many_lie_beyond);
	suite_add_tcase(suite, all);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
