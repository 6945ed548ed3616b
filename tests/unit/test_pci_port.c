/* The port by way of sysfs, on recorded trees: what it reads and writes, and that whatever fails it
 * leaves everything as it was. */
#include <signal.h>

#include "pci_port_kit.h"

START_TEST(registers_lines_and_addresses)
{
	union fb_command line;
	uint32_t value = 0;
	uint64_t frame;
	kit_card(&card);
	ck_assert_msg(open_port("1:0.0,dma=pagemap,emit=wc") == 0, "%s", error.text);
	ck_assert_str_eq(port->path,
			 "pci:0000:01:00.0,access=sysfs,emit=wc,dma=pagemap,ring=14");
	ck_assert_int_eq(strncmp(port->emitter, "wc ", 3), 0);
	ck_assert_uint_eq(kit_command(&card), 0x0006);

	ck_assert_int_eq(port->ops->write32(port, FB_REG_KILL, 0x12345678), 0);
	ck_assert_uint_eq(word_of("resource0", FB_REG_KILL), 0x12345678);
	ck_assert_int_eq(port->ops->read32(port, FB_REG_KILL, &value), 0);
	ck_assert_uint_eq(value, 0x12345678);

	for (uint32_t slot = 0; slot < FB_WINDOW_SLOTS; slot++) {
		memset(&line, (int)slot, sizeof(line));
		ck_assert_int_eq(port->ops->emit(port, slot, &line), 0);
	}
	port->ops->flush(port);
	ck_assert_uint_eq(word_of("resource2_wc", 255 * 64 + 60), 0xffffffff);
	ck_assert_uint_eq(word_of("resource2_wc", 3 * 64), 0x03030303);
	ck_assert_uint_eq(word_of("resource2", 3 * 64), 0);

	frame = FAKE_FRAME + (uintptr_t)port->ring / 4096;
	ck_assert_uint_eq(port->ring_bus, frame * 4096);
	ck_assert_uint_eq(port->status_bus, port->ring_bus + (64u << 14));
	ck_assert_ptr_eq((const void *)((uintptr_t)port->status),
			 (const void *)((uintptr_t)port->ring + (64u << 14)));
	ck_assert_uint_eq(port->ring_bits, 14);
	ck_assert_uint_eq((uintptr_t)port->ring % 4096, 0);
	ck_assert_uint_eq(f.pinned, 2u << 20);
	ck_assert_int_eq(port->ops->relax(port), 0);
	ck_assert_str_eq(port->ops->why(port), "");
	ck_assert_uint_gt(port->ops->now_ns(port), 0);
	close_port();
	ck_assert_uint_eq(kit_command(&card), 0x0002);
}
END_TEST

START_TEST(uncached_lines_go_to_the_uncached_file)
{
	union fb_command line;
	memset(&line, 0x5a, sizeof(line));
	kit_card(&card);
	ck_assert_msg(open_port("dma=pagemap,emit=uc") == 0, "%s", error.text);
	ck_assert_str_eq(port->emitter, "uc");
	ck_assert_int_eq(port->ops->emit(port, 9, &line), 0);
	ck_assert_uint_eq(word_of("resource2", 9 * 64 + 60), 0x5a5a5a5a);
	ck_assert_uint_eq(word_of("resource2_wc", 9 * 64), 0);
	close_port();
	/* without the other file nothing combines */
	card.combining = false;
	unlink(kit_path("/sys/bus/pci/devices/%s/resource2_wc", card.bdf));
	ck_assert_msg(open_port("dma=pagemap") == 0, "%s", error.text);
	ck_assert_int_ne(strncmp(port->emitter, "wc", 2), 0);
	close_port();
	ck_assert_int_eq(open_port("dma=pagemap,emit=wc"), -ENOTSUP);
	ck_assert_ptr_nonnull(strstr(error.text, "resource2_wc"));
	fake_empty(&f);
}
END_TEST

/* Off before anything is mapped, on last; off again before the memory goes, and then as it was. */
START_TEST(bus_mastering)
{
	static const uint16_t found[] = { 0x0000, 0x0002, 0x0004, 0x0006, 0x0542, 0x0407 };
	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
		card.command = found[i];
		kit_card(&card);
		fake_init(&f);
		ck_assert_msg(open_port("dma=pagemap") == 0, "%s", error.text);
		ck_assert_uint_eq(kit_command(&card), found[i] | 6);
		/* the page map, then the file of the command window is closed */
		ck_assert_str_eq(f.story, "Mc-BBc+");
		f.told = 0;
		memset(f.story, 0, sizeof(f.story));
		close_port();
		ck_assert_str_eq(f.story, found[i] & 4 ? "-uuu+cc" : "-uuu-cc");
		ck_assert_uint_eq(kit_command(&card), found[i]);
	}
}
END_TEST

/* Off while the port is open, whether it was on or not; nothing else of that register changes. */
START_TEST(relaxed_ordering)
{
	for (int relaxed = 0; relaxed < 2; relaxed++) {
		card.relaxed = relaxed;
		kit_card(&card);
		fake_init(&f);
		ck_assert_msg(open_port("dma=pagemap") == 0, "%s", error.text);
		ck_assert_uint_eq(kit_register(&card, 0x78), 0x0020);
		ck_assert_str_eq(f.story, relaxed ? "Mc-oBBc+" : "Mc-BBc+");
		close_port();
		ck_assert_uint_eq(kit_register(&card, 0x78), relaxed ? 0x0030 : 0x0020);
	}
}
END_TEST

/* A list of capabilities that leads nowhere, beyond the end, or in a circle. */
START_TEST(damaged_capabilities)
{
	static const struct {
		uint8_t at, value;
	} damage[] = { { 0x06, 0x00 }, { 0x34, 0x00 }, { 0x34, 0x3c }, { 0x34, 0xff },
		       { 0x70, 0x05 }, { 0x71, 0x70 }, { 0x34, 0xfc } };
	card.relaxed = true;
	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		kit_card(&card);
		int fd = open(kit_path("/sys/bus/pci/devices/%s/config", card.bdf), O_WRONLY);
		if (damage[i].at == 0x71) /* another number as well, so that the search goes on */
			ck_assert_int_eq(pwrite(fd, &(uint8_t){ 0x05 }, 1, 0x70), 1);
		/* Where no capability may be, something that looks like one, and the bit. */
		for (int at = 0x3c; at <= 0xfc; at += 0xfc - 0x3c) {
			ck_assert_int_eq(pwrite(fd, &(uint8_t){ 0x10 }, 1, at), 1);
			ck_assert_int_eq(pwrite(fd, &(uint8_t){ 0x10 }, 1, at + 8), 1);
		}
		ck_assert_int_eq(pwrite(fd, &damage[i].value, 1, damage[i].at), 1);
		close(fd);
		fake_init(&f);
		ck_assert_msg(open_port("dma=pagemap") == 0, "%s", error.text);
		ck_assert_str_eq(f.story, "Mc-BBc+");
		close_port();
		ck_assert_uint_eq(kit_register(&card, 0x78), 0x0030);
	}
}
END_TEST

START_TEST(sessions_do_not_repeat)
{
	uint32_t before = 0;
	kit_card(&card);
	for (int i = 0; i < 8; i++) {
		ck_assert_msg(open_port("dma=pagemap") == 0, "%s", error.text);
		ck_assert_uint_ne(port->nonce, 0);
		ck_assert_uint_ne(port->nonce, UINT32_MAX);
		ck_assert_uint_ne(port->nonce, before);
		before = port->nonce;
		close_port();
	}
}
END_TEST

/* ---- every call of the system fails once ---- */

START_TEST(whatever_fails_nothing_is_left)
{
	int at = 0, opened = 0;
	card.command = 0x0406;
	card.relaxed = true;
	kit_card(&card);
	for (at = 0; !opened && at < 100; at++) {
		fake_init(&f);
		f.fail_at = at;
		int err = open_port("dma=pagemap,emit=wc");
		if (err == 0) {
			/* relaxed ordering that stays on is not the end of it */
			opened = f.calls <= at;
			close_port();
		} else {
			ck_assert_msg(*error.text, "call %d: %d without a text", at, err);
			ck_assert_ptr_null(port);
		}
		fake_empty(&f);
		ck_assert_msg(kit_command(&card) == 0x0406, "call %d", at);
		ck_assert_msg(kit_register(&card, 0x78) == 0x0030, "call %d", at);
	}
	ck_assert_int_eq(opened, 1);
	ck_assert_int_gt(at, 12);
}
END_TEST

/* Closing goes on past what fails in it. */
START_TEST(closing_past_a_failure)
{
	kit_card(&card);
	for (int at = 0; at < 8; at++) {
		fake_init(&f);
		ck_assert_msg(open_port("dma=pagemap") == 0, "%s", error.text);
		f.fail_at = f.calls + at;
		close_port();
	}
}
END_TEST

/* ---- a card that vanishes ---- */

static void vanish(const char *file)
{
	ck_assert_int_eq(truncate(kit_path("/sys/bus/pci/devices/%s/%s", card.bdf, file), 0), 0);
}

START_TEST(registers_vanish)
{
	uint32_t value = 0;
	struct sigaction before, after;
	kit_card(&card);
	sigaction(SIGBUS, NULL, &before);
	ck_assert_msg(open_port("dma=pagemap") == 0, "%s", error.text);
	vanish("resource0");
	ck_assert_int_eq(port->ops->relax(port), 0); /* nobody has looked yet */
	ck_assert_int_eq(port->ops->read32(port, FB_REG_MAGIC, &value), -ENODEV);
	ck_assert_uint_eq(value, UINT32_MAX);
	ck_assert_int_eq(port->ops->write32(port, FB_REG_KILL, 1), -ENODEV);
	ck_assert_int_eq(port->ops->relax(port), -ENODEV);
	ck_assert_msg(strstr(port->ops->why(port), "0000:01:00.0 vanished") &&
			      strstr(port->ops->why(port), "rescan"),
		      "%s", port->ops->why(port));
	close_port();
	sigaction(SIGBUS, NULL, &after);
	ck_assert(after.sa_sigaction == before.sa_sigaction);
}
END_TEST

START_TEST(the_command_window_vanishes)
{
	static const char *const emits[] = { "dma=pagemap,emit=wc", "dma=pagemap,emit=uc" };
	static const char *const files[] = { "resource2_wc", "resource2" };
	union fb_command line;
	memset(&line, 1, sizeof(line));
	for (int i = 0; i < 2; i++) {
		kit_card(&card);
		ck_assert_msg(open_port(emits[i]) == 0, "%s", error.text);
		ck_assert_int_eq(port->ops->emit(port, 0, &line), 0);
		vanish(files[i]);
		ck_assert_int_eq(port->ops->emit(port, 255, &line), -ENODEV);
		port->ops->flush(port);
		close_port();
	}
}
END_TEST

/* The link is down: configuration space reads as ones. */
START_TEST(a_card_that_does_not_answer)
{
	uint8_t ones[4] = { 0xff, 0xff, 0xff, 0xff };
	kit_card(&card);
	int fd = open(kit_path("/sys/bus/pci/devices/%s/config", card.bdf), O_WRONLY);
	ck_assert_int_eq(pwrite(fd, ones, 4, 4), 4);
	close(fd);
	ck_assert_int_eq(open_port("dma=pagemap"), -ENODEV);
	ck_assert_msg(strstr(error.text, "does not answer"), "%s", error.text);
	ck_assert_uint_eq(kit_command(&card), 0xffff);
	fake_empty(&f);
}
END_TEST

int main(void)
{
	if (kit_needs_libpci())
		return 77;
	Suite *suite = suite_create("pci_port");
	TCase *tests = tcase_create("sysfs");
	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, registers_lines_and_addresses);
	tcase_add_test(tests, uncached_lines_go_to_the_uncached_file);
	tcase_add_test(tests, bus_mastering);
	tcase_add_test(tests, relaxed_ordering);
	tcase_add_test(tests, damaged_capabilities);
	tcase_add_test(tests, sessions_do_not_repeat);
	tcase_add_test(tests, whatever_fails_nothing_is_left);
	tcase_add_test(tests, closing_past_a_failure);
	tcase_add_test(tests, registers_vanish);
	tcase_add_test(tests, the_command_window_vanishes);
	tcase_add_test(tests, a_card_that_does_not_answer);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
