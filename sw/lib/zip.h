/* The directory of a zip file, read by hand: zlib inflates but knows no archives. */
#ifndef FIREBREAK_ZIP_H
#define FIREBREAK_ZIP_H

#include <stdint.h>
#include <stdio.h>

#include <firebreak/error.h>

#define FB_ZIP_NAME_MAX 255

struct fb_zip_member {
	char name[FB_ZIP_NAME_MAX + 1];
	unsigned method; /* 0 stored, 8 deflated */
	uint32_t crc32;
	uint64_t packed, unpacked; /* bytes */
	uint64_t data;             /* offset of the first packed byte in the file */
};

/* Finds the only file of the archive. -EBADMSG: not a whole zip file, or one with several files,
 * encryption, zip64. */
int fb_zip_find(FILE *file, const char *path, uint64_t size, struct fb_zip_member *out,
		struct fb_error *error);

#endif
