/* An order of deleveraging in one word, as evidence names it: the score, and what differs from a
 * pack that says nothing else: "okx;leverage=position;tier=2500000". There is one spelling. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/adl.h>
#include <firebreak/policy.h>

struct text {
	char *out;
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(t->out + t->used, FB_ADL_ORDER_TEXT - t->used, format, args);
	va_end(args);
	if (n > 0 && t->used + (size_t)n < FB_ADL_ORDER_TEXT)
		t->used += (size_t)n;
}

void fb_adl_order_text(const struct fb_adl_policy *p, char out[FB_ADL_ORDER_TEXT])
{
	struct text t = { out, 0 };
	memset(out, 0, FB_ADL_ORDER_TEXT);
	add(&t, "%s", fb_adl_families[p->score].name);
	if (p->leverage)
		add(&t, ";leverage=position");
	if (p->losers)
		add(&t, ";losers=none");
	if (p->positions)
		add(&t, ";positions=summed");
	if (p->hedges)
		add(&t, ";hedges=keep");
	if (p->share)
		add(&t, ";share=%s", fb_share_name((enum fb_share_kind)p->share));
	if (p->size_factor_e7)
		add(&t, ";size=%" PRIu64 "/%" PRIu64, p->size_factor_e7, p->size_unit_e8);
	if (p->tier_factor_e7)
		add(&t, ";tier=%" PRIu64, p->tier_factor_e7);
	if (p->funding_factor_e7)
		add(&t, ";funding=%" PRIu64, p->funding_factor_e7);
}

static bool is(const char *word, size_t length, const char *expected)
{
	return strlen(expected) == length && memcmp(word, expected, length) == 0;
}

/* `word` up to `length` is key=NUMBER. */
static bool number(const char *word, size_t length, const char *key, uint64_t *out)
{
	size_t n = strlen(key);
	if (length <= n || memcmp(word, key, n) != 0)
		return false;
	*out = strtoull(word + n, NULL, 10);
	return true;
}

static bool take(const char *word, size_t length, struct fb_adl_policy *p)
{
	if (is(word, length, "leverage=position"))
		p->leverage = 1;
	else if (is(word, length, "losers=none"))
		p->losers = 1;
	else if (is(word, length, "positions=summed"))
		p->positions = 1;
	else if (is(word, length, "hedges=keep"))
		p->hedges = 1;
	else if (number(word, length, "size=", &p->size_factor_e7)) {
		const char *unit = memchr(word, '/', length);
		p->size_unit_e8 = unit ? strtoull(unit + 1, NULL, 10) : 0;
	} else if (!number(word, length, "tier=", &p->tier_factor_e7) &&
		   !number(word, length, "funding=", &p->funding_factor_e7)) {
		for (uint64_t k = 1; k < FB_SHARE_KINDS; k++) {
			const char *name = fb_share_name((enum fb_share_kind)k);
			if (length == 6 + strlen(name) && memcmp(word, "share=", 6) == 0 &&
			    memcmp(word + 6, name, length - 6) == 0) {
				p->share = k;
				return true;
			}
		}
		return false;
	}
	return true;
}

bool fb_adl_order_read(const char *text, struct fb_adl_policy *out)
{
	char again[FB_ADL_ORDER_TEXT];
	size_t length = strcspn(text, ";");
	memset(out, 0, sizeof(*out));
	while (out->score < fb_adl_families_n &&
	       !is(text, length, fb_adl_families[out->score].name))
		out->score++;
	if (out->score == fb_adl_families_n)
		return false;
	for (const char *word = text + length; *word == ';'; word += length) {
		word++;
		length = strcspn(word, ";");
		if (!take(word, length, out))
			return false;
	}
	/* Bounds of a pack, so that no product leaves its room; and the one spelling. */
	if (out->size_factor_e7 > FB_ADL_FACTOR_MAX || out->tier_factor_e7 > FB_ADL_FACTOR_MAX ||
	    out->funding_factor_e7 > FB_ADL_FACTOR_MAX || out->size_unit_e8 > FB_ADL_UNIT_MAX)
		return false;
	fb_adl_order_text(out, again);
	return strcmp(again, text) == 0;
}
