/* Records of the software engine, their digest, and the hash of the whole state: contract, section
 * 4. */
#include <assert.h>

#include <firebreak/hash.h>

#include "cpu_judge.h"

void cpu_push(struct cpu *c, const union fb_record *record)
{
	assert(c->queue_n < c->queue_size);
	size_t at = c->queue_first + c->queue_n++;
	c->queue[at < c->queue_size ? at : at - c->queue_size] = *record;
}

void cpu_decide_hashed(struct cpu *c, const union fb_record *record, uint64_t hash)
{
	c->batch.records++;
	c->batch.digest += hash;
	cpu_push(c, record);
}

void cpu_decide(struct cpu *c, const union fb_record *record)
{
	cpu_decide_hashed(c, record, fb_hash_word(record));
}

union fb_record cpu_record_level(uint64_t seq, const struct cpu_account *a,
				 const struct cpu_sums *sums, enum fb_level level)
{
	union fb_record record = cpu_record(seq, FB_REC_LEVEL);
	record.level.level = (uint8_t)level;
	record.level.level_before = a->level;
	record.level.account = a->id;
	record.level.equity = cpu_to_i128(sums->equity_e8);
	record.level.mm = cpu_to_i128(sums->mm_e15);
	record.level.bad_rows = (uint16_t)sums->bad_rows;
	record.level.class_id = a->class_id;
	record.level.damaged = a->damaged;
	return record;
}

static uint64_t hash_account(struct cpu *c, const struct cpu_account *a)
{
	struct cpu_sums sums = cpu_sum(c, a);
	struct fb_i128 equity = cpu_to_i128(sums.equity_e8), mm = cpu_to_i128(sums.mm_e15),
		       collateral = cpu_to_i128(a->collateral_e8),
		       addend = cpu_to_i128(a->addend_e15);
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
		.addend_hi = (uint32_t)addend.hi & 0xffffff,
	} };
	return fb_hash_word(&item);
}

static uint64_t hash_row(const struct cpu_row *row, uint32_t account_id)
{
	union fb_state_item item = { .row = {
		.kind = FB_ITEM_ROW,
		.row_flags = row->flags,
		.symbol = row->symbol,
		.account = account_id,
		.position = row->position,
		.addend = row->addend_e7,
		.qty = row->qty,
		.entry = row->entry_e8,
	} };
	return fb_hash_word(&item);
}

void cpu_emit_hash(struct cpu *c, const struct fb_cmd_hash *cmd)
{
	union fb_record record = cpu_record(cmd->seq, FB_REC_HASH);
	for (uint32_t i = 0; i < c->accounts_top; i++) {
		const struct cpu_account *a = &c->account[i];
		if (!a->used || (cmd->span != 0 && a->id - cmd->first >= cmd->span))
			continue;
		record.hash.accounts_hash += hash_account(c, a);
		record.hash.accounts++;
		for (uint32_t r = a->first; r != CPU_NONE; r = c->row[r].next) {
			record.hash.rows_hash += hash_row(&c->row[r], a->id);
			record.hash.rows++;
		}
	}
	for (uint16_t s = 0; s < FB_SYMBOLS; s++) {
		if (!c->symbol[s].defined)
			continue;
		union fb_state_item item = { .symbol = {
			.kind = FB_ITEM_SYMBOL,
			.symbol = s,
			.ladder = c->symbol[s].ladder,
			.u = c->symbol[s].u,
		} };
		record.hash.symbols_hash += fb_hash_word(&item);
		record.hash.symbols++;
	}
	cpu_decide(c, &record);
}

void cpu_emit_snapshot(struct cpu *c, uint64_t seq)
{
	for (uint32_t i = 0; i < c->accounts_top; i++) {
		const struct cpu_account *a = &c->account[i];
		if (!a->used || a->level == FB_LEVEL_CALM)
			continue;
		struct cpu_sums sums = cpu_sum(c, a);
		union fb_record record = cpu_record(seq, FB_REC_SNAPSHOT);
		record.snapshot.level = a->level;
		record.snapshot.account = a->id;
		record.snapshot.equity = cpu_to_i128(sums.equity_e8);
		record.snapshot.mm = cpu_to_i128(sums.mm_e15);
		record.snapshot.bad_rows = (uint16_t)sums.bad_rows;
		record.snapshot.class_id = a->class_id;
		record.snapshot.damaged = a->damaged;
		cpu_decide(c, &record);
	}
}

void cpu_emit_batch_end(struct cpu *c, uint64_t seq)
{
	union fb_record record = cpu_record(seq, FB_REC_BATCH_END);
	record.batch_end.count = c->batch.records;
	record.batch_end.rejects = c->batch.rejects;
	record.batch_end.commands = c->batch.commands;
	record.batch_end.digest = c->batch.digest;
	cpu_push(c, &record);
	c->batch.commands = c->batch.rejects = c->batch.records = 0;
	c->batch.digest = 0;
}
