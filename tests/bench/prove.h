/* What a path is measured with, and the proof of what it does not do.
 *
 * Time is the processor's counter, which runs at a fixed rate here (constant_tsc); how fast, is
 * found against the clock of the system. Between path_begin() and path_end() allocations are
 * counted, for every malloc of this program and of its C library comes by the functions below, and
 * so are spans with a system call in them: the kernel sends SIGSYS for it (Syscall User Dispatch,
 * Linux 5.11). To ask for that costs one store, so the proof stays on in what is measured. */
#ifndef PROVE_H
#define PROVE_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <x86intrin.h>

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_ON 1
#endif

/* ---- allocations ---- */

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void __libc_free(void *);

static uint64_t allocations;

void *malloc(size_t n)
{
	allocations++;
	return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	allocations++;
	return __libc_calloc(n, size);
}

void *realloc(void *old, size_t n)
{
	allocations++;
	return __libc_realloc(old, n);
}

void free(void *old)
{
	allocations += old != NULL;
	__libc_free(old);
}

/* ---- system calls ---- */

static volatile char path_blocks; /* what the kernel looks at: 0 allow, 1 block */
static bool path_traps;		  /* the kernel does look */

/* What was counted in spans; the number of the first call. */
struct path_proof {
	uint64_t spans, allocations, calls;
	int call;
};
static struct path_proof path_proof;

/* Counts, makes the call, and lets the rest of the span be: the return from here is a system call
 * too. */
static void path_trapped(int signal_number, siginfo_t *info, void *context)
{
	greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
	(void)signal_number;
	path_blocks = 0;
	if (path_proof.calls++ == 0)
		path_proof.call = info->si_syscall;
	long result = syscall(info->si_syscall, r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10],
			      r[REG_R8], r[REG_R9]);
	r[REG_RAX] = result < 0 ? -errno : result;
}

/* Without the kernel's help, the trap stays off and the report says so. */
static inline void path_prove(void)
{
	struct sigaction action = { .sa_sigaction = path_trapped, .sa_flags = SA_SIGINFO };
	sigaction(SIGSYS, &action, NULL);
	path_traps = prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0,
			   &path_blocks) == 0;
}

/* ---- time ---- */

static uint64_t path_allocated;

/* Under callgrind the instructions of spans are counted, and no others (--collect-atstart=no). A
 * few instructions that do nothing, if it does not run under it. */
#if defined(__has_include)
#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#define PATH_COUNT() CALLGRIND_TOGGLE_COLLECT
#endif
#endif
#ifndef PATH_COUNT
#define PATH_COUNT() ((void)0)
#endif
static bool path_counts; /* asked for */

static inline uint64_t path_begin(void)
{
	if (path_counts)
		PATH_COUNT();
	path_allocated = allocations;
	path_blocks = 1;
	_mm_lfence();
	uint64_t t = __rdtsc();
	_mm_lfence();
	return t;
}

/* Everything before has been executed. */
static inline uint64_t path_now(void)
{
	unsigned processor;
	uint64_t t = __rdtscp(&processor);
	_mm_lfence();
	return t;
}

static inline void path_end(void)
{
	if (path_counts)
		PATH_COUNT();
	path_blocks = 0;
	path_proof.spans++;
	path_proof.allocations += allocations - path_allocated;
}

static inline int64_t path_wall_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* This thread's; a system call. */
static inline int64_t path_cpu_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Ticks a nanosecond, from a twentieth of a second. */
static inline double path_rate(void)
{
	int64_t from = path_wall_ns(), to;
	uint64_t began = path_now();
	do
		to = path_wall_ns();
	while (to - from < 50000000);
	return (double)(path_now() - began) / (double)(to - from);
}

#endif
