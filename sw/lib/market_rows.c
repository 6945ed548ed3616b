/* Accounts and positions as the market knows them: positions are its own truth, and no order takes
 * more than is there. */
#include <assert.h>
#include <errno.h>

#include "market_internal.h"
#include "mix.h"

#define ALL_E7 10000000

uint32_t fb_market_account_index(const struct fb_market *m, uint32_t id)
{
	uint32_t index;
	return fb_idmap_get(&m->account_map, id, &index) ? index : FB_NONE;
}

uint32_t fb_market_row_index(const struct fb_market *m, uint32_t id)
{
	uint32_t index;
	return fb_idmap_get(&m->row_map, id, &index) ? index : FB_NONE;
}

/* Who trades with working orders follows from seed and id, not from the order of loading. House
 * accounts have none. */
static bool is_worker(const struct fb_market *m, uint32_t id)
{
	return id < FB_ID_RESERVED &&
	       fb_mix_below(fb_mix(m->seed ^ fb_mix(id)), ALL_E7) < m->options.working_e7;
}

uint32_t fb_market_account_make(struct fb_market *m, uint32_t id)
{
	uint32_t index = fb_market_account_index(m, id);
	if (index != FB_NONE)
		return index;
	if (m->accounts == m->accounts_max)
		return FB_NONE;
	index = (uint32_t)m->accounts++;
	m->account[index] = (struct market_account){ .id = id,
						     .first = FB_NONE,
						     .worker = is_worker(m, id) };
	if (m->account[index].worker)
		m->worker[m->workers++] = index;
	fb_idmap_put(&m->account_map, id, index);
	return index;
}

uint32_t fb_market_row_make(struct fb_market *m, uint32_t account, uint32_t id, uint16_t symbol)
{
	uint32_t index = fb_market_row_index(m, id);
	if (index != FB_NONE)
		return index;
	if (m->rows == m->rows_max)
		return FB_NONE;
	index = (uint32_t)m->rows++;
	m->row[index] = (struct market_row){ .id = id,
					     .account = account,
					     .symbol = symbol,
					     .next = m->account[account].first };
	m->account[account].first = index;
	m->account[account].rows++;
	fb_idmap_put(&m->row_map, id, index);
	return index;
}

void fb_market_move(struct fb_market *m, uint32_t row, int64_t by)
{
	struct market_row *r = &m->row[row];
	struct market_symbol *s = &m->symbol[r->symbol];
	s->lots[r->qty < 0] -= fb_market_size(r->qty);
	r->qty += by;
	assert(fb_market_size(r->qty) <= MARKET_QTY_MOST);
	s->lots[r->qty < 0] += fb_market_size(r->qty);
	/* Other traders take over what liquidation closes: for depth, interest does not fall. */
	for (unsigned side = 0; side < 2; side++)
		if (s->interest < s->lots[side])
			s->interest = s->lots[side];
}

int fb_market_position(struct fb_market *m, uint32_t account, uint32_t position, uint16_t symbol,
		       int64_t qty)
{
	if (account == 0 || position == 0 || symbol >= m->rules->symbols ||
	    qty < -MARKET_QTY_MOST || qty > MARKET_QTY_MOST)
		return -EINVAL;
	if (fb_market_row_index(m, position) != FB_NONE)
		return -EEXIST;
	if (m->rows == m->rows_max)
		return -ENOBUFS;
	uint32_t owner = fb_market_account_make(m, account);
	if (owner == FB_NONE)
		return -ENOBUFS;
	fb_market_move(m, fb_market_row_make(m, owner, position, symbol), qty);
	return 0;
}
