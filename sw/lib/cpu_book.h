/* What the software engine holds of accounts, rows and symbols, and of the tables that judge them.
 * Private to cpu*.c. */
#ifndef CPU_BOOK_H
#define CPU_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#include <firebreak/layout.h>

#define CPU_NONE UINT32_MAX

struct cpu_row {
	int64_t qty, entry_e8;
	uint32_t position; /* logical id */
	uint32_t account;  /* index */
	uint32_t addend_e7;
	uint32_t next; /* of the account, or free */
	uint32_t at;   /* place in its symbol's tree */
	uint16_t symbol;
	uint8_t flags;
	uint8_t in_tile; /* which row of its account's tile, while that is sure */
};

/* Where an account stands for a sweep. */
enum cpu_stand {
	CPU_STAND_ALONE = 0, /* no row, so that no mark concerns it */
	CPU_STAND_TILE,
	CPU_STAND_APART, /* in the list of those that a sweep looks at one by one */
};

struct cpu_account {
	__int128 collateral_e8, addend_e15;
	uint32_t id;
	uint32_t first; /* row; also links free accounts */
	uint32_t place; /* TILE: lane of its class; APART: in the list */
	uint16_t rows;
	uint8_t class_id, role, level, stand;
	uint8_t tile; /* class of tiles */
	bool used : 1, unknown : 1, damaged : 1, held : 1;
	bool touched : 1; /* the index is in cpu.touched */
	bool sure : 1;	  /* calm; bands and tile hold, with what is spare */
	bool stale : 1;	  /* its bands say nothing */
	bool listed : 1;  /* the index is in cpu.stale */
	bool dirty : 1;	  /* the index is in cpu.ranking.dirty */
	bool late : 1;	  /* a row is in cpu.late */
	double spare_e8;  /* sure: what may be lost before bands and tile say nothing */
};
_Static_assert(sizeof(struct cpu_row) == 40 && sizeof(struct cpu_account) == 64, "as promised");

struct cpu_tier {
	uint64_t floor_e8;
	uint32_t rate_e7;
	bool plain; /* MM is not negative from the floor on, whatever the addend */
	unsigned __int128 deduction_e15;
	double floor, deduction; /* the same, for ranges */
};

struct cpu_ladder {
	unsigned tiers, symbols;
	uint64_t floor_e8[FB_TIERS]; /* once more, side by side; none: the highest number */
	struct cpu_tier tier[FB_TIERS];
};

struct cpu_class {
	unsigned thresholds, accounts;
	uint32_t up_e7[FB_THRESHOLDS], down_e7[FB_THRESHOLDS];
	bool strict;
};

struct cpu_symbol {
	uint64_t u;
	uint32_t root; /* node; CPU_NONE: no rows yet */
	uint32_t rows;
	float lo, hi; /* the tightest of all rows' ranges */
	uint16_t ladder;
	uint8_t depth; /* levels of nodes */
	bool defined;
	bool marked; /* in cpu.marked */
};

#endif
