/* Worked examples: a file of them, line by line. */
#include <firebreak/cases.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cases_check.h"
#include "text.h"

struct reading {
	const struct fb_cases_options *options;
	struct fb_text text;
	FILE *out;
	struct case_run *run;
	size_t *line_at; /* of every line so far */
	unsigned lines, room;
	/* of the case at hand */
	unsigned findings;
	char reason[3 * CASE_TEXT];
	bool contradicts; /* the source, by its own note */
};

static const char *const outcomes[] = { "passed", "failed", "skipped" };

/* Words inside a JSON string. */
static void print_escaped(FILE *out, const char *words)
{
	for (; *words; words++) {
		if (*words == '"' || *words == '\\')
			fputc('\\', out);
		if ((unsigned char)*words >= 0x20)
			fputc(*words, out);
	}
}

static void tell_json(struct reading *r, const struct case_finding *f)
{
	fprintf(r->out, "%s{\"name\":\"%s\",\"outcome\":\"%s\",\"expected\":\"",
		r->findings++ ? "," : "", f->name, outcomes[f->outcome]);
	print_escaped(r->out, f->expected);
	fprintf(r->out, "\",\"found\":\"");
	print_escaped(r->out, f->found);
	fprintf(r->out, "\",\"formula\":\"");
	print_escaped(r->out, f->formula ? f->formula : "");
	fprintf(r->out, "\"}");
}

/* Where it says: file:line:column. */
static void tell_text(struct reading *r, const struct case_finding *f)
{
	const struct case_run *run = r->run;
	if (f->outcome == CASE_PASSED && !r->options->verbose)
		return;
	fprintf(r->out, "%s:%u:%u: %s: %s: %s: ", r->text.name, f->line, f->column, run->venue,
		run->kind, f->name);
	if (f->outcome == CASE_SKIPPED)
		fprintf(r->out, "not computed\n");
	else
		fprintf(r->out, "expected %s, found %s\n    %s = %s\n%s%s%s", f->expected, f->found,
			f->name, f->formula ? f->formula : "?",
			f->unread ? "    no rule reads the input " : "",
			f->unread ? f->unread : "", f->unread ? "\n" : "");
}

static void tell(void *context, const struct case_finding *f)
{
	struct reading *r = context;
	if (f->outcome == CASE_SKIPPED) {
		size_t n = strlen(r->reason);
		n += (size_t)snprintf(r->reason + n, sizeof(r->reason) - n, "%s%s", n ? ", " : "",
				      f->name);
		r->contradicts = r->contradicts || f->formula;
		if (f->formula && n < sizeof(r->reason))
			snprintf(r->reason + n, sizeof(r->reason) - n, " %s, not %.*s",
				 f->expected, (int)strcspn(f->found, " ("), f->found);
	}
	if (r->options->json)
		tell_json(r, f);
	else if (f->outcome != CASE_SKIPPED || r->options->verbose)
		tell_text(r, f);
}

/* The case of line i, if it is of the same venue, kind and source as the one at hand. */
static bool same_table(struct reading *r, unsigned i, struct fb_json *json)
{
	static const char *const names[] = { "venue", "kind", "source" };
	const char *const mine[] = { r->run->venue, r->run->kind, r->run->source };
	struct fb_text line = r->text;
	line.length = i + 1 < r->lines ? r->line_at[i + 1] : r->text.length;
	if (fb_json_parse_from(&line, r->line_at[i], json, NULL))
		return false;
	bool same = json->node[0].type == FB_JSON_OBJECT;
	for (size_t k = 0; k < 3 && same; k++) {
		char words[CASE_TEXT];
		uint32_t node = fb_json_member(json, 0, names[k]);
		same = node && json->node[node].type == FB_JSON_STRING &&
		       fb_json_unescape(json, json->node[node].at, json->node[node].length, words,
					sizeof(words)) == 0 &&
		       strcmp(words, mine[k]) == 0;
	}
	if (!same)
		fb_json_free(json);
	return same;
}

/* "same_as_previous": the inputs of the case before it in its table, and on while that says so. */
static bool add_previous(struct reading *r)
{
	bool found = false;
	for (unsigned i = r->lines - 1; i-- > 0;) {
		struct fb_json json;
		struct fb_text line = r->text;
		if (!same_table(r, i, &json))
			continue;
		/* same_table's text is gone; the tree needs one that lives. */
		json.text = &line;
		uint32_t inputs = fb_json_member(&json, 0, "inputs");
		bool more = inputs && fb_json_member(&json, inputs, "same_as_previous");
		if (inputs && json.node[inputs].type == FB_JSON_OBJECT)
			case_load(r->run, &json, inputs, "");
		fb_json_free(&json);
		found = true;
		if (!more)
			break;
	}
	return found;
}

static const char *why(const struct reading *r, bool alone)
{
	if (r->contradicts)
		return "the source contradicts itself, as its note says; by its own rule it would "
		       "not print";
	if (alone)
		return "the case before it in its table is not in this file, so there is nothing "
		       "to compute from:";
	return "no rule of this venue gives, from these inputs:";
}

static int one_case(struct reading *r, const struct fb_json *json,
		    struct fb_cases_summary *summary, struct fb_error *error)
{
	int rc = case_read(json, r->run, error);
	if (rc)
		return rc;
	bool alone = false;
	bool same = case_fact(r->run, "same_as_previous");
	if (same)
		alone = !add_previous(r);
	if (case_setup(r->run))
		alone = false;
	r->findings = 0;
	r->contradicts = false;
	r->reason[0] = '\0';
	if (r->options->json) {
		fprintf(r->out, "{\"line\":%u,\"venue\":\"", r->run->line);
		print_escaped(r->out, r->run->venue);
		fprintf(r->out, "\",\"kind\":\"");
		print_escaped(r->out, r->run->kind);
		fprintf(r->out, "\",\"findings\":[");
	}
	enum case_outcome outcome = case_check(json, r->run, tell, r);
	if (r->options->json) {
		fprintf(r->out, "],\"outcome\":\"%s\"}\n", outcomes[outcome]);
	} else if (outcome == CASE_SKIPPED) {
		fprintf(r->out, "%s:%u: skipped: %s: %s: %s %s\n", r->text.name, r->run->line,
			r->run->venue, r->run->kind, why(r, alone), r->reason);
	} else if (outcome == CASE_PASSED && r->options->verbose) {
		fprintf(r->out, "%s:%u: passed: %s: %s\n", r->text.name, r->run->line,
			r->run->venue, r->run->kind);
	}
	summary->passed += outcome == CASE_PASSED;
	summary->failed += outcome == CASE_FAILED;
	summary->skipped += outcome == CASE_SKIPPED;
	return 0;
}

static int note_line(struct reading *r, size_t at, struct fb_error *error)
{
	if (r->lines == r->room) {
		unsigned room = r->room ? r->room * 2 : 256;
		size_t *more = realloc(r->line_at, room * sizeof(*more));
		if (!more)
			return fb_error_set(error, -ENOMEM, "%s: out of memory", r->text.name);
		r->line_at = more;
		r->room = room;
	}
	r->line_at[r->lines++] = at;
	return 0;
}

static int one_line(struct reading *r, size_t at, size_t end, struct fb_cases_summary *summary,
		    struct fb_error *error)
{
	struct fb_text line = r->text;
	struct fb_json json;
	line.length = end;
	int rc = note_line(r, at, error);
	if (rc || strspn(r->text.bytes + at, " \t\r") >= end - at)
		return rc;
	rc = fb_json_parse_from(&line, at, &json, error);
	if (rc)
		return rc;
	r->run->line = r->lines;
	r->run->line_at = at;
	rc = one_case(r, &json, summary, error);
	fb_json_free(&json);
	return rc;
}

int fb_cases_run(const struct fb_cases_options *options, FILE *out,
		 struct fb_cases_summary *summary, struct fb_error *error)
{
	struct reading r = { .options = options, .out = out };
	*summary = (struct fb_cases_summary){ 0 };
	int rc = fb_text_read(options->path, &r.text, error);
	if (rc)
		return rc;
	r.run = calloc(1, sizeof(*r.run));
	if (!r.run)
		rc = fb_error_set(error, -ENOMEM, "%s: out of memory", options->path);
	for (size_t at = 0; rc == 0 && at < r.text.length;) {
		const char *newline = memchr(r.text.bytes + at, '\n', r.text.length - at);
		size_t end = newline ? (size_t)(newline - r.text.bytes) : r.text.length;
		rc = one_line(&r, at, end, summary, error);
		at = end + 1;
	}
	if (rc == 0)
		fprintf(out,
			options->json ? "{\"passed\":%" PRIu64 ",\"failed\":%" PRIu64
					",\"skipped\":%" PRIu64 "}\n"
				      : "%" PRIu64 " passed, %" PRIu64 " failed, %" PRIu64
					" skipped\n",
			summary->passed, summary->failed, summary->skipped);
	free(r.line_at);
	free(r.run);
	fb_text_free(&r.text);
	return rc;
}
