/* Where a rule pack lies: beside the sources for a program in build/, beside share/ for an
 * installed one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules_path.h"

#define LEVELS \
	3 /* build/firebreak is one folder below the project, a test of build/tests/unit/ three */

static int try_folder(const char *folder, const char *below, const char *name, char *path)
{
	int n = snprintf(path, FB_RULES_PATH_MAX, "%s%s/%s.rules", folder, below, name);

	return n > 0 && n < FB_RULES_PATH_MAX && access(path, F_OK) == 0;
}

static int is_path(const char *name)
{
	size_t length = strlen(name);

	return strchr(name, '/') || (length > 6 && strcmp(name + length - 6, ".rules") == 0);
}

int fb_rules_path(const char *name, char path[FB_RULES_PATH_MAX], struct fb_error *error)
{
	const char *chosen = getenv("FIREBREAK_RULES");
	char folder[FB_RULES_PATH_MAX];
	ssize_t n;

	if (is_path(name)) {
		if (snprintf(path, FB_RULES_PATH_MAX, "%s", name) >= FB_RULES_PATH_MAX)
			return fb_error_set(error, -ENAMETOOLONG,
					    "the path of the rules is longer than %d bytes",
					    FB_RULES_PATH_MAX - 1);
		return 0;
	}
	if (chosen && *chosen && try_folder(chosen, "", name, path))
		return 0;
	n = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
	if (n > 0) {
		folder[n] = '\0';
		*strrchr(folder, '/') = '\0';
		for (int level = 0; level < LEVELS; level++) {
			char *slash = strrchr(folder, '/');

			if (!slash)
				break;
			*slash = '\0';
			if (try_folder(folder, "/sw/rules", name, path) ||
			    try_folder(folder, "/share/firebreak/rules", name, path))
				return 0;
		}
	}
	return fb_error_set(error, -ENOENT,
			    "rules \"%.64s\": expected a pack in $FIREBREAK_RULES (%s), sw/rules "
			    "or share/firebreak/rules, found none; or give a path with a slash",
			    name, chosen && *chosen ? chosen : "not set");
}
