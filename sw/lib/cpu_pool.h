/* A few threads that share out the parts of one job. Private to the software engine.
 *
 * Nothing is queued: there is one job at a time, of a fixed number of parts; whoever is free
 * takes the next. The caller takes parts itself until there are none; then it waits for those
 * that others have begun. So a thread that is asleep or has lost its processor costs nothing but
 * its help, and what a part writes depends on its number alone, not on who does it.
 *
 * Every wait ends: a thread looks for work for POOL_SPIN_NS, then sleeps, and looks again after
 * POOL_NAP_NS even if nobody calls; the caller gives up after the pool's patience, and the pool is
 * broken from then on. */
#ifndef CPU_POOL_H
#define CPU_POOL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define POOL_THREADS 16u
#define POOL_PARTS 0xfffffu
#define POOL_SPIN_NS 50000u
#define POOL_NAP_NS 100000000u
#define POOL_PATIENCE_NS UINT64_C(5000000000)

typedef void cpu_part(void *context, unsigned part);

struct cpu_pool {
	unsigned threads; /* with the caller */
	uint64_t patience_ns;
	/* number of the job, its parts, the next part to take: 24, 20, 20 bits */
	_Atomic uint64_t state;
	_Atomic uint32_t done;
	_Atomic unsigned asleep;
	_Atomic bool stop;
	bool broken;
	cpu_part *work;
	void *context;
	pthread_mutex_t lock;
	pthread_cond_t call;
	unsigned started;
	pthread_t thread[POOL_THREADS];
};

/* threads: 1..POOL_THREADS. 0 or -errno. */
int cpu_pool_open(struct cpu_pool *pool, unsigned threads);
/* Waits for the threads to end, if they answer within the patience. False: one did not, and what it
 * works on must stay. */
bool cpu_pool_close(struct cpu_pool *pool);
/* Does parts 0..parts-1. 0, or -ETIMEDOUT where one was not done in time. */
int cpu_pool_run(struct cpu_pool *pool, unsigned parts, cpu_part *work, void *context);

#endif
