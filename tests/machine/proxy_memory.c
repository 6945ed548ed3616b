/* Guest memory through descriptors; see proxy_memory.h. */
#include "proxy_memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proxy_socket.h"

void proxy_memory_clear(struct proxy_memory *memory)
{
	for (unsigned i = 0; i < memory->n; i++)
		munmap(memory->range[i].map, memory->range[i].map_bytes);
	memory->n = 0;
}

/* A range beyond the end of its file would be SIGBUS at the first write. */
static int check_file(int fd, const struct proxy_range *r, struct fb_error *error)
{
	struct stat st;

	if (fstat(fd, &st))
		return fb_error_set(error, -errno, "proxy: memory: %s", strerror(errno));
	if (!S_ISREG(st.st_mode) || r->offset + r->bytes > (uint64_t)st.st_size)
		return fb_error_set(error, -EPROTO,
				    "proxy: memory: a range is longer than its file");
	return 0;
}

static int map(struct proxy_memory *memory, int fd, const struct proxy_range *r,
	       struct fb_error *error)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), skew = r->offset % page;
	int err = check_file(fd, r, error);

	if (err)
		return err;
	void *at = mmap(NULL, r->bytes + skew, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			(off_t)(r->offset - skew));
	if (at == MAP_FAILED)
		return fb_error_set(error, -errno, "proxy: memory: mmap: %s", strerror(errno));
	memory->range[memory->n].address = r->address;
	memory->range[memory->n].bytes = r->bytes;
	memory->range[memory->n].at = (uint8_t *)at + skew;
	memory->range[memory->n].map = at;
	memory->range[memory->n].map_bytes = r->bytes + skew;
	memory->n++;
	return 0;
}

int proxy_memory_set(struct proxy_memory *memory, struct proxy_message *message,
		     struct fb_error *error)
{
	int err = 0;

	proxy_memory_clear(memory);
	for (unsigned i = 0; i < message->fds_n && !err; i++)
		err = map(memory, message->fds[i], &message->ranges[i], error);
	proxy_close_fds(message);
	if (err)
		proxy_memory_clear(memory);
	return err;
}

static uint8_t *find(const struct proxy_memory *memory, uint64_t address, size_t len)
{
	for (unsigned i = 0; i < memory->n; i++) {
		uint64_t offset = address - memory->range[i].address;

		if (address >= memory->range[i].address && offset < memory->range[i].bytes &&
		    len <= memory->range[i].bytes - offset)
			return memory->range[i].at + offset;
	}
	return NULL;
}

int proxy_memory_write(struct proxy_memory *memory, uint64_t address, const void *bytes, size_t len)
{
	uint8_t *to = find(memory, address, len);
	const uint8_t *from = bytes;
	size_t i = 0;

	if (!to) {
		memory->lost++;
		return -EFAULT;
	}
	for (; (uintptr_t)(to + i) % 8 != 0 && i < len; i++)
		to[i] = from[i];
	for (; i + 8 <= len; i += 8) {
		uint64_t word;

		memcpy(&word, from + i, 8);
		__atomic_store_n((uint64_t *)(void *)(to + i), word, __ATOMIC_RELEASE);
	}
	for (; i < len; i++)
		to[i] = from[i];
	memory->writes++;
	memory->written += len;
	return 0;
}
