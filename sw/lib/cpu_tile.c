/* Calm accounts in tiles of eight with equally many rows, so that a sweep has no branches and no
 * sums over neighbours. Those that a sweep has to look at one by one - not calm, or MM that no
 * straight line bounds - keep the lane they have, with a base that no sweep rules out: in a storm
 * accounts come and go, and moving them costs more than everything else. Those that never had a
 * lane, and those with more rows than a tile has, are in a list. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "cpu_judge.h"
#include "fetch.h"

static const unsigned rows_of[CPU_TILE_CLASSES] = { 1, 2,  3,  4,  5,  6,  7,
						    8, 12, 16, 24, 32, 48, CPU_ROWS_IN_TILE };

/* Each class of tiles has a place for all its lanes. */
static size_t found_size(const struct cpu *c)
{
	return (c->accounts_max + (size_t)CPU_LANES * CPU_TILE_CLASSES) * sizeof(*c->found);
}

int cpu_tile_open(struct cpu *c)
{
	c->apart = cpu_room(c->accounts_max * sizeof(*c->apart), true);
	c->found = cpu_room(found_size(c), false);
	if (!c->apart || !c->found)
		return -ENOMEM;
	for (unsigned k = 0; k < CPU_TILE_CLASSES; k++) {
		struct cpu_tiles *t = &c->tiles[k];
		unsigned least = k > 0 ? rows_of[k - 1] + 1 : 1;
		uint32_t most = c->rows_max / least;
		most = most < c->accounts_max ? most : c->accounts_max;
		t->rows = rows_of[k];
		t->stride = sizeof(struct cpu_tile_head) + t->rows * sizeof(struct cpu_tile_row);
		t->bytes = ((size_t)most / CPU_LANES + 1) * t->stride;
		/* Every class has room for all rows; what is not used is never touched and costs
		 * addresses only. */
		t->tile = cpu_room(t->bytes, true);
		if (!t->tile)
			return -ENOMEM;
	}
	return 0;
}

void cpu_tile_close(struct cpu *c)
{
	for (unsigned k = 0; k < CPU_TILE_CLASSES; k++)
		cpu_room_free(c->tiles[k].tile, c->tiles[k].bytes);
	cpu_room_free(c->apart, c->accounts_max * sizeof(*c->apart));
	cpu_room_free(c->found, found_size(c));
}

void cpu_tile_clear(struct cpu *c)
{
	for (unsigned k = 0; k < CPU_TILE_CLASSES; k++)
		c->tiles[k].accounts = 0;
	c->apart_n = 0;
}

static void clear_row(struct cpu_tile_row *row, unsigned lane)
{
	row->slope[lane] = 0;
	row->lo[lane] = -INFINITY;
	row->hi[lane] = INFINITY;
	row->symbol[lane] = FB_SYMBOLS;
}

/* A lane that no account has is always safe. */
static void clear_lane(const struct cpu_tiles *t, struct cpu_tile_head *head, unsigned lane)
{
	struct cpu_tile_row *row = cpu_tile_rows(head);
	head->base[lane] = 1;
	head->account[lane] = CPU_NONE;
	for (unsigned j = 0; j < t->rows; j++)
		clear_row(&row[j], lane);
}

static void copy_lane(const struct cpu_tiles *t, uint32_t to, uint32_t from)
{
	struct cpu_tile_head *a = cpu_tile_head(t, to / CPU_LANES),
			     *b = cpu_tile_head(t, from / CPU_LANES);
	struct cpu_tile_row *x = cpu_tile_rows(a), *y = cpu_tile_rows(b);
	unsigned i = to % CPU_LANES, j = from % CPU_LANES;
	a->base[i] = b->base[j];
	a->account[i] = b->account[j];
	for (unsigned k = 0; k < t->rows; k++) {
		x[k].slope[i] = y[k].slope[j];
		x[k].lo[i] = y[k].lo[j];
		x[k].hi[i] = y[k].hi[j];
		x[k].symbol[i] = y[k].symbol[j];
	}
}

void cpu_tile_remove(struct cpu *c, uint32_t account)
{
	struct cpu_account *a = &c->account[account];
	if (a->stand == CPU_STAND_APART) {
		uint32_t last = c->apart[--c->apart_n];
		c->apart[a->place] = last;
		c->account[last].place = a->place;
	} else if (a->stand == CPU_STAND_TILE) {
		struct cpu_tiles *t = &c->tiles[a->tile];
		uint32_t last = --t->accounts;
		struct cpu_tile_head *head = cpu_tile_head(t, last / CPU_LANES);
		if (last != a->place) {
			copy_lane(t, a->place, last);
			c->account[head->account[last % CPU_LANES]].place = a->place;
		}
		clear_lane(t, head, last % CPU_LANES);
	}
	a->stand = CPU_STAND_ALONE;
}

void cpu_tile_put_apart(struct cpu *c, uint32_t account)
{
	struct cpu_account *a = &c->account[account];
	if (a->stand == CPU_STAND_APART)
		return;
	if (a->stand == CPU_STAND_TILE && a->rows <= CPU_ROWS_IN_TILE) {
		struct cpu_tiles *t = &c->tiles[a->tile];
		cpu_tile_head(t, a->place / CPU_LANES)->base[a->place % CPU_LANES] = -INFINITY;
		return;
	}
	cpu_tile_remove(c, account);
	a->stand = CPU_STAND_APART;
	a->place = c->apart_n;
	c->apart[c->apart_n++] = account;
}

/* The lane of an account in this class of tiles, new if it has none there. */
static uint32_t lane_of(struct cpu *c, uint32_t account, uint8_t k)
{
	struct cpu_account *a = &c->account[account];
	struct cpu_tiles *t = &c->tiles[k];
	if (a->stand == CPU_STAND_TILE && a->tile == k)
		return a->place;
	cpu_tile_remove(c, account);
	a->stand = CPU_STAND_TILE;
	a->tile = k;
	a->place = t->accounts++;
	if (a->place % CPU_LANES == 0)
		for (unsigned i = 0; i < CPU_LANES; i++)
			clear_lane(t, cpu_tile_head(t, a->place / CPU_LANES), i);
	return a->place;
}

static uint8_t class_for(unsigned rows)
{
	uint8_t k = 0;
	while (rows_of[k] < rows)
		k++;
	return k;
}

bool cpu_tile_stays(const struct cpu_account *a)
{
	if (a->rows == 0 || a->rows > CPU_ROWS_IN_TILE)
		return a->stand == (a->rows ? CPU_STAND_APART : CPU_STAND_ALONE);
	return a->stand == CPU_STAND_TILE && a->tile == class_for(a->rows);
}

void cpu_tile_put(struct cpu *c, uint32_t account, float base, const struct cpu_line *line)
{
	const struct cpu_account *a = &c->account[account];
	uint8_t k = class_for(a->rows), j = 0;
	uint32_t place = lane_of(c, account, k);
	struct cpu_tile_head *head = cpu_tile_head(&c->tiles[k], place / CPU_LANES);
	struct cpu_tile_row *row = cpu_tile_rows(head);
	unsigned lane = place % CPU_LANES;
	head->base[lane] = base;
	head->account[lane] = account;
	for (uint32_t r = a->first; r != CPU_NONE; r = c->row[r].next, j++) {
		row[j].slope[lane] = line[j].slope;
		row[j].lo[lane] = line[j].range.lo;
		row[j].hi[lane] = line[j].range.hi;
		row[j].symbol[lane] = c->row[r].symbol;
		c->row[r].in_tile = j;
	}
	for (; j < c->tiles[k].rows; j++)
		clear_row(&row[j], lane);
}

static bool inside(const struct cpu *c, uint32_t account)
{
	for (uint32_t r = c->account[account].first; r != CPU_NONE; r = c->row[r].next) {
		struct cpu_band band = cpu_band_get(c, &c->row[r]);
		float u = c->u[c->row[r].symbol];
		if (!(band.lo < u && u < band.hi))
			return false;
	}
	return true;
}

/* Stale: the bands say nothing. Sure: what the sweep says is more than what they do. */
static void doubt(struct cpu *c, uint32_t account)
{
	const struct cpu_account *a = &c->account[account];
	if (!a->touched && (a->stale || a->sure || !inside(c, account)))
		cpu_touch(c, account);
}

/* A sweep in parts: so many tiles of a class, and where their doubtful accounts go. */
#define PARTS 128u
struct part {
	struct cpu_tiles tiles;
	uint32_t *out;
	size_t n;
};
struct sweep {
	const struct cpu *c;
	unsigned parts;
	struct part part[PARTS + CPU_TILE_CLASSES];
};

static void do_part(void *context, unsigned i)
{
	struct sweep *s = context;
	struct part *p = &s->part[i];
	p->n = s->c->kernels->sweep(&p->tiles, s->c->u, p->out);
}

/* As many parts as it pays to hand out: at least 1,024 accounts each. */
static void divide(struct cpu *c, struct sweep *s)
{
	uint32_t *out = c->found, lanes = 0, least;
	for (unsigned k = 0; k < CPU_TILE_CLASSES; k++)
		lanes += c->tiles[k].accounts;
	least = (lanes / PARTS / CPU_LANES + 1) * CPU_LANES;
	least = c->pool.threads == 1 ? UINT32_MAX : least < 1024 ? 1024 : least;
	s->c = c;
	s->parts = 0;
	for (unsigned k = 0; k < CPU_TILE_CLASSES; k++) {
		const struct cpu_tiles *t = &c->tiles[k];
		for (uint32_t at = 0; at < t->accounts;) {
			uint32_t left = t->accounts - at, n = left < least ? left : least;
			struct part *p = &s->part[s->parts++];
			p->tiles = *t;
			p->tiles.tile += at / CPU_LANES * t->stride;
			p->tiles.accounts = n;
			p->out = out;
			out += (n + CPU_LANES - 1) / CPU_LANES * CPU_LANES;
			at += n;
		}
		c->revaluations += (uint64_t)t->accounts * t->rows;
	}
}

int cpu_tile_sweep(struct cpu *c)
{
	struct sweep s;
	c->sweeps++;
	divide(c, &s);
	int err = cpu_pool_run(&c->pool, s.parts, do_part, &s);
	if (err)
		return err;
	for (unsigned i = 0; i < s.parts; i++)
		for (size_t k = 0; k < s.part[i].n; k++) {
			if (k + 8 < s.part[i].n)
				fb_fetch(&c->account[s.part[i].out[k + 8]]);
			doubt(c, s.part[i].out[k]);
		}
	for (uint32_t i = 0; i < c->apart_n; i++)
		doubt(c, c->apart[i]);
	return 0;
}
