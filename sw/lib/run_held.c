/* See run_held.h. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run_host.h"
#include "sort.h"

int fb_held_open(struct fb_held *held, uint32_t accounts)
{
	memset(held, 0, sizeof(*held));
	held->lists_max = accounts;
	held->sents_max = 4 * (uint64_t)accounts + 64;
	held->list = calloc((size_t)accounts + 1, sizeof(*held->list));
	held->sent = calloc(held->sents_max, sizeof(*held->sent));
	held->key = calloc((size_t)accounts + 1, sizeof(*held->key));
	held->scratch = calloc((size_t)accounts + 1, sizeof(*held->scratch));
	return held->list && held->sent && held->key && held->scratch ? 0 : -ENOMEM;
}

void fb_held_close(struct fb_held *held)
{
	free(held->list);
	free(held->sent);
	free(held->key);
	free(held->scratch);
}

void fb_held_look(struct fb_held *held, struct fb_book *book, uint32_t account)
{
	struct fb_book_account *a = &book->account[account];
	if (a->held_looked)
		return;
	assert(held->lists < held->lists_max);
	a->held_looked = true;
	held->list[held->lists++] = account;
}

/* By number. */
static void sort(struct fb_held *held)
{
	for (uint32_t i = 0; i < held->lists; i++)
		held->key[i] = (struct fb_sort_key){ held->list[i], i };
	fb_sort_keys(held->key, held->scratch, held->lists);
	for (uint32_t i = 0; i < held->lists; i++)
		held->list[i] = (uint32_t)held->key[i].key;
}

static int tell(struct fb_host *h, uint32_t account, bool is_held,
		int (*command)(void *context, union fb_command *command))
{
	struct fb_held *held = &h->held_accounts;
	const struct fb_book_account *a = &h->book->account[account];
	union fb_command c = { .account = {
				       .op = FB_OP_ACCOUNT,
				       .flags = FB_FLAG_SET_LEVEL,
				       .account = a->id,
				       .collateral = (int64_t)a->collateral_e8,
				       .addend = fb_i128_of(a->addend_e15),
				       .class_id = a->class_id,
				       .role = a->role,
				       .level = a->level,
				       .held = is_held,
			       } };
	int err = command(h, &c);
	held->sent[held->sents++ % held->sents_max] = (struct fb_held_level){
		.seq = c.header.seq, .account = account, .level = c.account.level
	};
	return err;
}

int fb_held_send(struct fb_host *h, int (*command)(void *context, union fb_command *command))
{
	struct fb_held *held = &h->held_accounts;
	uint32_t kept = 0;
	int err = 0;
	sort(held);
	for (uint32_t i = 0; i < held->lists; i++) {
		uint32_t account = held->list[i];
		struct fb_book_account *a = &h->book->account[account];
		bool is_held = fb_waterfall_state(h->waterfall, account) > FB_UNWINDING;
		bool room = held->sents - held->taken < held->sents_max;
		a->held_looked = false;
		if (err || is_held == (a->held != 0))
			continue;
		/* Collateral that fits no command makes level 8, which is excluded anyway. */
		if (!room || !fb_fits(a->collateral_e8, FB_MONEY_BITS)) {
			a->held_looked = true;
			held->list[kept++] = account;
			continue;
		}
		err = tell(h, account, is_held, command);
	}
	held->lists = kept;
	return err;
}

void fb_held_observe(struct fb_host *h, const struct fb_batch *batch)
{
	struct fb_held *held = &h->held_accounts;
	for (; held->taken < held->sents; held->taken++) {
		const struct fb_held_level *sent = &held->sent[held->taken % held->sents_max];
		if (sent->seq > batch->last)
			return;
		h->book->account[sent->account].said = sent->level;
		if (!h->book->account[sent->account].host_judged)
			h->book->account[sent->account].level = sent->level;
	}
}
