/* Every state of the waterfall with every event: 18 x 24 cells, each reached as the host reaches
 * it.
 *
 * An account is brought into the state by verdicts and answers, then the event happens: a verdict,
 * an answer, a trade, time, a refusal. Where the event cannot come in that state there is no such
 * way, and the machine is told of it directly: it must count a violation and do nothing. */
#include "waterfall_drive.h"
#include "waterfall_expect.h"

/* ---- what must come of it ---- */

/* What an event must lead to. */
struct outcome {
	enum fb_state state;
	enum fb_verb verb;
	unsigned orders, again, notices, hits;
	enum fb_notice_kind notice;
	uint32_t told; /* account of the notice */
	int64_t qty;   /* of each order */
	bool judged, any; /* judged: asked for; any: whether does not matter */
};

/* A step: cut, reduce, takeover, or the account is closed. */
static void step_outcome(enum fb_happening what, struct outcome *o)
{
	bool flat = what == FB_SEEN_FLAT;
	o->state = flat			       ? FB_CLOSED
		   : what == FB_SEEN_BANKRUPT ? FB_TAKING_OVER
					      : FB_REDUCING;
	o->verb = what == FB_SEEN_BANKRUPT ? FB_VERB_TAKEOVER : FB_VERB_REDUCE;
	o->orders = flat ? 0 : 2;
	o->qty = what == FB_SEEN_CUT ? LOTS / 5 : LOTS;
	o->notices = what != FB_SEEN_CUT;
	o->notice = flat ? FB_NOTICE_CLOSED : FB_NOTICE_LIQUIDATED;
}

/* The holder hears of a release; who was deleveraged or pays, of that: account 3 is the last. */
static void go_outcome(enum fb_state state, enum fb_happening what, struct outcome *o)
{
	bool others = what == FB_ORDERS_DONE &&
		      (state == FB_DELEVERAGING || state == FB_SETTLING);
	o->notices = others || what == FB_RELEASE_DONE;
	o->told = others ? 3 : subject;
	o->notice = !others			? FB_NOTICE_RELEASED
		    : state == FB_DELEVERAGING ? FB_NOTICE_DELEVERAGED
					       : FB_NOTICE_SPREAD;
}

static enum fb_verb verb_of(char does)
{
	return does == 'h'   ? FB_VERB_HOLD
	       : does == 'r' ? FB_VERB_RELEASE
	       : does == 'u' ? FB_VERB_REDUCE
			     : FB_VERB_CANCEL_ALL;
}

static unsigned accounts_in(enum fb_state state)
{
	unsigned n = 0;
	for (uint32_t i = 0; i < book->accounts; i++)
		n += fb_waterfall_state(w, i) == state;
	return n;
}

static unsigned hits_of(enum fb_state state, enum fb_happening what)
{
	if (what == FB_RESUMED) /* all of them are */
		return accounts_in(state);
	if (what == FB_TIMED_OUT || (what == FB_DEFERRED && open_orders() > 0))
		return open_orders();
	return what == FB_DEFERRED && state == FB_READY ? 2 : 1; /* two reductions */
}

static struct outcome outcome_of(enum fb_state state, enum fb_happening what)
{
	struct expected cell = expected_of(state, what);
	struct outcome o = {
		.state = cell.next == FB_STATES ? state : cell.next,
		.verb = verb_of(cell.does),
		.orders = strchr("hkcwru", cell.does) != NULL,
		.hits = hits_of(state, what),
		.told = subject,
		.judged = cell.does == 'j',
		/* An order answered, or a state not at rest: judged in any case. */
		.any = strchr("=j", cell.does) == NULL || what == FB_ORDER_DONE ||
		       what == FB_ORDERS_DONE,
	};
	switch (cell.does) {
	case 'a': o.again = open_orders(); break;
	case 'b': o.state = FB_WITHDRAWING; break; /* two reductions are open */
	case 's': step_outcome(what, &o); break;
	case 'u':
		o.orders = 2;
		o.qty = 5; /* a tenth of 50 */
		break;
	case 'n':
		o.notices = 1;
		o.notice = cell.next == FB_WARNED   ? FB_NOTICE_WARNED
			   : cell.next == FB_CALLED ? FB_NOTICE_CALLED
						    : FB_NOTICE_CALM;
		break;
	case 'x':
		o.notices = 1;
		o.notice = FB_NOTICE_STUCK;
		break;
	case 'g': go_outcome(state, what, &o); break;
	default: break;
	}
	return o;
}

static bool rests(enum fb_state state)
{
	static const char at_rest[] = "ca wa mc cd un co ";
	char code[3] = { state_codes[3 * state], state_codes[3 * state + 1], 0 };
	return strstr(at_rest, code) != NULL;
}

/* What is looked at: where it was, and what there was before the event. */
struct scene {
	enum fb_state state;
	enum fb_happening what;
	size_t sents, notices;
	uint64_t hits, violations;
};

#define SAME(scene, text, found, wanted)                                                           \
	do {                                                                                       \
		long long found_ = (long long)(found), wanted_ = (long long)(wanted);              \
		if (found_ != wanted_)                                                             \
			ck_abort_msg("%s, %s: %s: %lld, expected %lld",                            \
				     fb_state_name((scene)->state),                                \
				     fb_happening_name((scene)->what), text, found_, wanted_);     \
	} while (0)

static void check_orders(const struct scene *x, const struct outcome *o)
{
	unsigned fresh = 0, again = 0;
	for (size_t i = x->sents; i < sents; i++) {
		const struct fb_order *order = &sent[i].order;
		again += sent[i].again;
		fresh += !sent[i].again;
		if (sent[i].again)
			continue;
		SAME(x, "account of an order", order->account, subject);
		SAME(x, "verb", order->verb, o->verb);
		SAME(x, "lots", order->qty, o->qty);
	}
	SAME(x, "orders", fresh, o->orders);
	SAME(x, "sent again", again, o->again);
}

static void check_outcome(const struct scene *x, const struct outcome *o)
{
	check_orders(x, o);
	SAME(x, "notices", notices - x->notices, o->notices);
	if (o->notices > 0) {
		SAME(x, "kind of notice", noticed[x->notices].kind, o->notice);
		SAME(x, "account of the notice", noticed[x->notices].account, o->told);
	}
	SAME(x, "state", state_of(subject), o->state);
	SAME(x, "busy", book->account[index_of(subject)].busy, !rests(o->state));
	if (!o->any)
		SAME(x, "to be judged", watched > 0, o->judged);
	SAME(x, "hits", fb_waterfall_hits(w)[x->state][x->what] - x->hits, o->hits);
}

static struct scene look(enum fb_state state, enum fb_happening what)
{
	watched = attempts = 0;
	return (struct scene){ state,
			       what,
			       sents,
			       notices,
			       fb_waterfall_hits(w)[state][what],
			       fb_waterfall_counts(w)->violations };
}

static void check_live(enum fb_state state, enum fb_happening what)
{
	open_waterfall();
	bring(state);
	prepare(state, what);
	struct outcome o = outcome_of(state, what);
	struct scene x = look(state, what);
	happen(what);
	check_outcome(&x, &o);
	SAME(&x, "violations", fb_waterfall_counts(w)->violations, x.violations);
	SAME(&x, "refused", attempts > 0, what == FB_REFUSED || what == FB_DEFERRED);
	close_waterfall();
}

static void check_never(enum fb_state state, enum fb_happening what)
{
	open_waterfall();
	bring(state);
	struct outcome o = { .state = state, .hits = 1 };
	struct scene x = look(state, what);
	struct fb_judged judged = judged_now();
	SAME(&x, "error", fb_waterfall_dispatch(w, judged.account, what, &judged), 0);
	check_outcome(&x, &o);
	SAME(&x, "violations", fb_waterfall_counts(w)->violations, x.violations + 1);
	close_waterfall();
}

START_TEST(a_cell)
{
	enum fb_state state = (enum fb_state)(_i / FB_HAPPENINGS);
	enum fb_happening what = (enum fb_happening)(_i % FB_HAPPENINGS);
	if (expected_of(state, what).does == '-')
		check_never(state, what);
	else
		check_live(state, what);
}
END_TEST

/* What no event can show, since nothing makes use of it, but the printed table does: that a resent
 * order is the venue's matter, which of three reasons CANCEL_ALL has, and a `next` that is not
 * used. Every field again, against the words. */
START_TEST(the_table_as_printed)
{
	static const char letters[] = "-=gnjhkcswruaxb";
	ck_assert_uint_eq(strlen(letters), FB_ACTIONS);
	for (unsigned s = 0; s < FB_STATES; s++)
		for (unsigned h = 0; h < FB_HAPPENINGS; h++) {
			const struct fb_cell *cell = &fb_waterfall_table[s][h];
			struct expected e =
				expected_of((enum fb_state)s, (enum fb_happening)h);
			struct scene x = { .state = (enum fb_state)s,
					   .what = (enum fb_happening)h };
			unsigned unused = e.does == 's'	  ? FB_READY
					  : e.does == 'b' ? FB_HELD
							  : 0;
			SAME(&x, "action", letters[cell->action], e.does);
			SAME(&x, "next", cell->next, e.next == FB_STATES ? unused : e.next);
		}
}
END_TEST

/* Back from stuck where nothing is open: held if it is held, else from the start. */
START_TEST(resume_goes_back_to_where_it_was)
{
	static const enum fb_state from[] = { FB_CALM, FB_HELD, FB_READY, FB_CLOSED },
				   to[] = { FB_CALM, FB_HELD, FB_HELD, FB_HELD };
	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		open_waterfall();
		bring(from[i]);
		prepare(from[i], FB_REFUSED);
		decide();
		ck_assert_uint_eq(state_of(1), FB_STUCK);
		watched = 0;
		ck_assert_int_eq(fb_waterfall_resume(w), 0);
		ck_assert_str_eq(fb_state_name(state_of(1)), fb_state_name(to[i]));
		ck_assert_uint_gt(watched, 0);
		close_waterfall();
	}
}
END_TEST

/* The document tells states, events and actions apart by these. */
START_TEST(names_are_given_and_differ)
{
	for (unsigned s = 0; s < FB_STATES; s++)
		for (unsigned t = 0; t < s; t++)
			ck_assert_str_ne(fb_state_name((enum fb_state)s),
					 fb_state_name((enum fb_state)t));
	for (unsigned h = 0; h < FB_HAPPENINGS; h++)
		for (unsigned k = 0; k < h; k++)
			ck_assert_str_ne(fb_happening_name((enum fb_happening)h),
					 fb_happening_name((enum fb_happening)k));
	for (unsigned a = 0; a < FB_ACTIONS; a++)
		ck_assert_uint_gt(strlen(fb_action_name((enum fb_action)a)), 1);
	ck_assert_str_eq(fb_state_name(FB_STATES), "?");
	ck_assert_str_eq(fb_happening_name(FB_HAPPENINGS), "?");
	ck_assert_str_eq(fb_action_name(FB_ACTIONS), "?");
}
END_TEST

static TCase *add_case(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return tcase;
}

/* One case for each state, and in it one test for each event. */
int main(void)
{
	Suite *suite = suite_create("waterfall_table");
	for (int s = 0; s < FB_STATES; s++)
		tcase_add_loop_test(add_case(suite, fb_state_name((enum fb_state)s)), a_cell,
				    s * FB_HAPPENINGS, (s + 1) * FB_HAPPENINGS);
	tcase_add_test(add_case(suite, "as printed"), the_table_as_printed);
	tcase_add_test(add_case(suite, "resume"), resume_goes_back_to_where_it_was);
	tcase_add_test(add_case(suite, "names"), names_are_given_and_differ);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
