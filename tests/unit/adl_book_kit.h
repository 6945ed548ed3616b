/* Random books for the tests of ADL, made from a description so that the order of loading can be
 * changed; and pairs applied to the book as fills, so that what they do to equity is counted by the
 * book and not by the planner. */
#ifndef ADL_BOOK_KIT_H
#define ADL_BOOK_KIT_H

#include "adl_kit.h"

/* tell() and sums_of() without ck_assert, which costs two system calls each time. */
__attribute__((unused)) static void put(union fb_command c)
{
	struct fb_error error = { "" };
	c.header.seq = book->seq + 1;
	KIT_MUST(fb_book_apply(book, &c, &error) == 0);
}

__attribute__((unused)) static struct fb_sums sums_at(uint32_t account)
{
	struct fb_view view;
	struct fb_sums sums;
	KIT_MUST(fb_book_view(book, account, FB_NOW, &view) == 0);
	fb_value_exact(book, &view, &sums);
	return sums;
}

struct spec_row {
	uint32_t id;
	uint16_t symbol;
	uint8_t flags;
	int64_t qty, entry;
};
struct spec_account {
	uint32_t id, owner;
	uint8_t role;
	bool held;
	int64_t collateral;
	size_t rows;
	struct spec_row row[4];
};
static struct spec {
	size_t accounts;
	struct spec_account account[40];
	uint64_t u[3];
} spec;

__attribute__((unused)) static int64_t between(uint64_t *seed, int64_t least, int64_t most)
{
	return least + (int64_t)(kit_random(seed) % (uint64_t)(most - least + 1));
}

__attribute__((unused)) static bool one_in(uint64_t *seed, uint64_t n)
{
	return kit_random(seed) % n == 0;
}

/* `money` is what a lot is worth, more or less: in the smallest of books every unit counts. */
__attribute__((unused)) static void draw(uint64_t *seed, int64_t money)
{
	uint64_t u = U_ONE * (uint64_t)money;
	spec.accounts = 4 + kit_random(seed) % 37;
	for (int s = 0; s < 3; s++)
		spec.u[s] = u * 8 / 10 + kit_random(seed) % (u * 4 / 10);
	uint32_t position = 100;
	for (size_t i = 0; i < spec.accounts; i++) {
		struct spec_account *a = &spec.account[i];
		*a = (struct spec_account){ .id = 1 + (uint32_t)i,
					    .owner = (uint32_t)(kit_random(seed) % 4),
					    .held = one_in(seed, 10),
					    .rows = kit_random(seed) % 5 };
		a->role = one_in(seed, 12) ? (uint8_t)(kit_random(seed) % 4) : FB_ROLE_USER;
		int64_t lots = 0;
		for (size_t r = 0; r < a->rows; r++) {
			int64_t qty = between(seed, 1, 40) * (one_in(seed, 2) ? 1 : -1);
			a->row[r] = (struct spec_row){
				.id = position++,
				.symbol = one_in(seed, 3) ? 2 : 1,
				.flags = one_in(seed, 12) ? FB_ROW_NO_RANK : 0,
				.qty = qty,
				.entry = qty * between(seed, money * 8 / 10, money * 12 / 10),
			};
			lots += qty < 0 ? -qty : qty;
		}
		/* Equal accounts make ties; the rest runs from bankrupt to rich. */
		if (i > 0 && one_in(seed, 8))
			a->collateral = a[-1].collateral;
		else
			a->collateral =
				lots * between(seed, -money / 5, money / (one_in(seed, 3) ? 1 : 5));
	}
}

/* Steps through 0..n-1 in some order. */
__attribute__((unused)) static size_t shuffled(size_t i, size_t n, uint64_t order)
{
	return order % 2 ? n - 1 - (i + order) % n : (i + order) % n;
}

/* Loads the spec; the order of accounts and rows in the book is what `order` makes it. */
__attribute__((unused)) static void load(uint64_t order)
{
	open_all();
	for (size_t i = 0; i < spec.accounts; i++) {
		const struct spec_account *a = &spec.account[shuffled(i, spec.accounts, order)];
		union fb_command c = c_account(a->id, a->collateral, 0, 0);
		c.account.role = a->role;
		put(c);
		owner[index_of(a->id)] = a->owner;
		held[index_of(a->id)] = a->held;
	}
	int64_t sum[3] = { 0, 0, 0 };
	for (size_t k = 0; k < 4; k++)
		for (size_t i = 0; i < spec.accounts; i++) {
			const struct spec_account *a =
				&spec.account[shuffled(i, spec.accounts, order / 2)];
			size_t r = shuffled(k, 4, order / 3);
			if (r >= a->rows)
				continue;
			const struct spec_row *row = &a->row[r];
			union fb_command c =
				c_position(a->id, row->id, row->symbol, row->qty, row->entry);
			c.position.row_flags = row->flags;
			put(c);
			sum[row->symbol] -= row->qty;
		}
	for (uint16_t s = 1; s <= 2; s++) {
		if (sum[s] != 0)
			put(c_position(FB_ID_STREET, fb_house_position(FB_ID_STREET, s), s, sum[s],
					sum[s]));
		put(c_mark(s, spec.u[s]));
	}
	fb_book_seal(book);
}

__attribute__((unused)) static __int128 at_mark(uint16_t symbol, int64_t qty)
{
	__int128 n = (__int128)(qty < 0 ? -qty : qty) * book->symbol[symbol].u / U_ONE;
	return qty < 0 ? -n : n;
}

/* Bankrupt accounts, and now and then another one, want to close what they have, for about what it
 * is worth, in order of ids. */
__attribute__((unused)) static void draw_needs(uint64_t seed)
{
	needs = 0;
	for (size_t i = 0; i < spec.accounts; i++) {
		const struct spec_account *a = &spec.account[i];
		bool any = one_in(&seed, 30);
		for (size_t r = 0; r < a->rows; r++) {
			int64_t percent = between(&seed, 70, 130), odd = between(&seed, -5, 5);
			bool whole = !one_in(&seed, 4), plain = one_in(&seed, 3);
			uint32_t index = fb_book_row_index(book, a->row[r].id);
			int64_t qty = book->row[index].qty;
			int64_t part = between(&seed, 1, qty == 0 ? 1 : qty < 0 ? -qty : qty);
			if (qty == 0 || !(any || sums_at(book->row[index].account).equity_e8 < 0))
				continue;
			int64_t lots = whole ? qty : qty < 0 ? -part : part;
			__int128 value = at_mark(a->row[r].symbol, lots);
			ask(a->row[r].id, lots, plain ? value : value * percent / 100 + odd);
		}
	}
}

__attribute__((unused)) static void trade(uint32_t index, int64_t dq, __int128 value_e8)
{
	const struct fb_book_row *row = &book->row[index];
	struct fb_trade after;
	KIT_MUST(fb_trade_after(row->qty, row->entry_e8, dq, value_e8, &after) == 0);
	/* Closing only. */
	KIT_MUST(row->qty < 0 ? dq > 0 && after.qty <= 0 : dq < 0 && after.qty >= 0);
	put(c_fill(book->account[row->account].id, row->id, row->symbol, after.qty, after.entry_e8,
		    (int64_t)after.delta_e8));
}

/* Applies the pairs, or some of them: nobody's equity falls below 0. Where a pair is left out,
 * those after it meet another quantity, and the value at the mark may be a unit less for each. */
__attribute__((unused)) static void apply(bool all, uint64_t seed)
{
	int64_t applied = 0;
	for (int64_t i = 0; i < planned; i++) {
		const struct fb_adl_pair *p = &pairs[i];
		if (!all && one_in(&seed, 3))
			continue;
		applied++;
		trade(need[p->need].row, -p->qty, -p->value_e8);
		trade(p->row, p->qty, p->value_e8);
		struct fb_sums sums = sums_at(p->counter);
		if (p->counter != need[p->need].account)
			KIT_MUST(sums.equity_e8 >= (all ? 0 : -2 * applied));
	}
	struct fb_error error = { "" };
	ck_assert_msg(fb_book_conserved_full(book, &error) == 0, "%s", error.text);
}

/* A pair by ids: what must not depend on the order in the book. */
struct named {
	uint32_t need, account, position, rank;
	int64_t qty;
	__int128 value_e8;
};

__attribute__((unused)) static int64_t name_pairs(struct named *out)
{
	memset(out, 0, sizeof(*out) * MOST);
	for (int64_t i = 0; i < planned; i++) {
		const struct fb_adl_pair *p = &pairs[i];
		out[i].need = book->row[need[p->need].row].id;
		out[i].account = book->account[p->counter].id;
		out[i].position = book->row[p->row].id;
		out[i].rank = p->rank;
		out[i].qty = p->qty;
		out[i].value_e8 = p->value_e8;
	}
	return planned;
}

#endif
