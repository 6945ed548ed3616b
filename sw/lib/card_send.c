/* Commands to the window: credit, GAP faults, and a new session where RESET asks for one. See
 * card.md, section 3. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>

#include "card_internal.h"
#include "command_check.h"
#include "crc32c.h"

void card_send_begin(struct fb_card_driver *card, uint64_t first)
{
	card->next = card->taken = first;
	card->unflushed = card->moved = card->gap_answered = false;
	card->gap_tries = 0;
	card->gap_seq = first - 1;
}

static int emit(struct fb_card_driver *card, uint64_t seq)
{
	uint32_t slot = (uint32_t)(seq % FB_WINDOW_SLOTS);
	int err = card->port->ops->emit(card->port, slot, &card->line[slot]);
	card->unflushed = true;
	return err ? card_port_died(card, err, "storing a command") : 0;
}

static void flush(struct fb_card_driver *card)
{
	if (card->unflushed)
		card->port->ops->flush(card->port);
	card->unflushed = false;
}

/* Towards the session of a RESET that carries another sequence. 0: not yet there. */
static int renew(struct fb_card_driver *card, uint64_t first)
{
	if (card->phase == CARD_PHASE_RUN) {
		flush(card);
		card->phase = CARD_PHASE_DRAIN;
	}
	if (card->phase == CARD_PHASE_DRAIN) {
		int got = card_status_look(card);
		if (got < 0 || card->taken != card->next)
			return got < 0 ? got : 0;
		int err = card_session_close(card);
		if (err)
			return err;
		card->phase = CARD_PHASE_CLOSED;
	}
	if (card->received != card->status.produced)
		return 0;
	int err = card_session_open(card, first);
	return err ? err : 1;
}

int fb_card_send(struct fb_card_driver *card, const union fb_command *word)
{
	if (card->dead)
		return -EIO;
	if (card->phase != CARD_PHASE_RUN || word->header.seq != card->next) {
		assert(word->header.op == FB_OP_RESET);
		int got = renew(card, word->header.seq);
		if (got <= 0)
			return got;
	}
	if (card->next - card->taken >= FB_WINDOW_SLOTS) {
		int got = card_status_look(card);
		if (got < 0 || card->next - card->taken >= FB_WINDOW_SLOTS)
			return got < 0 ? got : 0;
	}
	union fb_command *line = &card->line[card->next % FB_WINDOW_SLOTS];
	*line = *word;
	line->header.nonce = card->nonce;
	line->header.check = fb_crc32c_line(line);
	if (card->taken == card->next) {
		card->moved = true;
		card->moved_cycle = 0;
	}
	int err = emit(card, card->next);
	if (err)
		return err;
	card->next++;
	card->counts.sent++;
	if (fb_command_closes(word))
		flush(card);
	return 1;
}

/* All that is not known to be taken, from a sequence on: what is whole in the window loses nothing
 * by coming again, and of several lines that were lost each would cost a fault of its own. */
static int resend(struct fb_card_driver *card, uint64_t first)
{
	int err = 0;
	for (uint64_t seq = first; seq != card->next && !err; seq++) {
		err = emit(card, seq);
		card->counts.resent++;
	}
	flush(card);
	return err;
}

int card_send_gap(struct fb_card_driver *card, uint64_t seq)
{
	card_status_look(card);
	card->counts.gaps++;
	/* Between taken and next; else it has come after all. */
	if (seq - card->taken >= card->next - card->taken)
		return card->dead ? -EIO : 0;
	/* The fault is repeated, and many of one cause may be in the ring: one answer is enough
	 * until all that was written before it has been read. */
	if (seq == card->gap_seq && card->gap_answered)
		return 0;
	card->gap_tries = seq == card->gap_seq ? card->gap_tries + 1 : 1;
	card->gap_seq = seq;
	card->gap_answered = true;
	if (card->gap_tries > FB_CARD_GAP_TRIES)
		return card_die(card,
				"command %" PRIu64 " was sent %u times and did not arrive whole: "
				"the link loses writes; look at the error counters (lspci -vv)",
				seq, FB_CARD_GAP_TRIES + 1);
	return resend(card, seq);
}

int card_send_idle(struct fb_card_driver *card, uint64_t now_ns)
{
	flush(card);
	if (card->moved || card->taken == card->next) {
		card->moved = false;
		card->moved_ns = now_ns;
		return 0;
	}
	if (card->moved_cycle != 0 &&
	    card->status.heartbeat - card->moved_cycle > FB_CARD_STUCK_CYCLES) {
		fb_card_hangs(card, FB_CARD_STUCK_CYCLES);
		return -EIO;
	}
	if (now_ns - card->moved_ns <= card_deadline(card, FB_CARD_RESEND_NS) ||
	    card->status.state == FB_CARD_KILLED)
		return 0;
	card->moved_ns = now_ns;
	return resend(card, card->taken);
}
