/* firebreak info: what this program is and which engines it can open. */
#include <stdio.h>
#include <string.h>

#include "command.h"

#ifndef FIREBREAK_VERSION
#define FIREBREAK_VERSION "unknown"
#endif

struct info {
	bool json;
};

static const struct option options[] = {
	{ "json", NULL, "print as JSON", OPTION_FLAG, offsetof(struct info, json), false, 0, 0 },
};
static const struct info defaults = { .json = false };

static const char *const engines[] = { "model:", "core:lanes=1", "core:lanes=2", "core:lanes=8",
				       "core:lanes=16" };
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

static int run(const void *parsed)
{
	const struct info *i = parsed;
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
	.arguments = "[--json]",
	.help = "Shows version, contract, and the engines this program can open,\n"
		"and lists the cards of this machine.",
	.options = options,
	.options_n = 1,
	.size = sizeof(struct info),
	.defaults = &defaults,
	.run = run,
};
