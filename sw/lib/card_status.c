/* The status line: credit, heartbeat, and what its silence means. See card.md, section 5. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "card_internal.h"
#include "crc32c.h"

void card_status_begin(struct fb_card_driver *card)
{
	memset(&card->status, 0, sizeof(card->status));
	card->status.credit = card->next + FB_WINDOW_SLOTS;
	card->heard = false;
}

static int impossible(struct fb_card_driver *card, const struct fb_rec_status *line)
{
	return card_die(card,
			"a status line that cannot be true: session %08x, credit %" PRIu64
			" after %" PRIu64 " with %" PRIu64 " sent next, %" PRIu64
			" records after %" PRIu64 "; the card errs",
			line->session, line->credit, card->status.credit, card->next,
			line->produced, card->status.produced);
}

static int take(struct fb_card_driver *card, const struct fb_rec_status *line)
{
	const struct fb_rec_status *old = &card->status;
	uint64_t taken = line->credit - FB_WINDOW_SLOTS;
	if (line->kind != FB_REC_STATUS || line->session != card->nonce ||
	    (int64_t)(line->credit - old->credit) < 0 || (int64_t)(card->next - taken) < 0 ||
	    line->produced < old->produced)
		return impossible(card, line);
	if (line->heartbeat < old->heartbeat)
		return card_die(card,
				"the heartbeat went back from %" PRIu64 " to %" PRIu64
				": the card was reset behind our back; what it knew is lost",
				old->heartbeat, line->heartbeat);
	if (taken != card->taken) {
		card->taken = taken;
		card->moved = true;
		card->moved_cycle = 0;
	}
	if (card->moved_cycle == 0)
		card->moved_cycle = line->heartbeat;
	card->status = *line;
	card->heard = true;
	return 1;
}

int card_status_look(struct fb_card_driver *card)
{
	const volatile union fb_record *line = card->port->status;
	union fb_record copy;
	if (line->header.generation == card->status.generation)
		return 0;
	for (unsigned i = 0; i < 8; i++)
		copy.words[i] = ((const volatile uint64_t *)line)[i];
	/* Half written, or of another session: it will be written again soon. Older than what was
	 * read before: what was there shows once more. */
	if ((copy.header.check ^ card->nonce) != fb_crc32c_line(&copy) ||
	    (int32_t)(copy.header.generation - card->status.generation) <= 0)
		return 0;
	return take(card, &copy.status);
}

static int closed(struct fb_card_driver *card, uint32_t session)
{
	if (session == 0)
		return card_die(card,
				"the session was closed behind our back: the function was reset, "
				"bus mastering went off, or another process closed it; look at "
				"dmesg, and whether the device is still enabled (lspci -vv: "
				"BusMaster+)");
	return card_die(card, "another process opened session %08x in place of ours, %08x", session,
			card->nonce);
}

int card_status_diagnose(struct fb_card_driver *card)
{
	const struct fb_card_port_ops *ops = card->port->ops;
	uint32_t session, state;
	int err = ops->read32(card->port, FB_REG_SESSION, &session);
	if (!err)
		err = ops->read32(card->port, FB_REG_STATE, &state);
	if (!err && (session == UINT32_MAX || state == UINT32_MAX))
		err = -ENODEV;
	if (err)
		return card_port_died(card, err, "the status line is silent");
	if (session != card->nonce)
		return closed(card, session);
	if (state == FB_CARD_OPENING)
		return card_die(card, "the session does not open: state stays %u", state);
	return card_die(card,
			"the status line is silent for %u us, but registers answer (state %u): the "
			"card's writes do not arrive at bus address %" PRIx64
			"; bus mastering, or the IOMMU's mapping? Look at dmesg",
			FB_CARD_SILENT_NS / 1000 * card->patience, state, card->port->status_bus);
}

int card_status_idle(struct fb_card_driver *card, uint64_t now_ns)
{
	int got = card_status_look(card);
	if (got < 0)
		return got;
	if (card->heard) {
		card->heard = false;
		card->heard_ns = now_ns;
		return 0;
	}
	return now_ns - card->heard_ns > card_deadline(card, FB_CARD_SILENT_NS)
		       ? card_status_diagnose(card)
		       : 0;
}
