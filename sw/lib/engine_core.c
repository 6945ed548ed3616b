/* Drives a core through its two streams: a clocked one (`core:`), or one behind the driver of a
 * card (`sim:`, `pci:`, engine_card.c), which runs by itself.
 *
 * submit() checks and places a command at once and queues it; poll() turns the clock. So what the
 * driver believes to exist is ahead of the core by the queue, never behind it. A word that steps 1
 * to 7 refuse goes to the card as it is: the card must refuse it by itself, and the cosimulation
 * proves that both agree. Only one without the expected sequence never reaches a core behind a
 * command window; there its FAULT is given here.
 */
#include "engine_core_state.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "core_place.h"
#include "level_pair.h"
#include "mix.h"

#define CYCLES_PER_POLL 65536
/* Of a core that runs by itself: the caller has other things to do while it works. */
#define STEPS_PER_POLL 64
/* On top of a walk of all stripes: when an open batch is taken to have said all it will. */
#define QUIET_CYCLES 1024

static uint32_t *row_account(const struct core_engine *e, uint32_t lane, uint32_t row)
{
	return &e->structure.row_account[(size_t)lane * e->geometry.rows + row];
}

static uint32_t seat_account(const struct core_engine *e, uint32_t lane, uint32_t slot)
{
	return e->structure.seat[(size_t)lane * e->geometry.accounts + slot].account;
}

/* Steps 1 to 8 for a copy of the command; false: it is ignored for its sequence. */
static bool take(struct core_engine *e, union fb_command *word, struct core_queued *entry)
{
	int verdict = fb_check_command(&e->check, word);
	if (verdict == FB_CHECK_IGNORED)
		return false;
	enum fb_reject reject = (enum fb_reject)verdict;
	word->header.place_reject = FB_REJECT_NONE;
	if (fb_command_placed(word->header.op)) {
		word->place.place_lane = word->place.place_slot = word->place.place_row = 0;
		word->place.place_flags = 0;
	}
	if (word->header.op == FB_OP_RESET) {
		fb_structure_reset(&e->structure);
		fb_placement_reset(&e->placement);
	} else if (reject == FB_REJECT_NONE) {
		size_t rows = e->structure.positions.count;
		reject = fb_core_place(&e->structure, &e->placement, word);
		word->header.place_reject = (uint8_t)reject;
		entry->new_row = e->structure.positions.count > rows;
		entry->row_before = e->structure.replaced_account;
	}
	if (reject == FB_REJECT_NONE)
		e->row_revaluations += fb_core_revaluations(&e->structure, word);
	e->records_due += reject != FB_REJECT_NONE || word->header.op == FB_OP_FUNDING;
	e->ends_due += fb_command_closes(word);
	fb_check_taken(&e->check, word, reject);
	return true;
}

static void dequeue(struct core_engine *e)
{
	assert(e->queued);
	e->queue_first = (e->queue_first + 1) % CORE_HISTORY;
	e->queued--;
}

/* A command that the window would throw away. */
static void ignored(struct core_engine *e, const union fb_command *word)
{
	e->own[e->owns++] = (union fb_record){ .fault = { .seq = word->header.seq,
							  .kind = FB_REC_FAULT,
							  .fault = FB_FAULT_SEQUENCE,
							  .expected_seq = e->check.next_seq,
							  .found_seq = word->header.seq } };
}

/* A core that runs by itself gets the word now, not when somebody polls. */
static int push(struct core_engine *e)
{
	int got = 1;
	while (e->queued && got == 1) {
		got = e->live->push(e->core, &e->queue[e->queue_first].word);
		if (got == 1)
			dequeue(e);
	}
	if (got < 0)
		e->dead = true;
	return got < 0 ? -EIO : 0;
}

int fb_core_submit(struct fb_engine *engine, const union fb_command *command)
{
	struct core_engine *e = core_engine(engine);
	if (e->dead)
		return -EIO;
	if (e->queued == CORE_QUEUE || e->owns == CORE_QUEUE)
		return -EAGAIN;
	struct core_queued *entry = &e->queue[(e->queue_first + e->queued) % CORE_HISTORY];
	*entry = (struct core_queued){ .word = *command };
	if (take(e, &entry->word, entry)) {
		e->queued++;
	} else if (e->live) {
		ignored(e, command);
	} else {
		e->records_due++; /* the FAULT that names both sequences */
		e->queued++;
	}
	e->heard = e->ops->cycles(e->core);
	e->busy = e->live != NULL; /* its clock may be that of long ago */
	return e->live ? push(e) : 0;
}

/* A walk meets the rows that the core knows; the structure is ahead of it by the queue, so new
 * rows there are undone. How far a core behind a window is, is not known to the command: if the
 * row is among the newest, nobody is named, and that stands for everybody. */
static uint32_t owner_of_row(const struct core_engine *e, uint32_t lane, uint32_t row)
{
	uint32_t account = *row_account(e, lane, row);
	for (unsigned i = e->live ? CORE_HISTORY : e->queued; i-- > 0;) {
		unsigned back = e->live ? e->queued + CORE_HISTORY - 1 - i : i;
		const struct core_queued *entry = &e->queue[(e->queue_first + back) % CORE_HISTORY];
		if (entry->new_row && entry->word.place.place_lane == lane &&
		    entry->word.place.place_row == row)
			account = e->live ? 0 : entry->row_before;
	}
	return account;
}

/* The card stores no account ids beside its rows; and a damaged account word may have lost its
 * own. */
static void name_account(const struct core_engine *e, union fb_record *record)
{
	struct fb_rec_fault *fault = &record->fault;
	if (fault->account != 0 || fault->lane >= e->geometry.lanes)
		return;
	if (fault->fault == FB_FAULT_ROW_PARITY && fault->address < e->geometry.rows)
		fault->account = owner_of_row(e, fault->lane, fault->address);
	if (fault->fault == FB_FAULT_ACCOUNT_PARITY && fault->address < e->geometry.accounts)
		fault->account = seat_account(e, fault->lane, fault->address);
}

static void note_record(struct core_engine *e, union fb_record *record)
{
	uint8_t kind = record->header.kind;
	if (kind == FB_REC_FAULT)
		name_account(e, record);
	bool due = kind == FB_REC_REJECT || kind == FB_REC_FUNDING ||
		   (kind == FB_REC_FAULT && record->fault.fault == FB_FAULT_SEQUENCE);
	if (due && e->records_due)
		e->records_due--;
	if (kind == FB_REC_BATCH_END && e->ends_due)
		e->ends_due--;
}

/* Nobody above sees that two level changes came in one word. */
static int unpair(struct core_engine *e, union fb_record *record)
{
	union fb_record two[2];
	e->why = fb_level_pair_open(&record->level_pair, two);
	if (e->why) {
		e->dead = true;
		return -EIO;
	}
	*record = two[0];
	e->second = two[1];
	e->seconds = true;
	e->level_pairs++;
	return 1;
}

/* One clock cycle, or one step of a driver; none while the second of a pair waits. 1: a record was
 * written to *out; 0; -EIO. */
static int tick(struct core_engine *e, union fb_record *out)
{
	if (e->seconds) {
		e->seconds = false;
		*out = e->second;
		return 1;
	}
	struct fb_core_io io = {
		.command = e->queued ? &e->queue[e->queue_first].word : NULL,
		.record_ready = fb_mix_below(fb_mix(e->args.seed ^ fb_mix(e->ticks)), 100) >=
				e->args.stall_percent,
	};
	e->ops->tick(e->core, &io);
	e->ticks++;
	if (io.error < 0) {
		e->dead = true;
		return -EIO;
	}
	if (io.command_taken)
		dequeue(e);
	/* A driver's clock is that of the newest status line: silence counts from the first one
	 * that says that nothing is on its way. */
	if (io.command_taken || io.record_valid || io.busy || e->busy)
		e->heard = e->ops->cycles(e->core);
	e->busy = io.busy;
	if (!io.record_valid)
		return 0;
	*out = io.record;
	if (out->header.kind == FB_REC_LEVEL_PAIR)
		return unpair(e, out);
	note_record(e, out);
	return 1;
}

static uint64_t quiet(const struct core_engine *e)
{
	return e->ops->cycles(e->core) - e->heard;
}

/* No record will come without a further command. In an open batch REJECT and FUNDING records may
 * come at once or with the batch's end, as the core likes; so there a long silence decides. */
static bool is_idle(const struct core_engine *e)
{
	if (e->queued || e->ends_due || e->seconds)
		return false;
	return e->records_due == 0 || (!e->busy && quiet(e) > e->geometry.rows + QUIET_CYCLES);
}

/* What a core that runs by itself has written is read at once, up to the end of a batch; steps of
 * its driver, which look at everything else, are for when nothing is there. Records, or -EIO. */
static int receive(struct core_engine *e, union fb_record *out, size_t room)
{
	size_t n = 0;
	int got = 1;
	uint8_t last = 0;
	while (n < room && got > 0 && last != FB_REC_BATCH_END) {
		got = e->seconds ? tick(e, &out[n]) : e->live->receive(e->core, &out[n], room - n);
		if (got <= 0)
			break;
		n += (size_t)got;
		last = out[n - 1].header.kind;
		if (last == FB_REC_LEVEL_PAIR)
			got = unpair(e, &out[n - 1]);
		else if (last != FB_REC_LEVEL)
			note_record(e, &out[n - 1]);
	}
	if (got < 0) {
		e->dead = true;
		return -EIO;
	}
	if (n > 0) {
		e->heard = e->ops->cycles(e->core);
		e->busy = true; /* until a step says otherwise */
	}
	return (int)n;
}

static size_t give_own(struct core_engine *e, union fb_record *out, size_t room)
{
	size_t n = e->owns < room ? e->owns : room;
	memcpy(out, e->own, n * sizeof(*out));
	memmove(e->own, e->own + n, (e->owns - n) * sizeof(*out));
	e->owns -= (unsigned)n;
	return n;
}

static int hangs(struct core_engine *e)
{
	e->dead = true;
	if (e->live)
		e->live->hangs(e->core, CORE_WATCHDOG_CYCLES);
	return -EIO;
}

/* A core that runs by itself may have something to say when nothing is due: its audit does. */
int fb_core_poll(struct fb_engine *engine, union fb_record *out, size_t room, int *idle)
{
	struct core_engine *e = core_engine(engine);
	unsigned steps = e->live ? STEPS_PER_POLL : CYCLES_PER_POLL;
	if (e->dead)
		return -EIO;
	size_t n = e->owns ? give_own(e, out, room) : 0;
	if (e->live && e->queued == 0) {
		int got = receive(e, out + n, room - n);
		if (got != 0 && idle) /* there may be more */
			*idle = 0;
		if (got != 0)
			return got < 0 ? got : (int)n + got;
	}
	for (unsigned i = 0; i < steps && n < room && ((e->live && i == 0) || !is_idle(e)); i++) {
		int got = tick(e, &out[n]);
		if (got < 0)
			return got;
		if (got == 1)
			n++;
		else if (n > 0)
			break; /* hand over what there is; the caller may have more to submit */
	}
	/* A live core's clock goes on while nothing is asked of it. */
	if (!is_idle(e) && quiet(e) > CORE_WATCHDOG_CYCLES)
		return hangs(e);
	bool silent = is_idle(e);
	if (silent)
		e->records_due = 0; /* what has not come by now was merged with another */
	if (idle)
		*idle = silent && !e->owns;
	return (int)n;
}
