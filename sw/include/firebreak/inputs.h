/* What a run reads: rules, ladders, accounts, marks. Plain data and the functions that read it.
 *
 * Everything here treats its input as hostile. A reader either succeeds whole or returns -errno,
 * fills `error` with file:line:column, expected, found and mostly a hint, and leaves nothing
 * applied. No function keeps a pointer to what it was given. Every file may be plain, gzip, or a
 * zip with one file in it (archive.zip:member.csv in errors). sw/rules/README.md describes the
 * formats.
 *
 * All numbers are read as exact decimals into integers: money in 1e-8 of the settlement coin,
 * rates and thresholds in 1e-7, deductions in 1e-15 (hw/contract/contract.md). A number with more
 * decimals than its unit holds is refused, not rounded.
 */
#ifndef FIREBREAK_INPUTS_H
#define FIREBREAK_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/conditions.h>
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

enum fb_contract {
	FB_LINEAR,  /* u = mark x lot */
	FB_INVERSE, /* u = lot / mark */
	FB_QUANTO,  /* u = mark x lot x factor */
};

struct fb_symbol {
	char name[FB_NAME_MAX];
	char alias[FB_ALIASES_MAX][FB_NAME_MAX]; /* what feeds and brackets call it */
	unsigned aliases;
	uint64_t lot_e8;               /* base units in a lot, 1e-8 */
	uint32_t type;                 /* enum fb_contract */
	unsigned ladder;               /* index in fb_rules.ladder */
	uint64_t factor_e8;            /* quanto: settlement coin for a move of 1 of a lot's unit */
	int64_t expires_us;            /* dated: trading ends, 0: never */
	uint64_t tick_e8;              /* limits are multiples of it, 0: no rounding */
	/* The maintenance rate grows with size: by size_slope for every size_unit (base units; 0:
	 * one) above size_from; or by the root of the size (margin.h). 0: it does not. */
	uint32_t size_slope_e7, size_root_e7;
	uint64_t size_unit_e8, size_from_e8;
	uint32_t initial_e7;           /* initial margin / notional, 0: not said */
	uint32_t no_adl;               /* 1: its positions are not deleveraged */
	char pool[FB_NAME_MAX];        /* whose insurance money it uses, "": the fund's */
	char group[FB_NAME_MAX];       /* of one underlying, "": its own */
	/* A coin held as collateral, [collateral COIN]: the symbol by whose mark it is valued, as
	 * index + 1, 0: not a coin; the part of that which counts, and which counts if owed. */
	uint32_t index, weight_e7, liability_e7;
	uint32_t owed;                 /* 1: the debt side of a coin, made with it */
};

/* How much of a position a step of liquidation closes; each position's part is judged against what
 * is known of the market first, and the account is judged afresh after each step. */
enum fb_reduce {
	FB_REDUCE_WHOLE,  /* all of each */
	FB_REDUCE_TIER,	  /* to the next lower tier of its ladder; whole once none has one */
	FB_REDUCE_SHARE,  /* a share of each */
	FB_REDUCE_AMOUNT, /* as much as cures the account */
};
enum fb_amount_to {
	FB_AMOUNT_TO_BUFFER,   /* until equity covers MM and `buffer` of the notional */
	FB_AMOUNT_TO_DISTANCE, /* until it would still cover MM `distance` further on */
};
enum fb_close_order {
	FB_ORDER_ALL,	       /* all positions in one step */
	FB_ORDER_LARGEST_LOSS, /* one a step: the one with the lowest profit */
	FB_ORDER_LARGEST,      /* one a step: the one of the largest notional */
};
enum fb_limit_price {
	FB_LIMIT_BANKRUPTCY,
	FB_LIMIT_SLIPPAGE, /* so far from the mark, be it beyond bankruptcy */
	FB_LIMIT_FILLABLE, /* dYdX: oracle - spread x MM, growing with what equity lacks of MM */
};
enum fb_takers { FB_TAKERS_BOTH, FB_TAKERS_BACKSTOP, FB_TAKERS_FUND, FB_TAKERS_NONE };
enum fb_takeover_price {
	FB_TAKEOVER_AT_BANKRUPTCY,
	FB_TAKEOVER_AT_SPREAD, /* so far from the mark, not beyond bankruptcy */
	FB_TAKEOVER_AT_MARK,   /* be it beyond: what the account owes then is settled */
};
enum fb_fee_style {
	FB_FEE_NOTIONAL,	 /* rate x notional */
	FB_FEE_MAINTENANCE,	 /* rate x MM of the lots closed */
	/* rate x value of the fill, at most what it brought above bankruptcy; what it brought less
	 * the fund pays */
	FB_FEE_ABOVE_BANKRUPTCY,
	FB_FEE_ALL,		 /* all that a fill brought above bankruptcy; what less, the fund */
	FB_FEE_NONE,
};
enum fb_fee_to { FB_FEE_TO_FUND, FB_FEE_TO_BACKSTOP, FB_FEE_TO_FEES };
enum fb_socialise { FB_SOCIALISE_PROFIT, FB_SOCIALISE_OPEN_INTEREST, FB_SOCIALISE_NONE };
enum fb_withdrawals { FB_WITHDRAWALS_FREE, FB_WITHDRAWALS_GATED, FB_WITHDRAWALS_FACTOR };
enum fb_settlement { FB_SETTLEMENT_NONE, FB_SETTLEMENT_MARK };

/* The waterfall of a pack: its section [waterfall]. Levels are numbers of thresholds, 1..6; 0: the
 * venue has no such step. Shares are in 1e-7, amounts in 1e-8, times in us; an amount or time of 0
 * sets no bound. sw/rules/packs.md says what each key means. */
struct fb_policy {
	uint32_t warn_level, call_level; /* notices only */
	uint32_t cancel_level;	   /* from here on working orders are cancelled */
	uint32_t cut_level;	   /* from here on positions are cut */
	uint32_t takeover_level;   /* from here on the market is not tried any more */
	uint32_t until_level;	   /* liquidation goes on until the account is below this one */
	uint32_t cut_share_e7;	   /* of each position at a time */
	uint32_t cut_slip_e7;	   /* a cut's limit: so far from the mark at first */
	uint32_t reduce;	   /* enum fb_reduce */
	uint32_t tier_from;	   /* positions in a lower tier than this one are closed whole */
	uint32_t reduce_share_e7;  /* of each position at a time */
	uint32_t share_of_first;   /* 1: of what it was when liquidation began */
	uint32_t whole_in_cooldown; /* 1: a step in the cool-down is whole, 0: there is none */
	uint32_t amount_to;	   /* enum fb_amount_to */
	uint32_t buffer_e7, distance_e7;
	uint32_t ramp_start_e7;	   /* of the amount, at first */
	uint32_t order;		   /* enum fb_close_order */
	uint32_t limit;		   /* enum fb_limit_price */
	uint32_t limit_slip_e7;
	uint32_t fillable_spread_e7, fillable_adjust_e7;
	uint32_t fok;		   /* 1: cuts to a tier and shares are fill-or-kill, else ioc */
	uint32_t tries;		   /* reductions in a row that fill nothing before takeover */
	uint32_t attempts;	   /* reductions of any result before takeover; 0: no limit */
	uint32_t last_try_e7;	   /* one more before takeover, so far beyond bankruptcy */
	uint32_t depth_share_e7;   /* of known depth that one decision may use */
	uint32_t takers;	   /* enum fb_takers */
	uint32_t takeover_price;   /* enum fb_takeover_price */
	uint32_t takeover_spread_e7; /* from the mark */
	uint32_t fund_cap_e7;	   /* notional a house account may hold / its equity */
	uint32_t backstop_cap_e7;
	uint32_t backstop_limit_e7; /* notional the backstop takes in a window / its equity */
	uint32_t unwind_share_e7;  /* of known depth that unwinding may use at one instant */
	uint32_t surplus_to_fund;  /* 1: what a closed account still has goes to the fund */
	uint32_t fee;		   /* enum fb_fee_style, of the liquidation fee */
	uint32_t fee_to;	   /* enum fb_fee_to */
	uint32_t socialise;	   /* enum fb_socialise */
	uint32_t withdrawals;	   /* enum fb_withdrawals: while a loss is not covered */
	uint32_t settlement;	   /* enum fb_settlement */
	uint32_t timeout_ms;	   /* an order without answer is sent again */
	uint32_t book_last;	   /* 1: houses, then ADL, then the market */
	uint64_t reduce_above_e8;  /* a position of this notional or less is closed whole */
	uint64_t reduce_min_e8;	   /* notional that a share is at least */
	uint64_t reduce_most_e8;   /* notional that a step of one account is at most */
	uint64_t ramp_free_e8;	   /* a shortage below this is cured at once */
	uint64_t cooldown_us;	   /* from one reduction of an account to the next */
	uint64_t ramp_us;	   /* the amount grows to all of it in this time */
	uint64_t backstop_window_us;
};

/* The fund of a pack: its section [insurance]. 0 sets no bound. */
struct fb_insurance {
	/* fall from the maximum / the pool's maximum: a warning; ADL begins; ADL ends */
	uint32_t warning_e7, drawdown_e7, stop_e7;
	uint32_t pools_by_symbol;     /* 1: a loss in a symbol is borne by the symbol's pool only */
	uint32_t daily_cap_e7;	      /* spent in a day / equity when the day began */
	uint32_t symbol_daily_cap_e7; /* the same of one symbol */
	uint32_t drawdown_of_pool;    /* 1: of the pool's balance, 0: of the symbol's PnL */
	uint32_t bears_price;	      /* down to the drawdown: 1: a part of the price, 0: lots */
	uint64_t trade_cap_e8;	      /* loss that one takeover or payment may bring */
	uint64_t window_us;	      /* of the maxima */
};

/* Auto-deleveraging, the section [adl]: who closes against a bankrupt position, at which price, and
 * what holders see of it. adl.h and sw/rules/packs.md say what each field means. */
struct fb_adl_policy {
	uint64_t score;	   /* index in fb_adl_families (adl.h) */
	uint64_t leverage; /* that a score asks for: 0: of the account, 1: of the position */
	uint64_t losers;   /* 0: rank last, 1: are not ranked */
	uint64_t positions; /* 1: positions of an account and contract are summed before sorting */
	/* in order of rank, or by shares: struct fb_share_rules (policy.h) */
	uint64_t share, share_risk, share_cap_e7, share_power, share_tail_e7;
	uint64_t price;	    /* enum fb_adl_price */
	uint64_t spread_e7; /* of the notional, in favour of the counterparty */
	uint64_t cap; /* 1: a price better for the liquidated than bankruptcy is not used */
	uint64_t overlap;   /* 1: only where both bankruptcy prices overlap */
	uint64_t siblings;  /* enum fb_adl_siblings */
	uint64_t rerank;    /* 1: a partly closed counterparty is ranked again before it is used */
	uint64_t cancel;    /* enum fb_adl_cancel: counterparties' orders */
	uint64_t fee_e7;    /* of the notional, paid by the counterparty */
	uint64_t fee_liquidated_e7; /* and by the other side */
	uint64_t fee_to;	    /* 0: to the fee account, 1: to the fund */
	uint64_t hedges;	    /* 1: hedged positions are used last */
	uint64_t most;		    /* counterparties looked at for one need; 0: all */
	/* factors of a score: 1 + factor x (notional / unit, tier, funding received / notional) */
	uint64_t size_factor_e7, size_unit_e8, tier_factor_e7, funding_factor_e7;
	/* what holders see */
	uint64_t lights;	  /* 0: none, 1: by lots, 2: by accounts */
	uint64_t bars;		  /* 4 or 5 */
	uint64_t lights_every_us;
	uint64_t alerts_every_us; /* 0: none */
	uint64_t alert_warning_e7, alert_adl_e7; /* the fund's drawdown from its peak */
	uint64_t alert_window_us;		 /* of that peak; 0: since the start */
	uint64_t alert_depth_e7; /* warning where less of the open interest is in profit */
};
enum fb_adl_price {
	FB_ADL_AT_BANKRUPTCY,
	FB_ADL_AT_MARK,
	FB_ADL_AT_PREVIOUS, /* the mark before the newest */
	FB_ADL_AT_ORACLE,   /* the index, or the mark where there is none */
	FB_ADL_BETWEEN,	    /* half way between both sides' bankruptcy prices */
};
enum fb_adl_cancel { FB_CANCEL_NOT, FB_CANCEL_CONTRACT, FB_CANCEL_ACCOUNT };
enum fb_adl_siblings {
	FB_SIBLINGS_NO,
	FB_SIBLINGS_FIRST,
	FB_SIBLINGS_AVERAGE, /* first, at the liquidated position's average entry price */
};

/* How the venue counts margin: the section [margin]. What of this the engine holds, and what the
 * host adds, is in sw/lib/margin.h; how the venue rounds, in sw/lib/venue_judge.h. */
struct fb_margin {
	uint32_t equity_over_mm;      /* 1: ratios are shown as equity / MM */
	uint32_t mm_at_entry;	      /* 1: MM of the entry value, 0: of the value at the mark */
	uint32_t fee_in;	      /* 1: the fee for closing counts as MM */
	uint32_t closing_fee_e7;      /* of the notional; the taker fee if the pack does not say */
	uint32_t round;		      /* 0: exact, 1: MM up, 2: all down, to multiples of quantum */
	uint32_t net_max_side;	      /* 1: of each group only the larger side needs margin */
	uint32_t mm_of_initial_e7;    /* MM is this part of initial margin; 0: the ladder says it */
	uint32_t zero;
	uint64_t quantum_e8;
};

/* A rule pack. Text form: `key = value` lines under [sections]; sw/rules/binance-usdm.rules is the
 * example. Large (half a megabyte): not for the stack. */
struct fb_rules {
	char venue[FB_NAME_MAX];
	unsigned thresholds;           /* 1..6 */
	struct fb_threshold threshold[FB_THRESHOLDS];
	bool strict;                   /* breach is MM > equity x T */
	unsigned liquidate_level;      /* an account at this level or above is liquidated */
	uint32_t liquidation_fee_e7;   /* of the notional closed, to the fund */
	uint32_t taker_fee_e7;         /* of the notional closed, to the fee account */
	struct fb_policy policy;
	struct fb_insurance insurance;
	struct fb_index_rules index;
	struct fb_mark_rules mark;
	struct fb_funding_rules funding;
	struct fb_breaker_rules breakers;
	struct fb_adaptive_rules adaptive;
	struct fb_adl_policy adl;
	struct fb_margin margin;
	unsigned ladders;
	struct fb_ladder ladder[FB_LADDERS];
	unsigned symbols;
	struct fb_symbol symbol[FB_SYMBOLS];
};

/* `name` is a path if it holds a slash or ends in .rules. Else it is a pack, NAME.rules, looked up
 * in $FIREBREAK_RULES, then in sw/rules and share/firebreak/rules of the parent of the program's
 * folder and of the two folders above that one. Ladder files are relative to the pack. */
int fb_rules_load(const char *name, struct fb_rules *out, struct fb_error *error);
/* And then what a second file (a path with a slash, or NULL) says in its place: sections and keys
 * as in a pack with a base, which they follow. */
int fb_rules_load_changed(const char *name, const char *changes, struct fb_rules *out,
			  struct fb_error *error);

/* Rules made without a file: sets every section, and the symbols counted so far, to what they are
 * in a pack that does not mention them. */
void fb_rules_preset(struct fb_rules *rules);

/* Replaces the ladders of the symbols that the file names, by name or alias; what it says of others
 * is ignored. JSON as Binance and ccxt give it, or CSV `symbol,floor,rate,deduction`. A deduction
 * that is missing is computed so that MM is continuous; one that is given may jump but must not
 * make MM negative. Equal ladders are shared and unused ones dropped, so that indices into
 * rules->ladder change. *used (may be NULL) counts the symbols replaced. */
int fb_brackets_load(const char *path, struct fb_rules *rules, unsigned *used,
		     struct fb_error *error);

/* The symbol with this name or alias: its index, or -ENOENT. */
int fb_symbol_find(const struct fb_rules *rules, const char *name);

/* Exact: floor(price_e8 x lot_e8 x 2^16 / 1e8), or floor(lot_e8 x 1e8 x 2^16 / price_e8) of an
 * inverse symbol. -ERANGE: zero, or does not fit 52 bits. */
int fb_unit_value(const struct fb_symbol *symbol, uint64_t price_e8, uint64_t *u);

enum fb_margin_mode { FB_MARGIN_CROSS, FB_MARGIN_ISOLATED, FB_MARGIN_HEDGE };

struct fb_account_spec {
	uint32_t id, owner;            /* 1 .. FB_ID_RESERVED - 1 (book.h), not dense */
	uint8_t role;                  /* enum fb_role */
	uint8_t mode;                  /* enum fb_margin_mode: a label; the contract needs none */
	int64_t collateral_e8;
	size_t first, positions;       /* range in fb_accounts.position */
};

struct fb_position_spec {
	uint32_t id;                   /* 1 .. FB_POSITION_RESERVED - 1, unique over all accounts */
	uint16_t symbol;               /* index in fb_rules.symbol */
	int64_t qty;                   /* lots, never 0; negative for a short, or a long inverse */
	int64_t entry_e8;              /* entry value with the sign of qty */
};

struct fb_accounts {
	size_t accounts, positions;
	struct fb_account_spec *account;
	struct fb_position_spec *position;
};

/* `source` is the path of a CSV or `gen:N,seed=S[,symbols=K]`: N made-up accounts in the first K
 * symbols that have a starting price, start_e8[symbol], 0 where a symbol is not traded. (A CSV
 * needs none: start_e8 may be NULL.) sw/lib/generate.c says how: cross, isolated and hedged
 * accounts, heavy-tailed sizes, margin ratios of at most 60 % at the start, open interest
 * long = short per symbol, to the lot. In both forms the positions of account[i] come after those
 * of account[i - 1]. */
int fb_accounts_load(const char *source, const struct fb_rules *rules, const uint64_t *start_e8,
		     struct fb_accounts *out, struct fb_error *error);
void fb_accounts_free(struct fb_accounts *accounts);

struct fb_tick {
	int64_t time_us;               /* since 1970-01-01 UTC: the start of the step */
	uint64_t price_e8;             /* fb_unit_value takes it */
	uint16_t symbol;               /* index in fb_rules.symbol */
	bool derived;                  /* no mark: a last price, or from trades and spot */
	/* what else is known at that time; 0: not known */
	uint64_t index_e8, last_e8, bid_e8, ask_e8, perpetuals_e8;
};

/* A feed merges files in time order and groups ticks by steps: of all prices of a symbol from
 * k x step_us to before (k + 1) x step_us the last one counts. Each entry of `paths` is FILE or
 * SYMBOL=FILE. Kinds are told by content:
 *
 *   klines      Binance Vision, with column names or without, ms or us. SYMBOL= or a file name
 *               that begins with the symbol and a dash. A row becomes open at its open time, the
 *               extremes after a third and two thirds of the interval, close at its close time; of
 *               the two orders the one that makes the path open-extreme-extreme-close shorter.
 *               With volume it is the last price, not the mark: derived.
 *   Tardis      `derivative_ticker` (mark_price) and `trades`; their symbol column counts, through
 *               the aliases.
 *   own         time_us,symbol,price
 *
 * From Tardis trades a mark is derived once a second: index + basis, where index is the
 * volume-weighted price of the second's spot trades over all exchanges (kept while there are none)
 * and basis follows (perpetual last - index) by a sixteenth a second, which is a half-life of 11 s.
 * With trades of one kind only the mark is the last price, or the index.
 *
 * Times may not fall within a file; a symbol has marks or trades, not both; prices are above 0. A
 * file is read as far as the feed gets, with bounded memory: an error on its last line comes when
 * that line is reached, and a damaged archive is noticed no later than at its end. */
struct fb_feed;
struct fb_feed_options {
	int64_t step_us;               /* 0: 1,000,000 */
	int64_t from_us, to_us;        /* first instant, first no more; 0: open. Derived marks
	                                * are computed from the start of the files nevertheless */
};
int fb_feed_open(const char *const *paths, size_t n, const struct fb_rules *rules,
		 const struct fb_feed_options *options, struct fb_feed **out,
		 struct fb_error *error);
/* Ticks of the next step that has any, one per symbol, by rising symbol: their number, at most
 * `room`; 0 at the end; -errno with error filled, then and at every later call. With less room
 * than rules->symbols the rest of a step may come with the next call, under the same time. */
int fb_feed_next(struct fb_feed *feed, struct fb_tick *out, size_t room, struct fb_error *error);
/* Bytes of the files (as packed) consumed and in all, for progress. */
void fb_feed_progress(const struct fb_feed *feed, uint64_t *done, uint64_t *total);
void fb_feed_close(struct fb_feed *feed);

#endif
