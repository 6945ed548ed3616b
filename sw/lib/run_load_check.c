/* What can be wrong with inputs taken together: see run_load.h. */
#include <errno.h>
#include <stdlib.h>

#include "run_load.h"

unsigned fb_load_traded(const uint64_t *start_e8)
{
	unsigned n = 0;
	for (unsigned s = 0; s < FB_SYMBOLS; s++)
		n += start_e8[s] != 0;
	return n;
}

static int bad_position(const struct fb_rules *rules, const struct fb_account_spec *a,
			const struct fb_position_spec *p, const uint64_t *start_e8,
			struct fb_error *error)
{
	if (p->symbol >= rules->symbols || start_e8[p->symbol] == 0)
		return fb_error_set(error, -EINVAL,
				    "account %u holds %s: expected marks for every symbol held, "
				    "found none for this one",
				    a->id,
				    p->symbol < rules->symbols ? rules->symbol[p->symbol].name
							       : "an unknown symbol");
	if (p->id >= FB_POSITION_RESERVED)
		return fb_error_set(error, -EINVAL,
				    "account %u: expected position ids below %u, found %u", a->id,
				    FB_POSITION_RESERVED, p->id);
	if (p->qty == 0 || !fb_fits(p->qty, FB_QTY_BITS) || !fb_fits(p->entry_e8, FB_MONEY_BITS))
		return fb_error_set(error, -ERANGE,
				    "account %u, position %u: expected a quantity of 48 bits, not "
				    "0, and an entry value of 62 bits; "
				    "found %lld lots, %lld",
				    a->id, p->id, (long long)p->qty, (long long)p->entry_e8);
	return 0;
}

static int bad_account(const struct fb_account_spec *a, struct fb_error *error)
{
	if (a->id >= FB_ID_RESERVED)
		return fb_error_set(
			error, -EINVAL,
			"account %u: expected ids below %u; those above are the host's own", a->id,
			FB_ID_RESERVED);
	if (a->positions > FB_ROWS_PER_ACCOUNT)
		return fb_error_set(error, -EINVAL,
				    "account %u: expected at most %u positions, found %zu", a->id,
				    FB_ROWS_PER_ACCOUNT, a->positions);
	if (!fb_fits(a->collateral_e8, FB_MONEY_BITS))
		return fb_error_set(error, -ERANGE,
				    "account %u: expected collateral of 62 bits, found %lld", a->id,
				    (long long)a->collateral_e8);
	return 0;
}

static int by_id(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static int bad_ids(uint32_t *id, size_t n, const char *what, struct fb_error *error)
{
	qsort(id, n, sizeof(*id), by_id);
	for (size_t i = 1; i < n; i++)
		if (id[i] == id[i - 1])
			return fb_error_set(error, -EEXIST,
					    "%s %u: expected each id once, found it again", what,
					    id[i]);
	return 0;
}

int fb_load_check(const struct fb_rules *rules, const struct fb_accounts *accounts,
		  const uint64_t *start_e8, struct fb_error *error)
{
	if (fb_load_traded(start_e8) > FB_ROWS_PER_ACCOUNT)
		return fb_error_set(error, -EINVAL,
				    "marks: expected at most %u symbols in one run (the fund and "
				    "the street hold one position in each), "
				    "found %u",
				    FB_ROWS_PER_ACCOUNT, fb_load_traded(start_e8));
	size_t n =
		accounts->accounts > accounts->positions ? accounts->accounts : accounts->positions;
	uint32_t *id = malloc((n + 1) * sizeof(*id));
	int err = id ? 0 : fb_error_set(error, -ENOMEM, "accounts: out of memory");
	for (size_t i = 0; i < accounts->accounts && !err; i++) {
		const struct fb_account_spec *a = &accounts->account[i];
		err = bad_account(a, error);
		for (size_t k = 0; k < a->positions && !err; k++)
			err = bad_position(rules, a, &accounts->position[a->first + k], start_e8,
					   error);
		id[i] = a->id;
	}
	if (!err)
		err = bad_ids(id, accounts->accounts, "account", error);
	for (size_t i = 0; i < accounts->positions && !err; i++)
		id[i] = accounts->position[i].id;
	if (!err)
		err = bad_ids(id, accounts->positions, "position", error);
	free(id);
	return err;
}
