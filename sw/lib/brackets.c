/* Leverage brackets as venues publish them, put in the place of a pack's ladders.
 * sw/rules/README.md describes the forms. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/inputs.h>

#include "brackets_file.h"
#include "csv.h"
#include "ladder.h"

static int load_csv(struct fb_brackets *l, const char *path)
{
	struct fb_ladder_builder builder = { 0 };
	struct fb_tier_input tier;
	struct fb_tiers tiers;
	char current[FB_NAME_MAX] = "";
	int index = -1, rc = fb_tiers_open(path, true, &tiers, l->error);

	if (rc)
		return rc;
	while ((rc = fb_tiers_next(&tiers, &tier, l->error)) > 0) {
		const struct fb_field *symbol = &tiers.field[tiers.symbol];

		if (!current[0] || !fb_field_is(symbol, current)) {
			if (symbol->length == 0 || symbol->length >= FB_NAME_MAX) {
				rc = fb_field_error(tiers.lines, symbol, l->error, NULL,
						    "a symbol of 1 to 31 characters");
				break;
			}
			if (index >= 0)
				l->ladder[index] = builder.ladder;
			memset(current, 0, sizeof(current));
			memcpy(current, symbol->text, symbol->length);
			index = fb_symbol_find(l->rules, current);
			if (index >= 0 && l->ladder[index].tiers) {
				rc = fb_field_error(tiers.lines, symbol, l->error,
						    "put its tiers in one block",
						    "each symbol once");
				break;
			}
			l->used += index >= 0;
			fb_ladder_start(&builder, index >= 0 ? l->rules->symbol[index].name : "",
					index >= 0 ? strlen(l->rules->symbol[index].name) : 0);
		}
		rc = index >= 0 ? fb_tiers_add(&tiers, &tier, &builder, l->error) : 0;
		if (rc)
			break;
	}
	if (rc == 0 && index >= 0)
		l->ladder[index] = builder.ladder;
	fb_tiers_close(&tiers);
	return rc;
}

/* JSON starts with a bracket. */
static int is_json(const char *path, bool *out, struct fb_error *error)
{
	struct fb_lines *lines;
	struct fb_field line;
	int rc = fb_lines_open(path, &lines, error);

	if (rc)
		return rc;
	rc = fb_lines_next(
		lines, &line,
		NULL); /* a JSON text of one long line is no line: then it is not a CSV either */
	*out = rc < 0 || (rc > 0 && (line.text[0] == '[' || line.text[0] == '{'));
	fb_lines_close(lines);
	return 0;
}

/* Builds the table of ladders anew from those in use, equal ones shared, so that it cannot fill up
 * with the forgotten. */
static int share(const struct fb_brackets *l, struct fb_rules *rules, const char *path)
{
	struct fb_ladder *table = calloc(FB_LADDERS, sizeof(*table));
	unsigned *chosen = calloc(rules->symbols, sizeof(*chosen)), n = 0;
	int rc = table && chosen ? 0 : fb_error_set(l->error, -ENOMEM, "%s: out of memory", path);

	for (unsigned s = 0; rc == 0 && s < rules->symbols; s++) {
		const struct fb_ladder *want = l->ladder[s].tiers
						       ? &l->ladder[s]
						       : &rules->ladder[rules->symbol[s].ladder];
		unsigned k = 0;

		while (k < n && !fb_ladder_same(&table[k], want))
			k++;
		if (k == FB_LADDERS)
			rc = fb_error_set(l->error, -ENOSPC,
					  "%s: expected at most %d different ladders, found more",
					  path, FB_LADDERS);
		else if (k == n)
			table[n++] = *want;
		chosen[s] = k;
	}
	if (rc == 0) {
		memcpy(rules->ladder, table, FB_LADDERS * sizeof(*table));
		rules->ladders = n;
		for (unsigned s = 0; s < rules->symbols; s++)
			rules->symbol[s].ladder = chosen[s];
	}
	free(table);
	free(chosen);
	return rc;
}

int fb_brackets_load(const char *path, struct fb_rules *rules, unsigned *used,
		     struct fb_error *error)
{
	struct fb_brackets l = { .rules = rules, .error = error };
	bool json = false;
	int rc = is_json(path, &json, error);

	if (rc)
		return rc;
	l.ladder = calloc(rules->symbols + 1u, sizeof(*l.ladder));
	if (!l.ladder)
		return fb_error_set(error, -ENOMEM, "%s: out of memory", path);
	rc = json ? fb_brackets_json(&l, path) : load_csv(&l, path);
	if (rc == 0)
		rc = share(&l, rules, path);
	if (rc == 0 && used)
		*used = l.used;
	free(l.ladder);
	return rc;
}
