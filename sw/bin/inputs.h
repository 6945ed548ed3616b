/* What a run is fed with: the options that `run` and `backtest` share. */
#ifndef INPUTS_H
#define INPUTS_H

#include <firebreak/run.h>

#include "command.h"

struct inputs {
	struct texts marks;
	const char *accounts, *brackets, *market, *out;
	int64_t from_us, to_us;
	uint64_t step_ms;
	__int128 fund_e8, backstop_e8;
};

#define INPUTS_DEFAULT { .step_ms = 1000, .fund_e8 = -1 }

/* Rows of an option table; `inputs` is the member of the command's struct `type`. */
#define I(type, member) offsetof(struct type, inputs.member)
#define INPUT_OPTIONS(type)                                                                        \
	{ "marks", "FILE...", "mark or trade files, or gen:crash,seed=S[,minutes=M]",              \
	  OPTION_TEXTS, I(type, marks), true, 0, 0 },                                              \
	{ "accounts", "FILE", "accounts, or gen:N,seed=S[,symbols=K]", OPTION_TEXT,                \
	  I(type, accounts), true, 0, 0 },                                                         \
	{ "out", "DIR", "where results go; created if need be", OPTION_TEXT, I(type, out), true,   \
	  0, 0 },                                                                                  \
	{ "brackets", "FILE", "leverage brackets that replace a pack's ladders", OPTION_TEXT,      \
	  I(type, brackets), false, 0, 0 },                                                        \
	{ "from", "TIME", "leave out marks before this, such as 2025-10-10T21:00:00Z",             \
	  OPTION_TIME, I(type, from_us), false, 0, 0 },                                            \
	{ "to", "TIME", "leave out marks from this on", OPTION_TIME, I(type, to_us), false, 0,     \
	  0 },                                                                                     \
	{ "step-ms", "N", "marks of N milliseconds are one batch; 1000 if not given",              \
	  OPTION_COUNT, I(type, step_ms), false, 1, 86400000 },                                    \
	{ "fund", "MONEY", "the insurance fund at the start; 1 % of all collateral if not given",  \
	  OPTION_MONEY, I(type, fund_e8), false, 0, 0 },                                           \
	{ "backstop", "MONEY", "money of the account that takes over before the fund; 0",          \
	  OPTION_MONEY, I(type, backstop_e8), false, 0, 0 },                                       \
	{ "market", "KIND",                                                                        \
	  "the simulated venue: calm, wild or still, with ,seed=N or without; calm", OPTION_TEXT,  \
	  I(type, market), false, 0, 0 }

/* Options of a run with nothing but these set. */
struct fb_run_options inputs_of(const struct inputs *i);

#endif
