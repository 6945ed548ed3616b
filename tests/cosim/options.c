/* Command line of cosim; see options.h. */
#include "options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/engine.h>

#include "faulty.h"

static void usage(const char *wrong)
{
	if (wrong)
		fprintf(stderr, "cosim: wrong or incomplete argument: %s\n", wrong);
	fprintf(stderr,
		"usage: cosim "
		"[run|cycles|properties|lanes|hedge|recompute|storm|full|limits|coverage]\n"
		"       cosim selftest [OPTION]...\n"
		"       cosim dump|compare DIR [OPTION]...\n"
		"  --engine URI         engine under test (core:lanes=8,place=random)\n"
		"  --reference URI      what it is compared with (model:)\n"
		"  --seeds A..B         seeds, both included (1..8); --seed N is one\n"
		"  --commands N         commands of each seed (3000)\n"
		"  --rows-target R      rows that each bank is built up to (chosen by the seed)\n"
		"  --stall P            percent of cycles without room for a record (0, 30, 0, "
		"80 in turn)\n"
		"  --min-revaluations N fail when all seeds together value fewer rows\n"
		"  --min-pairs N        fail when fewer words carried two level changes\n"
		"  --lanes N            cycles: only build/libfbcoreN.so (all)\n"
		"  --no-wave            no waveform after a difference\n"
		"  --quiet              only the last line\n");
	exit(2);
}

static uint64_t number(const char *option, const char *text, const char **rest)
{
	char *end;
	unsigned long long v = strtoull(text, &end, 0);

	if (end == text || (!rest && *end))
		usage(option);
	if (rest)
		*rest = end;
	return v;
}

static void seeds(struct options *o, const char *text)
{
	const char *rest;

	o->first_seed = o->last_seed = number("--seeds", text, &rest);
	if (strncmp(rest, "..", 2) == 0)
		o->last_seed = number("--seeds", rest + 2, NULL);
	else if (*rest)
		usage("--seeds");
}

static void uri(char out[static URI_MAX], const char *option, const char *text)
{
	if (snprintf(out, URI_MAX, "%s", text) >= URI_MAX - 40)
		usage(option);
}

static void option(struct options *o, const char *name, const char *value)
{
	if (!value)
		usage(name);
	if (strcmp(name, "--engine") == 0)
		uri(o->engine, name, value);
	else if (strcmp(name, "--reference") == 0)
		uri(o->reference, name, value);
	else if (strcmp(name, "--seeds") == 0 || strcmp(name, "--seed") == 0)
		seeds(o, value);
	else if (strcmp(name, "--commands") == 0)
		o->commands = number(name, value, NULL);
	else if (strcmp(name, "--rows-target") == 0)
		o->rows = (uint32_t)number(name, value, NULL);
	else if (strcmp(name, "--lanes") == 0)
		o->lanes = (unsigned)number(name, value, NULL);
	else if (strcmp(name, "--stall") == 0)
		o->stall = (int)number(name, value, NULL);
	else if (strcmp(name, "--min-revaluations") == 0)
		o->least_revaluations = number(name, value, NULL);
	else if (strcmp(name, "--min-pairs") == 0)
		o->least_pairs = number(name, value, NULL);
	else
		usage(name);
}

void options_parse(int argc, char **argv, struct options *out)
{
	*out = (struct options){ .engine = "core:lanes=8,place=random",
				 .reference = "model:",
				 .first_seed = 1,
				 .last_seed = 8,
				 .commands = 3000,
				 .stall = -1,
				 .wave = true };
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--quiet") == 0)
			out->quiet = true;
		else if (strcmp(argv[i], "--no-wave") == 0)
			out->wave = false;
		else if (argv[i][0] != '-' && !out->directory)
			out->directory = argv[i];
		else {
			option(out, argv[i], i + 1 < argc ? argv[i + 1] : NULL);
			i++;
		}
	}
}

int options_stall(const struct options *o, uint64_t seed)
{
	return o->stall >= 0 ? o->stall : seed % 4 == 3 ? 80 : seed % 2 ? 30 : 0;
}

void options_uri(const struct options *o, const char *base, uint64_t seed, char out[static URI_MAX])
{
	int stall = options_stall(o, seed);
	int n;

	if (strncmp(base, "sim:", 4) == 0 || strncmp(base, "fakecard:", 9) == 0)
		n = snprintf(out, URI_MAX, "%s%sseed=%" PRIu64, base,
			     base[strlen(base) - 1] == ':' ? "" : ",", seed);
	else if (strncmp(base, "core:", 5) != 0)
		n = snprintf(out, URI_MAX, "%s", base);
	else
		n = snprintf(out, URI_MAX, "%s,seed=%" PRIu64 ",stall=%d", base, seed, stall);
	if (n >= URI_MAX)
		usage(base);
}

/* An account lives in one lane, so a lane must hold the whole bank when placement is unlucky:
 * divide by the lanes. */
void options_limits(const struct options *o, struct stream_options *out)
{
	const char *uris[] = { o->engine, o->reference };

	out->rows_max = out->accounts_max = 0;
	for (unsigned i = 0; i < 2; i++) {
		struct fb_engine *engine;
		struct fb_engine_info info;
		struct fb_error error;

		if (faulty_engine_open(uris[i], &engine, &error) < 0) {
			fprintf(stderr, "cosim: %s\n", error.text);
			exit(2);
		}
		fb_engine_info(engine, &info);
		fb_engine_close(engine);
		uint32_t lanes = info.lanes ? info.lanes : 1;
		uint64_t rows = info.rows_max / lanes, accounts = info.accounts_max / lanes;
		if (out->rows_max == 0 || rows < out->rows_max)
			out->rows_max = (uint32_t)(rows < UINT32_MAX ? rows : UINT32_MAX);
		if (out->accounts_max == 0 || accounts < out->accounts_max)
			out->accounts_max = (uint32_t)(accounts < UINT32_MAX ? accounts
									     : UINT32_MAX);
	}
}
