/* The host: book, engines, log, confirmation and liquidation tied together. Used by run.c and
 * replay.c alike. */
#ifndef RUN_HOST_H
#define RUN_HOST_H

#include <firebreak/confirm.h>
#include <firebreak/run.h>

#include "run_link.h"

#define FB_HASH_EVERY 256 /* batches of marks between two sweeps by state hash */

struct fb_batch {
	uint64_t first, last; /* sequences */
	uint8_t op;	      /* of its first command */
};

#define FB_BATCHES 64
_Static_assert(FB_BATCHES > 2 * (FB_AHEAD_MAX + 2), "marks in flight, each with a batch of fills");

struct fb_host {
	const struct fb_rules *rules;
	struct fb_log_config config;
	struct fb_book *book;
	struct fb_confirm confirm;
	struct fb_gateway gateway;
	struct fb_liquidate liquidate;
	struct fb_log *log;
	struct fb_report *report; /* may be NULL */
	struct fb_link engine, check;
	bool replaying;
	int64_t time_us;		     /* of the newest marks */
	struct fb_batch open;		     /* batch being sent; first = 0: none */
	struct fb_batch pending[FB_BATCHES]; /* sent, not taken up; ring */
	unsigned pending_first, pendings;
	/* last command of a decision, until it is known whether more follow */
	union fb_command held;
	bool holding;
	struct fb_summary summary;
	struct fb_divergence divergence;
	struct fb_error *error;
};

struct fb_host_options {
	const char *engine, *check;
	uint64_t delay_seed;
};

/* log and report belong to the host from now on, success or not. */
int fb_host_open(struct fb_host *host, const struct fb_rules *rules,
		 const struct fb_log_config *config, const struct fb_host_options *options,
		 struct fb_error *error);
void fb_host_close(struct fb_host *host);

/* Applies, logs and sends one command; its sequence is filled in. more: the batch goes on. */
int fb_host_command(struct fb_host *host, union fb_command *command, bool more);
/* The symbols an account will have, so that an engine with lanes can place it; comes before the
 * account is put. */
int fb_host_expect(struct fb_host *host, uint32_t account, const uint16_t *symbols, size_t n);
/* The marks sent from now on have this time. */
int fb_host_time(struct fb_host *host, int64_t time_us);
/* Loading is over: value is conserved and breaches lead to liquidation from here on. */
int fb_host_loaded(struct fb_host *host);
/* Takes up the oldest batch in flight and decides on it. May send a batch of fills. */
int fb_host_observe(struct fb_host *host);
/* Sends the last command of a decision, which ends its batch. */
int fb_host_end_decision(struct fb_host *host);
/* Takes up batches until at most n are in flight. */
int fb_host_drain(struct fb_host *host, unsigned n);
/* A FAULT record taken up: its account is judged by the host from now on. */
int fb_host_fault(struct fb_host *host, const union fb_record *fault);
/* Sends HASH with nothing else in flight; taken up, it is compared with the book. */
int fb_host_sweep(struct fb_host *host);
/* Nothing is in flight: last checks, END, and the rest of the summary. */
int fb_host_end(struct fb_host *host);

#endif
