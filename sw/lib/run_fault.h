/* When the engine errs: who is judged by the host from then on. See <firebreak/log.h>, FAULT. */
#ifndef RUN_FAULT_H
#define RUN_FAULT_H

#include "run_host.h"

/* Of simulated time without a ROTATION, once there was one. */
#define FB_SILENCE_US INT64_C(60000000)
/* In place of an AUDIT's finding. The host's: no engine may say this. */
#define FB_NO_SIGN_OF_LIFE 0

/* -EPROTO, with the record: no engine may say this, or not here. */
int fb_fault_impossible(struct fb_host *host, const union fb_record *record);
/* run_fault_observe.c. Live: everything that the oldest batch in flight, n records in canonical
 * order, and the service records before it show to be wrong becomes an input. Replaying: it is in
 * the log already. */
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
