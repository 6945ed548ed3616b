/* Posted credits: a pool that packets draw from and that fills again behind them. cfg_fc shows what
 * is free, late by ROOT_CREDIT_LAG; the card must count what it has sent since. In a starved span
 * cfg_fc shows none, and nothing comes back.
 *
 * The pool itself is exact: a packet that begins without its credits is a breach. What is kept for
 * records (card.md 4) and starvation are judged by what cfg_fc has lately shown, for a packet may
 * be on its way through the card. */
#include <assert.h>
#include <string.h>

#include "root_internal.h"

#define HEADERS_MOST 255
#define DATA_PER_HEADER 4
#define RETURN_CYCLES 16
#define STARVE_SPAN 64
#define RESERVED_HEADERS 4
#define RESERVED_DATA 16

void root_credit_open(struct fb_root *root)
{
	struct root_credit *c = &root->credit;
	uint32_t scarce = root->faults.credits ? root->faults.credits : HEADERS_MOST;
	c->headers = root->faults.seed % 3 == 2 ? HEADERS_MOST : scarce;
	c->data = DATA_PER_HEADER * (root->faults.seed % 3 == 1 ? HEADERS_MOST : scarce);
	for (unsigned i = 0; i <= ROOT_CREDIT_LAG; i++) {
		c->free_headers[i] = c->headers;
		c->free_data[i] = c->data;
	}
}

static bool starved(const struct fb_root *root)
{
	uint64_t span = root->cycles / STARVE_SPAN;
	return root->faults.starve &&
	       fb_mix_below(fb_mix(root->faults.seed + fb_mix(span)), 100) < root->faults.starve;
}

static void come_back(struct fb_root *root)
{
	struct root_credit *c = &root->credit;
	while (c->returning > 0 && c->returns[c->first].due <= root->cycles) {
		c->used_headers--;
		c->used_data -= c->returns[c->first].data;
		c->first = (c->first + 1) % ROOT_RETURNS;
		c->returning--;
	}
}

void root_credit_cycle(struct fb_root *root)
{
	struct root_credit *c = &root->credit;
	bool none = starved(root);
	if (none)
		root->counts.starve++;
	else
		come_back(root);
	memmove(c->free_headers + 1, c->free_headers, sizeof(uint32_t) * ROOT_CREDIT_LAG);
	memmove(c->free_data + 1, c->free_data, sizeof(uint32_t) * ROOT_CREDIT_LAG);
	c->free_headers[0] = c->headers - c->used_headers;
	c->free_data[0] = c->data - c->used_data;
	root->counts.posted_waits += none || c->free_headers[0] == 0 || c->free_data[0] == 0;
	memmove(c->shown_headers + 1, c->shown_headers,
		sizeof(uint32_t) * (ROOT_CREDIT_MEMORY - 1));
	memmove(c->shown_data + 1, c->shown_data, sizeof(uint32_t) * (ROOT_CREDIT_MEMORY - 1));
	c->shown_headers[0] = none ? 0 : c->free_headers[ROOT_CREDIT_LAG];
	c->shown_data[0] = none ? 0 : c->free_data[ROOT_CREDIT_LAG];
	root->io.posted_headers = (uint8_t)c->shown_headers[0];
	root->io.posted_data = (uint16_t)c->shown_data[0];
}

static bool lately_shown(const struct root_credit *c, uint32_t headers, uint32_t data)
{
	for (unsigned i = 0; i < ROOT_CREDIT_MEMORY; i++)
		if (c->shown_headers[i] >= headers && c->shown_data[i] >= data)
			return true;
	return false;
}

void root_credit_begins(struct fb_root *root, uint32_t data, bool reserve)
{
	struct root_credit *c = &root->credit;
	uint32_t headers = c->headers - c->used_headers, free_data = c->data - c->used_data;
	if (headers < 1 || free_data < data) {
		root_breach(root,
			    "RQ: %u data credits drawn with %u headers and %u data left", data,
			    headers, free_data);
		return;
	}
	if (!lately_shown(c, 1 + (reserve ? RESERVED_HEADERS : 0),
			  data + (reserve ? RESERVED_DATA : 0)))
		root_breach(root, "RQ: %u data credits%s drawn; cfg_fc shows %u and %u", data,
			    reserve ? " that are for no record" : "", c->shown_headers[0],
			    c->shown_data[0]);
	c->used_headers++;
	c->used_data += data;
}

void root_credit_ends(struct fb_root *root, uint32_t data)
{
	struct root_credit *c = &root->credit;
	assert(c->returning < ROOT_RETURNS);
	unsigned at = (c->first + c->returning++) % ROOT_RETURNS;
	c->returns[at].due = root->cycles + RETURN_CYCLES;
	c->returns[at].data = data;
}
