/* See conditions.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conditions.h"

bool fb_marks_are_made(const struct fb_rules *r)
{
	return r->mark.first != FB_MARK_DERIVED || r->mark.second != FB_MARK_NONE;
}

bool fb_conditions_wanted(const struct fb_rules *r)
{
	return fb_marks_are_made(r) || r->funding.schedule != FB_FUNDING_NONE ||
	       fb_breakers_any(&r->breakers) || r->adaptive.on ||
	       r->adl.price == FB_ADL_AT_ORACLE;
}

int fb_conditions_open(struct fb_conditions *c, const struct fb_rules *rules, fb_breaker_fn changed,
		       void *context)
{
	memset(c, 0, sizeof(*c));
	c->rules = rules;
	c->wanted = fb_conditions_wanted(rules);
	int err = fb_breakers_open(&rules->breakers, rules->symbols, changed, context,
				   &c->breakers);
	if (err || !c->wanted)
		return err;
	c->symbol = calloc(rules->symbols + 1, sizeof(*c->symbol));
	if (rules->funding.schedule != FB_FUNDING_NONE)
		c->due = calloc(FB_FUNDINGS_MAX, sizeof(*c->due));
	if (!c->symbol || (rules->funding.schedule != FB_FUNDING_NONE && !c->due)) {
		fb_conditions_close(c);
		return -ENOMEM;
	}
	return 0;
}

void fb_conditions_close(struct fb_conditions *c)
{
	fb_breakers_close(c->breakers);
	free(c->symbol);
	free(c->due);
	memset(c, 0, sizeof(*c));
}

uint64_t fb_conditions_index(const struct fb_conditions *c, uint16_t symbol)
{
	return c && c->symbol && symbol < c->rules->symbols ? c->symbol[symbol].price.index_e8 : 0;
}

bool fb_conditions_frozen(const struct fb_conditions *c, uint16_t symbol)
{
	return c && fb_breaker_frozen(c->breakers, symbol) != FB_BREAKER_NONE;
}

uint32_t fb_conditions_adapt(const struct fb_conditions *c, uint16_t symbol, enum fb_adapted what,
			     unsigned side, uint32_t preset, uint32_t most)
{
	if (!c || !c->symbol || !c->rules->adaptive.on || symbol >= c->rules->symbols)
		return preset;
	return fb_adaptive_apply(preset,
				 fb_adaptive_factor(&c->symbol[symbol].adaptive,
						    &c->rules->adaptive, what, side),
				 preset > 0, most);
}

uint32_t fb_conditions_band(const struct fb_conditions *c)
{
	return c ? (uint32_t)c->rules->breakers.band_e7 : 0;
}
