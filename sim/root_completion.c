/* Completions in, against the read that each answers: every field as the request had it, bytes in
 * their order, cut only where PCIe lets a completer cut. */
#include <string.h>

#include "root_internal.h"

#define BOUNDARY 128                    /* read completion boundary of an endpoint; our most too */
#define DESCRIPTOR 3

enum { SUCCESS = 0, UNSUPPORTED = 1 };

struct completion {
	uint32_t lower, address_type, byte_count, locked;
	uint32_t dwords, status, poisoned, requester;
	uint32_t tag, completer_enable, traffic_class, attributes, force_ecrc;
};

static struct completion unpack(const uint32_t *w)
{
	return (struct completion){
		.lower = w[0] & 0x7f,
		.address_type = w[0] >> 8 & 3,
		.byte_count = w[0] >> 16 & 0x1fff,
		.locked = w[0] >> 29 & 1,
		.dwords = w[1] & 0x7ff,
		.status = w[1] >> 11 & 7,
		.poisoned = w[1] >> 14 & 1,
		.requester = w[1] >> 16,
		.tag = w[2] & 0xff,
		.completer_enable = w[2] >> 24 & 1,
		.traffic_class = w[2] >> 25 & 7,
		.attributes = w[2] >> 28 & 7,
		.force_ecrc = w[2] >> 31,
	};
}

/* What every completion must give back. */
static bool check_common(struct fb_root *root, const struct completion *c,
			 const struct root_request *r)
{
	if (c->requester != ROOT_REQUESTER || c->traffic_class != r->traffic_class ||
	    c->attributes != r->attributes)
		root_breach(root,
			    "CC: requester %04x, class %u, attributes %u; the request of tag %u "
			    "had %04x, %u, %u",
			    c->requester, c->traffic_class, c->attributes, c->tag, ROOT_REQUESTER,
			    r->traffic_class, r->attributes);
	else if (c->address_type || c->poisoned || c->completer_enable || c->force_ecrc)
		root_breach(root, "CC: address type %u, poisoned %u, completer enable %u, ecrc %u",
			    c->address_type, c->poisoned, c->completer_enable, c->force_ecrc);
	else if (c->locked != (r->type == ROOT_LOCKED_READ))
		root_breach(root, "CC: locked %u for a request of type %u", c->locked, r->type);
	return !root->broken;
}

static void without_data(struct fb_root *root, struct root_read *read, const struct completion *c,
			 uint32_t dwords)
{
	if (read->request.type == ROOT_READ)
		root_breach(root, "CC: status %u for a read of a register", c->status);
	else if (c->status != UNSUPPORTED || c->dwords != 0 || dwords != 0 || c->byte_count != 4)
		root_breach(root,
			    "CC: expected an unsupported request of 4 bytes without payload, found "
			    "status %u, %u bytes, %u dwords, %u there",
			    c->status, c->byte_count, c->dwords, dwords);
	read->status = (uint8_t)c->status;
	read->done = true;
}

static void with_data(struct fb_root *root, struct root_read *read, const struct completion *c,
		      const uint32_t *payload, uint32_t dwords)
{
	const struct root_request *r = &read->request;
	uint64_t at = r->len ? r->address + read->come : r->address & ~UINT64_C(3);
	uint32_t lead = (uint32_t)at & 3;
	uint32_t bytes = dwords * 4 - lead;
	if (bytes > read->left)
		bytes = read->left;
	bool last = bytes == read->left;
	if (c->dwords != dwords || dwords == 0 || dwords > BOUNDARY / 4)
		root_breach(root, "CC: %u dwords in the descriptor, %u in the packet", c->dwords,
			    dwords);
	else if (c->byte_count != read->left || c->lower != (at & 0x7f))
		root_breach(root, "CC: expected %u bytes from %02x, found %u from %02x", read->left,
			    (unsigned)at & 0x7f, c->byte_count, c->lower);
	else if (dwords != (lead + bytes + 3) / 4)
		root_breach(root, "CC: %u dwords where %u bytes are left", dwords, read->left);
	else if (!last && (at + bytes) % BOUNDARY != 0)
		root_breach(root, "CC: a read is cut at %02x", (unsigned)(at + bytes) & 0xff);
	if (root->broken)
		return;
	if (r->len)
		memcpy(read->bytes + read->come, (const uint8_t *)payload + lead, bytes);
	read->come += bytes;
	read->left -= bytes;
	read->done = last;
}

void root_completion(struct fb_root *root, const struct root_stream *stream)
{
	struct completion c = unpack(stream->words);
	struct root_read *read = &root->reads[c.tag % FB_ROOT_READS];
	root->counts.completions++;
	if (read->forgotten && root->flr_since)
		return;
	if (!read->used || !read->sent || read->done || read->forgotten ||
	    read->request.tag != c.tag) {
		root_breach(root, "CC: a completion for tag %u, which nothing waits for", c.tag);
		return;
	}
	if (!check_common(root, &c, &read->request))
		return;
	uint32_t dwords = stream->count - DESCRIPTOR;
	if (c.status == SUCCESS && read->request.type == ROOT_READ)
		with_data(root, read, &c, stream->words + DESCRIPTOR, dwords);
	else
		without_data(root, read, &c, dwords);
}
