/* The two ways to a record's CRC-64/XZ: tables, and carry-less multiplication where the processor
 * has it. They give the same; hash.c takes the second where it can. */
#ifndef FIREBREAK_HASH_CRC_H
#define FIREBREAK_HASH_CRC_H

#include <stdint.h>

#define FB_CRC64_POLYNOMIAL UINT64_C(0xc96c5795d7870f42) /* ECMA-182, bits reversed */

typedef uint64_t fb_crc64(const uint8_t bytes[56]);

fb_crc64 fb_crc64_by_table;
/* NULL where there is no such instruction. */
fb_crc64 *fb_crc64_by_product(void);

#endif
