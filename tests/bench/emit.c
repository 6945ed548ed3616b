/* What it costs to build a command and to store it, to plain memory: this side of the bus only.
 * Behind a write-combining or uncached mapping the stores cost more, and no machine here has a card
 * to say how much.
 *
 * usage: emit [--commands N] [--repeat N] [--json]
 *
 *   --commands  in one measurement; 1000000
 *   --repeat    times, of which median, least and most are printed; 9
 *
 * A command is MARKS with five marks, sequence, nonce and check word. Slots are those of the
 * command window, 16 KiB, so they stay in the nearest cache. Time is this thread's processor time.
 * Exit status 1 if what was stored is wrong. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../sw/lib/crc32c.h"
#include "../../sw/lib/emit.h"

#define REPEAT_MAX 99
#define NONCE 0x12345678u

static _Alignas(4096) uint8_t window[FB_WINDOW_SLOTS * FB_WORD_BYTES];

struct spread {
	double median, least, most;
};

static void build(uint64_t seq, union fb_command *out)
{
	memset(out, 0, sizeof(*out));
	out->header.seq = seq;
	out->header.op = FB_OP_MARKS;
	out->header.count = FB_MARKS_PER_WORD;
	for (uint64_t i = 0; i < FB_MARKS_PER_WORD; i++)
		out->marks.mark[i] = (seq * 977 + i) << 12 | (seq + i) % FB_SYMBOLS;
	out->header.nonce = NONCE;
	out->header.check = fb_crc32c_line(out);
}

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Keeps what a measured loop made. */
static void keep(const union fb_command *line)
{
	__asm__ volatile("" ::"r"(line) : "memory");
}

/* e NULL: only built. flush_every 0: once, at the end. */
static double measure(const struct fb_emitter *e, uint64_t commands, uint64_t flush_every)
{
	union fb_command line;
	uint64_t began = now_ns();
	for (uint64_t seq = 1; seq <= commands; seq++) {
		build(seq, &line);
		keep(&line);
		if (!e)
			continue;
		e->line(window + seq % FB_WINDOW_SLOTS * FB_WORD_BYTES, &line);
		if (flush_every && seq % flush_every == 0)
			e->flush();
	}
	if (e)
		e->flush();
	return (double)(now_ns() - began) / (double)commands;
}

/* The window holds the last command of every slot. */
static bool stored(uint64_t commands)
{
	union fb_command line;
	uint64_t first = commands > FB_WINDOW_SLOTS ? commands - FB_WINDOW_SLOTS + 1 : 1;
	for (uint64_t seq = first; seq <= commands; seq++) {
		build(seq, &line);
		const uint8_t *slot = window + seq % FB_WINDOW_SLOTS * FB_WORD_BYTES;
		if (memcmp(slot, &line, sizeof(line)) != 0)
			return false;
	}
	memset(window, 0, sizeof(window));
	return true;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static bool repeat(const struct fb_emitter *e, uint64_t commands, uint64_t flush_every,
		   unsigned times, struct spread *out)
{
	double ns[REPEAT_MAX];
	bool good = true;
	for (unsigned i = 0; i < times; i++) {
		ns[i] = measure(e, commands, flush_every);
		good &= !e || stored(commands);
	}
	qsort(ns, times, sizeof(ns[0]), by_value);
	*out = (struct spread){ ns[times / 2], ns[0], ns[times - 1] };
	return good;
}

static void print(const char *name, const char *flushes, const struct spread *s, bool json,
		  bool first)
{
	if (json)
		printf("%s\n    {\"emitter\": \"%s\", \"flush\": \"%s\", \"median_ns\": %.2f, "
		       "\"least_ns\": %.2f, \"most_ns\": %.2f}",
		       first ? "" : ",", name, flushes, s->median, s->least, s->most);
	else
		printf("%-12s %-14s %8.1f %8.1f %8.1f\n", name, flushes, s->median, s->least,
		       s->most);
}

static bool parse(int argc, char **argv, uint64_t *commands, unsigned *times, bool *json)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			*json = true;
		else if (strcmp(argv[i], "--commands") == 0 && i + 1 < argc)
			*commands = strtoull(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--repeat") == 0 && i + 1 < argc)
			*times = (unsigned)strtoul(argv[++i], NULL, 10);
		else
			return false;
	}
	return *commands >= 1 && *times >= 1 && *times <= REPEAT_MAX;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		uint64_t every;
	} flushes[] = { { "at the end", 0 }, { "each 8", 8 }, { "each command", 1 } };
	uint64_t commands = 1000000;
	unsigned times = 9;
	bool json = false, good = true;
	struct spread s;
	if (!parse(argc, argv, &commands, &times, &json)) {
		fprintf(stderr, "usage: emit [--commands N] [--repeat 1..%d] [--json]\n",
			REPEAT_MAX);
		return 2;
	}
	if (json)
		printf("{\n  \"memory\": \"plain\",\n  \"commands\": %" PRIu64 ",\n  \"costs\": [",
		       commands);
	else
		printf("ns a command, plain memory, %" PRIu64 " commands, %u times\n%-12s %-14s "
		       "%8s %8s %8s\n",
		       commands, times, "store", "flushed", "median", "least", "most");
	repeat(NULL, commands, 0, times, &s);
	print("only built", "-", &s, json, true);
	for (size_t i = 0; i < fb_emitters_n; i++) {
		const struct fb_emitter *e = &fb_emitters[i];
		if (!e->here()) {
			if (!json)
				printf("%-12s not on this processor\n", e->name);
			continue;
		}
		for (size_t f = 0; f < sizeof(flushes) / sizeof(flushes[0]); f++) {
			good &= repeat(e, commands, flushes[f].every, times, &s);
			print(e->name, flushes[f].name, &s, json, false);
		}
	}
	if (json)
		printf("\n  ]\n}\n");
	if (!good)
		fprintf(stderr, "emit: the window does not hold what was stored\n");
	return !good;
}
