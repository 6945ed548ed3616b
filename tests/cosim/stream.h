/* Random command streams. A stream is a pure function of its options: every user of this file (the
 * checker, the properties, the Icarus bench, the mutants) sees the same commands for the same seed.
 *
 * Streams do real work: about three commands in a hundred are refused, and for each of them the
 * stream says why. */
#ifndef COSIM_STREAM_H
#define COSIM_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/layout.h>

struct stream_options {
	uint64_t seed;
	size_t commands; /* at least this many; the last batch is finished */
	uint32_t rows; /* the bank is built up to about this many rows; 0: chosen by the seed */
	uint32_t rows_max; /* never more than this, so that no engine is ever full; 0: no limit */
	uint32_t accounts_max;
	bool no_reset, no_faults; /* leave out RESET; leave out words with a wrong sequence */
	bool heal; /* put every damaged account anew at the end, since damage cannot be loaded */
};

struct stream_command {
	union fb_command word;
	uint8_t expect; /* enum fb_reject: what step 2 of the contract must answer */
	bool ignored; /* wrong sequence: gives a FAULT record and nothing else */
	bool ends_batch; /* a BATCH_END with this sequence must come */
};

struct stream {
	struct stream_command *command;
	size_t n;
};

/* Exits with a message when there is no memory: these are test programs. */
void stream_make(const struct stream_options *options, struct stream *out);
void stream_free(struct stream *stream);

/* Appends the commands that load the final state of the stream made last into an empty engine: one
 * batch, in an order that `seed` draws. level(context, id) is the level to load for an account. */
void stream_load_last(uint64_t seed, int (*level)(void *context, uint32_t account), void *context,
		      struct stream *out);

/* Appends to a stream one command at a time; the property tests make their banks with it. */
struct stream_writer {
	struct stream *stream;
	uint64_t seq; /* of the last command */
	size_t room;
};

void stream_begin(struct stream_writer *writer, struct stream *stream);
/* Stamps the sequence; `more`: the batch goes on. */
struct stream_command *stream_add(struct stream_writer *writer, const union fb_command *word,
				  bool more);

#endif
