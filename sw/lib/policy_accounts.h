/* Every policy on a file of accounts that were deleveraged. */
#ifndef FIREBREAK_POLICY_ACCOUNTS_H
#define FIREBREAK_POLICY_ACCOUNTS_H

#include <stdio.h>

#include <firebreak/error.h>
#include <firebreak/policy.h>

/* What the 16 waves of 2025-10-10 needed, the losers' deficit and the largest single loss, in the
 * published tables of arXiv 2512.01112v3 (see <firebreak/paper.h>), to the cent. */
#define FB_EVENT_NEEDED_E8 1507966961000000
#define FB_EVENT_DEFICIT_E8 10006338669000000
#define FB_EVENT_LOSS_E8 1092570716000000

/* Columns user, adl_notional, closed_pnl, account_value_realtime, in any order among others; money
 * is rounded to 1e-8. A winner gives at most its profit and at most its equity. Its lots are whole
 * units of notional. Ids are by user. */
struct fb_real_accounts {
	size_t n;
	struct fb_winner *winner;
};
int fb_real_accounts_read(const char *path, struct fb_real_accounts *out, struct fb_error *error);
void fb_real_accounts_free(struct fb_real_accounts *accounts);

struct fb_policies_row {
	char name[32];
	struct fb_share_measures m;
};
#define FB_POLICIES_ROWS 16
struct fb_policies {
	size_t accounts, rows;
	uint64_t budget_e8, deficit_e8, loss_e8, caps_e8; /* caps: of all */
	uint32_t cap_e7; /* of the policy "capped" */
	struct fb_policies_row row[FB_POLICIES_ROWS];
};
/* budget, deficit, loss and cap are filled in by the caller. */
int fb_policies_run(const struct fb_real_accounts *accounts, struct fb_policies *out,
		    struct fb_error *error);
void fb_policies_text(const struct fb_policies *policies, FILE *out);
void fb_policies_json(const struct fb_policies *policies, FILE *out); /* an object */

#endif
