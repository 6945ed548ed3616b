/* Finding cards: addresses in every spelling, recorded configuration spaces through libpci's dump
 * method, and recorded sysfs trees. */
#include "../../sw/lib/pci_args.h"
#include "pci_kit.h"

static struct fb_pci_card found_card[4];
static size_t found;
static struct fb_error error;

static void setup(void)
{
	kit_open("find");
}

static void teardown(void)
{
	kit_close();
}

START_TEST(addresses)
{
	static const struct {
		const char *text, *is; /* NULL: refused */
	} t[] = {
		{ "0000:01:00.0", "0000:01:00.0" },
		{ "01:00.0", "0000:01:00.0" },
		{ "1:0.0", "0000:01:00.0" },
		{ "01:00", "0000:01:00.0" },
		{ "10000:e1:00.7", "10000:e1:00.7" },
		{ "0:AF:1f.3", "0000:af:1f.3" },
		{ "/sys/bus/pci/devices/0000:65:00.0", "0000:65:00.0" },
		{ "/sys/bus/pci/devices/0000:65:00.0/", "0000:65:00.0" },
		{ "/sys/bus/pci/devices/0000:65:00.0/resource2_wc", "0000:65:00.0" },
		{ "/sys/devices/pci0000:64/0000:64:02.0/0000:65:00.0", "0000:65:00.0" },
		{ "", NULL },
		{ "01", NULL },
		{ "01:", NULL },
		{ ":00.0", NULL },
		{ "01:20.0", NULL },
		{ "01:00.8", NULL },
		{ "101:00.0", NULL },
		{ "01:00.", NULL },
		{ "01:00.00", NULL },
		{ "01:00.0 ", NULL },
		{ "g1:00.0", NULL },
		{ "0:0:0:0", NULL },
		{ "123456789:01:00.0", NULL },
		{ "/sys/bus/pci/devices/", NULL },
		{ "/dev/null", NULL },
	};
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct fb_bdf bdf;
		char text[FB_BDF_ROOM];
		bool good = fb_bdf_parse(t[i].text, &bdf);
		ck_assert_msg(good == !!t[i].is, "'%s'", t[i].text);
		if (!good)
			continue;
		fb_bdf_print(&bdf, text);
		ck_assert_str_eq(text, t[i].is);
	}
}
END_TEST

START_TEST(arguments)
{
	static const struct {
		const char *text, *is; /* NULL: refused, and `bad` is named */
		const char *bad;
	} t[] = {
		{ "", "pci:X,access=auto,emit=auto,dma=auto,ring=14", NULL },
		{ "auto", "pci:X,access=auto,emit=auto,dma=auto,ring=14", NULL },
		{ "01:00.0,access=sysfs,emit=wc,dma=pagemap,ring=6",
		  "pci:X,access=sysfs,emit=wc,dma=pagemap,ring=6", NULL },
		{ "access=vfio,emit=movdir64b,dma=iova,ring=20",
		  "pci:X,access=vfio,emit=movdir64b,dma=iova,ring=20", NULL },
		{ "emit=uc", "pci:X,access=auto,emit=uc,dma=auto,ring=14", NULL },
		{ "emit=avx512", "pci:X,access=auto,emit=avx512,dma=auto,ring=14", NULL },
		{ "foo", NULL, "'foo'" },
		{ "01:00.0,auto", NULL, "'auto'" },
		{ "01:00.0,02:00.0", NULL, "'02:00.0'" },
		{ "01:00.0,", NULL, "''" },
		{ ",ring=6", NULL, "''" },
		{ "ring=5", NULL, "'ring=5'" },
		{ "ring=21", NULL, "'ring=21'" },
		{ "ring=", NULL, "'ring='" },
		{ "ring=0x8", NULL, "'ring=0x8'" },
		{ "ring=-7", NULL, "'ring=-7'" },
		{ "emit=sse", NULL, "'emit=sse'" },
		{ "access=uio", NULL, "'access=uio'" },
		{ "dma=", NULL, "'dma='" },
		{ "depth=4", NULL, "'depth=4'" },
	};
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct fb_pci_args args;
		char text[160];
		int err = fb_pci_args_parse(t[i].text, &args, &error);
		ck_assert_msg(err == (t[i].is ? 0 : -EINVAL), "'%s': %d", t[i].text, err);
		if (err) {
			ck_assert_msg(strstr(error.text, t[i].bad) &&
					      strstr(error.text, "firebreak info"),
				      "%s", error.text);
			continue;
		}
		fb_pci_args_print(&args, "X", text, sizeof(text));
		ck_assert_str_eq(text, t[i].is);
	}
}
END_TEST

/* ---- recorded configuration spaces ---- */

static int look_at_dump(const char *at)
{
	static char path[128];
	snprintf(path, sizeof(path), "%s/lspci", kit_root);
	struct fb_cards_source source = { .root = "", .dump = path };
	return fb_cards_find(&source, at, found_card, 4, &found, &error);
}

static void record(const struct kit_card *card, size_t bytes)
{
	uint8_t config[CONFIG_BYTES];
	kit_config(card, config);
	kit_dump(kit_path("/lspci"), card->bdf, "Processing accelerators: Device", config, bytes);
}

START_TEST(a_healthy_card)
{
	uint8_t bridge[CONFIG_BYTES];
	struct kit_card card = kit_healthy();
	struct fb_pci_card *c = &found_card[0];
	card.command = 0x0406;
	kit_bridge(1, 1, bridge);
	kit_dump(kit_path("/lspci"), "00:01.0", "PCI bridge: Intel", bridge, sizeof(bridge));
	record(&card, CONFIG_BYTES);
	ck_assert_int_eq(look_at_dump(NULL), 0);
	ck_assert_uint_eq(found, 1);
	ck_assert_str_eq(c->bdf, "0000:01:00.0");
	ck_assert_uint_eq(c->vendor, FB_PCI_VENDOR);
	ck_assert_uint_eq(c->class_code, FB_PCI_CLASS >> 8);
	ck_assert_uint_eq(c->command, 0x0406);
	ck_assert_uint_eq(c->bar0.base, 0xf7000000);
	ck_assert(!c->bar0.prefetchable);
	ck_assert_uint_eq(c->bar2.base, UINT64_C(0x380000000000));
	ck_assert(c->bar2.prefetchable);
	ck_assert(c->capable);
	ck_assert_uint_eq(c->link_width, 16);
	ck_assert_uint_eq(c->link_width_most, 16);
	ck_assert_uint_eq(c->link_speed, 3);
	ck_assert_str_eq(fb_card_speed(c->link_speed), "8 GT/s");
	ck_assert_uint_eq(c->payload_bytes, 256);
	ck_assert_uint_eq(c->payload_bytes_most, 1024);
	ck_assert_uint_eq(c->port_payload_bytes, 256);
	ck_assert(!c->relaxed_ordering);
	/* a dump knows no kernel */
	ck_assert_str_eq(c->driver, "");
	ck_assert_int_eq(c->iommu_group, -1);
	ck_assert_int_eq(c->errors_fatal, -1);
}
END_TEST

START_TEST(half_the_lanes_slow_and_relaxed)
{
	struct kit_card card = kit_healthy();
	card.width = 8;
	card.speed = 1;
	card.relaxed = true;
	card.command = 0x0002; /* bus master off */
	record(&card, CONFIG_BYTES);
	ck_assert_int_eq(look_at_dump(NULL), 0);
	ck_assert_uint_eq(found_card[0].link_width, 8);
	ck_assert_uint_eq(found_card[0].link_width_most, 16);
	ck_assert_uint_eq(found_card[0].link_speed, 1);
	ck_assert(found_card[0].relaxed_ordering);
	ck_assert_uint_eq(found_card[0].command & 4, 0);
}
END_TEST

START_TEST(bars_without_an_address)
{
	struct kit_card card = kit_healthy();
	card.bar0 = card.bar2 = 0;
	record(&card, CONFIG_BYTES);
	ck_assert_int_eq(look_at_dump(NULL), 0);
	ck_assert_uint_eq(found_card[0].bar0.base, 0);
	ck_assert_uint_eq(found_card[0].bar2.base, 0);
}
END_TEST

START_TEST(what_everybody_may_read)
{
	struct kit_card card = kit_healthy();
	record(&card, 64); /* no capabilities without root */
	ck_assert_int_eq(look_at_dump(NULL), 0);
	ck_assert_uint_eq(found, 1);
	ck_assert(!found_card[0].capable);
	ck_assert_uint_eq(found_card[0].link_width_most, 0);
}
END_TEST

START_TEST(a_link_that_is_down)
{
	struct kit_card card = kit_healthy();
	uint8_t ones[CONFIG_BYTES];
	memset(ones, 0xff, sizeof(ones));
	kit_dump(kit_path("/lspci"), card.bdf, "Device ffff (rev ff)", ones, sizeof(ones));
	ck_assert_int_eq(look_at_dump(NULL), 0);
	ck_assert_uint_eq(found, 0);
	ck_assert_int_eq(look_at_dump("01:00.0"), 0);
	ck_assert_uint_eq(found, 1);
	ck_assert(!found_card[0].capable);
	ck_assert_uint_eq(found_card[0].command, 0xffff);
}
END_TEST

START_TEST(several_cards_in_order_and_others_between)
{
	struct kit_card card = kit_healthy();
	card.bdf = "0000:81:00.0";
	record(&card, 256);
	card.bdf = "0000:02:00.0";
	card.device = 0x9038;
	record(&card, 256);
	card.bdf = "0000:03:00.0";
	card.device = FB_PCI_DEVICE;
	record(&card, 256);
	card.bdf = "0001:03:00.0";
	record(&card, 256);
	ck_assert_int_eq(look_at_dump(NULL), 0);
	ck_assert_uint_eq(found, 3);
	ck_assert_str_eq(found_card[0].bdf, "0000:03:00.0");
	ck_assert_str_eq(found_card[1].bdf, "0000:81:00.0");
	ck_assert_str_eq(found_card[2].bdf, "0001:03:00.0");
	ck_assert_int_eq(look_at_dump("02:00.0"), 0);
	ck_assert_uint_eq(found, 1);
	ck_assert_uint_eq(found_card[0].device, 0x9038);
	ck_assert_int_eq(look_at_dump("04:00.0"), 0);
	ck_assert_uint_eq(found, 0);
	ck_assert_int_eq(look_at_dump("nonsense"), -EINVAL);
}
END_TEST

START_TEST(more_than_there_is_room_for)
{
	struct kit_card card = kit_healthy();
	static const char *const bdfs[] = { "06:00.0", "05:00.0", "04:00.0",
					    "03:00.0", "02:00.0", "01:00.0" };
	for (size_t i = 0; i < 6; i++) {
		card.bdf = bdfs[i];
		record(&card, 256);
	}
	ck_assert_int_eq(look_at_dump(NULL), 0);
	ck_assert_uint_eq(found, 6);
	ck_assert_str_eq(found_card[0].bdf, "0000:01:00.0");
	ck_assert_str_eq(found_card[3].bdf, "0000:04:00.0");
}
END_TEST

/* libpci would end the program here. */
START_TEST(what_libpci_cannot_read)
{
	ck_assert_int_eq(look_at_dump(NULL), -EIO);
	ck_assert_msg(strstr(error.text, "lspci"), "%s", error.text);
	struct fb_cards_source nowhere = { .root = kit_root };
	ck_assert_int_eq(fb_cards_find(&nowhere, NULL, found_card, 4, &found, &error), -EIO);
	ck_assert_uint_eq(found, 0);
	/* and the next look is none the worse */
	struct kit_card card = kit_healthy();
	record(&card, 256);
	ck_assert_int_eq(look_at_dump(NULL), 0);
	ck_assert_uint_eq(found, 1);
}
END_TEST

/* ---- recorded trees ---- */

static int look_at_tree(void)
{
	struct fb_cards_source source = { .root = kit_root };
	return fb_cards_find(&source, NULL, found_card, 4, &found, &error);
}

START_TEST(what_the_kernel_knows)
{
	struct kit_card card = kit_healthy();
	struct fb_pci_card *c = &found_card[0];
	card.driver = "vfio-pci";
	card.group = 17;
	card.group_type = "DMA-FQ";
	card.numa = 1;
	kit_card(&card);
	kit_device_line(&card, "aer_dev_correctable", "RxErr 2\nBadTLP 1\nTOTAL_ERR_COR 3");
	kit_device_line(&card, "aer_dev_nonfatal", "TOTAL_ERR_NONFATAL 0");
	ck_assert_msg(look_at_tree() == 0, "%s", error.text);
	ck_assert_uint_eq(found, 1);
	ck_assert_uint_eq(c->bar0.bytes, FB_BAR0_BYTES);
	ck_assert_uint_eq(c->bar2.bytes, 16384);
	ck_assert(c->bar2.prefetchable);
	ck_assert_str_eq(c->driver, "vfio-pci");
	ck_assert_int_eq(c->iommu_group, 17);
	ck_assert_str_eq(c->iommu_type, "DMA-FQ");
	ck_assert_int_eq(c->numa_node, 1);
	ck_assert_int_eq(c->errors_correctable, 3);
	ck_assert_int_eq(c->errors_nonfatal, 0);
	ck_assert_int_eq(c->errors_fatal, -1);
	ck_assert_uint_eq(c->link_width, 16);
}
END_TEST

/* Without root the kernel's own files say how the link is. */
START_TEST(the_link_without_capabilities)
{
	struct kit_card card = kit_healthy();
	kit_card(&card);
	ck_assert_int_eq(truncate(kit_path("/sys/bus/pci/devices/%s/config", card.bdf), 64), 0);
	kit_device_line(&card, "current_link_width", "8");
	kit_device_line(&card, "max_link_width", "16");
	kit_device_line(&card, "current_link_speed", "16.0 GT/s PCIe");
	kit_device_line(&card, "max_link_speed", "16 GT/s");
	ck_assert_msg(look_at_tree() == 0, "%s", error.text);
	ck_assert(!found_card[0].capable);
	ck_assert_uint_eq(found_card[0].link_width, 8);
	ck_assert_uint_eq(found_card[0].link_width_most, 16);
	ck_assert_uint_eq(found_card[0].link_speed, 4);
	ck_assert_uint_eq(found_card[0].link_speed_most, 4);
	kit_device_line(&card, "current_link_width", "255");
	kit_device_line(&card, "current_link_speed", "Unknown");
	ck_assert_int_eq(look_at_tree(), 0);
	ck_assert_uint_eq(found_card[0].link_width, 0);
	ck_assert_uint_eq(found_card[0].link_speed, 0);
}
END_TEST

START_TEST(a_tree_that_lies)
{
	struct kit_card card = kit_healthy();
	kit_card(&card);
	kit_device_line(&card, "resource", "nonsense");
	look_at_tree(); /* any answer, but an answer */
	kit_card(&card);
	kit_device_line(&card, "vendor", "0xzz");
	look_at_tree();
	kit_card(&card);
	kit_device_line(&card, "aer_dev_fatal", "TOTAL_ERR_FATAL");
	kit_link("/sys/bus/pci/devices/0000:01:00.0/iommu_group", "/nowhere/12x");
	ck_assert_int_eq(look_at_tree(), 0);
	ck_assert_int_eq(found_card[0].errors_fatal, -1);
	ck_assert_int_eq(found_card[0].iommu_group, -1);
}
END_TEST

int main(void)
{
	if (kit_needs_libpci())
		return 77;
	Suite *suite = suite_create("pci_find");
	TCase *tests = tcase_create("find");
	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, addresses);
	tcase_add_test(tests, arguments);
	tcase_add_test(tests, a_healthy_card);
	tcase_add_test(tests, half_the_lanes_slow_and_relaxed);
	tcase_add_test(tests, bars_without_an_address);
	tcase_add_test(tests, what_everybody_may_read);
	tcase_add_test(tests, a_link_that_is_down);
	tcase_add_test(tests, several_cards_in_order_and_others_between);
	tcase_add_test(tests, more_than_there_is_room_for);
	tcase_add_test(tests, what_libpci_cannot_read);
	tcase_add_test(tests, what_the_kernel_knows);
	tcase_add_test(tests, the_link_without_capabilities);
	tcase_add_test(tests, a_tree_that_lies);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
