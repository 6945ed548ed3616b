/* Accounts and rows of the software engine: room taken once, ids, and each account's list. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "cpu.h"

int cpu_store_open(struct cpu *c)
{
	c->account = cpu_room(c->accounts_max * sizeof(*c->account), false);
	c->row = cpu_room(c->rows_max * sizeof(*c->row), false);
	c->touched = cpu_room(c->accounts_max * sizeof(*c->touched), false);
	c->stale = cpu_room(c->accounts_max * sizeof(*c->stale), true);
	if (!c->account || !c->row || !c->touched || !c->stale)
		return -ENOMEM;
	if (fb_idmap_open(&c->account_map, c->accounts_max) ||
	    fb_idmap_open(&c->row_map, c->rows_max))
		return -ENOMEM;
	return 0;
}

void cpu_store_close(struct cpu *c)
{
	fb_idmap_close(&c->account_map);
	fb_idmap_close(&c->row_map);
	cpu_room_free(c->stale, c->accounts_max * sizeof(*c->stale));
	cpu_room_free(c->touched, c->accounts_max * sizeof(*c->touched));
	cpu_room_free(c->row, c->rows_max * sizeof(*c->row));
	cpu_room_free(c->account, c->accounts_max * sizeof(*c->account));
}

void cpu_store_clear(struct cpu *c)
{
	memset(c->ladder, 0, sizeof(c->ladder));
	memset(c->class, 0, sizeof(c->class));
	fb_idmap_reset(&c->account_map);
	fb_idmap_reset(&c->row_map);
	c->accounts = c->accounts_top = c->rows = c->rows_top = 0;
	c->free_account = c->free_row = CPU_NONE;
	c->account_order = c->row_order = (struct cpu_order){ 0 };
	c->touched_n = c->stale_n = c->late_n = c->unsure_n = 0;
	c->changes++;
	cpu_band_clear(c);
	cpu_tile_clear(c);
	cpu_rank_clear(c);
}

/* Which number most ids agree on: each vote is for it or against. */
static void note_order(struct cpu_order *order, uint32_t id, uint32_t place)
{
	if (order->surplus == 0)
		order->ahead = place - id;
	if (order->ahead == place - id)
		order->surplus += order->surplus < UINT32_MAX;
	else
		order->surplus--;
}

static bool in_order(const struct cpu_order *order, uint32_t places)
{
	return order->surplus > places / 4;
}

static uint32_t find(const struct fb_idmap *map, uint32_t id)
{
	uint32_t index;
	return fb_idmap_get(map, id, &index) ? index : CPU_NONE;
}

uint32_t cpu_account_find(const struct cpu *c, uint32_t id)
{
	uint32_t place = id + c->account_order.ahead;
	if (in_order(&c->account_order, c->accounts_top) && place < c->accounts_top &&
	    c->account[place].id == id && c->account[place].used)
		return place;
	return find(&c->account_map, id);
}

uint32_t cpu_row_find(const struct cpu *c, uint32_t position)
{
	uint32_t place = position + c->row_order.ahead;
	if (in_order(&c->row_order, c->rows_top) && place < c->rows_top &&
	    c->row[place].position == position && c->row[place].account != CPU_NONE)
		return place;
	return find(&c->row_map, position);
}

void cpu_store_fetch(const struct cpu *c, const union fb_command *command)
{
	if (command->header.op != FB_OP_FILL && command->header.op != FB_OP_POSITION)
		return;
	_Static_assert(offsetof(struct fb_cmd_fill, position) ==
			       offsetof(struct fb_cmd_position, position), "both alike");
	uint32_t row = command->fill.position + c->row_order.ahead,
		 account = command->fill.account + c->account_order.ahead;
	if (in_order(&c->account_order, c->accounts_top) && account < c->accounts_top)
		__builtin_prefetch(&c->account[account], 1);
	else
		fb_idmap_fetch(&c->account_map, command->fill.account);
	if (in_order(&c->row_order, c->rows_top) && row < c->rows_top) {
		__builtin_prefetch(&c->row[row], 1);
		__builtin_prefetch((const char *)&c->row[row + 1] - 1, 1);
	} else {
		fb_idmap_fetch(&c->row_map, command->fill.position);
	}
}

uint32_t cpu_account_new(struct cpu *c, uint32_t id)
{
	uint32_t account = c->free_account;
	if (account == CPU_NONE) {
		assert(c->accounts_top < c->accounts_max);
		account = c->accounts_top++;
		c->account[account] = (struct cpu_account){ .first = CPU_NONE };
	} else {
		c->free_account = c->account[account].first;
	}
	struct cpu_account *a = &c->account[account];
	*a = (struct cpu_account){ .id = id,
				   .used = true,
				   .first = CPU_NONE,
				   .touched = a->touched,
				   .listed = a->listed,
				   .dirty = a->dirty };
	c->accounts++;
	fb_idmap_put(&c->account_map, id, account);
	note_order(&c->account_order, id, account);
	return account;
}

void cpu_account_forget(struct cpu *c, uint32_t account)
{
	struct cpu_account *a = &c->account[account];
	assert(a->used && a->rows == 0);
	cpu_tile_remove(c, account);
	fb_idmap_remove(&c->account_map, a->id);
	c->class[a->class_id].accounts--;
	a->used = a->sure = a->stale = false;
	a->first = c->free_account;
	c->free_account = account;
	c->accounts--;
}

uint32_t cpu_row_new(struct cpu *c, uint32_t position, uint32_t account, uint16_t symbol)
{
	uint32_t row = c->free_row;
	struct cpu_account *a = &c->account[account];
	if (row == CPU_NONE) {
		assert(c->rows_top < c->rows_max);
		row = c->rows_top++;
	} else {
		c->free_row = c->row[row].next;
	}
	c->row[row] = (struct cpu_row){
		.position = position, .account = account, .symbol = symbol, .next = a->first
	};
	a->first = row;
	a->rows++;
	c->rows++;
	fb_idmap_put(&c->row_map, position, row);
	note_order(&c->row_order, position, row);
	cpu_band_add(c, row);
	return row;
}

void cpu_row_forget(struct cpu *c, uint32_t row)
{
	struct cpu_row *r = &c->row[row];
	struct cpu_account *a = &c->account[r->account];
	uint32_t *link = &a->first;
	cpu_band_remove(c, row);
	if (c->ranking.sides != 0)
		cpu_rank_forget_row(c, row);
	fb_idmap_remove(&c->row_map, r->position);
	while (*link != row)
		link = &c->row[*link].next;
	*link = r->next;
	a->rows--;
	c->rows--;
	r->next = c->free_row;
	r->account = CPU_NONE;
	c->free_row = row;
}

void cpu_touch(struct cpu *c, uint32_t account)
{
	if (c->account[account].touched)
		return;
	c->account[account].touched = true;
	assert(c->touched_n < c->accounts_max);
	c->touched[c->touched_n++] = account;
}
