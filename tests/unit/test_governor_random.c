/* The governor (P11) against a plain model, over long random runs. The model keeps no ledger: it
 * keeps every order that ever left with all that has come of it, and adds up anew at each question.
 * The venue here answers late, twice, and out of order; and some of what it says is nonsense. */
#include "governor_kit.h"

enum { ACCOUNTS = 7, SLOTS = 3, FUND = 4, BACKSTOP = 5, STREET = 6, SENT = 4096, WAITING = 8192 };

/* An account has a position in each slot; slots 1 and 2 are both of symbol 2. */
static const uint32_t account_id[ACCOUNTS] = {
	1, 2, 3, 4, FB_ID_FUND, FB_ID_BACKSTOP, FB_ID_STREET,
};

struct sent {
	struct fb_order o;
	unsigned a, slot, c, c_slot;
	bool open, rejected, done, came[6];
	unsigned fills;
	int64_t moved; /* lots that the book knows of */
	unsigned hold; /* of the account that bears it */
	int64_t second;
	uint64_t u;
};

struct state {
	enum fb_confirmed found;
	bool held, cancelled, bankrupt;
	unsigned hold;
	__int128 at_hold, used; /* used: of what was spread, by payments of the fund */
};

static struct sent sent[SENT];
static size_t sents;
static struct fb_event waiting[WAITING];
static size_t waitings;
static struct state state[ACCOUNTS];
static struct fb_governor_caps caps;
static int64_t now_us;
static bool killed;
static uint32_t room;
static uint64_t seed, passed[8], refused[8];

static uint64_t below(uint64_t n)
{
	return kit_random(&seed) % n;
}

static int64_t lots(int64_t qty)
{
	return qty < 0 ? -qty : qty;
}

static uint16_t symbol_of(unsigned slot)
{
	return slot == 0 ? 1 : 2;
}

static uint32_t position_of(unsigned a, unsigned slot)
{
	return a < FUND ? 1000 * account_id[a] + slot
			: fb_house_position(account_id[a], symbol_of(slot));
}

static bool is_house(unsigned a)
{
	return a == FUND || a == BACKSTOP;
}

static int64_t qty_of(unsigned a, unsigned slot)
{
	uint32_t row = fb_book_row_index(book, position_of(a, slot));
	return row == FB_NONE ? 0 : book->row[row].qty;
}

static void set_qty(unsigned a, unsigned slot, int64_t qty)
{
	if (qty != 0 || qty_of(a, slot) != 0)
		tell(c_position(account_id[a], position_of(a, slot), symbol_of(slot), qty, qty));
}

static bool closing(const struct fb_order *o)
{
	return o->verb >= FB_VERB_REDUCE && o->verb <= FB_VERB_ADL_PAIR;
}

static bool spreads(const struct fb_order *o)
{
	return o->verb == FB_VERB_FUND_MOVE && o->counter_account != 0;
}

static __int128 worth(__int128 n, uint64_t u)
{
	return n * u / 65536;
}

/* ---- the model: sums over all that was ever sent ---- */

static int64_t taken(unsigned a, unsigned slot)
{
	int64_t sum = 0;
	for (size_t i = 0; i < sents; i++) {
		const struct sent *s = &sent[i];
		bool primary = s->a == a && s->slot == slot,
		     counter = s->o.verb == FB_VERB_ADL_PAIR && s->c == a && s->c_slot == slot;
		if (s->open && closing(&s->o) && (primary || counter))
			sum += lots(s->o.qty) - s->moved;
	}
	return sum;
}

/* On the way to the fund, or from it. */
static __int128 moving(unsigned a, bool out)
{
	__int128 sum = 0;
	for (size_t i = 0; i < sents; i++)
		if (sent[i].open && sent[i].a == a && sent[i].o.verb == FB_VERB_FUND_MOVE &&
		    !spreads(&sent[i].o) && (sent[i].o.value_e8 > 0) == out)
			sum += sent[i].o.value_e8;
	return sum;
}

static __int128 spread(unsigned a)
{
	__int128 sum = 0;
	for (size_t i = 0; i < sents; i++)
		if (spreads(&sent[i].o) && sent[i].c == a && sent[i].hold == state[a].hold &&
		    !sent[i].rejected)
			sum += sent[i].o.value_e8;
	return sum - state[a].used;
}

static __int128 closed_in_hold(unsigned a)
{
	__int128 sum = 0;
	for (size_t i = 0; i < sents; i++) {
		const struct sent *s = &sent[i];
		if (!closing(&s->o) || s->a != a || s->hold != state[a].hold)
			continue;
		sum += worth(lots(s->o.qty), s->u);
		if (!s->open)
			sum -= worth(lots(s->o.qty) - s->moved, s->u);
	}
	return sum;
}

static unsigned open_orders(void)
{
	unsigned n = 0;
	for (size_t i = 0; i < sents; i++)
		n += sent[i].open;
	return n;
}

static bool caps_allow(const struct sent *s)
{
	uint32_t all = 0, own = 0;
	__int128 notional = worth(lots(s->o.qty), s->u), second = notional;
	for (size_t i = 0; i < sents; i++) {
		if (sent[i].second != now_us / SECOND)
			continue;
		all++;
		own += sent[i].a == s->a;
		second += closing(&sent[i].o) ? worth(lots(sent[i].o.qty), sent[i].u) : 0;
	}
	if ((caps.orders && all >= caps.orders) ||
	    (caps.account_orders && own >= caps.account_orders))
		return false;
	if (!closing(&s->o))
		return true;
	if (caps.notional_e8 && second > caps.notional_e8)
		return false;
	return !caps.account_share_e7 || is_house(s->a) ||
	       closed_in_hold(s->a) + notional <=
		       state[s->a].at_hold * caps.account_share_e7 / 10000000;
}

static bool fits(unsigned a, unsigned slot, int64_t qty)
{
	int64_t has = qty_of(a, slot);
	return qty != 0 && has != 0 && (qty > 0) == (has > 0) &&
	       lots(qty) + taken(a, slot) <= lots(has);
}

static bool flat(unsigned a)
{
	for (unsigned slot = 0; slot < SLOTS; slot++)
		if (qty_of(a, slot) != 0)
			return false;
	return true;
}

static bool money_allows(const struct sent *s)
{
	unsigned of = spreads(&s->o) ? s->c : s->a;
	__int128 has = book->account[index_of(account_id[of])].collateral_e8, v = s->o.value_e8;
	if (!state[of].held || !flat(of))
		return false;
	if (spreads(&s->o))
		return state[of].bankrupt && v > 0 && s->a < FUND && s->a != s->c &&
		       !state[s->a].held &&
		       spread(of) + v <= -has && v <= sums_of(account_id[s->a]).equity_e8;
	return v > 0 ? moving(of, true) + v <= has : v < 0 && moving(of, false) + v >= has;
}

/* A house unwinds at any limit; others worse than the mark by their equity at
 * most, and better by their deficit. */
static bool price_allows(const struct sent *s)
{
	if (s->o.verb == FB_VERB_REDUCE && is_house(s->a))
		return true;
	__int128 equity = sums_of(account_id[s->a]).equity_e8,
		 better = s->o.value_e8 - at_mark(s->o.symbol, s->o.qty),
		 lose = equity > 0 ? equity + 4 : 4, spare = equity < 0 ? 4 - equity : 4;
	return better >= -lose && (s->o.verb == FB_VERB_REDUCE || better <= spare);
}

static bool rules_allow(const struct sent *s)
{
	const struct state *a = &state[s->a];
	const struct fb_order *o = &s->o;
	bool user = s->a < FUND;
	switch (o->verb) {
	case FB_VERB_HOLD: return a->found != FB_CONFIRMED_NONE;
	case FB_VERB_CANCEL_ALL: return a->held || a->found != FB_CONFIRMED_NONE;
	case FB_VERB_RELEASE: return a->held;
	case FB_VERB_FUND_MOVE: return money_allows(s);
	default: break;
	}
	if (s->a == STREET || !fits(s->a, s->slot, o->qty) || !price_allows(s))
		return false;
	if (user && !(a->held && a->cancelled && a->found != FB_CONFIRMED_NONE))
		return false;
	if (o->verb == FB_VERB_TAKEOVER)
		return is_house(s->c) && s->c != s->a;
	if (o->verb == FB_VERB_REDUCE)
		return true;
	if (!user && a->found != FB_CONFIRMED_BANKRUPT)
		return false;
	if (s->c != s->a && (s->c >= FUND || state[s->c].held))
		return false;
	return fits(s->c, s->c_slot, -o->qty);
}

/* ---- the venue ---- */

static void wait_for(const struct sent *s, enum fb_event_kind kind, uint32_t number, int64_t qty)
{
	KIT_MUST(waitings < WAITING);
	waiting[waitings++] = (struct fb_event){
		.id = s->o.id,
		.account = s->o.account,
		.kind = (uint8_t)kind,
		.verb = s->o.verb,
		.number = number,
		.qty = qty,
	};
}

/* Decides at once what will come of the order. */
static void take_order(const struct sent *s)
{
	int64_t sign = s->o.qty < 0 ? -1 : 1, left = lots(s->o.qty), all = 0;
	uint32_t fills = 0;
	if (below(5) == 0) {
		wait_for(s, FB_EVENT_REJECT, 1, 0);
		return;
	}
	if (s->o.verb != FB_VERB_REDUCE) {
		wait_for(s, FB_EVENT_DONE, 0, sign * (int64_t)below((uint64_t)left + 1));
		return;
	}
	for (uint64_t want = below(6); fills < want && left > all; fills++) {
		int64_t n = 1 + (int64_t)below((uint64_t)(left - all));
		all += n;
		wait_for(s, FB_EVENT_FILL, fills + 1, sign * n);
	}
	wait_for(s, FB_EVENT_DONE, fills, sign * all);
}

static void close_lots(struct sent *s, int64_t qty)
{
	s->moved += lots(qty);
	set_qty(s->a, s->slot, qty_of(s->a, s->slot) - qty);
	if (s->o.verb == FB_VERB_ADL_PAIR)
		set_qty(s->c, s->c_slot, qty_of(s->c, s->c_slot) + qty);
	/* A house position that is being closed is left as it is. */
	if (s->o.verb == FB_VERB_TAKEOVER && taken(s->c, s->c_slot) == 0)
		set_qty(s->c, s->c_slot, qty_of(s->c, s->c_slot) + qty);
}

/* What the account is worth now, or was when HOLD was sent. */
static __int128 most_of(unsigned a, __int128 before)
{
	__int128 now = 0;
	for (unsigned slot = 0; slot < (a < FUND ? 3 : 2); slot++)
		now += worth(lots(qty_of(a, slot)), book->symbol[symbol_of(slot)].u);
	return now > before ? now : before;
}

static void done_at_once(struct sent *s, const struct fb_event *e)
{
	struct state *a = &state[s->a];
	s->open = false;
	if (s->o.verb == FB_VERB_HOLD && !a->held)
		*a = (struct state){ .found = a->found, .held = true, .hold = a->hold + 1,
				     .bankrupt = a->found == FB_CONFIRMED_BANKRUPT,
				     .at_hold = most_of(s->a, (__int128)s->u) };
	if (s->o.verb == FB_VERB_RELEASE)
		*a = (struct state){ .found = a->found, .hold = a->hold + 1 };
	if (s->o.verb == FB_VERB_CANCEL_ALL && a->held)
		a->cancelled = true;
	if (s->o.verb == FB_VERB_FUND_MOVE) {
		unsigned of = spreads(&s->o) ? s->c : s->a;
		__int128 v = s->o.value_e8, sum = spread(of);
		if (s->hold == state[of].hold && spreads(&s->o) && of == FUND)
			state[of].used += v;
		if (s->hold == state[of].hold && !spreads(&s->o) && v < 0)
			state[of].used += -v < sum ? -v : sum;
		tell(c_collateral(s->o.account, -(int64_t)s->o.value_e8));
		tell(c_collateral(FB_ID_FUND, (int64_t)s->o.value_e8));
	}
	if (closing(&s->o) && e->qty != 0)
		close_lots(s, e->qty);
}

/* What the event means, once. */
static void take_event(const struct fb_event *e)
{
	struct sent *s = NULL;
	for (size_t i = 0; i < sents && !s; i++)
		if (memcmp(&sent[i].o.id, &e->id, sizeof(e->id)) == 0)
			s = &sent[i];
	if (!s || !s->open || e->verb != s->o.verb)
		return;
	if (e->kind == FB_EVENT_REJECT) {
		s->open = false;
		s->rejected = true;
	} else if (s->o.verb != FB_VERB_REDUCE) {
		done_at_once(s, e);
	} else if (e->kind == FB_EVENT_DONE) {
		s->done = true;
		s->fills = e->number;
	} else if (!s->came[e->number]) {
		s->came[e->number] = true;
		close_lots(s, e->qty);
	}
	bool all = s->done;
	for (unsigned n = 1; n <= s->fills; n++)
		all = all && s->came[n];
	s->open = s->open && !all;
}

static void nonsense(void)
{
	struct fb_event e;
	for (size_t i = 0; i < sizeof(e); i++)
		((unsigned char *)&e)[i] = (unsigned char)below(256);
	if (sents > 0 && below(2) == 0) {
		const struct sent *s = &sent[below(sents)];
		e.id = s->o.id;
		e.verb = (uint8_t)(s->o.verb + 1 + below(200)); /* of another verb */
	}
	e.kind = (uint8_t)below(8);
	fb_governor_event(g, &e);
}

static void deliver(void)
{
	if (waitings == 0)
		return;
	size_t i = below(waitings);
	struct fb_event e = waiting[i];
	if (below(4) != 0) /* else it comes again */
		waiting[i] = waiting[--waitings];
	fb_governor_event(g, &e);
	take_event(&e);
}

/* ---- orders ---- */

static void ask_both(struct sent *s)
{
	const struct sent *open = NULL;
	for (size_t i = 0; i < sents; i++)
		if (sent[i].open && memcmp(&sent[i].o.id, &s->o.id, sizeof(s->o.id)) == 0)
			open = &sent[i];
	bool again = open && open->o.value_e8 == s->o.value_e8,
	     old = sents > 0 && s->o.id.index <= sent[sents - 1].o.id.index,
	     expect = !killed && (again || (!old && rules_allow(s) && caps_allow(s) &&
					    open_orders() < room));
	enum fb_refusal found = ask(&s->o);
	if ((found == FB_REFUSED_NOT) != expect)
		ck_abort_msg("order %u, verb %u: %s, the model says %d", s->o.id.index, s->o.verb,
			     fb_refusal_name(found), expect);
	(expect ? passed : refused)[s->o.verb]++;
	if (!expect || again)
		return;
	KIT_MUST(!closing(&s->o) || is_house(s->a) || state[s->a].found != FB_CONFIRMED_NONE);
	KIT_MUST(sents < SENT);
	s->open = true;
	s->second = now_us / SECOND;
	s->hold = state[spreads(&s->o) ? s->c : s->a].hold;
	if (s->o.verb == FB_VERB_HOLD) { /* `u` carries what the account is worth */
		s->u = 0;
		for (unsigned slot = 0; slot < (s->a < FUND ? 3 : 2); slot++)
			s->u += (uint64_t)worth(lots(qty_of(s->a, slot)),
						book->symbol[symbol_of(slot)].u);
	}
	sent[sents++] = *s;
	take_order(s);
}

static void aim_money(struct sent *s)
{
	if (below(2)) {
		s->o.counter_account = account_id[s->c];
		__int128 lacks = -book->account[index_of(account_id[s->c])].collateral_e8;
		s->o.value_e8 = lacks / (int64_t)(1 + below(3)) + (int64_t)below(2);
		return;
	}
	__int128 has = book->account[index_of(account_id[s->a])].collateral_e8;
	s->o.value_e8 = has / (int64_t)(1 + below(3)) + (int64_t)below(3) - 1;
}

static void aim_closing(struct sent *s)
{
	int64_t has = qty_of(s->a, s->slot), left = lots(has) - taken(s->a, s->slot);
	int64_t n = left > 0 ? (int64_t)below((uint64_t)left + 2) : (int64_t)below(3);
	s->o.position = position_of(s->a, s->slot);
	s->o.symbol = symbol_of(s->slot);
	s->o.qty = (has < 0) != (below(20) == 0) ? -n : n;
	s->u = book->symbol[s->o.symbol].u;
	/* Mostly within equity of the mark, at times at its edge or beyond. */
	__int128 equity = sums_of(account_id[s->a]).equity_e8, far = equity < 0 ? -equity : equity;
	far = (below(2) ? far : -far) * (int64_t)below(5) / 4;
	s->o.value_e8 = at_mark(s->o.symbol, s->o.qty) + far + (int64_t)below(12) - 6;
	if (s->o.verb == FB_VERB_REDUCE)
		return;
	if (s->o.verb == FB_VERB_TAKEOVER && below(8) != 0)
		s->c = (unsigned)(FUND + below(2));
	for (int tries = 0; tries < 4; tries++) {
		if (s->o.verb == FB_VERB_ADL_PAIR)
			s->c = (unsigned)below(below(4) ? FUND : ACCOUNTS);
		s->c_slot = s->slot == 0 ? 0 : s->c < FUND ? (unsigned)(1 + below(2)) : 1;
		if (s->o.verb == FB_VERB_ADL_PAIR && !state[s->c].held &&
		    fits(s->c, s->c_slot, -s->o.qty))
			break;
	}
	s->o.counter_account = account_id[s->c];
	s->o.counter_position = position_of(s->c, s->c_slot);
	/* A pair needs both rows: not of the question here. */
	if (s->o.verb == FB_VERB_ADL_PAIR &&
	    fb_book_row_index(book, s->o.counter_position) == FB_NONE)
		s->o.verb = FB_VERB_REDUCE;
}

static void new_order(void)
{
	struct sent s;
	memset(&s, 0, sizeof(s));
	s.a = (unsigned)below(below(3) ? FUND : ACCOUNTS);
	s.c = (unsigned)below(below(4) ? FUND : ACCOUNTS);
	s.slot = (unsigned)below(s.a < FUND ? 3 : 2);
	s.o = verb((enum fb_verb)(1 + below(6) + (below(12) == 0)), account_id[s.a]);
	if (closing(&s.o))
		aim_closing(&s);
	else if (s.o.verb == FB_VERB_FUND_MOVE)
		aim_money(&s);
	ask_both(&s);
}

/* An order that was sent before; at times with another value. */
static void old_order(void)
{
	if (sents == 0)
		return;
	struct sent s = sent[below(sents)];
	if (below(3) == 0)
		s.o.value_e8++;
	ask_both(&s);
}

/* ---- the world ---- */

static void confirm_some(void)
{
	unsigned a = (unsigned)below(ACCOUNTS);
	uint64_t r = below(8);
	enum fb_confirmed found = r == 0 ? FB_CONFIRMED_NONE
				  : r < 5 ? FB_CONFIRMED_BREACH : FB_CONFIRMED_BANKRUPT;
	confirm_as(account_id[a], found);
	state[a].found = found;
	state[a].bankrupt |= state[a].held && found == FB_CONFIRMED_BANKRUPT;
}

/* A trader's own doing; never on what is being closed. */
static void trade(unsigned a, bool all)
{
	for (unsigned slot = 0; slot < SLOTS; slot++)
		if (taken(a, slot) == 0 && (all || below(3) == 0))
			set_qty(a, slot, all ? 0 : (int64_t)below(201) - 100);
	if (flat(a))
		tell(c_account(account_id[a], (int64_t)below(2000) - 1500, 0, 0));
}

static void world(void)
{
	switch (below(8)) {
	case 0: tell(c_mark((uint16_t)(1 + below(2)), U_ONE / 2 + below(3 * U_ONE))); break;
	case 1:
		now_us += (int64_t)below(2 * SECOND);
		fb_governor_time(g, now_us);
		break;
	case 2:
		killed = below(10) == 0;
		fb_governor_kill(g, killed);
		break;
	case 3: trade((unsigned)below(FUND), below(4) == 0); break;
	case 4: nonsense(); break;
	default: confirm_some();
	}
}

static void nothing_is_closed_twice(void)
{
	for (unsigned a = 0; a < ACCOUNTS; a++)
		for (unsigned slot = 0; slot < (a < FUND ? 3 : 2); slot++)
			KIT_MUST(taken(a, slot) <= lots(qty_of(a, slot)));
}

static void run(const struct fb_governor_caps *with, uint32_t orders, unsigned steps)
{
	memset(state, 0, sizeof(state));
	sents = waitings = 0;
	now_us = 0;
	killed = false;
	caps = *with;
	room = orders;
	open_all(with, orders);
	for (unsigned a = 0; a < 4; a++) {
		flatten(account_id[a], 0);
		trade(a, false);
	}
	set_qty(FUND, 0, 500);
	set_qty(FUND, 1, -500);
	set_qty(BACKSTOP, 0, -500);
	set_qty(STREET, 0, 500);
	for (unsigned i = 0; i < steps; i++) {
		uint64_t r = below(16);
		if (r < 6)
			new_order();
		else if (r < 7)
			old_order();
		else if (r < 13)
			deliver();
		else
			world();
		if (i % 8 == 0)
			nothing_is_closed_twice();
	}
	close_all();
}

START_TEST(a_random_run_agrees_with_a_plain_model)
{
	static const struct fb_governor_caps with[] = {
		{ .orders = 0 },
		{ .account_orders = 3, .orders = 8 },
		{ .notional_e8 = 150 },
		{ .account_share_e7 = 7000000 },
		{ .account_orders = 4,
		  .orders = 9,
		  .notional_e8 = 400,
		  .account_share_e7 = 9000000 },
	};
	memset(passed, 0, sizeof(passed));
	uint64_t by_reason[FB_REFUSALS] = { 0 };
	for (unsigned i = 0; i < 30; i++) {
		seed = i;
		run(&with[i % 5], i % 3 ? 64 : 5, 6000);
		for (unsigned r = 1; r < FB_REFUSALS; r++)
			by_reason[r] += expected[r];
	}
	for (unsigned v = FB_VERB_HOLD; v <= FB_VERB_RELEASE; v++)
		ck_assert_msg(passed[v] >= 50 && refused[v] >= 50, "verb %u: %u and %u", v,
			      (unsigned)passed[v], (unsigned)refused[v]);
	/* Nothing unknown is asked here, and what is blocked is not asked at all. */
	for (unsigned r = 1; r < FB_REFUSED_BLOCKED; r++)
		ck_assert_msg(by_reason[r] >= 50 || r == FB_REFUSED_UNKNOWN, "%s: %u",
			      fb_refusal_name((enum fb_refusal)r), (unsigned)by_reason[r]);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "random", a_random_run_agrees_with_a_plain_model },
	};
	return kit_main("host: governor, random runs", cases, sizeof(cases) / sizeof(cases[0]));
}
