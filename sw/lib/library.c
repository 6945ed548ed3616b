/* See library.h. */
#include "library.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <firebreak/layout.h>

static bool readable(const char *folder, const char *name, char path[PATH_MAX])
{
	int n = snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return n > 0 && n < PATH_MAX && access(path, R_OK) == 0;
}

static void parent(char *path)
{
	char *slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
}

static bool find(const char *name, char path[PATH_MAX])
{
	const char *named = getenv("FIREBREAK_CORE_DIR");
	if (named && *named && readable(named, name, path))
		return true;
	char own[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	if (n > 0) {
		own[n] = '\0';
		parent(own);
		if (readable(own, name, path))
			return true;
		parent(own);
		if (readable(own, name, path))
			return true;
		char installed[PATH_MAX + 16];
		snprintf(installed, sizeof(installed), "%s/lib/firebreak", own);
		if (readable(installed, name, path))
			return true;
	}
	return readable("./build", name, path);
}

int fb_library_open(struct fb_library *library, const char *name, const char *symbol,
		    struct fb_error *error)
{
	*library = (struct fb_library){ 0 };
	char path[PATH_MAX];
	if (!find(name, path))
		return fb_error_set(error, -ENOENT, "%s is not built; run: make build/%s", name,
				    name);
	library->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library->handle)
		return fb_error_set(error, -EINVAL, "%s does not load: %s", path, dlerror());
	library->symbol = dlsym(library->handle, symbol);
	if (library->symbol)
		return 0;
	fb_library_close(library);
	return fb_error_set(error, -EINVAL, "%s is not what its name says: it has no %s", path,
			    symbol);
}

void fb_library_close(struct fb_library *library)
{
	if (library->handle)
		dlclose(library->handle);
	*library = (struct fb_library){ 0 };
}

int fb_library_check(const char *name, unsigned abi, struct fb_error *error)
{
	if (abi == FB_LAYOUT_HASH)
		return 0;
	return fb_error_set(error, -EINVAL,
			    "%s: expected layout hash %08x, found %08x; run: make build/%s", name,
			    FB_LAYOUT_HASH, abi, name);
}
