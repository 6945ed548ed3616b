/* Lights and alerts as an account sees them. See explain.h. */
#include <string.h>

#include "explain.h"

static void told_light(void *context, const struct fb_light *l)
{
	struct fb_explain *x = context;
	const struct fb_waterfall *w = x->waterfall;
	const struct fb_book_row *row = &w->book->row[l->row];
	if (x->account == FB_NONE || row->account != x->account)
		return;
	struct fb_facts *f = &x->facts;
	uint32_t line = fb_explain_step(x, "lights are published", "light", "light", FB_FACT_LINE);
	fb_fact_id(f, line, "position", "position", row->id);
	fb_fact_text(f, line, "symbol", "", "%s", w->rules->symbol[row->symbol].name);
	fb_fact_count(f, line, "before", "from", l->before);
	fb_fact_count(f, line, "light", "to", l->light);
	fb_fact_count(f, line, "bars", "of", (__int128)x->lights->policy.bars);
	fb_fact_count(f, line, "rank", "rank", l->rank);
	fb_fact_count(f, line, "ranked", "among", l->ranked);
	fb_fact_text(f, line, "why", "since", "%s",
		     l->light == 0     ? "it is in no queue"
		     : l->before == 0  ? "it is in a queue now"
		     : l->light > l->before
			     ? "fewer stand before it in the queue for deleveraging"
			     : "more stand before it in the queue for deleveraging");
	x->event = 0;
}

static bool holds(const struct fb_explain *x, uint16_t symbol)
{
	const struct fb_book *book = x->waterfall->book;
	for (uint32_t i = book->account[x->account].first; i != FB_NONE; i = book->row[i].next)
		if (book->row[i].symbol == symbol && book->row[i].qty != 0)
			return true;
	return false;
}

static void told_alarm(void *context, const struct fb_alarm *a)
{
	struct fb_explain *x = context;
	if (x->account == FB_NONE || !holds(x, a->symbol))
		return;
	struct fb_facts *f = &x->facts;
	uint32_t line = fb_explain_step(x, "alerts are published", "alert", "alert", FB_FACT_LINE);
	fb_fact_text(f, line, "symbol", "", "%s", x->waterfall->rules->symbol[a->symbol].name);
	fb_fact_text(f, line, "before", "from", "%s", fb_alert_name((enum fb_alert)a->before));
	fb_fact_text(f, line, "state", "to", "%s", fb_alert_name((enum fb_alert)a->alert));
	fb_fact_money(f, line, "fund", "fund", a->fund_e8);
	fb_fact_money(f, line, "peak", "and its peak", a->peak_e8);
	fb_fact_count(f, line, "deleveraged", "deleveraged since", a->deleveraged);
	x->event = 0;
}

int fb_explain_lights(struct fb_explain *x, struct fb_host *host)
{
	const struct fb_adl_policy *p = &host->rules->adl;
	const struct fb_lights_watch watch = { .context = x,
					       .light = told_light,
					       .alarm = told_alarm };
	if ((!p->lights && !p->alerts_every_us) || x->options->sequence != 0)
		return 0;
	return fb_lights_open(host, p, &watch, &x->lights);
}
