/* A host is opened, told of the accounts to come, loaded and closed. See run_host.h. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run_concern.h"
#include "run_conditions.h"
#include "waterfall_internal.h"

/* Far above what any crash needs of an account, and below what a loop gone wild would send. The
 * pack's price of deleveraging says how far from the mark a pair may be. */
static struct fb_governor_caps caps_of(const struct fb_rules *rules)
{
	const struct fb_adl_policy *a = &rules->adl;
	bool foreign = a->price == FB_ADL_AT_PREVIOUS || a->price == FB_ADL_AT_ORACLE;
	return (struct fb_governor_caps){
		.account_orders = 20000,
		.orders = 1000000,
		.account_share_e7 = 30000000, /* three times what it had when it was held */
		.adl_worse_e7 = foreign || a->siblings == FB_SIBLINGS_AVERAGE
					? 10000000
					: (uint32_t)a->spread_e7,
		.adl_own_price = foreign || a->price == FB_ADL_BETWEEN ||
				 a->siblings == FB_SIBLINGS_AVERAGE,
	};
}

int fb_host_open(struct fb_host *h, const struct fb_rules *rules,
		 const struct fb_log_config *config, const struct fb_host_options *options,
		 struct fb_error *error)
{
	h->rules = rules;
	h->config = *config;
	h->error = error;
	/* Room for a record of every account in every batch in flight, and for rejects; or for one
	 * of every position. */
	size_t room = (size_t)(config->ahead + 2) * ((size_t)config->accounts + 4096) +
		      config->rows;
	char uri[FB_LINK_URI_ROOM];
	int err = fb_link_open(&h->engine, fb_link_uri(options->engine, config, uri), room,
			       options->delay_seed, error);
	if (!err && options->check)
		err = fb_link_open(&h->check, options->check, room, 0, error);
	if (err)
		return err;
	err = fb_book_open(config->accounts, config->rows, config->ahead, &h->book);
	if (!err)
		err = fb_conditions_open(&h->conditions, rules, fb_conditions_changed, h);
	/* A payment may change every row at every instant in flight. */
	if (!err && rules->funding.schedule != FB_FUNDING_NONE)
		err = fb_book_more_history(h->book,
					   (uint64_t)config->rows * (config->ahead + 2));
	h->sent = calloc(FB_SENT_MAX, sizeof(*h->sent));
	if (!err)
		err = fb_standby_open(h, options->standby);
	if (!h->sent || fb_sweep_open(&h->sweep, config->accounts) ||
	    fb_held_open(&h->held_accounts, config->accounts) ||
	    fb_rankings_open(&h->rankings, options->rank_check, config->rows))
		err = -ENOMEM;
	if (!err)
		err = fb_confirm_open(h->book, fb_waterfall_act_level(rules), &h->confirm);
	if (!err)
		err = fb_host_margin_open(h);
	h->confirm.keep_level = fb_waterfall_keep_level(rules);
	h->confirm.buffer_e7 = fb_waterfall_buffer(rules);
	if (!err)
		err = fb_waterfall_open(h->book, rules, config->epoch, &fb_host_decided, h,
					&h->waterfall);
	struct fb_governor_caps allowed = caps_of(rules);
	fb_governor_worse(rules, &allowed);
	if (!err)
		h->waterfall->conditions = &h->conditions;
	if (!err)
		err = fb_governor_open(h->book, &allowed,
				       2 * config->rows + 2 * config->accounts + 8192,
				       &h->governor);
	if (err)
		return fb_error_set(error, err, "out of memory for %u accounts and %u positions",
				    config->accounts, config->rows);
	memcpy(h->summary.venue, rules->venue, sizeof(h->summary.venue));
	h->summary.checked = h->check.engine != NULL;
	return 0;
}

int fb_host_expect(struct fb_host *h, uint32_t account, uint32_t owner, const uint16_t *symbols,
		   size_t n)
{
	struct {
		uint32_t account, owner;
		uint16_t symbol[FB_ROWS_PER_ACCOUNT];
	} entry;
	assert(n <= FB_ROWS_PER_ACCOUNT);
	entry.account = account;
	entry.owner = owner;
	if (h->book->accounts < h->book->accounts_max)
		fb_waterfall_owner(h->waterfall, h->book->accounts, owner);
	if (n > 0)
		memcpy(entry.symbol, symbols, n * sizeof(*symbols));
	fb_engine_expect(h->engine.engine, account, symbols, n);
	if (h->check.engine)
		fb_engine_expect(h->check.engine, account, symbols, n);
	return fb_log_put(h->log, FB_LOG_EXPECT, h->book->seq + 1, &entry,
			  2 * sizeof(account) + n * sizeof(*symbols), h->error);
}

int fb_host_loaded(struct fb_host *h)
{
	uint32_t fund = fb_book_account_index(h->book, FB_ID_FUND);
	if (fund == FB_NONE)
		return fb_error_set(h->error, -EPROTO,
				    "loading ended without an account for the fund");
	if (h->confirm.everyone) /* those who came after that too */
		fb_confirm_host_judges_all(&h->confirm);
	fb_book_seal(h->book);
	fb_confirm_watch(&h->confirm, fund);
	uint32_t backstop = fb_book_account_index(h->book, FB_ID_BACKSTOP);
	if (backstop != FB_NONE)
		fb_confirm_watch(&h->confirm, backstop);
	h->summary.accounts = h->book->accounts;
	h->summary.positions = h->book->rows;
	for (unsigned i = 0; i < FB_SYMBOLS; i++)
		h->summary.symbols += h->book->symbol[i].defined;
	h->summary.fund_start_e8 = h->book->account[fund].collateral_e8;
	h->summary.fund_equity_min_e8 = h->summary.fund_equity_e8 = h->summary.fund_start_e8;
	h->summary.fund_collateral_e8 = h->summary.fund_start_e8;
	return fb_log_put(h->log, FB_LOG_LOADED, h->book->seq, NULL, 0, h->error);
}

void fb_host_close(struct fb_host *h)
{
	fb_link_close(&h->engine);
	fb_link_close(&h->check);
	fb_standby_close(&h->standby);
	free(h->sent);
	fb_sweep_close(&h->sweep);
	fb_held_close(&h->held_accounts);
	fb_rankings_close(&h->rankings);
	fb_waterfall_close(h->waterfall);
	fb_conditions_close(&h->conditions);
	fb_governor_close(h->governor);
	fb_confirm_close(&h->confirm);
	fb_venue_judge_close(&h->judge);
	fb_book_close(h->book);
	fb_report_close(h->report);
	fb_log_close(h->log, NULL);
}
