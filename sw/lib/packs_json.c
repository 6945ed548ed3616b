/* What a rule pack says, for programs. */
#include <firebreak/packs.h>

#include "packs_value.h"

/* In JSON numbers without a unit are numbers, everything else is text. */
static void put_key_json(FILE *out, const struct fb_rules *r, const struct fb_key *key,
			 const void *from)
{
	bool bare = key->kind == FB_KEY_NUMBER || key->kind == FB_KEY_OWN;

	fprintf(out, "\"%s\": %s", key->name, bare ? "" : "\"");
	if (key->kind == FB_KEY_NAME)
		fputs((const char *)from + key->offset, out);
	else
		fb_pack_value(out, r, key, fb_key_get(key, from));
	fputs(bare ? "" : "\"", out);
}

static void put_thresholds_json(FILE *out, const struct fb_rules *r)
{
	fputs("  \"thresholds\": [", out);
	for (unsigned i = 0; i < r->thresholds; i++) {
		fprintf(out, "%s\n    {\"name\": \"%s\", \"up\": \"", i ? "," : "",
			r->threshold[i].name);
		fb_pack_percent(out, r->threshold[i].up_e7);
		fputs("\", \"down\": \"", out);
		fb_pack_percent(out, r->threshold[i].down_e7);
		fputs("\"}", out);
	}
	fputs("\n  ]", out);
}

static void put_ladders_json(FILE *out, const struct fb_rules *r)
{
	fputs("  \"ladders\": {", out);
	for (unsigned l = 0; l < r->ladders; l++) {
		fprintf(out, "%s\n    \"%s\": [", l ? "," : "", r->ladder[l].name);
		for (unsigned k = 0; k < r->ladder[l].tiers; k++) {
			const struct fb_tier *tier = &r->ladder[l].tier[k];

			fprintf(out, "%s\n      {\"floor\": \"", k ? "," : "");
			fb_pack_decimal(out, tier->floor_e8, 8);
			fputs("\", \"rate\": \"", out);
			fb_pack_percent(out, tier->rate_e7);
			fputs("\", \"deduction\": \"", out);
			fb_pack_decimal(out, (__int128)tier->deduction_e15, 15);
			fputs("\"}", out);
		}
		fputs("\n    ]", out);
	}
	fputs("\n  }", out);
}

static void put_struct_json(FILE *out, const struct fb_rules *r, const struct fb_section *section,
			    const void *from)
{
	unsigned n = 0;

	fputc('{', out);
	if (section->most)
		fprintf(out, "%s\"name\": \"%s\"", n++ ? ", " : "", (const char *)from);
	for (unsigned k = 0; k < section->keys; k++) {
		if (section->key[k].width == 0 || section->key[k].name[0] == '\0')
			continue;
		fputs(n++ ? ", " : "", out);
		put_key_json(out, r, &section->key[k], from);
	}
	if (fb_pack_is(section, "venue"))
		fprintf(out, ", \"liquidate_at\": \"%s\"",
			r->threshold[r->liquidate_level - 1].name);
	if (section->most) {
		const struct fb_symbol *symbol = from;

		fputs(", \"aliases\": [", out);
		for (unsigned i = 0; i < symbol->aliases; i++)
			fprintf(out, "%s\"%s\"", i ? ", " : "", symbol->alias[i]);
		fputc(']', out);
	}
	fputc('}', out);
}

void fb_pack_print_json(const struct fb_rules *r, FILE *out)
{
	fputs("{\n", out);
	for (unsigned s = 0; s < fb_sections_n; s++) {
		const struct fb_section *section = fb_sections[s];
		unsigned count = fb_section_count(section, r);

		fputs(s ? ",\n" : "", out);
		if (fb_pack_is(section, "thresholds")) {
			put_thresholds_json(out, r);
			continue;
		}
		if (fb_pack_is(section, "ladders")) {
			put_ladders_json(out, r);
			continue;
		}
		fprintf(out, "  \"%s\": %s", section->name, section->most ? "[\n    " : "");
		for (unsigned i = 0, n = 0; i < count; i++) {
			const void *from = fb_section_at(section, r, i);

			if (section->mine && !section->mine(from))
				continue;
			fputs(n++ ? ",\n    " : "", out);
			put_struct_json(out, r, section, from);
		}
		fputs(section->most ? "\n  ]" : "", out);
	}
	fputs("\n}\n", out);
}
