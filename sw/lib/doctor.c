/* See <firebreak/doctor.h>. */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <firebreak/layout.h>

#include "doctor_internal.h"

struct fb_check *fb_doctor_check(struct fb_doctor *doctor, const char *name)
{
	assert(doctor->checks < FB_CHECKS_MAX);
	struct fb_check *check = &doctor->check[doctor->checks++];
	memset(check, 0, sizeof(*check));
	check->name = name;
	return check;
}

void fb_check_measured(struct fb_check *check, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(check->measured, sizeof(check->measured), format, args);
	va_end(args);
}

void fb_check_wanted(struct fb_check *check, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(check->wanted, sizeof(check->wanted), format, args);
	va_end(args);
}

void fb_check_cure(struct fb_check *check, enum fb_verdict verdict, const char *format, ...)
{
	va_list args;
	check->verdict = verdict;
	va_start(args, format);
	vsnprintf(check->cure, sizeof(check->cure), format, args);
	va_end(args);
}

/* ---- which card ---- */

static void list(const struct fb_pci_card *cards, size_t found, struct fb_check *check)
{
	size_t at = 0, room = sizeof(check->measured);
	for (size_t i = 0; i < found && i < FB_CARDS_MAX && at < room; i++)
		at += (size_t)snprintf(check->measured + at, room - at, "%s%s", i ? ", " : "",
				       cards[i].bdf);
}

/* True: *card is one of ours and the rest can be looked at. */
static bool choose(struct fb_doctor *doctor, const struct fb_cards_source *source,
		   const struct fb_pci_args *args, struct fb_pci_card *card)
{
	struct fb_check *check = fb_doctor_check(doctor, "card");
	struct fb_pci_card cards[FB_CARDS_MAX];
	struct fb_error error = { .text = "" };
	char at[FB_BDF_ROOM];
	size_t found;
	fb_bdf_print(&args->bdf, at);
	fb_check_wanted(check, "a Firebreak card, %04x:%04x", FB_PCI_VENDOR, FB_PCI_DEVICE);
	int err = fb_cards_find(source, args->any ? NULL : at, cards, FB_CARDS_MAX, &found, &error);
	if (err) {
		fb_check_measured(check, "none found");
		fb_check_cure(check, FB_FAIL, "%.270s", error.text);
		return false;
	}
	if (found == 0) {
		fb_check_measured(check, "none%s%s", args->any ? "" : " at ", args->any ? "" : at);
		fb_check_cure(check, FB_FAIL,
			      "program the card, then as root: echo 1 >/sys/bus/pci/rescan; what "
			      "the bus sees: lspci -nn -d %04x:",
			      FB_PCI_VENDOR);
		return false;
	}
	if (found > 1) {
		list(cards, found, check);
		fb_check_cure(check, FB_FAIL, "name one: firebreak doctor --engine pci:%s",
			      cards[0].bdf);
		return false;
	}
	*card = cards[0];
	fb_check_measured(check, "%s, %04x:%04x", card->bdf, card->vendor, card->device);
	if (card->vendor == FB_PCI_VENDOR && card->device == FB_PCI_DEVICE)
		return true;
	fb_check_cure(check, FB_FAIL, "another device is there; firebreak info lists the cards");
	return false;
}

int fb_doctor_examine(const struct fb_cards_source *source, const char *engine,
		      struct fb_doctor *out, struct fb_error *error)
{
	struct fb_pci_args args;
	struct fb_pci_card card;
	struct fb_os os;
	memset(out, 0, sizeof(*out));
	fb_os_linux(&os);
	os.root = source->root;
	if (engine && strncmp(engine, "pci:", 4) != 0)
		return fb_error_set(error, -EINVAL,
				    "doctor: expected an engine pci:BDF, found '%.100s'", engine);
	int err = fb_pci_args_parse(engine ? engine + 4 : "", &args, error);
	if (err)
		return err;
	bool found = choose(out, source, &args, &card);
	if (found) {
		fb_doctor_link(out, &card);
		fb_doctor_space(out, &os, &card);
	}
	/* A recorded configuration space has no machine around it. */
	if (source->dump)
		return 0;
	if (found)
		fb_doctor_access(out, &os, &card, &args);
	fb_doctor_host(out, &os, found ? &card : NULL);
	return 0;
}

enum fb_verdict fb_doctor_verdict(const struct fb_doctor *doctor)
{
	enum fb_verdict worst = FB_PASS;
	for (size_t i = 0; i < doctor->checks; i++)
		if (doctor->check[i].verdict > worst)
			worst = doctor->check[i].verdict;
	return worst;
}

/* ---- print ---- */

static const char *const verdicts[] = { "PASS", "WARN", "FAIL" };

void fb_doctor_print(const struct fb_doctor *doctor, FILE *out)
{
	unsigned count[3] = { 0, 0, 0 };
	for (size_t i = 0; i < doctor->checks; i++) {
		const struct fb_check *c = &doctor->check[i];
		count[c->verdict]++;
		fprintf(out, "%s  %-16s %s", verdicts[c->verdict], c->name, c->measured);
		if (c->verdict != FB_PASS)
			fprintf(out, "; wanted: %s\n      %-16s %s", c->wanted, "", c->cure);
		fprintf(out, "\n");
	}
	fprintf(out, "%u passed, %u warnings, %u failed\n", count[FB_PASS], count[FB_WARN],
		count[FB_FAIL]);
}

static void print_string(const char *text, FILE *out)
{
	fputc('"', out);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

void fb_doctor_print_json(const struct fb_doctor *doctor, FILE *out)
{
	fprintf(out, "{\n  \"verdict\": \"%s\",\n  \"checks\": [",
		verdicts[fb_doctor_verdict(doctor)]);
	for (size_t i = 0; i < doctor->checks; i++) {
		const struct fb_check *c = &doctor->check[i];
		const char *const members[][2] = { { "check", c->name },
						   { "verdict", verdicts[c->verdict] },
						   { "measured", c->measured },
						   { "wanted", c->wanted },
						   { "cure", c->cure } };
		fprintf(out, "%s\n    {", i ? "," : "");
		for (size_t m = 0; m < 5; m++) {
			fprintf(out, "%s\"%s\": ", m ? ", " : "", members[m][0]);
			print_string(members[m][1], out);
		}
		fprintf(out, "}");
	}
	fprintf(out, "\n  ]\n}\n");
}
