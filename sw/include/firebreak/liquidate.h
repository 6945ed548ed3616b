/* Liquidation of one account, and the order in which accounts are taken (P9, P10).
 *
 * All positions of the account are closed:
 *
 *   hold, cancel_all    one order each
 *   reduce              per position, in order of position id: IOC for all of it, limit =
 *                       bankruptcy value
 *   takeover            if that did not fill: the fund takes the position at the bankruptcy value
 *   fund_move           what is left after fees goes to the fund; what is missing comes from it
 *
 * Bankruptcy value of a position: B = its value at the mark - its share of the account's equity,
 * shares being proportional to the positions' maintenance margin (venues.md section 2: the
 * account-level form, "keeps the margin ratio unchanged when traded there"; for one position B =
 * entry value - collateral). It has no tick: it is a value of the whole position in units of money,
 * and shares add up to equity exactly, so closing every position at B leaves exactly 0 and the
 * rounding favours nobody. With equity >= 0 the mark is at or better than B and the street fills at
 * the mark; with equity < 0 it is worse, and the fund takes over at B, bearing the whole of the
 * negative equity as a loss on what it took. A long's limit is not below 0.
 *
 * Fees are taken from what is left above 0 only, the taker fee first (on what the street filled),
 * then the liquidation fee (on everything closed, to the fund); a bankrupt account pays none. The
 * rest goes to the fund as well.
 *
 * Not filled and not takeable (a house row would leave its range): the position stays, and the
 * account is host-judged.
 */
#ifndef FIREBREAK_LIQUIDATE_H
#define FIREBREAK_LIQUIDATE_H

#include <firebreak/book.h>
#include <firebreak/gateway.h>

/* Where orders and commands go. */
struct fb_liquidate_ops {
	int (*order)(void *context, const struct fb_order *order, const struct fb_ack *ack);
	/* seq and MORE are filled in by the receiver */
	int (*command)(void *context, union fb_command *command);
};

struct fb_liquidate {
	struct fb_book *book;
	struct fb_gateway *gateway;
	const struct fb_liquidate_ops *ops;
	void *context;
	uint32_t epoch;
	uint32_t taker_fee_e7, liquidation_fee_e7;
	uint64_t sequence; /* of the batch being decided */
	/* next order index in this decision; the host sets it to 0 for each batch */
	uint32_t index;
};

struct fb_liquidated {
	uint32_t reductions, takeovers, stuck;
	unsigned __int128 notional_e8;
	__int128 equity_e8; /* when it was taken */
	__int128 taker_fee_e8;
	__int128 liquidation_fee_e8; /* part of fund_e8 */
	__int128 fund_e8;	     /* liquidation fee and rest; negative: paid by the fund */
};

/* Liquidates account `index`. Orders go to the gateway and to ops->order, commands to
 * ops->command. 0 or -errno. */
int fb_liquidate_account(struct fb_liquidate *liquidate, uint32_t account,
			 struct fb_liquidated *out);

/* One account that must go, with the sums that decide its turn. */
struct fb_candidate {
	uint32_t account, id;
	struct fb_sums sums;
};
/* Sorts into canonical order. */
void fb_liquidate_sort(struct fb_candidate *candidate, size_t n);

#endif
