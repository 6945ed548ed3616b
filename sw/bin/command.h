/* What the subcommands of `firebreak` share: options as a table, and exit codes. */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/run.h>

#define EXIT_FAILED 1
#define EXIT_USAGE 2

enum option_type {
	OPTION_TEXT,  /* const char * */
	OPTION_TEXTS, /* struct texts: this and all following arguments up to the next option */
	OPTION_FLAG,  /* bool */
	OPTION_COUNT, /* uint64_t, from `least` to `most` */
	OPTION_MONEY, /* __int128 in 1e-8 */
	OPTION_TIME,  /* int64_t in us */
};

struct texts {
	const char *const *text;
	size_t n;
};

struct option {
	const char *name, *metavar, *help;
	enum option_type type;
	size_t offset; /* in the subcommand's struct */
	bool required;
	uint64_t least, most;
};

/* As many arguments without "--" as one likes, in a row: a struct texts is the first member. At
 * least one, unless some are optional. */
#define POSITIONAL_LIST 1000

struct command {
	const char *name, *arguments, *help;
	const struct option *options;
	size_t options_n;
	size_t size; /* of its struct; defaults are what `defaults` holds */
	const void *defaults;
	/* how many arguments without "--"; their address is the first member */
	int positional;
	int optional; /* how many of them, the last, may be left out */
	int (*run)(const void *options);
};

extern const struct command command_run, command_replay, command_explain, command_verify,
	command_lights,
	command_info, command_doctor, command_selftest, command_rules;
extern const struct command command_policies, command_cases, command_backtest, command_bench;

/* Parses argv (without the subcommand's name) into `out`. 0, EXIT_USAGE after a message, or -1:
 * help was printed. */
int options_parse(const struct command *command, int argc, char **argv, void *out);
void options_help(const struct command *command, FILE *out);

/* "firebreak: TEXT" to stderr. */
void complain(const char *text);
/* Shows done of total with counts on stderr, if that is a terminal. */
void show_progress(void *context, uint64_t done, uint64_t total, const struct fb_summary *now);
void end_progress(void);
/* The Firebreak cards that libpci finds: "cards" and a line for each, or a JSON member. */
void print_cards(bool json);
/* Prints the first divergence with its commands from the log. */
void show_divergence(const struct fb_divergence *divergence, const char *log);

#endif
