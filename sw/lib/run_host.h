/* The host: book, engines, log, confirmation, waterfall and governor tied together. Used by run.c
 * and replay.c alike. */
#ifndef RUN_HOST_H
#define RUN_HOST_H

#include <firebreak/confirm.h>
#include <firebreak/run.h>
#include <firebreak/venue.h>

#include "conditions.h"
#include "run_held.h"
#include "run_link.h"
#include "run_rank.h"
#include "run_standby.h"
#include "run_sweep.h"
#include "venue_judge.h"

#define FB_HASH_EVERY 256 /* batches of marks between two sweeps, if nothing else is asked for */

struct fb_batch {
	uint64_t first, last; /* sequences */
	uint8_t op;	      /* of its first command */
};

#define FB_BATCHES 64
_Static_assert(FB_BATCHES > 3 * (FB_AHEAD_MAX + 2),
	       "marks in flight, each with a batch of fills and one of a settlement");

struct fb_run_watch; /* run_watch.h */
struct fb_sent;	     /* run_concern.h */

struct fb_host {
	const struct fb_run_watch *watch; /* of a run, or NULL */
	const struct fb_rules *rules;
	struct fb_log_config config;
	struct fb_book *book;
	struct fb_confirm confirm;
	struct fb_waterfall *waterfall;
	struct fb_governor *governor;
	struct fb_venue *venue; /* NULL in a replay: what it said is in the log */
	struct fb_log *log;
	struct fb_report *report; /* may be NULL */
	/* For who looks on, after the book took a command; may be NULL. */
	void (*booked)(void *context);
	void *booked_context;
	/* Before a tick, on the book as it is; may be NULL. */
	void (*ticked)(void *context, int64_t time_us);
	void *ticked_context;
	struct fb_link engine, check;
	/* LEVEL records of the batch taken up last that were what the book says; of the first ones
	 * so many are taken over already */
	size_t equal, taken;
	struct fb_standby standby; /* for the engine */
	bool replaying;
	/* What the pack's [margin] needs besides the book: see run_margin.c. */
	struct fb_venue_judge judge;
	bool margin_moves; /* addends change with fills */
	int64_t time_us;		     /* of the newest marks */
	struct fb_batch open;		     /* batch being sent; first = 0: none */
	struct fb_batch pending[FB_BATCHES]; /* sent, not taken up; ring */
	unsigned pending_first, pendings;
	/* last command of an event, until it is known whether more follow */
	union fb_command held;
	bool holding;
	struct fb_held held_accounts;
	struct fb_sweep sweep;
	struct fb_rankings rankings;
	struct fb_conditions conditions;
	/* when the engine errs (run_fault.c) */
	struct fb_sent *sent; /* ring */
	uint64_t sents;
	uint32_t rejects_told; /* since the OBSERVE before */
	bool sign_of_life;     /* an AUDIT with ROTATION has come */
	int64_t alive_us;      /* when the newest was taken up */
	struct fb_log_alarms alarms;
	struct fb_summary summary;
	struct fb_divergence divergence;
	struct fb_error *error;
};

struct fb_host_options {
	const char *engine, *check;
	const char *standby; /* see fb_standby_open */
	uint64_t delay_seed;
	unsigned rank_check; /* see fb_run_options */
};

/* run_host_open.c. Log and report belong to the host from now on, success or not. */
int fb_host_open(struct fb_host *host, const struct fb_rules *rules,
		 const struct fb_log_config *config, const struct fb_host_options *options,
		 struct fb_error *error);
void fb_host_close(struct fb_host *host);

/* Applies, logs and sends one command; its sequence is filled in. more: the batch goes on. */
int fb_host_command(struct fb_host *host, union fb_command *command, bool more);
/* run_margin.c. Prices of the marks that follow, logged; of symbols that fb_venue_judge_prices
 * names. After a fill was booked: the addends that it changes are sent by `command`. After a
 * command that says that the engine cannot flag in time: the host judges the account, or all. */
int fb_host_margin_open(struct fb_host *host);
int fb_host_counted(struct fb_host *host, const struct fb_log_counted *price, size_t n);
int fb_host_margin_after(struct fb_host *host, const union fb_command *booked,
			 int (*command)(void *context, union fb_command *command));
void fb_host_margin_look(struct fb_host *host, const union fb_command *booked);
/* Owner and symbols an account will have, so that an engine with lanes can place it; comes right
 * before the account is put. */
int fb_host_expect(struct fb_host *host, uint32_t account, uint32_t owner, const uint16_t *symbols,
		   size_t n);
/* A tick. The marks sent from now on have this time. */
int fb_host_time(struct fb_host *host, int64_t time_us);
/* What the venue said, taken up together, and what follows from it. n <= FB_EVENTS_MAX. */
int fb_host_events(struct fb_host *host, int64_t at_us, const struct fb_event *event, size_t n);
/* Asks the engine's placer for advice, and follows it as far as it concerns calm accounts, at most
 * FB_ADVICE_MOST. Nothing may be in flight; else it does nothing. */
#define FB_ADVICE_MOST 4
int fb_host_advise(struct fb_host *host);
/* Puts one account anew and waits for it. -EINVAL: it is not one that may be. */
int fb_host_put_anew(struct fb_host *host, uint32_t account_id);
/* run_host_operator.c. account: of block and unblock; of freeze, thaw and settle the index of a
 * symbol. -EINVAL: there is none, or it may not be. */
int fb_host_operator(struct fb_host *host, enum fb_operator what, uint32_t account);
/* Dated contracts end at their instant, which is an input as every tick is. */
int fb_host_settle_expired(struct fb_host *host, int64_t time_us);
/* Judges and lets the waterfall act. all: everyone on the list. */
int fb_host_decide(struct fb_host *host, bool all);
/* Loading is over: value is conserved and breaches lead to liquidation from here on. */
int fb_host_loaded(struct fb_host *host);
/* What becomes of what the waterfall decides. */
extern const struct fb_waterfall_ops fb_host_decided;
/* Of the waterfall's work: errors of an op have said what they are; others have not. */
int fb_host_explain(struct fb_host *host, int err);
/* Takes up the oldest batch in flight and decides on it. */
int fb_host_observe(struct fb_host *host);
/* Takes up batches until at most n are in flight. */
int fb_host_drain(struct fb_host *host, unsigned n);
/* A record that shows an error of the engine is taken up: whom it concerns is judged by the host
 * from now on. See <firebreak/log.h>, FAULT. */
int fb_host_fault(struct fb_host *host, const union fb_record *record);
/* Compares the engine's whole state with the book; accounts that differ are searched for, and the
 * host's from then on. Nothing is in flight when it returns. */
int fb_host_sweep(struct fb_host *host);
/* Nothing is in flight: last checks, END, and the rest of the summary. */
int fb_host_end(struct fb_host *host);

#endif
