/* The arguments of an engine's URI: "key=value,key=value". */
#ifndef FIREBREAK_URI_ARGS_H
#define FIREBREAK_URI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal digits and nothing else, at most max. */
bool fb_uri_u64(const char *text, uint64_t max, uint64_t *out);
bool fb_uri_u32(const char *text, uint32_t max, uint32_t *out);
/* A copy of a text that is not empty and fits. */
bool fb_uri_text(const char *text, char *out, size_t size);

/* False: the key is unknown or the value malformed. */
typedef bool (*fb_uri_set)(void *context, const char *key, const char *value);
/* Calls set for each pair in turn. NULL: all were taken; else where the first that was not begins,
 * and *length how long it is, at most 100, so that an error can quote it. */
const char *fb_uri_pairs(const char *text, fb_uri_set set, void *context, int *length);

#endif
