/* The directory of a zip file. Layout: PKWARE APPNOTE.TXT 6.3, sections 4.3.7 (local
 * header), 4.3.12 (central directory) and 4.3.16 (its end). Only what an exchange's download uses
 * is taken: one file, stored or deflated, no encryption, no zip64. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "zip.h"

#define END_BYTES 22
#define CENTRAL_BYTES 46
#define LOCAL_BYTES 30
#define COMMENT_MAX 65535
#define DIRECTORY_MAX (1u << 20) /* far above the directory of one file */

struct archive {
	FILE *file;
	const char *path;
	uint64_t size;
	struct fb_error *error;
};

static unsigned le16(const uint8_t *p)
{
	return (unsigned)p[0] | (unsigned)p[1] << 8;
}

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)le16(p) | (uint32_t)le16(p + 2) << 16;
}

static int refuse(const struct archive *a, uint64_t offset, const char *expected, const char *hint)
{
	return fb_error_set(a->error, -EBADMSG, "%s: at byte %llu: expected %s; %s", a->path,
			    (unsigned long long)offset, expected, hint);
}

static int read_at(const struct archive *a, uint64_t offset, void *to, size_t bytes,
		   const char *what)
{
	if (offset > a->size || bytes > a->size - offset)
		return refuse(a, offset, what,
			      "the file is truncated or damaged, download it again");
	if (fseeko(a->file, (off_t)offset, SEEK_SET) != 0 || fread(to, 1, bytes, a->file) != bytes)
		return fb_error_set(a->error, -EIO, "%s: at byte %llu: cannot be read", a->path,
				    (unsigned long long)offset);
	return 0;
}

/* The end record lies at the very end, before a comment of unknown length. */
static int find_end(const struct archive *a, uint8_t end[END_BYTES])
{
	static const uint8_t signature[4] = { 'P', 'K', 5, 6 };
	size_t tail = a->size < END_BYTES + COMMENT_MAX ? (size_t)a->size : END_BYTES + COMMENT_MAX;
	uint8_t *buffer = malloc(tail + 1);
	int rc;

	if (!buffer)
		return fb_error_set(a->error, -ENOMEM, "%s: out of memory", a->path);
	rc = read_at(a, a->size - tail, buffer, tail, "the end of a zip file");
	for (size_t i = tail; rc == 0 && i-- > 0;) {
		if (tail - i < END_BYTES || memcmp(buffer + i, signature, sizeof(signature)) != 0)
			continue;
		if (le16(buffer + i + 20) != tail - i - END_BYTES)
			continue; /* these four bytes are part of something else */
		memcpy(end, buffer + i, END_BYTES);
		free(buffer);
		return 0;
	}
	free(buffer);
	return rc ? rc
		  : refuse(a, a->size, "the directory of a zip file at its end",
			   "the file is truncated, download it again");
}

static int check_member(const struct archive *a, const uint8_t *entry, struct fb_zip_member *out)
{
	unsigned name = le16(entry + 28);

	if (name == 0 || name > FB_ZIP_NAME_MAX)
		return refuse(a, 0, "a member name of 1 to 255 bytes", "repack the file");
	if (le16(entry + 8) & 1)
		return refuse(a, 0, "a member that is not encrypted", "unpack it and give the CSV");
	out->method = le16(entry + 10);
	if (out->method != 0 && out->method != 8)
		return refuse(a, 0, "a stored or deflated member", "unpack it and give the CSV");
	out->crc32 = le32(entry + 16);
	out->packed = le32(entry + 20);
	out->unpacked = le32(entry + 24);
	if (out->packed == UINT32_MAX || out->unpacked == UINT32_MAX ||
	    le32(entry + 42) == UINT32_MAX)
		return refuse(a, 0, "a member below 4 GB", "unpack it and give the CSV");
	memcpy(out->name, entry + CENTRAL_BYTES, name);
	out->name[name] = '\0';
	for (unsigned i = 0; i < name; i++)
		if ((unsigned char)out->name[i] < 0x20 || out->name[i] == 0x7f)
			out->name[i] = '?'; /* the name goes into error lines */
	return 0;
}

/* Exactly one entry that is not a folder. */
static int pick(const struct archive *a, const uint8_t *directory, size_t bytes, unsigned entries,
		struct fb_zip_member *out, uint32_t *local)
{
	static const uint8_t signature[4] = { 'P', 'K', 1, 2 };
	size_t at = 0;
	unsigned files = 0;

	for (unsigned i = 0; i < entries; i++) {
		size_t whole;
		int rc;

		if (bytes - at < CENTRAL_BYTES ||
		    memcmp(directory + at, signature, sizeof(signature)) != 0)
			return refuse(a, 0, "a whole zip directory",
				      "the file is damaged, download it again");
		whole = (size_t)CENTRAL_BYTES + le16(directory + at + 28) +
			le16(directory + at + 30) + le16(directory + at + 32);
		if (whole > bytes - at)
			return refuse(a, 0, "a whole zip directory",
				      "the file is damaged, download it again");
		if (le16(directory + at + 28) == 0 ||
		    directory[at + CENTRAL_BYTES + le16(directory + at + 28) - 1] != '/') {
			if (files++)
				return refuse(a, 0, "one file in the archive, found several",
					      "unpack it and name them one by one");
			rc = check_member(a, directory + at, out);
			if (rc)
				return rc;
			*local = le32(directory + at + 42);
		}
		at += whole;
	}
	return files ? 0
		     : refuse(a, 0, "one file in the archive, found none",
			      "name the CSV or its zip");
}

int fb_zip_find(FILE *file, const char *path, uint64_t size, struct fb_zip_member *out,
		struct fb_error *error)
{
	static const uint8_t signature[4] = { 'P', 'K', 3, 4 };
	struct archive a = { file, path, size, error };
	uint8_t end[END_BYTES] = { 0 }, header[LOCAL_BYTES], *directory;
	uint32_t bytes, local = 0;
	int rc = find_end(&a, end);

	if (rc)
		return rc;
	bytes = le32(end + 12);
	if (bytes > DIRECTORY_MAX || bytes > size)
		return refuse(&a, size, "a zip directory below 1 MB", "unpack it and give the CSV");
	directory = malloc(bytes + 1u);
	if (!directory)
		return fb_error_set(error, -ENOMEM, "%s: out of memory", path);
	rc = read_at(&a, le32(end + 16), directory, bytes, "the zip directory");
	if (rc == 0)
		rc = pick(&a, directory, bytes, le16(end + 10), out, &local);
	free(directory);
	if (rc == 0)
		rc = read_at(&a, local, header, sizeof(header), "a member's header");
	if (rc)
		return rc;
	if (memcmp(header, signature, sizeof(signature)) != 0)
		return refuse(&a, local, "a member's header",
			      "the file is damaged, download it again");
	out->data = (uint64_t)local + LOCAL_BYTES + le16(header + 26) + le16(header + 28);
	if (out->data > size || out->packed > size - out->data)
		return refuse(&a, local, "the member's bytes",
			      "the file is truncated, download it again");
	return 0;
}
