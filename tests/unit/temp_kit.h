/* A directory for a test program's files: in memory where the system has that, gone when the
 * program ends well. */
#ifndef TEMP_KIT_H
#define TEMP_KIT_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char temp_directory[64];

/* Call in main, before any test is forked. */
static inline void temp_open(const char *name)
{
	snprintf(temp_directory, sizeof(temp_directory), "%s/fb_test_%s.XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", name);
	if (!mkdtemp(temp_directory))
		abort();
}

/* The path of a file in it; good until the next call. */
static inline char *temp_path(const char *name)
{
	static char path[512];
	snprintf(path, sizeof(path), "%s/%s", temp_directory, name);
	return path;
}

static inline void temp_close(void)
{
	DIR *directory = opendir(temp_directory);
	for (struct dirent *entry; directory && (entry = readdir(directory));)
		unlink(temp_path(entry->d_name));
	if (directory)
		closedir(directory);
	rmdir(temp_directory);
}

#endif
