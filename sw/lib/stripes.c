/* See stripes.h. */
#include "stripes.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool geometry_fits(const struct fb_core_geometry *g)
{
	/* place_lane, place_slot and place_row are 16 bits wide; `used` holds 64 lanes. */
	return g->group >= 1 && g->group <= 64 && g->lanes >= g->group &&
	       g->lanes % g->group == 0 && g->lanes <= 65536 && g->rows >= 1 && g->rows <= 65536 &&
	       g->accounts >= 1 && g->accounts <= 65536;
}

int fb_stripes_open(struct fb_stripes *s, const struct fb_core_geometry *geometry)
{
	if (!geometry_fits(geometry))
		return -EINVAL;
	uint32_t groups = geometry->lanes / geometry->group;
	size_t rows = (size_t)groups * geometry->rows;
	size_t chains = (size_t)groups * FB_SYMBOLS;
	size_t lane_symbols = (size_t)geometry->lanes * FB_SYMBOLS;
	*s = (struct fb_stripes){
		.geometry = *geometry,
		.groups = groups,
		.stripe = calloc(rows, sizeof(*s->stripe)),
		.head = calloc(chains, sizeof(*s->head)),
		.length = calloc(chains, sizeof(*s->length)),
		.count = calloc(lane_symbols, sizeof(*s->count)),
		.hole = calloc(lane_symbols, sizeof(*s->hole)),
		.free = calloc(rows, sizeof(*s->free)),
		.free_count = calloc(groups, sizeof(*s->free_count)),
	};
	if (!s->stripe || !s->head || !s->length || !s->count || !s->hole || !s->free ||
	    !s->free_count) {
		fb_stripes_close(s);
		return -ENOMEM;
	}
	fb_stripes_reset(s);
	return 0;
}

void fb_stripes_reset(struct fb_stripes *s)
{
	size_t chains = (size_t)s->groups * FB_SYMBOLS;
	size_t lane_symbols = (size_t)s->geometry.lanes * FB_SYMBOLS;
	_Static_assert(FB_STRIPE_NONE == UINT32_MAX, "memset below writes it");
	memset(s->head, 0xff, chains * sizeof(*s->head));
	memset(s->length, 0, chains * sizeof(*s->length));
	memset(s->count, 0, lane_symbols * sizeof(*s->count));
	memset(s->hole, 0xff, lane_symbols * sizeof(*s->hole));
	uint32_t rows = s->geometry.rows;
	for (uint32_t group = 0; group < s->groups; group++) {
		for (uint32_t row = 0; row < rows; row++) {
			*fb_stripes_at(s, group, row) = (struct fb_stripe){ .symbol = FB_SYMBOLS };
			s->free[(size_t)group * rows + row] = rows - 1 - row; /* low rows on top */
		}
		s->free_count[group] = rows;
	}
}

void fb_stripes_close(struct fb_stripes *s)
{
	free(s->stripe);
	free(s->head);
	free(s->length);
	free(s->count);
	free(s->hole);
	free(s->free);
	free(s->free_count);
	*s = (struct fb_stripes){ 0 };
}

static uint32_t *hole_of(const struct fb_stripes *s, uint32_t lane, uint16_t symbol)
{
	return &s->hole[(size_t)lane * FB_SYMBOLS + symbol];
}

static uint64_t lane_bit(const struct fb_stripes *s, uint32_t lane)
{
	return UINT64_C(1) << (lane % s->geometry.group);
}

/* Pushes a free stripe at the head of the chain; FB_STRIPE_NONE when there is none. */
static uint32_t push(struct fb_stripes *s, uint32_t group, uint16_t symbol)
{
	if (s->free_count[group] == 0)
		return FB_STRIPE_NONE;
	uint32_t row = s->free[(size_t)group * s->geometry.rows + --s->free_count[group]];
	uint32_t *head = &s->head[(size_t)group * FB_SYMBOLS + symbol];
	uint32_t *length = &s->length[(size_t)group * FB_SYMBOLS + symbol];
	struct fb_stripe *stripe = fb_stripes_at(s, group, row);
	assert(stripe->symbol == FB_SYMBOLS && stripe->used == 0);
	*stripe = (struct fb_stripe){
		.above = FB_STRIPE_NONE,
		.below = *head,
		.depth = *length,
		.symbol = symbol,
	};
	if (*head != FB_STRIPE_NONE)
		fb_stripes_at(s, group, *head)->above = row;
	*head = row;
	++*length;
	for (uint32_t i = 0; i < s->geometry.group; i++) {
		uint32_t *hole = hole_of(s, group * s->geometry.group + i, symbol);
		if (*hole == FB_STRIPE_NONE)
			*hole = row;
	}
	return row;
}

/* Pops the head, which is empty in all lanes. */
static void pop(struct fb_stripes *s, uint32_t group, uint16_t symbol)
{
	uint32_t *head = &s->head[(size_t)group * FB_SYMBOLS + symbol];
	uint32_t row = *head;
	struct fb_stripe *stripe = fb_stripes_at(s, group, row);
	assert(stripe->symbol == symbol && stripe->used == 0 && stripe->above == FB_STRIPE_NONE);
	*head = stripe->below;
	if (*head != FB_STRIPE_NONE)
		fb_stripes_at(s, group, *head)->above = FB_STRIPE_NONE;
	s->length[(size_t)group * FB_SYMBOLS + symbol]--;
	stripe->symbol = FB_SYMBOLS;
	s->free[(size_t)group * s->geometry.rows + s->free_count[group]++] = row;
	for (uint32_t i = 0; i < s->geometry.group; i++) {
		uint32_t *hole = hole_of(s, group * s->geometry.group + i, symbol);
		if (*hole == row)
			*hole = FB_STRIPE_NONE;
	}
}

uint32_t fb_stripes_take(struct fb_stripes *s, uint32_t lane, uint16_t symbol, bool *link)
{
	assert(lane < s->geometry.lanes && symbol < FB_SYMBOLS);
	uint32_t group = fb_stripes_group(s, lane);
	uint32_t *hole = hole_of(s, lane, symbol);
	uint32_t row = *hole;
	while (row != FB_STRIPE_NONE && (fb_stripes_at(s, group, row)->used & lane_bit(s, lane)))
		row = fb_stripes_at(s, group, row)->above;
	*hole = row;
	*link = row == FB_STRIPE_NONE;
	if (*link)
		row = push(s, group, symbol);
	if (row == FB_STRIPE_NONE)
		return row;
	struct fb_stripe *stripe = fb_stripes_at(s, group, row);
	stripe->used |= lane_bit(s, lane);
	*hole = stripe->above;
	s->count[(size_t)lane * FB_SYMBOLS + symbol]++;
	return row;
}

bool fb_stripes_give(struct fb_stripes *s, uint32_t lane, uint32_t row)
{
	assert(lane < s->geometry.lanes && row < s->geometry.rows);
	uint32_t group = fb_stripes_group(s, lane);
	struct fb_stripe *stripe = fb_stripes_at(s, group, row);
	assert(stripe->symbol < FB_SYMBOLS && (stripe->used & lane_bit(s, lane)));
	uint16_t symbol = stripe->symbol;
	stripe->used &= ~lane_bit(s, lane);
	s->count[(size_t)lane * FB_SYMBOLS + symbol]--;
	uint32_t *hole = hole_of(s, lane, symbol);
	if (*hole == FB_STRIPE_NONE || stripe->depth < fb_stripes_at(s, group, *hole)->depth)
		*hole = row;
	uint32_t head = s->head[(size_t)group * FB_SYMBOLS + symbol];
	if (fb_stripes_at(s, group, head)->used != 0)
		return false;
	pop(s, group, symbol);
	return true;
}
