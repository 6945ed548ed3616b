/* The rules in effect as bytes: the payload of the RULES entry.
 *
 * Order: thresholds (up, down, name), liquidation level, ladders (name, tiers), symbols (their
 * number and names), then of each section (rules_keys.h) what tells its keys from others, and of
 * each of its structs the fields in the order of the table. Integers little-endian, of the width of
 * the field; names FB_NAME_MAX bytes, zero-padded. */
#include <errno.h>
#include <string.h>

#include <firebreak/log.h>

#include "rules_keys.h"

struct cursor {
	uint8_t *out;	   /* packing */
	const uint8_t *in; /* unpacking */
	size_t at, end;
	bool failed;
};

/* Moves one field of `size` bytes in the cursor's direction. Hosts are little-endian
 * (hash.c asserts it). */
static void field(struct cursor *c, void *value, size_t size)
{
	if (c->failed || c->end - c->at < size) {
		c->failed = true;
		return;
	}
	if (c->out)
		memcpy(c->out + c->at, value, size);
	else
		memcpy(value, c->in + c->at, size);
	c->at += size;
}

/* A count below or equal to its table's size. */
static void count(struct cursor *c, unsigned *value, unsigned most)
{
	uint32_t n = *value;
	field(c, &n, sizeof(n));
	if (n > most)
		c->failed = true;
	*value = c->failed ? 0 : n;
}

/* Names are kept terminated whatever the bytes say. */
static void name(struct cursor *c, char *value)
{
	char text[FB_NAME_MAX] = { 0 };
	if (c->out)
		memcpy(text, value, strnlen(value, FB_NAME_MAX - 1));
	field(c, text, sizeof(text));
	text[FB_NAME_MAX - 1] = '\0';
	if (c->in)
		memcpy(value, text, sizeof(text));
}

static void ladder(struct cursor *c, struct fb_ladder *l)
{
	name(c, l->name);
	count(c, &l->tiers, FB_TIERS);
	for (unsigned k = 0; k < l->tiers; k++) {
		field(c, &l->tier[k].rate_e7, sizeof(l->tier[k].rate_e7));
		field(c, &l->tier[k].floor_e8, sizeof(l->tier[k].floor_e8));
		field(c, &l->tier[k].deduction_e15, sizeof(l->tier[k].deduction_e15));
	}
}

static void section(struct cursor *c, const struct fb_section *s, struct fb_rules *r)
{
	uint32_t print = fb_keys_print(s), found = print;

	field(c, &found, sizeof(found));
	if (found != print)
		c->failed = true;
	for (unsigned i = 0; i < fb_section_count(s, r) && !c->failed; i++)
		for (unsigned k = 0; k < s->keys; k++) {
			char *at = (char *)fb_section_at(s, r, i) + s->key[k].offset;

			if (s->key[k].kind == FB_KEY_NAME)
				name(c, at);
			else
				field(c, at, s->key[k].width);
		}
}

static void walk(struct cursor *c, struct fb_rules *r)
{
	count(c, &r->thresholds, FB_THRESHOLDS);
	for (unsigned k = 0; k < r->thresholds; k++) {
		field(c, &r->threshold[k].up_e7, sizeof(r->threshold[k].up_e7));
		field(c, &r->threshold[k].down_e7, sizeof(r->threshold[k].down_e7));
		name(c, r->threshold[k].name);
	}
	count(c, &r->liquidate_level, FB_LEVEL_BANKRUPT);
	count(c, &r->ladders, FB_LADDERS);
	for (unsigned i = 0; i < r->ladders; i++)
		ladder(c, &r->ladder[i]);
	count(c, &r->symbols, FB_SYMBOLS);
	for (unsigned i = 0; i < r->symbols; i++)
		name(c, r->symbol[i].name);
	for (unsigned s = 0; s < fb_sections_n; s++)
		section(c, fb_sections[s], r);
}

int fb_log_rules_pack(const struct fb_rules *rules, uint8_t *out, size_t room, size_t *length)
{
	struct cursor c = { .out = out, .end = room };
	/* Packing only reads; one walk serves both directions, so they cannot disagree. */
	walk(&c, (struct fb_rules *)(uintptr_t)rules);
	*length = c.at;
	return c.failed ? -ENOSPC : 0;
}

int fb_log_rules_unpack(const uint8_t *in, size_t length, struct fb_rules *out)
{
	struct cursor c = { .in = in, .end = length };
	memset(out, 0, sizeof(*out));
	walk(&c, out);
	if (c.failed || c.at != length || out->liquidate_level < 1 || !fb_keys_good(out))
		return -EBADMSG;
	return 0;
}
