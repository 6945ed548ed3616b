/* Variants of rules over one crash: see <firebreak/backtest.h>. */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backtest_internal.h"
#include "backtest_watch.h"

extern char **environ;

#define SETS_MAX 64

/* "section.key=value" in its three parts. */
struct set {
	const char *text;
	size_t section, key, value; /* lengths, and where the value begins */
	size_t length;
};

struct sets {
	size_t n;
	struct set set[SETS_MAX];
};

static int take_set(struct sets *s, const char *text, size_t length, struct fb_error *error)
{
	const char *dot = memchr(text, '.', length), *equal = memchr(text, '=', length);
	struct set new = { .text = text, .length = length };
	if (!dot || !equal || dot == text || equal <= dot + 1 || equal + 1 == text + length ||
	    memchr(text, '\n', length))
		return fb_error_set(error, -EINVAL,
				    "backtest: expected section.key=value, such as "
				    "adl.share=equity, found '%.*s'",
				    (int)(length < 100 ? length : 100), text);
	new.section = (size_t)(dot - text);
	new.key = (size_t)(equal - dot - 1);
	new.value = (size_t)(equal + 1 - text);
	for (size_t i = 0; i < s->n; i++) {
		size_t name = (size_t)(equal - text);
		const struct set *old = &s->set[i];
		if (old->section + old->key + 1 == name && memcmp(old->text, text, name) == 0) {
			s->set[i] = new; /* the later one holds */
			return 0;
		}
	}
	if (s->n == SETS_MAX)
		return fb_error_set(error, -E2BIG, "backtest: expected at most %d settings",
				    SETS_MAX);
	s->set[s->n++] = new;
	return 0;
}

/* PACK[:set[,set...]] and the settings of all. */
static int take_variant(const struct fb_backtest_options *o, const char *text,
			struct fb_variant *v, struct sets *sets, struct fb_error *error)
{
	size_t pack = strcspn(text, ":");
	int err = 0;
	sets->n = 0;
	if (pack == 0 || pack >= sizeof(v->pack) || strlen(text) >= sizeof(v->label))
		return fb_error_set(error, -EINVAL,
				    "backtest: expected PACK or PACK:section.key=value,... of at "
				    "most %zu characters, found '%.60s'",
				    sizeof(v->label) - 1, text);
	snprintf(v->label, sizeof(v->label), "%s", text);
	snprintf(v->pack, sizeof(v->pack), "%.*s", (int)pack, text);
	for (size_t i = 0; i < o->sets_n && !err; i++)
		err = take_set(sets, o->sets[i], strlen(o->sets[i]), error);
	for (const char *at = text + pack; *at && !err; at += 1 + strcspn(at + 1, ","))
		err = take_set(sets, at + 1, strcspn(at + 1, ","), error);
	return err;
}

/* Sections come once: each with all of its keys. */
static int write_changes(const struct fb_variant *v, const struct sets *s, struct fb_error *error)
{
	FILE *file = fopen(v->changes, "we");
	if (!file)
		return fb_error_set(error, -errno, "%s: cannot create: %s", v->changes,
				    strerror(errno));
	fprintf(file, "# What differs from %s.\n", v->pack);
	for (size_t i = 0; i < s->n; i++) {
		const struct set *a = &s->set[i];
		size_t first = 0;
		while (s->set[first].section != a->section ||
		       memcmp(s->set[first].text, a->text, a->section) != 0)
			first++;
		if (first < i)
			continue;
		fprintf(file, "[%.*s]\n", (int)a->section, a->text);
		for (size_t k = i; k < s->n; k++) {
			const struct set *b = &s->set[k];
			if (b->section == a->section && memcmp(b->text, a->text, a->section) == 0)
				fprintf(file, "%.*s = %.*s\n", (int)b->key,
					b->text + b->section + 1, (int)(b->length - b->value),
					b->text + b->value);
		}
	}
	if (ferror(file) | fclose(file))
		return fb_error_set(error, -EIO, "%s: cannot write", v->changes);
	return 0;
}

static int make_folder(const char *path, struct fb_error *error)
{
	return mkdir(path, 0777) < 0 && errno != EEXIST
		       ? fb_error_set(error, -errno, "%s: cannot create directory: %s", path,
				      strerror(errno))
		       : 0;
}

/* Folder, changes, and the rules read once: what is wrong comes out before any run. */
static int prepare(const struct fb_backtest_options *o, size_t index, struct fb_variant *v,
		   struct fb_rules *rules, struct fb_error *error)
{
	struct sets sets;
	struct fb_error cause;
	char name[80];
	size_t n = 0;
	int err = take_variant(o, o->variants[index], v, &sets, error);
	if (err)
		return err;
	for (const char *at = strrchr(v->pack, '/') ? strrchr(v->pack, '/') + 1 : v->pack;
	     *at && n + 1 < sizeof(name); at++)
		name[n++] = isalnum((unsigned char)*at) || *at == '-' ? *at : '_';
	name[n] = '\0';
	int length = snprintf(v->directory, sizeof(v->directory), "%s/%02zu-%s", o->out, index + 1,
			      name);
	if (length < 0 || (size_t)length > 380) /* what a report takes */
		return fb_error_set(error, -ENAMETOOLONG, "%.80s...: path too long", o->out);
	err = make_folder(v->directory, error);
	if (!err && sets.n > 0) {
		snprintf(v->changes, sizeof(v->changes), "%s/changes.rules", v->directory);
		err = write_changes(v, &sets, error);
	}
	if (err)
		return err;
	err = fb_rules_load_changed(v->pack, v->changes[0] ? v->changes : NULL, rules, &cause);
	return err ? fb_error_set(error, err, "%s: %.340s", v->label, cause.text) : 0;
}

static void forget(const struct fb_backtest *b, size_t n, const char *out)
{
	for (size_t i = 0; i < n; i++) {
		if (b->variant[i].changes[0])
			unlink(b->variant[i].changes);
		if (b->variant[i].directory[0])
			rmdir(b->variant[i].directory);
	}
	rmdir(out); /* not if something else is in it */
}

static int prepare_all(const struct fb_backtest_options *o, struct fb_backtest *b,
		       struct fb_error *error)
{
	struct fb_rules *rules = malloc(sizeof(*rules));
	int err = rules ? make_folder(o->out, error)
			: fb_error_set(error, -ENOMEM, "backtest: out of memory");
	b->variants = 0;
	for (size_t i = 0; i < o->variants_n && !err; i++) {
		memset(&b->variant[i], 0, sizeof(b->variant[i]));
		err = prepare(o, i, &b->variant[i], rules, error);
		b->variants++;
	}
	free(rules);
	if (err)
		forget(b, b->variants, o->out);
	return err;
}

static int run_one(const struct fb_backtest_options *o, struct fb_variant *v, char note[128],
		   struct fb_error *error)
{
	struct fb_backtest_watch watch;
	struct fb_divergence divergence = { .first = 0 };
	struct fb_run_options run = o->run;
	struct fb_error cause;
	run.rules = v->pack;
	run.changes = v->changes[0] ? v->changes : NULL;
	run.out = v->directory;
	fb_backtest_watch(&watch, v);
	int err = fb_run_watched(&run, &watch.watch, &v->summary, &divergence, note, &cause);
	fb_backtest_unwatch(&watch);
	if (err)
		return fb_error_set(error, err, "%s: %.340s", v->label, cause.text);
	v->good = fb_summary_good(&v->summary);
	return 0;
}

static int write_one(const struct fb_backtest *b, const char *folder, const char *name,
		     void (*print)(const struct fb_backtest *b, FILE *out), struct fb_error *error)
{
	char path[600];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "we");
	if (!file)
		return fb_error_set(error, -errno, "%s: cannot create: %s", path, strerror(errno));
	print(b, file);
	if (ferror(file) | fclose(file))
		return fb_error_set(error, -EIO, "%s: cannot write", path);
	return 0;
}

static void make_png(const char *folder, char note[128])
{
	char svg[600], png[600];
	char *argv[] = { "rsvg-convert", "--zoom=2", "-o", png, svg, NULL };
	pid_t child;
	int status;
	snprintf(svg, sizeof(svg), "%s/backtest.svg", folder);
	snprintf(png, sizeof(png), "%s/backtest.png", folder);
	if (posix_spawnp(&child, argv[0], NULL, NULL, argv, environ) != 0 ||
	    waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		snprintf(note, 128,
			 "no backtest.png: rsvg-convert is not installed or failed (Debian: "
			 "librsvg2-bin)");
}

int fb_backtest(const struct fb_backtest_options *o, struct fb_backtest *b, char note[128],
		struct fb_error *error)
{
	note[0] = '\0';
	b->variants = 0;
	if (o->variants_n == 0 || o->variants_n > FB_VARIANTS_MAX)
		return fb_error_set(error, -EINVAL,
				    "backtest: expected 1 to %d variants, found %zu",
				    FB_VARIANTS_MAX, o->variants_n);
	int err = prepare_all(o, b, error);
	for (size_t i = 0; i < b->variants && !err; i++) {
		if (o->begins)
			o->begins(o->context, i, b->variants, b->variant[i].label);
		err = run_one(o, &b->variant[i], note, error);
	}
	if (!err)
		err = write_one(b, o->out, "backtest.txt", fb_backtest_text, error);
	if (!err)
		err = write_one(b, o->out, "backtest.json", fb_backtest_json, error);
	if (!err)
		err = write_one(b, o->out, "backtest.svg", fb_backtest_picture, error);
	if (!err)
		make_png(o->out, note);
	return err;
}

void fb_backtest_free(struct fb_backtest *b)
{
	for (size_t i = 0; i < b->variants; i++)
		free(b->variant[i].point);
	b->variants = 0;
}
