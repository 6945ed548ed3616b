/* A venue that answers whenever it is asked to, and does what it is told. It keeps a ledger of
 * orders by account: what came twice, or for nobody, shows there. */
#ifndef DESK_H
#define DESK_H

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include <firebreak/venue.h>

/* Accounts and positions k + 1 are at index k. */
struct desk {
	struct fb_venue base;
	uint32_t accounts;
	struct fb_order *order, *answered; /* not answered yet; those of the step before */
	struct fb_event *event;
	size_t n, most;
	uint32_t *holds, *cancels; /* by index of the account */
	uint64_t *lots;		   /* by index of the position: closed by pairs */
	uint64_t verbs[FB_VERB_CANCEL_COUNTER + 1];
	uint64_t strange; /* orders whose id is not new, or that name what nobody has */
	struct fb_order_id last;
};

static inline int desk_send(struct fb_venue *venue, const struct fb_order *order)
{
	struct desk *d = (struct desk *)venue;
	if (d->n == d->most)
		return -EAGAIN;
	d->order[d->n++] = *order;
	return 0;
}

/* The bench hands the answers over itself. */
static inline int desk_poll(struct fb_venue *venue, int64_t until_us, struct fb_event *out,
			    size_t room, int64_t *at_us)
{
	(void)venue, (void)until_us, (void)out, (void)room, (void)at_us;
	return 0;
}

/* 0, or -ENOMEM. */
static inline int desk_open(struct desk *d, uint32_t accounts)
{
	static const struct fb_venue_ops ops = { .send = desk_send, .poll = desk_poll };
	*d = (struct desk){
		.base.ops = &ops, .accounts = accounts, .most = 4 * (size_t)accounts
	};
	d->order = calloc(d->most, sizeof(*d->order));
	d->answered = calloc(d->most, sizeof(*d->answered));
	d->event = calloc(d->most, sizeof(*d->event));
	d->holds = calloc(accounts, sizeof(*d->holds));
	d->cancels = calloc(accounts, sizeof(*d->cancels));
	d->lots = calloc(accounts, sizeof(*d->lots));
	return d->order && d->answered && d->event && d->holds && d->cancels && d->lots
		       ? 0
		       : -ENOMEM;
}

static inline void desk_close(struct desk *d)
{
	free(d->order);
	free(d->answered);
	free(d->event);
	free(d->holds);
	free(d->cancels);
	free(d->lots);
}

static inline bool desk_later(const struct fb_order_id *a, const struct fb_order_id *b)
{
	return a->sequence != b->sequence ? a->sequence > b->sequence : a->index > b->index;
}

/* Enters an order in the ledger. */
static inline void desk_enter(struct desk *d, const struct fb_order *o)
{
	bool pair = o->verb == FB_VERB_ADL_PAIR,
	     known = o->account >= 1 && o->account <= d->accounts;
	if (pair)
		known = known && o->position == o->account && o->counter_account >= 1 &&
			o->counter_account <= d->accounts &&
			o->counter_position == o->counter_account && o->qty > 0;
	if (!known || o->verb > FB_VERB_CANCEL_COUNTER || !desk_later(&o->id, &d->last)) {
		d->strange++;
		return;
	}
	d->last = o->id;
	d->verbs[o->verb]++;
	d->holds[o->account - 1] += o->verb == FB_VERB_HOLD;
	d->cancels[o->account - 1] += o->verb == FB_VERB_CANCEL_ALL;
	if (!pair)
		return;
	d->lots[o->account - 1] += (uint64_t)o->qty;
	d->lots[o->counter_account - 1] += (uint64_t)o->qty;
}

/* The orders that came since the last call: done whole. Their number; orders in d->answered,
 * answers in d->event. */
static inline size_t desk_answer(struct desk *d)
{
	struct fb_order *order = d->order;
	size_t n = d->n;
	d->order = d->answered;
	d->answered = order;
	d->n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct fb_order *o = &order[i];
		desk_enter(d, o);
		d->event[i] = (struct fb_event){
			.id = o->id,
			.account = o->account,
			.position = o->position,
			.symbol = o->symbol,
			.kind = FB_EVENT_DONE,
			.verb = o->verb,
			.qty = o->qty,
			.value_e8 = fb_i128_of(o->value_e8),
		};
	}
	return n;
}

#endif
