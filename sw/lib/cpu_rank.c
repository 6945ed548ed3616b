/* RANK: contract, section 6. What vector code is sure of is counted without being computed; the
 * rest is computed in whole numbers (cpu_rank_key.c). See cpu_rank.h. */
#include <assert.h>
#include <string.h>

#include "cpu_ranking.h"
#include "fetch.h"

#define HIST_BUCKETS 3 /* in a record */

/* Lanes, in whole groups: so many sums of 48 bits fit into 64; and so many rows above lots. */
#define BLOCK_APART (1u << 15)
#define BLOCK_TOGETHER ((UINT64_MAX >> CPU_RANK_ROW_BIT) / CPU_RANK_GROUP * CPU_RANK_GROUP)

/* ---- counting ---- */

struct histogram {
	uint32_t rows[FB_RANK_BUCKETS];
	uint64_t lots[FB_RANK_BUCKETS];
};

static void add_lots(struct histogram *h, unsigned bucket, uint32_t rows, uint64_t lots)
{
	uint64_t sum;
	h->rows[bucket] += rows;
	h->lots[bucket] = __builtin_add_overflow(h->lots[bucket], lots, &sum) ? UINT64_MAX : sum;
}

static void count(struct histogram *h, uint32_t key, uint64_t lots, const struct fb_cmd_rank *cmd)
{
	uint32_t bucket = (key - cmd->from) >> cmd->zoom;
	add_lots(h, bucket < FB_RANK_BUCKETS ? bucket : FB_RANK_BUCKETS - 1, 1, lots);
}

static void emit_histogram(struct cpu *c, const struct histogram *h, uint64_t seq)
{
	for (unsigned first = 0; first < FB_RANK_BUCKETS; first += HIST_BUCKETS) {
		union fb_record record = cpu_record(seq, FB_REC_RANK_HIST);
		uint32_t rows = 0;
		record.rank_hist.first = (uint16_t)first;
		for (unsigned i = 0; i < HIST_BUCKETS && first + i < FB_RANK_BUCKETS; i++) {
			rows |= record.rank_hist.rows[i] = h->rows[first + i];
			record.rank_hist.qty[i] = h->lots[first + i];
		}
		if (rows != 0)
			cpu_decide(c, &record);
	}
}

static void emit_nominee(struct cpu *c, const struct cpu_row *row, uint32_t key, __int128 equity_e8,
			 uint64_t seq)
{
	union fb_record record = cpu_record(seq, FB_REC_NOMINEE);
	record.nominee.account = c->account[row->account].id;
	record.nominee.position = row->position;
	record.nominee.key = key;
	record.nominee.qty = row->qty;
	record.nominee.entry = row->entry_e8;
	record.nominee.equity = cpu_to_i128(equity_e8);
	cpu_decide(c, &record);
}

/* Rows and accounts lie anywhere in memory: what the next ones need is asked for ahead. */
static void fetch(const struct cpu *c, const uint32_t *row_of, const uint32_t *lane, uint32_t i,
		  uint32_t n)
{
	if (i + 12 < n && row_of[lane[i + 12]] != CPU_NONE)
		fb_fetch(&c->row[row_of[lane[i + 12]]]);
	if (i + 8 < n && row_of[lane[i + 8]] != CPU_NONE)
		fb_fetch(&c->account[c->row[row_of[lane[i + 8]]].account]);
	if (i + 4 < n && row_of[lane[i + 4]] != CPU_NONE)
		cpu_judge_fetch_rows(c, &c->account[c->row[row_of[lane[i + 4]]].account]);
}

/* The key of a lane. Once computed it is its own range. Outside of its tier's range: the next RANK
 * brings the account into the columns anew. Room is left for what commands change until then, or
 * all columns would have to be made anew. */
static uint32_t settle(struct cpu *c, const struct cpu_row *row, uint32_t lane,
		       const struct fb_cmd_rank *cmd, __int128 *equity_e8)
{
	struct cpu_ranking *k = &c->ranking;
	if (k->hi[lane] == CPU_RANK_UNSURE_HI && k->margins && k->dirty_n < k->dirty_max / 2)
		cpu_rank_note(c, row->account);
	uint32_t key = cpu_rank_key(c, row, cmd, equity_e8);
	k->lo[lane] = k->hi[lane] = (int32_t)key;
	return key;
}

/* Rows that are in doubt, and with SELECT all that may be in range. */
static void look(struct cpu *c, const struct cpu_rank_side *side, uint32_t first, uint32_t n,
		 const struct fb_cmd_rank *cmd, const struct cpu_rank_count *job,
		 struct histogram *h)
{
	struct cpu_ranking *k = &c->ranking;
	const uint32_t *row_of = &k->row_of[side->tile * CPU_RANK_LANES + first];
	bool histogram = cmd->mode == FB_RANK_HISTOGRAM;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t lane = k->doubtful[i], key = (uint32_t)k->lo[first + lane];
		fetch(c, row_of, k->doubtful, i, n);
		const struct cpu_row *row = &c->row[row_of[lane]];
		__int128 equity_e8 = 0;
		if (k->lo[first + lane] != k->hi[first + lane])
			key = settle(c, row, first + lane, cmd, &equity_e8);
		else if (!histogram)
			equity_e8 = cpu_rank_equity(c, &c->account[row->account]).equity_e8;
		if (key < (uint32_t)job->from || key > (uint32_t)job->below ||
		    !cpu_rank_in_range(key, c->account[row->account].id, cmd))
			continue; /* classes apart have passes of their own */
		if (histogram)
			count(h, key, (uint64_t)(row->qty < 0 ? -row->qty : row->qty), cmd);
		else
			emit_nominee(c, row, key, equity_e8, cmd->seq);
	}
}

static void merge(struct histogram *h, const struct cpu_rank_count *job)
{
	for (unsigned i = 0; i < FB_RANK_BUCKETS && job->together; i++) {
		uint64_t sum = 0;
		for (unsigned bank = 0; bank < CPU_RANK_BANKS; bank++)
			sum += job->sum[bank * CPU_RANK_BANK + i];
		add_lots(h, i, (uint32_t)(sum >> CPU_RANK_ROW_BIT), sum & CPU_RANK_LOTS);
	}
	for (unsigned i = 0; i < CPU_RANK_BANKS * CPU_RANK_BANK && !job->together; i++)
		if (i % CPU_RANK_BANK < FB_RANK_BUCKETS)
			add_lots(h, i % CPU_RANK_BANK, job->rows[i], job->sum[i]);
}

/* Keys from..below-1, and those equal to `below` whose account comes after the cursor's. */
static void pass(struct cpu *c, const struct cpu_rank_side *side, const struct fb_cmd_rank *cmd,
		 uint32_t from, uint32_t below, struct histogram *h)
{
	struct cpu_ranking *k = &c->ranking;
	uint32_t rows[CPU_RANK_BANKS * CPU_RANK_BANK], lanes = cpu_rank_lanes(side);
	uint64_t lots[CPU_RANK_BANKS * CPU_RANK_BANK];
	bool together = side->lots_most <= CPU_RANK_LOTS / BLOCK_TOGETHER;
	uint32_t block = together ? (uint32_t)BLOCK_TOGETHER : BLOCK_APART;
	for (uint32_t at = 0; at < lanes; at += block) {
		struct cpu_rank_count job = {
			.lo = &k->lo[at],
			.hi = &k->hi[at],
			.bottom = &k->bottom[at / CPU_RANK_GROUP],
			.top = &k->top[at / CPU_RANK_GROUP],
			.lots = &k->last.lots[at],
			.group_lots = &k->last.group_lots[at / CPU_RANK_GROUP],
			.lanes = lanes - at < block ? lanes - at : block,
			.from = (int32_t)from,
			.below = (int32_t)below,
			.edge = below == cmd->cursor_key && cmd->cursor_account != UINT32_MAX,
			.origin = (int32_t)cmd->from,
			.zoom = cmd->zoom,
			.list = cmd->mode != FB_RANK_HISTOGRAM,
			.together = together,
			.rows = rows,
			.sum = lots,
			.doubtful = k->doubtful,
		};
		cpu_rank_refine(c, side, cmd, &job, at / CPU_RANK_GROUP);
		if (!job.list)
			memset(lots, 0, sizeof(lots));
		if (!job.list && !job.together)
			memset(rows, 0, sizeof(rows));
		look(c, side, at, c->kernels->rank_count(&job), cmd, &job, h);
		if (!job.list)
			merge(h, &job);
	}
}

void cpu_rank(struct cpu *c, const struct fb_cmd_rank *cmd)
{
	const uint32_t keys = UINT32_C(4) << FB_SCORE_BITS;
	struct histogram histogram = { { 0 }, { 0 } };
	const struct cpu_rank_side *side = cpu_rank_columns(c, cmd);
	uint32_t cursor = cmd->cursor_key < keys ? cmd->cursor_key : keys;
	cpu_rank_begin(c, side, cmd);
	/* classes side by side are one range */
	for (unsigned class = FB_SIGN_LOSS; class <= FB_SIGN_PROFIT; class++) {
		if (!(cmd->class_mask >> (class - 1) & 1))
			continue;
		uint32_t from = (uint32_t)class << FB_SCORE_BITS;
		while (class < FB_SIGN_PROFIT && cmd->class_mask >> class & 1)
			class++;
		uint32_t below = (uint32_t)(class + 1) << FB_SCORE_BITS;
		from = cmd->from > from ? cmd->from : from;
		below = cursor < below ? cursor : below;
		if (from <= below)
			pass(c, side, cmd, from, below, &histogram);
	}
	emit_histogram(c, &histogram, cmd->seq); /* of SELECT all is empty */
}
