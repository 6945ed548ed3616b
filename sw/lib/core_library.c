/* See core_library.h. */
#include "core_library.h"

#include <stdio.h>
#include <string.h>

int fb_core_library_open(struct fb_core_library *library, uint32_t lanes, const char *variant,
			 struct fb_error *error)
{
	*library = (struct fb_core_library){ 0 };
	char name[64];
	snprintf(name, sizeof(name), "libfbcore%u%s.so", lanes, variant);
	int rc = fb_library_open(&library->library, name, "fb_core_ops", error);
	if (rc < 0)
		return rc;
	fb_core_ops_fn get;
	memcpy(&get, &library->library.symbol, sizeof(get));
	library->ops = get();
	rc = fb_library_check(name, library->ops->abi, error);
	if (rc < 0)
		fb_core_library_close(library);
	return rc;
}

void fb_core_library_close(struct fb_core_library *library)
{
	fb_library_close(&library->library);
	library->ops = NULL;
}
