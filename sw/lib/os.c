/* See os.h. */
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PATH_ROOM 512

int fb_os_path(const struct fb_os *os, char *out, size_t size, const char *path)
{
	int n = snprintf(out, size, "%s%s", os->root, path);
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

static int os_open(struct fb_os *os, const char *path, int flags)
{
	char full[PATH_ROOM];
	int err = fb_os_path(os, full, sizeof(full), path);
	if (err)
		return err;
	int fd = open(full, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int os_close(struct fb_os *os, int fd)
{
	(void)os;
	return close(fd) ? -errno : 0;
}

static int os_read_at(struct fb_os *os, int fd, void *out, size_t length, uint64_t offset)
{
	(void)os;
	ssize_t n = pread(fd, out, length, (off_t)offset);
	if (n < 0)
		return -errno;
	return (size_t)n == length ? 0 : -EIO;
}

static int os_write_at(struct fb_os *os, int fd, const void *bytes, size_t length, uint64_t offset)
{
	(void)os;
	ssize_t n = pwrite(fd, bytes, length, (off_t)offset);
	if (n < 0)
		return -errno;
	return (size_t)n == length ? 0 : -EIO;
}

static int os_ioctl(struct fb_os *os, int fd, unsigned long request, void *argument)
{
	(void)os;
	int n = ioctl(fd, request, argument);
	return n < 0 ? -errno : n;
}

static int os_map(struct fb_os *os, int fd, size_t length, int flags, uint64_t offset, void **out)
{
	(void)os;
	void *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, flags, fd, (off_t)offset);
	if (memory == MAP_FAILED)
		return -errno;
	*out = memory;
	return 0;
}

static int os_unmap(struct fb_os *os, void *memory, size_t length)
{
	(void)os;
	return munmap(memory, length) ? -errno : 0;
}

static int os_lock(struct fb_os *os, int fd)
{
	(void)os;
	return flock(fd, LOCK_EX | LOCK_NB) ? -errno : 0;
}

static int os_pin(struct fb_os *os, void *memory, size_t length)
{
	(void)os;
	return mlock(memory, length) ? -errno : 0;
}

void fb_os_linux(struct fb_os *out)
{
	*out = (struct fb_os){ .root = "",
			       .open = os_open,
			       .close = os_close,
			       .read_at = os_read_at,
			       .write_at = os_write_at,
			       .ioctl = os_ioctl,
			       .map = os_map,
			       .unmap = os_unmap,
			       .lock = os_lock,
			       .pin = os_pin };
}

int fb_os_text(const struct fb_os *os, const char *path, char *out, size_t size)
{
	char full[PATH_ROOM];
	int err = fb_os_path(os, full, sizeof(full), path);
	out[0] = '\0';
	if (err)
		return err;
	int fd = open(full, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	size_t got = 0;
	ssize_t n = 0;
	while (got < size - 1 && (n = read(fd, out + got, size - 1 - got)) > 0)
		got += (size_t)n;
	err = n < 0 ? -errno : 0;
	close(fd);
	out[err ? 0 : got] = '\0';
	return err ? err : (int)got;
}

int fb_os_line(const struct fb_os *os, const char *path, char *out, size_t size)
{
	int n = fb_os_text(os, path, out, size);
	out[strcspn(out, "\n")] = '\0';
	return n < 0 ? n : 0;
}

int fb_os_link(const struct fb_os *os, const char *path, char *out, size_t size)
{
	char full[PATH_ROOM], target[PATH_ROOM];
	int err = fb_os_path(os, full, sizeof(full), path);
	if (err)
		return err;
	ssize_t n = readlink(full, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	const char *slash = strrchr(target, '/');
	int written = snprintf(out, size, "%s", slash ? slash + 1 : target);
	return written < 0 || (size_t)written >= size ? -ENAMETOOLONG : 0;
}

static int ask(const struct fb_os *os, const char *path, int mode)
{
	char full[PATH_ROOM];
	int err = fb_os_path(os, full, sizeof(full), path);
	if (err)
		return err;
	return faccessat(AT_FDCWD, full, mode, AT_EACCESS) ? -errno : 0;
}

int fb_os_exists(const struct fb_os *os, const char *path)
{
	return ask(os, path, F_OK) == 0;
}

int fb_os_may_write(const struct fb_os *os, const char *path)
{
	return ask(os, path, R_OK | W_OK);
}
