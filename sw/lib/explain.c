/* Looking on at a replay for one account's sake: see <firebreak/explain.h>. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "replay.h"
#include "report_internal.h"

uint32_t fb_explain_event(struct fb_explain *x, const char *what)
{
	char label[160], time[32], number[32];
	unsigned long long seq = x->waterfall->book->seq;
	if (x->event)
		return x->event;
	if (x->depth > 0)
		what = fb_happening_name(x->what);
	fb_report_time(x->waterfall->time_us, time);
	if (x->waterfall->time_us == 0)
		strcpy(time, "before the first marks");
	snprintf(label, sizeof(label), "%s  after command %llu: %s", time, seq, what);
	x->event = fb_fact_object(&x->facts, x->events, NULL, label, FB_FACT_BLOCK);
	snprintf(number, sizeof(number), "%llu", seq);
	fb_fact_quiet(&x->facts, x->event, "sequence", number);
	fb_fact_quiet(&x->facts, x->event, "time", time);
	fb_fact_quiet(&x->facts, x->event, "what", what);
	if (x->judged)
		fb_explain_terms(x, x->event, &x->sums, (enum fb_state)x->was.state);
	x->steps = fb_fact_list(&x->facts, x->event, "steps", NULL, FB_FACT_BLOCK);
	return x->event;
}

uint32_t fb_explain_step(struct fb_explain *x, const char *what, const char *kind,
			 const char *label, enum fb_fact_form form)
{
	fb_explain_event(x, what);
	uint32_t step = fb_fact_object(&x->facts, x->steps, NULL, label, form);
	fb_fact_quiet(&x->facts, step, "kind", kind);
	return step;
}

static bool notable(const struct fb_explain *x, const struct fb_case *now)
{
	return x->event || now->state != x->was.state || fb_explain_stage(x, now) ||
	       x->what == FB_USER_FILLED || x->what == FB_DEPOSITED;
}

static void before(void *context, uint32_t account, enum fb_happening what,
		   const struct fb_judged *judged)
{
	struct fb_explain *x = context;
	if (account != x->account || x->depth++ > 0)
		return;
	x->what = what;
	x->judged = judged != NULL;
	x->was = x->waterfall->cases[account];
	if (judged)
		x->sums = judged->sums;
	else
		x->sums = fb_explain_sums(x);
	/* A notice follows from a record of the engine: what it was judged by is shown too. */
	x->judged = x->judged || what <= FB_SEEN_FLAT;
}

static void note_story(struct fb_explain *x, const struct fb_case *now)
{
	struct fb_story *s = &x->story;
	int64_t time_us = x->waterfall->time_us;
	s->liquidated = s->liquidated || now->closing;
	if (now->state == x->was.state)
		return;
	if (now->state == FB_WARNED && !s->warned) {
		s->warned = true;
		s->warned_us = time_us;
	}
	s->called = s->called || now->state == FB_CALLED;
	if (now->state == FB_HOLDING && !s->taken) {
		s->taken = true;
		s->taken_us = time_us;
		s->taken_at = x->sums;
	}
	s->bankrupt = s->bankrupt || (s->taken && x->what == FB_SEEN_BANKRUPT);
	s->closed = now->state == FB_CLOSED;
	s->recovered = now->state == FB_CALM && (s->warned || s->taken);
	if (s->closed || s->recovered)
		s->ended_us = time_us;
}

static void after(void *context, uint32_t account)
{
	struct fb_explain *x = context;
	if (account != x->account || --x->depth > 0)
		return;
	const struct fb_case *now = &x->waterfall->cases[account];
	fb_explain_frozen(x);
	if (notable(x, now)) {
		struct fb_facts *f = &x->facts;
		uint32_t event = fb_explain_event(x, fb_happening_name(x->what));
		const char *why = fb_explain_stage(x, now);
		if (why)
			fb_fact_text(f, event, "reason", "reason", "%s", why);
		uint32_t line = fb_fact_object(f, event, "state", "state", FB_FACT_LINE);
		fb_fact_text(f, line, "told", "after", "%s", fb_happening_name(x->what));
		fb_fact_text(f, line, "before", "from", "%s", fb_state_name(x->was.state));
		fb_fact_text(f, line, "after", "to", "%s", fb_state_name(now->state));
	}
	note_story(x, now);
	x->event = 0;
	x->judged = x->answered = false;
}

static void sized(void *context, uint32_t account, const struct fb_sized *s)
{
	struct fb_explain *x = context;
	if (account == x->account)
		fb_explain_sized(x, s);
}

/* An answer that no telling followed is over when the next thing begins. */
static void next(struct fb_explain *x)
{
	if (x->depth == 0 && x->answered) {
		x->event = 0;
		x->answered = false;
	}
}

static void sent(void *context, const struct fb_open *open, enum fb_refusal refused)
{
	struct fb_explain *x = context;
	if (open->account != x->account && open->counter != x->account)
		return;
	next(x);
	if (open->account == x->account)
		fb_explain_order(x, open, refused);
	else if (open->order.verb == FB_VERB_CANCEL_COUNTER && !refused)
		fb_fact_text(&x->facts,
			     fb_explain_step(x, "chosen as a counterparty", "cancelled",
					     "orders cancelled", FB_FACT_LINE),
			     "orders", "", "%s",
			     open->counter_row == FB_NONE
				     ? "all working orders of the account"
				     : "working orders of the contract");
	else if (open->purpose == FB_FOR_SPREAD && !refused)
		fb_fact_money(&x->facts,
			      fb_explain_step(x, "asked to pay a share of a loss", "asked", "asked",
					      FB_FACT_LINE),
			      "value", "of its profit", open->order.value_e8);
	if (x->depth == 0)
		x->event = 0;
}

static void count_moved(struct fb_story *s, const struct fb_open *open, __int128 notional_e8)
{
	switch ((enum fb_verb)open->order.verb) {
	case FB_VERB_REDUCE:
		s->reductions++;
		s->market_e8 += notional_e8;
		break;
	case FB_VERB_TAKEOVER:
		s->takeovers++;
		s->house_e8 += notional_e8;
		break;
	case FB_VERB_ADL_PAIR:
		s->pairs++;
		s->pairs_e8 += notional_e8;
		break;
	case FB_VERB_FUND_MOVE: s->to_fund_e8 += open->order.value_e8; break;
	case FB_VERB_HOLD:
	case FB_VERB_CANCEL_ALL:
	case FB_VERB_RELEASE:
	case FB_VERB_CANCEL_COUNTER:
	case FB_VERB_GATE:
	case FB_VERB_SETTLE: break;
	}
}

static void moved(void *context, const struct fb_open *open, int64_t n, __int128 value_e8)
{
	struct fb_explain *x = context;
	x->evidence->tap.moved(x->evidence, open, n, value_e8);
	bool pays = open->purpose == FB_FOR_SPREAD;
	if (x->options->sequence != 0 ||
	    (pays ? open->counter != x->account : open->account != x->account))
		return;
	next(x);
	const struct fb_order *o = &open->order;
	uint32_t line = fb_explain_step(x, "an answer", "moved", pays ? "paid" : "filled",
					FB_FACT_LINE);
	fb_fact_text(&x->facts, line, "id", "order", "%u.%llu.%u", o->id.epoch,
		     (unsigned long long)o->id.sequence, o->id.index);
	fb_fact_text(&x->facts, line, "verb", "", "%s", fb_verb_name((enum fb_verb)o->verb));
	if (open->row != FB_NONE)
		fb_explain_lots(x, line, o->symbol, o->qty < 0 ? -n : n, value_e8);
	else
		fb_fact_money(&x->facts, line, "value", pays ? "for a loss" : "to the fund",
			      value_e8);
	fb_explain_short(x, line, "now", "account now:");
	x->answered = true;
	if (!pays)
		count_moved(&x->story, open,
			    (__int128)((unsigned __int128)n *
						  x->waterfall->book->symbol[o->symbol].u >>
					  FB_U_FRACTION_BITS));
}

static void closed(void *context, const struct fb_open *open, bool rejected)
{
	struct fb_explain *x = context;
	if (open->account != x->account)
		return;
	next(x);
	uint32_t line = fb_explain_step(x, "an answer", "closed", "closed",
					FB_FACT_LINE);
	fb_fact_text(&x->facts, line, "id", "order", "%u.%llu.%u", open->order.id.epoch,
		     (unsigned long long)open->order.id.sequence, open->order.id.index);
	fb_fact_text(&x->facts, line, "verb", "", "%s",
		     fb_verb_name((enum fb_verb)open->order.verb));
	fb_fact_text(&x->facts, line, "how", "", "%s", rejected ? "rejected" : "done");
	x->answered = true;
}

static void planned(void *context, const struct fb_waterfall *w, size_t pairs)
{
	struct fb_explain *x = context;
	x->evidence->tap.planned(x->evidence, w, pairs);
	if (x->options->sequence != 0)
		return;
	next(x);
	fb_explain_planned(x, pairs);
	x->event = 0;
}

static void over(void *context, const struct fb_waterfall *w)
{
	struct fb_explain *x = context;
	x->evidence->tap.over(x->evidence, w);
}

/* The state after the command asked for. */
static void booked(void *context)
{
	struct fb_explain *x = context;
	if (x->account == FB_NONE)
		x->account = fb_book_account_index(x->waterfall->book, x->options->account);
	if (x->account == FB_NONE || x->waterfall->book->seq != x->options->sequence)
		return;
	struct fb_sums sums = fb_explain_sums(x);
	x->found_at = true;
	enum fb_state state = fb_waterfall_state(x->waterfall, x->account);
	x->event = 0;
	uint32_t event = fb_explain_event(x, "as it was then");
	fb_explain_terms(x, event, &sums, state);
	fb_fact_text(&x->facts, event, "state", "state", "%s", fb_state_name(state));
	x->event = 0;
}

static int opened(void *context, struct fb_host *host)
{
	struct fb_explain *x = context;
	x->waterfall = host->waterfall;
	x->host = host;
	host->booked = booked;
	host->booked_context = x;
	x->tap = (struct fb_tap){ .context = x, .planned = planned, .moved = moved, .over = over };
	if (x->options->sequence == 0) {
		x->tap.before = before;
		x->tap.after = after;
		x->tap.sized = sized;
		x->tap.sent = sent;
		x->tap.closed = closed;
		x->tap.funded = fb_explain_funded;
	}
	int err = fb_evidence_open(host->waterfall, &x->evidence);
	if (err)
		return fb_error_set(host->error, err, "explain: out of memory");
	err = fb_explain_lights(x, host);
	if (err)
		return fb_error_set(host->error, err, "explain: out of memory");
	host->waterfall->tap = &x->tap;
	x->evidence->context = x;
	x->evidence->sealed = x->options->sequence == 0 ? fb_explain_sealed : NULL;
	return 0;
}

static int fed(void *context, const struct fb_log_entry *entry)
{
	struct fb_explain *x = context;
	if (x->options->sequence != 0)
		return 0;
	next(x);
	if (entry->type == FB_LOG_LOADED && x->account != FB_NONE) {
		struct fb_sums sums = fb_explain_sums(x);
		fb_explain_terms(x, fb_explain_event(x, "loading is over"), &sums, FB_CALM);
		x->event = 0;
	}
	if (entry->type == FB_LOG_END) {
		fb_evidence_end(x->evidence);
		fb_explain_funding_total(x);
		if (x->account != FB_NONE)
			x->story.state = fb_waterfall_state(x->waterfall, x->account);
	}
	return 0;
}

static void begin(struct fb_explain *x)
{
	struct fb_facts *f = &x->facts;
	uint32_t head = fb_fact_object(f, 0, "explained", "explained", FB_FACT_LINE);
	fb_fact_id(f, head, "account", "account", x->options->account);
	fb_fact_text(f, head, "log", "log", "%s", x->options->log);
	x->events = fb_fact_list(f, 0, "events", NULL, FB_FACT_BLOCK);
	x->proofs = fb_fact_list(f, 0, "evidence", NULL, FB_FACT_BLOCK);
}

/* A replay that ends well says nothing of an account that was never there. */
static int check(const struct fb_explain *x, uint64_t last, struct fb_error *error)
{
	const struct fb_explain_options *o = x->options;
	if (x->account == FB_NONE)
		return fb_error_set(error, -ENOENT,
				    "%s: expected an account of this log, found %u; orders.csv and "
				    "notices.csv of the run name accounts",
				    o->log, o->account);
	if (o->sequence != 0 && !x->found_at)
		return fb_error_set(error, -ENOENT,
				    "%s: expected a sequence from when account %u was put to %llu, "
				    "found %llu",
				    o->log, o->account, (unsigned long long)last,
				    (unsigned long long)o->sequence);
	return fb_facts_failed(&x->facts) ? fb_error_set(error, -ENOMEM, "explain: out of memory")
					  : 0;
}

static void print(const struct fb_explain *x, FILE *out)
{
	switch (x->options->form) {
	case FB_EXPLAIN_TEXT: fb_facts_print(&x->facts, 0, out); break;
	case FB_EXPLAIN_JSON: fb_facts_json(&x->facts, 0, out); break;
	case FB_EXPLAIN_EVIDENCE:
		fprintf(out, "{\"evidence\": ");
		fb_facts_json(&x->facts, x->proofs, out);
		fprintf(out, "}\n");
		break;
	case FB_EXPLAIN_STORY: fb_explain_tell(x, out); break;
	}
}

int fb_explain(const struct fb_explain_options *o, FILE *out, struct fb_error *error)
{
	struct fb_replay_options options = { .log = o->log,
					     .engine = o->engine,
					     .progress = o->progress,
					     .progress_context = o->progress_context };
	struct fb_summary summary;
	struct fb_divergence divergence;
	char note[128];
	struct fb_explain *x = calloc(1, sizeof(*x));
	if (!x)
		return fb_error_set(error, -ENOMEM, "explain: out of memory");
	struct fb_replay_watch looking = { .context = x, .opened = opened, .fed = fed };
	x->options = o;
	x->account = FB_NONE;
	begin(x);
	int err = fb_replay_watched(&options, &looking, &summary, &divergence, note, error);
	if (!err)
		err = check(x, summary.commands, error);
	if (!err)
		print(x, out);
	fb_evidence_close(x->evidence);
	fb_lights_close(x->lights);
	fb_facts_free(&x->facts);
	free(x);
	return err;
}
