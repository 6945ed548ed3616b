/* Constituents, books and indices through a feed: what arrives in a tick, what is refused, and the
 * crash of 2025-10-10 where its data is at hand. */
#include <firebreak/mark.h>

#include "inputs_kit.h"

#include "../../sw/lib/mix.h"

#define E8 UINT64_C(100000000)
#define TRADES "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
#define QUOTES                                                              \
	"exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount\n"
#define DEPTH "timestamp,percentage,depth,notional,weighted_avg_price\n"

static size_t read_all(const struct fb_rules *rules, const char *const *paths, size_t n,
		       struct fb_tick *tick, size_t room, struct fb_error *error, int *rc)
{
	struct fb_feed *feed;
	size_t at = 0;

	*rc = fb_feed_open(paths, n, rules, NULL, &feed, error);
	if (*rc)
		return 0;
	while ((*rc = fb_feed_next(feed, tick + at, room - at, error)) > 0)
		at += (size_t)*rc;
	fb_feed_close(feed);
	return at;
}

static size_t read_good(const struct fb_rules *rules, const char *const *paths, size_t n,
			struct fb_tick *tick, size_t room)
{
	struct fb_error error = { "" };
	int rc;
	size_t got = read_all(rules, paths, n, tick, room, &error, &rc);

	ck_assert_msg(rc == 0, "%s", error.text);
	return got;
}

/* Binance's index of today: 5 %, one outlier, 10 s. */
static struct fb_rules *rules_with(uint64_t first, uint64_t second)
{
	struct fb_rules *r = kit_rules();

	r->mark.first = first;
	r->mark.second = second;
	r->mark.third = FB_MARK_NONE;
	return r;
}

START_TEST(sources_by_weight)
{
	struct fb_rules *r = rules_with(FB_MARK_INDEX, FB_MARK_NONE);
	struct fb_tick tick[16];
	const char *path = kit_file("t", TRADES
				    "coinbase,SOL-USD,1000000,0,1,buy,100,1\n"
				    "kraken,SOLUSD,1000000,0,1,buy,101,999\n"
				    "gemini,SOLUSD,1500000,0,1,buy,102,1\n"
				    "binance-futures,SOLUSDT,1600000,0,1,buy,105,1\n"
				    /* kraken prints half the price: it does not count */
				    "kraken,SOLUSD,2000000,0,1,buy,50,999\n"
				    /* 10 s later only gemini is fresh */
				    "gemini,SOLUSD,13000001,0,1,buy,103,1\n");

	r->index.weight[2] = 3; /* coinbase */
	size_t n = read_good(r, &path, 1, tick, 16);
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(tick[0].index_e8, 10060000000); /* (300 + 101 + 102) / 5 */
	ck_assert_uint_eq(tick[0].last_e8, 105 * E8);
	ck_assert_uint_eq(tick[0].price_e8, 105 * E8); /* the rules make the mark of it later */
	ck_assert_uint_eq(tick[1].index_e8, 10050000000); /* (300 + 102) / 4 */
	ck_assert_uint_eq(tick[2].index_e8, 103 * E8);
	r->index.weight[2] = 1;
}
END_TEST

START_TEST(other_venues_perpetuals)
{
	struct fb_rules *r = rules_with(FB_MARK_PERPETUALS, FB_MARK_INDEX);
	struct fb_tick tick[16];
	const char *path = kit_file("t", TRADES
				    "bybit,SOLUSDT,1000000,0,1,buy,104,1\n"
				    "okex-swap,SOLUSDT,1000000,0,1,buy,98,1\n"
				    "binance-futures,SOLUSDT,1000000,0,1,buy,100,1\n"
				    "hyperliquid,SOLUSDT,1200000,0,1,buy,90,1\n");

	r->mark.weight[0] = 3;
	r->mark.weight[4] = 2;
	r->mark.weight[3] = 2;
	ck_assert_uint_eq(read_good(r, &path, 1, tick, 16), 1);
	ck_assert_uint_eq(tick[0].perpetuals_e8, 100 * E8);
	ck_assert_uint_eq(tick[0].last_e8, 90 * E8); /* the only one without weight */
	ck_assert_uint_eq(tick[0].index_e8, 0);
	r->mark.weight[0] = r->mark.weight[3] = r->mark.weight[4] = 0;
}
END_TEST

START_TEST(books)
{
	struct fb_rules *r = rules_with(FB_MARK_MID, FB_MARK_NONE);
	struct fb_tick tick[16];
	const char *paths[] = {
		kit_file("t", TRADES "binance-futures,BTCUSDT,1760054400000000,0,1,buy,121000,1\n"
				     "binance-futures,BTCUSDT,1760054410000000,0,1,buy,121000,1\n"),
		kit_file("q", QUOTES
			 "binance-futures,BTCUSDT,1760054400500000,0,1,121010,120990,1\n"),
		kit_file("BTCUSDT-depth", DEPTH "2025-10-10 00:00:09,-5,20,2400000,0\n"
						"2025-10-10 00:00:09,-1,10,1200000,0\n"
						"2025-10-10 00:00:09,1,10,1220000,0\n"),
	};

	ck_assert_uint_eq(read_good(r, paths, 3, tick, 16), 3);
	ck_assert_uint_eq(tick[0].bid_e8, 120990 * E8);
	ck_assert_uint_eq(tick[0].ask_e8, 121010 * E8);
	ck_assert_int_eq(tick[1].time_us, 1760054409000000);
	ck_assert_uint_eq(tick[1].bid_e8, 120000 * E8);
	ck_assert_uint_eq(tick[1].ask_e8, 122000 * E8);
	ck_assert_uint_eq(tick[2].bid_e8, 120000 * E8);
}
END_TEST

START_TEST(own_columns)
{
	struct fb_tick tick[16];
	const char *path = kit_file("t", "time_us,symbol,price,index,last,bid,ask\n"
					 "1000000,SOLUSDT,100,99,101,100.5,101.5\n"
					 "2000000,SOLUSDT,100,,,,\n");

	ck_assert_uint_eq(read_good(kit_rules(), &path, 1, tick, 16), 2);
	ck_assert_uint_eq(tick[0].index_e8, 99 * E8);
	ck_assert_uint_eq(tick[0].last_e8, 101 * E8);
	ck_assert_uint_eq(tick[0].bid_e8, 10050000000);
	ck_assert_uint_eq(tick[0].ask_e8, 10150000000);
	ck_assert_uint_eq(tick[1].index_e8 + tick[1].last_e8 + tick[1].bid_e8, 0);
	ck_assert(!tick[0].derived);
}
END_TEST

START_TEST(ticker_columns)
{
	struct fb_tick tick[16];
	const char *path = kit_file(
		"t", "exchange,symbol,timestamp,local_timestamp,last_price,index_price,mark_price\n"
		     "binance-futures,SOLUSDT,1000000,0,101,99,100\n");

	ck_assert_uint_eq(read_good(kit_rules(), &path, 1, tick, 16), 1);
	ck_assert_uint_eq(tick[0].price_e8, 100 * E8);
	ck_assert_uint_eq(tick[0].index_e8, 99 * E8);
	ck_assert_uint_eq(tick[0].last_e8, 101 * E8);
}
END_TEST

static const struct {
	const char *name, *text, *place, *words;
} faults[] = {
	{ "q", QUOTES "coinbase,SOL-USD,1,0,1,101,100,1\n", "2:1", "quotes of a perpetual" },
	{ "q", QUOTES "nowhere,SOLUSDT,1,0,1,101,100,1\n", "2:1", "an exchange known" },
	{ "q", QUOTES "bybit,SOLUSDT,1,0,1,-1,100,1\n", "2:21", "a price" },
	{ "q", QUOTES "bybit,SOLUSDT,5,0,1,1,1,1\nbybit,SOLUSDT,4,0,1,1,1,1\n", "3:15",
	  "not before the row above" },
	{ "BTCUSDT-d", DEPTH "2025-13-10 00:00:07,-1,1,1,1\n", "2:1", "a time as 2025-10-10" },
	{ "BTCUSDT-d", DEPTH "2025-02-29 00:00:07,-1,1,1,1\n", "2:1", "a time as 2025-10-10" },
	{ "BTCUSDT-d", DEPTH "2025-10-10 00:00:07,-101,1,1,1\n", "2:21", "a percentage" },
	{ "BTCUSDT-d", DEPTH "2025-10-10 00:00:07,-1,x,1,1\n", "2:24", "an amount" },
	{ "NONE-d", DEPTH "2025-10-10 00:00:07,-1,1,1,1\n", "1:1", "a symbol of the rules" },
	{ "t", "time_us,symbol,price,index\n1,SOLUSDT,100,x\n", "2:15", "a price" },
};

START_TEST(refusals)
{
	struct fb_tick tick[16];

	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		struct fb_error error = { "" };
		const char *path = kit_file(faults[i].name, faults[i].text);
		int rc;

		read_all(kit_rules(), &path, 1, tick, 16, &error, &rc);
		ck_assert_msg(rc < 0, "%s", faults[i].text);
		kit_error_at(&error, faults[i].place, faults[i].words);
	}
}
END_TEST

/* The order of exchanges within one instant does not matter to a weighted index. */
START_TEST(order_of_sources)
{
	static const char *const names[] = { "coinbase,SOL-USD", "kraken,SOLUSD", "gemini,SOLUSD",
					     "bitstamp,SOLUSD" };
	struct fb_rules *r = rules_with(FB_MARK_INDEX, FB_MARK_NONE);

	for (uint64_t round = 0; round < 200; round++) {
		struct fb_tick a[4], b[4];
		char text[2][512];
		uint64_t price[4];

		for (int k = 0; k < 4; k++)
			price[k] = 100 + fb_mix(round * 8 + (uint64_t)k) % (k == 3 ? 60 : 4);
		for (int way = 0; way < 2; way++) {
			strcpy(text[way], TRADES);
			for (int k = 0; k < 4; k++) {
				int i = way ? 3 - k : k;
				char row[96];

				snprintf(row, sizeof(row), "%s,1000000,0,1,buy,%lu,1\n", names[i],
					 (unsigned long)price[i]);
				strcat(text[way], row);
			}
		}
		const char *one = kit_file("one", text[0]), *two = kit_file("two", text[1]);
		ck_assert_uint_eq(read_good(r, &one, 1, a, 4), 1);
		ck_assert_uint_eq(read_good(r, &two, 1, b, 4), 1);
		ck_assert_uint_eq(a[0].index_e8, b[0].index_e8);
		ck_assert(a[0].index_e8 >= 100 * E8 && a[0].index_e8 <= 104 * E8);
	}
}
END_TEST

/* ---- the day itself ---- */

static void largest_gap(const char *coin, const char *perpetual, uint64_t least_e4)
{
	static struct fb_tick tick[100000];
	const char *data = kit_data("feed_sources");
	char spot[512], trades[512];

	if (!data)
		return;
	snprintf(spot, sizeof(spot), "%s/spot/coinbase_trades_2025-10-10_%s-USD.csv.gz", data,
		 coin);
	snprintf(trades, sizeof(trades), "%s/trades/binance-delivery_trades_2025-10-10_%s.csv.gz",
		 data, perpetual);
	if (access(spot, R_OK) != 0 || access(trades, R_OK) != 0) {
		printf("feed_sources: skipped: %s is not there\n", spot);
		return;
	}
	const char *paths[] = { spot, trades };
	struct fb_rules *r = rules_with(FB_MARK_AVERAGE, FB_MARK_NONE);
	struct fb_mark_state state = { .mark_e8 = 0 };
	size_t n = read_good(r, paths, 2, tick, 100000);
	uint64_t gap_e4 = 0, marks_gap_e4 = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t index = tick[i].index_e8, last = tick[i].last_e8;
		if (index == 0 || last == 0)
			continue;
		const struct fb_price_inputs in = { .time_us = tick[i].time_us,
						    .index_e8 = index,
						    .last_e8 = last };
		uint64_t mark = fb_mark_next(&state, &r->mark, &in, NULL);
		uint64_t off = last > index ? last - index : index - last,
			 mark_off = mark > index ? mark - index : index - mark;
		gap_e4 = off * 10000 / index > gap_e4 ? off * 10000 / index : gap_e4;
		marks_gap_e4 = mark_off * 10000 / index > marks_gap_e4 ? mark_off * 10000 / index
								       : marks_gap_e4;
	}
	printf("feed_sources: %s: %zu seconds, last at most %lu.%02lu %% off the index, the mean "
	       "of 30 s %lu.%02lu %%\n",
	       coin, n, gap_e4 / 100, gap_e4 % 100, marks_gap_e4 / 100, marks_gap_e4 % 100);
	ck_assert_uint_ge(gap_e4, least_e4);
	ck_assert_uint_lt(marks_gap_e4, gap_e4); /* the window tames it */
}

START_TEST(gap_of_the_crash)
{
	largest_gap("AAVE", "AAVEUSD_PERP", 200);
	largest_gap("BCH", "BCHUSD_PERP", 200);
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, sources_by_weight);
	tcase_add_test(tcase, other_venues_perpetuals);
	tcase_add_test(tcase, books);
	tcase_add_test(tcase, own_columns);
	tcase_add_test(tcase, ticker_columns);
	tcase_add_test(tcase, refusals);
	tcase_add_test(tcase, order_of_sources);
	tcase_add_test(tcase, gap_of_the_crash);
}

int main(void)
{
	return kit_run("feed: sources", fill);
}
