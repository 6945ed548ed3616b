/* Orders by id. An order is executed when it comes first; what it led to is kept, and told again
 * whenever the same id comes again. Closed orders are forgotten, oldest first, when room is needed;
 * one whose answer was not told yet is open and never forgotten. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "market_internal.h"
#include "mix.h"

#define REMEMBERED 4 /* times as many orders as may be open are kept */

int fb_market_orders_open(struct fb_market *m, size_t orders)
{
	size_t kept = REMEMBERED * orders;
	m->orders_max = orders;
	m->bucket_bits = 4;
	while ((size_t)1 << m->bucket_bits < kept)
		m->bucket_bits++;
	m->order = calloc(kept + 1, sizeof(*m->order));
	m->closed = calloc(kept + 1, sizeof(*m->closed));
	m->bucket = malloc(sizeof(*m->bucket) << m->bucket_bits);
	if (!m->order || !m->closed || !m->bucket)
		return -ENOMEM;
	memset(m->bucket, 0xff, sizeof(*m->bucket) << m->bucket_bits); /* FB_NONE */
	m->closed_max = kept + 1;
	m->orders_free = FB_NONE;
	for (size_t i = kept; i-- > 0;) {
		m->order[i].next = m->orders_free;
		m->orders_free = (uint32_t)i;
	}
	return 0;
}

void fb_market_orders_close(struct fb_market *m)
{
	free(m->order);
	free(m->closed);
	free(m->bucket);
}

/* ---- the table ---- */

static bool same_id(const struct fb_order_id *a, const struct fb_order_id *b)
{
	return a->sequence == b->sequence && a->epoch == b->epoch && a->index == b->index;
}

static bool same_order(const struct fb_order *a, const struct fb_order *b)
{
	return a->account == b->account && a->position == b->position &&
	       a->counter_account == b->counter_account &&
	       a->counter_position == b->counter_position && a->symbol == b->symbol &&
	       a->verb == b->verb && a->tif == b->tif && a->qty == b->qty &&
	       a->value_e8 == b->value_e8;
}

static uint32_t *bucket_of(struct fb_market *m, const struct fb_order_id *id)
{
	uint64_t hash = fb_mix(id->sequence ^ fb_mix((uint64_t)id->epoch << 32 | id->index));
	return &m->bucket[hash >> (64 - m->bucket_bits)];
}

static uint32_t find(struct fb_market *m, const struct fb_order_id *id)
{
	uint32_t index = *bucket_of(m, id);
	while (index != FB_NONE && !same_id(&m->order[index].order.id, id))
		index = m->order[index].next;
	return index;
}

static void forget_oldest(struct fb_market *m)
{
	uint32_t index = m->closed[m->closed_first];
	struct market_order *o = &m->order[index];
	m->closed_first = (m->closed_first + 1) % m->closed_max;
	m->closed_n--;
	uint32_t *link = bucket_of(m, &o->order.id);
	while (*link != index)
		link = &m->order[*link].next;
	*link = o->next;
	o->state = MARKET_FREE;
	o->next = m->orders_free;
	m->orders_free = index;
}

/* FB_NONE: full of open orders. */
static uint32_t insert(struct fb_market *m, const struct fb_order *order)
{
	if (m->orders_open == m->orders_max)
		return FB_NONE;
	if (m->orders_free == FB_NONE)
		forget_oldest(m);
	uint32_t index = m->orders_free, *head = bucket_of(m, &order->id);
	m->orders_free = m->order[index].next;
	m->order[index] = (struct market_order){
		.order = *order,
		.next = *head,
		.state = MARKET_ARRIVING,
		.cancels = FB_NONE,
		.arrival = ++m->arrivals,
	};
	*head = index;
	m->orders_open++;
	return index;
}

void fb_market_closed(struct fb_market *m, uint32_t index, const struct fb_event *event)
{
	struct market_order *o = &m->order[index];
	if (event->kind == FB_EVENT_FILL || o->state != MARKET_ANSWERED || o->told ||
	    !same_id(&o->order.id, &event->id))
		return; /* a fill; or told before, and perhaps forgotten since */
	o->told = true;
	m->orders_open--;
	if (o->cancels != FB_NONE)
		m->account[o->cancels].cancelling--;
	m->closed[(m->closed_first + m->closed_n++) % m->closed_max] = index;
}

/* ---- answers ---- */

static void tell_fill(struct fb_market *m, int64_t due_us, uint32_t index, unsigned k)
{
	const struct market_order *o = &m->order[index];
	const struct fb_event event = {
		.id = o->order.id,
		.account = o->order.account,
		.position = o->order.position,
		.symbol = o->order.symbol,
		.kind = FB_EVENT_FILL,
		.verb = o->order.verb,
		.number = k + 1,
		.qty = o->fill[k].qty,
		.value_e8 = fb_i128_of(o->fill[k].value_e8),
	};
	fb_market_tell(m, due_us, index, &event);
}

static void tell_closed(struct fb_market *m, int64_t due_us, uint32_t index)
{
	const struct market_order *o = &m->order[index];
	const struct fb_event event = {
		.id = o->order.id,
		.account = o->order.account,
		.position = o->order.position,
		.symbol = o->order.symbol,
		.kind = o->kind,
		.verb = o->order.verb,
		.number = o->number,
		.qty = o->qty,
		.value_e8 = fb_i128_of(o->value_e8),
	};
	fb_market_tell(m, due_us, index, &event);
}

/* An account's answers come in order, unless one is slow; and what is slow still comes after what
 * the account was told before it happened, so that CANCEL_ALL's answer follows its users' fills. */
static void answer(struct fb_market *m, uint32_t index, bool again)
{
	struct market_order *o = &m->order[index];
	uint32_t owner = fb_market_account_index(m, o->order.account);
	struct market_account nobody = { 0 },
			      *a = owner == FB_NONE ? &nobody : &m->account[owner];
	bool slow = !again && fb_market_chance(m, m->options.slow_e7),
	     lost = !again && fb_market_chance(m, m->options.lost_e7);
	bool late[MARKET_FILLS] = { false };
	int64_t due_us = fb_market_after(m->now_us, fb_market_delay(m, slow));
	if (due_us < a->told_us)
		due_us = a->told_us;
	for (unsigned k = 0; k < o->fills; k++) {
		late[k] = !again && fb_market_chance(m, m->options.late_e7);
		if (late[k])
			continue;
		tell_fill(m, due_us, index, k);
		due_us = fb_market_after(due_us, fb_market_delay(m, false) / 4);
	}
	if (!lost)
		tell_closed(m, due_us, index);
	for (unsigned k = 0; k < o->fills; k++)
		if (late[k])
			tell_fill(m, fb_market_after(due_us, 1 + fb_market_delay(m, slow)), index,
				  k);
	if (!slow)
		a->told_us = due_us;
}

/* ---- arrival ---- */

static size_t room_for(const struct fb_order *order)
{
	return order->verb == FB_VERB_REDUCE ? MARKET_ROOM_TRADE : MARKET_ROOM_CLOSE;
}

/* Microseconds that a new order is on its way in; 0: none. CANCEL_ALL always takes a while in which
 * working orders can still fill; a REDUCE that is slow may meet a CANCEL_ALL. */
static int64_t way_in(struct fb_market *m, const struct fb_order *order)
{
	if (order->verb != FB_VERB_CANCEL_ALL && order->verb != FB_VERB_REDUCE)
		return 0;
	bool slow = fb_market_chance(m, m->options.slow_e7);
	if (order->verb == FB_VERB_REDUCE && !slow)
		return 0;
	return 1 + fb_market_delay(m, slow);
}

void fb_market_effect(struct fb_market *m, uint32_t index)
{
	struct market_order *o = &m->order[index];
	m->reserved -= room_for(&o->order);
	fb_market_execute(m, o);
	answer(m, index, false);
}

static int send_again(struct fb_market *m, uint32_t index, const struct fb_order *order)
{
	if (!same_order(&m->order[index].order, order))
		return -EINVAL; /* the id of another order */
	if (m->order[index].state != MARKET_ANSWERED)
		return 0; /* on its way: it will be answered */
	if (fb_market_room(m) < MARKET_ROOM_ANSWER)
		return -EAGAIN;
	answer(m, index, true);
	return 0;
}

int fb_market_send(struct fb_venue *venue, const struct fb_order *order)
{
	struct fb_market *m = (struct fb_market *)venue;
	uint32_t index = find(m, &order->id);
	if (index != FB_NONE)
		return send_again(m, index, order);
	if (fb_market_room(m) < room_for(order))
		return -EAGAIN;
	index = insert(m, order);
	if (index == FB_NONE)
		return -EAGAIN;
	struct market_order *o = &m->order[index];
	if (fb_market_chance(m, m->options.reject_e7)) {
		o->state = MARKET_ANSWERED;
		o->kind = FB_EVENT_REJECT;
		o->number = MARKET_BUSY;
		answer(m, index, false);
		return 0;
	}
	int64_t delay_us = way_in(m, order);
	if (delay_us > 0) {
		m->reserved += room_for(order);
		if (order->verb == FB_VERB_CANCEL_ALL)
			o->cancels = fb_market_account_index(m, order->account);
		if (o->cancels != FB_NONE)
			m->account[o->cancels].cancelling++;
		fb_market_later(m, fb_market_after(m->now_us, delay_us), index);
		return 0;
	}
	fb_market_execute(m, o);
	answer(m, index, false);
	return 0;
}
