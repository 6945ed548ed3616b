/* What a run reads: rules, ladders, accounts, marks. Plain data and the functions that read it.
 *
 * Everything here treats its input as hostile. A reader either succeeds whole or returns -errno, fills `error` with
 * file:line:column, expected and found, and leaves nothing applied. No function keeps a pointer into its input.
 * Money is in 1e-8 of the settlement coin, rates and thresholds in 1e-7, deductions in 1e-15 (hw/contract/contract.md).
 */
#ifndef FIREBREAK_INPUTS_H
#define FIREBREAK_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/error.h>
#include <firebreak/layout.h>

#define FB_NAME_MAX 32
#define FB_ALIASES_MAX 8

struct fb_tier {
	uint32_t rate_e7;
	uint64_t floor_e8;             /* inclusive lower bound of notional */
	unsigned __int128 deduction_e15;
};

struct fb_ladder {
	char name[FB_NAME_MAX];
	unsigned tiers;                /* 1..16 */
	struct fb_tier tier[FB_TIERS];
};

struct fb_threshold {
	uint32_t up_e7, down_e7;       /* MM / equity; 10,000,000 = 100 % */
	char name[FB_NAME_MAX];        /* "warning", "margin_call", "liquidation" */
};

struct fb_symbol {
	char name[FB_NAME_MAX];
	char alias[FB_ALIASES_MAX][FB_NAME_MAX]; /* what feeds and brackets call it */
	unsigned aliases;
	uint64_t lot_e8;               /* base units in a lot, 1e-8 */
	bool inverse;                  /* u = multiplier / mark */
	unsigned ladder;               /* index in fb_rules.ladder */
};

/* A rule pack. Text form, `key = value` lines under [sections], # comments; sw/rules/binance-usdm.rules is the example. */
struct fb_rules {
	char venue[FB_NAME_MAX];
	unsigned thresholds;           /* 1..6 */
	struct fb_threshold threshold[FB_THRESHOLDS];
	bool strict;                   /* breach is MM > equity x T */
	unsigned liquidate_level;      /* an account at this level or above is liquidated */
	uint32_t liquidation_fee_e7;   /* of the notional closed, to the fund */
	uint32_t taker_fee_e7;         /* of the notional closed, to the fee account */
	unsigned ladders;
	struct fb_ladder ladder[FB_LADDERS];
	unsigned symbols;
	struct fb_symbol symbol[FB_SYMBOLS];
};

/* `name` is a path, or the name of a pack looked up in $FIREBREAK_RULES, then in sw/rules and ../share/firebreak/rules
 * relative to the program's folder's parent. */
int fb_rules_load(const char *name, struct fb_rules *out, struct fb_error *error);

/* Replaces the ladders of the symbols that the file names. JSON as Binance and ccxt give it, or CSV
 * `symbol,floor,rate,deduction` (deduction may be empty: then it is computed so that MM is continuous). *used counts symbols. */
int fb_brackets_load(const char *path, struct fb_rules *rules, unsigned *used, struct fb_error *error);

/* The symbol with this name or alias: its index, or -ENOENT. */
int fb_symbol_find(const struct fb_rules *rules, const char *name);

/* Exact: floor(price_e8 x lot_e8 x 2^16 / 1e8), or its inverse form. -ERANGE: zero, or does not fit 52 bits. */
int fb_unit_value(const struct fb_symbol *symbol, uint64_t price_e8, uint64_t *u);

enum fb_margin_mode { FB_MARGIN_CROSS, FB_MARGIN_ISOLATED, FB_MARGIN_HEDGE };

struct fb_account_spec {
	uint32_t id, owner;            /* logical ids; dense is not required */
	uint8_t role;                  /* enum fb_role */
	uint8_t mode;                  /* enum fb_margin_mode: a label; the contract needs none */
	int64_t collateral_e8;
	size_t first, positions;       /* range in fb_accounts.position */
};

struct fb_position_spec {
	uint32_t id;                   /* logical position id, unique over all accounts */
	uint16_t symbol;               /* index in fb_rules.symbol */
	int64_t qty;                   /* lots, signed */
	int64_t entry_e8;              /* entry value, sign of qty for linear */
};

struct fb_accounts {
	size_t accounts, positions;
	struct fb_account_spec *account;
	struct fb_position_spec *position;
};

/* `source` is a CSV path or `gen:N,seed=S[,symbols=K]`. The generator needs a starting price for each symbol: start_e8[symbol],
 * 0 where a symbol is not traded. It is documented in sw/lib/generate.c: cross, isolated and hedged accounts, heavy-tailed
 * sizes, open interest long = short per symbol, to the lot. CSV: section 2 of the README of sw/rules. */
int fb_accounts_load(const char *source, const struct fb_rules *rules, const uint64_t *start_e8,
		     struct fb_accounts *out, struct fb_error *error);
void fb_accounts_free(struct fb_accounts *accounts);

struct fb_tick {
	int64_t time_us;               /* since 1970-01-01 UTC */
	uint64_t price_e8;
	uint16_t symbol;               /* index in fb_rules.symbol */
	bool derived;                  /* not a venue's mark: computed from trades and spot */
};

/* A feed merges files in time order and groups ticks into batches: all ticks of one instant of `step_us` (the last price of a
 * symbol in the step counts). Each entry of `paths` is FILE or SYMBOL=FILE. Kinds are told by content: Binance Vision kline CSV or
 * zip (header or not, ms or us), Tardis `trades` and `derivative_ticker` csv or csv.gz, own CSV `time_us,symbol,price`.
 * Tardis perpetual trades together with spot trades of the same symbol give a derived mark: index (volume-weighted spot) +
 * EMA of (perpetual last - index). from_us/to_us bound the run; 0 = open. */
struct fb_feed;
struct fb_feed_options {
	int64_t step_us;               /* 0: 1,000,000 */
	int64_t from_us, to_us;
};
int fb_feed_open(const char *const *paths, size_t n, const struct fb_rules *rules,
		 const struct fb_feed_options *options, struct fb_feed **out, struct fb_error *error);
/* Ticks of the next instant: their number, at most `room`; 0 at the end; -errno with error filled. */
int fb_feed_next(struct fb_feed *feed, struct fb_tick *out, size_t room, struct fb_error *error);
/* Bytes consumed and in all, for progress. */
void fb_feed_progress(const struct fb_feed *feed, uint64_t *done, uint64_t *total);
void fb_feed_close(struct fb_feed *feed);

#endif
