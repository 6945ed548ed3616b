/* Marks of coins held as collateral: those of the contract that a coin names as its index, at the
 * same instants. Everything behind this sees them as symbols with marks of their own. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "run_marks.h"

struct coin_marks {
	struct fb_marks base;
	struct fb_marks *inner;
	const struct fb_rules *rules;
	unsigned coins;
};

static int by_symbol(const void *a, const void *b)
{
	const struct fb_tick *x = a, *y = b;

	return x->symbol < y->symbol ? -1 : x->symbol > y->symbol;
}

static int coins_next(struct fb_marks *marks, struct fb_tick *out, size_t room,
		      struct fb_error *error)
{
	const struct coin_marks *c = (const struct coin_marks *)marks;
	int n;

	assert(room >= c->rules->symbols);
	n = c->inner->ops->next(c->inner, out, room - c->coins, error);
	for (int i = 0, ticks = n; i < ticks; i++)
		for (unsigned s = 0; s < c->rules->symbols; s++)
			if (c->rules->symbol[s].index == out[i].symbol + 1u) {
				out[n] = out[i];
				out[n++].symbol = (uint16_t)s;
			}
	if (n > 0)
		qsort(out, (size_t)n, sizeof(*out), by_symbol);
	return n;
}

static void coins_progress(const struct fb_marks *marks, uint64_t *done, uint64_t *total)
{
	const struct fb_marks *inner = ((const struct coin_marks *)marks)->inner;

	inner->ops->progress(inner, done, total);
}

static void coins_close(struct fb_marks *marks)
{
	struct fb_marks *inner = ((struct coin_marks *)marks)->inner;

	inner->ops->close(inner);
	free(marks);
}

static const struct fb_marks_ops coins_ops = { coins_next, coins_progress, coins_close };

int fb_marks_with_coins(const struct fb_rules *rules, struct fb_marks **marks,
			struct fb_error *error)
{
	unsigned coins = 0;
	struct coin_marks *c;

	for (unsigned s = 0; s < rules->symbols; s++)
		coins += rules->symbol[s].index != 0;
	if (coins == 0)
		return 0;
	c = malloc(sizeof(*c));
	if (!c) {
		(*marks)->ops->close(*marks);
		*marks = NULL;
		return fb_error_set(error, -ENOMEM, "marks: out of memory");
	}
	*c = (struct coin_marks){ { &coins_ops }, *marks, rules, coins };
	*marks = &c->base;
	return 0;
}
