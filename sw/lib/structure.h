/* Structure: which accounts and positions exist and where in the lanes they lie.
 *
 * This is what step 8 of the contract's checks needs, and what the placement fields are filled
 * from. An account lives in a slot of one lane and all its rows lie in that lane. Values are not
 * kept here: they are the card's. Room is fixed when the structure is opened.
 */
#ifndef FIREBREAK_STRUCTURE_H
#define FIREBREAK_STRUCTURE_H

#include <stdbool.h>
#include <stdint.h>

#include <firebreak/layout.h>

#include "idmap.h"
#include "stripes.h"

struct fb_seat {               /* an account slot */
	uint32_t account;
	uint16_t rows;
	uint8_t class_id;
};

struct fb_structure {
	struct fb_stripes stripes;
	struct fb_idmap accounts;  /* id -> index in seat: lane * accounts per lane + slot */
	struct fb_idmap positions; /* id -> index in row_account: lane * rows per lane + stripe */
	struct fb_seat *seat;
	uint32_t *row_account;     /* [lane][stripe] of the row that lies or last lay there */
	uint32_t replaced_account; /* what row_account held where the newest row went */
	uint32_t *free_slot;       /* [lane][slot] stack */
	uint32_t *lane_accounts;   /* [lane] */
	uint32_t *lane_rows;       /* [lane] */
	uint32_t class_users[FB_CLASSES];
	uint32_t ladder_users[FB_LADDERS];
	uint16_t symbol_ladder[FB_SYMBOLS]; /* FB_LADDERS: not defined */
	uint32_t symbol_rows[FB_SYMBOLS];
};

/* 0, -EINVAL (geometry), -ENOMEM. */
int fb_structure_open(struct fb_structure *structure, const struct fb_core_geometry *geometry);
void fb_structure_reset(struct fb_structure *structure);
void fb_structure_close(struct fb_structure *structure);

/* An account's seat: its index, or false. */
bool fb_structure_find_account(const struct fb_structure *structure, uint32_t account,
			       uint32_t *seat);
/* The lane must have a free slot, the account must be new. Returns the seat. */
uint32_t fb_structure_add_account(struct fb_structure *structure, uint32_t account, uint32_t lane,
				  uint8_t class_id);
void fb_structure_set_class(struct fb_structure *structure, uint32_t seat, uint8_t class_id);
/* The account must have no rows. */
void fb_structure_remove_account(struct fb_structure *structure, uint32_t seat);

struct fb_row_place {
	uint32_t lane, stripe;
	uint16_t symbol;
	uint32_t account;
};

bool fb_structure_find_row(const struct fb_structure *structure, uint32_t position,
			   struct fb_row_place *out);
/* Adds a new position; the stripe, or FB_STRIPE_NONE when the lane has no room (then nothing
 * changed). */
uint32_t fb_structure_add_row(struct fb_structure *structure, uint32_t position, uint32_t seat,
			      uint16_t symbol, bool *link);
/* The position must exist. True: the head of its symbol's chain was popped. */
bool fb_structure_remove_row(struct fb_structure *structure, uint32_t position);

void fb_structure_bind_symbol(struct fb_structure *structure, uint16_t symbol, uint16_t ladder);

static inline uint32_t fb_structure_lane(const struct fb_structure *s, uint32_t seat)
{
	return seat / s->stripes.geometry.accounts;
}

static inline uint32_t fb_structure_slot(const struct fb_structure *s, uint32_t seat)
{
	return seat % s->stripes.geometry.accounts;
}

#endif
