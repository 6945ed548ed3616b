/* The placer's advice: accounts that are put anew, so that marks get cheaper. See
 * fb_engine_advise().
 *
 * Whom an engine names is an input, for another engine names others: ADVICE in the log. What
 * follows from it is one batch that leaves the account as it was: positions removed, the account
 * removed, the placer told what comes, the account and its positions put again. Only for an account
 * that is calm, in the waterfall in no way, and with nothing in flight: then no record comes of it.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "run_host.h"

static bool is_quiet(const struct fb_host *h, uint32_t account)
{
	const struct fb_book_account *a = &h->book->account[account];
	return h->book->sealed && h->pendings == 0 && a->role == FB_ROLE_USER && a->rows_live > 0 &&
	       !a->held && !a->busy && !a->host_judged && !a->listed && a->level == FB_LEVEL_CALM &&
	       fb_fits(a->collateral_e8, FB_MONEY_BITS);
}

static union fb_command position(const struct fb_host *h, const struct fb_book_row *row)
{
	return (union fb_command){ .position = {
					   .op = FB_OP_POSITION,
					   .account = h->book->account[row->account].id,
					   .position = row->id,
					   .symbol = row->symbol,
					   .row_flags = row->flags,
					   .qty = row->qty,
					   .entry = row->entry_e8,
					   .addend = row->addend_e7,
				   } };
}

static union fb_command whole_account(const struct fb_book_account *a)
{
	return (union fb_command){ .account = {
					   .op = FB_OP_ACCOUNT,
					   .flags = FB_FLAG_SET_LEVEL,
					   .account = a->id,
					   .collateral = (int64_t)a->collateral_e8,
					   .addend = fb_i128_of(a->addend_e15),
					   .class_id = a->class_id,
					   .role = a->role,
				   } };
}

static int put_anew(struct fb_host *h, const struct fb_book_account *a)
{
	union fb_command put[FB_ROWS_PER_ACCOUNT], account = whole_account(a),
		removal = { .account = { .op = FB_OP_ACCOUNT,
					 .flags = FB_FLAG_REMOVE,
					 .account = a->id } };
	uint16_t symbols[FB_ROWS_PER_ACCOUNT];
	size_t n = 0;
	int err = 0;
	for (uint32_t i = a->first; i != FB_NONE; i = h->book->row[i].next)
		if (h->book->row[i].live) {
			symbols[n] = h->book->row[i].symbol;
			put[n++] = position(h, &h->book->row[i]);
		}
	for (size_t i = 0; i < n && !err; i++) {
		union fb_command c = put[i];
		c.position.qty = c.position.entry = 0;
		err = fb_host_command(h, &c, true);
	}
	if (!err)
		err = fb_host_command(h, &removal, true);
	fb_engine_expect(h->engine.engine, a->id, symbols, n);
	if (h->check.engine)
		fb_engine_expect(h->check.engine, a->id, symbols, n);
	if (!err)
		err = fb_host_command(h, &account, true);
	for (size_t i = 0; i < n && !err; i++)
		err = fb_host_command(h, &put[i], i + 1 < n);
	return err;
}

int fb_host_put_anew(struct fb_host *h, uint32_t account_id)
{
	uint32_t account = fb_book_account_index(h->book, account_id);
	if (account == FB_NONE || !is_quiet(h, account))
		return fb_error_set(h->error, -EINVAL,
				    "advice: account %u cannot be put anew: it is not there or not "
				    "calm",
				    account_id);
	int err = fb_log_put(h->log, FB_LOG_ADVICE, h->book->seq, &account_id, sizeof(account_id),
			     h->error);
	if (!err)
		err = put_anew(h, &h->book->account[account]);
	return err ? err : fb_host_drain(h, 0);
}

int fb_host_advise(struct fb_host *h)
{
	uint32_t id;
	int err = 0;
	for (unsigned k = 0; k < FB_ADVICE_MOST && h->pendings == 0 && !err; k++) {
		if (!fb_engine_advise(h->engine.engine, &id))
			return 0;
		uint32_t account = fb_book_account_index(h->book, id);
		if (account != FB_NONE && is_quiet(h, account))
			err = fb_host_put_anew(h, id);
	}
	return err;
}
