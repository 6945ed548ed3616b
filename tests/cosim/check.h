/* What must hold of a batch by itself, and of two engines' answers to the same batch. */
#ifndef COSIM_CHECK_H
#define COSIM_CHECK_H

#include "runner.h"

/* Sorts the batch's records, then checks it against the contract as far as the stream alone
 * decides: sequences, counts, digest, one LEVEL per account, nominees within the range asked for,
 * and every refusal with the reason the generator foresaw. True when all holds; else what does not
 * is printed with `name` in front. */
bool check_batch(const char *name, const struct stream *stream, struct batch *batch);

/* check_rank.c: a part of it. */
bool check_rank(const char *name, const struct stream *stream, const struct batch *batch);

/* Both batches checked and sorted. True when the sets and the ends are equal in bytes 0..55; else
 * both sides are printed. */
bool check_equal(const char *name_a, const struct batch *a, const char *name_b,
		 const struct batch *b);

/* All FAULT records for wrong sequences came. */
bool check_faults(const char *name, const struct runner *runner);

/* describe.c: one line per record or command. */
void describe_record(const char *prefix, const union fb_record *record);
void describe_command(const char *prefix, const struct stream_command *command);

#endif
