/* An account's history in a few lines. See explain.h. */
#include <string.h>

#include "explain.h"
#include "report_internal.h"

/* Money in whole cents, with commas. */
static const char *money(__int128 value_e8, char out[80])
{
	char text[64];
	__int128 half = value_e8 < 0 ? -500000 : 500000;
	fb_report_money((value_e8 + half) / 1000000 * 1000000, text);
	text[strlen(text) - 6] = '\0';
	return fb_report_grouped(text, out);
}

static const char *count(__int128 n, char out[64])
{
	char digits[41];
	return fb_report_grouped(fb_text_i128(n, digits), out);
}

static const char *at(int64_t time_us, char out[32])
{
	fb_report_time(time_us, out);
	out[19] = '\0';
	return out + 11; /* the time of day */
}

/* In hundredths of a percent, cut. */
static void percent(const struct fb_sums *sums, char out[64])
{
	if (sums->equity_e8 <= 0) {
		snprintf(out, 64, "no equity left");
		return;
	}
	__int128 n = sums->mm_e15 / 1000 / sums->equity_e8;
	char digits[64];
	snprintf(out, 64, "a margin ratio of %s.%02u %%", count(n / 100, digits),
		 (unsigned)(n % 100));
}

static void ending(const struct fb_explain *x, FILE *out)
{
	const struct fb_story *s = &x->story;
	char time[32], a[80];
	if (s->closed)
		fprintf(out, "  By %s nothing was left of it: %s went %s the fund.\n",
			at(s->ended_us, time),
			money(s->to_fund_e8 < 0 ? -s->to_fund_e8 : s->to_fund_e8, a),
			s->to_fund_e8 < 0 ? "to it from" : "to");
	else if (s->recovered)
		fprintf(out, "  By %s it had recovered%s.\n", at(s->ended_us, time),
			s->taken ? " and could trade again" : "");
	else
		fprintf(out, "  At the end it was in the state \"%s\".\n", fb_state_name(s->state));
}

static void tell_taken(const struct fb_explain *x, FILE *out)
{
	const struct fb_story *s = &x->story;
	char time[32], text[64], a[80], b[80];
	fprintf(out, "Account %u was %s.\n", x->options->account,
		s->liquidated ? "liquidated" : "held before it came to liquidation");
	if (s->warned)
		fprintf(out, "  At %s its holder was warned%s.\n", at(s->warned_us, time),
			s->called ? ", then called for margin" : "");
	percent(&s->taken_at, text);
	fprintf(out, "  At %s it was held with %s: equity %s against a maintenance margin of %s.\n",
		at(s->taken_us, time), text, money(s->taken_at.equity_e8, a),
		money(s->taken_at.mm_e15 / 10000000, b));
	fprintf(out, "  %llu fills in the market closed %s of its positions",
		(unsigned long long)s->reductions, money(s->market_e8, a));
	if (s->takeovers)
		fprintf(out, ", %llu takeovers %s", (unsigned long long)s->takeovers,
			money(s->house_e8, a));
	if (s->pairs)
		fprintf(out, ", %llu counterparties %s", (unsigned long long)s->pairs,
			money(s->pairs_e8, a));
	fprintf(out, ".\n");
	ending(x, out);
}

static void tell_score(const struct fb_ranked *r, FILE *out)
{
	char a[80], b[80];
	fprintf(out, "profit %s over equity %s", money(r->terms.score.profit_e8, a),
		money(r->terms.score.equity_e8, b));
}

static void tell_deleveraged(const struct fb_explain *x, FILE *out)
{
	const struct fb_story *s = &x->story;
	const struct fb_evidence_link *l = &s->first_link;
	char time[32], a[80], b[80], c[80];
	fprintf(out, "Account %u was deleveraged, though nothing was wrong with it.\n",
		x->options->account);
	fprintf(out,
		"  At %s accounts in liquidation had %s lots of %s %s that neither market nor "
		"houses took; the fund had %s.\n",
		at(l->time_us, time), count((__int128)l->need_lots, a), l->symbol,
		l->side ? "long" : "short",
		money(l->fund_before_e8, b));
	fprintf(out, "  Of %s holders of the other side it had rank %s (the first is 0): ",
		count(l->ranked, a), count(s->first.leaf.rank, b));
	tell_score(&s->first, out);
	fprintf(out, ".\n  %s ranks were tried. ", count(l->depth, a));
	fprintf(out, "It closed %s lots at %s (%s).\n",
		count((__int128)s->first.leaf.moved, b), s->first_price,
		fb_decision_reason(s->first.leaf.decision));
	fprintf(out,
		"  In all it was used %s of %s times it was ranked, and got %s %s than at the "
		"mark.\n",
		count((__int128)s->times_taken, a), count((__int128)s->times_ranked, b),
		money(s->cost_e8 < 0 ? -s->cost_e8 : s->cost_e8, c),
		s->cost_e8 < 0 ? "more" : "less");
}

static void tell_passed(const struct fb_explain *x, FILE *out)
{
	const struct fb_story *s = &x->story;
	const struct fb_evidence_link *l = &s->miss_link;
	char time[32], a[80], b[80], c[80];
	fprintf(out, "Account %u was passed over.\n", x->options->account);
	if (s->warned) {
		fprintf(out, "  At %s its holder was warned.\n", at(s->warned_us, time));
		ending(x, out);
	}
	fprintf(out, "  It was ranked %s times as a counterparty, and never used.\n",
		count((__int128)s->times_ranked, a));
	if (!s->missed)
		return;
	fprintf(out, "  Nearest was round %llu at %s, %s: rank %s of %s, ",
		(unsigned long long)l->round, at(l->time_us, time), l->symbol,
		count(s->miss.leaf.rank, a), count(l->ranked, b));
	tell_score(&s->miss, out);
	fprintf(out, ".\n  The first %s ranks filled the need of %s lots before its turn came.\n",
		count(l->depth, a), count((__int128)l->need_lots, c));
}

void fb_explain_tell(const struct fb_explain *x, FILE *out)
{
	const struct fb_story *s = &x->story;
	if (s->taken)
		tell_taken(x, out);
	else if (s->times_taken > 0)
		tell_deleveraged(x, out);
	else if (s->times_ranked > 0)
		tell_passed(x, out);
	else if (s->warned) {
		char time[32];
		fprintf(out, "Account %u: at %s its holder was warned.\n", x->options->account,
			at(s->warned_us, time));
		ending(x, out);
	} else {
		fprintf(out,
			"Account %u: nothing happened to it. It was never warned, and stood in no "
			"ranking.\n",
			x->options->account);
	}
}
