/* Options from a table: see command.h. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/moment.h"
#include "command.h"

static int usage(const struct command *command, const char *problem, const char *about)
{
	fprintf(stderr, "firebreak %s: %s%s%s\n", command->name, problem, about[0] ? ": " : "",
		about);
	fprintf(stderr, "try: firebreak %s --help\n", command->name);
	return EXIT_USAGE;
}

void options_help(const struct command *command, FILE *out)
{
	fprintf(out, "usage: firebreak %s %s\n\n%s\n", command->name, command->arguments,
		command->help);
	for (size_t i = 0; i < command->options_n; i++) {
		const struct option *o = &command->options[i];
		char left[64];
		snprintf(left, sizeof(left), "--%s%s%s", o->name, o->metavar ? " " : "",
			 o->metavar ? o->metavar : "");
		fprintf(out, "%s  %-24s %s%s\n", i == 0 ? "\n" : "", left, o->help,
			o->required ? " (required)" : "");
	}
}

static bool parse_count(const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
	char *end;
	errno = 0;
	uint64_t n = strtoull(text, &end, 10);
	*out = n;
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && n >= least &&
	       n <= most;
}

/* Digits with at most 8 decimals. */
static bool parse_money(const char *text, __int128 *out)
{
	__int128 value = 0;
	int decimals = -1;
	bool digits = false;
	for (; *text; text++) {
		if (*text == '.' && decimals < 0) {
			decimals = 0;
			continue;
		}
		if (*text < '0' || *text > '9' || decimals == 8 || value >= (__int128)1 << 80)
			return false;
		digits = true;
		value = value * 10 + (*text - '0');
		decimals += decimals >= 0;
	}
	for (decimals = decimals < 0 ? 0 : decimals; decimals < 8; decimals++)
		value *= 10;
	*out = value;
	return digits;
}

/* 2025-10-10T21:00[:00]Z, or microseconds since 1970. */
static int bad_value(const struct command *command, const struct option *o, const char *expected,
		     const char *found)
{
	char text[320];
	snprintf(text, sizeof(text), "--%s: expected %s, found '%.100s'", o->name, expected, found);
	return usage(command, text, "");
}

static int store(const struct command *command, const struct option *o, const char *value,
		 char *base)
{
	char expected[96];
	switch (o->type) {
	case OPTION_TEXT: *(const char **)(void *)(base + o->offset) = value; return 0;
	case OPTION_COUNT:
		snprintf(expected, sizeof(expected), "a whole number from %" PRIu64 " to %" PRIu64,
			 o->least, o->most);
		return parse_count(value, o->least, o->most, (uint64_t *)(void *)(base + o->offset))
			       ? 0
			       : bad_value(command, o, expected, value);
	case OPTION_MONEY:
		return parse_money(value, (__int128 *)(void *)(base + o->offset))
			       ? 0
			       : bad_value(command, o, "an amount with at most 8 decimals", value);
	case OPTION_TIME:
		return fb_moment_parse(value, (int64_t *)(void *)(base + o->offset))
			       ? 0
			       : bad_value(command, o, "a time such as 2025-10-10T21:00:00Z",
					   value);
	default:
		/* Flags and lists are stored by the caller. */
		assert(false);
		return EXIT_USAGE;
	}
}

static const struct option *find(const struct command *command, const char *name, size_t length)
{
	for (size_t i = 0; i < command->options_n; i++)
		if (strlen(command->options[i].name) == length &&
		    memcmp(command->options[i].name, name, length) == 0)
			return &command->options[i];
	return NULL;
}

static int check_required(const struct command *command, const char *base, int positional)
{
	int least = command->positional == POSITIONAL_LIST
			    ? command->optional == 0
			    : command->positional - command->optional;
	if (positional < least)
		return usage(command, "expected an argument, found none", command->arguments);
	for (size_t i = 0; i < command->options_n; i++) {
		const struct option *o = &command->options[i];
		const char *const *text = (const void *)(base + o->offset);
		const struct texts *texts = (const void *)(base + o->offset);
		if (o->required && (o->type == OPTION_TEXTS ? texts->n == 0 : !*text))
			return usage(command, "a required option is missing", o->name);
	}
	return 0;
}

/* One option at argv[*i]; *i is left at its last argument. */
static int parse_option(const struct command *command, int argc, char **argv, int *i, char *base)
{
	const char *name = argv[*i] + 2;
	size_t length = strcspn(name, "=");
	const struct option *o = find(command, name, length);
	if (!o)
		return usage(command, "unknown option", argv[*i]);
	const char *value = name[length] == '=' ? name + length + 1 : NULL;
	if (o->type == OPTION_FLAG) {
		if (value)
			return usage(command, "this option takes no value", argv[*i]);
		*(bool *)(base + o->offset) = true;
		return 0;
	}
	if (!value && (*i + 1 >= argc || strncmp(argv[*i + 1], "--", 2) == 0))
		return usage(command, "this option needs a value", argv[*i]);
	if (!value)
		value = argv[++*i];
	if (o->type != OPTION_TEXTS)
		return store(command, o, value, base);
	struct texts *texts = (void *)(base + o->offset);
	if (texts->n > 0)
		return usage(command, "this option may come once; give it several values",
			     argv[*i]);
	if (name[length] == '=')
		argv[*i] = (char *)(uintptr_t)value;
	texts->text = (const char *const *)(argv + *i);
	texts->n = 1;
	while (*i + 1 < argc && strncmp(argv[*i + 1], "--", 2) != 0) {
		++*i;
		texts->n++;
	}
	return 0;
}

/* An argument without "--". */
static int take_argument(const struct command *command, char **at, int *positional, void *out)
{
	struct texts *list = out;
	if (command->positional == POSITIONAL_LIST) {
		if (list->n > 0 && list->text + list->n != (const char *const *)at)
			return usage(command, "such arguments come in a row", *at);
		if (list->n++ == 0)
			list->text = (const char *const *)at;
		++*positional;
		return 0;
	}
	if (*positional == command->positional)
		return usage(command, "unexpected argument", *at);
	((const char **)out)[(*positional)++] = *at;
	return 0;
}

int options_parse(const struct command *command, int argc, char **argv, void *out)
{
	int positional = 0;
	memcpy(out, command->defaults, command->size);
	for (int i = 0; i < argc; i++) {
		int err = 0;
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			options_help(command, stdout);
			return -1;
		}
		if (strncmp(argv[i], "--", 2) == 0)
			err = parse_option(command, argc, argv, &i, out);
		else
			err = take_argument(command, &argv[i], &positional, out);
		if (err)
			return err;
	}
	return check_required(command, out, positional);
}
