/* The simulated venue of a run: see run_market.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "run_market.h"

/* Groups of events between two instants; what is due beyond waits for the next. */
#define GROUPS_MAX 20000

int fb_market_parse(const char *text, struct fb_market_options *out, struct fb_error *error)
{
	static const struct {
		const char *name;
		void (*set)(struct fb_market_options *out, uint64_t seed);
	} kinds[] = { { "calm", fb_market_calm },
		      { "wild", fb_market_wild },
		      { "still", fb_market_still } };
	size_t length = strcspn(text, ",");
	unsigned long long seed = 1;
	int end = 0;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strlen(kinds[i].name) != length || strncmp(kinds[i].name, text, length) != 0)
			continue;
		if (text[length] != '\0' &&
		    (sscanf(text + length, ",seed=%19llu%n", &seed, &end) != 1 ||
		     text[length + (size_t)end] != '\0'))
			break;
		kinds[i].set(out, seed);
		return 0;
	}
	return fb_error_set(error, -EINVAL,
			    "market '%.80s': expected calm, wild or still, and ,seed=NUMBER or "
			    "nothing",
			    text);
}

int fb_market_start(struct fb_host *h, const struct fb_market_options *options,
		    const struct fb_accounts *accounts, struct fb_market **out)
{
	/* Every position and account may have an order open, with some to spare. */
	size_t orders = h->config.rows + 2 * (size_t)h->config.accounts + 8192;
	int err = fb_market_open(h->rules, options, h->config.accounts, h->config.rows, orders,
				 out);
	for (size_t i = 0; i < accounts->accounts && !err; i++) {
		const struct fb_account_spec *a = &accounts->account[i];
		const struct fb_position_spec *p = &accounts->position[a->first];
		for (size_t k = 0; k < a->positions && !err; k++)
			err = fb_market_position(*out, a->id, p[k].id, p[k].symbol, p[k].qty);
	}
	if (err)
		return fb_error_set(h->error, err, "the simulated market: %s", strerror(-err));
	h->venue = fb_market_venue(*out);
	return 0;
}

int fb_market_pump(struct fb_host *h, int64_t until_us, unsigned ahead)
{
	struct fb_event event[FB_EVENTS_MAX];
	for (unsigned group = 0; group < GROUPS_MAX; group++) {
		int64_t at_us = 0;
		int n = h->venue->ops->poll(h->venue, until_us, event, FB_EVENTS_MAX, &at_us);
		if (n < 0)
			return fb_error_set(h->error, n, "the venue failed: %s", strerror(-n));
		if (n == 0)
			return 0;
		int err = fb_host_events(h, at_us, event, (size_t)n);
		if (!err)
			err = fb_host_drain(h, ahead);
		if (err)
			return err;
	}
	return 0;
}
