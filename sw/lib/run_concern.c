/* See run_concern.h. */
#include "run_concern.h"

static void subject(struct fb_host *h, uint64_t seq, enum fb_concern what, uint32_t id)
{
	h->sent[h->sents++ % FB_SENT_MAX] =
		(struct fb_sent){ .seq = seq, .what = (uint8_t)what, .id = id };
}

void fb_concern_sent(struct fb_host *h, const union fb_command *c)
{
	uint64_t seq = c->header.seq;
	switch (c->header.op) {
	case FB_OP_MARKS:
		for (unsigned i = 0; i < c->marks.count; i++)
			subject(h, seq, FB_CONCERNS_SYMBOL, c->marks.mark[i] & 0xfff);
		break;
	case FB_OP_SYMBOL: subject(h, seq, FB_CONCERNS_SYMBOL, c->symbol.symbol); break;
	case FB_OP_FUNDING: subject(h, seq, FB_CONCERNS_SYMBOL, c->funding.symbol); break;
	case FB_OP_POSITION:
	case FB_OP_FILL:
	case FB_OP_ACCOUNT:
	case FB_OP_COLLATERAL:
		subject(h, seq, FB_CONCERNS_ACCOUNT, c->header.account);
		break;
	case FB_OP_CLASS:
	case FB_OP_LADDER: subject(h, seq, FB_CONCERNS_ALL, 0); break;
	default: break; /* questions: about nobody */
	}
}

void fb_host_judges_all(struct fb_host *h)
{
	h->alarms.everyone++;
	fb_confirm_host_judges_all(&h->confirm);
}

void fb_host_judges_id(struct fb_host *h, uint32_t id)
{
	uint32_t account = fb_book_account_index(h->book, id);
	if (account != FB_NONE)
		fb_confirm_host_judges(&h->confirm, account);
}

void fb_host_judges_symbol(struct fb_host *h, uint32_t symbol, uint64_t since)
{
	for (uint32_t i = 0; i < h->book->rows; i++) {
		const struct fb_book_row *row = &h->book->row[i];
		if (row->symbol == symbol && (row->live || row->changed >= since))
			fb_confirm_host_judges(&h->confirm, row->account);
	}
}

void fb_host_judges_batch(struct fb_host *h, const struct fb_batch *batch)
{
	uint64_t kept = h->sents < FB_SENT_MAX ? h->sents : FB_SENT_MAX;
	if (kept == FB_SENT_MAX && h->sent[h->sents % FB_SENT_MAX].seq >= batch->first) {
		fb_host_judges_all(h);
		return;
	}
	for (uint64_t i = 1; i <= kept; i++) {
		const struct fb_sent *s = &h->sent[(h->sents - i) % FB_SENT_MAX];
		if (s->seq < batch->first)
			return;
		if (s->seq > batch->last)
			continue;
		if (s->what == FB_CONCERNS_SYMBOL)
			fb_host_judges_symbol(h, s->id, batch->first);
		else if (s->what == FB_CONCERNS_ACCOUNT)
			fb_host_judges_id(h, s->id);
		else
			fb_host_judges_all(h);
	}
}
