/* Lights and alerts on a book of known queues: which bars are lit, what is told and when. */
#include "waterfall_kit.h"

#include "../../sw/lib/lights.h"

#define FIRST 11u /* the six holders: 11 to 16, positions 111 to 116 */
#define HOLDERS 6u
#define SYMBOL 3u

static struct fb_host host;
static struct fb_lights *lights;
static struct fb_light told[64];
static struct fb_alarm alarms[64];
static size_t tolds, alarmed;

static void keep_light(void *context, const struct fb_light *light)
{
	(void)context;
	KIT_MUST(tolds < 64);
	told[tolds++] = *light;
}

static void keep_alarm(void *context, const struct fb_alarm *alarm)
{
	(void)context;
	KIT_MUST(alarmed < 64);
	alarms[alarmed++] = *alarm;
}

/* Six longs of equal equity whose profit falls from the first to the last, with the lots
 * that make BitMEX's percentiles 10, 30, 60, 70, 80 and 100; the street is short the same. */
static void open_all(void)
{
	static const int64_t lots[HOLDERS] = { 10, 20, 30, 10, 10, 20 },
			     entry_percent[HOLDERS] = { 10, 60, 80, 50, 60, 90 };
	static const struct fb_lights_watch watch = { NULL, keep_light, keep_alarm };
	int64_t sum_e8 = 0;
	open_waterfall();
	for (uint32_t i = 0; i < HOLDERS; i++) {
		int64_t entry_e8 = lots[i] * MONEY / 100 * entry_percent[i];
		/* equity 1000 money, whatever the profit */
		tell(c_account(FIRST + i, 1000 * MONEY - (lots[i] * MONEY - entry_e8), 0, 1));
		tell(c_position(FIRST + i, 111 + i, SYMBOL, lots[i], entry_e8));
		sum_e8 += entry_e8;
	}
	tell(c_position(FB_ID_STREET, 199, SYMBOL, -LOTS, -sum_e8));
	fb_book_seal(book);
	host = (struct fb_host){ .waterfall = w, .book = book, .rules = &rules };
	tolds = alarmed = 0;
	ck_assert_int_eq(fb_lights_open(&host, &rules.adl, &watch, &lights), 0);
}

static void close_all(void)
{
	fb_lights_close(lights);
	close_waterfall();
}

static void marks_at(int64_t time_us)
{
	host.ticked(host.ticked_context, time_us);
}

/* Told of a position in the last look; NULL: nothing. */
static const struct fb_light *told_of(uint32_t position)
{
	for (size_t i = 0; i < tolds; i++)
		if (book->row[told[i].row].id == position)
			return &told[i];
	return NULL;
}

static void expect_bars(const unsigned bars[HOLDERS])
{
	for (uint32_t i = 0; i < HOLDERS; i++) {
		const struct fb_light *light = told_of(111 + i);
		ck_assert_ptr_nonnull(light);
		ck_assert_uint_eq(light->rank, i);
		ck_assert_uint_eq(light->ranked, HOLDERS);
		ck_assert_uint_eq(light->light, bars[i]);
		ck_assert_uint_eq(light->before, 0);
	}
}

static void set_lights(uint64_t kind, uint64_t bars)
{
	lights->policy.lights = kind;
	lights->policy.bars = bars;
	lights->policy.lights_every_us = (uint64_t)(10 * SECOND);
}

START_TEST(by_lots)
{
	open_all();
	set_lights(1, 5);
	marks_at(SECOND);
	expect_bars((unsigned[]){ 5, 4, 3, 2, 2, 1 });
	close_all();
}
END_TEST

START_TEST(by_positions)
{
	open_all();
	set_lights(2, 5); /* 1/6 .. 6/6 in fifths, rounded up */
	marks_at(SECOND);
	expect_bars((unsigned[]){ 5, 4, 3, 2, 1, 1 });
	close_all();
	open_all();
	set_lights(2, 4);
	marks_at(SECOND);
	expect_bars((unsigned[]){ 4, 3, 3, 2, 1, 1 });
	close_all();
}
END_TEST

/* Nothing without a change, nothing before the interval is over, and 0 for who has left. */
START_TEST(changes_only)
{
	open_all();
	set_lights(1, 5);
	marks_at(SECOND);
	uint64_t changes = host.summary.light_changes;
	ck_assert_uint_eq(changes, tolds);
	tolds = 0;
	marks_at(12 * SECOND);
	ck_assert_uint_eq(tolds, 0);
	tell(c_fill(FIRST, 111, SYMBOL, 0, 0, 9 * MONEY)); /* the first one closes */
	marks_at(21 * SECOND);
	ck_assert_uint_eq(tolds, 0); /* the last look was 9 seconds ago */
	marks_at(22 * SECOND);
	const struct fb_light *left = told_of(111);
	ck_assert_ptr_nonnull(left);
	ck_assert_uint_eq(left->light, 0);
	ck_assert_uint_eq(left->before, 5);
	ck_assert_uint_eq(left->ranked, 0);
	ck_assert_uint_eq(tolds, 1); /* 20, 50, 60, 70, 90 of 90 light the same bars */
	close_all();
}
END_TEST

/* ---- alerts ---- */

static void set_fund(int64_t money)
{
	int64_t now = (int64_t)collateral_of(FB_ID_FUND);
	tell(c_collateral(FB_ID_FUND, money * MONEY - now));
}

/* The one alarm for the symbol since the last call; FB_ALERTS: none. */
static unsigned alarm_of(uint16_t symbol)
{
	unsigned found = FB_ALERTS;
	for (size_t i = 0; i < alarmed; i++)
		if (alarms[i].symbol == symbol) {
			ck_assert_uint_eq(found, FB_ALERTS);
			found = alarms[i].alert;
		}
	alarmed = 0;
	return found;
}

static void set_alerts(uint64_t window_us)
{
	lights->policy.alerts_every_us = (uint64_t)SECOND;
	lights->policy.alert_warning_e7 = 2000000; /* 20 % */
	lights->policy.alert_adl_e7 = 3000000;
	lights->policy.alert_window_us = window_us;
}

START_TEST(fund_falls)
{
	open_all();
	set_alerts(0);
	marks_at(SECOND);
	ck_assert_uint_eq(alarm_of(SYMBOL), FB_ALERTS);
	set_fund(401); /* of 500: 19.8 % */
	marks_at(2 * SECOND);
	ck_assert_uint_eq(alarm_of(SYMBOL), FB_ALERTS);
	set_fund(400); /* exactly 20 % */
	marks_at(3 * SECOND);
	ck_assert_uint_eq(alarm_of(SYMBOL), FB_ALERT_WARNING);
	set_fund(350);
	marks_at(4 * SECOND);
	ck_assert_uint_eq(alarm_of(SYMBOL), FB_ALERT_ADL);
	set_fund(499);
	marks_at(5 * SECOND);
	ck_assert_uint_eq(alarm_of(SYMBOL), FB_ALERT_NORMAL);
	ck_assert_uint_eq(host.summary.alert_changes % 3, 0); /* of each defined symbol */
	close_all();
}
END_TEST

/* A peak counts only within its window; the next highest takes its place. */
START_TEST(peak_is_forgotten)
{
	open_all();
	set_alerts((uint64_t)(10 * SECOND));
	marks_at(SECOND); /* 500 */
	set_fund(430);
	marks_at(5 * SECOND);
	set_fund(390); /* 22 % below 500, 9 % below 430 */
	marks_at(8 * SECOND);
	ck_assert_uint_eq(alarm_of(SYMBOL), FB_ALERT_WARNING);
	marks_at(11 * SECOND); /* the peak is ten seconds old: still counts */
	ck_assert_uint_eq(alarm_of(SYMBOL), FB_ALERTS);
	marks_at(12 * SECOND);
	ck_assert_uint_eq(alarm_of(SYMBOL), FB_ALERT_NORMAL);
	set_fund(340); /* 20.9 % below 430 */
	marks_at(14 * SECOND);
	ck_assert_uint_eq(alarm_of(SYMBOL), FB_ALERT_WARNING);
	marks_at(16 * SECOND); /* 12.8 % below 390 */
	ck_assert_uint_eq(alarm_of(SYMBOL), FB_ALERT_NORMAL);
	close_all();
}
END_TEST

/* More peaks than are kept: a fall is still measured from the first. */
START_TEST(many_peaks)
{
	open_all();
	set_alerts(0);
	lights->policy.alerts_every_us = 1;
	for (int64_t i = 0; i < 2 * FB_PEAKS; i++) {
		tell(c_collateral(FB_ID_FUND, -MONEY / 10));
		marks_at(SECOND + i);
	}
	ck_assert_uint_le(lights->peaks, FB_PEAKS);
	set_fund(399); /* of 499.9: 20.2 % */
	marks_at(2 * SECOND);
	ck_assert_uint_eq(alarm_of(SYMBOL), FB_ALERT_WARNING);
	ck_assert(lights->peak[0].equity_e8 == 500 * (__int128)MONEY - MONEY / 10);
	close_all();
}
END_TEST

/* Of 100 lots on either side none short is ranked and in profit: the street's are not ranked. */
START_TEST(shallow_side)
{
	open_all();
	set_alerts(0);
	lights->policy.alert_depth_e7 = 1;
	marks_at(SECOND);
	ck_assert_uint_eq(alarm_of(SYMBOL), FB_ALERTS); /* nobody's lots are nothing's share */
	tell(c_account(17, 1000 * MONEY, 0, 1));
	tell(c_position(17, 117, SYMBOL, -5, -5 * MONEY)); /* ranked, no profit */
	marks_at(2 * SECOND);
	ck_assert_uint_eq(alarm_of(SYMBOL), FB_ALERT_WARNING);
	tell(c_fill(17, 117, SYMBOL, -5, -6 * MONEY, 0)); /* sold at 1.2: in profit */
	marks_at(3 * SECOND);
	ck_assert_uint_eq(alarm_of(SYMBOL), FB_ALERT_NORMAL);
	close_all();
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(fb_alert_name(FB_ALERT_NORMAL), "normal");
	ck_assert_str_eq(fb_alert_name(FB_ALERT_WARNING), "warning");
	ck_assert_str_eq(fb_alert_name(FB_ALERT_ADL), "adl");
	ck_assert_str_eq(fb_alert_name(FB_ALERTS), "unknown");
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "by-lots", by_lots },
		{ "by-positions", by_positions },
		{ "changes-only", changes_only },
		{ "fund-falls", fund_falls },
		{ "peak-is-forgotten", peak_is_forgotten },
		{ "many-peaks", many_peaks },
		{ "shallow-side", shallow_side },
		{ "names", names },
	};
	return kit_main("host: lights and alerts", cases, sizeof(cases) / sizeof(cases[0]));
}
