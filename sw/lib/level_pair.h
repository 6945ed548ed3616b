/* Two LEVEL records that crossed in one word: contract, section 4. Only the driver sees the word;
 * unpacked, nothing tells that the two came together. */
#ifndef FIREBREAK_LEVEL_PAIR_H
#define FIREBREAK_LEVEL_PAIR_H

#include <firebreak/layout.h>

/* The two changes in the order in which they left the core. NULL; or what is wrong with a word that
 * no core makes, then out is as it was. */
const char *fb_level_pair_open(const struct fb_rec_level_pair *pair, union fb_record out[2]);

#endif
