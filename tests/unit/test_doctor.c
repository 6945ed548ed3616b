/* The doctor on recorded machines: one where all is well, and for every check what spoils it, with
 * the command that cures. */
#include <firebreak/doctor.h>

#include "../../sw/lib/doctor_internal.h"
#include "../../sw/lib/json.h"
#include "pci_kit.h"

static struct fb_doctor doctor;
static struct kit_card card;
static struct fb_error error;

/* ---- a machine where all is well ---- */

static void processor(unsigned cpu, const char *governor, const char *deep_us, const char *off)
{
	char file[160];
	snprintf(file, sizeof(file), "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_governor", cpu);
	kit_line(file, governor);
	snprintf(file, sizeof(file), "/sys/devices/system/cpu/cpu%u/cpuidle/state0/latency", cpu);
	kit_line(file, "2");
	snprintf(file, sizeof(file), "/sys/devices/system/cpu/cpu%u/cpuidle/state1/latency", cpu);
	kit_line(file, deep_us);
	snprintf(file, sizeof(file), "/sys/devices/system/cpu/cpu%u/cpuidle/state1/name", cpu);
	kit_line(file, "C6");
	snprintf(file, sizeof(file), "/sys/devices/system/cpu/cpu%u/cpuidle/state1/disable", cpu);
	kit_line(file, off);
}

static void host(void)
{
	kit_line("/proc/self/status", "Name:\tfirebreak\nCpus_allowed:\tf\n"
				      "Cpus_allowed_list:\t4-7\nMems_allowed_list:\t0");
	kit_line("/proc/self/limits",
		 "Limit                     Soft Limit           Hard Limit           Units\n"
		 "Max locked memory         8388608              8388608              bytes");
	kit_line("/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu sse2 avx avx2\nbugs\t\t:");
	kit_line("/proc/sys/kernel/osrelease", "6.1.0-56-amd64");
	kit_line("/sys/devices/system/cpu/online", "0-7");
	kit_line("/sys/devices/system/cpu/isolated", "6-7");
	kit_line("/sys/devices/system/node/node0/cpulist", "0-3");
	kit_line("/sys/devices/system/node/node1/cpulist", "4-7");
	kit_line("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "4");
	for (unsigned cpu = 4; cpu < 8; cpu++)
		processor(cpu, "performance", "133", "1");
	/* others do not concern this process */
	processor(0, "powersave", "133", "0");
}

static void bridge(uint32_t payload)
{
	uint8_t config[CONFIG_BYTES];
	struct kit_card port = kit_healthy();
	port.bdf = "0000:00:01.0";
	port.vendor = 0x8086;
	port.device = 0x1901;
	kit_card(&port);
	kit_bridge(1, payload, config);
	kit_write(kit_path("/sys/bus/pci/devices/0000:00:01.0/config"), config, sizeof(config),
		  0644);
	kit_line("/sys/bus/pci/devices/0000:00:01.0/class", "0x060400");
}

static void setup(void)
{
	kit_open("doctor");
	host();
	bridge(1);
	card = kit_healthy();
	card.driver = "vfio-pci";
	card.group = 12;
	card.group_type = "DMA-FQ";
	card.numa = 1;
	kit_line("/dev/vfio/12", "");
	kit_line("/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu sse2 avx movdir64b\nbugs\t\t:");
	kit_line("/sys/kernel/iommu_groups/12/devices/0000:01:00.0", "");
	kit_line("/sys/kernel/iommu_groups/12/devices/0000:00:01.0", "");
	kit_device_line(&card, "aer_dev_correctable", "TOTAL_ERR_COR 0");
	kit_device_line(&card, "aer_dev_nonfatal", "TOTAL_ERR_NONFATAL 0");
	kit_device_line(&card, "aer_dev_fatal", "TOTAL_ERR_FATAL 0");
	kit_card(&card);
}

static void teardown(void)
{
	kit_close();
}

static void examine(const char *engine)
{
	struct fb_cards_source source = { .root = kit_root };
	int err = fb_doctor_examine(&source, engine, &doctor, &error);
	ck_assert_msg(err == 0, "%s", error.text);
}

static const struct fb_check *check_of(const char *name)
{
	for (size_t i = 0; i < doctor.checks; i++)
		if (strcmp(doctor.check[i].name, name) == 0)
			return &doctor.check[i];
	ck_abort_msg("no check '%s'", name);
	return NULL;
}

/* Examines; `name` is the only check that does not pass. */
static void only(const char *name, enum fb_verdict verdict, const char *measured, const char *cure)
{
	examine(NULL);
	for (size_t i = 0; i < doctor.checks; i++) {
		const struct fb_check *c = &doctor.check[i];
		bool this = strcmp(c->name, name) == 0;
		ck_assert_msg((c->verdict == FB_PASS) == !this, "%s: %d, '%s'", c->name, c->verdict,
			      c->measured);
		ck_assert_msg(!*c->cure == !this, "%s: '%s'", c->name, c->cure);
		ck_assert_msg(*c->wanted && *c->measured, "%s", c->name);
		ck_assert_uint_lt(strlen(c->cure), sizeof(c->cure) - 1);
	}
	const struct fb_check *c = check_of(name);
	ck_assert_int_eq(c->verdict, verdict);
	ck_assert_msg(strstr(c->measured, measured), "no '%s' in '%s'", measured, c->measured);
	ck_assert_msg(strstr(c->cure, cure), "no '%s' in '%s'", cure, c->cure);
	ck_assert_int_eq(fb_doctor_verdict(&doctor), verdict);
}

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

/* ---- the host ---- */

START_TEST(numa)
{
	card.numa = 0;
	kit_card(&card);
	only("NUMA node", FB_WARN, "card on 0; 4 of 4 processors", "numactl --cpunodebind=0");
	card.numa = -1;
	kit_card(&card);
	examine(NULL);
	ck_assert_int_eq(fb_doctor_verdict(&doctor), FB_PASS);
}
END_TEST

START_TEST(cores)
{
	kit_line("/sys/devices/system/cpu/isolated", "");
	only("isolated cores", FB_WARN, "none", "isolcpus=managed_irq,domain,7 nohz_full=7");
	kit_line("/sys/devices/system/cpu/online", "0");
	only("isolated cores", FB_WARN, "none", "a second processor");
	kit_line("/sys/devices/system/cpu/isolated", "7");
	processor(5, "powersave", "133", "1");
	only("governor", FB_WARN, "powersave on processor 5", "cpupower frequency-set");
	processor(5, "performance", "133", "0");
	only("idle states", FB_WARN, "C6, 133 us, on processor 5", "cpupower idle-set -D 10");
	processor(5, "performance", "10", "0");
	examine(NULL);
	ck_assert_int_eq(fb_doctor_verdict(&doctor), FB_PASS);
	processor(5, "performance", "11", "0");
	examine(NULL);
	ck_assert_int_eq(check_of("idle states")->verdict, FB_WARN);
}
END_TEST

START_TEST(memory)
{
	kit_line("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "0");
	only("huge pages", FB_WARN, "0 free", "sysctl vm.nr_hugepages=4");
	kit_line("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "1");
	kit_line("/proc/self/limits", "Max locked memory         65536     65536     bytes");
	only("locked memory", FB_WARN, "64 KiB", "ulimit -l unlimited");
	kit_line("/proc/self/limits", "Max locked memory         unlimited unlimited bytes");
	examine(NULL);
	ck_assert_str_eq(check_of("locked memory")->measured, "unlimited");
	ck_assert_int_eq(fb_doctor_verdict(&doctor), FB_PASS);
}
END_TEST

START_TEST(kernels)
{
	kit_line("/proc/sys/kernel/osrelease", "5.4.0-200-generic");
	only("kernel", FB_WARN, "5.4.0-200-generic", "linux-image");
	kit_line("/proc/sys/kernel/osrelease", "6.12.1");
	examine(NULL);
	ck_assert_str_eq(check_of("kernel")->measured, "6.12.1, VFIO by device file or group");
}
END_TEST

/* A machine that shows nothing at all is looked at all the same. */
START_TEST(nothing_to_see)
{
	kit_close();
	kit_open("doctor");
	mkdir(kit_path("/sys/bus/pci/devices"), 0755);
	kit_folders(kit_path("/sys/bus/pci/devices/x"));
	examine(NULL);
	ck_assert_int_eq(fb_doctor_verdict(&doctor), FB_FAIL);
	ck_assert_int_eq(check_of("card")->verdict, FB_FAIL);
	ck_assert_int_eq(check_of("kernel")->verdict, FB_WARN);
	ck_assert_int_eq(check_of("locked memory")->verdict, FB_WARN);
	kit_close();
	examine(NULL);
	ck_assert_ptr_nonnull(strstr(check_of("card")->cure, "libpci"));
}
END_TEST

START_TEST(malformed_engine)
{
	struct fb_cards_source source = { .root = kit_root };
	ck_assert_int_eq(fb_doctor_examine(&source, "model:", &doctor, &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "model:"));
	ck_assert_int_eq(fb_doctor_examine(&source, "pci:01:00.0,ring=3", &doctor, &error),
			 -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "ring=3"));
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

/* ---- text and JSON from one list ---- */

static char *printed(void (*print)(const struct fb_doctor *, FILE *))
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	print(&doctor, f);
	fclose(f);
	return text;
}

START_TEST(text_and_json)
{
	card.width = 8;
	kit_card(&card);
	kit_line("/sys/devices/system/cpu/isolated", "6 \"7\\\x01");
	examine(NULL);
	char *text = printed(fb_doctor_print);
	ck_assert_msg(strstr(text, "\nWARN  link width       x8; wanted: x16\n"), "%s", text);
	ck_assert_ptr_nonnull(strstr(text, "19 passed, 1 warnings, 0 failed\n"));
	free(text);

	char *bytes = printed(fb_doctor_print_json);
	struct fb_text whole = { (char *)(uintptr_t) "doctor", bytes, strlen(bytes) };
	struct fb_json json;
	char value[400];
	ck_assert_msg(fb_json_parse(&whole, &json, &error) == 0, "%s", error.text);
	uint32_t node = fb_json_member(&json, 0, "checks");
	size_t n = 0;
	for (node = json.node[node].child; node; node = json.node[node].next, n++) {
		const struct fb_check *c = &doctor.check[n];
		const char *const expected[][2] = { { "check", c->name },
						    { "measured", c->measured },
						    { "wanted", c->wanted },
						    { "cure", c->cure } };
		for (size_t m = 0; m < 4; m++) {
			uint32_t member = fb_json_member(&json, node, expected[m][0]);
			ck_assert_uint_ne(member, 0);
			ck_assert_int_eq(fb_json_unescape(&json, json.node[member].at,
							  json.node[member].length, value,
							  sizeof(value)),
					 0);
			ck_assert_str_eq(value, expected[m][1]);
		}
	}
	ck_assert_uint_eq(n, doctor.checks);
	fb_json_free(&json);
	free(bytes);
}
END_TEST

START_TEST(sets_of_processors)
{
	struct fb_cpus set;
	fb_cpus_parse("0-3,8,64-65,9999-10000", &set);
	for (unsigned i = 0; i < 200; i++)
		ck_assert_msg(fb_cpus_has(&set, i) ==
				      (i <= 3 || i == 8 || i == 64 || i == 65),
			      "%u", i);
	ck_assert(!fb_cpus_has(&set, 9999));
	fb_cpus_parse("", &set);
	ck_assert(!fb_cpus_has(&set, 0));
	fb_cpus_parse("5-2,7", &set);
	ck_assert(fb_cpus_has(&set, 7) && !fb_cpus_has(&set, 2));
	fb_cpus_parse("0-18446744073709551615", &set);
	ck_assert(fb_cpus_has(&set, FB_CPUS_MAX - 1));
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
	tcase_add_test(tests, numa);
	tcase_add_test(tests, cores);
	tcase_add_test(tests, memory);
	tcase_add_test(tests, kernels);
	tcase_add_test(tests, nothing_to_see);
	tcase_add_test(tests, malformed_engine);
	tcase_add_test(tests, a_recorded_card);
	tcase_add_test(tests, text_and_json);
	tcase_add_test(tests, sets_of_processors);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
