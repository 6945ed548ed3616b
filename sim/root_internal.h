/* Inside of the root complex. root.c turns the clock; in every cycle each part is asked once:
 *
 *   root_queue.c       the processor's writes in their order, split, merged, reordered, repeated,
 *                      lost
 *   root_read.c        the processor's reads until their bytes are there
 *   root_offer.c       requests out: descriptors and beats on CQ
 *   root_stream.c      beats of CC and RQ in, gathered to packets: framing
 *   root_completion.c  completions in: against the reads they answer
 *   root_posted.c      the card's writes in: descriptor, place, bus mastering, session
 *   root_credit.c      posted credits handed out and honoured
 *   root_visible.c     when the card's writes are seen in host memory
 */
#ifndef FIREBREAK_ROOT_INTERNAL_H
#define FIREBREAK_ROOT_INTERNAL_H

#include <errno.h>

#include "../sw/lib/mix.h"
#include "card_library.h"
#include "root.h"

/* Bytes of a request or of the card's write. A processor's store is no longer than a line; a bridge
 * may join some. */
#define ROOT_WRITE_MOST 256
#define ROOT_PACKET_DWORDS (4 + ROOT_WRITE_MOST / 4)
#define ROOT_REPEATS 64
#define ROOT_VISIBLE 256
#define ROOT_RETURNS 256
/* Cycles that cfg_fc shows the past: the block has counted a packet this much later. */
#define ROOT_CREDIT_LAG 12
/* Cycles that a decision of the card may rest on what cfg_fc showed before. */
#define ROOT_CREDIT_MEMORY 8
#define ROOT_REQUESTER 0x0018           /* bus 0, device 3, function 0 */

enum {
	ROOT_READ = 0,
	ROOT_WRITE = 1,
	ROOT_IO_READ = 2,
	ROOT_IO_WRITE = 3,
	ROOT_FETCH_ADD = 4,
	ROOT_SWAP = 5,
	ROOT_COMPARE_SWAP = 6,
	ROOT_LOCKED_READ = 7,
	ROOT_MESSAGE = 12,
	ROOT_MESSAGE_LAST = 14,
};

struct root_request {
	uint64_t order;                 /* when it was asked for: a number that grows */
	uint64_t address;               /* offset in the BAR */
	uint32_t len;                   /* bytes; of a read as well */
	uint8_t type, bar, tag, attributes, traffic_class;
	uint8_t bytes[ROOT_WRITE_MOST];
};

struct root_read {
	struct root_request request;
	uint64_t deadline;
	uint32_t left;                  /* bytes that must still come */
	uint32_t come;
	uint8_t status;
	bool used, sent, done;
	bool forgotten;                 /* by FLR, but a completion may be under way */
	uint8_t bytes[4096];
};

/* One of the card's streams. */
struct root_stream {
	const char *name;
	/* lowest bit in tuser of is_sop; is_eop lies 6 above, both pointers behind their bits */
	unsigned sop_bit, descriptor_dwords;
	uint32_t words[ROOT_PACKET_DWORDS];
	unsigned count;
	bool open;                      /* in the middle of a packet */
	bool holding;                   /* offered in the cycle before and not taken */
	struct fb_card_beat held;
	uint32_t first_user[2];         /* tuser of the first beat */
};

struct root_seen {                      /* a card's write on its way to memory */
	uint64_t address, due;
	uint32_t len;
	uint8_t step;                   /* see root_visible.c */
	bool torn, stale;
	uint8_t bytes[ROOT_WRITE_MOST], old[ROOT_WRITE_MOST];
};

struct root_credit {
	uint32_t headers, data;         /* on the link at most */
	uint32_t used_headers, used_data;
	/* what was free, and what cfg_fc showed; the newest first */
	uint32_t free_headers[ROOT_CREDIT_LAG + 1], free_data[ROOT_CREDIT_LAG + 1];
	uint32_t shown_headers[ROOT_CREDIT_MEMORY], shown_data[ROOT_CREDIT_MEMORY];
	struct { uint64_t due; uint32_t data; } returns[ROOT_RETURNS];
	unsigned first, returning;
};

struct fb_root {
	struct fb_card_library library;
	const struct fb_card_model_ops *ops;
	struct fb_card_model *card;
	struct fb_core_geometry geometry;
	struct fb_root_faults faults;
	struct fb_root_memory memory;
	struct fb_root_counts counts;
	struct fb_card_io io;
	uint64_t cycles, draws, orders;
	char why[240];
	bool broken, down;

	/* configuration space */
	bool master, msix_enable, msix_mask;
	uint64_t master_back_at;        /* 0: bus mastering is not off for a while */
	uint64_t quiet_from;            /* from then on no packet may begin; 0: it may */
	uint64_t msix_off_from;         /* no message may begin from then on; 0: it may */
	uint32_t msix_table[4];         /* as the card has it */
	uint64_t flr_since;             /* 0: none is under way */

	/* requests */
	struct root_request posted[FB_ROOT_QUEUE];
	uint16_t line[FB_ROOT_QUEUE];   /* indices into posted; the free ones lie behind */
	unsigned first, queued;
	struct { struct root_request request; uint64_t due; } repeats[ROOT_REPEATS];
	unsigned repeating;
	struct root_read reads[FB_ROOT_READS];
	unsigned read_credits;

	/* the packet on CQ */
	struct root_request current;
	uint32_t words[ROOT_PACKET_DWORDS];
	unsigned count, sent;
	bool sending, offered;
	struct fb_card_beat beat;

	struct root_stream completions, writes;
	struct root_credit credit;
	struct root_seen seen[ROOT_VISIBLE];
	unsigned seen_first, seeing;
	uint64_t seen_due;              /* of the last one: they stay in order */
};

/* Stops everything with this text; only the first is kept. */
__attribute__((format(printf, 2, 3)))
void root_breach(struct fb_root *root, const char *format, ...);

static inline uint32_t root_below(struct fb_root *root, uint32_t n)
{
	return fb_mix_below(fb_mix(root->faults.seed ^ fb_mix(++root->draws)), n);
}

/* Whether a knob of this many percent strikes now. */
static inline bool root_strikes(struct fb_root *root, uint32_t percent)
{
	return percent && root_below(root, 100) < percent;
}

/* Dwords that a request covers; one for a read of no bytes. */
static inline uint32_t root_dwords(const struct root_request *request)
{
	uint32_t lead = (uint32_t)request->address & 3;
	return request->len ? (lead + request->len + 3) / 4 : 1;
}

static inline bool root_is_posted(unsigned type)
{
	return type == ROOT_WRITE || type >= ROOT_MESSAGE;
}

/* One cycle of the clock. */
void root_tick(struct fb_root *root);

static inline int root_gone(const struct fb_root *root)
{
	return root->broken ? -EPROTO : root->down ? -ENODEV : 0;
}

/* root_queue.c */
void root_queue_open(struct fb_root *root);
bool root_in_bar(int bar, uint64_t address, size_t len);
/* Steps until there is room: 0, -ENODEV or -EPROTO. */
int root_queue_put(struct fb_root *root, unsigned type, int bar, uint64_t address,
		   const uint8_t *bytes, uint32_t len);
/* `order` of the oldest write that waits. */
uint64_t root_queue_oldest(struct fb_root *root);
/* The next request to go to the card; false: none may go now. */
bool root_queue_next(struct fb_root *root, struct root_request *out);
/* FLR: what waits is lost, and so are the reads under way. */
void root_queue_forget(struct fb_root *root);

/* root_read.c: the oldest read that waits, when no older write is left and the card has room. */
bool root_read_next(struct fb_root *root, struct root_request *out);
void root_read_forget(struct fb_root *root);

/* root_offer.c: the beat on CQ in this cycle, or NULL; afterwards what became of it. */
const struct fb_card_beat *root_offer(struct fb_root *root);
void root_offered(struct fb_root *root, bool taken);

/* root_stream.c: one cycle of a stream. begins: a packet's first beat is on the output for the
 * first time; ends: its last was taken, words[0..count) hold it. */
struct root_event { bool begins, ends; };
struct root_event root_stream_cycle(struct fb_root *root, struct root_stream *stream, bool offered,
				    bool taken, const struct fb_card_beat *beat);

/* root_completion.c */
void root_completion(struct fb_root *root, const struct root_stream *stream);

/* root_posted.c */
void root_posted_begins(struct fb_root *root, const struct fb_card_beat *beat);
void root_posted_ends(struct fb_root *root, const struct root_stream *stream);

/* root_credit.c: what cfg_fc shows in this cycle; a packet that begins; its credits come back. */
void root_credit_open(struct fb_root *root);
void root_credit_cycle(struct fb_root *root);
void root_credit_begins(struct fb_root *root, uint32_t data, bool reserve);
void root_credit_ends(struct fb_root *root, uint32_t data);

/* root_visible.c */
bool root_visible_full(const struct fb_root *root);
void root_visible_put(struct fb_root *root, uint64_t address, const void *bytes, uint32_t len);
void root_visible_cycle(struct fb_root *root);

#endif
