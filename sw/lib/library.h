/* Finds and opens a library of build/ at run time: a Verilated core or card, so that the program
 * builds and runs without Verilator. */
#ifndef FIREBREAK_LIBRARY_H
#define FIREBREAK_LIBRARY_H

#include <firebreak/error.h>

struct fb_library {
	void *handle;
	/* Where `symbol` lies. Copy it into a pointer to a function; ISO C has no cast for it. */
	void *symbol;
};

/* name: such as "libfbcore8.so". Looked for in $FIREBREAK_CORE_DIR, the program's own folder, the
 * folder above it (tests lie in build/tests), ../lib/firebreak beside that and ./build. 0;
 * -ENOENT: not found; -EINVAL: not loadable, or without the symbol. The error says what to run. */
int fb_library_open(struct fb_library *library, const char *name, const char *symbol,
		    struct fb_error *error);
void fb_library_close(struct fb_library *library);
/* Refuses a library that was built from another contract: 0 or -EINVAL. */
int fb_library_check(const char *name, unsigned abi, struct fb_error *error);

#endif
