/* Reading accounts: lines first (accounts_line.c), what they refer to when all are known
 * (accounts.c). */
#ifndef FIREBREAK_ACCOUNTS_FILE_H
#define FIREBREAK_ACCOUNTS_FILE_H

#include <firebreak/inputs.h>

#include "csv.h"

struct fb_line_origin {
	unsigned line, id_column, account_column;
};

struct fb_account_line {
	struct fb_account_spec spec;
	struct fb_line_origin origin;
};

struct fb_position_line {
	struct fb_position_spec spec;
	uint32_t account_id, account; /* account: index, once known */
	struct fb_line_origin origin;
};

struct fb_accounts_loader {
	const struct fb_rules *rules;
	struct fb_lines *lines;
	struct fb_error *error;
	struct fb_account_line *account;
	size_t accounts, accounts_room;
	struct fb_position_line *position;
	size_t positions, positions_room;
};

/* Appends every line of l->lines to the two arrays. */
int fb_accounts_read(struct fb_accounts_loader *l);

#endif
