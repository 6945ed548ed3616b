/* See structure.h. */
#include "structure.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int fb_structure_open(struct fb_structure *s, const struct fb_core_geometry *g)
{
	*s = (struct fb_structure){ 0 };
	int rc = fb_stripes_open(&s->stripes, g);
	if (rc < 0)
		return rc;
	size_t seats = (size_t)g->lanes * g->accounts, rows = (size_t)g->lanes * g->rows;
	if (seats >= (size_t)1 << 31 || rows >= (size_t)1 << 31) {
		fb_structure_close(s);
		return -EINVAL;
	}
	s->seat = calloc(seats, sizeof(*s->seat));
	s->row_account = calloc(rows, sizeof(*s->row_account));
	s->free_slot = calloc(seats, sizeof(*s->free_slot));
	s->lane_accounts = calloc(g->lanes, sizeof(*s->lane_accounts));
	s->lane_rows = calloc(g->lanes, sizeof(*s->lane_rows));
	if (!s->seat || !s->row_account || !s->free_slot || !s->lane_accounts || !s->lane_rows ||
	    fb_idmap_open(&s->accounts, seats) < 0 || fb_idmap_open(&s->positions, rows) < 0) {
		fb_structure_close(s);
		return -ENOMEM;
	}
	fb_structure_reset(s);
	return 0;
}

void fb_structure_reset(struct fb_structure *s)
{
	const struct fb_core_geometry *g = &s->stripes.geometry;
	fb_stripes_reset(&s->stripes);
	fb_idmap_reset(&s->accounts);
	fb_idmap_reset(&s->positions);
	for (uint32_t lane = 0; lane < g->lanes; lane++)
		for (uint32_t slot = 0; slot < g->accounts; slot++)
			s->free_slot[(size_t)lane * g->accounts + slot] = g->accounts - 1 - slot;
	memset(s->lane_accounts, 0, g->lanes * sizeof(*s->lane_accounts));
	memset(s->lane_rows, 0, g->lanes * sizeof(*s->lane_rows));
	memset(s->class_users, 0, sizeof(s->class_users));
	memset(s->ladder_users, 0, sizeof(s->ladder_users));
	memset(s->symbol_rows, 0, sizeof(s->symbol_rows));
	for (unsigned symbol = 0; symbol < FB_SYMBOLS; symbol++)
		s->symbol_ladder[symbol] = FB_LADDERS;
}

void fb_structure_close(struct fb_structure *s)
{
	fb_stripes_close(&s->stripes);
	fb_idmap_close(&s->accounts);
	fb_idmap_close(&s->positions);
	free(s->seat);
	free(s->row_account);
	free(s->free_slot);
	free(s->lane_accounts);
	free(s->lane_rows);
	*s = (struct fb_structure){ 0 };
}

bool fb_structure_find_account(const struct fb_structure *s, uint32_t account, uint32_t *seat)
{
	return fb_idmap_get(&s->accounts, account, seat);
}

uint32_t fb_structure_add_account(struct fb_structure *s, uint32_t account, uint32_t lane,
				  uint8_t class_id)
{
	uint32_t slots = s->stripes.geometry.accounts;
	assert(lane < s->stripes.geometry.lanes && class_id < FB_CLASSES &&
	       s->lane_accounts[lane] < slots);
	uint32_t top = slots - ++s->lane_accounts[lane];
	uint32_t seat = lane * slots + s->free_slot[(size_t)lane * slots + top];
	s->seat[seat] = (struct fb_seat){ .account = account, .class_id = class_id };
	s->class_users[class_id]++;
	fb_idmap_put(&s->accounts, account, seat);
	return seat;
}

void fb_structure_set_class(struct fb_structure *s, uint32_t seat, uint8_t class_id)
{
	assert(class_id < FB_CLASSES);
	s->class_users[s->seat[seat].class_id]--;
	s->class_users[class_id]++;
	s->seat[seat].class_id = class_id;
}

void fb_structure_remove_account(struct fb_structure *s, uint32_t seat)
{
	uint32_t slots = s->stripes.geometry.accounts, lane = fb_structure_lane(s, seat);
	assert(s->seat[seat].rows == 0);
	fb_idmap_remove(&s->accounts, s->seat[seat].account);
	s->class_users[s->seat[seat].class_id]--;
	uint32_t top = slots - s->lane_accounts[lane]--;
	s->free_slot[(size_t)lane * slots + top] = fb_structure_slot(s, seat);
}

bool fb_structure_find_row(const struct fb_structure *s, uint32_t position,
			   struct fb_row_place *out)
{
	uint32_t index, rows = s->stripes.geometry.rows;
	if (!fb_idmap_get(&s->positions, position, &index))
		return false;
	out->lane = index / rows;
	out->stripe = index % rows;
	uint32_t group = fb_stripes_group(&s->stripes, out->lane);
	out->symbol = fb_stripes_at(&s->stripes, group, out->stripe)->symbol;
	out->account = s->row_account[index];
	return true;
}

uint32_t fb_structure_add_row(struct fb_structure *s, uint32_t position, uint32_t seat,
			      uint16_t symbol, bool *link)
{
	uint32_t lane = fb_structure_lane(s, seat);
	assert(s->seat[seat].rows < FB_ROWS_PER_ACCOUNT);
	uint32_t stripe = fb_stripes_take(&s->stripes, lane, symbol, link);
	if (stripe == FB_STRIPE_NONE)
		return stripe;
	uint32_t index = lane * s->stripes.geometry.rows + stripe;
	fb_idmap_put(&s->positions, position, index);
	s->replaced_account = s->row_account[index];
	s->row_account[index] = s->seat[seat].account;
	s->seat[seat].rows++;
	s->lane_rows[lane]++;
	s->symbol_rows[symbol]++;
	return stripe;
}

bool fb_structure_remove_row(struct fb_structure *s, uint32_t position)
{
	struct fb_row_place place;
	uint32_t seat;
	bool found = fb_structure_find_row(s, position, &place) &&
		     fb_structure_find_account(s, place.account, &seat);
	assert(found && s->seat[seat].rows > 0);
	fb_idmap_remove(&s->positions, position);
	s->seat[seat].rows--;
	s->lane_rows[place.lane]--;
	s->symbol_rows[place.symbol]--;
	return fb_stripes_give(&s->stripes, place.lane, place.stripe);
}

void fb_structure_bind_symbol(struct fb_structure *s, uint16_t symbol, uint16_t ladder)
{
	assert(symbol < FB_SYMBOLS && ladder < FB_LADDERS);
	if (s->symbol_ladder[symbol] < FB_LADDERS)
		s->ladder_users[s->symbol_ladder[symbol]]--;
	s->symbol_ladder[symbol] = ladder;
	s->ladder_users[ladder]++;
}
