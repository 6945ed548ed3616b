/* A port by way of sysfs on a recorded tree, which tests open and close. */
#pragma once

#include "../../sw/lib/pci_port_on.h"
#include "pci_os_kit.h"

static struct fake_os f;
static struct kit_card card;
static struct fb_card_port *port;
static struct fb_error error;

static inline void setup(void)
{
	kit_open("port");
	fake_init(&f);
	card = kit_healthy();
}

static inline void teardown(void)
{
	kit_close();
}

static inline int open_port(const char *args)
{
	error.text[0] = '\0';
	port = NULL;
	return fb_pci_port_open_on(&f.os, args, &port, &error);
}

static inline void close_port(void)
{
	port->ops->close(port);
	fake_empty(&f);
}

static inline uint32_t word_of(const char *file, uint64_t at)
{
	uint32_t value = 0;
	int fd = open(kit_path("/sys/bus/pci/devices/%s/%s", card.bdf, file), O_RDONLY);
	ck_assert_int_eq(pread(fd, &value, 4, (off_t)at), 4);
	close(fd);
	return value;
}
