/* A made-up flash crash of the size of 2025-10-10, in integers only: the same seed gives the same
 * marks everywhere.
 *
 * Each symbol of the table that the rules know, by name or alias, starts at a price near that day's
 * and falls by `depth` at the bottom: BTC 15 %, the others 21 to 70 %. All follow one curve, in
 * shares of the depth: 40 minutes long unless minutes= says otherwise,
 *
 *     0 %        a slow slide for the first 40 % of the time,
 *     12..100 %  a collapse that gets steeper, to the bottom at 59 %,
 *     70 %       a first rebound within 3 % of the time, a second dip to 78 %,
 *     45 %       recovery of about half.
 *
 * Later symbols of the table lag behind BTC by up to 2 % of the time, so that correlations break
 * for moments. Noise comes from the seed: +-0.15 % from step to step, 0.6 % over 9 steps, 1.2 %
 * over 40, scaled by depth, three times as much while things fall and in the rebound; so does a
 * factor of 0.9 to 1.1 on each depth. The index is the same without the noise of less than 40
 * steps. Prices and depths are invented, of the size seen that day; the curve is drawn by hand. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mix.h"
#include "run_marks.h"

#define ONE 1000000		    /* shares and fractions of time in 1e-6 */
#define START_US 1760129400000000ll /* 2025-10-10 20:50:00 UTC */

static const struct {
	const char *name;
	uint64_t price_e8;
	uint32_t depth_e6;
} table[] = {
	{ "BTCUSDT", 11730000000000, 150000 }, { "ETHUSDT", 412000000000, 210000 },
	{ "BNBUSDT", 124500000000, 300000 },   { "SOLUSDT", 20700000000, 260000 },
	{ "XRPUSDT", 276000000, 480000 },      { "DOGEUSDT", 23100000, 520000 },
	{ "ADAUSDT", 78200000, 560000 },       { "DOTUSDT", 398000000, 620000 },
	{ "LTCUSDT", 12700000000, 470000 },    { "LINKUSDT", 2110000000, 580000 },
	{ "AVAXUSDT", 2760000000, 640000 },    { "AAVEUSDT", 26600000000, 600000 },
	{ "ATOMUSDT", 392000000, 700000 },     { "BCHUSDT", 57400000000, 300000 },
	{ "FILUSDT", 218000000, 660000 },      { "TRXUSDT", 33700000, 300000 },
	{ "XLMUSDT", 37600000, 550000 },
};
#define TABLE (sizeof(table) / sizeof(table[0]))

static const struct {
	int64_t time_e6, share_e6;
} curve[] = {
	{ 0, 0 },	    { 250000, 40000 },	 { 400000, 120000 },  { 500000, 300000 },
	{ 560000, 620000 }, { 590000, 1000000 }, { 620000, 700000 },  { 660000, 780000 },
	{ 750000, 520000 }, { 900000, 420000 },	 { 1000000, 450000 },
};
#define CURVE (sizeof(curve) / sizeof(curve[0]))

struct crash {
	struct fb_marks base;
	uint64_t seed, steps, step;
	int64_t step_us, from_us, to_us;
	size_t symbols;
	struct {
		uint16_t symbol;
		uint64_t price_e8;
		int64_t depth_e6, lag_e6;
	} symbol[TABLE];
};

/* Share of the depth at a time, by straight lines; *wild: the curve is steep here. */
static int64_t share_at(int64_t time_e6, bool *wild)
{
	size_t i = 1;
	time_e6 = time_e6 < 0 ? 0 : time_e6;
	while (i + 1 < CURVE && curve[i].time_e6 < time_e6)
		i++;
	int64_t span = curve[i].time_e6 - curve[i - 1].time_e6,
		rise = curve[i].share_e6 - curve[i - 1].share_e6;
	*wild = rise > 2 * span || rise < -2 * span;
	return curve[i - 1].share_e6 + rise * (time_e6 - curve[i - 1].time_e6) / span;
}

/* Between random heights of +-amplitude every `period` steps, by straight lines. */
static int64_t wave(const struct crash *c, size_t i, uint64_t step, uint64_t period,
		    uint32_t amplitude_e6)
{
	int64_t height[2];
	for (uint64_t k = 0; k < 2; k++) {
		uint64_t key =
			c->seed * 0x1000003 + (step / period + k) * 257 + i * 0x10001 + period;
		height[k] = (int64_t)fb_mix_below(fb_mix(key), 2 * amplitude_e6 + 1) - amplitude_e6;
	}
	return height[0] + (height[1] - height[0]) * (int64_t)(step % period) / (int64_t)period;
}

/* index: without what moves within seconds. */
static uint64_t price_at(const struct crash *c, size_t i, uint64_t step, bool index)
{
	bool wild;
	int64_t time_e6 =
		(int64_t)(step * ONE / (c->steps > 1 ? c->steps - 1 : 1)) - c->symbol[i].lag_e6;
	int64_t share = share_at(time_e6, &wild);
	int64_t noise = wave(c, i, step, 40, 12000);
	if (!index)
		noise += wave(c, i, step, 1, 1500) + wave(c, i, step, 9, 6000);
	int64_t factor = ONE - c->symbol[i].depth_e6 * share / ONE;
	/* Less noise where little falls: it belongs to the symbol's depth. Starts at the table's
	 * price. */
	noise = noise * c->symbol[i].depth_e6 / 600000 * (wild ? 3 : 1) *
		(int64_t)(step < 64 ? step : 64) / 64;
	factor += factor * noise / ONE;
	return (uint64_t)((unsigned __int128)c->symbol[i].price_e8 * (uint64_t)factor / ONE);
}

static int crash_next(struct fb_marks *marks, struct fb_tick *out, size_t room,
		      struct fb_error *error)
{
	struct crash *c = (struct crash *)marks;
	(void)error;
	int64_t time_us = START_US + (int64_t)c->step * c->step_us;
	for (; c->step < c->steps && c->from_us > time_us; c->step++)
		time_us += c->step_us;
	if (c->step >= c->steps || (c->to_us != 0 && time_us >= c->to_us) || room < c->symbols)
		return 0;
	for (size_t i = 0; i < c->symbols; i++)
		out[i] = (struct fb_tick){
			.time_us = time_us,
			.price_e8 = price_at(c, i, c->step, false),
			.symbol = c->symbol[i].symbol,
			.index_e8 = price_at(c, i, c->step, true),
		};
	c->step++;
	return (int)c->symbols;
}

static void crash_progress(const struct fb_marks *marks, uint64_t *done, uint64_t *total)
{
	*done = ((const struct crash *)marks)->step;
	*total = ((const struct crash *)marks)->steps;
}

static void crash_close(struct fb_marks *marks)
{
	free(marks);
}

static const struct fb_marks_ops crash_ops = { crash_next, crash_progress, crash_close };

/* A venue that calls them otherwise has the names of the table as aliases. */
static void add_symbols(struct crash *c, const struct fb_rules *rules)
{
	for (size_t i = 0; i < TABLE; i++) {
		int s = fb_symbol_find(rules, table[i].name);
		int64_t factor_e3 = 900 + (int64_t)fb_mix_below(fb_mix(c->seed + i), 201);
		if (s < 0)
			continue;
		c->symbol[c->symbols].symbol = (uint16_t)s;
		c->symbol[c->symbols].price_e8 = table[i].price_e8;
		c->symbol[c->symbols].depth_e6 = table[i].depth_e6 * factor_e3 / 1000;
		c->symbol[c->symbols++].lag_e6 = (int64_t)(20000 * i / TABLE);
	}
}

int fb_crash_open(const char *text, const struct fb_rules *rules,
		  const struct fb_feed_options *options, struct fb_marks **out,
		  struct fb_error *error)
{
	unsigned long long seed = 0, minutes = 40;
	int end = 0;
	bool good = sscanf(text, "gen:crash,seed=%19llu%n", &seed, &end) == 1;
	if (good && text[end] == ',') {
		int more = 0;
		good = sscanf(text + end, ",minutes=%4llu%n", &minutes, &more) == 1;
		end += more;
	}
	if (!good || text[end] != '\0' || minutes < 1 || minutes > 1440)
		return fb_error_set(
			error, -EINVAL,
			"marks '%.80s': expected gen:crash,seed=NUMBER[,minutes=1..1440]", text);
	struct crash *c = calloc(1, sizeof(*c));
	if (!c)
		return fb_error_set(error, -ENOMEM, "marks: out of memory");
	c->base.ops = &crash_ops;
	c->seed = seed;
	c->step_us = options->step_us ? options->step_us : 1000000;
	c->from_us = options->from_us;
	c->to_us = options->to_us;
	c->steps = minutes * 60000000 / (uint64_t)c->step_us;
	add_symbols(c, rules);
	if (c->symbols == 0 || c->steps == 0) {
		free(c);
		return fb_error_set(
			error, -EINVAL,
			"marks '%.80s': expected rules with at least one of BTCUSDT, ETHUSDT ... "
			"XLMUSDT and a step within the crash; found neither",
			text);
	}
	*out = &c->base;
	return 0;
}
