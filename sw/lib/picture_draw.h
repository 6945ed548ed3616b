/* SVG in a few strokes. Only pictures use floating point; nothing here is ever read back. */
#ifndef PICTURE_DRAW_H
#define PICTURE_DRAW_H

#include <stdio.h>

/* A panel: a rectangle in pixels over a range of values. x is shared by all panels. */
struct panel {
	double left, top, width, height;
	double low, high; /* of y */
};

double panel_y(const struct panel *panel, double value);
/* A round step that divides `range` into about `wanted` parts. */
double round_step(double range, unsigned wanted);
/* Text with the few characters that XML forbids left out. anchor: start, middle or end. */
void draw_text(FILE *out, double x, double y, const char *anchor, const char *class,
	       const char *text);
/* Horizontal grid lines with numbers at the left; `format` writes one number. */
void draw_grid(FILE *out, const struct panel *panel, unsigned wanted,
	       void (*format)(double, char[32]));
void format_plain(double value, char out[32]);
/* 1.5k, 20M, 3bn */
void format_short(double value, char out[32]);

/* "#rrggbb" by depth of fall in percent: blue where little happened, through amber to dark red. */
void colour(double fallen, char out[8]);
/* The style sheet that the classes above refer to. */
extern const char picture_style[];

#endif
