/* See moment.h. */
#include "moment.h"

#include <string.h>
#include <time.h>

#include "uri_args.h"

bool fb_moment_parse(const char *text, int64_t *out)
{
	struct tm parts;
	uint64_t us;
	if (fb_uri_u64(text, INT64_MAX, &us)) {
		*out = (int64_t)us;
		return true;
	}
	memset(&parts, 0, sizeof(parts));
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
	if (!end) {
		memset(&parts, 0, sizeof(parts));
		end = strptime(text, "%Y-%m-%dT%H:%M", &parts);
	}
	if (!end || (strcmp(end, "Z") != 0 && *end != '\0'))
		return false;
	*out = (int64_t)timegm(&parts) * 1000000;
	return true;
}
