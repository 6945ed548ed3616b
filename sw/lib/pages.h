/* Memory for large tables: zeroed as by calloc, in huge pages where the system gives them, so that
 * an access anywhere in it seldom misses the translation buffer. free() as usual. */
#ifndef FIREBREAK_PAGES_H
#define FIREBREAK_PAGES_H

#include <stddef.h>

void *fb_pages(size_t n, size_t size);

#endif
