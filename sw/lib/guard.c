/* See guard.h. */
#include "guard.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

/* Read by the handler, which may run in any thread at any instant: base is written last when a
 * guard is added and cleared first when it goes. */
struct fb_guard {
	_Atomic uintptr_t base;
	size_t length;
	_Atomic bool tripped;
	bool used; /* under the lock */
};

static struct fb_guard guards[FB_GUARDS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned used;
static struct sigaction before;

/* mmap is not on POSIX's list of what a handler may call; on Linux it is a bare system call. */
static bool replace(struct fb_guard *g, uintptr_t base)
{
	void *to = (void *)base; /* NOLINT: an address is what the kernel gave */
	if (mmap(to, g->length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		 0) == MAP_FAILED)
		return false;
	memset(to, 0xff, g->length);
	atomic_store(&g->tripped, true);
	return true;
}

static void pass_on(int number, siginfo_t *info, void *context)
{
	if (before.sa_flags & SA_SIGINFO) {
		before.sa_sigaction(number, info, context);
	} else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
		before.sa_handler(number);
	} else {
		/* The access is done again and ends the program as if we had not been here. */
		struct sigaction plain = { .sa_handler = SIG_DFL };
		sigaction(SIGBUS, &plain, NULL);
	}
}

static void on_sigbus(int number, siginfo_t *info, void *context)
{
	int saved = errno;
	uintptr_t at = (uintptr_t)info->si_addr;
	for (size_t i = 0; i < FB_GUARDS; i++) {
		uintptr_t base = atomic_load(&guards[i].base);
		if (base && at >= base && at - base < guards[i].length) {
			if (!replace(&guards[i], base))
				break;
			errno = saved;
			return;
		}
	}
	pass_on(number, info, context);
	errno = saved;
}

static int install(void)
{
	struct sigaction ours;
	memset(&ours, 0, sizeof(ours));
	ours.sa_sigaction = on_sigbus;
	ours.sa_flags = SA_SIGINFO;
	sigemptyset(&ours.sa_mask);
	return sigaction(SIGBUS, &ours, &before) ? -errno : 0;
}

int fb_guard_add(void *base, size_t length, struct fb_guard **out)
{
	int err = -ENOSPC;
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < FB_GUARDS && err == -ENOSPC; i++) {
		struct fb_guard *g = &guards[i];
		if (g->used)
			continue;
		err = used == 0 ? install() : 0;
		if (err)
			break;
		used++;
		g->used = true;
		g->length = length;
		atomic_store(&g->tripped, false);
		atomic_store(&g->base, (uintptr_t)base);
		*out = g;
	}
	pthread_mutex_unlock(&lock);
	return err;
}

bool fb_guard_tripped(const struct fb_guard *guard)
{
	return atomic_load_explicit(&guard->tripped, memory_order_relaxed);
}

void fb_guard_remove(struct fb_guard *guard)
{
	if (!guard)
		return;
	pthread_mutex_lock(&lock);
	atomic_store(&guard->base, 0);
	guard->used = false;
	if (--used == 0)
		sigaction(SIGBUS, &before, NULL);
	pthread_mutex_unlock(&lock);
}
