/* CRC-64/XZ: reflected ECMA-182, all ones in and out. Two forms that agree: tables, eight bytes at
 * a time, and carry-less multiplication, sixteen, where the processor has it. */
#ifndef FIREBREAK_CRC64_H
#define FIREBREAK_CRC64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Over any length, with the remainder carried from call to call; 0 to begin with. */
uint64_t fb_crc64(uint64_t crc, const void *data, size_t length);

/* Of the FB_HASHED_BYTES of a 64-byte word. */
uint64_t fb_crc64_line(const void *line);

uint64_t fb_crc64_table(uint64_t crc, const void *data, size_t length);
bool fb_crc64_has_instruction(void);
uint64_t fb_crc64_instruction(uint64_t crc, const void *data, size_t length);

#endif
