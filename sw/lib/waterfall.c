/* The waterfall's machine: what happens is looked up in the table, and done. A judgement is such a
 * happening. See <firebreak/waterfall.h>. */
#include <errno.h>

#include "fetch.h"
#include "judged.h"
#include "waterfall_fund.h"

#define BLOCK 16u /* accounts of a decision that are told of, and fetched, together */

bool fb_waterfall_is_house(const struct fb_waterfall *w, uint32_t account)
{
	uint8_t role = w->book->account[account].role;
	return role == FB_ROLE_FUND || role == FB_ROLE_BACKSTOP;
}

int fb_waterfall_note(struct fb_waterfall *w, uint32_t account, enum fb_notice_kind kind,
		      int64_t qty, __int128 value_e8)
{
	struct fb_notice notice = {
		.account = w->book->account[account].id,
		.kind = (uint8_t)kind,
		.qty = qty,
		.value_e8 = fb_i128_of(value_e8),
	};
	return w->ops->notice(w->context, &notice);
}

static bool at_rest(enum fb_state state)
{
	return state <= FB_CALLED || state == FB_CLEARED || state == FB_UNWINDING ||
	       state == FB_CLOSED;
}

void fb_waterfall_enter(struct fb_waterfall *w, uint32_t account, enum fb_state state)
{
	w->cases[account].state = (uint8_t)state;
	w->held[account] = state > FB_UNWINDING;
	w->book->account[account].busy = !at_rest(state);
	if (!at_rest(state))
		w->ops->watch(w->context, account);
}

static int note_state(struct fb_waterfall *w, uint32_t account, enum fb_state next)
{
	enum fb_notice_kind kind = next == FB_WARNED   ? FB_NOTICE_WARNED
				   : next == FB_CALLED ? FB_NOTICE_CALLED
						       : FB_NOTICE_CALM;
	w->counts.warnings += next == FB_WARNED;
	w->counts.calls += next == FB_CALLED;
	return fb_waterfall_note(w, account, kind, 0, 0);
}

/* HOLD, CANCEL_ALL or RELEASE, and the state that waits for its answer. */
static int send_single(struct fb_waterfall *w, uint32_t account, enum fb_verb verb,
		       enum fb_purpose purpose, enum fb_state next)
{
	int err = fb_orders_single(w, account, verb, purpose);
	if (!err)
		fb_waterfall_enter(w, account, next);
	return err < 0 ? err : 0;
}

static int unwind(struct fb_waterfall *w, uint32_t account, enum fb_state next)
{
	int sent = fb_size_unwind(w, account);
	if (sent > 0 && w->cases[account].state == FB_CALM)
		fb_waterfall_enter(w, account, next);
	return sent < 0 ? sent : 0;
}

/* The last of an account's orders is closed: did they move anything? */
static void note_progress(const struct fb_waterfall *w, struct fb_case *c)
{
	if (!c->progressed && !c->closing) /* a cut; at once again the same would come of it */
		c->not_before_us = w->time_us + FB_PAUSE_US;
	c->idle = c->progressed ? 0 : c->idle < UINT8_MAX ? c->idle + 1 : c->idle;
	c->progressed = false;
}

static void go(struct fb_waterfall *w, uint32_t account, enum fb_happening what,
	       enum fb_state next)
{
	struct fb_case *c = &w->cases[account];
	if (what == FB_HOLD_DONE)
		c->hold_done = true;
	if (what == FB_CANCEL_DONE && next == FB_CLEARED)
		w->counts.clears++;
	/* What the houses took is what they have room for: the rest is not theirs, be there room
	 * for a little more later. */
	if (what == FB_ORDERS_DONE && c->stage == FB_STAGE_TAKEOVER && c->progressed) {
		if (w->policy->order == FB_ORDER_ALL)
			c->stage = FB_STAGE_ADL;
		else if (c->short_row != FB_NONE)
			w->full[c->short_row] = true;
	}
	/* From a reduction that filled on, those to come are whole for a while. */
	if (what == FB_ORDERS_DONE && (c->stage == FB_STAGE_REDUCE || c->stage == FB_STAGE_BOOK) &&
	    c->progressed && c->closing && w->policy->whole_in_cooldown)
		c->cool_until_us = w->time_us + (int64_t)w->policy->cooldown_us;
	if (what == FB_ORDERS_DONE)
		note_progress(w, c);
	if (what == FB_RELEASE_DONE) {
		c->hold_done = c->progressed = c->closing = false;
		c->stage = FB_STAGE_REDUCE;
		c->idle = 0;
		fb_fund_bear(w, account, 0);
		w->counts.released++;
	}
	fb_waterfall_enter(w, account, next);
	if (next == FB_CALM || next == FB_CALLED || next == FB_CLEARED)
		w->ops->watch(w->context, account);
}

static int resume(struct fb_waterfall *w, uint32_t account)
{
	const struct fb_case *c = &w->cases[account];
	enum fb_state held = c->open > 0 ? FB_WITHDRAWING : FB_HELD,
		      house = c->open > 0 ? FB_UNWINDING : FB_CALM;
	fb_waterfall_enter(w, account, c->hold_done ? held : house);
	w->ops->watch(w->context, account);
	return 0;
}

static int dispatch(struct fb_waterfall *w, uint32_t account, enum fb_happening what,
		    const struct fb_judged *judged)
{
	enum fb_state state = w->cases[account].state;
	const struct fb_cell *cell = &fb_waterfall_table[state][what];
	w->hits[state][what]++;
	switch ((enum fb_action)cell->action) {
	case FB_DO_NEVER: w->counts.violations++; return 0;
	case FB_DO_NOTHING: return 0;
	case FB_DO_GO:
		go(w, account, what, cell->next);
		return what == FB_RELEASE_DONE
			       ? fb_waterfall_note(w, account, FB_NOTICE_RELEASED, 0, 0)
			       : 0;
	case FB_DO_NOTE:
		fb_waterfall_enter(w, account, cell->next);
		return note_state(w, account, cell->next);
	case FB_DO_JUDGE: w->ops->watch(w->context, account); return 0;
	case FB_DO_HOLD:
		return send_single(w, account, FB_VERB_HOLD, FB_FOR_STATE, cell->next);
	case FB_DO_CLEAR:
	case FB_DO_CANCEL:
		return send_single(w, account, FB_VERB_CANCEL_ALL, FB_FOR_STATE, cell->next);
	case FB_DO_WITHDRAW:
		return send_single(w, account, FB_VERB_CANCEL_ALL, FB_FOR_STEP, cell->next);
	case FB_DO_RELEASE:
		return send_single(w, account, FB_VERB_RELEASE, FB_FOR_STATE, cell->next);
	case FB_DO_STEP: return fb_step(w, judged, what);
	case FB_DO_UNWIND: return unwind(w, account, cell->next);
	case FB_DO_AGAIN: return 0; /* the order itself is sent by whoever found it overdue */
	case FB_DO_STOP:
		fb_waterfall_enter(w, account, cell->next);
		return 0;
	case FB_DO_RESUME: return resume(w, account);
	case FB_ACTIONS: break;
	}
	return -EPROTO; /* not an action of the table */
}

int fb_waterfall_dispatch(struct fb_waterfall *w, uint32_t account, enum fb_happening what,
			  const struct fb_judged *judged)
{
	FB_TELL(w, before, account, what, judged);
	int err = dispatch(w, account, what, judged);
	FB_TELL(w, after, account);
	return err;
}

int fb_waterfall_resume(struct fb_waterfall *w)
{
	for (uint32_t i = 0; i < w->book->accounts; i++) {
		int err = fb_waterfall_dispatch(w, i, FB_RESUMED, NULL);
		if (err)
			return err;
	}
	return 0;
}

unsigned fb_waterfall_act_level(const struct fb_rules *rules)
{
	unsigned level = rules->liquidate_level;
	if (rules->policy.cut_level != 0 && rules->policy.cut_level < level)
		level = rules->policy.cut_level;
	if (rules->policy.cancel_level != 0 && rules->policy.cancel_level < level)
		level = rules->policy.cancel_level;
	return level;
}

unsigned fb_waterfall_keep_level(const struct fb_rules *rules)
{
	unsigned level = fb_waterfall_act_level(rules), until = rules->policy.until_level;
	return until != 0 && until < level ? until : level;
}

uint32_t fb_waterfall_buffer(const struct fb_rules *rules)
{
	const struct fb_policy *p = &rules->policy;
	bool has = p->reduce == FB_REDUCE_AMOUNT && p->amount_to == FB_AMOUNT_TO_BUFFER;
	return has ? p->buffer_e7 : 0;
}

static enum fb_happening seen_at(const struct fb_waterfall *w, unsigned level)
{
	const struct fb_policy *p = w->policy;
	if (level >= w->rules->liquidate_level)
		return FB_SEEN_BREACH;
	if (p->cut_level != 0 && level >= p->cut_level)
		return FB_SEEN_CUT;
	if (p->cancel_level != 0 && level >= p->cancel_level)
		return FB_SEEN_CLEAR;
	if (p->call_level != 0 && level >= p->call_level)
		return FB_SEEN_CALL;
	return p->warn_level != 0 && level >= p->warn_level ? FB_SEEN_WARN : FB_SEEN_CALM;
}

/* What is being liquidated is in breach until it is below the level that the pack names, and has
 * its buffer. */
static enum fb_happening in_waterfall(const struct fb_waterfall *w, const struct fb_judged *j,
				      unsigned level)
{
	const struct fb_policy *p = w->policy;
	if (w->cases[j->account].closing &&
	    ((p->until_level != 0 && level >= p->until_level) ||
	     fb_confirm_lacks_buffer(w->book, j->account, fb_waterfall_buffer(w->rules),
				     fb_judged_sums(j))))
		return FB_SEEN_BREACH;
	return seen_at(w, level);
}

/* At rest an account has to reach a level; in the waterfall it has to get below the level at which
 * that is kept. Notices follow the engine's levels, which have the same hysteresis. */
static enum fb_happening verdict(const struct fb_waterfall *w, const struct fb_judged *j)
{
	const struct fb_book_account *a = &w->book->account[j->account];
	const struct fb_book_class *class = &w->book->classes[a->class_id];
	const struct fb_case *c = &w->cases[j->account];
	if (j->sums.equity_e8 < 0 &&
	    (a->role == FB_ROLE_USER || fb_waterfall_is_house(w, j->account)))
		return FB_SEEN_BANKRUPT;
	if (a->role != FB_ROLE_USER)
		return FB_SEEN_CALM;
	if (a->rows_live == 0 && c->hold_done &&
	    (a->collateral_e8 == 0 || (c->closing && w->policy->surplus_to_fund)))
		return FB_SEEN_FLAT;
	if (c->state > FB_UNWINDING)
		return in_waterfall(w, j, fb_judged_level(class, FB_LEVEL_6, j));
	unsigned act = w->act_level, level = fb_level_reached(class, j);
	if (level < act) {
		level = fb_judged_level(class, a->level, j);
		level = level < act ? level : act - 1;
	}
	return seen_at(w, level);
}

int fb_waterfall_level(struct fb_waterfall *w, uint32_t account, unsigned level)
{
	enum fb_state state = w->cases[account].state;
	if (w->book->account[account].role != FB_ROLE_USER || !at_rest(state) ||
	    state == FB_CLOSED)
		return 0;
	return fb_waterfall_dispatch(w, account, seen_at(w, level), NULL);
}

/* Where working orders are cancelled before the margin call, that level hides the call: its holder
 * hears of it all the same, once. */
static int call_beyond_cancel(struct fb_waterfall *w, const struct fb_judged *j,
			      enum fb_happening seen)
{
	const struct fb_policy *p = w->policy;
	struct fb_case *c = &w->cases[j->account];
	const struct fb_book_account *a = &w->book->account[j->account];
	if (p->call_level <= p->cancel_level || p->cancel_level == 0 || seen > FB_SEEN_BANKRUPT)
		return 0;
	const struct fb_book_class *class = &w->book->classes[a->class_id];
	if (seen != FB_SEEN_CLEAR || a->role != FB_ROLE_USER || !at_rest((enum fb_state)c->state)) {
		c->called = c->called && seen > FB_SEEN_CLEAR;
		return 0;
	}
	unsigned level = fb_judged_level(class, c->called ? FB_LEVEL_6 : 0, j);
	bool calls = level >= p->call_level, news = calls && !c->called;
	c->called = calls;
	w->counts.calls += news;
	return news ? fb_waterfall_note(w, j->account, FB_NOTICE_CALLED, 0, 0) : 0;
}

void fb_waterfall_fetch(const struct fb_waterfall *w, uint32_t account)
{
	fb_fetch_to_write(&w->cases[account]);
	fb_fetch_to_write(&w->held[account]);
}

static void fetch(const struct fb_waterfall *w, uint32_t account)
{
	fb_waterfall_fetch(w, account);
	fb_book_fetch_account(w->book, account);
	if (w->ops->soon)
		w->ops->soon(w->context, account);
}

static int decide_one(struct fb_waterfall *w, const struct fb_judged *j, uint32_t i)
{
	size_t before = w->needs;
	enum fb_happening seen = verdict(w, j);
	int err = fb_waterfall_dispatch(w, j->account, seen, j);
	if (!err)
		err = call_beyond_cancel(w, j, seen);
	for (; before < w->needs; before++)
		w->need_judged[before] = i;
	return err;
}

/* In blocks: what is known of an account lies in several tables, and to go through all accounts
 * table by table would find each of them out of the caches again. While a block is decided on,
 * memory is asked for the next one. */
int fb_waterfall_decide(struct fb_waterfall *w, const struct fb_judged *judged, size_t n)
{
	int err = 0;
	fb_house_open(w);
	fb_price_marks(w);
	fb_size_renew_depth(w, w->policy->depth_share_e7, true);
	w->needs = 0;
	for (size_t i = 1; i < n && i < BLOCK; i++)
		fetch(w, judged[i].account);
	for (size_t i = 0; i < n && !err; i++) {
		if (i % BLOCK == 0 && w->ops->decides)
			w->ops->decides(w->context, &judged[i], n - i < BLOCK ? n - i : BLOCK);
		if (i + BLOCK < n)
			fetch(w, judged[i + BLOCK].account);
		err = decide_one(w, &judged[i], (uint32_t)i);
	}
	if (!err)
		err = fb_step_round(w, judged);
	return err ? err : fb_gate_look(w, judged, n);
}
