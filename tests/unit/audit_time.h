/* How long the audit takes, from the stages of fb_audit, fb_walker and fb_findings, on a card that
 * does nothing else. S: stripes of a symbol in the fullest group.
 *
 *   cycles  what
 *   S + 8   a symbol: asked 1, read 1, sent 1, at the walker 2, its stripes S, end seen 1, told 1,
 *           taken back 1; one less if it has none
 *   1       is a symbol defined? Of symbol 0 it does not matter
 *   1       an undefined symbol, or a block of 16 of them (the last block goes one by one)
 *   19 + G  an account slot or a known row: asked and sent 3, to stage 17 in 14, looked at lane
 *           by lane G, told 1, taken back 1. A finding is one more
 *   1       the end of a rotation
 *
 * A window is all symbols, 16 slots, a known row; a rotation has a window for every 16 slots. */
#ifndef AUDIT_TIME_H
#define AUDIT_TIME_H

#include "audit_kit.h"

#define WINDOW_SLOTS 16u
#define SYMBOL_CYCLES(stripes) ((stripes) ? (stripes) + 8u : 7u)
#define LOOK_CYCLES(group) (19u + (group))
#define PASS_BLOCK 16u

/* Windows until something that was just missed has been looked at: it may lie right behind, and
 * what is found is said in the window's slots. */
#define ROW_WINDOWS 2u
/* Eight known rows, one a window. */
#define KNOWN_WINDOWS 9u
/* Each slot looks up two thresholds of a class: 2 directions, both ports, 16 classes and 4 turns,
 * of which the last does nothing, are 256 slots. */
#define THRESHOLD_WINDOWS (2u * 2u * 16u * 4u / WINDOW_SLOTS + 1u)

struct audit_time {
	uint32_t windows;
	uint64_t window, rotation;
	uint64_t resting;               /* of a rotation: cycles without an item under way */
};

/* Stripes of each symbol in the fullest group, from the places of these positions. */
static inline void audit_stripes(uint32_t first, uint32_t n, uint32_t stripes[FB_SYMBOLS])
{
	uint32_t groups = card.geometry.lanes / card.geometry.group;
	uint8_t *met = calloc(groups, card.geometry.rows);
	uint32_t (*count)[FB_SYMBOLS] = calloc(groups, sizeof *count);

	KIT_MUST(met && count);
	for (uint32_t i = 0; i < n; i++) {
		struct fb_row_place p = card_row(first + i);
		uint32_t group = p.lane / card.geometry.group;
		uint8_t *here = &met[group * card.geometry.rows + p.stripe];
		count[group][p.symbol] += !*here;
		*here = 1;
	}
	memset(stripes, 0, FB_SYMBOLS * sizeof *stripes);
	for (uint32_t g = 0; g < groups; g++)
		for (uint32_t s = 0; s < FB_SYMBOLS; s++)
			stripes[s] = count[g][s] > stripes[s] ? count[g][s] : stripes[s];
	free(met);
	free(count);
}

static inline bool audit_block_empty(const bool defined[FB_SYMBOLS], uint32_t symbol)
{
	uint32_t block = symbol / PASS_BLOCK * PASS_BLOCK;

	for (uint32_t s = block; s < block + PASS_BLOCK; s++)
		if (defined[s])
			return false;
	return block + PASS_BLOCK < FB_SYMBOLS;
}

/* slots: accounts of the fullest lane. */
static inline struct audit_time audit_time(const bool defined[FB_SYMBOLS],
					   const uint32_t stripes[FB_SYMBOLS], uint32_t slots)
{
	struct audit_time t = { .windows = (slots + WINDOW_SLOTS - 1) / WINDOW_SLOTS };

	for (uint32_t s = 0; s < FB_SYMBOLS; s++) {
		t.resting += s > 0;
		if (s == 0 || defined[s]) {
			t.window += SYMBOL_CYCLES(stripes[s]);
			continue;
		}
		t.resting++;
		if (audit_block_empty(defined, s))
			s = s / PASS_BLOCK * PASS_BLOCK + PASS_BLOCK - 1;
	}
	t.window += t.resting + (WINDOW_SLOTS + 1) * LOOK_CYCLES(card.geometry.group);
	t.rotation = t.windows * t.window + 1;
	t.resting = t.windows * t.resting + 1;
	return t;
}

#endif
