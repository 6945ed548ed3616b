/* Whom the host judges from now on, when the engine erred. Where a record does not say whom it is
 * about, all are: an account too many on the host's list costs time, one too few may cost the
 * fund. */
#ifndef RUN_CONCERN_H
#define RUN_CONCERN_H

#include "run_host.h"

/* What a command sent concerns, should its batch hold a reject. */
enum fb_concern { FB_CONCERNS_ACCOUNT, FB_CONCERNS_SYMBOL, FB_CONCERNS_ALL };
struct fb_sent {
	uint64_t seq;
	uint32_t id;
	uint8_t what; /* enum fb_concern */
};

/* Commands whose subjects are remembered. Further back everybody counts as concerned. */
#define FB_SENT_MAX 65536u

/* A command was sent: whom it concerns is remembered until its batch is taken up. */
void fb_concern_sent(struct fb_host *host, const union fb_command *command);

void fb_host_judges_all(struct fb_host *host);
/* Nobody, if there is no such account. */
void fb_host_judges_id(struct fb_host *host, uint32_t account_id);
/* Whoever has a row of the symbol, or had one when it was at this sequence: a row that is gone may
 * have been there when a command was refused. */
void fb_host_judges_symbol(struct fb_host *host, uint32_t symbol, uint64_t since);
/* Whoever a command of this batch was about. */
void fb_host_judges_batch(struct fb_host *host, const struct fb_batch *batch);

#endif
