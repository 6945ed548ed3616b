/* The log: a journal of every input that can influence a decision, and of every decision. Same log,
 * same bytes out.
 *
 * All numbers little-endian. The file starts with a header of 64 bytes:
 *
 *   offset  type  content
 *        0  u64   magic "FBRKLOG1"
 *        8  u32   version of this format, 3
 *       12  u32   layout hash of the contract (FB_LAYOUT_HASH)
 *       16  u64   CRC-64/XZ of the payload of the RULES entry: the rules by content
 *       24  u32   epoch, part of every order id
 *       28        zero
 *       56  u64   CRC-64/XZ of bytes 0..55
 *
 * and goes on with entries:
 *
 *   offset  type  content
 *        0  u32   length of the payload, at most 1 MiB
 *        4  u8    type, enum fb_log_type
 *        5        three zero bytes
 *        8  u64   sequence of the command the entry belongs to
 *       16        payload
 *   16+len  u64   checksum: CRC-64/XZ of the checksum before (the header's for the first entry) and
 *           of bytes 0..16+len-1
 *
 * A log is valid if and only if
 *   1. its header's magic, version, layout hash and CRC are right;
 *   2. every entry is whole and its checksum, chained over all entries before it, is right;
 *   3. its first entry is RULES, whose CRC is the one in the header, and its second CONFIG;
 *   4. each COMMAND's sequence is one more than that of the COMMAND before, the first is 1;
 *   5. its last entry is END.
 * A file that stops inside an entry, or whose last entry has a wrong checksum, has a torn tail:
 * what comes before is good, and the reader says where it ends. A wrong checksum anywhere else is
 * damage. A file without END was not closed.
 *
 * Commands are as sent, with place_*, nonce and check 0. TIME comes before the marks it dates, and
 * is a tick. OBSERVE stands where the host took up a batch's result, EVENTS where it took up what
 * the venue said; what follows from them comes right after: COMMANDs,
 * then ORDERs, with NOTICEs between.
 *
 * What an engine does wrong is an input: FAULT, right before the OBSERVE of the batch at which it
 * was found, or after a sweep. It holds the record by which it was found, and says whom the host
 * judges from then on:
 *
 *   FAULT   parity: the account it names; all if it names none or speaks of more than one
 *   REJECT  the accounts of all commands of its batch, and for a symbol all that have rows of it
 *   AUDIT   MISMATCH: its account; KNOWN_ANSWER: all; finding 0: nobody, but a sign of life
 *           (ROTATION, which is no input: nothing follows from it) did not come in time
 *   NOMINEE of a ranking: the account it names and the owner of its position; key 0: it was left
 *           out
 *   RANK_HIST of a ranking: nobody
 *   LEVEL   not equal to the book: its account
 *   FUNDING a sum that is not the book's, or none came: all accounts that have rows of its symbol
 *   HASH    of one account, by the host's search after a sweep: its account, named in `account`;
 *           all if that is FB_NONE
 *
 * OBSERVE covers what is believed: not LEVEL records of host-judged accounts, not REJECT, and not
 * HASH, which is compared with the book, nor answers to RANK that were doubted or refused, nor
 * RANK_HIST and FUNDING while the host judges anybody. So a replay on an engine that does not err
 * comes to the same decisions, as long as the one that erred was silent about nobody.
 */
#ifndef FIREBREAK_LOG_H
#define FIREBREAK_LOG_H

#include <stdio.h>

#include <firebreak/inputs.h>
#include <firebreak/waterfall.h>

#define FB_LOG_MAGIC 0x31474f4c4b524246ull /* "FBRKLOG1" */
#define FB_LOG_VERSION 4u
#define FB_LOG_PAYLOAD_MAX (1u << 20)

enum fb_log_type {
	FB_LOG_RULES = 1,   /* the rule pack and brackets in effect, see log_rules.c */
	FB_LOG_CONFIG = 2,  /* struct fb_log_config */
	FB_LOG_TIME = 3,    /* i64: time in us; a tick */
	FB_LOG_COMMAND = 4, /* 64 bytes */
	FB_LOG_OBSERVE = 5, /* struct fb_log_observe; sequence: of the batch */
	FB_LOG_ORDER = 6,   /* struct fb_log_order */
	FB_LOG_LOADED = 7,  /* empty: loading is over, liquidation begins */
	FB_LOG_FAULT = 8,   /* 64 bytes, a record that shows an error, taken up as an input */
	FB_LOG_END = 9,	    /* empty: the run came to its end */
	/* u32 account, u32 owner, u16 symbols[]: before the account is put */
	FB_LOG_EXPECT = 10,
	FB_LOG_EVENTS = 11,   /* i64 time in us, then struct fb_event[]: taken up together */
	FB_LOG_NOTICE = 12,   /* struct fb_notice */
	FB_LOG_OPERATOR = 13, /* struct fb_log_operator */
	FB_LOG_ADVICE = 14,   /* u32 account, which the engine's placer wants put anew */
	/* struct fb_log_price[]: after TIME and before the marks, where the rules need them;
	 * payments of funding and notices of breakers follow */
	FB_LOG_PRICES = 15,
	/* struct fb_log_counted[]: of the marks that come next, where a pack's venue counts by the
	 * price and not by what an engine makes of it */
	FB_LOG_COUNTED = 16,
};

enum fb_operator {
	FB_OPERATOR_KILL = 1, /* no order leaves */
	FB_OPERATOR_ALLOW = 2,
	FB_OPERATOR_RESUME = 3, /* what is stuck is tried again */
	FB_OPERATOR_BLOCK = 4,	/* no order of this account leaves */
	FB_OPERATOR_UNBLOCK = 5,
	FB_OPERATOR_FREEZE = 6, /* this symbol never liquidates, until it is thawed */
	FB_OPERATOR_THAW = 7,
	FB_OPERATOR_SETTLE = 8, /* `account` is a symbol: it is settled; FB_NONE: all are */
};
struct fb_log_operator {
	uint32_t what, account; /* FREEZE, THAW: the symbol's index in place of an account */
};

struct fb_log_counted {
	uint64_t price_e8;
	uint32_t symbol, zero;
};

/* Taken up together: an instant like that of 2025-10-10 fits one entry. */
#define FB_EVENTS_MAX 16384u
FB_STATIC_ASSERT(8 + FB_EVENTS_MAX * sizeof(struct fb_event) <= FB_LOG_PAYLOAD_MAX, "an entry");

/* What was known of a symbol's prices at an instant, 1e-8; 0: not known. */
struct fb_log_price {
	uint16_t symbol, zero[3];
	uint64_t mark_e8, index_e8, last_e8, bid_e8, ask_e8;
};
FB_STATIC_ASSERT(sizeof(struct fb_log_price) == 48, "fb_log_price has no hidden padding");

struct fb_log_config {
	uint32_t accounts, rows; /* room the book needs */
	uint32_t ahead, epoch;
};

struct fb_log_observe {
	uint64_t digest;
	uint32_t count, rejects; /* rejects: as told by FAULT entries */
};

/* FAULT entries, by what they say. */
struct fb_log_alarms {
	uint64_t rejects, memory_faults, mismatches, known_answers, level_differences, lost_inputs;
	uint64_t fundings; /* sums of funding not equal to the book's */
	uint64_t everyone; /* of them: those after which the host judges all accounts */
	uint64_t silences;  /* times that a sign of life was due and did not come */
};

struct fb_log_order {
	struct fb_order_id id;
	uint32_t account, position, counter_account, counter_position;
	uint16_t symbol;
	uint8_t verb, tif, again, zero[3]; /* again: 1 if it was sent before */
	int64_t qty;
	struct fb_i128 value_e8;
};
FB_STATIC_ASSERT(sizeof(struct fb_log_order) == 64, "fb_log_order has no hidden padding");

struct fb_log_entry {
	uint8_t type;
	uint32_t length;
	uint64_t seq, offset;	/* offset: of the entry in the file */
	const uint8_t *payload; /* until the next call */
};

struct fb_log;

/* A new log. Overwrites. Errors of writing are kept and come out of every later call, fb_log_close
 * last: nothing is lost silently. */
int fb_log_create(const char *path, const struct fb_rules *rules,
		  const struct fb_log_config *config, struct fb_log **out, struct fb_error *error);
/* Opens a log to be replayed: header, RULES and CONFIG are read and checked. */
int fb_log_open(const char *path, struct fb_rules *rules, struct fb_log_config *config,
		struct fb_log **out, struct fb_error *error);

/* Writing: appends. Replaying: the next entry must be this one; if not, -EBADMSG and `error` says
 * what was logged and what came now (the first divergence). */
int fb_log_put(struct fb_log *log, enum fb_log_type type, uint64_t seq, const void *payload,
	       size_t length, struct fb_error *error);
/* Replaying: the next entry without taking it. 1; 0 at the end; -EPIPE: torn tail or not closed;
 * -EBADMSG: damage. */
int fb_log_peek(struct fb_log *log, struct fb_log_entry *out, struct fb_error *error);

/* Replaying: size of the file. */
uint64_t fb_log_bytes(const struct fb_log *log);
/* Writes out what is buffered. */
int fb_log_flush(struct fb_log *log, struct fb_error *error);
/* The same if 64 KiB or more wait. Appending makes no system call as long as there is room in a
 * buffer of 8 MiB, so whoever decides calls this when what was decided has left. */
int fb_log_relieve(struct fb_log *log, struct fb_error *error);
/* Writing: how often there was no room, and an entry waited for the file. */
uint64_t fb_log_stalls(const struct fb_log *log);
/* Writing: flushes and syncs. Returns the first error of the log's life. */
int fb_log_close(struct fb_log *log, struct fb_error *error);

/* Prints the commands first..last of a log as text, at most `most` lines. */
int fb_log_dump(const char *path, uint64_t first, uint64_t last, unsigned most, FILE *out,
		struct fb_error *error);

/* One line without newline. `size` of 320 is always enough. */
void fb_text_command(const union fb_command *command, char *out, size_t size);
void fb_text_record(const union fb_record *record, char *out, size_t size);
void fb_text_order(const struct fb_log_order *order, char *out, size_t size);
void fb_text_notice(const struct fb_notice *notice, char *out, size_t size);
/* Decimal text of a 128-bit integer; `out` has room for 41 bytes. */
char *fb_text_i128(__int128 value, char *out);

/* Rules as bytes and back (log_rules.c). Aliases are left out: they only matter for reading
 * files. -ENOSPC, -EBADMSG. */
int fb_log_rules_pack(const struct fb_rules *rules, uint8_t *out, size_t room, size_t *length);
int fb_log_rules_unpack(const uint8_t *in, size_t length, struct fb_rules *out);

uint64_t fb_log_crc(uint64_t crc, const void *data, size_t length);

#endif
