/* Which rule packs there are. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/packs.h>

#include "rules_path.h"

#define SUFFIX ".rules"
#define SUFFIX_LENGTH (sizeof(SUFFIX) - 1)

/* The name of a pack's file without its suffix, or false. */
static bool take_name(const char *file, char name[FB_NAME_MAX])
{
	size_t length = strlen(file);

	if (length <= SUFFIX_LENGTH || length - SUFFIX_LENGTH >= FB_NAME_MAX ||
	    strcmp(file + length - SUFFIX_LENGTH, SUFFIX) != 0)
		return false;
	memset(name, 0, FB_NAME_MAX);
	memcpy(name, file, length - SUFFIX_LENGTH);
	return true;
}

static bool is_listed(const struct fb_pack *packs, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(packs[i].name, name) == 0)
			return true;
	return false;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct fb_pack *)a)->name, ((const struct fb_pack *)b)->name);
}

int fb_packs_list(struct fb_pack *out, size_t room, struct fb_error *error)
{
	char folder[FB_RULES_PATH_MAX], name[FB_NAME_MAX];
	struct fb_error ignored;
	size_t n = 0;

	_Static_assert(sizeof(out->path) == FB_RULES_PATH_MAX, "a path fits");
	for (unsigned i = 0; i < FB_RULES_FOLDERS; i++) {
		DIR *dir = fb_rules_folder(i, folder) == 0 ? opendir(folder) : NULL;
		const struct dirent *file;

		while (dir && n < room && (file = readdir(dir)) != NULL) {
			if (!take_name(file->d_name, name) || is_listed(out, n, name) ||
			    fb_rules_path(name, out[n].path, &ignored) != 0)
				continue;
			memcpy(out[n++].name, name, sizeof(name));
		}
		if (dir)
			closedir(dir);
	}
	if (n == 0)
		return fb_error_set(error, -ENOENT,
				    "expected packs in $FIREBREAK_RULES, sw/rules or "
				    "share/firebreak/rules, found none");
	qsort(out, n, sizeof(*out), by_name);
	return (int)n;
}
