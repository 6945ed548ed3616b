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
 * Exit status: 0: the emulator ended with 0 and the device with it; 1: the device did not; 3: only
 * the emulator did not; 124: out of time. */
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
#define EXIT_EMULATOR 3

enum { GUEST, EMULATOR, CARD, VOICES };

/* What one of them prints. */
struct voice {
	const char *name;
	int fd, far;                    /* ours: -1 when the other end, theirs, is closed */
	bool returned;                  /* the last byte was \r: the line is over */
	size_t len, last_len, again;
	char line[LINE_MAX_BYTES], last[LINE_MAX_BYTES];
};

struct options {
	const char *device;
	uint32_t lanes;
	uint64_t kill_after, seconds;
	char **command;
};

static struct timespec start;
static volatile sig_atomic_t told_to_end;

static void end(int number) { told_to_end = number; }

static int64_t elapsed_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (t.tv_sec - start.tv_sec) * 1000 + (t.tv_nsec - start.tv_nsec) / 1000000;
}

/* A line that is said again and again is shown once and counted. */
static void say(struct voice *v)
{
	int64_t ms = elapsed_ms();

	if (v->len > 0 && v->len == v->last_len && memcmp(v->line, v->last, v->len) == 0) {
		v->again++;
		v->len = 0;
		return;
	}
	if (v->again > 0)
		printf("%6d.%03d %s| %zu times more\n", (int)(ms / 1000), (int)(ms % 1000),
		       v->name, v->again);
	v->again = 0;
	v->last_len = v->len;
	memcpy(v->last, v->line, v->len);
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

/* In the child: dies with its parent, prints into pipes. */
static void become_child(const struct voice *out, const struct voice *errors)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	dup2(out->far, STDOUT_FILENO);
	dup2(errors->far, STDERR_FILENO);
}

static int open_voice(struct voice *v)
{
	int ends[2];

	if (pipe(ends))
		return -1;
	v->fd = ends[0];
	v->far = ends[1];
	return 0;
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

static pid_t start_device(const struct options *o, const struct voice v[static VOICES],
			  const int sockets[2])
{
	pid_t pid = fork();

	if (pid == 0) {
		become_child(&v[CARD], &v[CARD]);
		close(sockets[1]);
		for (int i = 0; i < VOICES; i++)
			close(v[i].fd);
		_exit(run_device(o, sockets[0]));
	}
	return pid;
}

static pid_t start_emulator(const struct options *o, const struct voice v[static VOICES],
			    const int sockets[2])
{
	pid_t pid = fork();

	if (pid == 0) {
		become_child(&v[GUEST], &v[EMULATOR]);
		close(STDIN_FILENO);
		dup2(sockets[1], 3);
		for (int fd = 4; fd < 64; fd++)
			close(fd);
		execvp(o->command[0], o->command);
		printf("%s: %s\n", o->command[0], strerror(errno));
		fflush(stdout);
		_exit(127);
	}
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

/* Until all have closed their ends; false: not by then, or told to end. */
static bool listen_to_all(struct voice v[static VOICES], int64_t end_ms)
{
	while (elapsed_ms() < end_ms && !told_to_end) {
		struct pollfd p[VOICES];
		int open = 0;

		for (int i = 0; i < VOICES; i++) {
			p[i] = (struct pollfd){ .fd = v[i].fd, .events = POLLIN };
			open += v[i].fd >= 0;
		}
		if (open == 0)
			return true;
		poll(p, VOICES, 100);
		for (int i = 0; i < VOICES; i++)
			if (p[i].revents)
				listen_to(&v[i]);
	}
	return false;
}

static void tell_end(const char *who, int status)
{
	if (WIFSIGNALED(status))
		printf("machine: %s ended by signal %d\n", who, WTERMSIG(status));
	else
		printf("machine: %s ended with status %d\n", who, WEXITSTATUS(status));
}

static int run(const struct options *o)
{
	struct voice v[VOICES] = { { .name = "guest" }, { .name = "qemu" }, { .name = "card" } };
	bool with_device = strcmp(o->device, "none") != 0;
	int sockets[2], status, device_status = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) || open_voice(&v[GUEST]) ||
	    open_voice(&v[EMULATOR]) || open_voice(&v[CARD])) {
		perror("machine");
		return EXIT_FAILURE;
	}
	pid_t device_pid = with_device ? start_device(o, v, sockets) : 0;
	pid_t pid = start_emulator(o, v, sockets);
	close(sockets[0]);
	close(sockets[1]);
	for (int i = 0; i < VOICES; i++)
		close(v[i].far);
	if (pid < 0 || device_pid < 0) {
		perror("machine: fork");
		return EXIT_FAILURE;
	}
	bool late = !listen_to_all(v, (int64_t)o->seconds * 1000);
	status = reap(pid, late ? 0 : elapsed_ms() + GRACE_MS);
	if (with_device)
		device_status = reap(device_pid, late ? 0 : elapsed_ms() + GRACE_MS);
	if (told_to_end)
		return 128 + told_to_end;
	if (late) {
		printf("machine: no end after %" PRIu64 " s\n", o->seconds);
		return 124;
	}
	bool killed = o->kill_after && WIFSIGNALED(device_status) &&
		      WTERMSIG(device_status) == SIGKILL;
	bool device_good = killed || device_status == 0 || !with_device;
	if (status != 0)
		tell_end("the emulator", status);
	if (!device_good)
		tell_end("the device", device_status);
	return !device_good ? EXIT_FAILURE : status ? EXIT_EMULATOR : 0;
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
	signal(SIGINT, end);
	signal(SIGTERM, end);
	return run(&o);
}
