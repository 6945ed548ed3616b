/* Who the card is, its opening and its end. See card.h. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card_internal.h"

/* The RESET that clears what an earlier session left has a sequence of its own, so that no record
 * of the past can be taken for its answer. */
#define CLEARING_SEQ (UINT64_C(1) << 62)

int card_die(struct fb_card_driver *card, const char *format, ...)
{
	va_list args;
	if (card->dead)
		return -EIO;
	card->dead = true;
	int n = snprintf(card->why, sizeof(card->why), "%s: ", card->port->path);
	if (n < 0 || n >= (int)sizeof(card->why))
		return -EIO;
	va_start(args, format);
	vsnprintf(card->why + n, sizeof(card->why) - (size_t)n, format, args);
	va_end(args);
	return -EIO;
}

int card_port_died(struct fb_card_driver *card, int code, const char *doing)
{
	const char *why = card->port->ops->why(card->port);
	if (*why)
		return card_die(card, "%s: %s", doing, why);
	if (code == -ENODEV)
		return card_die(card,
				"%s: the card is gone from the bus; look at dmesg and lspci, then "
				"remove and rescan it, or power-cycle the slot",
				doing);
	return card_die(card, "%s: %s", doing, strerror(-code));
}

/* ---- identity ---- */

int fb_card_read64(struct fb_card_port *port, uint32_t offset, uint64_t *value)
{
	uint32_t low, high;
	int err = port->ops->read32(port, offset, &low);
	if (!err)
		err = port->ops->read32(port, offset + 4, &high);
	if (!err)
		*value = (uint64_t)high << 32 | low;
	return err;
}

static int unreadable(struct fb_card_port *port, int err, struct fb_error *error)
{
	const char *why = port->ops->why(port);
	return fb_error_set(error, err,
			    "%s: registers cannot be read: %s", port->path,
			    *why ? why : strerror(-err));
}

static bool sane(const struct fb_card_identity *id)
{
	const struct fb_core_geometry *g = &id->geometry;
	return g->lanes >= 1 && g->lanes <= 1024 && g->group >= 1 && g->lanes % g->group == 0 &&
	       g->rows >= 1 && g->rows <= 65536 && g->accounts >= 1 && g->accounts <= 65536;
}

static int check_contract(struct fb_card_port *port, struct fb_error *error)
{
	uint64_t magic = 0;
	uint32_t version = 0, hash = 0;
	int err = fb_card_read64(port, FB_REG_MAGIC, &magic);
	if (!err)
		err = port->ops->read32(port, FB_REG_VERSION, &version);
	if (!err)
		err = port->ops->read32(port, FB_REG_LAYOUT_HASH, &hash);
	if (err)
		return unreadable(port, err, error);
	if (magic == UINT64_MAX)
		return fb_error_set(error, -ENODEV,
				    "%s: every read gives all ones: the card is not there, is in "
				    "reset, or does not decode memory; look at lspci -vv and dmesg",
				    port->path);
	if (magic != FB_MAGIC)
		return fb_error_set(error, -EPROTO,
				    "%s: not a Firebreak card: magic expected %016" PRIx64
				    ", found %016" PRIx64,
				    port->path, (uint64_t)FB_MAGIC, magic);
	if (version != FB_CONTRACT_VERSION || hash != FB_LAYOUT_HASH)
		return fb_error_set(error, -EPROTO,
				    "%s: card and program were built from different contracts: "
				    "program version %u, layout hash %08x; card version %u, layout "
				    "hash %08x; load the bitstream of this build, or use the "
				    "program of the card's",
				    port->path, FB_CONTRACT_VERSION, FB_LAYOUT_HASH, version, hash);
	return 0;
}

int fb_card_identify(struct fb_card_port *port, struct fb_card_identity *out,
		     struct fb_error *error)
{
	const struct {
		uint32_t offset, *value;
	} reg[] = {
		{ FB_REG_LANES, &out->geometry.lanes },
		{ FB_REG_GROUP, &out->geometry.group },
		{ FB_REG_ROWS_PER_LANE, &out->geometry.rows },
		{ FB_REG_ACCOUNTS_PER_LANE, &out->geometry.accounts },
		{ FB_REG_CLOCK_HZ, &out->clock_hz },
		{ FB_REG_SLOTS, &out->slots },
		{ FB_REG_CAPABILITIES, &out->capabilities },
		{ FB_REG_BUILD_DATE, &out->build_date },
	};
	memset(out, 0, sizeof(*out));
	int err = check_contract(port, error);
	if (err)
		return err;
	for (size_t i = 0; i < sizeof(reg) / sizeof(reg[0]) && !err; i++)
		err = port->ops->read32(port, reg[i].offset, reg[i].value);
	if (!err)
		err = fb_card_read64(port, FB_REG_GIT_HASH, &out->git_hash);
	if (err)
		return unreadable(port, err, error);
	if (out->slots != FB_WINDOW_SLOTS || !sane(out))
		return fb_error_set(error, -EPROTO,
				    "%s: the card says %u slots, %u lanes in groups of %u, %u rows "
				    "and %u accounts a lane; expected %u slots and a geometry that "
				    "can be",
				    port->path, out->slots, out->geometry.lanes,
				    out->geometry.group, out->geometry.rows,
				    out->geometry.accounts, FB_WINDOW_SLOTS);
	return 0;
}

/* ---- opening ---- */

/* Sends RESET with the session's first sequence and throws away all records up to its answer. */
static int reset_core(struct fb_card_driver *card, uint64_t seq)
{
	union fb_command reset = { .reset = { .seq = seq, .op = FB_OP_RESET } };
	uint64_t started = card_now(card);
	bool sent = false;
	for (;;) {
		union fb_record record;
		bool late = card_now(card) - started > card_deadline(card, FB_CARD_RESET_NS);
		int got = sent ? 0 : fb_card_send(card, &reset);
		sent = sent || got == 1;
		while (got >= 0 && (got = fb_card_receive(card, &record, 1)) == 1)
			if (record.header.kind == FB_REC_BATCH_END && record.header.seq == seq)
				return 0;
		if (got >= 0)
			got = fb_card_idle(card);
		if (got < 0)
			return got;
		if (late)
			return card_die(card,
					"RESET was not answered within %u ms, but the card lives "
					"(state %u): its core hangs; load the bitstream anew",
					FB_CARD_RESET_NS / 1000000 * card->patience,
					card->status.state);
	}
}

static int refuse_killed(struct fb_card_driver *card)
{
	uint32_t kill;
	int err = card->port->ops->read32(card->port, FB_REG_KILL, &kill);
	if (err)
		return card_port_died(card, err, "reading KILL");
	if (kill & 1)
		return card_die(card,
				"the kill switch is on: the card takes no command; who set it may "
				"write 0 to KILL, or reset the function");
	return 0;
}

static int begin(struct fb_card_driver *card)
{
	uint64_t clearing = CLEARING_SEQ + ((uint64_t)card->port->nonce << 8);
	int err = refuse_killed(card);
	if (!err)
		err = card_session_open(card, clearing);
	if (!err)
		err = reset_core(card, clearing);
	/* The core is at clearing + 1, and takes RESET at any sequence. */
	return err ? err : reset_core(card, 0);
}

int fb_card_open(struct fb_card_port *port, unsigned patience, struct fb_card_driver **out,
		 struct fb_error *error)
{
	struct fb_card_driver *card =
		aligned_alloc(_Alignof(struct fb_card_driver), sizeof(*card));
	*out = NULL;
	assert(patience >= 1 && patience <= FB_CARD_PATIENCE_MOST);
	if (!card) {
		port->ops->close(port);
		return fb_error_set(error, -ENOMEM, "no memory for a card");
	}
	memset(card, 0, sizeof(*card));
	card->port = port;
	card->patience = patience;
	int err = fb_card_identify(port, &card->identity, error);
	if (!err && (err = begin(card)) < 0)
		err = fb_error_set(error, err, "%s", card->why);
	if (err) {
		fb_card_close(card);
		return err;
	}
	*out = card;
	return 0;
}

void fb_card_close(struct fb_card_driver *card)
{
	if (!card)
		return;
	/* The card must not write to memory that is no longer ours: the answer to a read pushes
	 * what is on its way. A card that is dead may do this still. */
	uint32_t state;
	if (card->port->ops->write32(card->port, FB_REG_SESSION, 0) == 0)
		card->port->ops->read32(card->port, FB_REG_STATE, &state);
	card->port->ops->close(card->port);
	free(card);
}

void fb_card_hangs(struct fb_card_driver *card, uint64_t cycles)
{
	if (card->status.state == FB_CARD_KILLED)
		card_die(card,
			 "the kill switch is on: command %" PRIu64 " was not taken for %" PRIu64
			 " cycles",
			 card->taken, cycles);
	else
		card_die(card,
			 "the core took no command and gave no record for %" PRIu64
			 " cycles, but the card lives: it hangs; load the bitstream anew",
			 cycles);
}

/* ---- what it says of itself ---- */

bool fb_card_quiet(const struct fb_card_driver *card)
{
	return card->phase == CARD_PHASE_RUN && card->taken == card->next &&
	       card->status.produced == card->received;
}

uint64_t fb_card_cycles(const struct fb_card_driver *card)
{
	return card->status.heartbeat;
}

const struct fb_card_identity *fb_card_identity(const struct fb_card_driver *card)
{
	return &card->identity;
}

const struct fb_card_counts *fb_card_counts(const struct fb_card_driver *card)
{
	return &card->counts;
}

const struct fb_card_port *fb_card_port(const struct fb_card_driver *card)
{
	return card->port;
}

const char *fb_card_why(const struct fb_card_driver *card)
{
	return card->why;
}
