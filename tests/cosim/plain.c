/* Plain commands; see plain.h. */
#include "plain.h"

#define E7 10000000u

void plain_tables(struct stream_writer *w)
{
	union fb_command c = { .class = { .op = FB_OP_CLASS, .count = 3 } };
	union fb_command l = { .ladder = { .op = FB_OP_LADDER, .rate = E7 / 100 } };

	c.class.up[0] = c.class.down[0] = E7 / 2;
	c.class.up[1] = c.class.down[1] = E7 / 10 * 8;
	c.class.up[2] = c.class.down[2] = E7;
	stream_add(w, &c, true);
	stream_add(w, &l, false);
}

void plain_symbol(struct stream_writer *w, uint16_t symbol, uint64_t u, bool more)
{
	union fb_command c = { .symbol = { .op = FB_OP_SYMBOL, .symbol = symbol, .u = u } };

	stream_add(w, &c, more);
}

void plain_account(struct stream_writer *w, uint32_t account, int64_t collateral_e8, bool more)
{
	union fb_command c = {
		.account = { .op = FB_OP_ACCOUNT, .account = account, .collateral = collateral_e8 }
	};

	stream_add(w, &c, more);
}

void plain_position(struct stream_writer *w, uint32_t account, uint32_t position, uint16_t symbol,
		    int64_t qty, int64_t entry_e8, bool more)
{
	union fb_command c = {
		.position = { .op = FB_OP_POSITION, .account = account, .position = position }
	};

	c.position.symbol = symbol;
	c.position.qty = qty;
	c.position.entry = entry_e8;
	stream_add(w, &c, more);
}

void plain_fill(struct stream_writer *w, uint32_t account, uint32_t position, uint16_t symbol,
		int64_t qty, int64_t entry_e8, bool more)
{
	union fb_command c = { .fill = { .op = FB_OP_FILL, .account = account } };

	c.fill.position = position;
	c.fill.symbol = symbol;
	c.fill.qty = qty;
	c.fill.entry = entry_e8;
	stream_add(w, &c, more);
}

void plain_mark(struct stream_writer *w, uint16_t symbol, uint64_t u, bool more)
{
	plain_marks(w, symbol, 1, u, more);
}

void plain_marks(struct stream_writer *w, uint16_t first, unsigned n, uint64_t u, bool more)
{
	union fb_command c = { .marks = { .op = FB_OP_MARKS, .count = (uint8_t)n } };

	for (unsigned i = 0; i < n; i++)
		c.marks.mark[i] = u << 12 | (first + i);
	stream_add(w, &c, more);
}

void plain_lone(struct stream_writer *w, uint8_t op)
{
	union fb_command c = { .header = { .op = op } };

	stream_add(w, &c, false);
}

void plain_rank(struct stream_writer *w, uint16_t symbol, enum fb_rank mode)
{
	union fb_command c = { .rank = { .op = FB_OP_RANK, .symbol = symbol } };

	c.rank.mode = (uint8_t)mode;
	c.rank.zoom = 15;
	c.rank.exclude_level = FB_LEVEL_FAULT;
	c.rank.class_mask = 7;
	c.rank.profit_c = 0x0001001;
	c.rank.from = mode == FB_RANK_HISTOGRAM ? (uint32_t)FB_SIGN_PROFIT << FB_SCORE_BITS : 0;
	c.rank.from += mode == FB_RANK_HISTOGRAM ? 1u << (FB_SCORE_BITS - 1) : 0;
	c.rank.cursor_key = UINT32_MAX;
	stream_add(w, &c, false);
}
