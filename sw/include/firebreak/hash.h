/* Hash of a record or state item: CRC-64/XZ of bytes 0..55 and a nonlinear mix
 * (hw/contract/contract.md, section 4). */
#ifndef FIREBREAK_HASH_H
#define FIREBREAK_HASH_H

#include <stdint.h>

uint64_t fb_hash_word(const void *word64);

#endif
