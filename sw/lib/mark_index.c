/* The index of a symbol from its constituents. See <firebreak/mark.h>. */
#include <assert.h>
#include <string.h>

#include <firebreak/mark.h>

#define ALL_E7 10000000

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a < b ? b - a : a - b;
}

/* Sources too old lose their weight; those too far from the median of the others after that. */
static void guard(const struct fb_index_rules *rules, struct fb_source *source, size_t n,
		  int64_t now_us, struct fb_index_result *out)
{
	for (size_t i = 0; i < n; i++) {
		bool there = source[i].price_e8 != 0 && source[i].weight != 0;
		if (!there || rules->stale_us == 0 ||
		    now_us - source[i].time_us <= (int64_t)rules->stale_us)
			continue;
		source[i].weight = 0;
		out->stale++;
	}
	out->price_e8 = fb_median_weighted(source, n); /* until it is known better */
	if (rules->outlier_e7 == 0)
		return;
	for (size_t i = 0; i < n; i++)
		out->outliers += source[i].price_e8 != 0 && source[i].weight != 0 &&
				 (unsigned __int128)distance(source[i].price_e8, out->price_e8) *
						 ALL_E7 >
					 (unsigned __int128)out->price_e8 * rules->outlier_e7;
	out->median = out->outliers > rules->outliers;
	for (size_t i = 0; i < n && !out->median; i++)
		if ((unsigned __int128)distance(source[i].price_e8, out->price_e8) * ALL_E7 >
		    (unsigned __int128)out->price_e8 * rules->outlier_e7)
			source[i].weight = 0;
}

void fb_index_price(const struct fb_index_rules *rules, const struct fb_source *source, size_t n,
		    int64_t now_us, struct fb_index_result *out)
{
	struct fb_source good[FB_SOURCES_MAX];
	unsigned __int128 sum = 0, weights = 0;
	assert(n <= FB_SOURCES_MAX);
	memset(out, 0, sizeof(*out));
	memcpy(good, source, n * sizeof(*source));
	guard(rules, good, n, now_us, out);
	for (size_t i = 0; i < n; i++) {
		if (good[i].price_e8 == 0 || good[i].weight == 0)
			continue;
		out->used++;
		sum += (unsigned __int128)good[i].price_e8 * good[i].weight;
		weights += good[i].weight;
	}
	if (out->used == 0)
		out->price_e8 = 0;
	else if (rules->method == FB_INDEX_MEDIAN)
		out->price_e8 = fb_median_weighted(good, n);
	else if (!out->median)
		out->price_e8 = (uint64_t)(sum / weights);
}
