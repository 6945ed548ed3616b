/* The engines `sim:` and `pci:`: placement, rejects and naming of engine_core.c over the driver of
 * a card. */
#include "engine_card.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../sim/port.h"
#include "engine_core.h"
#include "pci_port.h"

/* What engine_core.c takes for its core. */
struct card_core {
	struct fb_card_driver *card;
	const char *name; /* scheme of the URI */
	unsigned patience;
};

static struct card_core *card_core(struct fb_core *core)
{
	return (struct card_core *)(void *)core;
}

static const struct card_core *const_card_core(const struct fb_core *core)
{
	return (const struct card_core *)(const void *)core;
}

/* ---- the core's ops ---- */

static void get_geometry(const struct fb_core *core, struct fb_core_geometry *out)
{
	*out = fb_card_identity(const_card_core(core)->card)->geometry;
}

static void step(struct fb_core *core, struct fb_core_io *io)
{
	struct fb_card_driver *card = card_core(core)->card;
	int sent = io->command ? fb_card_send(card, io->command) : 0;
	int got = sent >= 0 ? fb_card_receive(card, &io->record, 1) : sent;
	if (sent == 0 && got == 0)
		got = fb_card_idle(card);
	io->error = got < 0 ? got : 0;
	io->command_taken = sent == 1;
	io->record_valid = got == 1;
	io->busy = !fb_card_quiet(card);
}

static int push(struct fb_core *core, const union fb_command *word)
{
	return fb_card_send(card_core(core)->card, word);
}

static int receive(struct fb_core *core, union fb_record *out, size_t room)
{
	return fb_card_receive(card_core(core)->card, out, room);
}

static uint32_t ahead(const struct fb_core *core)
{
	return fb_card_ahead(const_card_core(core)->card);
}

static void hangs(struct fb_core *core, uint64_t cycles)
{
	fb_card_hangs(card_core(core)->card, cycles);
}

static uint64_t get_cycles(const struct fb_core *core)
{
	return fb_card_cycles(const_card_core(core)->card);
}

static void describe_card(const struct fb_card_driver *card, struct fb_engine_card *out)
{
	const struct fb_card_port *port = fb_card_port(card);
	const struct fb_card_identity *id = fb_card_identity(card);
	const struct fb_card_counts *counts = fb_card_counts(card);
	*out = (struct fb_engine_card){
		.group = id->geometry.group,
		.rows_per_lane = id->geometry.rows,
		.accounts_per_lane = id->geometry.accounts,
		.clock_hz = id->clock_hz,
		.build_date = id->build_date,
		.capabilities = id->capabilities,
		.git_hash = id->git_hash,
		.ring_records = UINT64_C(1) << port->ring_bits,
		.sent = counts->sent,
		.received = counts->received,
		.gaps = counts->gaps,
		.resent = counts->resent,
	};
	snprintf(out->emitter, sizeof(out->emitter), "%s", port->emitter);
}

static void describe(const struct fb_core *core, const struct fb_core_args *args,
		     struct fb_engine_info *out)
{
	const struct card_core *c = const_card_core(core);
	const struct fb_card_port *port = fb_card_port(c->card);
	size_t scheme = strlen(c->name);
	bool whole = strncmp(port->path, c->name, scheme) == 0 && port->path[scheme] == ':';
	char patience[32] = "";
	if (c->patience != 1)
		snprintf(patience, sizeof(patience), ",patience=%u", c->patience);
	snprintf(out->uri, sizeof(out->uri), "%s%s%s%s%s", whole ? "" : c->name, whole ? "" : ":",
		 port->path, args->place == FB_PLACE_RANDOM ? ",place=random" : "", patience);
	describe_card(c->card, &out->card);
	snprintf(out->why, sizeof(out->why), "%s", fb_card_why(c->card));
	/* A simulated card's clock stands still unless it is polled. */
	out->own_clock = strcmp(port->emitter, "simulated") != 0;
}

static void close_core(struct fb_core *core)
{
	fb_card_close(card_core(core)->card);
	free(core);
}

static const struct fb_live_core live = {
	.ops = { .abi = FB_LAYOUT_HASH,
		 .geometry = get_geometry,
		 .tick = step,
		 .cycles = get_cycles,
		 .close = close_core },
	.push = push,
	.receive = receive,
	.ahead = ahead,
	.hangs = hangs,
	.describe = describe,
};

/* ---- arguments ---- */

static int bad_args(const char *name, const char *text, struct fb_error *error)
{
	return fb_error_set(error, -EINVAL,
			    "%s:%.100s: expected place=load or random, patience=1..%u, and "
			    "arguments of the port, %d letters at most",
			    name, text, FB_CARD_PATIENCE_MOST, FB_CARD_ARGS - 1);
}

static bool number(const char *text, size_t n, unsigned long long most, unsigned long long *out)
{
	char digits[24];
	if (n == 0 || n >= sizeof(digits) || strspn(text, "0123456789") < n)
		return false;
	memcpy(digits, text, n);
	digits[n] = '\0';
	errno = 0;
	*out = strtoull(digits, NULL, 10);
	return errno == 0 && *out <= most;
}

/* One argument. 1: it was the driver's; 0: it is the port's; -EINVAL. */
static int take_arg(struct fb_card_args *args, const char *text, size_t n)
{
	unsigned long long value;
	if (strncmp(text, "seed=", 5) == 0 && number(text + 5, n - 5, UINT64_MAX, &value))
		args->core.seed = value;
	if (strncmp(text, "patience=", 9) == 0) {
		if (!number(text + 9, n - 9, FB_CARD_PATIENCE_MOST, &value) || value == 0)
			return -EINVAL;
		args->patience = (unsigned)value;
		return 1;
	}
	if (strncmp(text, "place=", 6) != 0)
		return 0;
	bool random = n == 12 && memcmp(text + 6, "random", 6) == 0;
	if (!random && !(n == 10 && memcmp(text + 6, "load", 4) == 0))
		return -EINVAL;
	args->core.place = random ? FB_PLACE_RANDOM : FB_PLACE_LOAD;
	return 1;
}

int fb_card_args_parse(const char *name, const char *text, struct fb_card_args *out,
		       struct fb_error *error)
{
	size_t used = 0;
	*out = (struct fb_card_args){ .core = { .place = FB_PLACE_LOAD }, .patience = 1 };
	if (strlen(text) >= sizeof(out->port))
		return bad_args(name, text, error);
	for (const char *at = text; *at;) {
		size_t n = strcspn(at, ",");
		int own = take_arg(out, at, n);
		if (own < 0)
			return bad_args(name, text, error);
		if (!own) {
			if (used > 0)
				out->port[used++] = ',';
			memcpy(out->port + used, at, n);
			used += n;
		}
		at += n;
		at += *at == ',';
	}
	return 0;
}

/* ---- opening ---- */

int fb_card_engine_over(const char *name, struct fb_card_driver *card,
			const struct fb_card_args *args, struct fb_engine **out,
			struct fb_error *error)
{
	struct card_core *core = malloc(sizeof(*core));
	if (!core) {
		fb_card_close(card);
		return fb_error_set(error, -ENOMEM, "no memory for an engine");
	}
	*core = (struct card_core){ .card = card, .name = name, .patience = args->patience };
	return fb_core_open_live(&live, (struct fb_core *)(void *)core, &args->core, out, error);
}

int fb_card_engine_open(const char *name, fb_card_port_open open_port, const char *text,
			struct fb_engine **out, struct fb_error *error)
{
	struct fb_card_args args;
	struct fb_card_port *port;
	struct fb_card_driver *card;
	int err = fb_card_args_parse(name, text, &args, error);
	if (!err)
		err = open_port(args.port, &port, error);
	if (!err)
		err = fb_card_open(port, args.patience, &card, error);
	return err ? err : fb_card_engine_over(name, card, &args, out, error);
}

struct fb_card_driver *fb_card_engine_driver(struct fb_engine *engine)
{
	return card_core(fb_core_engine_core(engine))->card;
}

int fb_sim_open(const char *args, struct fb_engine **out, struct fb_error *error)
{
	return fb_card_engine_open("sim", fb_sim_port_open, args, out, error);
}

int fb_pci_open(const char *args, struct fb_engine **out, struct fb_error *error)
{
	return fb_card_engine_open("pci", fb_pci_port_open, args, out, error);
}
