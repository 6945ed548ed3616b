/* The summary as text and JSON, from one struct by way of one table. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "json_write.h"
#include "report_internal.h"

enum type { HEADING, TEXT, COUNT, HEX, MONEY, TIME, FLAG };

struct field {
	enum type type;
	size_t offset;
	const char *name;  /* key in JSON; NULL for a heading */
	const char *label; /* in text */
};

/* clang-format off */
#define F(type, member, label) { type, offsetof(struct fb_summary, member), #member, label }
#define W(type, member, label) \
	{ type, offsetof(struct fb_summary, waterfall.member), #member, label }
#define A(member, label) \
	{ COUNT, offsetof(struct fb_summary, alarms.member), "engine_" #member, label }
#define C(member, label) \
	{ COUNT, offsetof(struct fb_summary, spent.member), "cycles_" #member, label }
#define H(label) { HEADING, 0, NULL, label }
/* clang-format on */

static const struct field fields[] = {
	H("Input"),
	F(TEXT, venue, "rules"),
	F(COUNT, accounts, "accounts, with the houses"),
	F(COUNT, positions, "positions"),
	F(COUNT, symbols, "symbols"),
	F(TIME, from_us, "first marks"),
	F(TIME, to_us, "last marks"),
	F(COUNT, ticks, "ticks"),
	F(COUNT, mark_batches, "batches of marks"),
	F(COUNT, marks, "marks"),
	F(COUNT, events, "events of the venue"),
	H("Engine"),
	F(COUNT, commands, "commands"),
	F(COUNT, batches, "batches"),
	F(COUNT, records, "decision records"),
	F(HEX, records_digest, "digest of all records"),
	F(HEX, hash_accounts, "state hash, accounts"),
	F(HEX, hash_rows, "state hash, positions"),
	F(HEX, hash_symbols, "state hash, symbols"),
	H("Confirmation"),
	F(COUNT, records_verified, "level records equal to the book"),
	F(COUNT, differences, "level records not equal"),
	F(COUNT, sweeps, "state hashes compared with the book"),
	F(COUNT, sweep_differences, "state hashes not equal"),
	F(COUNT, rankings, "rankings repeated by the engine"),
	F(COUNT, rank_commands, "commands for them"),
	F(COUNT, rank_pages, "of them pages of positions"),
	F(COUNT, rank_nominees, "positions that came"),
	F(COUNT, rank_differences, "differences in rankings"),
	A(rejects, "commands the engine refused"),
	A(memory_faults, "memory faults of the engine"),
	A(mismatches, "accounts its audit found wrong"),
	A(known_answers, "lanes its audit found wrong"),
	A(lost_inputs, "accounts whose inputs were lost"),
	A(fundings, "sums of funding not equal to the book's"),
	A(everyone, "times that all went to the host"),
	A(silences, "signs of life of its audit that did not come"),
	F(COUNT, breaches, "breaches reported"),
	F(COUNT, waited, "accounts that had to be watched"),
	F(COUNT, host_judged, "accounts judged by the host"),
	H("Waterfall"),
	W(COUNT, warnings, "warnings"),
	W(COUNT, calls, "margin calls"),
	W(COUNT, cuts, "reductions before liquidation"),
	W(COUNT, liquidations, "accounts liquidated"),
	W(COUNT, bankrupt, "of them bankrupt when taken"),
	W(COUNT, reductions, "reductions in liquidation"),
	W(COUNT, takeovers, "takeovers at the bankruptcy value"),
	W(COUNT, backstop_takeovers, "of them by the backstop"),
	W(COUNT, adl_rounds, "rounds of deleveraging"),
	W(COUNT, pairs, "counterparties deleveraged"),
	W(COUNT, counter_cancels, "orders to cancel theirs"),
	W(COUNT, last_resorts, "takeovers at the mark, for want of any"),
	W(COUNT, spreads, "payments of a loss that is spread"),
	W(COUNT, released, "accounts released"),
	W(COUNT, closed, "accounts closed"),
	W(COUNT, unwinds, "reductions of fund and backstop"),
	W(MONEY, notional_closed_e8, "notional closed"),
	W(MONEY, adl_notional_e8, "of it by deleveraging"),
	W(MONEY, spread_e8, "loss spread"),
	W(MONEY, adl_fees_e8, "fees of deleveraging"),
	W(MONEY, taker_fees_e8, "taker fees"),
	W(MONEY, liquidation_fees_e8, "liquidation fees, to the fund"),
	F(COUNT, light_changes, "changes of lights"),
	F(COUNT, alert_changes, "changes of alerts"),
	H("Orders"),
	W(COUNT, orders, "orders"),
	F(COUNT, orders_open, "open at the end"),
	W(COUNT, resent, "sent again"),
	W(COUNT, rejects, "rejected"),
	W(COUNT, late_fills, "fills after their order, or too many"),
	W(COUNT, strays, "answers told twice"),
	W(COUNT, deferred, "deferred by the governor"),
	W(COUNT, refused, "refused by the governor"),
	W(COUNT, violations, "answers that cannot be true"),
	H("Market"),
	F(COUNT, fundings, "payments of funding"),
	F(COUNT, fundings_skipped, "payments left out: too large for a position"),
	F(MONEY, funding_paid_e8, "funding paid"),
	F(MONEY, funding_rest_e8, "left to the fund by rounding"),
	F(COUNT, freezes, "times that a symbol was frozen"),
	F(COUNT, frozen, "frozen at the end"),
	H("Fund"),
	F(MONEY, fund_start_e8, "at the start"),
	F(MONEY, fund_collateral_e8, "collateral at the end"),
	F(MONEY, fund_equity_e8, "equity at the end"),
	F(MONEY, fund_equity_min_e8, "lowest equity"),
	F(MONEY, uncovered_loss_e8, "loss not paid yet at the end"),
	H("Checks"),
	F(FLAG, conserved, "value conserved to the last unit"),
	F(FLAG, checked, "a second engine ran along"),
	F(COUNT, check_batches, "batches compared with it"),
	F(COUNT, check_differences, "batches that differ"),
	H("This run"),
	F(TEXT, engine, "engine"),
	F(TEXT, check, "second engine"),
	F(COUNT, failovers, "times that the engine died"),
	F(TEXT, failover_from, "the engine that died"),
	F(TEXT, failover_why, "why"),
	F(COUNT, failover_seq, "taken over after command"),
	F(COUNT, failover_us, "microseconds that took"),
	F(COUNT, engine_cycles, "simulated clock cycles"),
	C(idle, "of them idle"),
	C(issue, "of them for commands"),
	C(drain, "of them to close batches"),
	C(rank, "of them for rankings"),
	C(audit, "of them for the audit"),
	C(stalled, "of them stalled by the output"),
	F(COUNT, engine_revaluations, "positions revalued"),
	F(COUNT, engine_rotations, "signs of life of its audit"),
	F(COUNT, host_ms, "wall clock of the host, ms"),
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

char *fb_report_money(__int128 value_e8, char *out)
{
	char digits[41];
	bool negative = value_e8 < 0;
	__int128 magnitude = negative ? -value_e8 : value_e8;
	fb_text_i128(magnitude / 100000000, digits);
	sprintf(out, "%s%s.%08u", negative ? "-" : "", digits, (unsigned)(magnitude % 100000000));
	return out;
}

void fb_report_price(const struct fb_symbol *symbol, int64_t qty, __int128 value_e8, char *out,
		     size_t size)
{
	char text[64];
	__int128 base_e8 = (__int128)(qty < 0 ? -qty : qty) * symbol->lot_e8;
	__int128 worth = qty < 0 ? -value_e8 : value_e8;
	out[0] = '\0';
	/* The value of an inverse or quanto contract is in the coin, its price is not. Beyond
	 * 2^100 there is none. */
	if (qty != 0 && base_e8 != 0 && symbol->type == FB_LINEAR && fb_fits(worth, 100))
		snprintf(out, size, "%s", fb_report_money(worth * 100000000 / base_e8, text));
}

char *fb_report_time(int64_t time_us, char *out)
{
	struct tm parts;
	int64_t fraction_us = (time_us % 1000000 + 1000000) % 1000000, ms = fraction_us / 1000;
	time_t seconds = (time_t)((time_us - fraction_us) / 1000000);
	gmtime_r(&seconds, &parts);
	size_t n = strftime(out, 25, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(out + n, 32 - n, ".%03dZ", (int)ms);
	return out;
}

bool fb_summary_good(const struct fb_summary *s)
{
	const struct fb_log_alarms *a = &s->alarms;
	uint64_t alarms = a->rejects + a->memory_faults + a->mismatches + a->known_answers +
			  a->level_differences + a->lost_inputs + a->silences + a->fundings;
	return s->conserved && s->differences == 0 && alarms == 0 && s->sweep_differences == 0 &&
	       s->rank_differences == 0 && s->check_differences == 0 && s->waterfall.refused == 0 &&
	       s->waterfall.violations == 0;
}

char *fb_report_grouped(const char *digits, char *out)
{
	size_t whole = strcspn(digits, "."), at = 0, from = digits[0] == '-';
	for (size_t i = 0; i < whole; i++) {
		if (i > from && (whole - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	strcpy(out + at, digits + whole);
	return out;
}

static void value_text(const struct fb_summary *s, const struct field *f, bool people,
		       char out[400])
{
	const void *at = (const char *)s + f->offset;
	char plain[64];
	uint64_t n;
	int64_t time;
	__int128 money;
	switch (f->type) {
	case TEXT: snprintf(out, 400, "%s", (const char *)at); break;
	case FLAG:
		snprintf(out, 400, "%s",
			 *(const bool *)at ? people ? "yes" : "true"
			 : people	   ? "no"
					   : "false");
		break;
	case HEX:
		memcpy(&n, at, sizeof(n));
		snprintf(out, 400, "%016" PRIx64, n);
		break;
	case TIME:
		memcpy(&time, at, sizeof(time));
		fb_report_time(time, out);
		break;
	case MONEY:
		memcpy(&money, at, sizeof(money));
		fb_report_money(money, plain);
		people ? (void)fb_report_grouped(plain, out)
		       : (void)snprintf(out, 400, "%s", plain);
		break;
	default:
		memcpy(&n, at, sizeof(n));
		snprintf(plain, sizeof(plain), "%" PRIu64, n);
		people ? (void)fb_report_grouped(plain, out)
		       : (void)snprintf(out, 400, "%s", plain);
	}
}

void fb_summary_text(const struct fb_summary *s, FILE *out)
{
	static const char *const levels[] = { "calm", "1", "2",	       "3",    "4",
					      "5",    "6", "bankrupt", "fault" };
	char text[400];
	for (size_t i = 0; i < FIELDS; i++) {
		if (fields[i].type == HEADING) {
			fprintf(out, "%s%s\n", i > 0 ? "\n" : "", fields[i].label);
			continue;
		}
		/* Of what did not happen, nothing. */
		if (s->failovers == 0 && fields[i].name &&
		    strncmp(fields[i].name, "failover_", 9) == 0)
			continue;
		if (s->light_changes == 0 && s->alert_changes == 0 && fields[i].name &&
		    strstr(fields[i].name, "_changes"))
			continue;
		value_text(s, &fields[i], true, text);
		if (text[0])
			fprintf(out, "  %-38s %s\n", fields[i].label, text);
	}
	fprintf(out, "\nLevel records by level\n ");
	for (unsigned k = 0; k < 9; k++)
		if (s->level_records[k])
			fprintf(out, " %s: %" PRIu64, levels[k], s->level_records[k]);
	fprintf(out, "\n\n");
	if (s->uncovered_loss_e8 > 0)
		fprintf(out,
			"A loss of %s is not paid yet: closed accounts owe it, or a house "
			"is below zero.\n",
			fb_report_grouped(fb_report_money(s->uncovered_loss_e8, (char[64]){ 0 }),
					  text));
	fprintf(out, "%s\n",
		fb_summary_good(s) ? "GOOD: value conserved, every record equal to the book."
				   : "BAD: see the numbers above.");
}

void fb_summary_json(const struct fb_summary *s, FILE *out)
{
	char text[400];
	fprintf(out, "{\n");
	for (size_t i = 0; i < FIELDS; i++) {
		if (fields[i].type == HEADING)
			continue;
		value_text(s, &fields[i], false, text);
		fprintf(out, "  \"%s\": ", fields[i].name);
		if (fields[i].type == COUNT || fields[i].type == FLAG)
			fprintf(out, "%s", text);
		else
			fb_json_string(text, out);
		fprintf(out, ",\n");
	}
	fprintf(out, "  \"level_records\": [");
	for (unsigned k = 0; k < 9; k++)
		fprintf(out, "%s%" PRIu64, k ? ", " : "", s->level_records[k]);
	fprintf(out, "],\n  \"good\": %s\n}\n", fb_summary_good(s) ? "true" : "false");
}
