/* Messages over a stream socket with file descriptors beside them; see proxy_socket.h. */
#include "proxy_socket.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REST_US 1000000

void proxy_close_fds(struct proxy_message *message)
{
	for (unsigned i = 0; i < message->fds_n; i++)
		close(message->fds[i]);
	message->fds_n = 0;
}

/* 1: something to read or the other end is gone; 0: neither. */
static int await(int socket, unsigned timeout_us)
{
	struct pollfd p = { .fd = socket, .events = POLLIN };
	struct timespec t = { .tv_sec = timeout_us / 1000000,
			      .tv_nsec = (long)(timeout_us % 1000000) * 1000 };
	int n = ppoll(&p, 1, &t, NULL);

	return n < 0 ? (errno == EINTR ? 0 : -errno) : n > 0;
}

/* Adds the descriptors of one control message to m; what does not fit is closed. */
static bool take_fds(struct proxy_message *m, const struct cmsghdr *c)
{
	size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	bool fit = true;

	for (size_t i = 0; i < n; i++) {
		int fd;

		memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
		if (m->fds_n < PROXY_FDS_MAX) {
			m->fds[m->fds_n++] = fd;
		} else {
			close(fd);
			fit = false;
		}
	}
	return fit;
}

/* Reads len bytes; each piece has REST_US. Descriptors go to m. */
static int read_all(int socket, uint8_t *bytes, size_t len, struct proxy_message *m)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(16 * sizeof(int))];
	bool fit = true;

	for (size_t done = 0; done < len;) {
		struct iovec v = { .iov_base = bytes + done, .iov_len = len - done };
		struct msghdr h = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control,
				    .msg_controllen = sizeof(control) };
		int ready = await(socket, REST_US);

		if (ready <= 0)
			return ready < 0 ? ready : -ETIMEDOUT;
		ssize_t n = recvmsg(socket, &h, MSG_CMSG_CLOEXEC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 || errno == ECONNRESET ? -EPIPE : -errno;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&h); c; c = CMSG_NXTHDR(&h, c))
			if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
				fit = take_fds(m, c) && fit;
		if (h.msg_flags & MSG_CTRUNC)
			fit = false;
		done += (size_t)n;
	}
	return fit ? 0 : -EPROTO;
}

static int receive(int socket, struct proxy_message *fds, struct proxy_message *out,
		   struct fb_error *error)
{
	uint8_t header[PROXY_HEADER_BYTES], body[PROXY_BODY_MAX];
	int err = read_all(socket, header, sizeof(header), fds);

	if (err)
		return fb_error_set(error, err, err == -EPIPE
					    ? "proxy: the emulator has closed its end"
					    : "proxy: header: %s", strerror(-err));
	int bytes = proxy_body_bytes(header, error);
	if (bytes < 0)
		return bytes;
	err = read_all(socket, body, (size_t)bytes, fds);
	if (err)
		return fb_error_set(error, err, "proxy: body: %s", strerror(-err));
	err = proxy_parse(header, body, fds->fds_n, out, error);
	if (!err)
		memcpy(out->fds, fds->fds, sizeof(out->fds));
	return err;
}

int proxy_receive(int socket, unsigned timeout_us, struct proxy_message *out,
		  struct fb_error *error)
{
	struct proxy_message fds = { .fds_n = 0 };
	int ready = await(socket, timeout_us);

	if (ready <= 0)
		return ready < 0 ? fb_error_set(error, ready, "proxy: %s", strerror(-ready)) : 0;
	int err = receive(socket, &fds, out, error);
	if (err)
		proxy_close_fds(&fds);
	return err ? err : 1;
}

int proxy_answer(int socket, uint64_t value, struct fb_error *error)
{
	uint8_t bytes[PROXY_REPLY_BYTES];

	proxy_reply(bytes, value);
	for (size_t done = 0; done < sizeof(bytes);) {
		ssize_t n = send(socket, bytes + done, sizeof(bytes) - done, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int err = errno == ECONNRESET ? EPIPE : errno;
			return fb_error_set(error, -err, "proxy: answer: %s", strerror(err));
		}
		done += (size_t)n;
	}
	return 0;
}
