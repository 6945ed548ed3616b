/* Engines from shared objects; see plugin.h. */
#include "plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "fakecard.h"

int plugin_engine_open(const char *uri, struct fb_engine **out, struct fb_error *error)
{
	int (*open_model)(const char *, struct fb_engine **, struct fb_error *);

	if (strncmp(uri, "fakecard:", 9) == 0)
		return fakecard_open(uri + 9, out, error);
	if (strncmp(uri, "plugin:", 7) != 0)
		return fb_engine_open(uri, out, error);
	char path[200];
	const char *arguments = strchr(uri, '?');
	size_t length = arguments ? (size_t)(arguments - uri) - 7 : strlen(uri + 7);
	if (length >= sizeof path)
		return fb_error_set(error, -EINVAL, "path too long: %.200s", uri);
	memcpy(path, uri + 7, length);
	path[length] = 0;
	/* Never closed: engines opened from it may live to the end, and opening it again costs
	 * nothing. */
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	void *symbol = handle ? dlsym(handle, "fb_model_open") : NULL;
	if (!symbol)
		return fb_error_set(error, -EINVAL, "%.200s: %.200s", path, dlerror());
	/* ISO C has no cast from an object pointer to a function. */
	memcpy(&open_model, &symbol, sizeof open_model);
	return open_model(arguments ? arguments + 1 : "", out, error);
}
