/* The port by way of sysfs, on recorded trees: what it refuses, why and with which cure. */
#include "pci_port_kit.h"

static void refused(const char *args, int code, const char *cause, const char *cure)
{
	int err = open_port(args);
	ck_assert_msg(err == code, "pci:%s: %d, '%s'", args, err, error.text);
	ck_assert_msg(strstr(error.text, cause), "no '%s' in '%s'", cause, error.text);
	ck_assert_msg(strstr(error.text, cure), "no '%s' in '%s'", cure, error.text);
	/* the end of a text that was cut would be lost */
	ck_assert_uint_lt(strlen(error.text), sizeof(error.text) - 1);
	ck_assert_ptr_null(port);
	fake_empty(&f);
	/* and the command register was not written */
	ck_assert_ptr_null(strpbrk(f.story, "-+"));
}

START_TEST(no_card_and_wrong_device)
{
	struct kit_card other = card;
	other.bdf = "0000:02:00.0";
	other.vendor = 0x8086;
	other.device = 0x1533;
	kit_card(&other);
	refused("dma=pagemap", -ENODEV, "no Firebreak card (10ee:fb07)", "rescan");
	refused("01:00.0,dma=pagemap", -ENODEV, "no device at 0000:01:00.0", "firebreak doctor");
	refused("02:00.0,dma=pagemap", -ENODEV, "8086:1533", "firebreak info");
	refused("nowhere", -EINVAL, "'nowhere'", "pci:BDF");
	refused("02:00.0,ring=99", -EINVAL, "'ring=99'", "ring=6..20");
}
END_TEST

START_TEST(several_cards)
{
	struct kit_card second = card;
	second.bdf = "0000:41:00.0";
	kit_card(&card);
	kit_card(&second);
	refused("dma=pagemap", -EINVAL, "2 cards: 0000:01:00.0, 0000:41:00.0", "pci:0000:01:00.0");
	ck_assert_msg(open_port("41:00.0,dma=pagemap") == 0, "%s", error.text);
	ck_assert_uint_eq(kit_command(&second), 6);
	ck_assert_uint_eq(kit_command(&card), 2);
	close_port();
}
END_TEST

START_TEST(a_driver_is_bound)
{
	card.driver = "xdma";
	kit_card(&card);
	refused("", -EBUSY, "kernel driver xdma", "/driver/unbind");
	refused("access=sysfs,dma=pagemap", -EBUSY, "kernel driver xdma", "/driver/unbind");
	refused("access=vfio", -EBUSY, "bound to xdma", "echo vfio-pci >/sys/bus/pci/devices/");
	card.driver = "vfio-pci";
	kit_card(&card);
	refused("access=sysfs,dma=pagemap", -EBUSY, "bound to vfio-pci", "access=vfio");
}
END_TEST

START_TEST(no_driver_is_bound)
{
	kit_card(&card);
	refused("access=vfio", -ENODEV, "bound to no driver", "modprobe vfio-pci");
	refused("", -ENOTSUP, "has no driver", "dma=pagemap");
	refused("dma=iova", -ENOTSUP, "has no driver", "drivers_probe");
	refused("access=vfio,dma=pagemap", -EINVAL, "access=sysfs", "dma=iova");
}
END_TEST

START_TEST(bars_that_do_not_fit)
{
	card.bar0_bytes = 4096;
	kit_card(&card);
	refused("dma=pagemap", -ENODEV, "BAR0 has 4096 bytes, a card has 65536", "remove");
	card.bar0_bytes = FB_BAR0_BYTES;
	card.bar2_bytes = 8192;
	kit_card(&card);
	refused("dma=pagemap", -ENODEV, "BAR2 has 8192 bytes, a card has 16384", "remove");
	card.bar2 = 0;
	kit_card(&card);
	refused("dma=pagemap", -ENODEV, "BAR2 has no address", "pci=realloc");
	card.bar0 = 0;
	kit_card(&card);
	refused("dma=pagemap", -ENODEV, "BAR0 has no address", "rescan");
}
END_TEST

START_TEST(an_iommu_that_translates)
{
	card.group = 12;
	card.group_type = "DMA-FQ";
	kit_card(&card);
	refused("access=sysfs,dma=pagemap", -ENOTSUP, "translates (DMA-FQ)", "iommu=pt");
	card.group_type = "identity";
	kit_card(&card);
	ck_assert_msg(open_port("access=sysfs,dma=pagemap") == 0, "%s", error.text);
	close_port();
}
END_TEST

START_TEST(busy)
{
	kit_card(&card);
	ck_assert_msg(open_port("dma=pagemap") == 0, "%s", error.text);
	struct fb_card_port *first = port;
	int files = fake_files(&f), maps = f.maps;
	ck_assert_int_eq(open_port("dma=pagemap"), -EBUSY);
	ck_assert_msg(strstr(error.text, "busy") && strstr(error.text, "fuser"), "%s", error.text);
	ck_assert_int_eq(fake_files(&f), files);
	ck_assert_int_eq(f.maps, maps);
	ck_assert_uint_eq(kit_command(&card), 6);
	first->ops->close(first);
	fake_empty(&f);
	ck_assert_msg(open_port("dma=pagemap") == 0, "%s", error.text);
	close_port();
}
END_TEST

START_TEST(no_permission)
{
	kit_card(&card);
	if (geteuid() == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	else
		ck_assert_int_eq(chmod(kit_path("/sys/bus/pci/devices/%s/resource0", card.bdf), 0),
				 0);
	refused("dma=pagemap", -EACCES, "no permission to open /sys/bus/pci/devices/0000:01:00.0",
		"run as root");
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

START_TEST(no_huge_pages)
{
	kit_card(&card);
	f.huge_pages = 0;
	kit_line("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "0");
	refused("dma=pagemap", -ENOMEM, "no huge page", "sysctl vm.nr_hugepages=4");
	refused("dma=pagemap,ring=7", -ENOMEM, "no huge page", "ring=6");
	refused("dma=pagemap,ring=15", -EINVAL, "2 MiB", "ring=14");
	/* the last resort: a page that stays */
	kit_line("/proc/sys/vm/compact_unevictable_allowed", "1");
	refused("dma=pagemap,ring=6", -ENOMEM, "may move", "vm.compact_unevictable_allowed=0");
	kit_line("/proc/sys/vm/compact_unevictable_allowed", "0");
	ck_assert_msg(open_port("dma=pagemap,ring=6") == 0, "%s", error.text);
	ck_assert_uint_eq(f.pinned, 8192);
	ck_assert_uint_eq(port->ring_bus, (FAKE_FRAME + (uintptr_t)port->ring / 4096) * 4096);
	close_port();
}
END_TEST

START_TEST(no_physical_addresses)
{
	kit_card(&card);
	f.frames_hidden = true;
	refused("dma=pagemap", -EACCES, "pagemap does not tell", "run as root");
}
END_TEST

START_TEST(no_locked_memory)
{
	kit_card(&card);
	fake_init(&f);
	ck_assert_msg(open_port("dma=pagemap") == 0, "%s", error.text);
	close_port();
	/* which call it is: the first after the memory was mapped */
	for (int at = 0; at < 40; at++) {
		fake_init(&f);
		f.fail_at = at;
		f.fail_with = -EPERM;
		if (open_port("dma=pagemap") == 0)
			close_port();
		else if (strstr(error.text, "cannot be locked")) {
			ck_assert_ptr_nonnull(strstr(error.text, "ulimit -l unlimited"));
			return;
		}
	}
	ck_abort_msg("locking memory never failed");
}
END_TEST

int main(void)
{
	if (kit_needs_libpci())
		return 77;
	Suite *suite = suite_create("pci_port_refuse");
	TCase *tests = tcase_create("sysfs");
	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, no_card_and_wrong_device);
	tcase_add_test(tests, several_cards);
	tcase_add_test(tests, a_driver_is_bound);
	tcase_add_test(tests, no_driver_is_bound);
	tcase_add_test(tests, bars_that_do_not_fit);
	tcase_add_test(tests, an_iommu_that_translates);
	tcase_add_test(tests, busy);
	tcase_add_test(tests, no_permission);
	tcase_add_test(tests, no_huge_pages);
	tcase_add_test(tests, no_physical_addresses);
	tcase_add_test(tests, no_locked_memory);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
