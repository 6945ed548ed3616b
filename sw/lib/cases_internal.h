/* What the files of cases share: one case as named values, and how values are found. */
#ifndef CASES_INTERNAL_H
#define CASES_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include <firebreak/cases.h>
#include <firebreak/ratio.h>

#include "json.h"

#define CASE_TEXT 200
#define CASE_PATH 96
#define CASE_FACTS 1024
#define CASE_DEPTH 24   /* of rules that need rules */
#define CASE_NESTING 96 /* of expressions, those of rules included */

enum case_type {
	CASE_NONE, /* not known; number.error says why: -ENOENT, or what arithmetic said */
	CASE_NUMBER,
	CASE_TRUTH,
	CASE_WORDS,
	CASE_NULL
};

struct case_value {
	enum case_type type;
	bool truth;
	char words[CASE_TEXT];
	struct fb_ratio number;
};

/* A value and its place: nested inputs are flattened, so the second member of `queue` has its `qty`
 * at "queue.1.qty", and the length of `queue` is at "queue.#". */
struct case_fact {
	char path[CASE_PATH];
	bool given;	     /* an input; else computed */
	bool read;	     /* by any rule that was tried */
	const char *formula; /* of what is computed */
	struct case_value value;
};

/* One worked example. Half a megabyte: on the heap. */
struct case_run {
	const char *venue, *kind, *source, *note;
	char texts[4][CASE_TEXT]; /* where those four lie */
	const struct fb_json *json; /* and its tree */
	unsigned line;	  /* in its file, from 1 */
	size_t line_at;	  /* where it starts */
	struct case_fact fact[CASE_FACTS];
	unsigned facts;
	bool full;
	/* names being looked for, so that rules that need each other end */
	char busy[CASE_DEPTH][CASE_PATH];
	unsigned depth, nesting;
	struct case_value tail;	 /* what stands for the * of a rule's name */
	char wanted[CASE_PATH];	 /* the first name of the path a native rule is asked for */
	const char *formula;	 /* of the last value that a rule gave */
	char missing[CASE_PATH]; /* the first name that nothing gave */
};

/* ---- cases_fact.c ---- */

struct case_value case_none(int error);
struct case_value case_number(struct fb_ratio number);
struct case_value case_truth(bool truth);
struct case_value case_words(const char *words);
struct case_value case_null(void);

/* By its place, which is read by that; and what rules have computed, which may have an input's
 * name. */
const struct case_fact *case_fact(struct case_run *run, const char *path);
const struct case_fact *case_computed(struct case_run *run, const char *path);
void case_set(struct case_run *run, const char *path, const struct case_value *value,
	      const char *formula);
void case_set_number(struct case_run *run, const char *path, struct fb_ratio number,
		     const char *formula);
/* Members of a JSON value as facts; `path` is "" for the inputs themselves. */
void case_load(struct case_run *run, const struct fb_json *json, uint32_t node, const char *path);
/* Elements of a list, 0 if it is none. */
unsigned case_length(struct case_run *run, const char *path);
/* "a.b" + "c" -> "a.b.c"; a NULL or empty scope is left out. False: too long. */
bool case_join(char out[CASE_PATH], const char *scope, const char *name);

/* ---- cases_names.c ---- */

/* Inputs go by many names: `name`, its synonyms, these with a unit or a scale at their end
 * (`_usd`, `_pct`, `_1e6`), as an input of `scope`. */
struct case_value case_input(struct case_run *run, const char *scope, const char *name);
bool case_given(struct case_run *run, const char *scope, const char *name);
/* The synonym under which the rules know `name`. */
const char *case_canonical(const char *name);
/* Takes a scale or a unit off the end of a name; *scale is what the value was multiplied by. */
bool case_strip(const char *name, char out[CASE_PATH], struct fb_ratio *scale);

/* ---- cases_find.c ---- */

/* An input, or what a rule gives; CASE_NONE if neither. */
struct case_value case_find(struct case_run *run, const char *scope, const char *name);
/* What the expected member at `path` should be; as case_find, and undoes units and scales. */
struct case_value case_expect(struct case_run *run, const char *path);
/* Is a list expected at `name`? Some results are printed as lists and as maps. */
bool case_expects_list(const struct case_run *run, const char *name);
/* The first number or truth among the inputs that nothing read; NULL if all were. A result that was
 * computed without it says nothing about the source. */
const char *case_unread(const struct case_run *run);
/* 1 for a long, -1 for a short. */
struct fb_ratio case_side(struct case_run *run, const char *scope);

/* ---- cases_expression.c ---- */

/* The whole of text[0..length): + - * / ^, comparisons, and, or, not, c ? a : b, names, numbers,
 * 'words', name[other], and the functions of cases_functions.c. CASE_NONE with -EINVAL if it is
 * nothing of the kind. */
struct case_value case_evaluate(struct case_run *run, const char *scope, const char *text,
				size_t length);
/* A number as people write it: 0.5, 10%, 5e-6, 1/3. */
struct fb_ratio case_parse_number(const char *text, size_t length);

/* ---- cases_functions.c ---- */

#define CASE_ARGUMENTS 12

struct case_function {
	const char *name;
	unsigned least, most; /* arguments */
	struct case_value (*call)(const struct case_value *argument, unsigned n);
};
const struct case_function *case_function(const char *name);

bool case_contains(const char *text, const char *part); /* whatever the case of letters */

#endif
