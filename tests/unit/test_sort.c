/* Sorting by keys: stable, of any size, ties by comparison; records into canonical order; and the
 * key of severity, which must never order two accounts otherwise than severity does. */
#include "book_kit.h"

#include "../../sw/lib/mix.h"
#include "../../sw/lib/run_link.h"
#include "../../sw/lib/sort.h"

#define MOST 3000
static struct fb_sort_key key[MOST], scratch[MOST];
static uint64_t drawn;

static uint64_t draw(void)
{
	return fb_mix(drawn++);
}

static void sort_and_check(size_t n, uint64_t mask)
{
	static uint64_t was[MOST];
	static bool seen[MOST];
	memset(seen, 0, sizeof(seen));
	for (size_t i = 0; i < n; i++)
		key[i] = (struct fb_sort_key){ was[i] = draw() & mask, (uint32_t)i };
	fb_sort_keys(key, scratch, n);
	for (size_t i = 0; i < n; i++) {
		KIT_MUST(!seen[key[i].index] && was[key[i].index] == key[i].key);
		seen[key[i].index] = true;
		KIT_MUST(i == 0 || key[i - 1].key < key[i].key ||
			 (key[i - 1].key == key[i].key && key[i - 1].index < key[i].index));
	}
}

START_TEST(every_size_and_width)
{
	static const uint64_t mask[] = { 0, 1, 0xff, 0xff00, 0xffffffff, 0xff000000000000ff,
					 UINT64_MAX };
	for (size_t m = 0; m < sizeof(mask) / sizeof(mask[0]); m++) {
		for (size_t n = 0; n < 70; n++)
			sort_and_check(n, mask[m]);
		sort_and_check(MOST, mask[m]);
	}
}
END_TEST

static int falling(const void *context, uint32_t a, uint32_t b)
{
	(void)context;
	return a < b ? 1 : a > b ? -1 : 0;
}

START_TEST(ties_are_compared)
{
	for (size_t i = 0; i < MOST; i++)
		key[i] = (struct fb_sort_key){ i < 2000 ? 5 : i / 7, (uint32_t)i };
	fb_sort_keys(key, scratch, MOST);
	fb_sort_ties(key, MOST, falling, NULL);
	for (size_t i = 1; i < MOST; i++)
		KIT_MUST(key[i - 1].key < key[i].key ||
			 (key[i - 1].key == key[i].key && key[i - 1].index > key[i].index));
}
END_TEST

static int canonical(const void *a, const void *b)
{
	const union fb_record *x = a, *y = b;
	if (x->header.kind != y->header.kind)
		return x->header.kind < y->header.kind ? -1 : 1;
	if (x->header.account != y->header.account)
		return x->header.account < y->header.account ? -1 : 1;
	return memcmp(x, y, sizeof(*x));
}

/* As qsort would have it. */
START_TEST(records_in_canonical_order)
{
	static union fb_record record[MOST], expected_order[MOST];
	struct fb_link link = { .record = record, .key = key, .scratch = scratch };
	static const uint64_t accounts[] = { 1, 3, 1000000 };
	for (unsigned round = 0; round < 60; round++) {
		size_t n = round < 40 ? round : 40 + draw() % (MOST - 40);
		for (size_t i = 0; i < n; i++) {
			uint64_t r = draw();
			record[i] = (union fb_record){ .level = { .seq = r % 3 } };
			record[i].header.kind = (uint8_t)(1 + (r >> 8) % 3);
			record[i].header.account = (uint32_t)((r >> 16) % accounts[round % 3]);
			record[i].level.level = (uint8_t)(r >> 56 & 3);
		}
		memcpy(expected_order, record, n * sizeof(*record));
		qsort(expected_order, n, sizeof(*record), canonical);
		fb_link_sort(&link, n);
		KIT_MUST(memcmp(record, expected_order, n * sizeof(*record)) == 0);
	}
}
END_TEST

static __int128 wide(unsigned bits)
{
	unsigned __int128 x = (unsigned __int128)draw() << 64 | draw();
	return (__int128)(x << (128 - bits)) >> (128 - bits);
}

START_TEST(the_key_never_contradicts_severity)
{
	static struct fb_sums s[400];
	static const int64_t edge[] = { 0, 1, -1, INT64_MAX, INT64_MIN, INT64_MAX - 1 };
	for (size_t i = 0; i < 400; i++) {
		s[i].equity_e8 = i % 5 == 0 ? edge[draw() % 6]
					    : wide(2 + (unsigned)(draw() % 63));
		s[i].mm_e15 = i % 7 == 0 ? edge[draw() % 3] : wide(2 + (unsigned)(draw() % 95));
		if (i % 3) /* close to another one */
			s[i].mm_e15 = s[i / 2].mm_e15 + (__int128)(draw() % 3);
		if (i % 3 == 1)
			s[i].equity_e8 = s[i / 2].equity_e8;
	}
	for (uint32_t i = 0; i < 400; i++)
		for (uint32_t k = 0; k < 400; k++) {
			uint64_t a, b;
			KIT_MUST(fb_value_severity_key(&s[i], &a) &&
				 fb_value_severity_key(&s[k], &b));
			KIT_MUST(a == b || (a < b) == (fb_value_severity(&s[i], i, &s[k], k) < 0));
		}
	uint64_t key64;
	struct fb_sums too_wide = { .equity_e8 = (__int128)INT64_MAX + 1, .mm_e15 = 1 };
	ck_assert(!fb_value_severity_key(&too_wide, &key64));
	too_wide.equity_e8 = (__int128)INT64_MIN - 1;
	ck_assert(!fb_value_severity_key(&too_wide, &key64));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sort");
	TCase *tcase = tcase_create("sort");
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, every_size_and_width);
	tcase_add_test(tcase, ties_are_compared);
	tcase_add_test(tcase, records_in_canonical_order);
	tcase_add_test(tcase, the_key_never_contradicts_severity);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
