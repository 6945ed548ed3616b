/* The oracle engine `model:`: hw/contract/contract.md as plain C. Private to model*.c.
 *
 * It is written to be compared with the contract line by line. Nothing that can be derived is
 * stored: equity, MM and bad rows are summed from the rows, in 128 bits, each time an account is
 * judged, hashed or listed. The one concession to size is the list of accounts that a batch
 * touched: the level of any other account cannot have changed.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/engine.h>
#include <firebreak/layout.h>

#define MODEL_NONE UINT32_MAX /* no such index; the end of a list */

struct model_map_entry {
	uint32_t id, index;             /* index is MODEL_NONE where the entry is free */
};

/* Logical id -> index. Open addressing; the table is twice as large as its content can become. */
struct model_map {
	struct model_map_entry *entry;
	uint32_t mask;
};

struct model_link {
	uint32_t prev, next;
};

struct model_row {
	uint32_t position;              /* logical id */
	uint32_t account;               /* index */
	uint32_t addend_e7;
	uint16_t symbol;
	uint8_t flags;
	int64_t qty, entry_e8;
	struct model_link of_account, of_symbol; /* of_account.next also links free rows */
};

struct model_account {
	__int128 collateral_e8;         /* modulo 2^72, signed */
	__int128 addend_e15;
	uint32_t id;                    /* logical id */
	uint32_t rows, first_row;       /* first_row also links free accounts */
	uint8_t class_id, role, held, level;
	bool used, unknown, damaged;
	bool touched;                   /* the index is in model.touched, whoever is there now */
};

struct model_tier {
	uint64_t floor_e8;
	uint32_t rate_e7;
	__int128 deduction_e15;
};

struct model_ladder {
	unsigned tiers, symbols;        /* tiers written; symbols that use the ladder */
	struct model_tier tier[FB_TIERS];
};

struct model_class {
	unsigned thresholds, accounts;  /* thresholds written; accounts of the class */
	uint32_t up_e7[FB_THRESHOLDS], down_e7[FB_THRESHOLDS];
	bool strict;
};

struct model_symbol {
	bool defined;
	uint16_t ladder;
	uint32_t first_row;
	uint64_t u;
};

struct model_batch {
	bool open;
	uint32_t commands, rejects, records;
	uint64_t digest;
};

struct model {
	struct fb_engine engine;        /* first: a struct fb_engine * is a struct model * */
	uint64_t next_seq;
	struct model_batch batch;
	struct model_ladder ladder[FB_LADDERS];
	struct model_class class[FB_CLASSES];
	struct model_symbol symbol[FB_SYMBOLS];

	struct model_account *account;
	uint32_t accounts_max, accounts, free_account;
	struct model_row *row;
	uint32_t rows_max, rows, free_row;
	struct model_map account_map, row_map;
	uint32_t *touched;              /* indices of accounts, each once */
	uint32_t touched_n;

	union fb_record *queue;         /* ring of records not yet polled */
	size_t queue_size, queue_first, queue_n;
	uint64_t revaluations;
};

/* What an account's rows add up to. */
struct model_sums {
	__int128 equity_e8, mm_e15;
	unsigned bad_rows;
};

/* Two's complement of `bits` bits: v modulo 2^bits, signed. */
static inline __int128 model_wrap(__int128 v, unsigned bits)
{
	return (__int128)((unsigned __int128)v << (128 - bits)) >> (128 - bits);
}

static inline __int128 model_from_i128(struct fb_i128 v)
{
	return (__int128)((unsigned __int128)(uint64_t)v.hi << 64 | v.lo);
}

static inline unsigned __int128 model_from_u128(struct fb_u128 v)
{
	return (unsigned __int128)v.hi << 64 | v.lo;
}

static inline struct fb_i128 model_to_i128(__int128 v)
{
	return (struct fb_i128){ .lo = (uint64_t)v, .hi = (int64_t)(v >> 64) };
}

/* model_map.c */
int model_map_open(struct model_map *map, uint32_t capacity);
void model_map_close(struct model_map *map);
void model_map_clear(struct model_map *map);
uint32_t model_map_find(const struct model_map *map, uint32_t id); /* MODEL_NONE: absent */
void model_map_add(struct model_map *map, uint32_t id, uint32_t index);
void model_map_remove(struct model_map *map, uint32_t id);

/* model_store.c: accounts, rows and their lists */
int model_store_open(struct model *m);
void model_store_close(struct model *m);
void model_store_clear(struct model *m);
uint32_t model_account_new(struct model *m, uint32_t id);
void model_account_forget(struct model *m, uint32_t account);
uint32_t model_row_new(struct model *m, uint32_t position, uint32_t account, uint16_t symbol);
void model_row_forget(struct model *m, uint32_t row);
void model_touch(struct model *m, uint32_t account);
void model_touch_symbol(struct model *m, uint16_t symbol);

/* model_check.c: steps 2 to 8 of "Taking a command"; changes nothing */
enum fb_reject model_check(const struct model *m, const union fb_command *command);

/* model_apply.c: commands that passed the checks */
void model_apply(struct model *m, const union fb_command *command);

/* model_judge.c */
/* True: the row is in range and its value and MM are given. False: it is a bad row. */
bool model_value(const struct model *m, const struct model_row *row, __int128 *value_e8,
		 __int128 *mm_e15);
struct model_sums model_sum(struct model *m, const struct model_account *account);
enum fb_level model_level(const struct model *m, const struct model_account *account,
			  const struct model_sums *sums);
void model_judge_touched(struct model *m, uint64_t seq);

/* model_rank.c */
void model_rank(struct model *m, const struct fb_cmd_rank *command);

/* model_emit.c */
union fb_record model_record(uint64_t seq, enum fb_rec kind);
/* A decision record: it belongs to the set that BATCH_END closes. */
void model_decide(struct model *m, const union fb_record *record);
void model_emit_level(struct model *m, uint64_t seq, const struct model_account *account,
		      const struct model_sums *sums, enum fb_level level);
void model_emit_reject(struct model *m, const union fb_command *command, enum fb_reject reason);
void model_emit_sequence_fault(struct model *m, uint64_t found_seq);
void model_emit_funding(struct model *m, const struct fb_cmd_funding *command, __int128 sum_e8,
			uint32_t rows);
void model_emit_hash(struct model *m, const struct fb_cmd_hash *command);
void model_emit_snapshot(struct model *m, uint64_t seq);
void model_emit_fence(struct model *m, uint64_t seq, uint64_t cookie);
void model_emit_batch_end(struct model *m, uint64_t seq);

/* model.c: the output queue; the caller of submit made sure there is room */
void model_push(struct model *m, const union fb_record *record);

#endif
