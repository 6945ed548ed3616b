/* A machine of two processes: an emulator, and the device behind its x-pci-proxy-dev. Starts both
 * with a socket between them, shows what they print, each line with the seconds since the start,
 * and ends both on every path.
 *
 * usage: machine [OPTION]... -- EMULATOR [ARGUMENT]...    the socket is its descriptor 3
 *        machine fuzz MESSAGES SEED
 *   --device none|fake|card    what is behind the socket (none)
 *   --lanes N                  of the card (8)
 *   --kill-after N             the device dies by SIGKILL when N commands have been stored (never)
 *   --seconds N                the emulator must have ended by then (120)
 *
 * Exit status: 0: the emulator ended with 0 and the device with it; 1: not so; 124: out of time. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "machine.h"
#include "proxy.h"

#define LINE_MAX_BYTES 1000
#define GRACE_MS 3000

/* What one of the two prints. */
struct voice {
	const char *name;
	int fd;                         /* -1: it has closed its end */
	bool returned;                  /* the last byte was \r: the line is over */
	size_t len;
	char line[LINE_MAX_BYTES];
};

struct options {
	const char *device;
	uint32_t lanes;
	uint64_t kill_after, seconds;
	char **command;
};

static struct timespec start;

static int64_t elapsed_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (t.tv_sec - start.tv_sec) * 1000 + (t.tv_nsec - start.tv_nsec) / 1000000;
}

static void say(struct voice *v)
{
	int64_t ms = elapsed_ms();

	printf("%6d.%03d %s| %.*s\n", (int)(ms / 1000), (int)(ms % 1000), v->name, (int)v->len,
	       v->line);
	fflush(stdout);
	v->len = 0;
}

static void hear(struct voice *v, char c)
{
	if (c == '\n' || v->len == sizeof(v->line) || (v->returned && v->len > 0 && c != '\r'))
		say(v);
	v->returned = c == '\r';
	/* The firmware clears the screen: escape sequences mean nothing in a log. */
	if (c != '\n' && c != '\r')
		v->line[v->len++] = c == '\033' ? '^' : c;
}

static void listen_to(struct voice *v)
{
	char bytes[4096];
	ssize_t n = read(v->fd, bytes, sizeof(bytes));

	if (n <= 0) {
		if (v->len > 0)
			say(v);
		close(v->fd);
		v->fd = -1;
		return;
	}
	for (ssize_t i = 0; i < n; i++)
		hear(v, bytes[i]);
}

/* In the child: dies with its parent, prints into the pipe. */
static void become_child(int out)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
}

static void report(const struct proxy *p, uint64_t cycles)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	printf("%" PRIu64 " configuration cycles, %" PRIu64 " reads, %" PRIu64 " writes, %" PRIu64
	       " bytes to BAR2, %" PRIu64 " resets, %" PRIu64 " outside\n",
	       p->config_cycles, p->reads, p->writes, p->window_bytes, p->resets, p->misses);
	printf("%" PRIu64 " writes to memory of %" PRIu64 " bytes, %" PRIu64 " lost; %" PRIu64
	       " clock cycles, %d.%d s of processor\n",
	       p->memory.writes, p->memory.written, p->memory.lost, cycles,
	       (int)used.ru_utime.tv_sec, (int)used.ru_utime.tv_usec / 100000);
}

static int run_device(const struct options *o, int socket)
{
	static struct proxy p;
	struct fb_error error = { "" };
	int err = strcmp(o->device, "fake") == 0
			  ? proxy_fake_open(&p.memory, &p.device, &error)
			  : proxy_card_open(&p.memory, o->lanes, NULL, &p.device, &error);

	if (!err) {
		p.socket = socket;
		p.kill_after_bytes = o->kill_after * 64;
		err = proxy_serve(&p, &error);
		report(&p, p.device->ops->cycles(p.device));
		p.device->ops->close(p.device);
	}
	if (err)
		printf("BROKEN %s\n", error.text);
	fflush(stdout);
	return err ? EXIT_FAILURE : 0;
}

static pid_t start_device(const struct options *o, struct voice *v, const int sockets[2])
{
	int out[2];

	if (pipe(out))
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		become_child(out[1]);
		close(out[0]);
		close(sockets[1]);
		_exit(run_device(o, sockets[0]));
	}
	close(out[1]);
	v->fd = out[0];
	return pid;
}

static pid_t start_emulator(const struct options *o, struct voice *v, const int sockets[2])
{
	int out[2];

	if (pipe(out))
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		become_child(out[1]);
		close(STDIN_FILENO);
		dup2(sockets[1], 3);
		for (int fd = 4; fd < 64; fd++)
			close(fd);
		execvp(o->command[0], o->command);
		printf("%s: %s\n", o->command[0], strerror(errno));
		fflush(stdout);
		_exit(127);
	}
	close(out[1]);
	v->fd = out[0];
	return pid;
}

/* Ends a process that should have ended by itself; its status. */
static int reap(pid_t pid, int64_t until_ms)
{
	int status = 0;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (elapsed_ms() >= until_ms) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			break;
		}
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	}
	return status;
}

static int run(const struct options *o)
{
	int sockets[2], status = 0, device_status = 0;
	bool with_device = strcmp(o->device, "none") != 0, late;
	struct voice emulator = { .name = "guest", .fd = -1 };
	struct voice device = { .name = "card", .fd = -1 };
	int64_t end_ms = (int64_t)o->seconds * 1000;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets)) {
		perror("machine: socketpair");
		return EXIT_FAILURE;
	}
	pid_t device_pid = with_device ? start_device(o, &device, sockets) : 0;
	pid_t pid = start_emulator(o, &emulator, sockets);
	close(sockets[0]);
	close(sockets[1]);
	if (pid < 0 || device_pid < 0) {
		perror("machine: fork");
		return EXIT_FAILURE;
	}
	while ((emulator.fd >= 0 || device.fd >= 0) && elapsed_ms() < end_ms) {
		struct pollfd p[2] = { { .fd = emulator.fd, .events = POLLIN },
				       { .fd = device.fd, .events = POLLIN } };
		poll(p, 2, 100);
		if (p[0].revents)
			listen_to(&emulator);
		if (p[1].revents)
			listen_to(&device);
	}
	late = elapsed_ms() >= end_ms;
	status = reap(pid, late ? 0 : elapsed_ms() + GRACE_MS);
	if (with_device)
		device_status = reap(device_pid, late ? 0 : elapsed_ms() + GRACE_MS);
	if (late) {
		printf("machine: no end after %llu s\n", (unsigned long long)o->seconds);
		return 124;
	}
	bool killed = o->kill_after && WIFSIGNALED(device_status) &&
		      WTERMSIG(device_status) == SIGKILL;
	return status == 0 && (killed || device_status == 0) ? 0 : EXIT_FAILURE;
}

static uint64_t number(const char *text)
{
	char *end;
	unsigned long long value = text ? strtoull(text, &end, 0) : 0;

	if (!text || end == text || *end) {
		fprintf(stderr, "machine: expected a number, found %s\n", text ? text : "nothing");
		exit(2);
	}
	return value;
}

static const char *device_name(const char *text)
{
	if (strcmp(text, "none") != 0 && strcmp(text, "fake") != 0 && strcmp(text, "card") != 0) {
		fprintf(stderr, "machine: expected none, fake or card, found %s\n", text);
		exit(2);
	}
	return text;
}

int main(int argc, char **argv)
{
	struct options o = { .device = "none", .lanes = 8, .seconds = 120 };
	int i = 1;

	clock_gettime(CLOCK_MONOTONIC, &start);
	if (argc == 4 && strcmp(argv[1], "fuzz") == 0)
		return machine_fuzz(number(argv[2]), number(argv[3]));
	for (; i + 1 < argc && strcmp(argv[i], "--") != 0; i += 2) {
		if (strcmp(argv[i], "--device") == 0)
			o.device = device_name(argv[i + 1]);
		else if (strcmp(argv[i], "--lanes") == 0)
			o.lanes = (uint32_t)number(argv[i + 1]);
		else if (strcmp(argv[i], "--kill-after") == 0)
			o.kill_after = number(argv[i + 1]);
		else if (strcmp(argv[i], "--seconds") == 0)
			o.seconds = number(argv[i + 1]);
		else
			break;
	}
	if (i + 1 >= argc || strcmp(argv[i], "--") != 0) {
		fprintf(stderr, "usage: machine [--device none|fake|card] [--lanes N] "
				"[--kill-after N] [--seconds N] -- EMULATOR ...\n");
		return 2;
	}
	o.command = argv + i + 1;
	return run(&o);
}
