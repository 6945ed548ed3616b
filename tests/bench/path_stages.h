/* Where the time of one path goes: the host is cut at calls between its files, without a line in
 * it, by wrappers that the linker puts in front of the functions they name (--wrap, in the
 * Makefile). Stamps cost some 10 ns each, so stages are measured in rounds of their own. */
#ifndef PATH_STAGES_H
#define PATH_STAGES_H

#include <firebreak/confirm.h>

#include "../../sw/lib/run_fault.h"
#include "../../sw/lib/run_link.h"
#include "prove.h"

enum path_stage {
	STAGE_READ,	/* records read from the ring: generation, check word */
	STAGE_WHOLE,	/* the batch is whole: count, digest; canonical order */
	STAGE_INTEGRITY,/* recomputed exactly at their sequence, and bit-equal */
	STAGE_OBSERVED, /* the observation is in the log */
	STAGE_TAKEN,	/* taken over: who reached the level is on the list */
	STAGE_JUDGED,	/* judged on the newest state, in the order of severity */
	STAGE_DECIDED,	/* the waterfall has an order */
	STAGE_GOVERNED, /* the governor lets it pass */
	STAGE_LOGGED,	/* the order is in the log */
	STAGE_SENT,	/* its bytes are at the gateway */
	STAGES
};

static const char *const path_stage_names[STAGES] = {
	"read from ring memory",  "batch proven whole",	  "recomputed, bit-equal",
	"observation logged",	  "taken over",		  "judged on the newest state",
	"order decided",	  "governor checked",	  "order logged",
	"order bytes at the gateway",
};

static struct {
	bool on;
	uint64_t began;
	uint64_t at[STAGES]; /* the first time in a span; 0: not reached */
} path_stamps;

static inline void path_stamp(enum path_stage stage)
{
	if (path_stamps.on && path_stamps.at[stage] == 0)
		path_stamps.at[stage] = path_now();
}

int __real_fb_link_wait(struct fb_link *, uint64_t, size_t *, struct fb_error *);
int __real_fb_fault_observe(struct fb_host *, const struct fb_batch *, size_t);
int __real_fb_log_put(struct fb_log *, enum fb_log_type, uint64_t, const void *, size_t,
		      struct fb_error *);
int __real_fb_confirm_judge(struct fb_confirm *, bool);
enum fb_refusal __real_fb_governor_check(struct fb_governor *, const struct fb_order *);

int __wrap_fb_link_wait(struct fb_link *link, uint64_t seq, size_t *n, struct fb_error *error)
{
	int err = __real_fb_link_wait(link, seq, n, error);
	path_stamp(STAGE_READ);
	return err;
}

int __wrap_fb_fault_observe(struct fb_host *h, const struct fb_batch *batch, size_t n)
{
	path_stamp(STAGE_WHOLE);
	int err = __real_fb_fault_observe(h, batch, n);
	path_stamp(STAGE_INTEGRITY);
	return err;
}

int __wrap_fb_log_put(struct fb_log *log, enum fb_log_type type, uint64_t seq, const void *payload,
		      size_t length, struct fb_error *error)
{
	int err = __real_fb_log_put(log, type, seq, payload, length, error);
	if (type == FB_LOG_OBSERVE)
		path_stamp(STAGE_OBSERVED);
	else if (type == FB_LOG_ORDER)
		path_stamp(STAGE_LOGGED);
	return err;
}

int __wrap_fb_confirm_judge(struct fb_confirm *confirm, bool all)
{
	path_stamp(STAGE_TAKEN);
	int err = __real_fb_confirm_judge(confirm, all);
	path_stamp(STAGE_JUDGED);
	return err;
}

enum fb_refusal __wrap_fb_governor_check(struct fb_governor *g, const struct fb_order *order)
{
	path_stamp(STAGE_DECIDED);
	enum fb_refusal refused = __real_fb_governor_check(g, order);
	path_stamp(STAGE_GOVERNED);
	return refused;
}

#endif
