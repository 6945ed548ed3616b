/* CRC-32C (reflected, start and final xor all ones): the check word of commands, records and status
 * lines on the bus (hw/contract/card.md). */
#ifndef FIREBREAK_CRC32C_H
#define FIREBREAK_CRC32C_H

#include <stdbool.h>
#include <stdint.h>

/* Of the FB_CHECKED_BYTES of a 64-byte word that its check word covers. By the instruction where
 * the processor has it, else by the table. */
uint32_t fb_crc32c_line(const void *line);

/* The two ways, for tests. */
bool fb_crc32c_has_instruction(void);
uint32_t fb_crc32c_line_table(const void *line);
uint32_t fb_crc32c_line_instruction(const void *line);

#endif
