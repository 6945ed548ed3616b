/* A ranking, page by page: see <firebreak/rank.h>.
 *
 * Histograms say how many rows each range of keys holds. A page takes ranges from the top down
 * until it has its number of rows, or what is still wanted. Let its goal be the lowest key of these
 * ranges: what is asked for are the rows of the goal and up, and those up to a margin (twice the
 * error of a score) below. Then nothing that is not sent can come before a row of the goal or up:
 * all of them are final once sorted exactly, and with them whatever sorts before the last of them.
 * Rows sent again because they lie within the margin, or were final early, cost a record each;
 * nothing is carried from page to page but the list itself.
 *
 * Memory is bounded whatever the keys: of the rows sent, a page holds the first ones in exact order
 * that are not in the list yet. When it had to let go a row of the goal or up, all that it holds
 * comes before that row and is final; the page is then asked for again. So thousands of rows
 * of one key, which no range can divide, are ranked a page at a time.
 *
 * Commands for a list of n rows, with q = floor(n / page). An overfull range (more than a page) is
 * entered only when all above it is in the list; the ranges of a level are disjoint, so at most
 * 1 + q are entered on each of four levels. Histograms: 1, and one for each range entered on the
 * first three: 4 + 3q. Pages: for an overfull key 1 + q; before an overfull range that does not fit
 * 4 + 4q; before another that does not fit: together with the page after it more than a page, 4 +
 * 2q at most; the last, 1; asked again, with a full page for the list each time, q. Sum: 14 + 11q.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mix.h"
#include "rank_internal.h"

enum state { ASKING_LEVEL, ASKING_PAGE, ENDED };

struct page {
	uint32_t goal;
	uint64_t rows;		/* of the goal and up, by histogram; with those listed early */
	unsigned __int128 lots; /* the same */
	uint64_t came;		/* of the goal and up, listed or not */
	unsigned __int128 came_lots;
	bool overfull; /* one of the goal or up was let go */
};

struct fb_ranker {
	struct fb_rank_request request;
	fb_rank_lookup *lookup;
	void *context;
	enum state state;
	bool sent; /* the command is out, the answer not complete */
	int error; /* when ended; 0: as it should */
	union fb_command command;
	struct fb_rank_answer answer;
	struct fb_rank_difference difference;
	bool differs;

	struct fb_rank_level level[FB_RANK_LEVELS];
	uint32_t margin[FB_SIGN_PROFIT + 1]; /* fb_rank_margin by class */
	unsigned depth;	 /* the level that is walked */
	uint32_t cursor; /* all rows of this key or above are in the list */
	struct page page;

	struct fb_rank_row *list;
	uint32_t list_max, listed;
	unsigned __int128 list_lots;

	/* The rows held; a heap with the last in exact order on top. */
	struct fb_rank_row *slot, **heap;
	uint32_t page_max, held;

	/* Positions that the answer has named: a set, of those with the stamp of this answer. */
	struct fb_rank_seen {
		uint32_t stamp, position;
	} *seen;
	uint32_t seen_mask, seen_n, stamp;
};

int fb_ranker_open(uint32_t rows, uint32_t page, struct fb_ranker **out)
{
	assert(rows > 0 && page > 0);
	struct fb_ranker *r = calloc(1, sizeof(*r));
	*out = r;
	if (!r)
		return -ENOMEM;
	r->list_max = rows;
	r->page_max = page;
	r->state = ENDED;
	r->list = calloc(rows, sizeof(*r->list));
	r->slot = calloc(page, sizeof(*r->slot));
	r->heap = calloc(page, sizeof(*r->heap));
	size_t seen = 2;
	while (seen / 2 < (size_t)rows + page && seen <= UINT32_MAX / 2)
		seen *= 2;
	r->seen_mask = (uint32_t)(seen - 1);
	r->seen = calloc(seen, sizeof(*r->seen));
	if (r->list && r->slot && r->heap && r->seen)
		return 0;
	fb_ranker_close(r);
	*out = NULL;
	return -ENOMEM;
}

void fb_ranker_close(struct fb_ranker *ranker)
{
	if (!ranker)
		return;
	free(ranker->list);
	free(ranker->slot);
	free(ranker->heap);
	free(ranker->seen);
	free(ranker);
}

static int end(struct fb_ranker *r, int error)
{
	r->state = ENDED;
	r->error = error;
	if (error && error != -ENOBUFS)
		r->listed = 0;
	return error;
}

static bool enough(const struct fb_rank_request *want, unsigned __int128 lots, uint64_t rows)
{
	return (want->lots != UINT64_MAX && lots >= want->lots) ||
	       (want->rows != UINT32_MAX && rows >= want->rows);
}

/* The exact order. Keys of two classes, or a margin apart, are in the order of the scores, so only
 * rows nearer to each other than two errors of a score need the products of their powers: most of
 * the time of a ranking went there before. */
static int compare(const struct fb_ranker *r, const struct fb_rank_row *a,
		   const struct fb_rank_row *b)
{
	uint32_t apart = a->key > b->key ? a->key - b->key : b->key - a->key;
	enum fb_sign class = fb_rank_class(a);
	if (class != fb_rank_class(b) || (apart > 0 && apart >= r->margin[class]))
		return a->key > b->key ? -1 : 1;
	return fb_rank_compare(r->request.formula, a, b);
}

/* ---- what to ask next ---- */

static void ask_level(struct fb_ranker *r, unsigned depth, uint32_t from)
{
	r->depth = depth;
	fb_rank_level_ask(&r->level[depth], depth, from, &r->request, &r->command);
	r->state = ASKING_LEVEL;
}

static void ask_page(struct fb_ranker *r)
{
	struct page *page = &r->page;
	enum fb_sign class = (enum fb_sign)(page->goal >> FB_SCORE_BITS);
	uint32_t lowest = (uint32_t)class << FB_SCORE_BITS, margin = r->margin[class];
	/* The classes below come after, whatever their keys. */
	uint32_t from = page->goal - lowest > margin ? page->goal - margin : lowest;
	fb_rank_ask(&r->request, FB_RANK_SELECT, 0, from, r->cursor, &r->command);
	page->came = 0;
	page->came_lots = 0;
	page->overfull = false;
	r->held = 0;
	r->seen_n = 0;
	if (++r->stamp == 0) {
		memset(r->seen, 0, ((size_t)r->seen_mask + 1) * sizeof(*r->seen));
		r->stamp = 1;
	}
	r->state = ASKING_PAGE;
}

/* Rows of the list with keys in from..below-1, and their lots. They are near its end: the key of a
 * row is at most a margin above that of a row listed before it, if that is of its class. */
static uint64_t listed_in(const struct fb_ranker *r, uint32_t from, uint32_t below,
			  unsigned __int128 *lots)
{
	uint64_t rows = 0;
	*lots = 0;
	for (uint32_t i = r->listed; i-- > 0;) {
		const struct fb_rank_row *row = &r->list[i];
		uint32_t margin = r->margin[fb_rank_class(row)];
		if (row->key >= below && row->key - below >= margin)
			break;
		if (row->key < from || row->key >= below)
			continue;
		rows++;
		*lots += (uint64_t)llabs(row->qty);
	}
	return rows;
}

/* Adds a bucket of the level that is walked. */
static void add_bucket(struct fb_ranker *r)
{
	struct fb_rank_level *level = &r->level[r->depth];
	unsigned bucket = --level->left;
	r->page.rows += level->rows[bucket];
	r->page.lots += level->lots[bucket];
	r->page.goal = fb_rank_edge(level, bucket);
}

static void plan(struct fb_ranker *r)
{
	struct page *page = &r->page;
	unsigned __int128 early_lots;
	uint64_t early = listed_in(r, 0, r->cursor, &early_lots);
	*page = (struct page){ .goal = r->cursor };
	for (;;) {
		struct fb_rank_level *level = &r->level[r->depth];
		if (level->left == 0) {
			if (r->depth == 0)
				break;
			r->depth--;
			continue;
		}
		uint64_t rows = level->rows[level->left - 1];
		if (page->rows + rows <= r->page_max) {
			add_bucket(r);
			/* Those listed early may be among these: they do not count twice. */
			if (rows > 0 && enough(&r->request, r->list_lots + page->lots - early_lots,
					       r->listed + page->rows - early))
				break;
			continue;
		}
		if (page->rows > 0)
			break;
		if (level->zoom == 0) {
			add_bucket(r);
			break;
		}
		level->left--;
		ask_level(r, r->depth + 1, fb_rank_edge(level, level->left));
		r->cursor = r->command.rank.cursor_key; /* nothing lies between */
		return;
	}
	if (page->rows > 0)
		ask_page(r);
	else
		end(r, 0);
}

/* ---- rows of a page ---- */

static void swap(struct fb_ranker *r, uint32_t a, uint32_t b)
{
	struct fb_rank_row *row = r->heap[a];
	r->heap[a] = r->heap[b];
	r->heap[b] = row;
}

static void sift_up(struct fb_ranker *r, uint32_t at)
{
	for (; at > 0 && compare(r, r->heap[(at - 1) / 2], r->heap[at]) < 0; at = (at - 1) / 2)
		swap(r, at, (at - 1) / 2);
}

static void sift_down(struct fb_ranker *r, uint32_t at, uint32_t n)
{
	for (;;) {
		uint32_t child = 2 * at + 1;
		if (child >= n)
			return;
		if (child + 1 < n && compare(r, r->heap[child], r->heap[child + 1]) < 0)
			child++;
		if (compare(r, r->heap[at], r->heap[child]) >= 0)
			return;
		swap(r, at, child);
		at = child;
	}
}

static void hold(struct fb_ranker *r, const struct fb_rank_row *row)
{
	if (r->held < r->page_max) {
		r->heap[r->held] = &r->slot[r->held];
		*r->heap[r->held] = *row;
		sift_up(r, r->held++);
		return;
	}
	bool last = compare(r, row, r->heap[0]) >= 0;
	uint32_t let_go = last ? row->key : r->heap[0]->key;
	if (let_go >= r->page.goal)
		r->page.overfull = true;
	if (last)
		return;
	*r->heap[0] = *row;
	sift_down(r, 0, r->held);
}

/* The answer has named this position before. As many as list and page have room for are known
 * again; beyond them nothing is. */
static bool seen_before(struct fb_ranker *r, uint32_t position)
{
	uint32_t at = (uint32_t)fb_mix(position) & r->seen_mask;
	for (; r->seen[at].stamp == r->stamp; at = (at + 1) & r->seen_mask)
		if (r->seen[at].position == position)
			return true;
	if (r->seen_n <= r->seen_mask / 2) {
		r->seen[at] = (struct fb_rank_seen){ .stamp = r->stamp, .position = position };
		r->seen_n++;
	}
	return false;
}

/* Device proposes: whatever a nominee says must be what the book says. */
static int take_nominee(struct fb_ranker *r, const union fb_record *record)
{
	const struct fb_rec_nominee *found = &record->nominee;
	struct fb_rank_row row;
	memset(&row, 0, sizeof(row));
	if (found->kind != FB_REC_NOMINEE)
		return -EBADMSG;
	bool known = r->lookup(r->context, found->position, &row) == 0;
	if (!known)
		memset(&row, 0, sizeof(row));
	else
		row.key = fb_rank_key(r->request.formula, &row);
	if (!known || row.account != found->account || row.position != found->position ||
	    row.key != found->key || row.qty != found->qty || row.entry_e8 != found->entry ||
	    row.equity_e8 != fb_wide(found->equity) || row.symbol != r->request.symbol ||
	    (row.qty < 0) != r->request.side || row.qty == 0) {
		r->difference = (struct fb_rank_difference){ .found = *record, .expected = row };
		r->differs = true;
		return -EBADMSG;
	}
	if (row.key < r->command.rank.from || row.key >= r->command.rank.cursor_key ||
	    !(r->request.class_mask >> (fb_rank_class(&row) - 1) & 1) ||
	    seen_before(r, row.position))
		return -EBADMSG;
	if (row.key >= r->page.goal) {
		r->page.came++;
		r->page.came_lots += (uint64_t)llabs(row.qty);
	}
	if (r->listed == 0 || compare(r, &row, &r->list[r->listed - 1]) > 0)
		hold(r, &row);
	return 0;
}

/* Heap to list, first to last. */
static void sort(struct fb_ranker *r)
{
	for (uint32_t n = r->held; n > 1;) {
		swap(r, 0, --n);
		sift_down(r, 0, n);
	}
}

/* The rows of the goal and up are those of the histogram: true rows, each once, and as many. */
static bool page_agrees(const struct fb_ranker *r)
{
	const struct page *page = &r->page;
	return page->came == page->rows &&
	       (page->lots >= UINT64_MAX || page->came_lots == page->lots);
}

static int finish_page(struct fb_ranker *r)
{
	const struct page *page = &r->page;
	if (!page_agrees(r))
		return -EBADMSG;
	sort(r);
	uint32_t final = r->held;
	while (!page->overfull && final > 0 && r->heap[final - 1]->key < page->goal)
		final--;
	for (uint32_t i = 0; i < final; i++) {
		if (r->listed == r->list_max)
			return -ENOBUFS;
		r->list[r->listed++] = *r->heap[i];
		r->list_lots += (uint64_t)llabs(r->heap[i]->qty);
		if (enough(&r->request, r->list_lots, r->listed))
			return end(r, 0);
	}
	if (page->overfull) {
		ask_page(r);
		return 0;
	}
	r->cursor = page->goal;
	plan(r);
	return 0;
}

static int finish_level(struct fb_ranker *r)
{
	struct fb_rank_level *level = &r->level[r->depth];
	if (r->depth > 0) {
		const struct fb_rank_level *above = level - 1;
		if (!fb_rank_level_agrees(level, above, above->left))
			return -EBADMSG;
	}
	plan(r);
	return 0;
}

/* ---- the outside ---- */

int fb_ranker_start(struct fb_ranker *ranker, const struct fb_rank_request *request,
		    fb_rank_lookup *lookup, void *context)
{
	struct fb_ranker *r = ranker;
	r->listed = 0;
	r->list_lots = 0;
	r->differs = r->sent = false;
	if (!fb_rank_request_good(request))
		return end(r, -EINVAL);
	r->request = *request;
	r->lookup = lookup;
	r->context = context;
	r->cursor = FB_RANK_KEYS;
	r->error = 0;
	for (enum fb_sign class = FB_SIGN_EXCLUDED; class <= FB_SIGN_PROFIT; class++)
		r->margin[class] = fb_rank_margin(request->formula, class);
	ask_level(r, 0, 0);
	if (enough(request, 0, 0))
		return end(r, 0);
	return 0;
}

int fb_ranker_next(struct fb_ranker *ranker, union fb_command *out)
{
	if (ranker->state == ENDED)
		return ranker->error;
	if (ranker->sent)
		return -EAGAIN;
	*out = ranker->command;
	ranker->sent = true;
	memset(&ranker->answer, 0, sizeof(ranker->answer));
	return 1;
}

static int take_one(struct fb_ranker *r, const union fb_record *record)
{
	int part = fb_rank_answer_take(&r->answer, record);
	if (part != FB_RANK_SERVICE && !r->sent)
		return -EBADMSG;
	if (part == FB_RANK_RECORD)
		return r->state == ASKING_PAGE ? take_nominee(r, record)
					       : fb_rank_level_take(&r->level[r->depth],
								    &record->rank_hist);
	if (part != FB_RANK_END)
		return part; /* FB_RANK_SERVICE is 0 */
	r->sent = false;
	return r->state == ASKING_PAGE ? finish_page(r) : finish_level(r);
}

int fb_ranker_take(struct fb_ranker *ranker, const union fb_record *record, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (ranker->state == ENDED && ranker->error)
			return ranker->error;
		int err = take_one(ranker, &record[i]);
		if (err)
			return end(ranker, err);
	}
	return 0;
}

const struct fb_rank_row *fb_ranker_rows(const struct fb_ranker *ranker, size_t *n)
{
	*n = ranker->listed;
	return ranker->list;
}

const struct fb_rank_difference *fb_ranker_difference(const struct fb_ranker *ranker)
{
	return ranker->differs ? &ranker->difference : NULL;
}
