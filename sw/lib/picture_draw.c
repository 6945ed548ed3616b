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

void draw_text(FILE *out, double x, double y, const char *anchor, const char *class,
	       const char *text)
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
		fprintf(out, "<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' class='%s'/>\n",
			p->left, y, p->left + p->width, y, k == 0 ? "zero" : "grid");
		format(k == 0 ? 0 : value, text);
		draw_text(out, p->left - 10, y + 4, "end", "tick", text);
	}
}

const char picture_style[] =
	"text { font-family: 'DejaVu Sans', 'Helvetica Neue', Arial, sans-serif; fill: #3c4650 }\n"
	".head { font-size: 21px; font-weight: bold; fill: #18222c }\n"
	".sub { font-size: 13px; fill: #5c6873 }\n"
	".title { font-size: 14px; font-weight: bold; fill: #18222c }\n"
	".note { font-weight: normal; font-size: 12px; fill: #7b8792 }\n"
	".tick { font-size: 11px; fill: #7b8792 }\n"
	".label { font-size: 11px; fill: inherit }\n"
	".dark { fill: #3c4650 }\n"
	".bad { fill: #9e1b32 }\n"
	".grid { stroke: #e6eaee; stroke-width: 1 }\n"
	".zero { stroke: #9aa5b0; stroke-width: 1 }\n"
	".mark { fill: none; stroke-width: 1.4; stroke-linejoin: round }\n"
	".leader { fill: none; stroke-width: 0.8; opacity: 0.6 }\n"
	".breach { fill: #f3cf9b }\n"
	".liquidation { fill: #c8502f }\n"
	".takeover { fill: #3d1420 }\n"
	".adl { fill: #1f6fb2 }\n"
	".equity { fill: none; stroke: #1f7a5c; stroke-width: 2 }\n"
	".equity-area { fill: #1f7a5c; opacity: 0.10 }\n"
	".equity-key { fill: #1f7a5c }\n"
	".collateral { fill: none; stroke: #4a5fa8; stroke-width: 1.5; stroke-dasharray: 5 4 }\n"
	".collateral-key { fill: #4a5fa8 }\n";

void colour(double fallen, char out[8])
{
	static const double stop[4][4] = { { 0, 0x2b, 0x6c, 0x9f },
					   { 25, 0x4f, 0x9d, 0x96 },
					   { 45, 0xe0, 0x9f, 0x3e },
					   { 75, 0x9e, 0x1b, 0x32 } };
	int i = 0;
	fallen = fallen < 0 ? 0 : fallen > 75 ? 75 : fallen;
	while (i < 2 && fallen > stop[i + 1][0])
		i++;
	double t = (fallen - stop[i][0]) / (stop[i + 1][0] - stop[i][0]);
	unsigned c[3];
	for (int k = 0; k < 3; k++)
		c[k] = (unsigned)lround(stop[i][k + 1] +
					t * (stop[i + 1][k + 1] - stop[i][k + 1])) &
		       0xff;
	snprintf(out, 8, "#%02x%02x%02x", c[0], c[1], c[2]);
}
