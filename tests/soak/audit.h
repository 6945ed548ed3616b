/* An auditor of logs: reads a log as bytes, by the format in <firebreak/log.h>, and checks what
 * must be true of any run, whatever the waterfall thought. It shares no code with waterfall,
 * governor, market and ADL planner; the book and its valuation, which are tested by themselves,
 * tell it who is worth what. */
#ifndef AUDIT_H
#define AUDIT_H

#include <firebreak/confirm.h>
#include <firebreak/log.h>

struct audit {
	uint64_t orders, events, batches, notices, deleveraged;
	char error[256]; /* "" if all is well */
};

/* 0, or -EPROTO with `error` filled. */
int audit_log(const char *path, const struct fb_rules *rules, struct audit *out);

#endif
