/* See cycles_audit.h. The engine `core:` sets the book up, so that words arrive with their
 * placement; then the core is clocked by itself, because the audit needs cycles without a word. */
#include "cycles_audit.h"

#include <stdio.h>

#include "../../sw/lib/core_library.h"
#include "../../sw/lib/engine_core.h"
#include "../../sw/lib/mix.h"
#include "plain.h"

#define BOOK_STRIPES 20u
#define BOOK_SYMBOLS 5u
#define OFFERS 3000u
#define TIPPED BOOK_SYMBOLS /* the symbol of the row that is tipped */

static struct {
	struct fb_core_library library; /* stays open: the core's code lives in it */
	struct fb_core_ops ops;
	struct fb_core *core;
} bare;

static struct fb_core *bare_open(const char *wave)
{
	return bare.core = bare.library.ops->open(wave);
}

/* Several symbols, and a short row that one mark makes bankrupt and another calm. */
static void write_book(struct stream_writer *w, unsigned lanes)
{
	uint32_t n = lanes * BOOK_STRIPES;

	plain_tables(w);
	for (uint16_t s = 0; s <= TIPPED; s++)
		plain_symbol(w, s, 100 << 16, false);
	for (uint32_t a = 0; a < n; a++) {
		plain_account(w, a, 5000, true);
		plain_position(w, a, a, (uint16_t)(a % BOOK_SYMBOLS), 10, 1000, false);
	}
	plain_position(w, 0, n, TIPPED, -10, -1000, false);
}

static bool give(struct fb_engine *engine, const struct stream *stream)
{
	union fb_record out[64];
	int idle = 0;

	for (size_t i = 0; i < stream->n || !idle;) {
		while (i < stream->n && fb_engine_submit(engine, &stream->command[i].word) == 0)
			i++;
		if (fb_engine_poll(engine, out, 64, &idle) < 0)
			return false;
	}
	return true;
}

/* Cycles from the first offer of the word to the first decision record; clocks on to BATCH_END. 0:
 * there was none. */
static uint64_t first_record(const union fb_command *word)
{
	struct fb_core_io io = { .command = word, .record_ready = 1 };
	uint64_t start = bare.ops.cycles(bare.core), first = 0;

	for (unsigned cycle = 0; cycle < 100000; cycle++) {
		bare.ops.tick(bare.core, &io);
		if (io.command_taken)
			io.command = NULL;
		if (!io.record_valid || io.record.header.kind == FB_REC_AUDIT)
			continue;
		if (io.record.header.kind == FB_REC_BATCH_END)
			return first;
		if (!first)
			first = bare.ops.cycles(bare.core) - 1 - start;
	}
	return 0;
}

static void wait_cycles(uint32_t cycles)
{
	while (cycles-- > 0) {
		struct fb_core_io io = { .record_ready = 1 };
		bare.ops.tick(bare.core, &io);
	}
}

/* The most of many offers, each after another pause; 0: one of them gave no record. */
static uint64_t latest_of(struct stream_writer *w, unsigned offers)
{
	uint64_t latest = 0;

	for (unsigned k = 0; k < offers; k++) {
		plain_mark(w, TIPPED, UINT64_C(65536) * (k % 2 ? 100 : 100000), false);
		wait_cycles(fb_mix_below(fb_mix(k), 64));
		uint64_t found = first_record(&w->stream->command[w->stream->n - 1].word);
		if (!found)
			return 0;
		latest = found > latest ? found : latest;
	}
	return latest;
}

static bool measure(struct fb_engine *engine, struct stream_writer *w, unsigned lanes,
		    uint64_t *plain, uint64_t *latest)
{
	union fb_command audit = { .audit = { .op = FB_OP_AUDIT, .mode = 1 } };

	write_book(w, lanes);
	if (!give(engine, w->stream))
		return false;
	*plain = latest_of(w, 10);
	stream_add(w, &audit, false);
	first_record(&w->stream->command[w->stream->n - 1].word);
	*latest = latest_of(w, OFFERS);
	return *plain && *latest;
}

bool audit_delay(unsigned library, uint64_t *plain, uint64_t *latest)
{
	struct fb_error error = { "" };
	struct fb_core_geometry geometry;
	struct fb_engine *engine;
	struct stream stream;
	struct stream_writer writer;

	if (fb_core_library_open(&bare.library, library, "", &error) < 0) {
		printf("cycles: %s\n", error.text);
		return false;
	}
	bare.ops = *bare.library.ops;
	bare.ops.open = bare_open;
	if (fb_core_open_ops(&bare.ops, "", &engine, &error) < 0) {
		printf("cycles: %s\n", error.text);
		return false;
	}
	bare.ops.geometry(bare.core, &geometry);
	stream_begin(&writer, &stream);
	bool good = measure(engine, &writer, geometry.lanes, plain, latest);
	stream_free(&stream);
	fb_engine_close(engine);
	return good;
}
