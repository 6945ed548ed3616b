/* What an operator tells the host; and settlement, which he may order and dated contracts come to
 * by themselves. See run_host.h. */
#include <errno.h>

#include "run_conditions.h"
#include "run_host.h"

static int settle(struct fb_host *h, uint16_t symbol)
{
	int err = fb_waterfall_settle(h->waterfall, symbol);
	if (!err)
		fb_governor_settles(h->governor, symbol);
	return err == -EALREADY ? 0 : err;
}

/* One symbol, or all that there are. */
static int operator_settles(struct fb_host *h, uint32_t symbol)
{
	int err = symbol < FB_SYMBOLS ? settle(h, (uint16_t)symbol) : 0;
	for (uint32_t s = 0; symbol == FB_NONE && s < FB_SYMBOLS && !err; s++)
		if (h->book->symbol[s].defined)
			err = settle(h, (uint16_t)s);
	return err;
}

static bool can_settle(const struct fb_host *h, uint32_t symbol)
{
	return h->rules->policy.settlement != FB_SETTLEMENT_NONE && h->book->sealed &&
	       (symbol == FB_NONE || (symbol < FB_SYMBOLS && h->book->symbol[symbol].defined));
}

int fb_host_operator(struct fb_host *h, enum fb_operator what, uint32_t account_id)
{
	struct fb_log_operator entry = { .what = what, .account = account_id };
	uint32_t account = fb_book_account_index(h->book, account_id);
	bool one = what == FB_OPERATOR_BLOCK || what == FB_OPERATOR_UNBLOCK,
	     freezes = what == FB_OPERATOR_FREEZE || what == FB_OPERATOR_THAW;
	if (what < FB_OPERATOR_KILL || what > FB_OPERATOR_SETTLE || (one && account == FB_NONE) ||
	    (freezes && account_id >= h->rules->symbols) ||
	    (what == FB_OPERATOR_SETTLE && !can_settle(h, account_id)))
		return fb_error_set(h->error, -EINVAL,
				    "operator: expected kill, allow, resume, block or unblock of "
				    "an account there is, freeze or thaw of a symbol, or settle of "
				    "one where the pack has settlement; found %u, account or "
				    "symbol %u",
				    what, account_id);
	int err = fb_log_put(h->log, FB_LOG_OPERATOR, h->book->seq, &entry, sizeof(entry),
			     h->error);
	if (freezes)
		return err ? err
			   : fb_breakers_operator(h->conditions.breakers, (uint16_t)account_id,
						  what == FB_OPERATOR_FREEZE);
	if (one)
		h->book->account[account].blocked = what == FB_OPERATOR_BLOCK;
	else if (what == FB_OPERATOR_SETTLE)
		err = err ? err : operator_settles(h, account_id);
	else if (what != FB_OPERATOR_RESUME)
		fb_governor_kill(h->governor, what == FB_OPERATOR_KILL);
	else if (!err)
		err = fb_host_explain(h, fb_waterfall_resume(h->waterfall));
	return err;
}

int fb_host_settle_expired(struct fb_host *h, int64_t time_us)
{
	int err = 0;
	if (h->rules->policy.settlement == FB_SETTLEMENT_NONE || !h->book->sealed)
		return 0;
	for (unsigned s = 0; s < h->rules->symbols && !err; s++) {
		int64_t expires_us = h->rules->symbol[s].expires_us;
		if (expires_us != 0 && time_us >= expires_us && h->book->symbol[s].defined)
			err = settle(h, (uint16_t)s);
	}
	return err;
}
