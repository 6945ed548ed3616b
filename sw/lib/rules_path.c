/* Where a rule pack lies: beside the sources for a program in build/, beside share/ for an
 * installed one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules_path.h"

/* build/firebreak is one folder below the project, a test of build/tests/unit/ three. */
#define LEVELS 3
_Static_assert(FB_RULES_FOLDERS == 1 + 2 * LEVELS, "the one that is set, and two a level");

static int is_path(const char *name)
{
	size_t length = strlen(name);

	return strchr(name, '/') || (length > 6 && strcmp(name + length - 6, ".rules") == 0);
}

/* The folder so many levels above that of the program; -ENOENT. */
static int above(unsigned levels, char folder[FB_RULES_PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", folder, FB_RULES_PATH_MAX - 1);

	if (n <= 0)
		return -ENOENT;
	folder[n] = '\0';
	*strrchr(folder, '/') = '\0';
	while (levels-- > 0) {
		char *slash = strrchr(folder, '/');

		if (!slash)
			return -ENOENT;
		*slash = '\0';
	}
	return 0;
}

int fb_rules_folder(unsigned i, char folder[FB_RULES_PATH_MAX])
{
	static const char *const below[] = { "/sw/rules", "/share/firebreak/rules" };
	const char *chosen = getenv("FIREBREAK_RULES");
	size_t length;

	if (i == 0)
		return chosen && *chosen &&
				       snprintf(folder, FB_RULES_PATH_MAX, "%s", chosen) <
					       FB_RULES_PATH_MAX
			       ? 0
			       : -ENOENT;
	if (above((i - 1) / 2 + 1, folder))
		return -ENOENT;
	length = strlen(folder);
	return snprintf(folder + length, FB_RULES_PATH_MAX - length, "%s", below[(i - 1) % 2]) <
			       (int)(FB_RULES_PATH_MAX - length)
		       ? 0
		       : -ENOENT;
}

int fb_rules_path(const char *name, char path[FB_RULES_PATH_MAX], struct fb_error *error)
{
	const char *chosen = getenv("FIREBREAK_RULES");
	char folder[FB_RULES_PATH_MAX];

	if (is_path(name)) {
		if (snprintf(path, FB_RULES_PATH_MAX, "%s", name) >= FB_RULES_PATH_MAX)
			return fb_error_set(error, -ENAMETOOLONG,
					    "the path of the rules is longer than %d bytes",
					    FB_RULES_PATH_MAX - 1);
		return 0;
	}
	for (unsigned i = 0; i < FB_RULES_FOLDERS; i++)
		if (fb_rules_folder(i, folder) == 0 &&
		    snprintf(path, FB_RULES_PATH_MAX, "%s/%s.rules", folder, name) <
			    FB_RULES_PATH_MAX &&
		    access(path, F_OK) == 0)
			return 0;
	return fb_error_set(error, -ENOENT,
			    "rules \"%.64s\": expected a pack in $FIREBREAK_RULES (%s), sw/rules "
			    "or share/firebreak/rules, found none; or give a path with a slash",
			    name, chosen && *chosen ? chosen : "not set");
}
