/* The generator's shadow of an engine's state: enough to make commands that are accepted, to know
 * why others are refused, to solve for amounts that sit exactly on a threshold, and to load the
 * final state into another engine. It knows no levels. */
#ifndef COSIM_BANK_H
#define COSIM_BANK_H

#include <stddef.h>

#include <firebreak/layout.h>

#include "random.h"

#define BANK_ACCOUNTS 1024
#define BANK_ROWS 4096
#define BANK_SYMBOLS 64
#define BANK_NONE (-1)

struct bank_tier {
	uint32_t rate_e7;
	uint64_t floor_e8;
	u128 deduction_e15;
};

struct bank_ladder {
	unsigned tiers, bound; /* bound: symbols that use it */
	struct bank_tier tier[FB_TIERS];
};

struct bank_class {
	unsigned written, bound; /* bound: accounts that use it */
	bool strict; /* of the last write */
	uint32_t up_e7[FB_THRESHOLDS], down_e7[FB_THRESHOLDS];
};

struct bank_symbol {
	bool defined;
	uint16_t ladder;
	uint64_t u;
	uint64_t aim_u; /* not 0: the u at which some account was placed on an edge */
};

struct bank_account {
	bool live, damaged;
	uint32_t id;
	uint8_t class_id, role, held;
	unsigned rows;
	int first_row;
	i128 collateral_e8, addend_e15;
};

struct bank_row {
	bool live;
	uint32_t id, addend_e7;
	int account, next;
	uint16_t symbol;
	uint8_t flags;
	int64_t qty, entry_e8;
};

struct bank {
	struct bank_ladder ladder[FB_LADDERS];
	struct bank_class class[FB_CLASSES];
	struct bank_symbol symbol[FB_SYMBOLS];
	struct bank_account account[BANK_ACCOUNTS];
	struct bank_row row[BANK_ROWS];
	unsigned accounts, rows; /* live */
};

/* Sums over an account's rows that are not bad: value - entry, and row MM. */
struct bank_sums {
	i128 pnl_e8, mm_e15;
	unsigned bad_rows;
};

/* A symbol revalued in thought; symbol BANK_NONE: nothing is. */
struct bank_what_if {
	int symbol;
	uint64_t u;
};

void bank_clear(struct bank *b);
u128 bank_notional(int64_t qty, uint64_t u);
i128 bank_row_mm(const struct bank_ladder *ladder, u128 notional, uint32_t addend_e7);
struct bank_sums bank_sums(const struct bank *b, int account, struct bank_what_if what_if);

/* Index of the account or row with this id, or BANK_NONE. */
int bank_find_account(const struct bank *b, uint32_t id);
int bank_find_row(const struct bank *b, uint32_t id);
/* A random live one, or BANK_NONE. */
int bank_pick_account(const struct bank *b, struct rng *r);
int bank_pick_row(const struct bank *b, struct rng *r);
int bank_pick_row_of(const struct bank *b, struct rng *r, int account);

/* Changes, each as an accepted command makes it. */
int bank_add_account(struct bank *b, uint32_t id, uint8_t class_id);
void bank_remove_account(struct bank *b, int account);
void bank_set_class(struct bank *b, int account, uint8_t class_id);
int bank_add_row(struct bank *b, uint32_t id, int account, uint16_t symbol);
void bank_remove_row(struct bank *b, int row);
void bank_define_symbol(struct bank *b, uint16_t symbol, uint16_t ladder, uint64_t u);
void bank_fund(struct bank *b, uint16_t symbol, int64_t rate);

#endif
