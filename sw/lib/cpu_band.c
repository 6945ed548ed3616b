/* The ranges of all rows of a symbol, in a tree that knows the tightest of each part.
 *
 * Rows stand at places 0..rows-1 of their symbol; the digits of a place to the base of 64 are the
 * way from the root to it. A row that goes is replaced by the last one. So the tree is always full,
 * its depth is that of its last place, and nothing is ever balanced. */
#include <assert.h>
#include <errno.h>
#include <math.h>

#include "cpu.h"
#include "fetch.h"

#define DIGIT_BITS 6u
_Static_assert(CPU_FAN == 1u << DIGIT_BITS, "a place's digits are its way");

static const struct cpu_band nowhere = { INFINITY, -INFINITY };
static const struct cpu_band everywhere = { -INFINITY, INFINITY };

int cpu_band_open(struct cpu *c)
{
	/* A symbol has at most one node per level that is not full. */
	c->nodes_max = c->rows_max / (CPU_FAN - 1) + CPU_DEPTH * FB_SYMBOLS;
	c->node = cpu_room((size_t)c->nodes_max * sizeof(*c->node), false);
	return c->node ? 0 : -ENOMEM;
}

void cpu_band_close(struct cpu *c)
{
	cpu_room_free(c->node, (size_t)c->nodes_max * sizeof(*c->node));
}

void cpu_band_clear(struct cpu *c)
{
	for (unsigned s = 0; s < FB_SYMBOLS; s++) {
		c->symbol[s] = (struct cpu_symbol){ .root = CPU_NONE,
						    .lo = -INFINITY,
						    .hi = INFINITY };
		c->u[s] = 0;
	}
	c->u[FB_SYMBOLS] = 1;
	c->nodes = 0;
	c->free_node = CPU_NONE;
	c->marked_n = 0;
}

static uint32_t node_new(struct cpu *c)
{
	uint32_t n = c->free_node;
	if (n == CPU_NONE) {
		assert(c->nodes < c->nodes_max);
		n = c->nodes++;
	} else {
		c->free_node = c->node[n].child[0];
	}
	for (unsigned i = 0; i < CPU_FAN; i++) {
		c->node[n].lo[i] = everywhere.lo;
		c->node[n].hi[i] = everywhere.hi;
		c->node[n].child[i] = CPU_NONE;
	}
	return n;
}

static void node_free(struct cpu *c, uint32_t n)
{
	c->node[n].child[0] = c->free_node;
	c->free_node = n;
}

static unsigned digit(uint32_t place, unsigned level)
{
	return place >> DIGIT_BITS * level & (CPU_FAN - 1);
}

/* The nodes from the root (path[depth - 1]) down to the one that holds the row (path[0]), which is
 * returned. */
static uint32_t walk(const struct cpu *c, const struct cpu_symbol *s, uint32_t place,
		 uint32_t path[CPU_DEPTH])
{
	uint32_t n = s->root;
	for (unsigned level = s->depth; level-- > 0;) {
		path[level] = n;
		if (level > 0)
			n = c->node[n].child[digit(place, level)];
	}
	return n;
}

/* Writes a range and what follows from it upwards. A node is looked through only where its tightest
 * range was this one and becomes wider; nearly always its parent knows better. */
static void set(struct cpu *c, struct cpu_symbol *s, uint32_t place, struct cpu_band band)
{
	uint32_t path[CPU_DEPTH];
	walk(c, s, place, path);
	for (unsigned level = 0; level < s->depth; level++) {
		struct cpu_node *n = &c->node[path[level]];
		unsigned i = digit(place, level), up = digit(place, level + 1u);
		bool root = level + 1u == s->depth;
		float *lo = root ? &s->lo : &c->node[path[level + 1]].lo[up],
		      *hi = root ? &s->hi : &c->node[path[level + 1]].hi[up];
		bool wider = (n->lo[i] >= *lo && band.lo < *lo) ||
			     (n->hi[i] <= *hi && band.hi > *hi);
		bool tighter = band.lo > *lo || band.hi < *hi;
		n->lo[i] = band.lo;
		n->hi[i] = band.hi;
		if (!wider && !tighter)
			return;
		if (wider) {
			band = c->kernels->tightest(n);
		} else {
			band.lo = band.lo > *lo ? band.lo : *lo;
			band.hi = band.hi < *hi ? band.hi : *hi;
		}
		if (root) {
			*lo = band.lo;
			*hi = band.hi;
		}
	}
}

/* A deeper tree, whose first child is the one so far. */
static void grow(struct cpu *c, struct cpu_symbol *s)
{
	uint32_t root = node_new(c);
	if (s->root != CPU_NONE) {
		c->node[root].child[0] = s->root;
		c->node[root].lo[0] = s->lo;
		c->node[root].hi[0] = s->hi;
	}
	s->root = root;
	s->depth++;
	assert(s->depth <= CPU_DEPTH);
}

void cpu_band_add(struct cpu *c, uint32_t row)
{
	struct cpu_row *r = &c->row[row];
	struct cpu_symbol *s = &c->symbol[r->symbol];
	uint32_t place = s->rows++;
	r->at = place;
	while (s->depth == 0 || place >> DIGIT_BITS * s->depth != 0)
		grow(c, s);
	uint32_t n = s->root;
	for (unsigned level = s->depth - 1u; level > 0; level--) {
		uint32_t *child = &c->node[n].child[digit(place, level)];
		if (*child == CPU_NONE)
			*child = node_new(c);
		n = *child;
	}
	c->node[n].child[digit(place, 0)] = row;
	set(c, s, place, nowhere);
}

/* Takes the last place away, and the nodes that only it kept. */
static void shrink(struct cpu *c, struct cpu_symbol *s)
{
	uint32_t place = --s->rows, path[CPU_DEPTH];
	set(c, s, place, everywhere);
	walk(c, s, place, path);
	for (unsigned level = 0; level < s->depth; level++) {
		c->node[path[level]].child[digit(place, level)] = CPU_NONE;
		if (digit(place, level) != 0)
			break;
		node_free(c, path[level]);
		if (level + 1u == s->depth)
			s->root = CPU_NONE;
	}
	if (s->root == CPU_NONE) {
		s->depth = 0;
		return;
	}
	while (s->depth > 1 && (s->rows - 1) >> DIGIT_BITS * (s->depth - 1u) == 0) {
		uint32_t only = c->node[s->root].child[0];
		node_free(c, s->root);
		s->root = only;
		s->depth--;
	}
}

void cpu_band_remove(struct cpu *c, uint32_t row)
{
	struct cpu_symbol *s = &c->symbol[c->row[row].symbol];
	uint32_t place = c->row[row].at, path[CPU_DEPTH];
	assert(s->rows > 0);
	uint32_t last = c->node[walk(c, s, s->rows - 1, path)].child[digit(s->rows - 1, 0)];
	if (last != row) {
		struct cpu_band band = cpu_band_get(c, &c->row[last]);
		c->node[walk(c, s, place, path)].child[digit(place, 0)] = last;
		c->row[last].at = place;
		set(c, s, place, band);
	}
	shrink(c, s);
}

void cpu_band_set(struct cpu *c, const struct cpu_row *row, struct cpu_band band)
{
	set(c, &c->symbol[row->symbol], row->at, band);
}

struct cpu_band cpu_band_get(const struct cpu *c, const struct cpu_row *row)
{
	uint32_t path[CPU_DEPTH];
	const struct cpu_node *n =
		&c->node[walk(c, &c->symbol[row->symbol], row->at, path)];
	unsigned i = digit(row->at, 0);
	return (struct cpu_band){ n->lo[i], n->hi[i] };
}

void cpu_band_fetch(const struct cpu *c, const struct cpu_row *row)
{
	uint32_t path[CPU_DEPTH];
	const struct cpu_node *n =
		&c->node[walk(c, &c->symbol[row->symbol], row->at, path)];
	unsigned i = digit(row->at, 0);
	fb_fetch(&n->lo[i]);
	fb_fetch(&n->hi[i]);
}

static bool collect(struct cpu *c, uint32_t node, unsigned level, float u, uint32_t most)
{
	const struct cpu_node *n = &c->node[node];
	uint64_t outside = c->kernels->outside(n, u);
	for (; outside != 0; outside &= outside - 1) {
		uint32_t child = n->child[__builtin_ctzll(outside)];
		if (level > 0) {
			if (!collect(c, child, level - 1, u, most))
				return false;
			continue;
		}
		cpu_touch(c, c->row[child].account);
		if (c->touched_n >= most)
			return false;
	}
	return true;
}

bool cpu_band_collect(struct cpu *c, uint16_t symbol, uint32_t most)
{
	const struct cpu_symbol *s = &c->symbol[symbol];
	float u = c->u[symbol];
	if (s->rows == 0 || (s->lo < u && u < s->hi))
		return true;
	return collect(c, s->root, s->depth - 1u, u, most);
}

/* Rows lie anywhere, and so do their accounts, which most visits need: both are asked for ahead. */
static void ask_for(const struct cpu *c, const uint32_t *child, unsigned i)
{
	if (i + 16 < CPU_FAN && child[i + 16] != CPU_NONE)
		fb_fetch(&c->row[child[i + 16]]);
	if (i + 8 < CPU_FAN && child[i + 8] != CPU_NONE)
		fb_fetch(&c->account[c->row[child[i + 8]].account]);
}

static void each(struct cpu *c, uint32_t node, unsigned level, cpu_visit *visit, void *context)
{
	for (unsigned i = 0; level == 0 && i < 16; i++)
		if (c->node[node].child[i] != CPU_NONE)
			fb_fetch(&c->row[c->node[node].child[i]]);
	for (unsigned i = 0; i < CPU_FAN; i++) {
		uint32_t child = c->node[node].child[i];
		if (child == CPU_NONE)
			return; /* the tree is full from the left */
		if (level > 0) {
			each(c, child, level - 1, visit, context);
			continue;
		}
		ask_for(c, c->node[node].child, i);
		visit(c, &c->row[child], context);
	}
}

void cpu_band_each(struct cpu *c, uint16_t symbol, cpu_visit *visit, void *context)
{
	const struct cpu_symbol *s = &c->symbol[symbol];
	if (s->rows > 0)
		each(c, s->root, s->depth - 1u, visit, context);
}
