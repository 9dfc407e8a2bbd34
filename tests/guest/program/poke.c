// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
/*
 * poke DEVICE CALL COUNT [SECONDS]: calls one entry point COUNT times (0: until
 * SECONDS are over), and says how often it failed and how long it took.
 * poke DEVICE ping [TRIES] is one echo request, poke DEVICE flood COUNT sends datagrams;
 * poke DEVICE list prints the calls; poke DEVICE restart FILE.ko NAME unloads the driver, loads it again, brings the
 * device up, and says how long that took, without any program's start in it.
 * Exit status: 0 no call failed, 2 some did, 1 wrong use.
 */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int repeat(const struct call *call, unsigned long count, unsigned long seconds)
{
	uint64_t sum = 0, least = UINT64_MAX, most = 0, end = now_ns() + seconds * 1000000000ull;
	unsigned long done = 0, failed = 0;
	int error = 0;

	while (count ? done < count : now_ns() < end) {
		int result = call->prepare();
		uint64_t begin = now_ns(), took;

		if (!result)
			result = call->run();
		took = now_ns() - begin;
		sum += took;
		least = took < least ? took : least;
		most = took > most ? took : most;
		done++;
		if (result) {
			failed++;
			error = -result;
		}
	}
	printf("%s calls=%lu failed=%lu errno=%d ns_least=%llu ns_average=%llu ns_most=%llu\n", call->name, done,
	       failed, error, (unsigned long long)least, (unsigned long long)(done ? sum / done : 0),
	       (unsigned long long)most);
	return failed ? 2 : 0;
}

static int flood(unsigned long count)
{
	uint64_t begin = now_ns();
	long sent = flood_gateway(count);
	uint64_t took = now_ns() - begin;

	printf("packets=%lu sent=%ld ns_per_packet=%llu\n", count, sent, (unsigned long long)(took / count));
	return sent == (long)count ? 0 : 2;
}

static int restart(const char *path, const char *module)
{
	int file = open(path, O_RDONLY | O_CLOEXEC), error;
	uint64_t begin = now_ns(), took;
	bool answered;

	if (file < 0 || syscall(SYS_delete_module, module, O_NONBLOCK) || syscall(SYS_finit_module, file, "", 0))
		error = -errno;
	else
		error = interface_up();
	took = now_ns() - begin;
	/* The load forgot the address. */
	if (!error)
		error = set_address();
	answered = !error && ping_gateway(3);
	printf("restart_ns=%llu to_answer_ns=%llu error=%d\n", (unsigned long long)took,
	       (unsigned long long)(answered ? now_ns() - begin : 0), error);
	return answered ? 0 : 2;
}

/* A call whose fault is armed, and then at once a packet. */
static int first_packet(const struct call *call)
{
	int error = call->prepare();
	uint64_t begin = now_ns();
	bool answered;

	if (error)
		return 2;
	error = call->run();
	answered = ping_gateway(3);
	printf("error=%d fault_to_answer_ns=%llu\n", error,
	       (unsigned long long)(answered ? now_ns() - begin : 0));
	return error && answered ? 0 : 2;
}

int main(int argc, char **argv)
{
	const struct call *call;
	int error;

	if (argc < 3) {
		fprintf(stderr, "usage: poke DEVICE CALL|ping|list [COUNT] [SECONDS]\n");
		return 1;
	}
	if (!strcmp(argv[2], "list")) {
		for (unsigned int i = 0; (call = call_at(i)); i++)
			puts(call->name);
		return 0;
	}
	error = calls_open(argv[1]);
	if (error) {
		fprintf(stderr, "poke: %s: %s\n", argv[1], strerror(-error));
		return 1;
	}
	if (!strcmp(argv[2], "ping")) {
		bool good = ping_gateway(argc > 3 ? atoi(argv[3]) : 5);

		puts(good ? "ping ok" : "ping failed");
		return good ? 0 : 2;
	}
	if (!strcmp(argv[2], "flood"))
		return flood(argc > 3 ? strtoul(argv[3], NULL, 10) : 10000);
	if (!strcmp(argv[2], "restart") && argc > 4)
		return restart(argv[3], argv[4]);
	call = call_find(argv[argc > 3 && !strcmp(argv[2], "first_packet") ? 3 : 2]);
	if (!call) {
		fprintf(stderr, "poke: %s: no such call\n", argv[2]);
		return 1;
	}
	if (!strcmp(argv[2], "first_packet"))
		return first_packet(call);
	return repeat(call, argc > 3 ? strtoul(argv[3], NULL, 10) : 1, argc > 4 ? strtoul(argv[4], NULL, 10) : 1);
}
