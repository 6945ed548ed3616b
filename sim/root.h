/* A root complex for the Verilated card: what the processor stores to BARs becomes requests on CQ,
 * loads wait for their completions on CC, and what the card writes on RQ goes to host memory, in
 * order. It checks what the card sends against the rules of the bus and stops with a text at the
 * first breach. Faults of link and host are knobs, drawn from a seed.
 *
 * Caveats. It belongs to one thread. Nothing moves but inside fb_root_step() and the calls that say
 * so. A posted write is queued (at most FB_ROOT_QUEUE; then fb_root_write() steps the clock until
 * there is room, which the card promises within few cycles). Its cycles are no time of a board.
 * After a breach every call returns -EPROTO.
 */
#ifndef FIREBREAK_ROOT_H
#define FIREBREAK_ROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/error.h>

#include "card_shim.h"

#define FB_ROOT_QUEUE 1024
#define FB_ROOT_READS 32                /* outstanding at once */
#define FB_ROOT_READ_CYCLES 10000       /* then a read has timed out */
#define FB_ROOT_MASTER_OFF_CYCLES 1000

struct fb_root;

/* All 0: a perfect link. Percentages of the cycles, requests or card's writes concerned. */
struct fb_root_faults {
	uint64_t seed;
	uint32_t split;         /* writes cut into pieces at random dwords */
	uint32_t merge;         /* neighbouring writes joined, up to 256 bytes */
	/* a write to BAR2 overtakes those before it (never those of BAR0) */
	uint32_t reorder;
	uint32_t repeat;        /* a write to BAR2 arrives a second time, later */
	uint32_t lose;          /* a write to BAR2 never arrives */
	uint32_t flip;          /* one bit of a write to BAR2 arrives wrong */
	uint32_t cq_pause;      /* cycles in which CQ offers nothing */
	uint32_t stall;         /* cycles in which RQ or CC is not ready */
	/* posted headers available at most, four data each; 0: 255. Both are scarce, or, where seed
	 * modulo 3 is 1, headers only, where it is 2, data only. */
	uint32_t credits;
	uint32_t starve;        /* cycles in which no posted credit is left, 64 at a time */
	uint32_t delay_cycles;  /* a card's write becomes visible up to this much later, in order */
	/* a card's write becomes visible in two halves, the last one later */
	uint32_t torn;
	uint32_t stale;         /* the bytes that a card's write replaces come back for a moment */
	uint64_t drop_at;       /* cycle at which the link goes down for good; 0: never */
	/* cycle at which bus mastering goes off, for FB_ROOT_MASTER_OFF_CYCLES; 0: never */
	uint64_t master_off_at;
	uint64_t flr_at;        /* cycle at which the function is reset; 0: never */
	uint64_t mute_at;       /* cycle from which the card's writes no longer arrive; 0: never */
};

/* What happened so far. */
struct fb_root_counts {
	/* packets on the bus, by direction; pieces of a split write count each */
	uint64_t writes, reads, completions, card_writes;
	/* faults that struck, by their knob; cycles for cq_pause, stall, starve and delay */
	uint64_t split, merge, reorder, repeat, lose, flip, cq_pause, stall, starve, delay, torn,
		stale, drop, master_off, flr, mute;
	uint64_t posted_waits;  /* cycles in which the card had no posted header or no data left */
};

/* Host memory as the bus sees it. len is a multiple of 4. */
struct fb_root_memory {
	void *context;
	/* What the card writes. 0; -EFAULT: nothing of the card's lies there, which is a breach. */
	int (*write)(void *context, uint64_t address, const void *bytes, size_t len);
	/* What lies there now: the same. Only the knob `stale` needs it. */
	int (*read)(void *context, uint64_t address, void *bytes, size_t len);
};

int fb_root_open(uint32_t lanes, const char *wave_path, const struct fb_root_faults *faults,
		 const struct fb_root_memory *memory, struct fb_root **out,
		 struct fb_error *error);
/* The same with a card that the caller brings. */
int fb_root_open_ops(const struct fb_card_model_ops *ops, const char *wave_path,
		     const struct fb_root_faults *faults, const struct fb_root_memory *memory,
		     struct fb_root **out, struct fb_error *error);
void fb_root_close(struct fb_root *root);
void fb_root_geometry(const struct fb_root *root, struct fb_core_geometry *out);

/* Posted: returns at once. address: offset in the BAR (0 or 2), any; len 1..4096. 0; -EINVAL:
 * outside of the BAR; -ENODEV: the link is down (the write is lost, as on a machine). */
int fb_root_write(struct fb_root *root, int bar, uint64_t address, const void *bytes, size_t len);
/* Steps until the completion is there. When the link is down, or nothing comes in
 * FB_ROOT_READ_CYCLES, all bytes are ones and -ENODEV or -ETIMEDOUT is returned. len 0: a read of
 * no bytes. */
int fb_root_read(struct fb_root *root, int bar, uint64_t address, void *bytes, size_t len);
/* Several at once. begin: the tag, 0..FB_ROOT_READS-1; -EAGAIN: all are in use. end() steps until
 * the read of this tag is complete, as fb_root_read(). */
int fb_root_read_begin(struct fb_root *root, int bar, uint64_t address, size_t len);
int fb_root_read_end(struct fb_root *root, int tag, void *bytes, size_t len);
/* A non-posted request that the card does not serve, of this type (descriptor, 2..7), one dword.
 * Steps until it is answered: the completion's status (1: unsupported request), or as
 * fb_root_read(). */
int fb_root_odd_request(struct fb_root *root, unsigned type, int bar, uint64_t address);

/* Function-level reset, bus mastering and the MSI-X switches of configuration space. flr steps
 * until it is done: 0 or -EPROTO. */
int fb_root_flr(struct fb_root *root);
void fb_root_bus_master(struct fb_root *root, bool on);
void fb_root_msix(struct fb_root *root, bool enable, bool mask);
/* n clock cycles. 0; -EPROTO: the card broke a rule; fb_root_why() says which. With the link down
 * time passes and nothing else does. */
int fb_root_step(struct fb_root *root, uint64_t n);
/* Steps until no write waits on its way to the card or to host memory, at most n cycles. 0,
 * -ETIMEDOUT or -EPROTO. */
int fb_root_drain(struct fb_root *root, uint64_t n);
uint64_t fb_root_cycles(const struct fb_root *root);
bool fb_root_link_up(const struct fb_root *root);
const char *fb_root_why(const struct fb_root *root);
void fb_root_counts(const struct fb_root *root, struct fb_root_counts *out);

#endif
