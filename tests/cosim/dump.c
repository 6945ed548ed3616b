/* Streams as files, for a simulator that is not linked with us (tests/icarus). `dump` writes
 *   DIR/commands.hex   the words as they enter the core, placement included, 128 hex digits a line
 *   DIR/expected.hex   the decision records of `model`, each batch sorted and closed by its
 * BATCH_END DIR/batches.txt    number of BATCH_ENDs `compare` reads DIR/records.hex, what the
 * simulated core gave, and compares batch by batch. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../sw/lib/level_pair.h"
#include "check.h"
#include "cosim.h"
#include "tap.h"

#define PATH 300
#define LANES 2u
/* The memories of the bench are smaller than the library's: tests/icarus/tb.v. */
#define ROWS 1024u
#define SLOTS 256u

static FILE *open_in(const char *directory, const char *name, const char *mode)
{
	char path[PATH];

	snprintf(path, sizeof path, "%s/%s", directory, name);
	FILE *f = fopen(path, mode);
	if (!f) {
		perror(path);
		exit(2);
	}
	return f;
}

/* Verilog writes the highest byte first. */
static void put_word(FILE *f, const void *word)
{
	for (unsigned i = FB_WORD_BYTES; i-- > 0;)
		fprintf(f, "%02x", ((const uint8_t *)word)[i]);
	fprintf(f, "\n");
}

static bool get_word(FILE *f, union fb_record *out)
{
	char line[2 * FB_WORD_BYTES + 3];

	if (!fgets(line, sizeof line, f))
		return false;
	memset(out, 0, sizeof *out);
	for (unsigned i = 0; i < FB_WORD_BYTES; i++) {
		unsigned byte;

		if (sscanf(&line[2 * (FB_WORD_BYTES - 1 - i)], "%2x", &byte) != 1) {
			printf("compare: not a word of hex digits (an x is an unknown bit): "
			       "%.128s\n",
			       line);
			exit(1);
		}
		out->bytes[i] = (uint8_t)byte;
	}
	return true;
}

static void dump_command(void *context, uint64_t cycle, const union fb_command *word)
{
	(void)cycle;
	if (word->place.place_row >= ROWS && word->header.op == FB_OP_POSITION) {
		printf("dump: row %u does not fit the bench\n", word->place.place_row);
		exit(1);
	}
	put_word(context, word);
}

static bool dump_commands(const struct stream *stream, const char *directory)
{
	FILE *f = open_in(directory, "commands.hex", "w");
	struct tap tap = { .command = dump_command, .context = f };
	struct fb_engine *engine;
	struct fb_error error = { "" };
	union fb_record out[64];
	int idle = 0;

	if (tap_open(&tap, LANES, "lanes=2,place=random,seed=5", &engine, &error) < 0) {
		printf("dump: %s\n", error.text);
		return false;
	}
	for (size_t i = 0; i < stream->n || !idle;) {
		while (i < stream->n && fb_engine_submit(engine, &stream->command[i].word) == 0)
			i++;
		if (fb_engine_poll(engine, out, 64, &idle) < 0)
			return false;
	}
	fb_engine_close(engine);
	return fclose(f) == 0;
}

struct expected {
	FILE *file;
	unsigned batches;
};

static bool dump_batch(void *context, const struct stream *stream, const struct batch *batch)
{
	struct expected *e = context;

	(void)stream;
	for (size_t i = 0; i < batch->n; i++)
		put_word(e->file, &batch->record[i]);
	put_word(e->file, &batch->end);
	e->batches++;
	return true;
}

bool dump(const struct options *o)
{
	const char *directory = o->directory ? o->directory : "build/icarus";
	struct stream_options shape = { .seed = o->first_seed,
					.commands = o->commands,
					.rows = o->rows,
					.rows_max = ROWS / 2,
					.accounts_max = SLOTS / 2 };
	struct stream stream;
	struct expected expected = { .file = open_in(directory, "expected.hex", "w") };
	FILE *batches = open_in(directory, "batches.txt", "w");

	stream_make(&shape, &stream);
	bool good = dump_commands(&stream, directory) &&
		    runner_all(o->reference, &stream, o->first_seed, dump_batch, &expected);
	fprintf(batches, "%u\n", expected.batches);
	good = fclose(expected.file) == 0 && fclose(batches) == 0 && good;
	printf("dump: %zu commands, %u batches in %s: %s\n", stream.n, expected.batches, directory,
	       good ? "PASS" : "FAIL");
	stream_free(&stream);
	return good;
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, FB_HASHED_BYTES);
}

static void add_record(struct batch *batch, const union fb_record *record)
{
	if (batch->n == batch->room) {
		printf("compare: more than %zu records in a batch\n", batch->room);
		exit(1);
	}
	batch->record[batch->n++] = *record;
}

static void add_pair(struct batch *batch, const union fb_record *pair)
{
	union fb_record two[2];
	const char *wrong = fb_level_pair_open(&pair->level_pair, two);

	if (wrong) {
		printf("compare: a record of two level changes %s\n", wrong);
		exit(1);
	}
	add_record(batch, &two[0]);
	add_record(batch, &two[1]);
}

/* The next batch of a file: its sorted records and its end, service records left out. Number of
 * records, or -1 at the end. */
static int next_batch(FILE *f, struct batch *batch)
{
	union fb_record r;

	for (batch->n = 0; get_word(f, &r);) {
		if (r.header.kind == FB_REC_FAULT || r.header.kind == FB_REC_AUDIT)
			continue;
		if (r.header.kind == FB_REC_BATCH_END) {
			batch->end = r;
			qsort(batch->record, batch->n, sizeof r, by_bytes);
			return (int)batch->n;
		}
		if (r.header.kind == FB_REC_LEVEL_PAIR)
			add_pair(batch, &r);
		else
			add_record(batch, &r);
	}
	return -1;
}

bool dump_compare(const struct options *o)
{
	static union fb_record records[2][65536];
	const char *directory = o->directory ? o->directory : "build/icarus";
	FILE *found = open_in(directory, "records.hex", "r"),
	     *expected = open_in(directory, "expected.hex", "r");
	struct batch a = { .record = records[0], .room = 65536 },
		     b = { .record = records[1], .room = 65536 };
	bool equal = true;
	unsigned batches = 0;
	int more_a = 0, more_b = 0;

	while (equal) {
		more_a = next_batch(found, &a);
		more_b = next_batch(expected, &b);
		if (more_a < 0 || more_b < 0)
			break;
		equal = check_equal("found", &a, "expected", &b);
		batches++;
	}
	equal = equal && more_a == more_b && batches > 0;
	fclose(found);
	fclose(expected);
	printf("compare: %u batches: %s\n", batches, equal ? "PASS" : "FAIL");
	return equal;
}
