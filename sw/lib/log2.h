/* The logarithm that rank keys are made of: hw/contract/contract.md, section 6. Card, model and
 * host use this very function, so that a key is the same number everywhere.
 */
#ifndef FIREBREAK_LOG2_H
#define FIREBREAK_LOG2_H

#include <stdint.h>

/* log2 x in units of 2^-16, for x >= 1. Never falls as x rises, is 1 for x = 1 and at most 2^23 for
 * every x, and errs by less than FB_LOG2_ERROR_E3 / 1000 units: |fb_log2(x) - 2^16 log2 x| < 1.25.
 * Products and quotients can therefore be ordered by sums and differences of it wherever these
 * differ by more than the errors together. */
uint32_t fb_log2(unsigned __int128 x);

#endif
