/* A log open for writing or for reading: see <firebreak/log.h>. */
#ifndef LOG_INTERNAL_H
#define LOG_INTERNAL_H

#include <firebreak/log.h>

#include "report_sink.h"

/* Room for what a decision appends before fb_log_relieve() can write it: the orders of 11,279
 * accounts are 1 MiB. */
#define FB_LOG_ROOM ((size_t)8 << 20)
#define FB_LOG_RELIEF ((size_t)1 << 16)

struct fb_log_header {
	uint64_t magic;
	uint32_t version, layout_hash;
	uint64_t rules_crc;
	uint32_t epoch, zero[7];
	uint64_t crc; /* of the bytes before it */
};
_Static_assert(sizeof(struct fb_log_header) == 64 && offsetof(struct fb_log_header, crc) == 56,
	       "log header");

struct fb_log_head {
	uint32_t length;
	uint8_t type, zero[3];
	uint64_t seq;
};
_Static_assert(sizeof(struct fb_log_head) == 16, "log entry head");

struct fb_log {
	uint64_t chain; /* checksum of the entry before */
	/* writing: entries are made where they wait for the file, right behind the checksum of the
	 * one before, which theirs covers */
	struct fb_sink *sink;
	uint8_t *buffer;
	size_t used; /* of it; the first 8 bytes are that checksum, and in the file already */
	uint64_t stalls; /* times that there was no room: written while an entry waited */
	/* reading */
	FILE *in;
	char path[512];
	uint64_t offset, bytes; /* of the next entry to read; size of the file */
	bool peeked, ended;
	struct fb_log_head head;   /* of the entry peeked */
	uint64_t seq, command_seq; /* newest seen */
	uint8_t *payload;	   /* room for the head, FB_LOG_PAYLOAD_MAX and a checksum */
};

/* In a log being read, the next entry must be the one given. */
int fb_log_verify(struct fb_log *log, enum fb_log_type type, uint64_t seq, const void *payload,
		  size_t length, struct fb_error *error);

#endif
