/* An engine takes 64-byte commands and gives 64-byte records; hw/contract/contract.md is the
 * specification.
 *
 * Caveats. An engine belongs to one thread at a time. Decision records of a batch come as a set in
 * any order, closed by BATCH_END. Records must be polled: an engine whose output is full stops
 * taking commands (-EAGAIN) and drops nothing.
 *
 * Engines by URI:
 *   model:                      the oracle: plain C, wide integers, recomputes from rows
 *   cpu:accounts=N,rows=N       the fast one: the same answers from one core; isa=best, or avx512,
 *                               avx2, portable, or wide, to test the code of avx512 anywhere;
 *                               threads=N, 1..16 and not more than there are processors;
 *                               seek=N: how many accounts a batch seeks one by one before it sweeps
 *                               them all (rows / 256 + 64)
 *   core:lanes=8,seed=0,stall=0 the Verilated core; lanes 1, 2, 8 or 16; stall: percent of cycles
 *                               without room for a record; seed drives stalls and, with
 *                               place=random, the placement (place=load is default)
 *   sim:lanes=8,...             the Verilated card behind a simulated link: sim/port.h
 *   pci:BDF,...                 a card: sw/lib/pci_port.h
 *
 * sim: and pci: take two arguments more, which are the driver's: place=load|random, and
 * patience=N, a factor on every deadline (sw/lib/card.h), for a card whose clock is slow. */
#ifndef FIREBREAK_ENGINE_H
#define FIREBREAK_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/error.h>
#include <firebreak/layout.h>

struct fb_engine;

/* What a core's cycles went into: each since reset counts once. All 0 where that is not known. */
struct fb_engine_cycles {
	uint64_t idle, issue, drain; /* nothing is done; a command is; a batch is closed */
	uint64_t rank, audit;	     /* a RANK is done; the audit works, and no command waits */
	uint64_t stalled;	     /* a record waits for room at the output */
};

/* What a card says of itself, and what its driver has counted. */
struct fb_engine_card {
	/* how lines are stored: movdir64b, wc, uc, simulated; "": no card */
	char emitter[32];
	uint32_t group, rows_per_lane, accounts_per_lane;
	uint32_t clock_hz, build_date, capabilities; /* as the registers */
	uint64_t git_hash, ring_records;
	uint64_t sent, received, gaps, resent;
};

struct fb_engine_info {
	char uri[224];          /* canonical form of what was opened */
	uint32_t lanes;         /* 0 where there are none */
	uint64_t accounts_max;  /* capacity; a put beyond it is rejected FULL */
	uint64_t rows_max;
	uint64_t cycles;        /* simulated clock cycles so far; 0 for engines without a clock */
	struct fb_engine_cycles spent;
	uint64_t row_revaluations; /* rows valued so far */
	uint64_t level_pairs;   /* words of a core that held two LEVEL records, given out as two */
	struct fb_engine_card card; /* all 0 for other engines */
	bool own_clock;         /* cycles go on by themselves, also while nobody polls */
	char why[320];          /* why the engine is dead, and what to do; "" while it lives */
};

/* What an engine implements. `struct fb_engine` starts with a pointer to its ops. */
struct fb_engine_ops {
	/* 0; -EAGAIN: no room, poll first; -EIO: the engine is dead. The command is copied. */
	int (*submit)(struct fb_engine *engine, const union fb_command *command);
	/* Number of records written to out, at most room. 0: none are ready and, if *idle, none
	 * will come without a further command. Advances a simulated engine. -EIO: the engine is
	 * dead. idle may be NULL. */
	int (*poll)(struct fb_engine *engine, union fb_record *out, size_t room, int *idle);
	void (*info)(const struct fb_engine *engine, struct fb_engine_info *out);
	/* A hint before the account is put: how many rows it will have and of which symbols. May be
	 * NULL. */
	void (*expect)(struct fb_engine *engine, uint32_t account,
		       const uint16_t *symbols, size_t n);
	/* True: marks get cheaper if this account is put anew: in one batch its positions removed,
	 * ACCOUNT removed, expect(), ACCOUNT put with its level, positions put. Only for an account
	 * that is calm: then no record comes of it and the state hash stays. Every call names
	 * another account until there is none; ignoring it costs time only. May be NULL. */
	int (*advise)(struct fb_engine *engine, uint32_t *account);
	/* The account of the LEVEL record that poll() will give next, as far as a glance shows: a
	 * hint from what is not proven yet. 0: none. May be NULL. */
	uint32_t (*ahead)(const struct fb_engine *engine);
	void (*close)(struct fb_engine *engine);
};

struct fb_engine {
	const struct fb_engine_ops *ops;
};

/* Opens an engine in the state after RESET with sequence 0: the first command carries sequence 1.
 * -EINVAL: malformed URI; -ENOENT: no such engine, or its library is not built (error says what to
 * run). */
int fb_engine_open(const char *uri, struct fb_engine **out, struct fb_error *error);

static inline int fb_engine_submit(struct fb_engine *e, const union fb_command *command)
{
	return e->ops->submit(e, command);
}

static inline int fb_engine_poll(struct fb_engine *e, union fb_record *out, size_t room, int *idle)
{
	return e->ops->poll(e, out, room, idle);
}

static inline void fb_engine_info(const struct fb_engine *e, struct fb_engine_info *out)
{
	e->ops->info(e, out);
}

static inline void fb_engine_expect(struct fb_engine *e, uint32_t account,
				    const uint16_t *symbols, size_t n)
{
	if (e->ops->expect)
		e->ops->expect(e, account, symbols, n);
}

static inline int fb_engine_advise(struct fb_engine *e, uint32_t *account)
{
	return e->ops->advise && e->ops->advise(e, account);
}

static inline uint32_t fb_engine_ahead(const struct fb_engine *e)
{
	return e && e->ops->ahead ? e->ops->ahead(e) : 0;
}

static inline void fb_engine_close(struct fb_engine *e)
{
	if (e)
		e->ops->close(e);
}

/* Constructors behind the URIs; `args` is what follows the colon. */
int fb_model_open(const char *args, struct fb_engine **out, struct fb_error *error);
int fb_cpu_open(const char *args, struct fb_engine **out, struct fb_error *error);
int fb_core_open(const char *args, struct fb_engine **out, struct fb_error *error);
int fb_sim_open(const char *args, struct fb_engine **out, struct fb_error *error);
int fb_pci_open(const char *args, struct fb_engine **out, struct fb_error *error);

#endif
