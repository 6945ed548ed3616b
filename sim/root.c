/* See root.h: opening, the clock, and configuration space. */
#include "root.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/layout.h>

#include "root_internal.h"
#include "root_knobs.h"

#define MAX_PAYLOAD_256 1
#define TRANSMIT_CREDITS 4
#define READ_CREDITS_MOST 32            /* the block counts no further */
#define FLR_CYCLES_MOST 10000
/* A packet that the card had decided on may begin before this many cycles have passed. */
#define QUIET_GRACE 2
#define MASK_GRACE 64

void root_breach(struct fb_root *root, const char *format, ...)
{
	if (root->broken)
		return;
	root->broken = true;
	int n = snprintf(root->why, sizeof(root->why), "cycle %llu: ",
			 (unsigned long long)root->cycles);
	va_list args;
	va_start(args, format);
	vsnprintf(root->why + n, sizeof(root->why) - (size_t)n, format, args);
	va_end(args);
}

static void begin_flr(struct fb_root *root)
{
	root->flr_since = root->cycles;
	root_queue_forget(root);
}

static bool under_way(const struct root_stream *stream)
{
	return stream->open || stream->holding;
}

static void end_flr(struct fb_root *root)
{
	if (under_way(&root->writes) || under_way(&root->completions))
		root_breach(root, "cfg_flr_done in the middle of a packet");
	root->flr_since = 0;
	memset(root->msix_table, 0, sizeof(root->msix_table));
}

/* Knobs that strike at a cycle. */
static void strike_at(struct fb_root *root)
{
	const struct fb_root_faults *f = &root->faults;
	if (root->cycles == f->drop_at) {
		root->down = true;
		root->counts.drop++;
		root_queue_forget(root);
	}
	if (root->cycles == f->master_off_at) {
		fb_root_bus_master(root, false);
		root->master_back_at = root->cycles + FB_ROOT_MASTER_OFF_CYCLES;
		root->counts.master_off++;
	}
	if (root->master_back_at && root->cycles == root->master_back_at) {
		root->master_back_at = 0;
		fb_root_bus_master(root, true);
	}
	if (root->cycles == f->flr_at && !root->flr_since) {
		begin_flr(root);
		root->counts.flr++;
	}
}

static bool not_ready(struct fb_root *root)
{
	bool strikes = root_strikes(root, root->faults.stall);
	root->counts.stall += strikes;
	return strikes;
}

/* The card sees bus mastering go off, also in a reset of the function. */
static void set_master(struct fb_root *root)
{
	uint8_t on = root->master && !root->flr_since;
	if (root->io.bus_master && !on)
		root->quiet_from = root->cycles + QUIET_GRACE;
	root->io.bus_master = on;
}

static void give(struct fb_root *root)
{
	struct fb_card_io *io = &root->io;
	io->cq = root_offer(root);
	io->cc_ready = !not_ready(root);
	io->rq_ready = !not_ready(root) && !root_visible_full(root);
	io->max_payload = MAX_PAYLOAD_256;
	io->flr = root->flr_since != 0;
	set_master(root);
	io->msix_enable = root->msix_enable;
	io->msix_mask = root->msix_mask;
	root_credit_cycle(root);
}

static void take(struct fb_root *root)
{
	struct fb_card_io *io = &root->io;
	struct root_event event;
	if (io->credit_select != TRANSMIT_CREDITS)
		root_breach(root, "cfg_fc_sel is %u, not transmit credits", io->credit_select);
	if (io->np_request > 2)
		root_breach(root, "pcie_cq_np_req is %u", io->np_request);
	root_offered(root, io->cq_taken);
	root->read_credits += io->np_request;
	if (root->read_credits > READ_CREDITS_MOST)
		root->read_credits = READ_CREDITS_MOST;
	event = root_stream_cycle(root, &root->completions, io->cc_offered, io->cc_valid, &io->cc);
	if (event.ends)
		root_completion(root, &root->completions);
	event = root_stream_cycle(root, &root->writes, io->rq_offered, io->rq_valid, &io->rq);
	if (event.begins)
		root_posted_begins(root, &io->rq);
	if (event.ends)
		root_posted_ends(root, &root->writes);
	if (root->flr_since && io->flr_done)
		end_flr(root);
	else if (root->flr_since && root->cycles - root->flr_since > FLR_CYCLES_MOST)
		root_breach(root, "a reset of the function is not done after %u cycles",
			    FLR_CYCLES_MOST);
}

void root_tick(struct fb_root *root)
{
	if (root->broken)
		return;
	root->cycles++;
	strike_at(root);
	bool on = root->msix_enable && !root->msix_mask && !(root->msix_table[3] & 1);
	if (on)
		root->msix_off_from = 0;
	else if (!root->msix_off_from)
		root->msix_off_from = root->cycles + MASK_GRACE;
	if (!root->down) {
		give(root);
		root->ops->tick(root->card, &root->io);
		take(root);
	}
	root_visible_cycle(root);
}

int fb_root_step(struct fb_root *root, uint64_t n)
{
	for (; n > 0 && !root->broken; n--)
		root_tick(root);
	return root->broken ? -EPROTO : 0;
}

int fb_root_drain(struct fb_root *root, uint64_t n)
{
	while (!root->broken &&
	       (root->queued || root->repeating || root->sending || root->seeing)) {
		if (n-- == 0)
			return -ETIMEDOUT;
		root_tick(root);
	}
	return root->broken ? -EPROTO : 0;
}

int fb_root_flr(struct fb_root *root)
{
	if (!root->flr_since)
		begin_flr(root);
	while (root->flr_since && !root->broken && !root->down)
		root_tick(root);
	return root->broken ? -EPROTO : root->down ? -ENODEV : 0;
}

void fb_root_bus_master(struct fb_root *root, bool on)
{
	root->master = on;
}

void fb_root_msix(struct fb_root *root, bool enable, bool mask)
{
	root->msix_enable = enable;
	root->msix_mask = mask;
}

uint64_t fb_root_cycles(const struct fb_root *root)
{
	return root->cycles;
}

bool fb_root_link_up(const struct fb_root *root)
{
	return !root->down;
}

const char *fb_root_why(const struct fb_root *root)
{
	return root->why;
}

void fb_root_counts(const struct fb_root *root, struct fb_root_counts *out)
{
	*out = root->counts;
}

void fb_root_geometry(const struct fb_root *root, struct fb_core_geometry *out)
{
	*out = root->geometry;
}

static int start(struct fb_root *root, const char *wave_path, struct fb_error *error)
{
	root->card = root->ops->open(wave_path);
	if (!root->card)
		return fb_error_set(error, -ENOMEM, "the card did not start%s%s",
				    wave_path ? "; waveform " : "", wave_path ? wave_path : "");
	root->ops->geometry(root->card, &root->geometry);
	root->master = true;
	root->completions = (struct root_stream){ .name = "CC", .descriptor_dwords = 3 };
	root->writes =
		(struct root_stream){ .name = "RQ", .sop_bit = 20, .descriptor_dwords = 4 };
	root_queue_open(root);
	root_credit_open(root);
	return 0;
}

static int open_root(uint32_t lanes, const struct fb_card_model_ops *ops, const char *wave_path,
		     const struct fb_root_faults *faults, const struct fb_root_memory *memory,
		     struct fb_root **out, struct fb_error *error)
{
	const struct fb_root_knob *wrong = faults ? fb_root_knob_wrong(faults) : NULL;
	if (wrong)
		return fb_error_set(error, -EINVAL,
				    "simulated link: expected %s=%u..%llu, or 0, found %llu",
				    wrong->name, wrong->least, (unsigned long long)wrong->most,
				    (unsigned long long)fb_root_knob_get(faults, wrong));
	struct fb_root *root = calloc(1, sizeof(*root));
	if (!root)
		return fb_error_set(error, -ENOMEM, "no memory for a root complex");
	if (faults)
		root->faults = *faults;
	root->memory = *memory;
	root->ops = ops;
	int rc = 0;
	if (!ops) {
		rc = fb_card_library_open(&root->library, lanes, wave_path ? "-trace" : "", error);
		root->ops = root->library.ops;
	}
	if (rc == 0)
		rc = start(root, wave_path, error);
	if (rc < 0) {
		fb_root_close(root);
		return rc;
	}
	*out = root;
	return 0;
}

int fb_root_open(uint32_t lanes, const char *wave_path, const struct fb_root_faults *faults,
		 const struct fb_root_memory *memory, struct fb_root **out,
		 struct fb_error *error)
{
	return open_root(lanes, NULL, wave_path, faults, memory, out, error);
}

int fb_root_open_ops(const struct fb_card_model_ops *ops, const char *wave_path,
		     const struct fb_root_faults *faults, const struct fb_root_memory *memory,
		     struct fb_root **out, struct fb_error *error)
{
	return open_root(0, ops, wave_path, faults, memory, out, error);
}

void fb_root_close(struct fb_root *root)
{
	if (!root)
		return;
	if (root->card)
		root->ops->close(root->card);
	fb_card_library_close(&root->library);
	free(root);
}
