/* The instant gateway: see fb_gateway_instant in <firebreak/gateway.h>. */
#include <assert.h>
#include <errno.h>

#include <firebreak/gateway.h>

static int done(struct fb_gateway *gateway, const struct fb_order *order, struct fb_ack *ack)
{
	(void)gateway;
	*ack = (struct fb_ack){ .qty = order->qty, .value_e8 = order->value_e8 };
	return 0;
}

static int reduce(struct fb_gateway *gateway, const struct fb_order *order, struct fb_ack *ack)
{
	const struct fb_book_symbol *symbol = &gateway->book->symbol[order->symbol];
	struct fb_row_value at_mark;
	fb_value_row(&gateway->book->ladder[symbol->ladder], order->qty, symbol->u, 0, &at_mark);
	*ack = (struct fb_ack){ .qty = 0 };
	if (at_mark.value_e8 >= order->value_e8)
		*ack = (struct fb_ack){ .qty = order->qty, .value_e8 = at_mark.value_e8 };
	return 0;
}

static const struct fb_gateway_ops instant = {
	.hold = done,
	.cancel_all = done,
	.reduce = reduce,
	.takeover = done,
	.fund_move = done,
};

void fb_gateway_instant(struct fb_gateway *gateway, const struct fb_book *book)
{
	*gateway = (struct fb_gateway){ .ops = &instant, .book = book };
}
