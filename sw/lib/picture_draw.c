/* See picture_draw.h. */
#include <math.h>

#include "picture_draw.h"

double panel_y(const struct panel *p, double value)
{
	return p->top + p->height * (p->high - value) / (p->high - p->low);
}

double round_step(double range, unsigned wanted)
{
	double raw = range / wanted, power = pow(10, floor(log10(raw)));
	double digit = raw / power;
	return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

void draw_text(FILE *out, double x, double y, const char *anchor, const char *class, const char *text)
{
	fprintf(out, "<text x='%.1f' y='%.1f' text-anchor='%s' class='%s'>", x, y, anchor, class);
	for (; *text; text++)
		if (*text != '<' && *text != '>' && *text != '&' && (unsigned char)*text >= 0x20)
			putc(*text, out);
	fprintf(out, "</text>\n");
}

void format_plain(double value, char out[32])
{
	snprintf(out, 32, "%g", value);
}

void format_short(double value, char out[32])
{
	double magnitude = fabs(value);
	if (magnitude >= 1e9)
		snprintf(out, 32, "%gbn", value / 1e9);
	else if (magnitude >= 1e6)
		snprintf(out, 32, "%gM", value / 1e6);
	else if (magnitude >= 1e3)
		snprintf(out, 32, "%gk", value / 1e3);
	else
		snprintf(out, 32, "%g", value);
}

void draw_grid(FILE *out, const struct panel *p, unsigned wanted, void (*format)(double, char[32]))
{
	double step = round_step(p->high - p->low, wanted);
	for (double k = ceil(p->low / step - 1e-9); k * step <= p->high + step * 1e-9; k++) {
		char text[32];
		double value = k * step, y = panel_y(p, value);
		fprintf(out, "<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' class='%s'/>\n", p->left, y,
			p->left + p->width, y, k == 0 ? "zero" : "grid");
		format(k == 0 ? 0 : value, text);
		draw_text(out, p->left - 10, y + 4, "end", "tick", text);
	}
}
