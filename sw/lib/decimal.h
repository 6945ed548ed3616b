/* Exact decimals: text to an integer multiple of a power of ten, never by way of floating point. */
#ifndef FIREBREAK_DECIMAL_H
#define FIREBREAK_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

/* Reads the whole of text[0..length) as [+-]digits[.digits][e[+-]digits] and stores the value x
 * 10^scale (scale <= 18). -EINVAL: not a number; -EDOM: a digit other than 0 beyond `scale`
 * decimals; -ERANGE: magnitude of 10^36 or more. */
int fb_decimal(const char *text, size_t length, unsigned scale, __int128 *out);

/* What is wrong, in words: "a number", "a number with at most 8 decimals", "a number below 10^28".
 * buffer >= 64. */
const char *fb_decimal_expected(int code, unsigned scale, char *buffer, size_t size);

#endif
