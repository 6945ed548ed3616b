/* The driver over the card in plain C; see fakecard.h. */
#include "fakecard.h"

#include "../../sw/lib/engine_card.h"
#include "../unit/fake_card.h"

/* Unless told otherwise, so that the driver sees all of it: pairs, and changes that go alone. */
#define PAIR 60

static uint32_t small;

static int set(struct fake_card_noise *noise, const char *text, size_t n)
{
	const struct {
		const char *name;
		uint32_t *value;
	} knobs[] = { { "lose", &noise->lose },       { "flip", &noise->flip },
		      { "split", &noise->split },     { "repeat", &noise->repeat },
		      { "torn", &noise->torn },       { "stale", &noise->stale },
		      { "no_room", &noise->no_room }, { "ring", &fake_card_plan.ring_bits },
		      { "pair", &noise->pair },       { "seed", &small } };
	for (size_t i = 0; i < sizeof(knobs) / sizeof(knobs[0]); i++) {
		size_t length = strlen(knobs[i].name);
		if (length < n && strncmp(text, knobs[i].name, length) == 0 &&
		    text[length] == '=') {
			*knobs[i].value = (uint32_t)strtoul(text + length + 1, NULL, 10);
			return 0;
		}
	}
	return -EINVAL;
}

static int open_port(const char *args, struct fb_card_port **out, struct fb_error *error)
{
	fake_card_reset_plan();
	fake_card_plan.noise.pair = PAIR;
	small = 0;
	for (const char *at = args; *at;) {
		size_t n = strcspn(at, ",");
		if (set(&fake_card_plan.noise, at, n) < 0)
			return fb_error_set(error, -EINVAL, "fakecard: no such knob: %.60s", at);
		at += n;
		at += *at == ',';
	}
	fake_card_plan.noise.seed = small;
	return fake_card_open(args, out, error);
}

int fakecard_open(const char *args, struct fb_engine **out, struct fb_error *error)
{
	return fb_card_engine_open("fakecard", open_port, args, out, error);
}
