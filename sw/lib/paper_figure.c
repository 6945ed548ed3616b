/* See paper_figure.h. */
#include "paper_figure.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

enum fb_paper_verdict fb_paper_judge(enum fb_paper_how how, __int128 ours, __int128 theirs)
{
	__int128 off = ours - theirs, size = theirs < 0 ? -theirs : theirs;
	if (how == FB_PAPER_COPIED)
		return FB_PAPER_ALONE;
	if (off == 0)
		return FB_PAPER_EQUAL;
	if ((off < 0 ? -off : off) <= 2 + size / 1000000000000)
		return FB_PAPER_NEAR;
	return how == FB_PAPER_BOUND && theirs <= ours ? FB_PAPER_WITHIN : FB_PAPER_DIFFERS;
}

struct fb_paper_figure *paper_add(struct paper_reader *r, enum fb_paper_how how, unsigned scale,
				  const char *name, const char *label, const char *reason)
{
	assert(r->paper->figures < FB_PAPER_FIGURES);
	struct fb_paper_figure *f = &r->paper->figure[r->paper->figures++];
	*f = (struct fb_paper_figure){
		.name = name, .label = label, .reason = reason, .how = how, .scale = scale
	};
	return f;
}

void paper_value(struct fb_paper_figure *f, unsigned wave, __int128 ours, __int128 theirs)
{
	assert(f->n < FB_PAPER_WAVES);
	f->value[f->n++] = (struct fb_paper_value){
		.wave = wave,
		.ours = ours,
		.theirs = theirs,
		.verdict = fb_paper_judge(f->how, ours, theirs),
	};
}

void paper_total_is(struct fb_paper_figure *f, __int128 ours, __int128 theirs)
{
	f->has_total = true;
	f->total = (struct fb_paper_value){ .ours = ours,
					    .theirs = theirs,
					    .verdict = fb_paper_judge(f->how, ours, theirs) };
}

void paper_total(struct fb_paper_figure *f)
{
	__int128 ours = 0, theirs = 0;
	for (size_t i = 0; i < f->n; i++) {
		ours += f->value[i].ours;
		theirs += f->value[i].theirs;
	}
	paper_total_is(f, ours, theirs);
}

int paper_table(struct paper_reader *r, const char *file, struct fb_columns *out)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/%s", r->directory, file);
	return fb_columns_read(path, out, r->error);
}

int paper_number(struct paper_reader *r, const struct fb_columns *t, size_t row, const char *column,
		 unsigned scale, __int128 *out)
{
	size_t k;
	int err = fb_columns_column(t, column, &k, r->error);
	return err ? err : fb_columns_number(t, row, k, scale, out, r->error);
}

bool paper_there(const struct fb_columns *t, size_t row, const char *column)
{
	size_t k;
	struct fb_error ignored;
	if (fb_columns_column(t, column, &k, &ignored))
		return true; /* paper_number() will say so */
	const char *cell = fb_columns_cell(t, row, k);
	return *cell != ',' && *cell != '\n' && *cell != '\r' && *cell != '\0';
}

int paper_wave(struct paper_reader *r, const struct fb_columns *t, size_t row, unsigned *out)
{
	__int128 wave;
	int err = paper_number(r, t, row, "wave", 0, &wave);
	*out = (unsigned)wave;
	if (!err && (wave < 1 || wave > 1000))
		err = fb_error_set(r->error, -EINVAL,
				   "%s: line %zu: expected a wave from 1 to 1000", t->text.name,
				   row + 2);
	return err;
}
