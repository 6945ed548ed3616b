/* The largest numbers that the contract allows, on a threshold: equity near 2^71 and MM near 2^95
 * need hundreds of rows of the largest notional, entry and rate in one account, which random
 * streams do not put together. */
#include <inttypes.h>
#include <stdio.h>

#include "cosim.h"
#include "plain.h"
#include "random.h"

/* (2^33 + 1) x (2^44 - 2^11) / 2^16 = 2^61 - 1, rounded down: the largest notional. */
#define QTY ((INT64_C(1) << 33) + 1)
#define U ((UINT64_C(1) << 44) - (UINT64_C(1) << 11))
#define NOTIONAL ((INT64_C(1) << 61) - 1)
#define RATE_MOST ((UINT32_C(1) << FB_RATE_BITS) - 1)
#define GAIN_MOST (((i128)1 << 62) - 1) /* value - entry of a row, entry -2^61 */
#define ROW_MM_MOST ((i128)NOTIONAL * (2 * (i128)RATE_MOST))

static const uint32_t thresholds[FB_THRESHOLDS] = { 1u << 16, (1u << 22) + 1,
						    1u << 24, (1u << 24) + 12345,
						    1u << 25, (1u << FB_THRESHOLD_BITS) - 1 };

/* Classes 0 (>=) and 1 (>) with the six thresholds; ladder 0 with the largest rate; symbols 0
 * and 1. */
static void tables(struct stream_writer *w)
{
	union fb_command ladder = { .ladder = { .op = FB_OP_LADDER, .rate = RATE_MOST } };

	for (uint8_t id = 0; id < 2; id++)
		for (uint8_t first = 0; first < FB_THRESHOLDS; first += 3) {
			union fb_command c = { .class = { .op = FB_OP_CLASS, .count = 3 } };

			c.class.class_id = id;
			c.class.strict = id;
			c.class.first = first;
			for (unsigned i = 0; i < 3; i++)
				c.class.up[i] = c.class.down[i] = thresholds[first + i];
			stream_add(w, &c, true);
		}
	stream_add(w, &ladder, false);
	plain_symbol(w, 0, U, false);
	plain_symbol(w, 1, U, false);
}

/* What must rise must not stand still at the top of its range either. */
static void refused_at_the_top(struct stream_writer *w)
{
	union fb_command c = { .class = { .op = FB_OP_CLASS, .class_id = 2, .count = 1 } };
	union fb_command l = { .ladder = { .op = FB_OP_LADDER, .ladder = 5 } };

	c.class.up[0] = (1u << FB_THRESHOLD_BITS) - 1;
	stream_add(w, &c, false);
	c.class.first = 1;
	c.class.up[0]--;
	stream_add(w, &c, false)->expect = FB_REJECT_CLASS;
	stream_add(w, &l, false);
	l.ladder.tier = 1;
	l.ladder.floor = NOTIONAL;
	stream_add(w, &l, false);
	l.ladder.tier = 2;
	stream_add(w, &l, false)->expect = FB_REJECT_LADDER;
	l.ladder.floor--;
	stream_add(w, &l, false)->expect = FB_REJECT_LADDER;
}

static void put_rows(struct stream_writer *w, uint32_t account, uint32_t rows, int64_t entry_e8,
		     int sign)
{
	for (uint32_t r = 0; r < rows; r++) {
		union fb_command c = { .position = { .op = FB_OP_POSITION, .account = account } };

		c.position.position = r;
		c.position.qty = sign * QTY;
		c.position.entry = entry_e8;
		c.position.addend = RATE_MOST;
		stream_add(w, &c, true);
	}
}

static void put_account(struct stream_writer *w, uint32_t account, i128 collateral, i128 addend,
			uint8_t class_id)
{
	union fb_command c = { .account = { .op = FB_OP_ACCOUNT, .flags = FB_FLAG_SET_LEVEL } };

	c.account.account = account;
	c.account.collateral = (int64_t)collateral;
	c.account.addend.lo = (uint64_t)addend;
	c.account.addend.hi = (int64_t)(addend >> 64);
	c.account.class_id = class_id;
	stream_add(w, &c, false);
}

/* Equity E and MM = E x T + d with every row at its limit; false: no account can be there. */
static bool on_threshold(struct stream_writer *w, uint32_t rows, uint32_t t, int d,
			 uint8_t class_id)
{
	i128 mm = rows * ROW_MM_MOST, equity = mm / t, most = rows * GAIN_MOST;

	if (equity > most)
		equity = most;
	i128 gain = equity / rows, addend = equity * t + d - mm,
	     bound = (i128)1 << (FB_ADDEND_BITS - 1);
	if (addend < -bound || addend >= bound)
		return false;
	put_rows(w, 7, rows, (int64_t)(NOTIONAL - gain), 1);
	put_account(w, 7, equity - gain * rows, addend, class_id);
	for (unsigned last = 0; last < 2; last++) {
		plain_mark(w, 0, U - 1, false);
		plain_mark(w, 0, U, last == 0);
		if (last == 0)
			plain_mark(w, 1, U, false);
	}
	return true;
}

bool property_limits(const struct options *o)
{
	static const uint32_t counts[] = { 1, 8, 100, 300, FB_ROWS_PER_ACCOUNT };
	struct stream stream;
	struct stream_writer w;
	struct totals totals = { 0 };
	unsigned met = 0;
	char uri[URI_MAX];

	stream_begin(&w, &stream);
	tables(&w);
	refused_at_the_top(&w);
	plain_account(&w, 7, 0, false);
	for (unsigned i = 0; i < 5; i++)
		for (unsigned k = 0; k < FB_THRESHOLDS; k++)
			for (int d = -1; d <= 1; d++)
				met += on_threshold(&w, counts[i], thresholds[k], d,
						    (uint8_t)((k + i) % 2));
	put_rows(&w, 7, FB_ROWS_PER_ACCOUNT, NOTIONAL, -1);
	plain_mark(&w, 1, U, false);
	plain_lone(&w, FB_OP_HASH);
	options_uri(o, o->engine, 1, uri);
	bool equal = compare_engines(uri, o->reference, &stream, 1, &totals);
	printf("  %u thresholds met, %" PRIu64 " records\n", met, totals.records);
	stream_free(&stream);
	bool holds = equal && met > 40 && totals.records > 100;
	printf("property limits: %s\n", holds ? "PASS" : "FAIL");
	return holds;
}
