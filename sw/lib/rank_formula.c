/* The published scores that are products of powers, as coefficients.
 *
 * Notation: U unrealised profit, E and M entry and mark price, |e| value at entry, N value at mark,
 * Q equity of the account, MM its maintenance margin, mm that of the row, W collateral. Whatever
 * all rows of a ranking share (the mark, the lot) changes no order and is left out. Where a score
 * is negative (class LOSS) higher means smaller in magnitude, so its powers change sign.
 *
 * What holds of all: a ranking is of one symbol and side, and PROFIT comes before ZERO before LOSS.
 * A formula that does not ask for the sign of U (Hyperliquid, CoinEx, a position's size) is exact
 * within a class and, with profitable rows alone (class_mask), as a whole. Q is the equity of the
 * whole account: where a venue means an isolated position's margin, the position is an account with
 * one row. Rows without equity take no part. Rank is of rows: a venue that adds up the positions of
 * an account first has one row of them. Not covered, because sums or other orders: Bluefin (a
 * maximum of two ratios), Ethereal (lexicographic), dYdX (random), and what venues add to MM that
 * is not in MM here. */
#include <string.h>

#include <firebreak/rank.h>

#define COIN_E8 UINT64_C(100000000)

/* Powers by operand: P(U, |e|, N, Q, MM, mm, W). */
#define P(...) { __VA_ARGS__ }

const struct fb_rank_formula fb_rank_formulas[] = {
	/* BitMEX, "Auto-Deleveraging" (www.bitmex.com/app/autoDeleveraging); the same text at MEXC,
	 * Deepcoin's first form, Mufex, MCS. PnL% = U / |e|; effective leverage = N / (MarkValue -
	 * BankruptValue); profit: their product, loss: PnL% / leverage. MarkValue - BankruptValue
	 * is what the account can lose in this symbol, Q. */
	{ "bitmex", P(1, -1, 1, -1, 0, 0, 0), P(-1, 1, 1, -1, 0, 0, 0), 0 },

	/* Binance, FAQ 360033525471 as of 2020 (also dev.binance.vision/t/17801; Aster, ebi; Aevo).
	 * max(0, U) / max(1, W) x MM / (W + U), where W + U is Q. In part: losing rows all score 0
	 * and tie with rows at 0; here ZERO comes before LOSS, and both go by notional. */
	{ "binance-2020", P(1, 0, 0, -1, 1, 0, -1), P(0, 0, 0, 0, 0, 0, 0), COIN_E8 },

	/* Binance, the same page as reported in 2025. PnL% = U / N, leverage = N / (W + U); profit:
	 * product U / Q, the notional cancels; loss: quotient U x Q / N^2. As <firebreak/adl.h>. */
	{ "binance-2025", P(1, 0, 0, -1, 0, 0, 0), P(-1, 0, 2, -1, 0, 0, 0), 0 },

	/* OKX, "Introduction to auto-deleveraging": PnL% / margin ratio (profit), PnL% x margin
	 * ratio (loss); PnL% = U / |e|, margin ratio = Q / (MM + fees). The closing fee is in MM
	 * where it is in the tier's rate. */
	{ "okx", P(1, -1, 0, -1, 1, 0, 0), P(-1, 1, 0, -1, 1, 0, 0), 0 },

	/* Bitget, support article 12560603800805, cross margin: ROI x MM rate (profit), ROI / MM
	 * rate (loss); ROI = U / |e|, MM rate = MM / Q. So the order is that of OKX. */
	{ "bitget", P(1, -1, 0, -1, 1, 0, 0), P(-1, 1, 0, -1, 1, 0, 0), 0 },

	/* Extended, docs.extended.exchange: PnL% x position margin ratio (profit), PnL% / that
	 * (loss); the ratio is N x rate / max(Q, 1): mm / Q. In part: Q below one coin counts here
	 * as it is, and mm is less a tier's deduction. */
	{ "extended", P(1, -1, 0, -1, 0, 1, 0), P(-1, 1, 0, -1, 0, 1, 0), 0 },

	/* Hyperliquid, "Auto-deleveraging": (M / E) x (notional / account value), as printed, for
	 * both sides. M / E = N / |e|, so N^2 / (|e| x Q). For a short this ranks the larger loss
	 * first; the page gives no inverse. */
	{ "hyperliquid", P(0, -1, 2, -1, 0, 0, 0), P(0, -1, 2, -1, 0, 0, 0), 0 },
	/* For shorts, if E / M is meant: |e| / N x N / Q. */
	{ "hyperliquid-short", P(0, 1, 0, -1, 0, 0, 0), P(0, 1, 0, -1, 0, 0, 0), 0 },

	/* CoinEx, support article 360018671293: profit% x open value / margin, where profit% is
	 * N / |e| of a long and |e| / N of a short; margin is W: of a cross account its collateral.
	 * Long: N / W, the open value cancels. Short: |e|^2 / (N x W). */
	{ "coinex-long", P(0, 0, 1, 0, 0, 0, -1), P(0, 0, 1, 0, 0, 0, -1), 0 },
	{ "coinex-short", P(0, 2, -1, 0, 0, 0, -1), P(0, 2, -1, 0, 0, 0, -1), 0 },

	/* FLOX (github.com/FLOX-Foundation/flox), three rules: U / Q; U x N / Q; position size. */
	{ "flox-pnl-ratio", P(1, 0, 0, -1, 0, 0, 0), P(-1, 0, 0, 1, 0, 0, 0), 0 },
	{ "flox-binance", P(1, 0, 1, -1, 0, 0, 0), P(-1, 0, -1, 1, 0, 0, 0), 0 },
	{ "flox-position-size", P(0, 0, 1, 0, 0, 0, 0), P(0, 0, 1, 0, 0, 0, 0), 0 },
};
const size_t fb_rank_formulas_n = sizeof(fb_rank_formulas) / sizeof(fb_rank_formulas[0]);

const struct fb_rank_formula *fb_rank_formula(const char *name)
{
	for (size_t i = 0; i < fb_rank_formulas_n; i++)
		if (strcmp(fb_rank_formulas[i].name, name) == 0)
			return &fb_rank_formulas[i];
	return NULL;
}
