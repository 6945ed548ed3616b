/* Values of rule packs as text: what rules_keys_value.c reads, the other way round. */
#include <string.h>
#include <time.h>

#include "packs_value.h"
#include "rules_keys_value.h"

/* value / 10^decimals without zeros at the end. */
void fb_pack_decimal(FILE *out, __int128 value, unsigned decimals)
{
	char digits[64];
	unsigned n = 0, zeros = 0;
	unsigned __int128 rest = (unsigned __int128)(value < 0 ? -value : value);

	do {
		digits[n++] = (char)('0' + (int)(rest % 10));
		rest /= 10;
	} while (rest > 0 || n <= decimals);
	while (zeros < decimals && digits[zeros] == '0')
		zeros++;
	if (value < 0)
		fputc('-', out);
	while (n > zeros) {
		fputc(digits[--n], out);
		if (n == decimals && n > zeros)
			fputc('.', out);
	}
}

void fb_pack_percent(FILE *out, int64_t ratio_e7)
{
	fb_pack_decimal(out, ratio_e7, 5);
	fputs(" %", out);
}

static void put_time(FILE *out, int64_t us)
{
	char text[40];

	fb_key_show_time(us, text, sizeof(text));
	fputs(text, out);
}

static void put_date(FILE *out, int64_t us)
{
	time_t seconds = (time_t)(us / 1000000);
	char text[40] = "none";
	struct tm parts;

	if (us != 0 && gmtime_r(&seconds, &parts))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
	fputs(text, out);
}

static void put_word(FILE *out, const char *words, int64_t i)
{
	while (i-- > 0)
		words += strcspn(words, "|") + 1;
	fprintf(out, "%.*s", (int)strcspn(words, "|"), words);
}

void fb_pack_value(FILE *out, const struct fb_rules *r, const struct fb_key *key, int64_t value)
{
	switch (key->kind) {
	case FB_KEY_RATIO: fb_pack_percent(out, value); break;
	case FB_KEY_LEVEL: fputs(value ? r->threshold[value - 1].name : "none", out); break;
	case FB_KEY_CHOICE: put_word(out, key->words, value); break;
	case FB_KEY_NUMBER: fb_pack_decimal(out, value, 0); break;
	case FB_KEY_AMOUNT: fb_pack_decimal(out, value, 8); break;
	case FB_KEY_TIME: put_time(out, value); break;
	case FB_KEY_DATE: put_date(out, value); break;
	case FB_KEY_SYMBOL: fputs(value ? r->symbol[value - 1].name : "none", out); break;
	case FB_KEY_LADDER: fputs(r->ladder[value].name, out); break;
	case FB_KEY_OWN: fb_pack_decimal(out, value, 0); break;
	case FB_KEY_NAME: break;
	}
}

bool fb_pack_is(const struct fb_section *section, const char *name)
{
	return strcmp(section->name, name) == 0;
}
