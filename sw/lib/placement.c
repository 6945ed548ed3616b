/* See placement.h. */
#include "placement.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mix.h"

/* Rows in a head; putting more of them anew would cost more commands than the stripe is worth. */
#define HEAD_FEW 2

int fb_placement_open(struct fb_placement *p, const struct fb_structure *structure,
		      enum fb_place_policy policy, uint64_t seed)
{
	const struct fb_core_geometry *g = &structure->stripes.geometry;
	*p = (struct fb_placement){ .structure = structure, .policy = policy, .seed = seed };
	p->announced = calloc((size_t)g->lanes * FB_SYMBOLS, sizeof(*p->announced));
	p->lane_announced = calloc(g->lanes, sizeof(*p->lane_announced));
	p->height = calloc((size_t)FB_HINT_SYMBOLS * structure->stripes.groups, sizeof(*p->height));
	if (p->announced && p->lane_announced && p->height)
		return 0;
	fb_placement_close(p);
	return -ENOMEM;
}

void fb_placement_reset(struct fb_placement *p)
{
	const struct fb_core_geometry *g = &p->structure->stripes.geometry;
	memset(p->announced, 0, (size_t)g->lanes * FB_SYMBOLS * sizeof(*p->announced));
	memset(p->lane_announced, 0, g->lanes * sizeof(*p->lane_announced));
	memset(p->hint, 0, sizeof(p->hint));
	p->advised = p->taken = 0;
}

void fb_placement_close(struct fb_placement *p)
{
	free(p->announced);
	free(p->lane_announced);
	free(p->height);
	*p = (struct fb_placement){ 0 };
}

static struct fb_hint *hint_of(struct fb_placement *p, uint32_t account)
{
	return &p->hint[fb_mix(account) % FB_HINTS];
}

void fb_placement_expect(struct fb_placement *p, uint32_t account, const uint16_t *symbols,
			 size_t n)
{
	struct fb_hint *hint = hint_of(p, account);
	hint->account = account;
	hint->symbols = 0;
	for (size_t i = 0; i < n; i++) {
		if (symbols[i] >= FB_SYMBOLS)
			continue;
		unsigned k = 0;
		while (k < hint->symbols && hint->symbol[k] != symbols[i])
			k++;
		if (k == FB_HINT_SYMBOLS)
			continue;
		if (k == hint->symbols) {
			hint->symbol[k] = symbols[i];
			hint->rows[k] = 0;
			hint->symbols++;
		}
		if (hint->rows[k] < FB_ROWS_PER_ACCOUNT)
			hint->rows[k]++;
	}
}

/* Rows of the symbol that the lane has or has been promised. */
static uint32_t load(const struct fb_placement *p, uint32_t lane, uint16_t symbol)
{
	return fb_stripes_count(&p->structure->stripes, lane, symbol) +
	       p->announced[(size_t)lane * FB_SYMBOLS + symbol];
}

static bool has_slot(const struct fb_placement *p, uint32_t lane)
{
	return p->structure->lane_accounts[lane] < p->structure->stripes.geometry.accounts;
}

/* For every symbol of the hint: the stripes that each group walks (height), and the most of any
 * group (highest). */
static void measure(struct fb_placement *p, const struct fb_hint *hint, uint32_t *highest)
{
	const struct fb_stripes *stripes = &p->structure->stripes;
	uint32_t width = stripes->geometry.group;
	for (unsigned k = 0; k < hint->symbols; k++) {
		highest[k] = 0;
		for (uint32_t group = 0; group < stripes->groups; group++) {
			uint32_t height = fb_stripes_length(stripes, group, hint->symbol[k]);
			for (uint32_t lane = group * width; lane < (group + 1) * width; lane++) {
				uint32_t rows = load(p, lane, hint->symbol[k]);
				height = rows > height ? rows : height;
			}
			p->height[k * stripes->groups + group] = height;
			highest[k] = height > highest[k] ? height : highest[k];
		}
	}
}

/* A lane's merit; less is better, compared member by member. */
struct cost {
	uint32_t full;     /* 1: its group may lack stripes */
	uint32_t over;     /* stripes by which symbols would exceed any group's longest chain */
	uint32_t growth;   /* stripes that the group's chains would grow by */
	uint32_t stripes;  /* stripes in the group's chains */
	uint32_t rows;     /* rows the lane has or has been promised */
	uint32_t accounts; /* in the lane */
};

static bool cheaper(const struct cost *a, const struct cost *b)
{
	if (a->full != b->full)
		return a->full < b->full;
	if (a->over != b->over)
		return a->over < b->over;
	if (a->growth != b->growth)
		return a->growth < b->growth;
	if (a->stripes != b->stripes)
		return a->stripes < b->stripes;
	if (a->rows != b->rows)
		return a->rows < b->rows;
	return a->accounts < b->accounts;
}

static uint32_t excess(uint32_t rows, uint32_t stripes)
{
	return rows > stripes ? rows - stripes : 0;
}

static struct cost cost_of(const struct fb_placement *p, uint32_t lane, const struct fb_hint *hint,
			   const uint32_t *highest)
{
	const struct fb_structure *s = p->structure;
	uint32_t group = fb_stripes_group(&s->stripes, lane);
	struct cost cost = {
		.stripes = s->stripes.geometry.rows - s->stripes.free_count[group],
		.rows = s->lane_rows[lane] + p->lane_announced[lane],
		.accounts = s->lane_accounts[lane],
	};
	for (unsigned k = 0; k < hint->symbols; k++) {
		uint32_t rows = load(p, lane, hint->symbol[k]) + hint->rows[k];
		cost.over += excess(rows, highest[k]);
		cost.growth += excess(rows, p->height[k * s->stripes.groups + group]);
	}
	cost.full = cost.growth > s->stripes.free_count[group];
	return cost;
}

static uint32_t choose_by_load(struct fb_placement *p, const struct fb_hint *hint)
{
	uint32_t highest[FB_HINT_SYMBOLS], best = FB_LANE_NONE;
	struct cost best_cost = { 0 };
	measure(p, hint, highest);
	for (uint32_t lane = 0; lane < p->structure->stripes.geometry.lanes; lane++) {
		if (!has_slot(p, lane))
			continue;
		struct cost cost = cost_of(p, lane, hint, highest);
		if (best == FB_LANE_NONE || cheaper(&cost, &best_cost)) {
			best = lane;
			best_cost = cost;
		}
	}
	return best;
}

static uint32_t choose_at_random(const struct fb_placement *p, uint32_t account)
{
	uint32_t lanes = p->structure->stripes.geometry.lanes;
	uint32_t first = fb_mix_below(fb_mix(p->seed ^ fb_mix(account)), lanes);
	for (uint32_t i = 0; i < lanes; i++)
		if (has_slot(p, (first + i) % lanes))
			return (first + i) % lanes;
	return FB_LANE_NONE;
}

uint32_t fb_placement_choose(struct fb_placement *p, uint32_t account)
{
	if (p->policy == FB_PLACE_RANDOM)
		return choose_at_random(p, account);
	static const struct fb_hint none;
	struct fb_hint *hint = hint_of(p, account);
	bool hinted = hint->symbols && hint->account == account;
	uint32_t lane = choose_by_load(p, hinted ? hint : &none);
	if (!hinted || lane == FB_LANE_NONE)
		return lane;
	for (unsigned k = 0; k < hint->symbols; k++) {
		uint16_t *announced = &p->announced[(size_t)lane * FB_SYMBOLS + hint->symbol[k]];
		uint16_t room = (uint16_t)(UINT16_MAX - *announced);
		uint16_t rows = hint->rows[k] < room ? hint->rows[k] : room;
		*announced = (uint16_t)(*announced + rows);
		p->lane_announced[lane] += rows;
	}
	hint->symbols = 0;
	return lane;
}

/* Names an account unless it was named lately: it may have found no better lane. */
static void name(struct fb_placement *p, uint32_t account)
{
	for (uint64_t i = p->advised > FB_ADVICE ? p->advised - FB_ADVICE : 0; i < p->advised; i++)
		if (p->advice[i % FB_ADVICE] == account)
			return;
	p->advice[p->advised++ % FB_ADVICE] = account;
	if (p->advised - p->taken > FB_ADVICE)
		p->taken = p->advised - FB_ADVICE;
}

/* A chain is too long when it exceeds by a quarter what it would be with the symbol's rows
 * spread over all lanes: less than that saves few cycles for many commands
 * (tests/cycles/cyclemodel.c prints both). */
static bool too_long(const struct fb_structure *s, uint32_t group, uint16_t symbol)
{
	uint32_t lanes = s->stripes.geometry.lanes;
	uint64_t even = (s->symbol_rows[symbol] + lanes - 1) / lanes;
	return 4 * (uint64_t)fb_stripes_length(&s->stripes, group, symbol) > 5 * even;
}

void fb_placement_row_added(struct fb_placement *p, uint32_t account, uint32_t lane,
			    uint16_t symbol, bool link)
{
	uint16_t *announced = &p->announced[(size_t)lane * FB_SYMBOLS + symbol];
	if (*announced) {
		--*announced;
		p->lane_announced[lane]--;
	}
	if (link && p->policy == FB_PLACE_LOAD &&
	    too_long(p->structure, fb_stripes_group(&p->structure->stripes, lane), symbol))
		name(p, account);
}

/* When the head holds few rows and all their lanes have holes nearer the tail, putting these
 * rows anew shortens the chain. */
void fb_placement_row_removed(struct fb_placement *p, uint32_t lane, uint16_t symbol)
{
	const struct fb_stripes *stripes = &p->structure->stripes;
	uint32_t group = fb_stripes_group(stripes, lane), first = group * stripes->geometry.group;
	uint32_t head = stripes->head[(size_t)group * FB_SYMBOLS + symbol];
	if (head == FB_STRIPE_NONE)
		return;
	uint64_t used = fb_stripes_at(stripes, group, head)->used;
	if (__builtin_popcountll(used) > HEAD_FEW)
		return;
	for (uint64_t rest = used; rest; rest &= rest - 1) {
		uint32_t last = first + (uint32_t)__builtin_ctzll(rest);
		if (fb_stripes_count(stripes, last, symbol) ==
		    fb_stripes_length(stripes, group, symbol))
			return;
	}
	for (uint64_t rest = used; rest; rest &= rest - 1) {
		uint32_t last = first + (uint32_t)__builtin_ctzll(rest);
		name(p, p->structure->row_account[(size_t)last * stripes->geometry.rows + head]);
	}
}

bool fb_placement_advise(struct fb_placement *p, uint32_t *account)
{
	while (p->taken < p->advised) {
		uint32_t seat;
		*account = p->advice[p->taken++ % FB_ADVICE];
		if (fb_structure_find_account(p->structure, *account, &seat) &&
		    p->structure->seat[seat].rows &&
		    p->structure->seat[seat].rows <= FB_HINT_SYMBOLS)
			return true;
	}
	return false;
}
