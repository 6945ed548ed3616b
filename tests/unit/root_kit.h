/* A root complex with the fake card behind it, and host memory that it may write. */
#ifndef ROOT_KIT_H
#define ROOT_KIT_H

#include <errno.h>

#include "fake_endpoint.h"

#define HOST_BUS UINT64_C(0x123400000000)
#define HOST_BYTES 65536

static struct fb_root *root;
static uint8_t host[HOST_BYTES];
static unsigned host_writes;
static uint64_t host_last;              /* address of the last write */

static int host_write(void *context, uint64_t address, const void *bytes, size_t len)
{
	(void)context;
	host_writes++;
	host_last = address;
	if (address >> 20 == 0xfee)
		return 0;
	if (address < HOST_BUS || address - HOST_BUS + len > HOST_BYTES)
		return -EFAULT;
	memcpy(host + (address - HOST_BUS), bytes, len);
	return 0;
}

static int host_read(void *context, uint64_t address, void *bytes, size_t len)
{
	(void)context;
	if (address < HOST_BUS || address - HOST_BUS + len > HOST_BYTES)
		return -EFAULT;
	memcpy(bytes, host + (address - HOST_BUS), len);
	return 0;
}

static inline void kit_open(const struct fb_root_faults *faults)
{
	static const struct fb_root_memory memory = { NULL, host_write, host_read };
	struct fb_error error = { "" };
	memset(host, 0, sizeof(host));
	host_writes = 0;
	host_last = HOST_BUS;
	ck_assert_msg(fb_root_open_ops(&fake_ops, NULL, faults, &memory, &root, &error) == 0, "%s",
		      error.text);
	ck_assert_int_eq(fb_root_step(root, 8), 0); /* read credits are there */
}

static inline void kit_close(void)
{
	fb_root_close(root);
	root = NULL;
}

static inline struct fb_root_counts kit_counts(void)
{
	struct fb_root_counts counts;
	fb_root_counts(root, &counts);
	return counts;
}

/* Steps until the card's packets are out. */
static inline void kit_out(void)
{
	for (unsigned i = 0; i < 100000 && (fake.rq.n || fake.cc.n) && !*fb_root_why(root); i++)
		fb_root_step(root, 1);
}

#endif
