/* Opening by URI, capacities, and an output queue that is full. */
#include "model_kit.h"

static struct kit kit;

static void expect_no_engine(const char *uri, int code, const char *says)
{
	struct fb_engine *engine;
	struct fb_error error = { "" };
	int found = fb_engine_open(uri, &engine, &error);
	ck_assert_msg(found == code, "'%s': expected %d, found %d", uri, code, found);
	ck_assert_ptr_eq(engine, NULL);
	ck_assert_msg(strstr(error.text, says), "'%s': '%s' does not say '%s'", uri, error.text,
		says);
	ck_assert_int_eq(fb_engine_open(uri, &engine, NULL), code); /* error may be NULL */
}

START_TEST(uris)
{
	expect_no_engine("", -EINVAL, "no colon");
	expect_no_engine("model", -EINVAL, "no colon");
	expect_no_engine(":", -ENOENT, "model: cpu: core:");
	expect_no_engine("mode:", -ENOENT, "model: cpu: core:");
	expect_no_engine("modell:", -ENOENT, "'modell'");
	expect_no_engine("model:accounts", -EINVAL, "accounts=N,rows=N");
	expect_no_engine("model:accounts=", -EINVAL, "'accounts='");
	expect_no_engine("model:accounts=0", -EINVAL, "1..67108864");
	expect_no_engine("model:accounts=67108865", -EINVAL, "1..67108864");
	expect_no_engine("model:accounts=999999999999999999999", -EINVAL, "accounts=N");
	expect_no_engine("model:rows=-1", -EINVAL, "'rows=-1'");
	expect_no_engine("model:rows= 1", -EINVAL, "'rows= 1'");
	expect_no_engine("model:rows=1,", -EINVAL, "'rows=1,'");
	expect_no_engine("model:rows=1x", -EINVAL, "'rows=1x'");
	expect_no_engine("model:,rows=1", -EINVAL, "',rows=1'");
	expect_no_engine("model:lanes=8", -EINVAL, "'lanes=8'");
}
END_TEST

START_TEST(info_tells_the_capacity)
{
	struct fb_engine_info info;
	kit_open(&kit, "model:");
	fb_engine_info(kit.engine, &info);
	ck_assert_str_eq(info.uri, "model:accounts=65536,rows=262144");
	ck_assert_uint_eq(info.accounts_max, 65536);
	ck_assert_uint_eq(info.rows_max, 262144);
	ck_assert_uint_eq(info.lanes | info.cycles | info.row_revaluations, 0);
	fb_engine_expect(kit.engine, 1, NULL, 0); /* a hint that needs no one to listen */
	kit_close(&kit);
	kit_open(&kit, "model:rows=7,accounts=5");
	fb_engine_info(kit.engine, &info);
	ck_assert_str_eq(info.uri, "model:accounts=5,rows=7");
	kit_close(&kit);
}
END_TEST

/* Submits without polling until the engine says -EAGAIN; then polls all. Nothing is lost,
 * nothing comes twice. */
START_TEST(a_full_queue_stops_commands_and_drops_nothing)
{
	kit_open(&kit, "model:accounts=8,rows=8");
	uint64_t fence = 0, seen = 0;
	union fb_command c = c_plain(FB_OP_FENCE);
	union fb_record r[100];
	int idle = 0, n, code;
	for (unsigned round = 0; round < 5; round++) {
		do {
			c.fence.seq = c.fence.cookie = fence + 1;
			code = fb_engine_submit(kit.engine, &c);
			fence += code == 0;
			ck_assert_uint_lt(fence, 100000);
		} while (code == 0);
		ck_assert_int_eq(code, -EAGAIN);
		while ((n = fb_engine_poll(kit.engine, r, 100, &idle)) > 0)
			for (int i = 0; i < n; i++)
				if (r[i].header.kind == FB_REC_FENCE)
					ck_assert_uint_eq(r[i].fence.cookie, ++seen);
		ck_assert(idle);
		ck_assert_uint_eq(seen, fence);
	}
	kit_close(&kit);
}
END_TEST

/* The largest batch: every account reports at once, after as many refusals as the queue takes. */
START_TEST(a_storm_fits)
{
	enum { ACCOUNTS = 3000 };
	union fb_record r[100];
	uint64_t seq = 0;
	int n, idle = 0;
	kit_open(&kit, "model:accounts=3000,rows=3000");
	union fb_command c[] = {
		c_class(0, 0, 1, 1, 0), c_ladder(0, 0, 1, 0, 0), c_symbol(1, 0, 8 * U_ONE),
	};
	for (size_t i = 0; i < 3; i++) {
		c[i].header.seq = ++seq;
		ck_assert_int_eq(fb_engine_submit(kit.engine, &c[i]), 0);
	}
	for (uint32_t a = 0; a < ACCOUNTS; a++) {
		union fb_command put[] = {
			kit_more(c_account(a, 0, 0, 0)), kit_more(c_position(a, a, 1, 100, 100)),
		};
		for (size_t i = 0; i < 2; i++) {
			put[i].header.seq = ++seq;
			ck_assert_int_eq(fb_engine_submit(kit.engine, &put[i]), 0);
		}
	}
	union fb_command refused = kit_more(c_plain((enum fb_op)0));
	int code;
	do {
		refused.header.seq = seq + 1;
		code = fb_engine_submit(kit.engine, &refused);
		seq += code == 0;
	} while (code == 0);
	union fb_command mark = c_mark(1, U_ONE / 2);
	mark.header.seq = seq + 1;
	ck_assert_int_eq(fb_engine_submit(kit.engine, &mark), -EAGAIN);
	unsigned levels = 0, rejects = 0, ends = 0;
	for (unsigned round = 0; round < 2; round++) {
		while ((n = fb_engine_poll(kit.engine, r, 100, &idle)) > 0) {
			for (int i = 0; i < n; i++) {
				levels += r[i].header.kind == FB_REC_LEVEL;
				rejects += r[i].header.kind == FB_REC_REJECT;
				ends += r[i].header.kind == FB_REC_BATCH_END;
			}
		}
		ck_assert(idle);
		if (round == 0)
			ck_assert_int_eq(fb_engine_submit(kit.engine, &mark), 0);
	}
	ck_assert_uint_eq(levels, ACCOUNTS);
	ck_assert_uint_eq(rejects, seq - 3 - 2 * ACCOUNTS);
	ck_assert_uint_eq(ends, 4);
	kit_close(&kit);
}
END_TEST

/* The size of a large venue: 437,000 accounts and 500,000 positions, one of the symbols in
 * 40,000 rows. */
START_TEST(a_large_venue)
{
	enum { ACCOUNTS = 437000, ROWS = 500000, SYMBOLS = 500 };
	kit_open(&kit, "model:accounts=437000,rows=500000");
	kit_do(&kit, c_class(0, 0, 5000000, 4000000, 0));
	kit_do(&kit, c_ladder(0, 0, 50000, 0, 0));
	for (uint16_t s = 0; s < SYMBOLS; s++)
		kit_do(&kit, c_symbol(s, 0, U_ONE));
	for (uint32_t a = 0; a < ACCOUNTS; a++)
		kit_do(&kit, c_account(a * 4099, 1000, 0, 0));
	for (uint32_t p = 0; p < ROWS; p++) {
		uint16_t symbol = p < 40000 ? 0 : (uint16_t)(1 + p % (SYMBOLS - 1));
		int64_t qty = p & 1 ? 1000 : -1000;
		kit_do(&kit, c_position(p % ACCOUNTS * 4099, p, symbol, qty, qty));
	}
	for (unsigned i = 0; i < 10; i++) {
		kit_do(&kit, c_mark(0, U_ONE + i * 100));
		kit_expect_silence(&kit);
	}
	struct fb_rec_hash h = kit_hash(&kit);
	ck_assert_uint_eq(h.accounts, ACCOUNTS);
	ck_assert_uint_eq(h.rows, ROWS);
	struct fb_engine_info info;
	fb_engine_info(kit.engine, &info);
	ck_assert_uint_gt(info.row_revaluations, 10 * 40000);
	kit_close(&kit);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "uris", uris },
		{ "info", info_tells_the_capacity },
		{ "full queue", a_full_queue_stops_commands_and_drops_nothing },
		{ "storm", a_storm_fits },
		{ "large venue", a_large_venue },
	};
	return kit_main("model: opening and capacity", cases, sizeof(cases) / sizeof(cases[0]));
}
