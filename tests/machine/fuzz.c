/* Hostile messages to the device process: see machine.h. Each stream is served by a thread of
 * this process, so that a sanitizer sees what it does. A stream ends at the first message that the
 * server refuses; then a new one begins. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../sw/lib/mix.h"
#include "machine.h"
#include "proxy.h"

#define STREAM_MESSAGES 40

struct fuzz {
	uint64_t random;
	int memory;                     /* a file of 64 KiB: memory, as far as that goes */
	uint64_t served, refused, memory_writes;
};

struct server {
	int socket, result;
	struct fb_error error;
	uint64_t answered, memory_writes;
};

static uint64_t draw(struct fuzz *f, uint64_t n)
{
	f->random = fb_mix(f->random + UINT64_C(0x9e3779b97f4a7c15));
	return f->random % n;
}

static void *serve(void *context)
{
	struct server *s = context;
	struct proxy p = { .socket = s->socket };

	s->result = proxy_fake_open(&p.memory, &p.device, &s->error);
	if (!s->result) {
		s->result = proxy_serve(&p, &s->error);
		p.device->ops->close(p.device);
	}
	proxy_memory_clear(&p.memory);
	s->memory_writes = p.memory.writes;
	s->answered = p.config_cycles + p.reads + p.writes + p.resets;
	close(s->socket);
	return NULL;
}

static void put(uint8_t *bytes, uint64_t value, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

/* Numbers near the edges of something. */
static uint64_t edge(struct fuzz *f)
{
	static const uint64_t edges[] = { 0, 1, 4, 8, 0x10, 0x100, 4096, 65536, 0x7fffffff,
					  UINT32_MAX, INT64_MAX, UINT64_MAX };
	uint64_t value = edges[draw(f, sizeof(edges) / sizeof(edges[0]))];

	switch (draw(f, 4)) {
	case 0: return value + draw(f, 9) - 4;
	case 1: return draw(f, UINT64_MAX);
	case 2: return draw(f, 65536);
	default: return value;
	}
}

/* A whole message of the right form; fds: how many descriptors go with it. */
static size_t compose(struct fuzz *f, uint8_t *bytes, unsigned *fds)
{
	static const uint8_t bodies[PROXY_COMMANDS] = { 192, 8, 12, 12, 24, 24, 0, 0 };
	static const uint8_t likely[] = { 0, 2, 2, 3, 4, 4, 5, 5, 6, 7 };
	unsigned command = likely[draw(f, sizeof(likely))], body = bodies[command];

	memset(bytes, 0, PROXY_HEADER_BYTES + PROXY_BODY_MAX);
	put(bytes, command, 4);
	put(bytes + 8, body, 8);
	*fds = command == PROXY_MEMORY ? 1 + (unsigned)draw(f, 8) : command == PROXY_IRQ ? 2 : 0;
	bytes += PROXY_HEADER_BYTES;
	if (command == PROXY_MEMORY) {
		for (unsigned i = 0; i < *fds; i++) {
			put(bytes + 8 * i, draw(f, 30) ? i * 65536 : edge(f), 8);
			put(bytes + 64 + 8 * i, draw(f, 60) ? 4096 : edge(f), 8);
			put(bytes + 128 + 8 * i, draw(f, 60) ? 512 * draw(f, 121) : edge(f), 8);
		}
	} else if (command == PROXY_CONFIG_READ || command == PROXY_CONFIG_WRITE) {
		put(bytes, draw(f, 8) ? draw(f, 260) : edge(f), 4);
		put(bytes + 4, edge(f), 4);
		put(bytes + 8, draw(f, 80) ? UINT64_C(1) << draw(f, 3) : edge(f), 4);
	} else if (body == 24) {
		put(bytes, draw(f, 2) ? 4 * draw(f, 10) : edge(f), 8);
		put(bytes + 8, edge(f), 8);
		put(bytes + 16, draw(f, 80) ? UINT64_C(1) << draw(f, 4) : edge(f), 4);
		bytes[20] = (uint8_t)draw(f, 2);
	}
	return PROXY_HEADER_BYTES + body;
}

/* One in forty is wrong: a bit, its length, a descriptor too many or too few, or its end. */
static size_t damage(struct fuzz *f, uint8_t *bytes, size_t len, unsigned *fds)
{
	switch (draw(f, 200)) {
	case 0: bytes[draw(f, len)] ^= (uint8_t)(1 << draw(f, 8)); break;
	case 1: put(bytes + 8, edge(f), 8); break;
	case 2: put(bytes, edge(f), 4); break;
	case 3: *fds = (unsigned)draw(f, 15); break;
	case 4: return draw(f, len + 1);
	default: break;
	}
	return len;
}

/* The first message of a stream lets the device decode memory, from 0 on, and write it. */
static bool send_one(struct fuzz *f, int socket, bool first)
{
	uint8_t bytes[PROXY_HEADER_BYTES + PROXY_BODY_MAX] = {
		PROXY_CONFIG_WRITE, [8] = 12, [16] = 4, [20] = 6, [24] = 2,
	};
	unsigned fds = 0;
	size_t len = PROXY_HEADER_BYTES + 12;

	if (!first) {
		len = compose(f, bytes, &fds);
		len = damage(f, bytes, len, &fds);
	}
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(16 * sizeof(int))] = { 0 };
	struct iovec v = { .iov_base = bytes, .iov_len = len };
	struct msghdr h = { .msg_iov = &v, .msg_iovlen = 1 };
	if (fds > 0) {
		h.msg_control = control;
		h.msg_controllen = CMSG_SPACE(fds * sizeof(int));
		struct cmsghdr *c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(fds * sizeof(int));
		for (unsigned i = 0; i < fds; i++)
			memcpy(CMSG_DATA(c) + i * sizeof(int), &f->memory, sizeof(int));
	}
	return len > 0 && sendmsg(socket, &h, MSG_NOSIGNAL) == (ssize_t)len;
}

static bool stream(struct fuzz *f)
{
	int sockets[2];
	pthread_t thread;
	char answers[4096];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets))
		return false;
	struct server s = { .socket = sockets[0] };
	if (pthread_create(&thread, NULL, serve, &s))
		return false;
	for (unsigned i = 0; i < STREAM_MESSAGES; i++)
		if (!send_one(f, sockets[1], i == 0))
			break;
	shutdown(sockets[1], SHUT_WR);
	while (read(sockets[1], answers, sizeof(answers)) > 0)
		;
	pthread_join(thread, NULL);
	close(sockets[1]);
	f->served += s.answered;
	f->memory_writes += s.memory_writes;
	f->refused += s.result != 0;
	if (s.result != 0 && s.error.text[0] == 0) {
		printf("refused with %d, but without a text\n", s.result);
		return false;
	}
	return true;
}

int machine_fuzz(uint64_t messages, uint64_t seed)
{
	struct fuzz f = { .random = seed, .memory = memfd_create("fuzz", MFD_CLOEXEC) };
	uint64_t streams = messages / STREAM_MESSAGES + 1;

	if (f.memory < 0 || ftruncate(f.memory, 65536)) {
		perror("machine: memfd");
		return EXIT_FAILURE;
	}
	for (uint64_t i = 0; i < streams; i++)
		if (!stream(&f))
			return EXIT_FAILURE;
	/* Or the streams were all refused at once, or nothing was ever refused. */
	if (f.served < streams || f.refused < streams / 20 || f.refused == streams ||
	    f.memory_writes < streams / 20) {
		printf("streams that test nothing: ");
		seed = UINT64_MAX;
	}
	printf("%llu streams, %llu messages served, %llu writes to memory, %llu streams refused\n",
	       (unsigned long long)streams, (unsigned long long)f.served,
	       (unsigned long long)f.memory_writes, (unsigned long long)f.refused);
	return seed == UINT64_MAX ? EXIT_FAILURE : 0;
}
