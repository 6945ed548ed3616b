/* Builds gzip and zip files in memory, so that tests can damage them in known places. */
#ifndef INPUTS_ARCHIVE_H
#define INPUTS_ARCHIVE_H

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct archive {
	uint8_t *bytes;
	size_t length, room;
};

__attribute__((unused)) static void archive_add(struct archive *a, const void *bytes, size_t n)
{
	if (n == 0)
		return;
	if (a->length + n > a->room) {
		a->room = (a->length + n) * 2;
		a->bytes = realloc(a->bytes, a->room);
		assert(a->bytes);
	}
	memcpy(a->bytes + a->length, bytes, n);
	a->length += n;
}

__attribute__((unused)) static void archive_le(struct archive *a, uint32_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		archive_add(a, &(uint8_t){ (uint8_t)(value >> 8 * i) }, 1);
}

/* window_bits: 31 for gzip, -15 for the bare stream in a zip. */
__attribute__((unused)) static void archive_deflate(struct archive *a, const void *bytes, size_t n,
						    int window_bits)
{
	z_stream stream = { .next_in = (uint8_t *)(uintptr_t)bytes, .avail_in = (uInt)n };
	uint8_t chunk[4096];
	int rc = deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);

	assert(rc == Z_OK);
	do {
		stream.next_out = chunk;
		stream.avail_out = sizeof(chunk);
		rc = deflate(&stream, Z_FINISH);
		assert(rc == Z_OK || rc == Z_STREAM_END);
		archive_add(a, chunk, sizeof(chunk) - stream.avail_out);
	} while (rc != Z_STREAM_END);
	deflateEnd(&stream);
}

__attribute__((unused)) static struct archive archive_gzip(const void *bytes, size_t n)
{
	struct archive a = { 0 };

	archive_deflate(&a, bytes, n, 31);
	return a;
}

/* A zip of `files` members of equal content (1 is what the readers take); method 0 or 8. */
__attribute__((unused)) static struct archive archive_zip(const char *name, const void *bytes,
							  size_t n, unsigned method, unsigned files)
{
	struct archive a = { 0 }, packed = { 0 };
	uint32_t crc = (uint32_t)crc32(0, bytes, (uInt)n), name_length = (uint32_t)strlen(name);
	uint32_t offset[4] = { 0 }, directory = 0, size;

	if (method == 8)
		archive_deflate(&packed, bytes, n, -15);
	else
		archive_add(&packed, bytes, n);
	for (unsigned copy = 0; copy < 2 * files; copy++) {
		unsigned central = copy >= files;

		if (copy == files)
			directory = (uint32_t)a.length;
		if (!central)
			offset[copy] = (uint32_t)a.length;
		archive_add(&a, central ? "PK\1\2" : "PK\3\4", 4);
		if (central)
			archive_le(&a, 20, 2);
		archive_le(&a, 20, 2);
		archive_le(&a, 0, 2); /* flags */
		archive_le(&a, method, 2);
		archive_le(&a, 0, 4); /* time and date */
		archive_le(&a, crc, 4);
		archive_le(&a, (uint32_t)packed.length, 4);
		archive_le(&a, (uint32_t)n, 4);
		archive_le(&a, name_length, 2);
		archive_le(&a, 0, 2); /* extra field */
		if (central) {
			archive_le(&a, 0, 2); /* comment */
			archive_le(&a, 0, 4); /* disk, internal attributes */
			archive_le(&a, 0, 4); /* external attributes */
			archive_le(&a, offset[copy - files], 4);
		}
		archive_add(&a, name, name_length);
		if (!central)
			archive_add(&a, packed.bytes, packed.length);
	}
	size = (uint32_t)a.length - directory;
	archive_add(&a, "PK\5\6\0\0\0\0", 8);
	archive_le(&a, files, 2);
	archive_le(&a, files, 2);
	archive_le(&a, size, 4);
	archive_le(&a, directory, 4);
	archive_le(&a, 0, 2);
	free(packed.bytes);
	return a;
}

#endif
