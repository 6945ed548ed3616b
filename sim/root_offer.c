/* Requests out: one packet at a time on CQ, 512 bits a beat, dword-aligned, no straddling. The
 * positions of fields are those of the PCIE4 block. */
#include <string.h>

#include <firebreak/layout.h>

#include "root_internal.h"

#define BAR0_BASE UINT64_C(0xfe000000)
#define BAR2_BASE UINT64_C(0x383ffff00000)
#define BAR0_LOG2 16
#define BAR2_LOG2 14
#define DESCRIPTOR 4

enum { FIRST_BE = 0, LAST_BE = 8, BYTE_EN = 16, IS_SOP = 80, IS_EOP = 86, EOP_PTR = 88 };

static void set_bits(uint32_t *words, unsigned at, unsigned width, uint32_t value)
{
	for (unsigned i = 0; i < width; i++)
		if (value >> i & 1)
			words[(at + i) / 32] |= 1u << (at + i) % 32;
}

/* Byte enables of the first dword, and of the last when there is another. */
static void enables(const struct root_request *r, uint32_t *first, uint32_t *last)
{
	uint32_t lead = (uint32_t)r->address & 3;
	uint32_t dwords = root_dwords(r);
	uint32_t end = dwords * 4 - lead - (r->len ? r->len : 0);
	*first = 0xfu << lead & 0xf;
	*last = 0xfu >> end;
	if (dwords > 1)
		return;
	*first = r->len ? *first & *last : 0;
	*last = 0;
}

static bool has_payload(unsigned type)
{
	return root_is_posted(type) ||
	       (type >= ROOT_IO_WRITE && type <= ROOT_COMPARE_SWAP);
}

static void pack(struct fb_root *root)
{
	const struct root_request *r = &root->current;
	uint64_t base = r->bar == 0 ? BAR0_BASE : BAR2_BASE;
	uint32_t aperture = r->bar == 0 ? BAR0_LOG2 : BAR2_LOG2;
	uint32_t dwords = root_dwords(r);
	memset(root->words, 0, sizeof(root->words));
	root->words[0] = (uint32_t)((base + r->address) & ~UINT64_C(3));
	root->words[1] = (uint32_t)((base + r->address) >> 32);
	root->words[2] = dwords | (uint32_t)r->type << 11 | (uint32_t)ROOT_REQUESTER << 16;
	root->words[3] = r->tag | (uint32_t)r->bar << 16 | aperture << 19 |
			 (uint32_t)r->traffic_class << 25 | (uint32_t)r->attributes << 28;
	root->count = DESCRIPTOR;
	if (!has_payload(r->type))
		return;
	memcpy((uint8_t *)&root->words[DESCRIPTOR] + (r->address & 3), r->bytes, r->len);
	root->count += dwords;
}

static void build_beat(struct fb_root *root)
{
	struct fb_card_beat *beat = &root->beat;
	unsigned n = root->count - root->sent < 16 ? root->count - root->sent : 16;
	uint32_t first, last;
	enables(&root->current, &first, &last);
	memset(beat, 0, sizeof(*beat));
	memcpy(beat->data, &root->words[root->sent], 4 * n);
	beat->keep = (uint16_t)((1u << n) - 1);
	beat->last = root->sent + n == root->count;
	for (unsigned i = 0; i < n; i++) {
		unsigned at = root->sent + i;
		if (at < DESCRIPTOR)
			continue;
		uint32_t enable = at == DESCRIPTOR ? first : at + 1 == root->count ? last : 0xf;
		set_bits(beat->user, BYTE_EN + 4 * i, 4, enable);
	}
	if (root->sent == 0) {
		set_bits(beat->user, FIRST_BE, 4, first);
		set_bits(beat->user, LAST_BE, 4, last);
		set_bits(beat->user, IS_SOP, 2, 1);
	}
	if (beat->last) {
		set_bits(beat->user, IS_EOP, 2, 1);
		set_bits(beat->user, EOP_PTR, 4, n - 1);
	}
}

const struct fb_card_beat *root_offer(struct fb_root *root)
{
	if (!root->sending) {
		root->sending = root_queue_next(root, &root->current);
		if (!root->sending)
			return NULL;
		root->sent = 0;
		pack(root);
	}
	if (!root->offered && root_strikes(root, root->faults.cq_pause)) {
		root->counts.cq_pause++;
		return NULL;
	}
	if (!root->offered)
		build_beat(root);
	root->offered = true;
	return &root->beat;
}

/* Registers that the root must know to judge what the card sends. */
static void snoop(struct fb_root *root)
{
	const struct root_request *r = &root->current;
	if (r->type != ROOT_WRITE || r->bar != 0)
		return;
	uint64_t end = r->address + r->len;
	if (r->address <= FB_REG_SESSION && end >= FB_REG_SESSION + 4 && root->master &&
	    !root->flr_since)
		root->quiet_from = 0;
	for (uint32_t i = 0; i < r->len; i++) {
		uint64_t at = r->address + i - FB_MSIX_TABLE;
		if (at < sizeof(root->msix_table))
			((uint8_t *)root->msix_table)[at] = r->bytes[i];
	}
}

void root_offered(struct fb_root *root, bool taken)
{
	if (!root->offered)
		return;
	if (!taken) {
		root_breach(root, "CQ: a beat was not taken in the cycle in which it came");
		return;
	}
	root->offered = false;
	root->sent += 16;
	if (root->sent < root->count)
		return;
	root->sending = false;
	if (root->current.type == ROOT_READ)
		root->counts.reads++;
	else
		root->counts.writes += root->current.type == ROOT_WRITE;
	snoop(root);
}
