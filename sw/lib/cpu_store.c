/* Accounts and rows of the software engine: room taken once, ids, and each account's list. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "cpu_ranking.h"
#include "fetch.h"

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

static uint32_t find(const struct fb_idmap *map, uint32_t id)
{
	uint32_t index;
	return fb_idmap_get(map, id, &index) ? index : CPU_NONE;
}

static bool account_is(const struct cpu *c, uint32_t place, uint32_t id)
{
	return place < c->accounts_top && c->account[place].id == id && c->account[place].used;
}

static bool row_is(const struct cpu *c, uint32_t place, uint32_t position)
{
	return place < c->rows_top && c->row[place].position == position &&
	       c->row[place].account != CPU_NONE;
}

uint32_t cpu_account_find(const struct cpu *c, uint32_t id)
{
	uint32_t place = id + c->account_order.ahead;
	return account_is(c, place, id) ? place : find(&c->account_map, id);
}

uint32_t cpu_row_find(const struct cpu *c, uint32_t position)
{
	uint32_t place = position + c->row_order.ahead;
	return row_is(c, place, position) ? place : find(&c->row_map, position);
}

void cpu_store_fetch(const struct cpu *c, const union fb_command *command)
{
	if (command->header.op != FB_OP_FILL && command->header.op != FB_OP_POSITION)
		return;
	_Static_assert(offsetof(struct fb_cmd_fill, position) ==
			       offsetof(struct fb_cmd_position, position), "both alike");
	uint32_t row = command->fill.position + c->row_order.ahead,
		 account = command->fill.account + c->account_order.ahead;
	if (account < c->accounts_top)
		fb_fetch_to_write(&c->account[account]);
	if (account >= c->accounts_top || c->account_map.count > 0)
		fb_idmap_fetch(&c->account_map, command->fill.account);
	if (row < c->rows_top) {
		fb_fetch_to_write(&c->row[row]);
		fb_fetch_to_write((const char *)&c->row[row + 1] - 1);
	}
	if (row >= c->rows_top || c->row_map.count > 0)
		fb_idmap_fetch(&c->row_map, command->fill.position);
}

/* A vote on what is ahead of ids; true: it is another number now. */
static bool vote(struct cpu_order *order, uint32_t ahead, uint32_t places)
{
	if (order->ahead == ahead) {
		order->surplus++;
		return false;
	}
	if (places > CPU_ORDER_FIRST || order->surplus-- > 0)
		return false;
	order->ahead = ahead;
	order->surplus = 1;
	return true;
}

static void put(struct fb_idmap *map, uint32_t id, uint32_t place)
{
	uint32_t known;
	if (!fb_idmap_get(map, id, &known))
		fb_idmap_put(map, id, place);
}

static void drop(struct fb_idmap *map, uint32_t id)
{
	uint32_t known;
	if (fb_idmap_get(map, id, &known))
		fb_idmap_remove(map, id);
}

/* A new one can be found; when the order becomes another, those of before, too. */
static void enter_account(struct cpu *c, uint32_t account)
{
	struct cpu_order *order = &c->account_order;
	uint32_t before = order->ahead;
	if (vote(order, account - c->account[account].id, c->accounts_top))
		for (uint32_t i = 0; i < c->accounts_top; i++)
			if (c->account[i].used && i - c->account[i].id == before)
				put(&c->account_map, c->account[i].id, i);
	if (account - c->account[account].id != order->ahead)
		put(&c->account_map, c->account[account].id, account);
}

static void enter_row(struct cpu *c, uint32_t row)
{
	struct cpu_order *order = &c->row_order;
	uint32_t before = order->ahead;
	if (vote(order, row - c->row[row].position, c->rows_top))
		for (uint32_t i = 0; i < c->rows_top; i++)
			if (c->row[i].account != CPU_NONE && i - c->row[i].position == before)
				put(&c->row_map, c->row[i].position, i);
	if (row - c->row[row].position != order->ahead)
		put(&c->row_map, c->row[row].position, row);
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
	enter_account(c, account);
	return account;
}

void cpu_account_forget(struct cpu *c, uint32_t account)
{
	struct cpu_account *a = &c->account[account];
	assert(a->used && a->rows == 0);
	cpu_tile_remove(c, account);
	drop(&c->account_map, a->id);
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
	enter_row(c, row);
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
	drop(&c->row_map, r->position);
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
