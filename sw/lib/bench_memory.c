/* Is there memory for a book of this size? Before it is made: a machine that swaps, or a process
 * that is killed, measures nothing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "bench.h"
#include "bench_host.h"
#include "book_internal.h"

/* What the parts were seen to need, rounded up: workload, book, confirmation, governor, records,
 * and the engine. Of the book's history hardly anything is touched. */
#define ROW_BYTES 560u
#define ACCOUNT_BYTES 900u
#define BASE_BYTES (64u << 20)
/* The history that the book reserves for each. */
#define HISTORY_ROW (6 * sizeof(struct fb_book_change))
#define HISTORY_ACCOUNT (16 * sizeof(struct fb_book_change))
#define ACCOUNTS_OF(rows) ((rows) / 2)

static uint64_t read_number(const char *path, const char *key)
{
	char line[256];
	uint64_t found = UINT64_MAX;
	FILE *file = fopen(path, "re");
	size_t n = strlen(key);
	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, key, n) == 0 && line[n + strspn(line + n, " \t")] != 'm')
			found = strtoull(line + n, NULL, 10);
	if (file)
		fclose(file);
	return found;
}

/* The least of what the machine, the container and the process's limit leave. */
static uint64_t available(const char **whose)
{
	uint64_t machine = read_number("/proc/meminfo", "MemAvailable:"),
		 most = read_number("/sys/fs/cgroup/memory.max", ""),
		 used = read_number("/sys/fs/cgroup/memory.current", "");
	uint64_t left = machine == UINT64_MAX ? machine : machine * 1024;
	*whose = "MemAvailable";
	if (most != UINT64_MAX && used != UINT64_MAX && most - used < left) {
		left = most > used ? most - used : 0;
		*whose = "the container's memory.max";
	}
	return left;
}

int fb_bench_memory(const struct fb_bench_case *c, const struct fb_bench_engine *e,
		    struct fb_error *error)
{
	uint64_t accounts = ACCOUNTS_OF((uint64_t)c->rows), rows = c->rows,
		 touched = BASE_BYTES + rows * ROW_BYTES + accounts * ACCOUNT_BYTES,
		 reserved = touched + rows * HISTORY_ROW + accounts * HISTORY_ACCOUNT, left;
	struct rlimit limit;
	const char *whose;
	left = available(&whose);
	uint64_t wanted = touched;
	if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
	    (limit.rlim_cur < reserved || limit.rlim_cur < left)) {
		left = limit.rlim_cur;
		whose = "the limit on address space (ulimit -v)";
		wanted = reserved;
	}
	if (wanted <= left)
		return 0;
	return fb_error_set(error, -ENOMEM,
			    "workload %s, engine '%s': expected %llu MiB for %u positions, found "
			    "%llu MiB by %s; choose fewer with --rows",
			    c->work->name, e->given, (unsigned long long)(wanted >> 20), c->rows,
			    (unsigned long long)(left >> 20), whose);
}
