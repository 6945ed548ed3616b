/* The parts of the program machine. */
#ifndef FIREBREAK_MACHINE_H
#define FIREBREAK_MACHINE_H

#include <stdint.h>

/* Sends random, damaged and truncated messages with random descriptors to a device process; it must
 * answer, or end with a text, and never crash. Exit status. */
int machine_fuzz(uint64_t messages, uint64_t seed);

#endif
