/* Between the parts of the doctor. */
#ifndef FIREBREAK_DOCTOR_INTERNAL_H
#define FIREBREAK_DOCTOR_INTERNAL_H

#include <stdbool.h>

#include <firebreak/doctor.h>

#include "os.h"
#include "pci_args.h"

#define FB_CPUS_MAX 4096

/* A set of processors, from a list like "0-3,8". */
struct fb_cpus {
	uint64_t word[FB_CPUS_MAX / 64];
};
void fb_cpus_parse(const char *text, struct fb_cpus *out);
bool fb_cpus_has(const struct fb_cpus *cpus, unsigned cpu);
/* On which this process may run: /proc/self/status. False: it does not say. */
bool fb_cpus_of_process(const struct fb_os *os, struct fb_cpus *out);

/* A new check, which passes so far. Names are literals. */
struct fb_check *fb_doctor_check(struct fb_doctor *doctor, const char *name);
__attribute__((format(printf, 2, 3)))
void fb_check_measured(struct fb_check *check, const char *format, ...);
__attribute__((format(printf, 2, 3)))
void fb_check_wanted(struct fb_check *check, const char *format, ...);
/* It does not pass, and this helps. */
__attribute__((format(printf, 3, 4)))
void fb_check_cure(struct fb_check *check, enum fb_verdict verdict, const char *format, ...);

/* The checks of a card; args: how it is to be opened. */
void fb_doctor_link(struct fb_doctor *doctor, const struct fb_pci_card *card);
void fb_doctor_space(struct fb_doctor *doctor, const struct fb_os *os,
		     const struct fb_pci_card *card);
void fb_doctor_access(struct fb_doctor *doctor, const struct fb_os *os,
		      const struct fb_pci_card *card, const struct fb_pci_args *args);
/* Those of the host; card NULL: none. */
void fb_doctor_host(struct fb_doctor *doctor, const struct fb_os *os,
		    const struct fb_pci_card *card);
/* Does /proc/cpuinfo list this flag? */
bool fb_doctor_flag(const struct fb_os *os, const char *flag);

#endif
