/* The table of a backtest, for people and for programs, from one list of metrics. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "backtest_internal.h"
#include "json_write.h"
#include "report_internal.h"

#define M(name, label, kind, drawn)                                                                \
	{ #name, label, FB_METRIC_##kind, offsetof(struct fb_metrics, name), drawn }
const struct fb_metric fb_metrics_all[] = {
	M(accounts, "accounts, with houses", COUNT, false),
	M(positions, "positions", COUNT, false),
	M(liquidated, "liquidations", COUNT, true),
	M(bankrupt, "of them of bankrupt accounts", COUNT, false),
	M(bankrupt_loss_e8, "bankrupt loss", MONEY, true),
	M(fund_used_e8, "fund used", MONEY, true),
	M(not_paid_e8, "loss not paid", MONEY, false),
	M(closed_e8, "notional closed", MONEY, false),
	M(adl_e8, "notional deleveraged", MONEY, true),
	M(deleveraged, "accounts deleveraged", COUNT, true),
	M(pairs, "pairs", COUNT, false),
	M(needed_e8, "needed of counterparties", MONEY, false),
	M(overshoot_e8, "overshoot over needed", MONEY, true),
	M(haircut_e9, "largest haircut", SHARE, true),
	M(gini_e9, "gini of haircuts", SHARE, true),
	M(regret_e9, "regret", SIGNED, false),
	M(hedges_broken, "hedges broken", COUNT, false),
	M(spiral_e7, "price below reference, at worst", RATE, true),
	M(solvent_us, "solvent after", TIME, true),
};
const size_t fb_metrics_n = sizeof(fb_metrics_all) / sizeof(fb_metrics_all[0]);

struct cell {
	uint64_t count;
	int64_t number;
	__int128 money;
};

static struct cell cell_of(const struct fb_metric *f, const struct fb_metrics *m)
{
	const char *at = (const char *)m + f->offset;
	struct cell c = { .count = 0 };
	if (f->kind == FB_METRIC_MONEY)
		memcpy(&c.money, at, sizeof(c.money));
	else
		memcpy(&c.count, at, sizeof(c.count));
	memcpy(&c.number, &c.count, sizeof(c.number));
	return c;
}

double fb_metric_double(const struct fb_metric *f, const struct fb_metrics *m)
{
	struct cell c = cell_of(f, m);
	switch (f->kind) {
	case FB_METRIC_COUNT: return (double)c.count;
	case FB_METRIC_MONEY: return (double)c.money / 1e8;
	case FB_METRIC_SHARE: return (double)c.count / 1e9;
	case FB_METRIC_SIGNED: return (double)c.number / 1e9;
	case FB_METRIC_RATE: return (double)c.count / 1e7;
	case FB_METRIC_TIME:
	default: return c.number < 0 ? NAN : (double)c.number / 1e6;
	}
}

/* Exact. */
static void plain(const struct fb_metric *f, const struct fb_metrics *m, char out[80])
{
	struct cell c = cell_of(f, m);
	uint64_t size = c.number < 0 ? (uint64_t)-c.number : (uint64_t)c.number;
	switch (f->kind) {
	case FB_METRIC_COUNT: snprintf(out, 80, "%" PRIu64, c.count); break;
	case FB_METRIC_MONEY: fb_report_money(c.money, out); break;
	case FB_METRIC_SHARE:
	case FB_METRIC_SIGNED:
		snprintf(out, 80, "%s%" PRIu64 ".%09" PRIu64,
			 f->kind == FB_METRIC_SIGNED && c.number < 0 ? "-" : "", size / 1000000000,
			 size % 1000000000);
		break;
	case FB_METRIC_RATE:
		snprintf(out, 80, "%" PRIu64 ".%07" PRIu64, size / 10000000, size % 10000000);
		break;
	case FB_METRIC_TIME:
		if (c.number < 0)
			snprintf(out, 80, "never");
		else
			snprintf(out, 80, "%" PRIu64 ".%06" PRIu64, size / 1000000, size % 1000000);
		break;
	}
}

char *fb_metric_text(const struct fb_metric *f, const struct fb_metrics *m, char *out)
{
	char exact[80];
	plain(f, m, exact);
	size_t n = strlen(exact);
	/* Money to the cent, shares to 1e-6, times to the tenth: JSON has all of it. */
	if (f->kind == FB_METRIC_MONEY)
		exact[n - 6] = '\0';
	else if (f->kind == FB_METRIC_SHARE || f->kind == FB_METRIC_SIGNED)
		exact[n - 3] = '\0';
	else if (f->kind == FB_METRIC_RATE)
		exact[n - 3] = '\0';
	else if (f->kind == FB_METRIC_TIME && exact[0] != 'n')
		strcpy(exact + n - 5, " s");
	if (f->kind == FB_METRIC_COUNT || f->kind == FB_METRIC_MONEY)
		return fb_report_grouped(exact, out);
	return strcpy(out, exact);
}

/* Metrics down, variants across, so many at a time that a line stays readable. */
#define ACROSS 4
void fb_backtest_text(const struct fb_backtest *b, FILE *out)
{
	for (size_t i = 0; i < b->variants; i++)
		fprintf(out, "%2zu  %s%s\n", i + 1, b->variant[i].label,
			b->variant[i].good ? "" : "  (NOT GOOD: see its summary)");
	for (size_t from = 0; from < b->variants; from += ACROSS) {
		size_t to = from + ACROSS < b->variants ? from + ACROSS : b->variants;
		fprintf(out, "\n%-32s", "");
		for (size_t i = from; i < to; i++)
			fprintf(out, " %18zu", i + 1);
		fprintf(out, "\n");
		for (size_t k = 0; k < fb_metrics_n; k++) {
			char text[80];
			fprintf(out, "%-32s", fb_metrics_all[k].label);
			for (size_t i = from; i < to; i++)
				fprintf(out, " %18s",
					fb_metric_text(&fb_metrics_all[k], &b->variant[i].metrics,
						       text));
			fprintf(out, "\n");
		}
	}
}

void fb_backtest_json(const struct fb_backtest *b, FILE *out)
{
	fprintf(out, "{\"variants\": [");
	for (size_t i = 0; i < b->variants; i++) {
		const struct fb_variant *v = &b->variant[i];
		fprintf(out, "%s\n {\"variant\": ", i ? "," : "");
		fb_json_string(v->label, out);
		fprintf(out, ", \"good\": %s", v->good ? "true" : "false");
		for (size_t k = 0; k < fb_metrics_n; k++) {
			const struct fb_metric *f = &fb_metrics_all[k];
			char text[80];
			plain(f, &v->metrics, text);
			bool number = f->kind == FB_METRIC_COUNT;
			fprintf(out, number ? ", \"%s\": %s" : ", \"%s\": \"%s\"", f->name, text);
		}
		fprintf(out, ", \"records_digest\": \"%016" PRIx64 "\"}",
			v->summary.records_digest);
	}
	fprintf(out, "\n]}\n");
}
