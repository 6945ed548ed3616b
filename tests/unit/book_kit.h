/* What the tests of the host share: a book with a running sequence and house accounts, small and
 * known numbers.
 *
 * The ladder: 1 % from 0, 2 % from 1000 money on (deduction 10 money, so MM is continuous). One lot
 * at U_MONEY is worth 1 money. */
#ifndef BOOK_KIT_H
#define BOOK_KIT_H

#include "model_kit.h"

#include <firebreak/confirm.h>

#define MONEY INT64_C(100000000)
#define U_MONEY (U_ONE * (uint64_t)MONEY) /* exceeds no width: 2^16 x 1e8 < 2^43 */

static struct fb_book *book;

/* Applies a command that must be taken. */
static inline void tell(union fb_command c)
{
	struct fb_error error = { "" };
	c.header.seq = book->seq + 1;
	ck_assert_msg(fb_book_apply(book, &c, &error) == 0, "%s", error.text);
}

/* Applies a command that must be refused, for this reason. */
static inline void tell_refused(union fb_command c, const char *reason)
{
	struct fb_error error = { "" };
	uint64_t seq = book->seq;
	c.header.seq = seq + 1;
	ck_assert_int_eq(fb_book_apply(book, &c, &error), -EINVAL);
	ck_assert_msg(strstr(error.text, reason) != NULL, "expected %s, found: %s", reason,
		      error.text);
	ck_assert_uint_eq(book->seq, seq);
}

static inline union fb_command c_house(uint32_t id, uint8_t role, int64_t collateral)
{
	union fb_command c = c_account(id, collateral, 0, 0);
	c.account.role = role;
	return c;
}

/* Class 0: 80/75 %, 90/85 %, 100/95 %. Symbols 1 to 3 at 1 money a lot. */
static inline void open_book(unsigned ahead)
{
	ck_assert_int_eq(fb_book_open(64, 256, ahead, &book), 0);
	tell(c_class(0, 0, 8000000, 7500000, 0));
	tell(c_class(0, 1, 9000000, 8500000, 0));
	tell(c_class(0, 2, 10000000, 9500000, 0));
	tell(c_ladder(1, 0, 100000, 0, 0));
	tell(c_ladder(1, 1, 200000, (uint64_t)(1000 * MONEY), (uint64_t)(10 * MONEY) * 10000000));
	for (uint16_t s = 1; s <= 3; s++)
		tell(c_symbol(s, 1, U_MONEY));
	tell(c_house(FB_ID_FUND, FB_ROLE_FUND, 500 * MONEY));
	tell(c_house(FB_ID_STREET, FB_ROLE_EXCLUDED, 1000000 * MONEY));
	tell(c_house(FB_ID_FEES, FB_ROLE_EXCLUDED, 0));
}

static inline uint32_t index_of(uint32_t id)
{
	uint32_t index = fb_book_account_index(book, id);
	ck_assert_uint_ne(index, FB_NONE);
	return index;
}

static inline __int128 collateral_of(uint32_t id)
{
	return book->account[index_of(id)].collateral_e8;
}

static inline struct fb_sums sums_of(uint32_t id)
{
	struct fb_view view;
	struct fb_sums sums;
	ck_assert_int_eq(fb_book_view(book, index_of(id), FB_NOW, &view), 0);
	fb_value_exact(book, &view, &sums);
	return sums;
}

#endif
