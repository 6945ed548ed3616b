/* What the doctor looks at beside the card: processors, memory, kernel. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor_internal.h"

#define PATH_ROOM 192
#define WAKE_US 10	     /* an idle state that takes longer to leave is deep */
#define RING_KIB (2u << 10)  /* a ring of the usual size, in a huge page */

/* ---- sets of processors ---- */

static void add(struct fb_cpus *set, unsigned long first, unsigned long last)
{
	for (unsigned long i = first; i <= last && i < FB_CPUS_MAX; i++)
		set->word[i / 64] |= UINT64_C(1) << i % 64;
}

void fb_cpus_parse(const char *text, struct fb_cpus *out)
{
	memset(out, 0, sizeof(*out));
	while (isdigit((unsigned char)*text)) {
		char *end;
		unsigned long first = strtoul(text, &end, 10), last = first;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		add(out, first, last);
		text = end + (*end == ',');
	}
}

bool fb_cpus_has(const struct fb_cpus *set, unsigned cpu)
{
	return cpu < FB_CPUS_MAX && set->word[cpu / 64] >> cpu % 64 & 1;
}

static unsigned count(const struct fb_cpus *set)
{
	unsigned n = 0;
	for (size_t i = 0; i < FB_CPUS_MAX / 64; i++)
		n += (unsigned)__builtin_popcountll(set->word[i]);
	return n;
}

static unsigned outside(const struct fb_cpus *set, const struct fb_cpus *of)
{
	unsigned n = 0;
	for (size_t i = 0; i < FB_CPUS_MAX / 64; i++)
		n += (unsigned)__builtin_popcountll(set->word[i] & ~of->word[i]);
	return n;
}

bool fb_cpus_of_process(const struct fb_os *os, struct fb_cpus *out)
{
	char text[8192];
	static const char key[] = "Cpus_allowed_list:";
	if (fb_os_text(os, "/proc/self/status", text, sizeof(text)) < 0)
		return false;
	const char *at = strstr(text, key);
	if (!at)
		return false;
	at += sizeof(key) - 1;
	fb_cpus_parse(at + strspn(at, " \t"), out);
	return count(out) > 0;
}

bool fb_doctor_flag(const struct fb_os *os, const char *flag)
{
	char text[16384];
	if (fb_os_text(os, "/proc/cpuinfo", text, sizeof(text)) < 0)
		return false;
	const char *line = strstr(text, "\nflags");
	size_t n = strlen(flag);
	const char *end = line ? strchr(line + 1, '\n') : NULL;
	if (!end)
		return false;
	for (const char *at = line; (at = strstr(at, flag)) && at < end; at += n)
		if (at[-1] == ' ' && (at[n] == ' ' || at[n] == '\n'))
			return true;
	return false;
}

/* ---- checks ---- */

static void numa(struct fb_doctor *d, const struct fb_os *os, const struct fb_pci_card *card)
{
	struct fb_check *check = fb_doctor_check(d, "NUMA node");
	struct fb_cpus near, allowed;
	char path[PATH_ROOM], text[4096];
	fb_check_wanted(check, "this process on processors of the card's node");
	if (card->numa_node < 0) {
		fb_check_measured(check, "one for all");
		return;
	}
	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/cpulist", card->numa_node);
	if (fb_os_line(os, path, text, sizeof(text)) || !fb_cpus_of_process(os, &allowed)) {
		fb_check_measured(check, "card on %d; processors unknown", card->numa_node);
		return;
	}
	fb_cpus_parse(text, &near);
	unsigned away = outside(&allowed, &near);
	fb_check_measured(check, "card on %d; %u of %u processors of this process are elsewhere",
			  card->numa_node, away, count(&allowed));
	if (away)
		fb_check_cure(check, FB_WARN, "numactl --cpunodebind=%d --membind=%d firebreak ...",
			      card->numa_node, card->numa_node);
}

static void kernel(struct fb_doctor *d, const struct fb_os *os)
{
	struct fb_check *check = fb_doctor_check(d, "kernel");
	char text[128];
	unsigned major = 0, minor = 0;
	fb_check_wanted(check, "Linux 5.10 or later");
	if (fb_os_line(os, "/proc/sys/kernel/osrelease", text, sizeof(text)) ||
	    sscanf(text, "%u.%u", &major, &minor) != 2) {
		fb_check_measured(check, "unknown");
		fb_check_cure(check, FB_WARN, "uname -r");
		return;
	}
	fb_check_measured(check, "%s, VFIO by %s", text,
			  major > 6 || (major == 6 && minor >= 6) ? "device file or group"
								  : "group");
	if (major < 5 || (major == 5 && minor < 10))
		fb_check_cure(check, FB_WARN, "apt-get install linux-image-amd64");
}

/* The one to give away is the last one: interrupts and other people's threads like the first. */
static unsigned last_cpu(const struct fb_os *os)
{
	char text[4096];
	struct fb_cpus online;
	if (fb_os_line(os, "/sys/devices/system/cpu/online", text, sizeof(text)))
		return 1;
	fb_cpus_parse(text, &online);
	for (unsigned i = FB_CPUS_MAX; i-- > 0;)
		if (fb_cpus_has(&online, i))
			return i;
	return 1;
}

static void isolated(struct fb_doctor *d, const struct fb_os *os)
{
	struct fb_check *check = fb_doctor_check(d, "isolated cores");
	char text[4096];
	unsigned last = last_cpu(os);
	fb_check_wanted(check, "at least one core for the thread that polls");
	if (fb_os_line(os, "/sys/devices/system/cpu/isolated", text, sizeof(text)) || !*text) {
		fb_check_measured(check, "none");
		if (last == 0)
			fb_check_cure(check, FB_WARN,
				      "a second processor: this machine has one for everything");
		else
			fb_check_cure(check, FB_WARN,
				      "boot with isolcpus=managed_irq,domain,%u nohz_full=%u "
				      "rcu_nocbs=%u, then taskset -c %u firebreak ...",
				      last, last, last, last);
		return;
	}
	fb_check_measured(check, "%.100s", text);
}

/* The first processor of this process that has not the governor. */
static void governor(struct fb_doctor *d, const struct fb_os *os, const struct fb_cpus *cpus)
{
	struct fb_check *check = fb_doctor_check(d, "governor");
	unsigned seen = 0;
	fb_check_wanted(check, "performance on all processors of this process");
	for (unsigned i = 0; i < FB_CPUS_MAX; i++) {
		char path[PATH_ROOM], text[64];
		snprintf(path, sizeof(path),
			 "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_governor", i);
		if (!fb_cpus_has(cpus, i) || fb_os_line(os, path, text, sizeof(text)))
			continue;
		seen++;
		if (strcmp(text, "performance") == 0)
			continue;
		fb_check_measured(check, "%s on processor %u", text, i);
		fb_check_cure(check, FB_WARN, "as root: cpupower frequency-set -g performance");
		return;
	}
	fb_check_measured(check, seen ? "performance" : "the kernel scales no frequency");
}

/* Microseconds to leave the deepest state that is not switched off; its name. */
static unsigned long deepest(const struct fb_os *os, unsigned cpu, char *name, size_t size)
{
	unsigned long most = 0;
	for (unsigned state = 0; state < 16; state++) {
		char path[PATH_ROOM], text[64];
		int n = snprintf(path, sizeof(path),
				 "/sys/devices/system/cpu/cpu%u/cpuidle/state%u/", cpu, state);
		size_t room = sizeof(path) - (size_t)n;
		snprintf(path + n, room, "disable");
		if (fb_os_line(os, path, text, sizeof(text)) == 0 && strcmp(text, "0") != 0)
			continue;
		snprintf(path + n, room, "latency");
		if (fb_os_line(os, path, text, sizeof(text)))
			continue;
		unsigned long latency_us = strtoul(text, NULL, 10);
		if (latency_us <= most)
			continue;
		most = latency_us;
		snprintf(path + n, room, "name");
		if (fb_os_line(os, path, name, size))
			snprintf(name, size, "state %u", state);
	}
	return most;
}

static void idle(struct fb_doctor *d, const struct fb_os *os, const struct fb_cpus *cpus)
{
	struct fb_check *check = fb_doctor_check(d, "idle states");
	char name[64] = "";
	fb_check_wanted(check, "none that takes more than %d us to leave", WAKE_US);
	fb_check_measured(check, "none deep");
	for (unsigned i = 0; i < FB_CPUS_MAX; i++) {
		unsigned long us = fb_cpus_has(cpus, i) ? deepest(os, i, name, sizeof(name)) : 0;
		if (us <= WAKE_US)
			continue;
		fb_check_measured(check, "%s, %lu us, on processor %u", name, us, i);
		fb_check_cure(check, FB_WARN,
			      "as root: cpupower idle-set -D %d; or boot with "
			      "processor.max_cstate=1 intel_idle.max_cstate=1",
			      WAKE_US);
		return;
	}
}

static void huge_pages(struct fb_doctor *d, const struct fb_os *os)
{
	struct fb_check *check = fb_doctor_check(d, "huge pages");
	char text[32];
	unsigned long n = 0;
	if (fb_os_line(os, "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", text,
		       sizeof(text)) == 0)
		n = strtoul(text, NULL, 10);
	fb_check_wanted(check, "one of 2 MiB free for each card");
	fb_check_measured(check, "%lu free", n);
	if (n == 0)
		fb_check_cure(check, FB_WARN, "as root: sysctl vm.nr_hugepages=4");
}

static void locked(struct fb_doctor *d, const struct fb_os *os)
{
	struct fb_check *check = fb_doctor_check(d, "locked memory");
	static const char key[] = "Max locked memory";
	char text[4096], soft[32] = "";
	fb_check_wanted(check, "%u KiB or more, for the record ring", RING_KIB);
	const char *at = fb_os_text(os, "/proc/self/limits", text, sizeof(text)) < 0
				 ? NULL
				 : strstr(text, key);
	if (!at || sscanf(at + sizeof(key) - 1, "%31s", soft) != 1) {
		fb_check_measured(check, "unknown");
		fb_check_cure(check, FB_WARN, "ulimit -l");
		return;
	}
	bool unlimited = strcmp(soft, "unlimited") == 0;
	unsigned long long kib = strtoull(soft, NULL, 10) >> 10;
	fb_check_measured(check, "%llu KiB", kib);
	if (unlimited)
		fb_check_measured(check, "unlimited");
	else if (kib < RING_KIB)
		fb_check_cure(check, FB_WARN,
			      "ulimit -l unlimited, or LimitMEMLOCK=infinity in the unit");
}

void fb_doctor_host(struct fb_doctor *d, const struct fb_os *os, const struct fb_pci_card *card)
{
	struct fb_cpus cpus;
	if (!fb_cpus_of_process(os, &cpus))
		memset(&cpus, 0, sizeof(cpus));
	if (card)
		numa(d, os, card);
	isolated(d, os);
	governor(d, os, &cpus);
	idle(d, os, &cpus);
	huge_pages(d, os);
	locked(d, os);
	kernel(d, os);
}
