/* See core_place.h. */
#include "core_place.h"

static void place_seat(const struct fb_structure *s, uint32_t seat, union fb_command *word)
{
	word->place.place_lane = (uint16_t)fb_structure_lane(s, seat);
	word->place.place_slot = (uint16_t)fb_structure_slot(s, seat);
}

static enum fb_reject place_account(struct fb_structure *s, struct fb_placement *placement,
				    union fb_command *word)
{
	const struct fb_cmd_account *c = &word->account;
	uint32_t seat;
	bool exists = fb_structure_find_account(s, c->account, &seat);
	if (c->flags & FB_FLAG_REMOVE) {
		if (!exists)
			return FB_REJECT_NO_ACCOUNT;
		if (s->seat[seat].rows)
			return FB_REJECT_HAS_POSITIONS;
		place_seat(s, seat, word);
		fb_structure_remove_account(s, seat);
		return FB_REJECT_NONE;
	}
	if (exists) {
		fb_structure_set_class(s, seat, c->class_id);
	} else {
		uint32_t lane = fb_placement_choose(placement, c->account);
		if (lane == FB_LANE_NONE)
			return FB_REJECT_FULL;
		seat = fb_structure_add_account(s, c->account, lane, c->class_id);
	}
	place_seat(s, seat, word);
	return FB_REJECT_NONE;
}

static enum fb_reject place_new_row(struct fb_structure *s, struct fb_placement *placement,
				    uint32_t seat, uint32_t position, uint16_t symbol,
				    union fb_command *word)
{
	if (s->seat[seat].rows == FB_ROWS_PER_ACCOUNT)
		return FB_REJECT_FULL;
	bool link;
	uint32_t stripe = fb_structure_add_row(s, position, seat, symbol, &link);
	if (stripe == FB_STRIPE_NONE)
		return FB_REJECT_FULL;
	fb_placement_row_added(placement, word->header.account, fb_structure_lane(s, seat), symbol,
			       link);
	word->place.place_row = (uint16_t)stripe;
	word->place.place_flags = link ? FB_PLACE_LINK : 0;
	place_seat(s, seat, word);
	return FB_REJECT_NONE;
}

/* POSITION and FILL */
static enum fb_reject place_row(struct fb_structure *s, struct fb_placement *placement,
				uint32_t position, uint16_t symbol, bool remove,
				union fb_command *word)
{
	uint32_t account = word->header.account, seat;
	if (!fb_structure_find_account(s, account, &seat))
		return FB_REJECT_NO_ACCOUNT;
	struct fb_row_place row;
	if (!fb_structure_find_row(s, position, &row)) {
		if (remove)
			return FB_REJECT_NO_POSITION;
		return place_new_row(s, placement, seat, position, symbol, word);
	}
	if (row.account != account || row.symbol != symbol)
		return FB_REJECT_NO_POSITION;
	place_seat(s, seat, word);
	word->place.place_row = (uint16_t)row.stripe;
	if (remove) {
		word->place.place_flags =
			fb_structure_remove_row(s, position) ? FB_PLACE_UNLINK : 0;
		fb_placement_row_removed(placement, row.lane, symbol);
	}
	return FB_REJECT_NONE;
}

static enum fb_reject place_collateral(const struct fb_structure *s, union fb_command *word)
{
	uint32_t seat;
	if (!fb_structure_find_account(s, word->header.account, &seat))
		return FB_REJECT_NO_ACCOUNT;
	place_seat(s, seat, word);
	return FB_REJECT_NONE;
}

enum fb_reject fb_core_place(struct fb_structure *s, struct fb_placement *placement,
			     union fb_command *word)
{
	const struct fb_cmd_position *position = &word->position;
	const struct fb_cmd_fill *fill = &word->fill;
	switch (word->header.op) {
	case FB_OP_POSITION:
		return place_row(s, placement, position->position, position->symbol,
				 position->qty == 0 && position->entry == 0, word);
	case FB_OP_FILL:
		return place_row(s, placement, fill->position, fill->symbol,
				 fill->qty == 0 && fill->entry == 0, word);
	case FB_OP_ACCOUNT:
		return place_account(s, placement, word);
	case FB_OP_COLLATERAL:
		return place_collateral(s, word);
	case FB_OP_CLASS:
		return s->class_users[word->class.class_id] ? FB_REJECT_CLASS_BOUND
							    : FB_REJECT_NONE;
	case FB_OP_LADDER:
		return s->ladder_users[word->ladder.ladder] ? FB_REJECT_LADDER_BOUND
							    : FB_REJECT_NONE;
	case FB_OP_SYMBOL:
		fb_structure_bind_symbol(s, word->symbol.symbol, word->symbol.ladder);
		return FB_REJECT_NONE;
	default:
		return FB_REJECT_NONE;
	}
}

uint64_t fb_core_revaluations(const struct fb_structure *s, const union fb_command *c)
{
	uint64_t rows = 0;
	switch (c->header.op) {
	case FB_OP_MARKS:
		for (unsigned i = 0; i < c->marks.count; i++)
			rows += s->symbol_rows[c->marks.mark[i] & 0xfff];
		return rows;
	case FB_OP_SYMBOL:
		return s->symbol_rows[c->symbol.symbol];
	case FB_OP_FUNDING:
		return s->symbol_rows[c->funding.symbol];
	default:
		return 0;
	}
}
