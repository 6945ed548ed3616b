/* Printing a tree of facts: see facts.h. */
#include <string.h>

#include "facts.h"
#include "facts_internal.h"
#include "json_write.h"

static const char *text_of(const struct fb_facts *f, uint32_t at)
{
	return at ? f->text + at : "";
}

static void json(const struct fb_facts *f, uint32_t at, unsigned depth, FILE *out)
{
	const struct fb_fact *fact = &f->fact[at];
	if (fact->kind == TEXT) {
		fb_json_string(text_of(f, fact->exact), out);
		return;
	}
	if (fact->kind == WORD) {
		fputs(text_of(f, fact->exact), out);
		return;
	}
	/* A line in text is a line here. */
	bool flat = fact->form != FB_FACT_BLOCK;
	putc(fact->kind == LIST ? '[' : '{', out);
	for (uint32_t i = fact->child; i != 0; i = f->fact[i].next) {
		if (flat)
			fputs(i == fact->child ? "" : " ", out);
		else
			fprintf(out, "\n%*s", (int)(2 * depth + 2), "");
		if (fact->kind == OBJECT) {
			fb_json_string(text_of(f, f->fact[i].key), out);
			fputs(": ", out);
		}
		json(f, i, depth + 1, out);
		fputs(f->fact[i].next ? "," : "", out);
	}
	if (!flat && fact->child)
		fprintf(out, "\n%*s", (int)(2 * depth), "");
	putc(fact->kind == LIST ? ']' : '}', out);
}

void fb_facts_json(const struct fb_facts *f, uint32_t from, FILE *out)
{
	if (f->facts == 0)
		fputs("{}", out);
	else
		json(f, from, 0, out);
	putc('\n', out);
}

/* Do the two say the same, but for commas and zeros at the end? */
static bool same(const char *shown, const char *exact)
{
	for (; *shown; shown++) {
		if (*shown == ',')
			continue;
		if (*shown != *exact++)
			return false;
	}
	return strspn(exact, "0") == strlen(exact);
}

/* "shown (exact)"; one of them where that says it all. */
static void print_value(const struct fb_facts *f, const struct fb_fact *fact, FILE *out)
{
	const char *exact = text_of(f, fact->exact), *shown = text_of(f, fact->shown);
	bool plain = fact->kind == WORD || fact->form == FB_FACT_EXACT || same(shown, exact);
	if (!*shown || plain)
		fputs(*shown ? shown : exact, out);
	else
		fprintf(out, "%s (%s)", shown, exact);
}

static void print_line(const struct fb_facts *f, const struct fb_fact *fact, FILE *out)
{
	bool first = true;
	for (uint32_t i = fact->child; i != 0; i = f->fact[i].next) {
		const struct fb_fact *c = &f->fact[i];
		if (c->form == FB_FACT_QUIET)
			continue;
		fputs(first ? "" : ", ", out);
		first = false;
		if (c->label)
			fprintf(out, "%s ", text_of(f, c->label));
		if (c->kind <= LIST)
			print_line(f, c, out);
		else
			print_value(f, c, out);
	}
}

static void print(const struct fb_facts *f, uint32_t at, int depth, FILE *out)
{
	const struct fb_fact *fact = &f->fact[at];
	const char *label = text_of(f, fact->label);
	if (fact->form == FB_FACT_QUIET || (fact->kind <= LIST && !fact->child))
		return;
	if (fact->kind > LIST) {
		fprintf(out, "%*s%s%s", depth, "", label, *label ? "  " : "");
		print_value(f, fact, out);
		putc('\n', out);
		return;
	}
	if (fact->form == FB_FACT_LINE) {
		fprintf(out, "%*s%s%s", depth, "", label, *label ? "  " : "");
		print_line(f, fact, out);
		putc('\n', out);
		return;
	}
	if (*label)
		fprintf(out, "%*s%s\n", depth, "", label);
	for (uint32_t i = fact->child; i != 0; i = f->fact[i].next)
		print(f, i, depth + (*label ? 2 : 0), out);
}

void fb_facts_print(const struct fb_facts *f, uint32_t from, FILE *out)
{
	if (f->facts > 0)
		print(f, from, 0, out);
}
