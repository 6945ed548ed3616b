/* Open orders of the waterfall: a bounded pool, found by id, listed by age. Ids are pure functions
 * of what came before: the sequence of the newest command in the book, and a count within it. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fetch.h"
#include "mix.h"
#include "pages.h"
#include "waterfall_internal.h"

int fb_orders_open(struct fb_waterfall *w, uint32_t slots)
{
	uint32_t buckets = 16;
	while (buckets < slots)
		buckets *= 2;
	w->mask = buckets - 1;
	w->slot = fb_pages(slots, sizeof(*w->slot));
	w->bucket = malloc(buckets * sizeof(*w->bucket));
	if (!w->slot || !w->bucket)
		return -ENOMEM;
	memset(w->bucket, 0xff, buckets * sizeof(*w->bucket));
	for (uint32_t i = 0; i < slots; i++)
		w->slot[i].next = i + 1 < slots ? i + 1 : FB_NONE;
	w->free = 0;
	w->first = w->last = FB_NONE;
	return 0;
}

void fb_orders_close(struct fb_waterfall *w)
{
	free(w->slot);
	free(w->bucket);
}

static uint32_t *bucket_of(struct fb_waterfall *w, const struct fb_order_id *id)
{
	/* Orders of one decision follow each other: sixteen of them share a line. */
	uint64_t key = id->sequence * 0x10001 + (id->index >> 4) + ((uint64_t)id->epoch << 40);
	return &w->bucket[(fb_mix(key) << 4 | (id->index & 15)) & w->mask];
}

static bool same_id(const struct fb_order_id *a, const struct fb_order_id *b)
{
	return a->sequence == b->sequence && a->epoch == b->epoch && a->index == b->index;
}

struct fb_open *fb_orders_find(struct fb_waterfall *w, const struct fb_order_id *id)
{
	uint32_t i = *bucket_of(w, id);
	while (i != FB_NONE && !same_id(&w->slot[i].order.id, id))
		i = w->slot[i].next;
	return i == FB_NONE ? NULL : &w->slot[i];
}

static bool moves_nothing(const struct fb_open *open)
{
	return open->row == FB_NONE && open->counter == FB_NONE;
}

/* A decision may send many: the slot after next, and a line of buckets that begins soon. */
static void fetch_next(struct fb_waterfall *w, const struct fb_order_id *id)
{
	if ((id->index & 15) == 0) {
		struct fb_order_id ahead = *id;
		ahead.index += 16;
		fb_fetch_to_write(bucket_of(w, &ahead));
	}
	if (w->free == FB_NONE)
		return;
	const char *next = (const char *)&w->slot[w->free];
	fb_fetch_to_write(next);
	fb_fetch_to_write(next + 64);
}

/* Takes the free slot, in which the order may lie already; joins the list of open orders at its
 * end. */
static void take_slot(struct fb_waterfall *w, const struct fb_open *content)
{
	uint32_t i = w->free, *bucket = bucket_of(w, &content->order.id);
	struct fb_open *open = &w->slot[i];
	assert(i != FB_NONE);
	w->free = open->next;
	if (open != content)
		*open = *content;
	open->next = *bucket;
	*bucket = i;
	open->slot_before = w->last;
	open->slot_after = FB_NONE;
	*(w->last == FB_NONE ? &w->first : &w->slot[w->last].slot_after) = i;
	w->last = i;
	w->open++;
	fetch_next(w, &content->order.id);
}

/* A pair closes lots of its counterparty too. */
static void promise(struct fb_waterfall *w, const struct fb_open *open, int sign)
{
	int64_t n = open->order.qty < 0 ? -open->order.qty : open->order.qty;
	if (open->order.verb != FB_VERB_ADL_PAIR)
		return;
	w->pairs_open += (uint32_t)sign;
	w->promised[open->counter_row] += sign * n;
	if (w->pairs_open > 0)
		return;
	FB_TELL(w, over, w);
	for (uint32_t i = 0; i < w->turned; i++) {
		w->cases[w->turned_away[i]].turned_away = false;
		w->ops->watch(w->context, w->turned_away[i]);
	}
	w->turned = 0;
}

void fb_orders_end(struct fb_waterfall *w, struct fb_open *open)
{
	uint32_t i = (uint32_t)(open - w->slot), *link = bucket_of(w, &open->order.id);
	while (*link != i)
		link = &w->slot[*link].next;
	*link = open->next;
	*(open->slot_before == FB_NONE ? &w->first : &w->slot[open->slot_before].slot_after) =
		open->slot_after;
	*(open->slot_after == FB_NONE ? &w->last : &w->slot[open->slot_after].slot_before) =
		open->slot_before;
	bool own = open->purpose != FB_FOR_VENUE;
	assert(w->cases[open->account].open >= own && w->open > 0);
	w->cases[open->account].open -= own;
	w->final[open->order.symbol].open -= open->row != FB_NONE;
	if (open->purpose == FB_FOR_SPREAD)
		w->cases[open->counter].asked_e8 -= open->order.value_e8;
	promise(w, open, -1);
	w->open--;
	fb_house_reserve(w, open, -1);
	open->next = w->free;
	w->free = i;
}

static void next_id(struct fb_waterfall *w, struct fb_order_id *id)
{
	if (w->sequence != w->book->seq) {
		w->sequence = w->book->seq;
		w->index = 0;
	}
	*id = (struct fb_order_id){ .epoch = w->epoch,
				    .sequence = w->sequence,
				    .index = w->index };
}

/* The account hears of it as of everything else: the table says what it means. */
static int not_sent(struct fb_waterfall *w, const struct fb_open *open, enum fb_refusal why)
{
	uint32_t account = open->account;
	bool later = why == FB_REFUSED_KILL || why == FB_REFUSED_CAP || why == FB_REFUSED_FULL;
	int err = 0;
	if (open->purpose == FB_FOR_VENUE) { /* tried again at the next tick */
		*(later ? &w->counts.deferred : &w->counts.refused) += 1;
		return 1;
	}
	w->cases[account].deferred = true;
	if (later) {
		w->counts.deferred++;
		w->cases[account].not_before_us = w->time_us + 1;
	} else {
		w->counts.refused++;
		err = fb_waterfall_note(w, account, FB_NOTICE_STUCK, (int64_t)why, 0);
	}
	if (!err)
		err = fb_waterfall_dispatch(w, account, later ? FB_DEFERRED : FB_REFUSED, NULL);
	return err ? err : 1;
}

int fb_orders_send(struct fb_waterfall *w, struct fb_open *open)
{
	const struct fb_book_row *row = open->row == FB_NONE ? NULL : &w->book->row[open->row];
	struct fb_order *o = &open->order;
	if (w->free == FB_NONE) {
		FB_TELL(w, sent, open, FB_REFUSED_FULL);
		return not_sent(w, open, FB_REFUSED_FULL);
	}
	next_id(w, &o->id);
	o->account = w->book->account[open->account].id;
	if (row) {
		o->position = row->id;
		o->symbol = row->symbol;
	}
	if (open->counter != FB_NONE && open->purpose != FB_FOR_SETTLING)
		o->counter_account = w->book->account[open->counter].id;
	if (open->purpose == FB_FOR_SPREAD) { /* the payer's order, for the bankrupt's sake */
		o->counter_account = o->account;
		o->account = w->book->account[open->counter].id;
	}
	if (open->counter_row != FB_NONE)
		o->counter_position = w->book->row[open->counter_row].id;
	w->acts_on = open->account;
	int refused = w->ops->order(w->context, o, false);
	if (refused < 0)
		return refused;
	FB_TELL(w, sent, open, (enum fb_refusal)refused);
	if (refused > 0)
		return not_sent(w, open, (enum fb_refusal)refused);
	w->index++;
	w->counts.orders++;
	open->sent_us = w->time_us;
	if (!moves_nothing(open))
		fb_house_reserve(w, open, 1);
	take_slot(w, open);
	w->cases[open->account].open += open->purpose != FB_FOR_VENUE;
	if (moves_nothing(open))
		return 0;
	w->final[o->symbol].open += open->row != FB_NONE;
	promise(w, open, 1);
	return 0;
}

int fb_orders_again(struct fb_waterfall *w, uint32_t slot)
{
	struct fb_open *open = &w->slot[slot];
	w->acts_on = open->account;
	int refused = w->ops->order(w->context, &open->order, true);
	open->sent_us = w->time_us;
	open->times += open->times < 3; /* up to eight times the patience */
	w->counts.resent++;
	if (refused <= 0)
		return refused;
	w->counts.deferred++;
	if (open->purpose == FB_FOR_VENUE)
		return 0;
	return fb_waterfall_dispatch(w, open->account, FB_DEFERRED, NULL);
}

static void fill(struct fb_open *open, uint32_t account, enum fb_verb verb, enum fb_purpose purpose)
{
	open->order = (struct fb_order){ .verb = (uint8_t)verb };
	open->account = account;
	open->row = open->counter = open->counter_row = FB_NONE;
	open->purpose = (uint8_t)purpose;
	open->done = false;
	open->times = open->rank = open->fills = open->fills_told = 0;
	open->fills_seen = 0;
}

int fb_orders_single(struct fb_waterfall *w, uint32_t account, enum fb_verb verb,
		     enum fb_purpose purpose)
{
	if (w->free == FB_NONE) { /* it will not be sent */
		struct fb_open none = { .next = FB_NONE };
		fill(&none, account, verb, purpose);
		return fb_orders_send(w, &none);
	}
	/* It is made where it will lie. */
	fill(&w->slot[w->free], account, verb, purpose);
	return fb_orders_send(w, &w->slot[w->free]);
}
