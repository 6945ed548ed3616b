/* Writing a log: see <firebreak/log.h> for the format. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crc64.h"
#include "log_internal.h"

uint64_t fb_log_crc(uint64_t crc, const void *data, size_t length)
{
	return fb_crc64(crc, data, length);
}

/* Writes what waits; the newest checksum stays for the next entry. */
static int write_out(struct fb_log *log)
{
	int err = fb_sink_through(log->sink, log->buffer + sizeof(log->chain),
				  log->used - sizeof(log->chain));
	memcpy(log->buffer, &log->chain, sizeof(log->chain));
	log->used = sizeof(log->chain);
	return err;
}

/* To a log being written. */
static inline int append(struct fb_log *log, enum fb_log_type type, uint64_t seq,
			 const void *payload, size_t length)
{
	struct fb_log_head head = { .length = (uint32_t)length, .type = (uint8_t)type, .seq = seq };
	size_t covered = sizeof(log->chain) + sizeof(head) + length;
	assert(length <= FB_LOG_PAYLOAD_MAX);
	if (FB_LOG_ROOM - log->used < covered) {
		log->stalls++;
		write_out(log);
	}
	uint8_t *at = log->buffer + log->used;
	memcpy(at, &head, sizeof(head));
	if (length > 0)
		memcpy(at + sizeof(head), payload, length);
	uint64_t chain = fb_crc64(0, at - sizeof(chain), covered);
	memcpy(at + sizeof(head) + length, &chain, sizeof(chain));
	log->chain = chain;
	log->used += covered;
	return log->sink->err;
}

static int cannot_write(const struct fb_log *log, int err, struct fb_error *error)
{
	return fb_error_set(error, err, "%s: cannot write: %s", log->sink->path, strerror(-err));
}

int fb_log_put(struct fb_log *log, enum fb_log_type type, uint64_t seq, const void *payload,
	       size_t length, struct fb_error *error)
{
	if (log->in)
		return fb_log_verify(log, type, seq, payload, length, error);
	int err = append(log, type, seq, payload, length);
	return err ? cannot_write(log, err, error) : 0;
}

static int begin(struct fb_log *log, const struct fb_rules *rules,
		 const struct fb_log_config *config, uint8_t *packed)
{
	size_t length;
	int err = fb_log_rules_pack(rules, packed, FB_LOG_PAYLOAD_MAX, &length);
	if (err)
		return err;
	struct fb_log_header header = {
		.magic = FB_LOG_MAGIC,
		.version = FB_LOG_VERSION,
		.layout_hash = FB_LAYOUT_HASH,
		.rules_crc = fb_log_crc(0, packed, length),
		.epoch = config->epoch,
	};
	header.crc = fb_log_crc(0, &header, offsetof(struct fb_log_header, crc));
	log->chain = header.crc;
	/* Its last 8 bytes are the checksum before the first entry's. */
	memcpy(log->buffer + sizeof(log->chain), &header, sizeof(header));
	log->used = sizeof(log->chain) + sizeof(header);
	append(log, FB_LOG_RULES, 0, packed, length);
	return append(log, FB_LOG_CONFIG, 0, config, sizeof(*config));
}

int fb_log_create(const char *path, const struct fb_rules *rules,
		  const struct fb_log_config *config, struct fb_log **out, struct fb_error *error)
{
	struct fb_log *log = calloc(1, sizeof(*log));
	uint8_t *packed = malloc(FB_LOG_PAYLOAD_MAX);
	int err = -ENOMEM;
	if (log) {
		log->sink = malloc(sizeof(*log->sink));
		log->buffer = malloc(FB_LOG_ROOM);
	}
	if (!log || !packed || !log->sink || !log->buffer) {
		fb_error_set(error, err, "%s: out of memory", path);
		goto out;
	}
	err = fb_sink_open(log->sink, path, error);
	if (err)
		goto out;
	err = begin(log, rules, config, packed);
	if (err == -ENOSPC && !log->sink->err)
		fb_error_set(error, err, "%s: the rules do not fit one log entry", path);
	if (err && log->sink->err)
		err = 0; /* a failed write is sticky: it comes out of the next flush or close */
out:
	free(packed);
	if (err && log) {
		free(log->buffer);
		free(log->sink);
		free(log);
		log = NULL;
	}
	*out = log;
	return err;
}

int fb_log_flush(struct fb_log *log, struct fb_error *error)
{
	int err = log->sink ? write_out(log) : 0;
	return err ? cannot_write(log, err, error) : 0;
}

int fb_log_relieve(struct fb_log *log, struct fb_error *error)
{
	return log->sink && log->used >= FB_LOG_RELIEF ? fb_log_flush(log, error) : 0;
}

uint64_t fb_log_stalls(const struct fb_log *log)
{
	return log->stalls;
}

int fb_log_close(struct fb_log *log, struct fb_error *error)
{
	if (!log)
		return 0;
	if (log->sink && log->buffer)
		write_out(log);
	int err = log->sink ? fb_sink_close(log->sink, 1, error) : 0;
	if (log->in)
		fclose(log->in);
	free(log->buffer);
	free(log->sink);
	free(log->payload);
	free(log);
	return err;
}
