/* What the processor wants, until it goes to the card.
 *
 * Posted writes keep their order, but a write to BAR2 may overtake others to BAR2, as the
 * write-combining buffers of a processor let it; it overtakes no write to the same bytes, and none
 * to BAR0 passes or is passed. A read follows every write that was asked for before it.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include <firebreak/layout.h>

#include "root_internal.h"

#define OVERTAKE_MOST 16
#define REPEAT_CYCLES_MOST 1024
#define WINDOW_BYTES (FB_WINDOW_SLOTS * FB_WORD_BYTES)

void root_queue_open(struct fb_root *root)
{
	for (unsigned i = 0; i < FB_ROOT_QUEUE; i++)
		root->line[i] = (uint16_t)i;
}

static struct root_request *waiting(struct fb_root *root, unsigned k)
{
	return &root->posted[root->line[(root->first + k) % FB_ROOT_QUEUE]];
}

bool root_in_bar(int bar, uint64_t address, size_t len)
{
	uint64_t size = bar == 0 ? FB_BAR0_BYTES : bar == 2 ? WINDOW_BYTES : 0;
	return address <= size && len <= size - address;
}

/* The last write that waits grows by these bytes, if they follow its own. */
static bool merge(struct fb_root *root, int bar, uint64_t address, const uint8_t *bytes,
		  uint32_t len)
{
	if (bar != 2 || root->queued == 0 || !root_strikes(root, root->faults.merge))
		return false;
	struct root_request *last = waiting(root, root->queued - 1);
	if (last->type != ROOT_WRITE || last->bar != 2 || last->address + last->len != address ||
	    (last->address & 3) + last->len + len > ROOT_WRITE_MOST ||
	    last->address / 4096 != (address + len - 1) / 4096)
		return false;
	memcpy(last->bytes + last->len, bytes, len);
	last->len += len;
	root->counts.merge++;
	return true;
}

int root_queue_put(struct fb_root *root, unsigned type, int bar, uint64_t address,
		   const uint8_t *bytes, uint32_t len)
{
	if (type == ROOT_WRITE && merge(root, bar, address, bytes, len))
		return 0;
	while (root->queued == FB_ROOT_QUEUE) {
		root_tick(root);
		if (root_gone(root))
			return root_gone(root);
	}
	struct root_request *request = waiting(root, root->queued++);
	request->order = ++root->orders;
	request->type = (uint8_t)type;
	request->bar = (uint8_t)bar;
	request->address = address;
	request->len = len;
	request->tag = 0;
	request->attributes = request->traffic_class = 0;
	memcpy(request->bytes, bytes, len);
	return 0;
}

/* Cuts at dwords as the knob wants. */
static int put_pieces(struct fb_root *root, int bar, uint64_t address, const uint8_t *bytes,
		      uint32_t len)
{
	int rc = 0;
	while (rc == 0 && len > 0) {
		uint32_t lead = (uint32_t)address & 3;
		uint32_t dwords = (lead + len + 3) / 4;
		uint32_t piece = len;
		if (dwords > 1 && root_strikes(root, root->faults.split)) {
			piece = 4 * (1 + root_below(root, dwords - 1)) - lead;
			root->counts.split++;
		}
		rc = root_queue_put(root, ROOT_WRITE, bar, address, bytes, piece);
		address += piece;
		bytes += piece;
		len -= piece;
	}
	return rc;
}

int fb_root_write(struct fb_root *root, int bar, uint64_t address, const void *bytes, size_t len)
{
	if (!root_in_bar(bar, address, len) || len == 0 || len > 4096)
		return -EINVAL;
	const uint8_t *at = bytes;
	while (len > 0 && !root_gone(root)) {
		size_t room = ROOT_WRITE_MOST - address % ROOT_WRITE_MOST;
		uint32_t piece = (uint32_t)(len < room ? len : room);
		/* A function that is being reset takes nothing. */
		int rc = root->flr_since ? 0 : put_pieces(root, bar, address, at, piece);
		if (rc < 0)
			return rc;
		address += piece;
		at += piece;
		len -= piece;
	}
	return root_gone(root);
}

static bool overlap(const struct root_request *a, const struct root_request *b)
{
	return a->address < b->address + b->len && b->address < a->address + a->len;
}

static bool may_overtake(struct fb_root *root, unsigned k)
{
	const struct root_request *request = waiting(root, k);
	if (request->bar != 2 || request->type != ROOT_WRITE)
		return false;
	for (unsigned i = 0; i < k; i++) {
		const struct root_request *other = waiting(root, i);
		if (other->bar != 2 || other->type != ROOT_WRITE || overlap(request, other))
			return false;
	}
	return true;
}

/* The place in the line of the write that goes next. */
static unsigned choose(struct fb_root *root)
{
	unsigned most = root->queued < OVERTAKE_MOST ? root->queued : OVERTAKE_MOST;
	if (most < 2 || !root_strikes(root, root->faults.reorder))
		return 0;
	unsigned k = 1 + root_below(root, most - 1);
	if (!may_overtake(root, k))
		return 0;
	root->counts.reorder++;
	return k;
}

static void take_out(struct fb_root *root, unsigned k, struct root_request *out)
{
	*out = *waiting(root, k);
	uint16_t slot = root->line[(root->first + k) % FB_ROOT_QUEUE];
	for (; k > 0; k--)
		root->line[(root->first + k) % FB_ROOT_QUEUE] =
			root->line[(root->first + k - 1) % FB_ROOT_QUEUE];
	root->line[root->first] = slot;
	root->first = (root->first + 1) % FB_ROOT_QUEUE;
	root->queued--;
}

/* Faults of a write to BAR2 as it leaves. False: it never arrives. */
static bool strike(struct fb_root *root, struct root_request *request)
{
	if (request->bar != 2 || request->type != ROOT_WRITE)
		return true;
	if (root_strikes(root, root->faults.lose)) {
		root->counts.lose++;
		return false;
	}
	if (root->repeating < ROOT_REPEATS && root_strikes(root, root->faults.repeat)) {
		root->repeats[root->repeating].request = *request;
		root->repeats[root->repeating++].due =
			root->cycles + 1 + root_below(root, REPEAT_CYCLES_MOST);
		root->counts.repeat++;
	}
	if (root_strikes(root, root->faults.flip)) {
		uint32_t bit = root_below(root, 8 * request->len);
		request->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		root->counts.flip++;
	}
	return true;
}

static bool next_repeat(struct fb_root *root, struct root_request *out)
{
	for (unsigned i = 0; i < root->repeating; i++) {
		if (root->repeats[i].due > root->cycles)
			continue;
		*out = root->repeats[i].request;
		root->repeats[i] = root->repeats[--root->repeating];
		return true;
	}
	return false;
}

bool root_queue_next(struct fb_root *root, struct root_request *out)
{
	if (root->flr_since)
		return false;
	if (next_repeat(root, out) || root_read_next(root, out))
		return true;
	while (root->queued > 0) {
		take_out(root, choose(root), out);
		if (strike(root, out))
			return true;
	}
	return false;
}

uint64_t root_queue_oldest(struct fb_root *root)
{
	/* Overtaking leaves the oldest write in front. */
	return root->queued > 0 ? waiting(root, 0)->order : UINT64_MAX;
}

void root_queue_forget(struct fb_root *root)
{
	root->queued = root->repeating = 0;
	root_read_forget(root);
}
