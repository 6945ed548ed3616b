/* What the tests of the model share: an engine with a running sequence, a builder for each
 * command, and the records of one batch as a set. Money is in 1e-8, rates and thresholds in
 * 1e-7, MM in 1e-15, as in the contract. */
#ifndef MODEL_KIT_H
#define MODEL_KIT_H

#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/engine.h>
#include <firebreak/hash.h>

#define U_ONE (UINT64_C(1) << 16) /* unit value 1: one lot is worth 1e-8 */
#define KIT_RECORDS 4096

/* One model and what its last batch said. */
struct kit {
	struct fb_engine *engine;
	uint64_t seq;                      /* of the last command sent */
	union fb_record record[KIT_RECORDS]; /* of the last batch, as they came, but BATCH_END */
	size_t n;
	union fb_record end;               /* its BATCH_END */
	bool ended;
};

static inline void kit_open(struct kit *k, const char *uri)
{
	struct fb_error error = { "" };
	memset(k, 0, sizeof(*k));
	int code = fb_engine_open(uri, &k->engine, &error);
	ck_assert_msg(code == 0, "%s", error.text);
}

static inline void kit_close(struct kit *k)
{
	fb_engine_close(k->engine);
}

/* For what is checked at each command: ck_assert costs two system calls even when it holds. */
#define KIT_MUST(holds)                                                                            \
	do {                                                                                       \
		if (!(holds))                                                                      \
			ck_abort_msg("does not hold: %s", #holds);                                 \
	} while (0)

/* BATCH_END must agree with the records before it. */
static inline void kit_end_batch(struct kit *k, const union fb_record *end)
{
	uint64_t digest = 0;
	uint32_t count = 0, rejects = 0;
	for (size_t i = 0; i < k->n; i++) {
		if (k->record[i].header.kind == FB_REC_FAULT)
			continue;
		digest += fb_hash_word(&k->record[i]);
		rejects += k->record[i].header.kind == FB_REC_REJECT;
		count++;
	}
	KIT_MUST(end->batch_end.count == count);
	KIT_MUST(end->batch_end.rejects == rejects);
	KIT_MUST(end->batch_end.digest == digest);
	k->end = *end;
	k->ended = true;
}

/* Takes up what the engine has said. */
static inline void kit_collect(struct kit *k)
{
	union fb_record r;
	while (fb_engine_poll(k->engine, &r, 1, NULL) == 1) {
		if (k->ended) {
			k->ended = false;
			k->n = 0;
		}
		KIT_MUST(r.header.flags == 0 && r.header.generation == 0 && r.header.check == 0);
		if (r.header.kind == FB_REC_BATCH_END) {
			kit_end_batch(k, &r);
		} else {
			KIT_MUST(k->n < KIT_RECORDS);
			k->record[k->n++] = r;
		}
	}
}

/* Sends a command with the next sequence. */
static inline void kit_send(struct kit *k, union fb_command c)
{
	c.header.seq = ++k->seq;
	if (c.header.op == FB_OP_RESET)
		k->n = 0; /* records of a batch that it drops are covered by no BATCH_END */
	KIT_MUST(fb_engine_submit(k->engine, &c) == 0);
	kit_collect(k);
}

/* The reason for which the command that was sent last was refused, or NONE. */
static inline unsigned kit_reason(const struct kit *k)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->record[i].header.kind == FB_REC_REJECT && k->record[i].header.seq == k->seq)
			return k->record[i].reject.reason;
	return FB_REJECT_NONE;
}

/* Sends a command that must be taken. */
static inline void kit_do(struct kit *k, union fb_command c)
{
	kit_send(k, c);
	if (kit_reason(k) != FB_REJECT_NONE)
		ck_abort_msg("command %u refused: %u", c.header.op, kit_reason(k));
}

/* The record of this kind and account in the last batch, or NULL. It must be the only one. */
static inline const union fb_record *kit_find(const struct kit *k, enum fb_rec kind,
					      uint32_t account)
{
	const union fb_record *found = NULL;
	for (size_t i = 0; i < k->n; i++) {
		if (k->record[i].header.kind != kind || k->record[i].header.account != account)
			continue;
		ck_assert_msg(!found, "two records of kind %d for account %u in one batch", kind,
			account);
		found = &k->record[i];
	}
	return found;
}

/* The last batch reported this level change of the account. */
static inline void kit_expect_level(const struct kit *k, uint32_t account, unsigned before,
				    unsigned level)
{
	const union fb_record *r = kit_find(k, FB_REC_LEVEL, account);
	ck_assert_msg(r,
		"no level record for account %u, expected %u -> %u", account, before, level);
	ck_assert_uint_eq(r->level.level, level);
	ck_assert_uint_eq(r->level.level_before, before);
	ck_assert_uint_eq(r->level.seq, k->seq);
}

static inline void kit_expect_silence(const struct kit *k)
{
	ck_assert(k->ended);
	ck_assert_msg(k->n == 0, "expected no record, found %zu, the first of kind %u", k->n,
		k->record[0].header.kind);
}

static inline __int128 kit_wide(struct fb_i128 v)
{
	return (__int128)((unsigned __int128)(uint64_t)v.hi << 64 | v.lo);
}

static inline struct fb_i128 kit_i128(__int128 v)
{
	return (struct fb_i128){ .lo = (uint64_t)v, .hi = (int64_t)(v >> 64) };
}

/* Compares 128-bit numbers and prints both when they differ. */
#define kit_assert_wide(found, expected)                                                           \
	do {                                                                                       \
		__int128 found_ = (found), expected_ = (expected);                                 \
		ck_assert_msg(found_ == expected_,                                                 \
			"found %016llx%016llx, expected %016llx%016llx",                           \
			(unsigned long long)(found_ >> 64), (unsigned long long)found_,            \
			(unsigned long long)(expected_ >> 64), (unsigned long long)expected_);     \
	} while (0)

static inline union fb_command kit_more(union fb_command c)
{
	c.header.flags |= FB_FLAG_MORE;
	return c;
}

static inline union fb_command c_plain(enum fb_op op)
{
	return (union fb_command){ .header = { .op = (uint8_t)op } };
}

static inline union fb_command c_mark(uint16_t symbol, uint64_t u)
{
	union fb_command c = c_plain(FB_OP_MARKS);
	c.marks.count = 1;
	c.marks.mark[0] = u << 12 | symbol;
	return c;
}

static inline union fb_command c_position(uint32_t account, uint32_t position, uint16_t symbol,
					  int64_t qty, int64_t entry)
{
	union fb_command c = c_plain(FB_OP_POSITION);
	c.position.account = account;
	c.position.position = position;
	c.position.symbol = symbol;
	c.position.qty = qty;
	c.position.entry = entry;
	return c;
}

static inline union fb_command c_fill(uint32_t account, uint32_t position, uint16_t symbol,
				      int64_t qty, int64_t entry, int64_t delta)
{
	union fb_command c = c_plain(FB_OP_FILL);
	c.fill.account = account;
	c.fill.position = position;
	c.fill.symbol = symbol;
	c.fill.qty = qty;
	c.fill.entry = entry;
	c.fill.delta = delta;
	return c;
}

static inline union fb_command c_account(uint32_t account, int64_t collateral, __int128 addend,
					 uint8_t class_id)
{
	union fb_command c = c_plain(FB_OP_ACCOUNT);
	c.account.account = account;
	c.account.collateral = collateral;
	c.account.addend = kit_i128(addend);
	c.account.class_id = class_id;
	return c;
}

static inline union fb_command c_account_level(uint32_t account, int64_t collateral,
					       __int128 addend, uint8_t class_id, uint8_t level)
{
	union fb_command c = c_account(account, collateral, addend, class_id);
	c.account.flags = FB_FLAG_SET_LEVEL;
	c.account.level = level;
	return c;
}

static inline union fb_command c_remove(uint32_t account)
{
	union fb_command c = c_plain(FB_OP_ACCOUNT);
	c.account.flags = FB_FLAG_REMOVE;
	c.account.account = account;
	return c;
}

static inline union fb_command c_collateral(uint32_t account, int64_t delta)
{
	union fb_command c = c_plain(FB_OP_COLLATERAL);
	c.collateral.account = account;
	c.collateral.delta = delta;
	return c;
}

/* One threshold pair at index `first`. */
static inline union fb_command c_class(uint8_t class_id, uint8_t first, uint32_t up, uint32_t down,
				       uint8_t strict)
{
	union fb_command c = c_plain(FB_OP_CLASS);
	c.class.count = 1;
	c.class.class_id = class_id;
	c.class.first = first;
	c.class.strict = strict;
	c.class.up[0] = up;
	c.class.down[0] = down;
	return c;
}

static inline union fb_command c_symbol(uint16_t symbol, uint16_t ladder, uint64_t u)
{
	union fb_command c = c_plain(FB_OP_SYMBOL);
	c.symbol.symbol = symbol;
	c.symbol.ladder = ladder;
	c.symbol.u = u;
	return c;
}

static inline union fb_command c_ladder(uint16_t ladder, uint8_t tier, uint32_t rate,
					uint64_t floor, uint64_t deduction)
{
	union fb_command c = c_plain(FB_OP_LADDER);
	c.ladder.ladder = ladder;
	c.ladder.tier = tier;
	c.ladder.rate = rate;
	c.ladder.floor = floor;
	c.ladder.deduction.lo = deduction;
	return c;
}

static inline union fb_command c_funding(uint16_t symbol, int64_t rate)
{
	union fb_command c = c_plain(FB_OP_FUNDING);
	c.funding.symbol = symbol;
	c.funding.rate = rate;
	return c;
}

/* The state hash now. */
static inline struct fb_rec_hash kit_hash(struct kit *k)
{
	kit_do(k, c_plain(FB_OP_HASH));
	ck_assert_uint_eq(k->n, 1);
	ck_assert_uint_eq(k->record[0].header.kind, FB_REC_HASH);
	return k->record[0].hash;
}

static inline void kit_expect_same_state(const struct fb_rec_hash *a, const struct fb_rec_hash *b)
{
	ck_assert_uint_eq(a->accounts, b->accounts);
	ck_assert_uint_eq(a->rows, b->rows);
	ck_assert_uint_eq(a->symbols, b->symbols);
	ck_assert_uint_eq(a->accounts_hash, b->accounts_hash);
	ck_assert_uint_eq(a->rows_hash, b->rows_hash);
	ck_assert_uint_eq(a->symbols_hash, b->symbols_hash);
}

/* A deterministic stream of numbers (SplitMix64): the same seed gives the same test. */
static inline uint64_t kit_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Runs one suite of named tests: the main() of each test program. */
struct kit_case {
	const char *name;
	const TTest *test;
};

static inline int kit_main(const char *name, const struct kit_case *cases, size_t n)
{
	Suite *suite = suite_create(name);
	for (size_t i = 0; i < n; i++) {
		TCase *tcase = tcase_create(cases[i].name);
		tcase_add_test(tcase, cases[i].test);
		tcase_set_timeout(tcase, 60);
		suite_add_tcase(suite, tcase);
	}
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
