/* One file of a feed: opening it, telling what it is, handing out its events. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feed_row.h"

/* Binance Vision names its files SYMBOL-INTERVAL-DATE. */
static int symbol_of_name(struct fb_feed_file *f, const char *path, struct fb_error *error)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	struct fb_where where = { fb_lines_name(f->lines), 1, 1 };
	size_t length = strcspn(base, "-");
	char name[FB_NAME_MAX] = "";

	if (length < FB_NAME_MAX)
		memcpy(name, base, length);
	f->given = fb_symbol_find(f->shared->rules, name);
	if (f->given >= 0)
		return 0;
	return fb_feed_unknown_symbol(f->shared->rules, &where, base, length, error);
}

/* Splits SYMBOL=FILE. */
static int split_entry(const char *entry, const struct fb_rules *rules, int *symbol,
		       const char **path, struct fb_error *error)
{
	size_t length = strcspn(entry, "=/");
	struct fb_where where = { entry, 1, 1 };
	char name[FB_NAME_MAX] = "";

	*symbol = -1;
	*path = entry;
	if (entry[length] != '=')
		return 0;
	if (length < FB_NAME_MAX)
		memcpy(name, entry, length);
	*path = entry + length + 1;
	*symbol = fb_symbol_find(rules, name);
	return *symbol >= 0 ? 0 : fb_feed_unknown_symbol(rules, &where, entry, length, error);
}

static int read_first(struct fb_feed_file *f, const char *path, struct fb_error *error)
{
	struct fb_field line, end = fb_lines_end();
	int n = fb_lines_next(f->lines, &line, error), rc;

	if (n == 0)
		return fb_field_error(f->lines, &end, error, NULL, "a line of column names");
	if (n > 0)
		n = fb_csv_split(f->lines, &line, f->field, error);
	if (n < 0)
		return n;
	rc = fb_feed_kind(f->lines, f->field, n, &f->column, error);
	if (rc)
		return rc;
	f->fields = n;
	f->pushed_back = !f->column.header;
	bool named = f->column.kind == FB_FEED_KLINES || f->column.kind == FB_FEED_DEPTH;
	return named && f->given < 0 ? symbol_of_name(f, path, error) : 0;
}

int fb_feed_file_open(const char *entry, struct fb_feed_shared *shared, struct fb_feed_file **out,
		      struct fb_error *error)
{
	struct fb_feed_file *f = calloc(1, sizeof(*f));
	const char *path;
	int rc;

	if (!f)
		return fb_error_set(error, -ENOMEM, "%s: out of memory", entry);
	f->shared = shared;
	rc = split_entry(entry, shared->rules, &f->given, &path, error);
	if (rc == 0)
		rc = fb_lines_open(path, &f->lines, error);
	if (rc == 0)
		rc = read_first(f, path, error);
	if (rc) {
		fb_feed_file_close(f);
		return rc;
	}
	*out = f;
	return 0;
}

int fb_feed_file_next(struct fb_feed_file *f, struct fb_event *out, struct fb_error *error)
{
	while (f->taken == f->queued) {
		int rc = fb_feed_row(f, error);

		if (rc <= 0)
			return rc;
	}
	*out = f->queue[f->taken++];
	return 1;
}

void fb_feed_file_progress(const struct fb_feed_file *f, uint64_t *done, uint64_t *total)
{
	fb_lines_progress(f->lines, done, total);
}

void fb_feed_file_close(struct fb_feed_file *f)
{
	if (!f)
		return;
	fb_lines_close(f->lines);
	free(f);
}
