/* When the engine of a run dies, another takes its place at the last batch whose result was taken
 * up (P1: any engine can take over from any other at any sequence number).
 *
 * The host keeps a second book that follows the first one batch by batch as results are taken up,
 * and the commands sent since. From that book the standby is loaded: RESET with a sequence that
 * makes the last command of loading carry the sequence of that batch's last one, so that what
 * follows carries the sequences it always had; levels as the dead engine reported them. It must
 * answer with the state hash that the book expects. Then it gets what was sent since, and the run
 * goes on. Nothing of this is in the log, and no decision can depend on it: records, orders and log
 * are those of a run in which no engine died. */
#ifndef RUN_STANDBY_H
#define RUN_STANDBY_H

#include <stdbool.h>
#include <stdint.h>

#include <firebreak/book.h>

#define FB_STANDBY_NONE "none"
/* Engines that may die in one run. */
#define FB_STANDBY_MOST 8

struct fb_host;
struct fb_batch;

struct fb_standby {
	char uri[224];	       /* "": none; then everything else is empty */
	struct fb_book *taken; /* after the last batch taken up */
	/* Ring of the commands after it; it grows to what a run has in flight at most. */
	union fb_command *sent;
	uint64_t first, sents, room;
	bool audits; /* AUDIT is on in `taken` */
};

/* uri NULL or FB_STANDBY_NONE: none; "": `cpu`, with room for the host's book. */
int fb_standby_open(struct fb_host *host, const char *uri);
void fb_standby_close(struct fb_standby *standby);
/* A command is about to be sent. */
int fb_standby_sent(struct fb_host *host, const union fb_command *command);
/* The result of this batch was taken up. */
int fb_standby_taken(struct fb_host *host, const struct fb_batch *batch);
/* The engine is dead, host->error says why. 0: another has its place, and all that was sent; else
 * the error, with what went wrong in `host->error`. */
int fb_standby_take_over(struct fb_host *host);

/* run_standby_load.c: the state of the book, into the engine that is open. */
int fb_standby_load(struct fb_host *host);

#endif
