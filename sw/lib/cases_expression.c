/* Formulas as text. They are read and computed in one pass: what a condition leaves out is read
 * with `dry` set, and not computed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases_functions.h"

struct reader {
	struct case_run *run;
	const char *scope;
	const char *at, *end;
	bool dry; /* read, do not compute */
	bool bad; /* no expression */
};

static struct case_value read_choice(struct reader *r);

struct fb_ratio case_parse_number(const char *text, size_t length)
{
	struct fb_ratio scale = fb_ratio_int(1);
	while (length > 0 && text[length - 1] == ' ')
		length--;
	if (length > 1 && text[length - 1] == '%') {
		scale = fb_ratio_int(100);
		length--;
	}
	return fb_ratio_div(fb_ratio_parse(text, length), scale);
}

static void skip_blanks(struct reader *r)
{
	while (r->at < r->end && *r->at == ' ')
		r->at++;
}

/* Takes `token` if it is next. A word must end there. */
static bool take(struct reader *r, const char *token)
{
	size_t n = strlen(token);
	bool word = token[0] >= 'a' && token[0] <= 'z';
	skip_blanks(r);
	if ((size_t)(r->end - r->at) < n || memcmp(r->at, token, n) != 0)
		return false;
	if (word && r->at + n < r->end &&
	    (r->at[n] == '_' || (r->at[n] >= 'a' && r->at[n] <= 'z')))
		return false;
	r->at += n;
	return true;
}

static struct case_value bad(struct reader *r)
{
	r->bad = true;
	return case_none(-EINVAL);
}

/* Errors stick, the left one's first. */
static bool unknown(const struct case_value *a, const struct case_value *b, struct case_value *out)
{
	if (a->type != CASE_NONE && b->type != CASE_NONE)
		return false;
	*out = a->type == CASE_NONE ? *a : *b;
	return true;
}

static struct case_value arithmetic(char operator, const struct case_value *a,
				    const struct case_value *b)
{
	struct case_value out;
	__int128 n;
	if (unknown(a, b, &out))
		return out;
	if (a->type != CASE_NUMBER || b->type != CASE_NUMBER)
		return case_none(-EINVAL);
	switch (operator) {
	case '+': return case_number(fb_ratio_add(a->number, b->number));
	case '-': return case_number(fb_ratio_sub(a->number, b->number));
	case '*': return case_number(fb_ratio_mul(a->number, b->number));
	case '/': return case_number(fb_ratio_div(a->number, b->number));
	default: break;
	}
	/* a power */
	if (fb_ratio_to_int(&b->number, &n) || n < -300 || n > 300)
		return case_none(-EDOM);
	struct fb_ratio power = fb_ratio_int(1);
	for (__int128 i = 0; i < (n < 0 ? -n : n); i++)
		power = fb_ratio_mul(power, a->number);
	return case_number(n < 0 ? fb_ratio_div(fb_ratio_int(1), power) : power);
}

static struct case_value compare(const char *operator, const struct case_value *a,
				 const struct case_value *b)
{
	struct case_value out;
	int order;
	if (unknown(a, b, &out))
		return out;
	if (a->type == CASE_WORDS && b->words[0])
		order = strcmp(a->words, b->words);
	else if (a->type == CASE_NUMBER && b->type == CASE_NUMBER)
		order = fb_ratio_compare(&a->number, &b->number);
	else if (a->type == CASE_TRUTH && b->type == CASE_TRUTH)
		order = a->truth != b->truth;
	else
		return case_none(-EINVAL);
	switch (operator[0]) {
	case '<': return case_truth(operator[1] ? order <= 0 : order < 0);
	case '>': return case_truth(operator[1] ? order >= 0 : order > 0);
	case '!': return case_truth(order != 0);
	default: return case_truth(order == 0);
	}
}

static bool name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.' || c == '#';
}

/* name, name.member and name[other], where other's value is the member. */
static bool read_name(struct reader *r, char out[CASE_PATH])
{
	size_t n = 0;
	skip_blanks(r);
	while (r->at < r->end && name_byte(*r->at) && n + 1 < CASE_PATH)
		out[n++] = *r->at++;
	out[n] = '\0';
	if (n == 0 || (out[0] >= '0' && out[0] <= '9'))
		return false;
	while (r->at < r->end && *r->at == '[') {
		r->at++;
		struct case_value member = read_choice(r);
		char place[CASE_PATH], digits[FB_RATIO_TEXT];
		if (!take(r, "]"))
			return false;
		if (member.type == CASE_NUMBER && !member.words[0])
			snprintf(member.words, sizeof(member.words), "%.90s",
				 fb_ratio_exact(&member.number, digits));
		if (r->dry || member.type == CASE_NONE || !case_join(place, out, member.words))
			continue;
		memcpy(out, place, sizeof(place));
	}
	return true;
}

/* sum(list, expression) and its like: the expression is read once for each element, whose members
 * come before all other names. */
static struct case_value read_over(struct reader *r, const char *function)
{
	char list[CASE_PATH], scope[CASE_PATH];
	const struct reader outer = *r;
	struct fb_ratio sum = fb_ratio_int(0);
	bool any = false, all = true;
	if (!read_name(r, list) || !take(r, ","))
		return bad(r);
	const char *body = r->at;
	unsigned n = r->dry ? 0 : case_length(r->run, list);
	struct case_value failure = case_none(-ENOENT);
	struct reader inner = *r;
	inner.dry = true;
	read_choice(&inner);
	r->at = inner.at;
	r->bad = r->bad || inner.bad;
	if (r->dry || r->bad)
		return case_none(-ENOENT);
	if (!case_fact(r->run, list) && n == 0) {
		char place[CASE_PATH];
		if (!case_join(place, list, "#") || !case_fact(r->run, place))
			return case_none(-ENOENT);
	}
	for (unsigned i = 0; i < n; i++) {
		snprintf(scope, sizeof(scope), "%.80s.%u", list, i);
		struct reader each = outer;
		each.at = body;
		each.scope = scope;
		struct case_value value = read_choice(&each);
		if (value.type == CASE_NONE)
			failure = value;
		bool truth = value.type == CASE_TRUTH && value.truth;
		any = any || truth;
		all = all && truth;
		if (value.type == CASE_TRUTH)
			value.number = fb_ratio_int(truth);
		sum = i > 0 && strcmp(function, "largest") == 0
			      ? (value.number.error || sum.error ? value.number
								 : fb_ratio_max(sum, value.number))
		      : i == 0 ? value.number
			       : fb_ratio_add(sum, value.number);
		if (value.type == CASE_NONE)
			return failure;
	}
	if (strcmp(function, "any") == 0)
		return case_truth(any);
	if (strcmp(function, "all") == 0)
		return case_truth(all);
	return case_number(sum);
}

static struct case_value read_call(struct reader *r, const char *name)
{
	static const char *const over[] = { "sum", "count", "any", "all", "largest" };
	const struct case_function *f = case_function(name);
	struct case_value *argument, out = case_none(-ENOENT);
	unsigned n = 0;
	for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++)
		if (strcmp(name, over[i]) == 0) {
			out = read_over(r, over[i]);
			return take(r, ")") ? out : bad(r);
		}
	if (strcmp(name, "given") == 0) {
		char place[CASE_PATH];
		if (!read_name(r, place) || !take(r, ")"))
			return bad(r);
		return case_truth(case_given(r->run, r->scope, place) ||
				  case_length(r->run, place) > 0);
	}
	bool of_tier = strncmp(name, "tier", 4) == 0;
	argument = calloc(CASE_ARGUMENTS, sizeof(*argument));
	if ((!f && !of_tier) || !argument) {
		free(argument);
		return bad(r);
	}
	do {
		if (n == (of_tier ? 2 : f->most)) {
			free(argument);
			return bad(r);
		}
		argument[n++] = read_choice(r);
	} while (take(r, ","));
	if (!take(r, ")") || (f && n < f->least))
		out = bad(r);
	else if (!r->dry)
		out = f ? f->call(argument, n) : case_tier(r->run, name, argument, n);
	free(argument);
	return out;
}

static struct case_value read_number(struct reader *r)
{
	const char *start = r->at;
	while (r->at < r->end && ((*r->at >= '0' && *r->at <= '9') || *r->at == '.'))
		r->at++;
	if (r->at < r->end && *r->at == 'e')
		do
			r->at++;
		while (r->at < r->end && (*r->at == '-' || (*r->at >= '0' && *r->at <= '9')));
	struct fb_ratio number = fb_ratio_parse(start, (size_t)(r->at - start));
	if (number.error)
		return bad(r);
	if (take(r, "%"))
		number = fb_ratio_div(number, fb_ratio_int(100));
	return case_number(number);
}

static struct case_value read_words(struct reader *r)
{
	struct case_value out = { .type = CASE_WORDS };
	size_t n = 0;
	for (r->at++; r->at < r->end && *r->at != '\'' && n + 1 < sizeof(out.words);)
		out.words[n++] = *r->at++;
	if (r->at == r->end || *r->at != '\'')
		return bad(r);
	r->at++;
	return out;
}

static struct case_value read_primary(struct reader *r)
{
	char name[CASE_PATH];
	skip_blanks(r);
	if (r->at == r->end)
		return bad(r);
	if (take(r, "(")) {
		struct case_value value = read_choice(r);
		return take(r, ")") ? value : bad(r);
	}
	if (*r->at == '\'')
		return read_words(r);
	if (*r->at >= '0' && *r->at <= '9')
		return read_number(r);
	if (take(r, "true"))
		return case_truth(true);
	if (take(r, "false"))
		return case_truth(false);
	if (take(r, "null"))
		return case_null();
	if (!read_name(r, name))
		return bad(r);
	if (take(r, "("))
		return read_call(r, name);
	if (r->dry)
		return case_none(-ENOENT);
	struct case_value value = case_find(r->run, r->scope, name);
	if (value.type == CASE_NONE && !r->run->missing[0])
		snprintf(r->run->missing, sizeof(r->run->missing), "%s", name);
	return value;
}

static struct case_value read_unary(struct reader *r);

static struct case_value read_power(struct reader *r)
{
	struct case_value value = read_primary(r);
	while (take(r, "^")) {
		struct case_value power = read_unary(r);
		value = arithmetic('^', &value, &power);
	}
	return value;
}

static struct case_value read_unary(struct reader *r)
{
	struct case_value zero = case_number(fb_ratio_int(0)), value;
	if (!take(r, "-"))
		return read_power(r);
	value = read_unary(r);
	return arithmetic('-', &zero, &value);
}

static struct case_value read_product(struct reader *r)
{
	struct case_value value = read_unary(r);
	for (;;) {
		char operator = take(r, "*") ? '*' : take(r, "/") ? '/' : '\0';
		if (!operator)
			return value;
		struct case_value right = read_unary(r);
		value = arithmetic(operator, &value, &right);
	}
}

static struct case_value read_sum(struct reader *r)
{
	struct case_value value = read_product(r);
	for (;;) {
		char operator = take(r, "+") ? '+' : take(r, "-") ? '-' : '\0';
		if (!operator)
			return value;
		struct case_value right = read_product(r);
		value = arithmetic(operator, &value, &right);
	}
}

static struct case_value read_comparison(struct reader *r)
{
	static const char *const operators[] = { "<=", ">=", "==", "!=", "<", ">" };
	struct case_value value = read_sum(r);
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (take(r, operators[i])) {
			struct case_value right = read_sum(r);
			return compare(operators[i], &value, &right);
		}
	return value;
}

static struct case_value read_not(struct reader *r)
{
	if (!take(r, "not"))
		return read_comparison(r);
	struct case_value value = read_not(r);
	return value.type == CASE_TRUTH ? case_truth(!value.truth)
					: case_none(r->dry ? -ENOENT : -EINVAL);
}

/* and, or: the right side is computed only if it decides. */
static struct case_value read_logic(struct reader *r, bool or)
{
	struct case_value value = or ? read_logic(r, false) : read_not(r);
	while (take(r, or ? "or" : "and")) {
		bool dry = r->dry, decided = value.type == CASE_TRUTH && value.truth == or;
		r->dry = dry || decided;
		struct case_value right = or ? read_logic(r, false) : read_not(r);
		r->dry = dry;
		if (!decided && value.type == CASE_TRUTH)
			value = right;
	}
	return value;
}

static struct case_value read_nested(struct reader *r)
{
	struct case_value value = read_logic(r, true);
	bool dry = r->dry;
	if (!take(r, "?"))
		return value;
	bool known = value.type == CASE_TRUTH;
	r->dry = dry || !known || !value.truth;
	struct case_value yes = read_choice(r);
	if (!take(r, ":"))
		return bad(r);
	r->dry = dry || !known || value.truth;
	struct case_value no = read_choice(r);
	r->dry = dry;
	return !known ? (value.type == CASE_NONE ? value : case_none(-EINVAL))
	       : value.truth ? yes
			     : no;
}

/* Inputs are anybody's: the stack must not grow with their brackets. */
static struct case_value read_choice(struct reader *r)
{
	if (r->run->nesting == CASE_NESTING)
		return bad(r);
	r->run->nesting++;
	struct case_value value = read_nested(r);
	r->run->nesting--;
	return value;
}

struct case_value case_evaluate(struct case_run *run, const char *scope, const char *text,
				size_t length)
{
	struct reader r = { .run = run, .scope = scope, .at = text, .end = text + length };
	struct case_value value = read_choice(&r);
	skip_blanks(&r);
	if (r.bad || r.at != r.end)
		return case_none(-EINVAL);
	return value;
}
