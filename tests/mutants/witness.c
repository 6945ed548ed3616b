/* Stands between host, governor and venue while the soak runs with a planted bug, and tells on
 * stderr what it saw. tools/mutate_host.py links it with --wrap, so that neither side knows of it.
 * It changes one thing: the cap on the orders of a second is close above what the soak needs, so
 * that a loop is stopped soon. The host's own is far above.
 *
 *   refused REASON VERB account N   the first of each reason and verb
 *   left ...                        the venue got an order that the governor did not pass last; the
 *                                   process ends
 *   passed N refused N              at the end
 *   directory PATH                  where the soak keeps its log, to be cleaned up after a crash
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <firebreak/governor.h>
#include <firebreak/venue.h>

#define ORDERS 5000 /* a second; no seed needs 2000 */

int __real_fb_governor_open(const struct fb_book *book, const struct fb_governor_caps *caps,
			    uint32_t orders, struct fb_governor **out);
int __wrap_fb_governor_open(const struct fb_book *book, const struct fb_governor_caps *caps,
			    uint32_t orders, struct fb_governor **out);
enum fb_refusal __real_fb_governor_check(struct fb_governor *g, const struct fb_order *order);
enum fb_refusal __wrap_fb_governor_check(struct fb_governor *g, const struct fb_order *order);
int __real_fb_market_send(struct fb_venue *venue, const struct fb_order *order);
int __wrap_fb_market_send(struct fb_venue *venue, const struct fb_order *order);
char *__real_mkdtemp(char *template);
char *__wrap_mkdtemp(char *template);

static struct fb_order last; /* that passed */
static bool any;
static uint64_t passed, refused;

static bool same(const struct fb_order *a, const struct fb_order *b)
{
	return a->id.sequence == b->id.sequence && a->id.epoch == b->id.epoch &&
	       a->id.index == b->id.index && a->account == b->account &&
	       a->position == b->position && a->counter_account == b->counter_account &&
	       a->counter_position == b->counter_position && a->symbol == b->symbol &&
	       a->verb == b->verb && a->tif == b->tif && a->qty == b->qty &&
	       a->value_e8 == b->value_e8;
}

int __wrap_fb_governor_open(const struct fb_book *book, const struct fb_governor_caps *caps,
			    uint32_t orders, struct fb_governor **out)
{
	struct fb_governor_caps closer = *caps;
	closer.orders = ORDERS;
	return __real_fb_governor_open(book, &closer, orders, out);
}

enum fb_refusal __wrap_fb_governor_check(struct fb_governor *g, const struct fb_order *order)
{
	static bool told[FB_REFUSALS][FB_VERB_CANCEL_COUNTER + 1];
	enum fb_refusal why = __real_fb_governor_check(g, order);
	any = why == FB_REFUSED_NOT;
	if (any) {
		last = *order;
		passed++;
		return why;
	}
	refused++;
	if (order->verb <= FB_VERB_CANCEL_COUNTER && !told[why][order->verb]) {
		told[why][order->verb] = true;
		fprintf(stderr, "refused %s %s account %u\n", fb_refusal_name(why),
			fb_verb_name((enum fb_verb)order->verb), order->account);
	}
	return why;
}

int __wrap_fb_market_send(struct fb_venue *venue, const struct fb_order *order)
{
	if (!any || !same(order, &last)) {
		fprintf(stderr, "left %s account %u: the governor did not pass it\n",
			fb_verb_name((enum fb_verb)order->verb), order->account);
		abort();
	}
	any = false; /* it passed once */
	return __real_fb_market_send(venue, order);
}

static void at_end(void)
{
	fprintf(stderr, "passed %llu refused %llu\n", (unsigned long long)passed,
		(unsigned long long)refused);
}

char *__wrap_mkdtemp(char *template)
{
	char *path = __real_mkdtemp(template);
	if (path)
		fprintf(stderr, "directory %s\n", path);
	atexit(at_end);
	return path;
}
