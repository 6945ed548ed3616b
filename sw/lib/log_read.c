/* Reading a log: every check of "valid if and only if" in <firebreak/log.h> is made here. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "log_internal.h"

static int torn(struct fb_log *log, struct fb_error *error)
{
	return fb_error_set(error, -EPIPE,
			    "%s: torn tail: the entry at offset %llu (after sequence %llu) is not "
			    "whole; everything before it is good",
			    log->path, (unsigned long long)log->offset,
			    (unsigned long long)log->seq);
}

static int damaged(struct fb_log *log, struct fb_error *error, const char *what)
{
	return fb_error_set(error, -EBADMSG, "%s: damaged at offset %llu (after sequence %llu): %s",
			    log->path, (unsigned long long)log->offset,
			    (unsigned long long)log->seq, what);
}

static bool at_end(struct fb_log *log)
{
	int c = getc(log->in);
	if (c != EOF)
		ungetc(c, log->in);
	return c == EOF;
}

static int check_order(struct fb_log *log, struct fb_error *error)
{
	const struct fb_log_head *head = &log->head;
	bool command = head->type == FB_LOG_COMMAND;
	if (log->ended)
		return damaged(log, error, "an entry after END");
	if (head->type < FB_LOG_RULES || head->type > FB_LOG_COUNTED)
		return damaged(log, error, "unknown type of entry");
	if (command &&
	    (head->length != sizeof(union fb_command) || head->seq != log->command_seq + 1))
		return damaged(log, error, "a command out of sequence");
	if (command)
		log->command_seq = head->seq;
	log->seq = head->seq;
	log->ended = head->type == FB_LOG_END;
	return 0;
}

/* 1: the next entry is in log->head and log->payload; 0: end of file; -errno. */
static int read_entry(struct fb_log *log, struct fb_error *error)
{
	size_t n = fread(&log->head, 1, sizeof(log->head), log->in);
	if (n == 0 && !ferror(log->in))
		return 0;
	if (ferror(log->in))
		return fb_error_set(error, -EIO, "%s: cannot read: %s", log->path, strerror(errno));
	if (n < sizeof(log->head))
		return torn(log, error);
	if (log->head.length > FB_LOG_PAYLOAD_MAX)
		return damaged(log, error, "an entry is longer than 1 MiB");
	size_t want = log->head.length + sizeof(uint64_t);
	if (fread(log->payload, 1, want, log->in) < want)
		return torn(log, error);
	uint64_t found, crc = fb_log_crc(0, &log->chain, sizeof(log->chain));
	crc = fb_log_crc(crc, &log->head, sizeof(log->head));
	crc = fb_log_crc(crc, log->payload, log->head.length);
	memcpy(&found, log->payload + log->head.length, sizeof(found));
	if (found != crc)
		return at_end(log) ? torn(log, error) : damaged(log, error, "checksum is wrong");
	int err = check_order(log, error);
	if (err)
		return err;
	log->chain = crc;
	return 1;
}

int fb_log_peek(struct fb_log *log, struct fb_log_entry *out, struct fb_error *error)
{
	assert(log->in);
	if (!log->peeked) {
		int got = read_entry(log, error);
		if (got == 0 && !log->ended)
			return fb_error_set(error, -EPIPE,
					    "%s: the log was not closed: it stops at offset %llu "
					    "(sequence %llu)",
					    log->path, (unsigned long long)log->offset,
					    (unsigned long long)log->seq);
		if (got <= 0)
			return got;
		log->peeked = true;
	}
	*out = (struct fb_log_entry){
		.type = log->head.type,
		.length = log->head.length,
		.seq = log->head.seq,
		.offset = log->offset,
		.payload = log->payload,
	};
	return 1;
}

uint64_t fb_log_bytes(const struct fb_log *log)
{
	return log->bytes;
}

static void take(struct fb_log *log)
{
	log->peeked = false;
	log->offset += sizeof(log->head) + log->head.length + sizeof(uint64_t);
}

static void entry_text(enum fb_log_type type, uint64_t seq, const void *payload, size_t length,
		       char *out, size_t size)
{
	union fb_command command;
	struct fb_log_observe observe;
	struct fb_log_order order;
	struct fb_notice notice;
	if (type == FB_LOG_COMMAND && length == sizeof(command)) {
		memcpy(&command, payload, sizeof(command));
		fb_text_command(&command, out, size);
	} else if (type == FB_LOG_OBSERVE && length == sizeof(observe)) {
		memcpy(&observe, payload, sizeof(observe));
		snprintf(out, size, "observe batch %llu: %u records, %u rejects, digest %016llx",
			 (unsigned long long)seq, observe.count, observe.rejects,
			 (unsigned long long)observe.digest);
	} else if (type == FB_LOG_ORDER && length == sizeof(order)) {
		memcpy(&order, payload, sizeof(order));
		fb_text_order(&order, out, size);
	} else if (type == FB_LOG_NOTICE && length == sizeof(notice)) {
		memcpy(&notice, payload, sizeof(notice));
		fb_text_notice(&notice, out, size);
	} else {
		snprintf(out, size, "entry of type %u, sequence %llu, %zu bytes", type,
			 (unsigned long long)seq, length);
	}
}

int fb_log_verify(struct fb_log *log, enum fb_log_type type, uint64_t seq, const void *payload,
		  size_t length, struct fb_error *error)
{
	struct fb_log_entry entry;
	char logged[320] = "the end of the log", now[320];
	int got = fb_log_peek(log, &entry, error);
	if (got < 0)
		return got;
	if (got > 0 && entry.type == type && entry.seq == seq && entry.length == length &&
	    (length == 0 || memcmp(entry.payload, payload, length) == 0)) {
		take(log);
		return 0;
	}
	if (got > 0)
		entry_text(entry.type, entry.seq, entry.payload, entry.length, logged,
			   sizeof(logged));
	entry_text(type, seq, payload, length, now, sizeof(now));
	return fb_error_set(error, -EBADMSG,
			    "first divergence at sequence %llu: logged: %.200s; now: %.200s",
			    (unsigned long long)seq, logged, now);
}

static int read_header(struct fb_log *log, struct fb_log_header *header, struct fb_error *error)
{
	if (fread(header, 1, sizeof(*header), log->in) < sizeof(*header))
		return fb_error_set(error, -EBADMSG,
				    "%s: not a log: shorter than a header of 64 bytes", log->path);
	if (header->magic != FB_LOG_MAGIC)
		return fb_error_set(error, -EBADMSG, "%s: not a log: expected magic FBRKLOG1",
				    log->path);
	if (header->crc != fb_log_crc(0, header, offsetof(struct fb_log_header, crc)))
		return fb_error_set(error, -EBADMSG, "%s: the header's checksum is wrong",
				    log->path);
	if (header->version != FB_LOG_VERSION)
		return fb_error_set(error, -EBADMSG, "%s: expected log version %u, found %u",
				    log->path, FB_LOG_VERSION, header->version);
	if (header->layout_hash != FB_LAYOUT_HASH)
		return fb_error_set(error, -EBADMSG,
				    "%s: expected layout hash %08x, found %08x: written by another "
				    "contract version",
				    log->path, FB_LAYOUT_HASH, header->layout_hash);
	log->chain = header->crc;
	log->offset = sizeof(*header);
	return 0;
}

static int read_rules(struct fb_log *log, const struct fb_log_header *header,
		      struct fb_rules *rules, struct fb_log_config *config, struct fb_error *error)
{
	struct fb_log_entry entry;
	int got = fb_log_peek(log, &entry, error);
	if (got <= 0)
		return got ? got : damaged(log, error, "no RULES");
	if (entry.type != FB_LOG_RULES ||
	    fb_log_crc(0, entry.payload, entry.length) != header->rules_crc ||
	    fb_log_rules_unpack(entry.payload, entry.length, rules))
		return damaged(log, error, "RULES do not match the header");
	take(log);
	got = fb_log_peek(log, &entry, error);
	if (got <= 0)
		return got ? got : damaged(log, error, "no CONFIG");
	if (entry.type != FB_LOG_CONFIG || entry.length != sizeof(*config))
		return damaged(log, error, "no CONFIG");
	memcpy(config, entry.payload, sizeof(*config));
	if (config->ahead > FB_AHEAD_MAX || config->accounts >= 1u << 29 ||
	    config->rows >= 1u << 29)
		return damaged(log, error, "CONFIG is out of range");
	take(log);
	return 0;
}

int fb_log_open(const char *path, struct fb_rules *rules, struct fb_log_config *config,
		struct fb_log **out, struct fb_error *error)
{
	struct fb_log_header header;
	*out = NULL;
	struct fb_log *log = calloc(1, sizeof(*log));
	if (log)
		log->payload = malloc(FB_LOG_PAYLOAD_MAX + sizeof(uint64_t));
	if (!log || !log->payload) {
		free(log);
		return fb_error_set(error, -ENOMEM, "%s: out of memory", path);
	}
	snprintf(log->path, sizeof(log->path), "%s", path);
	log->in = fopen(path, "rbe");
	int err =
		log->in ? 0
			: fb_error_set(error, -errno, "%s: cannot open: %s", path, strerror(errno));
	struct stat status;
	if (!err && fstat(fileno(log->in), &status) == 0)
		log->bytes = (uint64_t)status.st_size;
	if (!err)
		err = read_header(log, &header, error);
	if (!err)
		err = read_rules(log, &header, rules, config, error);
	if (err) {
		fb_log_close(log, NULL);
		return err;
	}
	*out = log;
	return 0;
}

int fb_log_dump(const char *path, uint64_t first, uint64_t last, unsigned most, FILE *out,
		struct fb_error *error)
{
	struct fb_rules *rules = malloc(sizeof(*rules));
	struct fb_log_config config;
	struct fb_log *log;
	struct fb_log_entry entry;
	union fb_command command;
	char text[320];
	int got = rules ? fb_log_open(path, rules, &config, &log, error) : -ENOMEM;
	free(rules);
	if (got)
		return got;
	while ((got = fb_log_peek(log, &entry, error)) > 0 && entry.seq <= last) {
		if (entry.type == FB_LOG_COMMAND && entry.seq >= first) {
			memcpy(&command, entry.payload, sizeof(command));
			fb_text_command(&command, text, sizeof(text));
			if (most-- == 0) {
				fprintf(out, "    ...\n");
				break;
			}
			fprintf(out, "    %s\n", text);
		}
		take(log);
	}
	fb_log_close(log, NULL);
	/* A log still being written ends without END; what was asked for has been shown. */
	return got < 0 && got != -EPIPE ? got : 0;
}
