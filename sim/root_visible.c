/* When the card's writes are seen in host memory: at once, or later, in order. Faults: a write is
 * seen in two halves, either first; the bytes that it replaced come back for a moment; nothing
 * arrives any more. A write goes through the steps below, with some cycles between two. */
#include <errno.h>
#include <string.h>

#include "root_internal.h"

#define BETWEEN_MOST 64

enum { ARRIVES, SECOND_HALF, OLD_AGAIN, NEW_AGAIN, SEEN };

bool root_visible_full(const struct fb_root *root)
{
	return root->seeing == ROOT_VISIBLE;
}

void root_visible_put(struct fb_root *root, uint64_t address, const void *bytes, uint32_t len)
{
	if (root->faults.mute_at && root->cycles >= root->faults.mute_at) {
		root->counts.mute++;
		return;
	}
	struct root_seen *w = &root->seen[(root->seen_first + root->seeing++) % ROOT_VISIBLE];
	uint32_t later = root->faults.delay_cycles ?
				 root_below(root, root->faults.delay_cycles + 1) : 0;
	w->due = root->cycles + later > root->seen_due ? root->cycles + later : root->seen_due;
	root->counts.delay += w->due - root->cycles;
	root->seen_due = w->due;
	w->address = address;
	w->len = len;
	w->step = ARRIVES;
	/* An interrupt is no memory: it cannot come in halves or come again. */
	w->torn = len >= 8 && root_strikes(root, root->faults.torn);
	w->stale = len >= 8 && root_strikes(root, root->faults.stale);
	memcpy(w->bytes, bytes, len);
}

static void not_there(struct fb_root *root, const struct root_seen *w)
{
	root_breach(root, "RQ: %u bytes at %llx, where the card may not write", w->len,
		    (unsigned long long)w->address);
}

static void store(struct fb_root *root, const struct root_seen *w, const uint8_t *bytes,
		  uint32_t from, uint32_t len)
{
	if (root->memory.write(root->memory.context, w->address + from, bytes + from, len) < 0)
		not_there(root, w);
}

/* Which half comes first: drawn once, and the same when the other follows. */
static uint32_t first_half(const struct root_seen *w)
{
	return fb_mix(w->address ^ w->bytes[0]) & 1 ? w->len / 8 * 4 : 0;
}

static void half(struct fb_root *root, const struct root_seen *w, uint32_t from)
{
	uint32_t middle = w->len / 8 * 4;
	store(root, w, w->bytes, from, from ? w->len - middle : middle);
}

static void arrive(struct fb_root *root, struct root_seen *w)
{
	if (w->stale &&
	    root->memory.read(root->memory.context, w->address, w->old, w->len) < 0)
		not_there(root, w);
	if (w->torn) {
		half(root, w, first_half(w));
		root->counts.torn++;
	} else {
		store(root, w, w->bytes, 0, w->len);
	}
	w->step = w->torn ? SECOND_HALF : w->stale ? OLD_AGAIN : SEEN;
}

static void step(struct fb_root *root, struct root_seen *w)
{
	switch (w->step) {
	case ARRIVES:
		arrive(root, w);
		break;
	case SECOND_HALF:
		half(root, w, first_half(w) ? 0 : w->len / 8 * 4);
		w->step = w->stale ? OLD_AGAIN : SEEN;
		break;
	case OLD_AGAIN:
		store(root, w, w->old, 0, w->len);
		root->counts.stale++;
		w->step = NEW_AGAIN;
		break;
	default:
		store(root, w, w->bytes, 0, w->len);
		w->step = SEEN;
	}
	if (w->step != SEEN)
		w->due = root->cycles + 1 + root_below(root, BETWEEN_MOST);
}

void root_visible_cycle(struct fb_root *root)
{
	while (root->seeing > 0 && !root->broken) {
		struct root_seen *w = &root->seen[root->seen_first];
		if (w->due > root->cycles)
			return;
		step(root, w);
		if (w->step != SEEN)
			return;
		root->seen_first = (root->seen_first + 1) % ROOT_VISIBLE;
		root->seeing--;
	}
}
