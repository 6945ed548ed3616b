/* When the engine errs: who is judged by the host from then on. See <firebreak/log.h>, FAULT. */
#ifndef RUN_FAULT_H
#define RUN_FAULT_H

#include "run_host.h"

/* Commands whose subjects are remembered. Further back everybody counts as concerned. */
#define FB_SENT_MAX 65536u
/* Of simulated time without a ROTATION, once there was one. */
#define FB_SILENCE_US INT64_C(60000000)

/* A command was sent: whom it concerns is remembered until its batch is taken up. */
void fb_fault_sent(struct fb_host *host, const union fb_command *command);
/* Live: everything that the oldest batch in flight, n records in canonical order, and the service
 * records before it show to be wrong becomes an input. Replaying: it is in the log already. */
int fb_fault_observe(struct fb_host *host, const struct fb_batch *batch, size_t n);
/* True if decisions may depend on the record: see OBSERVE in <firebreak/log.h>. */
bool fb_fault_believed(const struct fb_host *host, const union fb_record *record);
/* Everything that went wrong. */
uint64_t fb_fault_count(const struct fb_log_alarms *alarms);
/* Time goes on: is a sign of life overdue? Asked live only, and of engines without a simulated
 * clock, which stands still while there is nothing to do. What is overdue becomes an input: FAULT
 * with an AUDIT that has no finding. */
int fb_fault_time(struct fb_host *host, int64_t time_us);

#endif
