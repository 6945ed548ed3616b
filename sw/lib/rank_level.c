/* Commands, answers and histograms of a ranking: see rank_internal.h. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "rank_internal.h"

#define NO_ACCOUNT_AFTER UINT32_MAX /* as cursor: no row of the cursor's key is in range */
#define PER_RECORD 3		    /* buckets */

const uint8_t fb_rank_zoom[FB_RANK_LEVELS] = { 22, 14, 6, 0 };

static uint32_t pack(const int8_t power[FB_RANK_OPERANDS])
{
	uint32_t packed = 0;
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++)
		packed |= ((uint32_t)power[i] & 0xf) << 4 * i;
	return packed;
}

void fb_rank_ask(const struct fb_rank_request *request, enum fb_rank mode, unsigned zoom,
		 uint32_t from, uint32_t below, union fb_command *out)
{
	assert(from < below && below <= FB_RANK_KEYS);
	memset(out, 0, sizeof(*out));
	out->rank.op = FB_OP_RANK;
	out->rank.symbol = request->symbol;
	out->rank.side = request->side;
	out->rank.mode = (uint8_t)mode;
	out->rank.zoom = (uint8_t)zoom;
	out->rank.exclude_level = request->exclude_level;
	out->rank.class_mask = request->class_mask;
	out->rank.profit_c = pack(request->formula->profit);
	out->rank.loss_c = pack(request->formula->loss);
	out->rank.from = from;
	out->rank.cursor_key = below;
	out->rank.cursor_account = NO_ACCOUNT_AFTER;
	out->rank.floor = request->formula->floor_e8;
}

static bool in_range(const int8_t power[FB_RANK_OPERANDS])
{
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++)
		if (power[i] < -2 || power[i] > 2)
			return false;
	return true;
}

bool fb_rank_request_good(const struct fb_rank_request *request)
{
	const struct fb_rank_formula *f = request->formula;
	return request->symbol < FB_SYMBOLS && request->side < 2 && request->exclude_level >= 1 &&
	       request->exclude_level <= FB_LEVEL_FAULT && request->class_mask >= 1 &&
	       request->class_mask <= 7 && in_range(f->profit) && in_range(f->loss) &&
	       f->floor_e8 >> FB_NOTIONAL_BITS == 0;
}

int fb_rank_answer_take(struct fb_rank_answer *answer, const union fb_record *record)
{
	uint8_t kind = record->header.kind;
	if (kind == FB_REC_FAULT || kind == FB_REC_STATUS || kind == FB_REC_AUDIT)
		return FB_RANK_SERVICE;
	if (!answer->begun)
		answer->seq = record->header.seq;
	answer->begun = true;
	if (record->header.seq != answer->seq)
		return -EBADMSG;
	if (kind == FB_REC_REJECT)
		return record->reject.reason == FB_REJECT_UNSUPPORTED ? -ENOTSUP : -EPROTO;
	if (kind != FB_REC_BATCH_END) {
		answer->records++;
		return FB_RANK_RECORD;
	}
	if (record->batch_end.count != answer->records)
		return -EBADMSG;
	return FB_RANK_END;
}

void fb_rank_level_ask(struct fb_rank_level *level, unsigned depth, uint32_t from,
		       const struct fb_rank_request *request, union fb_command *out)
{
	assert(depth < FB_RANK_LEVELS);
	memset(level, 0, sizeof(*level));
	level->from = from;
	level->zoom = fb_rank_zoom[depth];
	uint32_t keys = depth == 0 ? FB_RANK_KEYS : UINT32_C(1) << fb_rank_zoom[depth - 1];
	level->left = keys >> level->zoom;
	fb_rank_ask(request, FB_RANK_HISTOGRAM, level->zoom, from, from + keys, out);
}

int fb_rank_level_take(struct fb_rank_level *level, const struct fb_rec_rank_hist *record)
{
	unsigned first = record->first;
	if (record->kind != FB_REC_RANK_HIST || first >= FB_RANK_BUCKETS || first % PER_RECORD != 0)
		return -EBADMSG;
	for (unsigned i = 0; i < PER_RECORD; i++) {
		if (record->rows[i] == 0 && record->qty[i] == 0)
			continue;
		/* A row has a lot at least, a bucket comes once, and none beyond the range. */
		if (record->qty[i] < record->rows[i] || record->rows[i] == 0 ||
		    first + i >= level->left || level->rows[first + i] != 0)
			return -EBADMSG;
		level->rows[first + i] = record->rows[i];
		level->lots[first + i] = record->qty[i];
	}
	return 0;
}

bool fb_rank_level_agrees(const struct fb_rank_level *level, const struct fb_rank_level *above,
			  unsigned bucket)
{
	uint64_t rows = 0, lots = 0;
	for (unsigned i = 0; i < FB_RANK_BUCKETS; i++) {
		rows += level->rows[i];
		lots = level->lots[i] > UINT64_MAX - lots ? UINT64_MAX : lots + level->lots[i];
	}
	return rows == above->rows[bucket] && lots == above->lots[bucket];
}
