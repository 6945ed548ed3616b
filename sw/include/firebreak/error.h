/* Errors that people read. Functions return 0 or -errno; where the cause needs words, they also
 * fill a struct fb_error: what, where (file:line:column), expected, found, and what to do. */
#ifndef FIREBREAK_ERROR_H
#define FIREBREAK_ERROR_H

struct fb_error {
	char text[512]; /* one line, no newline at the end; "" when there was no error */
};

/* Formats into error->text (error may be NULL) and returns code, so that a caller can write
 * `return fb_error_set(error, -EINVAL, "%s:%u:%u: expected ..., found ...", ...);` */
__attribute__((format(printf, 3, 4)))
int fb_error_set(struct fb_error *error, int code, const char *format, ...);

#endif
