/* Lights and alerts: see lights.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adl_internal.h"
#include "lights.h"
#include "waterfall_internal.h"

const char *fb_alert_name(enum fb_alert alert)
{
	static const char *const names[FB_ALERTS] = { "normal", "warning", "adl" };
	return alert < FB_ALERTS ? names[alert] : "unknown";
}

static uint64_t lots_of(const struct fb_book *book, uint32_t row)
{
	int64_t qty = book->row[row].qty;
	return (uint64_t)(qty < 0 ? -qty : qty);
}

/* ---- lights ---- */

/* The first step has all bars lit. */
static uint8_t lit(uint64_t bars, unsigned __int128 sum, unsigned __int128 all)
{
	return (uint8_t)(bars + 1 - (uint64_t)((sum * bars + all - 1) / all));
}

static void light_queue(struct fb_lights *l, uint32_t ranking)
{
	const struct fb_book *book = l->waterfall->book;
	const struct fb_adl *adl = l->adl;
	uint32_t from = adl->first[ranking], to = adl->first[ranking + 1];
	bool by_lots = l->policy.lights != 2;
	unsigned __int128 all = 0, sum = 0;
	for (uint32_t i = from; i < to; i++)
		all += by_lots ? lots_of(book, adl->by_rank.entry[i]->row) : 1;
	for (uint32_t i = from; i < to; i++) {
		uint32_t row = adl->by_rank.entry[i]->row;
		sum += by_lots ? lots_of(book, row) : 1;
		l->light[row] = lit(l->policy.bars, sum, all);
	}
}

static void tell_queue(struct fb_lights *l, uint32_t ranking, int64_t time_us)
{
	const struct fb_adl *adl = l->adl;
	uint32_t from = adl->first[ranking], to = adl->first[ranking + 1];
	for (uint32_t i = from; i < to; i++) {
		const struct fb_adl_entry *e = adl->by_rank.entry[i];
		struct fb_light light = { .time_us = time_us,
					  .row = e->row,
					  .rank = e->rank,
					  .ranked = to - from,
					  .light = l->light[e->row],
					  .before = l->before[e->row] };
		if (light.light == light.before)
			continue;
		if (l->summary)
			l->summary->light_changes++;
		if (l->watch.light)
			l->watch.light(l->watch.context, &light);
	}
}

/* Those that left their queue. */
static void tell_others(struct fb_lights *l, int64_t time_us)
{
	for (uint32_t row = 0; row < l->waterfall->book->rows; row++) {
		struct fb_light light = { .time_us = time_us,
					  .row = row,
					  .before = l->before[row] };
		if (l->light[row] != 0 || light.before == 0)
			continue;
		if (l->summary)
			l->summary->light_changes++;
		if (l->watch.light)
			l->watch.light(l->watch.context, &light);
	}
}

static void rank_all(struct fb_lights *l)
{
	l->adl->round++;
	for (uint32_t r = 0; r < FB_ADL_RANKINGS; r++)
		l->adl->wanted[r] = !l->rules.no_adl[r / 2];
	fb_adl_rank(l->adl, l->waterfall->book, &l->rules);
}

void fb_lights_look(struct fb_lights *l, int64_t time_us)
{
	size_t rows = (size_t)l->waterfall->book->rows;
	rank_all(l);
	memcpy(l->before, l->light, rows);
	memset(l->light, 0, rows);
	for (uint32_t r = 0; r < FB_ADL_RANKINGS; r++)
		light_queue(l, r);
	for (uint32_t r = 0; r < FB_ADL_RANKINGS; r++)
		tell_queue(l, r, time_us);
	tell_others(l, time_us);
}

/* ---- alerts ---- */

static __int128 fund_equity(const struct fb_waterfall *w)
{
	uint32_t fund = fb_book_account_index(w->book, FB_ID_FUND);
	return fund == FB_NONE ? 0 : fb_house_sums(w, fund).equity_e8;
}

/* Of all that were seen in the window only those count that nothing later exceeds. */
static __int128 peak_of(struct fb_lights *l, int64_t time_us, __int128 equity_e8)
{
	int64_t window_us = (int64_t)l->policy.alert_window_us;
	unsigned old = 0;
	while (window_us > 0 && old < l->peaks && l->peak[old].time_us < time_us - window_us)
		old++;
	l->peaks -= old;
	memmove(l->peak, l->peak + old, l->peaks * sizeof(l->peak[0]));
	while (l->peaks > 0 && l->peak[l->peaks - 1].equity_e8 <= equity_e8)
		l->peaks--;
	if (l->peaks == FB_PEAKS) /* the newest gives way: the peak is found late, never lost */
		l->peaks--;
	l->peak[l->peaks].time_us = time_us;
	l->peak[l->peaks++].equity_e8 = equity_e8;
	return l->peak[0].equity_e8;
}

static bool fallen(const struct fb_alarm *a, uint64_t share_e7)
{
	return share_e7 > 0 && a->peak_e8 > 0 &&
	       (a->peak_e8 - a->fund_e8) * FB_RATE_ONE >= a->peak_e8 * (__int128)share_e7;
}

/* Lots of a side that are ranked and in profit, and all; of the side that has less of them. */
static void count_profit(struct fb_lights *l, uint16_t symbol, const uint64_t open[2],
			 struct fb_alarm *out)
{
	const struct fb_adl *adl = l->adl;
	for (uint32_t side = 0; side < 2; side++) {
		uint32_t r = fb_adl_ranking(symbol, side);
		uint64_t lots = 0;
		for (uint32_t i = adl->first[r]; i < adl->first[r + 1]; i++)
			if (adl->by_rank.entry[i]->terms.score.profit_e8 > 0)
				lots += lots_of(l->waterfall->book, adl->by_rank.entry[i]->row);
		if (side == 0 || lots < out->in_profit) {
			out->in_profit = lots;
			out->open_interest = open[side];
		}
	}
}

static enum fb_alert alert_of(struct fb_lights *l, const struct fb_alarm *a)
{
	if (a->deleveraged || fallen(a, l->policy.alert_adl_e7))
		return FB_ALERT_ADL;
	bool shallow = (unsigned __int128)a->in_profit * FB_RATE_ONE <
		       (unsigned __int128)a->open_interest * l->policy.alert_depth_e7;
	return fallen(a, l->policy.alert_warning_e7) || shallow ? FB_ALERT_WARNING
								 : FB_ALERT_NORMAL;
}

static void look_at_alerts(struct fb_lights *l, int64_t time_us)
{
	const struct fb_book *book = l->waterfall->book;
	uint64_t open[FB_SYMBOLS][2] = { { 0 } };
	struct fb_alarm now = { .time_us = time_us, .fund_e8 = fund_equity(l->waterfall) };
	now.peak_e8 = peak_of(l, time_us, now.fund_e8);
	if (l->policy.alert_depth_e7 > 0) {
		rank_all(l);
		for (uint32_t i = 0; i < book->rows; i++)
			if (book->account[book->row[i].account].role == FB_ROLE_USER)
				open[book->row[i].symbol][book->row[i].qty < 0] += lots_of(book, i);
	}
	for (uint16_t s = 0; s < FB_SYMBOLS; s++) {
		if (!book->symbol[s].defined)
			continue;
		struct fb_alarm a = now;
		a.symbol = s;
		a.before = l->alert[s];
		a.deleveraged = fb_price_rounds(l->waterfall, s) != l->rounds[s];
		l->rounds[s] = fb_price_rounds(l->waterfall, s);
		if (l->policy.alert_depth_e7 > 0)
			count_profit(l, s, open[s], &a);
		a.alert = l->alert[s] = (uint8_t)alert_of(l, &a);
		if (a.alert == a.before)
			continue;
		if (l->summary)
			l->summary->alert_changes++;
		if (l->watch.alarm)
			l->watch.alarm(l->watch.context, &a);
	}
}

/* ---- the host's time ---- */

static bool due(bool ever, int64_t last_us, uint64_t every_us, int64_t time_us)
{
	return !ever || time_us - last_us >= (int64_t)every_us;
}

static void ticked(void *context, int64_t time_us)
{
	struct fb_lights *l = context;
	if (!l->waterfall->book->sealed)
		return;
	if (l->policy.lights && due(l->looked, l->lights_us, l->policy.lights_every_us, time_us)) {
		l->looked = true;
		l->lights_us = time_us;
		fb_lights_look(l, time_us);
	}
	if (l->policy.alerts_every_us &&
	    due(l->alerted, l->alerts_us, l->policy.alerts_every_us, time_us)) {
		l->alerted = true;
		l->alerts_us = time_us;
		look_at_alerts(l, time_us);
	}
}

int fb_lights_open(struct fb_host *h, const struct fb_adl_policy *policy,
		   const struct fb_lights_watch *watch, struct fb_lights **out)
{
	struct fb_lights *l = calloc(1, sizeof(*l));
	size_t rows = (size_t)h->book->rows_max + 1;
	if (!l)
		return -ENOMEM;
	l->waterfall = h->waterfall;
	l->summary = &h->summary;
	l->watch = *watch;
	l->policy = *policy;
	l->rules = fb_price_rules(h->waterfall);
	l->light = calloc(rows, 1);
	l->before = calloc(rows, 1);
	if (!l->light || !l->before ||
	    fb_adl_open(h->book->accounts_max, h->book->rows_max, &l->adl) ||
	    fb_adl_extend(l->adl, &h->rules->adl)) {
		fb_lights_close(l);
		return -ENOMEM;
	}
	h->ticked = ticked;
	h->ticked_context = l;
	*out = l;
	return 0;
}

void fb_lights_close(struct fb_lights *l)
{
	if (!l)
		return;
	fb_adl_close(l->adl);
	free(l->light);
	free(l->before);
	free(l);
}
