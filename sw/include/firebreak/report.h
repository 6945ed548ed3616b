/* What a run leaves behind, in a directory:
 *
 *   orders.csv      every order
 *   events.csv      what the venue said; depth is left out
 *   notices.csv     what account holders and operators are told
 *   rounds.csv      rankings of deleveraging: header, Merkle root, chain <firebreak/evidence.h>
 *   lights.csv, alerts.csv      where the pack has them <firebreak/lights.h>
 *   records.bin     every decision record, 64 bytes each; a batch's records in canonical order
 *                   (kind, account), BATCH_END last
 *   records.csv     the same as text; BATCH_ENDs without records are left out
 *   firebreak.log   the journal (log.h): replays the run
 *   summary.txt, summary.json   both from struct fb_summary
 *   run.svg, run.png            marks, breaches, liquidations and the fund over time; PNG if
 *                               rsvg-convert is installed
 *
 * While a run goes on, and after one that failed, the directory holds a file INCOMPLETE and no
 * summary.
 */
#ifndef FIREBREAK_REPORT_H
#define FIREBREAK_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include <firebreak/engine.h>
#include <firebreak/log.h>

/* Money in 1e-8 of the settlement coin. Everything up to `engine_cycles` is the same for every
 * engine, machine and time. */
struct fb_summary {
	char venue[FB_NAME_MAX];
	uint64_t accounts, positions, symbols;
	int64_t from_us, to_us; /* times of the first and last marks */
	uint64_t ticks, mark_batches, marks, commands, batches, events;
	/* decision records without BATCH_END; sum of their hashes */
	uint64_t records, records_digest;
	uint64_t records_verified, differences; /* LEVEL records recomputed bit-equal; not equal */
	struct fb_log_alarms alarms;		/* what else the engine did wrong */
	uint64_t level_records[9];		/* by level */
	/* LEVEL records at the liquidation level or above, fault apart */
	uint64_t breaches;
	uint64_t waited, host_judged;
	struct fb_waterfall_counts waterfall;
	uint64_t light_changes, alert_changes; /* told to holders, where the pack has lights */
	uint64_t orders_open; /* at the end */
	/* payments of funding, of a symbol each; those left out since they fit no row; what was
	 * paid; what rounding left to the fund */
	uint64_t fundings, fundings_skipped;
	__int128 funding_paid_e8, funding_rest_e8;
	uint64_t freezes, frozen; /* of symbols; at the end */
	__int128 fund_start_e8, fund_collateral_e8, fund_equity_e8, fund_equity_min_e8;
	/* what closed accounts owe and the houses' equity is below zero: nobody has paid it yet */
	__int128 uncovered_loss_e8;
	bool conserved;
	uint64_t sweeps, sweep_differences; /* state hashes compared with the book; not equal */
	uint64_t hash_accounts, hash_rows, hash_symbols;
	/* rankings of deleveraging that the engine repeated: commands, of them those for rows, and
	 * rows that came; what was wrong in the answers */
	uint64_t rankings, rank_commands, rank_pages, rank_nominees, rank_differences;
	bool checked; /* a second engine ran along */
	uint64_t check_batches, check_differences;
	/* from here on: of this run only */
	char engine[224], check[224];
	uint64_t engine_cycles, engine_revaluations;
	uint64_t engine_rotations; /* signs of life of its audit; in a replay 0 */
	struct fb_engine_cycles spent;
	/* times that the engine died and the standby took its place; of the last time: after which
	 * command, which engine it was, and why; how long that took in all, once it was seen */
	uint64_t failovers, failover_seq, failover_us;
	char failover_from[224], failover_why[320];
	uint64_t host_ms; /* wall clock of the whole run */
};

bool fb_summary_good(const struct fb_summary *summary); /* conserved, nothing differs */
void fb_summary_text(const struct fb_summary *summary, FILE *out);
void fb_summary_json(const struct fb_summary *summary, FILE *out);

struct fb_report;

/* Creates the directory if need be, and the files; removes the summary and pictures of an
 * earlier run. */
int fb_report_open(const char *directory, const struct fb_rules *rules, struct fb_report **out,
		   struct fb_error *error);

/* All return 0, or -errno once anything could not be written. */
int fb_report_order(struct fb_report *report, int64_t time_us, const struct fb_log_order *order);
int fb_report_event(struct fb_report *report, int64_t time_us, const struct fb_event *event);
int fb_report_notice(struct fb_report *report, int64_t time_us, const struct fb_notice *notice);
int fb_report_records(struct fb_report *report, int64_t time_us, const union fb_record *record,
		      size_t n);

/* After an error of those above: says which file could not be written. Returns the error. */
int fb_report_explain(const struct fb_report *report, struct fb_error *error);

/* One point of the picture. */
struct fb_report_sample {
	int64_t time_us;
	uint64_t breaches, liquidations, takeovers, pairs; /* so far */
	__int128 fund_collateral_e8, fund_equity_e8;
};
void fb_report_sample(struct fb_report *report, const struct fb_book *book,
		      const struct fb_report_sample *sample);

/* Closes the files, draws the pictures, writes the summaries last, removes INCOMPLETE. `note`
 * receives a line if the PNG could not be made ("" otherwise). */
int fb_report_finish(struct fb_report *report, const struct fb_summary *summary, char note[128],
		     struct fb_error *error);
/* Frees the report; without fb_report_finish before, INCOMPLETE stays. */
void fb_report_close(struct fb_report *report);

#endif
