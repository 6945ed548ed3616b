/* A recorded machine where all is well, which tests of the doctor spoil. */
#pragma once

#include <firebreak/doctor.h>

#include "pci_kit.h"

static struct fb_doctor doctor;
static struct kit_card card;
static struct fb_error error;

static inline void processor(unsigned cpu, const char *governor, const char *deep_us,
			     const char *off)
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

static inline void host(void)
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

static inline void bridge(uint32_t payload)
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

static inline void setup(void)
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

static inline void teardown(void)
{
	kit_close();
}

static inline void examine(const char *engine)
{
	struct fb_cards_source source = { .root = kit_root };
	int err = fb_doctor_examine(&source, engine, &doctor, &error);
	ck_assert_msg(err == 0, "%s", error.text);
}

static inline const struct fb_check *check_of(const char *name)
{
	for (size_t i = 0; i < doctor.checks; i++)
		if (strcmp(doctor.check[i].name, name) == 0)
			return &doctor.check[i];
	ck_abort_msg("no check '%s'", name);
	return NULL;
}

/* Examines; `name` is the only check that does not pass. */
static inline void only(const char *name, enum fb_verdict verdict, const char *measured,
			const char *cure)
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
