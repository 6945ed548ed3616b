/* Commands, records and orders as one line of text: what a person reads when something differs. */
#include <stdio.h>
#include <string.h>

#include <firebreak/log.h>

char *fb_text_i128(__int128 value, char *out)
{
	char digits[41];
	size_t n = sizeof(digits);
	unsigned __int128 rest = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
	digits[--n] = '\0';
	do {
		digits[--n] = (char)('0' + (int)(rest % 10));
		rest /= 10;
	} while (rest);
	if (value < 0)
		digits[--n] = '-';
	return memcpy(out, digits + n, sizeof(digits) - n);
}

static int marks(const struct fb_cmd_marks *c, char *out, size_t size)
{
	int at = snprintf(out, size, "MARKS");
	for (unsigned i = 0; i < c->count && i < FB_MARKS_PER_WORD && at >= 0 && (size_t)at < size;
	     i++)
		at += snprintf(out + at, size - (size_t)at, " symbol %u u %llu",
			       (unsigned)(c->mark[i] & 0xfff),
			       (unsigned long long)(c->mark[i] >> 12));
	return at;
}

/* Powers of the operands, in the order of the contract. */
static char *powers(uint32_t packed, char out[32])
{
	int at = 0;
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++) {
		int power = (int)(packed >> 4 * i & 0xf);
		at += sprintf(out + at, "%s%d", i > 0 ? "," : "", power < 8 ? power : power - 16);
	}
	return out;
}

static void rank(const struct fb_cmd_rank *c, char *out, size_t size)
{
	char profit[32], loss[32], shape[24];
	snprintf(shape, sizeof(shape), "histogram by %llu", 1ull << (c->zoom & 31));
	snprintf(out, size,
		 "RANK symbol %u %s %s keys %u..%u cursor %u below level %u classes %u profit %s "
		 "loss %s floor %llu",
		 c->symbol, c->side ? "short" : "long",
		 c->mode == FB_RANK_SELECT ? "select" : shape, c->from, c->cursor_key,
		 c->cursor_account, c->exclude_level, c->class_mask, powers(c->profit_c, profit),
		 powers(c->loss_c, loss), (unsigned long long)c->floor);
}

static void body(const union fb_command *c, char *out, size_t size)
{
	char a[41];
	switch (c->header.op) {
	case FB_OP_MARKS: marks(&c->marks, out, size); break;
	case FB_OP_POSITION:
		snprintf(out, size,
			 "POSITION account %u position %u symbol %u qty %lld entry %lld addend %u "
			 "flags %u",
			 c->position.account, c->position.position, c->position.symbol,
			 (long long)c->position.qty, (long long)c->position.entry,
			 c->position.addend, c->position.row_flags);
		break;
	case FB_OP_FILL:
		snprintf(out, size,
			 "FILL account %u position %u symbol %u qty %lld entry %lld delta %lld",
			 c->fill.account, c->fill.position, c->fill.symbol, (long long)c->fill.qty,
			 (long long)c->fill.entry, (long long)c->fill.delta);
		break;
	case FB_OP_ACCOUNT:
		snprintf(out, size,
			 "ACCOUNT account %u collateral %lld addend %s class %u role %u held %u "
			 "flags %u level %u",
			 c->account.account, (long long)c->account.collateral,
			 fb_text_i128(fb_wide(c->account.addend), a), c->account.class_id,
			 c->account.role, c->account.held,
			 c->account.flags & ~(unsigned)FB_FLAG_MORE, c->account.level);
		break;
	case FB_OP_COLLATERAL:
		snprintf(out, size, "COLLATERAL account %u delta %lld", c->collateral.account,
			 (long long)c->collateral.delta);
		break;
	case FB_OP_CLASS:
		snprintf(out, size,
			 "CLASS class %u first %u count %u strict %u up %u %u %u down %u %u %u",
			 c->class.class_id, c->class.first, c->class.count, c->class.strict,
			 c->class.up[0], c->class.up[1], c->class.up[2], c->class.down[0],
			 c->class.down[1], c->class.down[2]);
		break;
	case FB_OP_SYMBOL:
		snprintf(out, size, "SYMBOL symbol %u ladder %u u %llu", c->symbol.symbol,
			 c->symbol.ladder, (unsigned long long)c->symbol.u);
		break;
	case FB_OP_LADDER:
		snprintf(out, size, "LADDER ladder %u tier %u rate %u floor %llu deduction %s",
			 c->ladder.ladder, c->ladder.tier, c->ladder.rate,
			 (unsigned long long)c->ladder.floor,
			 fb_text_i128((__int128)((unsigned __int128)c->ladder.deduction.hi << 64 |
						 c->ladder.deduction.lo),
				      a));
		break;
	case FB_OP_RANK: rank(&c->rank, out, size); break;
	case FB_OP_AUDIT: snprintf(out, size, "AUDIT %s", c->audit.mode ? "on" : "off"); break;
	case FB_OP_HASH:
		if (c->hash.span == 0)
			snprintf(out, size, "HASH of everything");
		else
			snprintf(out, size, "HASH of accounts %u..%u", c->hash.first,
				 c->hash.first + c->hash.span - 1);
		break;
	case FB_OP_FENCE: snprintf(out, size, "FENCE"); break;
	default: snprintf(out, size, "opcode 0x%02x account %u", c->header.op, c->header.account);
	}
}

void fb_text_command(const union fb_command *command, char *out, size_t size)
{
	char text[280];
	body(command, text, sizeof(text));
	snprintf(out, size, "%llu %s%s", (unsigned long long)command->header.seq, text,
		 command->header.flags & FB_FLAG_MORE ? " more" : "");
}

void fb_text_record(const union fb_record *r, char *out, size_t size)
{
	char a[41], b[41];
	unsigned long long seq = r->header.seq;
	switch (r->header.kind) {
	case FB_REC_LEVEL:
	case FB_REC_SNAPSHOT:
		snprintf(out, size,
			 "%llu %s account %u level %u before %u equity %s mm %s bad_rows %u class "
			 "%u damaged %u",
			 seq, r->header.kind == FB_REC_LEVEL ? "LEVEL" : "SNAPSHOT",
			 r->level.account, r->level.level, r->level.level_before,
			 fb_text_i128(fb_wide(r->level.equity), a),
			 fb_text_i128(fb_wide(r->level.mm), b), r->level.bad_rows,
			 r->level.class_id, r->level.damaged);
		break;
	case FB_REC_BATCH_END:
		snprintf(out, size, "%llu BATCH_END count %u rejects %u commands %u digest %016llx",
			 seq, r->batch_end.count, r->batch_end.rejects, r->batch_end.commands,
			 (unsigned long long)r->batch_end.digest);
		break;
	case FB_REC_RANK_HIST:
		snprintf(out, size,
			 "%llu RANK_HIST buckets %u.. rows %u %u %u lots %llu %llu %llu", seq,
			 r->rank_hist.first, r->rank_hist.rows[0], r->rank_hist.rows[1],
			 r->rank_hist.rows[2], (unsigned long long)r->rank_hist.qty[0],
			 (unsigned long long)r->rank_hist.qty[1],
			 (unsigned long long)r->rank_hist.qty[2]);
		break;
	case FB_REC_NOMINEE:
		snprintf(out, size,
			 "%llu NOMINEE account %u position %u key %u qty %lld entry %lld equity %s",
			 seq, r->nominee.account, r->nominee.position, r->nominee.key,
			 (long long)r->nominee.qty, (long long)r->nominee.entry,
			 fb_text_i128(fb_wide(r->nominee.equity), a));
		break;
	case FB_REC_HASH:
		snprintf(out, size,
			 "%llu HASH account %u accounts %016llx (%u) rows %016llx (%u) symbols "
			 "%016llx (%u)",
			 seq, r->header.account,
			 (unsigned long long)r->hash.accounts_hash, r->hash.accounts,
			 (unsigned long long)r->hash.rows_hash, r->hash.rows,
			 (unsigned long long)r->hash.symbols_hash, r->hash.symbols);
		break;
	case FB_REC_AUDIT:
		snprintf(out, size,
			 "%llu AUDIT finding %u account %u lane %u equity %s mm %s bad_rows %u",
			 seq, r->audit.finding, r->audit.account, r->audit.lane,
			 fb_text_i128(fb_wide(r->audit.equity), a),
			 fb_text_i128(fb_wide(r->audit.mm), b), r->audit.bad_rows);
		break;
	case FB_REC_REJECT:
		snprintf(out, size, "%llu REJECT reason %u opcode 0x%02x", seq, r->reject.reason,
			 r->reject.op);
		break;
	case FB_REC_FAULT:
		snprintf(out, size,
			 "%llu FAULT %u account %u lane %u address %u expected %llu found %llu",
			 seq, r->fault.fault, r->fault.account, r->fault.lane, r->fault.address,
			 (unsigned long long)r->fault.expected_seq,
			 (unsigned long long)r->fault.found_seq);
		break;
	default:
		snprintf(out, size, "%llu kind 0x%02x account %u", seq, r->header.kind,
			 r->header.account);
	}
}

void fb_text_order(const struct fb_log_order *o, char *out, size_t size)
{
	char a[41];
	snprintf(out, size,
		 "order %u.%llu.%u %s account %u position %u counter %u.%u symbol %u tif %u qty "
		 "%lld value %s%s",
		 o->id.epoch, (unsigned long long)o->id.sequence, o->id.index,
		 fb_verb_name(o->verb), o->account, o->position, o->counter_account,
		 o->counter_position, o->symbol, o->tif, (long long)o->qty,
		 fb_text_i128(fb_wide(o->value_e8), a), o->again ? " again" : "");
}

void fb_text_notice(const struct fb_notice *n, char *out, size_t size)
{
	char a[41];
	snprintf(out, size, "notice %s account %u position %u symbol %u rank %u qty %lld value %s",
		 fb_notice_name(n->kind), n->account, n->position, n->symbol, n->rank,
		 (long long)n->qty, fb_text_i128(fb_wide(n->value_e8), a));
}
