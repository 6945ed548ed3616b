/* The steps of the self-test and what is printed of them. See <firebreak/selftest.h>. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "../../sim/port.h"
#include "json_write.h"
#include "pci_port.h"
#include "selftest_internal.h"

#define FENCES 64
/* The ring is filled this many times, if that takes no more fences than WRAP_FENCES. */
#define WRAPS 3
#define WRAP_FENCES 200000

bool selftest_say(struct fb_selftest *test, const char *name, bool passed, const char *format, ...)
{
	assert(test->steps < FB_SELFTEST_STEPS);
	struct fb_selftest_step *step = &test->step[test->steps++];
	va_list args;
	step->name = name;
	step->passed = passed;
	va_start(args, format);
	vsnprintf(step->text, sizeof(step->text), format, args);
	va_end(args);
	return passed;
}

static bool fences(struct fb_selftest *test, struct fb_engine *engine, uint64_t *seq)
{
	return selftest_fences(test, engine, FENCES, seq) &&
	       selftest_say(test, "fence", true, "%u cookies came back", FENCES);
}

static bool say_identity(struct fb_selftest *test, const struct fb_card_identity *id)
{
	return selftest_say(test, "identity", true,
			    "contract %u, layout hash %08x; %u lanes in groups of %u, %u rows and "
			    "%u accounts a lane; %u MHz; commit %016" PRIx64,
			    FB_CONTRACT_VERSION, FB_LAYOUT_HASH, id->geometry.lanes,
			    id->geometry.group, id->geometry.rows, id->geometry.accounts,
			    id->clock_hz / 1000000, id->git_hash);
}

static bool wrap(struct fb_selftest *test, struct fb_engine *engine, uint64_t *seq)
{
	struct fb_card_driver *card = fb_card_engine_driver(engine);
	uint64_t size = UINT64_C(1) << fb_card_port(card)->ring_bits, sent = 0;
	const struct fb_card_counts *counts = fb_card_counts(card);
	while (counts->received < WRAPS * size && sent < WRAP_FENCES) {
		if (!selftest_fences(test, engine, FENCES, seq))
			return false;
		sent += FENCES;
	}
	return selftest_say(test, "ring", counts->received >= size,
			    "%" PRIu64 " records through a ring of %" PRIu64, counts->received,
			    size);
}

/* What the card counted in this session, and the driver in all. */
static bool counters(struct fb_selftest *test, struct fb_engine *engine, uint32_t stale,
		     uint32_t unsupported)
{
	struct fb_card_driver *card = fb_card_engine_driver(engine);
	struct fb_card_port *port = (struct fb_card_port *)(uintptr_t)fb_card_port(card);
	const struct fb_card_counts *counts = fb_card_counts(card);
	uint32_t now[2] = { 0, 0 };
	if (port->ops->read32(port, FB_REG_STALE, &now[0]) ||
	    port->ops->read32(port, FB_REG_UNSUPPORTED, &now[1]))
		return selftest_say(test, "counters", false, "reads fail: %s",
				    port->ops->why(port));
	bool clean = counts->gaps == 0 && counts->resent == 0 && now[0] == stale &&
		     now[1] == unsupported;
	return selftest_say(test, "counters", clean,
			    "%" PRIu64 " commands sent, %" PRIu64 " gaps, %" PRIu64
			    " sent again, %u stale, %u requests unsupported%s",
			    counts->sent, counts->gaps, counts->resent, now[0] - stale,
			    now[1] - unsupported,
			    clean ? "" : "; the link loses or repeats writes");
}

/* With the port open and no session. The card takes the port. */
static void card_steps(struct fb_selftest *test, const char *name, struct fb_card_port *port,
		       const struct fb_card_args *args, uint64_t seed)
{
	struct fb_card_identity identity;
	struct fb_card_driver *card;
	struct fb_engine *engine;
	struct fb_engine_info info;
	struct fb_error error;
	uint32_t stale = 0, unsupported = 0;
	uint64_t seq = 0;
	if (fb_card_identify(port, &identity, &error))
		selftest_say(test, "identity", false, "%s", error.text);
	else if (say_identity(test, &identity) && selftest_registers(test, port) &&
		 port->ops->read32(port, FB_REG_STALE, &stale) == 0 &&
		 port->ops->read32(port, FB_REG_UNSUPPORTED, &unsupported) == 0) {
		if (fb_card_open(port, args->patience, &card, &error) ||
		    fb_card_engine_over(name, card, args, &engine, &error)) {
			selftest_say(test, "session", false, "%s", error.text);
			return;
		}
		fb_engine_info(engine, &info);
		snprintf(test->uri, sizeof(test->uri), "%s", info.uri);
		test->passed = selftest_say(test, "session", true,
					    "open, and the core reset; emitter %s",
					    info.card.emitter) &&
			       fences(test, engine, &seq) &&
			       selftest_words(test, engine, seed, &seq) &&
			       wrap(test, engine, &seq) &&
			       counters(test, engine, stale, unsupported);
		fb_engine_close(engine);
		return;
	}
	port->ops->close(port);
}

void fb_selftest_card(const char *name, fb_card_port_open open_port, const char *text,
		      uint64_t seed, struct fb_selftest *test)
{
	struct fb_card_args args;
	struct fb_card_port *port;
	struct fb_error error;
	memset(test, 0, sizeof(*test));
	snprintf(test->uri, sizeof(test->uri), "%s:%.200s", name, text);
	if (fb_card_args_parse(name, text, &args, &error) || open_port(args.port, &port, &error)) {
		selftest_say(test, "open", false, "%s", error.text);
		return;
	}
	card_steps(test, name, port, &args, seed);
}

static void engine_steps(struct fb_selftest *test, struct fb_engine *engine, uint64_t seed)
{
	struct fb_engine_info info;
	uint64_t seq = 0;
	fb_engine_info(engine, &info);
	snprintf(test->uri, sizeof(test->uri), "%s", info.uri);
	test->passed = selftest_say(test, "identity", true,
				    "contract %u, layout hash %08x; room for %" PRIu64
				    " accounts and %" PRIu64 " positions",
				    FB_CONTRACT_VERSION, FB_LAYOUT_HASH, info.accounts_max,
				    info.rows_max) &&
		       fences(test, engine, &seq) && selftest_words(test, engine, seed, &seq);
}

int fb_selftest_run(const char *uri, uint64_t seed, struct fb_selftest *out,
		    struct fb_error *error)
{
	struct fb_engine *engine;
	if (strncmp(uri, "sim:", 4) == 0 || strncmp(uri, "pci:", 4) == 0) {
		bool sim = uri[0] == 's';
		fb_selftest_card(sim ? "sim" : "pci", sim ? fb_sim_port_open : fb_pci_port_open,
				 uri + 4, seed, out);
		return 0;
	}
	memset(out, 0, sizeof(*out));
	int err = fb_engine_open(uri, &engine, error);
	if (err)
		return err;
	engine_steps(out, engine, seed);
	fb_engine_close(engine);
	return 0;
}

/* ---- what people and programs read ---- */

void fb_selftest_print(const struct fb_selftest *test, FILE *out)
{
	fprintf(out, "self-test of %s\n", test->uri);
	for (unsigned i = 0; i < test->steps; i++)
		fprintf(out, "  %s  %-13s %s\n", test->step[i].passed ? "PASS" : "FAIL",
			test->step[i].name, test->step[i].text);
	fprintf(out, "%s\n", test->passed ? "PASS" : "FAIL");
}

void fb_selftest_print_json(const struct fb_selftest *test, FILE *out)
{
	fprintf(out, "{\n  \"engine\": ");
	fb_json_string(test->uri, out);
	fprintf(out, ",\n  \"steps\": [\n");
	for (unsigned i = 0; i < test->steps; i++) {
		fprintf(out, "    {\"name\": \"%s\", \"passed\": %s, \"text\": ",
			test->step[i].name, test->step[i].passed ? "true" : "false");
		fb_json_string(test->step[i].text, out);
		fprintf(out, "}%s\n", i + 1 < test->steps ? "," : "");
	}
	fprintf(out, "  ],\n  \"passed\": %s\n}\n", test->passed ? "true" : "false");
}
