/* Explaining: everything that happened to one account, in order, with every term that led to it.
 *
 * The log is replayed, with somebody looking on. So what is explained is what was decided, from the
 * same numbers: a log that does not replay is not explained.
 */
#ifndef FIREBREAK_EXPLAIN_H
#define FIREBREAK_EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <firebreak/run.h>

enum fb_explain_form {
	FB_EXPLAIN_TEXT,
	FB_EXPLAIN_JSON,
	FB_EXPLAIN_EVIDENCE, /* JSON: for the holder, names nobody else. See evidence.h */
	FB_EXPLAIN_STORY,    /* a few lines in plain words */
};

struct fb_explain_options {
	const char *log, *engine; /* engine: a URI */
	uint32_t account;	  /* id */
	uint64_t sequence;	  /* 0: the whole history; else the state after this command only */
	enum fb_explain_form form;
	fb_progress_fn progress;
	void *progress_context;
};

/* -ENOENT: no such account in the log, or no such sequence; -EBADMSG, -EPIPE: as fb_replay. Nothing
 * is printed then. */
int fb_explain(const struct fb_explain_options *options, FILE *out, struct fb_error *error);

#endif
