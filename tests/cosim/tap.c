/* A core with a tap; see tap.h. */
#include "tap.h"

#include "../../sw/lib/core_library.h"
#include "../../sw/lib/engine_core.h"

static struct {
	struct tap *tap;
	struct fb_core_library library; /* stays open: the core's code lives in it */
	struct fb_core_ops ops;
} tapped;

static void tapped_tick(struct fb_core *core, struct fb_core_io *io)
{
	const struct tap *tap = tapped.tap;
	uint64_t cycle = tapped.library.ops->cycles(core);

	if (tap->pace > 1)
		io->record_ready = cycle % tap->pace == 0;
	tapped.library.ops->tick(core, io);
	if (io->command_taken && tap->command)
		tap->command(tap->context, cycle, io->command);
	if (io->record_valid && tap->record)
		tap->record(tap->context, cycle, &io->record);
}

int tap_open(struct tap *tap, unsigned lanes, const char *args, struct fb_engine **out,
	     struct fb_error *error)
{
	tapped.tap = tap;
	int status = fb_core_library_open(&tapped.library, lanes, "", error);
	if (status < 0)
		return status;
	tapped.ops = *tapped.library.ops;
	tapped.ops.tick = tapped_tick;
	struct fb_core *probe = tapped.ops.open(NULL);
	if (!probe)
		return fb_error_set(error, -1, "the core of %u lanes does not start", lanes);
	tapped.ops.geometry(probe, &tap->geometry);
	tapped.ops.close(probe);
	return fb_core_open_ops(&tapped.ops, args, out, error);
}
