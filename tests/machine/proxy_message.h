/* The wire format of QEMU's multi-process devices (x-pci-proxy-dev, QEMU 7.2), written down as a
 * byte layout of our own: the other end is a struct of a 64-bit x86 build.
 *
 *   offset  bytes  header
 *        0      4  command
 *        4      4  padding
 *        8      8  size of the body; file descriptors travel beside the first byte
 *
 *   command            body                                          descriptors  answered
 *   0 SYNC_SYSMEM      8 addresses, 8 sizes, 8 offsets, 64 bits each  1..8         no
 *   1 RET              64 bits                                        0            is the answer
 *   2 PCI_CFGWRITE     address, value, length, 32 bits each           0            yes
 *   3 PCI_CFGREAD      the same                                       0            with the value
 *   4 BAR_WRITE        address, value (64), size (32), memory (8), 3  0            yes
 *   5 BAR_READ         the same                                       0            with the value
 *   6 SET_IRQFD        none                                           2            no
 *   7 DEVICE_RESET     none                                           0            yes
 *
 * A BAR address is that of the bus, not an offset; memory is 0 for an I/O BAR. Everything that
 * comes from the socket is hostile: proxy_parse() is the only door. */
#ifndef FIREBREAK_PROXY_MESSAGE_H
#define FIREBREAK_PROXY_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/error.h>

#define PROXY_HEADER_BYTES 16
#define PROXY_BODY_MAX 192
#define PROXY_REPLY_BYTES 24
#define PROXY_FDS_MAX 8

enum proxy_command {
	PROXY_MEMORY,
	PROXY_RETURN,
	PROXY_CONFIG_WRITE,
	PROXY_CONFIG_READ,
	PROXY_BAR_WRITE,
	PROXY_BAR_READ,
	PROXY_IRQ,
	PROXY_RESET,
	PROXY_COMMANDS
};

struct proxy_range {
	uint64_t address, bytes, offset;        /* in the guest, there, in the descriptor */
};

struct proxy_message {
	enum proxy_command command;
	uint64_t address, value;                /* of a BAR or of configuration space */
	unsigned size;                          /* bytes: 1, 2, 4 or, for a BAR, 8 */
	bool memory;
	unsigned fds_n;
	int fds[PROXY_FDS_MAX];
	struct proxy_range ranges[PROXY_FDS_MAX];
};

/* The size of the body that follows this header, or -EPROTO. */
int proxy_body_bytes(const uint8_t header[PROXY_HEADER_BYTES], struct fb_error *error);

/* Fills out from header, body (proxy_body_bytes() of them) and the number of descriptors that came
 * along. 0 or -EPROTO. out->fds is left to the caller. */
int proxy_parse(const uint8_t header[PROXY_HEADER_BYTES], const uint8_t *body, unsigned fds_n,
		struct proxy_message *out, struct fb_error *error);

bool proxy_wants_reply(enum proxy_command command);
void proxy_reply(uint8_t out[PROXY_REPLY_BYTES], uint64_t value);

#endif
