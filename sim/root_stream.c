/* Beats of CC and RQ, gathered to packets. Rules of the user interface: what is offered stays until
 * it is taken; a packet has no holes; tkeep is a run of ones from the bottom, whole in every beat
 * but the last; the markers in tuser say what tlast says. */
#include <string.h>

#include "root_internal.h"

static uint32_t user_bits(const struct fb_card_beat *beat, unsigned at, unsigned width)
{
	uint64_t pair = beat->user[at / 32];
	if (at / 32 + 1 < 6)
		pair |= (uint64_t)beat->user[at / 32 + 1] << 32;
	return (uint32_t)(pair >> at % 32) & ((1u << width) - 1);
}

static bool same(const struct fb_card_beat *a, const struct fb_card_beat *b)
{
	return memcmp(a->data, b->data, sizeof(a->data)) == 0 &&
	       memcmp(a->user, b->user, sizeof(a->user)) == 0 && a->keep == b->keep &&
	       a->last == b->last;
}

/* Order of the 512-bit tuser: is_sop 2, two pointers of 2; is_eop 2, two pointers of 4; and
 * discontinue. */
static void check_markers(struct fb_root *root, const struct root_stream *s,
			  const struct fb_card_beat *beat, unsigned dwords)
{
	uint32_t sop = user_bits(beat, s->sop_bit, 2), at = user_bits(beat, s->sop_bit + 2, 2);
	uint32_t eop = user_bits(beat, s->sop_bit + 6, 2), end = user_bits(beat, s->sop_bit + 8, 4);
	if (sop != !s->open || at != 0)
		root_breach(root, "%s: is_sop %x at %u in a beat that %s a packet", s->name, sop,
			    at, s->open ? "goes on with" : "begins");
	else if (eop != beat->last || (eop && end != dwords - 1))
		root_breach(root, "%s: is_eop %x at dword %u, tlast %u, %u dwords", s->name, eop,
			    end, beat->last, dwords);
	else if (user_bits(beat, s->sop_bit + 16, 1))
		root_breach(root, "%s: discontinue", s->name);
}

static void check_beat(struct fb_root *root, const struct root_stream *s,
		       const struct fb_card_beat *beat)
{
	unsigned dwords = (unsigned)__builtin_popcount(beat->keep);
	if (beat->keep == 0 || beat->keep & (beat->keep + 1u))
		root_breach(root, "%s: tkeep %04x has holes", s->name, beat->keep);
	else if (!beat->last && dwords < 16)
		root_breach(root, "%s: tkeep %04x before the last beat", s->name, beat->keep);
	else if (s->count + dwords > ROOT_PACKET_DWORDS)
		root_breach(root, "%s: a packet of more than %u dwords", s->name,
			    ROOT_PACKET_DWORDS);
	else if (!s->open && dwords < s->descriptor_dwords)
		root_breach(root, "%s: a packet of %u dwords, less than its descriptor", s->name,
			    dwords);
	else
		check_markers(root, s, beat, dwords);
}

struct root_event root_stream_cycle(struct fb_root *root, struct root_stream *s, bool offered,
				    bool taken, const struct fb_card_beat *beat)
{
	struct root_event event = { 0 };
	if (!offered) {
		if (s->holding)
			root_breach(root, "%s: a beat was withdrawn before it was taken", s->name);
		else if (s->open)
			root_breach(root, "%s: tvalid fell in the middle of a packet", s->name);
		return event;
	}
	if (s->holding && !same(beat, &s->held))
		root_breach(root, "%s: a beat changed before it was taken", s->name);
	if (!s->holding) {
		event.begins = !s->open;
		if (!s->open)
			s->count = 0;
		check_beat(root, s, beat);
	}
	s->holding = !taken;
	s->held = *beat;
	if (!taken || root->broken)
		return event;
	if (!s->open)
		memcpy(s->first_user, beat->user, sizeof(s->first_user));
	unsigned dwords = (unsigned)__builtin_popcount(beat->keep);
	memcpy(&s->words[s->count], beat->data, 4 * dwords);
	s->count += dwords;
	s->open = !beat->last;
	event.ends = beat->last;
	return event;
}
