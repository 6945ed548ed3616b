/* The files of a report: each is written under another name, and all are renamed when the last one
 * is whole; bench.json comes last, so that where it is, the others are. */
#include <ctype.h>
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define FILES_MOST (FB_BENCH_CASES * FB_BENCH_ENGINES * FB_STAGES + 16)
#define PATH_ROOM 800
#define PART ".part"

extern char **environ;

struct files {
	struct fb_bench *b;
	const char *folder;
	char (*name)[192]; /* written so far */
	unsigned n;
	struct fb_error *error;
};

int fb_bench_files_check(const char *folder, struct fb_error *error)
{
	char path[PATH_ROOM];
	if (strlen(folder) > 500)
		return fb_error_set(error, -ENAMETOOLONG, "--plot: the name is too long");
	if (mkdir(folder, 0777) && errno != EEXIST)
		return fb_error_set(error, -EACCES,
				    "--plot '%s': expected a folder that can be written, found: "
				    "%s; create it, or choose another",
				    folder, strerror(errno));
	snprintf(path, sizeof(path), "%s/bench.json" PART, folder);
	FILE *file = fopen(path, "we");
	if (!file)
		return fb_error_set(error, -EACCES,
				    "--plot '%s': expected a folder that can be written, found: "
				    "%s; choose another",
				    folder, strerror(errno));
	fclose(file);
	unlink(path);
	return 0;
}

void fb_bench_hgrm_name(const struct fb_bench *b, const struct fb_bench_result *r,
			enum fb_bench_stage stage, char out[192])
{
	char engine[64], share[16] = "";
	snprintf(engine, sizeof(engine), "%.60s", b->engine[r->engine].given);
	for (char *at = engine; *at; at++)
		*at = isalnum((unsigned char)*at) ? *at : '_';
	if (r->what.work->share)
		snprintf(share, sizeof(share), "-%.2fpc", r->what.share_e4 / 100.0);
	snprintf(out, 192, "hgrm/%s-%u%s-%s-%s.hgrm", r->what.work->name, r->what.rows, share,
		 engine, fb_bench_stages[stage].name);
}

static char *part_of(const struct files *f, const char *name, char out[PATH_ROOM])
{
	snprintf(out, PATH_ROOM, "%s/%s" PART, f->folder, name);
	return out;
}

static FILE *create(struct files *f, const char *name)
{
	char path[PATH_ROOM];
	FILE *file = f->n < FILES_MOST ? fopen(part_of(f, name, path), "we") : NULL;
	if (!file)
		fb_error_set(f->error, -errno, "%s/%s: cannot create: %s", f->folder, name,
			     strerror(errno));
	else
		snprintf(f->name[f->n++], sizeof(f->name[0]), "%s", name);
	return file;
}

static int finish(struct files *f, FILE *file, const char *name)
{
	if (!(ferror(file) | fclose(file)))
		return 0;
	return fb_error_set(f->error, -EIO, "%s/%s: cannot write", f->folder, name);
}

static int write_hgrm(struct files *f, const struct fb_bench_result *r, enum fb_bench_stage stage)
{
	char name[192];
	fb_bench_hgrm_name(f->b, r, stage, name);
	FILE *file = create(f, name);
	if (!file)
		return -EIO;
	fb_hdr_write(&r->stage[stage], file);
	return finish(f, file, name);
}

static int write_report(struct files *f, const char *name,
			void (*print)(const struct fb_bench *, FILE *))
{
	FILE *file = create(f, name);
	if (!file)
		return -EIO;
	print(f->b, file);
	return finish(f, file, name);
}

/* 1: made; 0: the tool is not there. */
static int make_png(struct files *f, const char *svg, const char *png)
{
	char from[PATH_ROOM], to[PATH_ROOM];
	char *argv[] = { "rsvg-convert", "--zoom=2", "-o", part_of(f, png, to),
			 part_of(f, svg, from), NULL };
	pid_t child;
	int status;
	if (posix_spawnp(&child, argv[0], NULL, NULL, argv, environ) != 0 ||
	    waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		unlink(to);
		return 0;
	}
	snprintf(f->name[f->n++], sizeof(f->name[0]), "%s", png);
	return 1;
}

static int write_picture(struct files *f, const char *svg, const char *png,
			 bool (*draw)(const struct fb_bench *, FILE *))
{
	char path[PATH_ROOM];
	FILE *file = create(f, svg);
	if (!file)
		return -EIO;
	bool drawn = draw(f->b, file);
	int err = finish(f, file, svg);
	if (!drawn) {
		unlink(part_of(f, svg, path));
		f->n--;
		return err;
	}
	f->b->picture[f->b->pictures++] = svg;
	if (!err && make_png(f, svg, png))
		f->b->picture[f->b->pictures++] = png;
	return err;
}

static int write_all(struct files *f)
{
	static const struct {
		const char *svg, *png;
		bool (*draw)(const struct fb_bench *, FILE *);
	} picture[] = { { "percentiles.svg", "percentiles.png", fb_bench_draw_percentiles },
			{ "rows.svg", "rows.png", fb_bench_draw_rows },
			{ "share.svg", "share.png", fb_bench_draw_share },
			{ "crossover.svg", "crossover.png", fb_bench_draw_crossover } };
	int err = 0;
	for (unsigned i = 0; i < f->b->results; i++)
		for (int s = 0; s < FB_STAGES && !err; s++)
			if (f->b->result[i].stage[s].count)
				err = write_hgrm(f, &f->b->result[i], (enum fb_bench_stage)s);
	for (size_t i = 0; i < sizeof(picture) / sizeof(picture[0]) && !err; i++)
		err = write_picture(f, picture[i].svg, picture[i].png, picture[i].draw);
	if (!err)
		err = write_report(f, "bench.txt", fb_bench_text);
	return err ? err : write_report(f, "bench.json", fb_bench_json);
}

static int rename_all(struct files *f, int err)
{
	char from[PATH_ROOM], to[PATH_ROOM];
	for (unsigned i = 0; i < f->n; i++) {
		snprintf(to, sizeof(to), "%s/%s", f->folder, f->name[i]);
		part_of(f, f->name[i], from);
		if (err)
			unlink(from);
		else if (rename(from, to))
			err = fb_error_set(f->error, -errno, "%s: cannot rename: %s", to,
					   strerror(errno));
	}
	return err;
}

int fb_bench_files(struct fb_bench *b, struct fb_error *error)
{
	struct files f = { .b = b, .folder = b->options->plot, .error = error };
	char path[PATH_ROOM];
	snprintf(path, sizeof(path), "%s/hgrm", f.folder);
	if (mkdir(path, 0777) && errno != EEXIST)
		return fb_error_set(error, -errno, "%s: cannot create: %s", path, strerror(errno));
	f.name = calloc(FILES_MOST, sizeof(*f.name));
	if (!f.name)
		return fb_error_set(error, -ENOMEM, "bench: out of memory");
	/* An old one must not stand beside what is new. */
	snprintf(path, sizeof(path), "%s/bench.json", f.folder);
	int err = write_all(&f);
	if (!err)
		unlink(path);
	err = rename_all(&f, err);
	free(f.name);
	return err;
}
