/* Commands applied to the book, with the contract's checks in front (contract.md, sections 2 and
 * 3). */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include <firebreak/funding.h>

#include "book_internal.h"

#define FB_LOT_RATE_BITS 53 /* |rate| < 2^52 */

static const char *reason_name(enum fb_reject reason)
{
	static const char *const names[] = {
		"NONE",	       "OPCODE",     "UNSUPPORTED", "IN_BATCH",	     "COUNT",
		"RANGE",       "SYMBOL",     "LADDER",	    "LADDER_BOUND",  "CLASS",
		"CLASS_BOUND", "NO_ACCOUNT", "NO_POSITION", "HAS_POSITIONS", "FULL",
	};
	return (size_t)reason < sizeof(names) / sizeof(names[0]) ? names[reason] : "?";
}

static enum fb_reject put_ladder(struct fb_book *book, const struct fb_cmd_ladder *c)
{
	unsigned __int128 deduction = (unsigned __int128)c->deduction.hi << 64 | c->deduction.lo;
	if (c->ladder >= FB_LADDERS || c->tier >= FB_TIERS || c->rate >> FB_RATE_BITS ||
	    c->floor >> FB_NOTIONAL_BITS || deduction >> FB_DEDUCTION_BITS)
		return FB_REJECT_RANGE;
	struct fb_book_ladder *ladder = &book->ladder[c->ladder];
	if (c->tier == 0
		    ? c->floor != 0 || deduction != 0
		    : c->tier != ladder->tiers || c->floor <= ladder->tier[c->tier - 1].floor_e8)
		return FB_REJECT_LADDER;
	if (ladder->symbols > 0)
		return FB_REJECT_LADDER_BOUND;
	ladder->tier[c->tier] = (struct fb_book_tier){
		.rate_e7 = c->rate,
		.floor_e8 = c->floor,
		.deduction_e15 = deduction,
	};
	ladder->tiers = c->tier + 1u;
	return FB_REJECT_NONE;
}

static bool pairs_in_order(const struct fb_cmd_class *c, const struct fb_book_class *class)
{
	for (unsigned i = 0; i < c->count; i++) {
		unsigned k = c->first + i;
		uint32_t below = i > 0 ? c->up[i - 1] : k > 0 ? class->up_e7[k - 1] : 0;
		if (c->down[i] > c->up[i] || c->up[i] < below)
			return false;
	}
	return true;
}

static enum fb_reject put_class(struct fb_book *book, const struct fb_cmd_class *c)
{
	if (c->count < 1 || c->count > FB_PAIRS_PER_WORD)
		return FB_REJECT_COUNT;
	if (c->class_id >= FB_CLASSES || c->first + c->count > FB_THRESHOLDS || c->strict > 1)
		return FB_REJECT_RANGE;
	for (unsigned i = 0; i < c->count; i++)
		if (c->up[i] >> FB_THRESHOLD_BITS || c->down[i] >> FB_THRESHOLD_BITS)
			return FB_REJECT_RANGE;
	struct fb_book_class *class = &book->classes[c->class_id];
	if ((c->first != 0 && c->first != class->thresholds) || !pairs_in_order(c, class))
		return FB_REJECT_CLASS;
	if (class->accounts > 0)
		return FB_REJECT_CLASS_BOUND;
	for (unsigned i = 0; i < c->count; i++) {
		class->up_e7[c->first + i] = c->up[i];
		class->down_e7[c->first + i] = c->down[i];
	}
	class->thresholds = (unsigned)c->first + c->count;
	class->strict = c->strict != 0;
	return FB_REJECT_NONE;
}

static void set_unit_value(struct fb_book_symbol *symbol, uint64_t u, uint64_t seq)
{
	uint64_t at = symbol->versions++ % FB_MARK_VERSIONS;
	symbol->u = u;
	symbol->u_seq = seq;
	symbol->version[at].seq = seq;
	symbol->version[at].u = u;
}

static enum fb_reject put_symbol(struct fb_book *book, const struct fb_cmd_symbol *c)
{
	if (c->symbol >= FB_SYMBOLS || c->ladder >= FB_LADDERS || c->u == 0 || c->u >> FB_U_BITS)
		return FB_REJECT_RANGE;
	if (book->ladder[c->ladder].tiers == 0)
		return FB_REJECT_LADDER;
	struct fb_book_symbol *symbol = &book->symbol[c->symbol];
	if (symbol->defined)
		book->ladder[symbol->ladder].symbols--;
	else
		symbol->u_first = c->u;
	symbol->defined = true;
	symbol->ladder = c->ladder;
	book->ladder[c->ladder].symbols++;
	set_unit_value(symbol, c->u, c->seq);
	return FB_REJECT_NONE;
}

static enum fb_reject put_marks(struct fb_book *book, const struct fb_cmd_marks *c)
{
	if (c->count < 1 || c->count > FB_MARKS_PER_WORD)
		return FB_REJECT_COUNT;
	for (unsigned i = 0; i < c->count; i++)
		if ((c->mark[i] & 0xfff) >= FB_SYMBOLS || c->mark[i] >> 12 == 0)
			return FB_REJECT_RANGE;
	for (unsigned i = 0; i < c->count; i++)
		if (!book->symbol[c->mark[i] & 0xfff].defined)
			return FB_REJECT_SYMBOL;
	for (unsigned i = 0; i < c->count; i++)
		set_unit_value(&book->symbol[c->mark[i] & 0xfff], c->mark[i] >> 12, c->seq);
	return FB_REJECT_NONE;
}

/* The host removes an account only to put it again in the same batch: it keeps its place. */
static enum fb_reject remove_account(struct fb_book *book, uint32_t index, uint64_t seq)
{
	if (index == FB_NONE)
		return FB_REJECT_NO_ACCOUNT;
	struct fb_book_account *a = &book->account[index];
	if (a->rows_live > 0)
		return FB_REJECT_HAS_POSITIONS;
	if (fb_book_remember(book, index, FB_NONE, seq))
		return FB_REJECT_FULL;
	book->total_e8 -= a->collateral_e8;
	a->collateral_e8 = 0;
	return FB_REJECT_NONE;
}

static enum fb_reject put_account(struct fb_book *book, const struct fb_cmd_account *c)
{
	struct fb_book_place *place = fb_book_map_slot(&book->account_map, c->account);
	uint32_t index = fb_book_map_value(&book->account_map, place);
	if (c->flags & FB_FLAG_REMOVE)
		return remove_account(book, index, c->seq);
	/* A level that is set is the engine's affair: the book's is the one reported last. */
	if (!fb_fits(c->collateral, FB_MONEY_BITS) ||
	    !fb_fits(fb_wide(c->addend), FB_ADDEND_BITS) || c->class_id >= FB_CLASSES ||
	    c->role > FB_ROLE_EXCLUDED || c->held > 1 ||
	    ((c->flags & FB_FLAG_SET_LEVEL) != 0 && c->level > FB_LEVEL_FAULT))
		return FB_REJECT_RANGE;
	if (book->classes[c->class_id].thresholds == 0)
		return FB_REJECT_CLASS;
	if (index == FB_NONE && book->accounts == book->accounts_max)
		return FB_REJECT_FULL;
	if (index == FB_NONE) {
		index = book->accounts++;
		book->account[index] =
			(struct fb_book_account){ .id = c->account, .first = FB_NONE };
		fb_book_map_put(&book->account_map, place, c->account, index);
	} else {
		/* History keeps collateral and addend: the class must not change under batches
		 * in flight. */
		if (fb_book_remember(book, index, FB_NONE, c->seq))
			return FB_REJECT_FULL;
		book->classes[book->account[index].class_id].accounts--;
	}
	struct fb_book_account *a = &book->account[index];
	book->total_e8 += c->collateral - a->collateral_e8;
	a->collateral_e8 = c->collateral;
	a->addend_e15 = fb_wide(c->addend);
	a->class_id = c->class_id;
	a->role = c->role;
	a->held = c->held;
	book->classes[c->class_id].accounts++;
	return FB_REJECT_NONE;
}

static enum fb_reject add_collateral(struct fb_book *book, const struct fb_cmd_collateral *c)
{
	if (!fb_fits(c->delta, FB_MONEY_BITS))
		return FB_REJECT_RANGE;
	uint32_t index = fb_book_account_index(book, c->account);
	if (index == FB_NONE)
		return FB_REJECT_NO_ACCOUNT;
	if (fb_book_remember(book, index, FB_NONE, c->seq))
		return FB_REJECT_FULL;
	book->account[index].collateral_e8 += c->delta;
	book->total_e8 += c->delta;
	return FB_REJECT_NONE;
}

/* The row of a position command, made if it is new. */
static enum fb_reject find_row(struct fb_book *book, uint32_t account_id, uint32_t position,
			       uint16_t symbol, bool removes, uint32_t *out)
{
	struct fb_book_place *place = fb_book_map_slot(&book->account_map, account_id);
	uint32_t account = fb_book_map_value(&book->account_map, place);
	if (account == FB_NONE)
		return FB_REJECT_NO_ACCOUNT;
	struct fb_book_place *of_row = fb_book_map_slot(&book->row_map, position);
	uint32_t index = fb_book_map_value(&book->row_map, of_row);
	struct fb_book_account *a = &book->account[account];
	bool live = index != FB_NONE && book->row[index].live;
	/* A dead row remembers whose it was: ids are not passed on to another account or symbol. */
	if (index != FB_NONE &&
	    (book->row[index].account != account || book->row[index].symbol != symbol))
		return FB_REJECT_NO_POSITION;
	if (removes && !live)
		return FB_REJECT_NO_POSITION;
	if (!live && a->rows_live == FB_ROWS_PER_ACCOUNT)
		return FB_REJECT_FULL;
	if (index == FB_NONE) {
		if (book->rows == book->rows_max)
			return FB_REJECT_FULL;
		index = book->rows++;
		book->row[index] = (struct fb_book_row){
			.id = position,
			.account = account,
			.next = a->first,
			.symbol = symbol,
		};
		fb_book_map_put(&book->row_map, of_row, position, index);
		a->first = place->first = index;
	}
	*out = index;
	return FB_REJECT_NONE;
}

static void set_row(struct fb_book *book, struct fb_book_row *row, int64_t qty, int64_t entry_e8,
		    uint64_t seq)
{
	struct fb_book_account *a = &book->account[row->account];
	bool live = qty != 0 || entry_e8 != 0;
	book->symbol[row->symbol].qty_sum += qty - row->qty;
	book->total_e8 -= entry_e8 - row->entry_e8;
	a->rows_live = (uint16_t)(a->rows_live - row->live + live);
	row->live = live;
	row->qty = qty;
	row->entry_e8 = entry_e8;
	row->changed = seq;
}

static enum fb_reject put_position(struct fb_book *book, const struct fb_cmd_position *c)
{
	if (c->symbol >= FB_SYMBOLS || !fb_fits(c->qty, FB_QTY_BITS) ||
	    !fb_fits(c->entry, FB_MONEY_BITS) || c->addend >> FB_RATE_BITS)
		return FB_REJECT_RANGE;
	if (!book->symbol[c->symbol].defined)
		return FB_REJECT_SYMBOL;
	uint32_t index;
	enum fb_reject reject = find_row(book, c->account, c->position, c->symbol,
					 c->qty == 0 && c->entry == 0, &index);
	if (reject)
		return reject;
	struct fb_book_row *row = &book->row[index];
	if (fb_book_remember(book, row->account, index, c->seq))
		return FB_REJECT_FULL;
	set_row(book, row, c->qty, c->entry, c->seq);
	row->addend_e7 = c->addend;
	row->flags = c->row_flags & FB_ROW_NO_RANK;
	return FB_REJECT_NONE;
}

static enum fb_reject fill(struct fb_book *book, const struct fb_cmd_fill *c)
{
	if (c->symbol >= FB_SYMBOLS || !fb_fits(c->qty, FB_QTY_BITS) ||
	    !fb_fits(c->entry, FB_MONEY_BITS) || !fb_fits(c->delta, FB_MONEY_BITS))
		return FB_REJECT_RANGE;
	if (!book->symbol[c->symbol].defined)
		return FB_REJECT_SYMBOL;
	uint32_t index;
	enum fb_reject reject = find_row(book, c->account, c->position, c->symbol,
					 c->qty == 0 && c->entry == 0, &index);
	if (reject)
		return reject;
	struct fb_book_row *row = &book->row[index];
	if (fb_book_remember(book, row->account, index, c->seq))
		return FB_REJECT_FULL;
	if (!row->live) {
		row->addend_e7 = 0;
		row->flags = 0;
	}
	set_row(book, row, c->qty, c->entry, c->seq);
	book->account[row->account].collateral_e8 += c->delta;
	book->total_e8 += c->delta;
	return FB_REJECT_NONE;
}

/* Every row of the symbol pays or gets its part. */
static enum fb_reject pay_funding(struct fb_book *book, const struct fb_cmd_funding *c)
{
	if (c->symbol >= FB_SYMBOLS || !fb_fits(c->rate, FB_LOT_RATE_BITS) ||
	    c->rate == -((int64_t)1 << (FB_LOT_RATE_BITS - 1)))
		return FB_REJECT_RANGE;
	if (!book->symbol[c->symbol].defined)
		return FB_REJECT_SYMBOL;
	const __int128 bound_e8 = (__int128)1 << FB_NOTIONAL_BITS;
	uint64_t rows = 0;
	for (uint32_t i = 0; i < book->rows; i++) {
		const struct fb_book_row *row = &book->row[i];
		if (!row->live || row->symbol != c->symbol)
			continue;
		__int128 amount = fb_funding_amount(row->qty, c->rate);
		if (amount >= bound_e8 || amount <= -bound_e8)
			return FB_REJECT_RANGE;
		rows++;
	}
	if (!fb_book_remembers(book, rows))
		return FB_REJECT_FULL;
	book->funding.sum_e8 = book->funding.paid_e8 = 0;
	book->funding.rows = (uint32_t)rows;
	for (uint32_t i = 0; i < book->rows && rows > 0; i++) {
		const struct fb_book_row *row = &book->row[i];
		if (!row->live || row->symbol != c->symbol)
			continue;
		__int128 amount = fb_funding_amount(row->qty, c->rate);
		if (amount == 0)
			continue;
		int err = fb_book_remember(book, row->account, FB_NONE, c->seq);
		assert(err == 0);
		(void)err;
		book->account[row->account].collateral_e8 += amount;
		book->funding.sum_e8 += amount;
		book->funding.paid_e8 += amount > 0 ? amount : 0;
	}
	book->total_e8 += book->funding.sum_e8;
	return FB_REJECT_NONE;
}

static enum fb_reject apply(struct fb_book *book, const union fb_command *c)
{
	switch (c->header.op) {
	case FB_OP_MARKS: return put_marks(book, &c->marks);
	case FB_OP_POSITION: return put_position(book, &c->position);
	case FB_OP_FILL: return fill(book, &c->fill);
	case FB_OP_ACCOUNT: return put_account(book, &c->account);
	case FB_OP_COLLATERAL: return add_collateral(book, &c->collateral);
	case FB_OP_CLASS: return put_class(book, &c->class);
	case FB_OP_SYMBOL: return put_symbol(book, &c->symbol);
	case FB_OP_LADDER: return put_ladder(book, &c->ladder);
	case FB_OP_FUNDING: return pay_funding(book, &c->funding);
	case FB_OP_RANK: /* questions: what is asked is the engine's to check */
	case FB_OP_AUDIT:
	case FB_OP_HASH:
	case FB_OP_SNAPSHOT:
	case FB_OP_FENCE:
		return c->header.flags & FB_FLAG_MORE ? FB_REJECT_IN_BATCH : FB_REJECT_NONE;
	default: return FB_REJECT_UNSUPPORTED;
	}
}

int fb_book_apply(struct fb_book *book, const union fb_command *command, struct fb_error *error)
{
	/* Sequence is kept by the one caller that also sends; a gap here is a bug, not an input. */
	assert(command->header.seq == book->seq + 1);
	enum fb_reject reject = apply(book, command);
	if (reject)
		return fb_error_set(
			error, -EINVAL,
			"command %llu (opcode 0x%02x, account %u): the book refuses it: %s",
			(unsigned long long)command->header.seq, command->header.op,
			command->header.account, reason_name(reject));
	book->seq = command->header.seq;
	return 0;
}
