/* A run: from inputs to orders with one engine, and its replay from the log alone.
 *
 * The host is one thread. It sends marks as batches, takes up each batch's result at a point it
 * writes into the log (OBSERVE), and what the venue says at others (EVENTS), confirms every record,
 * and decides there: the waterfall's orders in canonical order, and fills as one batch of commands.
 * Because decisions are taken at these points only, the engine's speed cannot change them: a replay
 * sends the same commands, waits at the same points, takes the venue's answers from the log, and
 * must come to the same records, orders and commands, byte for byte.
 *
 * ahead: how many batches of marks may be in flight when the oldest is taken up. 0 waits for each.
 * With more, a record is older than the newest marks, and confirmation on versioned state and the
 * watch list come into play.
 */
#ifndef FIREBREAK_RUN_H
#define FIREBREAK_RUN_H

#include <firebreak/report.h>

/* Called now and then; done of total (bytes of input, or entries). May be NULL. */
typedef void (*fb_progress_fn)(void *context, uint64_t done, uint64_t total,
			       const struct fb_summary *now);

struct fb_run_options {
	const char *rules, *brackets; /* brackets may be NULL */
	const char *changes;	      /* to the rules, a file, or NULL */
	const char *const *marks;     /* files, or one "gen:crash,seed=S[,minutes=M]" */
	size_t marks_n;
	const char *accounts;	    /* file or generator */
	/* URIs; engine NULL: `cpu` with room for the run; check may be NULL */
	const char *engine, *check;
	/* URI of an engine that takes over where `engine` dies, "none": none, or NULL: `cpu` with
	 * room for the run. Nothing but the summary tells that it was needed. */
	const char *standby;
	const char *out;	    /* directory */
	int64_t from_us, to_us, step_us;
	__int128 fund_e8; /* below 0: one hundredth of the users' collateral */
	__int128 backstop_e8;
	const char *market; /* calm, wild or still, ",seed=N" or not; NULL: calm */
	/* What an operator does at times, each as WHAT[:TARGET]@TIME: sw/lib/run_operator.h. */
	const char *const *acts;
	size_t acts_n;
	unsigned ahead;
	/* Batches of marks from one comparison of the engine's whole state with the book to the
	 * next: how long an input that the engine lost can go unseen. 0: 256. */
	unsigned sweep_every;
	/* Follow the placer's advice (engine.h): marks get cheaper. The commands then depend on the
	 * engine, so another engine's run has another log; a replay has the same. */
	bool advise;
	/* How many rankings of deleveraging, of a symbol and side each, the engine repeats for one
	 * batch of marks, so that host and engine are compared in them too. 0: none. */
	unsigned rank_check;
	bool audit;	     /* the engine audits itself in the background */
	uint64_t delay_seed; /* 0: none */
	fb_progress_fn progress;
	void *progress_context;
};

/* Everything is read and checked before the directory is created. *divergence receives a file
 * position to dump where the engine first differed from the book or from the second engine, or
 * erred in another way: sequences first..last of out/firebreak.log; first = 0: it did not. The run
 * goes on, the accounts concerned are the host's from there on, and the summary is not good. */
struct fb_divergence {
	uint64_t first, last;
	char text[1024]; /* what differs */
	struct fb_log_alarms alarms; /* all that the engine did wrong, counted */
};
int fb_run(const struct fb_run_options *options, struct fb_summary *summary,
	   struct fb_divergence *divergence, char note[128], struct fb_error *error);

struct fb_replay_options {
	const char *log, *engine, *check;
	const char *out; /* directory or NULL */
	uint64_t delay_seed;
	fb_progress_fn progress;
	void *progress_context;
};
/* -EBADMSG: diverged from the log, or the log is damaged; -EPIPE: the log stops early,
 * everything before is the same. */
int fb_replay(const struct fb_replay_options *options, struct fb_summary *summary,
	      struct fb_divergence *divergence, char note[128], struct fb_error *error);

#endif
