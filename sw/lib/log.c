/* Writing a log: see <firebreak/log.h> for the format. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log_internal.h"

uint64_t fb_log_crc(uint64_t crc, const void *data, size_t length)
{
	/* CRC-64/XZ over any length, with the remainder carried from call to call. Filled at the
	 * first call. */
	static uint64_t table[256];
	if (!table[1])
		for (unsigned i = 0; i < 256; i++) {
			uint64_t x = i;
			for (unsigned bit = 0; bit < 8; bit++)
				x = x >> 1 ^ (x & 1 ? 0xc96c5795d7870f42ull : 0);
			table[i] = x;
		}
	const uint8_t *bytes = data;
	crc = ~crc;
	for (size_t i = 0; i < length; i++)
		crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 0xff];
	return ~crc;
}

int fb_log_append(struct fb_log *log, enum fb_log_type type, uint64_t seq, const void *payload,
		  size_t length)
{
	assert(length <= FB_LOG_PAYLOAD_MAX);
	struct fb_log_head head = { .length = (uint32_t)length, .type = (uint8_t)type, .seq = seq };
	uint64_t crc = fb_log_crc(0, &log->chain, sizeof(log->chain));
	crc = fb_log_crc(crc, &head, sizeof(head));
	crc = fb_log_crc(crc, payload, length);
	log->chain = crc;
	fb_sink_write(log->sink, &head, sizeof(head));
	fb_sink_write(log->sink, payload, length);
	return fb_sink_write(log->sink, &crc, sizeof(crc));
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
	fb_sink_write(log->sink, &header, sizeof(header));
	fb_log_append(log, FB_LOG_RULES, 0, packed, length);
	return fb_log_append(log, FB_LOG_CONFIG, 0, config, sizeof(*config));
}

int fb_log_create(const char *path, const struct fb_rules *rules,
		  const struct fb_log_config *config, struct fb_log **out, struct fb_error *error)
{
	struct fb_log *log = calloc(1, sizeof(*log));
	uint8_t *packed = malloc(FB_LOG_PAYLOAD_MAX);
	int err = -ENOMEM;
	if (log)
		log->sink = malloc(sizeof(*log->sink));
	if (!log || !packed || !log->sink) {
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
		free(log->sink);
		free(log);
		log = NULL;
	}
	*out = log;
	return err;
}

int fb_log_flush(struct fb_log *log, struct fb_error *error)
{
	int err = log->sink ? fb_sink_flush(log->sink) : 0;
	return err ? fb_error_set(error, err, "%s: cannot write: %s", log->sink->path,
				  strerror(-err))
		   : 0;
}

int fb_log_close(struct fb_log *log, struct fb_error *error)
{
	if (!log)
		return 0;
	int err = log->sink ? fb_sink_close(log->sink, 1, error) : 0;
	if (log->in)
		fclose(log->in);
	free(log->sink);
	free(log->payload);
	free(log);
	return err;
}
