/* What the access to a card asks of the operating system, as a table: a test puts a recorded tree,
 * a fake kernel, or a failure at the n-th call in its place.
 *
 * Every function returns 0 or a value, or -errno. Paths begin with / and are looked up below
 * `root`, which is "" on a machine. */
#ifndef FIREBREAK_OS_H
#define FIREBREAK_OS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct fb_os {
	const char *root;
	int (*open)(struct fb_os *os, const char *path, int flags);
	int (*close)(struct fb_os *os, int fd);
	/* All of length bytes, or -EIO. */
	int (*read_at)(struct fb_os *os, int fd, void *out, size_t length, uint64_t offset);
	int (*write_at)(struct fb_os *os, int fd, const void *bytes, size_t length,
			uint64_t offset);
	int (*ioctl)(struct fb_os *os, int fd, unsigned long request, void *argument);
	int (*map)(struct fb_os *os, int fd, size_t length, int flags, uint64_t offset, void **out);
	int (*unmap)(struct fb_os *os, void *memory, size_t length);
	/* Takes the lock of a file for this process, or -EWOULDBLOCK. It ends with the last
	 * descriptor, however the process ends. */
	int (*lock)(struct fb_os *os, int fd);
	int (*pin)(struct fb_os *os, void *memory, size_t length);
};

/* The running system. */
void fb_os_linux(struct fb_os *out);

/* What follows does not go through the table: it only looks. */

/* root + path into out; -ENAMETOOLONG. */
int fb_os_path(const struct fb_os *os, char *out, size_t size, const char *path);
/* First line of a small file without its newline; -errno. */
int fb_os_line(const struct fb_os *os, const char *path, char *out, size_t size);
/* The whole of a small file as text, shortened to size - 1 bytes; its length. */
int fb_os_text(const struct fb_os *os, const char *path, char *out, size_t size);
/* Last component of what a symbolic link points to. */
int fb_os_link(const struct fb_os *os, const char *path, char *out, size_t size);
int fb_os_exists(const struct fb_os *os, const char *path);
/* May this process read and write it? 0 or -errno. */
int fb_os_may_write(const struct fb_os *os, const char *path);

#endif
