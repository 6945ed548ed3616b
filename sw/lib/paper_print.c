/* The published figures, for people and for programs. */
#include <string.h>

#include <firebreak/log.h>
#include <firebreak/paper.h>

#include "report_internal.h"

static const char *const hows[] = { "again", "bound", "copied" };
static const char *const verdicts[FB_PAPER_VERDICTS] = { "equal", "near", "within", "alone",
							 "differs" };

const char *fb_paper_how_name(enum fb_paper_how how)
{
	return hows[how];
}

const char *fb_paper_verdict_name(enum fb_paper_verdict verdict)
{
	return verdicts[verdict];
}

size_t fb_paper_differences(const struct fb_paper *p)
{
	size_t n = 0;
	for (size_t k = 0; k < p->figures; k++) {
		const struct fb_paper_figure *f = &p->figure[k];
		for (size_t i = 0; i < f->n; i++)
			n += f->value[i].verdict == FB_PAPER_DIFFERS;
		n += f->has_total && f->total.verdict == FB_PAPER_DIFFERS;
	}
	return n;
}

static char *decimal(__int128 x, unsigned scale, char out[64])
{
	char digits[41], padded[64];
	bool negative = x < 0;
	fb_text_i128(negative ? -x : x, digits);
	size_t n = strlen(digits), zeros = n <= scale ? scale + 1 - n : 0;
	memset(padded, '0', zeros);
	strcpy(padded + zeros, digits);
	n += zeros;
	snprintf(out, 64, "%s%.*s.%s", negative ? "-" : "", (int)(n - scale), padded,
		 padded + n - scale);
	return out;
}

static void line(const struct fb_paper_figure *f, const struct fb_paper_value *v, FILE *out)
{
	char ours[64], theirs[64], off[64], wave[16] = "all";
	if (v->wave > 0)
		snprintf(wave, sizeof(wave), "%u", v->wave);
	decimal(v->ours, f->scale, ours);
	decimal(v->theirs, f->scale, theirs);
	decimal(v->ours - v->theirs, f->scale, off);
	bool alone = f->how == FB_PAPER_COPIED;
	fprintf(out, "  %4s  %26s  %26s  %22s  %s\n", wave, alone ? "-" : ours, theirs,
		alone ? "-" : off, verdicts[v->verdict]);
}

void fb_paper_text(const struct fb_paper *p, FILE *out)
{
	size_t count[FB_PAPER_VERDICTS] = { 0 };
	fprintf(out, "Published figures of arXiv 2512.01112v3, ours beside theirs\n");
	for (size_t k = 0; k < p->figures; k++) {
		const struct fb_paper_figure *f = &p->figure[k];
		fprintf(out, "\n%s (%s)\n  %s: %s\n  %4s  %26s  %26s  %22s\n", f->label, f->name,
			hows[f->how], f->reason, "wave", "ours", "theirs", "difference");
		for (size_t i = 0; i < f->n; i++) {
			line(f, &f->value[i], out);
			count[f->value[i].verdict]++;
		}
		if (!f->has_total)
			continue;
		line(f, &f->total, out);
		count[f->total.verdict]++;
	}
	fprintf(out,
		"\nCapped and risk-aware pro rata: no figure of a wave is published. Both take "
		"what was needed\nwherever their caps allow it, as wealth pro rata does.\n\n"
		"%zu equal to the last decimal, %zu near (their sums are floating point), %zu "
		"within a bound,\n%zu copied for want of inputs, %zu differ\n",
		count[FB_PAPER_EQUAL], count[FB_PAPER_NEAR], count[FB_PAPER_WITHIN],
		count[FB_PAPER_ALONE], count[FB_PAPER_DIFFERS]);
}

static void value_json(const struct fb_paper_figure *f, const struct fb_paper_value *v, FILE *out)
{
	char text[64];
	fprintf(out, "{");
	if (v->wave > 0)
		fprintf(out, "\"wave\": %u, ", v->wave);
	if (f->how != FB_PAPER_COPIED)
		fprintf(out, "\"ours\": \"%s\", ", decimal(v->ours, f->scale, text));
	fprintf(out, "\"theirs\": \"%s\", \"verdict\": \"%s\"}", decimal(v->theirs, f->scale, text),
		verdicts[v->verdict]);
}

void fb_paper_json(const struct fb_paper *p, FILE *out)
{
	fprintf(out, "[");
	for (size_t k = 0; k < p->figures; k++) {
		const struct fb_paper_figure *f = &p->figure[k];
		fprintf(out, "%s\n {\"figure\": \"%s\", \"how\": \"%s\", \"reason\": \"%s\",\n",
			k ? "," : "", f->name, hows[f->how], f->reason);
		fprintf(out, "  \"waves\": [");
		for (size_t i = 0; i < f->n; i++) {
			fprintf(out, i ? ",\n   " : "\n   ");
			value_json(f, &f->value[i], out);
		}
		fprintf(out, "]");
		if (f->has_total) {
			fprintf(out, ",\n  \"total\": ");
			value_json(f, &f->total, out);
		}
		fprintf(out, "}");
	}
	fprintf(out, "\n]");
}
