/* See hdr.h. */
#include "hdr.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HALF_BITS (FB_HDR_SUB_BITS - 1u)
#define HALF (FB_HDR_SUB / 2)
#define TICKS 5 /* of a halving */

/* Bucket b holds values below 2048 x 2^b, in units of 2^b; the lower half of every bucket but the
 * first is covered by the one before. */
static unsigned bucket_of(uint64_t value)
{
	return 64u - FB_HDR_SUB_BITS - (unsigned)__builtin_clzll(value | (FB_HDR_SUB - 1));
}

static uint32_t index_of(uint64_t value)
{
	unsigned bucket = bucket_of(value);
	return (uint32_t)((bucket << HALF_BITS) + (value >> bucket));
}

static uint64_t lowest_at(uint32_t index)
{
	uint32_t bucket = index >> HALF_BITS, sub = index & (HALF - 1);
	return bucket == 0 ? sub : (uint64_t)(sub + HALF) << (bucket - 1);
}

static uint64_t width_at(uint32_t index)
{
	uint32_t bucket = index >> HALF_BITS;
	return UINT64_C(1) << (bucket == 0 ? 0 : bucket - 1);
}

static uint64_t highest_at(uint32_t index)
{
	return lowest_at(index) + width_at(index) - 1;
}

int fb_hdr_open(uint64_t highest, struct fb_hdr *out)
{
	assert(highest >= FB_HDR_SUB && highest < UINT64_C(1) << 62);
	*out = (struct fb_hdr){ .highest = highest };
	out->buckets = bucket_of(highest) + 1;
	out->counts = (out->buckets + 1) * (uint32_t)HALF;
	out->count = calloc(out->counts, sizeof(*out->count));
	fb_hdr_clear(out);
	return out->count ? 0 : -ENOMEM;
}

void fb_hdr_close(struct fb_hdr *hdr)
{
	free(hdr->count);
	hdr->count = NULL;
}

void fb_hdr_clear(struct fb_hdr *hdr)
{
	if (hdr->count)
		memset(hdr->count, 0, hdr->counts * sizeof(*hdr->count));
	hdr->total = hdr->most = 0;
	hdr->least = UINT64_MAX;
}

int fb_hdr_record(struct fb_hdr *hdr, uint64_t value)
{
	if (value > hdr->highest)
		return -ERANGE;
	hdr->count[index_of(value)]++;
	hdr->total++;
	hdr->least = value < hdr->least ? value : hdr->least;
	hdr->most = value > hdr->most ? value : hdr->most;
	return 0;
}

uint64_t fb_hdr_equal(const struct fb_hdr *hdr, uint64_t value)
{
	(void)hdr;
	return highest_at(index_of(value));
}

uint64_t fb_hdr_at(const struct fb_hdr *hdr, uint32_t part_e6)
{
	/* The k-th smallest, k rounded up: half of three samples is the second. */
	unsigned __int128 wanted = (unsigned __int128)hdr->total * part_e6 + 999999;
	uint64_t k = (uint64_t)(wanted / 1000000), seen = 0;
	k = k == 0 ? 1 : k;
	for (uint32_t i = 0; i < hdr->counts; i++) {
		seen += hdr->count[i];
		if (seen >= k) {
			uint64_t value = highest_at(i);
			return value < hdr->most ? value : hdr->most;
		}
	}
	return 0;
}

uint64_t fb_hdr_beyond(const struct fb_hdr *hdr, uint32_t part_e6)
{
	return (uint64_t)((unsigned __int128)hdr->total * (1000000 - part_e6) / 1000000);
}

/* The middle of what has the same counter stands for it. */
static double middle_at(uint32_t index)
{
	return (double)(lowest_at(index) + (width_at(index) >> 1));
}

double fb_hdr_mean(const struct fb_hdr *hdr)
{
	double sum = 0;
	for (uint32_t i = 0; i < hdr->counts; i++)
		if (hdr->count[i])
			sum += middle_at(i) * (double)hdr->count[i];
	return hdr->total ? sum / (double)hdr->total : 0;
}

static double deviation(const struct fb_hdr *hdr, double mean)
{
	double sum = 0;
	for (uint32_t i = 0; i < hdr->counts; i++) {
		double d = middle_at(i) - mean;
		if (hdr->count[i])
			sum += d * d * (double)hdr->count[i];
	}
	return hdr->total ? sqrt(sum / (double)hdr->total) : 0;
}

/* The steps to 100 % shrink by half whenever the distance to it has. */
static double next_level(double level)
{
	double halvings = trunc(log2(100.0 / (100.0 - level))) + 1;
	return level + 100.0 / (TICKS * pow(2, halvings));
}

int fb_hdr_next(const struct fb_hdr *hdr, struct fb_hdr_walk *walk, struct fb_hdr_step *out)
{
	if (walk->to_here >= hdr->total) {
		if (walk->last || hdr->total == 0)
			return 0;
		walk->last = 1;
		walk->part = 100;
	}
	for (;; walk->at++, walk->fresh = 0) {
		uint64_t here = hdr->count[walk->at];
		if (!walk->fresh)
			walk->to_here += here;
		walk->fresh = 1;
		if (here != 0 &&
		    100.0 * (double)walk->to_here / (double)hdr->total >= walk->part)
			break;
		assert(walk->at + 1 < hdr->counts);
	}
	*out = (struct fb_hdr_step){ .value = highest_at(walk->at),
				     .to_here = walk->to_here,
				     .part = walk->part / 100 };
	walk->part = walk->last ? walk->part : next_level(walk->part);
	return 1;
}

void fb_hdr_write(const struct fb_hdr *hdr, FILE *out)
{
	struct fb_hdr_walk walk = { 0 };
	struct fb_hdr_step step;
	double mean = fb_hdr_mean(hdr);
	fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
		"1/(1-Percentile)");
	while (fb_hdr_next(hdr, &walk, &step)) {
		fprintf(out, "%12.3f %2.12f %10llu", (double)step.value, step.part,
			(unsigned long long)step.to_here);
		if (step.part != 1)
			fprintf(out, " %14.2f", 1 / (1 - step.part));
		putc('\n', out);
	}
	fprintf(out, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", mean, deviation(hdr, mean));
	fprintf(out, "#[Max     = %12.3f, Total count    = %12llu]\n",
		(double)(hdr->total ? fb_hdr_equal(hdr, hdr->most) : 0),
		(unsigned long long)hdr->total);
	fprintf(out, "#[Buckets = %12u, SubBuckets     = %12u]\n", hdr->buckets,
		(unsigned)FB_HDR_SUB);
}
