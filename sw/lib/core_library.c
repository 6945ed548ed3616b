/* See core_library.h. */
#include "core_library.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static int load(struct fb_core_library *library, const char *path, struct fb_error *error)
{
	library->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library->handle)
		return fb_error_set(error, -EINVAL, "%s does not load: %s", path, dlerror());
	/* POSIX promises that dlsym's pointer may be called; ISO C has no cast for it. */
	fb_core_ops_fn get;
	void *symbol = dlsym(library->handle, "fb_core_ops");
	memcpy(&get, &symbol, sizeof(get));
	if (!symbol)
		return fb_error_set(error, -EINVAL, "%s is not a core: it has no fb_core_ops",
				    path);
	library->ops = get();
	if (library->ops->abi != FB_LAYOUT_HASH)
		return fb_error_set(error, -EINVAL,
				    "%s: expected layout hash %08x, found %08x; run: make build/%s",
				    path, FB_LAYOUT_HASH, library->ops->abi,
				    strrchr(path, '/') + 1);
	return 0;
}

int fb_core_library_open(struct fb_core_library *library, uint32_t lanes, const char *variant,
			 struct fb_error *error)
{
	*library = (struct fb_core_library){ 0 };
	char name[64], path[PATH_MAX];
	snprintf(name, sizeof(name), "libfbcore%u%s.so", lanes, variant);
	if (!find(name, path))
		return fb_error_set(error, -ENOENT, "%s is not built; run: make build/%s", name,
				    name);
	int rc = load(library, path, error);
	if (rc < 0)
		fb_core_library_close(library);
	return rc;
}

void fb_core_library_close(struct fb_core_library *library)
{
	if (library->handle)
		dlclose(library->handle);
	*library = (struct fb_core_library){ 0 };
}
