// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
/*
 * poke DEVICE CALL COUNT [SECONDS]: calls one entry point COUNT times (0: until
 * SECONDS are over), and says how often it failed and how long it took.
 * poke DEVICE ping [TRIES] is one echo request, poke DEVICE flood COUNT sends datagrams;
 * poke DEVICE list prints the calls.
 * Exit status: 0 no call failed, 2 some did, 1 wrong use.
 */
#include "calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	call = call_find(argv[2]);
	if (!call) {
		fprintf(stderr, "poke: %s: no such call\n", argv[2]);
		return 1;
	}
	return repeat(call, argc > 3 ? strtoul(argv[3], NULL, 10) : 1, argc > 4 ? strtoul(argv[4], NULL, 10) : 1);
}
