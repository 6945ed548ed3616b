/* One end of the socket to QEMU: whole messages in, answers out. Blocking, one thread. */
#ifndef FIREBREAK_PROXY_SOCKET_H
#define FIREBREAK_PROXY_SOCKET_H

#include "proxy_message.h"

/* Waits up to timeout_us for a message to begin; the rest of it must come within a second.
 * 1: out is filled and the caller owns out->fds; 0: none came; -EPIPE: the other end is gone;
 * -EPROTO, -ETIMEDOUT, -errno: the stream is lost. */
int proxy_receive(int socket, unsigned timeout_us, struct proxy_message *out,
		  struct fb_error *error);
int proxy_answer(int socket, uint64_t value, struct fb_error *error);
void proxy_close_fds(struct proxy_message *message);

#endif
