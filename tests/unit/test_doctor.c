/* The doctor on recorded machines: one where all is well, and for every check what spoils it, with
 * the command that cures. */
#include "../../sw/lib/doctor_internal.h"
#include "doctor_kit.h"

START_TEST(all_is_well)
{
	examine(NULL);
	for (size_t i = 0; i < doctor.checks; i++)
		ck_assert_msg(doctor.check[i].verdict == FB_PASS, "%s: '%s', '%s'",
			      doctor.check[i].name, doctor.check[i].measured, doctor.check[i].cure);
	ck_assert_int_eq(fb_doctor_verdict(&doctor), FB_PASS);
	ck_assert_uint_eq(doctor.checks, 20);
	ck_assert_str_eq(check_of("card")->measured, "0000:01:00.0, 10ee:fb07");
	ck_assert_str_eq(check_of("link width")->measured, "x16");
	ck_assert_str_eq(check_of("link speed")->measured, "8 GT/s");
	ck_assert_str_eq(check_of("payload size")->measured,
			 "card 256 bytes, up to 1024; port 256");
	ck_assert_str_eq(check_of("BAR0")->measured, "65536 bytes at f7000000");
	ck_assert_str_eq(check_of("IOMMU")->measured, "group 12, DMA-FQ, 0 other devices");
	ck_assert_str_eq(check_of("command stores")->measured, "movdir64b");
	ck_assert_str_eq(check_of("isolated cores")->measured, "6-7");
}
END_TEST

/* ---- the card ---- */

START_TEST(the_link)
{
	card.width = 8;
	kit_card(&card);
	only("link width", FB_WARN, "x8", "x16 wired");
	card.width = 0;
	kit_card(&card);
	only("link width", FB_FAIL, "x0", "the link is down");
	card.width = 16;
	card.speed = 1;
	kit_card(&card);
	only("link speed", FB_WARN, "2.5 GT/s", "cold boot");
	card.speed = 3;
	card.relaxed = true;
	card.command = 0x0006;
	kit_card(&card);
	only("ordering", FB_WARN, "relaxed ordering on", "setpci -s 0000:01:00.0 CAP_EXP+8.w=0:10");
	card.command = 0x0002;
	kit_card(&card);
	examine(NULL);
	ck_assert_int_eq(check_of("ordering")->verdict, FB_PASS);
	card.relaxed = false;
	card.payload = 0;
	kit_card(&card);
	only("payload size", FB_FAIL, "card 128 bytes, up to 1024; port 256", "pcie_bus_safe");
}
END_TEST

START_TEST(errors_on_the_bus)
{
	kit_device_line(&card, "aer_dev_correctable", "RxErr 7\nTOTAL_ERR_COR 7");
	only("bus errors", FB_WARN, "7 correctable, 0 non-fatal, 0 fatal", "aer_dev_*");
	kit_device_line(&card, "aer_dev_correctable", "TOTAL_ERR_COR 0");
	kit_device_line(&card, "aer_dev_fatal", "TOTAL_ERR_FATAL 1");
	only("bus errors", FB_WARN, "1 fatal", "reseat");
	unlink(kit_path("/sys/bus/pci/devices/0000:01:00.0/aer_dev_correctable"));
	unlink(kit_path("/sys/bus/pci/devices/0000:01:00.0/aer_dev_nonfatal"));
	unlink(kit_path("/sys/bus/pci/devices/0000:01:00.0/aer_dev_fatal"));
	examine(NULL);
	ck_assert_int_eq(fb_doctor_verdict(&doctor), FB_PASS);
}
END_TEST

START_TEST(what_leads_to_it)
{
	card.driver = "xdma";
	kit_card(&card);
	examine(NULL);
	ck_assert_int_eq(check_of("driver")->verdict, FB_FAIL);
	ck_assert_ptr_nonnull(strstr(check_of("driver")->cure, "0000:01:00.0/driver/unbind"));
	unlink(kit_path("/sys/bus/pci/devices/0000:01:00.0/driver"));
	only("driver", FB_WARN, "none", "driver_override");
	/* which is what this way wants */
	examine("pci:01:00.0,access=sysfs,dma=pagemap");
	ck_assert_int_eq(check_of("driver")->verdict, FB_PASS);
	card.driver = "vfio-pci";
	kit_card(&card);
	examine("pci:01:00.0,access=sysfs,dma=pagemap");
	ck_assert_int_eq(check_of("driver")->verdict, FB_FAIL);
	unlink(kit_path("/sys/bus/pci/devices/0000:01:00.0/iommu_group"));
	unlink(kit_path("/sys/bus/pci/devices/0000:01:00.0/driver"));
	only("IOMMU", FB_WARN, "none", "intel_iommu=on");
}
END_TEST

START_TEST(a_group_with_neighbours)
{
	kit_line("/sys/kernel/iommu_groups/12/devices/0000:02:00.0", "");
	kit_line("/sys/bus/pci/devices/0000:02:00.0/class", "0x020000");
	kit_line("/sys/bus/pci/devices/0000:02:00.0/vendor", "0x8086");
	kit_line("/sys/bus/pci/devices/0000:02:00.0/device", "0x1533");
	only("IOMMU", FB_WARN, "1 other devices", "/sys/kernel/iommu_groups/12/devices");
}
END_TEST

START_TEST(the_command_register)
{
	unlink(kit_path("/sys/bus/pci/devices/0000:01:00.0/driver"));
	unlink(kit_path("/sys/bus/pci/devices/0000:01:00.0/iommu_group"));
	card.driver = NULL;
	card.group = -1;
	card.command = 0x0006;
	kit_card(&card);
	examine(NULL);
	const struct fb_check *c = check_of("command register");
	ck_assert_int_eq(c->verdict, FB_WARN);
	ck_assert_str_eq(c->measured, "0006: memory on, bus mastering on");
	ck_assert_ptr_nonnull(strstr(c->cure, "setpci -s 0000:01:00.0 COMMAND=0:4"));
	/* a process that holds the card may */
	struct fb_os os;
	fb_os_linux(&os);
	os.root = kit_root;
	int fd = os.open(&os, "/sys/bus/pci/devices/0000:01:00.0/resource0", O_RDWR);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(os.lock(&os, fd), 0);
	examine(NULL);
	ck_assert_int_eq(check_of("command register")->verdict, FB_PASS);
	ck_assert_ptr_nonnull(strstr(check_of("command register")->measured, "in use"));
	os.close(&os, fd);
}
END_TEST

START_TEST(bars)
{
	card.bar0_bytes = 4096;
	kit_card(&card);
	only("BAR0", FB_FAIL, "4096 bytes", "another design");
	card.bar0_bytes = FB_BAR0_BYTES;
	card.bar2 = 0;
	kit_card(&card);
	only("BAR2", FB_FAIL, "not assigned", "pci=realloc");
}
END_TEST

START_TEST(how_commands_are_stored)
{
	kit_line("/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu sse2 avx movdir64bx\nbugs\t\t:");
	only("command stores", FB_WARN, "uncached, 8 packets", "access=sysfs");
	unlink(kit_path("/sys/bus/pci/devices/0000:01:00.0/driver"));
	examine(NULL);
	ck_assert_str_eq(check_of("command stores")->measured, "write-combining mapping, avx");
	ck_assert_int_eq(check_of("command stores")->verdict, FB_PASS);
	unlink(kit_path("/sys/bus/pci/devices/0000:01:00.0/resource2_wc"));
	examine(NULL);
	ck_assert_int_eq(check_of("command stores")->verdict, FB_WARN);
	ck_assert_ptr_nonnull(strstr(check_of("command stores")->cure, "nopat"));
}
END_TEST

START_TEST(permission)
{
	ck_assert_int_eq(chmod(kit_path("/dev/vfio/12"), 0), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	examine(NULL);
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(check_of("permission")->verdict, FB_FAIL);
	ck_assert_str_eq(check_of("permission")->measured, "Permission denied");
	ck_assert_str_eq(check_of("permission")->cure, "as root: chown $USER /dev/vfio/12");
	/* a kernel with device files */
	kit_line("/dev/iommu", "");
	kit_line("/dev/vfio/devices/vfio3", "");
	kit_line("/sys/bus/pci/devices/0000:01:00.0/vfio-dev/vfio3/dev", "511:3");
	examine(NULL);
	ck_assert_str_eq(check_of("permission")->wanted,
			 "to read and write /dev/vfio/devices/vfio3");
	ck_assert_int_eq(check_of("permission")->verdict, FB_PASS);
}
END_TEST

START_TEST(without_root)
{
	ck_assert_int_eq(truncate(kit_path("/sys/bus/pci/devices/%s/config", card.bdf), 64), 0);
	kit_device_line(&card, "current_link_width", "16");
	kit_device_line(&card, "max_link_width", "16");
	kit_device_line(&card, "current_link_speed", "8.0 GT/s PCIe");
	kit_device_line(&card, "max_link_speed", "8.0 GT/s PCIe");
	examine(NULL);
	ck_assert_int_eq(check_of("link width")->verdict, FB_PASS);
	ck_assert_int_eq(check_of("link speed")->verdict, FB_PASS);
	ck_assert_int_eq(check_of("payload size")->verdict, FB_WARN);
	ck_assert_str_eq(check_of("payload size")->measured, "unknown");
	ck_assert_ptr_nonnull(strstr(check_of("ordering")->cure, "sudo firebreak doctor"));
}
END_TEST

START_TEST(no_card)
{
	card.device = 0x9038;
	kit_card(&card);
	only("card", FB_FAIL, "none", "rescan");
	ck_assert_uint_eq(doctor.checks, 7); /* and the host's */
	examine("pci:01:00.0");
	ck_assert_int_eq(check_of("card")->verdict, FB_FAIL);
	ck_assert_ptr_nonnull(strstr(check_of("card")->measured, "10ee:9038"));
	ck_assert_ptr_nonnull(strstr(check_of("card")->cure, "another device"));
	examine("pci:05:00.0");
	ck_assert_str_eq(check_of("card")->measured, "none at 0000:05:00.0");
	card.device = FB_PCI_DEVICE;
	kit_card(&card);
	card.bdf = "0000:02:00.0";
	kit_card(&card);
	examine(NULL);
	ck_assert_str_eq(check_of("card")->measured, "0000:01:00.0, 0000:02:00.0");
	ck_assert_ptr_nonnull(strstr(check_of("card")->cure, "--engine pci:0000:01:00.0"));
	examine("pci:02:00.0");
	ck_assert_int_eq(check_of("card")->verdict, FB_PASS);
}
END_TEST

/* ---- a recorded configuration space ---- */

START_TEST(a_recorded_card)
{
	uint8_t config[CONFIG_BYTES];
	struct kit_card recorded = kit_healthy();
	recorded.width = 8;
	recorded.bar2 = 0;
	kit_config(&recorded, config);
	kit_dump(kit_path("/lspci"), "01:00.0", "Processing accelerators", config, sizeof(config));
	struct fb_cards_source source = { .root = "", .dump = kit_path("/lspci") };
	ck_assert_int_eq(fb_doctor_examine(&source, NULL, &doctor, &error), 0);
	ck_assert_int_eq(check_of("link width")->verdict, FB_WARN);
	ck_assert_int_eq(check_of("ordering")->verdict, FB_PASS);
	ck_assert_int_eq(check_of("BAR0")->verdict, FB_PASS);
	ck_assert_ptr_nonnull(strstr(check_of("BAR0")->measured, "not recorded"));
	ck_assert_int_eq(check_of("BAR2")->verdict, FB_FAIL);
	/* nothing of the machine that looks at it */
	for (size_t i = 0; i < doctor.checks; i++)
		ck_assert_str_ne(doctor.check[i].name, "kernel");
}
END_TEST

int main(void)
{
	if (kit_needs_libpci())
		return 77;
	Suite *suite = suite_create("doctor");
	TCase *tests = tcase_create("doctor");
	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, all_is_well);
	tcase_add_test(tests, the_link);
	tcase_add_test(tests, errors_on_the_bus);
	tcase_add_test(tests, what_leads_to_it);
	tcase_add_test(tests, a_group_with_neighbours);
	tcase_add_test(tests, the_command_register);
	tcase_add_test(tests, bars);
	tcase_add_test(tests, how_commands_are_stored);
	tcase_add_test(tests, permission);
	tcase_add_test(tests, without_root);
	tcase_add_test(tests, no_card);
	tcase_add_test(tests, a_recorded_card);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
