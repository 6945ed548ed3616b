/* Prices, payments of funding and breakers in the host: see conditions.h. */
#ifndef RUN_CONDITIONS_H
#define RUN_CONDITIONS_H

#include "run_host.h"

/* What is known of prices at the newest time; at most one entry for a symbol. Logged; then funding
 * that is due is paid, as a batch of its own, and breakers freeze and thaw. Only if
 * host.conditions.wanted. -EBADMSG: entries that cannot be. */
int fb_host_prices(struct fb_host *host, const struct fb_log_price *price, size_t n);
/* Time goes on, in TIME and EVENTS; or a decision is over. */
int fb_conditions_time(struct fb_host *host, int64_t time_us);
/* A symbol froze or thawed: its notice. */
int fb_conditions_changed(void *host, uint16_t symbol, enum fb_breaker_cause cause);
/* An order left. */
void fb_conditions_order(struct fb_host *host, const struct fb_order *order);
void fb_conditions_event(struct fb_host *host, const struct fb_event *event);
/* FUNDING records of a batch taken up against the book's sums; what differs becomes a FAULT. */
int fb_conditions_observe(struct fb_host *host, const struct fb_batch *batch, size_t n);
/* What the summary says. */
void fb_conditions_summary(const struct fb_host *host, struct fb_summary *summary);

#endif
