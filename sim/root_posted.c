/* What the card writes: memory writes of one record, or of one dword for the interrupt, with every
 * attribute off; and none that begins after bus mastering went off or a reset of the function
 * began, until a session is opened. */
#include <string.h>

#include <firebreak/layout.h>

#include "root_internal.h"

#define DESCRIPTOR 4
#define RECORD_DWORDS (FB_WORD_BYTES / 4)
#define KIND_DWORD 2                    /* of a record; its lowest byte */

enum { MSIX_ADDRESS = 0, MSIX_ADDRESS_HIGH = 1, MSIX_DATA = 2 };

static uint32_t data_credits(uint32_t dwords)
{
	return (dwords + 3) / 4;
}

void root_posted_begins(struct fb_root *root, const struct fb_card_beat *beat)
{
	uint32_t dwords = beat->data[2] & 0x7ff;
	bool record = dwords == RECORD_DWORDS &&
		      (beat->data[DESCRIPTOR + KIND_DWORD] & 0xff) != FB_REC_STATUS;
	if (root->quiet_from && root->cycles >= root->quiet_from)
		root_breach(root, "RQ: a packet begins %s and before a session",
			    root->flr_since ? "in a reset of the function"
			    : root->master  ? "after bus mastering was off or a reset"
					    : "without bus mastering");
	root_credit_begins(root, data_credits(dwords), !record);
}

static void check_descriptor(struct fb_root *root, const uint32_t *w, uint32_t first_user,
			     uint32_t second_user, uint32_t dwords)
{
	uint32_t type = w[2] >> 11 & 0xf;
	uint32_t first = first_user & 0xff, last = first_user >> 8 & 0xff;
	if (type != ROOT_WRITE || (w[2] & 0x7ff) != dwords)
		root_breach(root, "RQ: type %u, %u dwords in the descriptor, %u in the packet",
			    type, w[2] & 0x7ff, dwords);
	else if (w[0] & 3 || w[2] >> 15 & 1 || w[3] >> 24 & 1 || w[3] >> 31)
		root_breach(root, "RQ: address type %u, poisoned %u, requester enable %u, ecrc %u",
			    w[0] & 3, w[2] >> 15 & 1, w[3] >> 24 & 1, w[3] >> 31);
	else if (w[3] >> 25 & 0x3f)
		root_breach(root, "RQ: class %u, attributes %u where all are 0", w[3] >> 25 & 7,
			    w[3] >> 28 & 7);
	else if (first != 0xf || last != (dwords > 1 ? 0xf : 0))
		root_breach(root, "RQ: byte enables %02x and %02x of %u dwords", first, last,
			    dwords);
	else if (first_user >> 16 & 0xf || second_user >> 5 & 3)
		root_breach(root, "RQ: address offset %u, hints %u", first_user >> 16 & 0xf,
			    second_user >> 5 & 3);
}

static void check_message(struct fb_root *root, uint64_t address, uint32_t data)
{
	uint64_t vector = (uint64_t)root->msix_table[MSIX_ADDRESS_HIGH] << 32 |
			  root->msix_table[MSIX_ADDRESS];
	if (address != vector || data != root->msix_table[MSIX_DATA])
		root_breach(root, "RQ: a dword %08x to %llx; the vector is %08x to %llx", data,
			    (unsigned long long)address, root->msix_table[MSIX_DATA],
			    (unsigned long long)vector);
	else if (root->msix_off_from && root->cycles >= root->msix_off_from)
		root_breach(root, "RQ: an interrupt that is masked or not enabled");
}

void root_posted_ends(struct fb_root *root, const struct root_stream *stream)
{
	const uint32_t *w = stream->words;
	uint32_t dwords = stream->count - DESCRIPTOR;
	uint64_t address = (uint64_t)w[1] << 32 | (w[0] & ~UINT32_C(3));
	check_descriptor(root, w, stream->first_user[0], stream->first_user[1], dwords);
	if (dwords == 0 || address / 4096 != (address + 4 * dwords - 1) / 4096)
		root_breach(root, "RQ: %u dwords at %llx cross a page", dwords,
			    (unsigned long long)address);
	else if (dwords == 1)
		check_message(root, address, w[DESCRIPTOR]);
	else if (dwords != RECORD_DWORDS || address % FB_WORD_BYTES != 0)
		root_breach(root, "RQ: %u dwords at %llx are not one aligned record", dwords,
			    (unsigned long long)address);
	root_credit_ends(root, data_credits(dwords));
	root->counts.card_writes++;
	if (!root->broken)
		root_visible_put(root, address, w + DESCRIPTOR, 4 * dwords);
}
