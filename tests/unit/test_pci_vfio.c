/* The port by way of VFIO, by group and by device file, against a kernel that is played: what is
 * set up in which order, where the ring lies for the card, what is refused with which cure, and
 * that whatever fails it leaves everything as it was. That a real kernel agrees is shown elsewhere,
 * in a whole machine. */
#include "../../sw/lib/pci_port_on.h"
#include "pci_os_kit.h"

static struct fake_os f;
static struct kit_card card;
static struct fb_card_port *port;
static struct fb_error error;

static void setup(void)
{
	kit_open("vfio");
	fake_init(&f);
	card = kit_healthy();
	card.driver = "vfio-pci";
	card.group = 12;
	kit_card(&card);
}

static void teardown(void)
{
	kit_close();
}

static void put_command(uint16_t value)
{
	int fd = open(kit_path("/dev/vfio/devices/vfio0"), O_WRONLY);
	ck_assert_int_eq(pwrite(fd, &value, 2, (off_t)FAKE_CONFIG + 4), 2);
	close(fd);
}

static uint16_t command(void)
{
	uint16_t value = 0;
	int fd = open(kit_path("/dev/vfio/devices/vfio0"), O_RDONLY);
	ck_assert_int_eq(pread(fd, &value, 2, (off_t)FAKE_CONFIG + 4), 2);
	close(fd);
	return value;
}

/* Both interfaces of the kernel; the device file is there behind each. */
static void kernel(bool cdev)
{
	kit_sparse(kit_path("/dev/vfio/devices/vfio0"), FAKE_CONFIG + CONFIG_BYTES, 0600);
	put_command(0x0402);
	if (cdev) {
		kit_line("/dev/iommu", "");
		kit_line("/sys/bus/pci/devices/0000:01:00.0/vfio-dev/vfio0/dev", "511:0");
	} else {
		kit_line("/dev/vfio/vfio", "");
		kit_line("/dev/vfio/12", "");
	}
}

static int open_port(const char *args)
{
	error.text[0] = '\0';
	port = NULL;
	return fb_pci_port_open_on(&f.os, args, &port, &error);
}

static void close_port(void)
{
	port->ops->close(port);
	fake_empty(&f);
}

/* What the card's write to a bus address changes. */
static void *reach(uint64_t bus)
{
	ck_assert_uint_ge(bus, f.vfio.iova);
	ck_assert_uint_lt(bus - f.vfio.iova, f.vfio.length);
	return (char *)f.vfio.memory + (bus - f.vfio.iova);
}

static uint32_t word_at(uint64_t offset)
{
	uint32_t value = 0;
	int fd = open(kit_path("/dev/vfio/devices/vfio0"), O_RDONLY);
	ck_assert_int_eq(pread(fd, &value, 4, (off_t)offset), 4);
	close(fd);
	return value;
}

START_TEST(registers_lines_and_the_ring)
{
	bool cdev = _i;
	union fb_command line;
	uint32_t value = 0;
	memset(&line, 0x77, sizeof(line));
	kernel(cdev);
	ck_assert_msg(open_port("ring=16") == 0, "%s", error.text);
	ck_assert_str_eq(port->path,
			 "pci:0000:01:00.0,access=vfio,emit=auto,dma=iova,ring=16");
	ck_assert_uint_eq(command(), 0x0406);
	ck_assert(cdev ? f.vfio.attached : f.vfio.iommu);

	ck_assert_int_eq(port->ops->write32(port, FB_REG_CONSUMED, 99), 0);
	ck_assert_uint_eq(word_at(FAKE_BAR0 + FB_REG_CONSUMED), 99);
	ck_assert_int_eq(port->ops->read32(port, FB_REG_CONSUMED, &value), 0);
	ck_assert_uint_eq(value, 99);
	ck_assert_int_eq(port->ops->emit(port, 200, &line), 0);
	port->ops->flush(port);
	ck_assert_uint_eq(word_at(FAKE_BAR2 + 200 * 64 + 60), 0x77777777);
	/* nothing combines here */
	ck_assert_int_ne(strncmp(port->emitter, "wc", 2), 0);

	/* above 4 GiB, in whole huge pages, and what the card writes is what we read */
	ck_assert_uint_ge(port->ring_bus, UINT64_C(1) << 32);
	ck_assert_uint_eq(port->ring_bus % (2 << 20), 0);
	memset(reach(port->ring_bus + 64 * 65535), 0x31, 64);
	ck_assert_uint_eq(port->ring[65535].words[7], UINT64_C(0x3131313131313131));
	memset(reach(port->status_bus), 0x32, 64);
	ck_assert_uint_eq(port->status->words[0], UINT64_C(0x3232323232323232));
	close_port();
	ck_assert_uint_eq(command(), 0x0402);
}
END_TEST

START_TEST(normal_pages_will_do)
{
	kernel(_i);
	f.huge_pages = 0;
	ck_assert_msg(open_port("") == 0, "%s", error.text);
	ck_assert_uint_eq(f.vfio.length, (64u << 14) + 4096);
	ck_assert_uint_eq(f.pinned, (64u << 14) + 4096);
	close_port();
}
END_TEST

START_TEST(below_four_gib)
{
	kernel(_i);
	f.vfio.narrow = true;
	ck_assert_msg(open_port("") == 0, "%s", error.text);
	ck_assert_uint_eq(port->ring_bus, 2u << 20);
	close_port();
}
END_TEST

START_TEST(whatever_fails_nothing_is_left)
{
	int opened = 0, at;
	kernel(_i);
	for (at = 0; !opened && at < 100; at++) {
		fake_init(&f);
		f.fail_at = at;
		int err = open_port("");
		if (err == 0) {
			/* a huge page and the list of ranges may be refused */
			opened = f.calls <= at;
			close_port();
		} else {
			ck_assert_msg(*error.text, "call %d: %d without a text", at, err);
			ck_assert_ptr_null(port);
		}
		fake_empty(&f);
		ck_assert_msg(command() == 0x0402, "call %d", at);
	}
	ck_assert_int_eq(opened, 1);
	ck_assert_int_gt(at, 15);
}
END_TEST

START_TEST(the_card_vanishes)
{
	uint32_t value = 0;
	kernel(_i);
	ck_assert_msg(open_port("") == 0, "%s", error.text);
	ck_assert_int_eq(truncate(kit_path("/dev/vfio/devices/vfio0"), 0), 0);
	ck_assert_int_eq(port->ops->read32(port, FB_REG_MAGIC, &value), -ENODEV);
	ck_assert_uint_eq(value, UINT32_MAX);
	ck_assert_int_eq(port->ops->relax(port), -ENODEV);
	close_port();
}
END_TEST

/* ---- bad input ---- */

static void refused(const char *args, int code, const char *cause, const char *cure)
{
	int err = open_port(args);
	ck_assert_msg(err == code, "pci:%s: %d, '%s'", args, err, error.text);
	ck_assert_msg(strstr(error.text, cause), "no '%s' in '%s'", cause, error.text);
	ck_assert_msg(strstr(error.text, cure), "no '%s' in '%s'", cure, error.text);
	ck_assert_uint_lt(strlen(error.text), sizeof(error.text) - 1);
	ck_assert_ptr_null(port);
	fake_empty(&f);
	ck_assert_uint_eq(command(), 0x0402);
}

START_TEST(no_iommu)
{
	kernel(false);
	unlink(kit_path("/sys/bus/pci/devices/0000:01:00.0/iommu_group"));
	refused("", -ENOTSUP, "behind no IOMMU", "intel_iommu=on");
}
END_TEST

START_TEST(no_module)
{
	kernel(false);
	unlink(kit_path("/dev/vfio/vfio"));
	refused("", -ENODEV, "/dev/vfio/vfio does not exist", "modprobe vfio-pci");
	kernel(false);
	unlink(kit_path("/dev/vfio/12"));
	refused("", -ENODEV, "/dev/vfio/12 does not exist", "driver_override");
	kernel(false);
	f.vfio.type1 = false;
	refused("", -ENOTSUP, "no IOMMU of type 1", "modprobe vfio_iommu_type1");
}
END_TEST

START_TEST(busy_and_shared)
{
	kernel(_i);
	f.vfio.busy = true;
	refused("", -EBUSY, "busy", "fuser -v /dev/vfio/");
	f.vfio.busy = false;
	f.vfio.viable = false;
	if (!_i)
		refused("", -EBUSY, "shares IOMMU group 12", "/sys/kernel/iommu_groups/12/devices");
}
END_TEST

START_TEST(no_permission)
{
	kernel(_i);
	ck_assert_int_eq(chmod(kit_path(_i ? "/dev/vfio/devices/vfio0" : "/dev/vfio/12"), 0), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	int err = open_port("");
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(err, -EACCES);
	ck_assert_msg(strstr(error.text, "no permission") && strstr(error.text, "chown"), "%s",
		      error.text);
	fake_empty(&f);
}
END_TEST

START_TEST(locked_memory_is_limited)
{
	kernel(_i);
	f.vfio.map_error = -ENOMEM;
	refused("", -ENOMEM, "cannot be pinned", "ulimit -l unlimited");
	f.vfio.map_error = -EFAULT;
	refused("", -EFAULT, "cannot be mapped for the card", "0000:01:00.0");
}
END_TEST

START_TEST(regions_that_do_not_fit)
{
	kernel(_i);
	f.vfio.bar2_bytes = 4096;
	refused("", -ENODEV, "BAR2 has 4096 bytes", "rescan");
	f.vfio.mappable = false;
	refused("", -ENODEV, "BAR0 has 0 bytes", "rescan");
}
END_TEST

START_TEST(no_combining_mapping)
{
	kernel(_i);
	refused("emit=wc", -ENOTSUP, "resource2_wc", "emit=auto");
}
END_TEST

/* ---- the parts that a port does not use ---- */

START_TEST(interrupts_and_unmapping)
{
	struct fb_vfio v;
	char page[4096];
	kernel(_i);
	ck_assert_msg(fb_vfio_open(&f.os, "0000:01:00.0", &v, &error) == 0, "%s", error.text);
	ck_assert_int_eq(v.cdev, _i);
	ck_assert_int_eq(fb_vfio_interrupt(&v, VFIO_PCI_MSIX_IRQ_INDEX, 3, 42), 0);
	ck_assert_uint_eq(f.vfio.irq_index, VFIO_PCI_MSIX_IRQ_INDEX);
	ck_assert_uint_eq(f.vfio.irq_vector, 3);
	ck_assert_int_eq(f.vfio.irq_fd, 42);
	ck_assert_int_eq(fb_vfio_map(&v, page, sizeof(page), 0xfee00000), -EINVAL);
	ck_assert_int_eq(fb_vfio_map(&v, page, sizeof(page), 0x10000), 0);
	ck_assert_ptr_eq(reach(0x10010), page + 16);
	ck_assert_int_eq(fb_vfio_unmap(&v, sizeof(page), 0x10000), 0);
	ck_assert_uint_eq(f.vfio.length, 0);
	fb_vfio_close(&v);
	fake_empty(&f);
}
END_TEST

START_TEST(where_memory_fits)
{
	static const struct {
		struct fb_vfio_range range[3];
		size_t n;
		uint64_t bytes, is; /* 0: nowhere */
	} t[] = {
		{ { { 0, 0 } }, 0, 4096, UINT64_C(1) << 32 },
		{ { { 0, UINT64_MAX } }, 1, 4096, UINT64_C(1) << 32 },
		{ { { 0, 0xfedfffff }, { 0xfef00000, 0xffffffff } }, 2, 4096, 2 << 20 },
		{ { { 0, 0x1fffff } }, 1, 4096, 0 },
		{ { { 0, 0x200fff } }, 1, 4096, 0x200000 },
		{ { { 0, 0x200ffe } }, 1, 4096, 0 },
		{ { { UINT64_MAX - 4095, UINT64_MAX } }, 1, 4096, 0 },
		{ { { 0x123456789, 0x1ffffffff } }, 1, 2 << 20, 0x123600000 },
		{ { { 0x300000, 0x2fffff } }, 1, 4096, 0 }, /* backwards */
	};
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct fb_vfio v = { .ranges = t[i].n };
		uint64_t iova = 0;
		memcpy(v.range, t[i].range, sizeof(t[i].range));
		int err = fb_vfio_find(&v, t[i].bytes, &iova);
		ck_assert_msg(err == (t[i].is ? 0 : -ENOSPC), "row %zu: %d", i, err);
		if (!err)
			ck_assert_msg(iova == t[i].is, "row %zu: %llx", i,
				      (unsigned long long)iova);
	}
}
END_TEST

int main(void)
{
	if (kit_needs_libpci())
		return 77;
	Suite *suite = suite_create("pci_vfio");
	TCase *tests = tcase_create("vfio");
	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(tests, setup, teardown);
	/* 0: group, 1: device file */
	tcase_add_loop_test(tests, registers_lines_and_the_ring, 0, 2);
	tcase_add_loop_test(tests, normal_pages_will_do, 0, 2);
	tcase_add_loop_test(tests, below_four_gib, 0, 2);
	tcase_add_loop_test(tests, whatever_fails_nothing_is_left, 0, 2);
	tcase_add_loop_test(tests, the_card_vanishes, 0, 2);
	tcase_add_test(tests, no_iommu);
	tcase_add_test(tests, no_module);
	tcase_add_loop_test(tests, busy_and_shared, 0, 2);
	tcase_add_loop_test(tests, no_permission, 0, 2);
	tcase_add_loop_test(tests, locked_memory_is_limited, 0, 2);
	tcase_add_loop_test(tests, regions_that_do_not_fit, 0, 2);
	tcase_add_loop_test(tests, no_combining_mapping, 0, 2);
	tcase_add_loop_test(tests, interrupts_and_unmapping, 0, 2);
	tcase_add_test(tests, where_memory_fits);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
