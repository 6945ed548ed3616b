/* The emitters on plain memory: all 64 bytes, nothing beside them, whatever the source's alignment.
 *
 * Where the processor has no MOVDIR64B or no AVX-512, its trap for an unknown instruction stands
 * in: the handler does what the two instructions of emit.c do, from their bytes and registers. */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "../../sw/lib/emit.h"

#define PAGE 4096
#define LINES 8

static unsigned played; /* instructions that the handler did */

#if defined(__x86_64__)

static uint8_t zmm16[64];

static void play(int number, siginfo_t *info, void *context)
{
	static const uint8_t movdir64b[] = { 0x66, 0x0f, 0x38, 0xf8, 0x3e };
	static const uint8_t load[] = { 0x62, 0xe1, 0xfe, 0x48, 0x6f, 0x06 };
	static const uint8_t store[] = { 0x62, 0xe1, 0xfd, 0x48, 0x7f, 0x07 };
	greg_t *reg = ((ucontext_t *)context)->uc_mcontext.gregs;
	const uint8_t *at = (const uint8_t *)reg[REG_RIP];
	const void *from = (const void *)reg[REG_RSI];
	void *to = (void *)reg[REG_RDI];
	(void)number;
	(void)info;
	played++;
	if (memcmp(at, load, sizeof(load)) == 0) {
		memcpy(zmm16, from, 64);
		reg[REG_RIP] += (greg_t)sizeof(load);
		return;
	}
	/* Both stores fault on an address that is no multiple of 64. */
	if ((uintptr_t)to % 64 != 0)
		_exit(100);
	if (memcmp(at, store, sizeof(store)) == 0) {
		memcpy(to, zmm16, 64);
		reg[REG_RIP] += (greg_t)sizeof(store);
	} else if (memcmp(at, movdir64b, sizeof(movdir64b)) == 0) {
		memcpy(to, from, 64);
		reg[REG_RIP] += (greg_t)sizeof(movdir64b);
	} else {
		_exit(101);
	}
}

static void stand_in(void)
{
	struct sigaction action;
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = play;
	action.sa_flags = SA_SIGINFO;
	ck_assert_int_eq(sigaction(SIGILL, &action, NULL), 0);
}

#else
static void stand_in(void)
{
}
#endif

/* The last line ends where a page begins that nobody may touch. */
static uint8_t *window(void)
{
	uint8_t *m = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			  0);
	ck_assert_ptr_ne(m, MAP_FAILED);
	ck_assert_int_eq(mprotect(m + PAGE, PAGE, PROT_NONE), 0);
	return m + PAGE - LINES * 64;
}

static void store_everywhere(const struct fb_emitter *e, uint8_t *window_at, const uint8_t *source)
{
	uint8_t expected[LINES * 64];
	for (size_t line = 0; line < LINES; line++) {
		memset(window_at, 0xa5, LINES * 64);
		memset(expected, 0xa5, sizeof(expected));
		memcpy(expected + line * 64, source, 64);
		e->line(window_at + line * 64, (const union fb_command *)(const void *)source);
		e->flush();
		ck_assert_msg(memcmp(window_at, expected, sizeof(expected)) == 0, "%s, line %zu",
			      e->name, line);
	}
}

START_TEST(all_bytes_and_no_other)
{
	const struct fb_emitter *e = &fb_emitters[_i];
	_Alignas(64) uint8_t room[128];
	uint8_t *w = window();
	stand_in();
	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = (uint8_t)(i * 37 + 11);
	for (size_t offset = 0; offset < 64; offset += 8)
		store_everywhere(e, w, room + offset);
	/* A source whose 64 bytes are the last of a page. */
	memcpy(w + (LINES - 1) * 64, room, 64);
	e->line(w, (const union fb_command *)(const void *)(w + (LINES - 1) * 64));
	e->flush();
	ck_assert_mem_eq(w, room, 64);
	ck_assert_msg(e->here() || played > 0, "%s neither ran nor was stood in for", e->name);
	printf("%-10s %s\n", e->name, e->here() ? "on this processor" : "stood in for");
}
END_TEST

/* Lines written behind one another, some of them twice, end as the last one said. */
START_TEST(repeated_and_out_of_order)
{
	const struct fb_emitter *e = &fb_emitters[_i];
	static const size_t order[] = { 3, 0, 7, 3, 1, 2, 6, 5, 4, 0 };
	union fb_command line;
	uint8_t *w = window();
	stand_in();
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		memset(&line, (int)(order[i] + 16 * i), sizeof(line));
		e->line(w + order[i] * 64, &line);
	}
	e->flush();
	for (size_t slot = 0; slot < LINES; slot++) {
		size_t last = 0;
		for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
			last = order[i] == slot ? i : last;
		for (size_t b = 0; b < 64; b++)
			ck_assert_uint_eq(w[slot * 64 + b], (uint8_t)(slot + 16 * last));
	}
}
END_TEST

static const struct fb_emitter *best(bool combines)
{
	for (size_t i = 0; i < fb_emitters_n; i++)
		if (fb_emitters[i].here() && fb_emitters[i].combines == combines)
			return &fb_emitters[i];
	return NULL;
}

START_TEST(what_is_chosen)
{
	struct fb_error error = { .text = "" };
	const struct fb_emitter *e;
	/* without a mapping nothing that needs one */
	e = fb_emitter_choose(FB_EMIT_AUTO, false, &error);
	ck_assert_ptr_nonnull(e);
	ck_assert(!e->combines);
	ck_assert_ptr_eq(e, best(false));
	e = fb_emitter_choose(FB_EMIT_AUTO, true, &error);
	ck_assert_ptr_eq(e, strcmp(best(false)->name, "movdir64b") == 0 ? best(false) : best(true));
	e = fb_emitter_choose(FB_EMIT_WC, true, &error);
	ck_assert_ptr_eq(e, best(true));
	e = fb_emitter_choose(FB_EMIT_UC, true, &error);
	ck_assert_str_eq(e->name, "uc");
	ck_assert_ptr_null(fb_emitter_choose(FB_EMIT_WC, false, &error));
	ck_assert_msg(strstr(error.text, "resource2_wc") && strstr(error.text, "emit=auto"), "%s",
		      error.text);
}
END_TEST

START_TEST(what_the_processor_has_not)
{
	static const enum fb_emit named[] = { FB_EMIT_MOVDIR64B, FB_EMIT_AVX512 };
	for (size_t i = 0; i < 2; i++) {
		struct fb_error error = { .text = "" };
		const struct fb_emitter *e = fb_emitter_choose(named[i], true, &error);
		bool here = false;
		for (size_t k = 0; k < fb_emitters_n; k++)
			here |= fb_emitters[k].kind == named[i] && fb_emitters[k].here();
		ck_assert(here == (e != NULL));
		if (e)
			ck_assert_int_eq(e->kind, named[i]);
		else
			ck_assert_msg(strstr(error.text, fb_emit_names[named[i]]) &&
					      strstr(error.text, "processor"),
				      "%s", error.text);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("emit");
	TCase *tests = tcase_create("emit");
	suite_add_tcase(suite, tests);
	tcase_add_loop_test(tests, all_bytes_and_no_other, 0, (int)fb_emitters_n);
	tcase_add_loop_test(tests, repeated_and_out_of_order, 0, (int)fb_emitters_n);
	tcase_add_test(tests, what_is_chosen);
	tcase_add_test(tests, what_the_processor_has_not);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
