/* What the tests of exact fractions and formulas share. */
#ifndef RATIO_KIT_H
#define RATIO_KIT_H

#include "../../sw/lib/mix.h"
#include "../../sw/lib/ratio.h"
#include "inputs_kit.h"

/* A literal that must be a number. */
__attribute__((unused)) static ratio n(const char *text)
{
	ratio value = fb_ratio_text(text);
	ck_assert_msg(value.error == 0, "%s: %d", text, value.error);
	return value;
}

__attribute__((unused)) static bool same(ratio a, ratio b)
{
	return a.error == b.error && (a.error || fb_ratio_compare(&a, &b) == 0);
}

/* Both are shown where they differ. */
#define kit_same(a, b)                                                                           \
	do {                                                                                     \
		ratio found_ = (a), wanted_ = (b);                                               \
		char x_[FB_RATIO_TEXT], y_[FB_RATIO_TEXT];                                       \
		ck_assert_msg(same(found_, wanted_), "%s is %s, not %s", #a,                     \
			      fb_ratio_exact(&found_, x_), fb_ratio_exact(&wanted_, y_));        \
	} while (0)

/* With as many decimals as `text` has, halves away from zero. */
#define kit_shows(a, text)                                                                       \
	do {                                                                                     \
		ratio found_ = (a);                                                              \
		char x_[FB_RATIO_TEXT];                                                          \
		const char *point_ = strchr(text, '.');                                          \
		unsigned places_ = point_ ? (unsigned)strlen(point_ + 1) : 0;                    \
		fb_ratio_decimal(&found_, places_, FB_ROUND_HALF_UP, x_);                        \
		ck_assert_msg(strcmp(x_, text) == 0, "%s is %s, not %s", #a, x_, text);          \
	} while (0)

__attribute__((unused)) static uint64_t kit_state;

__attribute__((unused)) static uint64_t kit_random(void)
{
	return fb_mix(kit_state++);
}

/* low..high */
__attribute__((unused)) static int64_t kit_between(int64_t low, int64_t high)
{
	return low + (int64_t)(kit_random() % (uint64_t)(high - low + 1));
}

/* Of a random width up to `bits`: small numbers and carries are as frequent as large ones. */
__attribute__((unused)) static __int128 kit_wide(unsigned bits)
{
	unsigned keep = (unsigned)(kit_random() % bits) + 1;
	unsigned __int128 x = (unsigned __int128)kit_random() << 64 | kit_random();
	if (kit_random() % 8 == 0)
		x = ~(unsigned __int128)0; /* all ones: carries run through */
	x &= ((unsigned __int128)1 << keep) - 1;
	return kit_random() % 2 ? -(__int128)x : (__int128)x;
}

/* A product of `factors` such numbers. */
__attribute__((unused)) static ratio kit_large(int factors)
{
	ratio x = whole(1);
	for (int i = 0; i < factors; i++)
		x = times(x, whole(kit_wide(120)));
	return x;
}

#endif
