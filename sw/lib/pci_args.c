/* See pci_args.h. */
#include "pci_args.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <firebreak/layout.h>

/* ---- addresses ---- */

/* 1 to `most` hexadecimal digits; NULL if there are none or the value is beyond `limit`. */
static const char *hex(const char *text, int most, uint32_t limit, uint32_t *out)
{
	uint32_t value = 0;
	int n = 0;
	for (; n < most && isxdigit((unsigned char)text[n]); n++) {
		char c = (char)tolower((unsigned char)text[n]);
		value = value << 4 | (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	*out = value;
	return n > 0 && value <= limit && !isxdigit((unsigned char)text[n]) ? text + n : NULL;
}

static bool parse_one(const char *text, struct fb_bdf *out)
{
	uint32_t part[3], n = 0, function = 0;
	static const uint32_t limit[3] = { UINT32_MAX, 0xff, 0x1f };
	uint32_t colons = 0;
	for (const char *c = text; *c; c++)
		colons += *c == ':';
	if (colons < 1 || colons > 2)
		return false;
	part[0] = 0;
	for (n = 2 - colons; n < 3; n++) {
		text = hex(text, n == 0 ? 8 : 2, limit[n], &part[n]);
		if (!text || (n < 2 && *text++ != ':'))
			return false;
	}
	if (*text == '.')
		text = hex(text + 1, 1, 7, &function);
	if (!text || *text)
		return false;
	*out = (struct fb_bdf){ part[0], (uint8_t)part[1], (uint8_t)part[2], (uint8_t)function };
	return true;
}

/* Of a path the last component that is an address counts: files of a device lie below its folder,
 * bridges above. */
bool fb_bdf_parse(const char *text, struct fb_bdf *out)
{
	bool found = false;
	if (!strchr(text, '/'))
		return parse_one(text, out);
	while (*text) {
		char part[FB_BDF_ROOM];
		size_t n = strcspn(text, "/");
		if (n < sizeof(part)) {
			memcpy(part, text, n);
			part[n] = '\0';
			found |= strchr(part, '.') && parse_one(part, out);
		}
		text += n + (text[n] == '/');
	}
	return found;
}

void fb_bdf_print(const struct fb_bdf *bdf, char out[FB_BDF_ROOM])
{
	snprintf(out, FB_BDF_ROOM, "%04x:%02x:%02x.%x", bdf->domain, bdf->bus, bdf->device,
		 bdf->function);
}

/* ---- arguments ---- */

static const char *const accesses[] = { "auto", "sysfs", "vfio" };
static const char *const dmas[] = { "auto", "iova", "pagemap" };

static bool choose(const char *value, const char *const *names, size_t n, int *out)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(value, names[i]) == 0) {
			*out = (int)i;
			return true;
		}
	return false;
}

static bool set_ring(const char *value, uint32_t *out)
{
	uint32_t bits = 0;
	if (!*value || strlen(value) > 2)
		return false;
	for (; *value; value++) {
		if (!isdigit((unsigned char)*value))
			return false;
		bits = bits * 10 + (uint32_t)(*value - '0');
	}
	*out = bits;
	return bits >= FB_RING_BITS_LEAST && bits <= FB_RING_BITS_MOST;
}

static bool set(struct fb_pci_args *args, const char *key, const char *value)
{
	int i = 0;
	bool good = false;
	if (strcmp(key, "access") == 0) {
		good = choose(value, accesses, 3, &i);
		args->access = (enum fb_pci_access)i;
	} else if (strcmp(key, "emit") == 0) {
		good = choose(value, fb_emit_names, FB_EMITS, &i);
		args->emit = (enum fb_emit)i;
	} else if (strcmp(key, "dma") == 0) {
		good = choose(value, dmas, 3, &i);
		args->dma = (enum fb_pci_dma)i;
	} else if (strcmp(key, "ring") == 0) {
		good = set_ring(value, &args->ring_bits);
	}
	return good;
}

static int refuse(struct fb_error *error, const char *whole, const char *found)
{
	return fb_error_set(error, -EINVAL,
			    "pci:%.100s: expected pci:BDF[,access=auto|sysfs|vfio]"
			    "[,emit=auto|movdir64b|avx512|wc|uc][,dma=auto|iova|pagemap]"
			    "[,ring=%d..%d] with BDF like 0000:01:00.0, 01:00.0 or auto, "
			    "found '%.60s'; `firebreak info` lists the cards",
			    whole, FB_RING_BITS_LEAST, FB_RING_BITS_MOST, found);
}

int fb_pci_args_parse(const char *text, struct fb_pci_args *out, struct fb_error *error)
{
	const char *whole = text;
	*out = (struct fb_pci_args){ .any = true, .ring_bits = FB_PCI_RING_BITS };
	for (bool first = true; *text || (!first && text[-1] == ','); first = false) {
		char part[256];
		size_t n = strcspn(text, ",");
		if (n >= sizeof(part))
			return refuse(error, whole, text);
		memcpy(part, text, n);
		part[n] = '\0';
		text += n + (text[n] == ',');
		char *value = strchr(part, '=');
		if (value) {
			*value = '\0';
			if (!set(out, part, value + 1)) {
				*value = '=';
				return refuse(error, whole, part);
			}
		} else if (first && fb_bdf_parse(part, &out->bdf)) {
			out->any = false;
		} else if (!first || strcmp(part, "auto") != 0) {
			return refuse(error, whole, part);
		}
	}
	return 0;
}

void fb_pci_args_print(const struct fb_pci_args *args, const char *bdf, char *out, size_t size)
{
	snprintf(out, size, "pci:%s,access=%s,emit=%s,dma=%s,ring=%u", bdf, accesses[args->access],
		 fb_emit_names[args->emit], dmas[args->dma], args->ring_bits);
}
