/* The program: a table of subcommands. */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

static const struct command *const commands[] = { &command_run, &command_replay, &command_explain,
						  &command_verify, &command_lights,
						  &command_rules, &command_info,
						  &command_selftest, &command_doctor,
						  &command_policies, &command_cases,
						  &command_backtest, &command_bench };
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

void complain(const char *text)
{
	fprintf(stderr, "firebreak: %s\n", text);
}

void show_progress(void *context, uint64_t done, uint64_t total, const struct fb_summary *now)
{
	(void)context;
	if (!isatty(STDERR_FILENO) || total == 0)
		return;
	fprintf(stderr, "\r%3u %%  marks %llu  breaches %llu  liquidated %llu  taken over %llu ",
		(unsigned)((unsigned __int128)done * 100 / total), (unsigned long long)now->marks,
		(unsigned long long)now->breaches, (unsigned long long)now->waterfall.liquidations,
		(unsigned long long)now->waterfall.takeovers);
	fflush(stderr);
}

void end_progress(void)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
}

void show_divergence(const struct fb_divergence *d, const char *log)
{
	struct fb_error error;
	if (d->first == 0)
		return;
	fprintf(stderr,
		"firebreak: first difference, in the batch of commands %llu to %llu:\n%s\ninputs "
		"of that batch:\n",
		(unsigned long long)d->first, (unsigned long long)d->last, d->text);
	if (fb_log_dump(log, d->first, d->last, 40, stderr, &error))
		complain(error.text);
}

static void print_help(FILE *out)
{
	fprintf(out, "usage: firebreak COMMAND [OPTIONS]\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-8s %s\n", commands[i]->name, commands[i]->arguments);
	fprintf(out, "  %-8s %s\n\nfirebreak COMMAND --help lists its options.\n", "help",
		"this list");
}

static int run(const struct command *command, int argc, char **argv)
{
	_Alignas(16) char options[512];
	assert(command->size <= sizeof(options));
	int err = options_parse(command, argc, argv, options);
	if (err)
		return err < 0 ? 0 : err;
	return command->run(options);
}

int main(int argc, char **argv)
{
	/* A file-size limit or a closed pipe must come back as an error of write, not end the
	 * program. */
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0) {
		print_help(stdout);
		return 0;
	}
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(argv[1], commands[i]->name) == 0) {
			int status = run(commands[i], argc - 2, argv + 2);
			if (fflush(stdout) != 0 || ferror(stdout)) {
				fprintf(stderr, "firebreak: cannot write to standard output: %s\n",
					strerror(errno));
				return EXIT_FAILED;
			}
			return status;
		}
	fprintf(stderr, "firebreak: unknown command '%s'\n", argv[1]);
	print_help(stderr);
	return EXIT_USAGE;
}
