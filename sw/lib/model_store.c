/* Accounts and rows, allocated once, and the lists that hold them together. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

int model_store_open(struct model *m)
{
	m->account = calloc(m->accounts_max, sizeof(*m->account));
	m->row = calloc(m->rows_max, sizeof(*m->row));
	m->touched = calloc(m->accounts_max, sizeof(*m->touched));
	if (!m->account || !m->row || !m->touched)
		return -ENOMEM;
	if (model_map_open(&m->account_map, m->accounts_max) ||
	    model_map_open(&m->row_map, m->rows_max))
		return -ENOMEM;
	model_store_clear(m);
	return 0;
}

void model_store_close(struct model *m)
{
	model_map_close(&m->account_map);
	model_map_close(&m->row_map);
	free(m->touched);
	free(m->row);
	free(m->account);
}

/* Everything of section 1 of the contract but the sequence and the batch. */
void model_store_clear(struct model *m)
{
	memset(m->ladder, 0, sizeof(m->ladder));
	memset(m->class, 0, sizeof(m->class));
	memset(m->symbol, 0, sizeof(m->symbol));
	for (unsigned s = 0; s < FB_SYMBOLS; s++)
		m->symbol[s].first_row = MODEL_NONE;
	for (uint32_t a = 0; a < m->accounts_max; a++)
		m->account[a] = (struct model_account){ .first_row = a + 1 };
	m->account[m->accounts_max - 1].first_row = MODEL_NONE;
	for (uint32_t r = 0; r < m->rows_max; r++)
		m->row[r] = (struct model_row){ .of_account.next = r + 1 };
	m->row[m->rows_max - 1].of_account.next = MODEL_NONE;
	model_map_clear(&m->account_map);
	model_map_clear(&m->row_map);
	m->accounts = m->free_account = 0;
	m->rows = m->free_row = 0;
	m->touched_n = 0;
}

uint32_t model_account_new(struct model *m, uint32_t id)
{
	uint32_t account = m->free_account;
	assert(account != MODEL_NONE);
	struct model_account *a = &m->account[account];
	m->free_account = a->first_row;
	*a = (struct model_account){
		.id = id,
		.used = true,
		.first_row = MODEL_NONE,
		.touched = a->touched,
	};
	m->accounts++;
	model_map_add(&m->account_map, id, account);
	return account;
}

void model_account_forget(struct model *m, uint32_t account)
{
	struct model_account *a = &m->account[account];
	assert(a->used && a->rows == 0);
	model_map_remove(&m->account_map, a->id);
	m->class[a->class_id].accounts--;
	a->used = false;
	a->first_row = m->free_account;
	m->free_account = account;
	m->accounts--;
}

uint32_t model_row_new(struct model *m, uint32_t position, uint32_t account, uint16_t symbol)
{
	uint32_t row = m->free_row;
	assert(row != MODEL_NONE);
	struct model_row *r = &m->row[row];
	struct model_account *a = &m->account[account];
	struct model_symbol *s = &m->symbol[symbol];
	m->free_row = r->of_account.next;
	*r = (struct model_row){
		.position = position, .account = account, .symbol = symbol,
		.of_account = { MODEL_NONE, a->first_row },
		.of_symbol = { MODEL_NONE, s->first_row },
	};
	if (a->first_row != MODEL_NONE)
		m->row[a->first_row].of_account.prev = row;
	if (s->first_row != MODEL_NONE)
		m->row[s->first_row].of_symbol.prev = row;
	a->first_row = s->first_row = row;
	a->rows++;
	m->rows++;
	model_map_add(&m->row_map, position, row);
	return row;
}

void model_row_forget(struct model *m, uint32_t row)
{
	struct model_row *r = &m->row[row];
	struct model_link a = r->of_account, s = r->of_symbol;
	model_map_remove(&m->row_map, r->position);
	if (a.prev == MODEL_NONE)
		m->account[r->account].first_row = a.next;
	else
		m->row[a.prev].of_account.next = a.next;
	if (a.next != MODEL_NONE)
		m->row[a.next].of_account.prev = a.prev;
	if (s.prev == MODEL_NONE)
		m->symbol[r->symbol].first_row = s.next;
	else
		m->row[s.prev].of_symbol.next = s.next;
	if (s.next != MODEL_NONE)
		m->row[s.next].of_symbol.prev = s.prev;
	m->account[r->account].rows--;
	m->rows--;
	r->of_account.next = m->free_row;
	m->free_row = row;
}

/* The account is judged at the end of the batch. */
void model_touch(struct model *m, uint32_t account)
{
	if (m->account[account].touched)
		return;
	m->account[account].touched = true;
	assert(m->touched_n < m->accounts_max);
	m->touched[m->touched_n++] = account;
}

void model_touch_symbol(struct model *m, uint16_t symbol)
{
	for (uint32_t r = m->symbol[symbol].first_row; r != MODEL_NONE;
	     r = m->row[r].of_symbol.next)
		model_touch(m, m->row[r].account);
}
