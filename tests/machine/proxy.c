/* The loop of a device process; see proxy.h. */
#include "proxy.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proxy_socket.h"

/* For so long after an access the guest is taken to be at work with the device. */
#define BUSY_NS 10000000
/* How long the device's clock stands still for the next message. Between the stores of one command
 * the emulator needs the processor more than the device does, and with one processor for both a
 * device that never sleeps would make it wait for the end of a time slice. */
#define BUSY_WAIT_US 100
#define IDLE_WAIT_US 5000

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int broken(struct proxy *p, int err, struct fb_error *error)
{
	if (err != -EPROTO)
		return 0;
	return fb_error_set(error, err, "device: %s", p->device->ops->why(p->device));
}

/* The bit of the command register and the reset of the PCI Express capability act at once. */
static int config_write(struct proxy *p, const struct proxy_message *m, struct fb_error *error)
{
	int err = 0;

	proxy_config_write(&p->config, m->address, (uint32_t)m->value, m->size);
	if (p->config.flr) {
		proxy_config_reset(&p->config);
		p->resets++;
		err = p->device->ops->reset(p->device);
	}
	if (proxy_config_bus_master(&p->config) != p->master) {
		p->master = !p->master;
		p->device->ops->bus_master(p->device, p->master);
	}
	return broken(p, err, error);
}

static int bar_read(struct proxy *p, const struct proxy_message *m, uint64_t *value,
		    struct fb_error *error)
{
	uint64_t offset = 0, word = 0;
	int bar = m->memory ? proxy_config_bar(&p->config, m->address, m->size, &offset) : -1;

	p->reads++;
	*value = UINT64_MAX;
	if (bar < 0) {
		p->misses++;
		return 0;
	}
	int err = p->device->ops->read(p->device, bar, offset, &word, m->size);
	if (!err)
		*value = word;
	return broken(p, err, error);
}

static int bar_write(struct proxy *p, const struct proxy_message *m, struct fb_error *error)
{
	uint64_t offset = 0;
	int bar = m->memory ? proxy_config_bar(&p->config, m->address, m->size, &offset) : -1;

	p->writes++;
	if (bar < 0) {
		p->misses++;
		return 0;
	}
	if (bar == 2)
		p->window_bytes += m->size;
	if (p->kill_after_bytes && p->window_bytes >= p->kill_after_bytes) {
		fprintf(stderr, "card: killed\n");
		kill(getpid(), SIGKILL);
	}
	return broken(p, p->device->ops->write(p->device, bar, offset, &m->value, m->size), error);
}

static int reset(struct proxy *p, struct fb_error *error)
{
	p->resets++;
	p->master = false;
	proxy_config_reset(&p->config);
	p->device->ops->bus_master(p->device, false);
	return broken(p, p->device->ops->reset(p->device), error);
}

static int act(struct proxy *p, struct proxy_message *m, struct fb_error *error)
{
	uint64_t value = 0;
	int err = 0;

	switch (m->command) {
	case PROXY_MEMORY:
		err = proxy_memory_set(&p->memory, m, error);
		break;
	case PROXY_CONFIG_READ:
		p->config_cycles++;
		value = proxy_config_read(&p->config, m->address, m->size);
		break;
	case PROXY_CONFIG_WRITE:
		p->config_cycles++;
		err = config_write(p, m, error);
		break;
	case PROXY_BAR_READ:
		err = bar_read(p, m, &value, error);
		break;
	case PROXY_BAR_WRITE:
		err = bar_write(p, m, error);
		break;
	case PROXY_RESET:
		err = reset(p, error);
		break;
	case PROXY_IRQ:         /* works only with KVM's interrupt descriptors */
	case PROXY_RETURN:
	case PROXY_COMMANDS:
		break;
	}
	proxy_close_fds(m);
	if (!err && proxy_wants_reply(m->command))
		err = proxy_answer(p->socket, value, error);
	return err;
}

int proxy_serve(struct proxy *p, struct fb_error *error)
{
	uint64_t busy_until = 0;

	proxy_config_init(&p->config, &p->device->ids);
	for (;;) {
		struct proxy_message m;
		bool busy = now_ns() < busy_until;
		int err = proxy_receive(p->socket, busy ? BUSY_WAIT_US : IDLE_WAIT_US, &m,
					error);

		if (err > 0) {
			if (m.command == PROXY_BAR_READ || m.command == PROXY_BAR_WRITE)
				busy_until = now_ns() + BUSY_NS;
			err = act(p, &m, error);
			if (!err)
				continue;
		}
		if (err)
			return err == -EPIPE ? 0 : err;
		err = broken(p, p->device->ops->step(p->device, busy), error);
		if (err)
			return err;
	}
}
