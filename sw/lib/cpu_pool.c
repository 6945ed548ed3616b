/* See cpu_pool.h. */
#include "cpu_pool.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#define PART_BITS 20u
#define MASK POOL_PARTS

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline void breathe(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#endif
}

static bool work_left(uint64_t state)
{
	return (state & MASK) < (state >> PART_BITS & MASK);
}

/* Takes a part and does it. The number of the job is in the word that is exchanged, so nobody takes
 * a part of a job that is over; and the job stays until its last part is done. */
static bool do_one(struct cpu_pool *pool)
{
	uint64_t state = atomic_load_explicit(&pool->state, memory_order_relaxed);
	do {
		if (!work_left(state))
			return false;
	} while (!atomic_compare_exchange_weak_explicit(&pool->state, &state, state + 1,
							memory_order_acq_rel,
							memory_order_relaxed));
	pool->work(pool->context, (unsigned)(state & MASK));
	atomic_fetch_add_explicit(&pool->done, 1, memory_order_release);
	return true;
}

static void nap(struct cpu_pool *pool)
{
	struct timespec until;
	uint64_t ns = now_ns() + POOL_NAP_NS;
	until.tv_sec = (time_t)(ns / 1000000000u);
	until.tv_nsec = (long)(ns % 1000000000u);
	pthread_mutex_lock(&pool->lock);
	/* Whoever calls stores the job first and looks for sleepers then; here it is the other way
	 * round. One of both sees the other. */
	atomic_fetch_add(&pool->asleep, 1);
	if (!work_left(atomic_load(&pool->state)) && !atomic_load(&pool->stop))
		pthread_cond_timedwait(&pool->call, &pool->lock, &until);
	atomic_fetch_sub(&pool->asleep, 1);
	pthread_mutex_unlock(&pool->lock);
}

static void *help(void *context)
{
	struct cpu_pool *pool = context;
	uint64_t idle_since = now_ns();
	while (!atomic_load_explicit(&pool->stop, memory_order_relaxed)) {
		if (do_one(pool)) {
			idle_since = now_ns();
			continue;
		}
		breathe();
		if (now_ns() - idle_since < POOL_SPIN_NS)
			continue;
		nap(pool);
		idle_since = now_ns();
	}
	return NULL;
}

int cpu_pool_open(struct cpu_pool *pool, unsigned threads)
{
	pthread_condattr_t attr;
	assert(threads >= 1 && threads <= POOL_THREADS);
	memset(pool, 0, sizeof(*pool));
	pool->threads = threads;
	pool->patience_ns = POOL_PATIENCE_NS;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->call, &attr);
	pthread_condattr_destroy(&attr);
	for (; pool->started + 1 < threads; pool->started++) {
		int err = pthread_create(&pool->thread[pool->started], NULL, help, pool);
		if (err) {
			cpu_pool_close(pool);
			return -err;
		}
	}
	return 0;
}

static void call_all(struct cpu_pool *pool)
{
	if (atomic_load(&pool->asleep) == 0)
		return;
	pthread_mutex_lock(&pool->lock);
	pthread_cond_broadcast(&pool->call);
	pthread_mutex_unlock(&pool->lock);
}

bool cpu_pool_close(struct cpu_pool *pool)
{
	struct timespec until;
	bool all = true;
	if (pool->threads == 0) /* never opened */
		return true;
	clock_gettime(CLOCK_REALTIME, &until); /* the clock of timedjoin */
	uint64_t ns = (uint64_t)until.tv_nsec + pool->patience_ns;
	until.tv_sec += (time_t)(ns / 1000000000u);
	until.tv_nsec = (long)(ns % 1000000000u);
	atomic_store(&pool->stop, true);
	call_all(pool);
	for (unsigned i = 0; i < pool->started; i++)
		if (pthread_timedjoin_np(pool->thread[i], NULL, &until) != 0) {
			pthread_detach(pool->thread[i]);
			all = false;
		}
	if (all) {
		pthread_cond_destroy(&pool->call);
		pthread_mutex_destroy(&pool->lock);
	}
	pool->threads = pool->started = 0;
	return all;
}

static int wait_for_all(struct cpu_pool *pool, unsigned parts)
{
	uint64_t began = 0;
	for (unsigned spins = 0;; spins++) {
		if (atomic_load_explicit(&pool->done, memory_order_acquire) == parts)
			return 0;
		breathe();
		if (spins % 64 != 63)
			continue;
		uint64_t now = now_ns();
		began = began ? began : now;
		if (now - began > pool->patience_ns)
			break;
		if (now - began > POOL_SPIN_NS) { /* perhaps it has no processor: give up ours */
			struct timespec moment = { 0, 20000 };
			nanosleep(&moment, NULL);
		}
	}
	pool->broken = true;
	return -ETIMEDOUT;
}

int cpu_pool_run(struct cpu_pool *pool, unsigned parts, cpu_part *work, void *context)
{
	assert(parts <= POOL_PARTS);
	if (pool->broken)
		return -ETIMEDOUT;
	if (pool->threads == 1) {
		for (unsigned i = 0; i < parts; i++)
			work(context, i);
		return 0;
	}
	uint64_t job = (atomic_load_explicit(&pool->state, memory_order_relaxed) >>
			2 * PART_BITS) + 1;
	pool->work = work;
	pool->context = context;
	atomic_store_explicit(&pool->done, 0, memory_order_relaxed);
	atomic_store(&pool->state, job << 2 * PART_BITS | (uint64_t)parts << PART_BITS);
	if (parts > 1)
		call_all(pool);
	while (do_one(pool))
		;
	return wait_for_all(pool, parts);
}
