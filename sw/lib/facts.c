/* Building a tree of facts: see facts.h. */
#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/log.h>

#include "facts.h"
#include "facts_internal.h"

bool fb_facts_failed(const struct fb_facts *f)
{
	return f->failed;
}

void fb_facts_free(struct fb_facts *f)
{
	free(f->fact);
	free(f->text);
	*f = (struct fb_facts){ 0 };
}

static bool room(void **memory, uint32_t *max, uint32_t need, size_t each)
{
	uint32_t wider = *max ? *max : 256;
	while (wider < need && wider < UINT32_MAX / 2)
		wider *= 2;
	void *more = wider < need ? NULL : realloc(*memory, wider * each);
	if (!more)
		return false;
	*memory = more;
	*max = wider;
	return true;
}

/* Its place in `text`; 0 is the empty one. */
static uint32_t keep(struct fb_facts *f, const char *text)
{
	uint32_t at = f->length ? f->length : 1, n = text ? (uint32_t)strlen(text) + 1 : 0;
	if (n <= 1 || f->failed)
		return 0;
	void *memory = f->text;
	if (at + n > f->length_max && !room(&memory, &f->length_max, at + n, 1)) {
		f->failed = true;
		return 0;
	}
	f->text = memory;
	f->text[0] = '\0';
	memcpy(f->text + at, text, n);
	f->length = at + n;
	return at;
}

static uint32_t add(struct fb_facts *f, uint32_t parent, const char *key, const char *label,
		    enum kind kind)
{
	void *memory = f->fact;
	uint32_t i = f->facts ? f->facts : 1;
	if (f->failed)
		return 0;
	if (i + 1 > f->facts_max && !room(&memory, &f->facts_max, i + 1, sizeof(*f->fact))) {
		f->failed = true;
		return 0;
	}
	f->fact = memory;
	if (f->facts == 0)
		f->fact[0] = (struct fb_fact){ .kind = OBJECT };
	f->fact[i] = (struct fb_fact){ .kind = (uint8_t)kind };
	f->facts = i + 1;
	f->fact[i].key = keep(f, key);
	f->fact[i].label = keep(f, label);
	struct fb_fact *p = &f->fact[parent];
	assert(p->kind <= LIST);
	*(p->last ? &f->fact[p->last].next : &p->child) = i;
	p->last = i;
	return i;
}

static uint32_t value(struct fb_facts *f, uint32_t parent, const char *key, const char *label,
		      enum kind kind, const char *exact, const char *shown)
{
	uint32_t i = add(f, parent, key, label, kind), a = keep(f, exact), b = keep(f, shown);
	if (f->failed)
		return 0;
	f->fact[i].exact = a;
	f->fact[i].shown = b;
	return i;
}

static uint32_t group(struct fb_facts *f, uint32_t parent, const char *key, const char *label,
		      enum kind kind, enum fb_fact_form form)
{
	uint32_t i = add(f, parent, key, label, kind);
	if (!f->failed)
		f->fact[i].form = (uint8_t)form;
	return i;
}

uint32_t fb_fact_object(struct fb_facts *f, uint32_t parent, const char *key, const char *label,
			enum fb_fact_form form)
{
	return group(f, parent, key, label, OBJECT, form);
}

uint32_t fb_fact_list(struct fb_facts *f, uint32_t parent, const char *key, const char *label,
		      enum fb_fact_form form)
{
	return group(f, parent, key, label, LIST, form);
}

void fb_fact_text(struct fb_facts *f, uint32_t parent, const char *key, const char *label,
		  const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	value(f, parent, key, label, TEXT, text, NULL);
}

void fb_fact_quiet(struct fb_facts *f, uint32_t parent, const char *key, const char *text)
{
	uint32_t i = value(f, parent, key, NULL, TEXT, text, NULL);
	if (!f->failed)
		f->fact[i].form = FB_FACT_QUIET;
}

void fb_fact_yes(struct fb_facts *f, uint32_t parent, const char *key, const char *label, bool yes)
{
	value(f, parent, key, label, WORD, yes ? "true" : "false", yes ? "yes" : "no");
}

/* Digits in groups of three, as far as the point. */
static char *grouped(const char *digits, char *out)
{
	size_t whole = strcspn(digits, "."), at = 0, from = digits[0] == '-';
	for (size_t i = 0; i < whole; i++) {
		if (i > from && (whole - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	strcpy(out + at, digits + whole);
	return out;
}

void fb_fact_count(struct fb_facts *f, uint32_t parent, const char *key, const char *label,
		   __int128 n)
{
	char digits[41], shown[64];
	fb_text_i128(n, digits);
	value(f, parent, key, label, WORD, digits, grouped(digits, shown));
}

void fb_fact_id(struct fb_facts *f, uint32_t parent, const char *key, const char *label,
		uint64_t id)
{
	char digits[41];
	value(f, parent, key, label, WORD, fb_text_i128(id, digits), NULL);
}

/* value x 10^-scale as text, `scale` decimals. */
static char *decimal(__int128 x, unsigned scale, char out[64])
{
	char digits[41], padded[64];
	bool negative = x < 0;
	fb_text_i128(negative ? -x : x, digits);
	size_t n = strlen(digits), zeros = n <= scale ? scale + 1 - n : 0;
	memset(padded, '0', zeros);
	strcpy(padded + zeros, digits);
	n += zeros;
	sprintf(out, "%s%.*s%s%s", negative ? "-" : "", (int)(n - scale), padded,
		scale ? "." : "", padded + n - scale);
	return out;
}

static __int128 power(unsigned n)
{
	__int128 p = 1;
	while (n-- > 0)
		p *= 10;
	return p;
}

/* To the nearest with fewer decimals, halves away from zero. */
static __int128 rounded(__int128 x, unsigned scale, unsigned places)
{
	if (places >= scale)
		return x * power(places - scale);
	__int128 unit = power(scale - places), half = unit / 2;
	return x < 0 ? -((-x + half) / unit) : (x + half) / unit;
}

void fb_fact_decimal(struct fb_facts *f, uint32_t parent, const char *key, const char *label,
		     __int128 x, unsigned scale, unsigned places)
{
	char exact[64], few[64], shown[80];
	assert(scale <= 18);
	decimal(x, scale, exact);
	decimal(rounded(x, scale, places), places, few);
	value(f, parent, key, label, TEXT, exact, grouped(few, shown));
}

void fb_fact_rate(struct fb_facts *f, uint32_t parent, const char *key, const char *label,
		  uint64_t rate_e7)
{
	char exact[64], shown[80];
	decimal(rate_e7, 5, shown);
	size_t n = strlen(shown);
	while (shown[n - 1] == '0')
		n--;
	n -= shown[n - 1] == '.';
	strcpy(shown + n, " %");
	uint32_t i = value(f, parent, key, label, TEXT, decimal(rate_e7, 7, exact), shown);
	if (!f->failed)
		f->fact[i].form = FB_FACT_EXACT;
}

void fb_fact_money(struct fb_facts *f, uint32_t parent, const char *key, const char *label,
		   __int128 value_e8)
{
	fb_fact_decimal(f, parent, key, label, value_e8, 8, 2);
}

void fb_fact_ratio(struct fb_facts *f, uint32_t parent, const char *key, const char *label,
		   __int128 above, __int128 below, unsigned shift)
{
	char exact[96], a[41], b[41], shown[80];
	__int128 divisor = below;
	strcpy(shown, above == 0 ? "none" : "infinite");
	snprintf(exact, sizeof(exact), "%s/%s%.*s", fb_text_i128(above, a), fb_text_i128(below, b),
		 (int)(below == 0 ? 0 : shift), "000000000000000000");
	/* percent with two decimals: above x 10^4 / (below x 10^shift) */
	for (; shift > 4; shift--)
		divisor *= 10;
	if (divisor > 0) {
		char few[64];
		decimal(rounded(above * power(4 - shift) * 10 / divisor, 3, 2), 2, few);
		snprintf(shown, sizeof(shown), "%s %%", few);
	} else if (divisor < 0) {
		strcpy(shown, "equity is below 0");
	}
	value(f, parent, key, label, TEXT, exact, shown);
}

void fb_fact_none(struct fb_facts *f, uint32_t parent, const char *key, const char *label)
{
	value(f, parent, key, label, WORD, "null", "none");
}

static void number(struct fb_facts *f, uint32_t parent, const char *key, const char *label,
		   const struct fb_ratio *x, struct fb_ratio shown_x, unsigned places,
		   const char *unit)
{
	char exact[FB_RATIO_TEXT], few[FB_RATIO_TEXT], shown[2 * FB_RATIO_TEXT];
	if (x->error || shown_x.error) {
		fb_fact_none(f, parent, key, label);
		return;
	}
	struct fb_ratio rounded_x = fb_ratio_round(*x, places, FB_ROUND_HALF_UP);
	fb_ratio_decimal(&shown_x, places, FB_ROUND_HALF_UP, few);
	strcat(grouped(few, shown), unit);
	fb_ratio_exact(x, exact);
	/* With all places where these say it all, as money has them. */
	if (!*unit && !rounded_x.error && fb_ratio_compare(&rounded_x, x) == 0)
		fb_ratio_decimal(x, places, FB_ROUND_HALF_UP, exact);
	value(f, parent, key, label, TEXT, exact, shown);
}

void fb_fact_number(struct fb_facts *f, uint32_t parent, const char *key, const char *label,
		    const struct fb_ratio *x, unsigned places)
{
	number(f, parent, key, label, x, *x, places, "");
}

void fb_fact_percent(struct fb_facts *f, uint32_t parent, const char *key, const char *label,
		     const struct fb_ratio *x)
{
	number(f, parent, key, label, x, fb_ratio_mul(*x, fb_ratio_int(100)), 2, " %");
}

void fb_fact_hex(struct fb_facts *f, uint32_t parent, const char *key, const char *label,
		 const uint8_t digest[32])
{
	char text[65];
	for (int i = 0; i < 32; i++)
		sprintf(text + 2 * i, "%02x", digest[i]);
	value(f, parent, key, label, TEXT, text, NULL);
}
