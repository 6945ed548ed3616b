/* firebreak explain: what happened to one account, and why. */
#include <firebreak/explain.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"

struct explain {
	const char *log, *account; /* ACCOUNT or ACCOUNT@SEQ */
	const char *engine;
	bool json, evidence, story;
};

#define O(member) offsetof(struct explain, member)
static const struct option options[] = {
	{ "json", NULL, "print as JSON", OPTION_FLAG, O(json), false, 0, 0 },
	{ "evidence", NULL, "print what the holder may have: see firebreak verify", OPTION_FLAG,
	  O(evidence), false, 0, 0 },
	{ "story", NULL, "a few lines in plain words", OPTION_FLAG, O(story), false, 0, 0 },
	{ "engine", "URI", "any engine: the result must be the same; cpu: if not given",
	  OPTION_TEXT, O(engine), false, 0, 0 },
};

static const struct explain defaults = { .engine = NULL };

static bool number(const char *text, char **end, uint64_t most, uint64_t *out)
{
	errno = 0;
	*out = strtoull(text, end, 10);
	return text[0] >= '0' && text[0] <= '9' && errno == 0 && *out <= most;
}

static bool parse_account(const char *text, uint32_t *account, uint64_t *sequence)
{
	char *end;
	uint64_t id;
	*sequence = 0;
	if (!number(text, &end, UINT32_MAX, &id))
		return false;
	*account = (uint32_t)id;
	if (*end == '@' && (!number(end + 1, &end, UINT64_MAX, sequence) || *sequence == 0))
		return false;
	return *end == '\0';
}

static int run(const void *parsed)
{
	const struct explain *e = parsed;
	struct fb_explain_options o = {
		.log = e->log,
		.engine = e->engine,
		.form = e->evidence ? FB_EXPLAIN_EVIDENCE
			: e->story  ? FB_EXPLAIN_STORY
			: e->json   ? FB_EXPLAIN_JSON
				    : FB_EXPLAIN_TEXT,
		.progress = show_progress,
	};
	struct fb_error error;
	if (e->json + e->evidence + e->story > 1) {
		complain("explain: expected one of --json, --evidence and --story, found more");
		return EXIT_USAGE;
	}
	if (!parse_account(e->account, &o.account, &o.sequence)) {
		fprintf(stderr,
			"firebreak explain: expected ACCOUNT or ACCOUNT@SEQUENCE in digits, such "
			"as 17 or 17@120000, found '%.100s'\n",
			e->account);
		return EXIT_USAGE;
	}
	int err = fb_explain(&o, stdout, &error);
	end_progress();
	if (err)
		complain(error.text);
	return err ? EXIT_FAILED : 0;
}

const struct command command_explain = {
	.name = "explain",
	.arguments = "LOG ACCOUNT[@SEQUENCE] [OPTIONS]",
	.help = "Runs a log again and tells what happened to one account, in order: ratio, "
		"thresholds, sizes, prices, ranks, every\n"
		"term exact and rounded, and the reason for each step. With @SEQUENCE only its "
		"state after that command.\n"
		"Exit status: 0 told; 1 no such account, or the log does not replay; 2 usage.",
	.options = options,
	.options_n = sizeof(options) / sizeof(options[0]),
	.size = sizeof(struct explain),
	.defaults = &defaults,
	.positional = 2,
	.run = run,
};
