/* How the software engine judges an account, and how it comes to know which ones it need not look
 * at: what these files give each other and the rest. Private to cpu*.c. */
#ifndef CPU_JUDGE_H
#define CPU_JUDGE_H

#include "cpu.h"

struct cpu_sums {
	__int128 equity_e8, mm_e15;
	unsigned bad_rows;
};

/* A row's value less its MM / T is at least slope x u - constant while u is inside the range. */
struct cpu_line {
	float slope;
	struct cpu_band range;
	double constant_e8;
};

/* cpu_judge.c */
struct cpu_valued {
	uint64_t notional_e8;
	unsigned tier;
	bool bad;
	__int128 value_e8, mm_e15;
};
void cpu_value(const struct cpu *c, const struct cpu_row *row, struct cpu_valued *out);
struct cpu_sums cpu_sum(struct cpu *c, const struct cpu_account *account);
/* The same, and what was seen of each row, in the order of the account's list. */
struct cpu_sums cpu_look(const struct cpu *c, const struct cpu_account *account,
			 struct cpu_valued seen[FB_ROWS_PER_ACCOUNT]);
enum fb_level cpu_level(const struct cpu *c, const struct cpu_account *account,
			const struct cpu_sums *sums);
/* New ranges for an account whose level is as it was. */
void cpu_judge_renew(struct cpu *c, uint32_t account);
/* The end of a batch. 0, or -ETIMEDOUT: a thread did not do its part. */
int cpu_judge(struct cpu *c, uint64_t seq);
/* Ahead of a review. */
void cpu_judge_fetch_rows(const struct cpu *c, const struct cpu_account *account);
void cpu_judge_fetch_tile(const struct cpu *c, const struct cpu_account *account);

/* cpu_storm.c: the accounts touched from one on, of a batch that concerns very many */
int cpu_storm_open(struct cpu *c);
void cpu_storm_close(struct cpu *c);
int cpu_storm(struct cpu *c, uint64_t seq, uint32_t from);

/* cpu_range.c: new ranges for an account that was reviewed, and its place for sweeps; or only its
 * place, and it is stale. */
void cpu_range_renew(struct cpu *c, uint32_t account, const struct cpu_sums *sums,
		     const struct cpu_valued *seen, bool bands);
void cpu_range_stale(struct cpu *c, uint32_t account);
/* Its place for sweeps, if it keeps its lane; changes nothing but the account and that. */
bool cpu_range_place(struct cpu *c, uint32_t account, const struct cpu_sums *sums,
		     const struct cpu_valued *seen);
struct cpu_band cpu_range_of_tier(const struct cpu_ladder *ladder, unsigned tier, double lots);
double cpu_real(__int128 v);

#define CPU_INWARD 4e-7	    /* more than four roundings to float, 2^-24 each */
#define CPU_CAREFUL 0x1p-48 /* of the magnitudes that went into a sum of at most 512 terms */

/* cpu_line.c */
/* The line of a row over a range. False: there is none, as MM might be negative there, or the row
 * bad. Part: 1 / T. */
bool cpu_line_over(const struct cpu_ladder *ladder, double lots, uint32_t addend_e7, double part,
		   struct cpu_band range, struct cpu_line *out);
/* The least that slope x u can be inside the band. */
double cpu_line_least(float slope, struct cpu_band band);
float cpu_float_down(double x);
/* A calm account: its tile, and with `bands` its bands and what is spare. False: no lines say that
 * it is calm. */
bool cpu_line_account(struct cpu *c, uint32_t account, const struct cpu_sums *sums,
		      const struct cpu_valued *seen, double up_e7, bool bands);

/* cpu_keep.c: what leaves an account so surely calm that it needs no review. False: nothing was
 * done, and it does need one. */
bool cpu_keep_money(struct cpu *c, struct cpu_account *a, __int128 delta_e8);
bool cpu_keep_fill(struct cpu *c, struct cpu_account *a, struct cpu_row *row,
		   const struct fb_cmd_fill *fill);
/* Bands and tiles say what fills have changed: before anybody reads them. */
void cpu_keep_late(struct cpu *c);

#endif
