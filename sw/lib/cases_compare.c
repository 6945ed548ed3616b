/* Printed numbers against exact ones: see cases_compare.h. */
#include "cases_compare.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define BINARY64_DIGITS 15
#define BINARY64_UNITS 4

/* The page with Binance's two worked prices says that they differ by rounding, and prints 190.29
 * for 190.2969; freqtrade's table prints 6.7666666 for 20.3 / 3 on Bybit. */
bool case_cuts(const struct case_run *run)
{
	return case_contains(run->note, "differences are from rounding") ||
	       case_contains(run->note, "truncate") || case_contains(run->note, "page cuts") ||
	       (case_contains(run->venue, "Bybit linear") &&
		case_contains(run->source, "test_get_liquidation_price"));
}

/* freqtrade's table of liquidation prices, whose comments show where its numbers are from. */
bool case_thirds(const struct case_run *run)
{
	return case_contains(run->source, "test_get_liquidation_price");
}

unsigned case_places(const char *text, size_t length)
{
	long places = 0, exponent = 0;
	bool point = false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '.')
			point = true;
		else if (point && isdigit((unsigned char)text[i]))
			places++;
		else if (text[i] == 'e' || text[i] == 'E') {
			exponent = strtol(text + i + 1, NULL, 10);
			break;
		}
	}
	places -= exponent;
	return places < 0 ? 0 : places > 300 ? 300 : (unsigned)places;
}

static unsigned significant(const char *text, size_t length)
{
	unsigned n = 0;
	for (size_t i = 0; i < length && text[i] != 'e' && text[i] != 'E'; i++)
		if (isdigit((unsigned char)text[i]) && (n > 0 || text[i] != '0'))
			n++;
	return n;
}

static bool equal(struct fb_ratio a, struct fb_ratio b)
{
	return a.error == 0 && b.error == 0 && fb_ratio_compare(&a, &b) == 0;
}

static bool within(struct fb_ratio a, struct fb_ratio b, struct fb_ratio share)
{
	struct fb_ratio apart = fb_ratio_abs(fb_ratio_sub(a, b));
	struct fb_ratio room = fb_ratio_mul(fb_ratio_abs(b), share);
	return apart.error == 0 && room.error == 0 && fb_ratio_compare(&apart, &room) <= 0;
}

bool case_agrees(const struct case_printed *p, const struct fb_ratio *exact)
{
	struct fb_ratio printed = case_parse_number(p->text, p->length);
	unsigned places = p->places >= 0 ? (unsigned)p->places : case_places(p->text, p->length);
	if (exact->error || printed.error)
		return false;
	if (p->quoted)
		return equal(*exact, printed);
	if (fb_ratio_sign(&p->tolerance) > 0)
		return within(*exact, printed, p->tolerance);
	if (fb_ratio_sign(&p->tick) > 0)
		return equal(printed, fb_ratio_round_to(*exact, p->tick,
							fb_ratio_sign(&p->side) > 0
								? FB_ROUND_CEIL
								: FB_ROUND_FLOOR));
	if (significant(p->text, p->length) >= BINARY64_DIGITS && places > 0)
		return within(*exact, printed,
			      p->thirds ? fb_ratio_scaled(1, 11)
					: fb_ratio_of(BINARY64_UNITS, (__int128)1 << 52));
	if (equal(printed, fb_ratio_round(*exact, places, FB_ROUND_HALF_UP)))
		return true;
	return p->cut && equal(printed, fb_ratio_round(*exact, places, FB_ROUND_ZERO));
}
