/* Reads, and other requests that wait for a completion: from the processor that asks to the bytes
 * that it gets. What no completion answers in time gives all ones, as on a machine. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "root_internal.h"

static int begin(struct fb_root *root, unsigned type, int bar, uint64_t address, uint32_t len)
{
	if (root_gone(root))
		return root_gone(root);
	for (unsigned i = 0; i < FB_ROOT_READS; i++) {
		struct root_read *read = &root->reads[i];
		if (read->used || (read->forgotten && root->flr_since))
			continue;
		memset(read, 0, offsetof(struct root_read, bytes));
		read->used = true;
		read->request.order = ++root->orders;
		read->request.type = (uint8_t)type;
		read->request.bar = (uint8_t)bar;
		read->request.address = address;
		read->request.len = len;
		/* Bits that the card must give back as they were. */
		read->request.tag = (uint8_t)(i | root_below(root, 8) << 5);
		read->request.attributes = (uint8_t)root_below(root, 8);
		read->request.traffic_class = (uint8_t)root_below(root, 8);
		read->left = len ? len : 1;
		read->deadline = root->cycles + FB_ROOT_READ_CYCLES;
		return (int)i;
	}
	return -EAGAIN;
}

int fb_root_read_begin(struct fb_root *root, int bar, uint64_t address, size_t len)
{
	if (!root_in_bar(bar, address, len) || len > 4096 - address % 4096)
		return -EINVAL;
	return begin(root, ROOT_READ, bar, address, (uint32_t)len);
}

/* Steps until the request of this tag is answered; 0, -ENODEV, -ETIMEDOUT or -EPROTO. */
static int finish(struct fb_root *root, int tag)
{
	struct root_read *read = &root->reads[tag];
	while (!read->done && !root_gone(root) && root->cycles < read->deadline)
		root_tick(root);
	read->used = false;
	if (read->done && !root->broken)
		return 0;
	return root_gone(root) ? root_gone(root) : -ETIMEDOUT;
}

int fb_root_read_end(struct fb_root *root, int tag, void *bytes, size_t len)
{
	if (tag < 0 || tag >= FB_ROOT_READS || !root->reads[tag].used ||
	    len != root->reads[tag].request.len)
		return -EINVAL;
	int rc = finish(root, tag);
	if (rc == 0)
		memcpy(bytes, root->reads[tag].bytes, len);
	else
		memset(bytes, 0xff, len);
	return rc;
}

int fb_root_read(struct fb_root *root, int bar, uint64_t address, void *bytes, size_t len)
{
	int tag = fb_root_read_begin(root, bar, address, len);
	if (tag >= 0)
		return fb_root_read_end(root, tag, bytes, len);
	memset(bytes, 0xff, len);
	return tag;
}

int fb_root_odd_request(struct fb_root *root, unsigned type, int bar, uint64_t address)
{
	static const uint8_t operand[8];
	bool message = type >= ROOT_MESSAGE && type <= ROOT_MESSAGE_LAST;
	if ((!message && (type < ROOT_IO_READ || type > ROOT_LOCKED_READ)) ||
	    !root_in_bar(bar, address, 8) || address % 4 != 0)
		return -EINVAL;
	if (root_gone(root))
		return root_gone(root);
	if (message)
		return root_queue_put(root, type, bar, address, operand, 4);
	int tag = begin(root, type, bar, address, type == ROOT_COMPARE_SWAP ? 8 : 4);
	if (tag < 0)
		return tag;
	memset(root->reads[tag].request.bytes, 0, 8);
	int rc = finish(root, tag);
	return rc < 0 ? rc : root->reads[tag].status;
}

/* The oldest read that waits, when no older write is left and the card has room for one. */
bool root_read_next(struct fb_root *root, struct root_request *out)
{
	struct root_read *oldest = NULL;
	if (root->read_credits == 0)
		return false;
	for (unsigned i = 0; i < FB_ROOT_READS; i++) {
		struct root_read *read = &root->reads[i];
		if (read->used && !read->sent && !read->forgotten &&
		    (!oldest || read->request.order < oldest->request.order))
			oldest = read;
	}
	if (!oldest || root_queue_oldest(root) < oldest->request.order)
		return false;
	oldest->sent = true;
	root->read_credits--;
	*out = oldest->request;
	return true;
}

void root_read_forget(struct fb_root *root)
{
	for (unsigned i = 0; i < FB_ROOT_READS; i++) {
		struct root_read *read = &root->reads[i];
		if (read->used && !read->done) {
			read->forgotten = true;
			read->deadline = root->cycles;
		}
	}
}
