/* How many positions each symbol has, relative to the others: users per coin in the
 * auto-deleveraging of 2025-10-10, the 160 largest num_users of adl_by_coin in the data set
 * HyperMultiAssetedADL. Positions of a coin are taken to be in proportion; of 221,000 the largest
 * gets 42,000. */
#ifndef FIREBREAK_WORKLOAD_SKEW_H
#define FIREBREAK_WORKLOAD_SKEW_H

#include <stdint.h>

#define FB_SKEW_SYMBOLS 160u

static const uint32_t fb_skew_users[FB_SKEW_SYMBOLS] = {
	6208, 2873, 2860, 2081, 1869, 1836, 1455, 987, 937, 420, 404, 381, 355, 328, 301, 286,
	264, 263, 236, 228, 214, 213, 197, 191, 189, 183, 177, 176, 172, 162, 157, 154, 147,
	146, 146, 138, 135, 130, 126, 126, 122, 121, 120, 119, 115, 112, 110, 108, 108, 107,
	107, 106, 104, 97, 97, 92, 92, 90, 86, 82, 82, 81, 78, 76, 71, 70, 69, 67, 63, 60, 60,
	57, 56, 56, 55, 53, 50, 50, 47, 43, 41, 41, 41, 40, 39, 36, 35, 34, 33, 33, 33, 31, 29,
	29, 26, 26, 26, 25, 25, 24, 24, 24, 23, 23, 22, 20, 20, 20, 20, 20, 19, 19, 19, 18, 18,
	17, 17, 17, 16, 16, 16, 15, 14, 13, 13, 13, 12, 12, 12, 12, 12, 11, 10, 9, 9, 8, 8, 7,
	7, 7, 5, 5, 5, 5, 5, 5, 5, 5, 4, 4, 4, 3, 3, 3, 3, 2, 2, 1, 1, 1,
};

#endif
