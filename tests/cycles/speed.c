/* How fast the Verilated core runs on this machine: row revaluations a second of one processor, for
 * books that fill the lanes to different depths. A benchmark, not a test: it asserts nothing.
 *
 * usage: speed [LIBRARY...]      build/libfbcore8.so and build/libfbcore16.so unless given */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../sim/core_shim.h"
#include "../unit/command_kit.h"

#define REVALUATIONS 6000000u
#define ROUNDS 5

struct bench {
	const struct fb_core_ops *ops;
	struct fb_core *core;
	struct fb_core_geometry geometry;
	uint64_t seq;
};

/* Sends a command and, if it ends a batch, waits for BATCH_END. */
static void give(struct bench *b, union fb_command *command)
{
	struct fb_core_io io = { .command = command, .record_ready = 1 };
	int more = command->header.flags & FB_FLAG_MORE;

	command->header.seq = ++b->seq;
	for (;;) {
		b->ops->tick(b->core, &io);
		if (io.command_taken)
			io.command = NULL;
		if (io.record_valid && io.record.header.kind == FB_REC_REJECT)
			abort();
		if (!io.command && (more || (io.record_valid &&
					     io.record.header.kind == FB_REC_BATCH_END)))
			return;
	}
}

/* An account with one row in every lane and stripe; none of them ever comes near a threshold. */
static void load(struct bench *b, uint32_t stripes)
{
	union fb_command c = c_plain(FB_OP_CLASS);
	uint32_t id = 0;

	c.header.count = 1;
	c.class.up[0] = c.class.down[0] = 8000000;
	give(b, &c);
	c = c_plain(FB_OP_LADDER);
	c.ladder.rate = 100000;
	give(b, &c);
	c = c_plain(FB_OP_SYMBOL);
	c.symbol.u = 1000ull << FB_U_FRACTION_BITS;
	give(b, &c);
	for (uint32_t stripe = 0; stripe < stripes; stripe++)
		for (uint32_t lane = 0; lane < b->geometry.lanes; lane++, id++) {
			c = c_plain(FB_OP_ACCOUNT);
			c.header.flags = FB_FLAG_MORE;
			c.header.account = id;
			c.account.collateral = 1000000;
			c.account.place_lane = (uint16_t)lane;
			c.account.place_slot = (uint16_t)stripe;
			give(b, &c);
			c = c_plain(FB_OP_POSITION);
			c.header.account = c.position.position = id;
			c.position.qty = 1000;
			c.position.entry = 1000000;
			c.position.place_lane = (uint16_t)lane;
			c.position.place_slot = c.position.place_row = (uint16_t)stripe;
			c.position.place_flags = lane % b->geometry.group ? 0 : FB_PLACE_LINK;
			give(b, &c);
		}
}

static double processor_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void run(struct bench *b, uint32_t stripes)
{
	uint32_t rows = stripes * b->geometry.lanes;
	uint32_t batches = REVALUATIONS / ROUNDS / rows + 1;
	union fb_command c = c_plain(FB_OP_MARKS);
	double best = 0;

	c.header.count = 1;
	for (int round = 0; round < ROUNDS; round++) {
		double began = processor_seconds();
		for (uint32_t i = 0; i < batches; i++) {
			uint64_t u = (1000ull + (i & 1)) << FB_U_FRACTION_BITS;
			c.marks.mark[0] = u << 12;
			give(b, &c);
		}
		double rate = (double)rows * batches / (processor_seconds() - began);
		if (rate > best)
			best = rate;
	}
	printf("  %2u lanes, %4u rows a lane: %.2f million row revaluations a second\n",
	       b->geometry.lanes, stripes, best / 1e6);
	fflush(stdout);
}

static int measure(const char *path)
{
	static const uint32_t depths[] = { 32, 256, 2048 };
	struct bench b;
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	fb_core_ops_fn entry = library ? (fb_core_ops_fn)dlsym(library, "fb_core_ops") : NULL;

	if (!entry) {
		fprintf(stderr, "%s: %s; run: make %s\n", path, dlerror(), path);
		return 1;
	}
	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
		memset(&b, 0, sizeof(b));
		b.ops = entry();
		b.core = b.ops->open(NULL);
		if (!b.core)
			return 1;
		b.ops->geometry(b.core, &b.geometry);
		load(&b, depths[i]);
		run(&b, depths[i]);
		b.ops->close(b.core);
	}
	return 0;
}

int main(int argc, char **argv)
{
	int failed = 0;

	printf("best of %d rounds, one processor\n", ROUNDS);
	for (int i = 1; i < argc; i++)
		failed |= measure(argv[i]);
	if (argc == 1)
		failed = measure("build/libfbcore8.so") | measure("build/libfbcore16.so");
	return failed;
}
