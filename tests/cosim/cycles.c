/* The published cycles, asserted exactly. The numbers stand in hw/README.md;
 * "from" is the cycle in which the batch's last command word is taken, "to" the cycle in which a
 * record is on the output and taken. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cosim.h"
#include "cycles_audit.h"
#include "plain.h"
#include "runner.h"
#include "tap.h"

#define FIRST_RECORD 23u /* one mark that touches one row a lane: first record */
#define FIRST_RECORD_MOST 24u /* what the design promises */
#define END_AFTER_RECORD 3u /* BATCH_END after the last record */
#define END_ALONE \
	25u /* BATCH_END of a batch without records; a mark more in the batch is a cycle more */
#define STORM_END                                                                                  \
	24u /* BATCH_END beyond stripes + records, where the port of the records is the bottleneck \
	     */
#define STORM_MOST \
	25u /* beyond stripes + max(records, judging of the fullest lane) in every storm */
/* Where the port takes a word every second or third cycle, as a bus of 512 or 256 bits does: words
 * that leave alone, because no second change waited yet or none was left, and cycles beyond stripes
 * + the larger of changes and the words' own. */
#define PACED_ALONE 3u
#define PACED_MOST 29u
#define FILL_EVERY 4u
#define DEPOSIT_EVERY 2u
#define JUDGE_EVERY 3u /* cycles in which a lane judges one pended account */
/* RANK of S stripes in groups of G, one every I = max(8, G) cycles. BATCH_END of
 *   a histogram: (S - 1) x I + G + 2 x groups + 288: the last stripe's lanes in turn, 256 buckets
 *   down the chain of groups, two steps a group
 *   a selection that takes every row: (S - 1) x max(I, lanes) + lanes + 29: from eight lanes on one
 *   record a cycle leaves the core
 *   a selection that takes none: (S - 1) x I + G + 27 */
#define RANK_INTERVAL 8u
#define HISTOGRAM_REST 288u
#define SELECT_ALL_REST 29u
#define SELECT_NONE_REST 27u
#define RANK_MOST 600u /* of both passes beyond twice S x I and the records */
#define AUDIT_LATER 1u /* a first record, while the audit runs: its item is sent */

/* What crossed since the last command without MORE was taken, and how far apart commands were taken
 * before. */
struct watch {
	uint64_t taken, first, last, end;
	unsigned records, changes; /* words without BATCH_END; a pair is two changes */
	uint64_t gap_most, before;
};

static void see_command(void *context, uint64_t cycle, const union fb_command *word)
{
	struct watch *w = context;
	uint64_t gap = w->before ? cycle - w->before : 0;

	w->gap_most = gap > w->gap_most ? gap : w->gap_most;
	w->before = cycle;
	if (!(word->header.flags & FB_FLAG_MORE))
		*w = (struct watch){ .taken = cycle, .gap_most = w->gap_most, .before = cycle };
}

static void see_record(void *context, uint64_t cycle, const union fb_record *record)
{
	struct watch *w = context;

	if (record->header.kind == FB_REC_BATCH_END) {
		w->end = cycle;
		return;
	}
	if (w->records++ == 0)
		w->first = cycle;
	w->changes += record->header.kind == FB_REC_LEVEL_PAIR ? 2 : 1;
	w->last = cycle;
}

struct bench {
	struct tap tap;
	struct watch watch;
	struct fb_engine *engine;
	struct stream stream;
	struct stream_writer writer;
	size_t given;
	unsigned lanes;
};

/* `library` is the number in its name; the core says how many lanes it has. */
static bool bench_open(struct bench *b, unsigned library)
{
	struct fb_error error = { "" };
	char args[32];

	*b = (struct bench){ .tap = { .command = see_command, .record = see_record } };
	b->tap.context = &b->watch;
	stream_begin(&b->writer, &b->stream);
	snprintf(args, sizeof args, "lanes=%u", library);
	if (tap_open(&b->tap, library, args, &b->engine, &error) < 0) {
		printf("cycles: %s\n", error.text);
		return false;
	}
	b->lanes = b->tap.geometry.lanes;
	return true;
}

static void bench_close(struct bench *b)
{
	fb_engine_close(b->engine);
	stream_free(&b->stream);
}

/* Gives the core what was written since the last call and waits until it is idle. */
static bool settle(struct bench *b)
{
	union fb_record out[64];
	int idle = 0;

	while (b->given < b->stream.n || !idle) {
		while (b->given < b->stream.n &&
		       fb_engine_submit(b->engine, &b->stream.command[b->given].word) == 0)
			b->given++;
		if (fb_engine_poll(b->engine, out, 64, &idle) < 0) {
			printf("cycles: the core of %u lanes is dead\n", b->lanes);
			return false;
		}
	}
	return true;
}

static bool equals(unsigned lanes, const char *what, uint64_t found, uint64_t expected)
{
	printf("  %2u lanes: %-58s %5" PRIu64 " cycles%s\n", lanes, what, found,
	       found == expected ? "" : "  WRONG");
	if (found != expected)
		printf("            expected exactly %" PRIu64 "\n", expected);
	return found == expected;
}

static bool at_most(unsigned lanes, const char *what, uint64_t found, uint64_t bound)
{
	printf("  %2u lanes: %-58s %5" PRIu64 " cycles, at most %" PRIu64 "%s\n", lanes, what,
	       found, bound, found <= bound ? "" : "  WRONG");
	return found <= bound;
}

/* Accounts 0..n-1 with one row each of `symbol`, long 1,000 lots of value 100, bankrupt below 95.
 * Placement by load spreads them evenly. */
static void put_accounts(struct bench *b, uint16_t symbol, uint32_t n)
{
	for (uint32_t a = 0; a < n; a++) {
		fb_engine_expect(b->engine, a, &symbol, 1);
		plain_account(&b->writer, a, 5000, true);
		plain_position(&b->writer, a, a, symbol, 1000, 100000, a % 100 != 99 && a + 1 < n);
		if (a % 100 == 99)
			settle(b);
	}
}

static bool mark(struct bench *b, uint16_t symbol, uint64_t u)
{
	plain_mark(&b->writer, symbol, u << 16, false);
	return settle(b);
}

/* One row a lane: nothing happens, then every account breaches, then one recovers. */
static bool one_row_a_lane(unsigned library)
{
	struct bench b;
	bool good = true;

	if (!bench_open(&b, library))
		return false;
	unsigned lanes = b.lanes;
	plain_tables(&b.writer);
	plain_symbol(&b.writer, 7, 100 << 16, false);
	plain_symbol(&b.writer, 8, 100 << 16, false);
	put_accounts(&b, 7, lanes);
	plain_position(&b.writer, 0, 1000, 8, 10, 1000, false);
	good &= settle(&b) && mark(&b, 7, 101) && b.watch.records == 0;
	good &= equals(lanes, "one row a lane, no record: BATCH_END", b.watch.end - b.watch.taken,
		       END_ALONE);
	good &= mark(&b, 7, 50) && b.watch.records == lanes;
	good &= equals(lanes, "one row a lane, all breach: first record",
		       b.watch.first - b.watch.taken, FIRST_RECORD);
	good &= FIRST_RECORD <= FIRST_RECORD_MOST;
	good &= equals(lanes, "one row a lane, all breach: last record",
		       b.watch.last - b.watch.taken, FIRST_RECORD + lanes - 1);
	good &= equals(lanes, "one row a lane, all breach: BATCH_END after the last",
		       b.watch.end - b.watch.last, END_AFTER_RECORD);
	good &= mark(&b, 8, 100000) && b.watch.records == 1;
	good &= equals(lanes, "one row in one lane: first record", b.watch.first - b.watch.taken,
		       FIRST_RECORD);
	good &= equals(lanes, "one row in one lane: BATCH_END after it", b.watch.end - b.watch.last,
		       END_AFTER_RECORD);
	bench_close(&b);
	return good;
}

/* All accounts of a symbol breach at once. Each lane judges an account in three cycles while one
 * record a cycle leaves the core: from four lanes on only the records count. */
static bool storm_cycles(unsigned library, unsigned stripes)
{
	struct bench b;
	bool good = true;
	char what[80];

	if (!bench_open(&b, library))
		return false;
	unsigned lanes = b.lanes;
	uint32_t n = lanes * stripes;
	plain_tables(&b.writer);
	plain_symbol(&b.writer, 7, 100 << 16, false);
	put_accounts(&b, 7, n);
	good &= settle(&b) && mark(&b, 7, 50) && b.watch.records == n;
	snprintf(what, sizeof what, "storm, %u stripes, %u records: BATCH_END", stripes,
		 b.watch.records);
	uint32_t judged = JUDGE_EVERY * stripes;
	good &= at_most(lanes, what, b.watch.end - b.watch.taken,
			stripes + (n > judged ? n : judged) + STORM_MOST);
	if (n > judged)
		good &= equals(lanes, what, b.watch.end - b.watch.taken, stripes + n + STORM_END);
	bench_close(&b);
	return good;
}

/* The same storm through a port that takes a word every `pace` cycles: no change waits alone, so a
 * word carries two, and the port keeps up with one change a cycle up to a pace of two. */
static bool paced_storm(unsigned library, unsigned stripes, unsigned pace)
{
	struct bench b;
	char what[80];

	if (!bench_open(&b, library))
		return false;
	unsigned lanes = b.lanes;
	uint32_t n = lanes * stripes, judged = JUDGE_EVERY * stripes;
	plain_tables(&b.writer);
	plain_symbol(&b.writer, 7, 100 << 16, false);
	put_accounts(&b, 7, n);
	bool good = settle(&b);
	b.tap.pace = pace;
	good &= mark(&b, 7, 50) && b.watch.changes == n;
	unsigned words = b.watch.records;
	uint32_t slowest = pace * words > n ? pace * words : n;
	snprintf(what, sizeof what, "storm, %u changes, a word every %u cycles: words", n, pace);
	good &= at_most(lanes, what, words, n / 2 + PACED_ALONE);
	snprintf(what, sizeof what, "storm, %u changes, a word every %u cycles: BATCH_END", n,
		 pace);
	good &= at_most(lanes, what, b.watch.end - b.watch.taken,
			stripes + (slowest > judged ? slowest : judged) + PACED_MOST);
	bench_close(&b);
	return good;
}

/* Many symbols of one row a lane in one batch: from the last word the walk goes on for as many
 * cycles as symbols are left. */
static bool many_marks(unsigned library, unsigned words)
{
	struct bench b;
	char what[80];

	if (!bench_open(&b, library))
		return false;
	unsigned lanes = b.lanes;
	plain_tables(&b.writer);
	for (uint16_t s = 0; s < 5 * words; s++)
		plain_symbol(&b.writer, s, 100 << 16, false);
	for (uint32_t a = 0; a < lanes; a++) {
		plain_account(&b.writer, a, 50000000, true);
		for (uint32_t s = 0; s < 5 * words; s++)
			plain_position(&b.writer, a, a * 5 * words + s, (uint16_t)s, 1000, 100000,
				       s + 1 < 5 * words);
	}
	bool good = settle(&b);
	for (unsigned i = 0; i < words; i++)
		plain_marks(&b.writer, (uint16_t)(5 * i), 5, 101 << 16, i + 1 < words);
	good &= settle(&b) && b.watch.records == 0;
	snprintf(what, sizeof what, "%u words of 5 marks, one row a lane each: BATCH_END", words);
	good &= equals(lanes, what, b.watch.end - b.watch.taken, END_ALONE + 4);
	bench_close(&b);
	return good;
}

/* 60 commands of one kind in one batch: how far apart the core takes them. */
static bool command_rate(unsigned library, bool fills, uint64_t expected)
{
	struct bench b;

	if (!bench_open(&b, library))
		return false;
	plain_tables(&b.writer);
	plain_symbol(&b.writer, 7, 100 << 16, false);
	put_accounts(&b, 7, 60);
	bool good = settle(&b);
	b.watch = (struct watch){ 0 };
	for (uint32_t a = 0; a < 60; a++) {
		union fb_command c = { .collateral = { .op = FB_OP_COLLATERAL, .delta = 1 } };

		c.collateral.account = a;

		if (fills)
			plain_fill(&b.writer, a, a, 7, 1001, 100100, a < 59);
		else
			stream_add(&b.writer, &c, a < 59);
	}
	good &= settle(&b);
	const char *what = fills ? "fills of one batch: from one to the next"
				 : "deposits of one batch: from one to the next";
	/* A fill holds its group for two cycles; fills of different groups need not wait. */
	good &= at_most(b.lanes, what, b.watch.gap_most, expected);
	if (b.lanes == 1)
		good &= equals(1, what, b.watch.gap_most, expected);
	bench_close(&b);
	return good;
}

/* A symbol of 40,000 rows over 16 lanes: at least nine cycles in ten value a row in every lane. */
static bool efficiency(void)
{
	struct bench b;
	uint32_t n = 40000;

	if (!bench_open(&b, 16))
		return false;
	plain_tables(&b.writer);
	plain_symbol(&b.writer, 7, 100 << 16, false);
	put_accounts(&b, 7, n);
	bool good = settle(&b) && mark(&b, 7, 101) && b.watch.records == 0;
	uint64_t found = b.watch.end - b.watch.taken;
	good &= equals(16, "40,000 rows, no record: BATCH_END", found, n / 16 + END_ALONE - 1);
	good &= at_most(16, "the same, for 90 % of the lanes' time", found, n * 10 / (16 * 9));
	printf("            lane efficiency %" PRIu64 " per mille\n",
	       (uint64_t)n * 1000 / (16 * found));
	bench_close(&b);
	return good;
}

/* One row of symbol 7 each, `stripes` in every lane, all with a gain; their keys spread. */
static bool open_ranked(struct bench *b, unsigned library, unsigned stripes)
{
	if (!bench_open(b, library))
		return false;
	uint32_t n = b->lanes * stripes;
	plain_tables(&b->writer);
	plain_symbol(&b->writer, 7, 100 << 16, false);
	plain_symbol(&b->writer, 8, 100 << 16, false);
	for (uint32_t a = 0; a < n; a++) {
		plain_account(&b->writer, a, INT64_C(5000) << a % 40, true);
		plain_position(&b->writer, a, a, 7, 1000, 100000, a + 1 < n && a % 50 != 49);
	}
	return settle(b) && mark(b, 7, 101) && b->watch.records == 0;
}

/* Gives a RANK; then another and at once a mark behind it, which is taken when the pass is over. */
static bool rank_pass(struct bench *b, enum fb_rank mode, uint8_t class_mask, const char *what,
		      uint64_t expected)
{
	char line[80];
	bool good = true;

	for (int behind = 0; behind < 2; behind++) {
		plain_rank(&b->writer, 7, mode);
		b->stream.command[b->stream.n - 1].word.rank.class_mask = class_mask;
		b->watch = (struct watch){ 0 };
		if (behind)
			plain_mark(&b->writer, 8, 100 << 16, false);
		good &= settle(b);
		snprintf(line, sizeof line, "rank, %s: %s", what,
			 behind ? "a mark behind it waits" : "BATCH_END");
		uint64_t pass = b->watch.end - b->watch.taken;
		good &= equals(b->lanes, line, behind ? b->watch.gap_most : pass, expected);
	}
	return good;
}

/* The two passes of a rank: where the gaining rows lie, then all of them; and a selection of
 * none. */
static bool rank_cycles(unsigned library, unsigned stripes)
{
	struct bench b;
	char what[80];

	if (!open_ranked(&b, library, stripes))
		return false;
	unsigned group = b.tap.geometry.group, groups = b.lanes / group, rows = stripes * b.lanes;
	unsigned interval = group > RANK_INTERVAL ? group : RANK_INTERVAL;
	unsigned slower = b.lanes > interval ? b.lanes : interval;
	uint64_t histogram = (stripes - 1) * interval + group + 2 * groups + HISTOGRAM_REST;
	uint64_t selection = (stripes - 1) * slower + b.lanes + SELECT_ALL_REST;
	uint64_t none = (stripes - 1) * interval + group + SELECT_NONE_REST;

	snprintf(what, sizeof what, "histogram of %u stripes", stripes);
	bool good = rank_pass(&b, FB_RANK_HISTOGRAM, 7, what, histogram);
	snprintf(what, sizeof what, "%u rows of %u stripes", rows, stripes);
	good &= rank_pass(&b, FB_RANK_SELECT, 7, what, selection);
	snprintf(what, sizeof what, "no row of %u stripes", stripes);
	good &= rank_pass(&b, FB_RANK_SELECT, 1, what, none);
	snprintf(what, sizeof what, "rank, histogram and %u rows of %u stripes", rows, stripes);
	good &= at_most(b.lanes, what, histogram + selection,
			2 * stripes * interval + RANK_MOST + rows);
	bench_close(&b);
	return good;
}

/* From the offer of the word, which may wait for the sequencer: one row in one lane is tipped to
 * and fro while the audit runs. */
static bool audit_cycles(unsigned library)
{
	uint64_t plain = 0, latest = 0;
	bool good = audit_delay(library, &plain, &latest);

	good &= equals(library, "audit off, one row in one lane: first record", plain,
		       FIRST_RECORD);
	return at_most(library, "audit on, the same at any time: first record", latest,
		       FIRST_RECORD + AUDIT_LATER) && good;
}

bool cycles(const struct options *o)
{
	static const unsigned libraries[] = { 1, 2, 8, 16 };
	bool good = true;

	for (unsigned i = 0; i < 4; i++) {
		if (o->lanes && o->lanes != libraries[i])
			continue;
		good &= one_row_a_lane(libraries[i]);
		good &= storm_cycles(libraries[i], 1);
		good &= storm_cycles(libraries[i], 50);
		if (libraries[i] >= 8)
			good &= paced_storm(libraries[i], 50, 2) &&
				paced_storm(libraries[i], 50, 3);
		good &= many_marks(libraries[i], 1);
		good &= many_marks(libraries[i], 20);
		good &= command_rate(libraries[i], true, FILL_EVERY);
		good &= command_rate(libraries[i], false, DEPOSIT_EVERY);
		good &= rank_cycles(libraries[i], 1);
		good &= rank_cycles(libraries[i], 50);
		good &= audit_cycles(libraries[i]);
	}
	if (!o->lanes || o->lanes == 16)
		good &= efficiency();
	printf("cycles: %s\n", good ? "PASS" : "FAIL");
	return good;
}
