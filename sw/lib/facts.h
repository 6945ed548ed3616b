/* Facts for people and for programs: a tree of named values that is printed as text or as JSON, so
 * that the two cannot disagree. Exact values go into both; text also shows them rounded. */
#ifndef FACTS_H
#define FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <firebreak/ratio.h>

/* How a fact with others in it looks in text. */
enum fb_fact_form {
	FB_FACT_BLOCK, /* its label, and the others below, indented */
	FB_FACT_LINE,  /* all in one line */
	FB_FACT_QUIET, /* not at all: for programs only */
	FB_FACT_EXACT, /* of a value: what is shown is exact */
};

struct fb_fact {
	uint32_t key, label; /* in `text`; label 0: none */
	uint32_t exact, shown; /* of a value; shown 0: as exact */
	uint32_t child, last, next;
	uint8_t kind, form;
};

/* Zeroed: empty. Fact 0 is the root, an object. Out of memory is kept: see fb_facts_failed. */
struct fb_facts {
	struct fb_fact *fact;
	uint32_t facts, facts_max;
	char *text;
	uint32_t length, length_max;
	bool failed;
};

bool fb_facts_failed(const struct fb_facts *facts);
void fb_facts_free(struct fb_facts *facts);
void fb_facts_print(const struct fb_facts *facts, uint32_t from, FILE *out);
void fb_facts_json(const struct fb_facts *facts, uint32_t from, FILE *out);

/* A fact within `parent`, with a key for programs (NULL within a list) and a label for people. */
uint32_t fb_fact_object(struct fb_facts *facts, uint32_t parent, const char *key, const char *label,
			enum fb_fact_form form);
uint32_t fb_fact_list(struct fb_facts *facts, uint32_t parent, const char *key, const char *label,
		      enum fb_fact_form form);
void fb_fact_text(struct fb_facts *facts, uint32_t parent, const char *key, const char *label,
		  const char *format, ...) __attribute__((format(printf, 5, 6)));
void fb_fact_yes(struct fb_facts *facts, uint32_t parent, const char *key, const char *label,
		 bool yes);
/* For programs only; text has it in a label. */
void fb_fact_quiet(struct fb_facts *facts, uint32_t parent, const char *key, const char *text);
/* A whole number. */
void fb_fact_count(struct fb_facts *facts, uint32_t parent, const char *key, const char *label,
		   __int128 n);
/* A number that names something: an id, a sequence. */
void fb_fact_id(struct fb_facts *facts, uint32_t parent, const char *key, const char *label,
		uint64_t id);
/* A rate in 1e-7, in text in percent. */
void fb_fact_rate(struct fb_facts *facts, uint32_t parent, const char *key, const char *label,
		  uint64_t rate_e7);
/* value x 10^-scale, scale <= 18, to its last digit; in text first with `places` decimals. */
void fb_fact_decimal(struct fb_facts *facts, uint32_t parent, const char *key, const char *label,
		     __int128 value, unsigned scale, unsigned places);
void fb_fact_money(struct fb_facts *facts, uint32_t parent, const char *key, const char *label,
		   __int128 value_e8);
/* above / below as it is, and in text in percent: "123/456" and 26.97 %. */
void fb_fact_ratio(struct fb_facts *facts, uint32_t parent, const char *key, const char *label,
		   __int128 above, __int128 below, unsigned shift);
/* An exact fraction; in text first with `places` decimals, or in percent. An error is null, and in
 * text "none". */
void fb_fact_number(struct fb_facts *facts, uint32_t parent, const char *key, const char *label,
		    const struct fb_ratio *x, unsigned places);
void fb_fact_percent(struct fb_facts *facts, uint32_t parent, const char *key, const char *label,
		     const struct fb_ratio *x);
void fb_fact_none(struct fb_facts *facts, uint32_t parent, const char *key, const char *label);
void fb_fact_hex(struct fb_facts *facts, uint32_t parent, const char *key, const char *label,
		 const uint8_t digest[32]);

#endif
