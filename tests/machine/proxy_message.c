/* Parser of the multi-process protocol; see proxy_message.h. */
#include "proxy_message.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* What a message must look like. */
static const struct {
	const char *name;
	unsigned body, fds_min, fds_max;
	bool reply;
} forms[PROXY_COMMANDS] = {
	[PROXY_MEMORY] = { "SYNC_SYSMEM", 192, 1, PROXY_FDS_MAX, false },
	[PROXY_RETURN] = { "RET", 8, 0, 0, false },
	[PROXY_CONFIG_WRITE] = { "PCI_CFGWRITE", 12, 0, 0, true },
	[PROXY_CONFIG_READ] = { "PCI_CFGREAD", 12, 0, 0, true },
	[PROXY_BAR_WRITE] = { "BAR_WRITE", 24, 0, 0, true },
	[PROXY_BAR_READ] = { "BAR_READ", 24, 0, 0, true },
	[PROXY_IRQ] = { "SET_IRQFD", 0, 2, 2, false },
	[PROXY_RESET] = { "DEVICE_RESET", 0, 0, 0, true },
};

static uint64_t get(const uint8_t *bytes, unsigned n)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < n; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

bool proxy_wants_reply(enum proxy_command command) { return forms[command].reply; }

int proxy_body_bytes(const uint8_t header[PROXY_HEADER_BYTES], struct fb_error *error)
{
	uint64_t command = get(header, 4), bytes = get(header + 8, 8);

	if (command >= PROXY_COMMANDS)
		return fb_error_set(error, -EPROTO,
				    "proxy: expected a command below %d, found %" PRIu64,
				    PROXY_COMMANDS, command);
	if (bytes != forms[command].body)
		return fb_error_set(error, -EPROTO,
				    "proxy: %s: expected a body of %u bytes, found %" PRIu64,
				    forms[command].name, forms[command].body, bytes);
	return (int)bytes;
}

static bool good_size(unsigned size, unsigned max)
{
	return size <= max && (size == 1 || size == 2 || size == 4 || size == 8);
}

/* An access of a wrong size would be a bug of the emulator; it is not answered with a guess. */
static int parse_access(const uint8_t *body, struct proxy_message *out, struct fb_error *error)
{
	bool config = out->command == PROXY_CONFIG_READ || out->command == PROXY_CONFIG_WRITE;

	if (config) {
		out->address = get(body, 4);
		out->value = get(body + 4, 4);
		out->size = (unsigned)get(body + 8, 4);
	} else {
		out->address = get(body, 8);
		out->value = get(body + 8, 8);
		out->size = (unsigned)get(body + 16, 4);
		out->memory = body[20] & 1;
	}
	if (!good_size(out->size, config ? 4 : 8))
		return fb_error_set(error, -EPROTO,
				    "proxy: %s: expected an access of 1, 2, 4%s bytes, found %u",
				    forms[out->command].name, config ? "" : " or 8", out->size);
	return 0;
}

static int parse_memory(const uint8_t *body, struct proxy_message *out, struct fb_error *error)
{
	for (unsigned i = 0; i < out->fds_n; i++) {
		struct proxy_range *r = &out->ranges[i];

		r->address = get(body + 8 * i, 8);
		r->bytes = get(body + 64 + 8 * i, 8);
		r->offset = get(body + 128 + 8 * i, 8);
		if (r->bytes == 0 || r->address + r->bytes < r->address ||
		    r->offset + r->bytes < r->offset || r->offset + r->bytes > INT64_MAX)
			return fb_error_set(error, -EPROTO,
					    "proxy: SYNC_SYSMEM: range %u wraps or is empty: "
					    "%#" PRIx64 " + %#" PRIx64 " at %#" PRIx64,
					    i, r->address, r->bytes, r->offset);
	}
	return 0;
}

int proxy_parse(const uint8_t header[PROXY_HEADER_BYTES], const uint8_t *body, unsigned fds_n,
		struct proxy_message *out, struct fb_error *error)
{
	int bytes = proxy_body_bytes(header, error);

	if (bytes < 0)
		return bytes;
	memset(out, 0, sizeof(*out));
	out->command = (enum proxy_command)get(header, 4);
	if (fds_n < forms[out->command].fds_min || fds_n > forms[out->command].fds_max)
		return fb_error_set(error, -EPROTO,
				    "proxy: %s: expected %u to %u descriptors, found %u",
				    forms[out->command].name, forms[out->command].fds_min,
				    forms[out->command].fds_max, fds_n);
	out->fds_n = fds_n;
	switch (out->command) {
	case PROXY_MEMORY:
		return parse_memory(body, out, error);
	case PROXY_CONFIG_WRITE:
	case PROXY_CONFIG_READ:
	case PROXY_BAR_WRITE:
	case PROXY_BAR_READ:
		return parse_access(body, out, error);
	case PROXY_RETURN:
		return fb_error_set(error, -EPROTO, "proxy: an answer, but nothing was asked");
	case PROXY_IRQ:
	case PROXY_RESET:
	case PROXY_COMMANDS:
		break;
	}
	return 0;
}

void proxy_reply(uint8_t out[PROXY_REPLY_BYTES], uint64_t value)
{
	memset(out, 0, PROXY_REPLY_BYTES);
	out[0] = PROXY_RETURN;
	out[8] = 8;
	for (unsigned i = 0; i < 8; i++)
		out[16 + i] = (uint8_t)(value >> (8 * i));
}
