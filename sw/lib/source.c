/* A byte stream from a plain, gzip or zip file. gzip carries its own checks, which zlib enforces;
 * of a zip member the length and the CRC-32 of the directory are checked here when its end is
 * reached. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "source.h"
#include "zip.h"

#define CHUNK 32768
#define PATH_NAME_MAX 4096

enum kind { PLAIN, GZIP, ZIP };

struct fb_source {
	FILE *file;
	char *name; /* as errors show it */
	enum kind kind;
	uint64_t size, taken; /* bytes of the file; read from it so far */
	uint64_t left;        /* ZIP: packed bytes not read yet */
	struct fb_zip_member member;
	uint64_t produced; /* ZIP: unpacked bytes given out */
	uint32_t crc;      /* ZIP: of those bytes */
	z_stream stream;
	bool inflating, ended; /* `ended`: the packed data came to its proper end */
	unsigned char chunk[CHUNK];
};

static int read_error(struct fb_error *error)
{
	int code = errno ? errno : EIO;

	return fb_error_set(error, -code, "expected to read on, found: %s", strerror(code));
}

static int sys_error(struct fb_error *error, const char *path, int code)
{
	return fb_error_set(error, -code, "%s: cannot be read: %s", path, strerror(code));
}

static int start_inflate(struct fb_source *s, int window_bits, struct fb_error *error)
{
	int rc = inflateInit2(&s->stream, window_bits);

	if (rc != Z_OK)
		return fb_error_set(error, rc == Z_MEM_ERROR ? -ENOMEM : -EINVAL,
				    "%s: cannot start inflating", s->name);
	s->inflating = true;
	return 0;
}

static int open_zip(struct fb_source *s, const char *path, struct fb_error *error)
{
	size_t room = strlen(path) + FB_ZIP_NAME_MAX + 2;
	int rc = fb_zip_find(s->file, path, s->size, &s->member, error);
	char *name;

	if (rc)
		return rc;
	name = malloc(room);
	if (!name)
		return fb_error_set(error, -ENOMEM, "%s: out of memory", path);
	snprintf(name, room, "%s:%s", path, s->member.name);
	free(s->name);
	s->name = name;
	s->left = s->member.packed;
	s->taken = s->member.data;
	if (fseeko(s->file, (off_t)s->member.data, SEEK_SET) != 0)
		return sys_error(error, path, errno);
	return s->member.method == 8 ? start_inflate(s, -MAX_WBITS, error) : 0;
}

static int open_kind(struct fb_source *s, const char *path, struct fb_error *error)
{
	unsigned char magic[4] = { 0 };
	size_t got = fread(magic, 1, sizeof(magic), s->file);

	if (ferror(s->file))
		return sys_error(error, path, errno ? errno : EIO);
	if (fseeko(s->file, 0, SEEK_SET) != 0)
		return sys_error(error, path, errno);
	if (got == sizeof(magic) && memcmp(magic, "PK\3\4", 4) == 0) {
		s->kind = ZIP;
		return open_zip(s, path, error);
	}
	if (got >= 2 && magic[0] == 0x1f && magic[1] == 0x8b) {
		s->kind = GZIP;
		return start_inflate(s, MAX_WBITS + 16, error);
	}
	return 0;
}

int fb_source_open(const char *path, struct fb_source **out, struct fb_error *error)
{
	struct fb_source *s;
	struct stat st;
	int rc;

	if (strnlen(path, PATH_NAME_MAX) == PATH_NAME_MAX)
		return fb_error_set(error, -ENAMETOOLONG,
				    "a path of %u bytes or more cannot be read", PATH_NAME_MAX);
	s = calloc(1, sizeof(*s));
	if (!s)
		return fb_error_set(error, -ENOMEM, "%s: out of memory", path);
	s->name = strdup(path);
	s->file = s->name ? fopen(path, "rbe") : NULL;
	if (!s->file || fstat(fileno(s->file), &st) != 0)
		rc = sys_error(error, path, errno);
	else if (!S_ISREG(st.st_mode))
		rc = fb_error_set(error, S_ISDIR(st.st_mode) ? -EISDIR : -ESPIPE,
				  "%s: expected a file, found %s", path,
				  S_ISDIR(st.st_mode) ? "a directory; name the file in it"
						      : "a device or pipe");
	else {
		s->size = (uint64_t)st.st_size;
		rc = open_kind(s, path, error);
	}
	if (rc) {
		fb_source_close(s);
		return rc;
	}
	*out = s;
	return 0;
}

/* More packed bytes into the chunk; 0 bytes at the end of what belongs to the stream. */
static int refill(struct fb_source *s, size_t *got, struct fb_error *error)
{
	size_t want = sizeof(s->chunk);

	if (s->kind == ZIP && s->left < want)
		want = (size_t)s->left;
	*got = want ? fread(s->chunk, 1, want, s->file) : 0;
	if (*got < want && ferror(s->file))
		return read_error(error);
	s->taken += *got;
	if (s->kind == ZIP)
		s->left -= *got;
	return 0;
}

static int read_plain(struct fb_source *s, void *buffer, size_t size, size_t *got,
		      struct fb_error *error)
{
	if (s->kind == ZIP && s->left < size)
		size = (size_t)s->left;
	*got = size ? fread(buffer, 1, size, s->file) : 0;
	if (*got < size && ferror(s->file))
		return read_error(error);
	if (s->kind == ZIP)
		s->left -= *got;
	s->taken += *got;
	return 0;
}

static int damaged(const struct fb_source *s, struct fb_error *error, const char *found)
{
	return fb_error_set(error, -EBADMSG,
			    "expected whole %s data, found %s; the file is cut off or damaged, "
			    "download it again",
			    s->kind == GZIP ? "gzip" : "zip", found);
}

/* gzip files may be several members one after the other; another one begins where the last ended.
 */
static int next_member(struct fb_source *s, struct fb_error *error)
{
	size_t got;
	int rc;

	if (s->kind == ZIP) {
		s->ended = true;
		return s->stream.avail_in || s->left ? damaged(s, error, "bytes after its end") : 0;
	}
	if (s->stream.avail_in == 0) {
		rc = refill(s, &got, error);
		if (rc)
			return rc;
		s->stream.next_in = s->chunk;
		s->stream.avail_in = (uInt)got;
	}
	if (s->stream.avail_in == 0)
		s->ended = true;
	else if (inflateReset(&s->stream) != Z_OK)
		return damaged(s, error, "a stream that cannot be continued");
	return 0;
}

static int read_inflated(struct fb_source *s, void *buffer, size_t size, size_t *got,
			 struct fb_error *error)
{
	s->stream.next_out = buffer;
	s->stream.avail_out = (uInt)size;
	while (!s->ended && s->stream.avail_out == size) {
		int rc;

		if (s->stream.avail_in == 0) {
			size_t packed;

			rc = refill(s, &packed, error);
			if (rc)
				return rc;
			if (packed == 0)
				return damaged(s, error, "the end of the file");
			s->stream.next_in = s->chunk;
			s->stream.avail_in = (uInt)packed;
		}
		rc = inflate(&s->stream, Z_NO_FLUSH);
		if (rc == Z_MEM_ERROR)
			return fb_error_set(error, -ENOMEM, "out of memory");
		if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
			return damaged(s, error, s->stream.msg ? s->stream.msg : "damaged bytes");
		if (rc == Z_STREAM_END) {
			rc = next_member(s, error);
			if (rc)
				return rc;
		}
	}
	*got = size - s->stream.avail_out;
	return 0;
}

/* The zip directory's length and CRC-32 against what came out. */
static int check_zip(struct fb_source *s, const void *buffer, size_t got, struct fb_error *error)
{
	s->produced += got;
	s->crc = (uint32_t)crc32(s->crc, buffer, (uInt)got);
	if (s->produced > s->member.unpacked)
		return damaged(s, error, "more bytes than its directory says");
	if (got != 0)
		return 0;
	s->taken = s->size; /* the directory behind the data was read when the file was opened */
	if (s->produced != s->member.unpacked)
		return damaged(s, error, "fewer bytes than its directory says");
	return s->crc == s->member.crc32 ? 0 : damaged(s, error, "a wrong CRC-32");
}

int fb_source_read(struct fb_source *s, void *buffer, size_t size, size_t *got,
		   struct fb_error *error)
{
	int rc;

	if (size > CHUNK)
		size = CHUNK;
	*got = 0;
	rc = s->inflating ? read_inflated(s, buffer, size, got, error)
			  : read_plain(s, buffer, size, got, error);
	if (rc == 0 && s->kind == ZIP)
		rc = check_zip(s, buffer, *got, error);
	return rc;
}

const char *fb_source_name(const struct fb_source *s)
{
	return s->name;
}

void fb_source_progress(const struct fb_source *s, uint64_t *done, uint64_t *total)
{
	*done = s->taken < s->size ? s->taken : s->size;
	*total = s->size;
}

void fb_source_close(struct fb_source *s)
{
	if (!s)
		return;
	if (s->inflating)
		inflateEnd(&s->stream);
	if (s->file)
		fclose(s->file);
	free(s->name);
	free(s);
}
