/* One engine as the host sees it: commands in, whole batches of decision records out.
 *
 * Records arrive whenever the engine likes; they wait here until their batch is asked for. With a
 * delay seed the host also polls at odd moments and in odd amounts, as a slow or busy host would:
 * nothing that is decided may depend on it. */
#ifndef RUN_LINK_H
#define RUN_LINK_H

#include <stdbool.h>

#include <firebreak/engine.h>
#include <firebreak/log.h>

#define FB_LINK_FAULTS 64

struct fb_sort_key;

struct fb_link {
	struct fb_engine *engine;
	union fb_record *record;    /* decision records not yet taken, in order of arrival */
	size_t room, have, scanned; /* scanned: no BATCH_END before this */
	bool others;		    /* one of those before it is no LEVEL */
	uint64_t delay_seed, drawn; /* 0: no delays */
	unsigned faults;	    /* FAULT and AUDIT records not yet taken up */
	bool overflow;		    /* there were more, and some are lost */
	bool dead;		    /* the engine said that it is */
	union fb_record fault[FB_LINK_FAULTS];
	struct fb_sort_key *key, *scratch; /* see fb_link_sort */
};

/* The URI of an engine: `uri`, or if there is none that of `cpu` with room for a run, written to
 * `room`. */
#define FB_LINK_URI_ROOM 64
const char *fb_link_uri(const char *uri, const struct fb_log_config *config,
			char room[FB_LINK_URI_ROOM]);

/* room: records that may wait. */
int fb_link_open(struct fb_link *link, const char *uri, size_t room, uint64_t delay_seed,
		 struct fb_error *error);
void fb_link_close(struct fb_link *link);
int fb_link_submit(struct fb_link *link, const union fb_command *command, struct fb_error *error);
/* Waits for the batch that ends with command `seq`. Its n records, BATCH_END last, are the first
 * n of link->record. Are all but that one LEVELs, link->others is false: most batches are so, and
 * nobody need look for anything else in them. */
int fb_link_wait(struct fb_link *link, uint64_t seq, size_t *n, struct fb_error *error);
/* Puts the first n into the order in which everything after the engine sees them: the records of a
 * batch are a set. By kind, account, and bytes. */
void fb_link_sort(struct fb_link *link, size_t n);
/* The first n records are done with. */
void fb_link_take(struct fb_link *link, size_t n);
/* Another engine will stand in the place of the one that died: nothing that it said counts. */
void fb_link_forget(struct fb_link *link);

#endif
