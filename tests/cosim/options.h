/* Command line of cosim. */
#ifndef COSIM_OPTIONS_H
#define COSIM_OPTIONS_H

#include "stream.h"

#define URI_MAX 256

struct options {
	char engine[URI_MAX]; /* without seed and stall, which each run adds */
	char reference[URI_MAX];
	uint64_t first_seed, last_seed;
	size_t commands;
	uint32_t rows; /* of the generated bank; 0: by seed */
	unsigned lanes; /* of cycles: only the core of this name; 0: all */
	int stall; /* percent; -1: by seed, see options_stall() */
	uint64_t least_revaluations; /* fewer in all are a failure */
	uint64_t least_pairs; /* the same of words that carried two level changes */
	const char *directory; /* of dump and compare */
	bool quiet, wave;
};

/* Exits with a message and the usage when the arguments are wrong. */
void options_parse(int argc, char **argv, struct options *out);

/* Percent of the cycles of this seed in which a core's output has no room: none for every second
 * seed; much of it makes pairs of level changes. */
int options_stall(const struct options *o, uint64_t seed);

/* The engine's URI for one seed: a core's stalls and placement are made a function of it. */
void options_uri(const struct options *o, const char *uri, uint64_t seed, char out[static URI_MAX]);

/* What streams may fill: an account or row beyond it would be FULL in one engine and not in
 * another. */
void options_limits(const struct options *o, struct stream_options *out);

#endif
