/* The room of the columns that ranking reads (cpu_rank.h): taken once, and filled by
 * cpu_rank_side.c and cpu_rank_group.c. */
#include <errno.h>
#include <string.h>

#include "cpu_ranking.h"

#define LANES CPU_RANK_LANES

/* One list for all who take room, give it back or count it. */
struct part {
	void *pointer; /* to the pointer, whatever it points to */
	size_t bytes;
};
#define PARTS 23u
#define PART(at, n) { &(at), (size_t)(n) * sizeof(*(at)) }

/* Enough for all sides of all symbols at once, each with a tile begun and one spare. */
static void list_parts(struct cpu_ranking *k, uint32_t rows, uint32_t accounts,
		       struct part part[PARTS])
{
	struct cpu_rank_last *l = &k->last;
	k->tiles_max = rows / LANES + rows / (LANES * LANES) + 4 * FB_SYMBOLS + 4;
	k->others_max = 8 * k->tiles_max;
	k->dirty_max = accounts / 16 + 1024;
	size_t lanes = (size_t)k->tiles_max * LANES, groups = lanes / CPU_RANK_GROUP + 1;
	groups = (groups + LANES - 1) / LANES * LANES; /* they are bounded sixteen at a time */
	const struct part all[PARTS] = {
		PART(k->lo, lanes),
		PART(k->hi, lanes),
		PART(k->doubtful, lanes),
		PART(k->row_of, lanes),
		PART(l->lots, lanes),
		PART(l->rest, lanes),
		PART(l->gross, lanes),
		PART(l->twin, lanes),
		PART(k->bottom, groups),
		PART(k->top, groups),
		PART(l->group_lots, groups),
		PART(l->epoch, groups),
		PART(l->shaped, groups),
		PART(l->patches, groups),
		PART(l->bounded, groups),
		PART(l->list, groups),
		PART(l->groups, groups / LANES),
		PART(k->tile, k->tiles_max),
		PART(k->more, k->tiles_max),
		PART(k->other, k->others_max),
		PART(k->line, k->others_max),
		PART(k->lane_of, rows),
		PART(k->dirty, k->dirty_max),
	};
	memcpy(part, all, sizeof(all));
}

uint64_t cpu_rank_bytes(uint32_t rows, uint32_t accounts)
{
	struct cpu_ranking k;
	struct part part[PARTS];
	uint64_t bytes = 0;
	list_parts(&k, rows, accounts, part);
	for (unsigned i = 0; i < PARTS; i++)
		bytes += part[i].bytes;
	return bytes;
}

int cpu_rank_open(struct cpu *c)
{
	struct part part[PARTS];
	int err = 0;
	list_parts(&c->ranking, c->rows_max, c->accounts_max, part);
	for (unsigned i = 0; i < PARTS; i++) {
		void *room = cpu_room(part[i].bytes, true);
		memcpy(part[i].pointer, &room, sizeof(room));
		err = room ? err : -ENOMEM;
	}
	return err;
}

void cpu_rank_close(struct cpu *c)
{
	struct part part[PARTS];
	list_parts(&c->ranking, c->rows_max, c->accounts_max, part);
	for (unsigned i = 0; i < PARTS; i++) {
		void *room;
		memcpy(&room, part[i].pointer, sizeof(room));
		cpu_room_free(room, part[i].bytes);
	}
}
