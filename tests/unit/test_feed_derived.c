/* Derived marks against a second way to compute them, second by second over a whole day, and the
 * real data where it is at hand. */
#include <math.h>
#include <zlib.h>

#include "inputs_kit.h"

#define E8 UINT64_C(100000000)
#define TRADES "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
#define DAY 86400
#define MIDNIGHT INT64_C(1760054400) /* 2025-10-10 UTC */

/* The shipped pack makes marks another way. */
static const struct fb_rules *old_rules(void)
{
	struct fb_rules *rules = kit_rules();

	rules->mark.first = FB_MARK_DERIVED;
	rules->mark.second = rules->mark.third = FB_MARK_NONE;
	rules->index.method = FB_INDEX_VOLUME;
	return rules;
}

/* All ticks of a feed; their number. */
static size_t read_feed(const char *const *paths, size_t n, struct fb_tick *tick, size_t room)
{
	struct fb_error error = { "" };
	struct fb_feed *feed;
	uint64_t done, total;
	size_t at = 0;
	int rc = fb_feed_open(paths, n, old_rules(), NULL, &feed, &error);

	ck_assert_msg(rc == 0, "%s", error.text);
	while ((rc = fb_feed_next(feed, tick + at, room - at, &error)) > 0)
		at += (size_t)rc;
	ck_assert_msg(rc == 0, "%s", error.text);
	ck_assert_uint_lt(at, room);
	fb_feed_progress(feed, &done, &total);
	ck_assert_uint_eq(done, total);
	fb_feed_close(feed);
	return at;
}

START_TEST(known_seconds)
{
	struct fb_tick tick[32];
	const char *path = kit_file("t", TRADES
				    /* Second 1: no index yet, the mark is the last price. */
				    "binance-futures,SOLUSDT,1000000,0,1,buy,100,1\n"
				    /* Second 2: index (98 x 3 + 102 x 1) / 4 = 99 over two
				       exchanges; basis 100 - 99. */
				    "coinbase,SOL-USD,2000000,0,1,buy,98,3\n"
				    "kraken,SOLUSD,2999999,0,1,sell,102,1\n"
				    /* Second 3: last 116 - 99 = 17, basis 1 + 16 / 16 = 2. */
				    "binance-futures,SOLUSDT,3000000,0,1,buy,120,1\n"
				    "binance-futures,SOLUSDT,3500000,0,1,buy,116,1\n"
				    /* Second 5, after a silent one: basis 2 + 15 / 16, then index
				       83, 33 - 2.9375 = 30.0625 / 16 more. */
				    "coinbase,SOL-USD,5000000,0,1,buy,83,1\n");
	size_t n = read_feed(&path, 1, tick, 32);

	ck_assert_uint_eq(n, 4);
	ck_assert_int_eq(tick[0].time_us, 1000000);
	ck_assert_uint_eq(tick[0].price_e8, 100 * E8);
	ck_assert_int_eq(tick[1].time_us, 2000000);
	ck_assert_uint_eq(tick[1].price_e8, 100 * E8);
	ck_assert_uint_eq(tick[2].price_e8, 101 * E8);
	ck_assert_int_eq(tick[3].time_us, 5000000);
	ck_assert_uint_eq(tick[3].price_e8,
			  83 * E8 + 481640625); /* 2.9375 + 30.0625 / 16 = 4.81640625 */
	for (size_t i = 0; i < n; i++)
		ck_assert(tick[i].derived);
}
END_TEST

START_TEST(spot_alone_is_the_index)
{
	struct fb_tick tick[8];
	const char *path = kit_file("t", TRADES "gemini,BTCUSD,1000000,0,1,buy,3,1\ngemini,BTCUSD,"
						"1000000,0,1,buy,4,2\n");

	ck_assert_uint_eq(read_feed(&path, 1, tick, 8), 1);
	ck_assert_uint_eq(tick[0].price_e8, 366666666); /* (3 + 8) / 3, down */
}
END_TEST

/* A basis below the index cannot make a mark below 0: the index stands alone. */
START_TEST(a_mark_stays_above_0)
{
	struct fb_tick tick[8];
	const char *path = kit_file("t", TRADES "coinbase,XRP-USD,1000000,0,1,buy,600,1\n"
						"binance-futures,XRPUSDT,1000000,0,1,buy,1,1\n"
						"coinbase,XRP-USD,2000000,0,1,buy,5,1\n");

	ck_assert_uint_eq(read_feed(&path, 1, tick, 8), 2);
	ck_assert_uint_eq(tick[0].price_e8, 1 * E8);
	ck_assert_uint_eq(tick[1].price_e8, 5 * E8);
}
END_TEST

/* ---- the second way: tables of a day, and no shortcut over silent seconds ---- */

struct day {
	unsigned __int128 value_e16[DAY], amount_e8[DAY];
	int64_t last_e8[DAY];
};

/* The files hold numbers such as 4e-7, too. Up to 15 digits a double is exact enough to round to
 * 1e-8. */
static int64_t e8_of(const char *text)
{
	return llround(strtod(text, NULL) * 1e8);
}

static void read_day(struct day *day, const char *path, bool spot)
{
	gzFile file = gzopen(path, "rb");
	char line[256];

	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(gzgets(file, line, sizeof(line)));
	while (gzgets(file, line, sizeof(line))) {
		char *field[8], *at = line;
		int64_t second;

		for (int i = 0; i < 8; i++)
			field[i] = strsep(&at, ",");
		second = atoll(field[2]) / 1000000 - MIDNIGHT;
		ck_assert(second >= 0 && second < DAY);
		if (spot) {
			day->amount_e8[second] += (unsigned __int128)e8_of(field[7]);
			day->value_e16[second] += (unsigned __int128)e8_of(field[6]) *
						  (unsigned __int128)e8_of(field[7]);
		} else {
			day->last_e8[second] = e8_of(field[6]);
		}
	}
	gzclose(file);
}

static void compare_day(const char *folder, const char *trades, const char *spot, size_t least)
{
	static struct day day;
	static struct fb_tick tick[DAY + 1];
	char perpetual_path[300], spot_path[300];
	const char *const paths[2] = { perpetual_path, spot_path };
	int64_t index = 0, last = 0;
	__int128 basis = 0;
	bool started = false;
	size_t n, at = 0;

	memset(&day, 0, sizeof(day));
	snprintf(perpetual_path, sizeof(perpetual_path), "%s/trades/%s", folder, trades);
	snprintf(spot_path, sizeof(spot_path), "%s/spot/%s", folder, spot);
	read_day(&day, perpetual_path, false);
	read_day(&day, spot_path, true);
	n = read_feed(paths, 2, tick, DAY + 1);
	ck_assert_uint_gt(n, least);
	for (int64_t s = 0; s < DAY; s++) {
		bool traded = day.last_e8[s] || day.amount_e8[s];
		__int128 difference;

		if (day.amount_e8[s])
			index = (int64_t)(day.value_e16[s] / day.amount_e8[s]);
		if (day.last_e8[s])
			last = day.last_e8[s];
		if (index && last) {
			difference = (__int128)(last - index) * 65536;
			if (!started)
				basis = difference;
			started = true;
			difference -= basis;
			basis += (difference - ((difference % 16) + 16) % 16) / 16;
		}
		if (!traded)
			continue;
		int64_t mark =
			index && last
				? index + (int64_t)((basis - ((basis % 65536) + 65536) % 65536) /
						    65536)
				: index + last;
		ck_assert_int_eq(tick[at].time_us, (MIDNIGHT + s) * 1000000);
		ck_assert_uint_eq(tick[at].price_e8, (uint64_t)mark);
		ck_assert(tick[at].derived);
		at++;
	}
	ck_assert_uint_eq(at, n);
}

START_TEST(three_coins_of_the_crash_day)
{
	const char *folder = kit_data("three_coins_of_the_crash_day");

	if (!folder)
		return;
	compare_day(folder, "binance-delivery_trades_2025-10-10_AAVEUSD_PERP.csv.gz",
		    "coinbase_trades_2025-10-10_AAVE-USD.csv.gz", 30000);
	compare_day(folder, "binance-delivery_trades_2025-10-10_ATOMUSD_PERP.csv.gz",
		    "coinbase_trades_2025-10-10_ATOM-USD.csv.gz", 10000);
	compare_day(folder, "binance-delivery_trades_2025-10-10_BCHUSD_PERP.csv.gz",
		    "coinbase_trades_2025-10-10_BCH-USD.csv.gz", 30000);
}
END_TEST

/* Everything of the day at once: order, one tick per symbol and step, and the facts of the crash.
 */
START_TEST(the_whole_crash_day)
{
	const char *folder = kit_data("the_whole_crash_day");
	static const char *const names[] = {
		"marks/BTCUSD_PERP-1m-2025-10-10.zip",
		"trades/binance-delivery_trades_2025-10-10_AAVEUSD_PERP.csv.gz",
		"trades/binance-delivery_trades_2025-10-10_ATOMUSD_PERP.csv.gz",
		"trades/binance-delivery_trades_2025-10-10_BCHUSD_PERP.csv.gz",
		"trades/binance-delivery_trades_2025-10-10_FILUSD_PERP.csv.gz",
		"trades/binance-delivery_trades_2025-10-10_TRXUSD_PERP.csv.gz",
		"trades/binance-delivery_trades_2025-10-10_XLMUSD_PERP.csv.gz",
		"spot/coinbase_trades_2025-10-10_AAVE-USD.csv.gz",
		"spot/coinbase_trades_2025-10-10_ATOM-USD.csv.gz",
		"spot/coinbase_trades_2025-10-10_BCH-USD.csv.gz",
		"spot/gemini_trades_2025-10-10_ETHUSD.csv.gz",
	};
	enum { FILES = sizeof(names) / sizeof(*names) };
	static struct fb_tick tick[300000];
	static char path[FILES][300];
	const char *paths[FILES];
	uint64_t low = UINT64_MAX;
	size_t n, btc = 0;
	int64_t when = 0;

	if (!folder)
		return;
	for (size_t i = 0; i < FILES; i++) {
		snprintf(path[i], sizeof(path[i]), "%s/%s", folder, names[i]);
		paths[i] = path[i];
	}
	n = read_feed(paths, FILES, tick, 300000);
	for (size_t i = 0; i < n; i++) {
		ck_assert(tick[i].time_us % 1000000 == 0);
		if (i)
			ck_assert(tick[i].time_us > tick[i - 1].time_us ||
				  (tick[i].time_us == tick[i - 1].time_us &&
				   tick[i].symbol > tick[i - 1].symbol));
		if (tick[i].symbol != 0)
			continue;
		btc++;
		ck_assert(!tick[i].derived);
		if (tick[i].price_e8 < low) {
			low = tick[i].price_e8;
			when = tick[i].time_us;
		}
	}
	ck_assert_uint_eq(btc, 4 * 1440);
	ck_assert_uint_eq(low, UINT64_C(10249748513403));
	ck_assert_int_eq(when / 60000000 * 60, 1760131200); /* minute 21:20 UTC */
	ck_assert_uint_gt(n, 150000);
}
END_TEST

/* 30 days of last prices: derived, no gaps. */
START_TEST(a_month_of_bars)
{
	const char *folder = kit_data("a_month_of_bars");
	static struct fb_tick tick[200000];
	char command[500], entry[300];
	const char *path = entry;

	if (!folder)
		return;
	snprintf(command, sizeof(command), "xz -dc %s/bars/DOGEUSDT-1m-last-*.xz > %s", folder,
		 kit_path("doge.csv"));
	ck_assert_int_eq(system(command), 0);
	snprintf(entry, sizeof(entry), "DOGEUSDT=%s", kit_path("doge.csv"));
	ck_assert_uint_gt(read_feed(&path, 1, tick, 200000),
			  4 * 43200 - 200); /* minutes without a trade are marks */
	ck_assert(tick[0].derived);
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, known_seconds);
	tcase_add_test(tcase, spot_alone_is_the_index);
	tcase_add_test(tcase, a_mark_stays_above_0);
	tcase_add_test(tcase, three_coins_of_the_crash_day);
	tcase_add_test(tcase, the_whole_crash_day);
	tcase_add_test(tcase, a_month_of_bars);
}

int main(void)
{
	return kit_run("derived marks", fill);
}
