/* Hash of a record or state item: CRC-64/XZ of bytes 0..55 and a nonlinear mix
 * (hw/contract/contract.md, section 4). */
#ifndef FIREBREAK_HASH_H
#define FIREBREAK_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t fb_hash_word(const void *word64);
/* The sum of the hashes of n words, modulo 2^64. */
uint64_t fb_hash_sum(const void *words64, size_t n);

#endif
