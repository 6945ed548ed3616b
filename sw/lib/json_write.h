/* Writing JSON: what is more than fprintf. */
#ifndef FIREBREAK_JSON_WRITE_H
#define FIREBREAK_JSON_WRITE_H

#include <stdio.h>

/* A string in quotes, escaped. */
void fb_json_string(const char *text, FILE *out);

#endif
