/* What the tests of the model share: an engine with a running sequence, and the records of one
 * batch as a set. */
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

#include "command_kit.h"

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

/* Compares 128-bit numbers and prints both when they differ. */
#define kit_assert_wide(found, expected)                                                           \
	do {                                                                                       \
		__int128 found_ = (found), expected_ = (expected);                                 \
		ck_assert_msg(found_ == expected_,                                                 \
			"found %016llx%016llx, expected %016llx%016llx",                           \
			(unsigned long long)(found_ >> 64), (unsigned long long)found_,            \
			(unsigned long long)(expected_ >> 64), (unsigned long long)expected_);     \
	} while (0)

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
