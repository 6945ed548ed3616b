/* A histogram of latencies: log-linear, three significant digits, of fixed size.
 *
 * The layout is that of HdrHistogram (Gil Tene; github.com/HdrHistogram/HdrHistogram): values below
 * 2048 each have a counter of their own; each doubling above has 1024 counters. So a value is known
 * to within 1/1000 of itself, and recording costs a shift and an increment. fb_hdr_write prints the
 * percentile text that its tools read (.hgrm), line for line as its Java version does.
 *
 * Caveats. A value above the range is an error, not the highest counter: a histogram that clamps
 * hides exactly what it is for. Percentiles are the highest value that counts as the same, so they
 * never say less than was measured. One thread; nothing is allocated after open. */
#ifndef FIREBREAK_HDR_H
#define FIREBREAK_HDR_H

#include <stdint.h>
#include <stdio.h>

#define FB_HDR_DIGITS 3
#define FB_HDR_SUB_BITS 11u /* 2048: the first power of two above 2 x 10^3 */
#define FB_HDR_SUB (UINT64_C(1) << FB_HDR_SUB_BITS)

struct fb_hdr {
	uint64_t highest; /* that can be recorded */
	uint64_t *count;
	uint32_t counts, buckets;
	uint64_t total, least, most; /* least, most: as recorded; least is UINT64_MAX when empty */
};

/* highest: at least 2048. -ENOMEM. */
int fb_hdr_open(uint64_t highest, struct fb_hdr *out);
void fb_hdr_close(struct fb_hdr *hdr);
void fb_hdr_clear(struct fb_hdr *hdr);

/* -ERANGE: above the highest; nothing is recorded. */
int fb_hdr_record(struct fb_hdr *hdr, uint64_t value);

/* The value below or at which a part of the samples lies, in millionths: 999900 is p99.99. 0 if
 * there are none. */
uint64_t fb_hdr_at(const struct fb_hdr *hdr, uint32_t part_e6);
/* The same, rounded up to what counts as equal, but never above the largest recorded. */
double fb_hdr_mean(const struct fb_hdr *hdr);
/* How many samples lie beyond a part: says whether a percentile means anything. */
uint64_t fb_hdr_beyond(const struct fb_hdr *hdr, uint32_t part_e6);

/* The largest value that has the same counter. */
uint64_t fb_hdr_equal(const struct fb_hdr *hdr, uint64_t value);

/* Percentiles with five steps to each halving of the distance to 100 %. */
void fb_hdr_write(const struct fb_hdr *hdr, FILE *out);
/* The steps of the same list, for a picture. False: there are no more. *at starts at 0. */
struct fb_hdr_step {
	uint64_t value, to_here; /* samples up to it */
	double part;		 /* 0..1 */
};
struct fb_hdr_walk {
	uint32_t at;
	uint64_t to_here;
	double part; /* next level, in percent */
	int fresh, last;
};
int fb_hdr_next(const struct fb_hdr *hdr, struct fb_hdr_walk *walk, struct fb_hdr_step *out);

#endif
