/* What a rule pack says, key by key from the tables by which it is read. */
#include <firebreak/packs.h>

#include "packs_value.h"

/* The keys of one struct that are preset, or those that are not; how many. */
static unsigned put_keys(FILE *out, const struct fb_rules *r, const struct fb_section *section,
			 const void *from, bool preset)
{
	unsigned n = 0;

	for (unsigned k = 0; k < section->keys; k++) {
		const struct fb_key *key = &section->key[k];
		bool same = key->required == 0 && key->width > 0 &&
			    (key->kind == FB_KEY_NAME ? ((const char *)from)[key->offset] == 0
						      : fb_key_get(key, from) == key->preset);

		if (key->width == 0 || key->name[0] == '\0' || same != preset ||
		    (same && key->kind == FB_KEY_NAME))
			continue;
		if (n++ == 0 && preset)
			fprintf(out, "# and, as without a line:\n");
		fprintf(out, "%s = ", key->name);
		if (key->kind == FB_KEY_NAME)
			fputs((const char *)from + key->offset, out);
		else
			fb_pack_value(out, r, key, fb_key_get(key, from));
		fputc('\n', out);
	}
	return n;
}

static void put_thresholds(FILE *out, const struct fb_rules *r)
{
	for (unsigned i = 0; i < r->thresholds; i++) {
		fprintf(out, "%s = ", r->threshold[i].name);
		fb_pack_percent(out, r->threshold[i].up_e7);
		if (r->threshold[i].down_e7 != r->threshold[i].up_e7) {
			fputs(" / ", out);
			fb_pack_percent(out, r->threshold[i].down_e7);
		}
		fputc('\n', out);
	}
}

static void put_ladders(FILE *out, const struct fb_rules *r)
{
	for (unsigned l = 0; l < r->ladders; l++) {
		const struct fb_ladder *ladder = &r->ladder[l];

		fprintf(out, "# %s: from, rate, deduction\n", ladder->name);
		for (unsigned k = 0; k < ladder->tiers; k++) {
			fputs("#   ", out);
			fb_pack_decimal(out, ladder->tier[k].floor_e8, 8);
			fputs(", ", out);
			fb_pack_percent(out, ladder->tier[k].rate_e7);
			fputs(", ", out);
			fb_pack_decimal(out, (__int128)ladder->tier[k].deduction_e15, 15);
			fputc('\n', out);
		}
	}
}

static void put_aliases(FILE *out, const struct fb_symbol *s)
{
	for (unsigned i = 0; i < s->aliases; i++)
		fprintf(out, "%s%s", i ? ", " : "aliases = ", s->alias[i]);
	if (s->aliases)
		fputc('\n', out);
}

/* Every key anywhere that names this level. */
static unsigned put_steps(FILE *out, const struct fb_rules *r, unsigned level)
{
	unsigned n = 0;

	if (r->liquidate_level == level)
		fprintf(out, "%sliquidate_at", n++ ? ", " : "");
	for (unsigned s = 0; s < fb_sections_n; s++)
		for (unsigned k = 0; k < fb_sections[s]->keys && fb_sections[s]->most == 0; k++) {
			const struct fb_key *key = &fb_sections[s]->key[k];
			const void *from = fb_section_at(fb_sections[s], r, 0);

			if (key->kind == FB_KEY_LEVEL && fb_key_get(key, from) == level)
				fprintf(out, "%s%s", n++ ? ", " : "", key->name);
		}
	return n;
}

static void put_levels(FILE *out, const struct fb_rules *r)
{
	fprintf(out, "# Levels, reached at MM / equity %s:\n", r->strict ? ">" : ">=");
	for (unsigned i = 0; i < r->thresholds; i++) {
		fprintf(out, "#   %s at ", r->threshold[i].name);
		fb_pack_percent(out, r->threshold[i].up_e7);
		fputs(": ", out);
		if (put_steps(out, r, i + 1) == 0)
			fputs("shown only", out);
		fputc('\n', out);
	}
}

void fb_pack_print(const struct fb_rules *r, FILE *out)
{
	put_levels(out, r);
	for (unsigned s = 0; s < fb_sections_n; s++) {
		const struct fb_section *section = fb_sections[s];
		unsigned count = fb_section_count(section, r);

		for (unsigned i = 0; i < count || (i == 0 && section->most == 0); i++) {
			const void *from = fb_section_at(section, r, i);

			if (section->mine && !section->mine(from))
				continue;
			fprintf(out, "\n[%s%s%s]\n", section->name, section->most ? " " : "",
				section->most ? (const char *)from : "");
			if (fb_pack_is(section, "thresholds"))
				put_thresholds(out, r);
			if (fb_pack_is(section, "ladders"))
				put_ladders(out, r);
			put_keys(out, r, section, from, false);
			if (fb_pack_is(section, "venue"))
				fprintf(out, "liquidate_at = %s\n",
					r->threshold[r->liquidate_level - 1].name);
			if (section->most)
				put_aliases(out, from);
			if (section->most == 0)
				put_keys(out, r, section, from, true);
		}
	}
}

void fb_pack_print_line(const struct fb_rules *r, FILE *out)
{
	fprintf(out, "%s", r->strict ? ">" : ">=");
	for (unsigned i = 0; i < r->thresholds; i++) {
		fprintf(out, "%s %s ", i ? "," : "", r->threshold[i].name);
		fb_pack_percent(out, r->threshold[i].up_e7);
	}
	fprintf(out, "; %u symbol%s\n", r->symbols, r->symbols == 1 ? "" : "s");
}
