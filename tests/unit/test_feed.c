/* Feeds: each kind of file, merging, steps, windows, and faults with their places. Derived marks
 * and the real data are in test_feed_derived.c. */
#include "../../sw/lib/mix.h"
#include "inputs_archive.h"
#include "inputs_kit.h"

#define ROOM 64

/* Opens files (up to 3, NULL ends) and reads all ticks; their number, or the error of either. */
static int read_all(const char *a, const char *b, const char *c,
		    const struct fb_feed_options *options, struct fb_tick *tick,
		    struct fb_error *error)
{
	const char *paths[3] = { a, b, c };
	struct fb_feed *feed;
	uint64_t done, total;
	int rc, n = 0;

	rc = fb_feed_open(paths, (size_t)(1 + !!b + (b && c)), kit_rules(), options, &feed, error);
	if (rc)
		return rc;
	while ((rc = fb_feed_next(feed, tick + n, (size_t)(ROOM - n), error)) > 0) {
		n += rc;
		ck_assert_int_lt(n, ROOM);
	}
	fb_feed_progress(feed, &done, &total);
	ck_assert_uint_le(done, total);
	fb_feed_close(feed);
	return rc ? rc : n;
}

static int read_one(const char *path, struct fb_tick *tick, struct fb_error *error)
{
	return read_all(path, NULL, NULL, NULL, tick, error);
}

static void check(const struct fb_tick *tick, int64_t time_us, const char *symbol,
		  uint64_t price_e8, bool derived)
{
	ck_assert_int_eq(tick->time_us, time_us);
	ck_assert_int_eq(tick->symbol, fb_symbol_find(kit_rules(), symbol));
	ck_assert_uint_eq(tick->price_e8, price_e8);
	ck_assert_int_eq(tick->derived, derived);
}

#define E8 UINT64_C(100000000)
#define T UINT64_C(1760131200) /* 2025-10-10 21:20 UTC */
#define MS "1760131200000"
#define MS1 "1760131259999"
#define US "1760131200000000"
#define US1 "1760131259999999"

/* What a row open, high, low, close must become: its two middle prices in order. */
START_TEST(a_kline_takes_the_shorter_path)
{
	static const struct {
		int open, high, low, close, second, third;
	} rows[] = {
		{ 100, 110, 90, 105, 90, 110 }, /* rises: low first */
		{ 105, 110, 90, 100, 110, 90 }, /* falls: high first */
		{ 100, 110, 95, 100, 95, 110 }, /* neither: the nearer first */
		{ 100, 105, 90, 100, 105, 90 },
		{ 100, 110, 90, 100, 90, 110 }, /* the same distance: low */
		{ 100, 100, 100, 100, 100, 100 },
		{ 100, 100, 80, 80, 100, 80 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct fb_error error = { "" };
		struct fb_tick tick[ROOM];
		char text[200], entry[200];

		snprintf(text, sizeof(text), MS ",%d,%d,%d,%d,0," MS1 ",0,60,0,0,0\n", rows[i].open,
			 rows[i].high, rows[i].low, rows[i].close);
		snprintf(entry, sizeof(entry), "BTCUSDT=%s", kit_file("k", text));
		ck_assert_msg(read_one(entry, tick, &error) == 4, "%s", error.text);
		check(&tick[0], T * 1000000, "BTCUSDT", (uint64_t)rows[i].open * E8, false);
		check(&tick[1], (T + 20) * 1000000, "BTCUSDT", (uint64_t)rows[i].second * E8,
		      false);
		check(&tick[2], (T + 40) * 1000000, "BTCUSDT", (uint64_t)rows[i].third * E8, false);
		check(&tick[3], (T + 59) * 1000000, "BTCUSDT", (uint64_t)rows[i].close * E8, false);
	}
}
END_TEST

START_TEST(forms_of_klines)
{
	static const char row[] = MS ",5,6,4,5.5,0," MS1 "\n";
	struct fb_error error = { "" };
	struct fb_tick tick[ROOM];
	struct archive zip = archive_zip("BTCUSD_PERP-1m.csv", row, sizeof(row) - 1, 8, 1);

	/* Names in another order, microseconds, no volume: marks. The symbol is in the file's name.
	 */
	ck_assert_msg(read_one(kit_file("ETHUSDT-1m-x.csv", "close,close_time,open_time,low,high,"
							    "open\n"
							    "5.5," US1 "," US ",4,6,5\n"),
			       tick, &error) == 4,
		      "%s", error.text);
	check(&tick[2], (T + 40) * 1000000, "ETHUSDT", 6 * E8, false);
	/* No close time: a minute. With volume: last prices. No newline at the end is fine. */
	ck_assert_msg(read_one(kit_file("ETHUSDT-1m-x.csv", "open_time_ms,open,high,low,close,"
							    "volume\n" MS ",5,6,4,5.5,0."
							    "000000000000001"),
			       tick, &error) == 4,
		      "%s", error.text);
	check(&tick[3], (T + 59) * 1000000, "ETHUSDT", 550000000, true);
	/* A zip; its name counts, not that of its member. An alias is as good as the name. */
	ck_assert_msg(
		read_one(kit_bytes("BTCUSD_PERP-1m.zip", zip.bytes, zip.length), tick, &error) == 4,
		"%s", error.text);
	check(&tick[1], (T + 20) * 1000000, "BTCUSDT", 4 * E8, false);
	free(zip.bytes);
}
END_TEST

START_TEST(own_and_ticker)
{
	struct fb_error error = { "" };
	struct fb_tick tick[ROOM];

	ck_assert_int_eq(read_one(kit_file("o", "# "
						"mine\nsymbol,time_us,price\n\nBTC-USD,1000000,1."
						"5\n"
						"ETHUSDT,1999999,2\nBTCUSDT,1999999,1.25\nBTCUSDT,"
						"2000000,3\n"),
				  tick, &error),
			 3);
	check(&tick[0], 1000000, "BTCUSDT", 125000000, false); /* the last of the second counts */
	check(&tick[1], 1000000, "ETHUSDT", 2 * E8, false);
	check(&tick[2], 2000000, "BTCUSDT", 3 * E8, false);
	ck_assert_int_eq(read_one(kit_file("t", "exchange,symbol,timestamp,local_timestamp,funding_"
						"timestamp,"
						"funding_rate,predicted_funding_rate,open_interest,"
						"last_price,"
						"index_price,mark_price\n"
						"binance-futures,BTCUSDT," US ",0,,,,,3,4,5.5\n"
						"binance-futures,BTCUSDT," US ",0,,0.0001,,,,,\n"),
				  tick, &error),
			 1);
	check(&tick[0], T * 1000000, "BTCUSDT", 550000000, false);
}
END_TEST

START_TEST(files_merge_in_time_order)
{
	struct fb_error error = { "" };
	struct fb_tick tick[ROOM];
	const char *a = kit_file("a", "time_us,symbol,price\n1000000,BTCUSDT,1\n3000000,BTCUSDT,"
				      "3\n5000000,ETHUSDT,5\n");
	const char *b = kit_file("b", "time_us,symbol,price\n2000000,BTCUSDT,2\n3000000,BTCUSDT,"
				      "33\n4000000,SOLUSDT,4\n");
	const char *c = kit_file("c", "time_us,symbol,price\n");

	ck_assert_int_eq(read_all(a, b, c, NULL, tick, &error), 5);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(tick[i].time_us, (i + 1) * 1000000);
	ck_assert_uint_eq(tick[2].price_e8,
			  33 * E8); /* at one instant the file named later counts */
	ck_assert_int_eq(read_all(b, a, NULL, NULL, tick, &error), 5);
	ck_assert_uint_eq(tick[2].price_e8, 3 * E8);
}
END_TEST

/* Forty files with times at random: every instant comes once, in order, with the price of the last
 * file that has it. */
START_TEST(many_files_merge)
{
	enum { FILES = 40, SECONDS = 500 };
	static char path[FILES][160], text[SECONDS * 40];
	const char *paths[FILES];
	static unsigned last_file[SECONDS];
	struct fb_error error = { "" };
	struct fb_feed *feed;
	struct fb_tick tick;

	for (unsigned f = 0; f < FILES; f++) {
		size_t at = (size_t)sprintf(text, "time_us,symbol,price\n");
		char name[16];

		for (uint64_t s = 1; s < SECONDS; s++)
			if (fb_mix(s * FILES + f) % 30 == 0) {
				at += (size_t)sprintf(text + at, "%llu000000,BTCUSDT,%u\n",
						      (unsigned long long)s, f + 1);
				last_file[s] = f + 1;
			}
		snprintf(name, sizeof(name), "f%u", f);
		strcpy(path[f], kit_file(name, text));
		paths[f] = path[f];
	}
	ck_assert_int_eq(fb_feed_open(paths, FILES, kit_rules(), NULL, &feed, &error), 0);
	for (int s = 0; s < SECONDS; s++)
		if (last_file[s]) {
			ck_assert_int_eq(fb_feed_next(feed, &tick, 1, &error), 1);
			check(&tick, s * INT64_C(1000000), "BTCUSDT", last_file[s] * E8, false);
		}
	ck_assert_int_eq(fb_feed_next(feed, &tick, 1, &error), 0);
	fb_feed_close(feed);
}
END_TEST

START_TEST(steps_and_windows)
{
	struct fb_error error = { "" };
	struct fb_tick tick[ROOM];
	const char *a = kit_file("a", "time_us,symbol,price\n1000000,BTCUSDT,1\n1600000,BTCUSDT,2\n"
				      "2000000,BTCUSDT,3\n2500000,BTCUSDT,4\n9000000,BTCUSDT,5\n");
	struct fb_feed_options half = { .step_us = 500000 }, wide = { .step_us = 60000000 };
	struct fb_feed_options window = { .step_us = 1000000,
					  .from_us = 1600000,
					  .to_us = 2500000 };
	struct fb_feed_options wrong = { .from_us = 5, .to_us = 5 };

	ck_assert_int_eq(read_all(a, NULL, NULL, &half, tick, &error), 5);
	check(&tick[1], 1500000, "BTCUSDT", 2 * E8, false);
	ck_assert_int_eq(read_all(a, NULL, NULL, &wide, tick, &error), 1);
	check(&tick[0], 0, "BTCUSDT", 5 * E8, false);
	ck_assert_int_eq(read_all(a, NULL, NULL, &window, tick, &error), 2);
	check(&tick[0], 1000000, "BTCUSDT", 2 * E8, false);
	check(&tick[1], 2000000, "BTCUSDT", 3 * E8, false);
	ck_assert_int_eq(read_all(a, NULL, NULL, &wrong, tick, &error), -EINVAL);
	wrong = (struct fb_feed_options){ .step_us = -1 };
	ck_assert_int_eq(read_all(a, NULL, NULL, &wrong, tick, &error), -EINVAL);
	ck_assert_int_eq(fb_feed_open(NULL, 0, kit_rules(), NULL, NULL, &error), -EINVAL);
}
END_TEST

START_TEST(little_room_splits_a_step)
{
	const char *path = kit_file("a", "time_us,symbol,price\n1000000,SOLUSDT,3\n1000000,BTCUSDT,"
					 "1\n"
					 "1000000,ETHUSDT,2\n2000000,BTCUSDT,4\n");
	struct fb_error error = { "" };
	struct fb_feed *feed;
	struct fb_tick tick[2];

	ck_assert_int_eq(fb_feed_open(&path, 1, kit_rules(), NULL, &feed, &error), 0);
	ck_assert_int_eq(fb_feed_next(feed, tick, 2, &error), 2);
	check(&tick[0], 1000000, "BTCUSDT", 1 * E8, false);
	check(&tick[1], 1000000, "ETHUSDT", 2 * E8, false);
	ck_assert_int_eq(fb_feed_next(feed, tick, 0, &error), -EINVAL);
	ck_assert_int_eq(fb_feed_next(feed, tick, 2, &error), 1);
	check(&tick[0], 1000000, "SOLUSDT", 3 * E8, false);
	ck_assert_int_eq(fb_feed_next(feed, tick, 2, &error), 1);
	ck_assert_int_eq(fb_feed_next(feed, tick, 2, &error), 0);
	ck_assert_int_eq(fb_feed_next(feed, tick, 2, &error), 0);
	fb_feed_close(feed);
}
END_TEST

#define OWN "time_us,symbol,price\n"
#define KLINES "open_time,open,high,low,close\n"
#define TRADES "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"

START_TEST(faults_have_a_place)
{
	static const struct {
		const char *name, *text, *place, *words;
	} bad[] = {
		{ "f", "", "1:1", "a line of column names, found the end of the file" },
		{ "f", "a,b\n", "1:1", "the column names of klines" },
		{ "f", "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n",
		  "1:1", "the column names" },
		{ "f", OWN "1,NOSUCH,1\n", "2:3", "BTCUSDT, ETHUSDT, BNBUSDT" },
		{ "f", OWN "1,,1\n", "2:3", "a symbol of the rules" },
		{ "f", OWN "1,BTCUSDT,0\n", "2:11", "a price from 0.00000001 to" },
		{ "f", OWN "1,BTCUSDT,-1\n", "2:11", "a price" },
		{ "f", OWN "1,BTCUSDT,nan\n", "2:11", "a price: a number, found \"nan\"" },
		{ "f", OWN "1,BTCUSDT,1.123456789\n", "2:11", "at most 8 decimals" },
		{ "f", OWN "1,BTCUSDT,9999999\n", "2:11", "a price at which a lot of BTCUSDT" },
		{ "f", OWN "1,BTCUSDT\n", "2:10",
		  "3 fields as in the first line, found the end of the line; is the file cut" },
		{ "f", OWN "1,BTCUSDT,1,\n", "2:13", "3 fields as in the first line" },
		{ "f", OWN "2,BTCUSDT,1\n1,BTCUSDT,1\n", "3:1",
		  "not before the row above (2 us), found \"1\"; sort" },
		{ "f", OWN "x,BTCUSDT,1\n", "2:1", "a time since 1970: a number" },
		{ "f", OWN "0,BTCUSDT,1\n", "2:1", "a time since 1970 from 1 to" },
		{ "f", OWN "1.5,BTCUSDT,1\n", "2:1", "at most 0 decimals" },
		{ "NOSUCH-1m", KLINES, "1:1",
		  "found \"NOSUCH\"; add an alias to the rules, or give SYMBOL=FILE" },
		{ "BTCUSDT-1m", KLINES MS ",5,6,4\n", "2:20", "5 fields" },
		{ "BTCUSDT-1m", KLINES MS ",5,6,4,\n", "2:21", "a price: a number, found nothing" },
		{ "BTCUSDT-1m", KLINES MS ",5,6,4,7\n", "2:21",
		  "a price between low and high of the row" },
		{ "BTCUSDT-1m", KLINES MS ",3,6,4,5\n", "2:15", "a price between low and high" },
		{ "BTCUSDT-1m", KLINES MS ",5,4,6,5\n", "2:17", "a high not below the low" },
		{ "BTCUSDT-1m", KLINES MS ",5,6,4,5\n" MS1 ",5,6,4,5\n" MS1 ",5,6,4,5\n", "4:1",
		  "not before the row above" },
		{ "BTCUSDT-1m", MS ",5,6,4,5,0," MS "\n", "1:25",
		  "a close time at least 3 us after" },
		{ "BTCUSDT-1m", MS ",5,6,4,5,x," MS1 "\n", "1:23", "a volume" },
		{ "f", TRADES "nosuch,BTCUSDT,1,1,1,buy,1,1\n", "2:1",
		  "an exchange known as one of spot or of perpetuals" },
		{ "f", TRADES "coinbase,BTCUSDT,1,1,1,buy,1,0\n", "2:30",
		  "an amount from 0.00000001 to" },
		{ "f", TRADES "coinbase,BTCUSDT,1,1,1,buy,0,1\n", "2:28", "a price" },
		{ "f", TRADES "coinbase,NOSUCH,1,1,1,buy,1,1\n", "2:10", "a symbol of the rules" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fb_error error = { "" };
		struct fb_tick tick[ROOM];

		ck_assert_msg(read_one(kit_file(bad[i].name, bad[i].text), tick, &error) == -EINVAL,
			      "%s", bad[i].text);
		kit_error_at(&error, bad[i].place, bad[i].words);
	}
}
END_TEST

START_TEST(symbol_and_file)
{
	struct fb_error error = { "" };
	struct fb_tick tick[ROOM];
	char entry[300];

	snprintf(entry, sizeof(entry), "SOLUSDT=%s", kit_file("f", OWN "1000000,WHATEVER,7\n"));
	ck_assert_int_eq(read_one(entry, tick, &error), 1); /* a name that the rules do not know */
	check(&tick[0], 1000000, "SOLUSDT", 7 * E8, false);
	kit_file("f", OWN "1000000,BTCUSDT,7\n");
	ck_assert_int_eq(read_one(entry, tick, &error), -EINVAL);
	kit_error_at(&error, "2:9", "rows of SOLUSDT, found \"BTCUSDT\"");
	ck_assert_int_eq(read_one("NOSUCH=f", tick, &error), -EINVAL);
	kit_error_at(&error, "1:1", "found \"NOSUCH\"");
	ck_assert_int_eq(read_one(kit_path("none"), tick, &error), -ENOENT);
	ck_assert_int_eq(read_one(kit_folder, tick, &error), -EISDIR);
}
END_TEST

START_TEST(marks_or_trades_not_both)
{
	struct fb_error error = { "" };
	struct fb_tick tick[ROOM];
	const char *marks = kit_file("m", OWN "1000000,BTCUSDT,7\n");
	const char *trades = kit_file("t", TRADES "coinbase,BTC-USD,5,1,1,buy,1,1\n");

	ck_assert_int_eq(read_all(marks, trades, NULL, NULL, tick, &error), -EINVAL);
	kit_error_at(&error, "2:10", "from files of marks or from files of trades, not from both");
}
END_TEST

/* An error stays: what was read after it cannot be trusted. */
START_TEST(an_error_stays)
{
	const char *path = kit_file("f", OWN "1000000,BTCUSDT,1\n2000000,BTCUSDT,2\n3000000,"
					     "BTCUSDT,x\n");
	struct fb_error error = { "" }, again = { "" };
	struct fb_feed *feed;
	struct fb_tick tick[4];

	ck_assert_int_eq(fb_feed_open(&path, 1, kit_rules(), NULL, &feed, &error), 0);
	ck_assert_int_eq(fb_feed_next(feed, tick, 4, &error), 1);
	ck_assert_int_eq(fb_feed_next(feed, tick, 4, &error), -EINVAL);
	kit_error_at(&error, "4:17", "a price");
	ck_assert_int_eq(fb_feed_next(feed, tick, 4, &again), -EINVAL);
	ck_assert_str_eq(error.text, again.text);
	fb_feed_close(feed);
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, a_kline_takes_the_shorter_path);
	tcase_add_test(tcase, forms_of_klines);
	tcase_add_test(tcase, own_and_ticker);
	tcase_add_test(tcase, files_merge_in_time_order);
	tcase_add_test(tcase, many_files_merge);
	tcase_add_test(tcase, steps_and_windows);
	tcase_add_test(tcase, little_room_splits_a_step);
	tcase_add_test(tcase, faults_have_a_place);
	tcase_add_test(tcase, symbol_and_file);
	tcase_add_test(tcase, marks_or_trades_not_both);
	tcase_add_test(tcase, an_error_stays);
}

int main(void)
{
	return kit_run("feed", fill);
}
