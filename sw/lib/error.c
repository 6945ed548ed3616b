/* Error texts: see <firebreak/error.h>. */
#include <stdarg.h>
#include <stdio.h>

#include <firebreak/error.h>

int fb_error_set(struct fb_error *error, int code, const char *format, ...)
{
	if (!error)
		return code;
	va_list args;
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	/* File names and foreign text may hold newlines; the promise is one line. */
	for (char *c = error->text; *c; c++)
		if (*c == '\n' || *c == '\r')
			*c = ' ';
	return code;
}
