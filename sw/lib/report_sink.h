/* A buffered file to write, with a sticky error: after a failed or short write every call fails,
 * close last. */
#ifndef REPORT_SINK_H
#define REPORT_SINK_H

#include <stddef.h>
#include <stdint.h>

#include <firebreak/error.h>

struct fb_sink {
	int fd;	 /* -1: closed */
	int err; /* first -errno, or 0 */
	size_t used;
	char path[512];
	uint8_t buffer[1 << 16];
};

int fb_sink_open(struct fb_sink *sink, const char *path, struct fb_error *error);
int fb_sink_write(struct fb_sink *sink, const void *data, size_t length);
__attribute__((format(printf, 2, 3))) int fb_sink_print(struct fb_sink *sink, const char *format,
							...);
int fb_sink_flush(struct fb_sink *sink);
/* Past the buffer, at once. */
int fb_sink_through(struct fb_sink *sink, const void *data, size_t length);
/* sync: wait until the data is on the medium. Fills `error` if anything was ever lost. Closing
 * twice is harmless. */
int fb_sink_close(struct fb_sink *sink, int sync, struct fb_error *error);

#endif
