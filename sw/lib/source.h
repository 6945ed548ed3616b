/* A byte stream from a file: plain, gzip (all members) or zip (one file in it), told by its first
 * bytes. Memory is bounded; lengths and checksums that the archive states are checked at the end.
 */
#ifndef FIREBREAK_SOURCE_H
#define FIREBREAK_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include <firebreak/error.h>

struct fb_source;

int fb_source_open(const char *path, struct fb_source **out, struct fb_error *error);
/* Bytes into buffer, at most size; *got 0 at the end. On -errno the error says what was expected
 * and found but not where: the caller knows the line. */
int fb_source_read(struct fb_source *source, void *buffer, size_t size, size_t *got,
		   struct fb_error *error);
/* What errors call it: the path, for a zip `archive.zip:member.csv`. */
const char *fb_source_name(const struct fb_source *source);
/* Bytes of the file on disk, read so far and in all. */
void fb_source_progress(const struct fb_source *source, uint64_t *done, uint64_t *total);
void fb_source_close(struct fb_source *source);

#endif
