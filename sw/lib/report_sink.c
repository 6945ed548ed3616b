/* See report_sink.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "report_sink.h"

int fb_sink_open(struct fb_sink *sink, const char *path, struct fb_error *error)
{
	sink->err = 0;
	sink->used = 0;
	sink->fd = -1;
	if (strlen(path) >= sizeof(sink->path))
		return fb_error_set(error, -ENAMETOOLONG, "%.80s...: path too long", path);
	strcpy(sink->path, path);
	sink->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (sink->fd < 0)
		return fb_error_set(error, -errno, "%s: cannot create: %s", path, strerror(errno));
	return 0;
}

static int put(struct fb_sink *sink, const uint8_t *data, size_t length)
{
	size_t done = 0;
	while (!sink->err && done < length) {
		ssize_t n = write(sink->fd, data + done, length - done);
		if (n > 0)
			done += (size_t)n;
		else if (n == 0)
			sink->err = -EIO;
		else if (errno != EINTR)
			sink->err = -errno;
	}
	return sink->err;
}

int fb_sink_flush(struct fb_sink *sink)
{
	put(sink, sink->buffer, sink->used);
	sink->used = 0;
	return sink->err;
}

int fb_sink_through(struct fb_sink *sink, const void *data, size_t length)
{
	fb_sink_flush(sink);
	return put(sink, data, length);
}

int fb_sink_write(struct fb_sink *sink, const void *data, size_t length)
{
	const uint8_t *from = data;
	while (!sink->err && length > 0) {
		size_t n = sizeof(sink->buffer) - sink->used;
		n = n < length ? n : length;
		memcpy(sink->buffer + sink->used, from, n);
		sink->used += n;
		from += n;
		length -= n;
		if (sink->used == sizeof(sink->buffer))
			fb_sink_flush(sink);
	}
	return sink->err;
}

int fb_sink_print(struct fb_sink *sink, const char *format, ...)
{
	char line[1024];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(line)) {
		if (!sink->err)
			sink->err = -EOVERFLOW;
		return sink->err;
	}
	return fb_sink_write(sink, line, (size_t)n);
}

int fb_sink_close(struct fb_sink *sink, int sync, struct fb_error *error)
{
	if (sink->fd >= 0) {
		fb_sink_flush(sink);
		/* Devices and pipes cannot sync; that says nothing about the data. */
		if (!sink->err && sync && fsync(sink->fd) < 0 && errno != EINVAL && errno != EROFS)
			sink->err = -errno;
		if (close(sink->fd) < 0 && !sink->err)
			sink->err = -errno;
		sink->fd = -1;
	}
	if (sink->err)
		fb_error_set(error, sink->err, "%s: cannot write: %s", sink->path,
			     strerror(-sink->err));
	return sink->err;
}
