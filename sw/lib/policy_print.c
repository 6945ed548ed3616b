/* The table of policies, for people and for programs. */
#include <inttypes.h>
#include <string.h>

#include "policy_accounts.h"
#include "report_internal.h"

static char *nano(uint64_t x, char out[32])
{
	if (x == UINT64_MAX)
		snprintf(out, 32, "-");
	else
		snprintf(out, 32, "%" PRIu64 ".%06" PRIu64, x / 1000000000,
			 x % 1000000000 / 1000);
	return out;
}

static char *money(__int128 x, char out[64])
{
	char plain[64];
	/* To the cent, toward 0; JSON has all. */
	fb_report_money(x, plain);
	plain[strlen(plain) - 6] = '\0';
	return fb_report_grouped(plain, out);
}

void fb_policies_text(const struct fb_policies *p, FILE *out)
{
	char a[64], b[64], c[32], d[32], e[32], f[32], g[32];
	fprintf(out, "Policies on %zu accounts that were deleveraged\n  budget %s, deficit %s, ",
		p->accounts, money(p->budget_e8, a), money(p->deficit_e8, b));
	fprintf(out, "largest loss %s, all caps %s\n\n", money(p->loss_e8, a),
		money(p->caps_e8, b));
	fprintf(out, "%-15s %16s %16s  %9s %9s  %10s %10s  %10s %8s\n", "", "taken", "less budget",
		"of equity", "of cap", "PTSR", "PMR", "regret", "touched");
	for (size_t i = 0; i < p->rows; i++) {
		const struct fb_share_measures *m = &p->row[i].m;
		uint64_t regret = (uint64_t)(m->regret_e9 < 0 ? -m->regret_e9 : m->regret_e9);
		char signed_regret[40];
		snprintf(signed_regret, sizeof(signed_regret), "%s%s", m->regret_e9 < 0 ? "-" : "",
			 nano(regret, g));
		fprintf(out, "%-15s %16s %16s  %9s %9s  %10s %10s  %10s %8" PRIu64 "\n",
			p->row[i].name, money(m->taken_e8, a), money(m->overshoot_e8, b),
			nano(m->haircut_equity_e9, c), nano(m->haircut_cap_e9, d),
			nano(m->ptsr_e9, e), nano(m->pmr_e9, f), signed_regret, m->touched);
	}
	fprintf(out,
		"\n"
		"of equity, of cap   largest share that one account gives\n"
		"PTSR                largest cap left over / (deficit - taken)\n"
		"PMR                 the same / (largest loss x (deficit - taken) / deficit)\n"
		"regret              largest share of equity less that of min_max\n"
		"capped              nobody gives more than %u.%02u %% of its cap\n"
		"queue               by profit / equity: the file does not have the venue's terms\n"
		"fixed_point         whole units of notional\n",
		p->cap_e7 / 100000, p->cap_e7 / 1000 % 100);
}

static void member(const char *key, uint64_t value, FILE *out)
{
	if (value == UINT64_MAX)
		fprintf(out, ", \"%s\": null", key);
	else
		fprintf(out, ", \"%s\": \"%" PRIu64 ".%09" PRIu64 "\"", key, value / 1000000000,
			value % 1000000000);
}

void fb_policies_json(const struct fb_policies *p, FILE *out)
{
	char a[64], b[64], c[64], d[64];
	fprintf(out,
		"{\"accounts\": %zu, \"budget\": \"%s\", \"deficit\": \"%s\", \"largest_loss\": "
		"\"%s\", \"caps\": \"%s\", \"policies\": [",
		p->accounts, fb_report_money(p->budget_e8, a), fb_report_money(p->deficit_e8, b),
		fb_report_money(p->loss_e8, c), fb_report_money(p->caps_e8, d));
	for (size_t i = 0; i < p->rows; i++) {
		const struct fb_share_measures *m = &p->row[i].m;
		uint64_t regret = (uint64_t)(m->regret_e9 < 0 ? -m->regret_e9 : m->regret_e9);
		fprintf(out, "%s\n {\"policy\": \"%s\", \"taken\": \"%s\", \"overshoot\": \"%s\"",
			i ? "," : "", p->row[i].name, fb_report_money(m->taken_e8, a),
			fb_report_money(m->overshoot_e8, b));
		member("largest_of_equity", m->haircut_equity_e9, out);
		member("largest_of_cap", m->haircut_cap_e9, out);
		member("ptsr", m->ptsr_e9, out);
		member("pmr", m->pmr_e9, out);
		fprintf(out, ", \"regret\": \"%s%" PRIu64 ".%09" PRIu64 "\"",
			m->regret_e9 < 0 ? "-" : "", regret / 1000000000, regret % 1000000000);
		fprintf(out, ", \"touched\": %" PRIu64 "}", m->touched);
	}
	fprintf(out, "\n]}");
}
