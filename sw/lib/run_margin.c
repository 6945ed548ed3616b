/* What a pack's [margin] asks of the host: addends that follow fills, the prices by which the venue
 * counts, and whom the engine cannot flag in time. See margin.h and venue_judge.h. */
#include <errno.h>
#include <string.h>

#include "margin.h"
#include "run_host.h"

int fb_host_margin_open(struct fb_host *h)
{
	h->margin_moves = fb_margin_moves(h->rules);
	if (!fb_margin_differs(h->rules))
		return 0;
	h->confirm.judge = &h->judge;
	return fb_venue_judge_open(h->rules, &h->judge);
}

static int put_row(struct fb_host *h, uint32_t account, uint32_t row,
		   int (*command)(void *context, union fb_command *command))
{
	const struct fb_book_row *r = &h->book->row[row];
	uint32_t addend = fb_margin_row_addend(h->rules, r->symbol,
					       h->book->symbol[r->symbol].u_first, r->qty);

	if (addend == r->addend_e7)
		return 0;
	union fb_command c = { .position = {
				       .op = FB_OP_POSITION,
				       .account = h->book->account[account].id,
				       .position = r->id,
				       .symbol = r->symbol,
				       .row_flags = r->flags,
				       .qty = r->qty,
				       .entry = r->entry_e8,
				       .addend = addend,
			       } };
	if (addend == FB_MARGIN_ADDEND_MOST)
		fb_confirm_host_judges(&h->confirm, account);
	return command(h, &c);
}

static int put_account(struct fb_host *h, uint32_t account,
		       int (*command)(void *context, union fb_command *command))
{
	const struct fb_book_account *a = &h->book->account[account];
	__int128 addend = fb_margin_account_addend(h->rules, h->book, account);

	if (addend == a->addend_e15)
		return 0;
	if (!fb_fits(addend, FB_ADDEND_BITS) || !fb_fits(a->collateral_e8, FB_MONEY_BITS)) {
		/* No command can say it. */
		fb_confirm_host_judges(&h->confirm, account);
		return 0;
	}
	union fb_command c = { .account = {
				       .op = FB_OP_ACCOUNT,
				       .account = a->id,
				       .collateral = (int64_t)a->collateral_e8,
				       .addend = fb_i128_of(addend),
				       .class_id = a->class_id,
				       .role = a->role,
				       .held = a->held,
			       } };
	return command(h, &c);
}

int fb_host_margin_after(struct fb_host *h, const union fb_command *booked,
			 int (*command)(void *context, union fb_command *command))
{
	uint32_t account, row;
	int err = 0;

	if (!h->margin_moves || booked->header.op != FB_OP_FILL)
		return 0;
	account = fb_book_account_index(h->book, booked->fill.account);
	row = fb_book_row_index(h->book, booked->fill.position);
	if (account == FB_NONE || row == FB_NONE ||
	    h->book->account[account].role != FB_ROLE_USER)
		return 0;
	if (h->book->row[row].live)
		err = put_row(h, account, row, command);
	return err ? err : put_account(h, account, command);
}

void fb_host_margin_look(struct fb_host *h, const union fb_command *booked)
{
	if (!h->confirm.judge || h->confirm.everyone)
		return;
	if (booked->header.op == FB_OP_POSITION &&
	    booked->position.addend == FB_MARGIN_ADDEND_MOST) {
		fb_confirm_host_judges(&h->confirm, fb_book_account_index(
							    h->book, booked->position.account));
		return;
	}
	if (booked->header.op != FB_OP_MARKS || !h->book->sealed)
		return;
	for (unsigned i = 0; i < booked->marks.count; i++) {
		unsigned s = booked->marks.mark[i] & 0xfff;
		const struct fb_book_symbol *symbol = &h->book->symbol[s];

		if (s < h->rules->symbols &&
		    symbol->u < fb_margin_least(h->rules, s, symbol->u_first)) {
			fb_confirm_host_judges_all(&h->confirm);
			return;
		}
	}
}

int fb_host_counted(struct fb_host *h, const struct fb_log_counted *price, size_t n)
{
	if (n == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (price[i].symbol >= h->rules->symbols || !h->confirm.judge)
			return fb_error_set(h->error, -EBADMSG,
					    "prices: expected a symbol of a pack that needs them");
		h->judge.price_e8[price[i].symbol] = price[i].price_e8;
	}
	return fb_log_put(h->log, FB_LOG_COUNTED, h->book->seq, price, n * sizeof(*price),
			  h->error);
}
