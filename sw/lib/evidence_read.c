/* Reading evidence: see evidence_read.h. Everything comes from outside. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "decimal.h"
#include "evidence_read.h"
#include "report_internal.h"
#include "rounds_file.h"

int fb_evidence_bad(const struct fb_evidence_read *r, const char *format, ...)
{
	char what[256];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	struct fb_where place = fb_text_place(r->json->text->name, r->json->text->bytes,
					      r->json->node[r->at].at);
	return fb_error_set(r->error, -EBADMSG, "%s:%u:%u: does not hold: %s", place.file,
			    place.line, place.column, what);
}

/* Two digits each; lower case only, so that there is one spelling. */
static bool unhex(const char *text, size_t length, uint8_t out[32])
{
	static const char digits[] = "0123456789abcdef";
	if (length != 64)
		return false;
	for (int i = 0; i < 64; i++) {
		const char *at = text[i] ? strchr(digits, text[i]) : NULL;
		if (!at)
			return false;
		out[i / 2] = (uint8_t)(out[i / 2] << 4 | (at - digits));
	}
	return true;
}

static int wrong(struct fb_evidence_read *r, uint32_t object, uint32_t node, const char *key,
		 const char *what)
{
	return fb_json_error(r->json, node ? node : object, r->error, NULL, "\"%s\": %s", key,
			     what);
}

static int read_hex(struct fb_evidence_read *r, uint32_t object, const char *key, uint8_t out[32])
{
	uint32_t node = fb_json_member(r->json, object, key);
	const struct fb_json_node *n = &r->json->node[node];
	if (node == 0 || n->type != FB_JSON_STRING ||
	    !unhex(r->json->text->bytes + n->at, n->length, out))
		return wrong(r, object, node, key, "64 digits 0 to 9, a to f");
	return 0;
}

/* A whole number, or a decimal in quotes, in units of 10^-scale. */
static int read_number(struct fb_evidence_read *r, uint32_t object, const char *key, unsigned scale,
		       __int128 least, __int128 most, __int128 *out)
{
	uint32_t node = fb_json_member(r->json, object, key);
	const struct fb_json_node *n = &r->json->node[node];
	if (node == 0 || (n->type != FB_JSON_NUMBER && n->type != FB_JSON_STRING) ||
	    fb_decimal(r->json->text->bytes + n->at, n->length, scale, out) != 0 || *out < least ||
	    *out > most)
		return wrong(r, object, node, key, "a number in its range");
	return 0;
}

int fb_evidence_read_text(struct fb_evidence_read *r, uint32_t object, const char *key,
			  const char *expected)
{
	uint32_t node = fb_json_member(r->json, object, key);
	const struct fb_json_node *n = &r->json->node[node];
	if (node == 0 || n->type != FB_JSON_STRING || n->length != strlen(expected) ||
	    memcmp(r->json->text->bytes + n->at, expected, n->length) != 0)
		return fb_json_error(r->json, node ? node : object, r->error, NULL,
				     "\"%s\": \"%s\"", key, expected);
	return 0;
}

#define MOST128 (((__int128)1 << 120) - 1)

/* A table of what an object holds. */
enum type { HEX, U8, U32, U64, TIME, MONEY, UMONEY, MARGIN, SYMBOL, ORDER };
struct member {
	const char *key;
	enum type type;
	size_t offset;
};

static int read_text(struct fb_evidence_read *r, uint32_t object, const char *key, char *out,
		     size_t size, const char *what)
{
	uint32_t node = fb_json_member(r->json, object, key);
	const struct fb_json_node *n = &r->json->node[node];
	memset(out, 0, size);
	if (node == 0 || n->type != FB_JSON_STRING ||
	    fb_json_unescape(r->json, n->at, n->length, out, size) != 0)
		return wrong(r, object, node, key, what);
	return 0;
}

static void put(void *at, __int128 value, size_t bytes)
{
	memcpy(at, &value, bytes); /* the machine is little-endian, as the contract is */
}

static int read_member(struct fb_evidence_read *r, uint32_t object, const struct member *m,
		       char *base)
{
	__int128 value = 0;
	int err;
	char *at = base + m->offset;
	switch (m->type) {
	case HEX: return read_hex(r, object, m->key, (uint8_t *)at);
	case SYMBOL: return read_text(r, object, m->key, at, FB_NAME_MAX, "a symbol");
	case ORDER:
		return read_text(r, object, m->key, at, FB_ADL_ORDER_TEXT, "the name of an order");
	case U8:
		err = read_number(r, object, m->key, 0, 0, 255, &value);
		put(at, value, 1);
		return err;
	case U32:
		err = read_number(r, object, m->key, 0, 0, UINT32_MAX, &value);
		put(at, value, 4);
		return err;
	case U64:
		err = read_number(r, object, m->key, 0, 0, UINT64_MAX, &value);
		put(at, value, 8);
		return err;
	case TIME:
		err = read_number(r, object, m->key, 0, INT64_MIN, INT64_MAX, &value);
		put(at, value, 8);
		return err;
	case MONEY:
	case UMONEY:
	case MARGIN:
		err = read_number(r, object, m->key, m->type == MARGIN ? 15 : 8,
				  m->type == MONEY ? -MOST128 : 0, MOST128, &value);
		put(at, value, 16);
		return err;
	}
	return -EINVAL;
}

static int read_members(struct fb_evidence_read *r, uint32_t object, const char *name,
			const struct member *m, size_t n, void *out)
{
	r->at = object;
	if (r->json->node[object].type != FB_JSON_OBJECT || object == 0)
		return fb_json_error(r->json, object, r->error, NULL, "an object \"%s\"", name);
	for (size_t i = 0; i < n; i++) {
		int err = read_member(r, object, &m[i], out);
		if (err)
			return err;
	}
	return 0;
}

#define COUNT(list) (sizeof(list) / sizeof(list[0]))
#define L(member) offsetof(struct fb_evidence_link, member)
static const struct member link_members[] = {
	{ "number", U64, L(number) },
	{ "round", U64, L(round) },
	{ "sequence", U64, L(sequence) },
	{ "time_us", TIME, L(time_us) },
	{ "symbol", SYMBOL, L(symbol) },
	{ "side", U8, L(side) },
	{ "needs", U32, L(needs) },
	{ "need_lots", U64, L(need_lots) },
	{ "need_value", MONEY, L(need_e8) },
	{ "own_lots", U64, L(own_lots) },
	{ "ranked", U32, L(ranked) },
	{ "depth", U32, L(depth) },
	{ "asked", U64, L(asked) },
	{ "moved", U64, L(moved) },
	{ "moved_value", MONEY, L(moved_e8) },
	{ "unit_value", U64, L(u) },
	{ "fund_before", MONEY, L(fund_before_e8) },
	{ "fund_after", MONEY, L(fund_after_e8) },
	{ "order", ORDER, L(order) },
	{ "ranked_lots", U64, L(ranked_lots) },
	{ "shared_lots", U64, L(shared_lots) },
	{ "root", HEX, L(root) },
	{ "before", HEX, L(before) },
	{ "chain", HEX, L(link) },
};

int fb_evidence_read_link(struct fb_evidence_read *r, uint32_t node, struct fb_evidence_link *out)
{
	uint32_t object = fb_json_member(r->json, node, "link");
	memset(out, 0, sizeof(*out));
	int err = read_members(r, object, "link", link_members, COUNT(link_members), out);
	return err ? err
		   : fb_evidence_read_text(r, object, "side_name", out->side ? "short" : "long");
}

#define F(member) offsetof(struct fb_evidence_leaf, member)
static const struct member leaf_members[] = {
	{ "rank", U32, F(rank) },	  { "group", U8, F(group) },
	{ "score_e9", U64, F(score_e9) }, { "behind", U8, F(behind) },
	{ "decision", U8, F(decision) },  { "asked", U64, F(asked) },
	{ "moved", U64, F(moved) },	  { "commitment", HEX, F(commitment) },
};

int fb_evidence_read_leaf(struct fb_evidence_read *r, uint32_t leaf, uint32_t holds_path,
			  struct fb_evidence_proof *out)
{
	uint32_t list = fb_json_member(r->json, holds_path, "path");
	memset(out, 0, sizeof(*out));
	int err = read_members(r, leaf, "leaf", leaf_members, COUNT(leaf_members), &out->leaf);
	if (!err)
		err = fb_evidence_read_text(r, leaf, "behind_name",
					    fb_evidence_behind_name(out->leaf.behind));
	if (!err)
		err = fb_evidence_read_text(r, leaf, "decision_name",
					    fb_decision_name(out->leaf.decision));
	if (!err)
		err = fb_evidence_read_text(r, leaf, "group_name",
					    fb_evidence_group_name(out->leaf.group));
	if (err)
		return err;
	if (list == 0 || r->json->node[list].type != FB_JSON_ARRAY)
		return wrong(r, holds_path, list, "path", "a list of hashes");
	for (uint32_t i = r->json->node[list].child; i != 0; i = r->json->node[i].next) {
		const struct fb_json_node *n = &r->json->node[i];
		if (out->path.length == FB_MERKLE_PATH_MAX || n->type != FB_JSON_STRING ||
		    !unhex(r->json->text->bytes + n->at, n->length,
			   out->path.step[out->path.length++]))
			return wrong(r, list, i, "path", "at most 32 hashes of 64 digits");
	}
	return 0;
}

#define P(member) offsetof(struct fb_evidence_opening, member)
static const struct member opening_members[] = {
	{ "account", U32, P(account) },	     { "position", U32, P(position) },
	{ "profit", MONEY, P(profit_e8) },   { "equity", MONEY, P(equity_e8) },
	{ "notional", UMONEY, P(notional_e8) }, { "moved_value", MONEY, P(moved_e8) },
	{ "nonce", HEX, P(nonce) },	     { "entry", UMONEY, P(entry_e8) },
	{ "position_mm", MARGIN, P(position_mm_e15) },
	{ "mm", MARGIN, P(mm_e15) },	     { "wallet", MONEY, P(wallet_e8) },
	{ "funding", MONEY, P(funding_e8) }, { "account_notional", UMONEY, P(account_notional_e8) },
	{ "lots", U64, P(lots) },	     { "tier", U32, P(tier) },
	{ "turn", U32, P(turn) },	     { "hedged", U8, P(hedged) },
};

int fb_evidence_read_opening(struct fb_evidence_read *r, uint32_t node,
			     struct fb_evidence_opening *out)
{
	uint32_t object = fb_json_member(r->json, node, "opening");
	char above[41], below[41], ratio[96];
	memset(out, 0, sizeof(*out));
	int err = read_members(r, object, "opening", opening_members, COUNT(opening_members), out);
	snprintf(ratio, sizeof(ratio), "%s/%s", fb_text_i128(out->profit_e8, above),
		 fb_text_i128(out->equity_e8, below));
	return err ? err : fb_evidence_read_text(r, object, "profit_over_equity", ratio);
}

/* ---- rounds.csv ---- */

enum column {
	LINK, ROUND, SEQUENCE, TIME_TEXT, TIME_US, NAME, SIDE, NEEDS, NEED_LOTS, NEED_VALUE,
	OWN_LOTS, RANKED, DEPTH, ASKED, MOVED, MOVED_VALUE, UNIT, FUND_BEFORE, FUND_AFTER,
	IN_ORDER, RANKED_LOTS, SHARED_LOTS, ROOT, BEFORE, CHAIN, COLUMNS
};

/* Where each column goes; those of texts apart. */
static const struct {
	enum column column;
	size_t offset, bytes;
} numbers[] = {
	{ LINK, L(number), 8 },		 { ROUND, L(round), 8 },
	{ SEQUENCE, L(sequence), 8 },	 { TIME_US, L(time_us), 8 },
	{ NEEDS, L(needs), 4 },		 { NEED_LOTS, L(need_lots), 8 },
	{ NEED_VALUE, L(need_e8), 16 },	 { OWN_LOTS, L(own_lots), 8 },
	{ RANKED, L(ranked), 4 },	 { DEPTH, L(depth), 4 },
	{ ASKED, L(asked), 8 },		 { MOVED, L(moved), 8 },
	{ MOVED_VALUE, L(moved_e8), 16 }, { UNIT, L(u), 8 },
	{ RANKED_LOTS, L(ranked_lots), 8 }, { SHARED_LOTS, L(shared_lots), 8 },
	{ FUND_BEFORE, L(fund_before_e8), 16 }, { FUND_AFTER, L(fund_after_e8), 16 },
};

static int read_line(const struct fb_lines *lines, const struct fb_field *line,
		     struct fb_evidence_link *out, struct fb_error *error)
{
	struct fb_field field[FB_FIELDS_MAX];
	int n = fb_csv_split(lines, line, field, error);
	memset(out, 0, sizeof(*out));
	if (n != COLUMNS)
		return n < 0 ? n
			     : fb_field_error(lines, &field[n < COLUMNS ? n : COLUMNS], error, NULL,
					      "%d fields", (int)COLUMNS);
	for (size_t i = 0; i < COUNT(numbers); i++) {
		__int128 value, most = numbers[i].bytes == 16  ? MOST128
				       : numbers[i].bytes == 8 ? (__int128)UINT64_MAX
							       : (__int128)UINT32_MAX;
		int err = fb_field_number(lines, &field[numbers[i].column], 0, -most, most,
					  "a whole number", &value, error);
		if (err)
			return err;
		put((char *)out + numbers[i].offset, value, numbers[i].bytes);
	}
	out->side = fb_field_is(&field[SIDE], "short");
	if (field[NAME].length >= FB_NAME_MAX || (!out->side && !fb_field_is(&field[SIDE], "long")))
		return fb_field_error(lines, &field[NAME], error, NULL, "a symbol and a side");
	memcpy(out->symbol, field[NAME].text, field[NAME].length);
	if (field[IN_ORDER].length >= FB_ADL_ORDER_TEXT)
		return fb_field_error(lines, &field[IN_ORDER], error, NULL, "the name of an order");
	memcpy(out->order, field[IN_ORDER].text, field[IN_ORDER].length);
	char time[32];
	if (!fb_field_is(&field[TIME_TEXT], fb_report_time(out->time_us, time)))
		return fb_field_error(lines, &field[TIME_TEXT], error, NULL, "%s", time);
	if (!unhex(field[ROOT].text, field[ROOT].length, out->root) ||
	    !unhex(field[BEFORE].text, field[BEFORE].length, out->before) ||
	    !unhex(field[CHAIN].text, field[CHAIN].length, out->link))
		return fb_field_error(lines, &field[ROOT], error, NULL,
				      "three hashes of 64 digits");
	return 0;
}

/* A line must be the link after the last one. */
static int add_link(const struct fb_lines *lines, const struct fb_evidence_link *link,
		    struct fb_chain *chain, struct fb_error *error)
{
	static const uint8_t none[32];
	struct fb_evidence_link again = *link;
	const uint8_t *last = chain->links ? chain->link[chain->links - 1] : none;
	fb_evidence_seal(&again);
	if (link->number != chain->links + 1 || memcmp(link->before, last, 32) != 0 ||
	    memcmp(again.link, link->link, 32) != 0)
		return fb_error_set(error, -EBADMSG,
				    "%s:%u: does not hold: not the link after link %llu",
				    fb_lines_name(lines), fb_lines_number(lines),
				    (unsigned long long)chain->links);
	if (chain->links == chain->links_max) {
		uint64_t wider = chain->links_max ? 2 * chain->links_max : 256;
		void *more = realloc(chain->link, wider * sizeof(*chain->link));
		if (!more)
			return fb_error_set(error, -ENOMEM, "%s: out of memory",
					    fb_lines_name(lines));
		chain->link = more;
		chain->links_max = wider;
	}
	memcpy(chain->link[chain->links++], link->link, 32);
	return 0;
}

int fb_chain_read(const char *path, struct fb_chain *chain, struct fb_error *error)
{
	struct fb_lines *lines;
	struct fb_field line;
	struct fb_evidence_link link;
	int err = fb_lines_open(path, &lines, error), got = 0;
	if (err)
		return err;
	got = fb_lines_next(lines, &line, error);
	if (got > 0 && !fb_field_is(&line, FB_ROUNDS_COLUMNS))
		err = fb_field_error(lines, &line, error, "rounds.csv of a run has them",
				     "the columns of rounds.csv");
	while (!err && got > 0 && (got = fb_lines_next(lines, &line, error)) > 0) {
		err = read_line(lines, &line, &link, error);
		if (!err)
			err = add_link(lines, &link, chain, error);
	}
	fb_lines_close(lines);
	return err ? err : got;
}

int fb_chain_holds(const struct fb_evidence_read *r, const struct fb_chain *chain,
		   const struct fb_evidence_link *link)
{
	if (link->number < 1 || link->number > chain->links ||
	    memcmp(chain->link[link->number - 1], link->link, 32) != 0)
		return fb_evidence_bad(r, "link %llu is not in the published chain",
				       (unsigned long long)link->number);
	return 0;
}
