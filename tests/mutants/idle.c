/* A core that has time: stands in front of another and lets its clock run before some of the
 * commands, so that the audit gets somewhere between and inside batches. The driver stops the clock
 * when there is nothing to do, and then the audit stands still as well.
 *
 * tests/mutants/idle.sh builds it as a libfbcoreN.so; $FB_IDLE_CORE names the core behind. It also
 * sees to it that the audit goes round: a ROTATION record within LIMIT cycles of such time.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../sim/core_shim.h"
#include "../../sw/lib/mix.h"

#define LONGEST_BITS 11
/* A rotation record comes once in 2^16 cycles at most; streams have some hundred accounts. */
#define LIMIT 150000

static const struct fb_core_ops *real;
static struct fb_core_ops ops;

/* Of the core opened last: a comparison runs one at a time. */
static uint64_t since;   /* idle cycles since the audit went on, or round */
static bool offered, on; /* the word is not taken yet; the audit is switched on */
static uint64_t idled, rotations; /* of all cores */

/* Output is held as well: a record taken here would be lost to the driver. */
static void idle(struct fb_core *core, uint32_t cycles)
{
	while (cycles-- > 0) {
		struct fb_core_io io = { .command = NULL, .record_ready = 0 };

		real->tick(core, &io);
		since += on;
		idled++;
	}
	if (since <= LIMIT)
		return;
	fprintf(stderr, "idle: the audit does not go round: no ROTATION in %llu idle cycles\n",
		(unsigned long long)since);
	abort();
}

static void note_command(const union fb_command *c)
{
	if (c->header.op == FB_OP_AUDIT || c->header.op == FB_OP_RESET) {
		on = c->header.op == FB_OP_AUDIT && c->audit.mode == 1;
		since = 0;
	}
}

static void note_record(const union fb_record *r)
{
	if (r->header.kind != FB_REC_AUDIT || r->audit.finding != FB_AUDIT_ROTATION)
		return;
	since = 0;
	rotations++;
}

/* Drawn from the command itself, so from the stream's seed. Short gaps come as often as long ones:
 * a few cycles decide what meets what in the pipeline. */
static uint32_t gap(const union fb_command *c)
{
	uint64_t word[sizeof *c / sizeof(uint64_t)], random = 0;

	memcpy(word, c, sizeof word);
	for (size_t i = 0; i < sizeof word / sizeof word[0]; i++)
		random = fb_mix(random ^ word[i]);
	uint32_t bits = fb_mix_below(fb_mix(random), LONGEST_BITS + 1);

	return random % 2 ? 0 : fb_mix_below(random, 1u << bits);
}

static void tick(struct fb_core *core, struct fb_core_io *io)
{
	if (io->command && !offered)
		idle(core, gap(io->command));
	offered = io->command != NULL;
	real->tick(core, io);
	if (io->command_taken) {
		offered = false;
		note_command(io->command);
	}
	if (io->record_valid)
		note_record(&io->record);
}

static struct fb_core *open_core(const char *wave_path)
{
	since = 0;
	offered = on = false;
	return real->open(wave_path);
}

const struct fb_core_ops *fb_core_ops(void)
{
	const char *path = getenv("FB_IDLE_CORE");
	void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
	void *symbol = library ? dlsym(library, "fb_core_ops") : NULL;
	fb_core_ops_fn get;

	if (!symbol) {
		fprintf(stderr, "idle: no core behind: FB_IDLE_CORE is %s\n",
			path ? path : "not set");
		abort();
	}
	memcpy(&get, &symbol, sizeof get);
	real = get();
	ops = *real;
	ops.open = open_core;
	ops.tick = tick;
	return &ops;
}

static __attribute__((destructor)) void summary(void)
{
	fprintf(stderr, "idle: %llu cycles and %llu rotations\n",
		(unsigned long long)idled, (unsigned long long)rotations);
}
