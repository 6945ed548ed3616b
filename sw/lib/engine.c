/* Opens an engine by URI: "name:arguments". */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <firebreak/engine.h>

static const struct {
	const char *name;
	int (*open)(const char *args, struct fb_engine **out, struct fb_error *error);
} engines[] = {
	{ "model", fb_model_open },
	{ "cpu", fb_cpu_open },
	{ "core", fb_core_open },
	{ "sim", fb_sim_open },
	{ "pci", fb_pci_open },
};

#define ENGINES (sizeof(engines) / sizeof(engines[0]))

static int no_such_engine(const char *uri, size_t length, struct fb_error *error)
{
	char known[128];
	size_t at = 0;
	for (size_t i = 0; i < ENGINES; i++) {
		at += (size_t)snprintf(known + at, sizeof(known) - at, " %s:", engines[i].name);
		assert(at < sizeof(known));
	}
	return fb_error_set(error, -ENOENT, "engine '%.*s': no such engine; known engines are%s",
		(int)(length < 64 ? length : 64), uri, known);
}

int fb_engine_open(const char *uri, struct fb_engine **out, struct fb_error *error)
{
	assert(uri && out);
	*out = NULL;
	const char *colon = strchr(uri, ':');
	if (!colon)
		return fb_error_set(error, -EINVAL,
			"engine '%.64s': expected NAME:ARGUMENTS, such as model: or core:lanes=8; "
			"found no colon",
			uri);
	size_t length = (size_t)(colon - uri);
	for (size_t i = 0; i < ENGINES; i++)
		if (strlen(engines[i].name) == length && memcmp(engines[i].name, uri, length) == 0)
			return engines[i].open(colon + 1, out, error);
	return no_such_engine(uri, length, error);
}
