/* The workloads by name, and what they are called in a command line. */
#include "bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "uri_args.h"

#define RANKED 84000u  /* rows of a symbol, 40,000 and more of them long */
#define RANKED_1M 2000000u

const struct fb_bench_stage_name fb_bench_stages[FB_STAGES] = {
	{ "price_in", "planned", "ns", "the host takes the input up" },
	{ "command_emitted", "planned", "ns", "commands are built and booked" },
	{ "record_seen", "planned", "ns", "the last record is in the host's hands" },
	{ "confirmed", "planned", "ns", "records equal the book's sums, accounts are judged" },
	{ "order_out", "planned", "ns", "orders have passed the governor" },
	{ "card_first", "first_command", "cycles", "the first record leaves the core" },
	{ "card_last", "first_command", "cycles", "the last record leaves the core" },
	{ "emit", "taken_up", "ns", "building and booking commands" },
	{ "engine", "emitted", "ns", "the engine's own time" },
	{ "confirm", "record_seen", "ns", "comparing and judging" },
	{ "order", "confirmed", "ns", "orders through the governor" },
};

const struct fb_bench_work fb_bench_works[] = {
	{ "quiet", "a mark of the largest symbol, nobody moves", FB_BENCH_QUIET, FB_BENCH_ROWS, 0,
	  false, false },
	{ "symbol", "one symbol of cross-margin rows moves by 0.5 %", FB_BENCH_SYMBOL,
	  FB_BENCH_ROWS, 40000, false, false },
	{ "all", "all symbols in one batch, 0.3 % each", FB_BENCH_ALL, FB_BENCH_ROWS, 0, false,
	  false },
	{ "burst", "all symbols fall by 2.5 %, a share of the accounts breaches", FB_BENCH_BURST,
	  FB_BENCH_ROWS, 0, true, true },
	{ "storm", "all accounts bankrupt at once, and back", FB_BENCH_STORM, FB_BENCH_ROWS, 0,
	  true, false },
	{ "funding", "funding of the largest symbol", FB_BENCH_FUNDING, FB_BENCH_ROWS, 0, false,
	  false },
	{ "fills", "one fill, at full rate", FB_BENCH_FILLS, FB_BENCH_ROWS, 0, false, false },
	{ "fills-marks", "fills at full rate, every 1,000th arrival a batch of all symbols",
	  FB_BENCH_FILLS_MARKS, FB_BENCH_ROWS, 0, false, false },
	{ "rank-count", "the top 256 rows of a side of 40,000", FB_BENCH_RANK_COUNT,
	  FB_BENCH_ROWS, RANKED, false, false },
	{ "rank-lots", "the top 1 % of the lots of a side of 40,000 rows", FB_BENCH_RANK_LOTS,
	  FB_BENCH_ROWS, RANKED, false, false },
	{ "rank1m-count", "the top 256 rows of a side of 1,000,000", FB_BENCH_RANK_COUNT, 2200000,
	  RANKED_1M, false, false },
	{ "rank1m-lots", "the top 1 % of the lots of a side of 1,000,000 rows",
	  FB_BENCH_RANK_LOTS, 2200000, RANKED_1M, false, false },
};
const size_t fb_bench_works_n = sizeof(fb_bench_works) / sizeof(fb_bench_works[0]);

uint32_t fb_bench_largest(const struct fb_bench_case *c)
{
	return (uint32_t)((uint64_t)c->work->largest * c->rows / c->work->rows);
}

/* 65000, 65k, 4m. */
static bool rows_of(const char *text, uint32_t *out)
{
	size_t n = strlen(text);
	char digits[16] = "";
	uint32_t unit = 1;
	if (n > 1 && (text[n - 1] == 'k' || text[n - 1] == 'm'))
		unit = text[--n] == 'k' ? 1000 : 1000000;
	if (n >= sizeof(digits))
		return false;
	memcpy(digits, text, n);
	if (!fb_uri_u32(digits, FB_BENCH_ROWS_MOST / unit, out))
		return false;
	*out *= unit;
	return *out >= 1000;
}

/* Percent with at most two decimals, as parts of 10,000. */
static bool share_of(const char *text, uint32_t *out)
{
	char *end;
	double share = strtod(text, &end);
	*out = (uint32_t)(share * 100 + 0.5);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && share <= 100 && *out >= 1;
}

static bool set(void *context, const char *key, const char *value)
{
	struct fb_bench_case *c = context;
	if (strcmp(key, "rows") == 0) {
		c->sized = true;
		return rows_of(value, &c->rows);
	}
	return strcmp(key, "share") == 0 && c->work->share && share_of(value, &c->share_e4);
}

static int no_such(const char *text, size_t length, struct fb_error *error)
{
	char known[256] = "";
	for (size_t i = 0; i < fb_bench_works_n; i++) {
		strcat(known, " ");
		strcat(known, fb_bench_works[i].name);
	}
	return fb_error_set(error, -EINVAL, "workload '%.*s': no such workload; known ones are%s",
			    (int)(length < 64 ? length : 64), text, known);
}

int fb_bench_parse(const char *text, struct fb_bench_case *out, struct fb_error *error)
{
	size_t length = strcspn(text, ":");
	*out = (struct fb_bench_case){ .share_e4 = 0 };
	for (size_t i = 0; i < fb_bench_works_n && !out->work; i++)
		if (strlen(fb_bench_works[i].name) == length &&
		    memcmp(fb_bench_works[i].name, text, length) == 0)
			out->work = &fb_bench_works[i];
	if (!out->work)
		return no_such(text, length, error);
	out->rows = out->work->rows;
	out->share_e4 = out->work->share ? 500 : out->work->levels ? 10000 : 0;
	int found;
	const char *bad =
		text[length] ? fb_uri_pairs(text + length + 1, set, out, &found) : NULL;
	if (bad)
		return fb_error_set(error, -EINVAL,
				    "workload '%.64s': expected rows=1000..4m%s, found '%.*s'; "
				    "such as %s:rows=65k",
				    text, out->work->share ? " or share=0.01..100" : "", found, bad,
				    out->work->name);
	return 0;
}
