/* What the market tells and when: queues of what is due, and the venue's poll. */
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "market_internal.h"

#define MS 1000

static bool before(const struct market_due *a, const struct market_due *b)
{
	return a->due_us != b->due_us ? a->due_us < b->due_us : a->turn < b->turn;
}

static void push(struct market_queue *q, const struct market_due *due)
{
	size_t at = q->n++;
	for (; at > 0 && before(due, &q->due[(at - 1) / 2]); at = (at - 1) / 2)
		q->due[at] = q->due[(at - 1) / 2];
	q->due[at] = *due;
}

static struct market_due pop(struct market_queue *q)
{
	struct market_due first = q->due[0];
	const struct market_due *last = &q->due[--q->n];
	size_t at = 0;
	for (size_t child; (child = 2 * at + 1) < q->n; at = child) {
		if (child + 1 < q->n && before(&q->due[child + 1], &q->due[child]))
			child++;
		if (!before(&q->due[child], last))
			break;
		q->due[at] = q->due[child];
	}
	q->due[at] = *last;
	return first;
}

int fb_market_events_open(struct fb_market *m, size_t events, size_t effects)
{
	m->events.due = calloc(events, sizeof(*m->events.due));
	m->effects.due = calloc(effects + 1, sizeof(*m->effects.due));
	if (!m->events.due || !m->effects.due)
		return -ENOMEM;
	m->events.max = events;
	m->effects.max = effects;
	return 0;
}

void fb_market_events_close(struct fb_market *m)
{
	free(m->events.due);
	free(m->effects.due);
}

size_t fb_market_room(const struct fb_market *m)
{
	size_t used = m->events.n + m->reserved;
	return used < m->events.max ? m->events.max - used : 0;
}

int64_t fb_market_delay(struct fb_market *m, bool slow)
{
	uint32_t usual = m->options.delay_us;
	int64_t delay = usual / 2;
	if (usual > 0)
		delay += fb_market_draw(m, usual);
	return slow ? delay * (2 + fb_market_draw(m, 999)) : delay;
}

int64_t fb_market_after(int64_t t_us, int64_t delay_us)
{
	return (t_us + delay_us + MS - 1) / MS * MS;
}

static void queue_event(struct fb_market *m, int64_t due_us, uint32_t order,
			const struct fb_event *event)
{
	const struct market_due due = {
		.due_us = due_us, .turn = m->turns++, .order = order, .event = *event
	};
	assert(m->events.n < m->events.max); /* whoever tells has asked fb_market_room */
	push(&m->events, &due);
}

void fb_market_tell(struct fb_market *m, int64_t due_us, uint32_t order,
		    const struct fb_event *event)
{
	queue_event(m, due_us, order, event);
	/* Depth is a state, and an old one told again would be wrong. */
	if (event->kind != FB_EVENT_DEPTH && fb_market_chance(m, m->options.twice_e7))
		queue_event(m, fb_market_after(due_us, 1 + fb_market_delay(m, false)), order,
			    event);
}

void fb_market_tell_user(struct fb_market *m, uint32_t account, struct fb_event *event)
{
	struct market_account *a = &m->account[account];
	int64_t due_us = fb_market_after(m->now_us, fb_market_delay(m, false));
	if (a->told_us < due_us)
		a->told_us = due_us;
	event->number = ++a->told;
	fb_market_tell(m, a->told_us, FB_NONE, event);
}

void fb_market_later(struct fb_market *m, int64_t due_us, uint32_t order)
{
	const struct market_due due = { .due_us = due_us, .turn = m->turns++, .order = order };
	assert(m->effects.n < m->effects.max); /* one for each open order at most */
	push(&m->effects, &due);
}

void fb_market_effects_due(struct fb_market *m)
{
	while (m->effects.n > 0 && m->effects.due[0].due_us <= m->now_us)
		fb_market_effect(m, pop(&m->effects).order);
}

/* What comes next by then: an event, or an order's arrival. What is overdue is due now, for time
 * does not run backwards. NULL: nothing. */
static struct market_queue *next_due(struct fb_market *m, int64_t until_us, int64_t *due_us)
{
	struct market_queue *q = &m->events;
	if (q->n == 0 || (m->effects.n > 0 && before(&m->effects.due[0], &q->due[0])))
		q = &m->effects;
	if (q->n == 0)
		return NULL;
	*due_us = q->due[0].due_us < m->now_us ? m->now_us : q->due[0].due_us;
	return *due_us <= until_us ? q : NULL;
}

int fb_market_poll(struct fb_venue *venue, int64_t until_us, struct fb_event *out, size_t room,
		   int64_t *at_us)
{
	struct fb_market *m = (struct fb_market *)venue;
	size_t n = 0;
	if (room == 0)
		return -EINVAL;
	if (room > INT_MAX)
		room = INT_MAX;
	for (;;) {
		int64_t due_us;
		struct market_queue *q = next_due(m, until_us, &due_us);
		if (!q || (n > 0 && due_us != m->now_us) || n == room)
			break;
		m->now_us = due_us;
		struct market_due due = pop(q);
		if (q == &m->effects) {
			fb_market_effect(m, due.order);
			continue;
		}
		if (due.order != FB_NONE)
			fb_market_closed(m, due.order, &due.event);
		out[n++] = due.event;
	}
	if (n == 0 && m->now_us < until_us && until_us < MARKET_TIME_MOST)
		m->now_us = until_us; /* so that no answer comes before its order */
	*at_us = m->now_us;
	return (int)n;
}
