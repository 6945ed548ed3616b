/* Accounts and positions from a CSV. sw/rules/README.md, section 1, describes the form. Lines may
 * come in any order, so that references and duplicates are checked when the whole file has been
 * read. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounts_file.h"
#include "generate.h"
#include "idmap.h"

static int misplaced(struct fb_accounts_loader *l, unsigned line, unsigned column, int code,
		     const char *expected, uint32_t id)
{
	return fb_error_set(l->error, code, "%s:%u:%u: expected %s, found %u",
			    fb_lines_name(l->lines), line, column, expected, id);
}

/* Accounts by id; two of one id are a fault. */
static int link_accounts(struct fb_accounts_loader *l, struct fb_idmap *map)
{
	for (size_t i = 0; i < l->accounts; i++) {
		const struct fb_account_line *a = &l->account[i];
		uint32_t other;

		if (fb_idmap_get(map, a->spec.id, &other)) {
			char expected[96];

			snprintf(expected, sizeof(expected),
				 "a new account id (this one is on line %u)",
				 l->account[other].origin.line);
			return misplaced(l, a->origin.line, a->origin.id_column, -EINVAL, expected,
					 a->spec.id);
		}
		fb_idmap_put(map, a->spec.id, (uint32_t)i);
	}
	return 0;
}

/* The account of every position, and how many each has. */
static int link_positions(struct fb_accounts_loader *l, const struct fb_idmap *accounts,
			  struct fb_idmap *map)
{
	for (size_t i = 0; i < l->positions; i++) {
		struct fb_position_line *p = &l->position[i];
		struct fb_account_spec *spec;
		uint32_t other;

		if (fb_idmap_get(map, p->spec.id, &other)) {
			char expected[96];

			snprintf(expected, sizeof(expected),
				 "a new position id (this one is on line %u)",
				 l->position[other].origin.line);
			return misplaced(l, p->origin.line, p->origin.id_column, -EINVAL, expected,
					 p->spec.id);
		}
		fb_idmap_put(map, p->spec.id, (uint32_t)i);
		if (!fb_idmap_get(accounts, p->account_id, &p->account))
			return misplaced(l, p->origin.line, p->origin.account_column, -EINVAL,
					 "the id of an account in this file", p->account_id);
		spec = &l->account[p->account].spec;
		if (++spec->positions > FB_ROWS_PER_ACCOUNT)
			return misplaced(l, p->origin.line, p->origin.account_column, -EINVAL,
					 "an account with fewer positions (the contract sets the "
					 "limit)",
					 p->account_id);
		if (spec->mode == FB_MARGIN_ISOLATED && spec->positions > 1)
			return misplaced(l, p->origin.line, p->origin.account_column, -EINVAL,
					 "an account that is not isolated (isolated: one account "
					 "per position)",
					 p->account_id);
	}
	return 0;
}

/* Accounts in the order of the file, each with its positions in the order of the file. */
static int gather(struct fb_accounts_loader *l, struct fb_accounts *out)
{
	struct fb_accounts all = { .accounts = l->accounts, .positions = l->positions };
	size_t next = 0;

	all.account = calloc(l->accounts + 1, sizeof(*all.account));
	all.position = calloc(l->positions + 1, sizeof(*all.position));
	if (!all.account || !all.position) {
		fb_accounts_free(&all);
		return fb_error_set(l->error, -ENOMEM, "%s: out of memory",
				    fb_lines_name(l->lines));
	}
	for (size_t i = 0; i < l->accounts; i++) {
		all.account[i] = l->account[i].spec;
		all.account[i].first = next;
		next += all.account[i].positions;
		all.account[i].positions = 0;
	}
	for (size_t i = 0; i < l->positions; i++) {
		struct fb_account_spec *account = &all.account[l->position[i].account];

		all.position[account->first + account->positions++] = l->position[i].spec;
	}
	*out = all;
	return 0;
}

static int resolve(struct fb_accounts_loader *l, struct fb_accounts *out)
{
	struct fb_idmap accounts = { 0 }, positions = { 0 };
	struct fb_field end = fb_lines_end();
	int rc;

	if (l->accounts == 0)
		return fb_field_error(l->lines, &end, l->error, NULL,
				      "a line that starts with account");
	rc = fb_idmap_open(&accounts, l->accounts);
	if (rc == 0) {
		rc = fb_idmap_open(&positions, l->positions + 1);
		if (rc == 0) {
			rc = link_accounts(l, &accounts);
			if (rc == 0)
				rc = link_positions(l, &accounts, &positions);
			fb_idmap_close(&positions);
		}
		fb_idmap_close(&accounts);
	}
	if (rc == -ENOMEM)
		fb_error_set(l->error, rc, "%s: out of memory", fb_lines_name(l->lines));
	return rc ? rc : gather(l, out);
}

int fb_accounts_load(const char *source, const struct fb_rules *rules, const uint64_t *start_e8,
		     struct fb_accounts *out, struct fb_error *error)
{
	struct fb_accounts_loader l = { .rules = rules, .error = error };
	int rc;

	if (strncmp(source, "gen:", 4) == 0)
		return fb_accounts_generate(source, source + 4, rules, start_e8, out, error);
	rc = fb_lines_open(source, &l.lines, error);
	if (rc)
		return rc;
	rc = fb_accounts_read(&l);
	if (rc == 0)
		rc = resolve(&l, out);
	free(l.account);
	free(l.position);
	fb_lines_close(l.lines);
	return rc;
}

void fb_accounts_free(struct fb_accounts *accounts)
{
	free(accounts->account);
	free(accounts->position);
	*accounts = (struct fb_accounts){ 0 };
}
