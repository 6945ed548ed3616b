/* The engine `core:` is opened, on a library or on what a driver brings, and says how it stands.
 * See engine_core.h. */
#include "engine_core_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct fb_engine_cycles spent(const struct core_engine *e)
{
	uint64_t n[FB_CORE_COUNTERS] = { 0 };
	if (e->ops->counters)
		e->ops->counters(e->core, n);
	return (struct fb_engine_cycles){ .idle = n[FB_CORE_IDLE],
					  .issue = n[FB_CORE_ISSUE],
					  .drain = n[FB_CORE_DRAIN],
					  .rank = n[FB_CORE_RANK],
					  .audit = n[FB_CORE_AUDIT],
					  .stalled = n[FB_CORE_STALLED] };
}

static void core_info(const struct fb_engine *engine, struct fb_engine_info *out)
{
	const struct core_engine *e = core_engine(engine);
	*out = (struct fb_engine_info){
		.lanes = e->geometry.lanes,
		.accounts_max = (uint64_t)e->geometry.lanes * e->geometry.accounts,
		.rows_max = (uint64_t)e->geometry.lanes * e->geometry.rows,
		.cycles = e->ops->cycles(e->core),
		.spent = spent(e),
		.row_revaluations = e->row_revaluations,
		.level_pairs = e->level_pairs,
	};
	if (e->live)
		e->live->describe(e->core, &e->args, out);
	else
		fb_core_args_uri(&e->args, out->uri, sizeof(out->uri));
	if (e->why)
		snprintf(out->why, sizeof(out->why),
			 "a record of two level changes %s: the core errs", e->why);
	if (e->dead && !*out->why)
		snprintf(out->why, sizeof(out->why),
			 "the core took no command and gave no record for %u cycles: it hangs",
			 CORE_WATCHDOG_CYCLES);
}

static void core_expect(struct fb_engine *engine, uint32_t account, const uint16_t *symbols,
			size_t n)
{
	fb_placement_expect(&core_engine(engine)->placement, account, symbols, n);
}

static int core_advise(struct fb_engine *engine, uint32_t *account)
{
	return fb_placement_advise(&core_engine(engine)->placement, account);
}

static uint32_t core_ahead(const struct fb_engine *engine)
{
	const struct core_engine *e = core_engine(engine);
	return e->live ? e->live->ahead(e->core) : 0;
}

static void core_close(struct fb_engine *engine)
{
	struct core_engine *e = core_engine(engine);
	if (e->core)
		e->ops->close(e->core);
	fb_placement_close(&e->placement);
	fb_structure_close(&e->structure);
	fb_core_library_close(&e->library);
	free(e);
}

static const struct fb_engine_ops core_ops = {
	.submit = fb_core_submit,
	.poll = fb_core_poll,
	.info = core_info,
	.expect = core_expect,
	.advise = core_advise,
	.ahead = core_ahead,
	.close = core_close,
};

/* Everything after the core is there. */
static int start(struct core_engine *e, struct fb_error *error)
{
	e->ops->geometry(e->core, &e->geometry);
	int rc = fb_structure_open(&e->structure, &e->geometry);
	if (rc == 0)
		rc = fb_placement_open(&e->placement, &e->structure, e->args.place, e->args.seed);
	if (rc < 0)
		return fb_error_set(error, rc,
				    "core of %u lanes in groups of %u, %u rows, %u accounts: %s",
				    e->geometry.lanes, e->geometry.group, e->geometry.rows,
				    e->geometry.accounts, strerror(-rc));
	fb_check_reset(&e->check, 1);
	return 0;
}

static struct core_engine *create(const struct fb_core_args *args, struct fb_error *error)
{
	struct core_engine *e = calloc(1, sizeof(*e));
	if (!e) {
		fb_error_set(error, -ENOMEM, "no memory for an engine");
		return NULL;
	}
	e->engine.ops = &core_ops;
	e->args = *args;
	return e;
}

/* ops NULL: those of the library that the arguments name. */
static int open_core(const struct fb_core_ops *ops, const char *text, struct fb_engine **out,
		     struct fb_error *error)
{
	struct fb_core_args args;
	int rc = fb_core_args_parse(text, &args, error);
	if (rc < 0)
		return rc;
	struct core_engine *e = create(&args, error);
	if (!e)
		return -ENOMEM;
	e->ops = ops;
	if (!ops) {
		rc = fb_core_library_open(&e->library, args.lanes,
					  args.poke ? "-poke" : *args.wave ? "-trace" : "", error);
		e->ops = e->library.ops;
	}
	if (rc == 0 && !(e->core = e->ops->open(*args.wave ? args.wave : NULL)))
		rc = fb_error_set(error, -ENOMEM, "the core did not start%s%s",
				  *args.wave ? "; waveform " : "", args.wave);
	if (rc == 0)
		rc = start(e, error);
	if (rc < 0) {
		core_close(&e->engine);
		return rc;
	}
	*out = &e->engine;
	return 0;
}

int fb_core_open_live(const struct fb_live_core *live, struct fb_core *core,
		      const struct fb_core_args *args, struct fb_engine **out,
		      struct fb_error *error)
{
	struct core_engine *e = create(args, error);
	if (!e) {
		live->ops.close(core);
		return -ENOMEM;
	}
	e->live = live;
	e->ops = &live->ops;
	e->core = core;
	int rc = start(e, error);
	if (rc < 0) {
		core_close(&e->engine);
		return rc;
	}
	*out = &e->engine;
	return 0;
}

int fb_core_open(const char *args, struct fb_engine **out, struct fb_error *error)
{
	return open_core(NULL, args, out, error);
}

int fb_core_open_ops(const struct fb_core_ops *ops, const char *args, struct fb_engine **out,
		     struct fb_error *error)
{
	return open_core(ops, args, out, error);
}

int fb_core_engine_flip(struct fb_engine *engine, int table, uint32_t lane, uint32_t address,
			uint32_t bit)
{
	struct core_engine *e = core_engine(engine);
	if (!e->ops->flip)
		return -ENOTSUP;
	return e->ops->flip(e->core, table, lane, address, bit);
}

struct fb_core *fb_core_engine_core(struct fb_engine *engine)
{
	return core_engine(engine)->core;
}

const struct fb_structure *fb_core_engine_structure(const struct fb_engine *engine)
{
	return &core_engine(engine)->structure;
}
