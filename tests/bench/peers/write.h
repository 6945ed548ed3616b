/* The files of a book that peers read: columns of little-endian numbers, one file a column, and two
 * small texts.
 *
 *   book.txt       `key value...`: rows, accounts, symbols, up_e7 and down_e7 of the levels, and a
 *                  `tier floor_e8 rate_e7 deduction_e15` each
 *   row_account    u32, from 0     row_symbol  u32     row_qty, row_entry_e8  i64
 *   collateral_e8  i64             symbol_u    u64: first unit values, 16 bits of fraction
 *   steps.txt      `name kind rows`: breach, walk, rank or fill, and how many rows it concerns
 *   NAME.marks     u64 pairs symbol, u: what changes from the first unit values; walk: of sixteen
 *                  batches, one after the other
 *   NAME.answer    u32: breach: accounts at level 1 or above, ascending; walk: at its last batch;
 *                  rank: rows in order, 256 at most; fill: as breach, after the fills
 *                  and then the marks
 *   NAME.margin    u32: accounts or rows for which doubles may say otherwise: exact.h
 *   NAME.fills     u64 row, i64 quantity and entry after it
 */
#ifndef PEERS_WRITE_H
#define PEERS_WRITE_H

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "exact.h"

struct out {
	char dir[512];
	FILE *steps;
};

static inline void out_fail(const char *path)
{
	fprintf(stderr, "export: %s: %s\n", path, strerror(errno));
	exit(1);
}

static inline FILE *out_open(const struct out *o, const char *name, const char *suffix)
{
	char path[600];
	snprintf(path, sizeof(path), "%s/%s%s", o->dir, name, suffix);
	FILE *f = fopen(path, "wb");
	if (!f)
		out_fail(path);
	return f;
}

static inline void out_close(FILE *f, const char *name)
{
	bool bad = ferror(f) != 0;
	if (fclose(f) || bad)
		out_fail(name);
}

static inline void out_column(const struct out *o, const char *name, const char *suffix,
			      const void *data, size_t size, size_t n)
{
	FILE *f = out_open(o, name, suffix);
	fwrite(data, size, n, f);
	out_close(f, name);
}

static inline void out_rows(const struct out *o, const struct fb_workload *w)
{
	FILE *account = out_open(o, "row_account", ""), *symbol = out_open(o, "row_symbol", ""),
	     *qty = out_open(o, "row_qty", ""), *entry = out_open(o, "row_entry_e8", "");
	for (uint32_t i = 0; i < w->shape.rows; i++) {
		uint32_t s = w->row[i].symbol;
		fwrite(&w->row[i].account, 4, 1, account);
		fwrite(&s, 4, 1, symbol);
		fwrite(&w->row[i].qty, 8, 1, qty);
		fwrite(&w->row[i].entry_e8, 8, 1, entry);
	}
	out_close(account, "row_account");
	out_close(symbol, "row_symbol");
	out_close(qty, "row_qty");
	out_close(entry, "row_entry_e8");
}

static inline void out_book(struct out *o, const char *dir, const char *book,
			    const struct fb_workload *w, const struct exact_tables *t)
{
	snprintf(o->dir, sizeof(o->dir), "%s/%s", dir, book);
	if ((mkdir(dir, 0777) && errno != EEXIST) || (mkdir(o->dir, 0777) && errno != EEXIST))
		out_fail(o->dir);
	FILE *f = out_open(o, "book", ".txt");
	fprintf(f, "rows %u\naccounts %u\nsymbols %u\nup_e7 %u %u\ndown_e7 %u %u\n", w->shape.rows,
		w->accounts, w->shape.symbols, t->up_e7[0], t->up_e7[1], t->down_e7[0],
		t->down_e7[1]);
	for (unsigned k = 0; k < t->tiers; k++)
		fprintf(f, "tier %" PRId64 " %" PRId64 " %" PRId64 "\n", t->floor_e8[k],
			t->rate_e7[k], t->deduction_e15[k]);
	out_close(f, "book.txt");
	out_rows(o, w);
	out_column(o, "collateral_e8", "", w->collateral_e8, 8, w->accounts);
	out_column(o, "symbol_u", "", w->u, 8, w->shape.symbols);
	o->steps = out_open(o, "steps", ".txt");
}

static inline void out_step(struct out *o, const char *name, const char *kind, uint32_t rows,
			    const uint64_t *marks, size_t n)
{
	fprintf(o->steps, "%s %s %u\n", name, kind, rows);
	out_column(o, name, ".marks", marks, 16, n);
}

#endif
