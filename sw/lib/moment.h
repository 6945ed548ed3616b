/* Moments as people write them. */
#ifndef FIREBREAK_MOMENT_H
#define FIREBREAK_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

/* UTC, such as 2025-10-10T21:00:00Z (seconds and Z may be left out), or microseconds since 1970. */
bool fb_moment_parse(const char *text, int64_t *us);

#endif
