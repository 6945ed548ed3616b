/* A builder for each command, for tests of every engine. Money is in 1e-8, rates and thresholds in
 * 1e-7, MM in 1e-15, as in the contract. */
#ifndef COMMAND_KIT_H
#define COMMAND_KIT_H

#include <stdint.h>

#include <firebreak/layout.h>

#define U_ONE (UINT64_C(1) << FB_U_FRACTION_BITS) /* unit value 1: one lot is worth 1e-8 */

static inline struct fb_i128 kit_i128(__int128 v)
{
	return (struct fb_i128){ .lo = (uint64_t)v, .hi = (int64_t)(v >> 64) };
}

static inline union fb_command kit_more(union fb_command c)
{
	c.header.flags |= FB_FLAG_MORE;
	return c;
}

static inline union fb_command c_plain(enum fb_op op)
{
	return (union fb_command){ .header = { .op = (uint8_t)op } };
}

static inline union fb_command c_mark(uint16_t symbol, uint64_t u)
{
	union fb_command c = c_plain(FB_OP_MARKS);
	c.marks.count = 1;
	c.marks.mark[0] = u << 12 | symbol;
	return c;
}

static inline union fb_command c_position(uint32_t account, uint32_t position, uint16_t symbol,
					  int64_t qty, int64_t entry)
{
	union fb_command c = c_plain(FB_OP_POSITION);
	c.position.account = account;
	c.position.position = position;
	c.position.symbol = symbol;
	c.position.qty = qty;
	c.position.entry = entry;
	return c;
}

static inline union fb_command c_fill(uint32_t account, uint32_t position, uint16_t symbol,
				      int64_t qty, int64_t entry, int64_t delta)
{
	union fb_command c = c_plain(FB_OP_FILL);
	c.fill.account = account;
	c.fill.position = position;
	c.fill.symbol = symbol;
	c.fill.qty = qty;
	c.fill.entry = entry;
	c.fill.delta = delta;
	return c;
}

static inline union fb_command c_account(uint32_t account, int64_t collateral, __int128 addend,
					 uint8_t class_id)
{
	union fb_command c = c_plain(FB_OP_ACCOUNT);
	c.account.account = account;
	c.account.collateral = collateral;
	c.account.addend = kit_i128(addend);
	c.account.class_id = class_id;
	return c;
}

static inline union fb_command c_account_level(uint32_t account, int64_t collateral,
					       __int128 addend, uint8_t class_id, uint8_t level)
{
	union fb_command c = c_account(account, collateral, addend, class_id);
	c.account.flags = FB_FLAG_SET_LEVEL;
	c.account.level = level;
	return c;
}

static inline union fb_command c_remove(uint32_t account)
{
	union fb_command c = c_plain(FB_OP_ACCOUNT);
	c.account.flags = FB_FLAG_REMOVE;
	c.account.account = account;
	return c;
}

static inline union fb_command c_collateral(uint32_t account, int64_t delta)
{
	union fb_command c = c_plain(FB_OP_COLLATERAL);
	c.collateral.account = account;
	c.collateral.delta = delta;
	return c;
}

/* One threshold pair at index `first`. */
static inline union fb_command c_class(uint8_t class_id, uint8_t first, uint32_t up, uint32_t down,
				       uint8_t strict)
{
	union fb_command c = c_plain(FB_OP_CLASS);
	c.class.count = 1;
	c.class.class_id = class_id;
	c.class.first = first;
	c.class.strict = strict;
	c.class.up[0] = up;
	c.class.down[0] = down;
	return c;
}

static inline union fb_command c_symbol(uint16_t symbol, uint16_t ladder, uint64_t u)
{
	union fb_command c = c_plain(FB_OP_SYMBOL);
	c.symbol.symbol = symbol;
	c.symbol.ladder = ladder;
	c.symbol.u = u;
	return c;
}

static inline union fb_command c_ladder(uint16_t ladder, uint8_t tier, uint32_t rate,
					uint64_t floor, uint64_t deduction)
{
	union fb_command c = c_plain(FB_OP_LADDER);
	c.ladder.ladder = ladder;
	c.ladder.tier = tier;
	c.ladder.rate = rate;
	c.ladder.floor = floor;
	c.ladder.deduction.lo = deduction;
	return c;
}

static inline union fb_command c_funding(uint16_t symbol, int64_t rate)
{
	union fb_command c = c_plain(FB_OP_FUNDING);
	c.funding.symbol = symbol;
	c.funding.rate = rate;
	return c;
}

#endif
