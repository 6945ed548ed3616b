/* What the streams reach of RANK, AUDIT and hashes of ranges. A sum of lots at its end is out of
 * reach of a stream: it takes 2^17 rows of the largest quantity (tests/unit/test_model_rank.c). */
#ifndef COSIM_COVERAGE_RANK_H
#define COSIM_COVERAGE_RANK_H

#include "check.h"

struct rank_coverage {
	uint64_t mode[2], side[2], class[4];
	uint64_t nominees, histograms; /* records */
	uint64_t bucket_first, bucket_between, bucket_last; /* rows */
	uint64_t crowded; /* buckets with more than one row */
	uint64_t none, many, most; /* ranks without a row, with 64 and more; rows of the largest */
	uint64_t at_from, at_cursor; /* nominees whose key is an end of the range */
	uint64_t cut_by_cursor, cut_by_from, cut_by_level; /* pairs of ranks: the second got less */
	uint64_t refused_rank, refused_audit, audit[2];
	uint64_t hash_of_some, hash_of_none, hash_wraps;
	struct fb_cmd_rank last;
	uint64_t last_rows;
};

void rank_coverage_count(struct rank_coverage *coverage, const struct stream *stream,
			 const struct batch *batch);
bool rank_coverage_judge(const struct rank_coverage *coverage);
void rank_coverage_print(const struct rank_coverage *coverage);

#endif
