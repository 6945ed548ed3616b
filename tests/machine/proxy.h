/* A PCI device in a process of its own behind QEMU's x-pci-proxy-dev: configuration space, guest
 * memory and the messages between. What the device is comes through an ops table.
 *
 * One thread. Between messages the device's clock runs. */
#ifndef FIREBREAK_PROXY_H
#define FIREBREAK_PROXY_H

#include "proxy_config.h"
#include "proxy_memory.h"

struct proxy_device;

/* 0 or -errno. A failed read is answered with all ones, as on a bus; -EPROTO from any of them ends
 * the process, and why() says the reason. */
struct proxy_device_ops {
	int (*read)(struct proxy_device *device, int bar, uint64_t offset, void *bytes, size_t len);
	int (*write)(struct proxy_device *device, int bar, uint64_t offset, const void *bytes,
		     size_t len);
	/* Lets some cycles pass. busy: the guest has lately asked for something. */
	int (*step)(struct proxy_device *device, bool busy);
	void (*bus_master)(struct proxy_device *device, bool on);
	int (*reset)(struct proxy_device *device);
	const char *(*why)(const struct proxy_device *device);
	uint64_t (*cycles)(const struct proxy_device *device);
	void (*close)(struct proxy_device *device);
};

struct proxy_device {
	const struct proxy_device_ops *ops;
	struct proxy_config_ids ids;
};

struct proxy {
	int socket;
	struct proxy_device *device;
	struct proxy_config config;
	struct proxy_memory memory;
	bool master;
	uint64_t config_cycles, reads, writes, resets, misses;
	uint64_t window_bytes;          /* written to BAR2 */
	uint64_t kill_after_bytes;      /* SIGKILL to itself at this many of them; 0: never */
};

/* Until the emulator closes its end. 0: it did; else -errno and a text. */
int proxy_serve(struct proxy *proxy, struct fb_error *error);

/* The trivial device: registers, and a write to guest memory on demand; and the Verilated card. */
int proxy_fake_open(struct proxy_memory *memory, struct proxy_device **out, struct fb_error *error);
int proxy_card_open(struct proxy_memory *memory, uint32_t lanes, const char *wave_path,
		    struct proxy_device **out, struct fb_error *error);

#endif
