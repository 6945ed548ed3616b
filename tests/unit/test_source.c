/* Byte streams: plain, gzip and zip give the same bytes, and no cut or changed archive passes as
 * whole. */
#include "../../sw/lib/csv.h"
#include "../../sw/lib/source.h"
#include "../../sw/lib/text.h"
#include "inputs_archive.h"
#include "inputs_kit.h"

/* Reads all of it; the sum of the bytes read, or the error. */
static int drain(const char *path, uint64_t *bytes, uint64_t *sum, struct fb_error *error)
{
	struct fb_source *source;
	uint64_t done, total;
	uint8_t chunk[1000];
	size_t got = 1;
	int rc = fb_source_open(path, &source, error);

	*bytes = *sum = 0;
	if (rc)
		return rc;
	while (rc == 0 && got) {
		rc = fb_source_read(source, chunk, sizeof(chunk), &got, error);
		for (size_t i = 0; i < got && rc == 0; i++)
			*sum = *sum * 31 + chunk[i];
		*bytes += got;
	}
	fb_source_progress(source, &done, &total);
	if (rc == 0)
		ck_assert_uint_eq(done, total);
	fb_source_close(source);
	return rc;
}

/* Text that compresses, of more than one buffer. */
static char *long_text(size_t *n)
{
	char *text = malloc(1 << 20);
	size_t at = 0;

	for (int i = 0; i < 20000; i++)
		at += (size_t)sprintf(text + at, "%d,%d\n", i * 7919 % 10007, i);
	*n = at;
	return text;
}

START_TEST(all_forms_give_the_same_bytes)
{
	struct fb_error error;
	uint64_t bytes, sum, plain;
	size_t n;
	char *text = long_text(&n);
	struct archive gz = archive_gzip(text, n), stored = archive_zip("a.csv", text, n, 0, 1),
		       zip = archive_zip("a.csv", text, n, 8, 1);

	ck_assert_int_eq(drain(kit_bytes("plain", text, n), &bytes, &plain, &error), 0);
	ck_assert_uint_eq(bytes, n);
	ck_assert_int_eq(drain(kit_bytes("gz", gz.bytes, gz.length), &bytes, &sum, &error), 0);
	ck_assert_uint_eq(sum, plain);
	ck_assert_int_eq(drain(kit_bytes("st", stored.bytes, stored.length), &bytes, &sum, &error),
			 0);
	ck_assert_uint_eq(sum, plain);
	ck_assert_int_eq(drain(kit_bytes("zip", zip.bytes, zip.length), &bytes, &sum, &error), 0);
	ck_assert_uint_eq(sum, plain);
	/* Several gzip members one after the other are one file (gzip(1), "advanced usage"). */
	archive_deflate(&gz, text, n, 31);
	ck_assert_int_eq(drain(kit_bytes("gz2", gz.bytes, gz.length), &bytes, &sum, &error), 0);
	ck_assert_uint_eq(bytes, 2 * n);
	free(gz.bytes);
	free(stored.bytes);
	free(zip.bytes);
	free(text);
}
END_TEST

/* A prefix must never read as a whole file, wherever it ends. */
START_TEST(every_cut_is_noticed)
{
	static const char text[] = "time_us,symbol,price\n1,BTCUSDT,100000\n2,BTCUSDT,100001\n";
	struct archive form[3] = { archive_gzip(text, sizeof(text) - 1),
				   archive_zip("a.csv", text, sizeof(text) - 1, 0, 1),
				   archive_zip("a.csv", text, sizeof(text) - 1, 8, 1) };

	for (int i = 0; i < 3; i++)
		for (size_t cut = 4; cut < form[i].length; cut++) {
			struct fb_error error = { "" };
			uint64_t bytes, sum;

			ck_assert_msg(drain(kit_bytes("cut", form[i].bytes, cut), &bytes, &sum,
					    &error) == -EBADMSG &&
					      error.text[0],
				      "form %d cut at %zu of %zu", i, cut, form[i].length);
		}
	for (int i = 0; i < 3; i++)
		free(form[i].bytes);
}
END_TEST

/* A changed bit gives an error or the same bytes: names, dates and such are not content. */
START_TEST(every_flipped_bit_is_noticed_or_harmless)
{
	static const char text[] = "time_us,symbol,price\n1,BTCUSDT,100000\n2,BTCUSDT,100001\n";
	struct archive form[3] = { archive_gzip(text, sizeof(text) - 1),
				   archive_zip("a.csv", text, sizeof(text) - 1, 0, 1),
				   archive_zip("a.csv", text, sizeof(text) - 1, 8, 1) };
	struct fb_error error;
	uint64_t bytes, sum, good;

	ck_assert_int_eq(drain(kit_file("good", text), &bytes, &good, &error), 0);
	for (int i = 0; i < 3; i++)
		for (size_t bit = 32; bit < form[i].length * 8; bit++) {
			form[i].bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			if (drain(kit_bytes("bad", form[i].bytes, form[i].length), &bytes, &sum,
				  &error) == 0)
				ck_assert_msg(sum == good && bytes == sizeof(text) - 1,
					      "form %d bit %zu", i, bit);
			form[i].bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	for (int i = 0; i < 3; i++)
		free(form[i].bytes);
}
END_TEST

START_TEST(archives_that_are_not_taken)
{
	static const char text[] = "1,2\n";
	struct archive two = archive_zip("a.csv", text, 4, 8, 2),
		       zip = archive_zip("a.csv", text, 4, 8, 1);
	struct archive gz = archive_gzip(text, 4), folder = archive_zip("a/", "", 0, 0, 1);
	struct fb_error error;
	uint64_t bytes, sum;

	ck_assert_int_eq(drain(kit_bytes("two", two.bytes, two.length), &bytes, &sum, &error),
			 -EBADMSG);
	ck_assert_ptr_nonnull(strstr(error.text, "found several"));
	ck_assert_int_eq(drain(kit_bytes("dir", folder.bytes, folder.length), &bytes, &sum, &error),
			 -EBADMSG);
	ck_assert_ptr_nonnull(strstr(error.text, "found none"));
	zip.bytes[zip.length - 22 - 46 - 5 + 8] |= 1; /* flags in the directory: encrypted */
	ck_assert_int_eq(drain(kit_bytes("enc", zip.bytes, zip.length), &bytes, &sum, &error),
			 -EBADMSG);
	ck_assert_ptr_nonnull(strstr(error.text, "not encrypted"));
	zip.bytes[zip.length - 22 - 46 - 5 + 8] &= 0xfe;
	ck_assert_int_eq(drain(kit_bytes("ok", zip.bytes, zip.length), &bytes, &sum, &error), 0);
	zip.bytes[zip.length - 22 - 46 - 5 + 24]++; /* unpacked length: one byte is missing */
	ck_assert_int_eq(drain(kit_bytes("len", zip.bytes, zip.length), &bytes, &sum, &error),
			 -EBADMSG);
	ck_assert_ptr_nonnull(strstr(error.text, "fewer bytes than its directory says"));
	archive_add(&gz, "rubbish", 7);
	ck_assert_int_eq(drain(kit_bytes("rub", gz.bytes, gz.length), &bytes, &sum, &error),
			 -EBADMSG);
	free(two.bytes);
	free(zip.bytes);
	free(gz.bytes);
	free(folder.bytes);
}
END_TEST

START_TEST(what_is_no_file)
{
	struct fb_error error;
	uint64_t bytes, sum;

	ck_assert_int_eq(drain(kit_path("none"), &bytes, &sum, &error), -ENOENT);
	ck_assert_ptr_nonnull(strstr(error.text, "none: cannot be read: No such file"));
	ck_assert_int_eq(drain(kit_folder, &bytes, &sum, &error), -EISDIR);
	ck_assert_ptr_nonnull(strstr(error.text, "found a directory"));
	ck_assert_int_eq(drain("/dev/null", &bytes, &sum, &error), -ESPIPE);
	ck_assert_int_eq(drain(kit_file("x", "y"), &bytes, &sum, &error), 0);
	ck_assert_int_eq(chmod(kit_path("x"), 0), 0);
	if (geteuid() != 0) /* root reads everything */
		ck_assert_int_eq(drain(kit_path("x"), &bytes, &sum, &error), -EACCES);
	ck_assert_int_eq(drain(kit_file("empty", ""), &bytes, &sum, &error), 0);
	ck_assert_uint_eq(bytes, 0);
}
END_TEST

START_TEST(lines_keep_their_numbers)
{
	struct fb_error error = { "" };
	struct fb_lines *lines;
	struct fb_field line, field[FB_FIELDS_MAX];

	ck_assert_int_eq(fb_lines_open(kit_file("l", "\xef\xbb\xbf# note\n\n a , b,\tc \r\nlast,,"),
				       &lines, &error),
			 0);
	ck_assert_int_eq(fb_lines_next(lines, &line, &error), 1);
	ck_assert_uint_eq(fb_lines_number(lines), 3);
	ck_assert_int_eq(fb_csv_split(lines, &line, field, &error), 3);
	ck_assert(fb_field_is(&field[0], "a") && fb_field_is(&field[1], "b") &&
		  fb_field_is(&field[2], "c"));
	ck_assert_uint_eq(field[0].column, 2);
	ck_assert_uint_eq(field[1].column, 6);
	ck_assert_uint_eq(field[2].column, 9);
	ck_assert_int_eq(fb_lines_next(lines, &line, &error), 1);
	ck_assert_int_eq(fb_csv_split(lines, &line, field, &error), 3);
	ck_assert_uint_eq(field[2].length, 0);
	ck_assert_int_eq(fb_field_error(lines, &field[3], &error, "a hint", "a %s", "field"),
			 -EINVAL);
	kit_error_at(&error, "4:7", "expected a field, found the end of the line; a hint");
	ck_assert_int_eq(fb_lines_next(lines, &line, &error), 0);
	fb_lines_close(lines);
}
END_TEST

START_TEST(a_byte_order_mark_counts_as_columns)
{
	struct fb_error error = { "" };
	struct fb_lines *lines;
	struct fb_field line;

	ck_assert_int_eq(fb_lines_open(kit_file("b", "\xef\xbb\xbfx\n"), &lines, &error), 0);
	ck_assert_int_eq(fb_lines_next(lines, &line, &error), 1);
	ck_assert(fb_field_is(&line, "x") && line.column == 4);
	fb_lines_close(lines);
}
END_TEST

START_TEST(long_lines_and_damage_have_a_place)
{
	struct fb_error error = { "" };
	struct fb_lines *lines;
	struct fb_field line;
	size_t n;
	char *text = long_text(&n), *wide = calloc(1, 20002);
	struct archive gz = archive_gzip(text, n);
	char place[64];
	int rc;

	memset(wide, 'x', 20000);
	memcpy(wide, "a\n", 2);
	ck_assert_int_eq(fb_lines_open(kit_file("w", wide), &lines, &error), 0);
	ck_assert_int_eq(fb_lines_next(lines, &line, &error), 1);
	ck_assert_int_eq(fb_lines_next(lines, &line, &error), -EINVAL);
	kit_error_at(&error, "2:8193", "a line of at most 8192 bytes");
	fb_lines_close(lines);

	ck_assert_int_eq(
		fb_lines_open(kit_bytes("cut.gz", gz.bytes, gz.length / 2), &lines, &error), 0);
	while ((rc = fb_lines_next(lines, &line, &error)) > 0)
		;
	ck_assert_int_eq(rc, -EBADMSG);
	snprintf(place, sizeof(place), "cut.gz:%u:", fb_lines_number(lines) + 1);
	ck_assert_uint_gt(fb_lines_number(lines), 5000);
	ck_assert_msg(strstr(error.text, place) && strstr(error.text, "cut off or damaged"), "%s",
		      error.text);
	fb_lines_close(lines);
	free(gz.bytes);
	free(text);
	free(wide);
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, all_forms_give_the_same_bytes);
	tcase_add_test(tcase, every_cut_is_noticed);
	tcase_add_test(tcase, every_flipped_bit_is_noticed_or_harmless);
	tcase_add_test(tcase, archives_that_are_not_taken);
	tcase_add_test(tcase, what_is_no_file);
	tcase_add_test(tcase, lines_keep_their_numbers);
	tcase_add_test(tcase, a_byte_order_mark_counts_as_columns);
	tcase_add_test(tcase, long_lines_and_damage_have_a_place);
}

int main(void)
{
	return kit_run("source", fill);
}
