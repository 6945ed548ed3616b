/* Finding a value: among the inputs, or by a rule. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases_rules.h"

/* Does any of the names in "a|b" (or "a b") occur in text? */
static bool fits(const char *names, const char *text)
{
	char name[CASE_PATH];
	if (names[0] == '\0')
		return true;
	while (*names) {
		size_t n = strcspn(names, "|");
		if (n < sizeof(name)) {
			memcpy(name, names, n);
			name[n] = '\0';
			if (name[0] == '!' ? !case_contains(text, name + 1)
					   : case_contains(text, name))
				return true;
		}
		names += n + (names[n] == '|');
	}
	return false;
}

/* A rule's names against the wanted one. A name "x_*" takes all that begin so, and the number
 * behind is `tail`; of a path the first name counts. */
static bool gives(const struct case_rule *rule, const char *wanted, const char **tail)
{
	size_t head = strcspn(wanted, ".");
	const char *names = rule->name;
	*tail = NULL;
	if (wanted[head] && !rule->native)
		head = strlen(wanted);
	while (*names) {
		size_t n = strcspn(names, " ");
		if (n == head && memcmp(names, wanted, n) == 0)
			return true;
		if (n > 1 && names[n - 1] == '*' && head >= n - 1 &&
		    memcmp(names, wanted, n - 1) == 0) {
			*tail = wanted + n - 1;
			return true;
		}
		names += n + (names[n] == ' ');
	}
	return false;
}

static struct case_value by_rule(struct case_run *run, const struct case_rule *rule,
				 const char *wanted, const char *tail)
{
	if (!fits(rule->venue, run->venue) || !fits(rule->kind, run->kind))
		return case_none(-ENOENT);
	if (tail) {
		struct case_value words = case_words(tail);
		words.number = case_parse_number(tail, strlen(tail));
		if (words.number.error == 0)
			words.type = CASE_NUMBER;
		run->tail = words;
	}
	if (rule->when[0]) {
		struct case_value when =
			case_evaluate(run, NULL, rule->when, strlen(rule->when));
		if (when.type != CASE_TRUTH || !when.truth)
			return case_none(-ENOENT);
	}
	if (!rule->native)
		return case_evaluate(run, NULL, rule->formula, strlen(rule->formula));
	snprintf(run->wanted, sizeof(run->wanted), "%.*s", (int)strcspn(wanted, "."), wanted);
	if (!rule->native(run, rule))
		return case_none(-ENOENT);
	const struct case_fact *fact = case_computed(run, wanted);
	return fact ? fact->value : case_none(-ENOENT);
}

static struct case_value by_rules(struct case_run *run, const char *wanted)
{
	if (run->depth == CASE_DEPTH || strlen(wanted) >= CASE_PATH)
		return case_none(-ENOENT);
	for (unsigned i = 0; i < run->depth; i++)
		if (strcmp(run->busy[i], wanted) == 0)
			return case_none(-ENOENT);
	memcpy(run->busy[run->depth++], wanted, strlen(wanted) + 1);
	struct case_value value = case_none(-ENOENT);
	const struct case_rules *table;
	for (unsigned t = 0; (table = case_rules_at(t)) && value.type == CASE_NONE; t++)
		for (unsigned i = 0; i < table->n && value.type == CASE_NONE; i++) {
			const char *tail;
			if (!gives(&table->rule[i], wanted, &tail))
				continue;
			value = by_rule(run, &table->rule[i], wanted, tail);
			if (value.type != CASE_NONE) {
				run->formula = table->rule[i].formula;
				case_set(run, wanted, &value, table->rule[i].formula);
			}
		}
	run->depth--;
	return value;
}

/* "is_short": true, or "position": "short". */
static int told_side(struct case_run *run, const char *scope)
{
	struct case_value is = case_input(run, scope, "is_short");
	if (is.type == CASE_TRUTH)
		return is.truth ? -1 : 1;
	is = case_input(run, scope, "is_long");
	if (is.type == CASE_TRUTH)
		return is.truth ? 1 : -1;
	is = case_input(run, scope, "position");
	if (is.type == CASE_WORDS && strcasecmp(is.words, "short") == 0)
		return -1;
	return is.type == CASE_WORDS && strcasecmp(is.words, "long") == 0;
}

struct fb_ratio case_side(struct case_run *run, const char *scope)
{
	struct case_value side = case_input(run, scope, "side");
	int told = side.type == CASE_NONE ? told_side(run, scope) : 0;
	if (told)
		return fb_ratio_int(told);
	if (side.type == CASE_NUMBER && fb_ratio_sign(&side.number))
		return fb_ratio_int(fb_ratio_sign(&side.number));
	if (side.type == CASE_WORDS)
		return fb_ratio_int(case_contains(side.words, "short") ||
						    case_contains(side.words, "sell")
					    ? -1
					    : 1);
	struct case_value qty = case_find(run, scope, "qty");
	if (qty.type != CASE_NUMBER)
		return fb_ratio_error(-ENOENT);
	return fb_ratio_int(fb_ratio_sign(&qty.number) < 0 ? -1 : 1);
}

/* An input in words may be a formula of other inputs: "qty*entry/leverage". */
static struct case_value worked_out(struct case_run *run, const char *scope, const char *name,
				    const struct case_value *input)
{
	size_t n = strlen(input->words);
	if (input->type != CASE_WORDS || !strpbrk(input->words, "*/+-^(") ||
	    run->depth == CASE_DEPTH || strlen(name) >= CASE_PATH)
		return *input;
	for (unsigned i = 0; i < run->depth; i++)
		if (strcmp(run->busy[i], name) == 0)
			return *input;
	bool floored = n > 9 && strcmp(input->words + n - 9, ", floored") == 0;
	memcpy(run->busy[run->depth++], name, strlen(name) + 1);
	struct case_value value = case_evaluate(run, scope, input->words, n - (floored ? 9 : 0));
	run->depth--;
	if (value.type != CASE_NUMBER)
		return *input;
	return floored ? case_number(fb_ratio_floor(value.number)) : value;
}

static struct case_value about(const struct case_run *run, const char *name)
{
	if (strcmp(name, "venue") == 0)
		return case_words(run->venue);
	if (strcmp(name, "kind") == 0)
		return case_words(run->kind);
	if (strcmp(name, "note") == 0)
		return case_words(run->note);
	if (strcmp(name, "source") == 0)
		return case_words(run->source);
	if (strcmp(name, "tail") == 0)
		return run->tail;
	return case_none(-ENOENT);
}

/* The member of the element before, 0 before the first. */
static struct case_value previous(struct case_run *run, const char *scope, const char *name)
{
	char before[CASE_PATH];
	const char *point = strrchr(scope, '.');
	long i = point ? strtol(point + 1, NULL, 10) : 0;
	if (i == 0)
		return case_number(fb_ratio_int(0));
	snprintf(before, sizeof(before), "%.*s.%ld", (int)(point - scope), scope, i - 1);
	return case_input(run, before, name);
}

struct case_value case_find(struct case_run *run, const char *scope, const char *name)
{
	if (strcmp(name, "s") == 0)
		return case_number(case_side(run, scope));
	if (strcmp(name, "q") == 0) {
		struct case_value qty = case_find(run, scope, "qty");
		struct case_value size = case_input(run, scope, "contract_size");
		/* Funding has a multiplier of its own. */
		if (size.type == CASE_NONE && strcmp(run->kind, "funding") != 0)
			size = case_input(run, scope, "multiplier");
		if (qty.type == CASE_NUMBER)
			qty.number = fb_ratio_abs(qty.number);
		if (qty.type == CASE_NUMBER && size.type == CASE_NUMBER)
			qty.number = fb_ratio_mul(qty.number, size.number);
		return qty;
	}
	struct case_value value = case_none(-ENOENT);
	if (scope && strncmp(name, "previous_", 9) == 0)
		return previous(run, scope, name + 9);
	if (scope)
		value = case_input(run, scope, name);
	if (value.type != CASE_NONE)
		return worked_out(run, scope, name, &value);
	value = case_input(run, NULL, name);
	if (value.type != CASE_NONE)
		return worked_out(run, NULL, name, &value);
	const struct case_fact *fact = case_computed(run, name);
	if (fact)
		return fact->value;
	value = about(run, name);
	return value.type != CASE_NONE ? value : by_rules(run, name);
}

/* What is expected is never taken from the inputs, though they may hold the same name. */
static struct case_value computed(struct case_run *run, const char *name)
{
	const struct case_fact *fact = case_computed(run, name);
	if (fact) {
		run->formula = fact->formula;
		return fact->value;
	}
	return by_rules(run, name);
}

struct case_value case_expect(struct case_run *run, const char *path)
{
	struct case_value value = computed(run, path);
	struct fb_ratio scale;
	char base[CASE_PATH];
	const char *member = strrchr(path, '.');
	if (value.type == CASE_NONE)
		value = computed(run, case_canonical(path));
	if (value.type == CASE_NONE && member) {
		int n = snprintf(base, sizeof(base), "%.*s.%s", (int)(member - path), path,
				 case_canonical(member + 1));
		if (n > 0 && n < CASE_PATH)
			value = computed(run, base);
	}
	if (value.type != CASE_NONE || !case_strip(path, base, &scale))
		return value;
	/* A margin in percent is a rate. */
	__int128 factor = 1;
	fb_ratio_to_int(&scale, &factor);
	if (factor > 1 && strcmp(base, "im") == 0)
		value = case_expect(run, "im_rate");
	else if (factor > 1 && strcmp(base, "mm") == 0)
		value = case_expect(run, "mmr");
	if (value.type == CASE_NONE)
		value = case_expect(run, base);
	if (value.type == CASE_NUMBER)
		value = case_number(fb_ratio_mul(value.number, scale));
	return value;
}
