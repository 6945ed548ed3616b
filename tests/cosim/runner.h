/* Drives one engine through a stream at its own pace and cuts its records into batches. */
#ifndef COSIM_RUNNER_H
#define COSIM_RUNNER_H

#include <firebreak/engine.h>

#include "random.h"
#include "stream.h"

/* The set of decision records of one batch, and its end. */
struct batch {
	size_t first, last; /* commands of the stream, both included */
	union fb_record *record;
	size_t n, room;
	union fb_record end;
};

struct runner {
	struct fb_engine *engine;
	const struct stream *stream;
	struct rng pace;
	bool greedy; /* gives commands until the engine takes no more, and only then fetches records
		      */
	size_t submitted; /* commands given to the engine */
	size_t answered; /* commands whose batch has ended */
	uint64_t faults,
		faults_sum; /* FAULT records for wrong sequences, and a sum over what they say */
	bool audited; /* AUDIT has been switched on: ROTATION may come from then on */
	uint64_t rotations;
	uint64_t heard; /* cycle of the last record that is more than a sign of life */
	union fb_record polled[64];
	size_t polled_at, polled_n;
	char error[256];
};

/* `pace` seeds how many commands go in and how many records are fetched at a time. */
int runner_open(struct runner *r, const char *uri, const struct stream *stream, uint64_t pace);
void runner_close(struct runner *r);

/* 1: *out is the next batch (its array is reused; free it with batch_free). 0: the stream is done
 * and the engine is idle. -1: r->error says what is wrong with the engine. */
int runner_next(struct runner *r, struct batch *out);
void batch_free(struct batch *batch);

/* Runs a whole stream and shows each batch, sorted and checked by itself, to `see` (check.h).
 * False, with a line printed, when the engine or a batch is wrong or `see` returns false. */
bool runner_all(const char *uri, const struct stream *stream, uint64_t pace,
		bool (*see)(void *context, const struct stream *stream, const struct batch *batch),
		void *context);

/* What a FAULT record for this pair adds to faults_sum. */
uint64_t runner_fault_term(uint64_t expected_seq, uint64_t found_seq);

#endif
