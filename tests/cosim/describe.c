/* Records and commands in words, field by field. */
#include <inttypes.h>
#include <stdio.h>

#include "check.h"

/* Decimal; printf knows no 128-bit integers. */
static const char *decimal(struct fb_i128 v, char text[static 48])
{
	i128 value = (i128)((u128)(uint64_t)v.hi << 64 | v.lo);
	u128 rest = value < 0 ? -(u128)value : (u128)value;
	char *at = text + 47;

	*at = 0;
	do
		*--at = (char)('0' + (int)(rest % 10));
	while ((rest /= 10) > 0);
	if (value < 0)
		*--at = '-';
	return at;
}

static void describe_judged(const union fb_record *r)
{
	char equity[48], mm[48];

	printf("account %u level %u before %u equity %s mm %s bad_rows %u class %u damaged %u\n",
	       r->level.account, r->level.level, r->level.level_before,
	       decimal(r->level.equity, equity), decimal(r->level.mm, mm), r->level.bad_rows,
	       r->level.class_id, r->level.damaged);
}

static void describe_bytes(const void *bytes)
{
	for (unsigned i = 0; i < FB_WORD_BYTES; i++)
		printf("%s%02x", i % 8 == 0 ? " " : "", ((const uint8_t *)bytes)[i]);
	printf("\n");
}

void describe_record(const char *prefix, const union fb_record *r)
{
	char sum[48];

	printf("%sseq %" PRIu64 " ", prefix, r->header.seq);
	switch (r->header.kind) {
	case FB_REC_LEVEL:
		printf("LEVEL ");
		describe_judged(r);
		break;
	case FB_REC_SNAPSHOT:
		printf("SNAPSHOT ");
		describe_judged(r);
		break;
	case FB_REC_BATCH_END:
		printf("BATCH_END count %u rejects %u commands %u digest %016" PRIx64 "\n",
		       r->batch_end.count, r->batch_end.rejects, r->batch_end.commands,
		       r->batch_end.digest);
		break;
	case FB_REC_FUNDING:
		printf("FUNDING symbol %u rows %u sum %s\n", r->funding.symbol, r->funding.rows,
		       decimal(r->funding.sum, sum));
		break;
	case FB_REC_HASH:
		printf("HASH accounts %u:%016" PRIx64 " rows %u:%016" PRIx64
		       " symbols %u:%016" PRIx64 "\n",
		       r->hash.accounts, r->hash.accounts_hash, r->hash.rows, r->hash.rows_hash,
		       r->hash.symbols, r->hash.symbols_hash);
		break;
	case FB_REC_FENCE:
		printf("FENCE cookie %016" PRIx64 "\n", r->fence.cookie);
		break;
	case FB_REC_RANK_HIST:
		printf("RANK_HIST from bucket %u rows %u %u %u lots %" PRIu64 " %" PRIu64
		       " %" PRIu64 "\n",
		       r->rank_hist.first, r->rank_hist.rows[0], r->rank_hist.rows[1],
		       r->rank_hist.rows[2], r->rank_hist.qty[0], r->rank_hist.qty[1],
		       r->rank_hist.qty[2]);
		break;
	case FB_REC_NOMINEE:
		printf("NOMINEE account %u position %u class %u key 0x%08x qty %" PRId64
		       " entry %" PRId64 " equity %s\n",
		       r->nominee.account, r->nominee.position, r->nominee.key >> FB_SCORE_BITS,
		       r->nominee.key, r->nominee.qty, r->nominee.entry,
		       decimal(r->nominee.equity, sum));
		break;
	case FB_REC_REJECT:
		printf("REJECT reason %u op 0x%02x\n", r->reject.reason, r->reject.op);
		break;
	default:
		printf("kind 0x%02x", r->header.kind);
		describe_bytes(r);
	}
}

static void describe_marks(const struct fb_cmd_marks *m)
{
	printf("MARKS count %u", m->count);
	for (unsigned i = 0; i < m->count && i < FB_MARKS_PER_WORD; i++)
		printf(" %u:%" PRIu64, (unsigned)(m->mark[i] & 0xfff), m->mark[i] >> 12);
	printf("\n");
}

static void describe_rank(const struct fb_cmd_rank *c)
{
	printf("RANK %s symbol %u side %u zoom %u exclude_level %u class_mask %u profit_c %07x "
	       "loss_c %07x from 0x%08x cursor 0x%08x %u floor %" PRIu64 "\n",
	       c->mode == FB_RANK_SELECT ? "select" : "histogram", c->symbol, c->side, c->zoom,
	       c->exclude_level, c->class_mask, c->profit_c, c->loss_c, c->from, c->cursor_key,
	       c->cursor_account, c->floor);
}

void describe_command(const char *prefix, const struct stream_command *c)
{
	const union fb_command *w = &c->word;
	char addend[48];

	printf("%sseq %" PRIu64 "%s%s ", prefix, w->header.seq,
	       w->header.flags & FB_FLAG_MORE ? " more" : "", c->ignored ? " (ignored)" : "");
	if (c->expect)
		printf("(to be refused: %u) ", c->expect);
	switch (w->header.op) {
	case FB_OP_MARKS:
		describe_marks(&w->marks);
		break;
	case FB_OP_POSITION:
		printf("POSITION account %u position %u symbol %u qty %" PRId64 " entry %" PRId64
		       " addend %u\n",
		       w->position.account, w->position.position, w->position.symbol,
		       w->position.qty, w->position.entry, w->position.addend);
		break;
	case FB_OP_FILL:
		printf("FILL account %u position %u symbol %u qty %" PRId64 " entry %" PRId64
		       " delta %" PRId64 "\n",
		       w->fill.account, w->fill.position, w->fill.symbol, w->fill.qty,
		       w->fill.entry, w->fill.delta);
		break;
	case FB_OP_ACCOUNT:
		printf("ACCOUNT account %u flags 0x%02x collateral %" PRId64
		       " addend %s class %u level %u\n",
		       w->account.account, w->account.flags, w->account.collateral,
		       decimal(w->account.addend, addend), w->account.class_id, w->account.level);
		break;
	case FB_OP_COLLATERAL:
		printf("COLLATERAL account %u delta %" PRId64 "\n", w->collateral.account,
		       w->collateral.delta);
		break;
	case FB_OP_SYMBOL:
		printf("SYMBOL symbol %u ladder %u u %" PRIu64 "\n", w->symbol.symbol,
		       w->symbol.ladder, w->symbol.u);
		break;
	case FB_OP_FUNDING:
		printf("FUNDING symbol %u rate %" PRId64 "\n", w->funding.symbol, w->funding.rate);
		break;
	case FB_OP_RANK:
		describe_rank(&w->rank);
		break;
	case FB_OP_AUDIT:
		printf("AUDIT mode %u\n", w->audit.mode);
		break;
	case FB_OP_HASH:
		printf("HASH first %u span %u\n", w->hash.first, w->hash.span);
		break;
	default:
		printf("op 0x%02x", w->header.op);
		describe_bytes(w);
	}
}
