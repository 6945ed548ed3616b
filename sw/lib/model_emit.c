/* Records, their digest, and the hash of the whole state: contract, section 4. */
#include <firebreak/hash.h>

#include "model.h"

union fb_record model_record(uint64_t seq, enum fb_rec kind)
{
	union fb_record record = { .header = { .seq = seq, .kind = (uint8_t)kind } };
	return record;
}

void model_decide(struct model *m, const union fb_record *record)
{
	m->batch.records++;
	m->batch.digest += fb_hash_word(record);
	model_push(m, record);
}

void model_emit_level(struct model *m, uint64_t seq, const struct model_account *account,
		      const struct model_sums *sums, enum fb_level level)
{
	union fb_record record = model_record(seq, FB_REC_LEVEL);
	record.level.level = (uint8_t)level;
	record.level.level_before = account->level;
	record.level.account = account->id;
	record.level.equity = model_to_i128(sums->equity_e8);
	record.level.mm = model_to_i128(sums->mm_e15);
	record.level.bad_rows = (uint16_t)sums->bad_rows;
	record.level.class_id = account->class_id;
	record.level.damaged = account->damaged;
	model_decide(m, &record);
}

void model_emit_reject(struct model *m, const union fb_command *command, enum fb_reject reason)
{
	union fb_record record = model_record(command->header.seq, FB_REC_REJECT);
	record.reject.reason = (uint8_t)reason;
	record.reject.op = command->header.op;
	model_decide(m, &record);
}

void model_emit_sequence_fault(struct model *m, uint64_t found_seq)
{
	union fb_record record = model_record(found_seq, FB_REC_FAULT);
	record.fault.fault = FB_FAULT_SEQUENCE;
	record.fault.expected_seq = m->next_seq;
	record.fault.found_seq = found_seq;
	model_push(m, &record);
}

void model_emit_funding(struct model *m, const struct fb_cmd_funding *command, __int128 sum_e8,
			uint32_t rows)
{
	union fb_record record = model_record(command->seq, FB_REC_FUNDING);
	record.funding.sum = model_to_i128(sum_e8);
	record.funding.rows = rows;
	record.funding.symbol = command->symbol;
	model_decide(m, &record);
}

static uint64_t hash_account(struct model *m, const struct model_account *a)
{
	struct model_sums sums = model_sum(m, a);
	struct fb_i128 equity = model_to_i128(sums.equity_e8);
	struct fb_i128 mm = model_to_i128(sums.mm_e15);
	struct fb_i128 collateral = model_to_i128(a->collateral_e8);
	struct fb_i128 addend = model_to_i128(a->addend_e15);
	union fb_state_item item = { .account = {
		.kind = FB_ITEM_ACCOUNT,
		.level = a->level,
		.flags = (uint8_t)(a->unknown | a->damaged << 1 | a->held << 2 | a->role << 3),
		.class_id = a->class_id,
		.account = a->id,
		.equity_lo = equity.lo,
		.mm_lo = mm.lo,
		.collateral_lo = collateral.lo,
		.addend_lo = addend.lo,
		.equity_hi = (uint8_t)equity.hi,
		.collateral_hi = (uint8_t)collateral.hi,
		.bad_rows = (uint16_t)sums.bad_rows,
		.mm_hi = (uint32_t)mm.hi,
		.addend_hi = (uint32_t)addend.hi & 0xffffff, /* bits 87..64 */
	} };
	return fb_hash_word(&item);
}

static uint64_t hash_row(const struct model *m, const struct model_row *row)
{
	union fb_state_item item = { .row = {
		.kind = FB_ITEM_ROW,
		.row_flags = row->flags,
		.symbol = row->symbol,
		.account = m->account[row->account].id,
		.position = row->position,
		.addend = row->addend_e7,
		.qty = row->qty,
		.entry = row->entry_e8,
	} };
	return fb_hash_word(&item);
}

static uint64_t hash_symbol(uint16_t symbol, const struct model_symbol *s)
{
	union fb_state_item item = { .symbol = {
		.kind = FB_ITEM_SYMBOL, .symbol = symbol, .ladder = s->ladder, .u = s->u,
	} };
	return fb_hash_word(&item);
}

/* The account is in the range of a HASH command. */
static bool in_range(const struct fb_cmd_hash *c, uint32_t id)
{
	return c->span == 0 || id - c->first < c->span;
}

static void hash_rows(const struct model *m, const struct fb_cmd_hash *c, uint32_t first_row,
		      struct fb_rec_hash *to)
{
	for (uint32_t r = first_row; r != MODEL_NONE; r = m->row[r].of_symbol.next) {
		if (!in_range(c, m->account[m->row[r].account].id))
			continue;
		to->rows_hash += hash_row(m, &m->row[r]);
		to->rows++;
	}
}

void model_emit_hash(struct model *m, const struct fb_cmd_hash *c)
{
	union fb_record record = model_record(c->seq, FB_REC_HASH);
	for (uint32_t i = 0; i < m->accounts_max; i++) {
		if (!m->account[i].used || !in_range(c, m->account[i].id))
			continue;
		record.hash.accounts_hash += hash_account(m, &m->account[i]);
		record.hash.accounts++;
	}
	for (uint16_t s = 0; s < FB_SYMBOLS; s++) {
		if (!m->symbol[s].defined)
			continue;
		record.hash.symbols_hash += hash_symbol(s, &m->symbol[s]);
		record.hash.symbols++;
		hash_rows(m, c, m->symbol[s].first_row, &record.hash);
	}
	model_decide(m, &record);
}

void model_emit_snapshot(struct model *m, uint64_t seq)
{
	for (uint32_t i = 0; i < m->accounts_max; i++) {
		const struct model_account *a = &m->account[i];
		if (!a->used || a->level == FB_LEVEL_CALM)
			continue;
		struct model_sums sums = model_sum(m, a);
		union fb_record record = model_record(seq, FB_REC_SNAPSHOT);
		record.snapshot.level = a->level;
		record.snapshot.account = a->id;
		record.snapshot.equity = model_to_i128(sums.equity_e8);
		record.snapshot.mm = model_to_i128(sums.mm_e15);
		record.snapshot.bad_rows = (uint16_t)sums.bad_rows;
		record.snapshot.class_id = a->class_id;
		record.snapshot.damaged = a->damaged;
		model_decide(m, &record);
	}
}

void model_emit_fence(struct model *m, uint64_t seq, uint64_t cookie)
{
	union fb_record record = model_record(seq, FB_REC_FENCE);
	record.fence.cookie = cookie;
	model_decide(m, &record);
}

/* Closes the batch and makes room for the next. */
void model_emit_batch_end(struct model *m, uint64_t seq)
{
	union fb_record record = model_record(seq, FB_REC_BATCH_END);
	record.batch_end.count = m->batch.records;
	record.batch_end.rejects = m->batch.rejects;
	record.batch_end.commands = m->batch.commands;
	record.batch_end.digest = m->batch.digest;
	model_push(m, &record);
	m->batch = (struct model_batch){ .open = false };
}
