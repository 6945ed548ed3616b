/* firebreak policies: the published comparison of policies, and every policy on accounts. */
#include <firebreak/paper.h>

#include <stdio.h>
#include <stdlib.h>

#include "../lib/policy_accounts.h"
#include "command.h"

struct policies {
	const char *paper, *accounts;
	__int128 budget_e8, deficit_e8, loss_e8;
	uint64_t cap_percent;
	bool json;
};

#define O(member) offsetof(struct policies, member)
static const struct option options[] = {
	{ "paper", "DIR",
	  "the published tables of arXiv 2512.01112: each figure, ours beside theirs", OPTION_TEXT,
	  O(paper), false, 0, 0 },
	{ "accounts", "FILE",
	  "deleveraged accounts: user,adl_notional,closed_pnl,account_value_realtime", OPTION_TEXT,
	  O(accounts), false, 0, 0 },
	{ "budget", "MONEY", "what is to be taken; 15079669.61, as on 2025-10-10", OPTION_MONEY,
	  O(budget_e8), false, 0, 0 },
	{ "deficit", "MONEY", "what the losers owe; 100063386.69", OPTION_MONEY, O(deficit_e8),
	  false, 0, 0 },
	{ "largest-loss", "MONEY", "the most that one of them owes; 10925707.16", OPTION_MONEY,
	  O(loss_e8), false, 0, 0 },
	{ "cap", "PERCENT", "of its cap that nobody gives more of under `capped`; 25", OPTION_COUNT,
	  O(cap_percent), false, 0, 100 },
	{ "json", NULL, "for programs", OPTION_FLAG, O(json), false, 0, 0 },
};

static const struct policies defaults = { .budget_e8 = FB_EVENT_NEEDED_E8,
					  .deficit_e8 = FB_EVENT_DEFICIT_E8,
					  .loss_e8 = FB_EVENT_LOSS_E8,
					  .cap_percent = 25 };

static int run_paper(const struct policies *o)
{
	struct fb_error error;
	struct fb_paper *paper = calloc(1, sizeof(*paper));
	int err = paper ? fb_paper_read(o->paper, paper, &error)
			: fb_error_set(&error, -1, "out of memory");
	if (err)
		complain(error.text);
	else if (o->json)
		fb_paper_json(paper, stdout);
	else
		fb_paper_text(paper, stdout);
	bool bad = err || fb_paper_differences(paper) > 0;
	free(paper);
	return bad ? EXIT_FAILED : 0;
}

static int run_accounts(const struct policies *o)
{
	struct fb_error error;
	struct fb_real_accounts accounts;
	const __int128 most = (__int128)1 << 62;
	if (o->budget_e8 >= most || o->deficit_e8 >= most || o->loss_e8 >= most) {
		complain("policies: expected amounts below 2^62 e-8");
		return EXIT_USAGE;
	}
	struct fb_policies p = { .budget_e8 = (uint64_t)o->budget_e8,
				 .deficit_e8 = (uint64_t)o->deficit_e8,
				 .loss_e8 = (uint64_t)o->loss_e8,
				 .cap_e7 = (uint32_t)o->cap_percent * 100000 };
	int err = fb_real_accounts_read(o->accounts, &accounts, &error);
	if (!err)
		err = fb_policies_run(&accounts, &p, &error);
	if (err) {
		complain(error.text);
		return EXIT_FAILED;
	}
	(o->json ? fb_policies_json : fb_policies_text)(&p, stdout);
	fb_real_accounts_free(&accounts);
	return 0;
}

static int run(const void *parsed)
{
	const struct policies *o = parsed;
	int status = 0;
	if (!o->paper && !o->accounts) {
		complain("policies: expected --paper DIR or --accounts FILE");
		return EXIT_USAGE;
	}
	if (o->json)
		printf("{");
	if (o->paper) {
		if (o->json)
			printf("\"paper\": ");
		status = run_paper(o);
	}
	if (o->accounts && (status == 0 || o->paper)) {
		if (o->paper)
			printf(o->json ? ",\n" : "\n");
		if (o->json)
			printf("\"accounts\": ");
		int other = run_accounts(o);
		status = status ? status : other;
	}
	if (o->json)
		printf("}\n");
	return status;
}

const struct command command_policies = {
	.name = "policies",
	.arguments = "[--paper DIR] [--accounts FILE] [--json]",
	.help = "Compares policies of deleveraging: computes the published figures of the crash of "
		"2025-10-10 again, and runs every\n"
		"policy on a file of accounts. Exit status: 0; 1 a figure differs, or a file "
		"cannot be read; 2 usage.",
	.options = options,
	.options_n = sizeof(options) / sizeof(options[0]),
	.size = sizeof(struct policies),
	.defaults = &defaults,
	.run = run,
};
