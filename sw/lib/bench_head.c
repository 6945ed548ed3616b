/* Where and how it was measured. No name of the machine and no path: reports are passed on. */
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bench.h"

#ifndef FIREBREAK_FLAGS
#define FIREBREAK_FLAGS "unknown"
#endif

#ifdef __clang__
const char fb_bench_compiler[] = "clang " __clang_version__;
#else
const char fb_bench_compiler[] = "gcc " __VERSION__;
#endif
const char fb_bench_flags[] = FIREBREAK_FLAGS;

#define BUSY 0.05 /* of the processors: more by others is a loaded machine */

/* The first line that begins with key, after its colon. */
static void line_of(const char *path, const char *key, char *out, size_t size)
{
	char line[8192];
	FILE *file = fopen(path, "re");
	snprintf(out, size, "unknown");
	while (file && fgets(line, sizeof(line), file)) {
		char *colon = strchr(line, ':');
		if (strncmp(line, key, strlen(key)) != 0 || !colon)
			continue;
		colon += strspn(colon, ": \t");
		colon[strcspn(colon, "\n")] = '\0';
		snprintf(out, size, "%.*s", (int)size - 1, colon);
		break;
	}
	if (file)
		fclose(file);
}

static double load(void)
{
	double one = 0;
	return getloadavg(&one, 1) == 1 ? one : -1;
}

/* All, busy, and stolen ticks of all processors. */
static void ticks(uint64_t out[3])
{
	unsigned long long t[8] = { 0 };
	FILE *file = fopen("/proc/stat", "re");
	out[0] = out[1] = out[2] = 0;
	if (file && fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1], &t[2],
			   &t[3], &t[4], &t[5], &t[6], &t[7]) == 8) {
		for (int i = 0; i < 8; i++)
			out[0] += t[i];
		out[1] = out[0] - t[3] - t[4];
		out[2] = t[7];
	}
	if (file)
		fclose(file);
}

static double own_seconds(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

static void pinned(char out[16])
{
	cpu_set_t set;
	snprintf(out, 16, "no");
	if (sched_getaffinity(0, sizeof(set), &set) || CPU_COUNT(&set) != 1)
		return;
	for (unsigned i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set))
			snprintf(out, 16, "%u", i);
}

void fb_bench_head_begin(struct fb_bench_head *h)
{
	struct utsname system;
	char flags[8192];
	time_t now = time(NULL);
	struct tm parts;
	memset(h, 0, sizeof(*h));
	if (gmtime_r(&now, &parts))
		strftime(h->started, sizeof(h->started), "%Y-%m-%dT%H:%M:%SZ", &parts);
	line_of("/proc/cpuinfo", "model name", h->cpu, sizeof(h->cpu));
	line_of("/proc/cpuinfo", "flags", flags, sizeof(flags));
	h->hypervisor = strstr(flags, " hypervisor") != NULL;
	if (uname(&system) == 0)
		snprintf(h->kernel, sizeof(h->kernel), "%.32s %.64s %.32s", system.sysname,
			 system.release, system.machine);
	h->cores = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	h->memory_mib = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) >> 20;
	h->load_before = load();
	pinned(h->pinned);
	ticks(h->ticks);
	h->seconds = -(double)fb_bench_monotonic_ns() * 1e-9;
	h->others = own_seconds();
	fb_bench_clock_open(&h->clock);
}

void fb_bench_head_end(struct fb_bench_head *h)
{
	uint64_t t[3];
	double hz = (double)sysconf(_SC_CLK_TCK), own = own_seconds() - h->others;
	ticks(t);
	double all = (double)(t[0] - h->ticks[0]) / hz, busy = (double)(t[1] - h->ticks[1]) / hz;
	h->seconds += (double)fb_bench_monotonic_ns() * 1e-9;
	h->stolen = all > 0 ? (double)(t[2] - h->ticks[2]) / hz / all : 0;
	h->others = all > 0 ? (busy - own) / all - h->stolen : 0;
	h->others = h->others < 0 ? 0 : h->others;
	h->load_after = load();
	h->loaded = h->others + h->stolen > BUSY;
}
