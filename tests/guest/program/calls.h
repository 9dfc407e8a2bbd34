/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Calls of a network driver's entry points from user space, each by the
 * shortest road: one ioctl where there is one.
 */
#ifndef FGFT_CALLS_H
#define FGFT_CALLS_H

#include <stdbool.h>
#include <stdint.h>

struct call {
	const char *name;
	/* Brings the device to where the call makes sense; 0 or -errno. */
	int (*prepare)(void);
	/* The call itself; 0 or -errno. */
	int (*run)(void);
};

/* Opens the control socket; the device must exist. 0 or -errno. */
int calls_open(const char *device);

/* The call of this name, or NULL. */
const struct call *call_find(const char *name);
const struct call *call_at(unsigned int index);

/* Brings the interface up if it is down; 0 or -errno. */
int interface_up(void);
/* Gives it the guest's address, 10.0.2.15/24; 0 or -errno. */
int set_address(void);

/* One echo request to the gateway, up to `tries` times; true when answered. */
bool ping_gateway(int tries);

/* Sends datagrams to the gateway's discard port; how many were taken, or -errno. */
long flood_gateway(unsigned long count);

uint64_t now_ns(void);

/* A file's content (at most size - 1 bytes), or -errno; writes a text to a file. */
long file_read(const char *path, char *text, unsigned long size);
int file_write(const char *path, const char *text);

#endif
