/* wordpipe URI [--records]: raw 64-byte commands in, raw 64-byte records out.
 *
 * Commands come on standard input and are submitted in that order; records go to standard output
 * in the order the engine gives them, all of them before the program ends. With --records each
 * record is a line of 128 hexadecimal digits instead, for people and diff.
 * Exit code: 0; 1: the engine failed, the input is not a whole number of commands, or the output
 * was refused; 2: usage.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/engine.h>

#define CHUNK 256

static void fail(const char *what, int code)
{
	fprintf(stderr, "wordpipe: %s: %s\n", what, strerror(-code));
	exit(1);
}

static void write_records(const union fb_record *records, size_t n, int as_text)
{
	size_t written = 0;
	if (!as_text) {
		written = fwrite(records, sizeof(*records), n, stdout);
	} else {
		for (; written < n; written++) {
			for (size_t i = 0; i < sizeof(records->bytes); i++)
				printf("%02x", records[written].bytes[i]);
			putchar('\n');
		}
	}
	if (written != n || ferror(stdout))
		fail("standard output", -errno);
}

/* Writes what is ready; with to_the_end, all that will ever come. */
static void drain(struct fb_engine *engine, int as_text, int to_the_end)
{
	union fb_record records[CHUNK];
	int n, idle = 0;
	do {
		n = fb_engine_poll(engine, records, CHUNK, &idle);
		if (n < 0)
			fail("poll", n);
		write_records(records, (size_t)n, as_text);
	} while (n > 0 || (to_the_end && !idle));
}

static void submit(struct fb_engine *engine, const union fb_command *command, int as_text)
{
	int code;
	while ((code = fb_engine_submit(engine, command)) == -EAGAIN)
		drain(engine, as_text, 0);
	if (code)
		fail("submit", code);
}

int main(int argc, char **argv)
{
	int as_text = argc == 3 && strcmp(argv[2], "--records") == 0;
	if (argc != 2 + as_text) {
		fprintf(stderr, "usage: wordpipe URI [--records] <commands >records\n");
		return 2;
	}
	struct fb_engine *engine;
	struct fb_error error = { "" };
	if (fb_engine_open(argv[1], &engine, &error)) {
		fprintf(stderr, "wordpipe: %s\n", error.text);
		return 1;
	}
	union fb_command commands[CHUNK];
	size_t bytes, whole;
	do {
		bytes = fread(commands, 1, sizeof(commands), stdin);
		whole = bytes / sizeof(commands[0]);
		for (size_t i = 0; i < whole; i++)
			submit(engine, &commands[i], as_text);
	} while (bytes == sizeof(commands));
	drain(engine, as_text, 1);
	fb_engine_close(engine);
	if (bytes % sizeof(commands[0]) || ferror(stdin)) {
		fprintf(stderr,
			"wordpipe: standard input ends with %zu bytes that are not a command\n",
			bytes % sizeof(commands[0]));
		return 1;
	}
	return fflush(stdout) ? 1 : 0;
}
