/* The room of the columns that ranking reads (cpu_rank.h): taken once, and filled by
 * cpu_rank_side.c. */
#include <errno.h>

#include "cpu.h"

#define LANES CPU_RANK_LANES

/* Enough for all sides of all symbols at once, each with a tile begun and one spare. */
static void set_sizes(struct cpu_ranking *k, uint32_t rows, uint32_t accounts)
{
	k->tiles_max = rows / LANES + rows / (LANES * LANES) + 4 * FB_SYMBOLS + 4;
	k->others_max = 8 * k->tiles_max;
	k->dirty_max = accounts / 16 + 1024;
}

uint64_t cpu_rank_bytes(uint32_t rows, uint32_t accounts)
{
	struct cpu_ranking k;
	set_sizes(&k, rows, accounts);
	uint64_t lane = sizeof(*k.lo) + sizeof(*k.hi) + sizeof(*k.rest) + sizeof(*k.gross) +
			sizeof(*k.twin) + sizeof(*k.doubtful) + sizeof(*k.row_of) + sizeof(*k.lots);
	uint64_t groups = k.tiles_max * LANES / CPU_RANK_GROUP + 1;
	return groups * (sizeof(*k.bottom) + sizeof(*k.top)) +
	       k.tiles_max * (LANES * lane + sizeof(*k.tile) + sizeof(*k.more)) +
	       k.others_max * (sizeof(*k.other) + sizeof(*k.line)) + rows * sizeof(*k.lane_of) +
	       k.dirty_max * sizeof(*k.dirty);
}

int cpu_rank_open(struct cpu *c)
{
	struct cpu_ranking *k = &c->ranking;
	set_sizes(k, c->rows_max, c->accounts_max);
	size_t lanes = (size_t)k->tiles_max * LANES;
	k->lo = cpu_room(lanes * sizeof(*k->lo), true);
	k->hi = cpu_room(lanes * sizeof(*k->hi), true);
	k->rest = cpu_room(lanes * sizeof(*k->rest), true);
	k->gross = cpu_room(lanes * sizeof(*k->gross), true);
	k->twin = cpu_room(lanes * sizeof(*k->twin), true);
	k->bottom = cpu_room((lanes / CPU_RANK_GROUP + 1) * sizeof(*k->bottom), true);
	k->top = cpu_room((lanes / CPU_RANK_GROUP + 1) * sizeof(*k->top), true);
	k->doubtful = cpu_room(lanes * sizeof(*k->doubtful), true);
	k->row_of = cpu_room(lanes * sizeof(*k->row_of), true);
	k->lots = cpu_room(lanes * sizeof(*k->lots), true);
	k->tile = cpu_room(k->tiles_max * sizeof(*k->tile), true);
	k->other = cpu_room(k->others_max * sizeof(*k->other), true);
	k->more = cpu_room(k->tiles_max * sizeof(*k->more), true);
	k->line = cpu_room(k->others_max * sizeof(*k->line), true);
	k->lane_of = cpu_room(c->rows_max * sizeof(*k->lane_of), true);
	k->dirty = cpu_room(k->dirty_max * sizeof(*k->dirty), true);
	return k->lo && k->hi && k->rest && k->gross && k->twin && k->bottom && k->top &&
			       k->doubtful && k->row_of && k->lots && k->tile && k->other &&
			       k->more && k->line && k->lane_of && k->dirty
		       ? 0
		       : -ENOMEM;
}

void cpu_rank_close(struct cpu *c)
{
	struct cpu_ranking *k = &c->ranking;
	size_t lanes = (size_t)k->tiles_max * LANES;
	cpu_room_free(k->lo, lanes * sizeof(*k->lo));
	cpu_room_free(k->hi, lanes * sizeof(*k->hi));
	cpu_room_free(k->rest, lanes * sizeof(*k->rest));
	cpu_room_free(k->gross, lanes * sizeof(*k->gross));
	cpu_room_free(k->twin, lanes * sizeof(*k->twin));
	cpu_room_free(k->bottom, (lanes / CPU_RANK_GROUP + 1) * sizeof(*k->bottom));
	cpu_room_free(k->top, (lanes / CPU_RANK_GROUP + 1) * sizeof(*k->top));
	cpu_room_free(k->doubtful, lanes * sizeof(*k->doubtful));
	cpu_room_free(k->row_of, lanes * sizeof(*k->row_of));
	cpu_room_free(k->lots, lanes * sizeof(*k->lots));
	cpu_room_free(k->tile, k->tiles_max * sizeof(*k->tile));
	cpu_room_free(k->other, k->others_max * sizeof(*k->other));
	cpu_room_free(k->more, k->tiles_max * sizeof(*k->more));
	cpu_room_free(k->line, k->others_max * sizeof(*k->line));
	cpu_room_free(k->lane_of, c->rows_max * sizeof(*k->lane_of));
	cpu_room_free(k->dirty, k->dirty_max * sizeof(*k->dirty));
}
