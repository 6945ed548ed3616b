/* Feeds damaged files to every reader: each must succeed or say what is wrong and where, never
 * crash, and leave what it was to fill untouched when it fails.
 *
 * usage: fuzz_inputs [RUNS] [SEED]
 *
 * Run n of a seed is always the same: RUNS may be cut to the one that failed with fuzz_inputs 1
 * SEED+n. Files live in memory (memfd), so that a run costs some microseconds. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <firebreak/cases.h>
#include <firebreak/inputs.h>

#include "../../sw/lib/mix.h"
#include "../unit/inputs_archive.h"

#define SIZE_MAX_BYTES 8192
#define RUNS 40000
#define TICKS 64

enum kind { RULES, LADDER, BRACKETS, ACCOUNTS, FEED, GENERATOR, CASES };

struct sample {
	enum kind kind;
	const char *text;
};

static const struct sample samples[] = {
	{ RULES, "# pack\n[venue]\nname = v\nbreach = >=\nliquidate_at = liq\n[thresholds]\nwarn = "
		 "80 % / 75 %\n"
		 "liq = 1.0 / 0.95\n[waterfall]\nwarn_at = warn\ncancel_at = warn\n"
		 "cut_share = 12.5 %\nfill = fok\ntries = 7\nfund_cap = 250 %\n"
		 "timeout = 500\n[fees]\nliquidation = 0.5 %\ntaker = 0.0005\n[ladders]\nl = "
		 "/proc/self/fd/3\n"
		 "[symbol BTCUSDT]\nlot = 0.0001\nladder = l\naliases = BTCUSD, BTC/USDT:USDT\n"
		 "[symbol I]\nlot = 100\nladder = l\ntype = inverse\n" },
	{ LADDER, "floor,cap,rate,deduction\n0,50000,0.004,0\n50000,600000,0.005,50\n600000,,0."
		  "0065,950\n" },
	{ BRACKETS, "[{\"symbol\":\"BTCUSDT\",\"brackets\":[{\"bracket\":1,\"notionalFloor\":0,"
		    "\"notionalCap\":5e4,"
		    "\"maintMarginRatio\":0.004,\"cum\":0.0},{\"bracket\":2,\"notionalFloor\":"
		    "50000,\"notionalCap\":"
		    "9223372036854775807,\"maintMarginRatio\":\"0.005\",\"cum\":50.0}]},{"
		    "\"symbol\":\"X\\u0041\\/\"}]" },
	{ BRACKETS, "{\"BTC/"
		    "USDT:USDT\":[{\"tier\":1.0,\"minNotional\":0.0,\"maxNotional\":null,"
		    "\"maintenanceMarginRate\":"
		    "0.015,\"info\":{\"notionalFloor\":\"0\",\"cum\":\"0.0\",\"maintMarginRatio\":"
		    "\"0.015\"}}]}" },
	{ BRACKETS, "symbol,floor,rate,deduction\nBTCUSDT,0,0.004,\nBTCUSDT,50000,0.005,"
		    "50\nETHUSDT,0,0.01,0\n" },
	{ ACCOUNTS, "account,1,,user,cross,2500\nposition,7,1,BTCUSDT,-0.5,121000\nposition,8,1,"
		    "ETHUSDT,1,,4400.5\n"
		    "account,2,1,fund,isolated,-10.00000001\nposition,9,2,DOGEUSDT,100000,0.25\n" },
	{ FEED, "open_time,open,high,low,close,volume,close_time\n1760131200000,5,6,4,5.5,0,"
		"1760131259999\n"
		"1760131260000,5.5,5.5,5.5,5.5,1,1760131319999\n" },
	{ FEED, "1760131200000000,5,6,4,5.5,0,1760131259999999,0\n1760131260000000,7,8,6,6,0,"
		"1760131319999999,0\n" },
	{ FEED, "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
		"coinbase,BTC-USD,1000000,1,1,buy,100.5,0.1\nbinance-futures,BTCUSDT,1000001,1,1,"
		"sell,101,1e-8\n"
		"gemini,BTCUSD,3000000,1,1,buy,99,720000000\nbinance-futures,BTCUSDT,900000000,1,1,"
		"sell,700,3\n" },
	{ FEED, "exchange,symbol,timestamp,local_timestamp,last_price,mark_price\n"
		"binance-futures,BTCUSDT,1000000,1,100,100.5\nbinance-futures,BTCUSDT,1000000,1,,"
		"\n" },
	{ FEED, "time_us,symbol,price\n1,BTCUSDT,121000.5\n5,ETHUSDT,4400\n1000005,SOLUSDT,220\n" },
	{ RULES, "[venue]\nname = w\nbreach = >=\nliquidate_at = liq\n[thresholds]\nliq = 1.0\n"
		 "[margin]\nratio = mm/equity\nmm_basis = entry\nclosing_fee = in\n"
		 "[waterfall]\ncancel_at = liq\nreduce = tier\nfill = ioc\nlimit = bankruptcy\n"
		 "takers = fund\nfund_cap = 300 %\n[insurance]\npools = shared\ndrawdown_of = "
		 "symbol\nwindow = 8 h\nwarning = 15 %\ndrawdown = 30 %\nbears = price\n"
		 "stop = 25 %\n[adl]\nscore = bitmex\nleverage = position\nprice = bankruptcy\n"
		 "siblings = no\nlights = accounts\nbars = 5\nalerts_every = 1 s\n"
		 "alert_adl = 30 %\n[index]\nmethod = weighted\noutlier = 5 %\nstale = 10 s\n"
		 "[mark]\nfirst = funding\nsecond = average\nthird = last\npoints = 30\n"
		 "sample = 1 s\n[funding]\nschedule = instants\ninterval = 8 h\nperiod = 8 h\n"
		 "clamp = 0.05 %\naverage = weighted\nsample = 5 s\npremium = book\n"
		 "price = mark\n[breakers]\nband = 5 %\napart = 10 %\n[fees]\n"
		 "liquidation = 0.5 %\ntaker = 0.05 %\n[ladders]\nl = /proc/self/fd/3\n"
		 "[symbol BTCUSDT]\nlot = 0.0001\nladder = l\n[collateral XBT]\nlot = 0.0001\n"
		 "index = BTCUSDT\n"
		 "weight = 97 %\n" },
	{ FEED, "exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,"
		"bid_amount\nbinance-futures,BTCUSDT,1000000,1,2,100.5,100.4,3\n"
		"binance-futures,BTCUSDT,2000000,1,2,99,98.5,3\n" },
	{ FEED, "timestamp,percentage,depth,notional,weighted_avg_price\n"
		"2025-10-10 00:00:07,-1,8243.012,979983314.2056,118886.55\n"
		"2025-10-10 00:00:07,1,10.5,1200000,119157.5\n" },
	{ FEED, "time_us,symbol,price,index,last,bid,ask\n"
		"1,BTCUSDT,121000.5,121001,,120999,121002\n5,ETHUSDT,4400,,4401,,\n" },
	{ GENERATOR, "gen:50,seed=7,symbols=3" },
	{ CASES, "{\"venue\":\"Binance USD-M\",\"kind\":\"liq_price\",\"inputs\":{\"side\":"
		 "\"long\",\"leverage\":5,\"entry\":10,\"qty\":0.6,\"isolated_wallet\":"
		 "\"qty*entry/leverage\",\"mmr\":0.01,\"other_positions\":[{\"qty\":-1,\"entry\":2,"
		 "\"mark\":3,\"mmr\":\"1%\"}]},\"expected\":{\"liq_price\":8.1,\"round\":\"2 "
		 "decimals\"}}\n{\"venue\":\"OKX\",\"kind\":\"mm\",\"inputs\":{\"notional\":7,"
		 "\"tiers\":[[0,0.1,0],[5,0.2,1]]},\"expected\":{\"mmr\":0.2}}\n" },
	{ CASES, "{\"venue\":\"dYdX v4\",\"kind\":\"other\",\"inputs\":{\"liquidated\":{"
		 "\"quote_usd\":54999,\"btc_quantums\":-100000000},\"offsetting\":{\"quote_usd\":-"
		 "45001,\"btc_quantums\":100000000},\"delta_base_quantums\":100000000,"
		 "\"price_usd\":50000},\"expected\":{\"accepted\":true,\"price_quote_quantums\":"
		 "-54999000000,\"liquidated_after\":\"empty\"}}\n" },
	{ CASES, "{\"venue\":\"Drift\",\"kind\":\"other\",\"inputs\":{\"margin_shortage_1e6\":"
		 "10000000,\"margin_ratio_1e4\":1000,\"liquidator_fee_1e6\":0,\"if_fee_1e6\":0,"
		 "\"oracle_price_1e6\":100000000},\"expected\":{\"base_amount_1e9\":1000000000}}\n"
		 "{\"venue\":\"Drift\",\"kind\":\"other\",\"inputs\":{\"same_as_previous\":true},"
		 "\"expected\":{\"base_amount_1e9\":1000000000}}\n" },
	{ CASES, "{\"venue\":\"BitMEX\",\"kind\":\"adl_rank\",\"inputs\":{\"liquidated_qty\":20,"
		 "\"bankruptcy_price\":650,\"queue\":[{\"account\":2,\"qty\":10,\"score\":1},"
		 "{\"account\":5,\"qty\":20}]},\"expected\":{\"fills\":[{\"account\":2,\"qty\":10},"
		 "{\"qty\":10}],\"lights\":{\"2\":40}}}\n{\"venue\":\"paper\",\"kind\":"
		 "\"adl_rank\",\"inputs\":{\"equities\":[10,5,-3],\"rule\":\"queue\",\"severity\":"
		 "1,\"order\":[2,1,3]},\"expected\":{\"equities_after\":[\"10\",2,-3]}}\n" },
};
enum { SAMPLES = sizeof(samples) / sizeof(*samples) };

/* What hurts number and structure readers. */
static const char *const splices[] = {
	"0",
	"-1",
	"-",
	".",
	"e",
	"1e999999999",
	"1e-999999999",
	"9223372036854775807",
	"18446744073709551616",
	"340282366920938463463374607431768211456",
	"0.00000000000000000000000001",
	"nan",
	",",
	",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,",
	"\n",
	"\r\n",
	"\n\n\n",
	"#",
	"\"",
	"{",
	"}",
	"[",
	"]",
	"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
	":",
	"null",
	"\\",
	"\\u00",
	"=",
	"%",
	"/",
	" ",
	"\t",
	"\xff\xfe",
	"\xef\xbb\xbf",
	"PK\3\4",
	"\x1f\x8b",
	"symbol",
	"BTCUSDT",
	"ETH-USD",
	"position,",
	"qty*entry/leverage",
	"((((((((((((((((((((((((((((((((",
	"^99^99",
	"\"same_as_previous\":true,",
};
enum { SPLICES = sizeof(splices) / sizeof(*splices) };

static uint64_t state;

static uint32_t draw(uint32_t n)
{
	return fb_mix_below(fb_mix(state++), n);
}

struct buffer {
	char bytes[SIZE_MAX_BYTES];
	size_t n;
};

static void insert(struct buffer *b, size_t at, const void *bytes, size_t n)
{
	if (b->n + n > SIZE_MAX_BYTES)
		return;
	memmove(b->bytes + at + n, b->bytes + at, b->n - at);
	memcpy(b->bytes + at, bytes, n);
	b->n += n;
}

static void mutate(struct buffer *b)
{
	char copy[256];
	size_t at = draw((uint32_t)b->n + 1), left = b->n - at,
	       n = draw((uint32_t)(left < 256 ? left : 255) + 1);
	const char *splice = splices[draw(SPLICES)];

	switch (draw(7)) {
	case 0: /* a flipped bit */
		if (left)
			b->bytes[at] = (char)(b->bytes[at] ^ (1 << draw(8)));
		break;
	case 1: /* cut off */ b->n = at; break;
	case 2: /* a piece taken out */
		memmove(b->bytes + at, b->bytes + at + n, left - n);
		b->n -= n;
		break;
	case 3: /* a piece put in a second time */
		memcpy(copy, b->bytes + at, n);
		insert(b, draw((uint32_t)b->n + 1), copy, n);
		break;
	case 4: /* something nasty */ insert(b, at, splice, strlen(splice)); break;
	case 5: /* something nasty in the place of a number */
		while (at < b->n && (b->bytes[at] < '0' || b->bytes[at] > '9'))
			at++;
		for (n = at; n < b->n && b->bytes[n] >= '0' && b->bytes[n] <= '9'; n++)
			;
		memmove(b->bytes + at, b->bytes + n, b->n - n);
		b->n -= n - at;
		insert(b, at, splice, strlen(splice));
		break;
	default: /* any byte */
		if (left)
			b->bytes[at] = (char)draw(256);
		break;
	}
}

/* Packs the text in one of three ways, or not, before more of the damage is done. */
static void pack(struct buffer *b)
{
	struct archive a;

	switch (draw(6)) {
	case 0: a = archive_gzip(b->bytes, b->n); break;
	case 1: a = archive_zip("BTCUSDT-1m.csv", b->bytes, b->n, 8, 1); break;
	case 2: a = archive_zip("BTCUSDT-1m.csv", b->bytes, b->n, 0, 1); break;
	default: return;
	}
	if (a.length <= SIZE_MAX_BYTES) {
		memcpy(b->bytes, a.bytes, a.length);
		b->n = a.length;
	}
	free(a.bytes);
}

__attribute__((noreturn)) static void fail(const char *what, const char *text)
{
	fprintf(stderr, "fuzz_inputs: %s: %s\n", what, text);
	abort();
}

/* file:line:column: or, for the structure of an archive, file: at byte N: */
static void check_error(int rc, const struct fb_error *error)
{
	const char *at = error->text;
	unsigned line, column;
	unsigned long long byte;

	if (rc >= 0)
		return;
	if (rc < -4095 || !*at || strchr(at, '\n'))
		fail("an error without words", error->text);
	for (; *at; at++) {
		if (*at != ':')
			continue;
		if (sscanf(at, ":%u:%u: expected %*1s", &line, &column) == 2 && line > 0 &&
		    column > 0)
			return;
		if (sscanf(at, ": at byte %llu: expected", &byte) == 1)
			return;
	}
	fail("an error without a place", error->text);
}

static struct fb_rules rules, scratch;
static uint64_t start_e8[FB_SYMBOLS];

static void check_policy(const struct fb_rules *r)
{
	const struct fb_policy *p = &r->policy;

	if (p->warn_level >= r->liquidate_level || p->call_level >= r->liquidate_level ||
	    p->cut_level >= r->liquidate_level || p->cancel_level > r->liquidate_level ||
	    p->cancel_level == 0 || r->liquidate_level > r->thresholds)
		fail("levels of the waterfall out of range", r->venue);
	if (p->tries == 0 || p->timeout_ms == 0 || p->cut_share_e7 == 0)
		fail("a waterfall that gets nowhere", r->venue);
}

static void check_rules(const struct fb_rules *r)
{
	check_policy(r);
	for (unsigned s = 0; s < r->symbols; s++) {
		if (r->symbol[s].lot_e8 == 0 || r->symbol[s].ladder >= r->ladders)
			fail("a symbol without lot or ladder", r->symbol[s].name);
	}
	for (unsigned l = 0; l < r->ladders; l++)
		for (unsigned k = 0; k < r->ladder[l].tiers; k++) {
			const struct fb_tier *t = &r->ladder[l].tier[k];

			if ((unsigned __int128)t->floor_e8 * t->rate_e7 < t->deduction_e15)
				fail("negative maintenance", r->ladder[l].name);
			if (k && t->floor_e8 <= t[-1].floor_e8)
				fail("floors that do not rise", r->ladder[l].name);
		}
}

static void check_accounts(struct fb_accounts *a)
{
	for (size_t i = 0; i < a->accounts; i++)
		if (a->account[i].first + a->account[i].positions > a->positions)
			fail("an account beyond the positions", "");
	for (size_t i = 0; i < a->positions; i++)
		if (a->position[i].symbol >= rules.symbols || a->position[i].qty == 0)
			fail("a position of nothing", "");
	fb_accounts_free(a);
}

static int run_feed(const char *path, struct fb_error *error)
{
	char entry[64];
	const char *paths[2] = { path, entry };
	struct fb_feed_options options = { .step_us = draw(2) ? 0 : 1 + draw(3000000) };
	struct fb_tick tick[TICKS];
	struct fb_feed *feed;
	int64_t last = -1;
	int rc;

	snprintf(entry, sizeof(entry), "%s=%s", draw(2) ? "BTCUSDT" : "ETHUSDT", path);
	rc = fb_feed_open(draw(2) ? paths : paths + 1, 1, &rules, &options, &feed, error);
	if (rc)
		return rc;
	while ((rc = fb_feed_next(feed, tick, 1 + draw(TICKS), error)) > 0)
		for (int i = 0; i < rc; i++) {
			uint64_t u;

			if (tick[i].time_us < last || tick[i].symbol >= rules.symbols ||
			    fb_unit_value(&rules.symbol[tick[i].symbol], tick[i].price_e8, &u) != 0)
				fail("a tick out of order or range", path);
			last = tick[i].time_us;
		}
	fb_feed_close(feed);
	return rc;
}

/* Whatever comes out, each line that was read has one outcome. */
static int run_cases(const char *path, struct fb_error *error)
{
	static FILE *nowhere;
	struct fb_cases_options options = { .path = path, .json = draw(2), .verbose = draw(2) };
	struct fb_cases_summary summary;

	if (!nowhere && !(nowhere = fopen("/dev/null", "w")))
		fail("/dev/null", strerror(errno));
	return fb_cases_run(&options, nowhere, &summary, error);
}

static int run_reader(enum kind kind, const char *path, const char *text, struct fb_error *error)
{
	struct fb_accounts accounts = { 0 };
	unsigned used;
	int rc;

	switch (kind) {
	case RULES:
	case LADDER: /* the pack that is in file 4 names file 3 as its ladder */
		rc = fb_rules_load(kind == RULES ? path : "/proc/self/fd/4", &scratch, error);
		if (rc == 0)
			check_rules(&scratch);
		return rc;
	case BRACKETS:
		scratch = rules;
		rc = fb_brackets_load(path, &scratch, &used, error);
		if (rc && memcmp(&scratch, &rules, sizeof(rules)) != 0)
			fail("brackets applied in part", error->text);
		check_rules(&scratch);
		return rc;
	case ACCOUNTS:
	case GENERATOR:
		rc = fb_accounts_load(kind == ACCOUNTS ? path : text, &rules, start_e8, &accounts,
				      error);
		if (rc == 0)
			check_accounts(&accounts);
		return rc;
	case FEED: return run_feed(path, error);
	case CASES: return run_cases(path, error);
	}
	return 0;
}

static void put_file(int fd, const void *bytes, size_t n)
{
	if (ftruncate(fd, 0) != 0 || pwrite(fd, bytes, n, 0) != (ssize_t)n)
		fail("cannot write a file in memory", strerror(errno));
}

/* 1 if the reader took the file. */
static int run(uint64_t seed)
{
	struct fb_error error = { "" };
	struct buffer b;
	const struct sample *sample;
	int rc;

	state = fb_mix(seed) ^ seed;
	sample = &samples[draw(SAMPLES)];
	b.n = strlen(sample->text);
	memcpy(b.bytes, sample->text, b.n);
	for (uint32_t i = draw(5); i > 0; i--)
		mutate(&b);
	if (sample->kind != GENERATOR && draw(4) == 0) {
		pack(&b);
		for (uint32_t i = draw(3); i > 0; i--)
			mutate(&b);
	}
	if (sample->kind == GENERATOR) {
		/* As text it must end, and not ask for a large book. */
		b.bytes[b.n < SIZE_MAX_BYTES ? b.n : SIZE_MAX_BYTES - 1] = '\0';
		if (strncmp(b.bytes, "gen:", 4) != 0 || strcspn(b.bytes + 4, ",") > 4)
			return 0;
	}
	/* The readers open by path: 3 is the file, 4 the pack whose ladder it is. */
	put_file(3, sample->kind == RULES ? samples[1].text : b.bytes,
		 sample->kind == RULES ? strlen(samples[1].text) : b.n);
	if (sample->kind == RULES)
		put_file(5, b.bytes, b.n);
	rc = run_reader(sample->kind, sample->kind == RULES ? "/proc/self/fd/5" : "/proc/self/fd/3",
			b.bytes, &error);
	check_error(rc, &error);
	return rc == 0;
}

/* Every sample must be taken as it is: else the damage is done to something that was refused
 * anyway. */
static void check_samples(void)
{
	for (int i = 0; i < SAMPLES; i++) {
		struct fb_error error = { "" };
		int fd = samples[i].kind == RULES ? 5 : 3, rc;

		put_file(3, samples[1].text, strlen(samples[1].text));
		put_file(fd, samples[i].text, strlen(samples[i].text));
		rc = run_reader(samples[i].kind, fd == 5 ? "/proc/self/fd/5" : "/proc/self/fd/3",
				samples[i].text, &error);
		/* The klines have no symbol but in SYMBOL=FILE, which the run draws. */
		if (rc && !(samples[i].kind == FEED && strstr(error.text, "give SYMBOL=FILE")))
			fail("a sample is not taken", error.text);
	}
}

int main(int argc, char **argv)
{
	uint64_t runs = argc > 1 ? strtoull(argv[1], NULL, 10) : RUNS,
		 seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	struct fb_error error = { "" };
	uint64_t taken = 0;

	for (int fd = 3; fd < 6; fd++) {
		int made = memfd_create("fuzz", 0);

		if (made != fd && (dup2(made, fd) != fd || close(made) != 0))
			fail("no files in memory", strerror(errno));
	}
	put_file(4, samples[0].text, strlen(samples[0].text));
	if (fb_rules_load("binance-usdm", &rules, &error) != 0)
		fail("the shipped rules", error.text);
	for (unsigned i = 0; i < rules.symbols; i++)
		start_e8[i] = 100000000;
	check_samples();
	for (uint64_t n = 0; n < runs; n++)
		taken += (uint64_t)run(seed + n);
	printf("fuzz_inputs: %llu runs from seed %llu, %llu files taken, %llu refused with a "
	       "place\n",
	       (unsigned long long)runs, (unsigned long long)seed, (unsigned long long)taken,
	       (unsigned long long)(runs - taken));
	return 0;
}
