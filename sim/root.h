/* A root complex for the Verilated card: what the processor stores to BARs becomes requests on CQ,
 * loads wait for their completions on CC, and what the card writes on RQ goes to a callback, in
 * order.
 * It checks what the card sends against the rules of the bus and stops with a text at the first
 * breach. Faults of link and host are knobs, drawn from a seed.
 *
 * Caveats. It belongs to one thread. Nothing moves but inside fb_root_step() and the calls that say
 * so.
 * A posted write is queued (at most FB_ROOT_QUEUE; then fb_root_write() steps the clock until there
 * is room, which the card promises within few cycles). */
#ifndef FIREBREAK_ROOT_H
#define FIREBREAK_ROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/error.h>

#include "card_shim.h"

#define FB_ROOT_QUEUE 1024

struct fb_root;

/* All 0: a perfect link. Percentages of the cycles or requests concerned. */
struct fb_root_faults {
	uint64_t seed;
	uint32_t split;         /* writes cut into pieces at random dwords */
	uint32_t merge;         /* neighbouring writes joined, up to max_write bytes */
	/* a write to BAR2 overtakes those before it (never those of BAR0) */
	uint32_t reorder;
	uint32_t repeat;        /* a write to BAR2 arrives a second time, later */
	uint32_t lose;          /* a write to BAR2 never arrives */
	uint32_t flip;          /* one bit of a write to BAR2 arrives wrong */
	uint32_t cq_pause;      /* cycles in which CQ offers nothing */
	uint32_t stall;         /* cycles in which RQ or CC is not ready */
	uint32_t credits;       /* posted headers available at most; 0: 255 */
	uint32_t starve;        /* cycles in which no posted credit is left */
	uint32_t delay_cycles;  /* a card's write becomes visible up to this much later, in order */
	/* a card's write becomes visible in two halves, the last one later */
	uint32_t torn;
	uint32_t stale;         /* the bytes that a card's write replaces come back for a moment */
	uint64_t drop_at;       /* cycle at which the link goes down for good; 0: never */
	/* cycle at which bus mastering goes off, for 1,000 cycles; 0: never */
	uint64_t master_off_at;
	uint64_t flr_at;        /* cycle at which the function is reset; 0: never */
	uint64_t mute_at;       /* cycle from which the card's writes no longer arrive; 0: never */
};

/* What the card writes: len bytes (a multiple of 4) at a bus address. */
typedef void (*fb_root_memory)(void *context, uint64_t address, const void *bytes, size_t len);

int fb_root_open(uint32_t lanes, const char *wave_path, const struct fb_root_faults *faults,
		 fb_root_memory memory, void *context, struct fb_root **out,
		 struct fb_error *error);
void fb_root_close(struct fb_root *root);
void fb_root_geometry(const struct fb_root *root, struct fb_core_geometry *out);

/* Posted: returns at once. address: offset in the BAR (0 or 2), any; len 1..4096. 0; -EINVAL:
 * outside of the
 * BAR; -ENODEV: the link is down (the write is lost, as on a machine). */
int fb_root_write(struct fb_root *root, int bar, uint64_t address, const void *bytes, size_t len);
/* Steps until the completion is there. When the link is down, or nothing comes in 10,000 cycles,
 * all bytes are ones and
 * -ENODEV or -ETIMEDOUT is returned. */
int fb_root_read(struct fb_root *root, int bar, uint64_t address, void *bytes, size_t len);
/* Function-level reset, bus mastering and the MSI-X switches of configuration space. flr steps
 * until it is done. */
int fb_root_flr(struct fb_root *root);
void fb_root_bus_master(struct fb_root *root, bool on);
void fb_root_msix(struct fb_root *root, bool enable, bool mask);
/* n clock cycles. 0; -EPROTO: the card broke a rule; fb_root_why() says which. */
int fb_root_step(struct fb_root *root, uint64_t n);
uint64_t fb_root_cycles(const struct fb_root *root);
const char *fb_root_why(const struct fb_root *root);

#endif
