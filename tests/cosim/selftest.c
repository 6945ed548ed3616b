/* The checker must catch every kind of lie. Each faulty engine is compared until it is caught, at
 * most a few seeds. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cosim.h"
#include "faulty.h"

#define SEEDS 5

static bool caught(const char *uri)
{
	struct totals totals = { 0 };
	bool equal = true;

	for (uint64_t seed = 1; equal && seed <= SEEDS; seed++) {
		struct stream_options shape = { .seed = seed, .commands = 3000, .rows = 200 };
		struct stream stream;

		stream_make(&shape, &stream);
		equal = compare_engines(uri, "model:", &stream, seed, &totals);
		stream_free(&stream);
	}
	return !equal;
}

bool selftest(const struct options *o)
{
	bool all = true;

	(void)o;
	for (unsigned k = 0; faulty_kinds[k]; k++) {
		char uri[URI_MAX];

		snprintf(uri, sizeof uri, "faulty:%s,model:", faulty_kinds[k]);
		printf("--- %s\n", faulty_kinds[k]);
		bool one = caught(uri);
		printf("selftest: %s is %s\n", faulty_kinds[k], one ? "caught" : "NOT CAUGHT");
		all = all && one;
	}
	printf("selftest: %s\n", all ? "PASS" : "FAIL");
	return all;
}
