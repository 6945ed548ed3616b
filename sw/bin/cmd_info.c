/* firebreak info: what this program is and which engines it can open. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "command.h"

#ifndef FIREBREAK_VERSION
#define FIREBREAK_VERSION "unknown"
#endif

struct info {
	const char *engine;
	bool json;
};

static const struct option options[] = {
	{ "engine", "URI", "open this engine, such as pci:01:00.0, and show what it is",
	  OPTION_TEXT, offsetof(struct info, engine), false, 0, 0 },
	{ "json", NULL, "print as JSON", OPTION_FLAG, offsetof(struct info, json), false, 0, 0 },
};
static const struct info defaults = { .json = false };

static const char *const engines[] = { "model:",       "cpu:",	     "core:lanes=1",
				       "core:lanes=2", "core:lanes=8", "core:lanes=16" };
#define ENGINES (sizeof(engines) / sizeof(engines[0]))

static void print_engine(const char *uri, bool json, bool last)
{
	struct fb_engine *engine;
	struct fb_engine_info info;
	struct fb_error error = { .text = "" };
	memset(&info, 0, sizeof(info));
	int err = fb_engine_open(uri, &engine, &error);
	if (!err) {
		fb_engine_info(engine, &info);
		fb_engine_close(engine);
	}
	if (json)
		printf("    {\"uri\": \"%s\", \"available\": %s, \"lanes\": %u, \"accounts_max\": "
		       "%llu, \"rows_max\": %llu}%s\n",
		       uri, err ? "false" : "true", info.lanes,
		       (unsigned long long)info.accounts_max, (unsigned long long)info.rows_max,
		       last ? "" : ",");
	else if (err)
		printf("  %-16s not available: %s\n", uri, error.text);
	else
		printf("  %-16s up to %llu accounts, %llu positions\n", uri,
		       (unsigned long long)info.accounts_max, (unsigned long long)info.rows_max);
}

static void engine_json(const struct fb_engine_info *i)
{
	const struct fb_engine_card *c = &i->card;
	printf("{\n  \"uri\": \"%s\",\n  \"lanes\": %u,\n  \"accounts_max\": %llu,\n"
	       "  \"rows_max\": %llu",
	       i->uri, i->lanes, (unsigned long long)i->accounts_max,
	       (unsigned long long)i->rows_max);
	if (*c->emitter)
		printf(",\n  \"contract\": %u,\n  \"layout_hash\": \"%08x\",\n"
		       "  \"emitter\": \"%s\",\n  \"group\": %u,\n  \"rows_per_lane\": %u,\n"
		       "  \"accounts_per_lane\": %u,\n  \"clock_hz\": %u,\n"
		       "  \"git_hash\": \"%016llx\",\n  \"build_date\": %u,\n"
		       "  \"capabilities\": %u,\n  \"ring_records\": %llu",
		       FB_CONTRACT_VERSION, FB_LAYOUT_HASH, c->emitter, c->group,
		       c->rows_per_lane, c->accounts_per_lane, c->clock_hz,
		       (unsigned long long)c->git_hash, c->build_date, c->capabilities,
		       (unsigned long long)c->ring_records);
	printf("\n}\n");
}

static void engine_text(const struct fb_engine_info *i)
{
	const struct fb_engine_card *c = &i->card;
	printf("%s\n  up to %llu accounts, %llu positions\n", i->uri,
	       (unsigned long long)i->accounts_max, (unsigned long long)i->rows_max);
	if (i->lanes)
		printf("  %u lanes", i->lanes);
	if (*c->emitter) {
		time_t built = (time_t)c->build_date * 86400;
		char day[16] = "";
		struct tm parts;
		if (gmtime_r(&built, &parts))
			strftime(day, sizeof(day), "%Y-%m-%d", &parts);
		printf(" in groups of %u, %u rows and %u accounts a lane, %u MHz\n"
		       "  contract version %u, layout hash %08x, commit %016llx, built %s\n"
		       "  rank and audit %s, MSI-X wake-up %s\n"
		       "  emitter %s, ring of %llu records",
		       c->group, c->rows_per_lane, c->accounts_per_lane, c->clock_hz / 1000000,
		       FB_CONTRACT_VERSION, FB_LAYOUT_HASH, (unsigned long long)c->git_hash, day,
		       c->capabilities & 1 ? "yes" : "no", c->capabilities & 2 ? "yes" : "no",
		       c->emitter, (unsigned long long)c->ring_records);
	}
	printf(i->lanes ? "\n" : "");
}

/* A card must not be in use, and what it knew is lost. */
static int show_engine(const struct info *options_given)
{
	struct fb_engine *engine;
	struct fb_engine_info info;
	struct fb_error error;
	if (fb_engine_open(options_given->engine, &engine, &error)) {
		complain(error.text);
		return EXIT_FAILED;
	}
	fb_engine_info(engine, &info);
	fb_engine_close(engine);
	(options_given->json ? engine_json : engine_text)(&info);
	return 0;
}

static int run(const void *parsed)
{
	const struct info *i = parsed;
	if (i->engine)
		return show_engine(i);
	if (i->json)
		printf("{\n  \"version\": \"%s\",\n  \"contract\": %u,\n  \"layout_hash\": "
		       "\"%08x\",\n  \"log_version\": %u,\n"
		       "  \"engines\": [\n",
		       FIREBREAK_VERSION, FB_CONTRACT_VERSION, FB_LAYOUT_HASH, FB_LOG_VERSION);
	else
		printf("firebreak %s\ncontract version %u, layout hash %08x\nlog version "
		       "%u\nengines\n",
		       FIREBREAK_VERSION, FB_CONTRACT_VERSION, FB_LAYOUT_HASH, FB_LOG_VERSION);
	for (size_t e = 0; e < ENGINES; e++)
		print_engine(engines[e], i->json, e + 1 == ENGINES);
	if (i->json)
		printf("  ],\n");
	print_cards(i->json);
	if (i->json)
		printf("}\n");
	return 0;
}

const struct command command_info = {
	.name = "info",
	.arguments = "[--engine URI] [--json]",
	.help = "Shows version, contract, and the engines this program can open,\n"
		"and lists the cards of this machine. With --engine: identity, geometry, ring and "
		"emitter of one, which is\n"
		"opened for it: what a card knew is lost.",
	.options = options,
	.options_n = sizeof(options) / sizeof(options[0]),
	.size = sizeof(struct info),
	.defaults = &defaults,
	.run = run,
};
